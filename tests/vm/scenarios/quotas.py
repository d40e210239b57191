"""Limits of accounts and groups on ext4 and XFS, which the kernel of a container does not count."""
import json

from pooling import disks_now


def _quotas(machine):
    return {(one["kind"], one["name"]): one for one in json.loads(machine.does("bulkhead pools quotas tank --json"))["quotas"]}


def _may_not_have_more(machine, user, most):
    machine.does("chmod 1777 /srv/tank")
    said = machine.ssh(f"setpriv --reuid={user} --regid={user} --clear-groups dd if=/dev/zero of=/srv/tank/x bs=1M count=9 conv=fsync").stderr
    assert "quota exceeded" in said.lower(), said
    size = int(machine.does("stat -c %s /srv/tank/x"))
    assert 0 < size <= most, size
    return size


def _explained(machine):
    return json.loads(machine.does("bulkhead shares explain bob limited --json"))


def _holds(machine, system, make):
    disk = disks_now(machine)["SATA-1"]
    machine.does(f"{make} /dev/{disk['name']}")
    machine.does(f"udevadm trigger --action=change --settle /dev/{disk['name']}")
    uuid = machine.does(f"blkid -po value -s UUID /dev/{disk['name']}")
    machine.does(f"bulkhead pools import {uuid} tank --yes && echo kept >/srv/tank/before")
    assert _quotas(machine) == {}, "it is counted before anybody asked for it"
    refused = machine.ssh("bulkhead pools set-quota tank nobody-here --limit 1000000 --yes")
    assert refused.returncode != 0 and "no account" in refused.stderr, refused.stderr
    refused = machine.ssh("bulkhead pools set-quota tank root --limit 1000000 --yes")
    assert refused.returncode != 0, "the system is held to a limit"
    machine.does("bulkhead pools set-quota tank bob --limit 4194304 --yes")
    assert machine.does("cat /srv/tank/before") == "kept" and system in machine.does("findmnt -no FSTYPE /srv/tank")
    size = _may_not_have_more(machine, "bob", 4194304)
    bob = _quotas(machine)["user", "bob"]
    assert bob["limit"] == 4194304 and size <= bob["used"] <= 4194304 and bob["files"] == 1, bob
    machine.does("mkdir /srv/tank/open && chmod 1777 /srv/tank/open && bulkhead smb create limited /srv/tank/open --yes")
    said = _explained(machine)
    assert said["reads"] and not said["writes"] and "they have as much in the pool tank as they may (4 MiB)" in said["sentence"], said
    assert ("user", "root") in _quotas(machine) and "limit" not in _quotas(machine)["user", "root"], _quotas(machine)

    machine.does("bulkhead pools set-quota tank bob --limit 0 --yes && bulkhead pools set-quota tank bob --kind group --limit 2097152 --yes")
    assert "limit" not in _quotas(machine)["user", "bob"] and _quotas(machine)["group", "bob"]["limit"] == 2097152, _quotas(machine)
    machine.does("rm /srv/tank/x")
    assert _explained(machine)["writes"], _explained(machine)
    _may_not_have_more(machine, "bob", 2097152)
    assert "the group that it would be of" in _explained(machine)["sentence"], _explained(machine)

    machine.does("bulkhead pools unmount tank --yes && bulkhead pools mount tank --yes")
    assert _quotas(machine)["group", "bob"]["limit"] == 2097152, "it is forgotten when the pool is away for a moment"
    assert not json.loads(machine.does("bulkhead drift list --json"))["drift"], machine.does("bulkhead drift list")


def ext4_holds_accounts_and_groups_to_their_limits(machine):
    """Counted from the first limit on; held, shown, lifted, and there again when the pool is."""
    _holds(machine, "ext4", "mkfs.ext4 -q -F")


def xfs_holds_accounts_and_groups_to_their_limits(machine):
    """The same, without a step that changes the file system itself."""
    _holds(machine, "xfs", "mkfs.xfs -q -f -m uuid=9a4d2a8e-5a5e-4a7e-9b57-0c8a7b0f4e11")
