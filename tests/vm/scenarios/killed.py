"""Changes that only a machine with disks of its own can have, in whose middle the hand is killed: each is done or is not."""
import json

from disks import _health
from machine import wait
from pooling import disks_now, settles

NAME = "ata-QEMU-SATA_SATA-1"
DISK = f"/api/storage/disks/{NAME}"
MOMENTS = (0, 0.15, 0.3, 0.5, 0.8, 1.2, 2)  # seconds, of a machine that is emulated


def _killed(machine, ask, moment, stands):
    """Asked for while the hand is killed so much later; ends when what there is fits together and nothing is under way."""
    machine.does(f"({ask} >/run/said 2>&1; echo it ended with $? >>/run/said) & sleep {moment}; "
                 "systemctl kill --signal=KILL bulkhead-storage-hand; wait", seconds=600)
    assert wait(lambda: machine.ssh("bulkhead jobs list --json").returncode == 0, 60)
    assert settles(machine, stands), machine.out("cat /run/said; journalctl -b -n 40 --no-pager -u bulkhead-storage-hand -u bulkhead-storage-clerk")
    assert not json.loads(machine.does("bulkhead drift list --json"))["drift"], machine.does("bulkhead drift list")
    return machine.does("cat /run/said")


def _order(machine, folder):
    """What is kept for that disk; {}: nothing."""
    lines = machine.out(f"cat /etc/bulkhead/{folder}/{NAME} 2>/dev/null").splitlines()
    return dict(line.split("=", 1) for line in lines)


def _shown(machine):
    answer = machine.fetch("GET", DISK)
    assert answer.status == 200, answer.body
    return answer.body["disk"]


def when_a_disk_stops_is_whole(machine):
    """What is shown is what is kept, it is what was asked for or what was before, and who asked was told which."""
    _health(machine, NAME, lambda disk: disk.get("health"))
    machine.does(f"bulkhead disks spin-down {NAME} 60 --yes")
    timers, seen = {"60": "242", "20": "240"}, set()

    def stands(machine):
        shown, kept = str(_shown(machine).get("spin_down")), _order(machine, "spin-down").get("TIMER")
        assert timers.get(shown) == kept, (shown, kept)
    for turn, moment in enumerate(MOMENTS):
        before, wanted = str(_shown(machine)["spin_down"]), ("20", "60")[turn % 2]
        said = _killed(machine, f"bulkhead disks spin-down {NAME} {wanted} --yes", moment, stands)
        now = str(_shown(machine)["spin_down"])
        assert now in (before, wanted), (before, wanted, now)
        assert "it ended with 0" not in said or now == wanted, (said, now)
        seen.add(now == wanted)
    assert True in seen, "it was never done"


def when_a_disk_tests_itself_is_whole(machine):
    """The order and the timer of the system manager: both or neither."""
    _health(machine, NAME, lambda disk: (disk.get("health") or {}).get("can_test"))
    timer = f"bulkhead-self-test@{NAME}.timer"

    def stands(machine):
        shown, kept = _shown(machine).get("test_schedule"), _order(machine, "self-tests")
        waits = machine.ssh(f"systemctl is-active {timer}").returncode == 0
        assert bool(shown) == bool(kept) == waits, (shown, kept, waits)
        assert not shown or {name.upper(): value for name, value in shown.items()} == kept, (shown, kept)
    for moment in MOMENTS:
        _killed(machine, f"bulkhead disks test-every {NAME} week --test short --at 02:30 --yes", moment, stands)
        if _shown(machine).get("test_schedule"):
            _killed(machine, f"bulkhead disks test-never {NAME} --yes", moment, stands)
        if _shown(machine).get("test_schedule"):
            machine.does(f"bulkhead disks test-never {NAME} --yes")


def a_limit_is_whole(machine):
    """Also the first one, for which ext4 must begin to count, with the pool unmounted meanwhile; what was there stays."""
    device = f"/dev/{disks_now(machine)['SATA-1']['name']}"
    machine.does(f"mkfs.ext4 -q -F {device} && udevadm trigger --action=change --settle {device}")
    uuid = machine.does(f"blkid -po value -s UUID {device}")
    machine.does(f"bulkhead pools import {uuid} tank --yes && echo kept >/srv/tank/before")
    limit = 0

    def now(machine):
        counted = json.loads(machine.does("bulkhead pools quotas tank --json"))["quotas"]
        return next((one.get("limit", 0) for one in counted if (one["kind"], one["name"]) == ("user", "bob")), 0)

    def stands(machine):
        assert machine.ssh("mountpoint -q /srv/tank").returncode == 0
        assert machine.does("cat /srv/tank/before") == "kept"
        assert now(machine) in (limit, wanted), (limit, wanted, now(machine))
    for turn, moment in enumerate(MOMENTS * 2):
        wanted = (4194304, 8388608, 0)[turn % 3]
        said = _killed(machine, f"bulkhead pools set-quota tank bob --limit {wanted} --yes", moment, stands)
        limit = now(machine)
        assert "it ended with 0" not in said or limit == wanted, (said, limit)
