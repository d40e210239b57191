// Logs: a list that pages by itself, newest first, with the method's own parameters as filters.
import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { answer, items, method } from "../contracts";
import { beginning, Inputs } from "../form";
import { Icon } from "../icons";
import { Fields, plainText, Value } from "../format";
import { ask, problemOf, type Problem } from "../http";
import type { PartProps } from "../parts";
import { changed } from "../source";
import { say } from "../texts";
import { Trouble } from "../trouble";
import { at, bind, column, type Action, type Column, type Item } from "../view";
import { Frame, Nothing, RowMenu } from "./frame";
import { heading, place, stacks } from "./table";

const cursorOf = (headers: Headers): string | undefined => {
  const target = /<([^>]*)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  return target === undefined ? undefined : new URL(target, location.href).searchParams.get("cursor") ?? undefined;
};

export function Log({ part, context }: PartProps) {
  const name = part.method ?? "";
  const called = method(name);
  const filters = (part.filters ?? []).map((param) => ({ param }));
  const draft = useSignal<Item>(beginning(name, filters, {}));
  const [rows, setRows] = useState<Item[]>(), [next, setNext] = useState<string>(), [problem, setProblem] = useState<Problem>();
  const read = async (cursor?: string): Promise<void> => {
    try {
      const { body, headers } = await ask(name, { ...bind(part.with, context), ...draft.value, ...(cursor === undefined ? {} : { cursor }) });
      setRows([...(cursor === undefined ? [] : rows ?? []), ...(body as Item[])]);
      setNext(cursorOf(headers));
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  useEffect(() => void read(), [JSON.stringify(draft.value), changed.value]);
  if (called === undefined) return null;
  const type = items(answer(called));
  const columns = (part.columns ?? []).map(column);
  const details = (part.fields ?? []) as (string | Column)[];
  return (
    <Frame part={part} context={context}>
      {filters.length > 0 && (
        <details class="filters"><summary>{say("filters")}</summary>
          <div class="filter-fields"><Inputs name={name} fields={filters} draft={draft} context={context} problem={problem} /></div>
        </details>
      )}
      {problem !== undefined && <Trouble problem={problem} again={() => void read()} />}
      {rows?.length === 0 && <Nothing empty={part.empty} context={context} />}
      {rows !== undefined && rows.length > 0 && (
        <div class="table-box few">
          <table class={stacks(columns)}>
            <thead><tr>{columns.map((one) => <th scope="col" key={one.field} class={one.narrow ? "wide-only" : ""}>{heading(one)}</th>)}{part.row !== undefined && <th scope="col" class="act"><span class="unseen">{say("actions")}</span></th>}</tr></thead>
            {rows.map((row) => <Entry key={plainText(at(row, part.key ?? "id"))} row={row} columns={columns} details={details} type={type} actions={part.row ?? []} context={context} name={plainText(at(row, part.key ?? "id"))} />)}
          </table>
        </div>
      )}
      {next !== undefined && <div class="buttons"><button type="button" onClick={() => void read(next)}>{say("more")}</button></div>}
    </Frame>
  );
}

interface Shown { row: Item; columns: Column[]; details: (string | Column)[]; type: ReturnType<typeof items>; actions: Action[]; context: Item; name: string }

function Entry({ row, columns, details, type, actions, context, name }: Shown) {
  const [open, setOpen] = useState(false);
  return (
    <tbody>
      <tr class={details.length > 0 ? "opens" : ""} onClick={() => setOpen(!open)}>
        {columns.map((one, index) => (
          <td key={one.field} data-label={heading(one)} class={place(columns, index)}>
            {index === 0 && details.length > 0
              ? <button type="button" class="unfold" aria-expanded={open}><Icon name="next" size={16} /><Value item={row} column={one} type={type} /></button>
              : <Value item={row} column={one} type={type} context={context} />}
          </td>
        ))}
        {actions.length > 0 && <td class="act"><RowMenu actions={actions} item={row} context={context} name={name} /></td>}
      </tr>
      {open && <tr class="log-detail"><td colSpan={columns.length}><Fields item={row} fields={details} type={type} /></td></tr>}
    </tbody>
  );
}
