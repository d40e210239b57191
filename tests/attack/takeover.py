#!/usr/bin/python3
"""The taken-over front end and clerk: at least 100,000 hostile attempts, and nothing changes.

    tests/attack/takeover.py BUILD [ATTEMPTS]

Collects what such a process would have seen on a busy day (live, revoked and low tickets, a spent warrant, one for
another plan), then plays it against the sockets as the uid that it would have: see takeover.c. Compares accounts,
tables, policies and trust before and after. Then one good warrant is spent by a thousand threads at once.
"""
import hashlib
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import HAND, SOCKETS, Box, VarlinkError  # noqa: E402

FRONT = "bulkhead-api"
PASSWORD = "battery staple correct horse"
results = {"passed": 0, "failed": 0}


def check(what, good):
    results["passed" if good else "failed"] += 1
    print(("ok      " if good else "FAILED  ") + what, flush=True)


def state(box):
    """Everything that a change would change."""
    parts = []
    for path in ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"):
        with open(path, "rb") as file:
            parts.append(hashlib.sha256(file.read()).hexdigest())
    tables = [row[0] for row in box.psql("select format('%I.%I', schemaname, tablename) from pg_tables "
                                         "where schemaname = 'users' order by 1")]
    for table in tables:
        rows = box.psql(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t")
        parts.append((table, rows))
    parts.append(box.psql("select count(*) from ledger.row where kind in ('intent', 'outcome')"))
    with open("/run/bulkhead/trust/current", "rb") as file:
        parts.append(hashlib.sha256(file.read()).hexdigest())
    return parts


def login(box, name):
    return box.call("users", "nas.users.Login", {"username": name, "password": PASSWORD})["token"]


def confirmed(box, method, parameters, ticket):
    """The plan that asks for a warrant, and a warrant for it."""
    try:
        box.call("users", method, parameters, ticket=ticket)
    except VarlinkError as error:
        plan = error.parameters["plan"]
        answer = box.call("users", "nas.users.Confirm", {"digest": plan["digest"], "plan": plan["plan"],
                                                         "password": PASSWORD}, ticket=ticket)
        return plan, answer["warrant"]
    raise AssertionError(f"{method} went without a warrant")


def unbase64(text):
    import base64
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()


def collect(box):
    """A busy day: what passed through the front end and the clerk."""
    for name, role in (("boss", "admin"), ("vera", "viewer"), ("dora", "operator"), ("olga", "user")):
        box.change("users", "nas.users.CreateUser", {"username": name, "role": role, "password": PASSWORD})
    root, low, dead = login(box, "boss"), login(box, "vera"), login(box, "dora")
    box.call("users", "nas.users.Logout", ticket=dead)
    spent_plan, spent = confirmed(box, "nas.users.DeleteUser", {"username": "olga"}, root)
    box.call("users", "nas.users.DeleteUser", {"username": "olga"}, ticket=root, warrant=spent)
    _, other = confirmed(box, "nas.users.DeleteUser", {"username": "vera"}, root)
    mighty, fresh = confirmed(box, "nas.users.UpdateUser", {"username": "dora", "role": "admin"}, root)
    plan = box.call("users", "nas.users.CreateGroup", {"name": "pirates"}, ticket=root, dry_run=True)["plan"]
    return {"good": root, "low": low, "dead": dead, "spent": spent, "other": other, "fresh": fresh,
            "plan": unbase64(plan["plan"]), "mighty": unbase64(mighty["plan"])}


def attack(box, kind, socket, count, uid, material, group=None):
    words = [f"{box.build}/takeover", kind, socket, str(count), "7"]
    group = group or uid
    done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={group}", f"--groups={group}", *words],
                          input="".join(f"{key} {text}\n" for key, text in material.items()), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    print(f"        as {uid}: {last}")
    if done.returncode:
        print(done.stdout[-2000:])
    return int(last.split(", ")[1].split()[0]) if "got through" in last else -1


def main():
    build, attempts = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with Box(build) as box:
        box.start_all()
        material = collect(box)
        before = state(box)
        through = attack(box, "clerk", SOCKETS["users"], attempts * 6 // 10, FRONT, material, "bulkhead-callers")
        check(f"front end: {attempts * 6 // 10} forged calls, none got through", through == 0)
        check("nothing changed", state(box) == before)
        material = {**material, **refresh(box)}
        before = state(box)
        through = attack(box, "hand", HAND, attempts * 4 // 10, "bulkhead-users", material)
        check(f"clerk: {attempts * 4 // 10} forged records, none got through", through == 0)
        check("nothing changed", state(box) == before)
        check("the front end cannot reach the hand", not reaches(HAND, FRONT, "bulkhead-callers"))
        check("a stranger cannot reach the clerk", not reaches(SOCKETS["users"], FRONT, "nogroup"))
        check("but the front end can", reaches(SOCKETS["users"], FRONT, "bulkhead-callers"))
        # One fresh warrant, a thousand threads.
        material.update(refresh(box))
        spent = attack(box, "spend", HAND, 1000, "bulkhead-users", material)
        check(f"one warrant, a thousand threads: spent once ({spent})", spent == 1)
        check("and what it was for was done once", "bulkhead-admin" in box.accounts()["dora"]["groups"])
        verdict = box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket(), seconds=300)
        check(f"the ledger verifies ({verdict['rows']} rows)", verdict["good"])
    print(f"{results['passed']} passed, {results['failed']} failed")
    sys.exit(1 if results["failed"] else 0)


def refresh(box):
    """Fresh versions of what expires: a live administrator's ticket, warrants of the minute."""
    root = login(box, "boss")
    _, other = confirmed(box, "nas.users.DeleteUser", {"username": "vera"}, root)
    mighty, fresh = confirmed(box, "nas.users.UpdateUser", {"username": "dora", "role": "admin"}, root)
    return {"good": root, "other": other, "fresh": fresh, "mighty": unbase64(mighty["plan"])}


def reaches(path, user, group):
    kind = "SOCK_SEQPACKET" if path == HAND else "SOCK_STREAM"
    code = f"import socket; socket.socket(socket.AF_UNIX, socket.{kind}).connect({path!r})"
    return subprocess.run(["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "/usr/bin/python3",
                           "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    main()
