#!/usr/bin/python3
"""Exports over NFS as clients meet them: the real server, versions 3 and 4, clients that may and may not.

    tests/appliance/nfs.py BUILD

The appliance is its own client, by two of its addresses. Ends with "N passed, N failed".
"""
import json
import sys

from machine import ADDRESS, Machine, check, ledger_verifies, lives
from sharing import said_of_encrypted, service_of
from storing import confirmed

LOCAL = "127.0.0.1"
NAME = "Größe it's \U0001f4f7"


def exports(machine):
    return {one["name"]: one for one in machine.rows("nfs", "list")}


def change(machine, *words):
    return machine.bulkhead("nfs", *words, "--yes")


class Client:
    """libnfs's programs inside, as somebody."""
    def __init__(self, machine, uid, address=LOCAL, version=4):
        self.machine, self.query = machine, f"?version={version}&uid={uid}&gid={uid}"
        self.address = address

    def url(self, path):
        return f"nfs://{self.address}/{path}{self.query}"

    def ls(self, path):
        return self.machine.run("nfs-ls", self.url(path))

    def cat(self, path):
        return self.machine.run("nfs-cat", self.url(path))

    def put(self, text, path):
        return self.machine.run("sh", "-c", 'printf %s "$1" >/run/nfs-text && nfs-cp /run/nfs-text "$2"', "sh", text, self.url(path))


def furnish(machine):
    machine.wait("disks are there", lambda: sum(one["takable"] for one in machine.rows("disks", "list")) >= 1)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("a pool is made", made.returncode == 0, made.stderr)
    for name in ("photos", "films", "my data"):
        made = machine.bulkhead("datasets", "create", "tank", name, "--yes")
        check(f"a dataset: {name}", made.returncode == 0, made.stderr)
    fills(machine)


def fills(machine):
    machine.run("sh", "-c", "mkdir /srv/tank/photos/alice /srv/tank/photos/folder; chown 1000:1000 /srv/tank/photos/alice; "
                "chmod 700 /srv/tank/photos/alice; echo secret >/srv/tank/photos/alice/diary; chown 1000:1000 "
                "/srv/tank/photos/alice/diary; echo hello >/srv/tank/photos/hello; chmod 755 /srv/tank/*")


def serves(machine):
    machine.wait("the pool is seen", lambda: machine.bulkhead("nfs", "create", "x", "/srv/tank/photos", "--dry-run").returncode == 0)
    made = change(machine, "create", NAME, "/srv/tank/photos", "--clients", f"{LOCAL} rw")
    check("an export is made, and its server started", made.returncode == 0 and exports(machine)[NAME]["served"], made.stderr)
    check("the server says what hangs on it", service_of(machine, "nfs")["holders"] == [NAME], service_of(machine, "nfs"))
    for version in (4, 3):
        alice, bob = Client(machine, 1000, version=version), Client(machine, 1001, version=version)
        machine.wait(f"version {version}: it is read", lambda: alice.cat(f"{NAME}/hello").stdout.strip() == "hello")  # pylint: disable=cell-var-from-loop
        check("who may reads what is theirs", alice.cat(f"{NAME}/alice/diary").stdout.strip() == "secret")
        check("who may not does not", bob.cat(f"{NAME}/alice/diary").returncode != 0)
        wrote = alice.put("note", f"{NAME}/alice/note{version}")
        owner = machine.run("stat", "-c", "%u", f"/srv/tank/photos/alice/note{version}").stdout.strip()
        check("what is written belongs to who wrote it", wrote.returncode == 0 and owner == "1000", wrote.stderr + owner)
        root = Client(machine, 0, version=version)
        check("root there is nobody here", root.put("x", f"{NAME}/alice/root").returncode != 0)
        other = Client(machine, 1000, ADDRESS, version)
        check("a machine that is not named is turned away", other.cat(f"{NAME}/hello").returncode != 0)
        outside = Client(machine, 1000, version=version)
        check("nothing beside the export is seen", outside.ls("srv").returncode != 0 and outside.ls("etc").returncode != 0 and
              outside.cat(f"{NAME}/../../etc/hostname").returncode != 0)


def changes_at_once(machine):
    one = str(exports(machine)[NAME]["id"])
    alice, far = Client(machine, 1000), Client(machine, 1000, ADDRESS)
    done = change(machine, "update", one, "--clients", f"{LOCAL} ro", "--clients", f"{ADDRESS} rw squash=all anon=1001:1001")
    check("its clients are changed", done.returncode == 0, done.stderr)
    machine.wait("another machine may now", lambda: far.cat(f"{NAME}/hello").stdout.strip() == "hello")
    machine.wait("and this one only reads", lambda: alice.put("x", f"{NAME}/alice/x").returncode != 0 and
                 alice.cat(f"{NAME}/alice/diary").returncode == 0)
    machine.run("chmod", "777", "/srv/tank/photos/folder")
    check("all who ask there are one account", far.put("x", f"{NAME}/folder/x").returncode == 0 and
          machine.run("stat", "-c", "%u:%g", "/srv/tank/photos/folder/x").stdout.strip() == "1001:1001")
    change(machine, "update", one, "--name", "photos", "--clients", f"{LOCAL} rw squash=none")
    root = Client(machine, 0)
    machine.wait("another name holds at once", lambda: root.cat("photos/hello").stdout.strip() == "hello")
    check("root there is root here, when that is said", root.put("x", "photos/alice/root").returncode == 0)
    off = change(machine, "update", one, "--no-enabled")
    check("it is turned off", off.returncode == 0, off.stderr)
    machine.wait("not enabled, nobody reaches it", lambda: root.cat("photos/hello").returncode != 0)
    check("and it says so", "not enabled" in exports(machine)["photos"].get("message", ""))
    check("nothing is mounted for it", machine.run("findmnt", f"/run/bulkhead/nfs/{one}").returncode != 0)
    change(machine, "update", one, "--enabled", "--clients", f"{LOCAL} rw")
    machine.wait("enabled, it is back", lambda: root.cat("photos/hello").stdout.strip() == "hello")


def knows_netgroups(machine):
    one, alice = str(exports(machine)["photos"]["id"]), Client(machine, 1000)
    machine.run("sh", "-c", "echo 'near (localhost,,)' >>/etc/netgroup; echo 'far (elsewhere,,)' >>/etc/netgroup; "
                "sed -i 's/^netgroup:.*/netgroup: files/' /etc/nsswitch.conf; grep -q ^netgroup: /etc/nsswitch.conf || "
                "echo 'netgroup: files' >>/etc/nsswitch.conf")
    machine.run("systemctl", "restart", "bulkhead-nfs.service")
    for group, may in (("near", True), ("far", False), ("near", True)):
        done = change(machine, "update", one, "--clients", f"@{group} rw")
        check(f"an export for the netgroup {group}", done.returncode == 0, done.stderr)
        machine.wait(f"who is in {group} may, and nobody else", lambda: (alice.cat("photos/hello").stdout.strip() == "hello") == may)  # pylint: disable=cell-var-from-loop
    change(machine, "update", one, "--clients", f"{LOCAL} rw")
    machine.wait("and as before", lambda: alice.cat("photos/hello").stdout.strip() == "hello")


def tells_who_is_connected(machine):
    listed = machine.rows("nfs", "clients")
    check("who has asked it is listed", any(one["address"] in (LOCAL, "::1") and one["id"] == 0 and not one["files"] for one in listed), listed)
    done = machine.bulkhead("nfs", "disconnect", "0", "--yes")
    check("nfs-ganesha disconnects nobody, which is said", done.returncode != 0 and "disconnects nobody" in done.stderr, done.stderr)


def interrupts_nobody(machine):
    """A client in the middle of a file, and the exports around it changed twenty times."""
    machine.run("sh", "-c", "head -c 24M /dev/urandom >/srv/tank/photos/big; rm -f /run/go /run/sum")
    wanted = machine.run("sha256sum", "/srv/tank/photos/big").stdout.split(" ")[0]
    before = machine.pid("nfs")
    url = Client(machine, 1000).url("photos/big")
    machine.run("systemd-run", "-q", "--unit=reader", "sh", "-c", f"nfs-cat '{url}' | (while [ ! -e /run/go ]; do head -c 65536; "
                "sleep 0.5; done; cat) | sha256sum >/run/sum")
    machine.wait("a client has a file open", lambda: machine.run("pgrep", "-x", "nfs-cat").returncode == 0)
    good = 0
    for i in range(10):
        made = change(machine, "create", f"films {i}", "/srv/tank/films", "--clients", "10.0.0.0/8 rw")
        number = exports(machine).get(f"films {i}", {}).get("id", 0)
        good += made.returncode == 0 and change(machine, "delete", str(number)).returncode == 0
    check("twenty changes of others", good == 10 and list(exports(machine)) == ["photos"], good)
    machine.run("touch", "/run/go")
    machine.wait("it reads on to the end", lambda: machine.run("cat", "/run/sum").stdout.split(" ")[0] == wanted)
    check("from the same server", machine.pid("nfs") == before)


def refuses(machine):
    for words, why in (
            (("create", "x", "/srv/tank/photos/folder"), "is no dataset"),
            (("create", "x", "/srv/none/x"), "No pool"),
            (("create", "x", "/etc"), "PATH"),
            (("create", "x", "/srv/tank/../../etc"), "PATH"),
            (("create", "photos", "/srv/tank/films"), "already"),
            (("create", 'x";\n}', "/srv/tank/films"), "NAME"),
            (("create", "x", "/srv/tank/films", "--clients", "10.0.0.1/24 rw"), "clients"),
            (("create", "x", "/srv/tank/films", "--clients", "* rw; Squash = None"), "clients"),
            (("create", "x", "/srv/tank/films", "--clients", "* rw sec=none"), "clients"),
            (("create", "x", "/srv/tank/films", "--clients", "* rw sec=krb5i"), "Kerberos"),
            (("create", "x", "/srv/tank/films", "--clients", "* rw ro"), "clients")):
        done = change(machine, *words)
        check(f"refused: {words[1:]}", done.returncode != 0 and why.lower() in done.stderr.lower(), done.stderr)
    machine.run("sh", "-c", "rm -rf /srv/tank/films/link; ln -s /etc /srv/tank/films/link")
    check("a link is not exported", change(machine, "create", "x", "/srv/tank/films/link").returncode != 0)
    check("nothing is left of them", list(exports(machine)) == ["photos"] and
          machine.run("ls", "/etc/bulkhead/nfs").stdout.split() == ["1.on"], machine.run("ls", "/etc/bulkhead/nfs").stdout)


def goes_together(machine):
    """The same folder over SMB: said, and refused where guests and squashed roots would be one account."""
    machine.bulkhead("smb", "set", "--guests", "--no-signing-required", "--encryption", "default", "--yes")
    dry = machine.bulkhead("smb", "create", "pictures", "/srv/tank/photos", "--read-only", "--dry-run", "--json")
    check("what else is offered of a folder is said before", "the export photos offers /srv/tank/photos as well, and lets it be "
          "changed" in dry.stdout, dry.stdout + dry.stderr)
    guests = machine.bulkhead("smb", "create", "pictures", "/srv/tank", "--guest-ok", "--dry-run")
    check("guests that write are refused where root is nobody", guests.returncode == 5 and "export photos" in guests.stderr and
          "anon=" in guests.stderr, guests.stderr)
    change(machine, "update", "1", "--clients", f"{LOCAL} rw anon=1001:1001")
    shared = machine.bulkhead("smb", "create", "pictures", "/srv/tank", "--guest-ok", "--yes", "--json")
    check("not where it is another account", shared.returncode == 0, shared.stderr)
    back = change(machine, "update", "1", "--clients", f"{LOCAL} rw")
    check("nor the other way about", back.returncode == 5 and "share pictures" in back.stderr, back.stderr)
    machine.bulkhead("smb", "delete", str(json.loads(shared.stdout or '{"share":{"id":0}}')["share"]["id"]), "--yes")
    again = change(machine, "update", "1", "--clients", f"{LOCAL} rw")
    check("without the share it may be", again.returncode == 0, again.stderr)


def survives(machine):
    made = change(machine, "create", "data", "/srv/tank/my data", "--clients", f"{LOCAL} ro")
    check("a dataset with a blank in its name", made.returncode == 0, made.stderr)
    machine.run("sh", "-c", "echo x >'/srv/tank/my data/x'; chmod 755 '/srv/tank/my data'")
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-nfs.service")
    client = Client(machine, 1000)
    machine.wait("the server killed, it comes back", lambda: client.cat("photos/hello").stdout.strip() == "hello")
    for word in ("unmount", "mount"):
        done = machine.bulkhead("pools", word, "tank", "--yes")
        check(f"its pool: {word}", done.returncode == 0, done.stderr)
    machine.wait("which is back, so it serves again", lambda: client.cat("data/x").stdout.strip() == "x")
    machine.run("systemctl", "stop", "bulkhead.target", "postgresql.service")
    check("with all of ours stopped it serves", client.cat("data/x").stdout.strip() == "x")
    machine.trial("reboot")
    machine.wait("after a reboot it serves", lambda: client.cat("photos/hello").stdout.strip() == "hello" and
                 client.cat("data/x").stdout.strip() == "x")
    machine.wait("and is told so", lambda: machine.bulkhead("nfs", "list").returncode == 0 and
                 exports(machine)["photos"]["served"])
    gone = machine.bulkhead("pools", "export", "tank", "--yes")
    check("its pool can still leave", gone.returncode == 0, gone.stderr)
    machine.wait("then it is not served, and says why", lambda: "pool is away" in exports(machine)["photos"].get("message", ""))
    said_of_encrypted(machine, "tank", lambda: exports(machine)["photos"].get("message", ""))


def goes(machine):
    for one in list(exports(machine).values()):
        gone = change(machine, "delete", str(one["id"]))
        check(f"deleted: {one['name']}", gone.returncode == 0, gone.stderr)
    ledger_verifies(machine)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="1", TRIAL_DISK_SIZE="2G"), furnish, serves, changes_at_once, knows_netgroups, tells_who_is_connected, interrupts_nobody,
          refuses, goes_together, survives, goes)


if __name__ == "__main__":
    main()
