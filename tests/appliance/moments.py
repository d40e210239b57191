"""Snapshots of several datasets of one moment (a part of datasets.py), while somebody writes to all of them, one after the other."""
import contextlib
import os
import re
import threading

from machine import check

ROOT, DATASETS = "/srv/tank", ("photos", "media", "media/films")
ORDER = "/var/lib/bulkhead-storage-hand/moment/tank"


def kept(machine, name, dataset):
    return f"{ROOT}/.snapshots/{dataset.replace('/', ':')}/{name}"


@contextlib.contextmanager
def written_to(machine):
    """A number goes up in all of them, each on disk before the next has it."""
    ends, counted = threading.Event(), []

    def write():
        files = [os.open(machine.inside(f"{ROOT}/{dataset}/number"), os.O_CREAT | os.O_WRONLY, 0o644) for dataset in DATASETS]
        while not ends.is_set():
            counted.append(None)
            for file in files:
                os.pwrite(file, b"%08d" % len(counted), 0)
                os.fsync(file)
        for file in files:
            os.close(file)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield counted
    finally:
        ends.set()
        writer.join()


def numbers(machine, name):
    return [int(machine.run("cat", f"{kept(machine, name, dataset)}/number").stdout or 0) for dataset in DATASETS]


def transactions(machine, name):
    said = [machine.run("btrfs", "subvolume", "show", kept(machine, name, dataset)).stdout for dataset in DATASETS]
    return {re.search(r"Gen at creation:\s+(\d+)", one)[1] for one in said if "Gen at creation" in one}


def leftovers(machine):
    return machine.run("sh", "-c", f"ls -d {ROOT}/.snapshots/*/.moment {ROOT}/.snapshots/*/.begins {ORDER} 2>/dev/null").stdout


def are_of_one_moment(machine):
    with written_to(machine) as counted:
        machine.wait("somebody writes to them", lambda: len(counted) > 5)
        for name in ("m1", "m2", "m3", "m4", "m5"):
            made = machine.bulkhead("snapshots", "together", "tank", name, "--yes")
            first, *rest = numbers(machine, name)
            check(f"what is kept of all of them is of one moment ({name})", made.returncode == 0 and first > 0 and
                  all(first - 1 <= number <= first for number in rest) and sorted(rest, reverse=True) == rest and
                  len(transactions(machine, name)) == 1, (made.stderr, first, rest, transactions(machine, name)))
    shown = {one["dataset"] for one in machine.rows("snapshots", "list") if one["name"] == "m1"}
    check("all of them are listed", shown >= set(DATASETS), shown)
    check("and cannot be changed", machine.run("touch", f"{kept(machine, 'm1', 'photos')}/new").returncode != 0)
    check("nothing else is left", leftovers(machine) == "", leftovers(machine))
    some = machine.bulkhead("snapshots", "together", "tank", "some", "--datasets", "photos", "--datasets", "media", "--yes")
    shown = {one["dataset"] for one in machine.rows("snapshots", "list") if one["name"] == "some"}
    check("only those that are named", some.returncode == 0 and shown == {"photos", "media"}, (some.stderr, shown))
    again = machine.bulkhead("snapshots", "together", "tank", "some", "--yes")
    check("a name that one of them has is refused, and nothing is made", again.returncode != 0 and "already" in again.stderr and
          machine.run("test", "-e", kept(machine, "some", "media/films")).returncode != 0, again.stderr)
    nobody = machine.bulkhead("snapshots", "together", "tank", "x", "--datasets", "photos", "--datasets", "nosuch", "--yes")
    check("so is one that is not there, by its name", nobody.returncode != 0 and "nosuch" in nobody.stderr, nobody.stderr)
    goes_on(machine)


def begin_again(machine, name):
    """As a hand that is there again after a crash has it done once more."""
    order = "\n".join([f"SNAPSHOT={name}", *(f"DATASET={dataset}" for dataset in DATASETS)])
    machine.run("sh", "-c", f'printf "%s\\n" "$1" > {ORDER}; chown bulkhead-storage-hand: {ORDER}; chmod 600 {ORDER}', "sh", order)
    return machine.run("systemctl", "start", "bulkhead-moment@tank.service")


def goes_on(machine):
    """Whatever was done when it was cut off."""
    before = transactions(machine, "m5")
    for dataset in DATASETS[1:]:
        machine.run("mv", kept(machine, "m5", dataset), f"{os.path.dirname(kept(machine, 'm5', dataset))}/.moment")
    done = begin_again(machine, "m5")
    check("some had their name: the others get it", done.returncode == 0 and transactions(machine, "m5") == before and
          len(numbers(machine, "m5")) == 3 and leftovers(machine) == "", (done.stderr, leftovers(machine)))
    check("all had it: nothing is done", begin_again(machine, "m5").returncode == 0 and transactions(machine, "m5") == before and
          leftovers(machine) == "", leftovers(machine))
    machine.run("btrfs", "subvolume", "snapshot", "-r", f"{ROOT}/photos", f"{ROOT}/.snapshots/photos/.moment")
    done = begin_again(machine, "late")
    check("one was made: all are made anew", done.returncode == 0 and len(transactions(machine, "late")) == 1 and
          0 not in numbers(machine, "late") and leftovers(machine) == "", (done.stderr, leftovers(machine)))
    machine.run("btrfs", "subvolume", "snapshot", "-r", f"{ROOT}/media", kept(machine, "taken", "media"))
    refused = begin_again(machine, "taken")
    machine.run("rm", "-f", ORDER)
    check("one has the name from elsewhere: it is left alone, and no other is made", refused.returncode != 0 and leftovers(machine) == "" and
          machine.run("test", "-e", kept(machine, "taken", "photos")).returncode != 0 and
          machine.run("test", "-e", kept(machine, "taken", "media")).returncode == 0, (refused.stderr, leftovers(machine)))
    machine.run("sh", "-c", f"for one in {ROOT}/.snapshots/*/m[1-5] {ROOT}/.snapshots/*/some {ROOT}/.snapshots/*/late {ROOT}/.snapshots/media/taken;"
                            " do btrfs -q subvolume delete $one; done")
    machine.wait("and they go", lambda: not any(one["name"] in ("m1", "m5", "some", "late", "taken") for one in machine.rows("snapshots", "list")))
