// The shape of a view; docs/views.md explains it, the checker holds every view of the tree to it.
export type Text = string | Record<string, string>;
export type Scalar = string | number | boolean | null;
export type When = Record<string, Scalar | Scalar[] | { not: Scalar | Scalar[] }>;
export type With = Record<string, Scalar | Scalar[]>;
export type Item = Record<string, unknown>;

export interface Source { method: string; with?: With; of?: string; where?: When }

export interface Column {
  field: string; as?: string; text?: Text; tones?: Record<string, string>; of?: string; open?: string; with?: With;
  narrow?: boolean; unit?: string; when?: When; opens?: When; value?: string; none?: Text;
}

export interface Choices extends Source { value: string; name?: string; show?: (string | Column)[]; empty?: Text }

export interface FormField { param: string; as?: string; text?: Text; help?: Text; choices?: Choices; initial?: Scalar | Scalar[]; when?: When }

export interface Step { title: Text; help?: Text; fields: (string | FormField)[]; parts?: Part[] }

export interface Action {
  method?: string; view?: string; href?: string; text?: Text; icon?: string; with?: With; fields?: (string | FormField)[];
  steps?: Step[]; confirm?: string; when?: When; tone?: string; then?: Action; from?: Source; to?: string; help?: Text; show?: (string | Column)[];
}

export interface Empty { title?: Text; text: Text; icon?: string; action?: Action; view?: string }

export interface Part extends Partial<Source> {
  kind: string; title?: Text; help?: Text; text?: Text; when?: When; tone?: string; wide?: boolean; icon?: string;
  columns?: (string | Column)[]; fields?: (string | Column | FormField)[]; name?: string; path?: string; by?: string;
  key?: string; sort?: string; search?: boolean; open?: string; row?: Action[]; actions?: Action[]; empty?: Empty;
  steps?: Step[]; x?: string; lines?: (string | Column)[]; filters?: string[]; confirm?: string; to?: string; from?: Source; then?: Action; parts?: Part[];
  show?: (string | Column)[];
  limit?: number;
}

export interface View {
  view: string; at?: string; title: Text; icon?: string; help?: Text; needs?: string; nav?: { group: string; order: number };
  parts: Part[]; name?: string; back?: string;
}

export const column = (one: string | Column): Column => (typeof one === "string" ? { field: one } : one);
/** What tells a column from the others: the same field may be shown in several ways. */
export const keyOf = (one: Column): string => one.field + (one.value ?? "");
export const formField = (one: string | FormField): FormField => (typeof one === "string" ? { param: one } : one);

/** A value at a path in an item. */
export function at(item: unknown, path: string): unknown {
  let value = item;
  for (const name of path.split(".")) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Item)[name];
  }
  return value;
}

function same(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some((one) => same(value, one));
  if (wanted !== null && typeof wanted === "object") return !same(value, (wanted as { not: unknown }).not);
  if (Array.isArray(value)) return value.some((one) => same(one, wanted));
  return typeof value === "number" && typeof wanted === "string" ? String(value) === wanted /* of an address */ : (value ?? null) === wanted;
}

export function holds(when: When | undefined, context: Item): boolean {
  return when === undefined || Object.entries(when).every(([path, wanted]) => same(at(context, path), wanted));
}

/** A condition on rows whose "$path" values are taken from what is around them. */
export function meant(when: When | undefined, context: Item): When | undefined {
  if (when === undefined) return undefined;
  const here = (one: When[string]): When[string] => (typeof one === "string" && one.startsWith("$") ? (at(context, one.slice(1)) as Scalar) ?? null : one);
  return Object.fromEntries(Object.entries(when).map(([path, one]) => [path, here(one)]));
}

const value = (given: Scalar | Scalar[], context: Item): unknown => {
  if (typeof given !== "string") return given;
  if (given.startsWith("$")) return at(context, given.slice(1));
  return given.startsWith("=") ? given.slice(1).replace(/\{([\w.]+)\}/g, (_, path: string) => String(at(context, path) ?? "")) : given;
};

/** The values of "with": "$path" is taken from the context, "={path}/{name}" is put together, all else is meant as it stands. */
export function bind(given: With | undefined, context: Item): Item {
  const bound: Item = {};
  for (const [name, one] of Object.entries(given ?? {})) {
    const found = value(one, context);
    if (found !== undefined && found !== null) bound[name] = found;
  }
  return bound;
}
