#!/usr/bin/python3
"""The first hour as its owner has it: a browser, an appliance with empty disks, and nothing typed anywhere else.

    tests/appliance/pages.py BUILD

From the set-up code to a share that can be used, then a disk replaced and a dataset put back. Pictures go to
BUILD/pictures. Ends with "N passed, N failed".
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "browser")]
os.environ["BUILD"] = os.path.abspath(sys.argv[1])
from certificate import confirmed  # noqa: E402: the one beside this, before others come into the path
from chromium import PICTURES, Browser, install  # noqa: E402
from machine import PASSWORD, Machine, check, finish  # noqa: E402
from modules import DOCS, FOLDER, install as install_module  # noqa: E402
from storing import checksum, disks, pool, write  # noqa: E402

SPARE = ("trial-disk3", "trial-disk4")


def go(browser, address):
    browser.play("""await page.evaluate((to) => { location.hash = "#/" + to; }, given);
        await page.waitForSelector("main h1");
        await page.waitForFunction(() => !document.querySelector(".loading"));""", address)


def picture(browser, name):
    browser.do(picture=f"{PICTURES}/hour-{name}.png")


HOSTILE = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "\u05e9\u05dc\u05d5\u05dd (1) abc", "' or 1=1 --", "\u00e4" * 127 + "x"]


def confirm(browser, wanted=None):
    """The plan is there; it is confirmed with all that it asks for."""
    browser.play("""await page.waitForSelector(".steps-words");
        if (given[0]) await page.fill("[name=confirm-name]", given[0]);
        if (await page.locator("[name=confirm-proof]").count()) await page.fill("[name=confirm-proof]", given[1]);
        await page.click(".plan button.primary");
        await page.waitForSelector(".plan", {state: "detached", timeout: 120000});""", [wanted, PASSWORD])


def begins(machine, browser):
    browser.do(go="/")
    browser.play("""await page.fill("[name=setup_code]", given[0]);
        await page.fill("[name=username]", "ada");
        await page.fill("[name=full_name]", "Ada Lovelace");
        await page.fill("[name=password]", given[1]);""", [machine.setup_code(), PASSWORD])
    picture(browser, "1-set-up")
    browser.play("""await page.click("button.primary"); await page.waitForSelector(".shell h1");
        await page.waitForSelector("text=First steps");
        await page.waitForSelector("main tbody tr");""")
    picture(browser, "2-first-steps")
    check("the set-up code makes the administrator", [user["username"] for user in machine.rows("users", "list")] == ["ada"])
    machine.wait("and the first steps begin with the disks that are there", lambda: browser.run("return document.querySelectorAll('.instead .part-table tbody tr').length") == 4)


def names_the_machine(machine, browser):
    browser.play("""await page.waitForSelector("main .part:has-text('1. This machine') dd:has-text('.')");
        await page.click("main .part:has-text('1. This machine') button:has-text('Change')");
        await page.fill("dialog [name=name]", "attic");
        await page.fill("dialog [name=time_zone]", "Atlantic/Reykjavik");
        await page.click("dialog .primary");""")
    confirm(browser)
    machine.wait("the machine is called so, in its time zone", lambda: machine.run("cat", "/etc/hostname").stdout.strip() == "attic" and
                 machine.run("readlink", "/etc/localtime").stdout.strip().endswith("/Atlantic/Reykjavik"))
    browser.play("""await page.waitForSelector("main dd:has-text('attic')", {timeout: 60000});
        await page.waitForSelector("main dd:has-text('Atlantic/Reykjavik')", {timeout: 60000});
        await page.waitForSelector(".lost", {state: "detached", timeout: 60000});""")
    picture(browser, "2-named")
    check("and its address is shown", machine.run("hostname", "-I").stdout.split()[0] in browser.run("return document.querySelector('main').innerText"))


def suggests_a_pool(machine, browser):
    """Of the disks on which there is nothing, with what speaks for it; and what others choose is drawn before it is made."""
    for name in SPARE:
        device = f"/dev/{disks(machine)[name]['name']}"
        subprocess.run(["mkfs.ext4", "-q", "-F", device], check=True)
        machine.run("udevadm", "trigger", "--action=change", "--settle", device) # of the appliance, which did not see it
    machine.wait("only empty disks are suggested", lambda: browser.run(
        "return document.querySelector('.instead .card')?.innerText.match(/trial-disk\\d/g)?.join(' ')") == "trial-disk1 trial-disk2")
    first = browser.run("return document.querySelector('.instead .card').innerText")
    check("the first has two copies, and says why and what it holds", all(words in first for words in ("Two copies", "Recommended", "Any one may fail", "2 GiB")), first)
    picture(browser, "3-suggested")
    browser.play("await page.setViewportSize({width: 1100, height: 1140});")
    go(browser, "pools/new")
    browser.play("""await page.waitForSelector(".choice");
        await page.check(".choice:has-text('TRIAL-disk1') input");
        await page.check(".choice:has-text('TRIAL-disk2') input");""")
    picture(browser, "3-disks")
    browser.play("""await page.click("button.primary");
        await page.check("input[value=raid1]");
        await page.waitForSelector(".asking .fields .large");""")
    for wide, high in ((390, 844), (1280, 800)):
        browser.play("await page.setViewportSize({width: given[0], height: given[1]}); await page.evaluate(() => scrollTo(0, 0));", (wide, high))
        check(f"what it would hold is in sight while it is chosen, {wide} wide", browser.run(
            "return document.querySelector('.asking .fields .large').getBoundingClientRect().bottom <= innerHeight"))
    browser.do(wide=1100)
    check("what it would hold and survive is shown before", "2 GiB" in browser.run("return document.querySelector('.asking .fields').innerText"))
    picture(browser, "4-safety")


def makes_a_pool(machine, browser):
    go(browser, "start")
    browser.play("""await page.click(".card:has-text('Two copies') button:has-text('Make this pool')");
        await page.waitForFunction(() => document.querySelector("dialog [name=name]")?.value === "tank");
        await page.click("dialog .primary");
        await page.waitForSelector(".steps-words");""")
    picture(browser, "5-plan")
    check("the disks are named by their serial numbers", "TRIAL-disk1" in browser.run("return document.querySelector('.steps-words').innerText"))
    check("and nothing is done yet", pool(machine, "tank") is None)
    confirm(browser, "tank")
    browser.play("""await page.waitForFunction(() => location.hash === "#/start" && document.body.innerText.includes("No disk is empty."), null, {timeout: 60000});""")
    check("the pool is made, and the first steps go on", pool(machine, "tank")["health_status"] == "healthy")
    go(browser, "pools/tank")
    browser.play("""await page.waitForSelector("main h1:has-text('tank')"); await page.waitForSelector("text=Healthy");""")
    picture(browser, "6-pool")


def shares_a_folder(machine, browser):
    go(browser, "start")
    browser.play("""await page.click("main button:has-text('New dataset')");
        await page.selectOption("dialog [name=pool]", "tank");
        await page.fill("dialog [name=name]", "photos");
        await page.click("dialog .primary");""")
    confirm(browser)
    browser.play("""await page.click("main button:has-text('Add a user')");
        await page.fill("dialog [name=username]", "alice");
        await page.fill("dialog [name=password]", given);
        await page.click("dialog .primary");""", PASSWORD)
    confirm(browser)
    browser.play("""await page.click("main button:has-text('New share')");
        await page.fill("dialog [name=name]", "Photos");
        await page.selectOption("dialog [name=path]", "/srv/tank/photos");
        await page.fill("dialog [name=valid_users]", "alice");
        await page.click("dialog .primary");""")
    confirm(browser)
    browser.play("""await page.waitForSelector("main .card:has-text('Photos') dd:has-text('smb:')");""")
    picture(browser, "7-start")
    check("the user is there", "alice" in [user["username"] for user in machine.rows("users", "list")])
    check("and the share, for that user", [(one["name"], one["valid_users"]) for one in machine.rows("smb", "list")] == [("Photos", ["alice"])])
    go(browser, "connect")
    browser.play("""await page.waitForSelector("main .card:has-text('Photos') dd:has-text('smb:')");""")
    shown = browser.run("return [...document.querySelectorAll('main .card dd code')].map((one) => one.textContent)")
    check("its address is there for each kind of device", shown == ["\\\\localhost\\Photos", "smb://localhost/Photos"], shown)
    told = browser.run("return document.querySelector('main').innerText")
    check("and what to do with it", all(f"{one}: " in told for one in ("Windows", "macOS", "Linux", "iPhone and iPad", "Android")), told)
    picture(browser, "connect")


def is_pictured(machine, browser):
    """What the documentation shows, in both themes; it is looked at before it is put there."""
    for dark in (True, False):
        browser.do(dark=dark)
        for width, page in ((390, "shares"), (390, "connect"), (1100, "start"), (1100, "pools/tank")):
            browser.do(wide=width)
            go(browser, page)
            browser.play("""await page.waitForSelector(".notice", {state: "detached"});""")
            picture(browser, f"{page.replace('/', '-')}-{width}-{'dark' if dark else 'light'}")


def replaces_a_disk(machine, browser):
    go(browser, "pools/tank")
    browser.play("""await page.click("[aria-label='Actions for 1']");
        await page.click("[role=menuitem]:has-text('Replace')");
        await page.check(".choice:has-text('TRIAL-disk3') input");""")
    picture(browser, "8-replace")
    browser.play("""await page.click("dialog .primary");
        await page.check("dialog [name=erase]");
        await page.check("dialog [name=healthy_too]");
        await page.click("dialog .primary");""")
    confirm(browser)
    machine.wait("the new disk has taken the place of the old one", lambda: "trial-disk3" in
                 [device.get("disk") for device in pool(machine, "tank")["devices"]] and not pool(machine, "tank").get("work"))
    browser.play("""await page.waitForSelector("main tbody a[href='#/disks/trial-disk3']", {timeout: 60000});""")


def goes_back(machine, browser):
    before = write(machine, "/srv/tank/photos/a", 1)
    machine.run("touch", "--", *(f"/srv/tank/photos/{name}" for name in HOSTILE))
    go(browser, "datasets/tank/photos")
    browser.play("""await page.click("main button:has-text('Take a snapshot')");
        await page.fill("dialog [name=name]", "before");
        await page.click("dialog .primary");""")
    confirm(browser)
    write(machine, "/srv/tank/photos/a", 2)
    browser.play("""await page.waitForSelector("tbody tr:has-text('before')");
        await page.click("main tbody [aria-label^='Actions for']");
        await page.click("[role=menuitem]:has-text('Go back')");""")
    confirm(browser, "photos")
    check("the dataset is as it was", checksum(machine, "/srv/tank/photos/a") == before)
    picture(browser, "9-dataset")


def names_are_names(machine, browser):
    """Whatever files are called: markup, marks that turn the reading around, as long as a name can be."""
    go(browser, "datasets/tank/photos")
    browser.play("""await page.click("main tbody a.opener:has(:text-is('before'))"); await page.waitForSelector("main tbody:nth-of-type(3)");""")
    shown = browser.run("return [...document.querySelectorAll('main tbody td:first-child')].map((cell) => cell.textContent.trim())")
    check("files are called what they are called", {name.replace("\u202e", "???") for name in HOSTILE} <= set(shown), shown) # a mark that turns the reading around is not told
    check("and markup is none", browser.run("return document.querySelectorAll('main img, main script').length") == 0)
    for width in (390, 1100):
        browser.do(wide=width)
        check(f"nor does the longest name push the page, {width} wide", not browser.wide() and browser.axe() == [])
    check("nor what else is told of the files", browser.run("const box = document.querySelector('main .table-box'); return box.scrollWidth <= box.clientWidth + 1"))
    picture(browser, "files")


def puts_a_file_back(machine, browser):
    """Out of the snapshot that the page names."""
    browser.do(wide=1100)
    card = browser.run("return document.querySelector('main .card').innerText")
    check("the page of a snapshot's files says whose they are", all(one in card for one in ("before", "photos", "tank")), card)
    browser.play("""await page.click("main tbody tr:has(td.head :text-is('a')) [aria-haspopup=menu]");
        await page.click("[role=menuitem]:has-text('Put back')");
        await page.fill("dialog [name=to]", "again");
        await page.click("dialog .primary");""")
    confirm(browser)
    check("a file is put back, under another name", checksum(machine, "/srv/tank/photos/again") == checksum(machine, "/srv/tank/photos/a"))


def limits_a_dataset(machine, browser):
    """What is to be confirmed says how much in units that people know."""
    go(browser, "datasets/tank/photos")
    browser.play("""await page.click("main .card [aria-haspopup=menu]");
        await page.click("[role=menuitem]:has-text('Change')");
        await page.fill("dialog [name=quota]", "1");
        await page.click("dialog .primary");
        await page.waitForSelector("dialog .steps-words");""")
    told = browser.run("return document.querySelector('.steps-words').innerText")
    check("a plan tells room as people count it, and exactly", "1.0 GiB (1073741824 bytes)" in told, told)
    confirm(browser)
    browser.play("""await page.waitForSelector("main .card dd:has-text('1 GiB')");""")


def gives_orders(machine, browser):
    """A schedule, made in its three steps."""
    go(browser, "schedules")
    browser.play("""await page.click("main button:has-text('New schedule')");
        await page.selectOption("dialog [name=pool]", "tank");
        await page.selectOption("dialog [name=dataset]", "photos");
        await page.fill("dialog [name=name]", "nightly");
        await page.click("dialog .primary");
        await page.selectOption("dialog [name=every]", "day");
        await page.click("dialog .primary");
        await page.fill("dialog [name=days]", "7");
        await page.click("dialog .primary");""")
    confirm(browser)
    browser.play("""await page.waitForSelector("main tbody tr:has-text('nightly')");""")
    check("a schedule is made", [(one["name"], one["dataset"]) for one in machine.rows("schedules", "list")] == [("nightly", "photos")])


def explains(machine, browser):
    go(browser, "explain")
    for who, may in (("alice", "Yes"), ("ada", "No")):
        browser.play("""await page.selectOption("main [name=username]", given);
            await page.selectOption("main [name=share]", "Photos");
            await page.click("main .primary");
            await page.waitForSelector("main .result .badge");""", who)
        told = browser.run("return document.querySelector('main .result').innerText")
        check(f"whether {who} may use the share is told: {may}", browser.run("return document.querySelector('main .result .badge').innerText").strip() == may, told)
        browser.play("""await page.click("main .result button.primary"); await page.waitForSelector("main [name=username]");""")


def shows_what_drifted(machine, browser):
    """What somebody changed by hand is on the page, beside what it should be, and is put right there."""
    machine.run("sed", "-i", "s/valid users = alice/valid users = alice ada/", "/etc/bulkhead/smb/Photos")
    go(browser, "drift")
    browser.play("""await page.waitForSelector("main .card:has-text('Photos')");""")
    card = browser.run("return [...document.querySelectorAll('main .card')].map((one) => one.innerText).join()")
    check("what drifted is shown with what it should be", "valid users = alice, ada" in card and "valid users = alice ada" in card, card)
    check("and no badge is cut", browser.run("return [...document.querySelectorAll('main .badge')].filter((one) => one.scrollWidth > one.clientWidth).length") == 0)
    picture(browser, "drifted")
    browser.play("""await page.click("main .card:has-text('Photos') [aria-haspopup=menu]");
        await page.click("[role=menuitem]:has-text('Have it as it is wanted')");""")
    confirm(browser)
    machine.wait("it is put right", lambda: "valid users = alice, ada" in machine.run("cat", "/etc/bulkhead/smb/Photos").stdout)
    browser.play("""await page.waitForSelector("main .card", {state: "detached", timeout: 60000});""")


PAGES = ("", "start", "pools", "pools/tank", "pools/new", "disks", "disks/trial-disk1", "datasets", "datasets/tank/photos", "snapshots", "schedules", "replication",
         "drift", "shares", "nfs", "clients", "explain", "services", "services/smb", "users", "users/alice", "groups", "sessions", "keys", "jobs", "ledger",
         "machine", "certificate", "about", "gallery", "account", "modules", "modules/tasks", "modules/wrong", "tasks", "connect", "transfers", "accesses")
PLANS = ( # where, what is pressed, what is filled in
    ("datasets/tank/photos", "Schnappschuss machen", {"name": "spaeter"}), ("datasets", "Neuer Datenbereich", {"pool": "tank", "name": "musik"}),
    ("pools/tank", "Alle Daten prüfen", {}), ("nfs", "Neue NFS-Freigabe", {"name": "fotos", "path": "/srv/tank/photos"}))


def looks(browser, what, names=()):
    """Everything of one page that a person of any kind would stumble over."""
    found = browser.axe()
    return [f"{what}: {one}" for one in found + [f"too wide: {one}" for one in browser.wide()] + [f"English: {line}" for line in browser.english(("ada", "alice", "Ada", "bulkhead", "TRIAL", *names))]]


def a_module_comes(machine, browser):
    """The one of docs/modules.md: it has a place in the navigation as soon as it is enabled, without a reload, and is used there."""
    install_module(machine, "tasks", f"{DOCS}/tasks")
    install_module(machine, "wrong", f"{DOCS}/tasks")
    machine.put(f"{DOCS}/tasks/module.tasks.varlink", f"{FOLDER}/wrong/module.wrong.varlink") # another's
    machine.run("chmod", "644", f"{FOLDER}/wrong/module.wrong.varlink")
    go(browser, "modules")
    browser.play("""await page.evaluate(() => { window.same = true; });
        await page.click("[aria-label='Actions for tasks']", {timeout: 120000});
        await page.click("[role=menuitem]:has-text('Enable')");""")
    check("it is not there before", browser.run("return document.querySelector('nav a[href=\"#/tasks\"]')") is None)
    confirm(browser)
    browser.play("""await page.waitForSelector("nav a[href='#/tasks']", {state: "attached", timeout: 120000});
        await page.waitForSelector(".lost", {state: "detached", timeout: 120000});""")
    check("a module that is enabled is in the navigation of the open page", browser.run("return window.same === true"))
    go(browser, "tasks")
    browser.play("""await page.waitForSelector("text=There is nothing to do.");
        await page.click("main button:has-text('Add a task')");
        await page.fill("dialog [name=what]", given);
        await page.click("dialog .primary");""", HOSTILE[0])
    confirm(browser)
    browser.play("""await page.waitForSelector("main tbody tr");""")
    check("what is done there, its program has done", [task["what"] for task in machine.rows("tasks", "list")] == [HOSTILE[0]])
    browser.play("""await page.click("main tbody [aria-haspopup=menu]");
        await page.click("[role=menuitem]");""")
    confirm(browser)
    machine.wait("also what is done with one of its rows", lambda: machine.rows("tasks", "list")[0]["done"])
    picture(browser, "tasks")


def a_module_goes(machine, browser):
    go(browser, "tasks")
    check("it is disabled", machine.bulkhead("module", "disable", "tasks", "--yes").returncode == 0)
    browser.play("""await page.waitForSelector("nav a[href='#/tasks']", {state: "detached", timeout: 120000});
        await page.waitForFunction(() => !document.querySelector("main tbody"));""")
    check("a module that is disabled is gone, also from the page that showed it", browser.run("return document.querySelectorAll('main .part').length") == 0)


def is_for_everybody(machine, browser):
    """All pages with something in them, in German, in both themes and at two sizes."""
    for words in (("replication", "create", "copy", "--pool", "tank", "--dataset", "photos", "--to-pool", "tank", "--to-dataset", "copy", "--every", "day"),
                  ("nfs", "create", "Photos", "/srv/tank/photos", "--clients", "10.0.0.0/8 rw")):
        made = confirmed(machine, *words) if words[0] != "nfs" else machine.bulkhead(*words, "--yes")
        check(f"{words[0]} are made", made.returncode == 0, made.stdout + made.stderr)
    browser.run("localStorage.setItem('language', 'de')")
    browser.do(go="/?de")
    found = []
    for dark, width in ((False, 1280), (True, 390)):
        browser.do(dark=dark)
        browser.do(wide=width)
        for page in PAGES:
            go(browser, page)
            found += looks(browser, f"{page or 'home'} {width}", ("What somebody",)) # as a module says of itself
            picture(browser, f"{(page or 'home').replace('/', '-')}-{width}")
    go(browser, "modules/wrong")
    told = browser.run("return document.querySelector('main').innerText")
    check("what is wrong with a module is told in the language", "in dieser Datei; erwartet: sie in module.tasks.varlink" in told, told)
    check("no page is wider than the screen, has what axe-core finds, or a word of English", not found, "\n".join(found))
    found = []
    for page, button, fill in PLANS:
        go(browser, page)
        browser.play("""await page.click(`main button:has-text("${given[0]}")`);
            for (const [name, value] of Object.entries(given[1])) {
              const field = page.locator(`dialog [name=${name}]`);
              await (await field.evaluate((one) => one.tagName) === "SELECT" ? field.selectOption(value) : field.fill(value));
            }
            if (Object.keys(given[1]).length > 0) await page.click("dialog .primary");
            await page.waitForSelector("dialog .steps-words");
            await page.click("dialog summary");""", [button, fill])
        found += looks(browser, button)
        picture(browser, f"plan-{page.replace('/', '-')}")
        browser.play("""await page.keyboard.press("Escape"); await page.waitForSelector("dialog", {state: "detached"});""")
    check("nor has a plan", not found, "\n".join(found))


def main():
    driver, why = install()
    if why is not None:
        print(f"SKIP pages: {why}\n0 passed, 0 failed, 1 skipped")
        return
    PICTURES.mkdir(exist_ok=True)
    machine = Machine(sys.argv[1], TRIAL_PORT="", TRIAL_DISKS="4", TRIAL_DISK_SIZE="2G")
    up = machine.trial("up")
    try:
        if not check("the appliance is up", up.returncode == 0, up.stdout):
            finish()
        with open(f"/run/bulkhead-trial/{machine.env['TRIAL_NAME']}/port", encoding="ascii") as port:
            browser = Browser(driver, int(port.read()), "localhost")
        for step in (begins, names_the_machine, suggests_a_pool, makes_a_pool, shares_a_folder, is_pictured, replaces_a_disk, goes_back,
                     names_are_names, puts_a_file_back, limits_a_dataset, gives_orders, explains, shows_what_drifted, a_module_comes,
                     is_for_everybody, a_module_goes):
            step(machine, browser)
        check("no page complained", not browser.each("error") and not browser.each("violation"), browser.each("error"))
        check("and none asked another machine", all("://localhost/" in url for url in browser.each("asked")))
        browser.end()
    finally:
        machine.trial("reset")
    finish()


if __name__ == "__main__":
    main()
