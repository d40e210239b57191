"""Disks of three kinds: what they are called, what they tell of their health, and that they may go at any time."""
import json
import time

from machine import wait


def _nvme(machine):
    """Plugs an NVMe disk into an empty bay. Such disks cannot be saved, so the saved machine has none."""
    machine.say("drive_add 0 if=none,id=nvme,file.driver=null-co,file.size=1G,file.read-zeroes=on,format=raw")
    machine.say("device_add nvme,id=nvme0,bus=bay0,drive=nvme,serial=NVME-1")
    machine.does("timeout 30 sh -c 'until [ -b /dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_NVME-1 ]; do sleep 0.2; done'")


def all_disks_are_named_by_their_serial(machine):
    """SATA, SCSI and NVMe, each under /dev/disk/by-id."""
    _nvme(machine)
    names = machine.does("ls /dev/disk/by-id")
    for name in ("SATA-1", "SATA-2", "SATA-3", "SCSI-1", "SCSI-2", "NVME-1"):
        assert any(line.endswith(name) for line in names.split()), names


def a_sata_disk_tells_its_health(machine):
    """SMART data through libatasmart, opened as linux-ide, the way that works with any controller."""
    disk = machine.does("readlink -f /dev/disk/by-id/ata-QEMU-SATA_SATA-1")
    told = machine.tool(f"skdump linux-ide:{disk}")
    assert "SMART Available: yes" in told and "Serial: [SATA-1]" in told and "Overall Status: GOOD" in told, told
    read = json.loads(machine.tool(f"smartctl -j -a {disk}"))
    assert read["smart_status"]["passed"] is True and read["temperature"]["current"] > 0, read


def a_scsi_disk_tells_only_its_name(machine):
    """No health from it: nothing may be made up."""
    disk = machine.does("readlink -f /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_SCSI-1")
    told = json.loads(machine.ssh(f"chroot /mnt/tools smartctl -j -a {disk}").stdout)
    assert told["serial_number"] == "SCSI-1" and told["smart_support"]["available"] is False, told
    assert "smart_status" not in told, told


def an_nvme_disk_that_fails_says_so(machine):
    """The health log page, before and after."""
    _nvme(machine)
    log = json.loads(machine.tool("nvme smart-log -o json /dev/nvme0"))
    assert log["critical_warning"] == 0, log
    machine.say("qom-set /machine/peripheral/nvme0 smart_critical_warning 4")
    log = json.loads(machine.tool("nvme smart-log -o json /dev/nvme0"))
    assert log["critical_warning"] == 4, log


def a_disk_that_is_pulled_out_is_gone_at_once(machine):
    """The kernel tells it within seconds, and what used it gets errors, not silence."""
    _nvme(machine)
    machine.say("device_del nvme0")
    begun = time.monotonic()
    assert wait(lambda: machine.ssh("test -b /dev/nvme0n1").returncode != 0, 30)
    assert time.monotonic() - begun < 15
    assert "NVME-1" not in machine.does("ls /dev/disk/by-id")


def _health(machine, identity, wanted):
    """Of that disk, as Bulkhead tells it, once it is so."""
    told = {}

    def is_so():
        answer = machine.fetch("GET", f"/api/storage/disks/{identity}")
        told.clear()
        told.update(answer.body if isinstance(answer.body, dict) else {"answer": answer.body})
        return wanted(told)
    assert wait(is_so, 60), told
    return told


def bulkhead_tells_the_health_of_a_sata_disk(machine):
    """Through hand and clerk, as smartctl tells it too."""
    told = _health(machine, "ata-QEMU-SATA_SATA-1", lambda disk: disk.get("disk", {}).get("smart") == "healthy")
    names = [one["name"] for one in told["health"]["attributes"]]
    assert "reallocated-sector-count" in names and told["health"]["power_on_hours"] >= 0, told
    read = json.loads(machine.tool("smartctl -j -a /dev/disk/by-id/ata-QEMU-SATA_SATA-1"))
    assert told["disk"]["temperature"] == read["temperature"]["current"], (told, read["temperature"])


def bulkhead_says_that_an_nvme_disk_fails(machine):
    """When it says so itself; asked at once, by a person."""
    _nvme(machine)
    identity = "nvme-QEMU_NVMe_Ctrl_NVME-1"
    _health(machine, identity, lambda disk: disk.get("disk", {}).get("smart") == "healthy")
    machine.say("qom-set /machine/peripheral/nvme0 smart_critical_warning 4")
    asked = machine.fetch("POST", f"/api/storage/disks/{identity}/check")
    assert asked.status == 200 and asked.body["disk"]["smart"] == "failing", asked.body


def bulkhead_makes_nothing_up_for_a_scsi_disk(machine):
    """It has no pages on its health: that is not known, and never healthy."""
    told = _health(machine, "scsi-0QEMU_QEMU_HARDDISK_SCSI-1", lambda disk: disk.get("health") is not None)
    assert told["disk"]["smart"] == "unknown" and "temperature" not in told["disk"], told


def a_sata_disk_tests_itself_when_it_is_time(machine):
    """PID 1 begins it, with the disk's own command; the disk remembers."""
    path, words = "/api/storage/disks/ata-QEMU-SATA_SATA-1", ("short", "week", "02:30")
    _health(machine, "ata-QEMU-SATA_SATA-1", lambda disk: (disk.get("health") or {}).get("can_test"))
    made = machine.fetch("PUT", f"{path}/test", {"test": words[0], "every": words[1], "at": words[2]})
    assert made.status == 200 and made.body["test_schedule"] == dict(zip(("test", "every", "at"), words)), made.body
    timer = "bulkhead-self-test@ata-QEMU-SATA_SATA-1.timer"
    assert "Mon *-*-* 02:30:00" in machine.does(f"systemctl is-active {timer} && systemctl cat {timer}")

    def tests():
        return machine.fetch("POST", f"{path}/check").body["health"]["tests"]
    before = tests()
    machine.does("date -s 'next monday 02:31'")
    assert wait(lambda: tests() != before, 60), before
    ended = machine.fetch("DELETE", f"{path}/test-schedule")
    assert ended.status == 200 and "test_schedule" not in ended.body, ended.body
    assert machine.ssh(f"systemctl is-active {timer}").returncode != 0


def a_sata_disk_is_told_when_to_stop(machine):
    """When that is said, and whenever it comes; one that cannot is refused."""
    path, unit = "/api/storage/disks/ata-QEMU-SATA_SATA-1", "bulkhead-spin-down@ata-QEMU-SATA_SATA-1.service"
    _health(machine, "ata-QEMU-SATA_SATA-1", lambda disk: disk.get("health"))
    done = machine.fetch("PUT", f"{path}/spin-down", {"minutes": 60})
    assert done.status == 200 and done.body["spin_down"] == 60, done.body
    assert machine.does("cat /etc/bulkhead/spin-down/ata-QEMU-SATA_SATA-1") == "TIMER=242"

    def told():
        return machine.does(f"systemctl show -P InvocationID -P Result {unit}")
    before = told()
    assert before.startswith("success") or before.endswith("success"), before
    machine.does("udevadm trigger --settle --action=add --subsystem-match=block")
    assert wait(lambda: told() != before, 60), before
    for minutes in (-1, 21, 45, 331):
        refused = machine.fetch("PUT", f"{path}/spin-down", {"minutes": minutes})
        assert refused.status in (400, 422) and "minutes" in str(refused.body), (minutes, refused.body)
    none = machine.fetch("PUT", "/api/storage/disks/scsi-0QEMU_QEMU_HARDDISK_SCSI-1/spin-down", {"minutes": 20})
    assert none.status == 409, none.body
