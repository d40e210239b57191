#!/usr/bin/python3
"""Replication between two real pools: whole, then what is new; what is half received goes, what arrived otherwise is not kept.

    tests/appliance/replication.py BUILD

Ends with "N passed, N failed".
"""
import sys

from machine import Machine, check, ledger_verifies, lives
from storing import confirmed, pool

FROM, TO = "/srv/tank", "/srv/vault"
RATE = 4 << 20


def order(machine, name):
    return next((one for one in machine.rows("replication", "list") if one["name"] == name), None)


def snapshots(machine, of):
    return {one["name"] for one in machine.rows("snapshots", "list") if one["dataset"] == of and one["pool"] == "vault"}


def snapshot(machine, name, of="my data"):
    return machine.bulkhead("snapshots", "create", "tank", of, name, "--yes")


def tree(machine, path):
    """All that a person would miss: names, kinds, owners, modes, times, links and what is in files."""
    words = f"cd '{path}' && find . -not -inum 2 -printf '%P %y %m %U %G %T@ %l %n\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum"
    return machine.run("sh", "-c", words).stdout


def same(machine, name, to="my data"):
    one, other = tree(machine, f"{FROM}/.snapshots/my data/{name}"), tree(machine, f"{TO}/.snapshots/{to}/{name}")
    return len(one) > 100 and one == other


def half_received(machine):
    return machine.run("sh", "-c", f"find {TO}/.incoming -mindepth 2 -maxdepth 2").stdout.strip()


def is_over(machine, name, outcome, of):
    def found():
        last = (order(machine, name) or {}).get("last", {})
        return last.get("snapshot") == of and last["outcome"] == outcome and last
    return machine.wait(f"{of} by {name}: {outcome}", found)


def runs(machine, name):
    def found():
        run = order(machine, name).get("run", {})
        return run.get("bytes", 0) > 0 and not run["compares"]
    machine.wait(f"{name} is under way", found)


def tank_and_vault(machine):
    """Two pools of a disk each, with one dataset in the first."""
    machine.wait("the disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) == 2)
    for name, disk in (("tank", "trial-disk1"), ("vault", "trial-disk2")):
        made = confirmed(machine, "pools", "create", name, "--profile", "single", "--disks", disk)
        check(f"there is the pool {name}", made.returncode == 0, made.stderr)
    machine.bulkhead("datasets", "create", "tank", "my data", "--yes")


def has_pools(machine):
    tank_and_vault(machine)
    machine.bulkhead("datasets", "create", "tank", "my data/inner", "--yes")
    machine.run("sh", "-c", f"""cd '{FROM}/my data' && mkdir 'd x' && dd if=/dev/urandom of=big bs=1M count=48 status=none &&
        cp /etc/passwd 'd x/p' && ln big 'd x/link' && ln -s /etc/shadow away && mkfifo pipe && touch "$(printf 'a\\nb')" &&
        install -o nobody -g nogroup -m 4755 /bin/true set && mknod null c 1 3 && truncate -s 16M holes && chattr +C 'd x' && sync""")


def is_sent_whole(machine):
    words = ("replication", "create", "nightly", "--pool", "tank", "--dataset", "my data", "--to-pool", "vault", "--every", "day")
    plain = machine.bulkhead(*words, "--yes")
    check("an order needs more than --yes", plain.returncode == 7 and not order(machine, "nightly"), plain.stderr)
    nowhere = confirmed(machine, *[word if word != "vault" else "nosuch" for word in words])
    check("there must be a pool to send to", nowhere.returncode == 4, nowhere.stderr)
    itself = confirmed(machine, *[word if word != "vault" else "tank" for word in words])
    check("and not the same place", itself.returncode != 0 and not order(machine, "nightly"), itself.stderr)
    made = confirmed(machine, *words)
    check("an order is given", made.returncode == 0 and "no snapshot" in order(machine, "nightly")["message"], made.stderr)
    snapshot(machine, "s1")
    is_over(machine, "nightly", "finished", "s1")
    machine.wait("what arrived is shown", lambda: snapshots(machine, "my data") == {"s1"})
    check("and is what was sent", same(machine, "s1"), tree(machine, f"{TO}/.snapshots/my data/s1"))
    machine.wait("it is up to date", lambda: order(machine, "nightly")["up_to_date"])
    check("nothing half received is left", not half_received(machine), half_received(machine))
    again = machine.bulkhead("replication", "run", "nightly", "--yes")
    check("what is there is not sent again", again.returncode == 5 and "is there" in again.stderr, again.stderr)
    machine.wait("the ledger knows of it", lambda: [row["outcome"] for row in machine.rows("ledger", "list") if
                 (row["method"], row["kind"]) == ("nas.storage.RunReplication", "event")] == ["success"])


def is_sent_since(machine):
    machine.run("sh", "-c", f"cd '{FROM}/my data' && dd if=/dev/urandom of=new bs=1M count=2 status=none && rm -r 'd x' && sync")
    snapshot(machine, "s2")
    begun = machine.bulkhead("replication", "run", "nightly", "--dry-run")
    check("the next is what the new one has beyond the old one", "beyond s1" in begun.stdout, begun.stdout)
    machine.bulkhead("replication", "run", "nightly", "--yes")
    is_over(machine, "nightly", "finished", "s2")
    machine.wait("it is there", lambda: snapshots(machine, "my data") == {"s1", "s2"})
    check("and is what was sent", same(machine, "s2"))
    told = machine.run("cat", "/var/lib/bulkhead/work/nightly.replication").stdout
    used = next(one for one in machine.rows("snapshots", "list") if one["pool"] == "vault" and one["name"] == "s2")["exclusive"]
    check("no more than what was new takes room", "work s2 s1" in told and used < 8 << 20, (told, used))


def comes_back_in_a_drill(machine):
    made = confirmed(machine, "replication", "create", "drilled", "--pool", "tank", "--dataset", "my data", "--to-pool", "vault",
                     "--to-dataset", "copies", "--every", "month", "--drill", "month", "--rate", str(2 * RATE))
    check("an order says that it is tried", made.returncode == 0 and order(machine, "drilled")["drill"]["every"] == "month", made.stderr)
    is_over(machine, "drilled", "finished", "s2")

    def drilled(*outcomes):
        return lambda: (order(machine, "drilled")["drill"].get("last") or {}).get("outcome") in outcomes
    machine.wait("by itself what was sent is sent back and compared", drilled("finished"))
    machine.wait("the ledger knows of the drill", lambda: [row["outcome"] for row in machine.rows("ledger", "list") if
                 (row["method"], row["kind"]) == ("nas.storage.RunDrill", "event")] == ["success"])
    check("nothing of it is left", not machine.run("find", f"{FROM}/.incoming", "-mindepth", "2").stdout, "")
    begun = machine.bulkhead("replication", "drill", "drilled", "--yes")
    check("it is done when somebody asks", begun.returncode == 0, begun.stderr)
    machine.wait("it runs", lambda: (order(machine, "drilled")["drill"].get("run") or {}).get("bytes", 0) > 0)
    machine.run("pkill", "-9", "-f", "btrfs receive")
    machine.wait("a drill that fails says so", drilled("failed", "stopped"))
    machine.wait("and nothing of it is left", lambda: not machine.run("find", f"{FROM}/.incoming", "-mindepth", "2").stdout)
    gone = machine.bulkhead("replication", "delete", "drilled", "--yes")
    check("its order goes with the other", gone.returncode == 0 and machine.run("sh", "-c", "ls /etc/bulkhead/replications").stdout.split() == ["nightly"], gone.stderr)


def is_cut_off(machine):
    """A second order, slow enough to be cut off in the middle."""
    slow = confirmed(machine, "replication", "create", "slow", "--pool", "tank", "--dataset", "my data", "--to-pool", "vault",
                     "--to-dataset", "slow", "--every", "month", "--rate", str(RATE))
    check("an order says how fast", slow.returncode == 0 and order(machine, "slow")["rate"] == RATE, slow.stderr)
    for what, words in (("who receives is killed", ("pkill", "-9", "-f", "btrfs receive")),
                        ("who sends is killed", ("pkill", "-9", "-f", "btrfs send")),
                        ("who carries is killed", ("pkill", "-9", "storage-carrier"))):
        if not order(machine, "slow").get("run"):
            begun = machine.bulkhead("replication", "run", "slow", "--yes")
            check("it is begun", begun.returncode == 0, begun.stderr)
        runs(machine, "slow")
        machine.wait("something is half received", lambda: half_received(machine))
        machine.run(*words)
        machine.wait(f"{what}: it is over", lambda: not order(machine, "slow").get("run"))
        last = order(machine, "slow")["last"]
        check("it failed", last["outcome"] in ("failed", "stopped"), last)
        machine.wait("nothing half received is left", lambda: not half_received(machine))
        check("nor kept", not snapshots(machine, "slow"))
    again = machine.bulkhead("replication", "run", "slow", "--yes")
    check("it is begun again", again.returncode == 0, again.stderr)
    runs(machine, "slow")
    stopped = machine.bulkhead("replication", "stop", "slow", "--yes")
    check("it is stopped", stopped.returncode == 0, stopped.stderr)
    machine.wait("nothing is left of it", lambda: not half_received(machine) and not order(machine, "slow").get("run"))


def goes_on_without_us(machine):
    again = machine.bulkhead("replication", "run", "slow", "--yes")
    check("it is begun again", again.returncode == 0, again.stderr)
    runs(machine, "slow")
    for daemon in ("storage-clerk", "storage-hand"):
        machine.run("systemctl", "kill", "--signal=KILL", f"bulkhead-{daemon}")
    is_over(machine, "slow", "finished", "s2")
    machine.wait("it is there", lambda: snapshots(machine, "slow") == {"s2"})
    check("and is what was sent", same(machine, "s2", "slow"))


def is_changed_on_the_way(machine):
    """Somebody with all rights writes into what is being received: it arrives, and is not the same."""
    snapshot(machine, "s3")
    machine.run("sh", "-c", f"dd if=/dev/urandom of='{FROM}/my data/more' bs=1M count=16 status=none; sync")
    snapshot(machine, "s4")
    machine.bulkhead("replication", "run", "slow", "--yes")
    machine.wait("it is being received", lambda: machine.run("sh", "-c", f"test -e {TO}/.incoming/slow/s4/big && touch {TO}/.incoming/slow/s4/foreign")
                 .returncode == 0)
    is_over(machine, "slow", "failed", "s4")
    last = order(machine, "slow")["last"]
    check("it says why", "not what was sent" in last.get("message", ""), last)
    check("and is not kept", snapshots(machine, "slow") == {"s2"} and not half_received(machine), snapshots(machine, "slow"))


def comes_back(machine):
    again = machine.bulkhead("replication", "run", "slow", "--yes")
    check("it is begun again", again.returncode == 0, again.stderr)
    runs(machine, "slow")
    up = machine.trial("reboot")
    check("the machine goes down in the middle", up.returncode == 0, up.stdout)
    is_over(machine, "slow", "finished", "s4")
    machine.wait("it was begun again by itself", lambda: "s4" in snapshots(machine, "slow"))
    check("and is what was sent", same(machine, "s4", "slow"))
    check("nothing half received is left", not half_received(machine), half_received(machine))


def is_away(machine):
    machine.bulkhead("pools", "unmount", "vault", "--yes")
    away = machine.bulkhead("replication", "run", "nightly", "--yes")
    check("nothing is sent to a pool that is away", away.returncode == 5 and "away" in order(machine, "nightly")["message"], away.stderr)
    machine.bulkhead("pools", "mount", "vault", "--yes")
    clone = machine.bulkhead("snapshots", "clone", "vault", str(next(
        one["id"] for one in machine.rows("snapshots", "list") if one["pool"] == "vault" and one["dataset"] == "slow" and one["name"] == "s4")),
        "restored", "--yes")
    check("what was sent becomes a dataset again", clone.returncode == 0 and
          machine.run("cmp", f"{FROM}/my data/more", f"{TO}/restored/more").returncode == 0, clone.stderr)
    for name in ("slow", "nightly"):
        gone = machine.bulkhead("replication", "delete", name, "--yes")
        check(f"the order {name} is taken back", gone.returncode == 0 and not order(machine, name), gone.stderr)
    check("and what was sent stays", snapshots(machine, "slow") == {"s2", "s4"}, snapshots(machine, "slow"))


def pools_are_healthy(machine):
    check("the pools are healthy", all(pool(machine, name)["health_status"] == "healthy" for name in ("tank", "vault")))


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="2G"), has_pools, is_sent_whole, is_sent_since,
          comes_back_in_a_drill, is_cut_off, goes_on_without_us, is_changed_on_the_way, comes_back, is_away, ledger_verifies,
          pools_are_healthy)


if __name__ == "__main__":
    main()
