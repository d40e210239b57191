"""What is done to a pool and taken back by turns: disks in and out, how it lies on them, reading all of it, its errors, what
came apart by hand, and orders of disks. On a pool of its own, beside the one whose data must outlive all of this."""
from storage_scenes import Refused
from turned import said, turn
from turns import files, state

TANK, NAME, HERE, SECOND, THIRD = {"name": "tank"}, {"name": "other"}, "/srv/other", "trial-disk2", "trial-disk3"
# Where all of it lies, how, and whether somebody is still at work on that. A unit that failed does nothing either.
LAID = (f"btrfs filesystem show {HERE} | sed -n 's/.*path //p' | sort; btrfs filesystem df {HERE} | sed 's/:.*//' | sort -u; "
        f"systemctl is-active bulkhead-work@other.service | grep -x -e active -e activating -e deactivating; "
        f"cat /sys/fs/btrfs/$(findmnt -no UUID {HERE})/exclusive_operation {HERE}/file")
# How what is written lies: by what is known of it, its metadata stays on both.
DATA = LAID.replace("sed 's/:.*//'", "sed -n 's/^\\(Data.*\\):.*/\\1/p'")
# The kernel reads 64 KiB at once, and then no more in that second: minutes, until it may be as quick as it likes.
PACE = "> /sys/fs/btrfs/$(findmnt -no UUID /srv/tank)/devinfo/1/scrub_speed_max"
SLOW, FAST = f"head -c 20M /dev/urandom > /srv/tank/much; sync -f /srv/tank/much; echo 10000 {PACE}", f"rm -f /srv/tank/much; echo 0 {PACE}"
READ = "systemctl is-active bulkhead-scrub@tank.service | grep -x active"


def other(machine):
    """It is there, with something in it, and nothing else."""
    if machine.shell("cat /etc/bulkhead/pools/other") == "":
        machine.patient("a pool", lambda: tries(machine, "CreatePool", {**NAME, "profile": "single", "disks": [SECOND], "erase": True}))
    machine.shell(f"echo precious > {HERE}/file; sync -f {HERE}/file")


def tries(machine, method, given):
    try:
        machine.change(method, said(given, machine), "storage")
        return True
    except Refused:
        return False


def number(disk):
    """Of that disk in the pool."""
    return lambda machine: int(machine.shell(f"btrfs filesystem show {HERE} | sed -n \"s,.*devid *\\([0-9]*\\) .* path "
                                             f"$(readlink -f /dev/disk/by-id/{disk})$,\\1,p\"") or 0)


def part(machine):
    """Out of it again, if it still is in it."""
    machine.patient("it is out", lambda: not number(THIRD)(machine) or tries(machine, *PART))


def gone(machine):
    """All of it, and what says that it was there."""
    machine.patient("it is gone", lambda: tries(machine, "DestroyPool", NAME))
    machine.shell(f"wipefs -qa /dev/disk/by-id/{SECOND} /dev/disk/by-id/{THIRD}; udevadm settle")


# What is read of it is not what was written, and is counted each time it is read.
MARK = "what-was-written"
SPOIL = (f"yes {MARK} | head -c 65536 > {HERE}/bad; sync -f {HERE}/bad; disk=$(readlink -f /dev/disk/by-id/{SECOND}); "
         f"at=$(tr '\\0' '\\n' < $disk | grep -abom1 {MARK} | head -1 | cut -d: -f1); "
         "printf X | dd of=$disk bs=1 seek=$at conv=notrunc,fsync")
TRIP = f"dd if={HERE}/bad iflag=nocache count=0; cat {HERE}/bad > /dev/null"
ERRORS = f"btrfs device stats {HERE} | grep -qv ' 0$' && echo errors; cat {HERE}/file"

BY_HAND = f"mount -o remount,compress=lzo {HERE}"
OPTIONS = "cat /etc/bulkhead/pools/other /srv/other/file; findmnt -no OPTIONS /srv/other | grep -o 'compress=[a-z]*'"
FORGET = ("sed -i /compress/d /etc/bulkhead/pools/other; systemctl daemon-reload; systemctl stop srv-other.mount; "
          "systemctl start bulkhead-mount@other.service; " + BY_HAND)
# Of a disk that is gone: a container has none that tests itself.
GONE_DISK = "ata-gone_1"
TESTS = files("/etc/bulkhead/self-tests") + "; " + state(f"bulkhead-self-test@{GONE_DISK}.timer")
ORDERED = (f"install -o bulkhead-storage-hand -g bulkhead-storage-hand -m 644 /dev/null /etc/bulkhead/self-tests/{GONE_DISK}; "
           f"printf 'TEST=short\\nEVERY=month\\nAT=00:00\\n' > /etc/bulkhead/self-tests/{GONE_DISK}; systemctl daemon-reload; "
           f"systemctl start bulkhead-self-test@{GONE_DISK}.timer")
JOIN, PART = ("AddDisk", {**NAME, "disk": THIRD, "erase": True}), ("RemoveDisk", {**NAME, "number": number(THIRD)})


def one(*words, **more):
    return turn("storage", *words, **more)[0]


SCRUB, STOP = ("StartScrub", TANK), ("StopScrub", TANK)
MIRROR, SINGLE = ("BalancePool", {**NAME, "profile": "raid1"}), ("BalancePool", {**NAME, "profile": "single"})
DRIFTED = {"id": "pool_options.other"}

RESTORE = one(OPTIONS, ("RestoreDrift", DRIFTED), BY_HAND, before=(other, BY_HAND), often=True)
RESTORE.also_undone = True  # it is unmounted first, and mounted again when that is undone: then as is wanted

POOLS = (
    one(READ, SCRUB, STOP, before=(SLOW,), last=(FAST,)),
    one(READ, STOP, SCRUB, before=(SLOW, SCRUB), last=(FAST,)),
    one(LAID, JOIN, PART, before=(other,), often=True),
    one(LAID, PART, JOIN, before=(other, JOIN), last=(part,)),
    one(DATA, MIRROR, SINGLE, before=(other, JOIN), last=(gone,)),
    one(ERRORS, ("ClearErrors", NAME), TRIP, before=(other, SPOIL, TRIP), last=(f"rm {HERE}/bad",)),
    RESTORE,
    one(OPTIONS, ("AdoptDrift", DRIFTED), FORGET, before=(other, BY_HAND), last=(FORGET, f"mount -o remount,compress=no {HERE}")),
    one(TESTS, ("UnscheduleSelfTest", {"id": GONE_DISK}), ORDERED, before=(ORDERED,)),
)
