"""The pages in a real browser, beside the real daemons: what a person sees and does.

    BUILD=build /usr/bin/python3 -m pytest tests/browser/pages.py      (make browser builds what it needs)
"""
import gzip
import pathlib
import subprocess

import pytest

from world import *  # noqa: F403
from world import BUILD, HOSTILE, MANY, PASSWORD, PICTURES, addresses, patiently, sign_in, start_front, visit

FIRST_PAGE_BYTES = 80 * 1024
ON_PAPER = """return [".issued .codes", "dialog h2", "nav", ".top", "main", ".issued button", ".dialog-head button"].filter(
    (name) => [...document.querySelectorAll(name)].some((one) => one.checkVisibility({visibilityProperty: true})));"""


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


# --- all pages ---

@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_for_everybody(filled, browser, dark, width):
    """axe-core finds nothing, nothing is wider than the screen, and no page complains."""
    browser.do(dark=dark)
    browser.do(wide=width)
    assert browser.do(go="/") == 200
    browser.play('await page.waitForSelector("[name=username]")')
    assert browser.axe() == [], "the door"
    sign_in(browser)
    for address in addresses(filled):
        visit(browser, address)
        browser.do(picture=f"{PICTURES}/{(address or 'home').replace('/', '-')}-{width}-{'dark' if dark else 'light'}.png")
        assert browser.axe() == [], address
        assert browser.wide() == [], address
    errors = [error for error in browser.each("error") if "404" not in error] # of what is not there
    assert not errors and not browser.each("violation"), (errors, browser.each("violation"))
    assert all(url.startswith(("https://nas/", "wss://nas/")) for url in browser.each("asked"))


def test_hostile_names_are_names(filled, browser):
    sign_in(browser)
    visit(browser, "keys")
    shown = browser.run("return [...document.querySelectorAll('tbody td:first-child')].map((cell) => cell.textContent)")
    assert sorted(shown) == sorted(HOSTILE)
    assert browser.run("return document.querySelectorAll('main img, main script').length") == 0
    browser.clean()


# --- one's own account ---

def test_a_key_is_shown_once(ada, browser):
    sign_in(browser)
    visit(browser, "keys")
    browser.play("""await page.click("text=New key");
        await page.fill("dialog [name=name]", "backup");
        await page.selectOption("dialog [name=role]", "viewer");
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");
        await page.fill("[name=confirm-proof]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".issued code");""", PASSWORD)
    key = browser.run("return document.querySelector('.issued code.long').textContent")
    assert ada.again(token=key).get("/api/auth/me").json["username"] == "ada"
    browser.play("""await page.click("dialog .primary"); await page.waitForSelector("tbody tr:has-text('backup')");""")
    assert key not in browser.run("return document.documentElement.innerHTML")
    browser.clean()


def test_a_second_factor_is_set_up_and_asked_for(ada, browser):
    """By what the page shows, and nothing else."""
    sign_in(browser, "otto")
    visit(browser, "account")
    browser.play("""await page.click("text=Set up a second factor");
        await page.fill("dialog [name=password]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".issued .qr");""", PASSWORD)
    key = browser.run("return [...document.querySelectorAll('.issued code.long')].at(-1).textContent")
    code = subprocess.run(["oathtool", "--totp", "--base32", key], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    browser.play("""await page.click("dialog .primary");
        await page.fill("dialog [name=code]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");
        await page.click("dialog .primary");
        await page.waitForSelector(".codes li");""", code)
    recovery = browser.run("return [...document.querySelectorAll('.codes code')].map((one) => one.textContent)")
    assert len(recovery) >= 8
    browser.play('await page.emulateMedia({media: "print"})')
    assert browser.run(ON_PAPER) == [".issued .codes", "dialog h2"], "they are alone on paper"
    browser.play('await page.emulateMedia({media: "screen"})')
    browser.play("""await page.click("dialog .primary");
        await page.click(".user-button");
        await page.click("[role=menuitem]:has-text('Sign out')");
        await page.waitForSelector("[name=username]");
        await page.click("text=I have a code");
        await page.fill("[name=username]", "otto");
        await page.fill("[name=password]", given[0]);
        await page.fill("[name=code]", given[1]);
        await page.click("button.primary");
        await page.waitForSelector(".shell h1");""", [PASSWORD, recovery[0]])
    browser.clean()


# --- what goes wrong ---

def test_a_lost_connection_is_told_and_heals(box, ada, browser):
    sign_in(browser)
    visit(browser, "groups")
    box.stop("api")
    browser.play("""await page.waitForSelector(".lost");""")
    start_front(box, BULKHEAD_HOSTS="nas")
    patiently(lambda: ada.post("/api/groups", {"name": "later"}))
    browser.play("""await page.waitForSelector(".lost", {state: "detached"});
        await page.waitForSelector("tbody tr:has-text('later')");""")


def test_a_helper_that_is_away_is_told_and_heals(box, ada, browser):
    sign_in(browser)
    visit(browser, "groups")
    browser.play("""await page.waitForSelector("tbody tr");""")
    box.stop("users-clerk")
    browser.play("""await page.waitForSelector(".stale"); await page.waitForSelector("tbody tr");""")
    box.start("users-clerk")
    browser.play("""await page.waitForSelector(".stale", {state: "detached"});""")


def test_a_database_that_is_away_is_told_and_heals(box, ada, browser):
    """What is known is there, nothing can be changed, and it goes on without a reload."""
    sign_in(browser)
    visit(browser, "groups")
    box.stop_database()
    browser.play("""await page.click("main button:has-text('New group')");
        await page.fill("dialog [name=name]", "patient");
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");
        await page.click(".plan button.primary");
        await page.waitForSelector("dialog .trouble:has-text('database')");
        await page.waitForSelector("main .part-table");""")
    box.start_database()
    browser.play("""for (let i = 0; i < 60 && await page.locator("dialog").count(); i++) {
          await page.click(".plan button.primary");
          await page.waitForSelector("dialog .trouble, tbody tr:has-text('patient')");
          await page.waitForTimeout(500);
        }
        await page.waitForSelector("tbody tr:has-text('patient')");""")


def test_what_is_not_for_this_role_is_not_there(ada, browser):
    sign_in(browser, "vera")
    shown = browser.run("return [...document.querySelectorAll('nav a')].map((one) => one.getAttribute('href'))")
    assert "#/disks" in shown and "#/users" not in shown and "#/ledger" not in shown
    visit(browser, "users")
    assert "not for your role" in browser.run("return document.querySelector('main').innerText")
    visit(browser, "pools")
    assert browser.run("return document.querySelectorAll('main button.primary').length") == 0
    browser.clean()


# --- much ---

def test_many_rows_scroll(ada, browser):
    """Only what is in sight is drawn. The longest frame is told, not judged: this machine has other things to do."""
    sign_in(browser)
    visit(browser, "toys")
    browser.play("""await page.waitForSelector(".table-box.many tbody tr");""")
    assert browser.run("return Number(document.querySelector('table').getAttribute('aria-rowcount'))") == MANY + 1
    took = browser.play("""return page.evaluate(async () => {
        const box = document.querySelector(".table-box.many");
        const frames = [], idle = [];
        let last = performance.now(), most = 0;
        for (let i = 0; i < 60; i++) { // of a page that stands still, beside which the rest is to be seen
            await new Promise((done) => requestAnimationFrame(done));
            idle.push(performance.now() - last);
            last = performance.now();
        }
        idle.sort((a, b) => a - b);
        for (let i = 0; i < 120; i++) {
            box.scrollTop += 200; // a fast wheel
            await new Promise((done) => requestAnimationFrame(done));
            frames.push(performance.now() - last);
            last = performance.now();
            most = Math.max(most, document.querySelectorAll("tbody tr").length);
        }
        box.scrollTop = box.scrollHeight;
        while (!box.querySelector("tbody").innerText.includes("Toy 10000")) await new Promise((done) => requestAnimationFrame(done));
        frames.sort((a, b) => a - b);
        return {longest: Math.round(frames.at(-1)), usual: Math.round(frames[60]), idle: Math.round(idle[30]), most};
    })""")
    print(f"10,000 rows: a frame takes {took['usual']} ms, the longest {took['longest']} ms; standing still, {took['idle']} ms")
    assert took["most"] < 150, took
    browser.clean()


def test_what_is_under_way_is_seen_on_every_page_and_after_a_reload(ada, browser):
    sign_in(browser)
    visit(browser, "about")
    lines = "\n".join(["username,full name,role,groups", *(f"many{number},Many {number},user," for number in range(120))])
    assert ada.change("POST", "/api/users/import", {"csv": lines}, PASSWORD).status == 202
    browser.play("""await page.waitForSelector(".jobs .job progress");
        await page.reload();
        await page.waitForSelector(".jobs .job progress");""")
    visit(browser, "jobs")
    browser.play("""await page.waitForSelector("main .badge.tone-good");""")
    assert browser.run("return document.querySelectorAll('main progress.tone-bad').length") == 0, "what is nearly done is not nearly full"
    visit(browser, "certificate")
    browser.play("""await page.waitForSelector(".jobs", {state: "detached", timeout: 120000});""")
    browser.clean()


def test_everything_is_found_by_the_keyboard(ada, browser):
    sign_in(browser)
    visit(browser, "about")
    browser.play("""await page.keyboard.press("Control+k");
        await page.keyboard.type("schedul");
        await page.keyboard.press("Enter");
        await page.waitForSelector("main h1:has-text('Schedules')");
        await page.goBack();
        await page.waitForSelector("main h1:has-text('About')");
        await page.keyboard.press("Tab");""")
    assert browser.run("return location.hash") == "#/about"
    browser.clean()


def test_an_address_leads_through_the_door(ada, browser):
    """Who is nobody yet signs in, and is where the link led."""
    assert browser.do(go="/#/groups") == 200
    browser.play("""await page.fill("[name=username]", "ada"); await page.fill("[name=password]", given);
        await page.click("button.primary"); await page.waitForSelector("main h1:has-text('Groups')");""", PASSWORD)
    browser.clean()


def test_a_change_is_made_by_the_keyboard_alone(ada, browser):
    """The focus is seen wherever it is, stays in the dialog, and is back where it was when that closes."""
    sign_in(browser)
    visit(browser, "groups")
    reach = """const press = async (key, found) => {
          for (let i = 0; i < 80; i++) {
            if (await page.evaluate(found)) return;
            await page.keyboard.press(key);
          }
          throw new Error(`never reached: ${found}`);
        };
        const outlined = () => page.evaluate(() => {
          const style = getComputedStyle(document.activeElement);
          return style.outlineStyle !== "none" && style.outlineWidth !== "0px" || style.boxShadow !== "none";
        });
        const seen = [];
        """
    seen = browser.play(reach + """
        await press("Tab", () => document.activeElement.innerText?.trim() === "New group");
        seen.push(await outlined());
        await page.keyboard.press("Enter");
        await page.waitForSelector("dialog [name=name]");
        await press("Tab", () => document.activeElement.name === "name");
        seen.push(await outlined());
        await page.keyboard.type("typed");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".steps-words");
        for (let i = 0; i < 12; i++) {
          await page.keyboard.press("Tab");
          if (await page.evaluate(() => document.activeElement.closest("dialog") === null && document.activeElement !== document.body)) throw new Error("left the dialog");
        }
        await press("Tab", () => document.activeElement.closest(".plan") && document.activeElement.tagName === "SUMMARY");
        await page.keyboard.press("Enter");
        await page.waitForSelector("details.literal[open]");
        await press("Tab", () => document.activeElement.matches(".plan button.primary"));
        seen.push(await outlined());
        await page.keyboard.press("Enter");
        await page.waitForSelector("tbody tr:has-text('typed')");
        await page.waitForFunction(() => document.activeElement.innerText?.trim() === "New group");
        await press("Tab", () => document.activeElement.getAttribute("aria-label") === "Actions for typed");
        await page.keyboard.press("Enter");
        await page.waitForSelector("[role=menu]");
        await press("ArrowDown", () => document.activeElement.innerText?.includes("Delete"));
        seen.push(await outlined());
        await page.keyboard.press("Enter");
        await page.waitForSelector(".steps-words");
        await page.keyboard.press("Escape");
        await page.waitForSelector("dialog", {state: "detached"});
        await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Actions for typed");
        return seen;""")
    assert seen == [True] * 4, seen
    browser.clean()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_dialogs_are_for_everybody(ada, browser, dark):
    """axe-core finds nothing in forms, plans, menus, the palette and what is told once; nothing moves for who wants it so."""
    browser.do(dark=dark)
    sign_in(browser)
    browser.play(f'await page.emulateMedia({{colorScheme: "{"dark" if dark else "light"}", reducedMotion: "reduce"}})')
    visit(browser, "users")
    browser.play("""await page.click("text=Add a user"); await page.waitForSelector("dialog [name=username]");""")
    assert browser.axe() == [], "a form"
    assert browser.play("return page.evaluate(() => document.getAnimations().length)") == 0
    browser.play("""await page.fill("dialog [name=username]", "NOT SO");
        await page.click("dialog .primary");
        await page.waitForSelector("dialog .wrong:has-text('must be')");""")
    assert browser.axe() == [], "what is wrong with it"
    browser.play("""await page.fill("dialog [name=username]", "axel");
        await page.selectOption("dialog [name=role]", "admin");
        await page.fill("dialog [name=password]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");
        await page.click("dialog summary");""", PASSWORD)
    assert browser.axe() == [], "a plan"
    browser.play("""await page.keyboard.press("Escape"); await page.waitForSelector("dialog", {state: "detached"});
        await page.click("main tbody [aria-haspopup=menu]"); await page.waitForSelector("[role=menu]");""")
    assert browser.axe() == [], "a menu"
    browser.play("""await page.keyboard.press("Escape"); await page.keyboard.press("Control+k"); await page.waitForSelector("[role=option]");""")
    assert browser.axe() == [], "the palette"
    browser.clean()
