#!/usr/bin/python3
"""The appliance in a domain of Active Directory, beside a real controller (tests/appliance/controller): joining and leaving,
who gets in and who does not, what is on disk, and that accounts of the machine never wait for a controller.

    tests/appliance/shares_domain.py BUILD

Ends with "N passed, N failed".
"""
import json
import re
import subprocess
import sys
import time

from machine import HERE, Machine, check, lives
from sharing import PEOPLE, offer, share
from storing import confirmed

CONTROLLER, REALM, DOMAIN = "10.77.0.5", "bulk.test", "BULK"
ADMINISTRATOR, ADMINISTRATORS = "Administrator", "Adm1n of the domain"
# alice is also somebody in the domain, and somebody else there.
THEIRS = {"carol": "Car0l of the domain", "dave": "Dav3 of the domain", "alice": "Al1ce of the domain"}
QUICK_S = 3
AWAY_S = 20  # so long at most until it is said that no controller answers
SOON_S = 15  # the names are waited for ten
FILE = "/etc/bulkhead/services/domain.conf"


def controller(machine, *words):
    return subprocess.run([f"{HERE}/controller", *words], env=machine.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=900)


def enters(machine, where, who, password, *more, command="ls"):
    """Whether smbclient gets in, and how long it took."""
    begun = time.monotonic()
    done = machine.run("smbclient", "--configfile=/dev/null", "-t", "60", f"//127.0.0.1/{where}", "-U", f"{who}%{password}", *more, "-c", command)
    return done.returncode == 0 and "NT_STATUS" not in done.stdout, time.monotonic() - begun, done.stdout + done.stderr


def may(machine, what, good, where, who, password, *more, quick=False, command="ls"):
    came, took, said = enters(machine, where, who, password, *more, command=command)
    check(what, came == good and (not quick or took < QUICK_S), f"{took:.1f} s: {said}")


def domain(machine):
    return json.loads(machine.bulkhead("smb", "domain", "--json").stdout)["domain"]


def join(machine, realm=REALM, user=ADMINISTRATOR, password=ADMINISTRATORS, *more):
    return machine.bulkhead("smb", "join", realm, "--user", user, "--password-fd", "3", *(more or ("--yes",)), secrets=(password,))


def has_ground(machine):
    machine.wait("the trial's disk is free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) >= 1)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is a pool", made.returncode == 0, made.stderr)
    for name in ("photos", "documents", "plans"):
        machine.bulkhead("datasets", "create", "tank", name, "--yes")
        one = next(each for each in machine.rows("datasets", "list") if each["name"] == name)
        machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--mode", "0777", "--yes")
        made = offer(machine, name, f"/srv/tank/{name}")
        check(f"{name} is shared", made.returncode == 0, made.stderr)
    for name in ("alice", "bob"):
        made = machine.bulkhead("users", "create", name, "--password-fd", "3", "--yes", secrets=(PEOPLE[name],))
        check(f"there is the account {name}", made.returncode == 0, made.stderr)
    check("in no domain, and it says so", domain(machine)["joined"] is False)
    may(machine, "alice uses a share", True, "photos", "alice", PEOPLE["alice"])


def has_controller(machine):
    up = controller(machine, "up")
    check("there is a controller", up.returncode == 0, up.stdout[-2000:])
    for name, password in THEIRS.items():
        made = controller(machine, "exec", "samba-tool", "user", "create", name, password)
        check(f"and in its domain {name}", made.returncode == 0, made.stdout)
    controller(machine, "exec", "samba-tool", "group", "add", "File People")
    made = controller(machine, "exec", "samba-tool", "group", "addmembers", "File People", "carol")
    check("and a group with one of them", made.returncode == 0, made.stdout)
    machine.run("sh", "-c", f"echo nameserver {CONTROLLER} > /etc/resolv.conf")


def untouched(machine, what):
    there = machine.run("sh", "-c", f"ls {FILE} /run/bulkhead-shares-hand/join /var/lib/bulkhead-smb/private/secrets.tdb.join 2>/dev/null").stdout
    check(f"{what}: nothing is left of it", there == "" and not domain(machine)["joined"] and
          machine.state("bulkhead-winbind.service") != "active", there)


def is_refused(machine):
    for what, field, words in (("a domain that is not there", "realm", ("nowhere.test",)),
                               ("a wrong password", "password", (REALM, ADMINISTRATOR, "not the password")),
                               ("an account that is not there", "password", (REALM, "nobody.here", "not the password"))):
        done = join(machine, *words)
        check(f"{what} is refused, and {field} is named", done.returncode not in (0, 1) and field in done.stderr.lower(),
              f"{done.returncode}: {done.stderr}")
        untouched(machine, what)
    named = offer(machine, "early", "/srv/tank/photos", "--valid-users", f"{DOMAIN}\\carol")
    check("nobody of a domain can be named yet", named.returncode != 0 and "in no domain" in named.stderr, named.stderr)


def is_joined(machine):
    dry = join(machine, REALM, ADMINISTRATOR, ADMINISTRATORS, "--dry-run")
    check("the plan shows what is done, and no password", "bulkhead-join.service" in dry.stdout and "realm = BULK.TEST" in dry.stdout and
          ADMINISTRATORS not in dry.stdout + dry.stderr, dry.stdout + dry.stderr)
    untouched(machine, "a dry run")
    done = join(machine)
    check("it joins", done.returncode == 0, done.stderr)
    told = domain(machine)
    check("it says which, as what, and that all is well", told["joined"] and told["realm"] == "BULK.TEST" and told["workgroup"] == DOMAIN and
          told["controller"] == f"dc1.{REALM}" and told["trusted"] and abs(told["clock_difference"]) < 5 and not told.get("message"), told)
    check("winbind runs", machine.state("bulkhead-winbind.service") == "active")
    twice = join(machine)
    check("not a second time", twice.returncode != 0 and "is in the domain" in twice.stderr, twice.stderr)
    hers = machine.run("sh", "-c", "cat /etc/bulkhead/services/* ; ls /run/bulkhead-shares-hand").stdout
    check("the password is in no file", ADMINISTRATORS not in hers and "join" not in hers.split(), hers)
    said = machine.run("sh", "-c", "journalctl -b --no-pager; journalctl -b --no-pager --namespace=bulkhead-smb").stdout
    check("nor in a journal", "bulkhead-join.service" in said and ADMINISTRATORS not in said)
    kept = machine.run("grep", "-rlsF", ADMINISTRATORS, "/var/lib/bulkhead-shares-hand", "/var/lib/bulkhead-smb", "/run/bulkhead", "/etc/bulkhead")
    check("nor anywhere that is kept", kept.stdout == "", kept.stdout)
    check("nor in the ledger", ADMINISTRATORS not in machine.bulkhead("ledger", "list", "--json").stdout)


def names_people(machine):
    for where, users in (("documents", ("alice", f"{DOMAIN}\\carol")), ("plans", (f"@{DOMAIN}\\File People",))):
        named = machine.bulkhead("smb", "update", str(share(machine, where)["id"]), *(word for user in users for word in ("--valid-users", user)), "--yes")
        check(f"{where} names people of the domain", named.returncode == 0 and share(machine, where)["valid_users"] == list(users), named.stderr)
    for what, name in (("an account", f"{DOMAIN}\\nobody.here"), ("a group", f"@{DOMAIN}\\No Such Group"), ("an account as a group", f"@{DOMAIN}\\carol")):
        named = machine.bulkhead("smb", "update", str(share(machine, "photos")["id"]), "--valid-users", name, "--yes")
        check(f"{what} that is not there cannot be named", named.returncode != 0 and "knows no" in named.stderr, named.stderr)
    named = machine.bulkhead("transfers", "create", "t", "/srv/tank/photos", "--protocols", "sftp", "--users", f"{DOMAIN}\\carol", "--yes")
    check("and nobody of it where it is not SMB", named.returncode != 0 and "SMB alone" in named.stderr, named.stderr)


def lets_in(machine):
    may(machine, "carol of the domain, who is named", True, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])
    may(machine, "also as carol@bulk.test", True, "documents", f"carol@{REALM}", THEIRS["carol"])
    may(machine, "and by her group", True, "plans", f"{DOMAIN}\\carol", THEIRS["carol"], command="put /etc/hostname hers")
    may(machine, "not with a wrong password", False, "documents", f"{DOMAIN}\\carol", "wrong")
    may(machine, "dave of the domain is not named", False, "documents", f"{DOMAIN}\\dave", THEIRS["dave"])
    may(machine, "nor in the group", False, "plans", f"{DOMAIN}\\dave", THEIRS["dave"])
    may(machine, "a share that names nobody is for accounts of the machine", False, "photos", f"{DOMAIN}\\carol", THEIRS["carol"])
    may(machine, "alice of the machine", True, "documents", "alice", PEOPLE["alice"])
    may(machine, "also by the machine's name", True, "photos", "alice", PEOPLE["alice"], "-W", domain(machine)["name"])
    may(machine, "alice of the domain is somebody else", False, "documents", f"{DOMAIN}\\alice", THEIRS["alice"])
    may(machine, "whose password does not open what alice of the machine may", False, "documents", "alice", THEIRS["alice"])
    may(machine, "bob of the machine is not named", False, "documents", "bob", PEOPLE["bob"])
    may(machine, "but gets in where nobody is", True, "photos", "bob", PEOPLE["bob"])
    controller(machine, "exec", "samba-tool", "group", "addmembers", "File People", "dave")
    may(machine, "dave gets in when he comes into the group", True, "plans", f"{DOMAIN}\\dave", THEIRS["dave"])
    controller(machine, "exec", "samba-tool", "group", "removemembers", "File People", "dave")
    may(machine, "and not when he has left it", False, "plans", f"{DOMAIN}\\dave", THEIRS["dave"])
    controller(machine, "exec", "samba-tool", "user", "disable", "carol")
    may(machine, "carol does not while she is disabled there", False, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])
    controller(machine, "exec", "samba-tool", "user", "enable", "carol")
    may(machine, "and does again", True, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])


def dataset(machine, name):
    return next(one for one in machine.rows("datasets", "list") if one["name"] == name)


def give(machine, name, *words):
    return machine.bulkhead("datasets", "set", "tank", str(dataset(machine, name)["id"]), *words)


def owners(machine, name):
    return machine.run("stat", "-c", "%u %g %a", f"/srv/tank/{name}").stdout.strip()


def explained(machine, who, where, *words):
    done = machine.bulkhead("shares", "explain", who, where, *words, "--json")
    return json.loads(done.stdout) if done.returncode == 0 else {"sentence": done.stderr, "reads": None, "writes": None}


HERS = (f"{DOMAIN}\\carol", f"{DOMAIN}\\File People")
SHOWN = (HERS[0], f"{DOMAIN}\\file people")  # as winbind writes them


def owns_datasets(machine):
    """A dataset belongs to somebody and a group of the domain: by the numbers that Samba has for them."""
    machine.bulkhead("datasets", "create", "tank", "theirs", "--yes")
    made = offer(machine, "theirs", "/srv/tank/theirs", "--valid-users", HERS[0], "--valid-users", f"{DOMAIN}\\dave", "--valid-users", "alice")
    check("a dataset is shared with people of the domain", made.returncode == 0, made.stderr)
    one = explained(machine, HERS[0], "theirs")
    check("carol cannot write to it yet, and it says why", one["writes"] is False and "of root" in one["sentence"], one)
    sids = [controller(machine, "exec", "wbinfo", f"--name-to-sid={name}").stdout.split()[0] for name in ("carol", "File People")]
    numbers = [str(1900000000 + int(sid.rsplit("-", 1)[1])) for sid in sids]
    words = ("--owner", HERS[0], "--group", HERS[1], "--access", "group_writes")
    before = owners(machine, "theirs")
    dry = give(machine, "theirs", *words, "--dry-run")
    check("the plan shows their names and numbers", all(f"{number} {name}" in dry.stdout for number, name in zip(numbers, SHOWN)) and
          owners(machine, "theirs") == before, dry.stdout + dry.stderr)
    done = give(machine, "theirs", *words, "--yes")
    check("it belongs to them", done.returncode == 0 and owners(machine, "theirs") == " ".join((*numbers, "2770")), (done.stderr, owners(machine, "theirs")))
    machine.wait("and it is shown by their names", lambda: (dataset(machine, "theirs")["owner"], dataset(machine, "theirs")["group"]) == SHOWN)
    may(machine, "carol writes", True, "theirs", HERS[0], THEIRS["carol"], command="put /etc/hostname hers")
    may(machine, "dave, who gets in, does not", False, "theirs", f"{DOMAIN}\\dave", THEIRS["dave"], command="put /etc/hostname his")
    one = explained(machine, HERS[0], "theirs")
    check("that she can is explained", one["reads"] and one["writes"], one)
    for who in (f"{DOMAIN}\\dave", "alice"):
        one = explained(machine, who, "theirs")
        check(f"and that {who} cannot, with their names", one["writes"] is False and f"(of {SHOWN[0]}, group {SHOWN[1]}, mode 2770" in one["sentence"], one)
    one = explained(machine, HERS[0], "photos")
    check("and that a share that names nobody is not for her", one["reads"] is False and "for accounts of this machine alone" in one["sentence"], one)
    one = explained(machine, "bob", "theirs")
    check("and what would let bob in beside people of the domain", one["reads"] is False and f"--valid-users '{HERS[0]}'" in one["fix"] and
          one["fix_parameters"]["valid_users"] == [HERS[0], f"{DOMAIN}\\dave", "alice", "bob"], one)
    for what, given in (("an account that is not there", ("--owner", f"{DOMAIN}\\nobody.here")), ("a group as an account", ("--owner", HERS[1])),
                        ("an account as a group", ("--group", HERS[0])), ("of another domain", ("--owner", "OTHER\\carol"))):
        refused = give(machine, "theirs", *given, "--yes")
        check(f"{what} is refused by name", refused.returncode != 0 and "knows no" in refused.stderr and given[0][2:] in refused.stderr, refused.stderr)
    refused = explained(machine, f"{DOMAIN}\\nobody.here", "theirs")
    check("nor is anything explained to them", refused["reads"] is None and "knows no account" in refused["sentence"], refused)
    refused = give(machine, "theirs", "--owner", "carol@directory", "--yes")
    check("nor to a directory that there is not", refused.returncode != 0 and "from a directory" in refused.stderr, refused.stderr)
    check("and nothing changed", owners(machine, "theirs") == " ".join((*numbers, "2770")))
    machine.run("systemctl", "restart", "bulkhead-storage-clerk.service")
    machine.wait("the clerk started anew knows their names again", lambda: (dataset(machine, "theirs")["owner"], dataset(machine, "theirs")["group"]) == SHOWN)
    check("who asks for names has no right", machine.show("bulkhead-names@x.service", "User", "CapabilityBoundingSet") ==
          {"User": "bulkhead-names", "CapabilityBoundingSet": ""})


def number(machine):
    return machine.run("stat", "-c", "%u", "/srv/tank/plans/hers").stdout.strip()


def is_on_disk(machine):
    sid = controller(machine, "exec", "wbinfo", "--name-to-sid=carol").stdout.split()[0]
    check("what she made is hers, by the number that the domain gave her", number(machine) == str(1900000000 + int(sid.rsplit("-", 1)[1])),
          (number(machine), sid))
    machine.run("sh", "-c", "cd /srv/tank/plans; chmod 600 hers")
    may(machine, "so she reads it", True, "plans", f"{DOMAIN}\\carol", THEIRS["carol"], command="get hers /tmp/hers")
    controller(machine, "exec", "samba-tool", "group", "addmembers", "File People", "dave")
    may(machine, "and dave, who gets in, does not", False, "plans", f"{DOMAIN}\\dave", THEIRS["dave"], command="get hers /tmp/hers")
    controller(machine, "exec", "samba-tool", "group", "removemembers", "File People", "dave")


def lets_nobody_else_in(machine):
    """Over SMB, and in no other way."""
    signed = machine.bulkhead("smb", "list", "--as", f"{DOMAIN}\\carol", "--as-password-fd", "3", secrets=(THEIRS["carol"],))
    check("nobody of the domain signs in to Bulkhead", signed.returncode != 0, signed.stdout)
    plain = machine.run("getent", "passwd", "carol")
    check("nobody of it has a name that one of the machine could have", plain.returncode != 0, plain.stdout)
    shell = machine.run("getent", "passwd", f"{DOMAIN}\\carol").stdout
    check("nor a shell", shell == "" or shell.strip().endswith("/usr/sbin/nologin"), shell)
    roles = machine.run("getent", "group", "bulkhead-admin", "bulkhead-operator", "bulkhead-viewer").stdout
    check("nor a role", "carol" not in roles and DOMAIN not in roles, roles)
    taken = controller(machine, "exec", "samba-tool", "group", "add", "bulkhead-admin")
    controller(machine, "exec", "samba-tool", "group", "addmembers", "bulkhead-admin", "carol")
    ids = machine.run("id", f"{DOMAIN}\\carol").stdout
    check("a group of the domain with the name of a role is none", taken.returncode == 0 and "(bulkhead-admin)" not in ids, ids)


def owns_nothing_meanwhile(machine):
    """Nobody can be asked: a refusal that names its field, within seconds, and nobody else waits for it."""
    before = owners(machine, "theirs")
    begun = time.monotonic()
    refused = give(machine, "theirs", "--owner", f"{DOMAIN}\\nobody.here", "--group", "root", "--yes")
    took = time.monotonic() - begun
    check("with nobody to ask, nobody else can own anything", refused.returncode != 0 and "owner" in refused.stderr.lower() and
          ("cannot be asked now" in refused.stderr or "knows no" in refused.stderr) and owners(machine, "theirs") == before, refused.stderr)
    check("and that is said within seconds", took < SOON_S, f"{took:.1f} s")
    machine.run("systemctl", "kill", "-s", "STOP", "bulkhead-winbind.service")
    asked = subprocess.Popen([f"{HERE}/trial", "exec", "bulkhead", "datasets", "set", "tank", str(dataset(machine, "theirs")["id"]), "--owner", HERS[0], "--yes"],
                             env=machine.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun = time.monotonic()
    machine.rows("datasets", "list")
    check("winbind stands still: meanwhile all others are answered at once", asked.poll() is None and time.monotonic() - begun < QUICK_S)
    said = asked.communicate(timeout=60)[1]
    took = time.monotonic() - begun
    check("and who asked is told within seconds", asked.returncode != 0 and "owner" in said and "cannot be asked now" in said and took < SOON_S, f"{took:.1f} s: {said}")
    begun = time.monotonic()
    one = explained(machine, HERS[0], "theirs")
    took = time.monotonic() - begun
    check("also who asks for an explanation", one["reads"] is None and "username" in one["sentence"] and "cannot be asked now" in one["sentence"] and
          took < SOON_S, f"{took:.1f} s: {one}")
    check("and nothing changed", owners(machine, "theirs") == before)
    machine.run("systemctl", "kill", "-s", "CONT", "bulkhead-winbind.service")


def bears_its_absence(machine):
    controller(machine, "away")
    for again in ("at first", "and again"):
        may(machine, f"the controller away, {again}: alice gets in at once", True, "photos", "alice", PEOPLE["alice"], quick=True)
        may(machine, "also where people of the domain are named", True, "documents", "alice", PEOPLE["alice"], quick=True)
        may(machine, "by the machine's name", True, "documents", "alice", PEOPLE["alice"], "-W", machine.run("hostname").stdout.strip().upper(), quick=True)
        may(machine, "and by any other", True, "documents", "alice", PEOPLE["alice"], "-W", "WORKGROUP", quick=True)
        may(machine, "who is not named is told so at once", False, "plans", "alice", PEOPLE["alice"], quick=True)
    told = domain(machine)
    check("it says that no controller answers", told["joined"] and not told.get("controller") and told.get("message"), told)
    owns_nothing_meanwhile(machine)
    machine.run("systemctl", "restart", "bulkhead-winbind.service", "bulkhead-smb.service")
    changed = machine.bulkhead("smb", "update", str(share(machine, "documents")["id"]), "--description", "x", "--yes")
    check("a share that names people of the domain can be changed meanwhile", changed.returncode == 0, changed.stderr)
    may(machine, "nobody of the domain gets in", False, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])
    machine.run("systemctl", "stop", "bulkhead-winbind.service")
    may(machine, "both started anew without it, winbind stopped: alice gets in at once", True, "documents", "alice", PEOPLE["alice"], quick=True)
    machine.run("systemctl", "start", "bulkhead-winbind.service")
    controller(machine, "back")
    machine.wait("the controller back: carol gets in again", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])


def winbind_comes_back(machine):
    before = machine.show("bulkhead-winbind.service", "MainPID")["MainPID"]
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-winbind.service")
    machine.wait("winbind killed: it comes back", lambda: machine.show("bulkhead-winbind.service", "MainPID")["MainPID"] not in ("0", before))
    machine.wait("and carol gets in", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])


def said_by_doctor(machine):
    """Its code, and its only line that is not good."""
    begun = time.monotonic()
    done = machine.bulkhead("doctor", "domain")
    print(f"        the doctor took {time.monotonic() - begun:.0f} s", flush=True)
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if line.startswith(("WRONG", "UNKNOWN", "warning")))


def finds(machine, what, pattern):
    code, line = said_by_doctor(machine)
    check(f"the doctor says in one line that {what}, and what to do", code == 1 and re.search(f"^WRONG +domain +BULK.TEST .*{pattern}", line) and
          line.count("\n") == 0, (code, line))


LATE = "/run/systemd/system/bulkhead-domain-look@.service.d"


def is_looked_after(machine):
    """A membership that is broken is told of by the doctor."""
    check("the doctor finds the domain well", said_by_doctor(machine) == (0, ""), said_by_doctor(machine))
    controller(machine, "away")
    begun = time.monotonic()
    finds(machine, "no controller answers", "No controller of it answers.*; do: .*/etc/resolv.conf")
    check(f"within {AWAY_S} seconds", time.monotonic() - begun < AWAY_S, f"{time.monotonic() - begun:.1f} s")
    begun = time.monotonic()
    shown = domain(machine)
    check("so is it said to who asks", "controller" not in shown and "No controller" in shown["message"] and
          time.monotonic() - begun < AWAY_S, (time.monotonic() - begun, shown))
    controller(machine, "back")
    machine.wait("it is back, and the doctor sees it", lambda: said_by_doctor(machine) == (0, ""))
    machine.put(f"{machine.env['BUILD']}/late.so", "/usr/local/lib/late.so")
    machine.run("sh", "-c", f"mkdir -p {LATE}; printf '[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/late.so LATE=-900\nExecPaths=/usr/local/lib\n' "
                            f"> {LATE}/late.conf; systemctl daemon-reload")
    finds(machine, "the clock is wrong", "clocks are too far apart.*; do: set the clock")
    machine.run("sh", "-c", f"rm -r {LATE}; systemctl daemon-reload")
    machine.wait("all mended, it is well", lambda: said_by_doctor(machine) == (0, ""))
    name = domain(machine)["name"]
    lost = controller(machine, "exec", "samba-tool", "user", "setpassword", f"{name}$", "--newpassword=An0ther of the machine")
    check("somebody sets the machine's password in the domain", lost.returncode == 0, lost.stdout)
    finds(machine, "it is not trusted any more", "does not take this machine.*; do: bulkhead smb leave, then bulkhead smb join BULK.TEST")
    may(machine, "accounts of the machine get in all the same", True, "documents", "alice", PEOPLE["alice"], quick=True)
    check("as it says, it leaves", machine.bulkhead("smb", "leave", "--yes").returncode == 0)
    done = join(machine)
    check("and joins", done.returncode == 0 and said_by_doctor(machine) == (0, ""), done.stderr)
    machine.wait("carol gets in again", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])


def drifting(machine):
    return next((one for one in machine.rows("shares", "drift") if one["name"] == "domain"), None)


def drifts(machine):
    """What somebody does to its file is shown, not written over, and taken back when a person says so."""
    was = machine.run("cat", FILE).stdout
    check("nothing drifts", drifting(machine) is None, drifting(machine))
    for what, script, wanted, found in (
            ("a line that is not ours", f"echo 'log level = 3' >> {FILE}", "", "log level = 3"),
            ("another realm", f"sed -i 's/^realm = .*/realm = OTHER.TEST/' {FILE}", f"realm = {REALM.upper()}", "realm = OTHER.TEST"),
            ("nothing that makes sense", f"echo nonsense > {FILE}", f"realm = {REALM.upper()}", "nonsense"),
            ("no file at all", f"rm {FILE}", f"realm = {REALM.upper()}", "")):
        machine.run("sh", "-c", script)
        one = drifting(machine)
        check(f"{what} is seen as drift", one and wanted in one["wanted"] and found in one["found"] and one["can_restore"] and not one["can_adopt"], one)
        if found:
            left = machine.bulkhead("smb", "leave", "--yes")
            check(f"{what}: leaving would lose it, and is refused", left.returncode != 0 and "shares drift" in left.stderr + left.stdout or
                  "in no domain" in left.stderr, left.stderr)
            check(f"{what}: it is kept", found in machine.run("cat", FILE).stdout)
        back = machine.bulkhead("shares", "restore", one["id"], "--yes")
        check(f"{what}: it is had as it was", back.returncode == 0 and machine.run("cat", FILE).stdout == was and drifting(machine) is None, back.stderr)
    machine.wait("carol gets in all the same", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])


def is_started_anew(machine):
    again = machine.trial("restart")
    check("the machine starts anew", again.returncode == 0, again.stdout[-2000:])
    machine.run("sh", "-c", f"echo nameserver {CONTROLLER} > /etc/resolv.conf")  # a container's is written anew at each start
    check("winbind runs", machine.state("bulkhead-winbind.service") == "active", machine.state("bulkhead-winbind.service"))
    machine.wait("carol of the domain gets in", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])
    may(machine, "alice of the machine", True, "documents", "alice", PEOPLE["alice"], quick=True)
    may(machine, "bob, where nobody is named", True, "photos", "bob", PEOPLE["bob"], quick=True)
    may(machine, "dave of the domain, who is not named, does not", False, "documents", f"{DOMAIN}\\dave", THEIRS["dave"])
    check("what she made is still hers", number(machine) == machine.run("id", "-u", f"{DOMAIN}\\carol").stdout.strip())
    machine.wait("it says that all is well", lambda: domain(machine).get("trusted") and not domain(machine).get("message"))


def is_left(machine):
    done = machine.bulkhead("smb", "leave", "--yes")
    check("it leaves", done.returncode == 0, done.stderr)
    untouched(machine, "left")
    check("nothing that proves who it was stays", machine.run("grep", "-a", "MACHINE_PASSWORD", "/var/lib/bulkhead-smb/private/secrets.tdb").returncode != 0)
    may(machine, "carol gets in no more", False, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])
    may(machine, "alice does", True, "documents", "alice", PEOPLE["alice"], quick=True)
    twice = machine.bulkhead("smb", "leave", "--yes")
    check("not a second time", twice.returncode != 0 and "in no domain" in twice.stderr, twice.stderr)
    done = join(machine)
    check("and joins again", done.returncode == 0, done.stderr)
    machine.wait("carol gets in by what was named before", lambda: enters(machine, "documents", f"{DOMAIN}\\carol", THEIRS["carol"])[0])
    check("and has the number she had", number(machine) == machine.run("id", "-u", f"{DOMAIN}\\carol").stdout.strip())


def has_gone(machine):
    controller(machine, "down")


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="1")
    try:
        lives(machine, has_ground, has_controller, is_refused, is_joined, names_people, lets_in, owns_datasets, is_on_disk, lets_nobody_else_in, bears_its_absence,
              winbind_comes_back, is_looked_after, drifts, is_started_anew, is_left, has_gone)
    finally:
        controller(machine, "down")


if __name__ == "__main__":
    main()
