#!/usr/bin/python3
"""Folders offered by FTP, SFTP, WebDAV and rsync as clients meet them: the real servers, with curl, lftp, sftp, rsync and rclone,
as people who may and who may not.

    tests/appliance/transfers.py BUILD

Ends with "N passed, N failed".
"""
import json
import re
import sys
import urllib.parse
from html import unescape

from machine import Machine, check, ledger_verifies, lives
from sharing import PEOPLE, ground, said_of_encrypted, service_of, web_of
from storing import confirmed

WAYS = ("ftp", "sftp", "webdav", "rsync")
NAME = "Größe it's \U0001f4f7"
FILE = "Ünter den «Linden» it's 100% \U0001f333"
SSH = "-oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oLogLevel=ERROR -oConnectTimeout=30"
ANSWERS = ("PROPFIND", "-H", "Depth: 1")


def transfers(machine):
    return {one["name"]: one for one in machine.rows("transfers", "list")}


def change(machine, *words):
    return machine.bulkhead("transfers", *words, "--yes")


def each(option, values):
    return [word for value in values for word in (option, value)]


def offer(machine, name, path, ways=WAYS, users=()):
    return change(machine, "create", name, path, *each("--protocols", ways), *each("--users", users))


class Client:
    """Somebody, by one of the ways; what cannot be done is None or False."""
    def __init__(self, machine, way, who, password=None):
        self.machine, self.way, self.who, self.password = machine, way, who, password or PEOPLE.get(who, "whatever that is")

    def curl(self, path, *words):
        url = {"ftp": "ftp://127.0.0.1/", "webdav": "https://127.0.0.1:5006/"}[self.way] + urllib.parse.quote(path)
        return self.machine.run("curl", "-sk", "-m", "60", "--ssl-reqd", "--path-as-is", "-f", "-u", f"{self.who}:{self.password}",
                                *words, url)

    def ssh(self, *words, script=""):
        return self.machine.run("sh", "-c", 'printf "%s" "$1" >/run/script; shift; exec sshpass "$@" </run/script', "sh", script,
                                "-p", self.password, *words)

    def sftp(self, *lines):
        """One line that fails is all that is wanted of it."""
        return self.ssh("sftp", "-oBatchMode=no", "-b", "-", "-P", "2222", *SSH.split(), f"{self.who}@127.0.0.1", script="\n".join(lines) + "\n")

    def rsync(self, *words):
        return self.ssh("rsync", "-e", f"ssh -p 2223 {SSH}", *words)

    def far(self, path):
        return f"{self.who}@127.0.0.1:{path}"

    def names(self, path=""):
        """What is in a folder; None: it is not to be seen."""
        if self.way == "ftp":
            done = self.curl(path, "-l")
            found = done.stdout.splitlines()
        elif self.way == "webdav":
            done = self.curl(path, "-X", *ANSWERS)
            found = [unescape(name) for name in re.findall(r"<D:displayname>([^<]*)</D:displayname>", done.stdout)]
            found = [name for name in found if name and name != path.rstrip("/").split("/")[-1]]
        elif self.way == "sftp":
            done = self.sftp(f'cd "/{path}"', "ls -1")
            found = [line.strip() for line in done.stdout.splitlines() if not line.startswith("sftp>")]
        else:
            done = self.rsync("--list-only", "-8", self.far(path or "."))
            found = [line[46:].split(" -> ")[0] for line in done.stdout.splitlines()]
        return sorted(name for name in found if not name.startswith(".")) if done.returncode == 0 else None

    def read(self, path):
        if self.way in ("ftp", "webdav"):
            done = self.curl(path)
            return done.stdout if done.returncode == 0 else None
        self.machine.run("rm", "-rf", "/run/got")
        done = self.sftp(f'get "/{path}" /run/got') if self.way == "sftp" else self.rsync(self.far(path), "/run/got")
        return self.machine.run("cat", "/run/got").stdout if done.returncode == 0 else None

    def write(self, text, path):
        self.machine.run("sh", "-c", 'printf %s "$1" >/run/text', "sh", text)
        if self.way in ("ftp", "webdav"):
            return self.curl(path, "-T", "/run/text").returncode == 0
        done = self.sftp(f'put /run/text "/{path}"') if self.way == "sftp" else self.rsync("/run/text", self.far(path))
        return done.returncode == 0

    def gets_in(self):
        return self.names() is not None


def everybody(machine, who, password=None):
    return [Client(machine, way, who, password) for way in WAYS]


def offered(machine):
    dry = machine.bulkhead("transfers", "create", "photos", "/srv/tank/photos", "--protocols", "ftp", "--dry-run")
    check("a plan says what it comes down to", "transfers@tank" in dry.stdout and "services/ftp" in dry.stdout, dry.stdout + dry.stderr)
    made = offer(machine, "photos", "/srv/tank/photos", users=("alice",))
    check("a folder is offered, and its servers started", made.returncode == 0 and transfers(machine)["photos"]["served"], made.stderr)
    check("each server says what hangs on it", all(service_of(machine, name)["holders"] == ["photos"] for name in ("ftp", "webdav", "sftp")),
          [service_of(machine, name)["holders"] for name in ("ftp", "webdav", "sftp")])
    made = offer(machine, NAME, "/srv/tank/documents", users=("@band", "alice"))
    check("another, to a group", made.returncode == 0, made.stderr)
    for alice, bob, carol in zip(*(everybody(machine, who) for who in ("alice", "bob", "carol"))):
        way = alice.way
        check(f"{way}: each sees what is for them", alice.names() and {"photos", NAME} <= set(alice.names()) and
              NAME in (bob.names() or []), (alice.names(), bob.names()))
        if way in ("ftp", "webdav"):
            check(f"{way}: and nothing else", bob.names() == [NAME] and carol.names() == [], (bob.names(), carol.names()))
        check(f"{way}: who may writes", alice.write(f"by {way}", f"photos/{way}") and alice.write("ü", f"photos/{FILE} {way}"))
        check(f"{way}: and reads it again", alice.read(f"photos/{way}") == f"by {way}" and alice.read(f"photos/{FILE} {way}") == "ü",
              alice.names("photos/"))
        owner = machine.run("stat", "-c", "%U %a", f"/srv/tank/photos/{way}").stdout.strip()
        check(f"{way}: it belongs to who wrote it", owner.startswith("alice "), owner)
        check(f"{way}: by a group, as well", bob.write("b", f"{NAME}/{way}") and bob.read(f"{NAME}/{way}") == "b")
        check(f"{way}: who may not does not", bob.read(f"photos/{way}") is None and not bob.write("x", "photos/x") and
              not bob.names("photos/") and carol.read(f"{NAME}/{way}") is None)
        check(f"{way}: nobody writes beside the folders", not alice.write("x", "x"))
    machine.run("sh", "-c", "umask 077; echo secret >/srv/tank/photos/closed")
    check("what the file itself forbids stays forbidden", all(one.read("photos/closed") is None for one in everybody(machine, "alice")))


def by_rclone(machine):
    """A client of WebDAV that people use: a folder there and back, renamed, deleted, and nothing of others'."""
    machine.run("sh", "-c", "mkdir -p /run/folder/inner && head -c 3000000 /dev/urandom >/run/folder/large && echo u >'/run/folder/inner/ü 100%.txt'")

    def rclone(who, *words):
        return machine.run("sh", "-c", 'RCLONE_WEBDAV_PASS=$(rclone obscure "$1"); export RCLONE_WEBDAV_PASS; shift; exec rclone "$@"', "sh", PEOPLE[who],
                           "--config", "/dev/null", "--no-check-certificate", "--retries", "1", "--webdav-url", "https://127.0.0.1:5006",
                           "--webdav-user", who, *words)
    for words in (("copy", "/run/folder", ":webdav:photos/folder"), ("check", "--download", "/run/folder", ":webdav:photos/folder"),
                  ("moveto", ":webdav:photos/folder/large", ":webdav:photos/folder/renamed"), ("copy", ":webdav:photos/folder", "/run/back")):
        done = rclone("alice", *words)
        check(f"rclone: {words[0]}", done.returncode == 0, done.stdout + done.stderr)
    same = machine.run("sh", "-c", "cmp /run/folder/large /run/back/renamed && cmp '/run/folder/inner/ü 100%.txt' '/run/back/inner/ü 100%.txt'")
    check("rclone: what came back is what went", same.returncode == 0, same.stdout + same.stderr)
    other = rclone("carol", "lsf", ":webdav:photos")
    check("rclone: nobody else sees it", other.returncode != 0 and "renamed" not in other.stdout, other.stdout + other.stderr)
    gone = rclone("alice", "purge", ":webdav:photos/folder")
    check("rclone: it is deleted", gone.returncode == 0 and machine.run("test", "-e", "/srv/tank/photos/folder").returncode != 0, gone.stderr)


def by_rsync_daemon(machine):
    """Modules, as clients of a daemon ask for them: over SSH, and those that somebody may use."""
    machine.run("sh", "-c", "mkdir -p /run/folder/deep; echo d >/run/folder/deep/d")

    def modules(who):
        done = Client(machine, "rsync", who).rsync(f"{who}@127.0.0.1::")
        return sorted(line.split("\t")[0].strip() for line in done.stdout.splitlines() if line.strip()) if done.returncode == 0 else done.stderr
    check("rsync: its modules are what is for them", modules("alice") == sorted(["photos", NAME]) and modules("bob") == [NAME] and
          modules("carol") == [], [modules(who) for who in ("alice", "bob", "carol")])
    alice, bob = Client(machine, "rsync", "alice"), Client(machine, "rsync", "bob")
    there = alice.rsync("-rt", "--omit-dir-times", "/run/folder/", "alice@127.0.0.1::photos/module/")
    machine.run("rm", "-rf", "/run/back2")
    back = alice.rsync("-r", "alice@127.0.0.1::photos/module/", "/run/back2/")
    check("rsync: a folder goes there and comes back", there.returncode == back.returncode == 0 and
          machine.run("cmp", "/run/folder/deep/d", "/run/back2/deep/d").returncode == 0 and
          machine.run("stat", "-c", "%U", "/srv/tank/photos/module/deep/d").stdout.strip() == "alice", there.stderr + back.stderr)
    for path in ("photos/module/deep/d", "nosuch/x", ".1/module/deep/d", "../photos/module/deep/d"):
        check(f"rsync: nobody else has {path}", bob.rsync(f"bob@127.0.0.1::{path}", "/run/stolen").returncode != 0 and
              machine.run("test", "-e", "/run/stolen").returncode != 0)
    up = alice.rsync("-rL", "--copy-unsafe-links", "alice@127.0.0.1::photos/../../../../etc/passwd", "/run/stolen")
    check("rsync: nor does a module lead out", up.returncode != 0 and machine.run("test", "-e", "/run/stolen").returncode != 0, up.stdout)
    machine.run("rm", "-rf", "/srv/tank/photos/module")


def turns_away(machine):
    for way in WAYS:
        check(f"{way}: not with a wrong password", not Client(machine, way, "alice", "not that one at all").gets_in())
        check(f"{way}: root does not get in, nor a guest", not Client(machine, way, "root", "x").gets_in() and
              not Client(machine, way, "anonymous", "x").gets_in() and not Client(machine, way, "nobody", "").gets_in())
    plain = machine.run("curl", "-s", "-m", "20", "-u", f"alice:{PEOPLE['alice']}", "ftp://127.0.0.1/")
    check("FTP in the clear is refused", plain.returncode != 0)
    old = machine.run("curl", "-sk", "-m", "20", "--tls-max", "1.1", "--ssl-reqd", "ftp://127.0.0.1/")
    also = machine.run("curl", "-sk", "-m", "20", "--tls-max", "1.1", "https://127.0.0.1:5006/")
    check("so is old TLS", old.returncode != 0 and also.returncode != 0)
    lftp = machine.run("lftp", "-c", "set net:max-retries 1; set net:timeout 30; set ssl:verify-certificate no; set ftp:ssl-force yes; "
                       f"open -u 'alice,{PEOPLE['alice']}' 127.0.0.1; cd photos; cat ftp")
    check("lftp is another client", lftp.returncode == 0 and "by ftp" in lftp.stdout, lftp.stderr)
    for way, port in (("sftp", "2222"), ("rsync", "2223")):
        shell = Client(machine, way, "alice").ssh("ssh", "-p", port, *SSH.split(), "alice@127.0.0.1", "id; cat /etc/passwd")
        check(f"{way}: there is no shell", "uid=" not in shell.stdout and "root:" not in shell.stdout, shell.stdout)
        forward = Client(machine, way, "alice").ssh("ssh", "-p", port, *SSH.split(), "-W", "127.0.0.1:22", "alice@127.0.0.1")
        check(f"{way}: and no way to other machines", "SSH-2.0" not in forward.stdout, forward.stdout)


def confines(machine):
    machine.run("sh", "-c", "cd /srv/tank/photos; ln -s / root; ln -s ../../../../../../etc up; ln -s /etc/passwd passwd; "
                "ln -s /srv/tank/documents other; mkdir -p /srv/tank/documents; echo inner >/srv/tank/documents/inner")
    for one in everybody(machine, "alice"):
        found = [one.read(path) for path in ("photos/root/etc/passwd", "photos/up/passwd", "photos/passwd", "../../../../etc/passwd",
                                             "photos/../../../../../etc/passwd", "etc/passwd", "photos/other/inner", ".2/../../../etc/passwd")]
        check(f"{one.way}: no link and no path leads out", not any(text and ("root:" in text or "inner" in text) for text in found), found)
    followed = Client(machine, "rsync", "alice").rsync("-rL", "--copy-unsafe-links", Client(machine, "rsync", "alice").far("photos/up"), "/run/out/")
    check("rsync: also when it is told to follow links", machine.run("ls", "/run/out").stdout.strip() == "" or
          machine.run("sh", "-c", "grep -r root: /run/out").stdout == "", followed.stdout)
    daemon = Client(machine, "rsync", "alice").ssh("ssh", "-p", "2223", *SSH.split(), "alice@127.0.0.1", "rsync --server --daemon --config=/srv/x .")
    check("rsync: and with no settings of a client's", daemon.returncode != 0 and "Only rsync" in daemon.stderr, daemon.stderr)
    machine.run("sh", "-c", "cp /bin/true /srv/tank/photos/program; chmod 4755 /srv/tank/photos/program")
    check("nothing there can be run", machine.run("/run/bulkhead/transfers/sftp/photos/program").returncode == 126)


def changes_at_once(machine):
    number = str(transfers(machine)["photos"]["id"])
    done = change(machine, "update", number, "--read-only")
    check("it becomes read-only", done.returncode == 0, done.stderr)
    for one in everybody(machine, "alice"):
        check(f"{one.way}: then nobody writes, and it is read", not one.write("x", f"photos/{one.way}") and
              one.read(f"photos/{one.way}") == f"by {one.way}")
    done = change(machine, "update", number, "--no-read-only", "--users", "bob", "--name", "pictures")
    check("it becomes another's, by another name", done.returncode == 0, done.stderr)
    for alice, bob in zip(everybody(machine, "alice"), everybody(machine, "bob")):
        check(f"{alice.way}: at once", alice.read(f"pictures/{alice.way}") is None and bob.read(f"pictures/{bob.way}") is None and
              "pictures" in (bob.names() or ()) and "photos" not in bob.names(), bob.names())
    done = change(machine, "update", number, "--users", "alice", "--name", "photos", "--protocols", "sftp")
    check("and is offered by one way only", done.returncode == 0 and Client(machine, "sftp", "alice").read("photos/sftp") == "by sftp" and
          not any(Client(machine, way, "alice").read("photos/sftp") for way in WAYS if way != "sftp"), done.stderr)
    change(machine, "update", number, *each("--protocols", WAYS))


def explains(machine):
    """What is said is so for every client, and what is said to mend it does."""
    number = str(transfers(machine)["photos"]["id"])

    def is_so(what, reads, writes, words):
        for one in everybody(machine, "alice"):
            done = machine.bulkhead("shares", "explain", "alice", "photos", "--protocol", one.way, "--json")
            said = json.loads(done.stdout) if done.returncode == 0 else {"sentence": done.stderr}
            found = (one.read(f"photos/{one.way}") is not None, one.write(f"by {one.way}", f"photos/{one.way}"))
            check(f"{one.way}: {what} is explained as it is", (said.get("reads"), said.get("writes")) == (reads, writes) == found and
                  words in said["sentence"], (said, found))
        return said

    def mends(said):
        done = machine.run(*said.get("fix", "false").split(), "--yes")
        check("what is said to mend it does", done.returncode == 0, done.stderr)

    is_so("that she can", True, True, "can read and write photos")
    change(machine, "update", number, "--users", "bob")
    mends(is_so("that it is for others", False, False, "for others"))
    change(machine, "update", number, "--read-only")
    mends(is_so("that nobody writes", True, False, "read_only"))
    machine.run("chmod", "0700", "/srv/tank/photos")
    is_so("what the folder itself says", False, False, "mode 0700")
    machine.run("chmod", "0777", "/srv/tank/photos")
    machine.run("chmod", "0700", "/srv/tank")
    is_so("that folders above it do not matter", True, True, "can read and write")
    machine.run("chmod", "0755", "/srv/tank")
    change(machine, "update", number, "--no-enabled")
    mends(is_so("that it is not enabled", False, False, "not enabled"))
    change(machine, "update", number, "--protocols", "sftp")
    said = json.loads(machine.bulkhead("shares", "explain", "alice", "photos", "--protocol", "ftp", "--json").stdout)
    check("another way is explained as another", not said["reads"] and said["fix_parameters"]["protocols"] == ["sftp", "ftp"], said)
    mends(said)
    change(machine, "update", number, *each("--protocols", WAYS))
    change(machine, "update", number, "--users", "alice")
    nobody = machine.bulkhead("shares", "explain", "alice", "nosuch", "--protocol", "ftp")
    check("nor is what is not there", "no transfer nosuch" in nobody.stderr, nobody.stderr)


def is_set(machine):
    """FTP: the ports that files come and go by, and TLS."""
    def passive():
        done = machine.run("curl", "-skv", "-m", "60", "--ssl-reqd", "--disable-epsv", "-u", f"alice:{PEOPLE['alice']}", "ftp://127.0.0.1/")
        said = re.search(r"227 [^(]*\((?:\d+,){4}(\d+),(\d+)\)", done.stderr)
        return int(said.group(1)) * 256 + int(said.group(2)) if said else done.stderr

    def plainly():
        return machine.run("curl", "-s", "-m", "60", "-u", f"alice:{PEOPLE['alice']}", "ftp://127.0.0.1/").returncode == 0

    def settings():
        return json.loads(machine.bulkhead("ftp", "server", "--json").stdout)["server"]
    first = {"passive_first": 50000, "passive_last": 50999, "tls_required": True, "max_clients": 512}
    check("FTP is set as it is from the start", settings() == first and 50000 <= passive() <= 50999, settings())
    pid = machine.pid("ftp")
    done = machine.bulkhead("ftp", "set", "--passive-first", "40000", "--passive-last", "40003", "--yes")
    check("files come and go by other ports", done.returncode == 0 and settings()["passive_last"] == 40003, done.stderr)
    machine.wait("clients are told so", lambda: 40000 <= passive() <= 40003)
    check("by the same server", machine.pid("ftp") == pid)
    turned = machine.bulkhead("ftp", "set", "--passive-first", "50000", "--yes")
    check("no range that is none", turned.returncode == 5 and settings()["passive_first"] == 40000, turned.stderr)
    low = machine.bulkhead("ftp", "set", "--passive-first", "1", "--yes")
    check("nor ports of others", low.returncode != 0, low.stderr)
    check("FTP in the clear is refused", not plainly())
    machine.bulkhead("ftp", "set", "--no-tls-required", "--yes")
    machine.wait("unless an administrator allows it", plainly)
    again = machine.bulkhead("ftp", "set", "--tls-required", "--passive-first", "50000", "--passive-last", "50999", "--yes")
    machine.wait("and no more when they do not", lambda: not plainly())
    machine.run("sh", "-c", "cp /usr/share/bulkhead/ftp.conf /run/before; echo 'NoSuchWord on' >> /usr/share/bulkhead/ftp.conf")
    bad = machine.bulkhead("ftp", "set", "--max-clients", "7", "--yes")
    check("what the server's own checker refuses is not put in place", bad.returncode != 0 and settings() == first, (bad.stderr, settings()))
    check("and who uses it notices nothing", machine.pid("ftp") == pid and 50000 <= passive() <= 50999)
    machine.run("cp", "/run/before", "/usr/share/bulkhead/ftp.conf")
    machine.run("sh", "-c", "echo 'RootLogin on' >> /etc/bulkhead/services/ftp.conf")
    lost = machine.bulkhead("ftp", "set", "--max-clients", "100", "--yes")
    check("what somebody wrote by hand is not lost", lost.returncode == 5 and "by hand" in lost.stderr, lost.stderr)
    machine.run("sed", "-i", "$d", "/etc/bulkhead/services/ftp.conf")
    check("it is as it was", again.returncode == 0 and settings() == first, settings())


def by_rest(machine):
    """Each way has an address of its own: what is there is the same folder."""
    web = web_of(machine)

    def names(way, query=""):
        return [one["name"] for one in web.get(f"/api/shares/{way}/{query}").json]
    made = web.ask("POST", "/api/shares/ftp/", {"name": "scans", "path": "/srv/tank/photos", "users": "alice,bob"})
    number = made.json["id"]
    check("what is made below ftp is offered by FTP", made.status == 200 and made.json["protocols"] == ["ftp"] and
          made.json["users"] == ["alice", "bob"], made)
    check("and is there, and where all are", "scans" in names("ftp") and "scans" in names("transfers"))
    check("and nowhere else", not any("scans" in names(way) for way in WAYS if way != "ftp"))
    check("also page by page", names("ftp", "?limit=1&sort=-id&name=scans") == ["scans"] and not names("sftp", "?limit=5&name=scans"))
    more = web.ask("PATCH", f"/api/shares/ftp/{number}/", {"protocols": ["ftp", "webdav"]})
    check("then it is below webdav, too", more.status == 200 and "scans" in names("webdav") and
          web.get(f"/api/shares/webdav/{number}").json["protocols"] == ["ftp", "webdav"], more)
    shown = web.ask("DELETE", f"/api/shares/webdav/{number}?dry_run=true")
    gone = web.ask("DELETE", f"/api/shares/webdav/{number}")
    check("and is deleted, as it was shown", shown.status == 200 and gone.status == 204 and "scans" not in names("transfers"), (shown, gone))
    wrong = web.ask("POST", "/api/shares/rsync", {"name": "x", "path": "/etc"})
    check("a wrong value is refused with its field", wrong.status == 422 and wrong.json["errors"][0]["field"] == "path", wrong)


def disables(machine):
    """Who is in the middle of something, and is disabled."""
    machine.run("sh", "-c", "head -c 40M /dev/zero >/run/big; rm -f /run/ended")
    machine.run("systemd-run", "-q", "--unit=slow", "sh", "-c", f"sshpass -p '{PEOPLE['bob']}' scp -s -l 800 -P 2222 {SSH} /run/big "
                f"'bob@127.0.0.1:/{NAME.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}/big'; echo $? >/run/ended")
    machine.wait("a file is on its way", lambda: machine.run("sh", "-c", "stat -c %s /srv/tank/documents/big").stdout.strip() not in ("", "0"))
    done = machine.bulkhead("users", "update", "bob", "--no-enabled", "--yes")
    check("its owner is disabled", done.returncode == 0, done.stderr)
    machine.wait("and is cut off", lambda: machine.run("cat", "/run/ended").stdout.strip() not in ("", "0"))
    check("and gets in by no way", not any(one.gets_in() for one in everybody(machine, "bob")))
    check("others do", all(one.gets_in() for one in everybody(machine, "alice")))
    machine.bulkhead("users", "update", "bob", "--enabled", "--yes")
    machine.wait("enabled, they all let in again", lambda: all(one.gets_in() for one in everybody(machine, "bob")))
    new = "another of bob's passwords"
    done = confirmed(machine, "users", "password", "bob", "--password-fd", "3", secrets=(new,))
    check("a password is changed", done.returncode == 0, done.stderr)
    machine.wait("the new one counts everywhere", lambda: all(one.gets_in() for one in everybody(machine, "bob", new)))
    check("and the old one nowhere", not any(one.gets_in() for one in everybody(machine, "bob")))


def by_key(machine):
    machine.run("sh", "-c", "rm -f /root/key*; ssh-keygen -q -t ed25519 -N '' -f /root/key")
    key = machine.run("cat", "/root/key.pub").stdout.strip()
    done = machine.bulkhead("users", "set-ssh-keys", "alice", "--ssh-keys", key, "--yes")
    check("a key is set", done.returncode == 0, done.stderr)
    sftp = machine.run("sh", "-c", f"echo 'ls -1 /photos/sftp' | sftp -b - -i /root/key -P 2222 {SSH} alice@127.0.0.1")
    check("SFTP knows who has it", sftp.returncode == 0, sftp.stderr)
    rsync = machine.run("rsync", "-e", f"ssh -i /root/key -p 2223 {SSH} -oBatchMode=yes", "alice@127.0.0.1:photos/rsync", "/run/by-key")
    check("so does rsync", rsync.returncode == 0, rsync.stderr)
    other = machine.run("sh", "-c", f"echo ls | sftp -b - -i /root/key -P 2222 {SSH} carol@127.0.0.1")
    check("and nobody else's", other.returncode != 0)


def refuses(machine):
    for words, why in (
            (("x", "/etc", "ftp"), "path"), (("x", "/srv/tank/../../etc", "ftp"), "path"), (("x", "/srv/none/x", "ftp"), "no pool"),
            (("x/y", "/srv/tank/photos", "ftp"), "name"), (("../x", "/srv/tank/photos", "ftp"), "name"),
            (("x\nenabled = yes", "/srv/tank/photos", "ftp"), "name"), (("PHOTOS", "/srv/tank/photos", "ftp"), "already"),
            (("x", "/srv/tank/photos\nuser = bob", "ftp"), "path"), (("x", "/srv/tank/photos", "telnet"), "must be one of")):
        done = offer(machine, words[0], words[1], words[2:])
        check(f"refused: {words}", done.returncode != 0 and why in done.stderr.lower(), done.stderr)
    done = offer(machine, "x", "/srv/tank/photos", users=("zoe",))
    check("refused: somebody who is not there", done.returncode != 0 and "zoe" in done.stderr, done.stderr)
    machine.run("sh", "-c", "ln -sfn /etc /srv/tank/link")
    check("refused: a link", offer(machine, "x", "/srv/tank/link").returncode != 0)
    check("nothing is left of them", set(transfers(machine)) == {"photos", NAME} and
          set(machine.run("ls", "/etc/bulkhead/transfers").stdout.splitlines()) == {"photos", NAME})
    also = machine.bulkhead("smb", "create", "pictures", "/srv/tank/photos", "--dry-run", "--json")
    check("SMB says that a folder is offered otherwise, too", "photos offers /srv/tank/photos as well" in also.stdout, also.stdout + also.stderr)


def by_hand(machine):
    machine.run("sh", "-c", "sed -i 's/^user = alice$/user = carol/; s/^enabled/# mine\\nenabled/' /etc/bulkhead/transfers/photos")
    machine.wait("what somebody wrote by hand is seen", lambda: any(one["kind"] == "transfer_file" for one in machine.rows("shares", "drift")))
    lost = change(machine, "update", str(transfers(machine).get("photos", {"id": 1})["id"]), "--read-only")
    check("and not lost by a change", lost.returncode != 0, lost.stdout)
    machine.run("sh", "-c", "sed -i 's/^user = carol$/user = alice/; /^# mine$/d' /etc/bulkhead/transfers/photos")
    machine.wait("until it is as it was", lambda: machine.rows("shares", "drift") == [] and "photos" in transfers(machine))


def silent(machine):
    """The ways in which alice does not get what she has put there by them."""
    return [one.way for one in everybody(machine, "alice") if one.read(f"photos/{one.way}") != f"by {one.way}"]


def survives(machine):
    for way in WAYS:
        machine.run("systemctl", "kill", "-s", "KILL", f"bulkhead-{way}.service")
    machine.wait("killed, they all come back", lambda: not silent(machine))
    machine.run("sh", "-c", "head -c 3000 /dev/urandom >/var/lib/bulkhead/tls/identity.pem; systemctl restart bulkhead-ftp.service bulkhead-webdav.service")
    machine.wait("with a broken certificate they show the machine's own", lambda: not silent(machine))
    machine.run("rm", "/var/lib/bulkhead/tls/identity.pem")
    # PID 1 hears late of mounts when there are many.
    machine.run("systemd-run", "--quiet", "--unit=mounts.service", "sh", "-c", "mkdir -p /run/mounts; while :; do mount -t tmpfs none /run/mounts; umount /run/mounts; sleep 0.05; done")
    for word, state in (("unmount", "inactive"), ("mount", "active")) * 2:
        done = machine.bulkhead("pools", word, "tank", "--yes")
        check(f"their pool: {word}", done.returncode == 0 and machine.state("srv-tank.mount") == state, done.stderr or machine.state("srv-tank.mount"))
    machine.wait("which is back, so they serve again", lambda: not silent(machine))
    machine.run("systemctl", "stop", "mounts.service")
    machine.run("systemctl", "stop", "bulkhead.target", "postgresql.service")
    check("with all of ours stopped they serve", not silent(machine), silent(machine))
    machine.trial("reboot")
    machine.wait("after a reboot they serve", lambda: not silent(machine))
    machine.wait("and it is told so", lambda: machine.bulkhead("transfers", "list").returncode == 0 and transfers(machine)["photos"]["served"])


def leaves(machine):
    gone = machine.bulkhead("pools", "export", "tank", "--yes")
    check("the pool can leave", gone.returncode == 0, gone.stderr)
    machine.wait("then it is not served, and says why", lambda: "pool is away" in transfers(machine)["photos"].get("message", ""))
    said_of_encrypted(machine, "tank", lambda: transfers(machine)["photos"].get("message", ""))
    check("nothing of it is mounted any more", machine.run("sh", "-c", "grep /run/bulkhead/transfers/ /proc/self/mountinfo").stdout == "")
    check("and nothing is shown", all(one.names() == [] for one in everybody(machine, "alice")))
    for one in list(transfers(machine).values()):
        done = change(machine, "delete", str(one["id"]))
        check(f"deleted: {one['name']}", done.returncode == 0, done.stderr)
    check("no folder is left", machine.run("find", "/run/bulkhead/transfers", "-mindepth", "2").stdout == "" and not transfers(machine))
    ledger_verifies(machine)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G", TRIAL_PORT=""), ground, offered, by_rclone, by_rsync_daemon, turns_away, confines, changes_at_once, explains, is_set, by_key,
          by_rest, disables, refuses, by_hand, survives, leaves, set_up=False)


if __name__ == "__main__":
    main()
