#!/usr/bin/python3
"""Hostile values against every field of a share, of an export and of the SMB server, through the front end: what is refused
is refused with a reason, and what is accepted is one line of a file and nothing else, which the servers read as it was meant.

    tests/appliance/hostile_settings.py BUILD [TRIES]        (400; HOSTILE_TRIES=10000 for the long one)

Ends with "N passed, N failed".
"""
import os
import random
import re
import sys

from hostile_accepted import OURS, asked, offered, written_down
from machine import Machine, check, lives
from pelting import tries_of
from sharing import ground, offer, share, web_of

SEED = 20260131
WAYS = {"/api/shares/smb/{id}": 13, "/api/shares/nfs/{id}": 2, "/api/shares/transfers/{id}": 3, "/api/shares/server/smb": 2,
        "/api/shares/server/ftp": 1}  # of so many tries each
GOOD = {"users": "alice", "protocols": "sftp", "name": "photos", "path": "/srv/tank/photos", "valid_users": "alice", "read_list": "@band", "write_list": "bob",
        "hosts_allow": "192.168.1.0/24", "hosts_deny": "fd00::1", "workgroup": "HOME",
        "clients": "192.168.1.0/24 rw squash=root"}
BREAKS = ("\n", "\r\n", "\r", "\0", "\x0b", "\x0c", "\x1b[2J", "\u2028", "\u2029", "\u0085", "\\\n", "\\", "\\\\", ";", "#", " #", "%U", "%(x)",
          "%$(HOME)", "$(id)", "`id`", "${IFS}", "'", '"', "]", "[", "[global]", "=", " = ", ",", "+", "&", "@", "&+", "|", "<", ">", "*", "?",
          "/", "//", "/../", "/./", "..", ".", " ", "\t", "\u00a0", "\u202e", "\ufeff", "\u0301", "é", "🏔", "-", "--", "~", "{", "}", ":")
LINES = ("root preexec = /bin/sh -c id", "include = /etc/shadow", "[global]", "path = /", "force user = root", "vfs objects = x",
         "config backend = registry", "admin users = alice", "magic script = x", "guest ok = yes", "wide links = yes", "/etc/passwd")
WORDS = ("global", "homes", "GLOBAL", "printers", "ipc$", "root", "@root", "+root", "&root", "0", "::/0", "0.0.0.0/0", "ALL", "EXCEPT", "/etc",
         "/srv", "/srv/", "/srv/..", "/srv/tank/.snapshots/photos", "/srv/tank/" + "a" * 600, "a" * 300, "", "\ud7ff", "yes", "no", "Required")


def hostile(dice, field):
    good = GOOD.get(field, "words")
    kind = dice.randrange(6)
    if kind == 0:
        return dice.choice(WORDS)
    if kind == 1:
        return good + dice.choice(BREAKS) + dice.choice(LINES)
    if kind == 2:
        at = dice.randrange(len(good) + 1)
        return good[:at] + dice.choice(BREAKS) + good[at:]
    if kind == 3:
        return dice.choice(BREAKS) + good
    if kind == 4:
        return good + dice.choice(BREAKS)
    return "".join(chr(dice.choice((dice.randrange(1, 128), dice.randrange(1, 0xd800)))) for _ in range(dice.randrange(1, 60)))


def fields_of(web):
    """Every field of everything that can be changed, as the contracts say: {way: {field: type}}."""
    document = web.ask("GET", "/api/openapi.json").json

    def resolved(schema):
        while "$ref" in schema or "allOf" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
            else:
                schema = next(one for one in schema.get("allOf", schema.get("anyOf")) if one.get("type") != "null")
        return schema

    fields = {}
    for way in WAYS:
        body = resolved(document["paths"][way]["patch"]["requestBody"]["content"]["application/json"]["schema"])
        fields[way] = {name: resolved(one)["type"] for name, one in body["properties"].items()}
    return fields


def wish(dice, fields):
    field = dice.choice(sorted(fields))
    value, kind = hostile(dice, field), fields[field]
    if "array" in kind:
        value = [GOOD.get(field, "words"), value] if dice.randrange(2) else [value]
    elif "string" not in kind and dice.randrange(2):
        value = dice.choice((-1, 0, 1, 40000, 1 << 53, 1 << 64, 1.5, True, False, None, [], {}, "yes", 10**30, 1000001))
    return {field: value}


def allowed_lines():
    """The keys of the tables that the hand's value types are, from the source."""
    keys = set()
    for name in ("smb_setting", "smb_server_setting"):
        with open(f"{os.path.dirname(__file__)}/../../libnas/value/{name}.c", encoding="utf-8") as source:
            keys.update(re.findall(r'^        \{"([^"]+)", ', source.read(), re.M))
    return keys


def faults_of_transfers(machine):
    """Lines of the table, each key with what it may be, and the folder's name the one that it was given."""
    folder = machine.inside("/etc/bulkhead/transfers")
    line = re.compile(r"(path = /srv/(tank|away)(/[^\x00-\x1f]+)?|(enabled|read only) = (yes|no)|protocol = (ftp|sftp|webdav|rsync)|user = @?[a-z_][a-z0-9_-]*)")
    for name in os.listdir(folder):
        with open(f"{folder}/{name}", "rb") as file:
            head, *lines = file.read().decode().rstrip("\n").split("\n")
        if not re.fullmatch(r"# \d+ [0-9T:.Z-]+", head) or not all(line.fullmatch(one) for one in lines):
            yield name, head, lines


CLIENT = (r"\tCLIENT \{ Clients = [A-Za-z0-9@*?_.:/-]+; Access_Type = (RW|RO); Squash = [A-Za-z_]+; Anonymous_Uid = \d+; "
          r"Anonymous_Gid = \d+; SecType = [a-z0-9, ]+; \}")
LINES_OF_EXPORTS = (r"# [0-9T:.Z-]+ /srv/tank/[^\x00-\x1f\"\\\\]+", r"EXPORT \{", r"\tExport_Id = \d+;", r'\tPath = "/run/bulkhead/nfs/\d+";',
                    r'\tPseudo = "/[^"\x00-\x1f]+";', CLIENT, r"\tFSAL \{ Name = VFS; \}", r"\}")


def faults_of_exports(machine):
    folder = machine.inside("/etc/bulkhead/nfs")
    for name in os.listdir(folder):
        with open(f"{folder}/{name}", "rb") as file:
            for line in file.read().decode().rstrip("\n").split("\n"):
                if not any(re.fullmatch(one, line) for one in LINES_OF_EXPORTS):
                    yield name, line
    with open(machine.inside("/etc/bulkhead/services/nfs.conf"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if not re.fullmatch(r'%include "/etc/bulkhead/nfs/\d+\.on"', line):
                yield "nfs.conf", line


LINES_OF_SERVERS = {"ftp.conf": r"(PassivePorts \d+ \d+|TLSRequired (on|off)|MaxInstances \d+)",
                    "audit.conf": r"(\[Journal\]|SplitMode=none|MaxRetentionSec=\d+day|MaxFileSec=1day|SystemMaxUse=\d+M)"}


def faults_of_servers(machine):
    for name, allowed in LINES_OF_SERVERS.items():
        path = machine.inside(f"/etc/bulkhead/services/{name}")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            for line in file.read().splitlines():
                if not re.fullmatch(allowed, line):
                    yield name, line


def faults(machine, keys):
    """What stands in a file and is not one of our lines."""
    folder = machine.inside("/etc/bulkhead/smb")
    for name in os.listdir(folder):
        with open(f"{folder}/{name}", "rb") as file:
            head, title, *lines = file.read().decode().rstrip("\n").split("\n")
        if not re.fullmatch(r"# \d+ [0-9T:.Z-]+", head) or title != f"[{name}]":
            yield name, head, title
        for line in lines:
            key, is_one, value = line.lstrip("\t").partition(" = ")
            if not line.startswith("\t") or not is_one or key not in keys or value == "" or any(ord(c) < 32 for c in value):
                yield name, line
    with open(machine.inside("/etc/bulkhead/services/smb.conf"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.partition(" = ")[0] not in keys:
                yield "server", line


def is_attacked(machine, tries):
    dice = random.Random(SEED)
    web, keys = web_of(machine), allowed_lines()
    number = share(machine, "photos")["id"]
    fields, ways = fields_of(web), [way for way, often in WAYS.items() for _ in range(often)]
    check("every field that can be changed is known", sum(map(len, fields.values())) >= 35, fields)
    counts, strange, wrong, tried = {}, [], [], set()
    for _ in range(tries):
        way = dice.choice(ways)
        where = way.replace("{id}", str(number) if way.startswith("/api/shares/smb/") else "1")
        body = wish(dice, fields[way])
        tried.update((way, field) for field in body)
        answer = asked(web, "PATCH", where, body)
        counts[answer.status] = counts.get(answer.status, 0) + 1
        if answer.status not in (200, 400, 404, 409, 422):
            strange.append((body, answer.status))
        if answer.status == 200:
            wrong += [(body, fault) for fault in (*faults(machine, keys), *faults_of_exports(machine), *faults_of_transfers(machine),
                                              *faults_of_servers(machine))]
    print(f"        {tries} tried with seed {SEED}: {counts}", flush=True)
    left = {(way, field) for way in WAYS for field in fields[way]} - tried
    check("no field was left out", not left, left)
    check("each is accepted or refused with a reason", not strange, strange[:3])
    check("some of both", counts.get(200, 0) > 0 and counts.get(422, 0) > 0, counts)
    check("what is accepted stands in one line of ours each", not wrong, wrong[:3])


def judged(machine):
    """What the servers and their own judges say is wrong."""
    samba = machine.run("testparm", "-s", "/usr/share/bulkhead/smb.conf")
    if samba.returncode != 0 or re.search("nknown|gnoring|rror", samba.stderr):
        yield samba.stderr
    listed = machine.run("net", "--configfile=/usr/share/bulkhead/smb.conf", "conf", "listshares").stdout.split("\n")
    files = sorted(os.listdir(machine.inside("/etc/bulkhead/smb")))
    if sorted(filter(None, listed)) != files:
        yield "what Samba's registry has and the files", listed, files
    for service in ("nfs", "ftp", "sftp", "webdav"):
        if machine.state(f"bulkhead-{service}.service") == "inactive":
            continue
        again = machine.run("systemctl", "restart", f"bulkhead-{service}.service")
        if again.returncode != 0 or machine.state(f"bulkhead-{service}.service") != "active":
            yield service, again.stderr
    if machine.run("systemctl", "start", "bulkhead-transfers@tank.service").returncode != 0:
        yield "what is shown of folders is not what is wanted"
    yield from machine.rows("shares", "drift")


def run(machine):
    ground(machine)
    offer(machine, "photos", "/srv/tank/photos")
    machine.bulkhead("smb", "set", "--description", "Ours", "--yes")
    made = machine.bulkhead("nfs", "create", "papers", "/srv/tank/documents", "--clients", GOOD["clients"], "--yes")
    check("there is an export", made.returncode == 0, made.stderr)
    made = machine.bulkhead("transfers", "create", "letters", "/srv/tank/documents", "--protocols", "sftp", "--users", "alice", "--yes")
    check("there is a folder by other ways", made.returncode == 0, made.stderr)
    tries = tries_of("400")
    is_attacked(machine, tries)
    check("what is served is as it is wanted", list(judged(machine)) == [], list(judged(machine)))
    machine.run("btrfs", "-q", "subvolume", "create", OURS)
    found = written_down(sys.argv[1], max(1000, tries), max(4, tries // 100))
    keys = allowed_lines()
    offered(machine, web_of(machine), found, lambda: [*judged(machine), *faults(machine, keys), *faults_of_transfers(machine),
                                                      *faults_of_exports(machine), *faults_of_servers(machine)])


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G", TRIAL_PORT=""), run, set_up=False)


if __name__ == "__main__":
    main()
