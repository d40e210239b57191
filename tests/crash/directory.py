#!/usr/bin/python3
"""A directory set, changed to another, and taken away beside a real one (OpenLDAP), the shares hand killed at system calls in the
middle of it, with all that it has started, and the shares clerk while it is under way: after each kill the machine takes people
from the one directory, from the other, or from none, with all that belongs to it and nothing of what does not; the ledger says
which, it can be done again, and what proves who this machine is stands in one file and nowhere else.

    tests/crash/directory.py BUILD KILLS [SCENE...]      0: at every system call that can change something

The kills are spread evenly over all that each change takes; a quarter as many are the clerk's. Ends with "N passed, N
failed"; each kill is a check.
"""
import sys

from storage import Appliance, Crash, lives  # first: it finds tests/appliance
from clerk import nothing_drifts, play_all
from storage_scenes import Scene
from shares_directory import BASE, BIND, FILE, HOSTS, KEPT, READER, SERVER, directory

PEM = "/etc/bulkhead/services/directory.pem"
ADMIN, ADMINS = f"cn=admin,{BASE}", "admin of the directory"
SECRETS = "/run/bulkhead-shares-hand /run/bulkhead /var/lib/bulkhead-shares-hand /etc/bulkhead /var/lib/bulkhead"
CARDS = {}  # of the authority and of somebody else, when there is a directory


def given(other):
    """Two that differ in each of the three files: in how it is reached and who asks, in the password, and in whom it believes."""
    return {"server": SERVER, "base": BASE, "bind": ADMIN if other else BIND, "password": ADMINS if other else READER,
            "ca": CARDS["ca"] + (CARDS["other-ca"] if other else ""), "start_tls": other}


class Directory(Scene):
    """There means: how it is reached, who is believed, what proves who asks, and sssd, which was told all of it."""
    def set_to(self):
        """Which it is: 0 none, 1 the one, 2 the other; or what is half done."""
        shell = self.machine.shell
        self.machine.patient("an end of the asking", lambda: not shell("systemctl list-units --plain --no-legend 'bulkhead-directory-check@*'"))
        conf, pem, kept = (shell(f"cat {path}") for path in (FILE, PEM, KEPT))
        told = shell("cat /run/bulkhead-directory/etc/sssd.conf")
        active = self.machine.state("bulkhead-directory.service") == "active"
        strays = shell(f"grep -rlsF -e '{READER}' -e '{ADMINS}' {SECRETS} | grep -vx {KEPT}")
        if strays:
            return {"left": strays}
        if not conf and not pem and not kept and not active:
            return 0
        for which, other in ((1, False), (2, True)):
            wanted = given(other)
            if (f"LDAPBINDDN={wanted['bind']}" in conf and ("ldap://" in conf) == other and pem == wanted["ca"].strip() and
                    kept == wanted["password"] and active and f"ldap_default_bind_dn = {wanted['bind']}" in told and
                    f"ldap_default_authtok = {kept}" in told):
                return which
        return {"file": conf, "authority": bool(pem), "password": {READER: "the one", ADMINS: "the other"}.get(kept, kept), "sssd": active}

    @property
    def method(self):
        return "nas.shares.RemoveDirectory" if isinstance(self, RemoveDirectory) else "nas.shares.SetDirectory"

    def have(self, which):
        found = self.set_to()
        assert isinstance(found, int), f"half done: {found}"
        if found == which:
            return
        self.machine.change("SetDirectory", given(which == 2)) if which else self.machine.change("RemoveDirectory", {})
        assert self.set_to() == which, f"not as it was set: {self.set_to()}"

    def prepare(self):
        self.have(self.before)

    def parameters(self):
        return given(self.after == 2) if self.after else {}

    def seen(self):
        found = self.set_to()
        return found == self.after if found in (self.before, self.after) else found


class SetDirectory(Directory):
    before, after = 0, 1


class ChangeDirectory(Directory):
    before, after = 1, 2


class RemoveDirectory(Directory):
    before, after = 2, 0


SCENES = (SetDirectory, ChangeDirectory, RemoveDirectory)


class CrashOfDirectory(Crash):
    def prepare(self):
        up = directory(self.machine, "up")
        assert up.returncode == 0, up.stdout
        for name in ("ca", "other-ca"):
            CARDS[name] = directory(self.machine, name).stdout
        super().prepare()
        lines = HOSTS.replace("\n", "\\n")
        self.machine.shell(f"printf '{lines}\\n' >> /etc/hosts")

    def run(self, kills):
        machine = self.machine
        play_all(self, SCENES, kills)
        nothing_drifts(self)
        said = machine.shell(f"journalctl --sync; journalctl -b --no-pager | grep -F -e '{READER}' -e '{ADMINS}'; "
                             f"runuser -u postgres -- pg_dump bulkhead | grep -F -e '{READER}' -e '{ADMINS}'")
        self.count("no password is in a journal or a table", said or None)


if __name__ == "__main__":
    crash = CrashOfDirectory(Appliance(sys.argv[1], "shares", TRIAL_DISKS="1", TRIAL_DISK_SIZE="512M"))
    try:
        lives(crash)
    finally:
        directory(crash.machine, "down")
