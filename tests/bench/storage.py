#!/usr/bin/python3
"""Storage on the appliance beside the bare tools: replication.

    tests/bench/storage.py BUILD [replication]        (root)

Lines: figure, ours, peer, ratio, target, met. Ours and peer alternate in one run; the median of both counts.
"""
import os
import statistics
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/appliance")
from machine import Machine  # noqa: E402
from storing import confirmed  # noqa: E402

MEGABYTES, ROUNDS = 512, 5
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


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="4G")
    parts = sys.argv[2:] or ["replication"]
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
