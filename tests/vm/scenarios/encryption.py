"""Encrypted pools: opened by themselves, or by who knows the passphrase; disks alone tell nothing."""
import json

from machine import wait
from pooling import SLOW, confirmed, disks_now, is_intact, pool_now, restart, settles, written

PHRASE, OTHER = "a long passphrase of theirs", "another long passphrase"


def _told(machine, words):
    """A command that is given the passphrases, each by a descriptor of its own; no argument has any."""
    return machine.ssh(f"bulkhead {words} --yes", seconds=SLOW)


def _confirmed_with(machine, words, phrase):
    dry = machine.ssh(f"bulkhead {words} --passphrase-fd 3 --dry-run --json 3<<<'{phrase}'")
    assert phrase not in dry.stdout, dry.stdout
    digest = json.loads(dry.stdout)["plan"]["digest"]
    return machine.does(f"bulkhead {words} --passphrase-fd 3 --yes --confirm {digest} 3<<<'{phrase}'", seconds=SLOW)


def a_pool_with_a_kept_key_opens_by_itself(machine):
    """After a restart it is mounted, also without our daemons; a new disk of it is encrypted too; destroyed, nothing opens it."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    confirmed(machine, f"pools create tank --profile raid1 --disks {disks['SATA-1']} --disks {disks['SCSI-1']} --encrypt key")
    pool = pool_now(machine)
    assert pool["mounted"] and pool["encryption"] == {"locked": False, "ways": ["key"]}, pool
    assert sorted(one["disk"] for one in pool["devices"]) == sorted([disks["SATA-1"], disks["SCSI-1"]]), pool
    taken = disks_now(machine)["SATA-1"]
    assert taken["in_use"] == "pool" and taken["pool"] == "tank" and not taken["takable"], taken
    assert machine.does(f"blkid -po value -s TYPE /dev/disk/by-id/{disks['SATA-1']}") == "crypto_LUKS"
    sums = written(machine)
    machine.does("systemctl mask --quiet bulkhead-storage-clerk.service bulkhead-storage-hand.service")
    booted = machine.out("cat /proc/sys/kernel/random/boot_id")
    machine.ssh("sync; systemctl reboot")
    assert wait(lambda: machine.out("cat /proc/sys/kernel/random/boot_id") not in ("", booted), 300)
    assert wait(lambda: "btrfs" in machine.out("findmnt -no FSTYPE /srv/tank"), 180), machine.out("systemctl status 'bulkhead-unlock@*' 'bulkhead-mount@*'")
    is_intact(machine, sums)
    machine.does("systemctl unmask --quiet bulkhead-storage-clerk.service bulkhead-storage-hand.service; systemctl restart bulkhead.target")
    machine.wait_running()
    assert wait(lambda: machine.ssh("bulkhead pools list").returncode == 0, 120)

    _told(machine, "pools lock tank")
    pool = pool_now(machine)
    assert not pool["mounted"] and pool["encryption"]["locked"] and "Mount it" in pool["message"], pool
    assert not machine.out("ls /dev/mapper").replace("control", "").strip(), machine.out("ls /dev/mapper")
    assert disks_now(machine)["SATA-1"]["in_use"] == "pool", disks_now(machine)["SATA-1"]
    refused = machine.ssh(f"bulkhead pools create other --profile single --disks {disks['SATA-1']} --erase --dry-run")
    assert refused.returncode != 0 and "tank" in refused.stderr, refused.stderr
    done = _told(machine, "pools mount tank")
    assert done.returncode == 0 and pool_now(machine)["mounted"], done.stderr
    is_intact(machine, sums)

    uuid = pool_now(machine)["uuid"]
    machine.does("bulkhead pools export tank --yes", seconds=SLOW)
    assert not machine.out("ls /dev/mapper").replace("control", "").strip() and pool_now(machine) is None
    done = _told(machine, f"pools import {uuid} tank")
    assert done.returncode == 0 and pool_now(machine)["encryption"] == {"locked": False, "ways": ["key"]}, done.stderr
    is_intact(machine, sums)

    confirmed(machine, "pools destroy tank")
    for name in ("SATA-1", "SCSI-1"):
        assert machine.ssh(f"blkid -p /dev/disk/by-id/{disks[name]}").stdout == "" and disks_now(machine)[name]["takable"], name
        assert machine.ssh(f"cryptsetup luksDump /dev/disk/by-id/{disks[name]}").returncode != 0
    assert machine.out("ls /var/lib/bulkhead-storage-hand/keys/kept /etc/bulkhead/encryption | grep -v :") == "", "a key is left"


def _stands(machine):
    """Whether there is such a pool; nothing of it may be there by halves."""
    pool, wanted = pool_now(machine), machine.out("ls /etc/bulkhead/pools /etc/bulkhead/encryption | grep -c tank")
    open_ones = machine.out("ls /dev/mapper | grep -c luks-")
    assert machine.out("ls /run/bulkhead-storage-hand/given") == "", "a passphrase is left"
    assert (pool is not None and pool["mounted"], wanted, open_ones, machine.ssh("test -d /srv/tank").returncode) in (
        (True, "2", "1", 0), (False, "0", "0", 1)), (pool, wanted, open_ones, machine.out("ls /srv"))
    return pool is not None


def a_hand_that_is_killed_leaves_nothing_by_halves(machine):
    """At whatever step of making an encrypted pool: it is made, or there is nothing of it, and no passphrase either."""
    disk = disks_now(machine)["SATA-3"]["id"]
    words = f"pools create tank --profile single --disks {disk} --erase --encrypt passphrase --passphrase-fd 3"
    for seconds in (1, 3, 5, 8):
        digest = json.loads(machine.does(f"bulkhead {words} --dry-run --json 3<<<'{PHRASE}'"))["plan"]["digest"]
        machine.does(f"(bulkhead {words} --yes --confirm {digest} >/run/said 2>&1 3<<<'{PHRASE}'; echo >>/run/said it ended) & "
                     f"sleep {seconds}; systemctl kill --signal=KILL bulkhead-storage-hand; wait", seconds=SLOW)
        assert wait(lambda: machine.ssh("bulkhead jobs list --json").returncode == 0, 60)
        assert settles(machine, _stands), machine.out("cat /run/said; journalctl -b -n 40 --no-pager -u bulkhead-storage-hand")
        if _stands(machine):
            confirmed(machine, "pools destroy tank")
        assert not _stands(machine)


def a_disk_of_an_encrypted_pool_is_encrypted(machine):
    """One that is added, and one that takes the place of another, by the pool's passphrase and by no other."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    _confirmed_with(machine, f"pools create tank --profile single --disks {disks['SATA-1']} --encrypt passphrase", PHRASE)
    sums = written(machine)
    wrong = machine.ssh(f"bulkhead pools add tank {disks['SATA-2']} --passphrase-fd 3 --dry-run --json 3<<<'{OTHER}'")
    digest = json.loads(wrong.stdout)["plan"]["digest"]
    wrong = machine.ssh(f"bulkhead pools add tank {disks['SATA-2']} --passphrase-fd 3 --yes --confirm {digest} 3<<<'{OTHER}'", seconds=SLOW)
    assert wrong.returncode != 0 and "passphrase" in wrong.stderr, wrong.stderr
    assert len(pool_now(machine)["devices"]) == 1 and disks_now(machine)["SATA-2"]["in_use"] == "free", pool_now(machine)
    _confirmed_with(machine, f"pools add tank {disks['SATA-2']}", PHRASE)
    _confirmed_with(machine, f"pools replace tank 1 {disks['SCSI-1']} --healthy-too", PHRASE)
    assert wait(lambda: not pool_now(machine).get("work") and (pool_now(machine).get("last_work") or {}).get("kind") == "replace", 120), pool_now(machine)
    assert sorted(one["disk"] for one in pool_now(machine)["devices"]) == sorted([disks["SATA-2"], disks["SCSI-1"]]), pool_now(machine)
    for name in ("SATA-2", "SCSI-1"):
        assert machine.does(f"blkid -po value -s TYPE /dev/disk/by-id/{disks[name]}") == "crypto_LUKS"
    is_intact(machine, sums)
    machine.does("bulkhead pools lock tank --yes")
    machine.does(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{PHRASE}'", seconds=SLOW)
    is_intact(machine, sums)
    assert disks_now(machine)["SATA-1"]["takable"], disks_now(machine)["SATA-1"]


def a_pool_with_a_passphrase_waits_for_it(machine):
    """After a restart it is locked and says so; a wrong passphrase changes nothing; nobody else keeps the right one."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    _confirmed_with(machine, f"pools create tank --profile single --disks {disks['SATA-2']} --encrypt passphrase", PHRASE)
    assert pool_now(machine)["encryption"] == {"locked": False, "ways": ["passphrase"]}, pool_now(machine)
    sums = written(machine)
    found = machine.out(f"grep -rlF '{PHRASE}' /etc /run /var/lib /var/log /tmp 2>/dev/null; journalctl --no-pager | grep -F '{PHRASE}'; "
                        f"bulkhead ledger list --json | grep -F '{PHRASE}'; ls /run/bulkhead-storage-hand/given")
    assert found == "", found
    restart(machine)
    pool = pool_now(machine)
    assert not pool["mounted"] and pool["encryption"]["locked"] and "passphrase" in pool["message"], pool
    refused = machine.ssh("bulkhead pools mount tank --yes")
    assert refused.returncode != 0 and "locked" in refused.stderr, refused.stderr
    wrong = machine.ssh(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{OTHER}'", seconds=SLOW)
    assert wrong.returncode != 0 and "passphrase" in wrong.stderr and "wrong" in wrong.stderr, wrong.stdout + wrong.stderr
    assert pool_now(machine)["encryption"]["locked"] and machine.out("ls /run/bulkhead-storage-hand/given") == ""
    machine.does(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{PHRASE}'", seconds=SLOW)
    assert pool_now(machine)["mounted"], pool_now(machine)
    is_intact(machine, sums)

    uuid = pool_now(machine)["uuid"]
    machine.does("bulkhead pools export tank --yes")
    assert not machine.out("ls /dev/mapper").replace("control", "").strip(), machine.out("ls /dev/mapper")
    listed = json.loads(machine.does("bulkhead pools found --json"))["file_systems"]
    assert [(one["uuid"], one["encrypted"], one["disks"]) for one in listed if one["encrypted"]] == [(uuid, True, [disks["SATA-2"]])], listed
    wrong = machine.ssh(f"bulkhead pools import {uuid} tank --passphrase-fd 3 --yes 3<<<'{OTHER}'", seconds=SLOW)
    assert wrong.returncode != 0 and "passphrase" in wrong.stderr and pool_now(machine) is None, wrong.stdout + wrong.stderr
    machine.does(f"bulkhead pools import {uuid} tank --passphrase-fd 3 --yes 3<<<'{PHRASE}'", seconds=SLOW)
    assert pool_now(machine)["encryption"] == {"locked": False, "ways": ["passphrase"]}, pool_now(machine)
    is_intact(machine, sums)


def _opens(machine, disk, phrase):
    """Whether it opens that disk, asked of the disk itself."""
    return machine.ssh(f"printf %s '{phrase}' | cryptsetup open --test-passphrase --key-file=- /dev/disk/by-id/{disk}", seconds=SLOW).returncode == 0


def _ways(machine):
    return sorted(pool_now(machine)["encryption"]["ways"])


def _with_both(machine, words, new, old):
    """As _confirmed_with, with the new one and the one that it has."""
    given = "--new-passphrase-fd 3" + (" --passphrase-fd 4" if old else "")
    fds = f"3<<<'{new}'" + (f" 4<<<'{old}'" if old else "")
    digest = json.loads(machine.does(f"bulkhead {words} {given} --dry-run --json {fds}"))["plan"]["digest"]
    return machine.ssh(f"bulkhead {words} {given} --yes --confirm {digest} {fds}", seconds=SLOW)


def ways_to_open_it_are_added_changed_and_removed(machine):
    """A key gets a passphrase beside it, that is changed, the key goes and comes back; the last way stays; what went opens nothing."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    both = disks["SATA-1"], disks["SATA-2"]
    confirmed(machine, f"pools create tank --profile raid1 --disks {both[0]} --disks {both[1]} --encrypt key")
    sums, key = written(machine), machine.does("cat /var/lib/bulkhead-storage-hand/keys/kept/*")
    last = machine.ssh("bulkhead pools forget-way tank key --dry-run")
    assert last.returncode != 0 and "no other way" in last.stderr, last.stderr
    done = _with_both(machine, "pools set-passphrase tank", PHRASE, None)
    assert done.returncode == 0 and _ways(machine) == ["key", "passphrase"], done.stderr + machine.out("journalctl -b -n 60 --no-pager -o cat -u bulkhead-storage-hand -u bulkhead-storage-clerk -k")
    assert all(_opens(machine, disk, PHRASE) and _opens(machine, disk, key) for disk in both)
    done = _with_both(machine, "pools set-passphrase tank", OTHER, PHRASE)
    assert done.returncode == 0, done.stderr
    assert all(_opens(machine, disk, OTHER) and not _opens(machine, disk, PHRASE) for disk in both)

    wrong = _confirmed_told(machine, "pools forget-way tank key", PHRASE)
    assert wrong.returncode != 0 and "passphrase" in wrong.stderr and _ways(machine) == ["key", "passphrase"], wrong.stderr
    done = _confirmed_told(machine, "pools forget-way tank key", OTHER)
    assert done.returncode == 0 and _ways(machine) == ["passphrase"], done.stderr
    assert machine.out("ls /var/lib/bulkhead-storage-hand/keys/kept /run/bulkhead-storage-hand/given /run/bulkhead-storage-hand/new | grep -v :") == ""
    assert not any(_opens(machine, disk, key) for disk in both)
    _told(machine, "pools lock tank")
    done = machine.ssh(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{OTHER}'", seconds=SLOW)
    assert done.returncode == 0, done.stderr
    is_intact(machine, sums)

    done = _confirmed_told(machine, "pools keep-key tank", OTHER)
    assert done.returncode == 0 and _ways(machine) == ["key", "passphrase"], done.stderr
    _told(machine, "pools lock tank")
    done = machine.ssh(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{OTHER}'", seconds=SLOW)
    assert done.returncode == 0, done.stderr
    _told(machine, "pools lock tank")
    done = _told(machine, "pools mount tank")
    assert done.returncode == 0, done.stderr
    is_intact(machine, sums)
    confirmed(machine, "pools forget-way tank passphrase")
    assert _ways(machine) == ["key"] and not any(_opens(machine, disk, OTHER) for disk in both)
    assert machine.out("systemctl --failed --no-legend") == ""


def _confirmed_told(machine, words, phrase):
    digest = json.loads(machine.does(f"bulkhead {words} --passphrase-fd 3 --dry-run --json 3<<<'{phrase}'"))["plan"]["digest"]
    return machine.ssh(f"bulkhead {words} --passphrase-fd 3 --yes --confirm {digest} 3<<<'{phrase}'", seconds=SLOW)


def a_disk_of_a_locked_pool_that_comes_opens_and_mounts_it(machine):
    """With a key that is kept: PID 1 does it, with our daemons stopped. With a passphrase: nothing opens before that is given."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    confirmed(machine, f"pools create tank --profile single --disks {disks['SATA-1']} --encrypt key")
    pool = pool_now(machine)
    assert pool["mounted"] and pool["encryption"] == {"locked": False, "ways": ["key"]}, pool
    sums = written(machine)
    done = _told(machine, "pools lock tank")
    assert done.returncode == 0 and pool_now(machine)["encryption"]["locked"], done.stderr
    name = machine.does(f"basename $(readlink -f /dev/disk/by-id/{disks['SATA-1']})")
    host = machine.does(f"readlink -f /sys/block/{name} | grep -o 'host[0-9]*' | head -1")
    machine.does("systemctl stop bulkhead-storage-clerk.service bulkhead-storage-hand.service bulkhead-storage-clerk.socket")
    machine.does(f"echo 1 > /sys/block/{name}/device/delete; sleep 2; echo '- - -' > /sys/class/scsi_host/{host}/scan")
    assert wait(lambda: "btrfs" in machine.out("findmnt -no FSTYPE /srv/tank"), 180), machine.out("systemctl status 'bulkhead-unlock@*' 'bulkhead-mount@*'")
    is_intact(machine, sums)
    machine.does("systemctl start bulkhead-storage-clerk.socket")
    assert wait(lambda: machine.ssh("bulkhead pools list").returncode == 0, 120)
    confirmed(machine, "pools destroy tank")
    assert machine.ssh(f"cryptsetup luksDump /dev/disk/by-id/{disks['SATA-1']}").returncode != 0
    assert machine.out("ls /var/lib/bulkhead-storage-hand/keys/kept /etc/bulkhead/encryption | grep -v :") == "", "a key is left"

    _confirmed_with(machine, f"pools create tank --profile single --disks {disks['SATA-1']} --encrypt passphrase", PHRASE)
    sums = written(machine)
    done = _told(machine, "pools lock tank")
    assert done.returncode == 0 and pool_now(machine)["encryption"]["locked"], done.stderr
    wrong = machine.ssh(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{OTHER}'", seconds=SLOW)
    assert wrong.returncode != 0 and "passphrase" in wrong.stderr and "wrong" in wrong.stderr, wrong.stdout + wrong.stderr
    assert pool_now(machine)["encryption"]["locked"] and machine.out("ls /run/bulkhead-storage-hand/given") == ""
    machine.does(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{PHRASE}'", seconds=SLOW)
    is_intact(machine, sums)


URL = "http://127.0.0.1:7500"


def _serves(machine):
    """A Tang server of Debian's, from the disk with the tests' tools, also after a start; the thumbprint of its key."""
    machine.does("mkdir -p /mnt/low /root/tang; chroot /mnt/tools sh -c 'mkdir /run/tang && /usr/libexec/tangd-keygen /run/tang' 2>/dev/null; cp /run/tang/*.jwk /root/tang/; chmod 644 /root/tang/*")
    machine.does("cat > /etc/systemd/system/mnt-low.mount <<'X'\n[Mount]\nWhat=/dev/disk/by-id/virtio-TOOLS\nWhere=/mnt/low\nOptions=ro\nX")
    machine.does("cat > /etc/systemd/system/other-tang.socket <<'X'\n[Socket]\nListenStream=127.0.0.1:7500\nAccept=yes\n[Install]\nWantedBy=sockets.target\nX")
    machine.does("cat > /etc/systemd/system/other-tang@.service <<'X'\n[Unit]\nRequiresMountsFor=/mnt/low\n[Service]\nStandardInput=socket\nStandardOutput=socket\nStandardError=journal\n"
                 "RootDirectory=/mnt/low\nMountAPIVFS=yes\nBindReadOnlyPaths=/root/tang:/mnt\nExecStart=/usr/libexec/tangd /mnt\nX")
    machine.does("systemctl daemon-reload; systemctl enable --quiet --now other-tang.socket")
    return machine.does("for key in /root/tang/*.jwk; do if grep -q sign $key; then jose jwk thp -i $key; fi; done")


def a_server_in_the_network_opens_a_pool(machine):
    """At each start, by itself; without it the pool is locked and says why, until the server is there or somebody knows the passphrase."""
    disks = {name: disk["id"] for name, disk in disks_now(machine).items()}
    _confirmed_with(machine, f"pools create tank --profile raid1 --disks {disks['SATA-1']} --disks {disks['SATA-2']} --encrypt passphrase", PHRASE)
    shown, words = _serves(machine), f"pools set-tang tank --url {URL}"
    refused = machine.ssh(f"bulkhead {words} --passphrase-fd 3 --dry-run 3<<<'{PHRASE}'", seconds=SLOW)
    assert refused.returncode != 0 and f"the server shows {shown}" in refused.stderr, refused.stderr + machine.out("journalctl -b -n 40 --no-pager")
    _confirmed_with(machine, f"{words} --thumbprint {shown}", PHRASE)
    assert _ways(machine) == ["passphrase", "tang"], pool_now(machine)
    sums = written(machine)
    # Without the server no disk is added, nor erased; one that is added is opened by the server like the others, at the next start.
    more = f"pools add tank {disks['SATA-3']}"
    machine.does("systemctl stop other-tang.socket")
    away = machine.ssh(f"bulkhead {more} --passphrase-fd 3 --dry-run --json 3<<<'{PHRASE}'", seconds=SLOW)
    digest = json.loads(away.stdout)["plan"]["digest"]
    away = machine.ssh(f"bulkhead {more} --passphrase-fd 3 --yes --confirm {digest} 3<<<'{PHRASE}'", seconds=SLOW)
    assert away.returncode != 0 and "The Tang server" in away.stderr and len(pool_now(machine)["devices"]) == 2, away.stderr
    machine.does("systemctl start other-tang.socket")
    _confirmed_with(machine, more, PHRASE)
    assert len(pool_now(machine)["devices"]) == 3 and machine.out("ls -A /run/bulkhead-storage-hand/new") == "", pool_now(machine)

    restart(machine)
    looks = "systemctl status 'bulkhead-tang@*' 'bulkhead-unlock@*'; journalctl -b --no-pager -n 60 -u 'bulkhead-tang@*' -u 'bulkhead-unlock@*' -u 'other-tang@*'"
    assert wait(lambda: "btrfs" in machine.out("findmnt -no FSTYPE /srv/tank"), 180), machine.out(looks)
    is_intact(machine, sums)
    assert wait(lambda: machine.out("ls /run/bulkhead-tang /run/bulkhead-storage-hand/given | grep -v -e : -e '^$'") == "", 60), "a key is left"
    done = _told(machine, "pools lock tank")
    assert done.returncode == 0 and pool_now(machine)["encryption"]["locked"], done.stderr
    done = _told(machine, "pools mount tank")
    assert done.returncode == 0 and pool_now(machine)["mounted"], done.stderr + machine.out(looks)
    is_intact(machine, sums)

    machine.does("systemctl disable --quiet other-tang.socket")
    restart(machine)
    pool = pool_now(machine)
    assert not pool["mounted"] and pool["encryption"]["locked"] and f"The Tang server {URL}" in pool["message"], pool
    machine.does("systemctl start other-tang.socket")
    assert wait(lambda: "btrfs" in machine.out("findmnt -no FSTYPE /srv/tank"), 180), machine.out(looks)
    is_intact(machine, sums)
    _told(machine, "pools lock tank")
    machine.does(f"bulkhead pools unlock tank --passphrase-fd 3 --yes 3<<<'{PHRASE}'", seconds=SLOW)
    is_intact(machine, sums)
    confirmed(machine, "pools forget-way tank tang")
    assert _ways(machine) == ["passphrase"] and machine.out("ls /etc/bulkhead/tang /var/lib/bulkhead/tang /run/bulkhead-tang | grep -v -e : -e '^$'") == ""
    assert machine.out("systemctl --failed --no-legend") == ""
