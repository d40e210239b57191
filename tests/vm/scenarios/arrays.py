"""md, and pools on its arrays: made, told of, let go of, found again, without a disk and with another."""
import json

from machine import wait
from pooling import SLOW, confirmed, disks_now, is_intact, pool_now, restart, settles, written


def _member(name):
    return f"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_{name}" if name.startswith("SCSI") else \
        f"/dev/disk/by-id/ata-QEMU-SATA_{name}"


def _shows(machine, text):
    machine.does(f"timeout 60 sh -c 'until cat /proc/mdstat | grep -q \"{text}\"; do sleep 0.5; done'", seconds=90)


def a_mirror_outlives_a_disk_and_heals(machine):
    """Made of a SATA and a SCSI disk; one fails and goes, another takes its place, and the content is the same."""
    one, two, three = _member("SATA-1"), _member("SCSI-1"), _member("SATA-2")
    machine.tool(f"mdadm --create /dev/md0 --run --level=1 --raid-devices=2 --bitmap=internal {one} {two}")
    machine.does("mkfs.ext4 -q /dev/md0 && mount /dev/md0 /mnt/tools/mnt && "
                 "dd if=/dev/urandom of=/mnt/tools/mnt/x bs=1M count=20 status=none && sync")
    before = machine.does("sha256sum </mnt/tools/mnt/x")
    machine.tool(f"mdadm /dev/md0 --fail {two} --remove {two}")
    _shows(machine, r"\[U_\]")
    machine.tool(f"mdadm /dev/md0 --add {three}")
    _shows(machine, r"\[UU\]")
    assert machine.does("echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/tools/mnt/x") == before
    machine.does("umount /mnt/tools/mnt")
    machine.tool("mdadm --stop /dev/md0")


def three_disks_with_parity_outlive_one(machine):
    """RAID 5: degraded it still reads what was written."""
    disks = " ".join(_member(name) for name in ("SATA-1", "SATA-2", "SATA-3"))
    machine.tool(f"mdadm --create /dev/md0 --run --level=5 --raid-devices=3 --assume-clean {disks}")
    machine.does("dd if=/dev/urandom of=/dev/md0 bs=1M count=20 status=none conv=fsync")
    before = machine.does("dd if=/dev/md0 bs=1M count=20 status=none iflag=direct | sha256sum")
    machine.tool(f"mdadm /dev/md0 --fail {_member('SATA-2')} --remove {_member('SATA-2')}")
    assert machine.does("dd if=/dev/md0 bs=1M count=20 status=none iflag=direct | sha256sum") == before


def _ids(machine, *serials):
    disks = disks_now(machine)
    return [disks[serial]["id"] for serial in serials]


def _created(machine, profile, serials, system="btrfs"):
    disks = _ids(machine, *serials)
    words = f"pools create tank --profile {profile} --file-system {system} " + " ".join(f"--disks {disk}" for disk in disks)
    digest = json.loads(machine.does(f"bulkhead {words} --dry-run --json"))["plan"]["digest"]
    machine.does(f"bulkhead {words} --yes --confirm {digest}", seconds=SLOW)
    return disks


def _nothing_is_left(machine, disks):
    assert pool_now(machine) is None and machine.ssh("test -e /srv/tank").returncode == 1, machine.out("ls /srv")
    assert machine.out("ls -d /sys/block/md*/md /etc/bulkhead/pools/tank 2>/dev/null") == "", machine.out("cat /proc/mdstat")
    for disk in disks:
        assert machine.ssh(f"blkid -p /dev/disk/by-id/{disk}").stdout == "", disk
        assert next(one for one in disks_now(machine).values() if one["id"] == disk)["takable"], disk


def a_pool_on_a_mirror(machine):
    """Its disks are told with their places and states; exported, imported, destroyed; nothing of it is left."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"))
    pool = pool_now(machine)
    assert pool["mounted"] and pool["pool_type"] == "md1" and pool["file_system"] == "btrfs", pool
    assert [(one["number"], one["disk"], one["state"], one["missing"]) for one in pool["devices"]] == [
        (1, disks[0], "in_sync", False), (2, disks[1], "in_sync", False)], pool
    assert pool["health_status"] == "healthy" and 800 << 20 < pool["size"] < 1 << 30, pool
    taken = disks_now(machine)["SATA-1"]
    assert taken["in_use"] == "pool" and taken["pool"] == "tank" and not taken["takable"], taken
    sums = written(machine)
    assert wait(lambda: not pool_now(machine).get("work"), 300), pool_now(machine)

    machine.does("bulkhead pools export tank --yes")
    assert machine.out("ls -d /sys/block/md*/md 2>/dev/null") == "", machine.out("cat /proc/mdstat")
    found = json.loads(machine.does("bulkhead pools found --json"))["file_systems"]
    assert [(one["uuid"], one["type"], sorted(one["disks"])) for one in found] == [(pool["uuid"], "btrfs", sorted(disks))], found
    machine.does(f"bulkhead pools import {pool['uuid']} tank --yes", seconds=SLOW)
    is_intact(machine, sums)
    assert [one["state"] for one in pool_now(machine)["devices"]] == ["in_sync", "in_sync"], pool_now(machine)

    confirmed(machine, "pools destroy tank")
    _nothing_is_left(machine, disks)
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"))  # what was on it before is not found again
    assert pool_now(machine)["mounted"] and machine.out("ls /srv/tank") == "", machine.out("ls /srv/tank")


def _pulled(machine, disk):
    """As by a cable: the kernel has it no more. Gives by what it is found again."""
    name = machine.does(f"basename $(readlink -f /dev/disk/by-id/{disk})")
    host = machine.does(f"readlink -f /sys/block/{name} | grep -o 'host[0-9]*' | head -1")
    machine.does(f"echo 1 > /sys/block/{name}/device/delete")
    return host


def _states(machine):
    return [(one["state"], one.get("disk")) for one in pool_now(machine)["devices"]]


def _is_whole(machine, disks, seconds=300):
    def whole():
        pool = pool_now(machine)
        return not pool.get("work") and pool["health_status"] == "healthy" and all(("in_sync", disk) in _states(machine) for disk in disks)
    assert wait(whole, seconds), (pool_now(machine), machine.out("cat /proc/mdstat"))


def _others(machine, profile, serials, system):
    disks = _created(machine, profile, serials, system)
    pool = pool_now(machine)
    assert pool["mounted"] and pool["pool_type"] == profile and pool["file_system"] == system, pool
    assert machine.does("findmnt -no FSTYPE /srv/tank") == system
    sums = written(machine)
    refused = machine.ssh("bulkhead datasets create tank photos --yes")
    assert refused.returncode != 0 and "no datasets" in refused.stderr, refused.stderr
    is_intact(machine, sums)
    machine.does("bulkhead pools export tank --yes")
    found = json.loads(machine.does("bulkhead pools found --json"))["file_systems"]
    assert [(one["uuid"], one["type"], sorted(one["disks"])) for one in found] == [(pool["uuid"], system, sorted(disks))], found
    machine.does(f"bulkhead pools import {pool['uuid']} tank --yes", seconds=SLOW)
    is_intact(machine, sums)
    confirmed(machine, "pools destroy tank")
    _nothing_is_left(machine, disks)


def a_pool_of_xfs_on_parity(machine):
    """md 5: made, exported, imported and destroyed; what only btrfs has is refused."""
    _others(machine, "md5", ("SATA-1", "SCSI-1", "SATA-2"), "xfs")


def a_pool_of_ext4_on_double_parity(machine):
    """md 6, likewise."""
    _others(machine, "md6", ("SATA-1", "SCSI-1", "SATA-2", "SATA-3"), "ext4")


def a_pool_on_four_disks_in_pairs(machine):
    """md 10, likewise."""
    _others(machine, "md10", ("SATA-1", "SCSI-1", "SATA-2", "SATA-3"), "ext4")


def a_disk_of_an_array_goes_while_it_is_written_to(machine):
    """The pool says so at once and goes on; another disk takes the place; a healthy one is replaced only when that is asked for."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "ext4")
    sums = written(machine)
    machine.does("(dd if=/dev/zero of=/srv/tank/y bs=1M count=300 conv=fsync status=none; echo $? >/run/wrote) >/dev/null 2>&1 &")
    _pulled(machine, disks[1])
    assert wait(lambda: pool_now(machine)["health_status"] == "degraded" and ("gone", None) in _states(machine), 20), pool_now(machine)
    assert wait(lambda: machine.out("cat /run/wrote") == "0", 120), machine.out("cat /run/wrote")
    is_intact(machine, sums)
    new = _ids(machine, "SATA-2")[0]
    machine.does("sysctl -q dev.raid.speed_limit_max=20000")  # so that there is something to estimate
    confirmed(machine, f"pools replace tank 2 {new}")
    assert pool_now(machine)["work"]["kind"] == "replace" and ("rebuilding", new) in _states(machine), pool_now(machine)
    assert wait(lambda: (pool_now(machine).get("work") or {}).get("estimate") and "percent" in pool_now(machine)["work"], 60), pool_now(machine)
    machine.does("sysctl -q dev.raid.speed_limit_max=200000")
    _is_whole(machine, [disks[0], new])

    third = _ids(machine, "SATA-3")[0]
    refused = machine.ssh(f"bulkhead pools replace tank 1 {third} --dry-run")
    assert refused.returncode != 0 and "healthy" in refused.stderr.replace("-", " "), refused.stderr
    shown = machine.does(f"bulkhead pools replace tank 1 {third} --healthy-too --dry-run")
    assert "SATA-1" in shown and "SATA-3" in shown and "serial number" in shown, shown
    confirmed(machine, f"pools replace tank 1 {third} --healthy-too")
    assert ("in_sync", disks[0]) in _states(machine), "the old one is in use until the new one has all"
    assert wait(lambda: ("faulty", disks[0]) in _states(machine), 300), pool_now(machine)
    left = next(one["number"] for one in pool_now(machine)["devices"] if one.get("disk") == disks[0])
    machine.does(f"bulkhead pools remove tank {left} --yes")
    _is_whole(machine, [third, new])
    assert len(pool_now(machine)["devices"]) == 2 and disks_now(machine)["SATA-1"]["in_use"] == "foreign", disks_now(machine)["SATA-1"]
    is_intact(machine, sums)


def a_disk_of_an_array_goes_while_all_is_read(machine):
    """A check tells how far it is, and is stopped; one that loses a disk ends. What differs is told when a check has ended."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "xfs")
    sums = written(machine)
    _is_whole(machine, disks)
    machine.does("bulkhead pools scrub tank --yes")
    assert pool_now(machine)["work"]["kind"] == "scrub", pool_now(machine)
    machine.does("bulkhead pools stop-scrub tank --yes")
    assert not pool_now(machine).get("work"), pool_now(machine)
    name = machine.does(f"readlink -f /dev/disk/by-id/{disks[1]}")
    machine.does(f"dd if=/dev/urandom of={name} bs=1M seek=600 count=4 conv=notrunc,fsync status=none")
    machine.does("bulkhead pools scrub tank --yes")
    assert wait(lambda: pool_now(machine)["health_status"] == "damaged" and "differ" in pool_now(machine)["message"], 300), pool_now(machine)
    machine.does("bulkhead pools scrub tank --yes")
    _pulled(machine, disks[1])
    assert wait(lambda: pool_now(machine)["health_status"] == "degraded" and not pool_now(machine).get("work"), 60), pool_now(machine)
    is_intact(machine, sums)


def _last_scrub(machine):
    return pool_now(machine).get("last_scrub") or {}


def what_a_check_found_outlives_a_restart(machine):
    """When and how it ended, and where the disks differ, is kept, though the kernel forgets; one by schedule is md's, too."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "ext4")
    _is_whole(machine, disks)
    machine.does("bulkhead pools scrub tank --yes")
    assert wait(lambda: _last_scrub(machine).get("outcome") == "finished", 300), pool_now(machine)
    last = _last_scrub(machine)
    assert last["found"] == 0 and last["started"] <= last["ended"] and last.get("scrubbed") is None and last.get("lost") is None, last
    machine.does("bulkhead pools scrub tank --yes && bulkhead pools stop-scrub tank --yes")
    assert wait(lambda: _last_scrub(machine).get("outcome") == "stopped", 30), pool_now(machine)
    assert machine.out("cat /sys/block/md*/md/sync_action") == "idle"
    name = machine.does(f"readlink -f /dev/disk/by-id/{disks[1]}")
    machine.does(f"dd if=/dev/urandom of={name} bs=1M seek=600 count=4 conv=notrunc,fsync status=none")
    machine.does("bulkhead pools scrub-every tank month --at 02:30 --yes")
    assert machine.does("systemctl show -P Unit bulkhead-scrub@tank.timer") == "bulkhead-array-check@tank.service"
    assert pool_now(machine)["scrub_schedule"]["every"] == "month", pool_now(machine)
    machine.does("systemctl start bulkhead-array-check@tank")  # as the timer does
    assert wait(lambda: pool_now(machine)["health_status"] == "damaged", 300), pool_now(machine)
    found = _last_scrub(machine)
    assert found["outcome"] == "finished" and found["found"] > 0, found
    restart(machine)
    assert wait(lambda: pool_now(machine)["mounted"], 180), pool_now(machine)
    assert _last_scrub(machine) == found and pool_now(machine)["health_status"] == "damaged", (found, pool_now(machine))
    assert machine.out("systemctl is-active bulkhead-scrub@tank.timer") == "active"
    machine.does("bulkhead pools scrub-never tank --yes")
    assert not pool_now(machine).get("scrub_schedule"), pool_now(machine)


def an_array_becomes_larger_by_a_disk(machine):
    """md 5 with XFS: spread over a fourth disk, cut off by a restart in the middle, goes on by itself, and ends larger and intact."""
    disks = _created(machine, "md5", ("SATA-1", "SCSI-1", "SATA-2"), "xfs")
    sums, size = written(machine), pool_now(machine)["size"]
    _is_whole(machine, disks, 600)
    machine.does("echo 4000 > /proc/sys/dev/raid/speed_limit_max")  # so that it is cut off in the middle; the next start has its own
    new = _ids(machine, "SATA-3")[0]
    shown = machine.does(f"bulkhead pools add tank {new} --grow --erase --dry-run")
    assert "hours" in shown and "cannot be stopped" in shown, shown
    confirmed(machine, f"pools add tank {new} --grow --erase")
    assert pool_now(machine)["work"]["kind"] == "grow", pool_now(machine)
    assert wait(lambda: (pool_now(machine).get("work") or {}).get("estimate"), 60), pool_now(machine)
    refused = machine.ssh("bulkhead pools stop tank --yes")
    assert refused.returncode != 0 and "not stopped" in refused.stderr, refused.stderr
    is_intact(machine, sums)
    assert pool_now(machine)["size"] == size, pool_now(machine)
    assert machine.out("cat /sys/block/md*/md/reshape_position").isdigit(), machine.out("cat /proc/mdstat")
    restart(machine)
    assert wait(lambda: pool_now(machine)["mounted"], 180), machine.out("cat /proc/mdstat; systemctl status bulkhead-mount@tank")
    assert wait(lambda: (pool_now(machine).get("last_work") or {}).get("outcome") == "finished", 600), (pool_now(machine), machine.out("cat /proc/mdstat"))
    assert wait(lambda: pool_now(machine)["size"] > size * 1.4, 30), (size, pool_now(machine))
    assert len(pool_now(machine)["devices"]) == 4 and pool_now(machine)["health_status"] == "healthy", pool_now(machine)
    assert machine.ssh("test -e /var/lib/bulkhead-storage-hand/work/tank.grow").returncode == 1
    is_intact(machine, sums)


def a_mirror_becomes_larger_with_its_disks(machine):
    """Made on less of its disks than they have, as after two smaller ones were replaced: it takes the rest when it is told to."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "ext4")
    sums = written(machine)
    _is_whole(machine, disks)
    array = machine.does("findmnt -no SOURCE /srv/tank")
    machine.does("bulkhead pools unmount tank --yes")
    machine.does(f"e2fsck -fp {array} >/dev/null; resize2fs {array} 400M", seconds=120)
    machine.does(f"mdadm --grow {array} --bitmap=none && mdadm --grow {array} --size=512M && mdadm --grow {array} --bitmap=internal")
    machine.does("bulkhead pools mount tank --yes", seconds=SLOW)
    size = pool_now(machine)["size"]
    assert size < 450 << 20, pool_now(machine)
    shown = machine.does("bulkhead pools grow tank --dry-run")
    assert "as much of each of its disks as the smallest" in shown, shown
    machine.does("bulkhead pools grow tank --yes")
    assert wait(lambda: pool_now(machine)["size"] > 800 << 20, 120), (pool_now(machine), machine.out("cat /proc/mdstat; cat /var/lib/bulkhead/work/tank.work"))
    is_intact(machine, sums)
    _is_whole(machine, disks)


def the_new_disk_of_an_array_goes_while_it_is_written(machine):
    """The pool is as it was before, and takes another one."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "btrfs")
    sums = written(machine)
    _pulled(machine, disks[1])
    assert wait(lambda: ("gone", None) in _states(machine), 20), pool_now(machine)
    second, third = _ids(machine, "SATA-2", "SATA-3")
    confirmed(machine, f"pools replace tank 2 {second}")
    _pulled(machine, second)
    assert wait(lambda: not pool_now(machine).get("work") and ("gone", None) in _states(machine), 60), pool_now(machine)
    confirmed(machine, f"pools replace tank 2 {third}")
    _is_whole(machine, [disks[0], third])
    is_intact(machine, sums)


def an_array_that_lacks_a_disk_starts(machine):
    """Found again, and after a restart, it is put together and mounted by itself, a little later; nobody mails or checks."""
    disks = _created(machine, "md1", ("SATA-1", "SCSI-1"), "ext4")
    sums = written(machine)
    assert wait(lambda: not pool_now(machine).get("work"), 300), pool_now(machine)
    machine.does("bulkhead pools export tank --yes && wipefs --all --quiet /dev/disk/by-id/" + disks[1])
    found = json.loads(machine.does("bulkhead pools found --json"))["file_systems"]
    machine.does(f"bulkhead pools import {found[0]['uuid']} tank --yes", seconds=SLOW)
    assert pool_now(machine)["mounted"] and pool_now(machine)["health_status"] == "degraded", pool_now(machine)
    is_intact(machine, sums)
    restart(machine)
    assert wait(lambda: pool_now(machine)["mounted"], 180), machine.out("cat /proc/mdstat; systemctl status bulkhead-mount@tank")
    assert pool_now(machine)["health_status"] == "degraded" and ("gone", None) in _states(machine), pool_now(machine)
    is_intact(machine, sums)
    assert machine.out("pgrep -x mdadm; systemctl is-active mdmonitor mdcheck_start.timer mdcheck_continue.timer | sort -u") == "inactive"


def _stands(machine):
    """Whether there is such a pool; nothing of it may be there by halves."""
    pool, wanted = pool_now(machine), machine.out("ls /etc/bulkhead/pools | grep -c tank")
    arrays = machine.out("ls -d /sys/block/md*/md 2>/dev/null | wc -l")
    there = (pool is not None and pool["mounted"], wanted, arrays, machine.ssh("test -d /srv/tank").returncode)
    assert there in ((True, "1", "1", 0), (False, "0", "0", 1)), (there, pool, machine.out("cat /proc/mdstat; ls /srv"))
    return pool is not None


def a_hand_that_is_killed_leaves_no_array_by_halves(machine):
    """At whatever step of making one: it is made, or there is nothing of it."""
    one, two = _ids(machine, "SATA-1", "SCSI-1")
    words = f"pools create tank --profile md1 --file-system ext4 --disks {one} --disks {two} --erase"
    for seconds in (0.5, 1, 2, 3, 5):
        digest = json.loads(machine.does(f"bulkhead {words} --dry-run --json"))["plan"]["digest"]
        machine.does(f"(bulkhead {words} --yes --confirm {digest} >/run/said 2>&1; echo >>/run/said it ended) & "
                     f"sleep {seconds}; systemctl kill --signal=KILL bulkhead-storage-hand; wait", seconds=SLOW)
        assert wait(lambda: machine.ssh("bulkhead jobs list --json").returncode == 0, 60)
        assert settles(machine, _stands), machine.out("cat /run/said; cat /proc/mdstat; ls /srv; journalctl -b -n 40 --no-pager -u bulkhead-storage-hand -u bulkhead-array@tank")
        if _stands(machine):
            confirmed(machine, "pools destroy tank")
        assert not _stands(machine)
