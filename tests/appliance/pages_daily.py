#!/usr/bin/python3
"""What its owner does on the pages after the first hour: a dataset sent to another pool, another machine made known, a
service stopped and started, somebody disconnected. Each is pressed in the browser, and looked for where it should have
come about.

    tests/appliance/pages_daily.py BUILD

Ends with "N passed, N failed".
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "browser")]  # behind this folder: there are pages in both
os.environ["BUILD"] = os.path.abspath(sys.argv[1])
from pages import confirm, go, looks, picture  # noqa: E402: first, for it has to find those beside it before others
from chromium import PICTURES, Browser, install  # noqa: E402
from machine import PASSWORD, Machine, check, lives  # noqa: E402
from shares import connected, is_cut  # noqa: E402
from sharing import ground, offer  # noqa: E402

browser = None


def signs_in(machine):
    global browser  # pylint: disable=global-statement
    with open(f"/run/bulkhead-trial/{machine.env['TRIAL_NAME']}/port", encoding="ascii") as port:
        browser = Browser(driver, int(port.read()), "localhost")
    browser.do(go="/")
    browser.do(wide=1100)
    browser.play("""await page.fill("[name=username]", "ada");
        await page.fill("[name=password]", given);
        await page.click("button.primary");
        await page.waitForSelector(".shell h1");""", PASSWORD)


def press(row, words):
    """An action in the menu of what has row in it."""
    browser.play("""const row = page.locator(`main tbody tr:has-text("${given[0]}"), main .card:has-text("${given[0]}")`).first();
        await row.locator("[aria-haspopup=menu]").click({timeout: 60000});
        await page.click(`[role=menuitem]:has-text("${given[1]}")`);""", (row, words))
    confirm(browser)


def says(row, words):
    browser.play("""await page.waitForSelector(`main tbody tr:has-text("${given[0]}"):has-text("${given[1]}"), ` +
        `main .card:has-text("${given[0]}"):has-text("${given[1]}")`, {timeout: 60000});""", (row, words))


def sends(machine):
    """In its three steps, then at once."""
    made = machine.bulkhead("snapshots", "create", "tank", "documents", "first", "--yes")
    check("there is something to send", made.returncode == 0, made.stderr)
    go(browser, "replication")
    browser.play("""await page.click("main button:has-text('New replication')");
        await page.selectOption("dialog [name=pool]", "tank");
        await page.selectOption("dialog [name=dataset]", "documents");
        await page.fill("dialog [name=name]", "nightly");
        await page.click("dialog .primary");
        await page.selectOption("dialog [name=to_pool]", "away");
        await page.click("dialog .primary");
        await page.selectOption("dialog [name=every]", "day");
        await page.click("dialog .primary");""")
    confirm(browser)
    check("a dataset is to be sent to another pool", [(one["name"], one["to_pool"]) for one in machine.rows("replication", "list")] == [("nightly", "away")])
    press("nightly", "Send now")
    says("nightly", "Finished")
    machine.wait("it is there", lambda: machine.run("test", "-d", "/srv/away/.snapshots/documents/first").returncode == 0)
    picture(browser, "replication")


def knows_another_machine(machine):
    go(browser, "remotes")
    browser.play("""await page.click("main button:has-text('Add a machine')");
        await page.fill("dialog [name=name]", "attic");
        await page.fill("dialog [name=address]", "127.0.0.1");
        await page.click("dialog .primary");""")
    confirm(browser)
    says("attic", "127.0.0.1")
    machine.wait("its own key for that machine is shown", lambda: "ssh-ed25519 " in browser.run("return document.querySelector('main .card').innerText"))
    picture(browser, "remotes")
    press("attic", "Know no more")
    check("it is forgotten", machine.rows("remotes", "list") == [])


def stops_and_starts(machine):
    made = offer(machine, "photos", "/srv/tank/photos")
    check("a share is offered", made.returncode == 0, made.stderr)
    go(browser, "services")
    says("smb", "Running")
    before = machine.pid("smb")
    press("smb", "Stop")
    says("smb", "Stopped")
    check("a service is stopped", machine.run("systemctl", "is-active", "bulkhead-smb.service").stdout.strip() == "inactive")
    press("smb", "Start")
    says("smb", "Running")
    check("and started", machine.pid("smb") not in (before, "0", 0, None))
    go(browser, "services/smb")
    browser.play("""await page.waitForSelector("main h1:has-text('SMB')");""")


def disconnects(machine):
    machine.run("mkfifo", "/tmp/pieces")
    client, pieces, one = connected(machine, "alice")
    check("somebody is connected", one, one)
    go(browser, "clients")
    says("alice", "127.0.0.1")
    picture(browser, "clients")
    found = looks(browser, "clients")
    check("a page with somebody on it has nothing that axe-core finds, and fits", not [line for line in found if "English" not in line], found)
    press("alice", "Disconnect")
    is_cut(machine, "whoever is told to go is gone", client, pieces, one["id"])
    browser.play("""await page.waitForSelector("main tbody tr:has-text('alice')", {state: "detached", timeout: 60000});""")


def is_told(_machine):
    """All of it, on the page of the ledger, with who did it."""
    go(browser, "ledger")
    for words in ("CreateReplication", "DisconnectSmbClient"):
        browser.play("""await page.waitForFunction((words) => document.querySelector("main").innerText.includes(words), given, {timeout: 60000});""", words)
    told = browser.run("return document.querySelector('main').innerText")
    check("the ledger's page tells of it, and who it was", "ada" in told, told)
    check("no page complained", not browser.each("error") and not browser.each("violation"), browser.each("error"))
    browser.end()


if __name__ == "__main__":
    driver, why = install()
    if why is not None:
        print(f"SKIP pages: {why}\n0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    PICTURES.mkdir(exist_ok=True)
    lives(Machine(sys.argv[1], TRIAL_PORT="", TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), ground, signs_in, sends, knows_another_machine,
          stops_and_starts, disconnects, is_told, set_up=False)
