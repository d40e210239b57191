#!/usr/bin/python3
"""The appliance beside a real directory (tests/appliance/directory, OpenLDAP): whose people may be named, who gets in by FTP, SFTP
and WebDAV and who does not, whose connections end, what is on disk, and what holds when the directory is away, shows another
certificate, or goes.

    tests/appliance/shares_directory.py BUILD

Ends with "N passed, N failed".
"""
import json
import subprocess
import sys
import time

from machine import HERE, Machine, check, lives
from sharing import PEOPLE, offer as share
from storing import confirmed
from transfers import SSH, Client, change, each, offer, transfers

ADDRESS, SERVER, BASE = "10.77.0.6", "ldap.bulk.test", "dc=bulk,dc=test"
SECOND, PLAIN, EXPIRED = "ldap2.bulk.test", "plain.bulk.test", "expired.bulk.test"
HOSTS = f"{ADDRESS} {SERVER} elsewhere.bulk.test\n10.77.0.11 {SECOND}\n10.77.0.12 {PLAIN}\n10.77.0.13 {EXPIRED}"
BIND, READER = f"cn=reader,{BASE}", "R3ader of the directory"
THEIRS = {"carol": "Car0l of the directory", "dave": "Dav3 of the directory", "alice": "Al1ce of the directory",
          "gone": "G0ne of the directory", "low": "L0w of the directory", "ours": "Our5 of the directory"}
WAYS = ("ftp", "sftp", "webdav")
DIRECT = ("ftp", "sftp")  # who signs in for each connection; WebDAV's server keeps one while it is used
NUMBERS = {"carol": "100001", "dave": "100002"}
BOUND = 60  # seconds, in which whoever is let in no more is disconnected
FILE = "/etc/bulkhead/services/directory.conf"
KEPT = "/var/lib/bulkhead-shares-hand/directory"


def directory(machine, *words, which="first"):
    return subprocess.run([f"{HERE}/directory", *words], env={**machine.env, "DIRECTORY": which}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=900)


def as_admin(machine, *words):
    return directory(machine, "exec", *words, "-x", "-H", "ldap://127.0.0.1:1389", "-D", f"cn=admin,{BASE}", "-w", "admin of the directory")


def uses(one):
    """Is there anything for them? WebDAV's server shows who it knows that there is nothing, when what is behind it lets them in no more."""
    return bool(one.names()) if one.way == "webdav" else one.gets_in()


def modify(machine, lines):
    machine_done = directory(machine, "exec", "sh", "-c", f"printf '{lines}' | ldapmodify -x -H ldap://127.0.0.1:1389 -D cn=admin,{BASE} "
                             "-w 'admin of the directory'")
    check("somebody changes the directory", machine_done.returncode == 0, machine_done.stdout)


def told(machine):
    return json.loads(machine.bulkhead("directory", "show", "--json").stdout)["directory"]


def set_to(machine, server=SERVER, bind=BIND, password=READER, ca="ca", base=BASE, others=(), start_tls=False, more=("--yes",)):
    more = (*each("--others", others), *(("--start-tls",) if start_tls else ()), *more)
    return machine.bulkhead("directory", "set", server, "--base", base, "--bind", bind, "--password-fd", "3", "--ca", f"/root/{ca}.pem", *more,
                            secrets=(password,))


def theirs(machine, who, password=None, ways=WAYS):
    return [Client(machine, way, f"{who}@directory", password or THEIRS[who]) for way in ways]


def has_ground(machine):
    machine.wait("the trial's disk is free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) >= 1)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is a pool", made.returncode == 0, made.stderr)
    for name in ("photos", "documents", "plans"):
        machine.bulkhead("datasets", "create", "tank", name, "--yes")
        one = next(each for each in machine.rows("datasets", "list") if each["name"] == name)
        machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--mode", "0777", "--yes")
    made = machine.bulkhead("users", "create", "alice", "--password-fd", "3", "--yes", secrets=(PEOPLE["alice"],))
    check("there is the account alice", made.returncode == 0, made.stderr)
    made = offer(machine, "photos", "/srv/tank/photos", ways=WAYS)
    check("a folder is offered to everybody with an account", made.returncode == 0, made.stderr)
    check("people come from no directory, and it says so", told(machine) == {"used": False}, told(machine))


def has_directory(machine):
    up = directory(machine, "up")
    check("there is a directory", up.returncode == 0, up.stdout[-2000:])
    for name in ("ca", "other-ca"):
        with open(f"/tmp/{name}-{machine.env['TRIAL_NAME']}.pem", "w", encoding="ascii") as file:
            file.write(directory(machine, name).stdout)
        machine.put(file.name, f"/root/{name}.pem")
    for which in ("second", "plain", "expired"):
        up = directory(machine, "up", which=which)
        check(f"there is another: {which}", up.returncode == 0, up.stdout[-2000:])
    knows_names(machine)


def knows_names(machine):
    machine.run("sh", "-c", f"grep -q {SECOND} /etc/hosts || printf '{HOSTS}\n' >> /etc/hosts".replace("\n", "\\n"))


def heard_by(machine, which, who="cn=reader"):
    """Where somebody told a server who they are."""
    return [line for line in directory(machine, "log", which=which).stdout.splitlines() if f'BIND dn="{who}' in line]


def doctor(machine):
    done = machine.bulkhead("doctor", "--json", "directory")
    return [(one["state"], one["object"], one["message"], one["next"]) for one in json.loads(done.stdout)["findings"] if one["check"] == "directory"]


def untouched(machine, what):
    left = machine.run("sh", "-c", f"ls {FILE} /etc/bulkhead/services/directory.pem {KEPT} 2>/dev/null; grep -rlsF '{READER}' /etc/bulkhead /run/bulkhead* "
                                   "/var/lib/bulkhead*").stdout
    check(f"{what}: nothing is left of it", left == "" and machine.state("bulkhead-directory.service") != "active", left)


def is_refused(machine):
    for what, field, words in (("a server that is not there", "server", {"server": "nowhere.bulk.test"}),
                               ("a wrong password", "password", {"password": "not the password"}),
                               ("an account that is not there", "password", {"bind": f"cn=nobody,{BASE}"}),
                               ("a certificate of another authority", "ca", {"ca": "other-ca"}),
                               ("a certificate for another name", "server", {"server": "elsewhere.bulk.test"}),
                               ("a certificate that has expired", "server", {"server": EXPIRED}),
                               ("one that has expired by StartTLS", "server", {"server": EXPIRED, "start_tls": True}),
                               ("a certificate of another authority by StartTLS", "ca", {"ca": "other-ca", "start_tls": True}),
                               ("a certificate for another name by StartTLS", "server", {"server": "elsewhere.bulk.test", "start_tls": True}),
                               ("a server that offers no TLS", "start_tls", {"server": PLAIN, "start_tls": True}),
                               ("a place that is not there", "base", {"base": f"ou=nothing,{BASE}"}),
                               ("a place without people", "base", {"base": f"ou=empty,{BASE}"}),
                               ("another server that is not there", "others", {"others": (SECOND, "nowhere.bulk.test")}),
                               ("another server whose certificate has expired", "others", {"others": (EXPIRED,)}),
                               ("a server that is named twice", "others", {"others": (SECOND, SERVER)}),
                               ("too many servers", "others", {"others": tuple(f"ldap{i}.bulk.test" for i in range(4))})):
        done = set_to(machine, **words)
        check(f"{what} is refused, and {field} is named", done.returncode not in (0, 1) and field in done.stderr.lower(), f"{done.returncode}: {done.stderr}")
        check(f"{what}: it says so", "expired" not in what or "has expired" in done.stderr, done.stderr)
        untouched(machine, what)
    check("nobody told a server without TLS who they are", heard_by(machine, "plain") == [], heard_by(machine, "plain"))
    for what, field, words in (("what is no place in a directory", "bind", {"bind": "reader"}), ("a line end in one", "bind", {"bind": f"cn=x\nLDAPURI=y,{BASE}"})):
        done = set_to(machine, **words)
        check(f"{what} is refused", done.returncode == 2 or field in done.stderr.lower(), done.stderr)
    named = offer(machine, "early", "/srv/tank/plans", ways=WAYS, users=("carol@directory",))
    check("nobody of a directory can be named yet", named.returncode != 0 and "nobody from a directory" in named.stderr, named.stderr)


def is_set(machine):
    dry = set_to(machine, more=("--dry-run",))
    check("the plan shows what is done, and no password", "bulkhead-directory.service" in dry.stdout and f"LDAPURI=ldaps://{SERVER}" in dry.stdout and
          READER not in dry.stdout + dry.stderr, dry.stdout + dry.stderr)
    untouched(machine, "a dry run")
    done = set_to(machine)
    check("it is set", done.returncode == 0, done.stderr + machine.run("journalctl", "-b", "-n", "40", "-u", "bulkhead-directory*", "--no-pager").stdout)
    check("it says which, and that it is reached", told(machine) == {
        "used": True, "server": SERVER, "base": BASE, "bind": BIND, "reached": True, "start_tls": False, "servers": [{"name": SERVER, "reached": True}]},
        told(machine))
    check("so does the doctor", doctor(machine) == [("good", SERVER, "answers and knows this machine", "")], doctor(machine))
    check("sssd runs", machine.state("bulkhead-directory.service") == "active")
    modes = machine.run("stat", "-c", "%a %U", "/run/bulkhead-directory/etc/sssd.conf", "/var/lib/bulkhead-shares-hand").stdout
    check("what it is told is root's alone", modes.splitlines() == ["600 root", "700 bulkhead-shares-hand"], modes)
    said = machine.run("sh", "-c", "journalctl -b --no-pager; ps axww -o args; runuser -u postgres -- pg_dump bulkhead").stdout
    check("the password is in no journal, no argument and no table", "bulkhead-directory" in said and READER not in said)
    kept = machine.run("grep", "-rlsF", READER, "/etc", "/var/lib/bulkhead-shares-hand", "/run/bulkhead", "/run/bulkhead-shares-hand", "/run/bulkhead-directory-check")
    check("but in one file of the hand's", kept.stdout.split() == [KEPT], kept.stdout)


def names_people(machine):
    made = offer(machine, "documents", "/srv/tank/documents", ways=WAYS, users=("alice", "carol@directory"))
    check("somebody of it is named beside an account", made.returncode == 0 and transfers(machine)["documents"]["users"] == ["alice", "carol@directory"], made.stderr)
    made = offer(machine, "plans", "/srv/tank/plans", ways=WAYS, users=("@staff@directory",))
    check("and a group of it", made.returncode == 0, made.stderr)
    for what, name in (("who is not there", "nobody@directory"), ("a group that is not there", "@nothing@directory"), ("somebody as a group", "@carol@directory"),
                       ("who has a number of the machine's own", "low@directory"), ("who has one of an account of ours", "ours@directory")):
        done = change(machine, "create", "t", "/srv/tank/photos", *each("--protocols", WAYS), "--users", name)
        check(f"{what} cannot be named", done.returncode != 0 and "knows no" in done.stderr, done.stderr)
    done = offer(machine, "t", "/srv/tank/photos", ways=("sftp", "rsync"), users=("carol@directory",))
    check("nor anybody of it by rsync", done.returncode != 0 and "rsync" in done.stderr and "protocols" in done.stderr.lower(), done.stderr)
    done = share(machine, "t", "/srv/tank/photos", "--valid-users", "carol@directory")
    check("nor in a share over SMB, and why is said", done.returncode != 0 and "SMB could check a password" in done.stderr, done.stderr)


def lets_in(machine):
    for carol, dave, gone, alice in zip(*(theirs(machine, who) for who in ("carol", "dave", "gone", "alice"))):
        way = carol.way
        check(f"{way}: carol of the directory, who is named, and whose group is", carol.write("hers", f"documents/{way}") and
              carol.read(f"documents/{way}") == "hers" and carol.write("hers", f"plans/{way}"), carol.names())
        check(f"{way}: what is for accounts of the machine is not for her", carol.read("photos/x") is None and not carol.write("x", f"photos/{way}"))
        check(f"{way}: dave, who is not named, uses nothing", not any(dave.write("x", f"{where}/dave") for where in ("photos", "documents", "plans")))
        check(f"{way}: not with a wrong password", not Client(machine, way, "carol@directory", "wrong").gets_in())
        check(f"{way}: nor with none", not Client(machine, way, "carol@directory", "").gets_in())
        check(f"{way}: who is disabled there does not get in", not gone.gets_in())
        check(f"{way}: alice of the directory is somebody else", not alice.write("x", "documents/alice") and
              not Client(machine, way, "alice", THEIRS["alice"]).gets_in())
        check(f"{way}: alice of the machine gets in", Client(machine, way, "alice").write("x", f"documents/alice-{way}"))
        check(f"{way}: who has a number of the machine's own is nobody", not any(Client(machine, way, f"{who}@directory", THEIRS[who]).gets_in()
                                                                                for who in ("low", "ours")))
        check(f"{way}: nor is anybody without the name behind it", not Client(machine, way, "carol", THEIRS["carol"]).gets_in())
    owners = machine.run("stat", "-c", "%u", "/srv/tank/documents/sftp", "/srv/tank/plans/ftp").stdout.split()
    check("what she made is hers, by the number that the directory gave her", owners == ["100001", "100001"], owners)


def lets_nobody_else_in(machine):
    signed = machine.bulkhead("smb", "list", "--as", "carol@directory", "--as-password-fd", "3", secrets=(THEIRS["carol"],))
    check("nobody of it signs in to Bulkhead", signed.returncode != 0, signed.stdout)
    for name in ("carol@directory", "carol"):
        check(f"the machine knows no {name}", machine.run("getent", "passwd", name).returncode != 0)
    made = offer(machine, "others", "/srv/tank/photos", ways=("rsync",))
    check("a folder is offered by rsync", made.returncode == 0, made.stderr)
    check("nor does rsync, which alice uses", not Client(machine, "rsync", "carol@directory", THEIRS["carol"]).gets_in() and
          Client(machine, "rsync", "alice").gets_in())


def dataset(machine, name):
    return next(one for one in machine.rows("datasets", "list") if one["name"] == name)


def give(machine, name, *words):
    return machine.bulkhead("datasets", "set", "tank", str(dataset(machine, name)["id"]), *words)


def explained(machine, who, where, way="sftp"):
    done = machine.bulkhead("shares", "explain", who, where, "--protocol", way, "--json")
    return json.loads(done.stdout) if done.returncode == 0 else {"sentence": done.stderr, "reads": None, "writes": None}


def owns_datasets(machine):
    """A dataset belongs to somebody and a group of the directory, by the numbers that it has for them."""
    machine.bulkhead("datasets", "create", "tank", "theirs", "--yes")
    words = ("--owner", "carol@directory", "--group", "staff@directory", "--access", "group_writes")
    dry = give(machine, "theirs", *words, "--dry-run")
    check("the plan shows their names and numbers", "100001 carol@directory" in dry.stdout and "100500 staff@directory" in dry.stdout, dry.stdout + dry.stderr)
    done = give(machine, "theirs", *words, "--yes")
    owners = lambda: machine.run("stat", "-c", "%u %g %a", "/srv/tank/theirs").stdout.strip()
    check("it belongs to them", done.returncode == 0 and owners() == "100001 100500 2770", (done.stderr, owners()))
    machine.wait("and it is shown by their names", lambda: (dataset(machine, "theirs")["owner"], dataset(machine, "theirs")["group"]) ==
                 ("carol@directory", "staff@directory"))
    made = offer(machine, "theirs", "/srv/tank/theirs", ways=DIRECT, users=("carol@directory", "dave@directory"))
    check("it is offered to two of them", made.returncode == 0, made.stderr)
    check("carol writes there", all(one.write("x", "theirs/hers") for one in theirs(machine, "carol", ways=DIRECT)))
    check("dave does not", not any(one.write("x", "theirs/his") for one in theirs(machine, "dave", ways=DIRECT)))
    one = explained(machine, "carol@directory", "theirs")
    check("that she can is explained", one["reads"] and one["writes"], one)
    one = explained(machine, "dave@directory", "theirs")
    check("and that he cannot, with their names", one["writes"] is False and "(of carol@directory, group staff@directory, mode 2770" in one["sentence"], one)
    one = explained(machine, "carol@directory", "plans")
    check("and that her group is named", one["reads"] and one["writes"], one)
    one = explained(machine, "dave@directory", "plans")
    check("in which he is not", one["reads"] is False and "for others" in one["sentence"] and "dave@directory" in one["fix"], one)
    one = explained(machine, "carol@directory", "photos")
    check("and that what names nobody is not for her", one["reads"] is False and "for accounts of this machine alone" in one["sentence"], one)
    for what, given in (("somebody who is not there", "nobody@directory"), ("somebody whose number is one of the machine's", "low@directory"),
                        ("a group as an account", "staff@directory")):
        refused = give(machine, "theirs", "--owner", given, "--yes")
        check(f"{what} is refused by name", refused.returncode != 0 and "knows no account" in refused.stderr and given in refused.stderr, refused.stderr)
    check("and nothing changed", owners() == "100001 100500 2770", owners())
    machine.run("systemctl", "restart", "bulkhead-storage-clerk.service")
    machine.wait("the clerk started anew knows their names again", lambda: dataset(machine, "theirs")["owner"] == "carol@directory")
    made = change(machine, "delete", str(transfers(machine)["theirs"]["id"]))
    check("it is offered no more", made.returncode == 0, made.stderr)


def follows(machine):
    """What changes there holds here when somebody signs in."""
    hers = theirs(machine, "carol")
    modify(machine, f"dn: uid=carol,ou=people,{BASE}\\nchangetype: modify\\nreplace: shadowExpire\\nshadowExpire: 1\\n")
    machine.wait("carol is disabled there: she gets in no more", lambda: not any(uses(one) for one in hers))
    modify(machine, f"dn: uid=carol,ou=people,{BASE}\\nchangetype: modify\\ndelete: shadowExpire\\n")
    machine.wait("enabled, she does", lambda: all(uses(one) for one in theirs(machine, "carol")))
    modify(machine, f"dn: cn=staff,ou=groups,{BASE}\\nchangetype: modify\\nreplace: memberUid\\nmemberUid: dave\\n")
    machine.wait("dave comes into the group: he uses what is for it", lambda: all(one.write("x", "plans/dave") for one in theirs(machine, "dave", ways=DIRECT)))
    machine.wait("carol has left it, and does not", lambda: not any(one.write("x", "plans/carol") for one in hers))
    check("but what is for herself", all(one.write("x", "documents/carol") for one in hers))


def connected(machine, who):
    """By which ways somebody has something running, as the machine's processes say."""
    lines = [line.split(None, 1) for line in machine.run("ps", "-eo", "uid=,unit=,args=").stdout.splitlines()]
    found = [line[1] for line in lines if line[0] == NUMBERS.get(who, "?")]
    return sorted({way for way in WAYS for line in found if f"bulkhead-{way}" in line})


def connects(machine, who, ways=WAYS):
    """Real clients that stay: FTP and SFTP say nothing more, WebDAV asks again and again."""
    secret, name = THEIRS[who], f"{who}@directory"
    held = {"ftp": f"lftp -e 'set ssl:verify-certificate no; set ftp:ssl-force yes; set net:idle 1h; cls; !sleep 900' -u '{name},{secret}' ftp://127.0.0.1",
            "sftp": f"(echo ls; sleep 900) | sshpass -p '{secret}' sftp -oBatchMode=no -b - -P 2222 {SSH} {name}@127.0.0.1",
            "webdav": f"while sleep 0.3; do curl -sk -m 20 -u '{name}:{secret}' -X PROPFIND -H 'Depth: 1' https://127.0.0.1:5006/; done"}
    for way in ways:
        machine.run("systemctl", "stop", f"held-{who}-{way}.service")
        machine.run("systemd-run", "-q", "--collect", f"--unit=held-{who}-{way}", "sh", "-c", held[way])
    return machine.wait(f"{who} is connected by {', '.join(ways)}", lambda: connected(machine, who) == sorted(ways))


def disconnects(machine):
    for one in machine.run("systemctl", "list-units", "--plain", "--no-legend", "held-*").stdout.splitlines():
        machine.run("systemctl", "stop", one.split()[0])


def is_cut_off(machine, what, who):
    begun = time.monotonic()
    machine.wait(f"{what}: what is open of {who}'s ends", lambda: not connected(machine, who))
    check(f"{what}: soon enough", time.monotonic() - begun <= BOUND, time.monotonic() - begun)


def ends_sessions(machine):
    """What is open ends when the directory lets its person in no more, and nothing else does."""
    connects(machine, "carol")
    connects(machine, "dave", ways=("sftp",))
    time.sleep(BOUND)
    check("who is let in stays connected", connected(machine, "carol") == sorted(WAYS), connected(machine, "carol"))
    modify(machine, f"dn: uid=carol,ou=people,{BASE}\\nchangetype: modify\\nreplace: shadowExpire\\nshadowExpire: 1\\n")
    is_cut_off(machine, "disabled", "carol")
    hers = theirs(machine, "carol", ways=("webdav",))[0]
    machine.wait("WebDAV shows her nothing more", lambda: not uses(hers))
    check("and lets her read nothing", hers.read("documents/carol") is None and not hers.write("x", "documents/carol"))
    check("who is not disabled stays connected", connected(machine, "dave") == ["sftp"], connected(machine, "dave"))
    modify(machine, f"dn: uid=carol,ou=people,{BASE}\\nchangetype: modify\\ndelete: shadowExpire\\n")
    machine.wait("enabled, she gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))
    connects(machine, "carol")
    modify(machine, f"dn: cn=staff,ou=groups,{BASE}\\nchangetype: modify\\nreplace: memberUid\\nmemberUid: carol\\n")
    is_cut_off(machine, "out of a group", "dave")
    check("her own stay", connected(machine, "carol") == sorted(WAYS), connected(machine, "carol"))
    disconnects(machine)
    connects(machine, "dave", ways=DIRECT)
    modify(machine, f"dn: uid=dave,ou=people,{BASE}\\nchangetype: delete\\n")
    is_cut_off(machine, "removed", "dave")
    check("nor does he get in", not any(uses(one) for one in theirs(machine, "dave")))
    connects(machine, "carol", ways=DIRECT)
    directory(machine, "away")
    time.sleep(BOUND)
    check("the directory away: what is open stays", connected(machine, "carol") == sorted(DIRECT), connected(machine, "carol"))
    directory(machine, "back")
    disconnects(machine)
    machine.wait("it is back: carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))


def bears_its_absence(machine):
    directory(machine, "away")
    check("the directory away: alice of the machine gets in", all(Client(machine, way, "alice").write("x", "documents/away") for way in WAYS))
    check("nobody of the directory does", not any(uses(one) for one in theirs(machine, "carol", ways=DIRECT)))
    one = told(machine)
    check("it says so", one["used"] and not one["reached"] and "does not answer" in one["message"], one)
    machine.run("systemctl", "restart", "bulkhead-directory.service")
    before = machine.run("stat", "-c", "%u %g %a", "/srv/tank/theirs").stdout
    for name in ("carol", "nobody"):
        refused = give(machine, "theirs", "--owner", f"{name}@directory", "--group", "root", "--yes")
        check(f"with nobody to ask, {name} cannot own anything", refused.returncode != 0 and "owner" in refused.stderr.lower() and
              ("cannot be asked now" in refused.stderr or "knows no" in refused.stderr) and
              machine.run("stat", "-c", "%u %g %a", "/srv/tank/theirs").stdout == before, refused.stderr)
    check("sssd started anew without it runs", machine.state("bulkhead-directory.service") == "active")
    changed = change(machine, "update", str(transfers(machine)["documents"]["id"]), "--read-only")
    check("what names people of it can be changed meanwhile", changed.returncode == 0, changed.stderr)
    change(machine, "update", str(transfers(machine)["documents"]["id"]), "--no-read-only")
    directory(machine, "back")
    machine.wait("it is back: carol gets in again", lambda: all(uses(one) for one in theirs(machine, "carol")))


def is_not_fooled(machine):
    """Somebody else at its address, whose certificate another authority signed."""
    machine.run("sh", "-c", "cp -p /etc/bulkhead/services/directory.pem /root/was.pem; cat /root/other-ca.pem > /etc/bulkhead/services/directory.pem; "
                            "systemctl restart bulkhead-directory.service")
    check("a certificate of another: nobody of it gets in", not any(uses(one) for one in theirs(machine, "carol", ways=DIRECT)))
    check("it says why", "not of that authority" in told(machine).get("message", ""), told(machine))
    machine.run("sh", "-c", "cat /root/was.pem > /etc/bulkhead/services/directory.pem; systemctl restart bulkhead-directory.service")
    machine.wait("the right one again: carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))


def drifts(machine):
    was = machine.run("cat", FILE).stdout
    machine.run("sh", "-c", f"echo LDAPTLS_REQCERT=never >> {FILE}")
    one = next((each for each in machine.rows("shares", "drift") if each["name"] == "directory"), None)
    check("a line of somebody's is seen as drift", one and "never" in one["found"] and one["can_restore"], one)
    done = machine.bulkhead("directory", "remove", "--yes")
    check("and nothing is written over it", done.returncode != 0 and "shares drift" in done.stderr, done.stderr)
    back = machine.bulkhead("shares", "restore", one["id"], "--yes")
    check("it is had as it was", back.returncode == 0 and machine.run("cat", FILE).stdout == was, back.stderr)


def is_started_anew(machine):
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-directory.service")
    machine.wait("sssd killed: it comes back, and carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))
    again = machine.trial("restart")
    check("the machine starts anew", again.returncode == 0, again.stdout[-2000:])
    knows_names(machine)
    machine.wait("carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))


def begins_tls(machine):
    """StartTLS on port 389: with it all is as without, and nothing is said in the clear."""
    done = set_to(machine, start_tls=True)
    check("it is set by StartTLS", done.returncode == 0 and f"LDAPURI=ldap://{SERVER}\n" in machine.run("cat", FILE).stdout, done.stderr)
    check("it says so, and is reached", told(machine)["start_tls"] and told(machine)["reached"], told(machine))
    machine.wait("carol gets in by it", lambda: all(uses(one) for one in theirs(machine, "carol")))
    check("not with a wrong password", not any(Client(machine, way, "carol@directory", "wrong").gets_in() for way in WAYS))
    lines = directory(machine, "log").stdout.splitlines()
    begun = {line.split()[2] for line in lines if "STARTTLS" in line}
    by_389 = {line.split()[2] for line in lines if "ACCEPT" in line and f"IP={ADDRESS}:389" in line}
    said = {line.split()[2] for line in lines if "BIND dn=" in line and 'dn=""' not in line} & by_389
    check("on port 389 nobody said who they are before TLS began", said and said <= begun, (said, begun))
    machine.run("sh", "-c", f"sed -i s/{SERVER}/{PLAIN}/ {FILE}; systemctl restart bulkhead-directory.service")
    check("a server without TLS, put there by hand: nobody gets in", not any(uses(one) for one in theirs(machine, "carol", ways=DIRECT)))
    check("and it was told nothing", heard_by(machine, "plain") == [], heard_by(machine, "plain"))
    check("the doctor says why", [(one[0], "offers no TLS" in one[2], "start_tls" in one[3]) for one in doctor(machine)] == [("wrong", True, True)], doctor(machine))
    machine.run("sh", "-c", f"sed -i s/{PLAIN}/{SERVER}/ {FILE}; systemctl restart bulkhead-directory.service")


def has_several(machine):
    """Two servers: the second answers when the first is away."""
    done = set_to(machine, others=(SECOND,))
    check("two servers are set", done.returncode == 0, done.stderr)
    both = [{"name": name, "reached": True} for name in (SERVER, SECOND)]
    check("it says so, and both are reached", told(machine)["others"] == [SECOND] and told(machine)["servers"] == both, told(machine))
    machine.wait("carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))
    asked = len(heard_by(machine, "second", "uid=carol"))
    directory(machine, "away")
    machine.wait("the first is away: carol gets in by the second", lambda: all(uses(one) for one in theirs(machine, "carol")))
    check("which was asked", len(heard_by(machine, "second", "uid=carol")) > asked)
    check("not with a wrong password", not any(Client(machine, way, "carol@directory", "wrong").gets_in() for way in WAYS))
    one = told(machine)
    check("it says which is away", one["reached"] and SERVER in one["message"] and [each["reached"] for each in one["servers"]] == [False, True], one)
    found = doctor(machine)
    check("so does the doctor, in a warning", [each[:2] for each in found] == [("warning", SERVER), ("good", SECOND)] and "another server" in found[0][2] and
          found[0][3], found)
    machine.run("systemctl", "restart", "bulkhead-directory.service")
    machine.wait("sssd started anew meanwhile: she does as well", lambda: all(uses(one) for one in theirs(machine, "carol")))
    directory(machine, "away", which="second")
    machine.wait("both are away: nobody of it gets in", lambda: not any(uses(one) for one in theirs(machine, "carol", ways=DIRECT)))
    check("the doctor finds both wrong", [each[:2] for each in doctor(machine)] == [("wrong", SERVER), ("wrong", SECOND)], doctor(machine))
    directory(machine, "back")
    machine.wait("the first is back: carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))
    directory(machine, "back", which="second")
    done = set_to(machine)
    check("one alone is set again", done.returncode == 0 and "others" not in told(machine), done.stderr)
    machine.wait("carol gets in", lambda: all(uses(one) for one in theirs(machine, "carol")))


def tells_what_is_wrong(machine):
    """The doctor says what is wrong, and what to do next."""
    def finds(what, field, word, script, back):
        machine.run("sh", "-c", script)
        found = doctor(machine)
        check(f"the doctor says {what}", len(found) == 1 and found[0][0] == "wrong" and word in found[0][2] and found[0][3], (field, found))
        machine.run("sh", "-c", back)
    finds("that a certificate is of somebody else", "ca", "not of that authority", "cp -p /etc/bulkhead/services/directory.pem /root/was.pem; "
          "cat /root/other-ca.pem > /etc/bulkhead/services/directory.pem", "cat /root/was.pem > /etc/bulkhead/services/directory.pem")
    finds("that it has expired", "server", "has expired", f"sed -i s/{SERVER}/{EXPIRED}/ {FILE}", f"sed -i s/{EXPIRED}/{SERVER}/ {FILE}")
    finds("that a server does not answer", "server", "does not answer", f"sed -i s/{SERVER}/nowhere.bulk.test/ {FILE}", f"sed -i s/nowhere.bulk.test/{SERVER}/ {FILE}")
    finds("that it does not know this machine", "password", "does not know that account", f"cp -p {KEPT} /root/kept; echo wrong > {KEPT}", f"cat /root/kept > {KEPT}; rm /root/kept")
    finds("that there are no people", "base", "no people", f"sed -i s/^LDAPBASE=/LDAPBASE=ou=empty,/ {FILE}", f"sed -i s/ou=empty,// {FILE}")
    check("then all is well", [one[0] for one in doctor(machine)] == ["good"], doctor(machine))


def is_removed(machine):
    connects(machine, "carol")
    done = machine.bulkhead("directory", "remove", "--yes")
    check("it is taken away", done.returncode == 0, done.stderr)
    machine.wait("what is open ends", lambda: not connected(machine, "carol"))
    check("nobody looks at people of it any more", machine.state("bulkhead-directory-people.timer") == "inactive")
    disconnects(machine)
    untouched(machine, "taken away")
    check("nobody of it gets in", not any(uses(one) for one in theirs(machine, "carol")))
    check("alice does", all(Client(machine, way, "alice").gets_in() for way in WAYS))
    check("who was named stays named", "carol@directory" in transfers(machine)["documents"]["users"])
    again = machine.bulkhead("directory", "remove", "--yes")
    check("not a second time", again.returncode != 0 and "nobody from a directory" in again.stderr, again.stderr)


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="1")
    try:
        lives(machine, has_ground, has_directory, is_refused, is_set, names_people, lets_in, lets_nobody_else_in, owns_datasets, follows, ends_sessions, bears_its_absence, is_not_fooled,
              begins_tls, has_several, tells_what_is_wrong, drifts, is_started_anew, is_removed)
    finally:
        for which in ("expired", "plain", "second", "first"):
            directory(machine, "down", which=which)


if __name__ == "__main__":
    main()
