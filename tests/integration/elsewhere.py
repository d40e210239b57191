"""PostgreSQL on another machine: a server that is reached by TLS alone and knows the roles by certificate, behind the
relay that docs/security.md names. Clerks and their rights stay as they are.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/elsewhere.py      (make users builds what it needs)
"""
import os
import pwd
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import refused  # noqa: E402
from pki import Pki  # noqa: E402
from box import CLERKS, DATABASE, PATIENCE, Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP elsewhere: the box needs root", allow_module_level=True)

RELAY = "/run/box/relay"
ROLES = [f"bulkhead-{name[:-6]}" for name in CLERKS]
ADDRESS = f"127.{os.getpid() >> 8 & 127 | 1}.{os.getpid() & 255}.9"  # nobody else's on this machine


class Relay:
    """pgbouncer between a Unix socket and TLS."""

    def __init__(self):
        self.owner = pwd.getpwnam("postgres")
        self.process = None

    def write(self, name, text):
        with open(f"{RELAY}/{name}", "w", encoding="ascii") as file:
            file.write(text)
        os.chown(f"{RELAY}/{name}", self.owner.pw_uid, self.owner.pw_gid)
        os.chmod(f"{RELAY}/{name}", 0o600)

    def make(self, pki):
        os.makedirs(RELAY, mode=0o755)
        os.chown(RELAY, self.owner.pw_uid, self.owner.pw_gid)
        certificate, key = pki.issue("relay", "nas-relay")
        self.write("relay.pem", certificate + pki.middle[0])
        self.write("relay.key", key)
        self.write("root.pem", pki.root[0])
        self.write("hba", "local all all peer\n")
        self.write("people", "".join(f'"{role}" ""\n' for role in ROLES))
        self.write("ini", f"""[databases]
bulkhead = host=db.example port=5432
[pgbouncer]
listen_addr =
unix_socket_dir = {RELAY}
listen_port = 5432
pool_mode = session
auth_type = hba
auth_hba_file = {RELAY}/hba
auth_file = {RELAY}/people
server_tls_sslmode = verify-full
server_tls_ca_file = {RELAY}/root.pem
server_tls_cert_file = {RELAY}/relay.pem
server_tls_key_file = {RELAY}/relay.key
logfile = {RELAY}/log
pidfile = {RELAY}/pid
""")

    def start(self):
        self.process = subprocess.Popen(["setpriv", f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups",
                                         shutil.which("pgbouncer", path="/usr/sbin"), "-q", f"{RELAY}/ini"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock", "pid"):
            if os.path.exists(f"{RELAY}/{name}"):
                os.unlink(f"{RELAY}/{name}")


def serve_by_tls(box, pki):
    """The server takes nobody but by TLS with that certificate, for the roles and nothing else; root's psql stays local."""
    certificate, key = pki.issue("server", "db.example", ["db.example"])
    data = f"{DATABASE}/data"
    owner = pwd.getpwnam("postgres")
    for name, text in (("server.crt", certificate + pki.middle[0]), ("server.key", key), ("root.crt", pki.root[0])):
        with open(f"{data}/{name}", "w", encoding="ascii") as file:
            file.write(text)
        os.chown(f"{data}/{name}", owner.pw_uid, owner.pw_gid)
        os.chmod(f"{data}/{name}", 0o600)
    with open(f"{data}/pg_hba.conf", "w", encoding="ascii") as file:
        file.write("local all postgres peer map=test\nhostssl bulkhead all 127.0.0.0/8 cert map=relay\n")
    with open(f"{data}/pg_ident.conf", "a", encoding="ascii") as file:
        file.write("".join(f"relay nas-relay {role}\n" for role in ROLES))
    with open(f"{data}/postgresql.conf", "a", encoding="ascii") as file:
        file.write(f"listen_addresses = '{ADDRESS}'\nssl = on\nssl_ca_file = 'root.crt'\n")
    box.stop_database()
    box.start_database()


@pytest.fixture(scope="module")
def relay():
    return Relay()


@pytest.fixture(scope="module")
def box(relay):
    with Box() as made:
        with open("/etc/hosts", "a", encoding="ascii") as file:
            file.write(f"{ADDRESS} db.example\n")
        pki = Pki("/run/box/pki")
        serve_by_tls(made, pki)
        relay.make(pki)
        relay.start()
        made.env = {"BULKHEAD_DATABASE": f"host={RELAY} dbname=bulkhead"}
        for name in ("users-hand", "users-clerk", "monitor-clerk"):
            made.start(name)
        made.wait_for(lambda: made.call("monitor", "nas.monitor.Ping")["database"])
        yield made
        relay.kill()


def test_changes_and_the_ledger_work_there(box):
    done = box.change("users", "nas.users.CreateUser", {"username": "far", "role": "operator"})
    assert done["user"]["username"] == "far"
    rows = box.call("monitor", "nas.monitor.ListLedger", {"method": "nas.users.CreateUser"}, ticket=box.root_ticket())["rows"]
    assert {row["kind"] for row in rows} == {"intent", "outcome"}
    assert box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket())["good"]


def test_it_goes_by_tls_as_roles_that_are_what_they_are_here(box):
    seen = box.psql("select a.usename, s.ssl, host(a.client_addr) is not null from pg_stat_activity a join pg_stat_ssl s using (pid) "
                    "where a.usename like 'bulkhead-%%' or a.usename = any(%s)", ROLES)
    assert {row[0] for row in seen} >= {"bulkhead-users", "bulkhead-monitor"} and all(row[1:] == (True, True) for row in seen), seen
    done = subprocess.run([*box.as_user("bulkhead-monitor"), "psql", "-qAt", "-h", RELAY, "-U", "bulkhead-monitor", "-d", "bulkhead",
                           "-c", "show statement_timeout; show timezone; show search_path"], stdout=subprocess.PIPE, text=True,
                          check=True, cwd="/")
    assert done.stdout.split() == ["10s", "UTC", "pg_catalog"]
    for stranger, role in (("bulkhead-monitor", "bulkhead-users"), ("nobody", "bulkhead-users"), ("bulkhead-users", "postgres")):
        done = subprocess.run([*box.as_user(stranger), "psql", "-h", RELAY, "-U", role, "-d", "bulkhead", "-c", "select 1"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/")
        assert done.returncode != 0, (stranger, role, done.stdout)


def test_while_it_is_away_reads_go_on_and_changes_are_refused(box, relay):
    relay.kill()
    box.wait_for(lambda: not box.call("monitor", "nas.monitor.Ping")["database"])
    assert "far" in {user["username"] for user in box.call("users", "nas.users.ListUsers", ticket=box.root_ticket())["users"]}
    error = refused(box.call, "users", "nas.users.CreateUser", {"username": "late"}, ticket=box.root_ticket())
    assert error.name == "nas.error.Unavailable" and "late" not in box.accounts()
    relay.start()
    box.wait_for(lambda: box.call("monitor", "nas.monitor.Ping")["database"])
    deadline = time.monotonic() + PATIENCE
    while "late" not in box.accounts():
        try:
            box.change("users", "nas.users.CreateUser", {"username": "late"})
        except Exception as problem:  # its clerk may be a moment later than the monitor
            assert time.monotonic() < deadline, problem
            time.sleep(0.1)
    assert box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket())["good"]
