#!/usr/bin/python3
"""Samba's own smbtorture against the appliance's shares and against the same smbd with a hand-written minimal configuration:
what succeeds there succeeds here.

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
        worse = [part for part, how in minimal.items() if how == "success" and ours.get(part) != "success"]
        if worse:  # some of its parts are about time, which a busy machine takes
            again = tortured(machine, test, "ours")
            worse = [part for part in worse if again.get(part) != "success"]
        check(f"smb2.{test}: none of {len(ours)} parts fails that does not fail without Bulkhead's configuration", ours and not worse, worse)
        good += sum(how == "success" for how in ours.values())
    check(f"{good} of them succeed", good >= 60, good)


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), run, set_up=False)
