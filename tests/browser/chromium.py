"""The browser of these tests: Debian's chromium without any net but the machine; what drives it comes from npm into
BUILD/npm-browser."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "tests/integration"), str(TOP / "tests/lib")]
from box import BUILD  # noqa: E402

PICTURES = pathlib.Path(BUILD) / "pictures"


def install():
    """The folder in which what drives the browser is installed, or why it is not there."""
    folder, wanted = pathlib.Path(BUILD) / "npm-browser", (HERE / "package.json").read_bytes()
    for tool in ("npm", "chromium"):
        if shutil.which(tool) is None:
            return None, f"there is no {tool}"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed.json"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return folder, None
    (folder / "package.json").write_bytes(wanted)
    done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        return None, f"npm could not install: {done.stdout[-300:]}"
    stamp.write_bytes(wanted)
    return folder, None


@pytest.fixture(scope="module")
def driver():
    folder, why = install()
    if why is not None:
        pytest.skip(f"SKIP browser: {why}")
    return folder


# Words that stand between others in English, and in no other language that the pages are in.
ENGLISH = r"\b(the|and|of|is|are|not|with|which|what|this|that|for|from|there|nothing|nobody|you|your)\b"
# What is shown is told, line by line; not what people named, what runs and what machines said.
LINES = """const copy = document.body.cloneNode(true);
    for (const one of copy.querySelectorAll("code, kbd, pre, script")) one.remove();
    document.body.append(copy);
    const lines = copy.innerText.split("\\n").concat([...copy.querySelectorAll("[aria-label], [title], [placeholder]")].flatMap(
        (one) => ["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name) ?? "")));
    copy.remove();
    return lines;"""


AXE = """await page.evaluate(given);
    const found = await page.evaluate(() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}));
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);"""


class Browser:
    """visit.mjs; what it told so far is in .told."""

    def __init__(self, driver, port, name="nas"):
        self.told, self.name, self.driver, home = [], name, pathlib.Path(driver), f"{driver}/home"
        os.makedirs(home, exist_ok=True)
        self.process = subprocess.Popen(["node", HERE / "visit.mjs", shutil.which("chromium"), str(port), name], cwd=driver, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "HOME": home})

    def next(self):
        line = self.process.stdout.readline()
        assert line, "the browser is gone"
        self.told.append(json.loads(line))
        return self.told[-1]

    def do(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        while not {"done", "failed"} & (said := self.next()).keys():
            pass
        assert "failed" not in said, said
        return said["done"]

    def run(self, code, given=None):
        return self.do(run=code, **{"with": given})

    def play(self, code, given=None):
        """Code that drives the browser itself: page, context and given are there."""
        return self.do(play=code, **{"with": given})

    def each(self, kind):
        return [said[kind] for said in self.told if kind in said]

    def axe(self):
        """What axe-core finds wrong with the page."""
        return self.play(AXE, (self.driver / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))

    def wide(self):
        """What is wider than the screen, or on a telephone than the box that it is in: nobody looks for what is beside the edge."""
        return self.run("""const cut = (one) => one.scrollWidth > one.clientWidth + 1;
            const boxes = innerWidth > 600 ? [] : [...document.querySelectorAll(".table-box")].filter(cut);
            const wide = document.documentElement.scrollWidth > innerWidth ? ["page"] : [];
            for (const one of document.querySelectorAll("dialog button, form button")) {
                const {left, right} = one.getBoundingClientRect();
                if (left < 0 || right > innerWidth) wide.push(`button ${one.innerText}`);
            }
            return wide.concat(boxes.map((one) => `table ${one.querySelector("thead").innerText}: ${one.scrollWidth} > ${one.clientWidth}`));""")

    def english(self, own=()):
        """Lines of the page that look English; own: what may be there, names that people gave."""
        return [line for line in self.run(LINES) if re.search(ENGLISH, line, re.I) and not any(name in line for name in own)]

    def clean(self):
        """It asked nobody but the machine, and no policy and no script complained."""
        assert self.each("asked") and all(url.startswith((f"https://{self.name}/", f"wss://{self.name}/")) for url in self.each("asked")), self.each("asked")
        assert not self.each("violation") and not self.each("error"), self.told

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
