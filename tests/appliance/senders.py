#!/usr/bin/python3
"""Who may send snapshots here: another machine is let in by its key for one folder, sends for real, can do nothing else, and is
sent away again.

    tests/appliance/senders.py BUILD

Both ends are Bulkhead's own: what sends of the one pool, and what receives into the other. Ends with "N passed, N failed".
"""
import sys

from machine import ADDRESS, Machine, check, ledger_verifies, lives
from replication import is_over, order, runs, snapshot, tank_and_vault, tree
from storing import confirmed

PORT, PLACE = "2225", "/srv/vault/from/peer"
SSH = ("ssh", "-F", "/etc/bulkhead/remotes/peer")


def remote(machine):
    return next((one for one in machine.rows("remotes", "list") if one["name"] == "peer"), None)


def senders(machine):
    return machine.rows("remotes", "senders")


def listens(machine):
    return machine.run("sh", "-c", f"ss -Hltn 'sport = :{PORT}'").stdout.strip() != ""


def there(machine):
    return set(machine.run("sh", "-c", f"ls {PLACE} 2>/dev/null").stdout.split())


def has_pools(machine):
    tank_and_vault(machine)
    machine.run("sh", "-c", """cd '/srv/tank/my data' && mkdir 'd x' && dd if=/dev/urandom of=big bs=1M count=24 status=none &&
        cp /etc/passwd 'd x/p' && ln big 'd x/link' && ln -s /etc/shadow away && install -o nobody -g nogroup -m 4755 /bin/true set && sync""")
    snapshot(machine, "s1")


def accept(key, place=PLACE, name="peer"):
    return ("remotes", "accept", name, "--key", key, "--place", place)


def is_let_in(machine):
    check("while nobody may send, nothing listens", not listens(machine) and senders(machine) == [])
    added = confirmed(machine, "remotes", "add", "peer", "--address", ADDRESS, "--port", PORT)
    machine.wait("who sends has a key for it", lambda: (remote(machine) or {}).get("key"))
    key = remote(machine)["key"]
    check("and no answer yet", added.returncode == 0 and not remote(machine)["answers"], (added.stderr, remote(machine)))
    plain = machine.bulkhead(*accept(key), "--yes")
    check("to let somebody in takes more than --yes", plain.returncode == 7 and senders(machine) == [], plain.stderr)
    for what, words in (("no such pool", accept(key, "/srv/cellar/x")), ("not in a pool", accept(key, "/etc/x")),
                        ("the whole pool", accept(key, "/srv/vault")), ("a way out", accept(key, "/srv/vault/../tank/x")),
                        ("for a shell", accept(key, "/srv/vault/$(id)")), ("no key", accept("ssh-ed25519 AAAA")),
                        ("a key with more in it", accept(f'command="id" {key}')), ("two lines", accept(f"{key}\n{key}"))):
        refused = machine.bulkhead(*words, "--dry-run")
        check(f"{what}: refused", refused.returncode != 0 and senders(machine) == [], refused.stdout)
    dry = machine.bulkhead(*accept(key), "--dry-run")
    machine.run("sh", "-c", 'echo "$1" > /run/peer.pub', "sh", key)
    print_ = machine.run("ssh-keygen", "-lf", "/run/peer.pub").stdout.split()[1]
    check("the plan says whom, where and what for", all(word in dry.stdout for word in (print_, PLACE, "nothing else")), dry.stdout)
    done = confirmed(machine, *accept(key))
    one = (senders(machine) or [{}])[0]
    check("it may send", done.returncode == 0 and (one.get("name"), one.get("place"), one.get("fingerprint")) == ("peer", PLACE, print_), (done.stderr, one))
    machine.wait("now something listens", lambda: listens(machine))
    for what, words in (("that name", accept(machine.run("sh", "-c", "ssh-keygen -q -t ed25519 -N '' -f /run/another; cat /run/another.pub").stdout.strip())),
                        ("that key", accept(key, "/srv/vault/other", "other"))):
        refused = machine.bulkhead(*words, "--dry-run")
        check(f"{what} is taken", refused.returncode == 5, refused.stderr)


def sends(machine):
    machine.bulkhead("remotes", "test", "peer", "--yes")
    machine.wait("it has shown its host key", lambda: remote(machine).get("offers"))
    host = machine.run("ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[1]
    check("which is this machine's", remote(machine)["offers"] == host, remote(machine))
    confirmed(machine, "remotes", "trust", "peer")
    machine.wait("it lets us in", lambda: remote(machine)["answers"])
    made = confirmed(machine, "replication", "create", "far", "--pool", "tank", "--dataset", "my data", "--to", f"peer:{PLACE}", "--every", "month")
    check("an order is given", made.returncode == 0, made.stderr)
    is_over(machine, "far", "finished", "s1")
    one, other = tree(machine, "/srv/tank/.snapshots/my data/s1"), tree(machine, f"{PLACE}/s1")
    check("it is there, and what was sent", there(machine) == {"s1"} and len(one) > 100 and one == other, (there(machine), other[:500]))
    machine.run("sh", "-c", "cd '/srv/tank/my data' && echo more > more && rm -r 'd x' && sync")
    snapshot(machine, "s2")
    run = machine.bulkhead("replication", "run", "far", "--yes")
    check("the next is begun", run.returncode == 0, (run.stderr, order(machine, "far")))
    is_over(machine, "far", "finished", "s2")
    one, other = tree(machine, "/srv/tank/.snapshots/my data/s2"), tree(machine, f"{PLACE}/s2")
    check("so is what is new", there(machine) == {"s1", "s2"} and one == other, (there(machine), order(machine, "far")))


def can_do_nothing_else(machine):
    for words in (("id",), (f"ls {PLACE} /root",), ("ls /srv/tank",), (f"btrfs receive --quiet {PLACE}/.incoming/../x",), ("-s", "sftp"), ("-tt", "sh")):
        tried = machine.run(*SSH, "peer", *words) if words[0][0] != "-" else machine.run(*SSH, words[0], "peer", words[1])
        check(f"it cannot: {' '.join(words)}", tried.returncode != 0 and "root:" not in tried.stdout and "uid=" not in tried.stdout, (tried.stdout, tried.stderr))
    tried = machine.run("timeout", "20", *SSH, "-oClearAllForwardings=no", "-W", "127.0.0.1:22", "peer")
    check("nor pass on to elsewhere", tried.returncode != 0 and "SSH-2.0" not in tried.stdout, (tried.stdout, tried.stderr))
    other = machine.run("timeout", "20", *SSH, "-i", "/run/another", "-oIdentityFile=none", "-oIdentitiesOnly=yes", "peer", "btrfs --version")
    allowed = machine.run("sh", "-c", f"timeout 20 ssh -F none -i /run/another -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no "
                          f"-o UserKnownHostsFile=/dev/null -p {PORT} root@{ADDRESS} btrfs --version")
    check("another key opens nothing", allowed.returncode != 0 and "btrfs-progs" not in allowed.stdout and other is not None, allowed.stdout)
    machine.run("sh", "-c", "mkdir -p /root/.ssh && cp /run/another.pub /root/.ssh/authorized_keys")
    allowed = machine.run("sh", "-c", f"timeout 20 ssh -F none -i /run/another -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no "
                          f"-o UserKnownHostsFile=/dev/null -p {PORT} root@{ADDRESS} btrfs --version")
    check("not even root's own", allowed.returncode != 0 and "btrfs-progs" not in allowed.stdout, allowed.stdout)
    machine.run("rm", "-r", "/root/.ssh")


def is_sent_away(machine):
    machine.bulkhead("replication", "delete", "far", "--yes")
    machine.run("sh", "-c", "cd '/srv/tank/my data' && dd if=/dev/urandom of=much bs=1M count=48 status=none && sync")
    snapshot(machine, "s3")
    slow = confirmed(machine, "replication", "create", "slow", "--pool", "tank", "--dataset", "my data", "--to", f"peer:{PLACE}", "--every", "month",
                     "--rate", str(2 << 20))
    check("a slow one is under way", slow.returncode == 0, slow.stderr)
    if not order(machine, "slow").get("run"):
        machine.bulkhead("replication", "run", "slow", "--yes")
    runs(machine, "slow")
    gone = machine.bulkhead("remotes", "revoke", "peer", "--yes")
    check("it is revoked meanwhile", gone.returncode == 0 and senders(machine) == [], gone.stderr)
    machine.wait("what it was sending ends", lambda: not order(machine, "slow").get("run"))
    check("nothing listens any more", not listens(machine) and machine.run("pgrep", "-f", "btrfs receive").returncode == 1)
    check("what came stays, and nothing by halves", there(machine) == {"s1", "s2"}, there(machine))
    check("nobody is revoked twice", machine.bulkhead("remotes", "revoke", "peer", "--yes").returncode != 0)
    machine.bulkhead("replication", "delete", "slow", "--yes")


def drifts(machine):
    done = confirmed(machine, *accept(remote(machine)["key"]))
    check("it is let in again", done.returncode == 0 and len(senders(machine)) == 1, done.stderr)
    exported = machine.bulkhead("pools", "export", "vault", "--yes")
    drift = [one for one in machine.rows("drift", "list") if one["kind"] == "sender"]
    check("that its pool is gone is drift", exported.returncode == 0 and [one["name"] for one in drift] == ["peer"], (exported.stderr, drift))
    adopted = machine.bulkhead("drift", "adopt", drift[0]["id"] if drift else "none", "--yes")
    check("taken as it is, nobody may send", adopted.returncode == 0 and senders(machine) == [] and not listens(machine), adopted.stderr)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="2", TRIAL_DISK_SIZE="2G"), has_pools, is_let_in, sends, can_do_nothing_else, is_sent_away, drifts,
          ledger_verifies)


if __name__ == "__main__":
    main()
