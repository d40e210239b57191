#!/usr/bin/python3
"""The shares hand killed at system calls, with all that it has started (testparm, net), and the shares clerk while changes
are under way, on a machine with a real PID 1: after each kill files, Samba's registry, mounts and ledger agree, nothing is
half done, and a client of another share was not disconnected. Then, on the same machine, the hands of network and modules.

    tests/crash/shares.py BUILD KILLS [SCENE...]      0: at every system call that can change something

The kills are spread evenly over all that each change takes; a quarter as many are the clerk's. Ends with "N passed, N
failed"; each kill is a check.
"""
import sys

from storage import Appliance, Crash, chosen, lives  # first: it finds tests/appliance
from clerk import nothing_drifts, play_all
from shares_services import SERVICES
from storage_scenes import Scene
from turns import MODULES, NETWORK, SHARES
from modules import DOCS, install

NET = "net --configfile=/usr/share/bulkhead/smb.conf --option=interfaces=127.0.0.1/8 conf"
PHOTOS = "/srv/tank/data"


class Share(Scene):
    """There means: in its file and in Samba, in the same words; not there: in neither."""
    name = "one"

    def both(self, share):
        said = self.machine.shell(f"cat '/etc/bulkhead/smb/{share}' | tail -n +2; echo =; {NET} showshare '{share}'")
        file, _, samba = said.partition("=\n") if "=\n" in said else (said.rstrip("="), "", "")
        file, samba = file.strip(), samba.strip() if samba.startswith("[") else ""
        return file if file == samba else {"file": file, "samba": samba}

    def list(self):
        return self.machine.call("shares", "nas.shares.ListSmbShares", {}, self.machine.ask("console_ticket"))["shares"]

    def id(self, share):
        return next(one["id"] for one in self.list() if one["name"] == share)

    def there_is(self, share):
        found = self.both(share)
        return bool(found) if isinstance(found, str) else found

    def make(self, share):
        self.machine.change("CreateSmbShare", {"name": share, "path": PHOTOS})


class CreateSmbShare(Share):
    def parameters(self):
        return {"name": f"made {self.turn}", "path": PHOTOS, "description": "new"}

    def seen(self):
        return self.there_is(f"made {self.turn}")


class DeleteSmbShare(Share):
    def prepare(self):
        self.make(f"gone {self.turn}")
        self.number = self.id(f"gone {self.turn}")

    def parameters(self):
        return {"id": self.number}

    def seen(self):
        there = self.there_is(f"gone {self.turn}")
        return not there if isinstance(there, bool) else there


class UpdateSmbShare(Share):
    """Described anew, under another name."""
    def prepare(self):
        self.make(f"old {self.turn}")
        self.number = self.id(f"old {self.turn}")

    def parameters(self):
        return {"id": self.number, "name": f"new {self.turn}", "description": "changed", "read_only": True}

    def seen(self):
        old, new = self.both(f"old {self.turn}"), self.both(f"new {self.turn}")
        if new == "" and old and "read only = no" in old:
            return False
        return True if old == "" and isinstance(new, str) and "comment = changed" in new else {"old": old, "new": new}


class UpdateSmbServer(Share):
    def parameters(self):
        return {"description": f"Server {self.turn}"}

    def seen(self):
        text = self.machine.shell("cat /etc/bulkhead/services/smb.conf")
        return f"server string = Server {self.turn}" in text if text.count("\n") in (0, 4, 5) else text


class CreateNfsExport(Scene):
    """There means: its file, in the server's list, and mounted."""
    def parameters(self):
        return {"name": f"made{self.turn}", "path": PHOTOS, "clients": ["10.0.0.0/8 rw"]}

    def of(self, name):
        file = self.machine.shell(f"grep -l 'Pseudo = \"/{name}\"' /etc/bulkhead/nfs/*.on")
        listed = self.machine.shell("cat /etc/bulkhead/services/nfs.conf")
        files = sorted(self.machine.shell("ls /etc/bulkhead/nfs").split())
        wanted = [line.split("/")[-1].rstrip('"') for line in listed.splitlines()]
        mounted = sorted(self.machine.shell("findmnt -rno TARGET | grep ^/run/bulkhead/nfs/").split())
        if sorted(wanted) != files or [f"/run/bulkhead/nfs/{one.split('.')[0]}" for one in files] != mounted:
            return {"files": files, "listed": wanted, "mounted": mounted}
        return bool(file)

    def seen(self):
        return self.of(f"made{self.turn}")


class DeleteNfsExport(CreateNfsExport):
    def prepare(self):
        self.machine.change("CreateNfsExport", super().parameters())
        listed = self.machine.call("shares", "nas.shares.ListNfsExports", {}, self.machine.ask("console_ticket"))["exports"]
        self.number = next(one["id"] for one in listed if one["name"] == f"made{self.turn}")

    def parameters(self):
        return {"id": self.number}

    def seen(self):
        there = self.of(f"made{self.turn}")
        return not there if isinstance(there, bool) else there


SCENES = (CreateSmbShare, UpdateSmbShare, DeleteSmbShare, UpdateSmbServer, CreateNfsExport, DeleteNfsExport)


class CrashOfShares(Crash):
    def run(self, kills):
        machine = self.machine
        machine.change("CreateSmbShare", {"name": "other", "path": PHOTOS})
        machine.patient("the service runs", lambda: machine.state("bulkhead-smb.service") == "active")
        server = machine.pid("smb")
        play_all(self, SCENES, kills)
        install(machine, "tasks", f"{DOCS}/tasks")
        for daemon, kinds in (("shares", chosen(SHARES + SERVICES)), ("network", chosen(NETWORK)), ("modules", chosen(MODULES))):
            if not kinds:
                continue
            machine.watch(daemon)
            self.learn_idle()
            for kind in kinds:
                self.play(kind, self.part(kind, kills, SCENES))
        machine.watch("shares")
        self.count("Samba has not been started anew", None if machine.pid("smb") == server else "it was")
        nothing_drifts(self)


if __name__ == "__main__":
    lives(CrashOfShares(Appliance(sys.argv[1], "shares", TRIAL_DISKS="1", TRIAL_DISK_SIZE="512M")))
