#!/usr/bin/python3
"""All features run with filters that log what they would kill for: not one line may appear. A forbidden call in kill mode
ends a process, which is started anew and may hide what came after; here everything that any of them wants is seen.

    tests/appliance/logged.py BUILD [shares]

The programs are those of `make drill-programs`, told to log. With "shares": what serves data, other machines and modules;
else accounts, certificates and storage.
"""
import glob
import os
import re
import socket
import struct
import sys
import threading

import datasets
import homes
import nfs
import package
import pools
import run
import shares
import storage
import transfers
from certificate import has_a_certificate
from machine import Machine, check, lives
from sharing import PEOPLE, offer, share, smb, web_of
from storing import confirmed
from streaming import Stream

AUDIT, SECCOMP, READ_LOG = 9, 1326, 1  # a netlink family, a kind of record in it, and a group that everything is told to
SO_RCVBUFFORCE = 33  # that Python has no name for
LOGGED = "code=0x7ffc0000"  # what the kernel writes for SECCOMP_RET_LOG; nothing else here uses it
ROOM = 1 << 24


class Kernel:
    """What the kernel says of system calls, as it says it: its log would have ten such lines in five seconds at most,
    whoever caused them."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, AUDIT)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        self.socket.bind((0, READ_LOG))
        self.calls, self.drilled, self.missed = [], set(), None
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                record = self.socket.recv(1 << 16)
            except OSError as error:  # it came faster than we read
                self.missed = error
                continue
            if struct.unpack_from("=H", record, 4)[0] == SECCOMP and LOGGED.encode() in record:
                self.calls.append(" ".join(re.findall(r"(?:comm|syscall)=\S+", record.decode(errors="replace"))))

    def forbidden(self):
        return sorted(set(self.calls) - self.drilled)


def logs(machine):
    """Every program of ours by the one that only logs; the unit's own coarse filter refuses silently, so it goes."""
    programs = sorted(path for path in glob.glob(f"{sys.argv[1]}/drill/*") if os.path.isfile(path))
    for path in programs:
        machine.put(path, f"/usr/libexec/bulkhead/{os.path.basename(path)}.new")
    done = machine.run("sh", "-ec", """cd /usr/libexec/bulkhead
        for new in *.new; do chmod 755 $new; mv $new ${new%.new}
                mkdir -p /etc/systemd/system/bulkhead-${new%.new}.service.d
                printf '[Service]\\nEnvironment=BULKHEAD_JAIL_LOG=1\\nSystemCallFilter=\\n' \
                        >/etc/systemd/system/bulkhead-${new%.new}.service.d/log.conf; done
        systemctl daemon-reload
        systemctl restart 'bulkhead*clerk.service' bulkhead-api.service
        systemctl stop 'bulkhead*hand.service'""")
    check(f"{len(programs)} programs only log", done.returncode == 0 and len(programs) > 4, done.stderr)


def is_seen(machine):
    """A forbidden call does appear: without this, silence would say nothing. It counts for nothing from then on, for it may
    be made next door as well: the kernel has one ear for all machines."""
    machine.run("sh", "-c", """echo 'Environment=BULKHEAD_DRILL=bpf' >>/etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload; systemctl restart bulkhead-monitor-clerk.service""")
    machine.wait("a forbidden call is told", lambda: any("monitor-clerk" in call for call in kernel.forbidden()))
    machine.run("sh", "-c", """sed -i /DRILL/d /etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload; systemctl restart bulkhead-monitor-clerk.service""")
    kernel.drilled = {call for call in kernel.calls if "monitor-clerk" in call}


def stores(machine):
    storage.all_of_it(machine)
    sums = pools.begins(machine)
    for part in (pools.repairs, pools.grows_and_shrinks, pools.replaces):
        part(machine, sums)
    gone = confirmed(machine, "pools", "destroy", "tank")
    check("that pool is destroyed", gone.returncode == 0, gone.stderr)
    datasets.all_of_it(machine)


def uses_all(machine):
    for part in (run.is_reached, run.is_set_up, run.does_daily_work, has_a_certificate, stores, run.survives):
        part(machine)


# --- what serves data ---

def shares_by_nfs(machine):
    nfs.fills(machine)
    nfs.serves(machine)
    machine.run("chmod", "777", "/srv/tank/photos", "/srv/tank/documents")


def shares_by_smb(machine):
    number = shares.is_offered(machine)
    shares.two_administrators(machine, number)
    stream = Stream(web_of(machine))
    watched = stream.of(stream.watch("nas.shares.ListSmbShares"))
    check("shares are watched", watched, watched)
    made = offer(machine, "bin", "/srv/away/films", "--recycle-bin", "--audit", "--previous-versions")
    check("a share with all there is", made.returncode == 0, made.stderr)
    used = smb(machine, "bin", "alice", "put /etc/hostname x; del x; ls")
    check("is used", used.returncode == 0, used.stdout)
    machine.wait("which is told", lambda: machine.rows("shares", "audit", "--share", "bin"))
    check("and swept", machine.run("systemctl", "start", "bulkhead-recycle.service").returncode == 0)
    check("who may what is explained", machine.bulkhead("shares", "explain", "alice", "bin").returncode == 0)
    machine.run("mkfifo", "/tmp/pieces")
    client, _, one = shares.connected(machine, "bob")
    check("who is connected is told", one, one)
    check("and can be disconnected", machine.bulkhead("smb", "disconnect", str(one["id"]), "--yes").returncode == 0)
    client.kill()
    check("the server has settings of its own", machine.bulkhead("smb", "set", "--description", "Ours", "--yes").returncode == 0)
    check("and is read of", machine.bulkhead("services", "logs", "smb").returncode == 0)


def shares_otherwise(machine):
    transfers.offered(machine)
    machine.run("sh", "-c", "echo '# mine' >>/etc/bulkhead/services/ftp.conf")
    machine.wait("what somebody wrote by hand is seen", lambda: machine.rows("shares", "drift"))
    ident = machine.rows("shares", "drift")[0]["id"]
    check("and taken back", machine.bulkhead("shares", "restore", ident, "--yes").returncode == 0)


def sends(machine):
    made = confirmed(machine, "replication", "create", "nightly", "--pool", "tank", "--dataset", "documents", "--to-pool", "away",
                     "--every", "day")
    check("a dataset is to be sent to another pool", made.returncode == 0, made.stderr)
    machine.bulkhead("snapshots", "create", "tank", "documents", "now", "--yes")
    check("now", machine.bulkhead("replication", "run", "nightly", "--yes").returncode == 0)
    machine.wait("it is there", lambda: machine.run("test", "-d", "/srv/away/.snapshots/documents/now").returncode == 0)


def serves_all(machine):
    for part in (homes.are_made, shares_by_nfs, shares_by_smb, shares_otherwise, sends, package.has_module):
        part(machine)
    named = machine.bulkhead("machine", "set", "--name", "another", "--yes")
    check("the machine gets another name", named.returncode == 0, named.stderr)
    machine.trial("reboot")
    machine.wait("after a reboot all of it is there", lambda: machine.bulkhead("smb", "list").returncode == 0 and
                 share(machine, "bin")["served"] and "buy milk" in machine.bulkhead("tasks", "list").stdout)
    for name in PEOPLE:
        check(f"{name} is removed", confirmed(machine, "users", "delete", name).returncode == 0)


def is_quiet(_machine):
    found = kernel.forbidden()
    check("no forbidden system call was told while all of it ran", not found, found[:10])
    check("and nothing that the kernel told was missed", kernel.missed is None, kernel.missed)


def main():
    everything, port = (serves_all, "") if sys.argv[2:] == ["shares"] else (uses_all, "none")
    lives(Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="2G", TRIAL_PORT=port), run.stands, logs, is_seen, everything,
          is_quiet, set_up=False)


if __name__ == "__main__":
    kernel = Kernel()
    main()
