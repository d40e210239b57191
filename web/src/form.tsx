// Forms, made from the parameters of a method: what kind of field, limits, documentation and defaults are the contract's.
import { useSignal, type Signal } from "@preact/signals";
import { useId, useState } from "preact/hooks";
import { contracts, docOf, items, method, parameter, words, type Field, type Method } from "./contracts";
import { Value } from "./format";
import type { Problem } from "./http";
import { Icon } from "./icons";
import { useItems } from "./source";
import { known, label, say, told, word } from "./texts";
import { at, column, formField, holds, type Choices, type FormField, type Item } from "./view";

export type Draft = Signal<Item>;

interface Asked {
  field: Field; wish: FormField; draft: Draft; context: Item; problem: Problem | undefined; id: string; describedBy: string; invalid: boolean;
}

const set = (draft: Draft, name: string, value: unknown): void => {
  const next = { ...draft.value };
  if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0 && !(name in draft.value))) delete next[name];
  else next[name] = value;
  draft.value = next;
};

const AUTOCOMPLETE: Record<string, string> = { user_name: "username", password: "new-password", password_try: "current-password", code: "one-time-code" };
const ZONES = Intl.supportedValuesOf("timeZone");
const SIZES = ["KiB", "MiB", "GiB", "TiB"];

function Secret({ field, draft, id, describedBy, invalid }: Asked) {
  const [shown, show] = useState(field.is === "setup_code"); // that one is read from a screen, and is good once
  return (
    <span class="with-button">
      <input id={id} name={field.name} type={(shown ? "text" : "password") as "text"} value={String(draft.value[field.name] ?? "")} required={!field.optional}
        autoComplete={AUTOCOMPLETE[field.is ?? ""] ?? "off"} aria-describedby={describedBy} aria-invalid={invalid}
        inputMode={field.is === "code" ? "numeric" : undefined} onInput={(event) => set(draft, field.name, event.currentTarget.value)} />
      <button type="button" class="icon-button" aria-pressed={shown} aria-label={say("show.secret")} onClick={() => show(!shown)}><Icon name="eye" /></button>
    </span>
  );
}

function Size({ field, draft, id, describedBy, invalid }: Asked) {
  const [unit, setUnit] = useState(2);
  const factor = 1024 ** (unit + 1);
  const value = draft.value[field.name];
  return (
    <span class="with-button">
      <input id={id} name={field.name} type="number" min={0} step="any" aria-describedby={describedBy} aria-invalid={invalid}
        value={typeof value === "number" ? String(value / factor) : ""}
        onInput={(event) => set(draft, field.name, event.currentTarget.value === "" ? undefined : Math.round(Number(event.currentTarget.value) * factor))} />
      <select aria-label={say("unit")} value={String(unit)} onChange={(event) => setUnit(Number(event.currentTarget.value))}>
        {SIZES.map((name, index) => <option value={String(index)}>{name}</option>)}
      </select>
    </span>
  );
}

function Words({ field, draft, id, describedBy, invalid }: Asked) {
  const value = String(draft.value[field.name] ?? field.default ?? "");
  return (
    <select id={id} name={field.name} value={value} required={!field.optional} aria-describedby={describedBy} aria-invalid={invalid}
      onChange={(event) => set(draft, field.name, event.currentTarget.value)}>
      {(value === "" || field.optional) && field.default === undefined && <option value="">{say(field.optional ? "as.it.is" : "choose")}</option>}
      {(words(field.type) ?? []).map((one) => <option value={one}>{word(one)}</option>)}
    </select>
  );
}

/** The words of an enum as cards, each with what it means. */
function WordCards({ field, draft, id, describedBy }: Asked) {
  const value = draft.value[field.name] ?? field.default;
  return (
    <div class="choices" role="radiogroup" aria-labelledby={`${id}-name`} aria-describedby={describedBy} id={id}>
      {(words(field.type) ?? []).map((one) => (
        <label class="choice" key={one}>
          <input type="radio" name={field.name} value={one} checked={value === one} required={!field.optional} onChange={() => set(draft, field.name, one)} />
          <span class="choice-name">{word(one)}</span>
          {known(`about.word.${one}`) && <span class="choice-facts">{say(`about.word.${one}`)}</span>}
        </label>
      ))}
    </div>
  );
}

function Lines({ field, draft, id, describedBy, invalid }: Asked) {
  const many = items(field.type) !== undefined;
  const value = draft.value[field.name];
  const text = Array.isArray(value) ? value.join("\n") : String(value ?? "");
  return (
    <textarea id={id} name={field.name} rows={many ? 3 : 6} required={!field.optional} aria-describedby={describedBy} aria-invalid={invalid} spellcheck={false}
      value={text} onInput={(event) => {
        const written = event.currentTarget.value;
        set(draft, field.name, many ? written.split("\n").map((one) => one.trim()).filter((one, index, all) => one !== "" || index === all.length - 1) : written);
      }} />
  );
}

function Plain({ field, draft, id, describedBy, invalid }: Asked) {
  const whole = field.type === "int" || field.type === "float";
  const moment = field.is === "timestamp";
  const value = draft.value[field.name];
  const text = moment && typeof value === "string" ? value.slice(0, 16) : String(value ?? "");
  const read = (written: string): unknown => {
    if (written === "") return undefined;
    if (moment) return new Date(written).toISOString().replace(/\.\d+Z$/, "Z");
    return whole ? Number(written) : written;
  };
  const input = (
    <input id={id} name={field.name} type={(whole ? "number" : moment ? "datetime-local" : "text") as "text"} value={text} required={!field.optional}
      min={field.range?.[0]} max={field.range?.[1]} autoComplete={AUTOCOMPLETE[field.is ?? ""] ?? "off"} autoCapitalize="none" spellcheck={false}
      dir={whole ? undefined : "auto"} aria-describedby={describedBy} aria-invalid={invalid} placeholder={field.default}
      list={field.is === "time_zone" ? `${id}-list` : undefined} onInput={(event) => set(draft, field.name, read(event.currentTarget.value))} />
  );
  if (field.is !== "time_zone") return input;
  return <>{input}<datalist id={`${id}-list`}>{ZONES.map((one) => <option value={one} />)}</datalist></>;
}

/** Choices from another method: one in a list, or several as cards that say what is to be known of each. */
function Chosen({ field, wish, draft, context, id, describedBy, invalid }: Asked) {
  const choices = wish.choices as Choices;
  const { rows, type, seen } = useItems(choices, { ...context, ...draft.value });
  const many = items(field.type) !== undefined;
  const value = draft.value[field.name];
  const valueOf = (row: Item): string => String(at(row, choices.value) ?? "");
  const nameOf = (row: Item): string => String(at(row, choices.name ?? choices.value) ?? valueOf(row));
  const none = rows.length === 0 && <p class="quiet">{say(seen.is === "waiting" ? "loading" : choices.empty ?? "nothing.to.choose")}</p>;
  if (!many && choices.show === undefined)
    return <>
      <select id={id} name={field.name} value={String(value ?? "")} required={!field.optional} aria-describedby={describedBy} aria-invalid={invalid}
        onChange={(event) => set(draft, field.name, event.currentTarget.value)}>
        <option value="">{say(field.optional ? "none" : "choose")}</option>
        {rows.map((row) => <option value={valueOf(row)}>{nameOf(row)}</option>)}
      </select>
      {none}
    </>;
  const chosen = Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
  const pick = (one: string, on: boolean): void => {
    if (!many) set(draft, field.name, one);
    else set(draft, field.name, on ? [...chosen, one] : chosen.filter((other) => other !== one));
  };
  return (
    <div class="choices" role={many ? "group" : "radiogroup"} aria-labelledby={`${id}-name`} aria-describedby={describedBy} id={id}>
      {none}
      {rows.map((row) => (
        <label class="choice" key={valueOf(row)}>
          <input type={many ? "checkbox" : "radio"} name={field.name} checked={chosen.includes(valueOf(row))}
            onChange={(event) => pick(valueOf(row), event.currentTarget.checked)} />
          <span class="choice-name" dir="auto">{nameOf(row)}</span>
          <span class="choice-facts">
            {(choices.show ?? []).map(column).filter((one) => holds(one.when, row)).map((one) => <span key={one.field}><Value item={row} column={one} type={type} /></span>)}
          </span>
        </label>
      ))}
    </div>
  );
}

function control(asked: Asked) {
  const { field, wish } = asked;
  if (wish.choices !== undefined) return <Chosen {...asked} />;
  if (wish.as === "size") return <Size {...asked} />;
  if (wish.as === "cards") return <WordCards {...asked} />;
  if (words(field.type) !== undefined) return <Words {...asked} />;
  if (items(field.type) !== undefined || wish.as === "lines" || contracts.value.values[field.is ?? ""]?.lines) return <Lines {...asked} />;
  return field.secret ? <Secret {...asked} /> : <Plain {...asked} />;
}

/** Does the text look like what the value type says? Only a hint: the machine judges. */
function looksWrong(field: Field, value: unknown): string | undefined {
  const type = contracts.value.values[field.is ?? ""];
  if (type?.pattern === undefined || typeof value !== "string" || value === "") return undefined;
  return new RegExp(type.pattern, "u").test(value) ? undefined : say("must.be", { says: told(type.says) });
}

function Row({ field, of, wish, draft, context, problem }: { field: Field; of: Method; wish: FormField; draft: Draft; context: Item; problem: Problem | undefined }) {
  const id = useId();
  const left = useSignal(false);
  const wrong = problem?.field(field.name) ?? (left.value ? looksWrong(field, draft.value[field.name]) : undefined);
  const name = wish.text === undefined ? label(field.name) : say(wish.text);
  const help = wish.help === undefined ? told(docOf(field, of)) : say(wish.help);
  const asked = { field, wish, draft, context, problem, id, invalid: wrong !== undefined, describedBy: `${id}-help ${id}-wrong` };
  if (field.type === "bool")
    return (
      <div class="field">
        <label class="switch">
          <input type="checkbox" role="switch" name={field.name} aria-describedby={asked.describedBy}
            checked={draft.value[field.name] === undefined ? field.default === "true" : draft.value[field.name] === true}
            onChange={(event) => set(draft, field.name, event.currentTarget.checked)} />
          <span>{name}</span>
        </label>
        <p class="help" id={`${id}-help`}>{help}</p>
        <p class="wrong" id={`${id}-wrong`}>{wrong}</p>
      </div>
    );
  return (
    <div class="field" onFocusOut={() => (left.value = true)}>
      <label class="name" for={id} id={`${id}-name`}>{name}{field.optional && <span class="optional">{say("optional")}</span>}</label>
      {control(asked)}
      <p class="help" id={`${id}-help`}>{help}</p>
      <p class="wrong" id={`${id}-wrong`}>{wrong !== undefined && <><Icon name="alert" size={16} />{told(wrong)}</>}</p>
    </div>
  );
}

/** The fields that a person is asked for: those the view names, or all that nothing else gives. */
export function asked(name: string, wishes: (string | FormField)[] | undefined, bound: Item): FormField[] {
  const of = method(name);
  if (of === undefined) return [];
  if (wishes !== undefined) return wishes.map(formField);
  return of.params.filter((one) => one.in !== "cookie" && !(one.name in bound)).map((one) => ({ param: one.name }));
}

export function Inputs({ name, fields, draft, context, problem }: { name: string; fields: FormField[]; draft: Draft; context: Item; problem: Problem | undefined }) {
  const of = method(name);
  if (of === undefined) return null;
  return (
    <>
      {fields.filter((one) => holds(one.when, { ...context, ...draft.value })).map((wish) => {
        const field = parameter(wish.param, of);
        return field === undefined ? null : <Row key={wish.param} field={field} of={of} wish={wish} draft={draft} context={context} problem={problem} />;
      })}
    </>
  );
}

/** What the form begins with: the item as it is for a change of it, and what the view says. */
export function beginning(name: string, fields: FormField[], item: Item): Item {
  const of = method(name);
  const begun: Item = {};
  const changes = of?.verb === "PATCH" || of?.verb === "PUT";
  for (const one of fields) {
    const value = one.initial !== undefined
      ? (typeof one.initial === "string" && one.initial.startsWith("$") ? at(item, one.initial.slice(1)) : one.initial)
      : changes ? item[one.param] : undefined;
    if (value !== undefined && value !== null) begun[one.param] = value;
  }
  return begun;
}

/** What is sent of a draft: of a PATCH only what is different now. */
export function sent(name: string, draft: Item, begun: Item): Item {
  if (method(name)?.verb !== "PATCH") return draft;
  return Object.fromEntries(Object.entries(draft).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(begun[key])));
}
