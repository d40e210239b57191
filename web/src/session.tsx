// Who sits here: the first administrator's set-up, signing in, and signing out.
import { batch, signal, useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { contracts } from "./contracts";
import { beginning, Inputs } from "./form";
import { ask, problemOf, send, type Problem } from "./http";
import { Logo, Icon } from "./icons";
import { role, views } from "./route";
import { connect, connected, disconnect, signedOut } from "./stream";
import { LANGUAGES, language, say, speak } from "./texts";
import { Trouble } from "./trouble";
import type { Item, View } from "./view";

export interface User { username: string; full_name?: string; role: string; totp?: boolean }
export const user = signal<User | undefined>(undefined);
export const setUp = signal<boolean | undefined>(undefined);
export const ready = signal(false);

/** Asks the machine who we are and what there is for us to see. */
export async function arrive(): Promise<void> {
  const [seen, known] = await Promise.all([
    send("/api/ui").catch(() => send("/api/ui")), // a session that is over was taken away by its refusal
    Object.keys(contracts.value.methods).length > 0 ? { body: contracts.value } : send("/api/ui/contracts"),
  ]);
  contracts.value = known.body as typeof contracts.value;
  const told = seen.body as { role: string; views: View[] };
  role.value = told.role;
  views.value = told.views;
  if (told.role === "nobody") {
    disconnect();
    user.value = undefined;
    setUp.value = ((await ask("nas.users.SetupState")).body as { needed: boolean }).needed;
  } else {
    user.value = (await ask("nas.users.Me")).body as User;
    connect();
  }
  ready.value = true;
}

signedOut.subscribe((count) => {
  if (count > 0) void arrive();
});

const differ = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

/** When modules come or go the front end begins anew, and there is something else to see. */
async function lookAgain(): Promise<void> {
  const [seen, known] = await Promise.all([send("/api/ui"), send("/api/ui/contracts")]);
  const told = seen.body as { role: string; views: View[] };
  if (told.role !== role.value) return arrive();
  batch(() => {
    if (differ(known.body, contracts.value)) contracts.value = known.body as typeof contracts.value;
    if (differ(told.views, views.value)) views.value = told.views;
  });
}

let lost = false;
connected.subscribe((now) => {
  if (now === "yes" && lost) lookAgain().catch(() => window.setTimeout(() => void lookAgain().catch(() => undefined), 3000));
  lost = now === "lost" || (lost && now === "never");
});

export async function signOut(): Promise<void> {
  await ask("nas.users.Logout").catch(() => undefined);
  location.hash = "";
  await arrive();
}

function Languages() {
  return (
    <label class="languages"><Icon name="globe" size={18} />
      <select aria-label={say("language")} value={language.value} onChange={(event) => void speak(event.currentTarget.value)}>
        {Object.entries(LANGUAGES).map(([code, name]) => <option value={code}>{name}</option>)}
      </select>
    </label>
  );
}

const fieldsOf = (names: string[]) => names.map((param) => (param === "username" ? { param, help: "user.name.help" } : { param }));

function Sending({ name, fields, button, done }: { name: string; fields: string[]; button: string; done: (given: Item) => Promise<void> }) {
  const wishes = fieldsOf(fields);
  const draft = useSignal<Item>(beginning(name, wishes, {}));
  const [problem, setProblem] = useState<Problem>(), [working, work] = useState(false);
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    work(true);
    try {
      await ask(name, draft.value);
      await done(draft.value);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      work(false);
    }
  };
  return (
    <form onSubmit={go}>
      <Inputs name={name} fields={wishes} draft={draft} context={{}} problem={problem} />
      {problem !== undefined && !fields.some((one) => problem.field(one)) && <Trouble problem={problem} />}
      <button type="submit" class="primary whole" disabled={working}>{say(working ? "plan.working" : button)}</button>
    </form>
  );
}

export function Door() {
  const [factor, ask2] = useState(false);
  const needed = setUp.value === true;
  useEffect(() => {
    document.title = `${say(needed ? "setup.title" : "signin.title")} · Bulkhead`;
    document.querySelector<HTMLElement>("main input")?.focus();
  }, [needed, language.value]);
  return (
    <main class="door">
      <div class="door-card">
        <p class="brand"><Logo size={40} />Bulkhead</p>
        <h1>{say(needed ? "setup.title" : "signin.title")}</h1>
        <p class="lead">{say(needed ? "setup.lead" : "signin.lead", { host: location.hostname })}</p>
        {needed
          ? <Sending key="setup" name="nas.users.Setup" fields={["setup_code", "username", "full_name", "password"]} button="setup.do" done={async (given) => {
              await ask("nas.users.Login", { username: given["username"], password: given["password"] });
              await arrive();
            }} />
          : <>
              <Sending key={`signin${factor}`} name="nas.users.Login" fields={factor ? ["username", "password", "code"] : ["username", "password"]} button="signin.do" done={() => arrive()} />
              {!factor && <button type="button" class="text-button" onClick={() => ask2(true)}>{say("signin.factor")}</button>}
            </>}
        <Languages />
      </div>
    </main>
  );
}
