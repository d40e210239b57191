#!/usr/bin/python3
"""Storage among hostile disks, names and processes, and under pressure: each refused with clear words, nothing changed,
nothing unescaped; and what a clerk or a hand that was taken over can do.

    tests/appliance/hostile_storage.py BUILD [TRIES]        (400; HOSTILE_TRIES=10000 for the long one)

Ends with "N passed, N failed".
"""
import concurrent.futures
import json
import re
import struct
import sys
import time

import hostile
from hostile import ASK, MANAGER, answer, ticket_of_root, warrant_for
from machine import Machine, check, ledger_verifies, lives
from pelting import pelt, tries_of
from storage import checksum, confirmed, disks, pool, write

SUPERBLOCK, LABEL, SUM_TO = 65536, 0x12B, 4096
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202e\ufffe]")
SIZE = 1 << 30


# --- means ---

def image(machine, number):
    return f"{machine.cache()}/disks/disk{number}.img"


def look_again(machine, *numbers):
    """udev looks at these disks as if they had just been plugged in."""
    for number in numbers:
        device = machine.run("readlink", "-f", f"/dev/disk/by-id/trial-disk{number}").stdout.strip()
        machine.run("udevadm", "trigger", "--settle", "--action=change", device)
    time.sleep(1.2)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def set_label(path, label):
    """Whatever bytes, straight into the file system's first block."""
    with open(path, "r+b") as file:
        file.seek(SUPERBLOCK)
        block = bytearray(file.read(SUM_TO))
        block[LABEL:LABEL + 256] = label.ljust(256, b"\0")
        block[:4] = struct.pack("<I", crc32c(bytes(block[32:])))
        file.seek(SUPERBLOCK)
        file.write(block)


def shown_well(machine, what, *words):
    """A list, as JSON and as people see it, has no byte in it that does something to a terminal."""
    as_json, plain = machine.bulkhead(*words, "--json"), machine.bulkhead(*words)
    try:
        json.loads(as_json.stdout)
        good = not UNPRINTABLE.search(as_json.stdout) and not UNPRINTABLE.search(plain.stdout)
    except ValueError:
        good = False
    check(f"{what}: what is shown is escaped", good and plain.returncode == 0, (as_json.stdout, plain.stdout))


def plan_of(machine, *steps):
    return hostile.plan_of(machine, "storage", *steps)


def execute(machine, *words, **who):
    return hostile.execute(machine, "storage", *words, **who)


def state(machine):
    """What a change would change."""
    return [machine.run("sh", "-c", f"{{ {line}; }} | cat -v").stdout for line in (
        "ls -la --time-style=+ /srv /etc/bulkhead/pools | grep -v '^total'", "cat /etc/bulkhead/pools/*",
        "findmnt -lno TARGET,SOURCE,FSTYPE -t btrfs", "for d in /srv/*; do btrfs subvolume list -u $d; done | sed 's/ gen [0-9]*//'",
        "for d in /dev/disk/by-id/trial-disk*; do blkid -p -o export $d; done")]


def log_is_clean(machine, what):
    log = machine.run("journalctl", "-u", "bulkhead-*", "-o", "cat", "--no-pager", "-a").stdout
    found = UNPRINTABLE.search(log)
    check(f"{what}: and so is the log", not found, found and log[max(0, found.start() - 80):found.start() + 40])


# --- labels and names ---

def has_hostile_labels(machine):
    labels = (b"../../etc", b"a\"b'c\\", b"x\nbtrfs y\n[Service]\nExecStart=/bin/sh", b"\xff\xfe\x1b[31mred\x07", b"$(reboot)`id`",
              "\u202eevil".encode(), b"%s%n%i", b"-rf", b"x" * 255)
    machine.run("mkfs.btrfs", "-q", "-L", "plain", "/dev/disk/by-id/trial-disk3")
    for label in labels:
        set_label(image(machine, 3), label)
        look_again(machine, 3)
        found = machine.rows("pools", "found")
        if not check(f"a file system called {label[:20]!r} is found", len(found) == 1, found):
            continue
        shown_well(machine, f"{label[:20]!r}", "pools", "found")
    made = machine.bulkhead("pools", "import", found[0]["uuid"], "hostile", "--yes")
    check("it is imported under a name of ours", made.returncode == 0 and pool(machine, "hostile")["mounted"], made.stderr)
    shown_well(machine, "the pool", "pools", "list")
    log_is_clean(machine, "labels")


def has_hostile_names(machine):
    top = "/srv/hostile"
    machine.bulkhead("datasets", "create", "hostile", "data", "--yes")
    names = ("$'\\x1b[31m'", "$'new\\nline'", "'\"quote\"'", "--help", "$'\\xff\\xfe'", "$'\\u202eevil'", "'a b '", "'$(id)'", ".hidden")
    for name in names:
        machine.run("bash", "-c", f"(cd {top} && btrfs subvolume create ./{name} && touch ./{name}/{name}; true) >/dev/null 2>&1")
    machine.run("bash", "-c", f"mkdir {top}/folder && btrfs subvolume create {top}/folder/deep")
    time.sleep(1.2)
    shown_well(machine, "names", "datasets", "list")
    listed = [one["name"] for one in machine.rows("datasets", "list") if one["pool"] == "hostile"]
    check("only what can be named is a dataset", listed == ["data"], listed)
    machine.bulkhead("snapshots", "create", "hostile", "data", "kept", "--yes")
    machine.run("bash", "-c", f"btrfs subvolume create {top}/data/$'in\\x1bner' >/dev/null")
    time.sleep(1.2)
    before = state(machine)
    number = next(one["id"] for one in machine.rows("datasets", "list") if one["name"] == "data")
    refused = confirmed(machine, "datasets", "delete", "hostile", str(number), "--recursive")
    check("a dataset with one in it that cannot be named is not deleted, nor are its snapshots",
          refused.returncode == 5 and "no dataset" in refused.stderr and state(machine) == before, refused.stderr)
    log_is_clean(machine, "names")


# --- disks that are not what they seem ---

def has_a_copied_disk(machine):
    uuid = pool(machine, "hostile")["uuid"]
    sum_before = write(machine, "/srv/hostile/data/file", 2)
    gone = machine.bulkhead("pools", "export", "hostile", "--yes")
    check("the pool is exported", gone.returncode == 0, gone.stderr)
    with open(image(machine, 3), "rb") as source, open(image(machine, 4), "r+b") as target:
        while block := source.read(1 << 20):
            if block.strip(b"\0"):
                target.seek(source.tell() - len(block))
                target.write(block)
    look_again(machine, 3, 4)
    before = state(machine)
    refused = machine.bulkhead("pools", "import", uuid, "again", "--yes")
    check("a disk and its copy: neither is imported, and both are named", refused.returncode == 5 and
          "same disk" in refused.stderr and state(machine) == before, refused.stderr)
    machine.run("wipefs", "-qa", "/dev/disk/by-id/trial-disk4")
    look_again(machine, 3, 4)
    back = machine.bulkhead("pools", "import", uuid, "hostile", "--yes")
    check("without the copy it is, with its data", back.returncode == 0 and
          checksum(machine, "/srv/hostile/data/file") == sum_before, back.stderr)
    with open(image(machine, 3), "rb") as source, open(image(machine, 4), "r+b") as target:
        source.seek(SUPERBLOCK)
        target.seek(SUPERBLOCK)
        target.write(source.read(SUM_TO))
    look_again(machine, 4)
    before = state(machine)
    refused = confirmed(machine, "pools", "destroy", "hostile")
    check("a copy that comes while it is mounted is not erased with it", refused.returncode == 5 and
          "same disk" in refused.stderr and state(machine) == before, refused.stderr)
    shown = pool(machine, "hostile")
    check("and the pool says that nobody can tell", shown["health_status"] == "unknown" and "copy" in shown["message"], shown)
    taken = confirmed(machine, "pools", "create", "over", "--profile", "single", "--disks", "trial-disk4", "--erase")
    check("it is not taken for another pool either", taken.returncode == 5 and state(machine) == before, taken.stderr)
    machine.run("wipefs", "-qaf", "/dev/disk/by-id/trial-disk4")
    look_again(machine, 4)


def has_look_alikes(machine):
    device = machine.run("readlink", "-f", "/dev/disk/by-id/trial-disk6").stdout.strip()
    rule = f'KERNEL=="{device.split("/")[-1]}", SYMLINK+="disk/by-id/trial-disk5"'
    machine.run("sh", "-c", f"echo '{rule}' > /etc/udev/rules.d/60-twin.rules; udevadm control --reload")
    look_again(machine, 6)
    before = state(machine)
    for erase in ([], ["--erase"]):
        refused = confirmed(machine, "pools", "create", "twin", "--profile", "single", "--disks", "trial-disk5", *erase)
        check(f"two disks of one identity: neither is taken {' '.join(erase)}", refused.returncode == 5 and
              "same disk as" in refused.stderr and state(machine) == before, refused.stderr)
    machine.run("sh", "-c", "rm /etc/udev/rules.d/60-twin.rules; udevadm control --reload")
    look_again(machine, 5, 6)
    check("one of them gone, the other can be", disks(machine)["trial-disk5"]["takable"], disks(machine).get("trial-disk5"))


# --- what changes between plan and execution ---

def is_changed_behind_the_plan(machine):
    """All in one go, so that the clerk still has what was."""
    for name, what, change, kept in (
            ("one", "a link in place of the dataset's parent", "mv one real-one && ln -s real-one one", "real-one/inner/precious"),
            ("two", "a link that leads out of the pool", "mv two real-two && ln -s /tmp two", "real-two/inner/precious"),
            ("three", "another subvolume in its place",
             "mv three/inner three/old && btrfs subvolume create three/inner && touch three/inner/new", "three/inner/new"),
            ("four", "a plain folder in its place", "mv four/inner four/old && mkdir four/inner && touch four/inner/new",
             "four/inner/new")):
        machine.bulkhead("datasets", "create", "hostile", name, "--yes")
        machine.bulkhead("datasets", "create", "hostile", f"{name}/inner", "--yes")
        machine.run("touch", f"/srv/hostile/{name}/inner/precious")
        number = next(one["id"] for one in machine.rows("datasets", "list") if one["name"] == f"{name}/inner")
        words = f"datasets delete hostile {number}"
        digest = re.search(r"[0-9a-f]{64}", machine.bulkhead(*words.split(), "--dry-run", "--json").stdout).group(0)
        done = machine.run("bash", "-c", f"cd /srv/hostile && {{ {change}; }} >/dev/null && bulkhead {words} --yes --confirm {digest}")
        there = machine.run("ls", f"/srv/hostile/{kept}").returncode == 0
        check(f"{what}: refused, and nothing is lost", done.returncode != 0 and done.stderr.strip() and there, (done.stderr, there))


# --- a clerk that was taken over ---

def clerk_is_taken_over(machine):
    size = str(disks(machine)["trial-disk5"]["size"])
    erase = ("disk_erase", "trial-disk5", "TRIAL-disk5", size)
    digest, plan = plan_of(machine, *erase)
    _, other = plan_of(machine, "disk_erase", "trial-disk6", "TRIAL-disk6", size)
    ticket = ticket_of_root(machine)
    warrant = warrant_for(machine, ticket, digest)
    machine.run("mkfs.ext4", "-qF", "/dev/disk/by-id/trial-disk5")
    machine.run("mkfs.ext4", "-qF", "/dev/disk/by-id/trial-disk6")
    before = state(machine)
    for what, reply in (
            ("nothing", execute(machine, plan)), ("a ticket alone", execute(machine, plan, ticket)),
            ("a ticket for a warrant", execute(machine, plan, ticket, ticket)),
            ("a warrant alone", execute(machine, plan, "", warrant)),
            ("a warrant for another disk", execute(machine, other, ticket, warrant)),
            ("a changed warrant", execute(machine, plan, ticket, warrant[:-4] + ("AAAA" if warrant[-4:] != "AAAA" else "BBBB"))),
            ("all of it, but as root", execute(machine, plan, ticket, warrant, user=None)),
            ("all of it, but as the front end", execute(machine, plan, ticket, warrant, user="bulkhead-api"))):
        check(f"with {what} no disk is erased", reply[0] in ("refused", "none") and state(machine) == before, reply)
    once = execute(machine, plan, ticket, warrant)
    check("with the warrant it is", once[0] == "success" and "ext4" not in machine.run(
        "blkid", "-p", "/dev/disk/by-id/trial-disk5").stdout, once)
    machine.run("mkfs.ext4", "-qF", "/dev/disk/by-id/trial-disk5")
    before = state(machine)
    twice = execute(machine, plan, ticket, warrant)
    check("but not twice", twice[0] == "refused" and state(machine) == before, twice)
    hostile = [("disk_erase", name, "x", size) for name in (
        "trial-disk5-part1", "../../loop1", "..", "", "/dev/vda", "trial-disk5 x", "-rf", "none", "x" * 200)]
    uuid = "11111111-2222-4333-8444-555555555555"
    hostile += [("pool_format", "t", uuid, "single", "dup", path) for path in (
        "/dev/vda", "/etc/passwd", "/dev/disk/by-id/../../vda", "--force", "/dev/disk/by-id/trial-disk5-part1")]
    hostile += [("pool_mount", name) for name in ("../etc", "a-b", "x.service", "tank.mount", "", "-x", "none")]
    hostile += [("pool_want", "t", uuid, system, "noatime") for system in ("vfat", "ext4 x", "ext4\nx", "", "../btrfs")]
    hostile += [("pool_want", "t", uuid, "btrfs", option) for option in ("suid", "noatime,dev", "noatime\nx", "subvol=/")]
    hostile += [("dataset_delete", "hostile", name, "256") for name in ("..", "../../etc", "/etc", ".snapshots", "a/../../b")]
    hostile += [("place_make", name) for name in ("../x", "a/b", ".", "")]
    through = []
    for steps in hostile:
        made = plan_of(machine, *steps)
        if len(made) != 2:
            continue  # what speaks to the hand would not even write it down: the next lines do that by hand
        live = ticket_of_root(machine)
        reply = execute(machine, made[1], live, warrant_for(machine, live, made[0]))
        if reply[0] == "success":
            through.append((steps, reply))
    raw = machine.run(ASK, "--plan", "storage", "disk_erase", "trial-disk5", "S", size).stdout.split()[1]
    for name in (b"trial-dis/5", b"../loop/99x", b"trial-disk\n", b"trial-disk\0"):
        changed = raw.replace(b"trial-disk5".hex(), name.ljust(11, b"x")[:11].hex())
        live = ticket_of_root(machine)
        warrant = answer(machine, "--ticket", live, "console_confirm", machine_digest(changed))
        reply = execute(machine, changed, live, warrant)
        if reply[0] not in ("refused", "none", "failed"):
            through.append((name, reply))
    check(f"{len(hostile) + 4} plans about what is not for it, each with a warrant: none is carried out", not through, through)
    check("and nothing changed", state(machine) == before)


def machine_digest(plan):
    import hashlib
    return hashlib.sha256(bytes.fromhex(plan)).hexdigest()


def is_pelted(machine):
    pelt(machine, "storage", tries_of("400"), lambda: state(machine))


# --- a hand that was taken over ---

def hand_is_taken_over(machine):
    own = (("start the mount of what is no pool", (*MANAGER, "StartUnit", "ss", "bulkhead-mount@a-b.service", "replace")),
           ("restart its own pool", (*MANAGER, "RestartUnit", "ss", "bulkhead-mount@hostile.service", "replace")))
    for what, words in hostile.forbidden("storage") + own:
        done = hostile.call(machine, "storage", *words)
        check(f"a hand that was taken over cannot {what}", hostile.denied(done), done.stdout + done.stderr)
    check("nothing of it was done", machine.run("sh", "-c", "ls /evil /srv/evil").returncode != 0)
    allowed = hostile.call(machine, "storage", *MANAGER, "StartUnit", "ss", "bulkhead-mount@hostile.service", "replace")
    check("its own pools it can have mounted", allowed.returncode == 0, allowed.stderr)


# --- pressure ---

def is_full(machine):
    kept = write(machine, "/srv/hostile/data/kept", 4)
    machine.run("sh", "-c", "dd if=/dev/zero of=/srv/hostile/data/fill bs=1M; sync; dd if=/dev/zero of=/srv/hostile/data/fill2 bs=4k; sync")
    room = machine.run("df", "--output=avail", "/srv/hostile").stdout.split()[-1]
    check("the pool is full", int(room) < 2048, room)
    for what, words in (("a snapshot", ("snapshots", "create", "hostile", "data", "when-full")),
                        ("a dataset", ("datasets", "create", "hostile", "when-full"))):
        done = machine.bulkhead(*words, "--yes")
        check(f"{what} in a full pool is made, or is refused in words", done.returncode == 0 or "space" in done.stderr.lower(), done.stderr)
    check("what was in it is there", checksum(machine, "/srv/hostile/data/kept") == kept)
    machine.wait("it says how full it is", lambda: pool(machine, "hostile")["mounted"] and pool(machine, "hostile")["available"] < 64 << 20)
    machine.run("rm", "/srv/hostile/data/fill", "/srv/hostile/data/fill2")
    for one in machine.rows("snapshots", "list"):
        if one["name"] == "when-full":
            confirmed(machine, "snapshots", "delete", "hostile", str(one["id"]))
    machine.run("btrfs", "filesystem", "sync", "/srv/hostile")


def at_once(machine, work, items):
    with concurrent.futures.ThreadPoolExecutor(8) as pool_of_threads:
        return list(pool_of_threads.map(work, items))


def makes_many_at_once(machine):
    kept = checksum(machine, "/srv/hostile/data/kept")
    shell = "n=$1; for i in $(seq 25); do bulkhead snapshots create hostile data many-$n-$i --yes || exit 1; done"
    made = at_once(machine, lambda n: machine.run("sh", "-c", shell, "sh", str(n)), range(8))
    check("200 snapshots are made by eight at once", all(one.returncode == 0 for one in made), [one.stderr for one in made if one.returncode])
    found = [one for one in machine.rows("snapshots", "list") if one["name"].startswith("many-")]
    numbers = {one["id"] for one in found}
    check("all of them are there, each with a number of its own", len(found) == len(numbers) == 200, len(found))
    shell = ('for id in "$@"; do d=$(bulkhead snapshots delete hostile $id --dry-run --json | grep -o "[0-9a-f]\\{64\\}" | head -1); '
             'bulkhead snapshots delete hostile $id --yes --confirm $d || exit 1; done')
    parts = [[str(one["id"]) for one in found[n::8]] for n in range(8)]
    gone = at_once(machine, lambda ids: machine.run("sh", "-c", shell, "sh", *ids), parts)
    check("and deleted so", all(one.returncode == 0 for one in gone), [one.stderr for one in gone if one.returncode])
    left = [one["name"] for one in machine.rows("snapshots", "list") if one["name"].startswith("many-")]
    on_disk = machine.run("ls", "/srv/hostile/.snapshots/data").stdout
    check("none is left, in the list or on the disk", not left and "many-" not in on_disk, (left, on_disk))
    check("nothing else changed", checksum(machine, "/srv/hostile/data/kept") == kept)


def is_prepared(machine):
    hostile.prepare(machine, sys.argv[1])
    machine.wait("its disks are there", lambda: "trial-disk6" in disks(machine))


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="1G"), is_prepared, has_hostile_labels, has_hostile_names,
          has_a_copied_disk, has_look_alikes, is_changed_behind_the_plan, clerk_is_taken_over, is_pelted, hand_is_taken_over, is_full,
          makes_many_at_once, ledger_verifies)


if __name__ == "__main__":
    main()
