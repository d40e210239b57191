"""The machine's certificate: shown, installed, taken away; the real clerk and hand, PostgreSQL and the command line.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/certificate.py      (make certificate builds what it needs)
"""
import grp
import json
import os
import pwd
import stat
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import TOP, last_row, ledger, refused, sign_in, start  # noqa: E402
from pki import Pki  # noqa: E402
from box import AskError, Box, PROGRAMS, VarlinkError  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP certificate: the box needs root", allow_module_level=True)

TLS, OWN = "/var/lib/bulkhead/tls", "/var/lib/bulkhead/self-signed"
STATE = "/var/lib/bulkhead-network-hand"


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        os.makedirs(OWN, exist_ok=True)
        start(made)
        made.start("network-hand")
        made.start("network-clerk")
        made.wait_for(lambda: ready(made))
        yield made


@pytest.fixture(scope="module")
def pki(box):
    return Pki("/run/box/pki")


@pytest.fixture(scope="module")
def nas(pki):
    """(chain, key) of a certificate for this machine."""
    leaf, key = pki.issue("nas", "nas.example.org", ["nas.example.org", "*.home.example.org", "192.0.2.7"])
    return leaf + pki.middle[0], key


@pytest.fixture(scope="module")
def root(box):
    return lambda method, parameters=None, **caller: box.call("network", f"nas.network.{method}", parameters,
                                                              ticket=box.root_ticket(), **caller)


def ready(box):
    """Changes are let in: what was open before is looked up."""
    try:
        box.call("network", "nas.job.GetJob", {"id": 2 ** 50}, ticket=box.root_ticket())
    except VarlinkError as error:
        return error.name == "nas.error.NotFound"
    return False


def change(box, method, parameters=None):
    return box.change("network", f"nas.network.{method}", parameters or {})


def shown(root):
    return root("GetCertificate").get("certificate")


def put(path, text, mode=0o644):
    """As the front end writes its own: by renaming."""
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(f"{path}.new", mode)
    os.rename(f"{path}.new", path)


def body(key):
    """A line of a key's base64, which must be found nowhere."""
    return key.splitlines()[1]


def can_read(user, path):
    done = subprocess.run([*Box.as_user(user), "cat", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False, cwd="/")
    return done.returncode == 0


def test_none_at_first_then_the_machines_own(box, root, pki):
    assert root("GetCertificate") == {}
    own, _ = pki.issue("own", "nas", ["nas.local", "192.0.2.7"], by=None, days=3650)
    put(f"{OWN}/chain.pem", own)
    box.wait_for(lambda: shown(root))
    found = shown(root)
    assert (found["source"], found["self_signed"], found["warnings"]) == ("self_signed", True, ["self_signed"])
    assert found["fingerprint"] == pki.fingerprint("own")
    assert found["names"] == ["nas.local", "192.0.2.7"] and found["days_left"] in (3649, 3650)


def test_a_dry_run_shows_what_would_be_done(root, nas, pki):
    chain, key = nas
    plan = root("InstallCertificate", {"chain": chain, "key": key}, dry_run=True)["plan"]
    digits = pki.fingerprint("nas").replace(":", "").lower()
    assert plan["warrant"] and not plan["destroys"] and len(plan["steps"]) == 1
    assert digits in plan["steps"][0]["words"]
    assert "PRIVATE" not in str(plan["steps"]) and plan["steps"][0]["undo"] == "certificate_restore"
    assert shown(root)["source"] == "self_signed" and os.listdir(TLS) == []


def test_roles_and_warrant(box, nas):
    chain, key = nas
    viewer = sign_in(box, "vera", "viewer")
    admin = sign_in(box, "ada", "admin")

    def call(person, method, parameters=None):
        return box.call("network", f"nas.network.{method}", parameters, ticket=person.ticket)
    assert call(viewer, "GetCertificate")["certificate"]["source"] == "self_signed"
    assert refused(call, viewer, "InstallCertificate", {"chain": chain, "key": key}).name == "nas.error.Denied"
    assert refused(call, viewer, "RemoveCertificate").name == "nas.error.Denied"
    error = refused(call, admin, "InstallCertificate", {"chain": chain, "key": key})
    assert error.name == "nas.error.Confirmation"
    # The users daemon reads the plan by itself: what is confirmed is what its steps say.
    plan = error.parameters["plan"]
    described = admin.call("Describe", {"plan": plan["plan"]})
    assert [step["words"] for step in described["steps"]] == [step["words"] for step in plan["steps"]]
    assert described["digest"] == plan["digest"]
    warrant = admin.call("Confirm", {"digest": plan["digest"], "plan": plan["plan"],
                                     "password": admin.password})["warrant"]
    done = box.call("network", "nas.network.InstallCertificate", {"chain": chain, "key": key}, ticket=admin.ticket,
                    warrant=warrant)["certificate"]
    assert done["source"] == "installed" and done["warnings"] == []
    again = refused(lambda: box.call("network", "nas.network.RemoveCertificate", {}, ticket=admin.ticket, warrant=warrant))
    assert again.name in ("nas.error.Confirmation", "nas.error.Denied"), again


def test_who_may_read_the_key(box, nas):
    chain, key = nas
    identity, public = f"{TLS}/identity.pem", f"{TLS}/chain.pem"
    with open(identity, encoding="ascii") as file:
        assert file.read() == key + chain
    with open(public, encoding="ascii") as file:
        assert file.read() == chain
    found = os.stat(identity)
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert found.st_uid == pwd.getpwnam("bulkhead-network-hand").pw_uid
    assert found.st_gid == grp.getgrnam("bulkhead-api").gr_gid
    front = ["setpriv", "--reuid=65530", f"--regid={found.st_gid}", "--clear-groups", "cat", identity]
    assert subprocess.run(front, stdout=subprocess.DEVNULL, check=False).returncode == 0
    for user in ("bulkhead-network", "bulkhead-users", "bulkhead-monitor", "nobody"):
        assert not can_read(user, identity), user
        assert can_read(user, public), user


def test_the_key_is_nowhere_else(box, nas):
    line = body(nas[1])
    assert box.psql("select count(*) from ledger.row where detail like %s", f"%{line}%")[0][0] == 0
    dump = subprocess.run([*Box.as_user("postgres"), "pg_dump", "-h", "/run/postgresql", "bulkhead"], check=True,
                          stdout=subprocess.PIPE, text=True, cwd="/").stdout
    assert line not in dump and "PRIVATE KEY" not in dump
    for process in box.processes.values():
        assert line not in process.output()
    found = subprocess.run(["grep", "-rlF", line, "/var/lib", "/run/bulkhead", "/run/bulkhead-network-hand", "/etc"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout.split()
    assert found == [f"{TLS}/identity.pem"]
    assert os.listdir(f"{STATE}/journal") == []


def test_what_is_wrong_is_refused(box, root, pki, nas):
    chain, key = nas
    other, other_key = pki.issue("other", "other.example.org", ["other.example.org"])
    old, old_key = pki.issue("old", "old.example.org", ["old.example.org"], days=-1)
    weak, weak_key = pki.issue("weak", "weak.example.org", ["weak.example.org"], kind=("rsa", "1024"))
    before = last_row(box)
    for parameters, field, word in (
            ({"chain": chain, "key": other_key}, "key", "not the key of this certificate"),
            ({"chain": "hello", "key": key}, "chain", "must be certificates in PEM"),
            ({"chain": key + chain, "key": key}, "chain", "no private key"),
            ({"chain": pki.middle[0] + chain, "key": key}, "chain", "names no host|order|not made"),
            ({"chain": other + pki.root[0], "key": other_key}, "chain", "not in order"),
            ({"chain": old + pki.middle[0], "key": old_key}, "chain", "expired on"),
            ({"chain": weak + pki.middle[0], "key": weak_key}, "chain", "browsers do not take"),
            ({"chain": chain, "key": "x" * 9000}, "key", "must be"),
            ({"chain": chain * 40, "key": key}, "chain", "must be")):
        error = refused(root, "InstallCertificate", parameters)
        assert error.name == "nas.error.Invalid" and error.parameters["field"] == field, error
        assert any(part in error.parameters["message"] for part in word.split("|")), error
        assert body(key) not in str(error) and body(other_key) not in str(error)
    rows = ledger(box, before)
    assert rows and all(row[0] == "refusal" for row in rows)
    assert shown(root)["fingerprint"] == pki.fingerprint("nas")


def test_a_lying_clerk_gets_nothing(box, root, nas, pki):
    """The hand itself sees that the certificate is the one confirmed, whatever a clerk that was taken over sends."""
    other, other_key = pki.issue("mallory", "nas.example.org", ["nas.example.org"])
    fingerprint = pki.fingerprint("nas").replace(":", "").lower()
    ticket = box.root_ticket()

    def try_it(*step):
        digest, plan = box.plan(step, hand="network")
        box.execute(plan, ticket=ticket, warrant=box.root_warrant(digest, ticket), hand="network")
    with pytest.raises(AskError, match="is not that of the certificate"):
        try_it("certificate_put", fingerprint, other_key + other)
    with pytest.raises(AskError, match="is not that of the certificate"):  # shown first, but served is what stands first
        try_it("certificate_put", fingerprint, other_key + other + nas[0])
    digest, plan = box.plan(("certificate_put", fingerprint, nas[1] + nas[0]), hand="network")
    with pytest.raises(AskError):
        box.execute(plan, ticket=ticket, hand="network")  # no warrant
    _, theirs = box.plan(("certificate_drop",), hand="network")
    with pytest.raises(AskError):
        box.execute(theirs, ticket=ticket, warrant=box.root_warrant(digest, ticket), hand="network")  # of another plan
    with pytest.raises((AskError, ConnectionError)):
        box.execute(plan, ticket=ticket, warrant=box.root_warrant(digest, ticket), hand="network", user="bulkhead-users")
    assert shown(root)["fingerprint"] == pki.fingerprint("nas")


def test_it_is_watched(box, root, nas, pki):
    second, second_key = pki.issue("second", "second.example.org", ["second.example.org"], days=5)
    seen = []
    ready_now = threading.Event()

    def watch():
        with box.connect("network") as line:
            body_text = {"method": "nas.network.GetCertificate", "more": True,
                         "parameters": {"caller": {"ticket": box.root_ticket()}}}
            line.sendall(json.dumps(body_text).encode() + b"\0")
            for message in box.messages(line):
                seen.append(message["parameters"])
                ready_now.set()
                if len(seen) == 2:
                    return
    watcher = threading.Thread(target=watch)
    watcher.start()
    assert ready_now.wait(10)
    done = change(box, "InstallCertificate", {"chain": second + pki.middle[0], "key": second_key})["certificate"]
    watcher.join(10)
    assert len(seen) == 2 and "patch" in seen[1], seen
    assert done["warnings"] == ["expires_soon"] and done["days_left"] in (4, 5)
    assert shown(root)["fingerprint"] == pki.fingerprint("second")


def test_it_is_taken_away(box, root, pki):
    plan = root("RemoveCertificate", dry_run=True)["plan"]
    assert plan["warrant"] and plan["steps"][0]["literal"] == "certificate_drop"
    before = last_row(box)
    assert change(box, "RemoveCertificate") == {}
    assert os.listdir(TLS) == []
    assert shown(root)["fingerprint"] == pki.fingerprint("own")
    assert [row[0] for row in ledger(box, before)] == ["refusal", "intent", "outcome"] or \
        [row[0] for row in ledger(box, before)] == ["intent", "outcome"]
    assert refused(root, "RemoveCertificate").name == "nas.error.Conflict"


def test_what_cannot_be_read_is_not_made_up(box, root, pki):
    put(f"{OWN}/chain.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    box.wait_for(lambda: root("GetCertificate") == {})
    put(f"{OWN}/chain.pem", pki.read("own.pem"))
    box.wait_for(lambda: shown(root))


def test_without_the_database_it_is_shown_and_not_changed(box, root, nas):
    box.stop_database()
    try:
        assert shown(root)["source"] == "self_signed"
        error = refused(root, "InstallCertificate", {"chain": nas[0], "key": nas[1]})
        assert error.name in ("nas.error.Unavailable", "nas.error.Confirmation")
    finally:
        box.start_database()
        box.wait_for(lambda: ready(box))
    assert os.listdir(TLS) == []


def bulkhead(*words):
    return subprocess.run([f"{PROGRAMS}/bulkhead", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, env={"PATH": "/usr/bin:/bin", "BULKHEAD_CONTRACTS": f"{TOP}/ipc"}, timeout=60)


def test_the_command_line(box, root, pki, nas):
    show = bulkhead("certificate", "show")
    assert show.returncode == 0 and "self_signed" in show.stdout, show
    put("/run/box/chain.pem", nas[0])
    words = ["certificate", "install", "--chain", "/run/box/chain.pem", "--key", pki.path("nas.key")]
    dry = bulkhead(*words, "--dry-run", "--json")
    assert dry.returncode == 0 and "certificate_put" in dry.stdout, dry
    assert bulkhead(*words, "--yes").returncode != 0  # needs a confirmation
    digest = json.loads(dry.stdout)["plan"]["digest"]
    done = bulkhead(*words, "--yes", "--confirm", digest)
    assert done.returncode == 0 and "PRIVATE" not in done.stdout + done.stderr, done
    assert shown(root)["fingerprint"] == pki.fingerprint("nas")
    missing = bulkhead("certificate", "install", "--chain", "/run/box/chain.pem", "--yes")
    assert missing.returncode != 0 and "--key" in missing.stderr, missing
    digest = json.loads(bulkhead("certificate", "remove", "--dry-run", "--json").stdout)["plan"]["digest"]
    assert bulkhead("certificate", "remove", "--yes", "--confirm", digest).returncode == 0
    assert shown(root)["source"] == "self_signed"
