#!/usr/bin/python3
"""All features run with filters that log what they would kill for: not one line may appear. A forbidden call in kill mode
ends a process, which is started anew and may hide what came after; here everything that any of them wants is seen.

    tests/appliance/logged.py BUILD

The programs are those of `make drill-programs`, told to log.
"""
import glob
import os
import re
import socket
import struct
import sys
import threading

import datasets
import pools
import run
import storage
from certificate import has_a_certificate
from machine import Machine, check, lives
from storing import confirmed

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
        self.calls, self.missed = [], None
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
        return sorted(set(self.calls))


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
    """A forbidden call does appear: without this, silence would say nothing."""
    machine.run("sh", "-c", """echo 'Environment=BULKHEAD_DRILL=bpf' >>/etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload; systemctl restart bulkhead-monitor-clerk.service""")
    machine.wait("a forbidden call is told", lambda: any("monitor-clerk" in call for call in kernel.forbidden()))
    machine.run("sh", "-c", """sed -i /DRILL/d /etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload; systemctl restart bulkhead-monitor-clerk.service""")
    kernel.calls.clear()


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
    found = kernel.forbidden()
    check("no forbidden system call was told while all of it ran", not found, found[:10])
    check("and nothing that the kernel told was missed", kernel.missed is None, kernel.missed)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="2G"), run.stands, logs, is_seen, uses_all, set_up=False)


if __name__ == "__main__":
    kernel = Kernel()
    main()
