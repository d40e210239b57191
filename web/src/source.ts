// A part's source: what its method answers, watched where the contract allows it, read otherwise.
import { useSignal, signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answer, items, method, typeAt, type Type } from "./contracts";
import { ask, problemOf } from "./http";
import { watch, type Watched } from "./stream";
import { at, bind, holds, meant, type Item, type Source } from "./view";

export const changed = signal(0); // counts the changes made here: what cannot be watched is read again

export function useMethod(name: string | undefined, params: Item, may = true): Signal<Watched> {
  const seen = useSignal<Watched>({ value: undefined, is: "waiting" });
  const called = name === undefined ? undefined : method(name);
  const again = called?.more ? 0 : changed.value;
  useEffect(() => {
    if (name === undefined || called === undefined || !may) return undefined;
    if (called.more) {
      const { seen: upstream, letGo } = watch(name, params);
      const end = upstream.subscribe((value) => (seen.value = value));
      return () => {
        end();
        letGo();
      };
    }
    let over = false;
    ask(name, params).then(
      ({ body }) => over || (seen.value = { value: body, is: "live" }),
      (error: unknown) => over || (seen.value = { value: seen.peek().value, is: "failed", problem: problemOf(error) }));
    return () => {
      over = true;
    };
  }, [name, JSON.stringify(params), again, may]);
  return seen;
}

export function useSource(source: Partial<Source>, context: Item): { seen: Watched; value: unknown; type: Type | undefined } {
  const called = source.method === undefined ? undefined : method(source.method);
  const seen = useMethod(source.method, bind(source.with, context)).value;
  return {
    seen,
    value: source.of === undefined ? seen.value : at(seen.value, source.of),
    type: called === undefined ? undefined : typeAt(answer(called), source.of),
  };
}

export function useItems(source: Partial<Source>, context: Item): { seen: Watched; rows: Item[]; type: Type | undefined } {
  const { seen, value, type } = useSource(source, context);
  const all = Array.isArray(value) ? (value as Item[]) : [];
  const where = meant(source.where, context);
  const rows = where === undefined ? all : all.filter((one) => holds(where, { ...context, ...one }));
  return { seen, rows, type: type === undefined ? undefined : items(type) };
}
