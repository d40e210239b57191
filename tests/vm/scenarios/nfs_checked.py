"""What the kernel's NFS server cannot do is not put in place, and what was in place stays."""
from machine import wait
from nfs import NEAR, SLOW, _exported, _furnished, _pool, _writes, _wrote

TOLD = "cat /run/bulkhead/nfs-kernel/exports /var/lib/bulkhead-nfs/etab /etc/bulkhead/nfs/*; ls /run/bulkhead/nfs-kernel/names /etc/bulkhead/nfs; findmnt -l -o TARGET | grep nfs"

# Takes the server's port, for both kinds of addresses.
TAKER = """
import signal, socket
taken = socket.socket(socket.AF_INET6)
taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
taken.bind(("::", 2049))
taken.listen()
signal.pause()
"""


def what_exportfs_refuses_is_not_put_in_place(machine):
    """A name that nobody knows, in a change and in something new: refused on its field, and the server knows nothing of it."""
    place = _furnished(machine)
    _writes(machine, place, "steady")
    before = machine.out(TOLD)
    changed = machine.ssh(f"bulkhead nfs update 1 --clients '{NEAR} ro' --clients 'nobody.invalid rw' --yes", seconds=SLOW)
    assert changed.returncode != 0 and "clients" in changed.stderr and "nobody.invalid" in changed.stderr, changed.stderr
    assert machine.out(TOLD) == before, machine.out(TOLD)
    made = machine.ssh("bulkhead nfs create films /srv/tank/films --clients 'nobody.invalid rw' --yes", seconds=SLOW)
    assert made.returncode != 0 and "nobody.invalid" in made.stderr, made.stderr
    assert machine.out(TOLD) == before, machine.out(TOLD)
    assert "nobody" not in machine.out("bulkhead nfs list"), machine.out("bulkhead nfs list")
    machine.does(f"bulkhead nfs create films /srv/tank/films --clients '{NEAR} rw' --yes", seconds=SLOW)
    _wrote(machine, place, "steady")


def a_server_that_does_not_come_up_is_taken_back(machine):
    """Its port is another's: what was to be exported is forgotten, nothing is left running, and later it works."""
    _pool(machine)
    machine.does("cat >/run/taker.py", data=TAKER)
    machine.does("systemctl disable --now rpcbind.socket 2>/dev/null; systemd-run -q --unit=taker /usr/bin/python3 /run/taker.py")
    assert wait(lambda: machine.ssh("ss -ltn | grep -q :2049").returncode == 0, 60), machine.out("systemctl status taker")
    made = machine.ssh(f"bulkhead nfs create photos /srv/tank/photos --clients '{NEAR} rw' --yes", seconds=SLOW)
    assert made.returncode != 0 and "bulkhead-nfs.service" in made.stderr, made.stderr
    left = machine.out("ls /etc/bulkhead/nfs /run/bulkhead/nfs-kernel/names; findmnt -l -o TARGET | grep nfs/; ls /etc/bulkhead/services/nfs")
    assert "1.on" not in left and "photos" not in left and "/run/bulkhead/nfs/1" not in left and "cannot access" in left, left
    assert wait(lambda: machine.out("systemctl is-active bulkhead-nfs.service") in ("inactive", "failed"), 60)
    machine.does("systemctl stop taker")
    _exported(machine, f"{NEAR} rw")
    assert machine.out("systemctl is-active bulkhead-nfs.service") == "active"
