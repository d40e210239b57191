// What lies above the page: dialogs, menus and short notices.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { say } from "./texts";

export function Dialog({ title, close, children, wide }: { title: string; close: () => void; children: ComponentChildren; wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const back = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => back?.focus();
  }, []);
  return (
    <dialog ref={dialog} class={wide ? "wide" : ""} aria-labelledby={id} onCancel={(event) => {
      event.preventDefault();
      close();
    }}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="icon-button" aria-label={say("close")} onClick={close}><Icon name="close" /></button>
      </header>
      {children}
    </dialog>
  );
}

export interface Entry { name: string; icon?: string; tone?: string | undefined; run: () => void }

/** A button that opens a list of things to do: arrows move, Escape closes. */
export function Menu({ entries, label: name, children, class: style }: { entries: Entry[]; label: string; children: ComponentChildren; class?: string }) {
  const [open, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null), button = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState({ top: 0, end: 0 });
  useEffect(() => {
    if (!open) return undefined;
    list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event): void => {
      if (!list.current?.contains(event.target as Node) && !button.current?.contains(event.target as Node)) setOpen(false);
    };
    const gone = (): void => setOpen(false);
    addEventListener("pointerdown", away);
    addEventListener("resize", gone);
    addEventListener("scroll", gone, true);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("resize", gone);
      removeEventListener("scroll", gone, true);
    };
  }, [open]);
  const toggle = (event: Event): void => {
    event.stopPropagation();
    const box = button.current!.getBoundingClientRect();
    const below = innerHeight - box.bottom > 40 * entries.length + 24;
    setPlace({ top: below ? box.bottom + 4 : Math.max(8, box.top - 40 * entries.length - 20), end: document.documentElement.dir === "rtl" ? box.left : document.documentElement.clientWidth - box.right });
    setOpen(!open);
  };
  const move = (event: KeyboardEvent): void => {
    const all = [...list.current!.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const index = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: all.length - 1 }[event.key];
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      setOpen(false);
      button.current?.focus();
    }
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };
  return (
    <span class="menu-holder">
      <button ref={button} type="button" class={style ?? "icon-button"} aria-haspopup="menu" aria-expanded={open} aria-label={name || undefined} title={name || undefined} onClick={toggle}>{children}</button>
      {open && (
        <div ref={list} class="menu" role="menu" aria-label={name || say("actions")} onKeyDown={move} style={{ top: `${place.top}px`, insetInlineEnd: `${place.end}px` }}>
          {entries.map((entry) => (
            <button type="button" role="menuitem" tabIndex={-1} class={entry.tone === "bad" ? "danger" : ""} onClick={(event) => {
              event.stopPropagation();
              setOpen(false);
              button.current?.focus();
              entry.run();
            }}>
              <Icon name={entry.icon ?? "next"} size={18} />{entry.name}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}

interface Notice { id: number; text: string; tone: string }
const notices = signal<Notice[]>([]);
let count = 0;

export function notify(text: string, tone = "good"): void {
  const id = ++count;
  notices.value = [...notices.value.slice(-1), { id, text, tone }];
  window.setTimeout(() => (notices.value = notices.value.filter((one) => one.id !== id)), 6000);
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map((one) => (
        <p class={`notice tone-${one.tone}`} key={one.id}><Icon name={one.tone === "good" ? "check" : "alert"} />{one.text}</p>
      ))}
    </div>
  );
}
