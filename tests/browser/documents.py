"""The documentation in a real browser: the pages below /api/docs/, and the example of docs/stream.md as it stands there.

    BUILD=build /usr/bin/python3 -m pytest tests/browser/documents.py      (make browser builds what it needs)
"""
import os
import pathlib
import re
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "tests/integration"), str(TOP / "tests/lib")]
from front import PASSWORD, people, start  # noqa: E402
from box import Box  # noqa: E402
from chromium import PICTURES, Browser, driver  # noqa: E402, F401

if os.geteuid() != 0:
    pytest.skip("SKIP browser: the box needs root", allow_module_level=True)

def test_no_page_names_another_machine():
    """What stands in the files; the namespace of SVG is a name and no address."""
    for path in sorted(path for name in ("docs", "index.html", "icon.svg") for path in [TOP / "web" / name, *(TOP / "web" / name).rglob("*.*")]):
        if path.is_dir():
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|[\"'(]//|@import|style=|\son[a-z]+=|innerHTML|<style|<script(?! (type=\"module\" )?src=\"/)", text), path


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def ada(box):
    PICTURES.mkdir(exist_ok=True)
    return people(box, start(box, BULKHEAD_HOSTS="nas"))["admin"]


@pytest.fixture
def browser(driver, box, ada):
    made = Browser(driver, box.https_port)
    yield made
    made.end()


def example():
    """The code that docs/stream.md shows."""
    found = re.findall(r"```js\n(.*?)```", (TOP / "docs/stream.md").read_text(encoding="utf-8"), re.S)
    assert len(found) == 1
    return found[0]


def test_the_documentation_is_readable_without_any_net(ada, browser):
    assert browser.do(go="/api/docs/") == 200
    routes = browser.run("return document.querySelectorAll('details').length")
    known = ada.get("/api/openapi.json").json
    assert routes == sum(len(verbs) for verbs in known["paths"].values()) > 30
    browser.do(picture=f"{PICTURES}/docs.png")
    browser.run("document.getElementById('usersCreateUser').open = true")
    browser.run("document.getElementById('usersCreateUser').scrollIntoView()")
    assert "curl" in browser.run("return document.getElementById('usersCreateUser').innerText")
    browser.do(picture=f"{PICTURES}/docs-route.png")
    browser.do(type=["#find", "certificate"])
    shown = browser.run("return [...document.querySelectorAll('details')].filter((one) => !one.hidden).length")
    assert 0 < shown < routes
    browser.do(type=["#find", ""])
    browser.run("scrollTo(0, 0)")
    browser.do(dark=True)
    browser.do(wide=400)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "fits on a telephone"
    browser.do(picture=f"{PICTURES}/docs-telephone.png")
    for page in ("/api/docs/errors", "/api/docs/stream"):
        assert browser.do(go=page) == 200
        browser.do(picture=f"{PICTURES}/{page.strip('/').replace('/', '-') or 'start'}.png")
    browser.clean()


def test_the_example_of_the_stream_runs_as_it_stands(ada, browser):
    assert browser.do(go="/api/docs/stream") == 200
    assert browser.run("return document.getElementById('example').textContent") == example()
    ticket = ada.again()
    ticket.sign_in("vera", PASSWORD)
    browser.run(f"const ticket = given;\n{example()}", ticket.token)
    while not browser.each("console"):
        browser.next()
    state = browser.each("console")[0][0]
    assert state["id"] == 1 and state["state"] == ada.get("/api/groups").json and state["version"], state
    assert ada.post("/api/groups", {"name": "shown"}).status == 200
    while len(browser.each("console")) < 2:
        browser.next()
    patch = browser.each("console")[1][0]
    assert patch["id"] == 1 and patch["patch"][0]["value"]["name"] == "shown", patch
    browser.clean()
