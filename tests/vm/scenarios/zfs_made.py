"""Pools that ZFS makes for us, in the image's kernel: made, scrubbed, damaged, repaired, made larger, and gone again."""
import json
import re

from machine import wait
from pooling import SLOW, confirmed, disks_now, is_intact, pool_now, restart, settles, written
from zfs import _installed


def _ids(machine, *serials):
    disks = disks_now(machine)
    return [disks[serial]["id"] for serial in serials]


def _words(name, disks):
    return " ".join(f"--{name} {disk}" for disk in disks)


def _created(machine, profile, *serials):
    """What it holds is what was said before, but for what a few small disks lose to rounding."""
    disks = _ids(machine, *serials)
    said = json.loads(machine.does(f"bulkhead pools capacity --profile {profile} --file-system zfs {_words('disks', disks)} --json"))
    confirmed(machine, f"pools create tank --profile {profile} --file-system zfs {_words('disks', disks)}")
    pool = pool_now(machine)
    assert pool["mounted"] and pool["file_system"] == "zfs" and pool["health_status"] == "healthy", pool
    assert abs(pool["size"] - said["size"]) < said["size"] // 25, (pool["size"], said)
    return disks


def _is_gone(machine, disks):
    assert pool_now(machine) is None and machine.ssh("test -e /srv/tank").returncode == 1, machine.out("ls /srv")
    assert machine.out("findmnt -nt zfs; zpool list -H; ls /etc/bulkhead/pools") == "", machine.out("zpool list; ls /etc/bulkhead/pools")
    for disk in disks:
        assert machine.ssh(f"blkid -p /dev/disk/by-id/{disk}").stdout == "", disk
        assert wait(lambda disk=disk: next(one for one in disks_now(machine).values() if one["id"] == disk)["takable"], 60), disk


def _states(pool):
    return [(one["disk"], one["state"]) for one in pool["devices"]]


def _rests(machine):
    assert wait(lambda: not pool_now(machine).get("work"), SLOW), pool_now(machine)


def a_mirror_is_made_read_and_destroyed(machine):
    """With what it is to have; scrubs repair it and are told of; it is there after a restart, and nothing is left at the end."""
    _installed(machine)
    disks = _created(machine, "raid1", "SATA-1", "SCSI-1")
    assert pool_now(machine)["pool_type"] == "raid1" and {state for _, state in _states(pool_now(machine))} == {"in_sync"}
    has = dict(line.split("\t")[1:3] for line in machine.out("zpool get -H ashift,autoexpand,cachefile tank; "
                                                             "zfs get -H acltype,xattr,compression,relatime tank").splitlines())
    assert has == {"ashift": "12", "autoexpand": "on", "cachefile": "none", "acltype": "posix", "xattr": "sa", "compression": "lz4",
                   "relatime": "on"}, has
    before = written(machine)
    restart(machine)
    settles(machine, lambda it: _is(pool_now(it)["mounted"]))
    is_intact(machine, before)
    machine.does("bulkhead pools scrub tank --yes", seconds=SLOW)
    _rests(machine)
    last = pool_now(machine)["last_scrub"]
    assert (last["outcome"], last["found"], last["lost"]) == ("finished", 0, 0), last
    machine.does(f"sync; dd if=/dev/zero of=/dev/disk/by-id/{disks[0]}-part1 bs=1M seek=5 count=300 oflag=direct conv=notrunc status=none")
    machine.does("bulkhead pools scrub tank --yes", seconds=SLOW)
    _rests(machine)
    last = pool_now(machine)["last_scrub"]
    assert last["outcome"] == "finished" and last["found"] > 0 and last["repaired"] > 0 and last["lost"] == 0, last
    assert wait(lambda: pool_now(machine)["health_status"] == "damaged", 60), pool_now(machine)
    machine.does("bulkhead pools clear tank --yes", seconds=SLOW)
    assert pool_now(machine)["health_status"] == "healthy", pool_now(machine)
    is_intact(machine, before)
    machine.does("bulkhead pools scrub-every tank day --at 03:00 --yes", seconds=SLOW)
    assert "bulkhead-zfs-scrub@tank.service" in machine.does("systemctl show -P Unit bulkhead-scrub@tank.timer")
    assert machine.does("systemctl is-active bulkhead-scrub@tank.timer") == "active"
    confirmed(machine, "pools destroy tank")
    _is_gone(machine, disks)
    disks = _created(machine, "raidz1", "SATA-1", "SATA-2", "SCSI-1")
    assert machine.out("ls -A /srv/tank") == "", "what was on it before is found again"
    machine.does("bulkhead pools unmount tank --yes", seconds=SLOW)
    confirmed(machine, "pools destroy tank")
    _is_gone(machine, disks)


def _is(good):
    assert good


def disks_come_and_go(machine):
    """One becomes two, two become four; one is missing and is replaced; what is stopped stays as it was."""
    _installed(machine)
    first = _created(machine, "single", "SATA-1")
    before = written(machine)
    second, third, fourth = _ids(machine, "SCSI-1", "SATA-2", "SCSI-2")
    confirmed(machine, f"pools add tank {second}")
    _rests(machine)
    assert sorted(_states(pool_now(machine))) == sorted([(first[0], "in_sync"), (second, "in_sync")]), pool_now(machine)
    assert pool_now(machine)["pool_type"] == "raid1", pool_now(machine)
    size = pool_now(machine)["size"]
    said = machine.out(f"bulkhead pools add tank {third} --grow --yes")
    assert "must be 1 disks" in said, said
    confirmed(machine, f"pools add tank {third} --grow --others {fourth}")
    assert pool_now(machine)["pool_type"] == "raid10" and pool_now(machine)["size"] > size * 18 // 10, pool_now(machine)
    is_intact(machine, before)
    fifth = _ids(machine, "SATA-3")[0]
    number = next(one["number"] for one in pool_now(machine)["devices"] if one["disk"] == second)
    said = machine.out(f"bulkhead pools replace tank {number} {fifth} --yes")
    assert "Nothing is known to be wrong" in said, said
    machine.does("echo 1 >/sys/module/zfs/parameters/zfs_scan_suspend_progress")
    confirmed(machine, f"pools replace tank {number} {fifth} --healthy-too")
    work = pool_now(machine)["work"]
    assert work["kind"] == "replace", work
    assert "rebuilding" in [state for _, state in _states(pool_now(machine))], pool_now(machine)
    machine.does("bulkhead pools stop tank --yes", seconds=SLOW)
    machine.does("echo 0 >/sys/module/zfs/parameters/zfs_scan_suspend_progress")
    _rests(machine)
    assert (second, "in_sync") in _states(pool_now(machine)) and fifth not in dict(_states(pool_now(machine))), pool_now(machine)
    machine.does(f"zpool offline -f tank {second}")
    assert wait(lambda: pool_now(machine)["health_status"] == "degraded", 60), pool_now(machine)
    number = next(one["number"] for one in pool_now(machine)["devices"] if one["state"] != "in_sync")
    confirmed(machine, f"pools replace tank {number} {fifth} --erase")
    _rests(machine)
    assert wait(lambda: pool_now(machine)["health_status"] == "healthy", 60), pool_now(machine)
    assert fifth in dict(_states(pool_now(machine))) and second not in dict(_states(pool_now(machine))), pool_now(machine)
    is_intact(machine, before)
    assert wait(lambda: disks_now(machine)["SCSI-1"]["takable"], 60), disks_now(machine)["SCSI-1"]


def what_is_cut_off_is_whole(machine):
    """The hand is killed while it makes one, at each moment of it: it is there in the end, or was never begun."""
    _installed(machine)
    disks = _ids(machine, "SATA-1", "SCSI-1")
    words = f"pools create tank --profile raid1 --file-system zfs --erase {_words('disks', disks)}"
    for delay in ("0.5", "1.5", "3", "5"):
        digest = json.loads(machine.does(f"bulkhead {words} --dry-run --json"))["plan"]["digest"]
        machine.does(f"(sleep {delay}; systemctl kill -s KILL bulkhead-storage-hand.service) >/dev/null 2>&1 & "
                     f"bulkhead {words} --yes --confirm {digest} || true", seconds=SLOW)
        machine.out("bulkhead pools list", seconds=SLOW)
        machine.does("systemctl start bulkhead-storage-hand.service || true")
        settles(machine, lambda it: _is(pool_now(it) is None or pool_now(it)["mounted"]))
        pool = pool_now(machine)
        assert pool is None or (pool["mounted"] and pool["health_status"] == "healthy"), (delay, pool)
        assert re.findall("bulkhead-[0-9a-f]{8}-", machine.out("zpool list -H -o name")) == [], machine.out("zpool list")
        if pool:
            confirmed(machine, "pools destroy tank")
        else:
            assert machine.out("ls /srv /etc/bulkhead/pools | grep -c tank") == "0", delay
    _is_gone(machine, [])
