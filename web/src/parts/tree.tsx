// Trees: rows whose names are paths, below what they are grouped by.
import { plainText, Value } from "../format";
import { Icon } from "../icons";
import type { PartProps } from "../parts";
import { has, href } from "../route";
import { useItems } from "../source";
import { say } from "../texts";
import { at, column, type Item } from "../view";
import { Frame, Nothing, RowMenu, State } from "./frame";
import { heading, stacks } from "./table";

export function Tree({ part, context }: PartProps) {
  const { seen, rows, type } = useItems(part, context);
  const columns = (part.columns ?? []).map(column);
  const path = part.path ?? "name";
  const opens = part.open !== undefined && has(part.open) ? part.open : undefined;
  const groups = new Map<string, Item[]>();
  for (const row of rows) {
    const group = part.by === undefined ? "" : plainText(at(row, part.by));
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const parts = (row: Item): string[] => plainText(at(row, path)).split("/");
  return (
    <Frame part={part} context={context}>
      <State seen={seen} />
      {seen.value !== undefined && rows.length === 0 && <Nothing empty={part.empty} context={context} />}
      {rows.length > 0 && (
        <div class="table-box few">
          <table class={`tree ${stacks(columns, 1)}`}>
            <thead>
              <tr>
                <th scope="col">{heading({ field: path })}</th>
                {columns.map((one) => <th scope="col" key={one.field} class={one.narrow ? "wide-only" : ""}>{heading(one)}</th>)}
                {part.row !== undefined && <th scope="col" class="act"><span class="unseen">{say("actions")}</span></th>}
              </tr>
            </thead>
            {[...groups].map(([group, list]) => (
              <tbody key={group}>
                {part.by !== undefined && <tr class="tree-group"><th scope="rowgroup" colSpan={columns.length + 2}><Icon name={part.icon ?? "pool"} size={18} />{group}</th></tr>}
                {[...list].sort((a, b) => plainText(at(a, path)).localeCompare(plainText(at(b, path)))).map((row) => {
                  const words = parts(row);
                  const name = <span class="tree-name" style={{ "--depth": words.length - 1 }}><Icon name="folder" size={18} /><span dir="auto">{words.at(-1)}</span></span>;
                  return (
                    <tr key={plainText(at(row, path))}>
                      <th scope="row" class="head">{opens === undefined ? name : <a class="opener" href={href(opens, { ...context, ...row })}>{name}</a>}</th>
                      {columns.map((one) => <td key={one.field} data-label={heading(one)} class={one.narrow ? "wide-only" : ""}><Value item={row} column={one} type={type} /></td>)}
                      {part.row !== undefined && <td class="act"><RowMenu actions={part.row} item={row} context={context} name={plainText(at(row, path))} /></td>}
                    </tr>
                  );
                })}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </Frame>
  );
}
