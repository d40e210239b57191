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
        parts.append((table, box.psql(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t")))
    parts.append(box.psql("select count(*) from ledger.row where kind in ('intent', 'outcome')"
                          if "text" in column_type(box) else "select count(*) from ledger.row where kind in (1, 2)"))
    with open("/run/bulkhead/trust/current", "rb") as file:
        parts.append(hashlib.sha256(file.read()).hexdigest())
    return parts


def column_type(box):
    return box.psql("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'ledger.row'::regclass "
                    "and attname = 'kind'")[0][0]


def login(box, name):
    return box.call("users", "nas.users.Login", {"username": name, "password": PASSWORD})["token"]


def confirmed(box, method, parameters, ticket):
    """The plan that asks for a warrant, and a warrant for it."""
    try:
        box.call("users", method, parameters, ticket=ticket)
    except VarlinkError as error:
        plan = error.parameters["plan"]
        return plan, box.root_warrant(plan["digest"], ticket)
    raise AssertionError(f"{method} went without a warrant")


def unbase64(text):
    import base64
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()


def collect(box):
    """A busy day: what passed through the front end and the clerk."""
    root = box.root_ticket()
    for name, role in (("vera", "viewer"), ("dora", "operator"), ("olga", "user")):
        box.change("users", "nas.users.CreateUser", {"username": name, "role": role, "password": PASSWORD})
    low, dead = login(box, "vera"), login(box, "dora")
    box.call("users", "nas.users.Logout", ticket=dead)
    spent_plan, spent = confirmed(box, "nas.users.DeleteUser", {"username": "olga"}, root)
    box.call("users", "nas.users.DeleteUser", {"username": "olga"}, ticket=root, warrant=spent)
    _, other = confirmed(box, "nas.users.DeleteUser", {"username": "vera"}, root)
    mighty, fresh = confirmed(box, "nas.users.UpdateUser", {"username": "dora", "role": "admin"}, root)
    plan = box.call("users", "nas.users.CreateGroup", {"name": "pirates"}, ticket=root, dry_run=True)["plan"]
    return {"good": root, "low": low, "dead": dead, "spent": spent, "other": other, "fresh": fresh,
            "plan": unbase64(plan["plan"]), "mighty": unbase64(mighty["plan"])}


def attack(box, kind, socket, count, uid, material, groups=None):
    words = [f"{box.build}/takeover", kind, socket, str(count), "7"]
    done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", f"--groups={groups or uid}", *words],
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
        # The console's tickets are good for root alone: the front end gets nowhere even with a live one.
        through = attack(box, "clerk", SOCKETS["users"], attempts * 6 // 10, "nobody", material, "bulkhead-callers")
        check(f"front end: {attempts * 6 // 10} forged calls, none got through", through == 0)
        material = {**material, **refresh(box)}
        through = attack(box, "hand", HAND, attempts * 4 // 10, "bulkhead-users", material)
        check(f"clerk: {attempts * 4 // 10} forged records, none got through", through == 0)
        check("nothing changed", state(box) == before)
        check("a stranger cannot reach the hand", attack(box, "hand", HAND, 1, "nobody", material) != 0
              or not reaches(HAND, "nobody"))
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
    """Fresh versions of what expires: a live console ticket, warrants of the minute."""
    root = box.root_ticket()
    _, other = confirmed(box, "nas.users.DeleteUser", {"username": "vera"}, root)
    mighty, fresh = confirmed(box, "nas.users.UpdateUser", {"username": "dora", "role": "admin"}, root)
    return {"good": root, "other": other, "fresh": fresh, "mighty": unbase64(mighty["plan"])}


def reaches(path, user):
    code = f"import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect({path!r})"
    return subprocess.run(["setpriv", f"--reuid={user}", f"--regid=nogroup", "--clear-groups", "/usr/bin/python3", "-c", code],
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    main()
