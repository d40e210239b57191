"""Each process, started as its unit would start it, beside what its policy says: what the kernel tells of it, what its
database role may do, what it refuses to start with, and what it cannot do even when it tries (the escape drills).

    BUILD=build /usr/bin/python3 -m pytest tests/integration/fences.py      (make fences builds what it needs)
"""
import os
import pwd
import grp
import re
import socket
import stat
import subprocess
import sys
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import BUILD, Box, CLERKS, FRONT, PROGRAMS, hand_socket
from box import PROCESSES as DAEMONS  # noqa: E402

PROCESSES = [*DAEMONS, FRONT]
# And one that it is to have.
WITH_CAPABILITIES = {"users-hand": "cap_chown", "storage-hand": "cap_chown", "shares-hand": "cap_dac_read_search"}
# In the kernel's order.
CAPABILITIES = ("cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid cap_setuid cap_setpcap "
                "cap_linux_immutable cap_net_bind_service cap_net_broadcast cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner "
                "cap_sys_module cap_sys_rawio cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin").split()
DRILLS = f"{PROGRAMS}/drill"
WORKED = 7

if os.geteuid() != 0:
    pytest.skip("SKIP fences: the box needs root", allow_module_level=True)


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        made.start_all()
        made.start_front()
        yield made


@pytest.fixture(scope="module")
def units(box):
    """What policy-print made of each policy: {process: {key: [values]}} of its service and socket."""
    found = {}
    for name in PROCESSES:
        found[name] = {}
        for suffix in ("service", "socket"):
            with open(f"{box.work}/units/system/bulkhead-{name}.{suffix}", encoding="utf-8") as file:
                for key, value in re.findall(r"^(\w+)=(.*)$", file.read(), re.M):
                    found[name].setdefault(key, []).append(value.strip())
    return found


def awake(box, name):
    """The process, running: a hand is woken by connecting to it."""
    process = box.processes[name]
    if name.endswith("-hand"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.connect(hand_socket(name[:-5]))
            process.wait(lambda events: events[-1][0] in ("ready", "gone"))
    return process


def capability_set(unit):
    names = unit["CapabilityBoundingSet"][0].lower().split()
    return sum(1 << CAPABILITIES.index(name) for name in names)


# --- what the kernel says ---

@pytest.mark.parametrize("name", PROCESSES)
def test_users_and_groups(box, units, name):
    status, unit = awake(box, name).status(), units[name]
    uid, gid = pwd.getpwnam(unit["User"][0]).pw_uid, grp.getgrnam(unit["Group"][0]).gr_gid
    assert uid != 0
    assert status["Uid"].split() == [str(uid)] * 4
    assert status["Gid"].split() == [str(gid)] * 4
    wanted = {group.gr_gid for group in grp.getgrall() if unit["User"][0] in group.gr_mem}
    assert {int(group) for group in status["Groups"].split()} - {gid} == wanted


@pytest.mark.parametrize("name", PROCESSES)
def test_capabilities(box, units, name):
    status, wanted = awake(box, name).status(), capability_set(units[name])
    for one in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[one], 16) == wanted, one
    assert (wanted != 0) == (name in WITH_CAPABILITIES)


@pytest.mark.parametrize("name", PROCESSES)
def test_fences_are_closed(box, name):
    process = awake(box, name)
    status = process.status()
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert status["Threads"] == "1"
    # Not dumpable: the kernel gives its /proc files to root, nobody of the same user can trace it.
    assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0


def others_open(pid, allowed):
    """The targets of a process's descriptors that a policy does not name, at one moment."""
    time.sleep(0.05)
    targets = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            targets.add(os.readlink(f"/proc/{pid}/fd/{number}"))
        except FileNotFoundError:  # the connection that woke a hand, closed meanwhile
            continue
    return {target for target in targets if not allowed.match(target)}


@pytest.mark.parametrize("name", PROCESSES)
def test_open_descriptors(box, name):
    """Nothing is held open that the policy does not name, or that is the way to it: sockets, events, the log, folders."""
    allowed = re.compile(r"^(socket:|pipe:|anon_inode:|/dev/null|/run/bulkhead(/|$)|/var/lib/bulkhead|/etc$|/etc/(passwd|group)$|/etc/bulkhead/(pools|encryption|ceph|tang|remotes|replications|schedules|senders|scrubs|self-tests|spin-down|smb|nfs|transfers|services|modules)$|/proc/[0-9]+/mountinfo$|/srv$|/(sys|sys/fs/cgroup|proc|run/udev/data)$|/usr/share/bulkhead|/run/bulkhead-"
                         rf"|{box.work}/{name}.log)")
    process = awake(box, name)
    # What is read for a moment is closed again; what is held stays through all the looks. The users clerk holds the account
    # files as it knows them, so that their numbers cannot come back for others.
    held = set.intersection(*(others_open(process.pid, allowed) for _ in range(5)))
    assert not held


def test_no_two_share_a_user(units):
    users = [unit["User"][0] for unit in units.values()]
    assert len(set(users)) == len(users) and "root" not in users


@pytest.mark.parametrize("name", PROCESSES)
def test_sockets(box, units, name):
    unit = units[name]
    path = (unit.get("ListenStream") or unit.get("ListenSequentialPacket"))[0]
    found = os.stat(path)
    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == int(unit["SocketMode"][0], 8) == 0o660
    assert (found.st_uid, found.st_gid) == (0, grp.getgrnam(unit["SocketGroup"][0]).gr_gid)


@pytest.mark.parametrize("name", PROCESSES)
def test_strangers_cannot_connect(box, units, name):
    unit = units[name]
    path = (unit.get("ListenStream") or unit.get("ListenSequentialPacket"))[0]
    kind = "SOCK_SEQPACKET" if name.endswith("-hand") else "SOCK_STREAM"
    code = f"import socket; socket.socket(socket.AF_UNIX, socket.{kind}).connect('{path}')"
    strangers = {"nobody", "bulkhead-monitor", "bulkhead-users-hand", "bulkhead-network-hand"} - {unit["User"][0]}
    for stranger in strangers:
        done = subprocess.run(["setpriv", f"--reuid={stranger}", f"--regid={pwd.getpwnam(stranger).pw_gid}",
                               "--clear-groups", sys.executable, "-c", code], stderr=subprocess.PIPE, text=True,
                              check=False, cwd="/")
        assert "PermissionError" in done.stderr, stranger


# --- the database ---

@pytest.mark.parametrize("name", CLERKS)
def test_database_role(box, units, name):
    role = units[name]["User"][0]
    box.wait_for(lambda: box.psql("select 1 from pg_stat_activity where usename = %s", role))
    flags = box.psql("select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolpassword is null "
                     "from pg_authid where rolname = %s", role)
    assert flags == [(False, False, False, False, False, True)]
    assert box.psql("select 1 from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = %s", role) == []


@pytest.mark.parametrize("name", CLERKS)
def test_table_rights_are_the_grants(box, units, name):
    """Every right that the role has on any table is one that the policy printed, and none is missing."""
    role = units[name]["User"][0]
    printed = subprocess.run([f"{BUILD}/policy-print", "grants"], stdout=subprocess.PIPE, text=True, check=True).stdout
    wanted = set()
    for rights, thing in re.findall(rf'^grant (.*) on ([^;]*) to "{role}";', printed, re.M):
        schema = re.match(r"all tables in schema (\w+)", thing)
        tables = [thing] if re.fullmatch(r"\w+\.\w+", thing) else []
        if schema:
            tables = [f"{schema[1]}.{row[0]}" for row in
                      box.psql("select relname from pg_class c join pg_namespace n on n.oid = relnamespace "
                               "where nspname = %s and relkind in ('r', 'p', 'v')", schema[1])]
        # "insert (a, b)" is a right to columns; postgres lists those apart.
        for right, columns in re.findall(r"(\w+)(?: \(([^)]*)\))?", rights):
            names = [column.strip() for column in columns.split(",")] if columns else [None]
            wanted |= {(table, right, column) for table in tables for column in names}
    has = {(f"{schema}.{table}", right.lower(), None) for schema, table, right in
           box.psql("select table_schema, table_name, privilege_type from information_schema.role_table_grants "
                    "where grantee = %s", role)}
    whole = {(table, right) for table, right, _ in has}
    has |= {(f"{schema}.{table}", right.lower(), column) for schema, table, right, column in
            box.psql("select table_schema, table_name, privilege_type, column_name from "
                     "information_schema.role_column_grants where grantee = %s", role)
            if (f"{schema}.{table}", right.lower()) not in whole}
    assert has == wanted


@pytest.mark.parametrize("name", CLERKS)
@pytest.mark.parametrize("statement", [
    "update ledger.users set actor = 0", "delete from ledger.monitor", "truncate ledger.network", "drop view ledger.row",
    "update ledger.users_default set actor = 0", "delete from ledger.monitor_default", "drop table ledger.users",
    "create or replace view ledger.row as select 1", "alter table ledger.monitor disable trigger all", "create table ledger.mine (a int)", "create schema mine",
    "create role mine", "set role postgres", "select * from pg_authid", "copy ledger.head to program 'true'",
    "select pg_read_file('/etc/passwd')", "create function ledger.f() returns int language sql as 'select 1'"])
def test_database_refuses(box, units, name, statement):
    import psycopg2
    role = units[name]["User"][0]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        box.psql(f'set session authorization "{role}"; {statement}')


# --- what it refuses to start with ---

@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("options, word", [
    (["--also", "cap_kill"], "cap_kill"), (["--all-bounding"], "bounding"), (["--group", "adm"], "group"),
    (["--uid", "1"], "user"), (["--uid", "0"], "user"), (["--without", "cap_chown"], "cap_chown")])
def test_refuses_to_start(box, name, options, word):
    if "--without" in options and name in WITH_CAPABILITIES:
        options, word = ["--without", WITH_CAPABILITIES[name]], WITH_CAPABILITIES[name]
    elif "--without" in options:
        options, word = ["--also", "cap_chown"], "cap_chown"
    process = box.start(name, options=["--once", *options], ready=False)
    try:
        if name.endswith("-hand"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                line.connect(hand_socket(name[:-5]))
                process.wait(lambda events: events[-1][0] == "gone")
        process.wait(lambda events: events[-1][0] == "gone")
        assert process.exits() and process.exits()[0][0] == "code" and process.exits()[0][1] != 0
        assert process.count("ready") == 0
        assert word in process.output()[process.said_before:]
    finally:
        box.start(name)


# --- escape drills ---

def drill(box, name, what):
    """Runs a drill build until it ends; its end and what it said."""
    process = box.start(name, options=["--once"], env={"BULKHEAD_DRILL": what}, program=f"{DRILLS}/{name}", ready=False)
    if name.endswith("-hand"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.connect(hand_socket(name[:-5]))
            process.wait(lambda events: events[-1][0] == "gone")
    process.wait(lambda events: events[-1][0] == "gone")
    return process.exits()[0], process.output()[process.said_before:]


@pytest.mark.parametrize("name", PROCESSES)
def test_drills(box, name):
    """Nothing that is tried works: the call fails, or the fence kills."""
    end, said = drill(box, name, "list")
    assert end == ("code", 0), said
    names = re.findall(r"^drill: (\S+)$", said, re.M)
    assert len(names) >= 25
    for what in names:
        end, said = drill(box, name, what)
        assert end in (("code", 0), ("signal", 31)), f"{name}: {what}: {end} {said}"
    box.start(name)


def test_a_drill_can_work(box):
    """The test of the test: what the hand is there for does work in it, and is reported so."""
    end, said = drill(box, "users-hand", "write-account-file")
    assert end == ("code", WORKED), said
    end, said = drill(box, "users-hand", "start-program")
    assert end == ("code", 0)  # it became /usr/bin/true
    box.start("users-hand")
