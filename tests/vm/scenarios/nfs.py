"""Exports over NFS by the kernel's server, which containers do not have. Clients are network namespaces of the machine's."""
from machine import wait
from pooling import confirmed, disks_now

NEAR, FAR, OTHER = "10.9.0.2", "10.9.1.2", "10.9.2.2"
SLOW = 600 # for what starts units, on a busy machine that emulates another
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
    disks = disks_now(machine)
    confirmed(machine, f"pools create tank --profile raid1 --disks {disks['SATA-1']['id']} --disks {disks['SCSI-1']['id']}")
    machine.does("bulkhead datasets create tank photos --yes && bulkhead datasets create tank films --yes && "
                 "mkdir /srv/tank/photos/hers && chown 1000:1000 /srv/tank/photos/hers && chmod 700 /srv/tank/photos/hers && "
                 "echo hello >/srv/tank/photos/hello && chmod 755 /srv/tank /srv/tank/*", seconds=SLOW)
    assert wait(lambda: machine.ssh("bulkhead nfs create x /srv/tank/photos --dry-run").returncode == 0, 120)


def _exported(machine, *clients, name="photos", of="photos"):
    words = " ".join(f"--clients '{client}'" for client in clients)
    machine.does(f"bulkhead nfs create '{name}' /srv/tank/{of} {words} --yes", seconds=SLOW)


def _as(uid, command):
    return f"setpriv --reuid={uid} --regid={uid} --clear-groups {command}"


def the_kernel_serves_an_export(machine):
    """By versions 4.2 and 3: who may reads and writes, and who may not does not."""
    _pool(machine)
    for address in (NEAR, FAR, OTHER):
        _client(machine, address)
    _exported(machine, f"{NEAR} rw", f"{FAR} ro")
    assert machine.out("systemctl is-active bulkhead-nfs.service") == "active"
    told = machine.does("cat /var/lib/bulkhead-nfs/etab")
    assert told and all("(rw,sync," in line or "(ro,sync," in line for line in told.splitlines()), f"what is answered is not on disk: {told}"
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


def _furnished(machine, *clients):
    """A pool, and the export of it mounted by NEAR by version 4.2."""
    _pool(machine)
    _client(machine, NEAR)
    _exported(machine, *(clients or (f"{NEAR} rw",)))
    place = _mount(machine, NEAR)
    assert machine.out(f"cat {place}/hello") == "hello", place
    return place


def _writes(machine, place, name):
    """Begins to write a line after the other, each onto the server's disk, until told otherwise; the first that fails ends it."""
    machine.does(f"cat >/run/{name}.sh", data=f"i=0\nuntil [ -e /run/end-{name} ]; do i=$((i + 1)); echo $i >>{place}/hers/{name}; "
                 f"sync {place}/hers/{name}; done\n")
    machine.does(f"systemd-run -q --unit={name} -p RemainAfterExit=yes setpriv --reuid=1000 --regid=1000 --clear-groups bash -e /run/{name}.sh")
    assert wait(lambda: machine.ssh(f"test -s /srv/tank/photos/hers/{name}").returncode == 0, 60), machine.out(f"systemctl status {name}")


def _wrote(machine, place, name):
    """It wrote on to the end without an error, and every line of it is there."""
    lines = int(machine.does(_as(1000, f"wc -l {place}/hers/{name}")).split()[0])
    assert wait(lambda: int(machine.does(f"wc -l </srv/tank/photos/hers/{name}")) > lines + 3, 120), machine.out(f"systemctl status {name}")
    machine.does(f"touch /run/end-{name}")
    assert wait(lambda: machine.out(f"systemctl show -P SubState {name}") in ("exited", "failed"), 120), machine.out(f"systemctl status {name}")
    assert machine.out(f"systemctl show -P Result {name}") == "success", machine.out(f"journalctl -u {name} --no-pager | tail -5")
    lines = machine.does(_as(1000, f"wc -l {place}/hers/{name}")).split()[0]
    machine.does(f"seq {lines} | cmp - /srv/tank/photos/hers/{name}")


def fifty_changes_interrupt_nobody(machine):
    """A client writes on while exports beside its own, and its own for others, come, change and go."""
    place = _furnished(machine)
    _writes(machine, place, "steady")
    machine.does("bulkhead nfs create films /srv/tank/films --clients '10.0.0.0/8 ro' --yes && for i in $(seq 46); do "
                 f"bulkhead nfs update $((i % 2 + 1)) --clients '{NEAR} rw' --clients \"10.8.0.$i ro\" --yes >/dev/null || exit 1; done; "
                 "bulkhead nfs update 1 --name pictures --yes && bulkhead nfs update 1 --name photos --yes && "
                 "bulkhead nfs delete 2 --yes", seconds=6 * SLOW)
    _wrote(machine, place, "steady")
    assert machine.does("ls /run/bulkhead/nfs-kernel/names") == "photos"


def what_holds_for_clients_holds_at_once(machine):
    """Read-only, squashing and names; the first that fits counts; who is a client no longer is turned away."""
    place = _furnished(machine)
    machine.does("chmod 777 /srv/tank/photos")
    machine.does(f"bulkhead nfs update 1 --clients '{NEAR} ro' --yes")
    assert "Read-only" in machine.ssh(f"touch {place}/x").stderr
    machine.does(f"bulkhead nfs update 1 --clients '{NEAR} rw squash=all anon=1001:1001' --clients '10.9.0.0/24 ro' --yes")
    machine.does(_as(1000, f"touch {place}/squashed"))
    assert machine.does("stat -c %u:%g /srv/tank/photos/squashed") == "1001:1001"
    machine.does(f"bulkhead nfs update 1 --clients '10.9.0.0/24 rw squash=none' --clients '{NEAR} ro' --yes && touch {place}/root")
    assert machine.does("stat -c %u /srv/tank/photos/root") == "0", "the network was said first"
    machine.does(f"echo 'near (near.nas.test,,)' >>/etc/netgroup && echo '{NEAR} near.nas.test' >>/etc/hosts")
    machine.does(f"bulkhead nfs update 1 --clients '@near ro' --yes && cat {place}/hello")
    assert "Read-only" in machine.ssh(f"touch {place}/x").stderr
    machine.does(f"bulkhead nfs update 1 --name \"Größe it's #1\" --clients '0.0.0.0/0 rw' --yes && touch {place}/x")
    second = _mount(machine, NEAR, export="Größe it'\\''s #1", version="4.1")
    assert machine.out(f"cat '{second}/hello'") == "hello", second
    machine.does("bulkhead nfs update 1 --clients '10.1.0.0/16 rw' --yes")
    assert machine.ssh(f"timeout 60 touch {place}/y").returncode != 0
    machine.does("bulkhead nfs update 1 --clients '* rw' --yes")
    machine.does(f"timeout 60 touch {place}/y")


def a_pool_that_is_away_is_not_served(machine):
    """Not even what lies beneath; when it is back, so is what a client had mounted."""
    place = _furnished(machine)
    machine.does("bulkhead pools unmount tank --yes", seconds=SLOW)
    said = machine.ssh(f"timeout 30 ls {place}/hers")
    assert said.returncode != 0 and "hello" not in said.stdout, said.stdout
    assert machine.out("findmnt /run/bulkhead/nfs-kernel/names/photos") == "" and "pool is away" in machine.out("bulkhead nfs list")
    second = _mount(machine, NEAR, version="4.1")
    assert not second.startswith("/") or machine.ssh(f"timeout 20 ls {second}/hers").returncode != 0, second
    machine.does("bulkhead pools mount tank --yes", seconds=SLOW)
    assert wait(lambda: machine.out(f"timeout 20 cat {place}/hello") == "hello", 120)
    _writes(machine, place, "back")
    _wrote(machine, place, "back")


def a_server_that_is_killed_comes_back(machine):
    """Both what answers for the kernel and all of ours: a client writes on."""
    place = _furnished(machine)
    _writes(machine, place, "through")
    machine.does("systemctl kill -s KILL bulkhead-nfs.service; sleep 5; systemctl kill -s KILL bulkhead-nfs-recovery.service")
    assert wait(lambda: machine.out("systemctl is-active bulkhead-nfs.service bulkhead-nfs-recovery.service") == "active\nactive", 60)
    machine.does("systemctl stop bulkhead.target postgresql.service && echo 1 >/proc/net/rpc/nfsd.export/flush && "
                 "echo 1 >/proc/net/rpc/nfsd.fh/flush", seconds=SLOW)
    _wrote(machine, place, "through")
    machine.does("systemctl start postgresql.service bulkhead.target && systemctl restart bulkhead-nfs.service", seconds=SLOW)
    machine.does(f"timeout 120 cat {place}/hello", seconds=150)


# Asks as clients of version 3 do what an export is to be called, and prints it.
HANDLE = """
import socket, struct, sys
path = sys.argv[2].encode()
call = struct.pack(">10I", 1, 0, 2, 100005, 3, 1, 0, 0, 0, 0) + struct.pack(">I", len(path)) + path + bytes(-len(path) % 4)
with socket.create_connection((sys.argv[1], 20048), 30) as server, server.makefile("rwb") as stream:
    stream.write(struct.pack(">I", 1 << 31 | len(call)) + call)
    stream.flush()
    length, = struct.unpack(">I", stream.read(4))
    reply = stream.read(length & ~(1 << 31))
status, size = struct.unpack_from(">2I", reply, 24)
assert status == 0, status
print(reply[32:32 + size].hex())
"""


def _handle(machine, export):
    return machine.does(f"nsenter --net=/run/netns/near python3 - 10.9.0.1 /{export}", data=HANDLE)


def handles_survive_a_restart(machine):
    """What clients know an export by is the same after the machine was started anew, and under another name."""
    _furnished(machine)
    _exported(machine, f"{NEAR} rw", name="films", of="films")
    photos, films = _handle(machine, "photos"), _handle(machine, "films")
    assert photos != films
    boot = machine.out("cat /proc/sys/kernel/random/boot_id")
    machine.ssh("umount -a -t nfs4; bulkhead nfs update 2 --name pictures --yes; bulkhead nfs delete 1 --yes; systemctl reboot")
    assert wait(lambda: machine.out("cat /proc/sys/kernel/random/boot_id", seconds=20) not in (boot, ""), 600)
    machine.wait_running()
    assert wait(lambda: machine.out("systemctl is-active bulkhead-nfs.service") == "active", SLOW), machine.out(
        "systemctl status --no-pager bulkhead-nfs.service; ls /etc/bulkhead/nfs; systemctl list-jobs; systemctl --failed")
    _client(machine, NEAR)
    assert _handle(machine, "pictures") == films
    assert _mount(machine, NEAR, export="pictures").startswith("/")
