// The components of views, by the word in "kind".
import type { ComponentType } from "preact";
import { lazyChart } from "./parts/chart-loader";
import { Actions, Cards, Detail, FormPart, Note, Wizard } from "./parts/simple";
import { Log } from "./parts/log";
import { Table } from "./parts/table";
import { Tree } from "./parts/tree";
import { say } from "./texts";
import { holds, type Item, type Part } from "./view";

export interface PartProps { part: Part; context: Item }

const kinds: Record<string, ComponentType<PartProps>> = {
  table: Table, cards: Cards, detail: Detail, form: FormPart, wizard: Wizard, chart: lazyChart, tree: Tree, log: Log,
  actions: Actions, note: Note, group: Group,
};

function Group({ part, context }: PartProps) {
  return <div class="group"><Parts parts={part.parts ?? []} context={context} /></div>;
}

export function Parts({ parts, context }: { parts: Part[]; context: Item }) {
  return (
    <>
      {parts.filter((part) => holds(part.when, context)).map((part, index) => {
        const Kind = kinds[part.kind];
        return Kind === undefined ? <p class="quiet" key={index}>{say("part.unknown", { kind: part.kind })}</p> : <Kind key={index} part={part} context={context} />;
      })}
    </>
  );
}
