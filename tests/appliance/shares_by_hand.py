#!/usr/bin/python3
"""What somebody changes by hand in the files of shares and in Samba's registry: it is seen, kept, and had as it was or
taken as it is only when a person says so.

    tests/appliance/shares_by_hand.py BUILD

Ends with "N passed, N failed".
"""
import sys

from machine import Machine, check, lives
from sharing import ground, offer, share, smb

SAMBA = "net --configfile=/usr/share/bulkhead/smb.conf --option=interfaces=127.0.0.1/8 conf"
LINE = "\troot preexec = sh"


def drift(machine):
    return {(one["kind"], one["name"]): one for one in machine.rows("shares", "drift")}


def only(machine, what, kind, name):
    """Seen, and nothing else."""
    seen = drift(machine)
    check(what, list(seen) == [(kind, name)], seen)
    return seen.get((kind, name), {"id": "none", "can_restore": None, "can_adopt": None, "wanted": "", "found": ""})


def ended(machine, what, verb, one):
    done = machine.bulkhead("shares", verb, one["id"], "--yes")
    check(what, done.returncode == 0 and drift(machine) == {}, done.stderr + str(drift(machine)))


def in_its_file(machine):
    number = str(share(machine, "photos")["id"])
    machine.run("sh", "-c", f"printf '{LINE}\\n' >> /etc/bulkhead/smb/photos")
    one = only(machine, "a line in the file of a share is seen", "share_file", "photos")
    check("and named", one["found"] == LINE.strip() and one["wanted"] == "", one)
    kept = machine.bulkhead("smb", "update", number, "--description", "Others", "--yes")
    check("no change of the share makes away with it", kept.returncode == 5 and "by hand" in kept.stderr and
          LINE in machine.run("cat", "/etc/bulkhead/smb/photos").stdout, kept.stderr)
    other = offer(machine, "other", "/srv/tank/documents")
    check("shares that nobody touched change as ever", other.returncode == 0, other.stderr)
    never = machine.bulkhead("shares", "adopt", one["id"], "--yes")
    check("it cannot be wanted of a share", never.returncode == 5, never.stderr)
    ended(machine, "it is had as it was", "restore", one)
    check("without that line", LINE not in machine.run("cat", "/etc/bulkhead/smb/photos").stdout)
    before = machine.run("cat", "/etc/bulkhead/smb/photos").stdout
    machine.run("sh", "-c", "echo nonsense > /etc/bulkhead/smb/photos")
    machine.wait("a file that makes no sense is no share", lambda: share(machine, "photos") is None)
    check("it is served all the same, as Samba knows it", smb(machine, "photos", "alice", "ls").returncode == 0)
    one = only(machine, "but seen", "share_file", "photos")
    ended(machine, "and had as Samba knows it", "restore", one)
    after = machine.run("cat", "/etc/bulkhead/smb/photos").stdout
    check("line by line", after.split("\n")[1:] == before.split("\n")[1:], after)


def in_samba(machine):
    machine.run("sh", "-c", f"{SAMBA} setparm photos 'read only' yes")
    one = only(machine, "a share that Samba was told otherwise is seen", "share_samba", "photos")
    check("with what it should be and is", (one["wanted"], one["found"]) == ("read only = no", "read only = yes"), one)
    number = str(share(machine, "photos")["id"])
    kept = machine.bulkhead("smb", "update", number, "--description", "Others", "--yes")
    check("no change of the share makes away with it", kept.returncode == 5 and "by hand in Samba" in kept.stderr and
          list(drift(machine)) == [("share_samba", "photos")], kept.stderr)
    ended(machine, "it is had as it was", "restore", one)
    check("also for clients", smb(machine, "photos", "alice", "put /etc/hostname x; del x").returncode == 0)
    machine.run("sh", "-c", f"{SAMBA} setparm photos 'read only' yes")
    ended(machine, "or taken as it is", "adopt", only(machine, "once more", "share_samba", "photos"))
    check("and wanted so from then on", share(machine, "photos")["read_only"])
    machine.run("sh", "-c", f"{SAMBA} addshare mine /srv/tank/documents")
    kept = offer(machine, "mine", "/srv/tank/photos")
    check("nor one of that name", kept.returncode == 5 and "by hand in Samba" in kept.stderr, kept.stderr)
    ended(machine, "a share made by hand becomes one of ours", "adopt", only(machine, "it is seen", "share_samba", "mine"))
    check("as it was", share(machine, "mine") and share(machine, "mine")["read_only"] and share(machine, "mine")["served"])
    machine.run("sh", "-c", f"{SAMBA} addshare evil /etc")
    one = only(machine, "one of what we would never offer is seen", "share_samba", "evil")
    check("and cannot be wanted", not one["can_adopt"], one)
    ended(machine, "it goes", "restore", one)
    machine.run("sh", "-c", f"{SAMBA} delshare mine")
    ended(machine, "one that Samba was made to forget is given back", "restore",
          only(machine, "it is missed", "share_samba", "mine"))


def in_the_rest(machine):
    machine.bulkhead("smb", "set", "--description", "Ours", "--yes")
    machine.run("sh", "-c", "echo 'wide links = yes' >> /etc/bulkhead/services/smb.conf")
    ended(machine, "the server's file is had as it was", "restore", only(machine, "a line in it is seen", "server_file", "smb"))
    made = machine.bulkhead("nfs", "create", "films", "/srv/tank/photos", "--clients", "10.77.0.1 rw", "--yes")
    check("there is an export", made.returncode == 0, made.stderr)
    machine.run("sh", "-c", "sed -i 's/FSAL/Protocols = 3;\\n\\tFSAL/' /etc/bulkhead/nfs/1.on")
    one = only(machine, "a line in its file is seen", "export_file", "films")
    kept = machine.bulkhead("nfs", "update", "1", "--clients", "10.77.0.1 ro", "--yes")
    check("no change of the export makes away with it", kept.returncode == 5 and "by hand" in kept.stderr, kept.stderr)
    ended(machine, "it is had as it was", "restore", one)


def a_line(machine, server, file, line, *change):
    """A line of somebody else's in a server's own file: seen, kept, and gone when it is had as it was."""
    machine.run("sh", "-c", 'printf "%s\\n" "$1" >> "$2"', "sh", line, file)
    one = only(machine, f"a line in {file} is seen", "server_file", server)
    check("and named", (one["wanted"], one["found"]) == ("", line), one)
    kept = machine.bulkhead(*change, "--yes")
    check("no change makes away with it", kept.returncode == 5 and "by hand" in kept.stderr and
          line in machine.run("cat", file).stdout, kept.stderr)
    ended(machine, "it is had as it was", "restore", one)
    check("without that line", line not in machine.run("cat", file).stdout)


def in_the_servers(machine):
    a_line(machine, "smb", "/etc/bulkhead/services/smb.conf", "wide links = yes", "smb", "set", "--description", "Others")
    a_line(machine, "ftp", "/etc/bulkhead/services/ftp.conf", "AllowForeignAddress on", "ftp", "set", "--max-clients", "7")
    a_line(machine, "nfs", "/etc/bulkhead/services/nfs.conf", "LOG { Default_Log_Level = FULL_DEBUG; }",
           "nfs", "update", "1", "--clients", "10.77.0.1 ro")
    machine.run("sh", "-c", "rm /etc/bulkhead/services/ftp.conf; echo > /etc/bulkhead/services/nfs.conf")
    seen = drift(machine)
    check("what servers miss is seen", list(seen) == [("server_file", "ftp"), ("server_file", "nfs")] and
          "TLSRequired on" in seen["server_file", "ftp"]["wanted"] and "nfs/1.on" in seen["server_file", "nfs"]["wanted"], seen)
    machine.bulkhead("shares", "restore", seen.get(("server_file", "ftp"), {"id": "none"})["id"], "--yes")
    ended(machine, "and made again", "restore", only(machine, "one by one", "server_file", "nfs"))
    files = machine.run("cat", "/etc/bulkhead/services/ftp.conf", "/etc/bulkhead/services/nfs.conf").stdout
    check("as it was", files == 'PassivePorts 50000 50999\nTLSRequired on\nMaxInstances 512\n%include "/etc/bulkhead/nfs/1.on"\n', files)


def in_what_is_transferred(machine):
    ways = [word for way in ("ftp", "sftp", "webdav", "rsync") for word in ("--protocols", way)]
    made = machine.bulkhead("transfers", "create", "papers", "/srv/tank/documents", *ways, "--users", "alice", "--yes")
    check("a folder is offered by all other ways", made.returncode == 0, made.stderr)
    file = "/etc/bulkhead/transfers/papers"
    before = machine.run("cat", file).stdout
    machine.run("sh", "-c", f"echo 'user = bob|carol' >> {file}")
    one = only(machine, "a line in its file is seen", "transfer_file", "papers")
    check("and named", (one["wanted"], one["found"]) == ("", "user = bob|carol"), one)
    machine.wait("nothing is offered that nobody understands", lambda: machine.rows("transfers", "list") == [])
    ended(machine, "it is had as it was", "restore", one)
    check("line by line", machine.run("cat", file).stdout == before)
    check("and offered again", [each["served"] for each in machine.rows("transfers", "list")] == [True])
    machine.run("sh", "-c", f"sed -i '/^protocol = ftp/d; $a protocol = ftp' {file}")
    one = only(machine, "other lines in its file are seen", "transfer_file", "papers")
    kept = machine.bulkhead("transfers", "update", "1", "--no-enabled", "--yes")
    check("no change of it makes away with them", kept.returncode == 5 and "by hand" in kept.stderr, kept.stderr)
    ended(machine, "they are as they were", "restore", one)


def is_as_it_was_made(machine):
    ground(machine)
    offer(machine, "photos", "/srv/tank/photos", "--description", "All of us", "--valid-users", "alice")
    check("nothing is amiss", drift(machine) == {}, drift(machine))


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), is_as_it_was_made, in_its_file, in_samba, in_the_rest, in_the_servers,
          in_what_is_transferred, set_up=False)
