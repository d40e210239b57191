// Charts over time. A table of the same numbers is one click away, for those who do not see the picture.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { time } from "../format";
import type { PartProps } from "../parts";
import { useItems } from "../source";
import { locale, number, say } from "../texts";
import { at, column, type Item } from "../view";
import { Frame, Nothing, State } from "./frame";
import { heading } from "./table";

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const moment = (tick: number, days: boolean): string =>
  new Intl.DateTimeFormat(locale(), days ? { dateStyle: "short" } : { timeStyle: "short" }).format(new Date(tick * 1000));

export function Chart({ part, context }: PartProps) {
  const { seen, rows } = useItems(part, context);
  const box = useRef<HTMLDivElement>(null);
  const lines = (part.lines ?? []).map(column);
  const x = part.x ?? "at";
  const points = [...rows].sort((a, b) => String(at(a, x)).localeCompare(String(at(b, x))));
  const values = (field: string): (number | null)[] => points.map((one: Item) => {
    const value = Number(at(one, field));
    return Number.isFinite(value) ? value : null;
  });
  useEffect(() => {
    if (box.current === null || points.length === 0) return undefined;
    const inks = ["--accent", "--good", "--warn", "--bad"].map(colour);
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    const chart = new uPlot({
      width: box.current.clientWidth, height: 220, cursor: { drag: { x: false, y: false } }, legend: { show: lines.length > 1, live: false },
      series: [{}, ...lines.map((one, index) => ({ label: heading(one), stroke: inks[index % inks.length]!, width: 2, spanGaps: true, fill: `${inks[index % inks.length]}22` }))],
      axes: [{ ...axis, values: (_: uPlot, ticks: number[]) => ticks.map((tick) => moment(tick, ticks.at(-1)! - ticks[0]! > 2 * 86400)) }, { ...axis, values: (_: uPlot, ticks: number[]) => ticks.map((tick) => `${number(tick)}${lines[0]?.unit === undefined ? "" : ` ${lines[0].unit}`}`) }],
    }, [points.map((one) => new Date(String(at(one, x))).getTime() / 1000), ...lines.map((one) => values(one.field))] as uPlot.AlignedData, box.current);
    const fit = new ResizeObserver(() => box.current !== null && chart.setSize({ width: box.current.clientWidth, height: 220 }));
    fit.observe(box.current);
    return () => {
      fit.disconnect();
      chart.destroy();
    };
  }, [JSON.stringify(points)]);
  return (
    <Frame part={part} context={context}>
      <State seen={seen} />
      {seen.value !== undefined && points.length === 0 && <Nothing empty={part.empty} context={context} />}
      {points.length > 0 && (
        <div class="panel">
          <div ref={box} class="chart" role="img" aria-label={say("chart.of", { what: lines.map(heading).join(", ") })} />
          <details class="literal"><summary>{say("chart.table")}</summary>
            <table><thead><tr><th scope="col">{heading({ field: x })}</th>{lines.map((one) => <th scope="col">{heading(one)}</th>)}</tr></thead>
              <tbody>{points.slice(-50).map((one) => <tr><td>{time(String(at(one, x)))}</td>{lines.map((line) => <td class="number">{String(at(one, line.field))}</td>)}</tr>)}</tbody></table>
          </details>
        </div>
      )}
    </Frame>
  );
}
