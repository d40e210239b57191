"""The tables of what is made and taken back by turns (turned.py), a line or two a change."""
import os

from turned import turn


def files(*places):
    """What lies there and what it says, but for when it was made, and what was cut off before it got its name: nobody reads
    that, and it is swept up later (libnas/sys/sweep.c)."""
    return f"find {' '.join(places)} ! -name '.*' | sort; grep -rHv --exclude='.*' '^# ' {' '.join(places)} | sort"


def number(path):
    return lambda machine: int(machine.shell(f"btrfs subvolume show {path} | sed -n 's/.*Subvolume ID:[[:space:]]*//p'"))


def listed(method, name):
    """The number that the daemon of shares knows it by."""
    def find(machine):
        rows = machine.call("shares", f"nas.shares.{method}", {}, machine.ask("console_ticket"))
        return next((one["id"] for many in rows.values() if isinstance(many, list) for one in many if one["name"] == name), 0)
    return find


def state(*units):
    return f"systemctl is-active {' '.join(units)}"


def storage(*words, **more):
    return turn("storage", *words, **more)


TANK = {"pool": "tank"}
TREE = "find /srv/tank -maxdepth 4 ! -path '*/.incoming*' | sort"
SNAPSHOT = ("CreateSnapshot", {**TANK, "dataset": "turn", "name": "one"})
KEPT = {**TANK, "id": number("/srv/tank/.snapshots/turn/one")}
# What those of storage are played on.
GROUND = (("CreateDataset", {**TANK, "name": "turn"}), ("CreateDataset", {**TANK, "name": "turn/inner"}), "echo text > /srv/tank/turn/text",
          SNAPSHOT, ("CreateSnapshot", {**TANK, "dataset": "turn/inner", "name": "one"}),
          ("HoldSnapshot", KEPT), ("ReleaseSnapshot", KEPT))  # the first makes the folder of them

INNER = {**TANK, "id": number("/srv/tank/turn/inner")}
NOBODYS = ("UpdateDataset", {**INNER, "owner": "root", "group": "root", "access": "everyone_reads"})


def whose(machine):
    """Whose it is and who may what in it, and what its ACL says of all that will be made in it, which no program there prints."""
    place = machine.inside("/srv/tank/turn/inner")
    acls = {name: os.getxattr(place, name).hex() for name in sorted(os.listxattr(place)) if "acl" in name}
    return f"stat -c '%U %G %a' /srv/tank/turn/inner; echo '{acls}'"


POOLS = files("/etc/bulkhead/pools", "/etc/bulkhead/scrubs") + "; ls -d /srv/*; findmnt -rno TARGET,SOURCE | grep ^/srv | sort"
OTHER = ("CreatePool", {"name": "other", "profile": "single", "disks": ["trial-disk2"], "erase": True})
ORDERS = files("/etc/bulkhead/schedules", "/etc/bulkhead/replications")

STORAGE = (
    *storage(TREE, ("RenameDataset", {**TANK, "id": number("/srv/tank/turn"), "name": "turned"}),
             ("RenameDataset", {**TANK, "id": number("/srv/tank/turned"), "name": "turn"}), often=True),
    *storage(whose, ("UpdateDataset", {**INNER, "owner": "ada", "group": "ada", "access": "group_writes"}), [NOBODYS], before=(NOBODYS,)),
    *storage(whose, ("UpdateDataset", {**INNER, "owner": "ada", "mode": "0710"}), [NOBODYS], before=(NOBODYS,)),
    *storage(TREE, ("HoldSnapshot", KEPT), ("ReleaseSnapshot", KEPT)),
    *storage(TREE, ("CloneSnapshot", {**KEPT, "name": "cloned"}), ("DeleteDataset", {**TANK, "id": number("/srv/tank/cloned")}))[:1],
    *storage("find /srv/tank/turn | sort; cat /srv/tank/turn/back",
            ("RestoreFiles", {**KEPT, "path": "text", "to": "back"}), "rm /srv/tank/turn/back"),
    *storage(ORDERS, ("CreateSchedule", {"name": "often", **TANK, "dataset": "turn", "every": "month", "days": 3}),
             ("DeleteSchedule", {"name": "often"})),
    *storage(files("/etc/bulkhead/scrubs") + "; " + state("bulkhead-scrub@tank.timer"),
             ("ScheduleScrub", {"name": "tank", "every": "month", "at": "03:00"}), ("UnscheduleScrub", {"name": "tank"})),
    *storage(files("/etc/bulkhead/remotes") + "; ls /var/lib/bulkhead-far",
             ("AddRemote", {"name": "far", "address": "127.0.0.1"}), ("DeleteRemote", {"name": "far"}), often=True),
    *storage(files("/etc/bulkhead/senders") + "; " + state("bulkhead-senders"),
             ("AcceptSender", {"name": "peer", "place": "/srv/tank/peer", "key": "ssh-ed25519 "
                               "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"}), ("RevokeSender", {"name": "peer"})),
    *storage(POOLS, ("UnmountPool", {"name": "other"}), ("MountPool", {"name": "other"}), before=(OTHER,)),
    *storage(POOLS + "; btrfs filesystem label /srv/oth*", ("RenamePool", {"name": "other", "to": "othello"}),
             ("RenamePool", {"name": "othello", "to": "other"})),
    *storage(ORDERS, ("CreateReplication", {"name": "away", **TANK, "dataset": "turn/inner", "to_pool": "other", "every": "month",
                                            "drill": "month"}), ("DeleteReplication", {"name": "away"})),
)


def shares(*words, **more):
    return turn("shares", *words, **more)


def on(name):
    return {"id": listed(*name)}


PLACE = "/srv/tank/data"
NFS = files("/etc/bulkhead/nfs") + "; cat /etc/bulkhead/services/nfs.conf; findmnt -rno TARGET | grep ^/run/bulkhead/nfs"
WAYS = (files("/etc/bulkhead/transfers", "/etc/bulkhead/services") + "; findmnt -rno TARGET | grep transfers; " +
        state("bulkhead-ftp", "bulkhead-sftp", "bulkhead-webdav", "bulkhead-rsync"))
REGISTRY = "net --configfile=/usr/share/bulkhead/smb.conf --option=interfaces=127.0.0.1/8 conf"
SMB = files("/etc/bulkhead/smb") + f"; {REGISTRY} list; ls -A /srv/tank/data"
# Samba was told otherwise of a share.
BY_HAND, DRIFT, ITS = f"{REGISTRY} setparm turned 'read only' yes", ("ListShareDrift", "turned"), ("ListSmbShares", "turned")
TURNED, GONE = (("CreateSmbShare", {"name": "turned", "path": PLACE}), BY_HAND), (("DeleteSmbShare", {"id": listed(*ITS)}),)
EXPORT, HOMES = ("ListNfsExports", "turn"), ("ListSmbShares", "homes")
OFFER, OTHER_OFFER = ("ListTransfers", "turn"), ("ListTransfers", "other")

SHARES = (
    *shares(NFS, ("UpdateNfsExport", {"id": listed(*EXPORT), "enabled": False}),
            ("UpdateNfsExport", {"id": listed(*EXPORT), "enabled": True}),
            before=(("CreateNfsExport", {"name": "turn", "path": PLACE, "clients": ["10.0.0.0/8 rw"]}),)),
    *shares(NFS, ("UpdateNfsExport", {"id": listed(*EXPORT), "clients": ["10.0.0.0/8 ro", "192.168.0.0/16 rw"]}),
            ("UpdateNfsExport", {"id": listed(*EXPORT), "clients": ["10.0.0.0/8 rw"]})),
    *shares(WAYS, ("CreateTransfer", {"name": "turn", "path": PLACE, "protocols": ["ftp", "rsync"]}), ("DeleteTransfer", on(OFFER)),
            before=[("EnableService", {"id": one}) for one in ("ftp", "rsync", "sftp")]),
    *shares(WAYS, ("UpdateTransfer", {"id": listed(*OTHER_OFFER), "protocols": ["ftp"], "read_only": True}),
            ("UpdateTransfer", {"id": listed(*OTHER_OFFER), "protocols": ["ftp", "rsync"], "read_only": False}),
            before=(("CreateTransfer", {"name": "other", "path": PLACE, "protocols": ["ftp", "rsync"]}),)),
    *shares(WAYS, ("UpdateFtpServer", {"max_clients": 7}), ("UpdateFtpServer", {"max_clients": 512})),
    *shares(WAYS, ("EnableService", {"id": "webdav"}), ("DisableService", {"id": "webdav"})),
    *shares(WAYS, ("StopService", {"id": "sftp"}), ("StartService", {"id": "sftp"})),
    *shares(SMB, ("RestoreShareDrift", {"id": listed(*DRIFT)}), BY_HAND, before=TURNED, last=GONE),
    *shares(SMB, ("AdoptShareDrift", {"id": listed(*DRIFT)}), [("UpdateSmbShare", {"id": listed(*ITS), "read_only": False}), BY_HAND],
            before=TURNED, last=GONE),
    *shares(SMB, ("CreateSmbShare", {"name": "homes", "path": PLACE, "homes": True}), ("DeleteSmbShare", on(HOMES))),
)


def network(*words, **more):
    return turn("network", *words, **more)


MACHINE = "tail -n +1 /var/lib/bulkhead/host/*; cat /etc/hostname; readlink /etc/localtime | sed s,.*zoneinfo/,,"
# As on a new machine, where nothing was wished: what a wish that is taken back should lead to then, nobody can tell.
UNWISHED = ("for i in $(seq 300); do [ $(cat /etc/hostname) = bulkhead ] && readlink /etc/localtime | grep -q UTC && break; sleep 0.1; done; "
            "rm -f /var/lib/bulkhead/host/*")
# No settings and empty ones are the same. Whether one is ordered is seen by nothing that stays.
ACME = "cat /var/lib/bulkhead/acme/settings"

NETWORK = (
    *network(MACHINE, ("SetMachine", {"name": "turned", "time_zone": "Asia/Tokyo"}),
             [("SetMachine", {"name": "bulkhead", "time_zone": "Etc/UTC"}), UNWISHED], often=True),
    *network(ACME, ("EnrolAcme", {"names": ["nas.example.org"], "email": "ada@example.org", "terms_accepted": True,
                                  "directory": "https://127.0.0.1/directory"}), ("StopAcme", {}), often=True),
)

MODULES = turn("modules", files("/etc/bulkhead/modules") + "; " + state("bulkhead-module@tasks.socket"),
               ("EnableModule", {"module": "tasks"}), ("DisableModule", {"module": "tasks"}), often=True)
