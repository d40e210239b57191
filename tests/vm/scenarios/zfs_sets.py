"""Datasets and snapshots of ZFS's: made, changed, looked at and deleted as those of btrfs are, with ZFS's own tool."""
import json

from machine import wait
from pooling import SLOW, confirmed, restart, settles

ONE = "ata-QEMU-SATA_SATA-1"


def _vault(machine):
    machine.does("tar -C / --keep-directory-symlink --no-same-owner -xf /mnt/tools/zfs.tar && depmod -a && ldconfig && "
                 "udevadm control --reload && systemctl daemon-reload && modprobe zfs", seconds=SLOW)
    machine.does(f"zpool create -f -m /tank tank {ONE} && zfs create tank/old && echo was >/tank/old/x && zfs create -V 8M tank/disk && "
                 "zfs snapshot tank/old@'of another' && zfs snapshot tank/old@theirs && zpool export tank && udevadm settle", seconds=SLOW)
    found = [one for one in json.loads(machine.does("bulkhead pools found --json"))["file_systems"] if one["type"] == "zfs"]
    machine.does(f"bulkhead pools import {found[0]['uuid']} vault --yes", seconds=SLOW)


def _datasets(machine):
    return {one["name"]: one for one in json.loads(machine.does("bulkhead datasets list --json", seconds=SLOW))["datasets"]}


def _snapshots(machine, dataset):
    everything = json.loads(machine.does(f"bulkhead snapshots list --dataset {dataset} --json", seconds=SLOW))["snapshots"]
    return {one["name"]: one for one in everything}


def _id(machine, dataset, snapshot=None):
    return (_snapshots(machine, dataset)[snapshot] if snapshot else _datasets(machine)[dataset])["id"]


def _zfs(machine, words):
    return machine.does(f"zfs {words}", seconds=SLOW)


def datasets_are_made_changed_and_deleted(machine):
    """What there is is shown, exactly; what is made is ZFS's, and mounted below the pool."""
    _vault(machine)
    assert set(_datasets(machine)) == {"old"}, _datasets(machine)
    assert set(_snapshots(machine, "old")) == {"theirs"}, "one whose name fits none here is shown by none"
    machine.does("bulkhead datasets create vault photos --compression zstd --yes", seconds=SLOW)
    machine.does("bulkhead datasets create vault photos/raw --yes", seconds=SLOW)
    assert machine.out("findmnt -nro FSTYPE,OPTIONS /srv/vault/photos/raw").startswith("zfs rw,nosuid,nodev,noexec")
    assert _zfs(machine, "get -Hpo value compression,acltype,xattr vault/photos").split() == ["zstd", "posix", "sa"]
    photos = _id(machine, "photos")
    machine.does(f"bulkhead datasets set vault {photos} --quota 33554432 --owner root --access everyone_reads --compression lz4 --yes", seconds=SLOW)
    one = _datasets(machine)["photos"]
    assert (one["quota"], one["compression"], one["mode"], one["access"], one["id"]) == (33554432, "lz4", "2775", "everyone_reads", photos), one
    assert machine.out("ls -ld /srv/vault/photos").split()[0].endswith("+"), "the access list is kept"
    machine.ssh("dd if=/dev/urandom of=/srv/vault/photos/big bs=1M count=64 2>/dev/null; sync", seconds=SLOW)
    assert int(machine.out("stat -c %s /srv/vault/photos/big")) < 40 << 20, "the limit holds nobody"
    assert wait(lambda: _datasets(machine)["photos"]["used"] > 20 << 20, 150), _datasets(machine)["photos"]
    said = machine.out(f"bulkhead datasets set vault {photos} --quota 1000000 --yes", seconds=SLOW)
    assert "bytes that are in it" in said, said
    machine.does(f"bulkhead datasets rename vault {photos} pictures --yes", seconds=SLOW)
    assert machine.does("ls /srv/vault/pictures").split() == ["big", "raw"] and machine.ssh("test -e /srv/vault/photos").returncode != 0
    machine.does("(cd /srv/vault/pictures && exec sleep 1000) >/dev/null 2>&1 & sleep 1")
    said = machine.out(f"bulkhead datasets rename vault {photos} else --yes", seconds=SLOW)
    assert "Somebody uses" in said and set(_datasets(machine)) == {"old", "pictures", "pictures/raw"}, said
    assert machine.does("ls /srv/vault/pictures").split() == ["big", "raw"], "what was unmounted is mounted again"
    machine.does("pkill -x sleep; true")
    assert machine.ssh(f"bulkhead datasets delete vault {photos} --yes").returncode != 0
    confirmed(machine, f"datasets delete vault {photos} --recursive")
    assert set(_datasets(machine)) == {"old"} and machine.ssh("test -e /srv/vault/pictures").returncode != 0
    machine.does("zfs create vault/outside")
    assert wait(lambda: "outside" in _datasets(machine), 60), "what others do is seen soon"
    restart(machine)
    settles(machine, lambda it: _is(set(_datasets(it)) == {"old", "outside"}))
    assert machine.does("cat /srv/vault/old/x") == "was"


def room_is_kept_for_a_dataset(machine):
    """Whatever others write; what is not there cannot be kept, and it goes along with what takes the dataset's place."""
    _vault(machine)
    machine.does("bulkhead datasets create vault kept --yes && bulkhead snapshots create vault kept first --yes", seconds=SLOW)
    kept = _id(machine, "kept")
    free = int(_zfs(machine, "get -Hpo value available vault"))
    said = machine.out(f"bulkhead datasets set vault {kept} --reservation {free * 2} --yes", seconds=SLOW)
    assert "no room" in said and "reservation" not in _datasets(machine)["kept"], said
    machine.does(f"bulkhead datasets set vault {kept} --reservation {free // 4} --quota {free // 2} --yes", seconds=SLOW)
    assert _datasets(machine)["kept"]["reservation"] == free // 4, _datasets(machine)["kept"]
    assert int(_zfs(machine, "get -Hpo value available vault")) < free * 4 // 5, "others may take it"
    said = machine.out(f"bulkhead datasets set vault {kept} --quota {free // 8} --yes", seconds=SLOW)
    assert "would be kept for it" in said, said
    confirmed(machine, f"snapshots rollback vault {_id(machine, 'kept', 'first')}")
    assert _datasets(machine)["kept"]["reservation"] == free // 4, _datasets(machine)
    assert "reservation" not in _datasets(machine)[f"kept-replaced-{kept - 256}"], _datasets(machine)
    machine.does(f"bulkhead datasets set vault {_id(machine, 'kept')} --reservation 0 --yes", seconds=SLOW)
    assert "reservation" not in _datasets(machine)["kept"] and _zfs(machine, "get -Hpo value refreservation vault/kept") == "0"


def _is(good):
    assert good


def snapshots_are_made_used_and_deleted(machine):
    """By hand: held, put back, made a dataset of, and nothing is lost by going back."""
    _vault(machine)
    machine.does("bulkhead snapshots create vault old first --yes", seconds=SLOW)
    machine.does("echo is >/srv/vault/old/x && echo new >/srv/vault/old/y")
    machine.does("bulkhead snapshots create vault old second --yes && echo last >/srv/vault/old/x", seconds=SLOW)
    assert set(_snapshots(machine, "old")) == {"theirs", "first", "second"}
    first = _id(machine, "old", "first")
    machine.does(f"bulkhead snapshots hold vault {first} --yes", seconds=SLOW)
    assert _snapshots(machine, "old")["first"]["held"]
    assert "held" in machine.out(f"bulkhead snapshots delete vault {first} --yes")
    assert machine.ssh("zfs destroy vault/old@first").returncode != 0
    machine.does(f"bulkhead snapshots release vault {first} --yes", seconds=SLOW)
    assert machine.does("cat /srv/vault/old/.zfs/snapshot/first/x /srv/vault/old/x") == "was\nlast"
    assert "zfs" in machine.out(f"bulkhead snapshots files vault {first}")
    machine.does(f"bulkhead snapshots clone vault {first} copy --yes", seconds=SLOW)
    assert machine.does("cat /srv/vault/copy/x") == "was" and machine.ssh("test -e /srv/vault/copy/y").returncode != 0
    said = machine.out(f"bulkhead snapshots delete vault {first} --yes", seconds=SLOW)
    assert "copy was made of it" in said, said
    confirmed(machine, f"datasets delete vault {_id(machine, 'copy')}")
    number = _id(machine, "old")
    confirmed(machine, f"snapshots rollback vault {first}")
    assert machine.does("cat /srv/vault/old/x") == "was" and set(_snapshots(machine, "old")) == {"theirs", "first"}
    kept = f"old-replaced-{number - 256}"
    assert machine.does(f"cat /srv/vault/{kept}/x") == "last" and "second" in _snapshots(machine, kept), _datasets(machine)
    confirmed(machine, f"datasets delete vault {_id(machine, kept)} --recursive")
    confirmed(machine, f"snapshots delete vault {_id(machine, 'old', 'first')}")
    assert set(_snapshots(machine, "old")) == {"theirs"}


def several_are_kept_of_one_moment(machine):
    """By one command of ZFS's, which makes all or none."""
    _vault(machine)
    machine.does("bulkhead datasets create vault other --yes", seconds=SLOW)
    machine.does("bulkhead snapshots together vault both --yes", seconds=SLOW)
    made = machine.does("zfs get -Hpo value createtxg vault/old@both vault/other@both").split()
    assert len(made) == 2 and made[0] == made[1], made
    assert "both" in _snapshots(machine, "old") and "both" in _snapshots(machine, "other")
    machine.does("zfs snapshot vault/other@half")
    assert wait(lambda: "half" in _snapshots(machine, "other"), 60)
    said = machine.out("bulkhead snapshots together vault half --yes")
    assert "already" in said and "half" not in _snapshots(machine, "old"), said


def schedules_make_and_drop_snapshots(machine):
    """By the rules of what is kept: at once when none was made, once an hour, and none that is held is dropped."""
    _vault(machine)
    machine.does("for n in 1 2 3; do zfs snapshot vault/old@often_GMT-2026.01.0$n-00.00.00; done", seconds=SLOW)
    machine.does("zfs hold bulkhead vault/old@often_GMT-2026.01.02-00.00.00")
    assert wait(lambda: len(_snapshots(machine, "old")) == 4, 60), _snapshots(machine, "old")
    confirmed(machine, "schedules create often --pool vault --dataset old --every hour --hours 1")
    assert wait(lambda: len(_snapshots(machine, "old")) == 3, 120), _snapshots(machine, "old")
    made = set(_snapshots(machine, "old")) - {"theirs", "often_GMT-2026.01.02-00.00.00"}
    assert len(made) == 1 and machine.does(f"cat /srv/vault/old/.zfs/snapshot/{made.pop()}/x") == "was", made
    one = json.loads(machine.does("bulkhead schedules list --json"))["schedules"][0]
    assert one["last_run"] and not one["late"] and not one.get("message"), one
    machine.ssh("systemctl start bulkhead-zfs-schedule@often.service", seconds=SLOW)
    assert "not long ago" in machine.does("cat /run/bulkhead/zfs/often.schedule")
    assert len(_snapshots(machine, "old")) == 3, "one that is not due is not made, whoever asks"


def what_is_killed_is_finished_or_undone(machine):
    """The hand at any time, and what PID 1 runs."""
    _vault(machine)
    for i, word in enumerate(("storage-hand.service", "zfs-set@vault.service")):
        machine.ssh(f"(for n in $(seq 40); do systemctl kill -s KILL bulkhead-{word} 2>/dev/null; sleep 0.1; done) & "
                    f"bulkhead datasets create vault killed{i} --yes; wait", seconds=SLOW)
        assert wait(lambda: machine.ssh("bulkhead datasets list").returncode == 0, 120)
        there = machine.ssh(f"zfs list vault/killed{i}").returncode == 0
        assert wait(lambda: (f"killed{i}" in _datasets(machine)) == there, 60), (there, _datasets(machine))
        machine.does(f"bulkhead datasets create vault after{i} --yes", seconds=SLOW)
        assert machine.out(f"findmnt -nro FSTYPE /srv/vault/after{i}") == "zfs"
