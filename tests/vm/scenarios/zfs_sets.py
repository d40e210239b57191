"""Datasets and snapshots of ZFS's are shown as those of btrfs are; and changed by nobody here."""
import json

from machine import wait
from pooling import SLOW

ONE = "ata-QEMU-SATA_SATA-1"


def _vault(machine):
    machine.does("tar -C / --keep-directory-symlink --no-same-owner -xf /mnt/tools/zfs.tar && depmod -a && ldconfig && "
                 "udevadm control --reload && systemctl daemon-reload && modprobe zfs", seconds=SLOW)
    machine.does(f"zpool create -f -m /tank tank {ONE} && zfs create tank/old && echo was >/tank/old/x && zfs create -V 8M tank/disk && "
                 "zfs snapshot tank/old@'of another' && zfs snapshot tank/old@theirs && zpool export tank && udevadm settle", seconds=SLOW)
    found = [one for one in json.loads(machine.does("bulkhead pools found --json"))["file_systems"] if one["type"] == "zfs"]
    machine.does(f"bulkhead pools import {found[0]['uuid']} vault --yes", seconds=SLOW)


def _listed(machine, what, more=""):
    return {one["name"]: one for one in json.loads(machine.does(f"bulkhead {what} list {more} --json", seconds=SLOW))[what]}


def what_is_in_a_pool_is_shown(machine):
    """With ZFS's own figures; what others do is seen too."""
    _vault(machine)
    old = _listed(machine, "datasets")
    assert set(old) == {"old"}, old
    assert old["old"]["used"] == int(machine.does("zfs list -Hpo referenced vault/old")), old
    assert old["old"]["snapshots"] == 1 and old["old"]["path"] == "/srv/vault/old", old
    assert set(_listed(machine, "snapshots", "--dataset old")) == {"theirs"}, "one whose name fits none here is shown by none"
    machine.does("zfs create -o refquota=64M -o compression=zstd vault/outside && zfs snapshot vault/outside@one && zfs hold x vault/outside@one",
                 seconds=SLOW)
    assert wait(lambda: "outside" in _listed(machine, "datasets"), 240), "what others do is seen"
    new = _listed(machine, "datasets")["outside"]
    assert (new["quota"], new["compression"]) == (64 << 20, "zstd"), new
    assert wait(lambda: _listed(machine, "snapshots", "--dataset outside").get("one", {}).get("held") is True, 240)
    said = machine.out(f"bulkhead datasets delete vault {new['id']} --yes")
    assert "zfs" in said and machine.ssh("zfs list vault/outside").returncode == 0, said
