#!/usr/bin/python3
"""All features run with filters that log what they would kill for: not one line may appear. A forbidden call in kill mode
ends a process, which is started anew and may hide what came after; here everything that any of them wants is seen.

    tests/appliance/logged.py BUILD

The programs are those of `make drill-programs`, told to log. The kernel's log is this machine's, and the kernel writes at
most ten such lines in five seconds, whoever caused them: no other suite may run beside this one.
"""
import glob
import os
import re
import subprocess
import sys
import time

import datasets
import pools
import run
import storage
from certificate import has_a_certificate
from machine import Machine, check, lives
from storing import confirmed

LOGGED = "code=0x7ffc0000"  # what the kernel writes for SECCOMP_RET_LOG; nothing else here uses it


def lines(since):
    """What was logged after so many seconds since boot."""
    found = []
    for line in subprocess.run(["dmesg"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        at = re.match(r"\[ *([\d.]+)\]", line)
        if LOGGED in line and at and float(at.group(1)) >= since:
            found.append(" ".join(re.findall(r"(?:comm|syscall)=\S+", line)))
    return sorted(set(found))


def withheld(since):
    """Did the kernel write less than there was?"""
    text = subprocess.run(["dmesg"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [line for line in re.findall(r"\[ *([\d.]+)\] (.*audit.*suppressed.*)", text) if float(line[0]) >= since]


def now():
    with open("/proc/uptime", encoding="ascii") as file:
        return float(file.read().split()[0])


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
    """A forbidden call does appear: without this, silence would say nothing. What ran before may have used up what the
    kernel writes in these seconds, so it is asked for until it is seen."""
    since = now()
    machine.run("sh", "-c", """echo 'Environment=BULKHEAD_DRILL=bpf' >>/etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload""")
    for _ in range(10):
        machine.run("systemctl", "restart", "bulkhead-monitor-clerk.service")
        time.sleep(2)
        if any("monitor-clerk" in line for line in lines(since)):
            break
    check("a forbidden call is logged", any("monitor-clerk" in line for line in lines(since)), lines(since))
    machine.run("sh", "-c", """sed -i /DRILL/d /etc/systemd/system/bulkhead-monitor-clerk.service.d/log.conf
        systemctl daemon-reload; systemctl restart bulkhead-monitor-clerk.service""")


def stores(machine):
    storage.all_of_it(machine)
    sums = pools.begins(machine)
    for part in (pools.repairs, pools.grows_and_shrinks, pools.replaces):
        part(machine, sums)
    gone = confirmed(machine, "pools", "destroy", "tank")
    check("that pool is destroyed", gone.returncode == 0, gone.stderr)
    datasets.all_of_it(machine)


def uses_all(machine):
    since = now()
    for part in (run.is_reached, run.is_set_up, run.does_daily_work, has_a_certificate, stores, run.survives):
        part(machine)
    found = lines(since)
    check("no forbidden system call was logged while all of it ran", not found, found[:10])
    check("and the kernel withheld none of its lines", not withheld(since), withheld(since))


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="6", TRIAL_DISK_SIZE="2G"), run.stands, logs, is_seen, uses_all, set_up=False)


if __name__ == "__main__":
    main()
