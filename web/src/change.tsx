// One change from click to result: ask for what is missing, show the plan, carry it out, show what came of it.
import { useSignal, signal, batch } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { answer, fields as fieldsOf, method } from "./contracts";
import { asked, beginning, Inputs, sent, type Draft } from "./form";
import { Copy, Fields } from "./format";
import { ask, problemOf, type Plan, type Problem } from "./http";
import { Icon } from "./icons";
import { Dialog, notify } from "./overlay";
import { Parts } from "./parts";
import { Confirm, propose } from "./plan";
import { href } from "./route";
import { changed } from "./source";
import { known, label, say, short } from "./texts";
import { Trouble } from "./trouble";
import { Qr } from "./qr";
import { at, bind, formField, type Action, type FormField, type Item, type Step } from "./view";

interface Begun { action: Action; context: Item; number: number }
const begun = signal<Begun | undefined>(undefined);
let number = 0;

export function begin(action: Action, context: Item): void {
  if (action.view !== undefined) location.hash = href(action.view, { ...context, ...bind(action.with, context) });
  else if (action.href !== undefined) location.assign(action.href);
  else begun.value = { action, context, number: ++number };
}

const verb = (name: string): string => `verb.${name.split(".").at(-1)}`;

export function nameOf(action: Action): string {
  if (action.text !== undefined) return say(action.text);
  const key = action.method === undefined ? "" : verb(action.method);
  return known(key) ? say(key) : short(method(action.method ?? "")?.doc);
}

/** What the method is given without asking: what the view binds, and what the path needs that the context has. */
function given(action: Action, context: Item): Item {
  const bound = bind(action.with, context);
  const wished = new Set((action.fields ?? []).map((one) => formField(one).param));
  for (const one of method(action.method ?? "")?.params ?? [])
    if (one.in === "path" && !(one.name in bound) && !wished.has(one.name) && context[one.name] !== undefined) bound[one.name] = context[one.name];
  return bound;
}

/** Results that are shown this once. */
function Issued({ name, body, close, then }: { name: string; body: unknown; close: () => void; then: (() => void) | undefined }) {
  const shown = fieldsOf(answer(method(name)!)).filter((one) => one.issued && at(body, one.name) !== undefined);
  return (
    <div class="issued">
      <p class="warning"><Icon name="info" />{say("issued.once")}</p>
      {shown.map((one) => {
        const value = String(at(body, one.name));
        return (
          <div class="issued-value" key={one.name}>
            <p class="name">{label(one.name)}<Copy text={value} name={label(one.name)} /></p>
            {value.startsWith("otpauth:") && <Qr text={value} />}
            {value.includes(" ") ? <ul class="codes">{value.split(" ").map((code) => <li><code>{code}</code></li>)}</ul> : <code class="long">{value}</code>}
          </div>
        );
      })}
      <footer class="dialog-foot">
        <button type="button" onClick={() => print()}><Icon name="print" size={18} />{say("print")}</button>
        <button type="button" class="primary" onClick={then ?? close}>{say(then === undefined ? "done" : "next")}</button>
      </footer>
    </div>
  );
}

const isIssued = (name: string, body: unknown): boolean =>
  fieldsOf(answer(method(name)!)).some((one) => one.issued && at(body, one.name) !== undefined);

export interface Flow { action: Action; context: Item; close: () => void; page?: boolean }

/** The steps of a wizard, or the one form of an action. */
function stepsOf(action: Action, fields: FormField[]): Step[] {
  return action.steps ?? [{ title: "", fields }];
}

/** A form that begins with what another method answers waits for it. */
export function Change(flow: Flow) {
  const { action, context } = flow;
  const [found, setFound] = useState<Item>(), [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    const from = action.from;
    if (from === undefined) return;
    const key = method(from.method)?.body;
    ask(from.method, bind(from.with, context)).then(({ body }) => {
      const value = from.of === undefined ? body : at(body, from.of);
      setFound(Array.isArray(value) && key !== undefined ? { [key]: value } : (value as Item));
    }, (error: unknown) => setProblem(problemOf(error)));
  }, []);
  if (problem !== undefined) return <Trouble problem={problem} />;
  if (action.from !== undefined && found === undefined) return <p class="quiet pad">{say("loading")}</p>;
  return <Asking {...flow} context={{ ...context, ...found }} />;
}

function Asking({ action, context, close, page }: Flow) {
  const name = action.method ?? "";
  const called = method(name);
  const bound = given(action, context);
  const fields = asked(name, action.steps === undefined ? action.fields : action.steps.flatMap((one) => one.fields), bound);
  const steps = stepsOf(action, fields);
  const [begunWith] = useState(() => beginning(name, fields, context));
  const draft: Draft = useSignal<Item>(begunWith);
  const [step, go] = useState(fields.length === 0 ? steps.length : 0);
  const [plan, setPlan] = useState<Plan>(), [problem, setProblem] = useState<Problem>();
  const [working, work] = useState(false), [body, setBody] = useState<{ value: unknown }>();
  const params = { ...bound, ...sent(name, draft.value, begunWith) };

  const done = (value: unknown): void => {
    batch(() => {
      changed.value += 1;
    });
    const shows = isIssued(name, value) || action.show !== undefined;
    if (shows) setBody({ value });
    else {
      notify(say(called?.job ? "begun.job" : "done.change", { what: nameOf(action) }));
      finish(value);
    }
  };
  const finish = (value: unknown): void => {
    close();
    if (action.then !== undefined) begin(action.then, { ...context, ...params, ...(value as Item) });
    else if (action.to !== undefined) location.hash = href(action.to, { ...context, ...params, ...(value as Item) });
  };
  const last = async (): Promise<void> => {
    work(true);
    setProblem(undefined);
    try {
      if (called?.plan) setPlan(await propose(name, params));
      else done((await ask(name, params)).body);
    } catch (error) {
      const found = problemOf(error);
      setProblem(found);
      const bad = steps.findIndex((one) => one.fields.some((field) => found.field(formField(field).param) !== undefined));
      if (steps.length > 1) go(bad >= 0 ? bad : steps.length - 1);
    } finally {
      work(false);
    }
  };
  useEffect(() => {
    if (fields.length === 0) void last();
  }, []);

  if (called === undefined) return null;
  if (body !== undefined && action.show !== undefined)
    return (
      <div class="result">
        <Fields item={body.value as Item} fields={action.show} type={answer(called)} />
        <footer class="dialog-foot"><button type="button" class="primary" onClick={close}>{say("close")}</button></footer>
      </div>
    );
  if (body !== undefined)
    return <Issued name={name} body={body.value} close={close} then={action.then === undefined ? undefined : () => finish(body.value)} />;
  if (plan !== undefined)
    return (
      <Confirm plan={plan} name={name} params={params} done={done} back={() => (fields.length === 0 ? close() : setPlan(undefined))}
        wanted={action.confirm === undefined ? undefined : String(at({ ...context, ...params }, action.confirm) ?? "")} />
    );
  const shown = steps[step];
  const isLast = step >= steps.length - 1;
  return (
    <form class="asking" onSubmit={(event) => {
      event.preventDefault();
      if (isLast) void last();
      else go(step + 1);
    }}>
      {steps.length > 1 && (
        <ol class="progress-steps">
          {steps.map((one, index) => <li key={index} aria-current={index === step ? "step" : undefined} class={index < step ? "past" : ""}>{say(one.title)}</li>)}
        </ol>
      )}
      {shown?.help !== undefined && <p class="lead">{say(shown.help)}</p>}
      {action.help !== undefined && step === 0 && <p class="lead">{say(action.help)}</p>}
      {shown !== undefined && <Inputs name={name} fields={shown.fields.map(formField)} draft={draft} context={context} problem={problem} />}
      {shown?.parts !== undefined && <Parts parts={shown.parts} context={{ ...context, ...draft.value }} />}
      {shown === undefined && problem === undefined && <p class="quiet">{say("plan.asking")}</p>}
      {problem !== undefined && !fields.some((one) => problem.field(one.param) !== undefined) && <Trouble problem={problem} />}
      <footer class="dialog-foot">
        {step > 0 && steps.length > 1 ? <button type="button" onClick={() => go(step - 1)}>{say("back")}</button>
          : !page && <button type="button" onClick={close}>{say("cancel")}</button>}
        {shown !== undefined && <button type="submit" class="primary" disabled={working}>{say(isLast ? (called.plan ? "plan.see" : "ok") : "next")}</button>}
      </footer>
    </form>
  );
}

export function Changes() {
  if (begun.value === undefined) return null;
  const { action, context, number: count } = begun.value;
  const close = (): void => {
    if (begun.value?.number === count) begun.value = undefined;
  };
  return (
    <Dialog key={count} title={action.confirm === undefined || at(context, action.confirm) === undefined ? nameOf(action) : `${nameOf(action)}: ${String(at(context, action.confirm))}`} close={close} wide={action.steps !== undefined}>
      <Change action={action} context={context} close={close} />
    </Dialog>
  );
}
