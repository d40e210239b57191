#!/usr/bin/python3
"""Shares among processes that were taken over: what the front end, the shares clerk and the shares hand could have done
then, and what Samba does with the settings that such a hand could write.

    tests/appliance/hostile_shares.py BUILD [TRIES]        (400; HOSTILE_TRIES=10000 for the long one)

Ends with "N passed, N failed".
"""
import sys

import hostile
from hostile import MANAGER, execute, plan_of, ticket_of_root
from machine import Machine, check, ledger_verifies, lives
from pelting import pelt, tries_of
from storing import confirmed

NOW = "2026-01-02T03:04:05.000000Z"
PHOTOS = ("path = /srv/tank/photos", "read only = no")
SAMBA = ("net", "--configfile=/usr/share/bulkhead/smb.conf", "conf")


def put(name="evil", *lines):
    return ("smb_put", name, "7", NOW, *(lines or PHOTOS))


def state(machine):
    """What a change would change."""
    return [machine.run("sh", "-c", line).stdout for line in (
        "cd /etc/bulkhead && ls -la --time-style=+ smb services | grep -v ^total; cat smb/* services/*",
        " ".join((*SAMBA, "list")), "systemctl show -P MainPID bulkhead-smb.service")]


# --- a clerk that was taken over ---

def clerk_has_no_ticket(machine):
    before = state(machine)
    _, plan = plan_of(machine, "shares", *put())
    ticket = ticket_of_root(machine)
    for what, reply in (("without a ticket", execute(machine, "shares", plan)),
                        ("with a changed one", execute(machine, "shares", plan, ticket[:-4] + "AAAA")),
                        ("with one, but as the front end", execute(machine, "shares", plan, ticket, user="bulkhead-api")),
                        ("with one, but as another clerk", execute(machine, "shares", plan, ticket, user="bulkhead-storage")),
                        ("with one, but as root", execute(machine, "shares", plan, ticket, user=None))):
        check(f"{what} nothing is shared", reply[0] in ("refused", "none") and state(machine) == before, reply)
    for operation in (("service_stop", "smb"), ("smb_drop", "photos"), ("service_forget", "smb"), ("smb_server", "map to guest = Bad User")):
        _, plan = plan_of(machine, "shares", *operation)
        reply = execute(machine, "shares", plan)
        check(f"nor is there a {operation[0]} without a ticket", reply[0] == "refused" and state(machine) == before, reply)


def forged(machine, operation, *values):
    """A plan that no clerk of ours would write: each value is put into it in the place of one of the same length that is
    right. None: there is none of that length."""
    tame = []
    for i, value in enumerate(values):
        size = len(value.encode())
        if operation == "smb_put" and i > 2:
            tame.append(value if value in PHOTOS or size < 11 else "comment = " + "x" * (size - 10))
        elif operation == "smb_server":
            tame.append("server string = " + "x" * (size - 16) if size > 16 else value)
        elif operation.startswith("service"):
            tame.append(value)
        else:
            tame.append("y" * size if i == 0 else value)
    made = plan_of(machine, "shares", operation, *tame)
    if len(made) != 2:
        return None
    plan = made[1]
    for value, instead in zip(values, tame):
        if instead.encode().hex() not in plan:
            return None
        plan = plan.replace(instead.encode().hex(), value.encode().hex())
    return plan


def clerk_has_a_ticket(machine):
    """An administrator is signed in, and the clerk asks for what no plan of ours has."""
    before = state(machine)
    lines = ("path = /etc", "path = /srv/../etc", "path = /srv/tank/photos\nroot preexec = /bin/sh", "root preexec = /bin/sh",
             "preexec = /bin/sh", "force user = root", "admin users = alice", "wide links = yes", "include = /tmp/x",
             "copy = photos", "vfs objects = /tmp/evil", "shadow:snapdir = /etc", "recycle:repository = /etc", "magic script = x",
             "dfree command = /bin/sh", "panic action = /bin/sh", "comment = %m\\", "[global]", "", "valid users = +root",
             "path = /srv/tank/link")
    hostile_plans = [put("evil", *PHOTOS, line) for line in lines[1:-1]] + [put("evil", lines[0]), put("evil", lines[-1])]
    hostile_plans += [put(name) for name in ("global", "homes", "../../etc/passwd", "a/b", ".hidden", "-x", "a]\n[b", "", "x" * 200, "IPC$")]
    hostile_plans += [put("evil", "read only = no"), ("smb_drop", "../services/smb"), ("smb_drop", "..")]
    hostile_plans += [("smb_server", line) for line in (
        "passdb backend = smbpasswd:/tmp/x", "registry shares = no", "include = /tmp/x", "server min protocol = NT1", "panic action = /bin/sh",
        "workgroup = A\n\troot preexec = sh", "log file = /etc/cron.d/x")]
    hostile_plans += [(operation, service) for operation in ("service_start", "service_stop", "service_want") for service in (
        "ssh", "../ssh", "users-hand", "smb.service", "smb@x", "")]
    machine.run("ln", "-sfn", "/etc", "/srv/tank/link")
    through, unwritten = [], 0
    for steps in hostile_plans:
        plan = forged(machine, *steps)
        unwritten += plan is None
        reply = execute(machine, "shares", plan, ticket_of_root(machine)) if plan else ["none"]
        if reply[0] == "success":
            through.append((steps, reply))
    check(f"{len(hostile_plans)} plans about what is not for it, each with a ticket: none is carried out", not through, through)
    check("most of them came to the hand", unwritten < len(hostile_plans) // 2, unwritten)
    check("and nothing changed", state(machine) == before)
    _, plan = plan_of(machine, "shares", *put("good"), ",", "smb_drop", "good")
    reply = execute(machine, "shares", plan, ticket_of_root(machine))
    check("what is for it is carried out", reply[0] == "success", reply)


def is_pelted(machine):
    pelt(machine, "shares", tries_of("400"), lambda: state(machine))


# --- a hand that was taken over ---

def hand_is_taken_over(machine):
    own = (("restart a service of others", (*MANAGER, "RestartUnit", "ss", "smbd.service", "replace")),
           ("start an instance of its own", (*MANAGER, "StartUnit", "ss", "bulkhead-smb@x.service", "replace")))
    for what, words in hostile.forbidden("shares") + own:
        done = hostile.call(machine, "shares", *words)
        check(f"a hand that was taken over cannot {what}", hostile.denied(done), done.stdout + done.stderr)
    check("nothing of it was done", machine.run("sh", "-c", "ls /evil /srv/evil").returncode != 0)
    allowed = hostile.call(machine, "shares", *MANAGER, "RestartUnit", "ss", "bulkhead-smb.service", "replace")
    check("its own services it can have restarted", allowed.returncode == 0, allowed.stderr)


def samba_runs_nothing(machine):
    """Whoever can write into the registry can have Samba run programs as root; its unit lets it run none."""
    for key, value in (("path", "/srv/tank/photos"), ("guest ok", "yes"), ("root preexec", "/usr/bin/touch /srv/tank/photos/by-root"),
                       ("preexec", "/bin/sh -c 'touch /srv/tank/photos/by-user'"), ("preexec close", "no")):
        if key == "path":
            machine.run(*SAMBA, "addshare", "trap", value, "writeable=y", "guest_ok=y")
        else:
            machine.run(*SAMBA, "setparm", "trap", key, value)
    machine.run("sh", "-c", "printf 'map to guest = Bad User\\n' >/etc/bulkhead/services/smb.conf; chmod 644 /etc/bulkhead/services/smb.conf")
    machine.run("systemctl", "restart", "bulkhead-smb.service")
    seen = machine.run("smbclient", "--configfile=/dev/null", "-N", "//127.0.0.1/trap", "-c", "ls")
    check("a client is in the share that would run them", seen.returncode == 0, seen.stdout + seen.stderr)
    check("and nothing was run", machine.run("sh", "-c", "ls /srv/tank/photos/by-*").returncode != 0)
    as_others = machine.run("nsenter", "-t", machine.pid("smb"), "-m", "/bin/true")
    check("because there nothing but Samba can be", as_others.returncode != 0, as_others.stderr)
    machine.run(*SAMBA, "delshare", "trap")
    machine.run("rm", "/etc/bulkhead/services/smb.conf")
    machine.run("systemctl", "restart", "bulkhead-smb.service")


def is_furnished(machine):
    hostile.prepare(machine, sys.argv[1])
    machine.set_up()
    machine.wait("its disk is there", lambda: any(one["takable"] for one in machine.rows("disks", "list")))
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is a pool", made.returncode == 0, made.stderr)
    machine.bulkhead("datasets", "create", "tank", "photos", "--yes")
    machine.run("chmod", "1777", "/srv/tank/photos")
    shared = machine.bulkhead("smb", "create", "photos", "/srv/tank/photos", "--yes")
    check("and a share", shared.returncode == 0, shared.stderr)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="1", TRIAL_DISK_SIZE="1G"), is_furnished, clerk_has_no_ticket, clerk_has_a_ticket, is_pelted,
          hand_is_taken_over, samba_runs_nothing, ledger_verifies, set_up=False)


if __name__ == "__main__":
    main()
