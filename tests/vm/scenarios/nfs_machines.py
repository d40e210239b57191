"""Exports over NFS, to a client that is a machine of its own: only such a one is still there when the server starts anew."""
import os
import shutil
import subprocess

import boots
from machine import Machine, free_port, wait
from nfs import SLOW, _exported, _pool

SERVER, CLIENT = "10.9.9.1", "10.9.9.2"
CARD = "52:54:00:00:00:00" # of the cable that scenarios may do with as they like

# Holds a file open and locked, and writes a line after the other, each onto the server's disk, until told otherwise.
WRITER = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
if sys.argv[2] == "locked":
    fcntl.lockf(file, fcntl.LOCK_EX)
i = 0
while not os.path.exists("/run/end"):
    i += 1
    os.write(file, b"%d\\n" % i)
    os.fsync(file)
    time.sleep(0.05)
"""


def _cable(machine, how):
    """The cable that lies loose leads to another machine."""
    machine.say(f"netdev_add socket,id=far,{how}")
    machine.say("netdev_add hubport,id=end,hubid=0,netdev=far")


def _card(machine, address, mac):
    """It has that address there, also when it is started anew."""
    machine.does("cat >/etc/systemd/network/05-cable.network", data=f"[Match]\nPermanentMACAddress={CARD}\n[Link]\nMACAddress={mac}\n"
                 f"[Network]\nAddress={address}/24\nLinkLocalAddressing=no\n")
    machine.does("networkctl reload")
    assert wait(lambda: address in machine.out("ip -o -4 address"), 60), machine.out("ip address; networkctl")


def _client(machine):
    """Another machine, as this one was when it was saved, at the other end of the cable."""
    other = Machine(machine.folder + "-client", machine.image, machine.tools)
    for name in os.listdir(machine.folder):
        if name not in ("monitor", "console"):
            subprocess.run(["cp", "--sparse=always", machine.path(name), other.path(name)], check=True)
    port = free_port()
    _cable(machine, f"listen=127.0.0.1:{port}")
    other.start(boots.SAVED)
    _cable(other, f"connect=127.0.0.1:{port}")
    other.ready_to_work()
    _card(machine, SERVER, "52:54:00:00:01:01")
    _card(other, CLIENT, "52:54:00:00:01:02")
    assert wait(lambda: other.ssh(f"ping -c 1 -W 2 {SERVER} || timeout 5 bash -c '</dev/tcp/{SERVER}/22'").returncode == 0, 120)
    return other


def _writes(client, place, name, how):
    client.does("cat >/run/writer.py", data=WRITER)
    client.does(f"systemd-run -q --unit={name} -p RemainAfterExit=yes "
                "setpriv --reuid=1000 --regid=1000 --clear-groups "
                f"/usr/bin/python3 /run/writer.py {place}/hers/{name} {how}")


def _lines(machine, name):
    return int(machine.out(f"wc -l </srv/tank/photos/hers/{name}") or 0)


def what_a_client_has_open_survives_a_restart(machine):
    """The server's machine starts anew; its client waits, has its files and its lock back, and writes on."""
    _pool(machine)
    client = _client(machine)
    try:
        _exported(machine, f"{CLIENT} rw")
        for version, how in (("4.2", "locked"), ("3", "open")):
            more = ",nolock,mountport=20048,port=2049,mountproto=tcp" if version == "3" else ""
            client.does(f"mkdir -p /mnt/{version} && mount -t nfs -o vers={version},proto=tcp,hard,timeo=50{more} {SERVER}:/photos "
                        f"/mnt/{version}", seconds=SLOW)
            _writes(client, f"/mnt/{version}", f"v{version}", how)
        assert wait(lambda: all(_lines(machine, name) > 3 for name in ("v4.2", "v3")), 120)
        boot = machine.out("cat /proc/sys/kernel/random/boot_id")
        machine.ssh("systemctl reboot")
        assert wait(lambda: machine.out("cat /proc/sys/kernel/random/boot_id", seconds=20) not in (boot, ""), SLOW)
        assert wait(lambda: machine.out("systemctl is-active bulkhead-nfs.service", seconds=30) == "active", SLOW)
        before = _lines(machine, "v4.2"), _lines(machine, "v3")
        assert wait(lambda: _lines(machine, "v4.2") > before[0] + 3 and _lines(machine, "v3") > before[1] + 3, 300), \
            (before, _lines(machine, "v4.2"), _lines(machine, "v3"), client.out("systemctl status v4.2 v3"))
        states = machine.out("cat /proc/fs/nfsd/clients/*/states")
        assert "type: lock" in states, states
        client.does("touch /run/end")
        for name in ("v4.2", "v3"):
            assert wait(lambda: client.out(f"systemctl show -P SubState {name}") in ("exited", "failed"), 120), name # pylint: disable=cell-var-from-loop
            assert client.out(f"systemctl show -P Result {name}") == "success", client.out(f"journalctl -u {name} --no-pager | tail -5")
            machine.does(f"seq $(wc -l </srv/tank/photos/hers/{name}) | cmp - /srv/tank/photos/hers/{name}")
    finally:
        client.stop()
        shutil.rmtree(client.folder)
