#!/usr/bin/python3
"""Samba's own smbtorture against the appliance's shares and against the same smbd with a hand-written minimal configuration:
what it says of both is the same.

    tests/appliance/torture.py BUILD

Ends with "N passed, N failed".
"""
import re
import sys

from machine import ADDRESS, Machine, check, lives
from sharing import MINIMAL_PORT as PORT, PEOPLE, ground, offer, serve_minimally

TESTS = ("connect", "getinfo", "lock", "read", "rw", "compound", "rename", "sharemode", "delete-on-close-perms", "setinfo", "mkdir",
         "tcon", "session-id", "winattr", "openattr", "charset", "fileid")


def tortured(machine, test, share, *more):
    """{part: success, failure or skip}"""
    said = machine.trial("lan", "timeout", "240", "smbtorture", "--configfile=/dev/null", *more, "-U", f"alice%{PEOPLE['alice']}",
                         f"//{ADDRESS}/{share}", f"smb2.{test}").stdout
    return {part: how for how, part in re.findall(r"^(success|failure|error|skip): (\S+)", said, re.M)}


def run(machine):
    ground(machine)
    offer(machine, "ours", "/srv/tank/photos")
    serve_minimally(machine)
    good = 0
    for test in TESTS:
        ours, minimal = tortured(machine, test, "ours"), tortured(machine, test, "minimal", "-p", str(PORT))
        check(f"smb2.{test}: {len(ours)} parts, each as without Bulkhead's configuration", ours and ours == minimal,
              {part: (ours.get(part), minimal.get(part)) for part in {*ours, *minimal} if ours.get(part) != minimal.get(part)})
        good += sum(how == "success" for how in ours.values())
    check(f"{good} of them succeed", good >= 60, good)


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), run, set_up=False)
