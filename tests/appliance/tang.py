#!/usr/bin/python3
"""A Tang server in the network opens an encrypted pool: whose key must be confirmed, which sees no key of ours, and without which
the pool stays locked.

    tests/appliance/tang.py BUILD

The server is Debian's, on this machine. A container opens no encrypted disk: the unit that would is asked to try the key that
came on the disk itself, in the same fences. Ends with "N passed, N failed".
"""
import json
import sys
import time

from machine import Machine, check, ledger_verifies, lives
from locked import GONE, LUKS, MADE, OTHER, PHRASE, POOL
from storing import pool

URL, DISK = "http://127.0.0.1:7500", "/dev/disk/by-id/trial-disk4"
ORDER, SEALED, OPENED = f"/etc/bulkhead/tang/{POOL}", f"/var/lib/bulkhead/tang/{POOL}", f"/run/bulkhead-tang/{POOL}"
UNIT, UNLOCK = f"bulkhead-tang@{POOL}.service", f"bulkhead-unlock@{LUKS}.service"
SERVER = """set -e; mkdir -p /root/tang; /usr/libexec/tangd-keygen /root/tang 2>/dev/null
printf '[Socket]\\nListenStream=127.0.0.1:7500\\nAccept=yes\\n[Install]\\nWantedBy=sockets.target\\n' > /etc/systemd/system/other-tang.socket
printf '[Service]\\nStandardInput=socket\\nStandardOutput=socket\\nStandardError=journal\\nExecStart=/usr/libexec/tangd /root/tang\\n' > /etc/systemd/system/other-tang@.service
systemctl daemon-reload; systemctl enable --quiet --now other-tang.socket; echo serves"""
# The same unit, with the same keys in the same order, but what it does with them is try them.
TRIES = (f"mkdir -p /etc/systemd/system/{UNLOCK}.d && sed -e 's/ open / open --test-passphrase /; s/ luks-%i$//' /run/systemd/generator/{UNLOCK}.d/pool.conf > "
         f"/etc/systemd/system/{UNLOCK}.d/zz.conf && systemctl daemon-reload && grep -c test-passphrase /etc/systemd/system/{UNLOCK}.d/zz.conf")


def served(machine, on):
    machine.run("systemctl", "start" if on else "stop", "other-tang.socket")


def thumbprint(machine):
    return machine.run("sh", "-c", "for key in /root/tang/*.jwk; do grep -q sign $key && jose jwk thp -i $key; done").stdout.strip()


def change(machine, *words, old=PHRASE):
    """Confirmed, with the passphrase that opens it now."""
    secrets = (old,) if old else ()
    given = ("--passphrase-fd", "3") if old else ()
    dry = machine.run("bulkhead", "pools", *words, *given, "--dry-run", "--json", secrets=secrets)
    if dry.returncode != 0:
        return dry
    return machine.run("bulkhead", "pools", *words, *given, "--yes", "--confirm", json.loads(dry.stdout)["plan"]["digest"], secrets=secrets)


def sets(machine, *more, url=URL, **options):
    return change(machine, "set-tang", "secret", "--url", url, *more, **options)


def slots(machine):
    return machine.run("sh", "-c", f"cryptsetup luksDump --disable-locks {DISK} | sed -n 's/^  \\([0-9]*\\): luks2/\\1/p' | xargs").stdout.strip()


def ways(machine):
    return sorted(pool(machine, "secret")["encryption"]["ways"])


def left(machine):
    """What there is of that way, and of any key in memory."""
    return machine.run("sh", "-c", f"ls -d {ORDER} {SEALED} 2>/dev/null; find /run/bulkhead-tang /run/bulkhead-storage-hand/given /run/bulkhead-storage-hand/new -type f").stdout.split()


def begins(machine):
    made = machine.run("sh", "-c", MADE)
    check("there is a locked pool", made.stdout.endswith("made\n"), made)
    machine.wait("it is known", lambda: (pool(machine, "secret") or {}).get("encryption", {}).get("locked"))
    check("there is a Tang server", machine.run("sh", "-c", SERVER).stdout == "serves\n")


def is_refused(machine):
    """Nothing is trusted on sight, and what is refused changes nothing."""
    shown = thumbprint(machine)
    other = machine.run("sh", "-c", "for key in /root/tang/*.jwk; do grep -q sign $key || jose jwk thp -i $key; done").stdout.strip()
    good = ("--thumbprint", shown)
    for what, words, reply in (
            ("without its thumbprint, which is shown", f"the server shows {shown}", sets(machine)),
            ("with another one", f"which shows {shown}", sets(machine, "--thumbprint", other)),
            ("where nobody answers", "No Tang server answers", sets(machine, *good, url="http://127.0.0.1:7501")),
            ("where something else does", "No Tang server answers", sets(machine, *good, url="http://127.0.0.1:80")),
            ("at what is no address", "no path", sets(machine, *good, url="http://127.0.0.1:7500/adv")),
            ("at what a shell would read", "no path", sets(machine, *good, url="http://$(id)")),
            ("without the passphrase", "is missing", sets(machine, *good, old=None)),
            ("with a wrong one", "is wrong", sets(machine, *good, old="this is not it at all"))):
        check(f"{what} it is refused", reply.returncode != 0 and words in reply.stderr, (reply.stdout, reply.stderr))
        check(f"{what} nothing is changed", ways(machine) == ["passphrase"] and left(machine) == [] and slots(machine) == "0", (left(machine), slots(machine)))


def is_set(machine):
    done = sets(machine, "--thumbprint", thumbprint(machine))
    check("it is set", done.returncode == 0 and ways(machine) == ["passphrase", "tang"], done.stderr + machine.run("journalctl", "-b", "-n", "40", "--no-pager").stdout * (done.returncode != 0))
    check("with a key of its own on the disk", slots(machine) == "0 24", slots(machine))
    check("nothing of it is left but what is sealed", left(machine) == [ORDER, SEALED], left(machine))
    check("the pool says by which server", pool(machine, "secret")["encryption"]["tang"] == {"url": URL, "thumbprint": thumbprint(machine)})
    check("what is sealed is clevis' own, and opens the disk", machine.run(
        "sh", "-c", f"clevis decrypt < {SEALED} | cryptsetup open --test-passphrase --disable-locks --key-file=- -- {DISK}").returncode == 0)
    told = machine.run("sh", "-c", f"key=$(clevis decrypt < {SEALED}); grep -rlF \"$key\" /etc /run /var/lib /var/log; journalctl | grep -F \"$key\"; bulkhead ledger list --json | grep -F \"$key\"").stdout
    check("nobody was told that key", told == "", told)
    again = sets(machine, "--thumbprint", thumbprint(machine))
    check("a second one is refused", again.returncode != 0 and "already" in again.stderr, again.stderr)
    last = change(machine, "forget-way", "secret", "passphrase", old=None)
    check("the server is never the only way", last.returncode != 0 and "no other way" in last.stderr, last.stderr)


def doctor(machine):
    said = machine.bulkhead("doctor", "--all", "tang")
    return said.returncode, said.stdout + said.stderr


def opens(machine):
    """As after a start. The unit that opens the disk tries what the server gave."""
    good, said = doctor(machine)
    check("the doctor is content with the server", good == 0 and "answers and has its key" in said, said)
    check("it would be tried by both keys", machine.run("sh", "-c", TRIES).stdout.strip() == "2")
    done = machine.run("systemctl", "start", UNIT)
    check("the server opens it", done.returncode == 0 and machine.state(UNLOCK) == "active", machine.run("journalctl", "-b", "-u", UNIT, "-u", UNLOCK, "-o", "cat", "--no-pager").stdout)
    check("and then the key is gone", left(machine) == [ORDER, SEALED], left(machine))
    machine.run("systemctl", "stop", UNLOCK)
    served(machine, False)
    done = machine.run("systemctl", "start", UNIT)
    good, said = doctor(machine)
    check("the doctor says that the server does not answer", good == 1 and f"the Tang server {URL} does not answer" in said and "secret" in said, said)
    check("without it nothing opens", done.returncode != 0 and machine.state(UNLOCK) != "active", done)
    check("it is asked again, and the start does not wait for that", machine.show(UNIT, "SubState")["SubState"] == "auto-restart" and
          machine.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded") and
          UNIT not in (jobs := machine.run("systemctl", "list-jobs").stdout) and UNLOCK not in jobs and "waiting" not in jobs, jobs)
    check("the pool says so", "The Tang server" in pool(machine, "secret")["message"] and URL in pool(machine, "secret")["message"], pool(machine, "secret"))
    served(machine, True)
    machine.wait("as soon as it is back, it is opened", lambda: machine.state(UNLOCK) == "active")
    machine.wait("and the key is gone", lambda: left(machine) == [ORDER, SEALED])
    machine.run("sh", "-c", f"systemctl stop {UNLOCK}; mv /root/tang /root/tang.away; mkdir /root/tang; /usr/libexec/tangd-keygen /root/tang 2>/dev/null")
    done = machine.run("systemctl", "start", UNIT)
    good, said = doctor(machine)
    check("the doctor says that it answers and has lost its key", good == 1 and "answers, but has lost the key" in said, said)
    check("a server that has other keys opens nothing", done.returncode != 0 and machine.state(UNLOCK) != "active" and left(machine) == [ORDER, SEALED], done)
    machine.run("sh", "-c", f"systemctl stop {UNIT}; rm -r /root/tang; mv /root/tang.away /root/tang; /usr/libexec/tangd-rotate-keys -d /root/tang >/dev/null")
    done = machine.run("systemctl", "start", UNIT)
    check("the doctor is content with that", doctor(machine)[0] == 0, doctor(machine))
    check("one that has turned its keys over still does", done.returncode == 0 and machine.state(UNLOCK) == "active", done)


def starts_anew(machine):
    """By itself, with our daemons away; and not without the server."""
    machine.run("systemctl", "mask", "--quiet", "bulkhead-storage-clerk.service", "bulkhead-storage-hand.service")
    check("the machine restarts", machine.trial("down").returncode == 0 and machine.trial("up").returncode == 0)
    machine.wait("after a start it is opened by itself", lambda: machine.state(UNLOCK) == "active")
    machine.wait("and the key is gone", lambda: left(machine) == [ORDER, SEALED])
    machine.run("systemctl", "unmask", "--quiet", "bulkhead-storage-clerk.service", "bulkhead-storage-hand.service")
    machine.run("systemctl", "disable", "--quiet", "other-tang.socket")
    check("the machine restarts without the server", machine.trial("down").returncode == 0 and machine.trial("up").returncode == 0)
    machine.wait("it is asked in vain", lambda: machine.show(UNIT, "SubState")["SubState"] == "auto-restart")
    check("that holds up nothing", machine.run("systemctl", "is-system-running").stdout.strip() == "running", machine.run("systemctl", "--failed").stdout)
    check("and opens nothing", machine.state(UNLOCK) != "active")
    served(machine, True)
    machine.wait("once it is there, the pool is opened", lambda: machine.state(UNLOCK) == "active")


def is_asked_by_hand(machine):
    machine.wait("the pool is known again", lambda: (pool(machine, "secret") or {}).get("encryption"))
    machine.run("systemctl", "stop", UNLOCK)
    locked = machine.bulkhead("pools", "lock", "secret", "--yes")
    check("it can be locked", locked.returncode == 0, locked.stderr)
    served(machine, False)
    mounted = machine.bulkhead("pools", "mount", "secret", "--yes")
    check("who mounts it is told that the server does not answer", mounted.returncode != 0 and f"No Tang server answers at {URL}" in mounted.stderr, mounted.stderr)
    machine.run("sh", "-c", "mv /root/tang /root/tang.away; mkdir /root/tang; /usr/libexec/tangd-keygen /root/tang 2>/dev/null; systemctl start other-tang.socket")
    mounted = machine.bulkhead("pools", "mount", "secret", "--yes")
    check("one that answers and has other keys fails it", mounted.returncode != 0 and "bulkhead-tang@" in mounted.stderr, mounted.stderr)
    check("and then it is not asked any more", machine.state(UNIT) == "inactive" and left(machine) == [ORDER, SEALED], machine.state(UNIT))
    machine.run("sh", "-c", "rm -r /root/tang; mv /root/tang.away /root/tang")


def within(machine, script, settings):
    """What a script says, run in the fences of the unit that asks the server."""
    machine.run("sh", "-c", f"""mkdir -p /run/systemd/system/{UNIT}.d
cat > /usr/local/bin/looks <<'X'
#!/bin/sh
exec >&2
{script}
X
chmod 755 /usr/local/bin/looks
cat > /run/systemd/system/{UNIT}.d/zz.conf <<'X'
[Service]
ExecStartPost=
{settings}
X
systemctl daemon-reload
systemctl start {UNIT}
rm -r /run/systemd/system/{UNIT}.d /usr/local/bin/looks
systemctl daemon-reload""")
    return machine.run("sh", "-c", f"journalctl -b -u {UNIT} -o cat --no-pager | sed -n 's/^says //p' | sort -u").stdout.split("\n")[:-1]


def is_had_for_another_disk(machine):
    """As when a disk is added, which a container cannot: the hand makes the file, and the key comes to lie in it."""
    recall, place = f"bulkhead-tang-recall@{POOL}.service", f"/run/bulkhead-storage-hand/new/{POOL}"
    machine.run("install", "-o", "bulkhead-storage-hand", "-g", "bulkhead-storage-hand", "-m", "644", "/dev/null", place)
    done = machine.run("systemctl", "start", recall)
    opens_it = machine.run("sh", "-c", f"cryptsetup open --test-passphrase --disable-locks --key-slot=24 --key-file={place} -- {DISK}")
    check("the key can be had once more, for a disk that is added", done.returncode == 0 and opens_it.returncode == 0, (done.stderr, opens_it.stderr))
    check("it is the hand's, and nobody else's", machine.run("stat", "-c", "%U %s", place).stdout == "bulkhead-storage-hand 36\n")
    machine.run("truncate", "-s", "0", place)
    served(machine, False)
    done = machine.run("systemctl", "start", recall)
    check("without the server it cannot", done.returncode != 0 and machine.run("stat", "-c", "%s", place).stdout == "0\n", done)
    served(machine, True)
    machine.run("rm", place)
    check("and nothing is left of it", left(machine) == [ORDER, SEALED], left(machine))


def is_fenced(machine):
    """What talks to the server: what it can see, and of whom."""
    places = f"/etc/bulkhead/tang /var/lib/bulkhead/tang /var/lib/bulkhead-storage-hand/keys /run/bulkhead/trust {DISK} /etc/shadow /run/bulkhead-tang/other"
    machine.run("install", "-m", "600", "/dev/null", "/run/bulkhead-tang/other")
    said = within(machine, f"for path in {places}; do head -c 1 $path >/dev/null 2>&1 && echo says it reads $path; ls $path/* >/dev/null 2>&1 && echo says it lists $path; done\n"
                  "echo says it is $(id -un); echo says $(grep CapEff /proc/self/status)", "ExecStart=\nExecStart=/usr/local/bin/looks")
    machine.run("rm", "/run/bulkhead-tang/other")
    check("who asks the server sees no key, no disk and nothing else of ours", said == ["CapEff: " + "0" * 16, "it is bulkhead-tang"], said)
    said = within(machine, f"echo says mode $(stat -c '%a %U %s' {OPENED}); head -c 1 {OPENED} >/dev/null && echo says it reads it", "ExecStartPost=/usr/local/bin/looks")
    check("what came of it is root's alone", said[-1] == "mode 600 root 36" and "it reads it" not in said, said)


def is_cut_off(machine):
    """The hand is killed at whatever moment of setting and of forgetting it: either way is finished or undone."""
    print_of = thumbprint(machine)
    for what, words, more in (("forget", ("forget-way", "secret", "tang"), ()),
                              ("set", ("set-tang", "secret"), ("--url", URL, "--thumbprint", print_of))) * 4:
        old = PHRASE if what == "set" else None
        before = ways(machine)
        secrets, given = ((old,), ("--passphrase-fd", "3")) if old else ((), ())
        dry = machine.run("bulkhead", "pools", *words, *more, *given, "--dry-run", "--json", secrets=secrets)
        if dry.returncode != 0:
            continue
        is_cut_off.wait = (is_cut_off.wait * 2) % 3.1
        machine.run("systemd-run", "--quiet", "--collect", f"--on-active={is_cut_off.wait}", "--timer-property=AccuracySec=1ms", "systemctl", "kill", "-s", "KILL", "bulkhead-storage-hand.service")
        machine.run("bulkhead", "pools", *words, *more, *given, "--yes", "--confirm", json.loads(dry.stdout)["plan"]["digest"], secrets=secrets)
        time.sleep(is_cut_off.wait)
        whole = {("passphrase",): ("0", []), ("passphrase", "tang"): ("0 24", [ORDER, SEALED])}

        def stands():
            now = ways(machine)
            return whole.get(tuple(now)) == (slots(machine), left(machine)) or (
                now == ["passphrase", "tang"] and slots(machine) == "0 25" and left(machine) == [ORDER, SEALED])
        machine.wait(f"{what} from {before}, cut off after {is_cut_off.wait:.1f} s: it is so or it is not", stands)
    if "tang" not in ways(machine):
        done = sets(machine, "--thumbprint", print_of)
        check("after all that it can be set", done.returncode == 0, done.stderr)
    check("and opens the disk", machine.run("sh", "-c", f"clevis decrypt < {SEALED} | cryptsetup open --test-passphrase --disable-locks --key-file=- -- {DISK}").returncode == 0)


is_cut_off.wait = 0.3


def has_another_address(machine):
    """The same server by IPv6, asked by the same unit; what is sealed for it is opened."""
    six = "http://[::1]:7500"
    machine.run("sh", "-c", "sed -i '/^ListenStream/a ListenStream=[::1]:7500' /etc/systemd/system/other-tang.socket; systemctl daemon-reload; systemctl restart other-tang.socket")
    forgot = change(machine, "forget-way", "secret", "tang", old=None)
    refused = sets(machine, url=six)
    check("one at an IPv6 address shows its thumbprint, too", forgot.returncode == 0 and f"the server shows {thumbprint(machine)}" in refused.stderr, (forgot.stderr, refused.stderr))
    done = sets(machine, "--thumbprint", thumbprint(machine), url=six)
    check("it is set", done.returncode == 0 and pool(machine, "secret")["encryption"]["tang"]["url"] == six, done.stderr)
    opened = machine.run("sh", "-c", f"systemctl stop {UNLOCK}; systemctl start {UNIT}")
    check("and opens the pool", opened.returncode == 0 and machine.state(UNLOCK) == "active", opened)
    good, said = doctor(machine)
    check("the doctor is content with it", good == 0 and six in said, said)


def is_forgotten(machine):
    key = machine.run("sh", "-c", f"clevis decrypt < {SEALED}").stdout
    done = change(machine, "forget-way", "secret", "tang", old=None)
    check("it is forgotten", done.returncode == 0 and ways(machine) == ["passphrase"] and slots(machine) == "0" and left(machine) == [], (done.stderr, left(machine)))
    check("what it opened with opens nothing", key and machine.run(
        "sh", "-c", f"printf %s '{key}' | cryptsetup open --test-passphrase --disable-locks --key-file=- -- {DISK}").returncode != 0)
    check("PID 1 asks nobody any more", machine.run("sh", "-c", "ls -R /run/systemd/generator | grep tang").stdout == "")
    told = machine.run("sh", "-c", f"grep -rlF -e '{PHRASE}' -e '{OTHER}' /etc /run /var/lib /var/log; journalctl | grep -F -e '{PHRASE}'").stdout
    check("nothing is left of the passphrase", told == "", told)
    machine.run("sh", "-c", f"rm -r /etc/systemd/system/{UNLOCK}.d; {GONE}")
    ledger_verifies(machine)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="4", TRIAL_DISK_SIZE="1G"), begins, is_refused, is_set, opens, is_had_for_another_disk, is_fenced, starts_anew, is_asked_by_hand, is_cut_off, has_another_address, is_forgotten)


if __name__ == "__main__":
    main()
