"""The pages in another language, from right to left, and what else follows from who reads: formats, paper, keyboard.

    BUILD=build /usr/bin/python3 -m pytest tests/browser/languages.py
"""
import json
import re

import pytest

from world import *  # noqa: F403
from world import HOSTILE, PASSWORD, PICTURES, TOP, addresses, sign_in, visit

OWN = [*HOSTILE, "Bulkhead", "bulkhead setup-code", "The First"]


def speak(browser, language):
    browser.do(go="/")
    browser.run("localStorage.setItem('language', given)", language)
    browser.do(go="/?" + language) # a page that was told so from its beginning


def own(ada):
    """Names that people gave; they are in whatever language they are."""
    return OWN + [user["full_name"] for user in ada.get("/api/users").json if user.get("full_name")]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_is_there_in_both_languages(filled, browser, language):
    speak(browser, language)
    sign_in(browser)
    assert browser.run("return document.documentElement.lang") == language
    keys = {key.split(".")[0] for key in json.loads((TOP / "web/texts/en.json").read_text(encoding="utf-8"))["texts"]}
    english = {}
    for address in addresses(filled):
        visit(browser, address)
        shown = browser.run("return document.body.innerText").split("\n")
        raw = [line for line in shown if re.fullmatch(r"[a-z]+(\.[A-Za-z_]+)+", line) and line.split(".")[0] in keys]
        assert raw == [], (address, raw)
        english[address] = browser.english(own(filled))
    if language == "de":
        assert not any(english.values()), {address: lines for address, lines in english.items() if lines}
    else:
        assert sum(map(bool, english.values())) > len(english) / 2, "English is seen as such"


def test_no_english_at_the_door(filled, browser):
    speak(browser, "de")
    browser.play("""await page.fill("[name=username]", "ada"); await page.fill("[name=password]", "wrong");
        await page.click("button.primary"); await page.waitForSelector(".trouble");""")
    assert browser.english() == []
    assert "passen nicht zusammen" in browser.run("return document.querySelector('.trouble').innerText")


def begin_change(browser, address, button, fill):
    """Opens the dialog of an action, fills it, and has its plan shown."""
    visit(browser, address)
    browser.play("""await page.click(given[0]);
        for (const [name, value] of Object.entries(given[1])) {
          const field = page.locator(`dialog [name=${name}]`);
          if (await field.evaluate((one) => one.tagName) === "SELECT") await field.selectOption(value); else await field.fill(value);
        }
        await page.click("dialog .primary");
        await page.waitForSelector("dialog .steps-words, dialog .trouble, dialog .wrong:not(:empty)");""", [button, fill])


def test_a_dialog_fits_a_telephone(filled, browser):
    """Also where words are long."""
    browser.do(wide=390)
    speak(browser, "de")
    sign_in(browser)
    visit(browser, "groups")
    browser.play("""await page.click("text=Neue Gruppe"); await page.waitForSelector("dialog .dialog-foot");""")
    assert browser.wide() == []
    browser.play("""await page.fill("dialog [name=name]", "grau"); await page.click("dialog .primary"); await page.waitForSelector("dialog .steps-words");""")
    assert browser.wide() == [] and browser.axe() == []


CHANGES = [
    ("users", "text=Benutzer anlegen", {"username": "greta", "role": "operator", "password": PASSWORD, "full_name": "the end of it"}, "Das Unix-Konto greta mit der Nummer"),
    ("groups", "text=Neue Gruppe", {"name": "grau"}, "Die Gruppe grau mit der Nummer"),
    ("keys", "text=Neuer Schlüssel", {"name": "sicherung", "role": "viewer"}, "Den API-Schlüssel"),
    ("users", "text=Benutzer anlegen", {"username": "vera", "password": PASSWORD}, "vera ist vergeben."),
    ("users", "text=Benutzer anlegen", {"username": "NOT SO"}, "Erlaubt: 1 bis 31"),
]


@pytest.mark.parametrize("address, button, fill, expected", CHANGES, ids=[f"{one[0]}-{list(one[2].values())[0]}" for one in CHANGES])
def test_plans_and_troubles_are_in_the_language(filled, browser, address, button, fill, expected):
    speak(browser, "de")
    sign_in(browser)
    begin_change(browser, address, button, fill)
    assert expected in browser.run("return document.querySelector('dialog').innerText")
    browser.run("document.querySelector('dialog details')?.setAttribute('open', '')")
    assert browser.english(["the end of it", *own(filled)]) == []


def test_numbers_and_times_are_written_as_one_writes_them(filled, browser):
    """10,000 rows in English are 10.000 in German; a moment has its order of day and month."""
    seen = {}
    for language in ("en", "de"):
        speak(browser, language)
        if language == "en":
            sign_in(browser)
        visit(browser, "toys")
        browser.play('await page.waitForSelector("main tbody tr")')
        seen[language] = browser.run("return document.querySelector('.table-box.many').getAttribute('aria-label')")
        visit(browser, "ledger")
        browser.play('await page.waitForSelector("main tbody time")')
        seen[f"{language} time"] = browser.run("return document.querySelector('main tbody time').textContent")
    assert seen["en"] == "10,000 rows" and seen["de"] == "10.000 Zeilen"
    assert re.search(r"\d{4}, \d+:\d\d\s[AP]M", seen["en time"]) and re.match(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d", seen["de time"]), seen


# --- from right to left ---

# What stands outside of the page, or is cut off by it.
OUTSIDE = """const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll("main *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && (box.left < -1 || box.right > wide + 1) && !one.closest(".table-box, pre, .unseen, [role=dialog]");
    }).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5);"""


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_can_be_read_from_right_to_left(filled, browser, width):
    browser.do(wide=width)
    speak(browser, "mirrored")
    sign_in(browser)
    assert browser.run("return getComputedStyle(document.body).direction") == "rtl"
    for address in addresses(filled):
        visit(browser, address)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), address
        assert browser.run(OUTSIDE) == [], address
        if address in ("users", "start"):
            browser.do(picture=f"{PICTURES}/mirrored-{address}-{width}.png")
    if width > 900:
        assert browser.run("return document.querySelector('nav').getBoundingClientRect().right === document.documentElement.clientWidth")
    else:
        assert browser.play("""await page.click(".drawer-button"); await page.waitForTimeout(400);
            return page.evaluate(() => Math.round(document.querySelector("nav").getBoundingClientRect().right) === document.documentElement.clientWidth);""")
    visit(browser, "users")
    browser.play("""if (await page.locator(".shade").count()) await page.keyboard.press("Escape");
        await page.click("main tbody [aria-haspopup=menu]"); await page.waitForSelector("[role=menu]");""")
    assert browser.run("""const menu = document.querySelector("[role=menu]").getBoundingClientRect();
        return menu.left >= 0 && menu.right <= document.documentElement.clientWidth;""")
    browser.clean()


def test_styles_know_no_left_and_right():
    """But where both sides are meant, or the two ends of something that has no direction."""
    physical = re.compile(r"(?<![\w-])(?:left|right|(?:margin|padding|border|inset)-(?:left|right)[\w-]*|text-align: (?:left|right)|float):")
    for path in sorted((TOP / "web/src").rglob("*")):
        if path.suffix == ".css" or path.suffix == ".tsx" and path.name != "qr.tsx":
            assert not physical.findall(path.read_text(encoding="utf-8")), path


# --- paper, clipboard, keyboard ---

def test_recovery_codes_are_alone_on_paper(filled, browser):
    """And they can be copied."""
    sign_in(browser)
    visit(browser, "keys")
    browser.play("""await page.click("text=New key");
        await page.fill("dialog [name=name]", "paper");
        await page.selectOption("dialog [name=role]", "viewer");
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");
        await page.fill("[name=confirm-proof]", given);
        await page.click("dialog .primary");
        await page.waitForSelector(".issued code");
        await page.emulateMedia({media: "print"});""", PASSWORD)
    seen = browser.run("""const seen = (name) => [...document.querySelectorAll(name)].some((one) => one.checkVisibility({visibilityProperty: true}));
        return [".issued code", "dialog h2", "nav", ".top", "main", ".issued button", ".dialog-head button"].filter(seen);""")
    assert seen == [".issued code", "dialog h2"], seen
    browser.do(picture=f"{PICTURES}/paper.png")
    browser.play("""await page.emulateMedia({media: "screen"});
        await context.grantPermissions(["clipboard-read", "clipboard-write"]);
        await page.click(".issued [aria-label^=Copy]");""")
    assert browser.play("return page.evaluate(() => navigator.clipboard.readText())") == browser.run("return document.querySelector('.issued code.long').textContent")


def test_the_palette_finds_pages_and_actions(filled, browser):
    speak(browser, "de")
    sign_in(browser)
    visit(browser, "about")
    browser.play("""await page.keyboard.press("Control+k"); await page.keyboard.type("Benutzer anl");
        await page.waitForSelector("#found-0:has-text('Benutzer anlegen')");""")
    assert browser.run("return document.querySelector('[role=option]').innerText").startswith("Benutzer anlegen")
    assert browser.english(own(filled)) == []
    browser.play("""await page.keyboard.press("Enter"); await page.waitForSelector("dialog [name=username]");
        await page.keyboard.press("Escape"); await page.waitForSelector("dialog", {state: "detached"});""")
    browser.clean()
