"""The changes in whose middle the storage hand is killed (storage.py): how each is prepared, asked for, and seen."""
import os


class Refused(Exception):
    pass


class Scene:
    pool = "tank"
    often = True      # also when not all calls are struck
    longest = 100000  # so many calls at most, of those after its start, are worth a kill

    def __init__(self, machine):
        self.machine, self.turn = machine, 0

    @property
    def method(self):
        return f"nas.{self.machine.daemon}.{type(self).__name__}"

    def prepare(self):
        pass

    def clear(self):
        pass

    def reason(self):
        """What could say why it was not done when nothing disturbed it."""
        return ""

    def there(self, *paths):
        found = self.machine.shell("; ".join(f"[ -e '{path}' ] && echo y || echo n" for path in paths)).split()
        return [one == "y" for one in found]

    def number(self, path):
        return int(self.machine.shell(f"btrfs subvolume show {path} | sed -n 's/.*Subvolume ID:[[:space:]]*//p'"))


class CreateDataset(Scene):
    def parameters(self):
        return {"pool": "tank", "name": f"d{self.turn}"}

    def seen(self):
        return self.there(f"/srv/tank/d{self.turn}")[0]


class CreateSnapshot(Scene):
    def parameters(self):
        return {"pool": "tank", "dataset": "data", "name": f"s{self.turn}"}

    def seen(self):
        return self.there(f"/srv/tank/.snapshots/data/s{self.turn}/file")[0]


class CreateSnapshots(Scene):
    """Of both or of none, and nothing that was begun is left."""

    def datasets(self):
        return [f"m{self.turn}{side}" for side in "ab"]

    def prepare(self):
        for name in self.datasets():
            self.machine.change("CreateDataset", {"pool": "tank", "name": name})

    def parameters(self):
        return {"pool": "tank", "name": "together", "datasets": self.datasets()}

    def seen(self):
        there = [self.there(f"/srv/tank/.snapshots/{name}/together")[0] for name in self.datasets()]
        left = self.machine.shell("ls -d /srv/tank/.snapshots/*/.moment /var/lib/bulkhead-storage-hand/moment/* 2>/dev/null")
        return there[0] if there[0] == there[1] and not left else {"there": there, "left": left}


class DeleteSnapshot(CreateSnapshot):
    def prepare(self):
        self.machine.change("CreateSnapshot", super().parameters())
        self.id = self.number(f"/srv/tank/.snapshots/data/s{self.turn}")

    def parameters(self):
        return {"pool": "tank", "id": self.id}

    def seen(self):
        return not self.there(f"/srv/tank/.snapshots/data/s{self.turn}")[0]


class DeleteDataset(CreateDataset):
    def prepare(self):
        self.machine.change("CreateDataset", super().parameters())
        self.id = self.number(f"/srv/tank/d{self.turn}")

    def parameters(self):
        return {"pool": "tank", "id": self.id}

    def seen(self):
        return not self.there(f"/srv/tank/d{self.turn}")[0]


class Pools(Scene):
    """There means: wanted, its folder there, and mounted; not there: none of these."""
    made = {"name": "other", "profile": "single", "disks": ["trial-disk2"], "erase": True}

    def is_there(self):
        wanted, folder = self.there("/etc/bulkhead/pools/other", "/srv/other")
        mounted = bool(self.machine.shell("findmnt -n /srv/other"))
        return wanted if wanted == folder == mounted else {"wanted": wanted, "folder": folder, "mounted": mounted}

    def seen(self):
        return self.is_there()

    def have(self):
        if not self.is_there():
            uuid = self.machine.shell("blkid -p -s UUID -o value /dev/disk/by-id/trial-disk2")
            if uuid:
                self.machine.change("ImportPool", {"uuid": uuid, "name": "other"})
            else:
                self.machine.patient("a free disk", self.is_free)
                self.machine.change("CreatePool", self.made)
                self.machine.shell("echo precious > /srv/other/file; sync -f /srv/other/file")
        kept = self.machine.shell("cat /srv/other/file")
        assert kept == "precious", f"what was written is lost: {kept!r}"

    def is_free(self):
        listed = self.machine.call("storage", "nas.storage.ListDisks", {}, self.machine.ask("console_ticket"))["disks"]
        return any(one.get("id") == "trial-disk2" and one["takable"] for one in listed)

    def away(self):
        if self.is_there():
            self.machine.change("ExportPool", {"name": "other"})


class CreatePool(Pools):
    def prepare(self):
        self.away()
        self.machine.patient("a free disk", self.is_free)

    def parameters(self):
        return self.made

    def clear(self):
        """The next scene finds one with something in it."""
        self.away()
        self.machine.shell("wipefs -qa /dev/disk/by-id/trial-disk2; udevadm settle")


class ExportPool(Pools):
    def prepare(self):
        self.have()

    def parameters(self):
        return {"name": "other"}

    def seen(self):
        there = self.is_there()
        return not there if isinstance(there, bool) else there


class ImportPool(Pools):
    def prepare(self):
        self.have()
        self.away()
        self.uuid = self.machine.patient("its number", lambda: self.machine.shell(
            "blkid -p -s UUID -o value /dev/disk/by-id/trial-disk2"))
        self.machine.patient("it is found", lambda: any(one["uuid"] == self.uuid for one in self.machine.call(
            "storage", "nas.storage.ListImportable", {}, self.machine.ask("console_ticket"))["file_systems"]))

    def parameters(self):
        return {"uuid": self.uuid, "name": "other"}


class DestroyPool(ExportPool):
    pass


class UpdateDataset(CreateDataset):
    """Three steps' worth: whose, who may what, and how it is written: all of it or nothing."""

    def prepare(self):
        self.machine.change("CreateDataset", super().parameters())
        self.id = self.number(f"/srv/tank/d{self.turn}")

    def parameters(self):
        return {"pool": "tank", "id": self.id, "access": "group_writes", "compression": "zstd", "quota": 1 << 30}

    def seen(self):
        place = f"/srv/tank/d{self.turn}"
        names = os.listxattr(self.machine.inside(place))
        state = {"mode": self.machine.shell(f"stat -c %a {place}") == "2770", "acl": "system.posix_acl_default" in names,
                 "compression": self.machine.shell(f"btrfs property get {place} compression") == "compression=zstd",
                 "quota": str(1 << 30) in self.machine.shell(f"btrfs qgroup show -r --raw {place} | grep '^0/{self.id} '")}
        return state["mode"] if len(set(state.values())) == 1 else state


class RollbackSnapshot(Scene):
    """What it replaces is kept, whole and read-only, when it replaces it; else there is no trace."""

    def prepare(self):
        shell, self.name = self.machine.shell, f"b{self.turn}"
        self.machine.change("CreateDataset", {"pool": "tank", "name": self.name})
        shell(f"echo one > /srv/tank/{self.name}/file; sync -f /srv/tank")
        self.machine.change("CreateSnapshot", {"pool": "tank", "dataset": self.name, "name": "before"})
        shell(f"echo two > /srv/tank/{self.name}/file; sync -f /srv/tank")
        self.id = self.number(f"/srv/tank/.snapshots/{self.name}/before")

    def parameters(self):
        return {"pool": "tank", "id": self.id}

    def seen(self):
        folder = f"/srv/tank/.snapshots/{self.name}"
        now, kept = self.machine.shell(f"cat /srv/tank/{self.name}/file"), self.machine.shell(f"cat {folder}/replaced-*/file")
        closed = self.machine.shell(f"touch {folder}/replaced-*/x || echo closed") == "closed"
        if (now, kept, closed) == ("one", "two", True) or (now, kept) == ("two", ""):
            return now == "one"
        return {"now": now, "kept": kept, "closed": closed}


class ReplaceDisk(Pools):
    """To and fro between two disks. Once the new one is erased it goes on, whatever happens."""
    longest = 600  # then it is only asked how far it is

    def members(self):
        return self.machine.shell("btrfs filesystem show /srv/other | sed -n 's/.*path //p' | xargs -n1 basename").split()

    def names(self):
        return {disk: self.machine.shell(f"basename $(readlink /dev/disk/by-id/{disk})") for disk in ("trial-disk2", "trial-disk3")}

    def prepare(self):
        self.have()
        names, members = self.names(), self.members()
        self.new = next(disk for disk, name in names.items() if name not in members)
        self.machine.patient("a free disk", lambda: any(one.get("id") == self.new and one["takable"] for one in self.machine.call(
            "storage", "nas.storage.ListDisks", {}, self.machine.ask("console_ticket"))["disks"]))
        # The clerk sees the end of the work before when it looks the next time.
        self.device = self.machine.patient("a pool that nothing is done to", self.idle_pool)["devices"][0]["number"]

    def idle_pool(self):
        pool = self.machine.call("storage", "nas.storage.GetPool", {"name": "other"}, self.machine.ask("console_ticket"))["pool"]
        return None if pool.get("work") else pool

    def parameters(self):
        return {"name": "other", "number": self.device, "disk": self.new, "erase": True, "healthy_too": True}

    def seen(self):
        self.machine.patient("an end of the work", lambda: self.machine.shell(
            "systemctl is-active bulkhead-work@other.service; cat /sys/fs/btrfs/$(findmnt -no UUID /srv/other)/exclusive_operation").split() in (
                ["inactive", "none"], ["failed", "none"]))
        members, new = self.members(), self.names()[self.new]
        kept = self.machine.shell("cat /srv/other/file")
        return new in members if len(members) == 1 and kept == "precious" else {"members": members, "kept": kept}

    def reason(self):
        return self.machine.shell("cat /var/lib/bulkhead/work/other.work; ls -l /dev/disk/by-id | grep trial; "
                                  "journalctl -b -o short-monotonic -u 'bulkhead-work@*' -n 20 --no-pager; dmesg | tail -5")

    def clear(self):
        self.machine.change("DestroyPool", {"name": "other"})
        self.machine.shell("wipefs -qa /dev/disk/by-id/trial-disk2 /dev/disk/by-id/trial-disk3; udevadm settle")


class RunReplication(Pools):
    """It arrives whole or not at all. What was carried over before somebody stopped it is there all the same, so that it
    may be there though the ledger says that it was not begun; the other way round never."""
    also_undone = True

    def prepare(self):
        self.have()
        machine = self.machine
        if not machine.shell("ls /etc/bulkhead/replications"):
            machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"first{self.turn}"})
            machine.change("CreateReplication", {"name": "away", "pool": "tank", "dataset": "data", "to_pool": "other", "every": "month"})
        machine.patient("all that there is to be sent", self.is_sent)
        machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"r{self.turn}"})

    def is_sent(self):
        """So that nobody sends by himself what comes next."""
        one = self.machine.call("storage", "nas.storage.ListReplications", {}, self.machine.ask("console_ticket"))["replications"][0]
        if one.get("run") or not self.idle():
            return False
        if one["up_to_date"] and one.get("last", {}).get("outcome") == "finished":
            return True
        self.begin(self.parameters()["name"])
        return False

    def begin(self, name):
        try:
            self.machine.change("RunReplication", {"name": name})
        except Refused:
            pass  # it was begun just now

    def parameters(self):
        return {"name": "away"}

    def idle(self):
        units = "bulkhead-carry@away bulkhead-send@away bulkhead-receive@away"
        return set(self.machine.shell(f"systemctl is-active {units}").split()) <= {"inactive", "failed"}

    def seen(self):
        self.machine.patient("an end of the sending", self.idle)
        place = f"/srv/other/.snapshots/data/r{self.turn}"
        there = self.there(place)[0]
        left = self.machine.shell("ls /srv/other/.incoming/away")
        if there and self.machine.shell(f"cmp {place}/file /srv/tank/.snapshots/data/r{self.turn}/file && echo same") != "same":
            return "what arrived is something else"
        return f"half of it is left: {left}" if left else there

    def clear(self):
        self.machine.change("DeleteReplication", {"name": "away"})
        self.machine.change("DestroyPool", {"name": "other"})


SCENES = (CreateDataset, UpdateDataset, CreateSnapshot, CreateSnapshots, RollbackSnapshot, DeleteSnapshot, DeleteDataset, CreatePool, ReplaceDisk,
          RunReplication, ExportPool, ImportPool, DestroyPool)
