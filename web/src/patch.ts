// JSON Patch (RFC 6902) on values that are never changed in place: what a patch does not touch stays the same object,
// so that only what is different is drawn again.
export interface Change { op: "add" | "remove" | "replace" | "move" | "copy" | "test"; path: string; value?: unknown; from?: string }

const split = (path: string): string[] => path.split("/").slice(1).map((one) => one.replace(/~1/g, "/").replace(/~0/g, "~"));

function look(value: unknown, path: string[]): unknown {
  for (const name of path) {
    if (value === null || typeof value !== "object") throw new Error("a patch that does not fit");
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

type Edit = (parent: Record<string, unknown> | unknown[], name: string) => void;

function edit(value: unknown, path: string[], change: Edit): unknown {
  const [name, ...rest] = path;
  if (name === undefined || value === null || typeof value !== "object") throw new Error("a patch that does not fit");
  const copy = Array.isArray(value) ? [...value] : { ...(value as Record<string, unknown>) };
  if (rest.length === 0) change(copy, name);
  else (copy as Record<string, unknown>)[name] = edit((copy as Record<string, unknown>)[name], rest, change);
  return copy;
}

const put = (value: unknown, insert: boolean): Edit => (parent, name) => {
  if (Array.isArray(parent)) {
    const index = name === "-" ? parent.length : Number(name);
    parent.splice(index, insert ? 0 : 1, value);
  } else {
    parent[name] = value;
  }
};

const take: Edit = (parent, name) => {
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
};

function one(value: unknown, change: Change): unknown {
  const path = split(change.path);
  const from = change.from === undefined ? [] : split(change.from);
  if (change.op === "test") return value;
  const brought = change.op === "move" || change.op === "copy" ? look(value, from) : change.value;
  if (change.op === "move") value = edit(value, from, take);
  if (path.length === 0) return brought;
  if (change.op === "remove") return edit(value, path, take);
  return edit(value, path, put(brought, change.op !== "replace"));
}

export const patched = (value: unknown, patch: Change[]): unknown => patch.reduce(one, value);
