"""The pages in a real browser, beside the real daemons: what a person sees and does.

    BUILD=build /usr/bin/python3 -m pytest tests/browser/pages.py      (make browser builds what it needs)
"""
import gzip
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "tests/integration"), str(TOP / "tests/lib")]
from front import PASSWORD, people, start  # noqa: E402
from box import BUILD, Box  # noqa: E402
from chromium import PICTURES, Browser, driver  # noqa: E402, F401

if os.geteuid() != 0:
    pytest.skip("SKIP browser: the box needs root", allow_module_level=True)

FIRST_PAGE_BYTES = 80 * 1024


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box):
    PICTURES.mkdir(exist_ok=True)
    return start(box, BULKHEAD_HOSTS="nas")


@pytest.fixture(scope="module")
def ada(first, box, web):
    return people(box, web)["admin"]


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


def test_the_set_up_code_makes_the_first_administrator(first):
    assert "The First" in first and "Administrator" in first


def test_the_first_page_is_small():
    """Scripts and styles that it needs, compressed as they are sent."""
    app = pathlib.Path(BUILD) / "web/app"
    main = (app / "main.js").read_text(encoding="utf-8")
    needed = [path for path in app.iterdir() if path.name.startswith("main.") or f'from"./{path.name}"' in main]
    assert len(needed) >= 2
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in needed) <= FIRST_PAGE_BYTES


def test_a_user_is_made_seen_by_others_and_deleted(box, ada, browser):
    sign_in(browser)
    browser.do(go="/#/users")
    browser.play("""await page.waitForSelector("tbody tr");
        await page.click("text=Add a user");
        await page.fill("dialog [name=username]", "alice");
        await page.selectOption("dialog [name=role]", "admin");
        await page.fill("dialog [name=password]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");""", PASSWORD)
    assert "alice" not in box.accounts(), "the plan alone changes nothing"
    assert "useradd" in browser.run("return document.querySelector('.literal').textContent")
    browser.play("""await page.fill("[name=confirm-proof]", given);
        await page.click("dialog .primary");
        await page.waitForSelector("tbody tr:has-text('alice')");""", PASSWORD)
    assert "alice" in box.accounts()
    assert ada.ask("PATCH", "/api/users/vera", {"full_name": "Vera of another window"}).status == 200
    browser.play("""await page.waitForSelector("text=Vera of another window");
        await page.click("[aria-label='Actions for alice']");
        await page.click("[role=menuitem]:has-text('Delete')");
        await page.waitForSelector(".steps-words");""")
    assert browser.play("return page.isDisabled('dialog .primary')"), "the name is asked for first"
    browser.play("""await page.fill("[name=confirm-name]", "alice");
        await page.fill("[name=confirm-proof]", given);
        await page.click("dialog .primary");
        await page.waitForSelector("tbody tr:has-text('alice')", {state: "detached"});""", PASSWORD)
    assert "alice" not in box.accounts()
    browser.clean()


def test_what_a_field_may_not_be_is_said_beside_it(ada, browser):
    sign_in(browser)
    browser.do(go="/#/users")
    browser.play("""await page.click("text=Add a user");
        await page.fill("dialog [name=username]", "NOT SO");
        await page.click("dialog .primary");
        await page.waitForSelector("dialog .wrong:has-text('must be')");""")
    assert browser.run("return document.querySelector('dialog [name=username]').getAttribute('aria-invalid')") == "true"


def test_a_view_is_only_for_those_who_may_use_it(ada, box, browser):
    vera = ada.again()
    vera.sign_in("vera", PASSWORD)
    assert ada.get("/api/ui").json["role"] == "admin" and vera.get("/api/ui").json["role"] == "viewer"
    seen = {view["view"] for view in vera.get("/api/ui/").json["views"]}
    assert "users" in {view["view"] for view in ada.get("/api/ui").json["views"]} - seen
    assert ada.again().get("/api/ui").json == {"role": "nobody", "views": []}
    assert vera.get("/views/users.json").status == 404
    assert "DeleteUser" not in vera.get("/api/ui").text and "DeleteUser" in ada.get("/api/ui").text
