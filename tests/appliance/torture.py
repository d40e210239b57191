#!/usr/bin/python3
"""Samba's own smbtorture against the appliance's shares and against the same smbd with a hand-written minimal configuration:
what it says of both is the same.

    tests/appliance/torture.py BUILD

Ends with "N passed, N failed".
"""
import re
import sys

from machine import ADDRESS, Machine, check, lives
from sharing import PEOPLE, ground, offer

TESTS = ("connect", "getinfo", "lock", "read", "rw", "compound", "rename", "sharemode", "delete-on-close-perms", "setinfo", "mkdir",
         "tcon", "session-id", "winattr", "openattr", "charset", "fileid")
PORT = 4455
FOLDER = "/run/minimal"
# Where its state is, and no more than it needs to be beside ours.
MINIMAL = f"""[global]
	server role = standalone server
	passdb backend = smbpasswd:/var/lib/bulkhead/smb/passwd
	smb ports = {PORT}
	disable netbios = yes
	load printers = no
	state directory = {FOLDER}
	cache directory = {FOLDER}
	lock directory = {FOLDER}
	pid directory = {FOLDER}
	private dir = {FOLDER}/private
	ncalrpc dir = {FOLDER}/ncalrpc
	log file = {FOLDER}/log
[minimal]
	path = /srv/tank/documents
	read only = no
"""


def serve_minimally(machine):
    machine.run("mkdir", "-p", f"{FOLDER}/private", f"{FOLDER}/ncalrpc")
    machine.run("sh", "-c", f"cat > {FOLDER}/smb.conf <<'END'\n{MINIMAL}END")
    machine.run("systemd-run", "--quiet", "--unit=minimal", "smbd", "--foreground", "--no-process-group", f"--configfile={FOLDER}/smb.conf")
    return machine.wait("the other smbd listens", lambda: f":{PORT}" in machine.run("ss", "-Hlnt").stdout)


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
