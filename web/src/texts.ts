// Words of the interface: one file a language, web/texts/LANGUAGE.json. What contracts and daemons say is English; the file
// of another language has its translation by the English text.
import { computed, signal } from "@preact/signals";
import { filled, translator } from "./said";
import type { Text } from "./view";

interface File { texts: Record<string, string>; contract: Record<string, string>; said?: Record<string, string> }

export const LANGUAGES = { en: "English", de: "Deutsch" };
/** English from right to left, for those who look after the pages: nobody is offered it. */
const MIRRORED = "mirrored";
export const language = signal(chosen());
const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ps|sd|ug|ur|yi)$/;
const file = signal<File>({ texts: {}, contract: {} });

function chosen(): string {
  const kept = localStorage.getItem("language");
  return [kept, ...navigator.languages.map((one) => one.slice(0, 2))].find((one) => one !== null && (one in LANGUAGES || one === MIRRORED)) ?? "en";
}

export async function readTexts(): Promise<void> {
  const name = locale();
  file.value = await (await fetch(`/texts/${name}.json`)).json() as File;
  document.documentElement.lang = name;
  document.documentElement.dir = language.value === MIRRORED || RIGHT_TO_LEFT.test(name) ? "rtl" : "ltr";
}

export async function speak(other: string): Promise<void> {
  localStorage.setItem("language", other);
  language.value = other;
  await readTexts();
}

/** As numbers, times and words in order are written. */
export const locale = (): string => (language.value === MIRRORED ? "en" : language.value);

const fill = (text: string, values?: Record<string, unknown>): string =>
  values === undefined ? text : text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));

export function say(text: Text, values?: Record<string, unknown>): string {
  if (typeof text !== "string") return fill(text[locale()] ?? text["en"] ?? "", values);
  return fill(file.value.texts[text] ?? text, values);
}

export const known = (key: string): boolean => key in file.value.texts;

/** Value types whose values are words of ours, and no names. */
const WORDS = /^(flag|period|role|lesser_role|self_test|access_preset|compression)$/;

const translate = computed(() => translator({ ...file.value.said, ...file.value.contract }));

/** A text of a contract or daemon, translated where the file has it. */
export const told = (english: string): string => translate.value(english);

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function bytes(value: number): string {
  let unit = 0, size = value;
  while (Math.abs(size) >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = size >= 100 || unit === 0 ? 0 : size >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(size)} ${UNITS[unit]}`;
}

export const number = (value: number): string => new Intl.NumberFormat(locale()).format(value);

/** A step of a plan: its sentence and the values in it came apart, so that no value can be taken for a part of the sentence. */
export const toldStep = (step: { words: string; says: string; values: { name: string; is: string; value: string }[] }): string => {
  const text = file.value.said?.[step.says];
  const told = ({ is, value }: { is: string; value: string }): string => {
    if (value === "") return "—";
    if (is === "bytes") return say("bytes.exactly", { size: bytes(Number(value)), count: number(Number(value)) });
    return WORDS.test(is) && known(`word.${value}`) ? say(`word.${value}`) : value;
  };
  return text === undefined ? step.words : filled(text, Object.fromEntries(step.values.map((one) => [one.name, told(one)])));
};

const plain = (name: string): string => {
  const spaced = name.replace(/_/g, " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

export const label = (field: string): string =>
  (known(`field.${field}`) ? say(`field.${field}`) : plain(field.split(".").at(-1) ?? field));

/** A word of an enum; of is the type's name, for words that mean something of their own there. */
export const word = (value: string, of = ""): string =>
  [`word.${of}.${value}`, `word.${value}`].filter(known).map((key) => say(key))[0] ?? plain(value);

/** The first sentence of a documentation. */
export const short = (doc: string | undefined): string => {
  const whole = told((doc ?? "").trim());
  return /^[\s\S]*?[.!?](?=\s|$)/.exec(whole)?.[0] ?? whole;
};
