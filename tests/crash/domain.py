#!/usr/bin/python3
"""A domain joined and left beside a real controller, the shares hand killed at system calls in the middle of it, with all that it
has started, and the shares clerk while it is under way: after each kill the machine is in the domain with all that belongs to it,
or in none with nothing left of it, the ledger says which, and the password of who allowed it is nowhere.

    tests/crash/domain.py BUILD KILLS [SCENE...]      0: at every system call that can change something

The kills are spread evenly over all that each change takes; a quarter as many are the clerk's. Ends with "N passed, N
failed"; each kill is a check.
"""
import sys

from storage import Appliance, Crash, lives  # first: it finds tests/appliance
from clerk import nothing_drifts, play_all
from storage_scenes import Scene
from shares_domain import ADMINISTRATOR, ADMINISTRATORS, CONTROLLER, REALM, controller

KEPT = "/run/bulkhead-shares-hand /run/bulkhead /run/bulkhead-smb /run/credentials /var/lib/bulkhead-shares-hand /var/lib/bulkhead-smb /var/cache/bulkhead-smb /etc/bulkhead"
GIVEN = {"realm": REALM, "user": ADMINISTRATOR, "password": ADMINISTRATORS}


class Domain(Scene):
    """There means: its file, what proves who the machine is, winbind, and the domain that says so; not there: none of these."""
    def joined(self):
        machine = self.machine
        left = machine.shell(f"grep -rlsF '{ADMINISTRATORS}' {KEPT}; ls /run/bulkhead-shares-hand/join; "
                             "systemctl is-active bulkhead-join.service bulkhead-unjoin.service | grep -v inactive")
        parts = {"file": self.there("/etc/bulkhead/services/domain.conf")[0],
                 "proof": bool(machine.shell("grep -la MACHINE_PASSWORD /var/lib/bulkhead-smb/private/secrets.tdb")),
                 "winbind": machine.state("bulkhead-winbind.service") == "active"}
        if parts["file"]:
            parts["known"] = bool(machine.shell("for i in $(seq 100); do wbinfo --check-secret && break; sleep 0.1; done"))
        return {"left": left, **parts} if left or len(set(parts.values())) == 2 else parts["file"]

    def have(self, joined):
        found = self.joined()
        assert isinstance(found, bool), f"half done: {found}"
        if found != joined:
            self.machine.change("JoinDomain", GIVEN) if joined else self.machine.change("LeaveDomain", {})


class JoinDomain(Domain):
    def prepare(self):
        self.have(False)

    def parameters(self):
        return GIVEN

    def seen(self):
        return self.joined()


class LeaveDomain(Domain):
    def prepare(self):
        self.have(True)

    def parameters(self):
        return {}

    def seen(self):
        found = self.joined()
        return not found if isinstance(found, bool) else found


SCENES = (JoinDomain, LeaveDomain)


class CrashOfDomain(Crash):
    def prepare(self):
        up = controller(self.machine, "up")
        assert up.returncode == 0, up.stdout
        super().prepare()
        self.machine.shell(f"echo nameserver {CONTROLLER} > /etc/resolv.conf")
        self.machine.change("EnableService", {"id": "smb"})

    def run(self, kills):
        machine = self.machine
        play_all(self, SCENES, kills)
        nothing_drifts(self)
        said = machine.shell(f"journalctl -b --no-pager | grep -F '{ADMINISTRATORS}'; journalctl -b --no-pager --namespace=bulkhead-smb | grep -F "
                             f"'{ADMINISTRATORS}'; runuser -u postgres -- pg_dump bulkhead | grep -F '{ADMINISTRATORS}'")
        self.count("the password is in no journal and no table", said or None)


if __name__ == "__main__":
    crash = CrashOfDomain(Appliance(sys.argv[1], "shares", TRIAL_DISKS="1", TRIAL_DISK_SIZE="512M"))
    try:
        lives(crash)
    finally:
        controller(crash.machine, "down")
