"""Certificates that come by themselves: Debian's lego, as its unit would run it, against pebble, an authority for
tests, which asks the front end on its plain port; account, order, certificate in force and served, renewal, and an
authority that is away.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/acme.py      (make certificate builds what it needs)

There is no systemd in the box: Acme below does what bulkhead-acme.path and bulkhead-acme.service say, line by line. The
trial appliance has the real one.
"""
import json
import os
import re
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from certificate import bulkhead, can_read, change, put, ready, shown  # noqa: E402
import front  # noqa: E402
from people import TOP, last_row, ledger, refused  # noqa: E402
from pki import Pki, openssl  # noqa: E402
from box import AskError, Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP acme: the box needs root", allow_module_level=True)
if not shutil.which("lego") or not shutil.which("pebble"):
    pytest.skip("SKIP acme: lego and pebble are not installed", allow_module_level=True)

TLS, OUT, SETTINGS = "/var/lib/bulkhead/tls", "/var/lib/bulkhead/acme-out", "/var/lib/bulkhead/acme/settings"
ORDER, LOG, WEB = "/var/lib/bulkhead/acme/order", "/run/bulkhead/acme-log", "/run/bulkhead/acme"
PORT, LIFE_S = 24000, 60
NAMES = ["nas.example.org", "files.example.org"]


class Acme(threading.Thread):
    """systemd's part: watches the order, runs the service."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.box, self.runs, self.ended = box, 0, False
        self.service, self.extra = {}, {}
        with open(f"{TOP}/systemd/bulkhead-acme.service", encoding="utf-8") as file:
            for key, value in re.findall(r"^(\w+)=(.*)$", file.read(), re.M):
                self.service.setdefault(key, []).append(value)
        with open(f"{TOP}/systemd/bulkhead-acme.path", encoding="utf-8") as file:
            assert f"PathChanged={ORDER}\n" in file.read()

    def run(self):
        seen = self.stamp()
        while not self.ended:
            now = self.stamp()
            if now != seen:
                seen = now
                self.once()
            time.sleep(0.05)

    @staticmethod
    def stamp():
        try:
            found = os.stat(ORDER)
            return found.st_ino, found.st_mtime_ns
        except FileNotFoundError:
            return None

    def line(self, text, env, log):
        words = []
        for word in text.split():  # "$NAME" becomes as many words as it holds, "${NAME}" a part of one
            words += env.get(word[1:], "").split() if re.fullmatch(r"\$\w+", word) else \
                [re.sub(r"\$\{(\w+)\}", lambda found: env.get(found[1], ""), word)]
        return subprocess.run([*self.box.as_user("bulkhead-acme"), *words], stdout=log, stderr=log, check=False, cwd="/",
                              env={"PATH": "/usr/bin:/bin", "HOME": "/", **env}, umask=0o022).returncode

    def once(self):
        if not os.path.getsize(SETTINGS):
            return
        env = dict(self.extra)
        with open(SETTINGS, encoding="ascii") as file:
            env.update(line.split("=", 1) for line in file.read().replace("\\\n", "").splitlines() if line)
        result = "success"
        with open(LOG, "ab") as log:
            for text in self.service["ExecStartPre"] + self.service["ExecStart"]:
                if self.line(text, env, log):
                    result = "exit-code"
                    break
            for text in self.service["ExecStopPost"]:
                self.line(text, {**env, "SERVICE_RESULT": result}, log)
        self.runs += 1


class Pipe(socketserver.BaseRequestHandler):
    """Bytes to and fro: pebble forgets its accounts when it ends, so what comes and goes is the way to it."""

    def handle(self):
        with socket.create_connection(("127.0.0.1", PORT + 4)) as other:
            ways = {self.request: other, other: self.request}
            while True:
                for one in select.select(list(ways), [], [], 30)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    ways[one].sendall(data)


class Way(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Authority:
    """pebble on loopback, behind a way that can be closed."""

    def __init__(self, box):
        self.box, self.process, self.way = box, None, None
        self.pki = Pki("/run/box/authority")
        self.pki.issue("api", "authority", ["127.0.0.1"])
        with open("/run/box/authority/api-chain.pem", "w", encoding="ascii") as file:
            file.write(self.pki.read("api.pem") + self.pki.middle[0])
        shutil.copy("/run/box/authority/root.pem", "/etc/bulkhead/test-root.pem")
        os.chmod("/etc/bulkhead/test-root.pem", 0o644)
        with open("/run/box/authority/config.json", "w", encoding="ascii") as file:
            json.dump({"pebble": {"listenAddress": f"127.0.0.1:{PORT + 4}", "managementListenAddress": f"127.0.0.1:{PORT + 1}",
                                  "certificate": "/run/box/authority/api-chain.pem",
                                  "privateKey": "/run/box/authority/api.key", "httpPort": self.box.http_port, "tlsPort": PORT + 3,
                                  "ocspResponderURL": "", "externalAccountBindingRequired": False,
                                  "certificateValidityPeriod": LIFE_S}}, file)
        with open("/etc/hosts", "a", encoding="ascii") as file:
            file.write("".join(f"127.0.0.1 {name}\n" for name in NAMES))

    def start(self):
        self.way = Way(("127.0.0.1", PORT), Pipe)
        threading.Thread(target=self.way.serve_forever, daemon=True).start()
        if self.process:
            return
        with open("/run/box/pebble.log", "ab") as log:
            self.process = subprocess.Popen(["pebble", "-config", "/run/box/authority/config.json"], stdout=log, stderr=log,
                                            env={"PATH": "/usr/bin:/bin", "PEBBLE_VA_NOSLEEP": "1"})
        self.box.wait_for(lambda: subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}"],
                                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                 stderr=subprocess.DEVNULL, check=False).returncode == 0)

    def stop(self):
        self.way.shutdown()
        self.way.server_close()

    def end(self):
        self.stop()
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        front.start(made)
        made.wait_for(lambda: ready(made))
        yield made


@pytest.fixture(scope="module")
def authority(box):
    made = Authority(box)
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="module")
def acme(box, authority):
    made = Acme(box)
    made.extra["LEGO_CA_CERTIFICATES"] = "/etc/bulkhead/test-root.pem"
    made.start()
    yield made
    made.ended = True
    made.join()


@pytest.fixture(scope="module")
def root(box):
    return lambda method, parameters=None, **caller: box.call("network", f"nas.network.{method}", parameters,
                                                              ticket=box.root_ticket(), **caller)


WISH = {"names": NAMES, "email": "ada@example.org", "terms_accepted": True, "directory": f"https://127.0.0.1:{PORT}/dir"}


def state(root):
    return root("GetCertificate").get("acme", {}).get("state")


def test_nothing_is_fetched_unasked(box, root, acme):
    found = root("GetCertificate")
    assert "acme" not in found and found["certificate"]["source"] == "self_signed"
    assert found["certificate"]["fingerprint"] == served(box)
    assert refused(root, "RenewAcme").name == "nas.error.Conflict"
    assert refused(root, "StopAcme").name == "nas.error.Conflict"
    error = refused(root, "EnrolAcme", {**WISH, "terms_accepted": False})
    assert (error.name, error.parameters["field"]) == ("nas.error.Invalid", "terms_accepted")
    for wrong in ({"names": []}, {"names": ["nas"]}, {"names": ["*.example.org"]}, {"email": "ada"},
                  {"directory": "http://127.0.0.1/"}, {"email": "a@example.org\nX=1"}):
        assert refused(root, "EnrolAcme", {**WISH, **wrong}).name == "nas.error.Invalid", wrong
    assert acme.runs == 0 and not os.path.exists(SETTINGS)


def test_what_a_person_confirms(root):
    plan = root("EnrolAcme", WISH, dry_run=True)["plan"]
    assert plan["warrant"]
    words = plan["steps"][0]["words"]
    assert all(part in words for part in (*NAMES, WISH["email"], WISH["directory"], "terms accepted"))
    assert plan["steps"][0]["undo"] == "put back what was there"


def test_it_is_fetched_and_put_in_force(box, root, acme, authority):
    before = last_row(box)
    done = change(box, "EnrolAcme", WISH)["acme"]
    assert done["names"] == NAMES and done["state"] == "ordered"
    box.wait_for(lambda: state(root) == "good" and shown(root), 60)
    box.wait_for(lambda: shown(root)["source"] == "acme")
    found = shown(root)
    assert set(found["names"]) == set(NAMES) and "Pebble" in found["issuer"]
    assert found["days_left"] == 0 and "acme_failed" not in found["warnings"]
    with open("/run/box/pebble.log", encoding="utf-8") as log:
        assert all(f"http://{name}:{box.http_port}/.well-known/acme-challenge/" in text for text in [log.read()] for name in NAMES)
    assert os.listdir(f"{WEB}/.well-known/acme-challenge") == []
    methods = [row for row in ledger(box, before) if row[1] == "nas.network.TakeCertificate"]
    assert methods == [("event", "nas.network.TakeCertificate", "certificate", "success")]
    assert box.psql("select directory, names, email, stopped is null from network.acme") == \
        [(WISH["directory"], ",".join(NAMES), WISH["email"], True)]


def served(box):
    """The fingerprint of what the front end shows to a browser just now."""
    pem = ssl.get_server_certificate(("127.0.0.1", box.https_port))
    put("/run/box/served.pem", pem)
    return openssl("x509", "-in", "/run/box/served.pem", "-noout", "-fingerprint", "-sha256").strip().split("=")[1]


def test_it_is_served(box, root):
    box.wait_for(lambda: served(box) == shown(root)["fingerprint"])


def test_who_may_read_what(box):
    for user, may in (("bulkhead-acme", True), ("bulkhead-network-hand", True), ("bulkhead-network", False),
                      ("nobody", False)):
        assert can_read(user, f"{OUT}/identity.pem") == may, user
        assert can_read(user, f"{OUT}/chain.pem"), user
    for user in ("bulkhead-network-hand", "bulkhead-network", "bulkhead-users", "nobody"):
        done = subprocess.run([*Box.as_user(user), "ls", "/var/lib/bulkhead-acme"], capture_output=True, check=False, cwd="/")
        assert done.returncode != 0, user
    assert not can_read("bulkhead-acme", f"{TLS}/identity.pem")


def test_the_hand_takes_only_what_was_named(box, root):
    fingerprint = shown(root)["fingerprint"].replace(":", "").lower()
    with pytest.raises(AskError, match="is not that of the certificate"):
        box.ask("acme_take", "0" * 64, user="bulkhead-network", hand="network")
    with pytest.raises((AskError, ConnectionError)):
        box.ask("acme_take", fingerprint, user="root", hand="network")
    assert box.ask("acme_take", fingerprint, user="bulkhead-network", hand="network") == b""


def test_it_is_renewed_in_time_by_itself(box, root, acme):
    first, runs = shown(root)["fingerprint"], acme.runs
    box.wait_for(lambda: shown(root)["fingerprint"] != first, LIFE_S + 30)
    box.wait_for(lambda: acme.runs == runs + 1)  # it is seen before its program has ended
    assert shown(root)["source"] == "acme"
    box.wait_for(lambda: state(root) == "good")  # and then what became of it is written down
    box.wait_for(lambda: served(box) == shown(root)["fingerprint"])


def test_an_authority_that_is_away_changes_nothing(box, root, acme, authority):
    authority.stop()
    before, row = shown(root)["fingerprint"], last_row(box)
    change(box, "RenewAcme")
    box.wait_for(lambda: state(root) == "failed", 60)
    found = root("GetCertificate")
    assert found["certificate"]["fingerprint"] == before and "acme_failed" in found["certificate"]["warnings"]
    assert "connection refused" in found["acme"]["message"], found["acme"]
    box.wait_for(lambda: ("event", "nas.network.FetchCertificate", "certificate", "failed") in ledger(box, row))
    authority.start()
    change(box, "RenewAcme")
    box.wait_for(lambda: shown(root)["fingerprint"] != before and state(root) == "good", 60)
    assert "acme_failed" not in shown(root)["warnings"]


def test_an_uploaded_one_stays(box, root, acme, authority):
    """Who installs a certificate does not find it replaced by one that is fetched."""
    leaf, key = authority.pki.issue("nas", "nas.example.org", ["nas.example.org"])
    plan = root("InstallCertificate", {"chain": leaf + authority.pki.middle[0], "key": key}, dry_run=True)["plan"]
    assert [step["literal"].split()[0] for step in plan["steps"]] == ["certificate_put", "write"]
    change(box, "InstallCertificate", {"chain": leaf + authority.pki.middle[0], "key": key})
    assert "acme" not in root("GetCertificate") and os.path.getsize(SETTINGS) == 0
    box.wait_for(lambda: served(box) == authority.pki.fingerprint("nas"))
    time.sleep(1.5)
    assert shown(root)["fingerprint"] == authority.pki.fingerprint("nas") and shown(root)["source"] == "installed"
    fetched = openssl("x509", "-in", f"{OUT}/chain.pem", "-noout", "-fingerprint", "-sha256").strip().split("=")[1]
    with pytest.raises(AskError, match="No certificates are to be fetched"):  # nor if the clerk were taken over
        box.ask("acme_take", fetched.replace(":", "").lower(), user="bulkhead-network", hand="network")
    with pytest.raises(AskError, match="No certificates are to be fetched"):
        box.ask("acme_due", user="bulkhead-network", hand="network")


def test_enrolled_again_then_stopped(box, root, acme):
    runs = acme.runs
    change(box, "EnrolAcme", {**WISH, "names": NAMES[:1]})
    box.wait_for(lambda: shown(root)["source"] == "acme" and state(root) == "good", 60)
    box.wait_for(lambda: acme.runs == runs + 1)
    assert shown(root)["names"] == NAMES[:1]
    assert change(box, "StopAcme") == {}
    assert "acme" not in root("GetCertificate") and shown(root)["names"] == NAMES[:1]
    assert box.psql("select stopped is not null from network.acme") == [(True,)]
    runs = acme.runs
    put(ORDER, "1\n")  # an order that comes late finds nothing to fetch
    time.sleep(0.5)
    assert acme.runs == runs


def test_the_command_line(box, root, acme):
    words = ["certificate", "enrol", "--names", NAMES[0], "--names", NAMES[1], "--email", WISH["email"], "--terms-accepted",
             "--directory", WISH["directory"]]
    dry = bulkhead(*words, "--dry-run")
    assert dry.returncode == 0 and all(name in dry.stdout for name in NAMES) and "acme_order" in dry.stdout, dry
    digest = json.loads(bulkhead(*words, "--dry-run", "--json").stdout)["plan"]["digest"]
    done = bulkhead(*words, "--yes", "--confirm", digest)
    assert done.returncode == 0 and "ordered" in done.stdout, done
    box.wait_for(lambda: state(root) == "good", 60)
    show = bulkhead("certificate", "show")
    assert show.returncode == 0 and "good" in show.stdout and NAMES[1] in show.stdout, show
    renewed = bulkhead("certificate", "renew", "--yes")
    assert renewed.returncode == 0, renewed
    box.wait_for(lambda: state(root) == "good", 60)
    stopped = bulkhead("certificate", "stop", "--yes")
    assert stopped.returncode == 0 and "acme" not in root("GetCertificate"), stopped


def test_hostile_words_are_shown_escaped(box, root, acme):
    change(box, "EnrolAcme", WISH)
    box.wait_for(lambda: state(root) == "good", 60)
    time.sleep(0.1)
    with open(LOG, "w", encoding="utf-8") as log:
        log.write("success\n\x1b[2J\u202e<script>\nexit-code\n")
    box.wait_for(lambda: state(root) == "failed")
    message = root("GetCertificate")["acme"]["message"]
    assert "\x1b" not in message and "\u202e" not in message and "<script>" in message
    change(box, "StopAcme")
