#!/usr/bin/python3
"""Modules: the two of docs/modules.md as it has them, and one that keeps to nothing (tests/appliance/rogue).

    tests/appliance/modules.py BUILD

Ends with "N passed, N failed".
"""
import json
import os
import subprocess
import sys
import tempfile
import threading

from machine import HERE, PASSWORD, Machine, check, lives
from storing import confirmed

sys.path.insert(0, f"{HERE}/../lib")
from streaming import Stream, follow  # noqa: E402
from web import Web  # noqa: E402

FOLDER = "/usr/local/lib/bulkhead/modules"
DOCS = f"{HERE}/../../docs/modules"
ROLES = {"vera": "viewer", "ursel": "user", "otto": "operator"}


def install(machine, name, source):
    """All files of a folder of this machine, as a module inside."""
    for place, _, files in os.walk(source):
        into = os.path.normpath(f"{FOLDER}/{name}/{os.path.relpath(place, source)}")
        machine.run("mkdir", "-p", into)
        for file in files:
            machine.put(f"{place}/{file}", f"{into}/{file}")
            machine.run("chmod", "755" if os.access(f"{place}/{file}", os.X_OK) else "644", f"{into}/{file}")


def one(machine, name):
    return next((row for row in machine.rows("module", "list") if row["name"] == name), None)


def enable(machine, name):
    return confirmed(machine, "module", "enable", name)


def answered(machine, web, target):
    """The front end begins anew when modules come or go; until then it does not know of it."""
    machine.wait(f"{target} is reached", lambda: patient(web, target) == 200)


def patient(web, target):
    try:
        return web.get(target).status
    except OSError:
        return 0


class Asking(threading.Thread):
    """Somebody who asks the front end all the time, each time anew."""

    def __init__(self, web):
        super().__init__()
        self.web, self.over, self.asked, self.lost = web, False, 0, []
        self.start()

    def run(self):
        while not self.over:
            self.asked += 1
            try:
                status = self.web.get("/api/system/live").status
            except OSError as error:
                status = repr(error)
            if status != 200:
                self.lost.append(status)

    def end(self):
        self.over = True
        self.join()
        return self.lost


def people(machine, port):
    for name, role in ROLES.items():
        machine.bulkhead("users", "create", name, "--role", role, "--password-fd", "3", "--yes", secrets=(PASSWORD,))
    made = {"ada": Web(port), **{name: Web(port) for name in ROLES}}
    for name, web in made.items():
        web.sign_in(name, PASSWORD)
    return made


# --- the two of the documentation ---

def documented():
    with open(f"{DOCS}.md", encoding="utf-8") as file:
        page = file.read()
    for name in ("tasks/module.tasks.varlink", "tasks/program", "tasks/views/tasks.json", "load/module.load.varlink", "load/load.c"):
        with open(f"{DOCS}/{name}", encoding="utf-8") as file:
            text = file.read()
        check(f"docs/modules.md has {name} as it is", text in page)
        if name.endswith(("program", ".c")):
            check("in less than 60 lines", len(text.splitlines()) < 60)


def comes(machine, webs):
    install(machine, "tasks", f"{DOCS}/tasks")
    install(machine, "load", f"{DOCS}/load")
    machine.run("rm", f"{FOLDER}/load/load.c")
    with tempfile.TemporaryDirectory() as folder:
        built = subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{folder}/program", f"{DOCS}/load/load.c"], check=False)
        check("the C of the documentation compiles without a word", built.returncode == 0)
        machine.put(f"{folder}/program", f"{FOLDER}/load/new")
        machine.run("sh", "-c", f"chmod 755 {FOLDER}/load/new && mv {FOLDER}/load/new {FOLDER}/load/program")
    machine.wait("they are there and off", lambda: [(row["name"], row["status"], row["enabled"]) for row in machine.rows("module", "list")] ==
                 [("load", "off", False), ("tasks", "off", False)])
    check("nothing of them is reached", webs["ada"].get("/api/modules/tasks/all").status == 404 and
          machine.bulkhead("tasks", "list").returncode != 0)
    for role, status in (("vera", 403), ("otto", 403)):
        check(f"{role} may not enable them", webs[role].post("/api/modules/tasks/enable").status == status)
    dry = machine.bulkhead("module", "enable", "tasks", "--dry-run")
    check("the plan shows what runs", "bulkhead-module@tasks.socket" in dry.stdout and "confirmation" in dry.stdout, dry.stdout)
    done = webs["ada"].change("POST", "/api/modules/tasks/enable", password=PASSWORD)
    check("enabled over REST, with a confirmation", done.status == 200 and done.json["enabled"], done)
    check("enabled on the command line", enable(machine, "load").returncode == 0)
    machine.wait("both run", lambda: all(one(machine, name)["status"] == "running" and one(machine, name).get("published")
                                         for name in ("load", "tasks")))


def is_used(machine, webs):
    answered(machine, webs["vera"], "/api/modules/tasks/all")
    check("nothing to do at first", webs["vera"].get("/api/modules/tasks/all").json == [])
    stream = Stream(webs["vera"])
    state = stream.of(stream.watch("module.tasks.ListTasks"))["state"]
    refused = webs["vera"].post("/api/modules/tasks/all", {"what": "milk"})
    check("who may only look may not act", refused.status == 403 and refused.kind == "denied", refused)
    made = webs["ursel"].post("/api/modules/tasks/all", {"what": "buy milk"})
    task = {"id": 1, "what": "buy milk", "who": "ursel", "done": False}
    check("who may, does; the program is told who it is", made.status == 200 and made.json == task, made)
    state = follow(state, stream.of(1))
    check("who watches is told at once", state == [task], state)
    done = machine.bulkhead("tasks", "done", "1", "--yes")
    check("on the command line", done.returncode == 0, done.stderr)
    state = follow(state, stream.of(1))
    check("and that too", state == [{**task, "done": True}], state)
    check("read by everybody", json.loads(machine.bulkhead("tasks", "list", "--json").stdout)["tasks"] == state)
    check("it has its help", "Write a task down" in machine.bulkhead("tasks", "--help").stdout)
    for body, field in (({"what": 7}, "what"), ({"what": "x" * 201}, "what"), ({}, "what"), ({"what": "a", "more": 1}, "more")):
        wrong = webs["ursel"].post("/api/modules/tasks/all", body)
        check(f"what the contract does not say never comes to it: {field}", wrong.status == 422 and
              wrong.json["errors"][0]["field"] == field, wrong)
    unknown = webs["ursel"].post("/api/modules/tasks/all/99/done")
    check("the program's own refusal comes with its field", unknown.status == 422 and "no task 99" in unknown.json["errors"][0]["message"],
          unknown)
    dry = webs["ursel"].post("/api/modules/tasks/all?dry_run=true", {"what": "never"})
    check("a dry run asks nobody", dry.status == 200 and "AddTask" in dry.json["steps"][0]["words"] and
          len(webs["vera"].get("/api/modules/tasks/all").json) == 1, dry)
    bare = webs["ada"].ask("DELETE", "/api/modules/tasks/all")
    check("what destroys needs a confirmation", bare.status == 403 and bare.kind == "confirmation-required" and bare.json["plan"]["destroys"], bare)
    gone = webs["ada"].change("DELETE", "/api/modules/tasks/all", password=PASSWORD)
    check("confirmed it is done", gone.status == 204 and webs["vera"].get("/api/modules/tasks/all").json == [], gone)
    stream.close()


def is_everywhere(machine, webs):
    web = webs["otto"]
    document = web.get("/api/openapi.json").json
    check("in the OpenAPI document", document["paths"]["/api/modules/tasks/all"]["post"]["x-bulkhead-role"] == "user")
    check("in the TypeScript client", "tasksAddTask" in web.get("/api/types.ts").text)
    check("its contract is served", "interface module.tasks" in web.get("/api/contracts/module.tasks").text)
    check("forms are made from it", any("module.tasks" in json.dumps(part) for part in [web.get("/api/ui/contracts").json]))
    views = {view["view"] for view in web.get("/api/ui").json["views"]}
    check("its screens are there", {"tasks", "load", "modules"} <= views, views)
    types = machine.bulkhead("module", "types", "load")
    check("types for who writes it", "export interface LoadState" in types.stdout and "loadSetPace" in types.stdout, types.stdout[-500:])
    shown = machine.bulkhead("module", "show", "tasks", "--json")
    check("what can be asked of it", "bulkhead tasks clear" in shown.stdout, shown.stdout)
    before = web.get("/api/modules/load/now").json
    check("one publishes unasked", web.ask("PUT", "/api/modules/load/pace", {"seconds": 1}).status == 204, before)
    machine.wait("again and again", lambda: web.get("/api/modules/load/now").json["uptime"] > before["uptime"] + 2)
    wrong = web.ask("PUT", "/api/modules/load/pace", {"seconds": 61})
    check("its limits hold", wrong.status == 422, wrong)


def is_written_down(machine, webs):
    rows = [row for row in machine.rows("ledger", "list", "--limit", "200")
            if row.get("method") == "module.tasks.AddTask" and row.get("actor_name") == "ursel"]
    kinds = {row["kind"] for row in rows}
    check("intent and outcome are in the ledger, with what was asked", {"intent", "outcome"} <= kinds and
          any("buy milk" in json.dumps(row) for row in rows), rows[:3])
    check("refusals too", any(row["kind"] == "refusal" and "AddTask" in row.get("method", "") for row in
                              machine.rows("ledger", "list", "--limit", "200")))
    verified = machine.bulkhead("ledger", "verify")
    check("and the chain holds", verified.returncode == 0, verified.stderr)


def survives(machine, webs):
    webs["ursel"].post("/api/modules/tasks/all", {"what": "survive"})
    kept = webs["vera"].get("/api/modules/tasks/all").json
    before = machine.run("systemctl", "show", "-P", "MainPID", "bulkhead-module@tasks.service").stdout.strip()
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-module@tasks.service")
    check("killed, what it published is read all the same", webs["vera"].get("/api/modules/tasks/all").json == kept)
    machine.wait("and it comes back", lambda: machine.run("systemctl", "show", "-P", "MainPID", "bulkhead-module@tasks.service").stdout.strip()
                 not in ("0", before))
    check("and goes on from there", webs["ursel"].post("/api/modules/tasks/all", {"what": "again"}).json["id"] == kept[-1]["id"] + 1)
    machine.wait("what it published is in the table", lambda: "again" in machine.run(
        "runuser", "-u", "postgres", "--", "psql", "-tA", "bulkhead", "-c", "select state from modules.state where module = 'tasks'").stdout)
    machine.run("systemctl", "stop", "bulkhead-module@tasks.service")
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-modules-clerk.service")
    machine.wait("its clerk killed, all is known again", lambda: patient(webs["vera"], "/api/modules/tasks/all") == 200 and
                 len(webs["vera"].get("/api/modules/tasks/all").json) == len(kept) + 1)


# --- one that keeps to nothing ---

def misbehave(webs, what):
    return webs["ursel"].post("/api/modules/rogue/does", {"what": what})


def is_sandboxed(machine, webs):
    install(machine, "rogue", f"{HERE}/rogue")
    asking = Asking(webs["vera"].again())
    check("the rogue is enabled", enable(machine, "rogue").returncode == 0)
    answered(machine, webs["ursel"], "/api/modules/rogue/number")
    check("the front end has begun anew, and nobody noticed", asking.end() == [] and asking.asked > 1, asking.lost)
    done = misbehave(webs, "probe")
    said = json.loads(done.json["said"]) if done.status == 200 else {}
    machine.wait("all three run", lambda: all(one(machine, name)["status"] == "running" for name in ("rogue", "load", "tasks")))
    numbers = {machine.run("systemctl", "show", "-P", "UID", f"bulkhead-module@{name}.service").stdout.strip()
               for name in ("rogue", "load", "tasks")}
    check("each has an account of its own", len(numbers) == 3 and "0" not in numbers, numbers)
    check("without a capability", said.get("capabilities") == "0000000000000000", done)
    for what in ("settings", "shadow", "pools", "ours"):
        check(f"it cannot look at {what}", said.get(what) in ("PermissionError", "FileNotFoundError", "[]"), said.get(what))
    check("it sees no socket of others", said.get("sockets") == "[]", said.get("sockets"))
    check("nor their processes", said.get("others") == "[]", said.get("others"))
    for what in ("network", "unix"):
        check(f"it makes no socket ({what})", said.get(what) in ("PermissionError", "OSError"), said.get(what))
    for what in ("program", "system"):
        check(f"it cannot change the {what}", said.get(what) in ("PermissionError", "OSError"), said.get(what))
    check("it has a folder to keep things in", said.get("kept") == "1", said.get("kept"))
    check("from which nothing is run", said.get("run") == "PermissionError", said.get("run"))
    check("it cannot fork without end", said.get("forks") == "BlockingIOError", said.get("forks"))
    stranger = machine.run("setpriv", "--reuid=bulkhead-api", "--regid=bulkhead-api", "--clear-groups", "python3", "-c",
                           "import socket; socket.socket(socket.AF_UNIX).connect('/run/bulkhead-modules/rogue')")
    check("nobody but its clerk can connect to it", "PermissionError" in stranger.stderr, stranger.stderr)


def harms_only_itself(machine, webs):
    answers = {"die": ("has ended",), "garbage": ("talks nonsense",), "much": ("says too much",), "memory": ("has ended",),
               "wrong answer": ("does not say", "said"), "wrong state": ("does not say", "number"), "hang": ("in time",)}
    for what, words in answers.items():
        done = misbehave(webs, what)
        check(f"{what}: who asked is told so", done.status == 500 and all(word in done.json["detail"] for word in words), done)
        check(f"{what}: others do not notice", webs["vera"].get("/api/modules/tasks/all").status == 200 and
              webs["ursel"].post("/api/modules/tasks/all", {"what": what}).status == 200)
        machine.wait(f"{what}: it is tried again", lambda: misbehave(webs, "go on").status == 200)
    failed = machine.rows("ledger", "list", "--limit", "60")
    check("each is in the ledger as failed", sum(row.get("outcome") == "failed" and row.get("method") == "module.rogue.Misbehave"
                                                 for row in failed) >= len(answers), failed[:2])
    check("a second answer to one question ends it", misbehave(webs, "twice").status == 200)
    machine.wait("and is told", lambda: "asked nothing" in (one(machine, "rogue").get("message") or ""))
    machine.wait("and it comes back", lambda: misbehave(webs, "go on").status == 200)
    check("a flood keeps nobody waiting but who asked", misbehave(webs, "flood").status == 500 and
          webs["vera"].get("/api/modules/tasks/all").status == 200)
    clerk = machine.run("systemctl", "show", "-P", "NRestarts", "bulkhead-modules-clerk.service").stdout.strip()
    check("through all of that its clerk went on", clerk in ("0", "1"), clerk)
    check("and nothing failed", "bulkhead-modules" not in machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout)


# --- what is refused ---

CONTRACT = """# Wrong.
interface module.%(name)s
type State (
  n: int
)
# @http GET %(route)s
# @command %(noun)s get
# @role viewer
method Get() -> (n: int)
%(more)s"""
BAD = {  # name: (what is put into the contract, what is said)
    "nowhere": ({"route": "/api/pools/mine"}, "nowhere.varlink:6:"),
    "other": ({"route": "/api/modules/tasks/all"}, "expected one below /api/modules/other/"),
    "enabler": ({"route": "/api/modules/enabler/enable"}, "would shadow /api/modules/{module}/enable"),
    "noun": ({"noun": "users"}, "noun.varlink:7:"),
    "users": ({}, "belongs to nas.users"),
    "pools": ({}, "is a command of nas.storage"),
    "norole": ({"more": "# @http POST /api/modules/norole/x\n# @plan\nmethod X() -> ()\n"}, "norole.varlink:12:"),
    "secret": ({"more": "# @http POST /api/modules/secret/x\n# @plan\n# @role user\nmethod X(\n  # @max 9\n  # @secret\n  s: string\n) -> ()\n"},
               "@secret in a module"),
    "syntax": ({"more": "method {\n"}, "syntax.varlink:10:"),
    "liar": ({"interface": "tasks"}, "expected it in module.tasks.varlink"),
}


def bad_module(machine, name, interface=None, route=None, noun=None, more=""):
    text = CONTRACT % {"name": interface or name, "route": route or f"/api/modules/{name}/n", "noun": noun or name, "more": more}
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/module.{name}.varlink", "w", encoding="ascii") as file:
            file.write(text)
        with open(f"{folder}/program", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
        os.chmod(file.name, 0o755)
        install(machine, name, folder)


def is_refused(machine, name, words):
    done = machine.bulkhead("module", "enable", name, "--dry-run")
    check(f"{name}: refused, with what is wrong and where", done.returncode != 0 and words in done.stderr, done.stdout + done.stderr)
    machine.run("rm", "-r", f"{FOLDER}/{name}")


def refuses(machine):
    for name, (parts, words) in BAD.items():
        bad_module(machine, name, **parts)
        is_refused(machine, name, words)
    views = {"view": ('{"view": "viewing", "title": {"en": "x"}, "parts": [{"kind": "table", "method": "module.viewing.None"}]}', "viewing.json: parts[0]"),
             "theirs": ('{"view": "users", "title": {"en": "x"}, "parts": []}', 'the name "users"'),
             "address": ('{"view": "viewing", "at": "pools/{name}", "title": {"en": "x"}, "parts": []}', 'the address "pools/{name}"'),
             "broken": ('{"view": ', "viewing.json")}
    for what, (text, words) in views.items():
        bad_module(machine, "viewing")
        machine.run("mkdir", f"{FOLDER}/viewing/views")
        machine.run("sh", "-c", f"printf %s '{text}' > {FOLDER}/viewing/views/viewing.json")
        print(f"        view: {what}")
        is_refused(machine, "viewing", words)
    for what, command, words in (("a folder", "chmod g+w .", "can be written by others"), ("a file", "chmod o+w module.open.varlink", "module.open.varlink can be written"),
                                 ("an owner", "chown nobody program", "program can be written by others"), ("a link", "ln -s /etc/shadow link", "link is no plain file"),
                                 ("no program", "rm program", "There is no program"), ("one that cannot be run", "chmod 644 program", "everybody may run")):
        bad_module(machine, "open")
        machine.run("sh", "-c", f"cd {FOLDER}/open && {command}")
        print(f"        {what}")
        is_refused(machine, "open", words)
    for name in ("../tasks", "Tasks", "x", "ssh.service", ""):
        other = machine.bulkhead("module", "enable", name, "--dry-run")
        check(f"no other name: {name!r}", other.returncode != 0 and "must be" in other.stderr, other.stderr)
    direct = machine.run("setpriv", "--reuid=bulkhead-modules-hand", "--regid=bulkhead-modules-hand", "--clear-groups",
                         "systemctl", "--no-ask-password", "stop", "ssh.service")
    check("the hand's user can act on no other unit", direct.returncode != 0)


def goes(machine, webs):
    stream = Stream(webs["vera"])
    stream.of(stream.watch("module.rogue.GetNumber"))
    check("disabled", machine.bulkhead("module", "disable", "rogue", "--yes").returncode == 0)
    machine.wait("it is on no surface any more", lambda: patient(webs["ada"], "/api/modules/rogue/number") == 404 and
                 machine.bulkhead("rogue", "number").returncode != 0 and
                 webs["ada"].get("/api/contracts/module.rogue").status == 404)
    check("and nothing of it runs", machine.state("bulkhead-module@rogue.service") != "active" and
          machine.state("bulkhead-module@rogue.socket") != "active" and
          machine.run("test", "-e", "/run/bulkhead-modules/rogue").returncode != 0)
    machine.trial("reboot")
    machine.wait("after a reboot the enabled are there", lambda: machine.bulkhead("module", "list").returncode == 0 and
                 all(one(machine, name)["status"] == "running" for name in ("load", "tasks")))
    check("with what they had published", "survive" in machine.bulkhead("tasks", "list").stdout)
    check("and the other is not", one(machine, "rogue")["status"] == "off" and
          machine.state("bulkhead-module@rogue.socket") != "active")
    check("disabling one whose folder is gone works", machine.run("rm", "-r", f"{FOLDER}/load").returncode == 0 and
          machine.bulkhead("module", "disable", "load", "--yes").returncode == 0 and one(machine, "load") is None)


def all_of_it(machine):
    with open(f"/run/bulkhead-trial/{machine.env['TRIAL_NAME']}/port", encoding="ascii") as port:
        webs = people(machine, int(port.read()))
    for step in (comes, is_used, is_everywhere, is_written_down, survives, is_sandboxed, harms_only_itself):
        step(machine, webs)
    refuses(machine)
    goes(machine, webs)


if __name__ == "__main__":
    documented()
    lives(Machine(sys.argv[1], TRIAL_DISKS="0", TRIAL_PORT=""), all_of_it)
