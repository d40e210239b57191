#!/usr/bin/python3
"""The pages in Debian's Chromium, beside the real daemons: how large, how fast, how steady. There is no peer; the figures stand
beside what was promised.

    BUILD=build tests/bench/pages.py [FIGURE ...]     size paint change scroll memory lighthouse, all unless told (npm, root)
    BENCH_ROUNDS=9 BENCH_NICE=-10                     the last for a machine that others use too

Lines: figure, ours, target, met. Figures of time are medians of the rounds, the longest frame is that of the best of three walks
through the table: what a page does it does each time, what the machine does meanwhile it does once.
"""
import contextlib
import gzip
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:1] = [str(TOP / folder) for folder in ("tests/lib", "tests/integration", "tests/browser")]
os.environ.setdefault("BUILD", "build")
from box import BUILD, SHARED, Box  # noqa: E402
from chromium import Browser, install  # noqa: E402
from front import PASSWORD, people, start  # noqa: E402
from meadow import Meadow  # noqa: E402

ROUNDS, NICE = int(os.environ.get("BENCH_ROUNDS", "9")), os.environ.get("BENCH_NICE", "0")
ROWS, UPDATES, BATCH = 10000, 10000, 250
VIEW = {"view": "sheep", "title": {"en": "Sheep"}, "nav": {"group": "system", "order": 500},
        "parts": [{"kind": "table", "method": "nas.meadow.ListSheep", "key": "id", "columns": ["id", "name", "wool"]}]}
AUDITED = ["door", "", "users", "pools", "ledger", "sheep"]
missed = []


def say(figure, ours, unit, target, least=False):
    good = ours >= target if least else ours <= target
    print(f"{figure}\t{ours:g} {unit}\tat {'least' if least else 'most'} {target:g} {unit}\t{'yes' if good else 'no'}", flush=True)
    if not good:
        missed.append(figure)


def family(root):
    """A process and all below it."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
            children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


class Stage:
    """Daemons, people, sheep and a browser in which ada is signed in."""

    def __init__(self, stack, driver):
        self.box = stack.enter_context(Box())
        path = pathlib.Path(SHARED) / "web/views/sheep.json"
        path.write_text(json.dumps(VIEW), encoding="utf-8")
        path.chmod(0o644)
        self.meadow = Meadow(self.box, f"{SHARED}/contracts")
        stack.callback(self.meadow.stop)
        web = start(self.box, BULKHEAD_HOSTS="nas")
        self.ada = people(self.box, web)["admin"]
        self.driver, self.port = driver, self.box.https_port
        self.browser = self.open(stack)
        self.browser.do(go="/")
        self.browser.play("""await page.fill("[name=username]", "ada"); await page.fill("[name=password]", given);
            await page.click("button.primary"); await page.waitForSelector(".shell h1");""", PASSWORD)

    def open(self, stack):
        browser = Browser(self.driver, self.port)
        stack.callback(browser.end)
        self.lift(browser.process.pid)
        return browser

    @staticmethod
    def lift(pid):
        for one in family(pid) if NICE != "0" else ():
            with contextlib.suppress(OSError), open(f"/proc/{one}/autogroup", "w", encoding="ascii") as file:
                file.write(NICE)

    def go(self, address):
        self.browser.play("""await page.evaluate((to) => { location.hash = "#/" + to; }, given); await page.waitForSelector("main h1");""", address)

    def sheep(self, count):
        self.meadow.tell([{"op": "replace", "path": "/sheep", "value": (made := [
            {"id": number, "name": f"Sheep {number}", "wool": "grey"} for number in range(1, count + 1)])}], made)


def size(_):
    app = pathlib.Path(BUILD) / "web/app"
    main = (app / "main.js").read_text(encoding="utf-8")
    needed = [path for path in app.iterdir() if path.name.startswith("main.") or f'from"./{path.name}"' in main]
    say("scripts and styles of the first page, compressed", round(sum(len(gzip.compress(path.read_bytes(), 9)) for path in needed) / 1024, 1), "KB", 80)


def paint(stage):
    """From the last byte of the page that the server answers with until the browser has drawn, with nothing kept from before."""
    browser, took = stage.browser, []
    for _ in range(ROUNDS):
        took.append(browser.play("""const cdp = await context.newCDPSession(page);
            await cdp.send("Network.setCacheDisabled", {cacheDisabled: true});
            await page.goto(given + "?" + Math.random()); await page.waitForSelector(".shell h1");
            return page.evaluate(() => new Promise((done) => new PerformanceObserver((list) => done(
              list.getEntriesByName("first-contentful-paint")[0].startTime - performance.getEntriesByType("navigation")[0].responseEnd)).observe({type: "paint", buffered: true})));""",
            f"https://{browser.name}/"))
    say("first page drawn after the server's answer", round(statistics.median(took)), "ms", 400)


# When the row is in the document, by the clock that the test has too.
SEEN = """window.seen = new Promise((done) => {
    const look = () => { if (!document.querySelector("main").innerText.includes(given)) return false;
        done(performance.timeOrigin + performance.now()); return true; };
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(document.querySelector("main"), {subtree: true, childList: true, characterData: true}); });"""


def change(stage):
    """By curl: from when it begins, with its plan carried out by the hand and in the ledger; and from when a daemon says it."""
    stage.go("groups")
    took, daemon = [], []
    header = ["-H", f"Authorization: Bearer {stage.ada.token}", "-H", "Content-Type: application/json"]
    for number in range(ROUNDS):
        name = f"flock{number}"
        stage.browser.run(SEEN, name)
        begun = time.time()
        done = subprocess.run(["curl", "-ksS", "--fail-with-body", "-o", "/dev/null", "-w", "%{time_total} %{http_code}", "-XPOST", *header, "-d", json.dumps({"name": name}),
                               "--resolve", f"nas:{stage.port}:127.0.0.1", f"https://nas:{stage.port}/api/groups"], stdout=subprocess.PIPE, text=True, check=True)
        took.append(stage.browser.run("return window.seen") - begun * 1000)
        assert done.stdout.endswith("200"), done.stdout
        time.sleep(0.3)
    stage.go("sheep")
    stage.browser.play('await page.waitForSelector("main")')
    stage.sheep(20)
    for number in range(ROUNDS):
        stage.browser.run(SEEN, f"Dolly{number}")
        told = time.time()
        stage.meadow.name(1, f"Dolly{number}")
        daemon.append(stage.browser.run("return window.seen") - told * 1000)
        time.sleep(0.1)
    say("a change by curl is in the open page, from when curl begins", round(statistics.median(took)), "ms", 100)
    say("what a daemon says is in the open page", round(statistics.median(daemon)), "ms", 100)


SCROLL = """return page.evaluate(async () => {
    const box = document.querySelector(".table-box.many"), frames = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    box.scrollTop = 0;
    for (let i = 0; i < 30; i++) await frame();
    let last = performance.now();
    for (let i = 0; i < 240; i++) {
        box.scrollTop += 400; // a fast wheel
        const now = await frame();
        frames.push(now - last);
        last = now;
    }
    frames.sort((a, b) => a - b);
    return {longest: frames.at(-1), usual: frames[120], drawn: document.querySelectorAll("tbody tr").length};
})"""


def scroll(stage):
    stage.go("sheep")
    stage.sheep(ROWS)
    stage.browser.play("""await page.waitForSelector(".table-box.many tbody tr");""")
    stage.lift(stage.browser.process.pid)
    walks = [stage.browser.play(SCROLL) for _ in range(3)]
    best = min(walks, key=lambda walk: walk["longest"])
    say("a table of 10,000 rows scrolls: the longest frame", round(best["longest"]), "ms", 50)
    say("a table of 10,000 rows scrolls: a usual frame", round(best["usual"]), "ms", 34)


HEAP = """const cdp = await context.newCDPSession(page);
    for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
    const {usedSize} = await cdp.send("Runtime.getHeapUsage");
    const {nodes} = await cdp.send("Memory.getDOMCounters");
    return [usedSize, nodes];"""


def memory(stage):
    """Of the page, when all that is not needed was thrown away: after so many updates to warm up, and after 10,000 more."""
    stage.go("sheep")
    stage.sheep(40)

    def update(count, label):
        for number in range(count):
            stage.meadow.name(number % 40, f"{label} {number}")
            if number % BATCH == BATCH - 1: # as fast as the page takes them, not as fast as they can be dropped
                stage.browser.play("""await page.waitForFunction((name) => document.querySelector("main").innerText.includes(name), given, {timeout: 60000});""", f"{label} {number}")

    update(2000, "warm")
    before, nodes = stage.browser.play(HEAP)
    update(UPDATES, "then")
    after, nodes_after = stage.browser.play(HEAP)
    say("memory of a page grows over 10,000 updates", round((after - before) / 1024), "KB", 256)
    say("nodes of a page grow over 10,000 updates", nodes_after - nodes, "nodes", 100)


def lighthouse(stage):
    """As on a desktop; the least of each kind over these pages. What searchers should find is no kind of ours: nothing here is for them."""
    folder = pathlib.Path(BUILD) / "npm-audit"
    folder.mkdir(exist_ok=True)
    shutil.copy(TOP / "tests/bench/audit/package.json", folder)
    subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], cwd=folder, check=True)
    done = subprocess.run(["node", TOP / "tests/bench/audit/audit.mjs", shutil.which("chromium"), str(stage.port), "ada", PASSWORD, *AUDITED],
                          cwd=folder, env={**os.environ, "HOME": str(folder)}, stdout=subprocess.PIPE, text=True, check=True)
    judged = [json.loads(line) for line in done.stdout.splitlines()]
    for kind in ("accessibility", "best-practices", "performance"):
        worst = min(judged, key=lambda page: page[kind])
        say(f"Lighthouse: {kind}, least of {len(judged)} pages ({worst['page']})", worst[kind], "of 100", 95, least=True)
    if "-v" in sys.argv:
        print(json.dumps(judged, indent=1))


FIGURES = (size, paint, change, scroll, memory, lighthouse)


def main():
    wanted = [word for word in sys.argv[1:] if word != "-v"] or [figure.__name__ for figure in FIGURES]
    driver, why = install()
    if why is not None:
        print(f"SKIP pages: {why}")
        return
    print("figure\tours\ttarget\tmet", flush=True)
    with contextlib.ExitStack() as stack:
        stage = Stage(stack, driver) if wanted != ["size"] else None
        for figure in FIGURES:
            if figure.__name__ in wanted:
                figure(stage)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
