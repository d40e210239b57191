// Values as people read them. How one is shown follows from its type in the contract, or from "as" in the view.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fieldAt, items, method, words, type Field, type Type } from "./contracts";
import { Icon } from "./icons";
import { callings, href } from "./route";
import { bytes, known, label, locale, number, say, short, told, word } from "./texts";
import { at, bind, column, holds, keyOf, type Column, type Item } from "./view";

export const time = (value: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]];

export function since(value: string, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  for (const [unit, length] of STEPS)
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  return words.format(0, "second");
}

/** A moment, told from now; drawn again every half minute. */
export function Since({ value }: { value: string }) {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => again((count) => count + 1), 30000);
    return () => window.clearInterval(timer);
  }, []);
  return <time dateTime={value} title={time(value)}>{since(value)}</time>;
}

export function Badge({ value, tone, of }: { value: string; tone: string; of?: string }) {
  return <span class={`badge tone-${tone}`}><i aria-hidden="true" />{word(value, of)}</span>;
}

/** The name of a field's type: "Smart" of nas.storage.Smart. */
const typeName = (field: Field | undefined): string =>
  (typeof field?.type === "object" && "ref" in field.type ? field.type.ref.split(".").at(-1) ?? "" : "");

export function Copy({ text, name }: { text: string; name: string }) {
  const [done, setDone] = useState(false);
  const copy = async (event: Event): Promise<void> => {
    event.stopPropagation();
    await navigator.clipboard.writeText(text);
    setDone(true);
    window.setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="icon-button small" onClick={copy} aria-label={say("copy", { name })} title={say("copy", { name })}>
      <Icon name={done ? "check" : "copy"} size={16} />
    </button>
  );
}

/** What fills up is to be looked at when it is nearly full; what goes on is not. */
export function Bar({ part, whole, words: text, fills = true }: { part: number; whole: number; words?: string; fills?: boolean }) {
  const share = whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;
  const tone = !fills ? "calm" : share >= 95 ? "bad" : share >= 85 ? "warn" : "calm";
  return (
    <span class="meter">
      <span class="meter-words">{text ?? say("of", { part: bytes(part), whole: bytes(whole) })}</span>
      <progress class={`bar tone-${tone}`} max={100} value={share} aria-label={text ?? say("of", { part: bytes(part), whole: bytes(whole) })} />
    </span>
  );
}

/** What can be used of something, and what cannot, where there is so much of it that it is seen. */
function Split({ part, rest }: { part: number; rest: number }) {
  return (
    <span class="meter">
      <span class="meter-words"><b class="large">{bytes(part)}</b>{rest > part / 200 && <span class="quiet"> · {say("split.rest", { size: bytes(rest) })}</span>}</span>
      <progress class="bar tall" max={part + rest} value={part} aria-label={bytes(part)} />
    </span>
  );
}

const nothing = <span class="nothing">—</span>;

type Show = (value: never, column: Column, item: Item, field: Field | undefined) => ComponentChildren;

const shows: Record<string, Show> = {
  bytes: (value: number) => <span class="whole">{bytes(value)}</span>,
  number: (value: number, column) => (column.unit === undefined ? number(value) : `${number(value)} ${column.unit}`),
  percent: (value: number) => <Bar part={value} whole={100} words={`${number(value)} %`} fills={false} />,
  celsius: (value: number) => `${number(value)} °C`,
  hours: (value: number) => say("hours", { count: number(value) }),
  time: (value: string) => <time dateTime={value}>{time(value)}</time>,
  since: (value: string) => <Since value={value} />,
  badge: (value: string, column, _, field) => <Badge value={String(value)} of={typeName(field)} tone={column.tones?.[String(value)] ?? "plain"} />,
  yes: (value: boolean, column) => <Badge value={value ? "yes" : "no"} tone={column.tones?.[String(value)] ?? "plain"} />,
  code: (value: string) => <code>{value}</code>,
  copy: (value: string, column) => <span class="copied"><code>{value}</code><Copy text={value} name={column.text === undefined ? label(column.field) : say(column.text)} /></span>,
  bar: (value: number, column, item) => <Bar part={value} whole={Number(at(item, column.of ?? "") ?? 0)} />,
  split: (value: number, column, item) => <Split part={value} rest={Number(at(item, column.of ?? "") ?? 0)} />,
  words: (value: unknown[]) => <span class="chips">{value.map((one) => <span class="chip">{word(String(one))}</span>)}</span>,
  verb: (value: string) => {
    const key = `verb.${value.split(".").at(-1)}`, text = known(key) ? key : callings.value.get(value);
    return text === undefined ? short(method(value)?.doc) : say(text);
  },
  told: (value: string) => <span class="told">{told(value)}</span>,
  chips: (value: unknown[]) => <span class="chips">{value.map((one) => <span class="chip" dir="auto">{String(one)}</span>)}</span>,
  address: (value: string, column) => {
    const text = value.startsWith("\\\\") ? value : encodeURI(value); // what Windows takes is not coded
    return <span class="copied"><code>{text}</code><Copy text={text} name={column.text === undefined ? label(column.field) : say(column.text)} /></span>;
  },
  lines: (value: string, column) => <span class="written"><Copy text={value} name={label(column.field)} /><pre>{value}</pre></span>,
  count: (value: unknown[]) => number(value.length),
  text: (value: unknown) => <span dir="auto">{String(value)}</span>,
};

/** How a field is shown when the view does not say. */
function usual(field: Field | undefined): string {
  const type: Type | undefined = field?.type;
  if (field?.is === "timestamp") return "since";
  if (type === "bool") return "yes";
  if (type === "int" || type === "float") return "number";
  if (type !== undefined && words(type) !== undefined) return "badge";
  return type !== undefined && items(type) !== undefined ? "chips" : "text";
}

export function Value({ item, column: wish, type, context }: { item: Item; column: Column; type: Type | undefined; context?: Item }) {
  const value = wish.value === undefined ? at(item, wish.field) : bind({ it: wish.value }, { ...context, ...item })["it"];
  const field = fieldAt(type, wish.field);
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0 && wish.as !== "count") || !holds(wish.when, item))
    return wish.none === undefined ? nothing : <>{say(wish.none)}</>;
  const shown = (shows[wish.as ?? usual(field)] ?? shows["text"]!)(value as never, wish, item, field);
  if (wish.open === undefined || !holds(wish.opens, item)) return <>{shown}</>;
  return <a href={href(wish.open, { ...context, ...item, ...bind(wish.with, { ...context, ...item }) })}>{shown}</a>;
}

export function Fields({ item, fields, type, context }: { item: Item; fields: (string | Column)[]; type: Type | undefined; context?: Item }) {
  return (
    <dl class="fields">
      {fields.map(column).filter((one) => holds(one.when, item)).map((one) => (
        <div key={keyOf(one)}>
          <dt>{one.text === undefined ? label(one.field) : say(one.text)}</dt>
          <dd><Value item={item} column={one} type={type} {...(context === undefined ? {} : { context })} /></dd>
        </div>
      ))}
    </dl>
  );
}

/** The text by which a row is found and sorted. */
export const plainText = (value: unknown): string =>
  (value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
