// What all parts have: a heading with help and actions, and words for what is not there yet or not any more.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { begin, nameOf } from "../change";
import { Icon } from "../icons";
import { Menu } from "../overlay";
import { Parts } from "../parts";
import { views } from "../route";
import { say } from "../texts";
import { Trouble } from "../trouble";
import type { Watched } from "../stream";
import { holds, type Action, type Empty, type Item, type Part } from "../view";

export function Help({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="icon-button small" aria-expanded={open} aria-label={say("help")} onClick={() => setOpen(!open)}><Icon name="info" size={18} /></button>
      {open && <p class="help-text">{text}</p>}
    </>
  );
}

const SHOWN = 3; // so many actions are buttons; what is beyond is in a menu behind them

export function Buttons({ actions, context }: { actions: Action[]; context: Item }) {
  const may = actions.filter((one) => holds(one.when, context));
  const shown = may.length > SHOWN + 1 ? may.slice(0, SHOWN) : may;
  const entries = may.slice(shown.length).map((one) => ({ name: nameOf(one), icon: one.icon ?? "next", tone: one.tone, run: () => begin(one, context) }));
  return (
    <>
      {shown.map((one, index) => (
        <button type="button" key={index} class={one.tone === "primary" ? "primary" : one.tone === "bad" ? "danger" : ""} onClick={() => begin(one, context)}>
          {one.icon !== undefined && <Icon name={one.icon} size={18} />}{nameOf(one)}
        </button>
      ))}
      {entries.length > 0 && <Menu label={say("actions.more")} entries={entries} class="icon-button framed"><Icon name="more" /></Menu>}
    </>
  );
}

export function RowMenu({ actions, item, context, name }: { actions: Action[]; item: Item; context: Item; name: string }) {
  const whole = { ...context, ...item };
  const may = actions.filter((one) => holds(one.when, whole));
  if (may.length === 0) return null;
  return (
    <Menu label={say("actions.for", { name })} entries={may.map((one) => ({
      name: nameOf(one), icon: one.icon ?? (one.tone === "bad" ? "trash" : "next"), tone: one.tone, run: () => begin(one, whole),
    }))}><Icon name="more" /></Menu>
  );
}

export function Nothing({ empty, context }: { empty: Empty | undefined; context: Item }) {
  const instead = views.value.find((one) => one.view === empty?.view);
  if (instead !== undefined)
    return (
      <div class="parts instead">
        <div class="page-head"><h2>{say(instead.title)}</h2>{instead.help !== undefined && <p class="lead">{say(instead.help)}</p>}</div>
        <Parts parts={instead.parts} context={context} />
      </div>
    );
  return (
    <div class="empty">
      <span class="empty-icon"><Icon name={empty?.icon ?? "cube"} size={32} /></span>
      {empty?.title !== undefined && <p class="empty-title">{say(empty.title)}</p>}
      <p class="quiet">{say(empty?.text ?? "nothing.here")}</p>
      {empty?.action !== undefined && <Buttons actions={[{ tone: "primary", ...empty.action }]} context={context} />}
    </div>
  );
}

/** The state of what is watched, when it is not simply there. */
export function State({ seen }: { seen: Watched }) {
  if (seen.is === "waiting") return <div class="loading" aria-busy="true"><span class="quiet">{say("loading")}</span></div>;
  if (seen.is === "failed" && seen.problem !== undefined) return <Trouble problem={seen.problem} />;
  if (seen.is === "stale") return <p class="stale" role="status"><Icon name="alert" size={16} />{say("stale")}</p>;
  return null;
}

export function Frame({ part, context, children, tools }: { part: Part; context: Item; children: ComponentChildren; tools?: ComponentChildren }) {
  const id = useId();
  const bar = part.title !== undefined || (part.actions ?? []).length > 0 || tools !== undefined;
  return (
    <section class={`part part-${part.kind}`} aria-labelledby={part.title === undefined ? undefined : id}>
      {bar && (
        <div class="part-head">
          {part.title !== undefined && <h2 id={id}>{say(part.title, context)}</h2>}
          {part.help !== undefined && <Help text={say(part.help)} />}
          <span class="grow" />
          {tools}
          {part.actions !== undefined && part.kind !== "actions" && <Buttons actions={part.actions} context={context} />}
        </div>
      )}
      {children}
    </section>
  );
}
