// What daemons say, in another language. They say it in English; a language's file has each of their sentences, with {1} or
// {name} where a value stands. {1!} in the translation: what stands there is a sentence itself.
type Said = Record<string, string>;

interface Pattern { test: RegExp; names: string[]; to: string }

const HOLE = /\{(\w+)\}/;
const plain = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function pattern([english, to]: [string, string]): Pattern {
  const parts = english.split(HOLE); // every second one is a name
  // A value does not reach over the end of a sentence, but for one that ends it and is a sentence itself.
  const hole = (name: string, index: number): string => (index === parts.length - 2 && parts.at(-1) === "" && to.includes(`{${name}!}`) ? "(.*?)" : "((?:(?!; ).)*?)");
  const test = parts.map((one, index) => (index % 2 === 0 ? plain(one) : hole(one, index))).join("");
  return { test: new RegExp(`^${test}$`, "s"), names: parts.filter((_, index) => index % 2 === 1), to };
}

const fixed = ([english]: [string, string]): number => english.replace(/\{\w+\}/g, "").length;

/** A sentence with values put where their names stand. */
export const filled = (text: string, values: Record<string, string>, inner = (value: string): string => value): string =>
  text.replace(/\{(\w+)(!?)\}/g, (whole, name: string, again: string) => {
    const value = values[name];
    return value === undefined ? whole : again === "" ? value : inner(value);
  });

/** What translates sentences by that file. The longest that fits wins, so that "{1}: {2}" takes what nothing else does. */
export function translator(said: Said): (english: string) => string {
  const known = new Map<string, string>();
  let patterns: Pattern[] | undefined;
  const translate = (english: string): string => {
    const before = said[english] ?? known.get(english);
    if (before !== undefined) return before;
    patterns ??= Object.entries(said).filter(([one]) => HOLE.test(one)).sort((a, b) => fixed(b) - fixed(a)).map(pattern);
    for (const { test, names, to } of patterns) {
      const found = test.exec(english);
      if (found === null) continue;
      const text = filled(to, Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? ""])), translate);
      if (known.size > 2000) known.clear();
      known.set(english, text);
      return text;
    }
    const parts = english.split("; "); // what was put together of several sentences
    return parts.length > 1 ? parts.map(translate).join("; ") : english;
  };
  return translate;
}
