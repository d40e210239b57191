#!/usr/bin/python3
"""Replication to another machine over SSH: whoever it is must be confirmed, what arrives is what was sent, and whatever goes
wrong on the way, over there or with who answers, nothing half received is kept and it is said what it was.

    tests/appliance/far.py BUILD

The other machine is an OpenSSH server with a host key and a file system of its own. Ends with "N passed, N failed".
"""
import sys

from machine import ADDRESS, Machine, check, ledger_verifies, lives
from replication import is_over, order, runs, snapshot, tree
from storing import confirmed

OTHER, THERE = "/root/other", "/mnt/other/backup/data"
RATE = 4 << 20
SETTINGS = f"""Port 2200
HostKey {OTHER}/key
AuthorizedKeysFile {OTHER}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
"""


def remote(machine):
    return next((one for one in machine.rows("remotes", "list") if one["name"] == "attic"), None)


def serve(machine):
    machine.run("sh", "-c", "mkdir -p /run/sshd; systemctl stop other 2>/dev/null; "
                f"systemd-run --quiet --collect --unit=other /usr/sbin/sshd -D -f {OTHER}/settings")
    machine.wait("the other machine listens", lambda: "SSH-2.0" in machine.run(
        "bash", "-c", f"exec 3<>/dev/tcp/{ADDRESS}/2200 && head -c 7 <&3").stdout)


def there(machine):
    """The snapshots on the other machine that nobody can write to and that say what they were sent as."""
    said = machine.run("sh", "-c", f"cd {THERE} 2>/dev/null && for one in *; do btrfs subvolume show $one | grep -q 'Received UUID:.*-.*-' && "
                       "btrfs property get $one ro | grep -q true && echo $one; done").stdout
    return set(said.split())


def half_received(machine):
    return machine.run("sh", "-c", f"find {THERE}/.incoming -mindepth 2 -maxdepth 2 2>/dev/null").stdout.strip()


def same(machine, name):
    one, other = tree(machine, f"/srv/tank/.snapshots/my data/{name}"), tree(machine, f"{THERE}/{name}")
    return len(one) > 100 and one == other


def fails(machine, name, of, words):
    for _ in range(2):  # one that had begun by itself may have been cut off by what was just changed
        before = order(machine, name).get("last")
        machine.bulkhead("replication", "run", name, "--yes")
        machine.wait(f"{of}: it fails", lambda before=before: order(machine, name).get("last", before) != before and
                     order(machine, name)["last"]["outcome"] in ("failed", "stopped"))
        last = order(machine, name)["last"]
        if words in last.get("message", ""):
            break
    check(f"{of}: it says why", last["snapshot"] and words in last.get("message", ""), last)


def has_pools(machine):
    machine.wait("the disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) == 2)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is the pool tank", made.returncode == 0, made.stderr)
    machine.bulkhead("datasets", "create", "tank", "my data", "--yes")
    machine.bulkhead("datasets", "create", "tank", "my data/inner", "--yes")
    machine.run("sh", "-c", """cd '/srv/tank/my data' && mkdir 'd x' && dd if=/dev/urandom of=big bs=1M count=48 status=none &&
        cp /etc/passwd 'd x/p' && ln big 'd x/link' && ln -s /etc/shadow away && mkfifo pipe && touch "$(printf 'a\\nb')" &&
        install -o nobody -g nogroup -m 4755 /bin/true set && mknod null c 1 3 && truncate -s 16M holes && sync""")
    made = machine.run("sh", "-c", f"""mkdir -p {OTHER} /mnt/other && cat > {OTHER}/settings <<X
{SETTINGS}X
        touch {OTHER}/authorized_keys && ssh-keygen -q -t ed25519 -N '' -f {OTHER}/key &&
        mkfs.btrfs -q -b 512M --mixed /dev/disk/by-id/trial-disk2 && mount /dev/disk/by-id/trial-disk2 /mnt/other""")
    check("there is another machine", made.returncode == 0, made.stderr)
    serve(machine)


def is_confirmed(machine):
    words = ("remotes", "add", "attic", "--address", ADDRESS, "--port", "2200")
    plain = machine.bulkhead(*words, "--yes")
    check("another machine needs more than --yes", plain.returncode == 7 and not remote(machine), plain.stderr)
    made = confirmed(machine, *words)
    machine.wait("it has shown its host key", lambda: (remote(machine) or {}).get("offers"))
    one, print_ = remote(machine), machine.run("ssh-keygen", "-lf", f"{OTHER}/key.pub").stdout.split()[1]
    check("which is the one that it has", made.returncode == 0 and one["offers"] == print_ and "host_key" not in one, (made.stderr, one))
    check("there is a key for it", one["key"].startswith("ssh-ed25519 ") and not one["answers"], one)
    mode = machine.run("stat", "-c", "%a %U", "/var/lib/bulkhead-far", "/var/lib/bulkhead-far/attic").stdout.split()
    check("whose other half nobody else can read", mode == ["700", "bulkhead-far", "600", "bulkhead-far"], mode)
    early = machine.bulkhead("replication", "create", "far", "--pool", "tank", "--dataset", "my data", "--to", f"attic:{THERE}",
                             "--every", "day", "--dry-run")
    check("nothing is sent to who is not confirmed", early.returncode == 5 and "not confirmed" in early.stderr, early.stderr)
    dry = machine.bulkhead("remotes", "trust", "attic", "--dry-run")
    check("the plan shows whom", print_ in dry.stdout, dry.stdout)
    trusted = confirmed(machine, "remotes", "trust", "attic")
    machine.wait("it is confirmed", lambda: remote(machine).get("host_key") == print_)
    check("it does not let us in, and that is said", trusted.returncode == 0 and "authorized_keys" in remote(machine)["message"],
          (trusted.stderr, remote(machine)))
    let_in(machine)
    tested = machine.bulkhead("remotes", "test", "attic", "--yes")
    machine.wait("it lets us in", lambda: remote(machine)["answers"])
    check("which is what the test says", tested.returncode == 0, tested.stderr)


def let_in(machine, only=""):
    machine.run("sh", "-c", f'echo "$1" > {OTHER}/authorized_keys', "sh", only + remote(machine)["key"])


def is_sent(machine):
    words = ("replication", "create", "far", "--pool", "tank", "--dataset", "my data", "--to", f"attic:{THERE}", "--every", "day")
    for what, wrong in (("no such machine", "cellar:/x"), ("no such path", "attic:/a/../b"), ("nor one for a shell", "attic:/a;b")):
        refused = confirmed(machine, *[word if ":" not in word else wrong for word in words])
        check(f"{what}: refused", refused.returncode != 0 and not order(machine, "far"), refused.stderr)
    both = machine.bulkhead(*words, "--to-pool", "tank", "--dry-run")
    check("nor to both", both.returncode != 0, both.stdout)
    made = confirmed(machine, *words)
    check("an order is given", made.returncode == 0 and order(machine, "far")["to"] == f"attic:{THERE}", made.stderr)
    snapshot(machine, "s1")
    is_over(machine, "far", "finished", "s1")
    check("it is there", there(machine) == {"s1"} and not half_received(machine), (there(machine), half_received(machine)))
    check("and is what was sent", same(machine, "s1"))
    machine.wait("it is up to date", lambda: order(machine, "far")["up_to_date"])
    machine.run("sh", "-c", "cd '/srv/tank/my data' && dd if=/dev/urandom of=new bs=1M count=2 status=none && rm -r 'd x' && sync")
    snapshot(machine, "s2")
    begun = machine.bulkhead("replication", "run", "far", "--dry-run")
    check("the next is what the new one has beyond the old one", "beyond s1" in begun.stdout, begun.stdout)
    machine.bulkhead("replication", "run", "far", "--yes")
    is_over(machine, "far", "finished", "s2")
    check("it is there", there(machine) == {"s1", "s2"} and same(machine, "s2"), there(machine))
    free = machine.run("btrfs", "filesystem", "du", "-s", "--raw", f"{THERE}/s2").stdout.split()
    check("no more than what was new takes room", int(free[-3]) < 8 << 20, free)
    machine.wait("the ledger knows of both", lambda: [row["outcome"] for row in machine.rows("ledger", "list") if
                 (row["method"], row["kind"]) == ("nas.storage.RunReplication", "event")] == ["success", "success"])


def is_cut_off(machine):
    gone = machine.bulkhead("replication", "delete", "far", "--yes")
    check("the order is taken back", gone.returncode == 0 and not order(machine, "far"), gone.stderr)
    machine.run("sh", "-c", "cd '/srv/tank/my data' && dd if=/dev/urandom of=more bs=1M count=32 status=none && sync")
    snapshot(machine, "s3")
    slow = confirmed(machine, "replication", "create", "slow", "--pool", "tank", "--dataset", "my data", "--to", f"attic:{THERE}",
                     "--every", "month", "--rate", str(RATE))
    check("another order does not know yet what is there", slow.returncode == 0, slow.stderr)
    for what, words in (("who receives is killed", ("pkill", "-9", "-f", "btrfs receive")),
                        ("who sends is killed", ("pkill", "-9", "-f", "btrfs send")),
                        ("who carries is killed", ("pkill", "-9", "storage-far"))):
        if not order(machine, "slow").get("run"):
            machine.bulkhead("replication", "run", "slow", "--yes")
        runs(machine, "slow")
        machine.wait("something is half received", lambda: half_received(machine))
        machine.run(*words)
        machine.wait(f"{what}: it is over", lambda: not order(machine, "slow").get("run"))
        last = order(machine, "slow")["last"]
        check("it failed", last["outcome"] in ("failed", "stopped"), last)
        machine.wait("nothing half received is left", lambda: not half_received(machine))
        check("nor kept", there(machine) == {"s1", "s2"}, there(machine))
    begun = machine.bulkhead("replication", "run", "slow", "--dry-run")
    check("by now it knows what is there", "beyond s2" in begun.stdout, begun.stdout)
    machine.bulkhead("replication", "run", "slow", "--yes")
    runs(machine, "slow")
    stopped = machine.bulkhead("replication", "stop", "slow", "--yes")
    check("it is stopped", stopped.returncode == 0, stopped.stderr)
    machine.wait("nothing is left of it", lambda: not half_received(machine) and not order(machine, "slow").get("run"))
    machine.bulkhead("replication", "run", "slow", "--yes")
    runs(machine, "slow")
    for daemon in ("storage-clerk", "storage-hand"):
        machine.run("systemctl", "kill", "--signal=KILL", f"bulkhead-{daemon}")
    is_over(machine, "slow", "finished", "s3")
    check("without our daemons it goes on", there(machine) == {"s1", "s2", "s3"} and same(machine, "s3"), there(machine))


def is_somebody_else(machine):
    machine.bulkhead("replication", "delete", "slow", "--yes")
    moved = confirmed(machine, "replication", "create", "slow", "--pool", "tank", "--dataset", "my data", "--to",
                      "attic:/mnt/other/moved", "--every", "month")
    check("an order of the same name leads elsewhere", moved.returncode == 0, moved.stderr)
    check("where nothing is yet", not order(machine, "slow")["up_to_date"], order(machine, "slow"))
    machine.bulkhead("replication", "run", "slow", "--yes")
    machine.wait("and begins anew there", lambda: machine.run("test", "-d", "/mnt/other/moved/s3").returncode == 0)
    machine.wait("and is up to date", lambda: order(machine, "slow")["up_to_date"])
    machine.bulkhead("replication", "delete", "slow", "--yes")
    machine.run("sh", "-c", "btrfs subvolume delete /mnt/other/moved/s3; btrfs subvolume sync /mnt/other")
    back = confirmed(machine, "replication", "create", "slow", "--pool", "tank", "--dataset", "my data", "--to", f"attic:{THERE}",
                     "--every", "month", "--rate", str(RATE))
    check("and back", back.returncode == 0, back.stderr)
    machine.bulkhead("replication", "run", "slow", "--yes")
    machine.wait("where a snapshot of that name is there already, and then known", lambda: order(machine, "slow")["up_to_date"])
    snapshot(machine, "s4")
    machine.run("sh", "-c", f"cd {OTHER} && mv key key.own && mv key.pub key.own.pub && ssh-keygen -q -t ed25519 -N '' -f key")
    serve(machine)
    fails(machine, "slow", "another host key", "not the one that was confirmed")
    machine.bulkhead("remotes", "test", "attic", "--yes")
    machine.wait("that is shown", lambda: remote(machine)["changed"] and not remote(machine)["answers"])
    machine.run("sh", "-c", f"cd {OTHER} && mv key.own key && mv key.own.pub key.pub && ssh-keygen -q -t ed25519 -N '' -f wrong && "
                "cp wrong.pub authorized_keys")
    serve(machine)
    fails(machine, "slow", "another key", "authorized_keys")
    let_in(machine)
    machine.run("systemctl", "stop", "other")
    fails(machine, "slow", "a machine that is away", "refused")
    serve(machine)


def is_full(machine):
    machine.run("sh", "-c", "cd '/srv/tank/my data' && dd if=/dev/urandom of=much bs=1M count=24 status=none && sync")
    snapshot(machine, "s5")
    machine.run("sh", "-c", "dd if=/dev/urandom of=/mnt/other/full bs=1M status=none; sync")
    fails(machine, "slow", "no room over there", "No space left")
    machine.run("sh", "-c", "rm /mnt/other/full; sync")
    machine.bulkhead("replication", "run", "slow", "--yes")
    is_over(machine, "slow", "finished", "s5")
    check("with room it is there", there(machine) == {"s1", "s2", "s3", "s5"} and same(machine, "s5") and not half_received(machine),
          (there(machine), half_received(machine)))


def is_changed_on_the_way(machine):
    machine.run("sh", "-c", "cd '/srv/tank/my data' && dd if=/dev/urandom of=last bs=1M count=32 status=none && sync")
    snapshot(machine, "s6")
    machine.bulkhead("replication", "run", "slow", "--yes")
    machine.wait("it is being received", lambda: machine.run("sh", "-c", f"test -e {THERE}/.incoming/slow/s6/big && "
                 f"touch {THERE}/.incoming/slow/s6/foreign").returncode == 0)
    is_over(machine, "slow", "failed", "s6")
    last = order(machine, "slow")["last"]
    check("it says why", "not what was sent" in last.get("message", ""), last)
    check("and is not kept", "s6" not in there(machine) and not half_received(machine), there(machine))


def may_only_receive(machine):
    def only(path):
        return f'restrict,command="/usr/libexec/bulkhead/receive-only {path}" '
    let_in(machine, only("/mnt/other/elsewhere"))
    fails(machine, "slow", "a key for another folder", "only for receiving")
    let_in(machine, only(THERE))
    for words in ("id", f"ls {THERE} /root", f"btrfs receive --quiet {THERE}/.incoming/../x"):
        tried = machine.run("ssh", "-F", "/etc/bulkhead/remotes/attic", "attic", words)
        check(f"a key that may only receive cannot: {words}", tried.returncode == 1 and not tried.stdout and
              "only for receiving" in tried.stderr, (tried.stdout, tried.stderr))
    machine.bulkhead("replication", "run", "slow", "--yes")
    is_over(machine, "slow", "finished", "s6")
    check("but receive it can", same(machine, "s6") and not half_received(machine), there(machine))
    machine.bulkhead("remotes", "test", "attic", "--yes")
    machine.wait("and be tested", lambda: remote(machine)["answers"])


def is_forgotten(machine):
    used = machine.bulkhead("remotes", "delete", "attic", "--yes")
    check("a machine that is sent to stays known", used.returncode == 5 and "slow" in used.stderr, used.stderr)
    machine.bulkhead("replication", "delete", "slow", "--yes")
    gone = machine.bulkhead("remotes", "delete", "attic", "--yes")
    machine.wait("it is known no more", lambda: not remote(machine))
    left = machine.run("sh", "-c", "ls /var/lib/bulkhead-far /etc/bulkhead/remotes /var/lib/bulkhead/remotes/*.remote").stdout
    check("nothing of its keys is left", gone.returncode == 0 and "attic" not in left, (gone.stderr, left))
    check("what was sent stays", there(machine) == {"s1", "s2", "s3", "s5", "s6"}, there(machine))


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="2G"), has_pools, is_confirmed, is_sent, is_cut_off,
          is_somebody_else, is_full, is_changed_on_the_way, may_only_receive,
          is_forgotten, ledger_verifies)


if __name__ == "__main__":
    main()
