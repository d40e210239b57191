#!/usr/bin/python3
"""The package in an administrator's hands: installed, upgraded, downgraded, removed, installed again, purged.

    tests/appliance/package.py BUILD

The version before and the version after are this one with another number; the one after also adds to the schema.
PACKAGE_BEFORE names a package of an earlier tree, which is then the version before. TRIAL_SUITE: for another Debian, built
and tried there, but that lintian and the second build are for this machine's own.
"""
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

from machine import DAEMONS, HOST_SUITE, POSTGRES, SUITE, Machine, check, finish, lives
from modules import DOCS, enable, install, one

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OURS = re.compile(r"bulkhead")
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o",
       "APT::Sandbox::User=root", "-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=/dev/null")


def tool(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def renumbered(deb, version, folder, add=None, needs=None):
    """The same package with another number, files of add: {path: text}, and what the package needs needs."""
    tree = f"{folder}/{version}"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    for path, text in (add or {}).items():
        with open(f"{tree}/{path}", "w", encoding="ascii") as file:
            file.write(text)
    control = open(f"{tree}/DEBIAN/control", encoding="utf-8").read()
    with open(f"{tree}/DEBIAN/control", "w", encoding="utf-8") as file:
        control = re.sub(r"(?m)^Version: .*$", f"Version: {version}", control)
        file.write(re.sub(r"(?m)^Depends: .*$", f"Depends: {tool('dpkg-deb', '-f', needs or deb, 'Depends').stdout.strip()}", control))
    out = f"{folder}/bulkhead_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, out], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return out


# --- without a machine -----------------------------------------------------------------------------

def is_clean(deb, folder, foreign):
    if not foreign:  # it judges by the Debian that it is of
        lint = tool("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", "bad-distribution-in-changes-file",
                    *glob.glob(f"{folder}/*.changes"))
        check("lintian has no error and no warning", lint.returncode == 0, lint.stdout)
    listed = tool("dpkg-deb", "-c", deb).stdout.splitlines()
    owners = {line.split()[1] for line in listed}
    check("everything in it belongs to root", owners == {"root/root"}, owners)
    special = [line for line in listed if re.match(r"[^ ]*[sStT]", line.split()[0][1:])]
    check("nothing in it is setuid or setgid", not special, special)
    written = [line for line in listed if line[0] != "l" and line.split()[0][8] == "w"]
    check("nothing in it is writable by all", not written, written)
    strings = tool("sh", "-c", f"dpkg-deb --fsys-tarfile {deb} | tar -xO --wildcards './usr/*bin*' './usr/libexec/*' "
                   "| strings | grep -v ^/var/lib/bulkhead- | grep -F -e /tmp/ -e /work/ -e /root/ -e \"$1\"", "sh", folder)
    check("no path of the machine that built it is in it", strings.returncode == 1, strings.stdout)


def is_reproducible(deb, folder):
    """Another folder, name of the machine, home, language, time zone, mask, number of jobs; and 400 days later."""
    other = f"{folder}-again/another-name"
    clock = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    later = ["LD_PRELOAD=" + "".join(clock[:1]), "FAKETIME=+400d", "NO_FAKE_STAT=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"]
    year = tool("env", *later, "date", "+%s").stdout.strip()
    check("the clock can be another", year.isdigit() and int(year) > time.time() + 399 * 86400, year)
    shutil.rmtree(os.path.dirname(other), ignore_errors=True)
    words = ["unshare", "-u", "sh", "-c", 'umask 0027; hostname elsewhere; exec "$@"', "sh", f"{TOP}/debian/make", other]
    again = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False, env={
        **os.environ, "DEB_BUILD_OPTIONS": "parallel=1", "BULKHEAD_DEB_ENV": " ".join([
            "TZ=Pacific/Kiritimati", "LC_ALL=POSIX", "LANG=", "HOME=/", "USER=somebody", *later])})
    if not check("the package is built again, quite differently", again.returncode == 0, again.stdout):
        return
    same = open(again.stdout.strip(), "rb").read() == open(deb, "rb").read()
    check("it has the same bytes", same, again.stdout)
    harden = tool("blhc", "--all", f"{other}/log")
    check("every compiler call has the hardening flags", harden.returncode == 0, harden.stdout[:2000])
    shutil.rmtree(os.path.dirname(other), ignore_errors=True)


# --- on a machine ----------------------------------------------------------------------------------

class Caller(threading.Thread):
    """Somebody who asks all the time: every call must find the socket and get an answer."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.answered, self.refused, self.hung_up, self.over = path, 0, [], 0, False

    def run(self):
        while not self.over:
            try:
                with socket.socket(socket.AF_UNIX) as line:
                    line.settimeout(60)
                    line.connect(self.path)
                    line.sendall(b'{"method":"org.varlink.service.GetInfo"}\0')
                    got = line.recv(65536)
                self.answered += bool(got)
                self.hung_up += not got
            except ConnectionResetError:
                self.hung_up += 1
            except OSError as error:
                self.refused.append(str(error))
            time.sleep(0.01)

    def end(self):
        self.over = True
        self.join()
        return f"{self.answered} answered, {self.hung_up} cut off, refused: {self.refused[:3]}"


class Browser(threading.Thread):
    """The same from another machine on the network."""

    def __init__(self, machine):
        super().__init__(daemon=True)
        self.machine, self.seen, self.over = machine, {}, False

    def run(self):
        while not self.over:
            status = self.machine.fetch("/")
            self.seen[status] = self.seen.get(status, 0) + 1

    def end(self):
        self.over = True
        self.join()
        return self.seen


def apt(machine, *words):
    return machine.run(*APT, *words)


def sockets(machine):
    """Each listening socket of ours, as the kernel numbers it."""
    listed = machine.run("sh", "-c", "awk '$8 ~ /^\\/run\\/bulkhead/ && $4 == \"00010000\" {print $8, $7}' /proc/net/unix; "
                         "awk '$2 ~ /:(01BB|0050)$/ && $4 == \"0A\" {print $2, $10}' /proc/net/tcp6")
    return listed.stdout


def main_pids(machine):
    return {unit: machine.pid(unit) for unit in ("api", *DAEMONS) if not unit.endswith("hand")}


def changes_version(machine, deb, version, what):
    """An upgrade or downgrade while somebody asks."""
    machine.put(deb, "/var/cache/next.deb")
    before, pids, caller = sockets(machine), main_pids(machine), Caller(machine.inside("/run/bulkhead/users.sock"))
    browser = Browser(machine)
    caller.start()
    browser.start()
    done = apt(machine, "install", "--allow-downgrades", "/var/cache/next.deb")
    counted, pages = caller.end(), browser.end()
    check(f"{what}: apt is content", done.returncode == 0, done.stdout + done.stderr)
    now = machine.run("dpkg-query", "-W", "-f", "${Version} ${db:Status-Abbrev}", "bulkhead").stdout
    check(f"{what}: {version} is there", now.strip() == f"{version} ii", now)
    check(f"{what}: the listening sockets are the same", before and set(before.splitlines()) <= set(sockets(machine).splitlines()),
          before + sockets(machine))
    check(f"{what}: the daemons are new", all(pids[unit] != pid for unit, pid in main_pids(machine).items()), pids)
    check(f"{what}: nobody was refused or cut off", not caller.refused and not caller.hung_up and caller.answered, counted)
    check(f"{what}: every page was served", set(pages) == {"200"}, pages)
    failed = machine.run("systemctl", "--failed", "--no-legend").stdout.strip()
    check(f"{what}: no unit failed", failed == "", failed)
    people = {row["username"] for row in machine.rows("users", "list")}
    check(f"{what}: the accounts are there", "ada" in people, people)


def migrations(machine):
    return machine.run("runuser", "-u", "postgres", "--", "psql", "-At", "-c",
                       "select count(*) from bulkhead.migration", "bulkhead").stdout.strip()


def has_module(machine):
    """The one of docs/modules.md, with something in it."""
    install(machine, "tasks", f"{DOCS}/tasks")
    machine.wait("a module is there", lambda: one(machine, "tasks") is not None)
    machine.wait("and is enabled", lambda: enable(machine, "tasks").returncode == 0 or one(machine, "tasks")["enabled"])
    machine.wait("and used", lambda: machine.bulkhead("tasks", "add", "buy milk", "--yes").returncode == 0)


def module_units(machine):
    """Those of modules that PID 1 has at work."""
    return machine.run("systemctl", "list-units", "--no-legend", "--plain", "--state=active", "bulkhead-module@*").stdout


def keeps_module(machine, what, tasks):
    """It is enabled as before, has what it had, and does what it is asked."""
    machine.wait(f"{what}: the module is reached, with what it had",
                 lambda: all(task in machine.bulkhead("tasks", "list").stdout for task in tasks))
    machine.wait(f"{what}: and works", lambda: machine.bulkhead("tasks", "add", what, "--yes").returncode == 0)
    tasks.append(what)


def is_upgraded(machine, deb, newer, tasks):
    count = migrations(machine)
    changes_version(machine, newer, "99.0", "upgrade")
    check("upgrade: the schema is the newer one", int(migrations(machine)) == int(count) + 1, migrations(machine))
    check("upgrade: changes work", machine.works("upgraded"))
    keeps_module(machine, "upgrade", tasks)
    changes_version(machine, deb, version_of(deb), "downgrade")
    check("downgrade: the newer schema stays", int(migrations(machine)) == int(count) + 1, migrations(machine))
    check("downgrade: changes work", machine.works("downgraded"))
    keeps_module(machine, "downgrade", tasks)


def is_upgraded_without_database(machine, newer, deb):
    machine.run("systemctl", "stop", "postgresql.service", POSTGRES)
    machine.run("systemctl", "mask", "--runtime", "postgresql.service")
    machine.put(newer, "/var/cache/next.deb")
    done = apt(machine, "install", "/var/cache/next.deb")
    check("upgrade without a database: apt is content", done.returncode == 0, done.stdout + done.stderr)
    listed = machine.bulkhead("users", "list")
    check("upgrade without a database: lists go on", listed.returncode == 0 and "ada" in listed.stdout, listed.stderr)
    machine.run("systemctl", "unmask", "--runtime", "postgresql.service")
    machine.run("systemctl", "start", "postgresql.service")
    machine.wait("database back: its set-up is made up for", lambda: machine.state("bulkhead-database") == "active")
    machine.wait("and changes work", lambda: machine.works("later"))
    machine.put(deb, "/var/cache/next.deb")
    apt(machine, "install", "--allow-downgrades", "/var/cache/next.deb")


def left_behind(machine):
    """What is on the disk and was not there before the package: the overlay's upper layer, less what Debian itself
    writes about packages, users and logs."""
    upper = f"{machine.cache()}/disk/upper"
    found = tool("find", upper, "-mindepth", "1", "-not", "-type", "d", "-printf", "/%P\n").stdout.splitlines()
    found += tool("find", upper, "-mindepth", "1", "-type", "d", "-empty", "-printf", "/%P\n").stdout.splitlines()
    return [path for path in found if OURS.search(path)]


def is_removed(machine, deb, tasks):
    people, before = machine.rows("users", "list"), machine.run("cat", "/etc/passwd", "/etc/group").stdout
    done = apt(machine, "remove", "bulkhead")
    check("remove: apt is content", done.returncode == 0, done.stdout + done.stderr)
    running = machine.run("pgrep", "-f", "/usr/libexec/bulkhead").stdout
    check("remove: none of ours runs", running == "" and sockets(machine) == "", running + sockets(machine))
    check("remove: nor a module", module_units(machine) == "", module_units(machine))
    check("remove: accounts are as they were", machine.run("cat", "/etc/passwd", "/etc/group").stdout == before)
    programs = machine.run("sh", "-c", "ls /usr/libexec/bulkhead /usr/bin/bulkhead").stdout
    check("remove: the programs are gone", programs == "", programs)
    check("remove: the database stays", int(migrations(machine)) > 0)
    machine.put(deb, "/var/cache/next.deb")
    done = apt(machine, "install", "/var/cache/next.deb")
    check("installed again: apt is content", done.returncode == 0, done.stdout + done.stderr)
    machine.wait("installed again: everything is there", lambda: machine.bulkhead("users", "list").returncode == 0 and
                 machine.rows("users", "list") == people)
    machine.wait("installed again: changes work", lambda: machine.works("again"))
    keeps_module(machine, "installed again", tasks)


def named_in(said):
    return tuple(path for line in said if "rm -r " in line for path in line.split("rm -r ")[1].split())


def is_purged(machine, deb):
    shared = machine.bulkhead("services", "enable", "smb", "--yes")
    check("shares are served", shared.returncode == 0, shared.stderr)
    machine.wait("and who does what is written down",
                 lambda: machine.run("sh", "-c", "ls /var/log/journal/*.bulkhead-smb").returncode == 0)
    people, done = machine.rows("users", "list"), apt(machine, "purge", "bulkhead")
    machine.run("rm", "-f", "/var/cache/next.deb")
    check("purge: apt is content", done.returncode == 0, done.stdout + done.stderr)
    said = [line for line in done.stdout.splitlines() if line.startswith("bulkhead: ")]
    check("purge: it says what it removes and keeps", any("removed /etc/bulkhead" in line for line in said) and
          any("dropdb" in line for line in said), done.stdout)
    named = named_in(said)
    check("purge: what the module keeps is named, where it is", any("private/bulkhead-module-tasks" in path for path in named), said)
    check("purge: so is who did what in shares", any(path.endswith(".bulkhead-smb") for path in named), said)
    check("purge: the settings are gone", machine.run("ls", "/etc/bulkhead").returncode != 0)
    check("purge: the database is not", int(migrations(machine)) > 0)
    kept = [path for path in left_behind(machine) if not path.startswith(named)]
    check("purge: nothing is left unnamed", not kept, kept)
    machine.put(deb, "/var/cache/next.deb")
    apt(machine, "install", "/var/cache/next.deb")
    machine.wait("installed after a purge: the accounts are there", lambda: machine.bulkhead("users", "list").returncode == 0
                 and machine.rows("users", "list") == people)
    machine.wait("installed after a purge: changes work", lambda: machine.works("purged"))
    good = machine.bulkhead("ledger", "verify", "--json").stdout
    check("installed after a purge: the ledger verifies", '"good":true' in good.replace(" ", ""), good)
    machine.wait("installed after a purge: the module is there and off", lambda: one(machine, "tasks")["enabled"] is False)
    said = apt(machine, "purge", "bulkhead").stdout.splitlines()
    machine.run("rm", "-f", "/var/cache/next.deb")
    machine.run("rm", "-r", *named_in([line for line in said if line.startswith("bulkhead: ")]))
    left = left_behind(machine)
    check("purged, and what it names removed: nothing is left", not left, left)


def has_no_setuid(machine):
    upper = f"{machine.cache()}/disk/upper"
    found = tool("find", upper, "-type", "f", "-perm", "/6000").stdout
    check("no setuid or setgid file came to be", found == "", found)
    missing = machine.run("sh", "-c", "for unit in /lib/systemd/system/bulkhead*.service; do for f in $(grep -ho '^ExecStart[A-Za-z]*=[-+]*/[^ ]*' $unit "
                          "| sed 's/.*=[-+]*//'); do [ -x $f ] || grep -qx ConditionPathExists=$f $unit || echo $f; done; done").stdout
    check("every program of the units is there, or they ask for it first", missing == "", missing)


def version_of(deb):
    return tool("dpkg-deb", "-f", deb, "Version").stdout.strip()


def main():
    build = os.path.abspath(sys.argv[1])
    foreign = [SUITE] if SUITE != HOST_SUITE else []
    folder = "-".join([f"{build}/deb", *foreign])
    made = tool(f"{TOP}/debian/make", folder, *foreign)
    if not check("the package is built", made.returncode == 0, made.stdout):
        finish()
    deb = made.stdout.strip().splitlines()[-1]
    is_clean(deb, folder, foreign)
    if not foreign:
        is_reproducible(deb, folder)
    newer = renumbered(deb, "99.0", folder, {
        "usr/share/bulkhead/sql/999_next.sql": "set local role bulkhead_owner;\ncreate table ledger.next (a int);\n"})
    # With what the next one needs there already: nothing can be fetched in the machine.
    older = renumbered(os.environ.get("PACKAGE_BEFORE", deb), "0.0.9", folder, needs=deb)

    def comes_from_before(machine):
        changes_version(machine, deb, version_of(deb), "from 0.0.9")
        machine.wait("from 0.0.9: the schema is this version's",
                     lambda: "has this version's schema" in machine.bulkhead("doctor", "--all", "database").stdout)

    def changes(machine):
        tasks = ["buy milk"]
        has_module(machine)
        is_upgraded(machine, deb, newer, tasks)
        is_upgraded_without_database(machine, newer, deb)
        is_removed(machine, deb, tasks)
        has_no_setuid(machine)
        is_purged(machine, deb)

    try:
        lives(Machine(build, TRIAL_DEB=older, TRIAL_DISKS="0"), comes_from_before, changes)
    finally:
        os.unlink(newer)
        os.unlink(older)


if __name__ == "__main__":
    main()
