"""Bulkhead's own storage on real kinds of disks."""
import json

from disks import _nvme
from machine import wait
from pooling import confirmed


def _disks(machine):
    return {disk.get("serial"): disk for disk in machine.fetch("GET", "/api/storage/disks").body}


def _asked(machine, serial):
    """What a disk says of its health, when it was just asked."""
    disk = _disks(machine)[serial]
    answer = machine.fetch("POST", f"/api/storage/disks/{disk['id']}/check")
    assert answer.status in (200, 201), answer.body
    return _disks(machine)[serial]



def disks_are_listed_with_what_they_are(machine):
    """SATA, SCSI, and the one that the system runs from, which cannot be taken."""
    disks = _disks(machine)
    for name in ("SATA-1", "SATA-2", "SATA-3", "SCSI-1", "SCSI-2"):
        assert disks[name]["size"] == 1 << 30 and disks[name]["takable"] and disks[name]["in_use"] == "free", disks[name]
    assert disks["SATA-1"]["transport"] == "sata" and disks["SCSI-1"]["transport"] in ("sas", "other"), disks
    assert disks["ROOT"]["in_use"] == "system" and not disks["ROOT"]["takable"], disks["ROOT"]


def a_sata_disk_is_healthy_and_a_scsi_disk_says_nothing(machine):
    """The verdict is the disk's own: none is made up."""
    disk = _asked(machine, "SATA-1")
    assert disk["smart"] == "healthy" and 0 < disk["temperature"] < 100, disk
    disk = _asked(machine, "SCSI-1")
    assert disk["smart"] in ("none", "unknown"), disk


def an_nvme_disk_comes_fails_and_goes(machine):
    """Plugged in while it runs; failing, it is said to fail; pulled out, it is gone from the list."""
    _nvme(machine)
    assert wait(lambda: "NVME-1" in _disks(machine), 30)
    disk = _asked(machine, "NVME-1")
    assert disk["transport"] == "nvme" and disk["smart"] == "healthy", disk
    machine.say("qom-set /machine/peripheral/nvme0 smart_critical_warning 4")
    assert _asked(machine, "NVME-1")["smart"] in ("failing", "warning")
    machine.say("device_del nvme0")
    assert wait(lambda: "NVME-1" not in _disks(machine), 30)


def a_pool_of_a_sata_and_a_scsi_disk(machine):
    """Made by a confirmed plan, mounted by PID 1, and the plan's disks hold what is written."""
    disks = _disks(machine)
    confirmed(machine, f"pools create tank --profile raid1 --disks {disks['SATA-1']['id']} --disks {disks['SCSI-1']['id']}")
    assert "btrfs" in machine.does("findmnt -no FSTYPE /srv/tank")
    machine.does("dd if=/dev/urandom of=/srv/tank/x bs=1M count=20 conv=fsync status=none && echo 3 >/proc/sys/vm/drop_caches "
                 "&& cmp /srv/tank/x /srv/tank/x")
    pools = json.loads(machine.does("bulkhead pools list --json"))
    assert "tank" in json.dumps(pools), pools
    assert _disks(machine)["SATA-1"]["in_use"] == "pool", _disks(machine)["SATA-1"]
