"""Pools of the machine under test, as its own command line tells of them and changes them."""
import json

from machine import wait

SLOW = 600  # all is emulated, and a key that is made of a passphrase is to take long


def pool_now(machine, name="tank"):
    return next((one for one in json.loads(machine.does("bulkhead pools list --json"))["pools"] if one["name"] == name), None)


def disks_now(machine):
    """By their serial numbers; asked by root, whose session outlives a restart."""
    return {one.get("serial"): one for one in json.loads(machine.does("bulkhead disks list --json"))["disks"]}


def confirmed(machine, words):
    """What needs a warrant, as root gives it."""
    digest = json.loads(machine.does(f"bulkhead {words} --dry-run --json"))["plan"]["digest"]
    return machine.does(f"bulkhead {words} --yes --confirm {digest}", seconds=SLOW)


def written(machine):
    machine.does("dd if=/dev/urandom of=/srv/tank/x bs=1M count=20 conv=fsync status=none")
    return machine.does("sha256sum </srv/tank/x")


def is_intact(machine, before):
    after = machine.does("echo 3 >/proc/sys/vm/drop_caches && sha256sum </srv/tank/x")
    assert after == before, (before, after)


def restart(machine):
    booted = machine.out("cat /proc/sys/kernel/random/boot_id")
    machine.does("sync")
    machine.ssh("systemctl reboot")
    assert wait(lambda: machine.out("cat /proc/sys/kernel/random/boot_id") not in ("", booted), 300), "it does not start again"
    state = machine.wait_running()
    assert state == "running", state + machine.out("systemctl --failed --no-legend; systemctl list-jobs")
    assert wait(lambda: machine.ssh("bulkhead pools list").returncode == 0, 120)


def settles(machine, stands):
    """Does what must be so come to be so? stands: raises while it is not."""
    def good():
        try:
            stands(machine)
            return True
        except AssertionError:
            return False
    return wait(good, SLOW)
