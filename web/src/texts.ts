// Words of the interface: one file a language, web/texts/LANGUAGE.json. What the contracts say is English; the file of
// another language has its translation by the English text.
import { signal } from "@preact/signals";
import type { Text } from "./view";

interface File { texts: Record<string, string>; contract: Record<string, string> }

export const LANGUAGES = { en: "English", de: "Deutsch" };
export const language = signal(chosen());
const file = signal<File>({ texts: {}, contract: {} });

function chosen(): string {
  const kept = localStorage.getItem("language");
  return [kept, ...navigator.languages.map((one) => one.slice(0, 2))].find((one) => one !== null && one in LANGUAGES) ?? "en";
}

export async function readTexts(): Promise<void> {
  file.value = await (await fetch(`/texts/${language.value}.json`)).json() as File;
  document.documentElement.lang = language.value;
}

export async function speak(other: string): Promise<void> {
  localStorage.setItem("language", other);
  language.value = other;
  await readTexts();
}

const fill = (text: string, values?: Record<string, unknown>): string =>
  values === undefined ? text : text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));

export function say(text: Text, values?: Record<string, unknown>): string {
  if (typeof text !== "string") return fill(text[language.value] ?? text["en"] ?? "", values);
  return fill(file.value.texts[text] ?? text, values);
}

export const known = (key: string): boolean => key in file.value.texts;

/** A text of a contract or daemon, translated where the file has it. */
export const told = (english: string): string => file.value.contract[english] ?? english;

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
