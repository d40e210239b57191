// Addresses: #/pools/tank is the view whose "at" is "pools/{name}". The browser's own history is the history.
import { computed, signal } from "@preact/signals";
import type { Action, Item, Text, View } from "./view";

export const views = signal<View[]>([]);
export const role = signal("nobody");
export const address = signal(location.hash.slice(1).replace(/^\//, ""));

addEventListener("hashchange", () => {
  address.value = location.hash.slice(1).replace(/^\//, "");
  scrollTo(0, 0);
});

const pattern = (view: View): string => view.at ?? view.view;

function fits(view: View, parts: string[]): Item | undefined {
  const wanted = pattern(view).split("/");
  const found: Item = {};
  if (wanted.length !== parts.length) return undefined;
  for (const [index, word] of wanted.entries()) {
    const part = parts[index] ?? "";
    if (word.startsWith("{")) found[word.slice(1, -1)] = /^\d{1,15}$/.test(part) && word.slice(1, -1) === "id" ? Number(part) : part;
    else if (word !== part) return undefined;
  }
  return found;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const here = computed<{ view: View; params: Item } | undefined>(() => {
  const first = navigation.value[0]?.views[0];
  if (address.value === "") return first === undefined ? undefined : { view: first, params: {} };
  const parts = address.value.split("/").map(decoded);
  for (const view of views.value) {
    const params = fits(view, parts);
    if (params !== undefined) return { view, params };
  }
  return undefined;
});

export function href(name: string, item: Item = {}): string {
  const view = views.value.find((one) => one.view === name);
  if (view === undefined) return "#/";
  return `#/${pattern(view).replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(item[key] ?? "")))}`;
}

/** What views call what can be done, by its method: modules have no texts but in their views. */
export const callings = computed(() => {
  const found = new Map<string, Text>();
  const look = (one: unknown): void => {
    if (one === null || typeof one !== "object") return;
    const { method, text, kind } = one as Action & { kind?: string };
    if (method !== undefined && text !== undefined && kind === undefined && !found.has(method)) found.set(method, text);
    for (const inner of Object.values(one)) look(inner);
  };
  views.value.forEach(look);
  return found;
});

export const has = (name: string): boolean => views.value.some((one) => one.view === name);

export const navigation = computed(() => {
  const groups = new Map<string, View[]>();
  const shown = views.value.filter((one) => one.nav !== undefined).sort((a, b) => a.nav!.order - b.nav!.order);
  for (const view of shown) groups.set(view.nav!.group, [...(groups.get(view.nav!.group) ?? []), view]);
  return [...groups].map(([group, list]) => ({ group, views: list }));
});
