#!/usr/bin/python3
"""The appliance as its owner meets it: real systemd, the units that ship, a real database, real accounts.

    tests/appliance/run.py BUILD

Boots a trial machine of its own (tests/appliance/trial), goes through set-up and daily work with the command line,
then breaks things: processes killed, the database stopped, a reboot. Ends with "N passed, N failed".
"""
import json
import re
import sys

from certificate import has_a_certificate
from machine import DAEMONS, OTHER, PASSWORD, POSTGRES, Machine, check, ledger_verifies, lives


def stands(machine):
    machine.wait("the database is set up by itself", lambda: machine.run(
        "systemctl", "is-active", "bulkhead-database").stdout.strip() == "active")
    failed = machine.run("systemctl", "--failed", "--no-legend").stdout.strip()
    check("no unit failed", failed == "", failed)
    for unit in (*(f"{name}.socket" for name in DAEMONS), *(f"{name}.service" for name in DAEMONS if "clerk" in name),
                 "acme.path", "api-https.socket", "api-http.socket", "api.socket", "api.service"):
        state = machine.run("systemctl", "is-active", f"bulkhead-{unit}").stdout.strip()
        check(f"{unit} is active", state == "active", state)


def is_reached(machine):
    """Over the network, as a browser on another machine."""
    machine.wait("https answers", lambda: machine.fetch("/") == "200")
    check("http shows the way", machine.fetch("/", "http") in ("301", "307", "308"), machine.fetch("/", "http"))
    check("without signing in nothing is shown", machine.fetch("/api/users") == "401", machine.fetch("/api/users"))


def banner(machine):
    return machine.run("cat", "/etc/issue.d/bulkhead.issue").stdout


def is_set_up(machine):
    machine.wait("a set-up code stands above the login at the console, before anybody asked for one",
                 lambda: re.search(r"code: [a-z2-7]{4}(-[a-z2-7]{4}){5}\n", banner(machine)))
    code = machine.setup_code()
    check("the set-up code is shown to root", re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){5}", code), code)
    check("it is that of the console", code in banner(machine), banner(machine))
    words = ("setup", "run", "ada", "--full-name", "Ada L.", "--setup-code-fd", "3", "--password-fd", "4", "--yes")
    wrong = machine.bulkhead(*words, secrets=("aaaa-aaaa-aaaa-aaaa-aaaa-aaaa", PASSWORD))
    check("a wrong set-up code is refused", wrong.returncode != 0, wrong.stdout)
    check("and nobody was made", machine.run("id", "ada").returncode != 0)
    machine.wait("the first administrator is made",
                 lambda: machine.bulkhead(*words, secrets=(code, PASSWORD)).returncode == 0)
    machine.wait("it is gone from the console", lambda: code not in banner(machine) and "https://" in banner(machine))
    again = machine.bulkhead("setup", "run", "eve", "--setup-code-fd", "3", "--password-fd", "4", "--yes",
                             secrets=(code, PASSWORD))
    check("the code works once", again.returncode != 0 and machine.run("id", "eve").returncode != 0, again.stdout)


def does_daily_work(machine):
    before = machine.run("cat", "/etc/passwd").stdout
    dry = machine.bulkhead("users", "create", "alice", "--role", "operator", "--dry-run")
    check("a dry run shows the literal steps", "/usr/sbin/useradd --uid=" in dry.stdout, dry.stdout + dry.stderr)
    check("and changes nothing", machine.run("cat", "/etc/passwd").stdout == before)
    made = machine.bulkhead("users", "create", "alice", "--role", "operator", "--yes")
    check("alice is made", made.returncode == 0, made.stderr)
    check("she is a Unix account of our range with her role's group",
          re.search(r"uid=2\d{4}\(alice\).*\(bulkhead-operator\)", machine.run("id", "alice").stdout),
          machine.run("id", "alice").stdout)
    twice = machine.bulkhead("users", "create", "alice", "--yes")
    check("not a second time, and says why", twice.returncode == 5 and "taken" in twice.stderr, twice.stderr)
    bad = machine.bulkhead("users", "create", "Not A Name", "--yes")
    check("a bad name is refused and named", bad.returncode != 0 and "USERNAME" in bad.stderr, bad.stderr)
    abilities = {ability["name"]: ability["can"] for ability in machine.rows("system", "abilities")}
    check("it knows what it can do", abilities.get("pools") == "yes" and abilities.get("network") == "yes", abilities)
    warranted(machine)
    signed_in(machine)
    ledger_verifies(machine)


def confirm(machine, *words, secrets=()):
    """Looks at the plan, then confirms exactly that: as a script does."""
    dry = machine.bulkhead(*words, "--dry-run", "--json", secrets=secrets)
    digest = re.search(r'"digest": *"([0-9a-f]{64})"', dry.stdout)
    assert digest, dry.stdout + dry.stderr
    return machine.bulkhead(*words, "--yes", "--confirm", digest.group(1), secrets=secrets)


def warranted(machine):
    machine.bulkhead("users", "create", "bob", "--yes")
    refused = machine.bulkhead("users", "delete", "bob", "--yes")
    check("--yes does not skip a warrant", refused.returncode == 7 and machine.run("id", "bob").returncode == 0,
          refused.stderr)
    gone = confirm(machine, "users", "delete", "bob")
    check("a confirmed plan is carried out", gone.returncode == 0 and machine.run("id", "bob").returncode != 0, gone.stderr)
    last = confirm_or_refusal(machine, "users", "delete", "ada")
    check("the last administrator stays", last.returncode == 5 and machine.run("id", "ada").returncode == 0, last.stderr)


def confirm_or_refusal(machine, *words):
    dry = machine.bulkhead(*words, "--dry-run", "--json")
    return dry if dry.returncode else confirm(machine, *words)


def signed_in(machine):
    done = confirm(machine, "users", "password", "alice", "--password-fd", "3", secrets=(OTHER,))
    check("alice gets a password", done.returncode == 0, done.stderr)
    seen = machine.bulkhead("users", "list", "--as", "alice", "--as-password-fd", "3", secrets=(OTHER,))
    check("she signs in and may look", seen.returncode == 0 and "ada" in seen.stdout, seen.stderr)
    denied = machine.bulkhead("users", "create", "eve", "--yes", "--as", "alice", "--as-password-fd", "3",
                              secrets=(OTHER,))
    check("but not make accounts", denied.returncode == 3 and machine.run("id", "eve").returncode != 0, denied.stderr)
    wrong = machine.bulkhead("users", "list", "--as", "alice", "--as-password-fd", "3", secrets=("not her password",))
    check("a wrong password is refused", wrong.returncode == 3, wrong.stderr)


def is_fenced(machine):
    for unit in DAEMONS:
        machine.bulkhead("users", "list") # so that the hand runs
        machine.run("systemctl", "start", f"bulkhead-{unit}.service")
        machine.bulkhead("setup-code")
        status = machine.run("cat", f"/proc/{machine.pid(unit)}/status").stdout
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        check(f"{unit} is not root", fields.get("Uid", "0").split()[0] != "0", fields.get("Uid"))
        check(f"{unit} has no new privileges and a filter",
              fields.get("NoNewPrivs") == "1" and fields.get("Seccomp") == "2", status)
        if unit.endswith("clerk"):
            none = all(int(fields[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
            check(f"{unit} has no capability", none, status)


def shares_no_identity(machine):
    """Every process that systemd started for a unit of ours: none is root, and no two programs have one uid."""
    machine.bulkhead("doctor")  # wakes the hands
    listed = machine.run("sh", "-c", "for p in /proc/[0-9]*; do grep -q system.slice/bulkhead- $p/cgroup 2>/dev/null && echo "
                         "$(awk '/^Uid:/ {print $2, $3, $4, $5}' $p/status) $(readlink $p/exe); done").stdout
    rows = [(set(line.split()[:4]), line.split()[4]) for line in listed.splitlines() if len(line.split()) == 5]
    programs = {program for _, program in rows if program.startswith("/usr/libexec/bulkhead/")}
    wanted = {f"/usr/libexec/bulkhead/{name}" for name in (*DAEMONS, "api")}
    check("every daemon was seen", wanted <= programs, rows)
    check("no process of ours has uid 0 in any place", rows and not any("0" in uids for uids, _ in rows), rows)
    users = {program: uids for uids, program in rows}
    check("no two share a uid", len({frozenset(uids) for uids in users.values()}) == len(users), rows)


def survives(machine):
    for unit in DAEMONS:
        machine.run("systemctl", "kill", "-s", "KILL", f"bulkhead-{unit}.service")
    machine.wait("all daemons killed: they come back and work", lambda: machine.bulkhead(
        "users", "update", "alice", "--full-name", "Alice L.", "--yes").returncode == 0)
    machine.run("systemctl", "stop", POSTGRES, "postgresql.service")
    listed = machine.bulkhead("users", "list")
    check("database away: reads go on", listed.returncode == 0 and "alice" in listed.stdout, listed.stderr)
    refused = machine.bulkhead("users", "create", "carl", "--yes")
    check("database away: changes are refused clearly", refused.returncode == 6 and "database" in refused.stderr.lower(),
          refused.stderr)
    check("and nothing was done", machine.run("id", "carl").returncode != 0)
    machine.run("systemctl", "start", "postgresql.service")
    machine.wait("database back: it heals by itself",
                 lambda: machine.bulkhead("users", "create", "carl", "--yes").returncode == 0)
    machine.wait("the hand goes when idle", lambda: machine.pid("users-hand") == "0")
    people = machine.rows("users", "list")
    rebooted = machine.trial("reboot")
    check("it reboots", rebooted.returncode == 0, rebooted.stdout)
    machine.wait("a reboot keeps everything", lambda: machine.bulkhead("users", "list").returncode == 0 and
                 machine.rows("users", "list") == people)
    machine.wait("and it works after", lambda: machine.bulkhead("groups", "create", "family", "--yes").returncode == 0)
    machine.wait("the ledger verifies after all that", lambda: json.loads(
        machine.bulkhead("ledger", "verify", "--json").stdout or "{}").get("good") is True)
    open_plans = machine.run("bash", "-c", "ls -A /var/lib/bulkhead-*-hand/journal/* 2>/dev/null | wc -l").stdout.strip()
    check("no plan is left open", open_plans == "0", open_plans)


def journal_of(machine, request):
    """(outcome, kind, method, actor, identifier) of the journal's lines of one request, oldest first."""
    lines = machine.run("journalctl", "-o", "json", "--no-pager", f"BULKHEAD_REQUEST={request}").stdout.splitlines()
    fields = ("BULKHEAD_KIND", "BULKHEAD_OUTCOME", "BULKHEAD_METHOD", "BULKHEAD_ACTOR", "SYSLOG_IDENTIFIER")
    return [tuple(json.loads(line).get(field) for field in fields) for line in lines]


def journals(machine):
    """What the ledger has is found in the journal by the request's id, refusals too."""
    machine.bulkhead("users", "create", "alice", "--yes")
    asked = ("ledger", "list", "--kind", "refusal", "--method", "nas.users.CreateUser", "--limit", "1")
    machine.wait("what was refused is in the ledger", lambda: machine.rows(*asked))
    refused = machine.rows(*asked)[0]
    made = machine.rows("ledger", "list", "--method", "nas.users.CreateUser", "--kind", "outcome", "--limit", "1")[0]
    for row, kinds in ((made, ["intent", "outcome"]), (refused, ["refusal"])):
        lines = journal_of(machine, row["request"])
        check(f"the journal has {row['method']} by the id of its request", [line[0] for line in lines] == kinds and
              lines[-1][1:] == (row["outcome"], row["method"], row["actor_name"], "users-clerk"), (row, lines))


def keeps_secrets(machine):
    dump = machine.run("su", "postgres", "-s", "/bin/sh", "-c", "pg_dump bulkhead").stdout
    journal = machine.run("journalctl", "--no-pager", "-o", "export").stdout
    logs = machine.run("bash", "-c", "cat /var/log/postgresql/* 2>/dev/null").stdout
    kept = machine.run("bash", "-c", f"grep -rl '{OTHER}' /var/lib/bulkhead* /run/bulkhead* /etc 2>/dev/null").stdout
    check("the database was dumped and the journal read", "ledger" in dump and "users-clerk" in journal)
    for name, text in (("database", dump), ("journal", journal), ("PostgreSQL's log", logs), ("files", kept)):
        check(f"no password in the {name}", PASSWORD not in text and OTHER not in text and (name != "files" or not text))
    denied = [line for line in journal.splitlines() if "status=31/SYS" in line or "killed by SYS" in line]
    check("nobody was killed for a forbidden system call", not denied, denied[:3])


def measure(machine):
    total = 0
    for unit in DAEMONS:
        status = machine.run("cat", f"/proc/{machine.pid(unit)}/status").stdout
        found = re.search(r"VmRSS:\s+(\d+)", status)
        total += int(found.group(1)) if found else 0
    print(f"        resident memory of the daemons: {total / 1024:.1f} MiB")


def main():
    lives(Machine(sys.argv[1]), stands, is_reached, is_set_up, does_daily_work, has_a_certificate, is_fenced, shares_no_identity,
          journals, measure, survives, keeps_secrets, set_up=False)


if __name__ == "__main__":
    main()
