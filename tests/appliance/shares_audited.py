#!/usr/bin/python3
"""Who did what in shares: what real smbclient does is told by the command line and by REST, page by page; and neither names of
files nor other programs put anything there.

    tests/appliance/shares_audited.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import ADDRESS, Machine, check, lives
from sharing import ground, offer, share, smb, web_of

FORGED = "x\nbob|10.0.0.1|photos|unlinkat|ok|y"


def has_shares(machine):
    ground(machine)
    offer(machine, "photos", "/srv/tank/photos", "--audit")
    offer(machine, "documents", "/srv/tank/documents")


def said(machine, *words):
    return machine.rows("shares", "audit", *words)


def done_of(accesses):
    return [(one["username"], one["kind"], one["file"].rsplit("/", 1)[-1], one["allowed"]) for one in accesses]


def done(machine, *words):
    return done_of(said(machine, *words))


def is_told(machine):
    machine.run("sh", "-c", "cd /srv/tank/photos; mkdir closed; chmod 700 closed; echo x > secret; chmod 600 secret")
    used = smb(machine, "photos", "alice", "mkdir d; put /etc/hostname d/a; rename d/a d/b; get d/b /tmp/b; del d/b", host=ADDRESS)
    check("alice makes a folder and a file, renames, reads and deletes it", used.returncode == 0, used.stdout)
    smb(machine, "photos", "bob", "get secret /tmp/secret; del secret; ls closed/*; put /etc/hostname closed/x")
    smb(machine, "documents", "carol", "put /etc/hostname c")
    machine.wait("bob's going is told", lambda: any(one["kind"] == "disconnect" for one in said(machine, "--username", "bob")))
    hers = done(machine, "--username", "alice")
    for one in (("connect", "", True), ("make_folder", "d", True), ("open_write", "a", True), ("rename", "a", True), ("open", "b", True),
                ("delete", "b", True), ("disconnect", "", True)):
        check(f"it is told: {one}", ("alice", *one) in hers, hers)
    order = [hers.index(("alice", kind, name, True)) for kind, name in (("disconnect", ""), ("delete", "b"), ("rename", "a"), ("make_folder", "d"))]
    check("newest first", order == sorted(order), hers)
    renamed = next((one for one in said(machine, "--username", "alice") if one["kind"] == "rename"), {})
    check("with where to, and from where", renamed.get("to") == "/srv/tank/photos/d/b" and renamed["address"] == ADDRESS and
          renamed["share"] == "photos", renamed)
    refused = said(machine, "--refused")
    check("what was refused is told, and why", refused and all(not one["allowed"] and one["username"] == "bob" for one in refused) and
          {("open", "/srv/tank/photos/secret"), ("open", "/srv/tank/photos/closed")} <=
          {(one["kind"], one["file"]) for one in refused if one.get("reason", "Permission denied") == "Permission denied"}, refused)
    check("only what is audited", not said(machine, "--share", "documents") and not said(machine, "--username", "carol"))
    check("by share, in whatever letters, and by address", said(machine, "--share", "PHOTOS") == said(machine) and
          said(machine, "--address", ADDRESS) == said(machine, "--username", "alice"))


def comes_in_pages(machine):
    whole, pages, words = said(machine), [], []
    for _ in range(len(whole)):
        page = json.loads(machine.bulkhead("shares", "audit", "--limit", "3", *words, "--json").stdout)
        pages += page["accesses"]
        if "next" not in page:
            break
        words = ["--cursor", page["next"]]
    check("page by page it is the same", pages == whole, (len(pages), len(whole)))
    web = web_of(machine)
    first = web.get("/api/shares/audit?share=photos&limit=3")
    rest = web.get(first.headers["Link"].split("<")[1].split(">")[0])
    check("so it is by REST, as a list with a link to the next", json.loads(first.text) + json.loads(rest.text) == whole[:6], first)
    bad = web.get("/api/shares/audit?cursor=none")
    check("what is no place in it is refused", bad.status == 422 and "cursor" in bad.text, bad)


def cannot_be_forged(machine):
    number = str(share(machine, "photos")["id"])
    machine.bulkhead("smb", "update", number, "--no-macos", "--yes")  # else it has another sign for a line feed, as Macs do
    before = len(said(machine))
    machine.run("sh", "-c", "printf 'eve|10.6.6.6|photos|unlinkat|ok|/srv/tank/photos/a' | logger -t smbd_audit -p local5.info")
    machine.run("systemd-run", "-q", "--wait", "--unit=fake", "logger", "-t", "smbd_audit", "eve|10.6.6.6|photos|connect|ok|photos")
    for where, said_there in (("dev-log", "<174>smbd_audit: eve|10.6.6.6|photos|connect|ok|photos"),
                              ("socket", "SYSLOG_IDENTIFIER=smbd_audit\nMESSAGE=eve|10.6.6.6|photos|connect|ok|photos\n")):
        machine.run("runuser", "-u", "nobody", "--", "python3", "-c", f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"
                    f".sendto({said_there!r}.encode(), '/run/systemd/journal.bulkhead-smb/{where}')")
    machine.run("python3", "-c", f"import os; os.chdir('/srv/tank/photos'); open({FORGED!r}, 'w'); os.mkdir('n')")
    listed = smb(machine, "photos", "alice", "mask \"\"; recurse; lcd /tmp; prompt; mget *~*; ls").stdout
    tried = smb(machine, "photos", "alice", 'put /etc/hostname "n/a|ok|eve|delete"; rename d "e|/srv/tank/photos/z"').stdout
    machine.wait("she has gone", lambda: done(machine, "--username", "alice")[0][1] == "disconnect")
    news = said(machine, "--limit", "200")[:-before]
    check("names say nothing of others", news and {one["username"] for one in news} == {"alice"} and
          {one["address"] for one in news} == {"127.0.0.1"}, (news, listed, tried))
    check("nor do other programs", not said(machine, "--username", "eve") and not said(machine, "--address", "10.6.6.6"))
    machine.bulkhead("smb", "update", number, "--macos", "--yes")
    check("the line feed in a name is told as such", any("x\\x0abob|10.0.0.1|photos|unlinkat|ok|y" in one["file"] for one in news), (listed, news))


def journals(machine):
    """MiB that the journal of SMB takes."""
    said = machine.run("sh", "-c", "du -sm /var/log/journal/*.bulkhead-smb").stdout
    return int(said.split()[0]) if said else -1


def rules_of(machine):
    server = json.loads(machine.bulkhead("smb", "server", "--json").stdout)["server"]
    return server["audit_days"], server["audit_max"]


def is_kept_as_said(machine):
    """To the end of the room that it has, whatever fills it, and no longer than is said."""
    check("it is kept for a while unless somebody says otherwise", rules_of(machine) == (90, 1024), rules_of(machine))
    over = machine.bulkhead("smb", "set", "--audit-days", "0", "--yes")
    check("not for no time at all", over.returncode != 0 and rules_of(machine) == (90, 1024), over.stderr)
    dry = machine.bulkhead("smb", "set", "--audit-days", "7", "--audit-max", "16", "--dry-run")
    check("a plan says that it goes", "7 days" in dry.stdout and "for good" in dry.stdout, dry.stdout + dry.stderr)
    told = machine.bulkhead("smb", "set", "--audit-days", "7", "--audit-max", "16", "--yes")
    check("an administrator says how long", told.returncode == 0 and rules_of(machine) == (7, 16), told.stderr)
    rules = machine.run("systemd-analyze", "cat-config", "systemd/journald@bulkhead-smb.conf").stdout
    check("journald is told", all(f"\n{line}\n" in rules for line in ("MaxRetentionSec=7day", "MaxFileSec=1day", "SystemMaxUse=16M")), rules)
    kept = said(machine)
    check("nobody is disconnected, and nothing goes that is within it", kept and machine.run("systemctl", "is-active", "bulkhead-smb").stdout ==
          "active\n", kept)
    old = max(one["at"] for one in kept)
    machine.run("sh", "-c", "head -c 80000000 /dev/urandom | base64 -w 40000 | logger -S 40960 -u /run/systemd/journal.bulkhead-smb/dev-log")
    smb(machine, "photos", "alice", "put /etc/hostname after")
    machine.wait("the oldest has gone, and what is new is there", lambda: (all_said := said(machine)) and
                 ("alice", "open_write", "after", True) in done_of(all_said) and min(one["at"] for one in all_said) > old)
    check("it takes no more room than is said", 8 <= journals(machine) <= 18, journals(machine))


def is_told_late(machine):
    """Who has done and gone before journald gets round to it is told all the same."""
    machine.run("systemctl", "kill", "-s", "STOP", "systemd-journald@bulkhead-smb.service")
    smb(machine, "photos", "bob", "put /etc/hostname quick; del quick")
    machine.run("systemctl", "kill", "-s", "CONT", "systemd-journald@bulkhead-smb.service")
    machine.wait("what was done by who is gone is told", lambda: {("bob", "open_write", "quick", True), ("bob", "delete", "quick", True)} <=
                 set(done(machine, "--username", "bob")))


def is_complete(machine):
    """Nobody keeps what they do out of the journal by doing much before."""
    smb(machine, "photos", "alice", "; ".join(f"put /etc/hostname f{number}; del f{number}" for number in range(600)))
    smb(machine, "photos", "bob", "put /etc/hostname bobs; del bobs")
    machine.wait("all that many did is told", lambda: ("bob", "delete", "bobs", True) in done(machine, "--username", "bob"))
    shown = machine.show("bulkhead-smb.service", "LogRateLimitIntervalUSec")
    check("however much it is", shown.get("LogRateLimitIntervalUSec") == "0", shown)


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G", TRIAL_PORT=""), has_shares, is_told, comes_in_pages,
          cannot_be_forged, is_told_late, is_complete, is_kept_as_said, set_up=False)
