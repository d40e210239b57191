// Calls of methods over REST: the route, the places of parameters and the headers follow from the contract.
import { method, type Field } from "./contracts";
import type { Item } from "./view";

export interface PlanStep { words: string; says: string; values: { name: string; is: string; value: string }[]; literal: string; undo?: string }
export interface Plan { digest: string; plan: string; warrant: boolean; destroys: boolean; who: string; steps: PlanStep[] }

export interface ProblemText {
  type: string; title: string; status: number; detail: string; errors?: { field: string; message: string }[]; next?: string;
  retry?: number; role?: string; request?: string; plan?: Plan;
}

export class Problem extends Error {
  constructor(readonly problem: ProblemText) {
    super(problem.detail);
  }

  get kind(): string {
    return this.problem.type.split("#")[1] ?? "";
  }

  field(name: string): string | undefined {
    return this.problem.errors?.find((one) => one.field === name || one.field.startsWith(`${name}[`))?.message;
  }
}

/** What went wrong, whatever it was: no answer at all is told like one. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ type: "#unreachable", title: "", status: 0, detail: error instanceof Error ? error.message : String(error) });
}

export interface How { dryRun?: boolean; warrant?: string; key?: string }

const csrf = (): string => /(?:^|; )__Host-bulkhead-csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";

function write(query: URLSearchParams, field: Field, value: unknown): void {
  for (const one of Array.isArray(value) ? value : [value]) query.append(field.name, String(one));
}

export async function ask(name: string, given: Item = {}, how: How = {}): Promise<{ body: unknown; headers: Headers }> {
  const called = method(name);
  if (called === undefined) throw new Error(`${name} is not known`);
  const query = new URLSearchParams();
  const body: Item = {};
  let path = called.path;
  for (const field of called.params) {
    const value = given[field.name];
    if (value === undefined || value === null) continue;
    if (field.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(String(value)));
    else if (field.in === "query") write(query, field, value);
    else if (field.in === "body") body[field.name] = value;
  }
  if (how.dryRun) query.set("dry_run", "true");
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  if (called.verb !== "GET") headers["X-CSRF-Token"] = csrf();
  if (how.warrant !== undefined) headers["Warrant"] = how.warrant;
  if (how.key !== undefined) headers["Idempotency-Key"] = how.key;
  const sends = called.verb === "POST" || called.verb === "PUT" || called.verb === "PATCH";
  if (sends) headers["Content-Type"] = "application/json";
  return send(query.size > 0 ? `${path}?${query}` : path, { method: called.verb, headers, ...(sends ? { body: JSON.stringify(body) } : {}) });
}

export async function send(target: string, init: RequestInit = {}): Promise<{ body: unknown; headers: Headers }> {
  const answer = await fetch(target, { ...init, credentials: "same-origin", redirect: "error" });
  const text = await answer.text();
  const body: unknown = text === "" ? null : JSON.parse(text);
  if (!answer.ok) throw new Problem(body as ProblemText);
  return { body, headers: answer.headers };
}
