// The state of the machine: one WebSocket a tab, a watch for each thing that is looked at, shared by all who look. What is
// here is what the machine said; nothing is guessed.
import { signal, type Signal } from "@preact/signals";
import { Problem, type ProblemText } from "./http";
import { patched, type Change } from "./patch";
import type { Item } from "./view";

export interface Watched { value: unknown; is: "waiting" | "live" | "stale" | "failed"; problem?: Problem }

interface Message {
  id?: number; state?: unknown; patch?: Change[]; version?: string; resumed?: boolean; stale?: boolean; error?: ProblemText;
}

interface Watch { id: number; name: string; params: Item; version?: string; seen: Signal<Watched>; users: number; retry?: number }

export const connected = signal<"never" | "yes" | "lost">("never");
export const signedOut = signal(0); // counts: the session ended while we watched

const watches = new Map<string, Watch>();
let socket: WebSocket | undefined;
let next = 1, tries = 0, timer = 0, wanted = false;

const say = (what: object): void => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(what));
};

const begin = (watch: Watch): void =>
  say({ id: watch.id, watch: watch.name, params: watch.params, ...(watch.version === undefined ? {} : { version: watch.version }) });

function failed(watch: Watch, problem: ProblemText): void {
  watch.version = undefined;
  watch.seen.value = { value: undefined, is: "failed", problem: new Problem(problem) };
  window.clearTimeout(watch.retry);
  if (problem.status === 429 || problem.status >= 500) watch.retry = window.setTimeout(() => begin(watch), (problem.retry ?? 3) * 1000);
}

function hear(message: Message): void {
  const watch = [...watches.values()].find((one) => one.id === message.id);
  if (watch === undefined) return;
  if (message.error !== undefined && message.stale === undefined) {
    failed(watch, message.error);
    return;
  }
  let value = watch.seen.value.value;
  if ("state" in message) value = message.state;
  else if (message.patch !== undefined) value = patched(value, message.patch);
  if (message.version !== undefined) watch.version = message.version;
  const stale = message.stale === true;
  watch.seen.value = { value, is: stale ? "stale" : "live", ...(message.error === undefined ? {} : { problem: new Problem(message.error) }) };
}

function open(): void {
  window.clearTimeout(timer);
  const opened = new WebSocket(`wss://${location.host}/api/stream`);
  socket = opened;
  opened.onopen = () => {
    tries = 0;
    connected.value = "yes";
    for (const watch of watches.values()) begin(watch);
  };
  opened.onmessage = ({ data }) => hear(JSON.parse(data as string) as Message);
  opened.onclose = ({ code }) => {
    if (socket !== opened) return;
    socket = undefined;
    if (!wanted) return;
    connected.value = "lost";
    for (const watch of watches.values())
      if (watch.seen.value.is === "live") watch.seen.value = { ...watch.seen.value, is: "stale" };
    if (code === 4401) signedOut.value += 1;
    timer = window.setTimeout(open, Math.min(200 * 2 ** tries++, 5000));
  };
}

export function connect(): void {
  wanted = true;
  if (socket === undefined) open();
}

export function disconnect(): void {
  wanted = false;
  window.clearTimeout(timer);
  connected.value = "never";
  watches.clear();
  socket?.close();
  socket = undefined;
}

addEventListener("online", () => wanted && socket === undefined && open());

/** A watch that lasts until it is let go; what is looked at by several is watched once. */
export function watch(name: string, params: Item): { seen: Signal<Watched>; letGo: () => void } {
  const key = `${name} ${JSON.stringify(params)}`;
  let found = watches.get(key);
  if (found === undefined) {
    found = { id: next++, name, params, seen: signal<Watched>({ value: undefined, is: "waiting" }), users: 0 };
    watches.set(key, found);
    begin(found);
  }
  const mine = found;
  mine.users++;
  const letGo = (): void => {
    if (--mine.users > 0) return;
    window.setTimeout(() => {
      if (mine.users > 0 || watches.get(key) !== mine) return;
      watches.delete(key);
      window.clearTimeout(mine.retry);
      say({ id: mine.id, cancel: true });
    }, 1000); // a page that is drawn anew asks for the same at once
  };
  return { seen: mine.seen, letGo };
}
