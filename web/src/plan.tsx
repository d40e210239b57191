// The plan of a change: what will happen in words, one click away the literal steps, who is affected and what is undone;
// and the proof that a person meant it. The words are the users daemon's, read from the typed steps, not the proposer's.
import { useEffect, useId, useState } from "preact/hooks";
import { ask, problemOf, type Plan, type PlanStep, type Problem } from "./http";
import { Icon } from "./icons";
import { user } from "./session";
import { say, told, toldStep } from "./texts";
import { Trouble } from "./trouble";
import type { Item } from "./view";

interface Described { digest: string; warrant: boolean; destroys: boolean; steps: PlanStep[] }

/** The plan as it is proposed, with the words of who carries it out. */
export async function propose(name: string, params: Item): Promise<Plan> {
  const plan = (await ask(name, params, { dryRun: true })).body as Plan;
  const read = (await ask("nas.users.Describe", { plan: plan.plan })).body as Described;
  if (read.digest !== plan.digest) throw new Error(say("plan.other"));
  return { ...plan, steps: read.steps, warrant: plan.warrant || read.warrant, destroys: read.destroys };
}

/** What runs, as it is; of files that are written the verb is a word. */
function Literal({ text }: { text: string }) {
  const [, verb, rest] = /^(write|remove) (.*)$/s.exec(text) ?? [];
  return <code>{verb === undefined ? text : `${say(`literal.${verb}`)} ${rest}`}</code>;
}

export function Steps({ plan }: { plan: Plan }) {
  return (
    <>
      <ol class="steps-words">
        {plan.steps.map((step, index) => <li key={index} dir="auto">{toldStep(step)}</li>)}
      </ol>
      <p class="affected"><Icon name="people" size={18} /><span><b>{say("plan.who")}</b> <span dir="auto">{told(plan.who)}</span></span></p>
      <details class="literal">
        <summary>{say("plan.literal")}</summary>
        <ol>
          {plan.steps.map((step, index) => (
            <li key={index}>
              <Literal text={step.literal} />
              <span class="undo">{step.undo === undefined ? say("plan.no.undo") : <>{say("plan.undo")} {step.undo === "put back what was there" ? told(step.undo) : <Literal text={step.undo} />}</>}</span>
            </li>
          ))}
        </ol>
        <p class="quiet small">{say("plan.digest")} <code>{plan.digest}</code></p>
      </details>
    </>
  );
}

/** Confirms and carries out. wanted: the name that must be typed, where the view asks for it. */
export function Confirm({ plan, name, params, wanted, done, back }: {
  plan: Plan; name: string; params: Item; wanted: string | undefined; done: (body: unknown) => void; back: () => void;
}) {
  const [typed, type] = useState(""), [secret, setSecret] = useState("");
  const [working, work] = useState(false), [problem, setProblem] = useState<Problem>();
  const [byCode, useCode] = useState(user.value?.totp === true);
  const [key] = useState(() => crypto.randomUUID());
  const id = useId();
  const ready = !working && (wanted === undefined || typed === wanted) && (!plan.warrant || secret !== "");
  useEffect(() => () => setSecret(""), []);

  const carryOut = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    work(true);
    setProblem(undefined);
    try {
      const warrant = plan.warrant
        ? ((await ask("nas.users.Confirm", { digest: plan.digest, plan: plan.plan, [byCode ? "code" : "password"]: secret })).body as { warrant: string }).warrant : undefined;
      done((await ask(name, params, warrant === undefined ? { key } : { warrant, key })).body);
    } catch (error) {
      setProblem(problemOf(error));
      setSecret("");
    } finally {
      work(false);
    }
  };
  return (
    <form class="plan" onSubmit={carryOut}>
      {plan.destroys && <p class="warning"><Icon name="alert" />{say("plan.destroys")}</p>}
      <Steps plan={plan} />
      {wanted !== undefined && (
        <div class="field">
          <label class="name" for={`${id}-wanted`}>{say("plan.type")} <code dir="auto">{wanted}</code></label>
          <input id={`${id}-wanted`} name="confirm-name" autoComplete="off" spellcheck={false} autoCapitalize="none" value={typed} onInput={(event) => type(event.currentTarget.value)} />
        </div>
      )}
      {plan.warrant && (
        <div class="field">
          <label class="name" for={`${id}-proof`}>{say(byCode ? "plan.proof.code" : "plan.proof")}</label>
          <input id={`${id}-proof`} name="confirm-proof" type={(byCode ? "text" : "password") as "text"} autoComplete={byCode ? "one-time-code" : "current-password"} value={secret} aria-describedby={`${id}-why`}
            onInput={(event) => setSecret(event.currentTarget.value)} />
          <p class="help" id={`${id}-why`}>{say("plan.proof.help")}</p>
          {user.value?.totp === true && <button type="button" class="text-button" onClick={() => useCode(!byCode)}>{say(byCode ? "plan.by.password" : "plan.by.code")}</button>}
          <input class="unseen" tabIndex={-1} aria-hidden="true" autoComplete="username" readOnly value={user.value?.username ?? ""} />
        </div>
      )}
      {problem !== undefined && <Trouble problem={problem} />}
      <footer class="dialog-foot">
        <button type="button" onClick={back} disabled={working}>{say("back")}</button>
        <button type="submit" class={plan.destroys ? "primary danger" : "primary"} disabled={!ready}>{say(working ? "plan.working" : "plan.do")}</button>
      </footer>
    </form>
  );
}
