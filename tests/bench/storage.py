#!/usr/bin/python3
"""Storage on the appliance beside the bare tools: replication, a snapshot, and long lists.

    tests/bench/storage.py BUILD [replication] [snapshot] [lists]        (root)

Lines: figure, ours, peer, ratio, target, met. Ours and peer alternate in one run; the median of both counts.
"""
import fcntl
import os
import statistics
import struct
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/appliance")
from machine import Machine  # noqa: E402
from nearby import Client, p99  # noqa: E402
from storing import confirmed  # noqa: E402

MEGABYTES, ROUNDS = 1024, 5
SNAP_CREATE_V2, SUBVOL_CREATE = 0x50009417, 0x5000940E
SNAPSHOTS, DATASETS = 10000, 1000
missed = []


def figure(what, ours, peer, ratio, target, good):
    print(f"{what}\t{ours}\t{peer}\t{ratio:.2f}\t{target}\t{'yes' if good else 'no'}", flush=True)
    if not good:
        missed.append(what)


def pools(machine):
    machine.wait("the disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) == 2)
    for name, disk in (("tank", "trial-disk1"), ("vault", "trial-disk2")):
        made = confirmed(machine, "pools", "create", name, "--profile", "single", "--disks", disk)
        assert made.returncode == 0, made.stderr
    machine.bulkhead("datasets", "create", "tank", "data", "--yes")


def shell(machine, script):
    done = machine.run("bash", "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- replication ---

def by_hand(machine):
    """From the first byte to the snapshot that is there."""
    took = shell(machine, """mkdir -p /srv/vault/hand && echo 3 > /proc/sys/vm/drop_caches
        a=$(date +%s%N); btrfs -q send /srv/tank/.snapshots/data/s1 | btrfs -q receive /srv/vault/hand; sync -f /srv/vault
        b=$(date +%s%N); btrfs -q subvolume delete -c /srv/vault/hand/s1 && btrfs subvolume sync /srv/vault >&2; echo $((b - a))""")
    return int(took) / 1e9


def by_order(machine, name):
    """The same by an order: until all was carried over (its units are started too), and until it is compared and kept."""
    took = shell(machine, f"""echo 3 > /proc/sys/vm/drop_caches
        d=$(bulkhead replication create {name} --pool tank --dataset data --to-pool vault --to-dataset {name} --every month --dry-run --json |
            grep -o '"digest": *"[0-9a-f]*"' | grep -o '[0-9a-f]\\{{64\\}}')
        bulkhead replication create {name} --pool tank --dataset data --to-pool vault --to-dataset {name} --every month --yes --confirm $d >&2
        until [ -d /srv/vault/.snapshots/{name}/s1 ]; do sleep 0.02; done; sync -f /srv/vault; c=$(date +%s%N)
        until [ "$(tail -n 1 /var/lib/bulkhead/work/{name}.replication)" = success ]; do sleep 0.1; done
        a=$(stat -c %.9W /run/bulkhead-carry/{name}/verdict); b=$(stat -c %.9Y /run/bulkhead-carry/{name}/whole)
        bulkhead replication delete {name} --yes >&2
        btrfs -q subvolume delete -c /srv/vault/.snapshots/{name}/s1 && btrfs subvolume sync /srv/vault >&2
        echo "$a $b $c" """).split()
    return float(took[1]) - float(took[0]), int(took[2]) / 1e9 - float(took[0])


def replication(machine):
    shell(machine, f"dd if=/dev/urandom of=/srv/tank/data/big bs=1M count={MEGABYTES} status=none; sync")
    machine.bulkhead("snapshots", "create", "tank", "data", "s1", "--yes")
    rounds = [(by_hand(machine), *by_order(machine, f"round{number}")) for number in range(ROUNDS)]
    hand, carried, kept = (statistics.median(column) for column in zip(*rounds))
    figure(f"replication of {MEGABYTES} MiB, carried over", f"{MEGABYTES / carried:.0f} MiB/s", f"{MEGABYTES / hand:.0f} MiB/s",
           hand / carried, "at least 0.9", hand / carried >= 0.9)
    figure("the same, compared and kept", f"{MEGABYTES / kept:.0f} MiB/s", f"{MEGABYTES / hand:.0f} MiB/s", hand / kept, "-", True)


# --- what a client of the REST interface waits for ---

def bare_snapshot(source, folder, name):
    """The ioctl and nothing else; seconds."""
    args = bytearray(struct.pack("<qQQ32s4040s", source, 0, 2, b"", name.encode()))
    begun = time.perf_counter()
    fcntl.ioctl(folder, SNAP_CREATE_V2, args)
    return time.perf_counter() - begun


def folders(machine):
    machine.bulkhead("snapshots", "create", "tank", "data", "first", "--yes")
    flags = os.O_RDONLY | os.O_DIRECTORY
    return os.open(machine.inside("/srv/tank/data"), flags), os.open(machine.inside("/srv/tank/.snapshots/data"), flags)


def commits(machine):
    """What the ledger's two commits cost bare: one row each, seconds."""
    rows = 200
    script = "create table if not exists public.floor (at timestamptz, words text);\n" + "insert into public.floor values (now(), repeat('x', 700));\n" * rows
    machine.run("bash", "-c", 'printf "%s" "$1" > /tmp/floor.sql; chmod 644 /tmp/floor.sql', "sh", script)
    took = shell(machine, "a=$(date +%s%N); su postgres -c 'psql -qXd bulkhead -f /tmp/floor.sql' >&2; b=$(date +%s%N); echo $((b - a))")
    return 2 * int(took) / 1e9 / rows


def snapshot(machine):
    source, folder = folders(machine)
    client, ours, bare = Client(machine), [], []
    floor = statistics.median(commits(machine) for _ in range(3))
    for number in range(60):
        bare.append(bare_snapshot(source, folder, f"bare{number}") + floor)
        ours.append(client.ask("POST", "/api/storage/snapshots", {"pool": "tank", "dataset": "data", "name": f"ours{number}"})[1])
    mine, other = statistics.median(ours) * 1000, statistics.median(bare) * 1000
    figure("a snapshot through the API beside the ioctl and two commits", f"{mine:.1f} ms", f"{other:.1f} ms", mine / other, "at most 1.5",
           mine / other <= 1.5)


def lists(machine):
    source, folder = folders(machine)
    top = os.open(machine.inside("/srv/tank"), os.O_RDONLY | os.O_DIRECTORY)
    shell(machine, "btrfs quota disable /srv/tank")  # so that it takes no hour to make as many
    for number in range(SNAPSHOTS - 1):
        bare_snapshot(source, folder, f"s{number:05}")
    for number in range(DATASETS - 1):
        fcntl.ioctl(top, SUBVOL_CREATE, bytearray(struct.pack("<q4088s", 0, f"d{number:04}".encode())))
    os.fsync(top)
    machine.wait("all of it is seen", lambda: len(machine.rows("snapshots", "list", "--pool", "tank")) >= SNAPSHOTS and
                 len(machine.rows("datasets", "list")) >= DATASETS)
    took = shell(machine, "for i in $(seq 100); do a=$(date +%s%N); btrfs subvolume list /srv/tank > /dev/null; b=$(date +%s%N); echo $((b - a)); done")
    peer = p99([int(line) / 1e9 for line in took.split()])
    client = Client(machine)
    for what, path, pages in (("pools", "/api/storage/pools", False), ("disks", "/api/storage/disks", False),
                              (f"{DATASETS} datasets, all at once", "/api/storage/datasets", False),
                              (f"{DATASETS} datasets, a page of 100", "/api/storage/datasets?limit=100", True),
                              (f"{SNAPSHOTS} snapshots, a page of 100", "/api/storage/snapshots?limit=100", True),
                              (f"{SNAPSHOTS} snapshots, all at once", "/api/storage/snapshots", False)):
        times, at = [], path
        for _ in range(30 if "snapshots, all" in what else 300):
            _, seconds, _, link = client.ask("GET", at)
            times.append(seconds)
            at = link.split("<")[1].split(">")[0] if pages and link else path
        mine = p99(times)
        least = "snapshots, all" in what
        figure(f"p99 of {what}, beside btrfs subvolume list", f"{mine:.2f} ms", f"{peer:.2f} ms", mine / peer, "-" if least else "at most 5 ms",
               least or mine <= 5)


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="4G")
    parts = sys.argv[2:] or ["replication", "snapshot", "lists"]
    print("figure\tours\tpeer\tratio\ttarget\tmet", flush=True)
    try:
        up = machine.trial("up")
        assert up.returncode == 0, up.stdout
        machine.set_up()
        pools(machine)
        for part in parts:
            globals()[part](machine)
    finally:
        machine.trial("reset")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
