#!/usr/bin/python3
"""A pool of a real Ceph cluster (tests/appliance/ceph): made, refused with the field that is wrong, used and shared over SMB, over
a restart of the appliance, without its cluster, with its client and the hand killed, and let go of; its key in one place alone.

    tests/appliance/pools_ceph.py BUILD

Ends with "N passed, N failed".
"""
import re
import subprocess
import sys
import time

from machine import HERE, Machine, check, ledger_verifies, lives
from sharing import PEOPLE, offer, smb
from storing import checksum, confirmed, pool, write

ADDRESS = "10.77.0.7"
OTHER = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=="
ORDERS = "/etc/bulkhead/ceph /etc/bulkhead/pools"
KEPT = "/var/lib/bulkhead-storage-hand/keys/kept"
QUICK_S = 5  # for what must not wait for a cluster; a busy machine takes its time for a command
cluster_of = {}  # its number, and the keys of its clients


def ceph(machine, *words):
    done = subprocess.run([f"{HERE}/ceph", *words], env=machine.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=900)
    return subprocess.CompletedProcess(words, done.returncode, done.stdout.strip(), done.stderr)


def add(machine, name="far", monitors=ADDRESS, user="nas", key=None, fsid=None, more=("--yes",)):
    return machine.bulkhead("pools", "add-ceph", name, "--monitors", monitors, "--fsid", fsid or cluster_of["fsid"], "--user", user,
                            "--key-fd", "3", *more, secrets=(key or cluster_of["nas"],))


def left(machine):
    """Whatever there is of pools of clusters."""
    return machine.run("sh", "-c", f"ls {ORDERS} | grep -x 'far.*'; ls {KEPT}; ls -d /srv/far*; pgrep -a ceph-fuse; grep cephfs /proc/self/mountinfo; "
                       "ls /run/systemd/generator | grep far").stdout


def takes(what):
    begun = time.monotonic()
    done = what()
    return done, time.monotonic() - begun


def is_there(machine):
    return bool(pool(machine, "far")) and pool(machine, "far")["health_status"] == "healthy"


def has_ground(machine):
    up = ceph(machine, "up")
    check("there is a cluster", up.returncode == 0, up.stderr[-2000:])
    cluster_of.update(fsid=ceph(machine, "fsid").stdout, nas=ceph(machine, "key", "nas").stdout, guest=ceph(machine, "key", "guest").stdout)
    machine.wait("the trial's disk is free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) >= 1)
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is a pool of a disk beside it", made.returncode == 0, made.stderr)
    made = machine.bulkhead("users", "create", "alice", "--password-fd", "3", "--yes", secrets=(PEOPLE["alice"],))
    check("there is the account alice", made.returncode == 0, made.stderr)


def is_refused(machine):
    for what, field, words in (("a wrong key", "key", {"key": OTHER}), ("a client that is not there", "key", {"user": "nobody"}),
                               ("a folder that is not there", "path", {"more": ("--path", "/nowhere", "--yes")}),
                               ("a folder that is not for this client", "path", {"user": "guest", "key": cluster_of["guest"]}),
                               ("a file system that is not there", "file_system", {"more": ("--file-system", "other", "--yes")}),
                               ("the number of another cluster", "fsid", {"fsid": "11111111-1111-4111-8111-111111111111"}),
                               ("monitors that are not there", "monitors", {"monitors": "10.77.0.99"}),
                               ("a monitor whose name nobody knows", "monitors", {"monitors": "mon.bulk.test"})):
        done, took = takes(lambda words=words: add(machine, **words))
        check(f"{what} is refused within a minute, and {field} is named", done.returncode not in (0, 1) and field in done.stderr.lower().replace("-", "_")
              and took < 60, f"{took:.0f} s, {done.returncode}: {done.stderr}")
        check(f"{what}: nothing is left of it", left(machine) == "", left(machine))
    for what, words in (("a blank in the monitors", {"monitors": "10.77.0.7 10.77.0.8"}), ("an option in their place", {"monitors": "-x"}),
                        ("a line end in them", {"monitors": "10.77.0.7\nCLIENT=admin"}), ("client. before a name", {"user": "client.nas"}),
                        ("a variable for a user", {"user": "${HOME}"}), ("a path with ..", {"more": ("--path", "/../etc", "--yes")}),
                        ("a file system with a comma", {"more": ("--file-system", "a,b", "--yes")}), ("a key that is none", {"key": "x" * 40 + "!"})):
        done = add(machine, **words)
        check(f"{what} is refused before anything is asked", done.returncode != 0 and "must be" in done.stderr and left(machine) == "", done.stderr)
        check("and the key is not said again", words.get("key", "x!x!") not in done.stdout + done.stderr, done.stderr)


def is_added(machine):
    dry = add(machine, more=("--dry-run",))
    check("the plan shows what is done, and no key", dry.returncode == 0 and "bulkhead-mount@far.service" in dry.stdout and
          cluster_of["nas"] not in dry.stdout + dry.stderr and left(machine) == "", dry.stdout + dry.stderr)
    done = add(machine)
    check("it is a pool", done.returncode == 0, done.stderr + machine.run("journalctl", "-b", "-n", "30", "-u", "bulkhead-ceph*", "--no-pager").stdout)
    far = pool(machine, "far")
    check("which is mounted and healthy, has a size, and says from where it is", far["mounted"] and far["health_status"] == "healthy" and
          far["file_system"] == "cephfs" and far["size"] > 500 << 20 and far["ceph"]["fsid"] == cluster_of["fsid"] and far["ceph"]["path"] == "/", far)
    again = add(machine, name="farther")
    check("it cannot be another one as well", again.returncode != 0 and "far already" in again.stderr, again.stderr)
    machine.run("install", "-d", "-m", "2777", "/srv/far/docs")
    cluster_of["sum"] = write(machine, "/srv/far/docs/file", 20)
    machine.wait("what is in it is told soon", lambda: pool(machine, "far")["used"] >= 16 << 20)


def key_is_kept_well(machine):
    key = cluster_of["nas"]
    said = machine.run("sh", "-c", "journalctl -b --no-pager; ps axww -o args; runuser -u postgres -- pg_dump bulkhead").stdout
    check("the key is in no journal, no argument and no table", "bulkhead-ceph@far" in said and key not in said)
    kept = machine.run("grep", "-rlsF", key, "/etc", "/var", "/run/bulkhead", "/run/bulkhead-storage-hand", "/run/systemd/generator", "/tmp").stdout.split()
    check("but in one file of the hand's", len(kept) == 1 and kept[0].startswith(f"{KEPT}/"), kept)
    modes = machine.run("stat", "-c", "%a %U", kept[0], KEPT).stdout.splitlines()
    check("which is for nobody else", modes[1:] == ["700 bulkhead-storage-hand"], modes)


def does_no_more_than_it_can(machine):
    for words in (("datasets", "create", "far", "x"), ("pools", "scrub", "far"), ("pools", "scrub-every", "far", "month"), ("pools", "clear", "far"),
                  ("pools", "mount", "far", "--degraded"), ("pools", "balance", "far"), ("snapshots", "create", "far", "docs", "before"),
                  ("pools", "add", "far", "trial-disk2"), ("pools", "destroy", "far"), ("pools", "set-quota", "far", "alice", "--limit", "5000000")):
        done = machine.bulkhead(*words, "--yes")
        check(f"{' '.join(words)} is refused in words", done.returncode not in (0, 1) and any(word in done.stderr for word in ("cephfs", "Ceph")), f"{done.returncode}: {done.stderr}")


def is_shared(machine):
    made = offer(machine, "docs", "/srv/far/docs")
    check("a folder of it is shared over SMB", made.returncode == 0, made.stderr)
    machine.run("sh", "-c", "echo hello > /root/hello")
    put = smb(machine, "docs", "alice", "put /root/hello hello; get file /root/got")
    check("alice writes there and reads", put.returncode == 0 and checksum(machine, "/root/got") == cluster_of["sum"] and
          machine.run("cat", "/srv/far/docs/hello").stdout == "hello\n" and
          machine.run("stat", "-c", "%U", "/srv/far/docs/hello").stdout.strip() == "alice", put.stdout)


def outlives_a_start(machine):
    done = machine.trial("restart")
    check("the appliance starts anew", done.returncode == 0, done.stdout[-1000:])
    machine.wait("the pool is there again by itself", lambda: is_there(machine))
    check("with what was in it", checksum(machine, "/srv/far/docs/file") == cluster_of["sum"])
    machine.wait("and is shared", lambda: smb(machine, "docs", "alice", "get hello /root/again").returncode == 0)


def comes_and_goes(machine):
    machine.run("systemctl", "restart", "bulkhead-smb.service")  # nobody has a file open any more
    done = machine.bulkhead("pools", "unmount", "far", "--yes")
    check("it is unmounted", done.returncode == 0 and not pool(machine, "far")["mounted"] and pool(machine, "far")["message"] == "It is not mounted.", done.stderr)
    refused = machine.run("sh", "-c", "echo x > /srv/far/x; lsattr -d /srv/far").stdout
    check("below it nothing can be written", machine.run("ls", "/srv/far").stdout == "" and "-i-" in refused, refused)
    done = machine.bulkhead("pools", "mount", "far", "--yes")
    check("it is mounted again", done.returncode == 0 and is_there(machine) and checksum(machine, "/srv/far/docs/file") == cluster_of["sum"], done.stderr)
    done = machine.bulkhead("pools", "rename", "far", "farther", "--yes")
    check("it gets another name", done.returncode == 0 and pool(machine, "farther")["mounted"] and not pool(machine, "far") and
          checksum(machine, "/srv/farther/docs/file") == cluster_of["sum"], done.stderr)
    done = machine.bulkhead("pools", "rename", "farther", "far", "--yes")
    check("and its own again", done.returncode == 0 and is_there(machine), done.stderr)


def client_is_killed(machine):
    machine.run("pkill", "-KILL", "-x", "ceph-fuse")
    machine.wait("its client is killed, and it is mounted anew", lambda: is_there(machine) and checksum(machine, "/srv/far/docs/file") == cluster_of["sum"])


def cluster_is_away(machine):
    ceph(machine, "away")
    machine.wait("the cluster is away, and the pool says so", lambda: pool(machine, "far")["health_status"] == "unknown" and
                 "does not answer" in pool(machine, "far")["message"])
    waits = subprocess.Popen([f"{HERE}/trial", "exec", "touch", "/srv/far/docs/late"], env=machine.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    for what, does in (("the list of pools", lambda: machine.bulkhead("pools", "list")), ("a dataset of another pool", lambda: machine.bulkhead(
            "datasets", "create", "tank", "beside", "--yes")), ("a restart of the clerk, which looks at all", lambda: machine.run(
                "systemctl", "restart", "bulkhead-storage-clerk.service")), ("and the list again", lambda: machine.bulkhead("pools", "list")),
            ("PID 1, which reads all units anew", lambda: machine.run("systemctl", "daemon-reload"))):
        done, took = takes(does)
        check(f"{what} takes no longer for that", done.returncode == 0 and took < QUICK_S, f"{took:.1f} s {done.stderr}")
    done, took = takes(lambda: offer(machine, "late", "/srv/far/docs"))
    check("a share of it is refused at once, and nobody waits for it", done.returncode not in (0, 1) and "No pool is mounted" in done.stderr and
          took < QUICK_S, f"{took:.1f} s {done.stderr}")
    told = next(one for one in machine.rows("smb", "list") if one["name"] == "docs")
    check("the one that there is says so", told["state"] != "offered" if "state" in told else "away" in str(told), told)
    done, took = takes(lambda: offer(machine, "beside", "/srv/tank/beside"))
    check("a folder of another pool is shared as ever", done.returncode == 0 and took < QUICK_S, f"{took:.1f} s {done.stderr}")
    check("the other pool is healthy", pool(machine, "tank")["health_status"] == "healthy", pool(machine, "tank"))
    check("who writes there waits", waits.poll() is None)
    ceph(machine, "back")
    machine.wait("the cluster is back, and so is the pool", lambda: is_there(machine))
    check("and what waited goes on", waits.wait(timeout=60) == 0)


def starts_without_it(machine):
    ceph(machine, "away")
    restarted = machine.trial("restart")
    took = re.search(r"running after (\d+) s", restarted.stdout)  # going down it may have waited for who uses the pool
    check("the appliance starts without its cluster", restarted.returncode == 0 and took and int(took[1]) < 60, restarted.stdout[-500:])
    begun = machine.run("systemctl", "show", "-P", "ActiveEnterTimestampMonotonic", "multi-user.target", "bulkhead-ceph@far.service").stdout.split()
    check("and whoever signs in need not wait", int(begun[0]) > 0 and (len(begun) < 2 or begun[1] == "0"), begun)
    machine.wait("it says who does not answer", lambda: pool(machine, "far")["health_status"] == "away" and
                 "None of the monitors" in pool(machine, "far")["message"])
    done = machine.bulkhead("pools", "mount", "far", "--yes")
    check("who mounts it is told the same", done.returncode not in (0, 1) and "None of the monitors" in done.stderr, done.stderr)
    ceph(machine, "back")
    machine.wait("it is mounted by itself when the cluster is there", lambda: is_there(machine))
    check("with what was in it", checksum(machine, "/srv/far/docs/file") == cluster_of["sum"])


def ends_without_it(machine):
    ceph(machine, "away")
    machine.wait("the cluster is away again", lambda: pool(machine, "far")["health_status"] == "unknown")
    machine.run("systemctl", "stop", "bulkhead-smb.service")
    done, took = takes(lambda: machine.bulkhead("pools", "unmount", "far", "--yes"))
    check("it can be unmounted all the same", done.returncode == 0 and took < 60 and not pool(machine, "far")["mounted"], f"{took:.0f} s {done.stderr}")
    check("and its client ends", machine.run("pgrep", "ceph-fuse").stdout == "")
    ceph(machine, "back")
    done = machine.bulkhead("pools", "mount", "far", "--yes")
    check("and be mounted when its cluster is there", done.returncode == 0, done.stderr)
    machine.run("systemctl", "start", "bulkhead-smb.service")


def set_ceph(machine, *words, key=None):
    return machine.bulkhead("pools", "set-ceph", "far", *words, *(("--key-fd", "3") if key else ()), "--yes", secrets=(key,) if key else ())


def is_as_it_was(machine, kept):
    now = pool(machine, "far")["ceph"]
    return now["monitors"] == ADDRESS and now["user"] == "nas" and kept_keys(machine) == kept


def kept_keys(machine):
    return machine.run("sh", "-c", f"cd {KEPT} && sha256sum *").stdout


def is_used_otherwise(machine):
    """By another key, and by other monitors; what the cluster does not take changes nothing."""
    kept = kept_keys(machine)
    done = set_ceph(machine, "--monitors", ADDRESS)
    check("while it is mounted it stays as it is", done.returncode not in (0, 1) and "Unmount it first" in done.stderr, done.stderr)
    machine.run("systemctl", "stop", "bulkhead-smb.service")
    done = machine.bulkhead("pools", "unmount", "far", "--yes")
    check("it is unmounted for that", done.returncode == 0, done.stderr)
    for what, field, words, key in (("another client without its key", "key", ("--user", "guest"), None), ("nothing at all", "monitors", (), None),
                                    ("a wrong key", "key", (), OTHER), ("monitors that are not there", "monitors", ("--monitors", "10.77.0.99"), None),
                                    ("a client that may not use the folder", "path", ("--user", "guest"), cluster_of["guest"])):
        done, took = takes(lambda words=words, key=key: set_ceph(machine, *words, key=key))
        check(f"{what} is refused, and {field} is named", done.returncode not in (0, 1) and field in done.stderr.lower() and took < 110,
              f"{took:.0f} s {done.returncode} {done.stderr}")
        check(f"{what}: all is as it was", is_as_it_was(machine, kept), kept_keys(machine))
    done = machine.bulkhead("pools", "mount", "far", "--yes")
    check("and it can be mounted", done.returncode == 0 and is_there(machine), done.stderr)
    machine.bulkhead("pools", "unmount", "far", "--yes")
    other = ceph(machine, "renew", "nas").stdout
    check("the cluster gives its client another key", len(other) == 40 and other != cluster_of["nas"], other)
    done = machine.bulkhead("pools", "mount", "far", "--yes")
    check("by the old one it cannot be mounted any more", done.returncode not in (0, 1) and "key" in done.stderr, done.stderr)
    done = set_ceph(machine, "--monitors", f"{ADDRESS}:6789", key=other)
    check("by the new one it can, and by that monitor's port", done.returncode == 0 and is_there(machine) and
          pool(machine, "far")["ceph"]["monitors"] == f"{ADDRESS}:6789", done.stderr)
    check("with what was in it", checksum(machine, "/srv/far/docs/file") == cluster_of["sum"])
    check("and one key is kept", len(kept_keys(machine).splitlines()) == 1 and kept_keys(machine) != kept, kept_keys(machine))
    cluster_of["nas"] = other
    done = set_ceph(machine, "--monitors", ADDRESS)
    check("mounted, it stays as it is again", done.returncode not in (0, 1), done.stderr)
    machine.run("systemctl", "start", "bulkhead-smb.service")


def change_is_cut_off(machine):
    """The hand is killed at whatever it is doing: by the old or by the new, and with one key, it can be mounted."""
    machine.run("systemctl", "stop", "bulkhead-smb.service")
    for n in range(8):
        machine.bulkhead("pools", "unmount", "far", "--yes")
        setting = subprocess.Popen(["bash", "-c", 'exec "$@" 3<<<"$KEY"', "sh", f"{HERE}/trial", "exec", "bulkhead", "pools", "set-ceph", "far", "--monitors",
                                    f"{ADDRESS}:{(6789, 3300)[n % 2]}", "--key-fd", "3", "--yes"],
                                   env={**machine.env, "KEY": cluster_of["nas"]}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + 0.2 * n)
        machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-storage-hand.service")
        setting.wait(timeout=120)
        machine.wait(f"killed after {0.05 + 0.2 * n:.2f} s: one key is kept", lambda: len(kept_keys(machine).splitlines()) == 1)
        machine.wait("and it can be mounted", lambda: machine.bulkhead("pools", "mount", "far", "--yes").returncode == 0 and is_there(machine))
    machine.run("systemctl", "start", "bulkhead-smb.service")


def is_let_go(machine):
    machine.bulkhead("smb", "delete", "docs", "--yes")
    done = machine.bulkhead("pools", "export", "far", "--yes")
    check("it is let go of", done.returncode == 0 and not pool(machine, "far"), done.stderr)
    check("and nothing is left here, its key least of all", left(machine) == "", left(machine))
    # The cluster waits a minute for a client that was killed, before it gives others what that one had open.
    machine.wait("what was in it can be had anew, by its folder alone", lambda: add(
        machine, more=("--path", "/docs", "--file-system", "bulk", "--yes")).returncode == 0)
    check("and is still on the cluster", checksum(machine, "/srv/far/file") == cluster_of["sum"])
    done = machine.bulkhead("pools", "export", "far", "--yes")
    check("which is let go of too", done.returncode == 0 and left(machine) == "", done.stderr + left(machine))


def hand_is_killed(machine):
    """At whatever it is doing: whole or not at all, and never with a key that nobody has any use for."""
    for n in range(14):
        adding = subprocess.Popen(["bash", "-c", 'exec "$@" 3<<<"$KEY"', "sh", f"{HERE}/trial", "exec", "bulkhead", "pools", "add-ceph", "far", "--monitors",
                                   ADDRESS, "--fsid", cluster_of["fsid"], "--user", "nas", "--key-fd", "3", "--yes"],
                                  env={**machine.env, "KEY": cluster_of["nas"]}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + 0.12 * n)
        machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-storage-hand.service")
        adding.wait(timeout=120)
        machine.wait(f"killed after {0.05 + 0.12 * n:.2f} s: it is there, or nothing is", lambda: is_there(machine) if pool(machine, "far") else left(machine) == "")
        if pool(machine, "far"):
            done = machine.bulkhead("pools", "export", "far", "--yes")
            check("and is let go of", done.returncode == 0 and left(machine) == "", done.stderr + left(machine))


if __name__ == "__main__":
    MACHINE = Machine(sys.argv[1])
    try:
        lives(MACHINE, has_ground, is_refused, is_added, key_is_kept_well, does_no_more_than_it_can, is_shared, outlives_a_start, comes_and_goes,
              client_is_killed, cluster_is_away, starts_without_it, ends_without_it, is_used_otherwise, change_is_cut_off, is_let_go, hand_is_killed, ledger_verifies)
    finally:
        ceph(MACHINE, "down")
