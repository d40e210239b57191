#!/usr/bin/python3
"""ext4 and XFS that were made elsewhere, as pools: mounted as they are, and clear about what they cannot.

    tests/appliance/foreign.py BUILD

Ends with "N passed, N failed".
"""
import os
import subprocess
import sys

from machine import Machine, check, ledger_verifies, lives
from storing import checksum, confirmed, disks, pool, write

OLD, MEDIA = "/srv/old", "/srv/media"


def announce(machine, *names):
    """Somebody else has written to the disk: udev of the appliance did not see it."""
    for name in names:
        machine.run("udevadm", "trigger", "--action=change", "--settle", f"/dev/{disks(machine)[name]['name']}")


def found(machine):
    return {one["type"]: one for one in machine.rows("pools", "found")}


def are_found(machine):
    machine.wait("the disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) == 3)
    names = {disk: f"/dev/{one['name']}" for disk, one in disks(machine).items()}
    for words in (("mkfs.ext4", "-q", "-L", "photos <2019>", names["trial-disk1"]), ("mkfs.xfs", "-q", "-f", "-L", "media", names["trial-disk2"])):
        subprocess.run(words, check=True)
    announce(machine, "trial-disk1", "trial-disk2")
    machine.wait("both are found", lambda: {"ext4", "xfs"} <= set(found(machine)))
    one = found(machine)["ext4"]
    check("with their names and disks", one["disks"] == ["trial-disk1"] and "photos" in one["label"], one)
    check("what is not asked for is not mounted", machine.run("findmnt", "--source", names["trial-disk1"]).returncode != 0)
    return one["uuid"], found(machine)["xfs"]["uuid"]


def are_imported(machine, ext4, xfs):
    for name, uuid, system in (("old", ext4, "ext4"), ("media", xfs, "xfs")):
        made = machine.bulkhead("pools", "import", uuid, name, "--yes")
        one = pool(machine, name) or {}
        check(f"an {system} becomes a pool", made.returncode == 0 and one.get("file_system") == system and one["mounted"] and
              one["health_status"] == "healthy", (made.stderr, one))
        check("with its room and its disk", one["size"] > 1 << 30 and [device["disk"] for device in one["devices"]] and
              "pool_type" not in one, one)
        options = machine.run("findmnt", "-no", "FSTYPE,OPTIONS", f"/srv/{name}").stdout
        check("mounted so that nothing on it is run", all(word in options for word in (system, "nosuid", "nodev", "noexec")), options)
        check("its folder below is closed", machine.run("sh", "-c", f"umount /srv/{name} && echo x > /srv/{name}/x; e=$?; mount /srv/{name} 2>/dev/null || "
                                                        f"systemctl start bulkhead-mount@{name}.service; exit $e").returncode != 0)
    check("their disks belong to them", [disks(machine)[name].get("pool") for name in ("trial-disk1", "trial-disk2")] == ["old", "media"])
    check("and cannot be taken", not any(disks(machine)[name]["takable"] for name in ("trial-disk1", "trial-disk2")))
    check("nothing is left to import", not {"ext4", "xfs"} & set(found(machine)), found(machine))
    check("nothing has come apart", not machine.rows("drift", "list"), machine.rows("drift", "list"))
    return write(machine, f"{OLD}/a", 8), write(machine, f"{MEDIA}/b", 8)


def say_what_they_cannot(machine):
    for words in (("datasets", "create", "old", "new"), ("snapshots", "create", "old", "new", "s"), ("pools", "scrub", "media"),
                  ("pools", "balance", "media"), ("pools", "clear", "media"), ("pools", "mount", "old", "--degraded"),
                  ("schedules", "create", "daily", "--pool", "media", "--dataset", "x", "--every", "day", "--days", "1"),
                  ("replication", "create", "away", "--pool", "media", "--dataset", "x", "--to-pool", "old", "--every", "day"),
                  ("pools", "add", "old", "trial-disk3")):
        refused = machine.bulkhead(*words, "--yes")
        check(f"{words[0]} {words[1]}: refused, and why", refused.returncode == 5 and ("ext4" in refused.stderr or "xfs" in refused.stderr), refused.stderr)
    destroyed = machine.bulkhead("pools", "destroy", "old", "--dry-run")
    check("one that has its disk for itself can be destroyed, and what goes is said", destroyed.returncode == 0 and
          "trial-disk1" in destroyed.stdout and "all on it is lost" in destroyed.stdout, destroyed.stdout + destroyed.stderr)


def as_mounted(machine, name):
    return machine.run("sh", "-c", f"findmnt -no OPTIONS /srv/{name}; cat /etc/bulkhead/pools/{name}").stdout


def count_nobodys_files(machine):
    """This kernel holds nobody to a limit: what was begun for one is undone."""
    for name in ("old", "media"):
        before = as_mounted(machine, name)
        check(f"{name}: nothing is counted", machine.rows("pools", "quotas", name) == [])
        limited = machine.bulkhead("pools", "set-quota", name, "nobody", "--limit", "1000000", "--yes")
        check("nobody gets a limit that would not hold", limited.returncode != 0 and "account" not in limited.stderr and pool(machine, name)["mounted"], limited.stderr)
        check("and it is as it was", as_mounted(machine, name) == before, as_mounted(machine, name))
    nobody = machine.bulkhead("pools", "set-quota", "media", "nobody-here", "--limit", "1000000", "--yes")
    check("who there is not gets none either", nobody.returncode == 4 and "nobody-here" in nobody.stderr, (nobody.returncode, nobody.stderr))


def count_errors(machine):
    """ext4 counts what it finds wrong with itself, and the kernel lets a test find something."""
    name = disks(machine)["trial-disk1"]["name"]
    with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w", encoding="ascii") as file:
        file.write("found by a test")
    machine.wait("errors are seen", lambda: pool(machine, "old")["health_status"] == "damaged")
    one = pool(machine, "old")
    check("counted, with what to do", one["devices"][0]["corruption_errors"] > 0 and "check" in one["message"], one)


def stay(machine, sums):
    machine.trial("reboot")
    machine.wait("after a start both are there again", lambda: all(pool(machine, name)["mounted"] for name in ("old", "media")))
    check("with what was in them", (checksum(machine, f"{OLD}/a"), checksum(machine, f"{MEDIA}/b")) == sums)
    renamed = machine.bulkhead("pools", "rename", "media", "films", "--yes")
    check("one gets another name", renamed.returncode == 0 and checksum(machine, "/srv/films/b") == sums[1], renamed.stderr)


def have_copies(machine, ext4):
    """Nobody can say which of two look-alikes would be mounted."""
    machine.bulkhead("pools", "export", "old", "--yes")
    names = {disk: f"/dev/{one['name']}" for disk, one in disks(machine).items()}
    subprocess.run(["dd", f"if={names['trial-disk1']}", f"of={names['trial-disk3']}", "bs=4M", "conv=fsync,sparse", "status=none"], check=True)
    announce(machine, "trial-disk3")
    machine.wait("a copy of it is seen", lambda: len(found(machine).get("ext4", {}).get("disks", [])) == 2)
    refused = machine.bulkhead("pools", "import", ext4, "old", "--yes")
    check("neither it nor its copy is mounted", refused.returncode == 5 and "same" in refused.stderr and pool(machine, "old") is None, refused.stderr)
    machine.run("wipefs", "--all", "--quiet", "/dev/disk/by-id/trial-disk3")
    announce(machine, "trial-disk3")
    machine.wait("the copy is gone", lambda: len(found(machine)["ext4"]["disks"]) == 1)
    back = machine.bulkhead("pools", "import", ext4, "old", "--yes")
    check("then it comes back", back.returncode == 0 and pool(machine, "old")["mounted"], back.stderr)


def go(machine, sums):
    check("and nothing was lost", checksum(machine, f"{OLD}/a") == sums[0])
    machine.bulkhead("pools", "export", "old", "--yes")
    machine.wait("its disk holds something then", lambda: disks(machine)["trial-disk1"]["in_use"] == "foreign")
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1", "--erase")
    check("and can be erased by who says so", made.returncode == 0 and pool(machine, "tank")["file_system"] == "btrfs", made.stderr)
    counted = machine.bulkhead("pools", "quotas", "tank")
    check("btrfs does not count who has how much, and says so", counted.returncode == 5 and "dataset" in counted.stderr, counted.stderr)
    ledger_verifies(machine)


def all_of_it(machine):
    ext4, xfs = are_found(machine)
    sums = are_imported(machine, ext4, xfs)
    say_what_they_cannot(machine)
    count_nobodys_files(machine)
    count_errors(machine)
    stay(machine, sums)
    have_copies(machine, ext4)
    go(machine, sums)


def main():
    missing = [name for name in ("mkfs.ext4", "mkfs.xfs") if not any(os.access(f"{folder}/{name}", os.X_OK) for folder in ("/sbin", "/usr/sbin"))]
    if missing:
        sys.exit(f"{' and '.join(missing)} is not installed (.ci/packages)")
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), all_of_it)


if __name__ == "__main__":
    main()
