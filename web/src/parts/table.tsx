// Tables. Of many rows only those in sight are drawn.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Component } from "preact";
import { fieldAt, method, type Type } from "../contracts";
import { plainText, Value } from "../format";
import { Icon } from "../icons";
import type { PartProps } from "../parts";
import { has, href } from "../route";
import { changed, useItems } from "../source";
import { label, number, say, word } from "../texts";
import { at, column, keyOf, type Action, type Column, type Item } from "../view";
import { Frame, Nothing, RowMenu, State } from "./frame";

const NONE: Action[] = [];
const HEIGHT = 48, ALL = 120, MORE = 12; // of a row; so many are drawn at once; above and below what is seen

export const heading = (one: Column): string => (one.text === undefined ? label(one.field) : say(one.text));

/** What a column's cells are to the style: left out on a telephone, or what a row is called there. */
export const place = (columns: Column[], index: number): string =>
  (columns[index]?.narrow ? "wide-only" : index === columns.findIndex((one) => !one.narrow) ? "head" : "");

const FEW = 7; // of so few nothing is looked for
const FITS = 2; // so many columns a telephone has room for

/** With more of them, each row is a small card there. */
export const stacks = (columns: Column[], more = 0): string => (columns.filter((one) => !one.narrow).length + more > FITS ? "stacks" : "");

interface Order { field: string; down: boolean }

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === undefined || a === null) return 1;
  if (b === undefined || b === null) return -1;
  return typeof a === "number" && typeof b === "number" ? a - b : plainText(a).localeCompare(plainText(b), undefined, { numeric: true });
}

const sorted = (rows: Item[], order: Order | undefined): Item[] =>
  (order === undefined ? rows : [...rows].sort((a, b) => (order.down ? -1 : 1) * compare(at(a, order.field), at(b, order.field))));

function found(rows: Item[], columns: Column[], text: string): Item[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return rows;
  return rows.filter((row) => columns.some((one) => {
    const value = at(row, one.field);
    return plainText(value).toLowerCase().includes(wanted) || (typeof value === "string" && word(value).toLowerCase().includes(wanted));
  }));
}

/** Which rows are in sight of a box that scrolls. */
function useWindow(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0), [height, setHeight] = useState(720);
  const few = count <= ALL;
  useEffect(() => {
    const element = box.current;
    if (element === null || few) return undefined;
    let frame = 0;
    const look = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        setTop(Math.floor(element.scrollTop / HEIGHT));
        setHeight(element.clientHeight);
      });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      element.removeEventListener("scroll", look);
      removeEventListener("resize", look);
      cancelAnimationFrame(frame);
    };
  }, [few]);
  const first = few ? 0 : Math.max(0, Math.min(top, count) - MORE);
  const last = few ? count : Math.min(count, top + Math.ceil(height / HEIGHT) + MORE);
  return { box, few, first, last };
}

interface Drawn { row: Item; index: number; name: string; columns: Column[]; type: Type | undefined; opens: string | undefined; actions: Action[]; context: Item }

function cells({ row, index, name, columns, type, opens, actions, context }: Drawn) {
  const to = opens === undefined ? undefined : href(opens, { ...context, ...row });
  const open = (event: Event): void => {
    if (!(event.target as Element).closest("a,button,input") && getSelection()?.isCollapsed !== false) location.hash = to!;
  };
  return (
    <tr aria-rowindex={index + 2} class={to === undefined ? "" : "opens"} onClick={to === undefined ? undefined : open}>
      {columns.map((one, number) => (
        <td key={keyOf(one)} data-label={heading(one)} class={`${place(columns, number)} ${fieldAt(type, one.field)?.type === "int" && one.as !== "bar" ? "number" : ""}`}>
          {number === 0 && to !== undefined ? <a class="opener" href={to}><Value item={row} column={one} type={type} /></a> : <Value item={row} column={one} type={type} context={context} />}
        </td>
      ))}
      {actions.length > 0 && <td class="act"><RowMenu actions={actions} item={row} context={context} name={name} /></td>}
    </tr>
  );
}

/** The same object at the same place is drawn once. */
class Row extends Component<Drawn> {
  override shouldComponentUpdate(next: Drawn, state: object): boolean {
    return state !== this.state /* a signal, such as the language's */ || (Object.keys(next) as (keyof Drawn)[]).some((one) => next[one] !== this.props[one]);
  }

  override render(props: Drawn) {
    return cells(props);
  }
}

export function Table({ part, context }: PartProps) {
  const { seen, rows: all, type } = useItems(part, context);
  const columns = useMemo(() => (part.columns ?? []).map(column), [part]);
  const around = useMemo(() => context, [JSON.stringify(context)]);
  const [order, setOrder] = useState<Order | undefined>(part.sort === undefined ? undefined : { field: part.sort.replace(/^-/, ""), down: part.sort.startsWith("-") });
  const [text, setText] = useState("");
  const rows = useMemo(() => sorted(found(all, columns, text), order), [all, text, order]);
  const { box, few, first, last } = useWindow(rows.length);
  const key = part.key ?? part.name ?? columns[0]?.field ?? "id";
  const opens = part.open !== undefined && has(part.open) ? part.open : undefined;
  const acts = (part.row ?? []).length > 0;
  const wide = columns.length + (acts ? 1 : 0);
  const again = seen.value !== undefined && !method(part.method ?? "")?.more && (
    <button type="button" class="icon-button" aria-label={say("look.again")} title={say("look.again")} onClick={() => (changed.value += 1)}><Icon name="refresh" /></button>
  );
  const find = part.search !== false && all.length > FEW && (
    <label class="search"><Icon name="search" size={18} />
      <input type="search" value={text} placeholder={say("search")} aria-label={say("search")} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
  const drawn = (row: Item, index: number) => {
    const name = plainText(at(row, key));
    return <Row key={name} row={row} index={index} name={name} columns={columns} type={type} opens={opens} actions={part.row ?? NONE} context={around} />;
  };
  const sort = (field: string): void => setOrder(order?.field !== field ? { field, down: false } : order.down ? undefined : { field, down: true });
  return (
    <Frame part={part} context={context} tools={again || find ? <>{again}{find}</> : undefined}>
      <State seen={seen} />
      {seen.value !== undefined && all.length === 0 && <Nothing empty={part.empty} context={context} />}
      {all.length > 0 && (
        <div class={few ? "table-box few" : "table-box many"} ref={box} tabIndex={few ? undefined : 0} role={few ? undefined : "region"} aria-label={few ? undefined : say("rows", { count: number(rows.length) })}>
          <table class={stacks(columns)} aria-rowcount={rows.length + 1}>
            <thead class={all.length > FEW ? "sorts" : ""}>
              <tr>
                {columns.map((one) => {
                  const mine = order?.field === one.field ? order : undefined;
                  return (
                    <th key={keyOf(one)} scope="col" class={one.narrow ? "wide-only" : ""} aria-sort={mine === undefined ? undefined : mine.down ? "descending" : "ascending"}>
                      <button type="button" class="sort" onClick={() => sort(one.field)}>{heading(one)}{mine !== undefined && <Icon name="down" size={14} />}</button>
                    </th>
                  );
                })}
                {acts && <th scope="col" class="act"><span class="unseen">{say("actions")}</span></th>}
              </tr>
            </thead>
            <tbody>
              {first > 0 && <tr aria-hidden="true" class="gap"><td colSpan={wide} style={{ height: `${first * HEIGHT}px` }} /></tr>}
              {rows.slice(first, last).map((row, index) => drawn(row, first + index))}
              {last < rows.length && <tr aria-hidden="true" class="gap"><td colSpan={wide} style={{ height: `${(rows.length - last) * HEIGHT}px` }} /></tr>}
            </tbody>
          </table>
          {rows.length === 0 && <p class="quiet pad">{say("nothing.found")}</p>}
        </div>
      )}
    </Frame>
  );
}
