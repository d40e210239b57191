"""The users daemon in trouble: database away, hand or clerk shot in the middle, tickets taken back while something
runs. Whatever happens, machine and ledger agree afterwards, and no secret is found anywhere.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/users_trouble.py      (make users builds what it needs)
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import PASSWORDS, Person, last_row, ledger, make, ready, refused, sign_in, start  # noqa: E402
from box import DATABASE, PATIENCE, SOON, Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP users_trouble: the box needs root", allow_module_level=True)


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        start(made)
        yield made


@pytest.fixture
def ada(box):
    return Person(box, "ada") if "ada" in box.accounts() else sign_in(box, "ada", "admin")


class Held:
    """The hand stands still in here."""

    def __init__(self, box):
        self.box = box

    def __enter__(self):
        self.box.ask("hello", user="bulkhead-users")
        self.pid = self.box.processes["users-hand"].pid
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


class Watch:
    """A call with more: its replies so far."""

    def __init__(self, box, method, parameters=None, ticket=None, **caller):
        self.connection = box.connect("users")
        body = {"method": method, "more": True,
                "parameters": {**(parameters or {}), "caller": {"ticket": ticket, **caller}}}
        self.connection.sendall(json.dumps(body).encode() + b"\0")
        self.replies, self.times = [], []
        self.thread = threading.Thread(target=self.read, args=(box,), daemon=True)
        self.thread.start()

    def read(self, box):
        for reply in box.messages(self.connection):
            self.replies.append(reply)
            self.times.append(time.monotonic())
            if not reply.get("continues"):
                return


def many(first, count):
    return "username,full name,role,groups\n" + "".join(f"{first}{number},,user,\n" for number in range(count))


def in_background(call):
    result = []

    def run():
        try:
            result.append(call())
        except Exception as error:  # told to who asks
            result.append(error)
    threading.Thread(target=run, daemon=True).start()
    return result


def agree(box):
    """Each intent has one outcome, and what it says is so."""
    box.wait_for(lambda: not box.psql(
        "select object from ledger.row i where kind = 'intent' and not exists (select from ledger.row o where "
        "o.plan = i.plan and o.kind = 'outcome')"))
    assert not box.psql("select plan from ledger.row where kind = 'outcome' group by plan having count(*) > 1")
    there = {}
    for method, subject, outcome in box.psql(
            "select method, object, outcome from ledger.row where kind = 'outcome' order by id"):
        if outcome == "success" and method in ("nas.users.CreateUser", "nas.users.DeleteUser"):
            there[subject.split()[1]] = method == "nas.users.CreateUser"
        elif method == "nas.users.CreateUser":
            there.setdefault(subject.split()[1], False)
    accounts = box.accounts()
    assert {name: name in accounts for name in there} == there


def wait_for_intent(box, ada, name):
    """It is written, and the clerk was told so: others see a row a moment before whoever wrote it hears of it."""
    box.wait_for(lambda: box.psql("select 1 from ledger.row where kind = 'intent' and object = %s", f"user {name}"))
    box.wait_for(lambda: not box.psql("select 1 from pg_stat_activity where usename = 'bulkhead-users' and state <> 'idle'"))
    ada.call("Me")
    time.sleep(0.5)


def test_without_the_database_reads_go_on_and_changes_are_refused(box, ada):
    make(box, "before")
    box.stop_database()
    box.wait_for(lambda: "database is away" in box.processes["users-clerk"].output())
    assert "before" in [user["username"] for user in ada.call("ListUsers")["users"]]
    assert ada.call("ListSessions")["sessions"] and ada.call("GetUser", {"username": "before"})["user"]["created"]
    accounts = box.accounts()
    error = refused(ada.call, "CreateUser", {"username": "not-now"})
    assert error.name == "nas.error.Unavailable" and "database" in error.parameters["message"]
    assert ada.call("CreateUser", {"username": "not-now"}, dry_run=True)["plan"]["steps"]
    late = Person(box, "before")
    assert late.call("Me")["user"]["username"] == "before", "signing in needs no database"
    assert box.accounts() == accounts
    box.start_database()
    ready(box)
    assert ada.call("CreateUser", {"username": "now-it-goes"})["user"]["id"]
    box.wait_for(lambda: late.call("ListSessions")["sessions"])
    assert ("event", "nas.users.Login", "user before", "success") in ledger(box)
    agree(box)


def test_the_database_shot_in_the_middle_of_a_change(box, ada):
    for number in range(4):
        name = f"shot{number}"
        with Held(box):
            done = in_background(lambda wanted=name: ada.call("CreateUser", {"username": wanted}))
            wait_for_intent(box, ada, name)
            box.stop_database()
        try:
            box.wait_for(lambda: done)
        finally:
            box.start_database()
        assert not isinstance(done[0], Exception) and name in box.accounts(), "what was done is answered as done"
        ready(box)
        agree(box)


def test_the_hand_shot_in_the_middle_of_a_plan(box, ada):
    before = last_row(box)
    job = ada.change("ImportUsers", {"csv": many("half", 12)})["job"]
    box.wait_for(lambda: ada_job(box, job, ada.ticket)["step"] > 9)
    box.kill("users-hand")
    box.wait_for(lambda: ada_job(box, job)["state"] == "failed")
    assert not [name for name in box.accounts() if name.startswith("half")], "undone, not half done"
    assert [row[3] for row in ledger(box, before) if row[0] == "outcome"] == ["failed"]
    assert make(box, "half0")["user"]["id"]
    agree(box)


def ada_job(box, job, ticket=None):
    return box.call("users", "nas.job.GetJob", {"id": job}, ticket=ticket or box.root_ticket())["job"]


def test_the_clerk_shot_between_intent_and_outcome(box, ada):
    for number in range(4):
        name = f"twixt{number}"
        with Held(box):
            in_background(lambda wanted=name: ada.call("CreateUser", {"username": wanted}))
            wait_for_intent(box, ada, name)
            box.kill("users-clerk")
        ready(box)
        agree(box)
        ada.refresh()


def test_the_clerk_shot_while_a_job_runs(box, ada):
    job = ada.change("ImportUsers", {"csv": many("long", 10)})["job"]
    box.wait_for(lambda: ada_job(box, job, ada.ticket)["step"] > 5)
    box.kill("users-clerk")
    ready(box)
    box.wait_for(lambda: ada_job(box, job)["state"] == "success")
    assert len([name for name in box.accounts() if name.startswith("long")]) == 10
    listed = box.call("users", "nas.job.ListJobs", {"limit": 500}, ticket=box.root_ticket())["jobs"]
    assert [one["id"] for one in listed] == sorted((one["id"] for one in listed), reverse=True)
    assert ada.call("GetUser", {"username": "long3"})["user"]["created"], "what follows in the tables was settled too"
    agree(box)


def test_a_job_is_watched_and_stopped(box, ada):
    watch = Watch(box, "nas.job.ListJobs", ticket=ada.ticket)
    job = ada.change("ImportUsers", {"csv": many("stop", 15)})["job"]
    box.wait_for(lambda: ada_job(box, job, ada.ticket)["step"] > 5)
    val = sign_in_later(box)
    assert refused(box.call, "users", "nas.job.GetJob", {"id": job}, ticket=val).name == "nas.error.NotFound"
    assert refused(box.call, "users", "nas.job.AbortJob", {"id": job}, ticket=val).name == "nas.error.Denied"
    box.call("users", "nas.job.AbortJob", {"id": job}, ticket=ada.ticket)
    box.wait_for(lambda: ada_job(box, job)["state"] == "aborted")
    assert not [name for name in box.accounts() if name.startswith("stop")]
    assert refused(box.call, "users", "nas.job.AbortJob", {"id": job}, ticket=ada.ticket).name == "nas.error.Conflict"
    assert "jobs" in watch.replies[0]["parameters"] and len(watch.replies) > 5
    assert all("patch" in reply["parameters"] for reply in watch.replies[1:])
    agree(box)


def sign_in_later(box):
    """A ticket of somebody who was made before; signing in goes on while a plan runs."""
    return Person(box, "before").ticket


def test_progress_goes_to_who_asked(box, ada):
    watch = Watch(box, "nas.users.CreateUser", {"username": "seen"}, ticket=ada.ticket)
    watch.thread.join(PATIENCE)
    assert watch.replies[0]["parameters"]["job"] > 0
    steps = [reply["parameters"]["progress"] for reply in watch.replies if "progress" in reply["parameters"]]
    assert [step["step"] for step in steps] == [1, 2, 3] and steps[1]["words"].startswith("Create the Unix account")
    assert watch.replies[-1]["parameters"]["user"]["username"] == "seen"


def test_an_open_watch_ends_within_a_second_of_signing_out(box, ada):
    wes = sign_in(box, "wes", "operator")
    watch = Watch(box, "nas.users.ListUsers", ticket=wes.ticket)
    box.wait_for(lambda: watch.replies)
    make(box, "fresh")
    box.wait_for(lambda: len(watch.replies) > 1)
    ada.change("UpdateUser", {"username": "wes", "enabled": False})
    began = time.monotonic()
    watch.thread.join(PATIENCE)
    assert watch.replies[-1]["error"] == "nas.error.Unauthenticated"
    assert watch.times[-1] - began < SOON


def test_a_running_job_ends_when_who_began_it_is_signed_out(box, ada):
    amy = sign_in(box, "amy", "admin")
    job = amy.change("ImportUsers", {"csv": many("gone", 40)})["job"]
    box.wait_for(lambda: ada_job(box, job, amy.ticket)["step"] > 5)
    began = time.monotonic()
    done = in_background(lambda: ada.change("EndAllSessions"))
    box.wait_for(lambda: done)
    took = time.monotonic() - began
    assert not isinstance(done[0], Exception), done
    box.wait_for(lambda: ada_job(box, job)["state"] == "aborted")
    assert not [name for name in box.accounts() if name.startswith("gone")]
    assert took < SOON
    agree(box)


def test_a_flood_of_refusals_does_not_fill_the_ledger(box):
    before, connection = last_row(box), box.connect("users")
    connection.sendall(b"".join(json.dumps({"method": "nas.users.ListUsers", "parameters": {}}).encode() + b"\0"
                                for _ in range(2000)))
    answers = box.messages(connection)
    for _ in range(2000):
        assert next(answers)["error"] == "nas.error.Unauthenticated"

    def rows():
        return box.psql("select object, detail from ledger.row where id > %s and kind = 'refusal'", before)

    def told():
        counted = [json.loads(detail).get("Unauthenticated", 0) if "more refusals" in name else name == "" for name, detail in rows()]
        return sum(counted)
    box.wait_for(lambda: told() >= 2000)
    assert told() == 2000 and len(rows()) < 200


def test_the_clerk_ends_politely(box, ada):
    clerk = box.processes["users-clerk"]
    make(box, "last")
    rows = last_row(box)
    exits = len(clerk.exits())
    os.kill(clerk.pid, signal.SIGTERM)
    clerk.wait(lambda events: sum(event[0] == "exited" for event in events) > exits)
    assert clerk.exits()[-1] == ("code", 0)
    number = box.psql("select max(number) from ledger.row where id <= %s", rows)[0][0]
    assert box.psql("select max(number) from ledger.checkpoint")[0][0] >= number, "the end is signed"
    ready(box)


def test_no_secret_is_anywhere(box, ada):
    """Passwords, tickets, sessions and keys: not in the ledger, the tables, any log or the hand's journal."""
    secrets = [*PASSWORDS.values(), ada.ticket, ada.session, ada.device]
    tables = box.psql("select table_schema || '.' || table_name from information_schema.tables "
                      "where table_schema in ('ledger', 'users') and table_type = 'BASE TABLE'")
    text = "".join(str(box.psql(f"select * from {name}")) for (name,) in tables)
    assert len(text) > 10000
    for process in box.processes.values():
        text += process.output()
    for path in subprocess.run(["find", "/var/lib/bulkhead", "/var/lib/bulkhead-users-hand", "/run/bulkhead",
                                "/var/log", f"{DATABASE}/log", "-type", "f"], stdout=subprocess.PIPE, text=True, check=True
                               ).stdout.split():
        with open(path, "rb") as file:
            text += file.read().decode("latin-1")
    for secret in secrets:
        assert secret not in text
