"""REST when something behind it is away, hung, or comes back."""
import base64
import grp
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psycopg2
import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, people, start, start_front  # noqa: E402
from people import ready  # noqa: E402
from box import DATABASE, SOON, Box  # noqa: E402
from web import UNCHECKED, Web  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP rest_trouble: the box needs root", allow_module_level=True)

ANSWER_SECONDS = 2


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box):
    return start(box, BULKHEAD_ANSWER_SECONDS=str(ANSWER_SECONDS))


@pytest.fixture(scope="module")
def ada(box, web):
    return people(box, web)["admin"]


def timed(call):
    begun = time.monotonic()
    answer = call()
    return answer, time.monotonic() - begun


def test_a_daemon_that_is_down_is_503_and_heals(box, web, ada):
    box.stop("monitor-clerk")
    answer, took = timed(lambda: ada.get("/api/logging/audit"))
    assert (answer.status, answer.kind) == (503, "unavailable") and took < SOON, answer
    assert int(answer.headers["Retry-After"]) >= 1
    assert ada.get("/api/users").status == 200, "the others are not concerned"
    assert patiently(lambda: web.get("/api/system/ready"), (503,)).json == {"status": "starting"}
    jobs = ada.get("/api/jobs")
    assert jobs.status == 200 and jobs.headers["X-Daemons-Missing"] == "monitor", jobs
    assert ada.get("/api/jobs/9007199254740991").status == 503, "it may be that one's"
    box.start("monitor-clerk")
    patiently(lambda: ada.get("/api/logging/audit"))
    patiently(lambda: web.get("/api/system/ready"))


def test_a_daemon_that_hangs_is_504_in_time_and_heals(box, web, ada):
    os.kill(box.processes["monitor-clerk"].pid, signal.SIGSTOP)
    try:
        answer, took = timed(lambda: ada.get("/api/logging/audit"))
        assert (answer.status, answer.kind) == (504, "timed-out"), answer
        assert ANSWER_SECONDS - 0.5 < took < ANSWER_SECONDS + SOON
        ready_answer, took = timed(lambda: web.get("/api/system/ready"))
        assert ready_answer.status == 503 and took < SOON
        assert ada.get("/api/users").status == 200, "the others are not concerned"
    finally:
        os.kill(box.processes["monitor-clerk"].pid, signal.SIGCONT)
    patiently(lambda: ada.get("/api/logging/audit"))


def test_what_takes_long_and_says_so_is_waited_for(box, ada):
    """The rows of a chain are not to be had for longer than a daemon may take to answer."""
    other = psycopg2.connect(host=DATABASE, dbname="bulkhead", user="postgres")
    with other.cursor() as cursor:
        cursor.execute("lock table ledger.users in access exclusive mode")
        told = []
        asking = threading.Thread(target=lambda: told.append(ada.post("/api/logging/audit/verify")))
        asking.start()
        time.sleep(2 * ANSWER_SECONDS)
        assert not told, told
    other.close()
    asking.join()
    assert told[0].status == 200 and told[0].json["good"], told[0]


def test_a_daemon_that_is_killed_under_load_costs_only_what_it_had(box, web, ada):
    statuses, stop = [], threading.Event()

    def load():
        while not stop.is_set():
            statuses.append(ada.get("/api/users").status)
    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.5)
        box.kill("users-clerk")
    ready(box)
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 503} and statuses[-1] == 200, set(statuses)
    assert statuses.count(200) > statuses.count(503)


def test_without_the_database_reading_goes_on(box, ada):
    box.stop_database()
    box.wait_for(lambda: "database is away" in box.processes["users-clerk"].output())
    assert ada.get("/api/users").status == 200
    answer = ada.post("/api/groups", {"name": "not-now"})
    assert (answer.status, answer.kind) == (503, "unavailable") and "database" in answer.json["detail"]
    assert answer.headers["Retry-After"] and answer.json["next"]
    assert ada.post("/api/groups?dry_run=true", {"name": "not-now"}).status == 200
    box.start_database()
    ready(box)
    assert patiently(lambda: ada.post("/api/groups", {"name": "now"})).status == 200


def test_wrong_passwords_wait(web, ada):
    answers = [web.again().post("/api/auth/login", {"username": "vera", "password": "wrong"}) for _ in range(4)]
    busy = [answer for answer in answers if answer.status == 429]
    assert busy and all(answer.kind == "busy" and int(answer.headers["Retry-After"]) >= 1 for answer in busy), answers
    assert ada.get("/api/users").status == 200


def made_up_key(number):
    """One that reads like a key."""
    body = f"bhk_{number}_" + base64.urlsafe_b64encode(hashlib.sha256(b"%d" % number).digest()).decode().rstrip("=")
    check = base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()[:4]).decode().rstrip("=")
    return f"{body}_{check}"


def test_keys_are_not_guessed_and_nobody_else_is_hurt(web, ada):
    def at(address, token):
        return Web(path="/run/bulkhead/api.sock", token=token, headers={"X-Forwarded-For": address, "X-Forwarded-Proto": "https"})
    made = [ada.change("POST", "/api/auth/keys", {"name": f"key {number}", "role": "viewer"}, PASSWORD).json["secret"] for number in range(2)]
    known = at("10.66.0.1", made[0])
    assert known.get("/api/auth/me").status == 200
    answers = [at("10.66.0.1", made_up_key(number)).get("/api/auth/me") for number in range(1, 61)]
    statuses = [answer.status for answer in answers]
    assert statuses[:15] == [401] * 15 and set(statuses[25:]) == {429}, statuses
    assert all(answer.kind == "busy" and 1 <= int(answer.headers["Retry-After"]) <= 3 for answer in answers[25:])
    assert at("10.66.0.1", made_up_key(99).replace("bhk", "bhs")).get("/api/auth/me").status == 401, "no question at all"
    assert known.get("/api/auth/me").status == 200, "what is known to be good goes on"
    assert at("10.66.0.2", made[1]).get("/api/auth/me").status == 200, "nobody else is concerned"
    assert at("10.66.0.1", made[1]).get("/api/auth/me").status == 429
    assert patiently(lambda: at("10.66.0.1", made[1]).get("/api/auth/me")).status == 200, "in a moment it may try again"
    one = made_up_key(100)
    assert {at("10.66.0.3", one).get("/api/auth/me").status for _ in range(50)} == {401}, "the same again is no guess"
    assert at("10.66.0.3", made[1]).get("/api/auth/me").status == 200


def test_without_trust_nobody_is_let_in_and_it_heals(box, web, ada):
    os.rename("/run/bulkhead/trust/current", "/run/bulkhead/trust/away")
    try:
        assert ada.get("/api/users").status == 503
    finally:
        os.rename("/run/bulkhead/trust/away", "/run/bulkhead/trust/current")
    assert patiently(lambda: ada.get("/api/users")).status == 200


def fingerprint(port):
    with socket.create_connection(("127.0.0.1", port)) as plain, UNCHECKED.wrap_socket(plain) as secure:
        return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()


def test_a_new_certificate_is_shown_without_a_restart(box, web, ada):
    folder, own = "/var/lib/bulkhead/tls", fingerprint(box.https_port)
    held = web.connection()
    held.request("GET", "/api/system/live")
    held.getresponse().read()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                    "-subj", "/CN=nas.example", "-addext", "subjectAltName=DNS:nas.example", "-keyout",
                    f"{box.work}/key.pem", "-out", f"{box.work}/chain.pem"], check=True, stderr=subprocess.DEVNULL)
    assert web.get("/api/system/live", Host="nas.example").status == 421
    with open(f"{folder}/new", "w", encoding="ascii") as target:
        for name in ("key", "chain"):
            with open(f"{box.work}/{name}.pem", encoding="ascii") as part:
                target.write(part.read())
    os.chmod(target.name, 0o640)
    os.chown(target.name, 0, grp.getgrnam("bulkhead-api").gr_gid)
    os.rename(target.name, f"{folder}/identity.pem")
    box.wait_for(lambda: fingerprint(box.https_port) != own)
    assert web.get("/api/system/live", Host="nas.example").status == 200, "its names are ours now"
    held.request("GET", "/api/system/live")
    assert held.getresponse().read() == b'{"status":"ok"}', "who is connected stays"
    os.unlink(f"{folder}/identity.pem")
    box.wait_for(lambda: fingerprint(box.https_port) == own)


def test_a_restart_loses_no_request(box, web, ada):
    statuses, stop = [], threading.Event()

    def load():
        while not stop.is_set():
            try:
                statuses.append(ada.get("/api/auth/me").status)
            except OSError as error:
                statuses.append(repr(error))
    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(0.4)
        box.kill("api", signal.SIGTERM)
    time.sleep(0.5)
    box.wait_for(lambda: len(statuses) > 50) # on a busy machine
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200} and len(statuses) > 50, {one: statuses.count(one) for one in set(statuses)}


def test_the_front_end_comes_back_and_its_people_stay(box, web, ada):
    browser = web.again()
    patiently(lambda: browser.post("/api/auth/login", {"username": "ada", "password": PASSWORD}))
    box.kill("api")
    patiently(lambda: web.get("/api/system/ready"))
    assert ada.get("/api/users").status == browser.get("/api/users").status == 200


def test_pages_of_another_site_may_ask_when_that_is_set(box, web, ada):
    start_front(box, BULKHEAD_ORIGINS="https://panel.example,https://second.example")
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for origin in ("https://panel.example", "https://second.example"):
        preflight = web.ask("OPTIONS", "/api/groups", headers={"Origin": origin, **wish})
        assert preflight.status == 204 and preflight.headers["Access-Control-Allow-Origin"] == origin, preflight
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Content-Type", "Warrant"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
        assert preflight.headers["Access-Control-Allow-Credentials"] is None, "a bearer token, never a cookie"
        asked = ada.post("/api/groups?dry_run=true", {"name": "elsewhere"}, Origin=origin)
        assert (asked.status, asked.headers["Access-Control-Allow-Origin"], asked.headers["Vary"]) == (200, origin, "Origin")
        assert "ETag" in asked.headers["Access-Control-Expose-Headers"]
    for origin in ("https://evil.example", "http://panel.example", "https://panel.example.evil.example", "null"):
        assert web.ask("OPTIONS", "/api/groups", headers={"Origin": origin, **wish}).headers["Access-Control-Allow-Origin"] is None
        assert ada.post("/api/groups?dry_run=true", {"name": "elsewhere"}, Origin=origin).status == 403


def test_the_way_to_https_is_the_one_that_is_set(box, web):
    """Behind a router that forwards a port of its own."""
    start_front(box, BULKHEAD_HTTPS_PORT="8443")
    assert Web(box.http_port, tls=False).get("/x", Host="nas").headers["Location"] == "https://nas:8443/x"
    start_front(box, BULKHEAD_HTTPS_PORT="443")
    assert Web(box.http_port, tls=False).get("/x", Host="nas").headers["Location"] == "https://nas/x"
