// What the renderer knows of the contracts: GET /api/ui/contracts, and how a view's words lead into it.
import { signal } from "@preact/signals";

export type Type = "bool" | "int" | "float" | "string" | "object" | { ref: string } | { array: Type } | { map: Type } |
  { fields: Field[] } | { words: string[] };

export interface Field {
  name: string; type: Type; doc?: string; optional?: true; is?: string; range?: [number, number]; max?: number;
  secret?: true; issued?: true; default?: string; in?: "path" | "query" | "body" | "cookie";
}

export interface Method {
  role: string; verb: string; path: string; params: Field[]; reply: Field[]; doc?: string; body?: string;
  plan?: true; destroys?: true; job?: true; more?: true; pages?: true; warrant?: "always" | "sometimes";
}

export interface ValueType { says: string; max: number; pattern?: string; example?: string; secret?: true; lines?: true }

export interface Contracts {
  methods: Record<string, Method>;
  types: Record<string, { fields?: Field[]; words?: string[] }>;
  values: Record<string, ValueType>;
}

export const contracts = signal<Contracts>({ methods: {}, types: {}, values: {} });

export const method = (name: string): Method | undefined => contracts.value.methods[name];
export const parameter = (name: string, of: Method): Field | undefined => of.params.find((one) => one.name === name);

/** A named type's declaration, any other type itself. */
export function real(type: Type): Type {
  if (typeof type === "string" || !("ref" in type)) return type;
  const found = contracts.value.types[type.ref];
  return found?.words ? { words: found.words } : { fields: found?.fields ?? [] };
}

export function words(type: Type): string[] | undefined {
  const found = real(type);
  return typeof found === "object" && "words" in found ? found.words : undefined;
}

export function items(type: Type): Type | undefined {
  const found = real(type);
  return typeof found === "object" && "array" in found ? found.array : undefined;
}

export function fields(type: Type | undefined): Field[] {
  const found = type === undefined ? undefined : real(type);
  return typeof found === "object" && "fields" in found ? found.fields : [];
}

/** What a GET of the method answers: its one body, or all its results. */
export function answer(of: Method): Type {
  const body = of.body === undefined ? undefined : of.reply.find((one) => one.name === of.body);
  return body?.type ?? { fields: of.reply };
}

/** The field at a path such as "work.percent" in a type. */
export function fieldAt(type: Type | undefined, path: string): Field | undefined {
  let found: Field | undefined, at = type;
  for (const name of path.split(".")) {
    found = fields(at).find((one) => one.name === name);
    at = found?.type;
  }
  return found;
}

/** What is said of a parameter, or of the field of the same name in what the method answers. */
export const docOf = (field: Field, of: Method): string => field.doc ?? fieldAt(answer(of), field.name)?.doc ?? "";

export function typeAt(type: Type, path: string | undefined): Type | undefined {
  return path === undefined ? type : fieldAt(type, path)?.type;
}
