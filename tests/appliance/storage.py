#!/usr/bin/python3
"""Storage as its owner meets it: real udev, real btrfs on the trial's disks, mounts by PID 1, and every change by its plan.

    tests/appliance/storage.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import Machine, check, ledger_verifies, lives
from storing import checksum, confirmed, disks, pool, write

NO = "no such thing"


def sees_disks(machine):
    machine.wait("the trial's disks are there and free", lambda: sum(
        disk["takable"] and disk["in_use"] == "free" for disk in machine.rows("disks", "list")) == 6)
    found = disks(machine)
    ours = [disk for name, disk in found.items() if name.startswith("trial-")]
    check("each with model, serial number and size", all(
        disk["model"] == "Trial disk" and disk["serial"].startswith("TRIAL-") and disk["size"] == 2 << 30 for disk in ours), ours)
    others = [disk for name, disk in found.items() if not name.startswith("trial-")]
    check("the disk that this machine itself runs from cannot be taken", others and not any(d["takable"] for d in others), others)
    refused = confirmed(machine, "pools", "create", "evil", "--profile", "single", "--disks", others[0].get("id") or others[0]["name"])
    check("and is refused", refused.returncode != 0 and "disks" in refused.stderr, refused.stderr)


def makes_a_pool(machine):
    words = ("pools", "create", "tank", "--profile", "raid1", "--disks", "trial-disk1", "--disks", "trial-disk2")
    room = json.loads(machine.bulkhead("pools", "capacity", "--profile", "raid1", "--disks", "trial-disk1", "--disks",
                                       "trial-disk2", "--json").stdout)
    check("what it would hold is known before", room["size"] == 2 << 30 and room["survives"] == 1, room)
    few = machine.bulkhead("pools", "create", "tank", "--profile", "raid6", "--disks", "trial-disk1", "--dry-run")
    check("too few disks are refused and named", few.returncode != 0 and "at least 4" in few.stderr, few.stderr)
    dry = machine.bulkhead(*words, "--dry-run")
    check("the plan shows what root will run",
          "/usr/sbin/mkfs.btrfs --quiet --label=tank" in dry.stdout and "systemctl start bulkhead-mount@tank.service" in dry.stdout, dry.stdout)
    check("and changed nothing", pool(machine, "tank") is None)
    plain = machine.bulkhead(*words, "--yes")
    check("--yes is not enough for it", plain.returncode == 7 and pool(machine, "tank") is None, plain.stderr)
    machine.run("sh", "-c", "mkdir /srv/tank && echo mine >/srv/tank/file")
    there = confirmed(machine, *words)
    check("where something lies already no disk is touched", there.returncode != 0 and machine.run(
        "blkid", "--probe", "/dev/disk/by-id/trial-disk1").returncode == 2 and
          machine.run("cat", "/srv/tank/file").stdout == "mine\n", there.stderr)
    machine.run("rm", "-r", "/srv/tank")
    made = confirmed(machine, *words)
    check("confirmed, it is made", made.returncode == 0, made.stderr)
    tank = pool(machine, "tank")
    check("it is mounted, healthy and of the right kind", tank["mounted"] and tank["health_status"] == "healthy" and
          tank["pool_type"] == "raid1", tank)
    machine.wait("and has its disks, as soon as udev has read them",
                 lambda: [d.get("disk") for d in pool(machine, "tank")["devices"]] == ["trial-disk1", "trial-disk2"])
    mounted = machine.run("findmnt", "-no", "OPTIONS", "/srv/tank").stdout
    check("nothing on it can be run, and no device or set-uid bit counts",
          all(word in mounted for word in ("nosuid", "nodev", "noexec")), mounted)
    check("its disks are taken now", disks(machine)["trial-disk1"]["pool"] == "tank")
    twice = confirmed(machine, "pools", "create", "other", "--profile", "single", "--disks", "trial-disk1", "--erase")
    check("and cannot be taken twice", twice.returncode == 5 and "part of a pool" in twice.stderr, twice.stderr)


def keeps_data(machine):
    made = machine.bulkhead("datasets", "create", "tank", "photos", "--yes")
    check("a dataset is made", made.returncode == 0, made.stderr)
    inner = machine.bulkhead("datasets", "create", "tank", "photos/2026", "--yes")
    check("and one in it", inner.returncode == 0, inner.stderr)
    check("not one in none", machine.bulkhead("datasets", "create", "tank", f"{NO}/x", "--yes").returncode != 0)
    sum_before = write(machine, "/srv/tank/photos/a", 8)
    kept = machine.bulkhead("snapshots", "create", "tank", "photos", "before", "--yes")
    check("a snapshot is made", kept.returncode == 0, kept.stderr)
    twice = machine.bulkhead("snapshots", "create", "tank", "photos", "before", "--yes")
    check("not a second one of that name", twice.returncode == 5, twice.stderr)
    write(machine, "/srv/tank/photos/a", 4)
    check("what was is in it still", checksum(machine, "/srv/tank/.snapshots/photos/before/a") == sum_before)
    check("and cannot be changed", machine.run("touch", "/srv/tank/.snapshots/photos/before/b").returncode != 0)
    machine.wait("it is counted, and what is written", lambda: any(
        one["name"] == "photos" and one["snapshots"] == 1 and one["used"] > 3 << 20 for one in machine.rows("datasets", "list")))
    photos = next(one for one in machine.rows("datasets", "list") if one["name"] == "photos")
    machine.run("btrfs", "subvolume", "create", "/srv/tank/byhand")
    machine.wait("a subvolume made by hand is seen", lambda: any(
        one["name"] == "byhand" for one in machine.rows("datasets", "list")))
    refused = confirmed(machine, "datasets", "delete", "tank", str(photos["id"]))
    check("it is not deleted with what depends on it", refused.returncode == 5 and "recursive" in refused.stderr.lower(),
          refused.stderr)
    return sum_before


def survives(machine, sum_before):
    machine.trial("reboot")
    machine.wait("after a reboot the pool is mounted", lambda: (pool(machine, "tank") or {}).get("mounted"))
    check("with all that was on it", checksum(machine, "/srv/tank/.snapshots/photos/before/a") == sum_before)
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-storage-clerk.service", "bulkhead-storage-hand.service")
    check("killed daemons leave it mounted", machine.run("findmnt", "/srv/tank").returncode == 0)
    machine.wait("and the clerk comes back", lambda: (pool(machine, "tank") or {}).get("health_status") == "healthy")


def leaves_and_comes_back(machine, sum_before):
    uuid = pool(machine, "tank")["uuid"]
    gone = machine.bulkhead("pools", "export", "tank", "--yes")
    check("a pool is exported", gone.returncode == 0 and pool(machine, "tank") is None, gone.stderr)
    check("its folder is gone too", "tank" not in machine.run("ls", "/srv").stdout, machine.run("ls", "/srv").stdout)
    found = machine.rows("pools", "found")
    check("what it leaves can be imported", [(one["uuid"], sorted(one["disks"])) for one in found] ==
          [(uuid, ["trial-disk1", "trial-disk2"])], found)
    taken = confirmed(machine, "pools", "create", "over", "--profile", "single", "--disks", "trial-disk1")
    check("its disks are not taken without being told to erase them", taken.returncode == 5 and "erase" in taken.stderr, taken.stderr)
    back = machine.bulkhead("pools", "import", uuid, "tank2", "--yes")
    check("it is imported under another name", back.returncode == 0, back.stderr)
    check("with its data", checksum(machine, "/srv/tank2/.snapshots/photos/before/a") == sum_before)


def is_closed_below(machine):
    machine.run("systemctl", "stop", "srv-tank2.mount")
    machine.wait("a pool that is away says so", lambda: pool(machine, "tank2")["health_status"] == "away")
    written = machine.run("sh", "-c", "echo lost > /srv/tank2/file")
    check("while it is away nothing can be written there, not even by root", written.returncode != 0, written.stderr)
    machine.run("systemctl", "start", "bulkhead-mount@tank2.service")
    machine.wait("and it comes back", lambda: pool(machine, "tank2")["health_status"] == "healthy")


def waits(machine, name):
    """Does PID 1 wait for when that pool is to be read?"""
    return machine.run("systemctl", "is-active", "--quiet", f"bulkhead-scrub@{name}.timer").returncode == 0


def is_read_by_itself(machine):
    """At a time twenty minutes ago, so that it has just been missed."""
    minute = (int(machine.run("date", "+%M").stdout) - 20) % 60
    every = ("pools", "scrub-every", "tank2", "hour", "--at", f"00:{minute:02}", "--yes")
    made = machine.bulkhead(*every)
    check("a pool is to be read by itself", made.returncode == 0 and pool(machine, "tank2")["scrub_schedule"] ==
          {"every": "hour", "at": f"00:{minute:02}", "late": False} and waits(machine, "tank2"), made.stderr)
    machine.run("touch", "-d", "3 hours ago", "/etc/bulkhead/scrubs/tank2")
    machine.wait("one that was not read in time is late", lambda: pool(machine, "tank2")["scrub_schedule"]["late"])
    machine.bulkhead("pools", "unmount", "tank2", "--yes")
    check("while it is away nobody waits", not waits(machine, "tank2") and machine.run("findmnt", "/srv/tank2").returncode != 0)
    machine.run("touch", "-d", "3 hours ago", "/var/lib/systemd/timers/stamp-bulkhead-scrub@tank2.timer")
    machine.bulkhead("pools", "mount", "tank2", "--yes")
    machine.wait("there again, what was missed is made up for", lambda: pool(machine, "tank2").get("last_scrub", {}).get("outcome") == "finished")
    check("and it is late no more", not pool(machine, "tank2")["scrub_schedule"]["late"], pool(machine, "tank2"))
    renamed = machine.bulkhead("pools", "rename", "tank2", "tank3", "--yes")
    check("under another name too", renamed.returncode == 0 and pool(machine, "tank3")["scrub_schedule"]["every"] == "hour" and
          waits(machine, "tank3") and not waits(machine, "tank2"), renamed.stderr)
    machine.bulkhead("pools", "rename", "tank3", "tank2", "--yes")
    never = machine.bulkhead("pools", "scrub-never", "tank2", "--yes")
    check("until it is no longer wanted", never.returncode == 0 and "scrub_schedule" not in pool(machine, "tank2") and not waits(machine, "tank2"), never.stderr)
    machine.bulkhead(*every)


def is_destroyed(machine):
    photos = next(one for one in machine.rows("datasets", "list") if one["name"] == "photos")
    deleted = confirmed(machine, "datasets", "delete", "tank2", str(photos["id"]), "--recursive")
    check("a dataset is deleted with all that depends on it", deleted.returncode == 0 and
          not any(one["name"].startswith("photos") for one in machine.rows("datasets", "list")) and
          not machine.rows("snapshots", "list"), deleted.stderr)
    gone = confirmed(machine, "pools", "destroy", "tank2")
    check("a pool is destroyed", gone.returncode == 0 and pool(machine, "tank2") is None, gone.stderr)
    check("nobody waits for it any more", not waits(machine, "tank2") and not machine.run("ls", "/etc/bulkhead/scrubs").stdout)
    machine.wait("and its disks are free", lambda: disks(machine)["trial-disk1"]["in_use"] == "free")
    ledger_verifies(machine)


def all_of_it(machine):
    sees_disks(machine)
    makes_a_pool(machine)
    sum_before = keeps_data(machine)
    survives(machine, sum_before)
    leaves_and_comes_back(machine, sum_before)
    is_closed_below(machine)
    is_read_by_itself(machine)
    is_destroyed(machine)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="2G"), all_of_it)


if __name__ == "__main__":
    main()
