#!/usr/bin/python3
"""Disks as they come and go: plugged in and pulled out from outside, two that say they are the same, and what this
machine's kernel has no devices for (their health), which is skipped by name: tests/vm has it.

    tests/appliance/disks.py BUILD

Ends with "N passed, N failed".
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from machine import PASSWORD, Machine, check, lives
from streaming import Stream
from web import Web

AT_ONCE = 1.0  # seconds, from the kernel's word to the list
# A disk's file gets its identity by its name; these say what others say too, as cheap adapters do.
LOOKALIKES = """SUBSYSTEM=="block", KERNEL=="loop[0-9]*", ATTR{loop/backing_file}=="*/disk4.img", ENV{ID_WWN}="0x5000c500deadbeef"
SUBSYSTEM=="block", KERNEL=="loop[0-9]*", ATTR{loop/backing_file}=="*/disk5.img", ENV{ID_WWN}="0x5000c500deadbeef"
SUBSYSTEM=="block", KERNEL=="loop[0-9]*", ATTR{loop/backing_file}=="*/disk6.img", ENV{ID_SERIAL_SHORT}="0123456789ABCDEF"
SUBSYSTEM=="block", KERNEL=="loop[0-9]*", ATTR{loop/backing_file}=="*/disk3.img", ENV{ID_SERIAL_SHORT}="SAME-1"
SUBSYSTEM=="block", KERNEL=="loop[0-9]*", ATTR{loop/backing_file}=="*/disk2.img", ENV{ID_SERIAL_SHORT}="SAME-1"
"""


def disk(machine, identity):
    return next((one for one in machine.rows("disks", "list") if one.get("id") == identity), None)


def loop_of(machine, name):
    """The loop device behind a file of the trial's own, and of nobody else."""
    image = f"{machine.cache()}/disks/{name}.img"
    found = subprocess.run(["losetup", "-j", image, "-O", "NAME", "-n"], stdout=subprocess.PIPE, text=True, check=True)
    return image, found.stdout.strip()


def watch(machine):
    """The list, watched through the front end, as a screen does it."""
    with open(f"/run/bulkhead-trial/{machine.env['TRIAL_NAME']}/port", encoding="ascii") as port:
        web = Web(int(port.read()))
    web.sign_in("ada", PASSWORD)
    stream = Stream(web)
    number = stream.watch("nas.storage.ListDisks")
    state = stream.of(number, lambda message: "state" in message)["state"]
    check("the list can be watched", any(one.get("id") == "trial-disk1" for one in state), state)
    return stream, number


def told(stream, number, good, since):
    """After how many seconds a patch came that is good; None: none did."""
    while time.monotonic() - since < 20:
        try:
            message = stream.of(number, seconds=60)
        except (TimeoutError, OSError):
            return None
        if "patch" in message and good(json.dumps(message["patch"])):
            return time.monotonic() - since
    return None


def comes_and_goes(machine):
    image, loop = loop_of(machine, "disk1")
    stream, number = watch(machine)
    subprocess.run(["losetup", "-d", loop], check=True)
    took = told(stream, number, lambda patch: "remove" in patch, time.monotonic())
    check(f"a disk that is pulled out is told as a patch, at once ({took})", took is not None and took < AT_ONCE)
    check("and is not in the list any more", disk(machine, "trial-disk1") is None)
    subprocess.run(["losetup", loop, image], check=True)
    took = told(stream, number, lambda patch: "trial-disk1" in patch, time.monotonic())
    check(f"plugged in again, it is told at once ({took})", took is not None and took < AT_ONCE)
    machine.wait("and is free", lambda: (disk(machine, "trial-disk1") or {}).get("takable"))
    stream.close()


def refuses_lookalikes(machine):
    machine.run("sh", "-c", 'printf %s "$1" > /etc/udev/rules.d/51-lookalikes.rules; udevadm control --reload; '
                            "udevadm trigger --settle --subsystem-match=block", "sh", LOOKALIKES)
    machine.wait("two that have one world wide name are seen", lambda: "same disk" in (
        disk(machine, "trial-disk4") or {}).get("why_not", ""))
    five, six = disk(machine, "trial-disk5"), disk(machine, "trial-disk6")
    check("each of them, and neither can be taken", "same disk" in five.get("why_not", "") and not five["takable"], five)
    check("a serial number that adapters make up is none", "adapters" in six.get("why_not", "") and not six["takable"], six)
    three = disk(machine, "trial-disk3")
    check("nor two with one serial number and model", "same disk" in three.get("why_not", "") and not three["takable"], three)
    for name in ("trial-disk3", "trial-disk4", "trial-disk5", "trial-disk6"):
        refused = machine.bulkhead("pools", "create", "evil", "--profile", "single", "--disks", name, "--erase", "--dry-run")
        check(f"no pool is made of {name}", refused.returncode == 5 and "cannot be taken" in refused.stderr, refused.stderr)
    machine.run("sh", "-c", "rm /etc/udev/rules.d/51-lookalikes.rules; udevadm control --reload; "
                            "udevadm trigger --settle --subsystem-match=block")
    machine.wait("told apart again, they can be", lambda: all(
        disk(machine, f"trial-disk{n}")["takable"] for n in range(2, 7)))


def has_no_health(machine):
    """A loop device is no disk: nothing may be made up."""
    one = disk(machine, "trial-disk1")
    check("of what keeps no record of its health none is made up", one["smart"] == "none" and "temperature" not in one, one)
    asked = machine.bulkhead("disks", "check", "trial-disk1")
    check("asked for it, that is said", asked.returncode == 5 and "no record" in asked.stderr, asked.stderr)
    tested = machine.bulkhead("disks", "test", "trial-disk1", "--test", "short", "--yes")
    check("nor does it test itself", tested.returncode == 5 and "cannot test itself" in tested.stderr, tested.stderr)
    tested = machine.bulkhead("disks", "test-every", "trial-disk1", "week", "--yes")
    check("not by itself either", tested.returncode == 5 and "cannot test itself" in tested.stderr and
          not machine.run("ls", "/etc/bulkhead/self-tests").stdout, tested.stderr)
    stopped = machine.bulkhead("disks", "spin-down", "trial-disk1", "20", "--yes")
    check("and what does not turn is not stopped", stopped.returncode == 5 and "no disk that turns" in stopped.stderr, stopped.stderr)
    history = machine.bulkhead("disks", "history", "trial-disk1", "--json")
    check("its history is empty", history.returncode == 0 and json.loads(history.stdout) == {"events": []}, history.stdout + history.stderr)
    print("SKIP    health of ATA, NVMe and SCSI disks: this kernel has none (tests/vm)", flush=True)


def is_found_by_its_lamp(machine):
    """An enclosure is no part of this machine: its file is made up, in the place where the kernel's ses would show it."""
    refused = machine.bulkhead("disks", "identify", "trial-disk2", "on", "--yes")
    check("without an enclosure there is no lamp, and that is said", disk(machine, "trial-disk2")["locate"] == "none" and refused.returncode == 5 and
          "no lamp" in refused.stderr and "serial number" in refused.stderr, refused.stderr)
    name = os.path.basename(loop_of(machine, "disk2")[1])
    there, made = f"/sys/devices/virtual/block/{name}", "/run/enclosure"
    lamp = f"{made}/slots/Slot 01/locate"
    machine.run("sh", "-c", f"""mkdir -p '{made}/slots/Slot 01' && mkdir {made}/device && cp -rP {there}/. {made}/ 2>/dev/null
        echo 0 > '{lamp}' && ln -s '../slots/Slot 01' '{made}/device/enclosure_device:Slot 01' && mount --bind {made} {there}
        systemctl restart bulkhead-storage-clerk""")
    try:
        machine.wait("its lamp is seen, and not lit", lambda: (disk(machine, "trial-disk2") or {}).get("locate") == "off")
        for state, text in (("on", "1"), ("off", "0")):
            done = machine.bulkhead("disks", "identify", "trial-disk2", state, "--yes")
            check(f"the lamp is {state}", done.returncode == 0 and machine.run("cat", lamp).stdout.strip()[:1] == text, done.stderr)
            check("and told so", disk(machine, "trial-disk2")["locate"] == state, disk(machine, "trial-disk2"))
        machine.run("rm", lamp)
        failed = machine.bulkhead("disks", "identify", "trial-disk2", "on", "--yes")
        check("one that goes is a failure, and says so", failed.returncode != 0, failed.stdout)
        check("of others there is none still", disk(machine, "trial-disk3")["locate"] == "none")
    finally:
        machine.run("sh", "-c", f"umount {there}; rm -rf {made}; systemctl restart bulkhead-storage-clerk")
    machine.wait("without it, there is none again", lambda: (disk(machine, "trial-disk2") or {}).get("locate") == "none")


def has_its_disks(machine):
    machine.wait("its disks are there", lambda: len([
        one for one in machine.rows("disks", "list") if one["takable"]]) == 6)


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="1G", TRIAL_PORT="18443")
    lives(machine, has_its_disks, comes_and_goes, refuses_lookalikes, has_no_health, is_found_by_its_lamp)


if __name__ == "__main__":
    main()
