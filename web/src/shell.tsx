// What is around every page: the way to all views, who is signed in, what is under way, and whether the machine is heard.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Changes, begin, nameOf } from "./change";
import { method } from "./contracts";
import { Icon, Logo } from "./icons";
import { Menu, Notices } from "./overlay";
import { Parts } from "./parts";
import { address, here, href, navigation, role, views } from "./route";
import { signOut, user } from "./session";
import { useMethod } from "./source";
import { connected } from "./stream";
import { LANGUAGES, language, say, speak, told, word } from "./texts";
import type { Action, Item, Part, View } from "./view";

const opened = signal(false);  // the drawer, where there is no room for it beside
const palette = signal(false);
export const theme = signal(localStorage.getItem("theme") ?? "system");
theme.subscribe((value) => {
  document.documentElement.dataset["theme"] = value;
  localStorage.setItem("theme", value);
});

function Navigation() {
  const now = here.value?.view.view;
  const list = useRef<HTMLElement>(null);
  useEffect(() => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }), [now]);
  return (
    <nav ref={list} id="navigation" class={opened.value ? "navigation open" : "navigation"} aria-label={say("navigation")}>
      <a class="brand" href="#/"><Logo />Bulkhead</a>
      {navigation.value.map(({ group, views: list }) => (
        <div class="navigation-group" key={group}>
          <p class="navigation-title">{say(`group.${group}`)}</p>
          <ul>
            {list.map((one) => (
              <li key={one.view}><a href={href(one.view)} aria-current={one.view === now ? "page" : undefined} onClick={() => (opened.value = false)}>
                <Icon name={one.icon ?? "cube"} />{say(one.title)}</a></li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

interface Job { id: number; method: string; description: string; state: string; percent: number; words: string; abortable: boolean }

/** What is under way, on every page; it is the machine's own list, so it is there again after a reload. */
function Jobs() {
  const seen = useMethod("nas.job.ListJobs", {}, role.value !== "nobody").value;
  const running = (Array.isArray(seen.value) ? (seen.value as Job[]) : []).filter((one) => one.state === "running" || one.state === "waiting");
  const [shown, show] = useState(false);
  useEffect(() => { // what is over in a moment is not worth a bar
    const timer = window.setTimeout(() => show(running.length > 0), running.length > 0 ? 400 : 0);
    return () => window.clearTimeout(timer);
  }, [running.length > 0]);
  if (!shown || running.length === 0) return null;
  return (
    <aside class="jobs" aria-label={say("jobs.running")}>
      {running.slice(0, 4).map((job) => (
        <div class="job" key={`${job.method}${job.id}`}>
          <span class="job-name" dir="auto">{told(job.description)}<span class="quiet"> {told(job.words)}</span></span>
          <progress class="bar tone-calm" max={100} value={job.percent} aria-label={job.description} />
          <span class="job-percent">{job.percent} %</span>
          {job.abortable && method("nas.job.AbortJob") !== undefined && ["operator", "admin"].includes(role.value) &&
            <button type="button" class="icon-button small" aria-label={say("jobs.abort", { what: job.description })} onClick={() => begin({ method: "nas.job.AbortJob" }, { id: job.id })}><Icon name="close" size={16} /></button>}
        </div>
      ))}
    </aside>
  );
}

function Lost() {
  const [late, beLate] = useState(false);
  const lost = connected.value === "lost";
  useEffect(() => {
    const timer = window.setTimeout(() => beLate(lost), lost ? 700 : 0);
    return () => window.clearTimeout(timer);
  }, [lost]);
  return <div role="status" aria-live="assertive">{late && lost && <p class="lost"><Icon name="alert" size={18} />{say("lost")}</p>}</div>;
}

interface Found { name: string; where: string; icon: string; run: () => void }

/** What can be done without anything being chosen first. */
function actionsOf(view: View): Action[] {
  const all = (parts: Part[]): Action[] => parts.flatMap((one) => [...(one.actions ?? []), ...all(one.parts ?? [])]);
  return view.at?.includes("{") ? [] : all(view.parts).filter((one) => one.when === undefined);
}

function everything(): Found[] {
  const pages = navigation.value.flatMap((group) => group.views.map((one) => ({
    name: say(one.title), where: say(`group.${group.group}`), icon: one.icon ?? "cube", run: () => void (location.hash = href(one.view)),
  })));
  const things = views.value.flatMap((view) => actionsOf(view).map((one) => ({ name: nameOf(one), where: say(view.title), icon: one.icon ?? "play", run: () => begin(one, {}) })));
  const own = [
    { name: say("signout"), where: user.value?.username ?? "", icon: "out", run: () => void signOut() },
    { name: say("theme.other"), where: say("palette.look"), icon: "moon", run: () => (theme.value = theme.value === "dark" ? "light" : "dark") },
  ];
  return [...pages, ...things, ...own];
}

/** Everything there is, found by a few letters. */
function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(""), [chosen, choose] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  const wanted = text.trim().toLowerCase();
  const list = everything().filter((one) => `${one.name} ${one.where}`.toLowerCase().includes(wanted)).slice(0, 12);
  const run = (one: Found | undefined): void => {
    palette.value = false;
    one?.run();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") choose((chosen + 1) % Math.max(1, list.length));
    else if (event.key === "ArrowUp") choose((chosen + list.length - 1) % Math.max(1, list.length));
    else if (event.key === "Enter") run(list[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="palette" aria-label={say("palette")} onCancel={() => (palette.value = false)} onClick={(event) => event.target === dialog.current && (palette.value = false)}>
      <div class="palette-inside">
        <input role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant={list[chosen] === undefined ? undefined : `found-${chosen}`} aria-label={say("palette")}
          placeholder={say("palette")} value={text} onKeyDown={key} onInput={(event) => {
            setText(event.currentTarget.value);
            choose(0);
          }} />
        <div role="listbox" id="found" aria-label={say("palette")}>
          {list.map((one, index) => (
            <div role="option" id={`found-${index}`} aria-selected={index === chosen} onClick={() => run(one)} onMouseMove={() => choose(index)}>
              <Icon name={one.icon} size={18} /><span>{one.name}</span><span class="quiet">{one.where}</span>
            </div>
          ))}
        </div>
        {list.length === 0 && <p class="quiet pad">{say("nothing.found")}</p>}
      </div>
    </dialog>
  );
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && role.value !== "nobody") {
    event.preventDefault();
    palette.value = !palette.value;
  } else if (event.key === "Escape") {
    opened.value = false;
  }
});

function Header() {
  const themes = ["system", "light", "dark"];
  return (
    <header class="top">
      <button type="button" class="icon-button drawer-button" aria-expanded={opened.value} aria-controls="navigation" aria-label={say("navigation")} onClick={() => (opened.value = !opened.value)}><Icon name="menu" /></button>
      <button type="button" class="palette-button" onClick={() => (palette.value = true)}><Icon name="search" size={18} /><span>{say("palette")}</span><kbd>Ctrl K</kbd></button>
      <span class="grow" />
      <Menu label={say("palette.look")} entries={[
        ...themes.map((one) => ({ name: say(`theme.${one}`), icon: one === "dark" ? "moon" : one === "light" ? "sun" : "monitor", run: () => void (theme.value = one) })),
        ...Object.entries(LANGUAGES).filter(([code]) => code !== language.value).map(([code, name]) => ({ name, icon: "globe", run: () => void speak(code) })),
      ]}><Icon name="palette" /></Menu>
      <Menu class="user-button" label="" entries={[
        ...views.value.filter((one) => one.view === "account").map((one) => ({ name: say(one.title), icon: one.icon ?? "people", run: () => void (location.hash = href(one.view)) })),
        { name: say("signout"), icon: "out", run: () => void signOut() },
      ]}>
        <span class="avatar" aria-hidden="true">{(user.value?.full_name ?? user.value?.username ?? "?").charAt(0).toUpperCase()}</span>
        <span class="user-words"><span dir="auto">{user.value?.full_name ?? user.value?.username}</span><span class="quiet small">{word(user.value?.role ?? "")}</span></span>
      </Menu>
    </header>
  );
}

function Page() {
  const found = here.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const place = address.value;
  const title = found === undefined ? say("nowhere.title") : (found.view.name === undefined ? undefined : String(found.params[found.view.name] ?? "")) ?? say(found.view.title);
  useEffect(() => {
    document.title = `${title} · Bulkhead`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [place]);
  if (found === undefined)
    return <main id="main" class="page"><h1 ref={heading} tabIndex={-1}>{title}</h1><p class="lead">{say("nowhere.text")}</p></main>;
  const { view, params } = found;
  const back = views.value.find((one) => one.view === view.back);
  const context: Item = { ...params, at: params, host: location.hostname, me: user.value as unknown as Item };
  return (
    <main id="main" class="page">
      <div class="page-head">
        {back !== undefined && <a class="back" href={href(back.view, params)}><Icon name="back" size={18} />{say(back.title)}</a>}
        <h1 ref={heading} tabIndex={-1}><bdi>{title}</bdi></h1>
        {view.help !== undefined && <p class="lead">{say(view.help)}</p>}
      </div>
      <div class="parts" key={place}><Parts parts={view.parts} context={context} /></div>
    </main>
  );
}

export function Shell() {
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("main h1")?.focus()}>{say("skip")}</button>
      <Navigation />
      {opened.value && <div class="shade" onClick={() => (opened.value = false)} />}
      <div class="beside">
        <Header />
        <Lost />
        <Page />
        <Jobs />
      </div>
      <Changes />
      {palette.value && <Palette />}
      <Notices />
    </div>
  );
}
