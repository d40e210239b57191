"""ZFS, built for the image's kernel (tests/vm/tools): pools that it made are taken up, let go of, and told of."""
import json

from machine import wait
from pooling import SLOW, disks_now, pool_now, restart, settles

ONE, OTHER = "ata-QEMU-SATA_SATA-1", "scsi-0QEMU_QEMU_HARDDISK_SCSI-1"
BY_ID = "/dev/disk/by-id"


def _installed(machine):
    """As its packages leave it; nothing of it is in the image."""
    assert machine.ssh("test -e /mnt/tools/zfs.tar").returncode == 0, "there is no ZFS for this kernel: tests/vm/tools says why"
    machine.does("tar -C / --keep-directory-symlink --no-same-owner -xf /mnt/tools/zfs.tar && depmod -a && ldconfig && "
                 "udevadm control --reload && systemctl daemon-reload && modprobe zfs", seconds=SLOW)


def _made_elsewhere(machine):
    """A mirror as another machine leaves it that was not asked: its file systems want to be all over the place."""
    machine.does(f"zpool create -f -m /tank tank mirror {ONE} {OTHER} && zfs create tank/a && zfs create tank/a/b && "
                 "zfs create -o mountpoint=/etc tank/moved && zfs create -o canmount=noauto tank/not && "
                 "zfs create -o canmount=off tank/off && zfs create tank/off/in && zfs create 'tank/two words' && "
                 "echo kept >/tank/a/b/x && zfs create -o canmount=noauto tank/covered && mkdir /tank/covered && "
                 "touch /tank/covered/file && zfs set canmount=on tank/covered && zpool export -f tank && udevadm settle", seconds=SLOW)
    found = [one for one in json.loads(machine.does("bulkhead pools found --json"))["file_systems"] if one["type"] == "zfs"]
    assert [(one["type"], one["label"], sorted(one["disks"])) for one in found] == [("zfs", "tank", sorted((ONE, OTHER)))], found
    return found[0]["uuid"]


def _mounts(machine, pool):
    text = machine.out("findmnt -rno TARGET,OPTIONS -t zfs")
    places = dict(line.split(" ", 1) for line in text.splitlines())
    assert all(word in options for options in places.values() for word in ("nosuid", "nodev", "noexec")), text
    assert all(place == f"/srv/{pool}" or place.startswith(f"/srv/{pool}/") for place in places), text
    return {place[len(f"/srv/{pool}"):] for place in places}


ALL = {"", "/a", "/a/b", "/moved", "/off/in", "/two\\x20words"}


def a_pool_is_taken_up_and_let_go_of(machine):
    """Whatever it says of itself, it lands below its own folder; it is there again after a restart, and goes as it came."""
    _installed(machine)
    uuid = _made_elsewhere(machine)
    machine.does("mv /usr/sbin/zpool /usr/sbin/zpool.away")
    said = machine.out(f"bulkhead pools import {uuid} vault --yes", seconds=SLOW)
    assert "not installed" in said and "zfsutils-linux" in said, said
    machine.does("mv /usr/sbin/zpool.away /usr/sbin/zpool")
    machine.does(f"bulkhead pools import {uuid} vault --yes", seconds=SLOW)
    assert _mounts(machine, "vault") == ALL and machine.out("cat /srv/vault/a/b/x") == "kept"
    assert machine.out("ls /srv/vault/covered") == "file", "what lay there was covered"
    pool = pool_now(machine, "vault")
    assert (pool["health_status"], pool["pool_type"], pool["mounted"]) == ("healthy", "raid1", True), pool
    assert pool["available"] > 700 << 20 and {one["state"] for one in pool["devices"]} == {"in_sync"}, pool
    assert all(disks_now(machine)[serial]["pool"] == "vault" for serial in ("SATA-1", "SCSI-1")), disks_now(machine)
    for words in ("pools balance vault", "pools grow vault"):
        said = machine.out(f"bulkhead {words} --yes")
        assert "zfs" in said, said
    machine.does("(cd '/srv/vault/two words' && exec sleep 1000) >/dev/null 2>&1 & sleep 1")
    assert machine.ssh("bulkhead pools unmount vault --yes", seconds=SLOW).returncode != 0
    assert _mounts(machine, "vault") == ALL, "what is in use stays as it is, all of it"
    machine.does("pkill -x sleep; bulkhead pools unmount vault --yes", seconds=SLOW)
    assert machine.out("findmnt -nt zfs; zpool list -H") == "", machine.out("findmnt -t zfs; zpool list")
    assert machine.ssh("touch /srv/vault/x").returncode != 0 and pool_now(machine, "vault")["health_status"] == "away"
    machine.does("bulkhead pools mount vault --yes", seconds=SLOW)
    assert _mounts(machine, "vault") == ALL
    restart(machine)
    settles(machine, lambda it: _is(_mounts(it, "vault") == ALL))
    assert _mounts(machine, "vault") == ALL, machine.out("findmnt -t zfs; journalctl -b -u 'bulkhead-zfs*' --no-pager")
    machine.does("bulkhead pools rename vault cave --yes", seconds=SLOW)
    assert _mounts(machine, "cave") == ALL and machine.out("cat /srv/cave/a/b/x") == "kept"
    machine.does("bulkhead pools export cave --yes", seconds=SLOW)
    assert machine.out("ls /srv /etc/bulkhead/pools | grep -c 'cave\\|vault'") == "0"
    assert machine.does("zpool import | sed -n 's/.*pool: //p'") == "tank", "it was given another name"


def _is(good):
    assert good


def a_pool_lacks_a_disk_and_one_is_wrong(machine):
    """What ZFS says of its disks is told, and its content is read all the while."""
    _installed(machine)
    uuid = _made_elsewhere(machine)
    machine.does(f"bulkhead pools import {uuid} vault --yes", seconds=SLOW)
    machine.does("dd if=/dev/urandom of=/srv/vault/big bs=1M count=100 conv=fsync status=none", seconds=SLOW)
    before = machine.does("sha256sum </srv/vault/big")
    machine.does(f"bulkhead pools unmount vault --yes && dd if=/dev/zero of={BY_ID}/{ONE}-part1 bs=1M seek=10 count=300 conv=notrunc status=none "
                 "&& bulkhead pools mount vault --yes", seconds=SLOW)
    assert machine.does("sha256sum </srv/vault/big", seconds=SLOW) == before
    assert wait(lambda: pool_now(machine, "vault")["health_status"] == "damaged", 60), pool_now(machine, "vault")
    wrong = [one for one in pool_now(machine, "vault")["devices"] if one["disk"] == ONE][0]
    assert wrong["corruption_errors"] > 0, wrong
    machine.does(f"zpool offline vault {OTHER} 2>/dev/null || zpool offline vault {ONE}")
    assert wait(lambda: pool_now(machine, "vault")["health_status"] == "degraded", 60), pool_now(machine, "vault")
    assert "1 of its 2 disks is missing" in pool_now(machine, "vault")["message"], pool_now(machine, "vault")
    assert machine.does("sha256sum </srv/vault/big", seconds=SLOW) == before
