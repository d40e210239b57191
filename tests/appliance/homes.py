#!/usr/bin/python3
"""Shares in which each account has a folder of its own: made with the account or the share, theirs from the first moment, and
for real smbclient, SFTP and the file system nobody else's.

    tests/appliance/homes.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import PASSWORD, Machine, check, lives
from sharing import PEOPLE, ground, offer, share, smb

HOMES = "/srv/tank/homes"


def whose(machine, name):
    return machine.run("stat", "-c", "%U %G %a %F", f"{HOMES}/{name}").stdout.strip()


def explained(machine, who):
    return json.loads(machine.bulkhead("shares", "explain", who, "home", "--json").stdout)


def are_made(machine):
    ground(machine)
    machine.bulkhead("datasets", "create", "tank", "homes", "--yes")
    made = offer(machine, "home", HOMES, "--homes")
    home = share(machine, "home")
    check("a share with a folder for each", made.returncode == 0 and home["homes"] and home["path"] == HOMES, made.stderr)
    check("all have theirs at once, and only they", all(whose(machine, one) == f"{one} {one} 700 directory" for one in PEOPLE) and
          set(machine.run("ls", HOMES).stdout.split()) == {*PEOPLE, "ada"}, machine.run("ls", "-la", HOMES).stdout)
    check("Samba has what is wanted", machine.rows("shares", "drift") == [], machine.rows("shares", "drift"))
    machine.wait("the service runs", lambda: machine.state("bulkhead-smb.service") == "active")
    for who in PEOPLE:
        put = smb(machine, "home", who, f"put /etc/hostname of-{who}; mkdir d; ls")
        check(f"{who} is in a folder of their own", put.returncode == 0 and f"of-{who}" in put.stdout and
              sum(word.startswith("of-") for word in put.stdout.split()) == 1, put.stdout)
    check("and nowhere else", sorted(machine.run("sh", "-c", f"cd {HOMES}; echo */of-*").stdout.split()) ==
          sorted(f"{one}/of-{one}" for one in PEOPLE))
    upper = smb(machine, "home", "ALICE", "ls", "-U", f"ALICE%{PEOPLE['alice']}")
    check("whatever letters their name is typed in", "of-alice" in upper.stdout, upper.stdout)
    up = smb(machine, "home", "alice", "cd ..; ls; cd ../bob; ls; get ../bob/of-bob /tmp/stolen; cd /../bob; ls")
    check("there is no way to another's", "of-bob" not in up.stdout.replace("../bob/of-bob", "").replace("\\of-bob", ""), up.stdout)
    look = machine.run("setpriv", "--reuid=bob", "--regid=bob", "--clear-groups", "--inh-caps=-all", "ls", f"{HOMES}/alice")
    check("the kernel says so, too", look.returncode != 0)
    one = explained(machine, "alice")
    check("it is explained that she can", one["reads"] and one["writes"], one)


def come_with_accounts(machine):
    machine.bulkhead("users", "create", "dora", "--password-fd", "3", "--yes", secrets=("dora likes long passwords",))
    machine.wait("who is new has one", lambda: whose(machine, "dora") == "dora dora 700 directory")
    put = smb(machine, "home", "dora", "put /etc/hostname x; ls", "-U", "dora%dora likes long passwords")
    check("and uses it", put.returncode == 0 and " x " in put.stdout, put.stdout)
    number = str(share(machine, "home")["id"])
    machine.bulkhead("smb", "update", number, "--valid-users", "alice", "--valid-users", "@band", "--yes")
    machine.bulkhead("users", "create", "emil", "--password-fd", "3", "--yes", secrets=("emil likes long passwords",))
    machine.bulkhead("groups", "create", "choir", "--yes")
    machine.wait("it was looked for them", lambda: machine.state("bulkhead-homes@all.service") in ("inactive", "active"))
    check("who may not use the share has none", whose(machine, "emil") == "" and not explained(machine, "emil")["reads"])
    machine.bulkhead("groups", "add", "band", "emil", "--yes")
    machine.wait("until they may", lambda: whose(machine, "emil") == "emil emil 700 directory")
    machine.bulkhead("smb", "update", number, "--valid-users", "@/dev/null", "--yes")


def under_another_name(machine):
    """By which Samba begins its list of accounts anew: those that were in it stay, and have what they had."""
    done = machine.bulkhead("machine", "set", "--name", "attic", "--yes")
    went_on = smb(machine, "home", "alice", "ls")
    check("the machine is called something else, and SMB goes on", done.returncode == 0 and "of-alice" in went_on.stdout,
          done.stderr + went_on.stdout)
    machine.wait("it is called so", lambda: machine.run("hostname").stdout.strip() == "attic")
    machine.bulkhead("services", "restart", "smb", "--yes")
    said = machine.run("rpcclient", "--configfile=/dev/null", "-U", f"alice%{PEOPLE['alice']}", "127.0.0.1", "-c", "srvinfo")
    check("and SMB calls itself so when it begins", "ATTIC" in said.stdout, said.stdout + said.stderr)
    check("who was let in is let in", all("of-" in smb(machine, "home", who, "ls").stdout for who in ("alice", "bob")) and
          machine.rows("shares", "drift") == [], machine.rows("shares", "drift"))
    gone = machine.bulkhead("users", "update", "bob", "--no-enabled", "--yes")
    check("who is disabled is not", gone.returncode == 0 and smb(machine, "home", "bob", "ls").returncode != 0, gone.stderr)
    machine.bulkhead("users", "update", "bob", "--enabled", "--yes")
    check("until they are enabled again", smb(machine, "home", "bob", "ls").returncode == 0)


def nothing_is_given_away(machine):
    """What is there already is nobody's by its name."""
    machine.run("sh", "-c", f"mkdir {HOMES}/fritz; echo precious > {HOMES}/fritz/x; ln -s /etc {HOMES}/gerda; echo y > {HOMES}/hans")
    for who in ("fritz", "gerda", "hans", "ida"):
        machine.bulkhead("users", "create", who, "--password-fd", "3", "--yes", secrets=(PASSWORD,))
    machine.wait("the last of them has one", lambda: whose(machine, "ida") == "ida ida 700 directory")
    check("folders, links and files that were there stay whose they were", whose(machine, "fritz").startswith("root root") and
          whose(machine, "gerda") == "root root 777 symbolic link" and whose(machine, "hans").startswith("root root") and
          machine.run("stat", "-c", "%U", "/etc").stdout.strip() == "root", machine.run("ls", "-la", HOMES).stdout)
    said = machine.run("journalctl", "-b", "-o", "cat", "--no-pager", "-u", "bulkhead-homes@*").stdout
    check("which is written down", "homes/fritz is not of that account" in said, said[-1000:])
    machine.run("chmod", "0777", HOMES)
    refused = machine.bulkhead("smb", "update", str(share(machine, "home")["id"]), "--description", "x", "--yes")
    other = offer(machine, "other", HOMES, "--homes")
    check("where others could put such there, none is served", refused.returncode == 5 == other.returncode and "in the place" in refused.stderr,
          refused.stderr + other.stderr)
    machine.run("chmod", "0755", HOMES)
    one = explained(machine, "fritz")
    check("and it is explained", not one["writes"] and "homes/fritz" in one["sentence"], one)
    machine.run("rm", "-r", f"{HOMES}/hans")
    machine.run("rmdir", f"{HOMES}/carol/d")
    machine.run("rm", "-r", f"{HOMES}/carol")
    one = explained(machine, "carol")
    check("so is a folder that is not there", not one["reads"] and "of their own" in one["sentence"], one)


def are_changed(machine):
    number = str(share(machine, "home")["id"])
    guests = machine.bulkhead("smb", "set", "--guests", "--encryption", "default", "--yes")
    refused = machine.bulkhead("smb", "update", number, "--guest-ok", "--yes")
    check("guests have none", guests.returncode == 0 and refused.returncode == 5 and "no folder of their own" in refused.stderr, refused.stderr)
    whole = machine.bulkhead("smb", "update", number, "--no-homes", "--yes")
    seen = smb(machine, "home", "alice", "ls").stdout
    check("without, the share is the folder that all are in", whole.returncode == 0 and " bob " in seen, whole.stderr + seen)
    again = machine.bulkhead("smb", "update", number, "--homes", "--recycle-bin", "--recycle-days", "1", "--yes")
    gone = smb(machine, "home", "alice", "del of-alice; ls").stdout
    check("and again each has theirs, with a bin", again.returncode == 0 and whose(machine, "carol") == "carol carol 700 directory" and
          machine.run("test", "-e", f"{HOMES}/alice/.recycle/alice/of-alice").returncode == 0, again.stderr + gone)
    swept = machine.run("setpriv", "--reuid=bulkhead-recycle", "--regid=bulkhead-recycle", "--clear-groups",
                        "--inh-caps=+setuid,+setgid,+dac_read_search", "--ambient-caps=+setuid,+setgid,+dac_read_search",
                        "/usr/libexec/bulkhead/shares-sweeper", "3")
    check("that is emptied", swept.returncode == 0 and machine.run("test", "-e", f"{HOMES}/alice/.recycle/alice/of-alice").returncode == 1,
          swept.stdout + swept.stderr)


def are_reached_otherwise(machine):
    done = machine.bulkhead("transfers", "create", "home", HOMES, "--protocols", "sftp", "--yes")
    machine.wait("SFTP serves them", lambda: machine.state("bulkhead-sftp.service") == "active")

    def lists(who, folder):
        return machine.run("sh", "-c", f"echo 'ls -1 {folder}' | sshpass -p '{PEOPLE[who]}' sftp -q -oStrictHostKeyChecking=no "
                           f"-oUserKnownHostsFile=/dev/null -P 2222 -oBatchMode=no -b - {who}@127.0.0.1")
    check("each has theirs by SFTP", done.returncode == 0 and "of-bob" in lists("bob", "/home/bob").stdout, done.stderr)
    check("and nobody else's", lists("alice", "/home/bob").returncode != 0)


def come_with_pools(machine):
    machine.run("systemctl", "stop", "srv-tank.mount")
    machine.bulkhead("users", "create", "karl", "--password-fd", "3", "--yes", secrets=(PASSWORD,))
    machine.run("systemctl", "start", "bulkhead-mount@tank.service")
    machine.wait("who came while the pool was away gets theirs with it", lambda: whose(machine, "karl") == "karl karl 700 directory")
    number = str(share(machine, "home")["id"])
    deleted = machine.bulkhead("smb", "delete", number, "--yes")
    check("a share that goes leaves what is in it", deleted.returncode == 0 and whose(machine, "alice") == "alice alice 700 directory")


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), are_made, come_with_accounts, under_another_name, nothing_is_given_away, are_changed,
          are_reached_otherwise, come_with_pools, set_up=False)
