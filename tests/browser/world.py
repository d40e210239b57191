"""Where the pages are tested: the real daemons with people and things in them, and a browser that visits them. Each file of tests
has a world of its own: from world import *."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "tests/integration"), str(TOP / "tests/lib")]
from dropin import CONTRACT  # noqa: E402
from front import PASSWORD, patiently, people, start, start_front  # noqa: E402, F401
from box import BUILD, SHARED, Box  # noqa: E402, F401
from chromium import PICTURES, Browser, driver  # noqa: E402, F401

if os.geteuid() != 0:
    pytest.skip("SKIP browser: the box needs root", allow_module_level=True)

MANY = 10000
HOSTILE = ['<img src=x onerror="alert(1)">', "\u05e9\u05dc\u05d5\u05dd (1) abc", "' or 1=1 --", "<script>alert(1)</script>", "\u00e4" * 32]
# A module of one's own: a contract, a daemon, and this.
TOYS_VIEW = {
    "view": "toys", "title": {"en": "Toys", "de": "Spielzeug"}, "icon": "cube", "nav": {"group": "system", "order": 500},
    "parts": [{"kind": "table", "method": "nas.toys.ListToys", "key": "id", "columns": ["name", "colour"],
               "row": [{"method": "nas.toys.PaintToy"}]}],
}


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def toys(box):
    """A module that is dropped in, with many things in it."""
    for path, text in (("contracts/nas.toys.varlink", CONTRACT.replace("@max 100", f"@max {MANY}").replace("@range 1 1000", f"@range 1 {MANY}")),
                       ("web/views/toys.json", json.dumps(TOYS_VIEW))):
        with open(f"{SHARED}/{path}", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644)
    daemon = subprocess.Popen([sys.executable, f"{TOP}/tests/lib/toys.py", "/run/bulkhead/toys.sock", f"{box.work}/toys.log", str(MANY)])
    yield daemon
    daemon.kill()
    daemon.wait()


@pytest.fixture(scope="module")
def web(box, toys):
    PICTURES.mkdir(exist_ok=True)
    return start(box, BULKHEAD_HOSTS="nas")


@pytest.fixture(scope="module")
def once(first, box, web):
    return people(box, web)["admin"]


@pytest.fixture
def ada(once):
    """Where a machine takes its time, sessions end before the tests do."""
    if once.get("/api/auth/me").status == 401:
        once.sign_in("ada", PASSWORD)
    return once


@pytest.fixture
def browser(driver, box, web):
    made = Browser(driver, box.https_port)
    yield made
    made.end()


def sign_in(browser, name="ada", password=PASSWORD):
    assert browser.do(go="/") == 200
    browser.play("""await page.fill("[name=username]", given[0]);
        await page.fill("[name=password]", given[1]);
        await page.click("button.primary");
        await page.waitForSelector(".shell h1");""", [name, password])


@pytest.fixture(scope="module")
def first(driver, box, web):
    """Before there is anybody: the set-up code makes the administrator."""
    code = box.field(box.ask("console_setup_code"))[0]
    browser = Browser(driver, box.https_port)
    assert browser.do(go="/") == 200
    browser.play("""await page.fill("[name=setup_code]", given[0]);
        await page.fill("[name=username]", "first");
        await page.fill("[name=full_name]", "The First");
        await page.fill("[name=password]", given[1]);
        await page.click("button.primary");
        await page.waitForSelector(".shell h1");""", [code, PASSWORD])
    said = browser.run("return document.querySelector('.user-button').innerText")
    browser.clean()
    browser.end()
    return said


@pytest.fixture
def filled(furniture, ada):
    return ada


@pytest.fixture(scope="module")
def furniture(box, once):
    """Something on every page, with hostile names among it."""
    ada = once
    for number, name in enumerate(HOSTILE):
        answer = ada.change("POST", "/api/auth/keys", {"name": name, "role": "viewer"}, PASSWORD)
        assert answer.status == 200, answer
        assert ada.ask("PATCH", f"/api/users/{('vera', 'ursula', 'otto')[number % 3]}", {"full_name": name.replace(",", "").replace("=", "")}).status in (200, 422)
    for name in ("family", "work"):
        assert ada.post("/api/groups", {"name": name}).status == 200
        assert ada.ask("PUT", f"/api/groups/{name}/members/vera").status == 200


def addresses(ada):
    """Of every view that has one without parameters, and one of each with them."""
    plain = [view.get("at", view["view"]) for view in ada.get("/api/ui").json["views"]]
    return ["", *(at for at in plain if "{" not in at), "users/vera", "disks/absent", "pools/absent", "datasets/absent/absent", "shares/1"]


def visit(browser, address):
    browser.play("""await page.evaluate((to) => { location.hash = "#/" + to; }, given);
        await page.waitForSelector("main h1");
        await page.waitForFunction(() => !document.querySelector(".loading"), null, {timeout: 60000});""", address)
