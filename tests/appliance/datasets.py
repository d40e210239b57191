#!/usr/bin/python3
"""Datasets and snapshots on a real pool: limits, owners, other names, holds, clones and the way back.

    tests/appliance/datasets.py BUILD

Ends with "N passed, N failed".
"""
import json
import os
import struct
import sys

from machine import Machine, check, ledger_verifies, lives
from moments import are_of_one_moment
from storage import confirmed, pool, write, checksum

ROOT = "/srv/tank"


def dataset(machine, name):
    return next((one for one in machine.rows("datasets", "list") if one["name"] == name), None)


def snapshot(machine, of, name):
    return next((one for one in machine.rows("snapshots", "list") if (one["dataset"], one["name"]) == (of, name)), None)


def text(machine, path):
    return machine.run("cat", path).stdout.strip()


def put(machine, path, words):
    machine.run("sh", "-c", 'echo "$2" > "$1" && sync', "sh", path, words)


def has_a_pool(machine):
    machine.wait("the disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) >= 2)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "raid1", "--disks", "trial-disk1", "--disks", "trial-disk2")
    check("there is a pool", made.returncode == 0, made.stderr)
    for name in ("photos", "media", "media/films"):
        check(f"and the dataset {name}", machine.bulkhead("datasets", "create", "tank", name, "--yes").returncode == 0)
    machine.bulkhead("users", "create", "alice", "--yes")


def is_whose(machine):
    one = dataset(machine, "photos")
    given = machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--owner", "alice", "--group", "alice", "--mode", "2770", "--yes")
    check("a dataset is given to somebody", given.returncode == 0 and
          machine.run("stat", "-c", "%U %G %a", f"{ROOT}/photos").stdout.strip() == "alice alice 2770", given.stderr)
    one = dataset(machine, "photos")
    check("and shows whose it is", (one["owner"], one["group"], one["mode"]) == ("alice", "alice", "2770"), one)
    nobody = machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--owner", "nosuch", "--yes")
    check("not to somebody who is not there", nobody.returncode != 0 and dataset(machine, "photos")["owner"] == "alice", nobody.stderr)
    daemon = machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--owner", "postgres", "--yes")
    check("nor to a service of the system", daemon.returncode != 0 and dataset(machine, "photos")["owner"] == "alice", daemon.stderr)
    both = machine.bulkhead("datasets", "set", "tank", str(one["id"]), "--mode", "4777", "--yes")
    check("nor with the set-uid bit", both.returncode != 0, both.stderr)


def is_limited(machine):
    number = str(dataset(machine, "photos")["id"])
    limited = machine.bulkhead("datasets", "set", "tank", number, "--quota", str(20 << 20), "--yes")
    check("a dataset is limited", limited.returncode == 0 and dataset(machine, "photos")["quota"] == 20 << 20, limited.stderr)
    full = machine.run("dd", "if=/dev/urandom", f"of={ROOT}/photos/big", "bs=1M", "count=40", "conv=fsync")
    check("no more than that fits into it", full.returncode != 0 and "exceeded" in full.stderr, full.stderr)
    machine.run("rm", f"{ROOT}/photos/big")
    kept = write(machine, f"{ROOT}/photos/a", 4)
    machine.run("sync")
    machine.wait("what is in it is counted", lambda: dataset(machine, "photos")["used"] > 3 << 20)
    below = machine.bulkhead("datasets", "set", "tank", number, "--quota", str(1 << 20), "--yes")
    check("it is not limited to less than is in it", below.returncode == 5 and "QUOTA" in below.stderr.upper(), below.stderr)
    kept_for = machine.bulkhead("datasets", "set", "tank", number, "--reservation", "1000000", "--yes")
    check("room is kept by ZFS only, and that is said", kept_for.returncode == 5 and "only ZFS" in kept_for.stderr, kept_for.stderr)
    unlimited = machine.bulkhead("datasets", "set", "tank", number, "--quota", "0", "--yes")
    check("a limit is taken away", unlimited.returncode == 0 and "quota" not in dataset(machine, "photos"), unlimited.stderr)
    check("and what was in it is there", checksum(machine, f"{ROOT}/photos/a") == kept)


def is_written_as_was_said(machine):
    made = machine.bulkhead("datasets", "create", "tank", "packed", "--compression", "zstd", "--yes")
    check("a dataset is made that is compressed", made.returncode == 0 and dataset(machine, "packed")["compression"] == "zstd" and
          "zstd" in machine.run("btrfs", "property", "get", f"{ROOT}/packed", "compression").stdout, made.stderr)
    number = str(dataset(machine, "packed")["id"])
    machine.bulkhead("datasets", "set", "tank", number, "--compression", "inherit", "--yes")
    check("and no longer", dataset(machine, "packed")["compression"] == "inherit" and
          "zstd" not in machine.run("btrfs", "property", "get", f"{ROOT}/packed", "compression").stdout)
    machine.run("btrfs", "property", "set", f"{ROOT}/packed", "compression", "lzo")
    machine.run("sync")
    machine.wait("what is set by hand is seen", lambda: dataset(machine, "packed")["compression"] == "lzo")
    both = machine.bulkhead("datasets", "create", "tank", "both", "--compression", "zstd", "--no-copy-on-write", "--yes")
    check("not compressed and written in place at once", both.returncode != 0 and not dataset(machine, "both"), both.stderr)
    made = machine.bulkhead("datasets", "create", "tank", "vm", "--no-copy-on-write", "--yes")
    check("one is made that is written in place", made.returncode == 0 and not dataset(machine, "vm")["copy_on_write"] and
          dataset(machine, "packed")["copy_on_write"], made.stderr)
    machine.run("touch", f"{ROOT}/vm/disk")
    check("and what is made in it is too", "C" in machine.run("lsattr", f"{ROOT}/vm/disk").stdout.split()[0])
    late = machine.bulkhead("datasets", "set", "tank", str(dataset(machine, "vm")["id"]), "--compression", "zstd", "--yes")
    check("which is never compressed", late.returncode == 5, late.stderr)


def made_by(machine, who, path):
    machine.run("runuser", "-u", who, "--", "sh", "-c", 'umask 077; touch "$1"', "sh", path)
    return machine.run("stat", "-c", "%U %G %a", path).stdout.strip()


def has_presets(machine):
    """For what is made later, whatever its maker's umask."""
    for name in ("bob", "carol"):
        machine.bulkhead("users", "create", name, "--yes")
    machine.bulkhead("groups", "create", "crew", "--yes")
    for name in ("alice", "bob"):
        machine.bulkhead("groups", "add", "crew", name, "--yes")
    machine.bulkhead("datasets", "create", "tank", "team", "--yes")
    number = str(dataset(machine, "team")["id"])
    given = machine.bulkhead("datasets", "set", "tank", number, "--owner", "alice", "--group", "crew", "--access", "group_writes", "--yes")
    check("a dataset is a group's to write to", given.returncode == 0 and dataset(machine, "team")["access"] == "group_writes" and
          machine.run("stat", "-c", "%U %G %a", f"{ROOT}/team").stdout.strip() == "alice crew 2770", given.stderr)
    check("what one of them makes the others may change", made_by(machine, "alice", f"{ROOT}/team/a") == "alice crew 660" and
          machine.run("runuser", "-u", "bob", "--", "sh", "-c", f"echo b >> {ROOT}/team/a").returncode == 0)
    check("and nobody else may read", machine.run("runuser", "-u", "carol", "--", "cat", f"{ROOT}/team/a").returncode != 0)
    machine.bulkhead("datasets", "set", "tank", number, "--access", "everyone_reads", "--yes")
    check("everybody reads what is made from then on", made_by(machine, "bob", f"{ROOT}/team/b") == "bob crew 664" and
          machine.run("runuser", "-u", "carol", "--", "cat", f"{ROOT}/team/b").returncode == 0 and
          machine.run("runuser", "-u", "carol", "--", "sh", "-c", f"echo c >> {ROOT}/team/b").returncode != 0)
    check("of what was there nothing changes", machine.run("stat", "-c", "%a", f"{ROOT}/team/a").stdout.strip() == "660")
    machine.bulkhead("datasets", "set", "tank", number, "--access", "private", "--yes")
    check("it is its owner's alone", machine.run("runuser", "-u", "bob", "--", "ls", f"{ROOT}/team").returncode != 0 and
          dataset(machine, "team")["access"] == "private")
    two = machine.bulkhead("datasets", "set", "tank", number, "--access", "private", "--mode", "755", "--yes")
    check("a preset is in place of a mode", two.returncode != 0 and dataset(machine, "team")["mode"] == "700", two.stderr)
    carol = int(machine.run("id", "-u", "carol").stdout)
    acl = struct.pack("<I" + "HHi" * 5, 2, 1, 7, -1, 2, 7, carol, 4, 0, -1, 0x10, 7, -1, 0x20, 0, -1)
    os.setxattr(machine.inside(f"{ROOT}/team"), "system.posix_acl_access", acl)
    check("an ACL lets another in", machine.run("runuser", "-u", "carol", "--", "ls", f"{ROOT}/team").returncode == 0)
    machine.wait("what is changed by hand is no preset", lambda: "access" not in dataset(machine, "team"))
    machine.bulkhead("datasets", "set", "tank", number, "--access", "group_writes", "--yes")
    check("a preset takes away what others were given", machine.run("runuser", "-u", "carol", "--", "ls", f"{ROOT}/team").returncode != 0 and
          dataset(machine, "team")["access"] == "group_writes")


def goes_back(machine):
    put(machine, f"{ROOT}/photos/file", "one")
    machine.bulkhead("snapshots", "create", "tank", "photos", "s1", "--yes")
    put(machine, f"{ROOT}/photos/file", "two")
    first = snapshot(machine, "photos", "s1")
    plain = machine.bulkhead("snapshots", "rollback", "tank", str(first["id"]), "--yes")
    check("a rollback needs more than --yes", plain.returncode == 7 and text(machine, f"{ROOT}/photos/file") == "two", plain.stderr)
    back = confirmed(machine, "snapshots", "rollback", "tank", str(first["id"]))
    check("a dataset goes back to its snapshot", back.returncode == 0 and text(machine, f"{ROOT}/photos/file") == "one", back.stderr)
    kept = [one for one in machine.rows("snapshots", "list") if one["name"].startswith("replaced-")]
    check("what it replaced is kept", len(kept) == 1 and
          text(machine, f"{ROOT}/.snapshots/photos/{kept[0]['name']}/file") == "two", kept)
    check("read-only", machine.run("touch", f"{ROOT}/.snapshots/photos/{kept[0]['name']}/new").returncode != 0)
    again = confirmed(machine, "snapshots", "rollback", "tank", str(kept[0]["id"]))
    check("and there is a way back from the way back", again.returncode == 0 and
          text(machine, f"{ROOT}/photos/file") == "two", again.stderr)
    media = dataset(machine, "media")
    machine.bulkhead("snapshots", "create", "tank", "media", "m1", "--yes")
    refused = confirmed(machine, "snapshots", "rollback", "tank", str(snapshot(machine, "media", "m1")["id"]))
    check("not one in which others lie", refused.returncode == 5 and dataset(machine, "media")["id"] == media["id"], refused.stderr)


def is_held(machine):
    number = str(snapshot(machine, "photos", "s1")["id"])
    held = machine.bulkhead("snapshots", "hold", "tank", number, "--yes")
    check("a snapshot is held", held.returncode == 0 and snapshot(machine, "photos", "s1")["held"], held.stderr)
    refused = confirmed(machine, "snapshots", "delete", "tank", number)
    check("and is not deleted", refused.returncode == 5 and "held" in refused.stderr and snapshot(machine, "photos", "s1"), refused.stderr)
    whole = confirmed(machine, "datasets", "delete", "tank", str(dataset(machine, "photos")["id"]), "--recursive")
    check("nor with its dataset, of which nothing is deleted then", whole.returncode == 5 and snapshot(machine, "photos", "s1") and
          dataset(machine, "photos")["snapshots"] == 3, whole.stderr)
    machine.bulkhead("snapshots", "release", "tank", number, "--yes")
    gone = confirmed(machine, "snapshots", "delete", "tank", number)
    check("released, it is", gone.returncode == 0 and not snapshot(machine, "photos", "s1"), gone.stderr)


def is_cloned_and_renamed(machine):
    machine.bulkhead("snapshots", "create", "tank", "photos", "s2", "--yes")
    clone = machine.bulkhead("snapshots", "clone", "tank", str(snapshot(machine, "photos", "s2")["id"]), "copy", "--yes")
    check("a snapshot becomes a dataset", clone.returncode == 0 and text(machine, f"{ROOT}/copy/file") == "two", clone.stderr)
    put(machine, f"{ROOT}/copy/file", "three")
    check("of its own", text(machine, f"{ROOT}/photos/file") == "two")
    machine.bulkhead("snapshots", "create", "tank", "media/films", "f1", "--yes")
    for of, name in (("media", "m1"), ("media/films", "f1")):
        machine.bulkhead("snapshots", "hold", "tank", str(snapshot(machine, of, name)["id"]), "--yes")
    moved = machine.bulkhead("datasets", "rename", "tank", str(dataset(machine, "media")["id"]), "video", "--yes")
    check("a dataset gets another name, with what lies in it", moved.returncode == 0 and dataset(machine, "video/films"), moved.stderr)
    check("and its snapshots follow", snapshot(machine, "video/films", "f1") and snapshot(machine, "video", "m1"),
          machine.rows("snapshots", "list"))
    held = [snapshot(machine, of, name) for of, name in (("video", "m1"), ("video/films", "f1"))]
    check("and stay held", all(one["held"] for one in held), held)
    for one in held:
        machine.bulkhead("snapshots", "release", "tank", str(one["id"]), "--yes")
    inside = machine.bulkhead("datasets", "rename", "tank", str(dataset(machine, "copy")["id"]), "video/copy", "--yes")
    check("it is put into another", inside.returncode == 0 and text(machine, f"{ROOT}/video/copy/file") == "three", inside.stderr)
    taken = machine.bulkhead("datasets", "rename", "tank", str(dataset(machine, "video")["id"]), "photos", "--yes")
    check("not to a name that is taken", taken.returncode == 5 and dataset(machine, "video"), taken.stderr)
    itself = machine.bulkhead("datasets", "rename", "tank", str(dataset(machine, "video")["id"]), "video/x", "--yes")
    check("nor into itself", itself.returncode != 0 and dataset(machine, "video"), itself.stderr)


def files_come_back(machine):
    """Single ones and whole folders, by whoever is allowed; never over something, and never by a link somewhere else."""
    machine.run("sh", "-c", f"""cd {ROOT}/photos && mkdir -p 'summer 2026/deep' && cp /etc/passwd 'summer 2026/one' &&
        setfattr -n user.mark -v yes 'summer 2026/one' ; chown alice:alice 'summer 2026/one' && chmod 640 'summer 2026/one' &&
        ln -s /etc/shadow 'summer 2026/link' && ln -s /etc out && touch "$(printf 'a\nb')" && for i in $(seq 120); do echo $i > "summer 2026/deep/f$i"; done; sync""")
    machine.bulkhead("snapshots", "create", "tank", "photos", "files", "--yes")
    number = str(snapshot(machine, "photos", "files")["id"])
    top = machine.rows("snapshots", "files", "tank", number)
    check("a snapshot is looked into", {"summer 2026", "out", "file"} <= {one["name"] for one in top}, top)
    check("a name that cannot be shown says so", [one["name"] for one in top if not one["askable"]] == ["a?b"], top)
    first = json.loads(machine.bulkhead("snapshots", "files", "tank", number, "--path", "summer 2026/deep", "--json").stdout)
    rest = json.loads(machine.bulkhead("snapshots", "files", "tank", number, "--path", "summer 2026/deep", "--cursor", first["next"], "--json").stdout)
    names = [one["name"] for one in first["files"] + rest["files"]]
    check("page by page", len(first["files"]) == 100 and len(names) == len(set(names)) == 120 and "next" not in rest, (first, rest))
    out = machine.bulkhead("snapshots", "files", "tank", number, "--path", "out")
    check("but not by a link out of it", out.returncode != 0 and "shadow" not in out.stdout, out.stdout)
    up = machine.bulkhead("snapshots", "files", "tank", number, "--path", "../..")
    check("nor upwards", up.returncode != 0, up.stdout)
    inside = f"{ROOT}/photos/summer 2026"
    before = machine.run("stat", "-c", "%a %U %G %Y %s", f"{inside}/one").stdout
    machine.run("rm", f"{inside}/one")
    back = machine.bulkhead("snapshots", "restore", "tank", number, "summer 2026/one", "--yes")
    check("a file comes back", back.returncode == 0 and machine.run("cmp", "/etc/passwd", f"{inside}/one").returncode == 0, back.stderr)
    check("with owner, mode and time", machine.run("stat", "-c", "%a %U %G %Y %s", f"{inside}/one").stdout == before, before)
    put(machine, f"{inside}/one", "mine")
    over = machine.bulkhead("snapshots", "restore", "tank", number, "summer 2026/one", "--yes")
    check("not over one that is there", over.returncode == 5 and text(machine, f"{inside}/one") == "mine", over.stderr)
    over = machine.bulkhead("snapshots", "restore", "tank", number, "summer 2026/one", "--replace", "--yes")
    kept = machine.run("sh", "-c", f"cat '{inside}'/one.replaced-*").stdout.strip()
    check("unless that is said, and then it is kept", over.returncode == 0 and kept == "mine" and
          machine.run("cmp", "/etc/passwd", f"{inside}/one").returncode == 0, over.stderr)
    folder = machine.bulkhead("snapshots", "restore", "tank", number, "summer 2026", "--to", "again", "--yes")
    check("a folder comes back, also under another name", folder.returncode == 0 and
          machine.run("diff", "-r", "--no-dereference", f"{ROOT}/.snapshots/photos/files/summer 2026", f"{ROOT}/photos/again").returncode == 0, folder.stderr)
    check("a link stays a link", machine.run("readlink", f"{ROOT}/photos/again/link").stdout.strip() == "/etc/shadow")
    check("its blocks are shared", "shared" in machine.run("sh", "-c", f"filefrag -v '{inside}/one' 2>/dev/null || echo shared").stdout)
    for where in ("out/passwd2", "video/passwd2"):
        aside = machine.bulkhead("snapshots", "restore", "tank", number, "file", "--to", where, "--yes")
        check(f"nothing is put to {where}", aside.returncode != 0 and machine.run("test", "-e", "/etc/passwd2").returncode != 0, aside.stderr)
    through = machine.bulkhead("snapshots", "restore", "tank", number, "out/shadow", "--to", "stolen", "--yes")
    check("nor is anything taken by a link", through.returncode != 0 and machine.run("test", "-e", f"{ROOT}/photos/stolen").returncode != 0, through.stderr)
    check("nothing half done is left", machine.run("test", "-e", f"{ROOT}/photos/.restoring").returncode != 0)
    seen = machine.run("runuser", "-u", "alice", "--", "cat", f"{inside}/one")
    check("and alice reads her file", seen.returncode == 0, seen.stderr)


def is_scheduled(machine):
    """Days pass by snapshots with the names of earlier ones, which were there before the schedule."""
    words = ("schedules", "create", "hourly", "--pool", "tank", "--dataset", "photos", "--every", "hour")
    endless = machine.bulkhead(*words, "--dry-run")
    check("a schedule says for how long", endless.returncode != 0 and "days" in endless.stderr.lower(), endless.stderr)
    words += ("--hours", "2", "--days", "1")
    plain = machine.bulkhead(*words, "--yes")
    check("it needs more than --yes, for it deletes", plain.returncode == 7, plain.stderr)
    old = [f"hourly_GMT-2026.01.0{day}-{hour:02}.00.00" for day in (1, 2) for hour in (8, 9)]
    for name in (*old, "other"):
        machine.run("btrfs", "subvolume", "snapshot", "-r", f"{ROOT}/photos", f"{ROOT}/.snapshots/photos/{name}")
    machine.wait("snapshots made by hand are seen", lambda: scheduled(machine) == set(old))
    machine.bulkhead("snapshots", "hold", "tank", str(snapshot(machine, "photos", old[0])["id"]), "--yes")
    made = confirmed(machine, *words)
    check("a schedule is made", made.returncode == 0, made.stderr)
    machine.wait("it runs at once, and keeps what it must: the newest of two hours, and what is held",
                 lambda: len(scheduled(machine)) == 3 and {old[0], old[3]} < scheduled(machine))
    check("and nothing else is deleted", snapshot(machine, "photos", "other"), machine.rows("snapshots", "list"))
    kept = scheduled(machine)
    confirmed(machine, "schedules", "create", "again", "--pool", "tank", "--dataset", "photos", "--every", "month", "--years", "1")
    listed = machine.rows("schedules", "list")
    check("schedules are listed", [(one["name"], one["every"], one["hours"], one["days"]) for one in listed] ==
          [("again", "month", 0, 0), ("hourly", "hour", 2, 1)], listed)
    check("with the last run, and that none is late", listed[1]["last_run"] and not listed[1]["late"], listed)
    orders = machine.run("cat", "/etc/bulkhead/schedules/hourly").stdout
    check("the order lies with the hand", "keep 2 1 0 0 0" in orders, orders)
    events = [row for row in machine.rows("ledger", "list") if row["method"] == "nas.storage.RunSchedule"]
    check("the ledger knows of each run", events and all(row["outcome"] == "success" for row in events), events)
    stopped = machine.bulkhead("schedules", "delete", "hourly", "--yes")
    check("a schedule is deleted, and its snapshots stay", stopped.returncode == 0 and scheduled(machine) == kept, stopped.stderr)


def goes_on_when_the_clock_was_set_back(machine):
    """What was made while the clock was ahead is of a time that is still to come; it does not count as done."""
    machine.bulkhead("snapshots", "create", "tank", "photos", "clock", "--yes")
    ahead = machine.run("date", "-u", "-d", "+2 days", "+ahead_GMT-%Y.%m.%d-%H.%M.%S").stdout.strip()
    machine.run("btrfs", "subvolume", "snapshot", "-r", f"{ROOT}/photos", f"{ROOT}/.snapshots/photos/{ahead}")
    machine.wait("a snapshot of a time to come is there", lambda: snapshot(machine, "photos", ahead))
    confirmed(machine, "schedules", "create", "ahead", "--pool", "tank", "--dataset", "photos", "--every", "hour", "--hours", "3")
    machine.wait("the order is followed all the same", lambda: len(
        [one for one in machine.rows("snapshots", "list") if one["name"].startswith("ahead_GMT-")]) == 2)
    one = next(one for one in machine.rows("schedules", "list") if one["name"] == "ahead")
    check("and is neither late nor followed again and again", not one["late"] and one["last_run"][:10] < ahead[10:20].replace(".", "-") and snapshot(machine, "photos", ahead), one)
    machine.bulkhead("schedules", "delete", "ahead", "--yes")


def is_renamed_by_hand(machine):
    """Two changes in one transaction of the file system: nothing but time tells of the second."""
    machine.bulkhead("datasets", "create", "tank", "plain", "--yes")
    machine.run("mv", f"{ROOT}/plain", f"{ROOT}/fancy")
    machine.wait("what is renamed by hand is seen", lambda: dataset(machine, "fancy"))
    machine.run("mv", f"{ROOT}/fancy", f"{ROOT}/plain")
    machine.wait("and back again", lambda: dataset(machine, "plain") and not dataset(machine, "fancy"))


def drifts(machine):
    """What somebody does by hand is shown, and nothing is done about it until somebody says what."""
    def drift():
        return {one["id"]: one for one in machine.rows("drift", "list")}
    check("nothing has come apart", not drift(), drift())
    machine.run("mount", "-o", "remount,compress=lzo", ROOT)
    machine.wait("other options are seen", lambda: "pool_options.tank" in drift())
    one = drift()["pool_options.tank"]
    check("with what is wanted and what was found", "compress=lzo" in one["found"] and "compress" not in one["wanted"], one)
    adopted = machine.bulkhead("drift", "adopt", "pool_options.tank", "--yes")
    check("they are wanted from now on", adopted.returncode == 0 and not drift() and
          "compress=lzo" in machine.run("cat", "/etc/bulkhead/pools/tank").stdout, adopted.stderr)
    machine.run("mount", "-o", "remount,ro", ROOT)
    machine.wait("a pool that cannot be written to is seen", lambda: "ro" in drift().get("pool_options.tank", {}).get("found", ""))
    never = machine.bulkhead("drift", "adopt", "pool_options.tank", "--yes")
    check("that cannot be wanted", never.returncode == 5, never.stderr)
    restored = machine.bulkhead("drift", "restore", "pool_options.tank", "--yes")
    check("it is had as it was", restored.returncode == 0 and not drift() and
          machine.run("touch", f"{ROOT}/photos/again/touched").returncode == 0, restored.stderr)
    machine.run("systemctl", "stop", "srv-tank.mount")
    machine.wait("a pool that is away is seen", lambda: "pool_away.tank" in drift())
    check("and stays away", machine.run("findmnt", ROOT).returncode != 0)
    restored = machine.bulkhead("drift", "restore", "pool_away.tank", "--yes")
    check("until it is wanted back", restored.returncode == 0 and machine.run("findmnt", ROOT).returncode == 0 and not drift(), restored.stderr)
    machine.bulkhead("datasets", "create", "tank", "short", "--yes")
    confirmed(machine, "schedules", "create", "lost", "--pool", "tank", "--dataset", "short", "--every", "month", "--years", "1")
    machine.run("btrfs", "subvolume", "delete", f"{ROOT}/short")
    machine.wait("an order about what is gone is seen", lambda: "schedule.lost" in drift())
    none = machine.bulkhead("drift", "restore", "schedule.lost", "--yes")
    check("what is gone cannot be had back", none.returncode == 5, none.stderr)
    machine.bulkhead("drift", "adopt", "schedule.lost", "--yes")
    check("its order goes", not drift() and "lost" not in {one["name"] for one in machine.rows("schedules", "list")})


def scheduled(machine):
    return {one["name"] for one in machine.rows("snapshots", "list") if one["name"].startswith("hourly_GMT-")}


def all_of_it(machine):
    for part in (has_a_pool, is_whose, is_limited, is_written_as_was_said, are_of_one_moment, has_presets, goes_back, is_held, is_cloned_and_renamed, is_renamed_by_hand, files_come_back, is_scheduled,
                 goes_on_when_the_clock_was_set_back, drifts):
        part(machine)
    ledger_verifies(machine)
    check("the pool is healthy", pool(machine, "tank")["health_status"] == "healthy")


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="2G"), all_of_it)


if __name__ == "__main__":
    main()
