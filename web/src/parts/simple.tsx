// Cards, details, forms, wizards, actions and notes.
import { useState } from "preact/hooks";
import { Change } from "../change";
import { fieldAt, words, type Type } from "../contracts";
import { Fields, plainText, Value } from "../format";
import { Icon } from "../icons";
import type { PartProps } from "../parts";
import { has, href } from "../route";
import { useItems, useSource } from "../source";
import { say, word } from "../texts";
import { at, column, holds, type Action, type Column, type Item } from "../view";
import { Buttons, Frame, Nothing, RowMenu, State } from "./frame";

/** What a card is called: a name, or a word of the machine's. */
function titleOf(row: Item, name: string, type: Type | undefined): string {
  const field = fieldAt(type, name);
  return field !== undefined && words(field.type) !== undefined ? word(String(at(row, name))) : plainText(at(row, name));
}

export function Cards({ part, context }: PartProps) {
  const { seen, rows, type } = useItems(part, context);
  const name = part.name ?? "name";
  const opens = part.open !== undefined && has(part.open) ? part.open : undefined;
  const fields = (part.fields ?? []) as (string | Column)[];
  const Heading = part.title === undefined ? "h2" : "h3";
  if (seen.value !== undefined && rows.length === 0 && part.empty?.view !== undefined && has(part.empty.view)) return <Nothing empty={part.empty} context={context} />;
  return (
    <Frame part={part} context={context}>
      <State seen={seen} />
      {seen.value !== undefined && rows.length === 0 && <Nothing empty={part.empty} context={context} />}
      <ul class="cards">
        {rows.map((row) => {
          const title = titleOf(row, name, type);
          const whole = { ...context, ...row };
          const first = (part.row ?? []).filter((one) => one.tone === "primary");
          return (
            <li class={opens === undefined ? "card" : "card opens"} key={title}>
              <header>
                <Icon name={part.icon ?? "cube"} />
                <Heading>{opens === undefined ? <bdi>{title}</bdi> : <a class="opener" href={href(opens, whole)}><bdi>{title}</bdi></a>}</Heading>
                <span class="grow" />
                <RowMenu actions={(part.row ?? []).filter((one) => one.tone !== "primary")} item={row} context={context} name={title} />
              </header>
              <Fields item={row} fields={fields} type={type} context={context} />
              {first.some((one) => holds(one.when, whole)) && <div class="buttons"><Buttons actions={first} context={whole} /></div>}
            </li>
          );
        })}
      </ul>
    </Frame>
  );
}

export function Detail({ part, context }: PartProps) {
  const { seen, value, type } = useSource(part, context);
  const item = value === null || typeof value !== "object" ? undefined : (value as Item);
  const whole = { ...context, ...item };
  return (
    <Frame part={{ ...part, actions: item === undefined ? [] : part.actions ?? [] }} context={whole}>
      <State seen={seen} />
      {item !== undefined && <div class="panel"><Fields item={item} fields={(part.fields ?? []) as (string | Column)[]} type={type} context={context} /></div>}
      {seen.is === "live" && item === undefined && <Nothing empty={part.empty} context={context} />}
    </Frame>
  );
}

const ENDS = ["method", "with", "fields", "steps", "from", "confirm", "to", "then", "show"] as const;

/** A form that is part of a page; after it was sent it begins anew. */
export function FormPart({ part, context }: PartProps) {
  const [round, again] = useState(0);
  if (part.method === undefined) return null;
  const action = Object.fromEntries(ENDS.filter((one) => part[one] !== undefined).map((one) => [one, part[one]])) as Action;
  return (
    <Frame part={part} context={context}>
      <div class="panel"><Change key={round} page action={action} context={context} close={() => again(round + 1)} /></div>
    </Frame>
  );
}

export const Wizard = FormPart;

export function Actions({ part, context }: PartProps) {
  return (
    <Frame part={part} context={context}>
      <div class="buttons"><Buttons actions={part.actions ?? []} context={context} /></div>
    </Frame>
  );
}

export function Note({ part, context }: PartProps) {
  return (
    <section class={`note tone-${part.tone ?? "calm"}`}>
      <Icon name={part.icon ?? "info"} />
      <div>
        {part.title !== undefined && <h2>{say(part.title, context)}</h2>}
        {part.text !== undefined && say(part.text, context).split("\n").map((line) => <p key={line}>{line}</p>)}
        {part.actions !== undefined && <div class="buttons"><Buttons actions={part.actions} context={context} /></div>}
      </div>
    </section>
  );
}

export function Cell({ item, one, type }: { item: Item; one: string | Column; type: Parameters<typeof Value>[0]["type"] }) {
  return <Value item={item} column={column(one)} type={type} />;
}
