"""Exports over NFS by the kernel's server, which containers do not have. Clients are network namespaces of the machine's."""
import json
import time

from machine import wait
from storage import _confirmed, _disks

NEAR, FAR, OTHER = "10.9.0.2", "10.9.1.2", "10.9.2.2"
NAMES = {NEAR: "near", FAR: "far", OTHER: "other"}


def _client(machine, address):
    """A machine with that address; the server is at .1."""
    name, server = NAMES[address], address[:-1] + "1"
    machine.does("mkdir -p /run/systemd/network && printf '[Match]\\nName=to-*\\n[Link]\\nUnmanaged=yes\\n' "
                 ">/run/systemd/network/10-to.network && networkctl reload")
    machine.does(f"ip netns add {name} && ip link add to-{name} type veth peer name eth0 netns {name} && "
                 f"ip address add {server}/24 dev to-{name} && ip link set to-{name} up && ip -n {name} link set lo up && "
                 f"ip -n {name} address add {address}/24 dev eth0 && ip -n {name} link set eth0 up")


def _mount(machine, address, export="photos", version="4.2", more=""):
    """Where it is mounted; what is said when it is not."""
    place = f"/mnt/{NAMES[address]}-{version}"
    version += ",nolock,mountport=20048,port=2049,mountproto=tcp" if version == "3" else ""
    done = machine.ssh(f"mkdir -p {place} && timeout 60 nsenter --net=/run/netns/{NAMES[address]} mount -t nfs -o "
                       f"vers={version},proto=tcp,timeo=50,retry=0{more} '{address[:-1]}1:/{export}' {place}")
    return place if done.returncode == 0 else done.stderr


def _pool(machine):
    disks = _disks(machine)
    _confirmed(machine, f"pools create tank --profile raid1 --disks {disks['SATA-1']['id']} --disks {disks['SCSI-1']['id']}")
    machine.does("bulkhead datasets create tank photos --yes && bulkhead datasets create tank films --yes && "
                 "mkdir /srv/tank/photos/hers && chown 1000:1000 /srv/tank/photos/hers && chmod 700 /srv/tank/photos/hers && "
                 "echo hello >/srv/tank/photos/hello && chmod 755 /srv/tank /srv/tank/*")
    assert wait(lambda: machine.ssh("bulkhead nfs create x /srv/tank/photos --dry-run").returncode == 0, 30)


def _exported(machine, *clients, name="photos", of="photos"):
    words = " ".join(f"--clients '{client}'" for client in clients)
    machine.does(f"bulkhead nfs create '{name}' /srv/tank/{of} {words} --yes")


def _as(uid, command):
    return f"setpriv --reuid={uid} --regid={uid} --clear-groups {command}"


def the_kernel_serves_an_export(machine):
    """By versions 4.2 and 3: who may reads and writes, and who may not does not."""
    _pool(machine)
    for address in (NEAR, FAR, OTHER):
        _client(machine, address)
    _exported(machine, f"{NEAR} rw", f"{FAR} ro")
    assert machine.out("systemctl is-active bulkhead-nfs.service") == "active"
    assert machine.does("cat /proc/fs/nfsd/threads") != "0" and machine.ssh("pgrep ganesha").returncode != 0
    for version in ("4.2", "3"):
        place = _mount(machine, NEAR, version=version)
        assert machine.out(f"cat {place}/hello") == "hello", place
        machine.does(_as(1000, f"sh -c 'echo note >{place}/hers/note && cmp {place}/hers/note {place}/hers/note'"))
        assert machine.out("stat -c %u /srv/tank/photos/hers/note") == "1000"
        assert machine.ssh(_as(1001, f"cat {place}/hers/note")).returncode != 0
        assert machine.ssh(f"touch {place}/hers/root").returncode != 0, "root there is root here"
        place = _mount(machine, FAR, version=version)
        assert machine.out(f"cat {place}/hello") == "hello", place
        assert "Read-only" in machine.ssh(_as(1000, f"touch {place}/hers/x")).stderr
        said = _mount(machine, OTHER, version=version)
        assert not said.startswith("/") and ("denied" in said or "No such file" in said), said
        said = _mount(machine, NEAR, export="run/bulkhead/nfs/1", version=version)
        assert not said.startswith("/"), said
    root = _mount(machine, NEAR, export="", version="4.1")
    assert machine.does(f"ls {root}") == "photos"
