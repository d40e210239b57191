"""The stream, whole: the front end with the users daemon, and a daemon of the test's own that does what it is told.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/stream.py      (make stream builds what it needs)
"""
import os
import resource
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, people, start  # noqa: E402
from box import FRONT, PROGRAMS, SHARED, SOON, Box, Process, free_ports  # noqa: E402
from meadow import Meadow  # noqa: E402
from streaming import Closed, Refused, Stream, follow  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP stream: the box needs root", allow_module_level=True)

SHEEP = "nas.meadow.ListSheep"
FLOCK = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bea"}]


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box, meadow_first):
    return start(box)


@pytest.fixture(scope="module")
def meadow_first(box):
    os.makedirs("/run/bulkhead", exist_ok=True)
    made = Meadow(box, f"{SHARED}/contracts", FLOCK)
    yield made
    made.stop()


@pytest.fixture
def meadow(meadow_first):
    meadow_first.tell([{"op": "replace", "path": "/sheep", "value": FLOCK}], FLOCK)
    meadow_first.hangs = False
    return meadow_first


@pytest.fixture(scope="module")
def roles(box, web):
    return people(box, web)


@pytest.fixture
def ada(roles):
    return roles["admin"]


@pytest.fixture
def vera(roles):
    return roles["viewer"]


def resident(process):
    """KiB of memory of its own."""
    with open(f"/proc/{process.pid}/smaps_rollup", encoding="ascii") as file:
        found = dict(line.split(":", 1) for line in file.readlines()[1:])
    return sum(int(found[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


# --- what it costs, before much has happened ---

def test_an_idle_watcher_costs_little(box, meadow, vera):
    front, count = box.processes[FRONT], 3000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    web = vera.again(token=vera.token)
    web.path = "/run/bulkhead/api.sock"
    first = [Stream(web, {"X-Forwarded-For": "10.9.0.1", "X-Forwarded-Proto": "https"}) for _ in range(50)]
    for stream in first:
        stream.of(stream.watch(SHEEP))
    before = resident(front)
    more = [Stream(web, {"X-Forwarded-For": f"10.9.{i % 200}.2", "X-Forwarded-Proto": "https"}) for i in range(count)]
    for stream in more:
        stream.of(stream.watch(SHEEP))
    each = (resident(front) - before) / count
    print(f"an idle watcher costs {each:.1f} KiB")
    for stream in [*first, *more]:
        stream.close()
    assert each <= 4


# --- what is told ---

def test_state_then_patches_are_what_get_says(ada):
    stream = Stream(ada)
    watch = stream.watch("nas.users.ListGroups")
    state = stream.of(watch)
    groups = state["state"]
    assert groups == ada.get("/api/groups").json
    for change in (lambda: ada.post("/api/groups", {"name": "one"}), lambda: ada.post("/api/groups", {"name": "two"}),
                   lambda: ada.ask("PUT", "/api/groups/one/members/vera"),
                   lambda: ada.ask("DELETE", "/api/groups/one"), lambda: ada.ask("DELETE", "/api/groups/two")):
        assert change().status in (200, 204)
        told = stream.of(watch, lambda message: "patch" in message)
        groups, now = follow(groups, told), ada.get("/api/groups")
        assert groups == now.json and now.headers["ETag"] == f'"{told["version"]}"'
    assert told["version"] == state["version"], "the same again is the same version"
    stream.say({"id": watch, "cancel": True})
    assert stream.of(watch) == {"id": watch, "cancelled": True}
    assert ada.post("/api/groups", {"name": "one"}).status == 200
    assert ada.ask("DELETE", "/api/groups/one").status == 204
    stream.nothing(0.5)


def test_a_hundred_screens_are_one_question(box, meadow, roles, web):
    box.wait_for(lambda: meadow.watchers == 0)
    before = len(meadow.tickets)
    streams = [Stream(roles["viewer"]) for _ in range(40)]
    other = web.again()
    other.sign_in("vera", PASSWORD)  # another session of hers
    streams += [Stream(other) for _ in range(10)]
    for stream in streams:
        stream.of(stream.watch(SHEEP))
    assert len(meadow.tickets) == before + 1 and meadow.watchers == 1
    admin = Stream(roles["admin"])
    admin.of(admin.watch(SHEEP))
    assert meadow.watchers == 2, "other rights"
    meadow.name(0, "Zoe")
    for stream in [*streams, admin]:
        assert stream.of(1)["patch"] == [{"op": "replace", "path": "/0/name", "value": "Zoe"}]
        stream.close()
    box.wait_for(lambda: meadow.watchers == 0, 30)


def test_calls_have_rests_answers(ada, vera):
    stream = Stream(ada)
    done = stream.call("nas.users.CreateGroup", {"name": "sea"})
    assert done["result"]["name"] == "sea" and "job" in stream.told[0] and "progress" in stream.told[1]
    assert stream.call("nas.users.CreateGroup", {"name": "sea"})["error"]["status"] == 409
    plan = stream.call("nas.users.DeleteUser", {"username": "otto"}, dry_run=True)["result"]
    assert plan == ada.ask("DELETE", "/api/users/otto?dry_run=true").json
    refused = stream.call("nas.users.DeleteUser", {"username": "otto"})["error"]
    assert refused["type"].endswith("#confirmation-required") and refused["plan"]["digest"] == plan["digest"]
    assert stream.call("nas.users.DeleteUser", {"username": "otto"}, warrant="bhw1_x")["error"]["status"] == 403
    groups = stream.call("nas.users.ListGroups")
    assert groups["result"] == ada.get("/api/groups").json
    assert ada.get("/api/groups").headers["ETag"] == f'"{groups["version"]}"'
    assert stream.call("nas.users.DeleteGroup", {"name": "sea"})["result"] is None
    assert stream.call("nas.users.Login", {"username": "ada", "password": PASSWORD})["error"]["status"] == 422
    assert stream.call("nas.users.Exchange", {"credential": "x"})["error"]["status"] == 404
    low = Stream(vera)
    assert low.call("nas.users.CreateGroup", {"name": "sky"})["error"]["role"] == "admin"
    assert low.of(low.watch("nas.users.ListUsers"))["error"]["role"] == "operator"


def test_jobs_and_progress_are_watched(ada):
    stream = Stream(ada)
    watch = stream.watch("nas.job.ListJobs", {"limit": 5})
    jobs = stream.of(watch)["state"]
    assert ada.post("/api/groups", {"name": "work"}).status == 200
    newest = None
    while newest is None or newest["state"] != "success" or newest["description"] != "group work":
        jobs = follow(jobs, stream.of(watch))
        newest = jobs[0]
    one = stream.of(stream.watch("nas.job.GetJob", {"id": newest["id"]}))
    assert one["state"] == newest
    assert stream.of(stream.watch("nas.job.GetJob", {"id": 999999999}))["error"]["status"] == 404
    assert ada.ask("DELETE", "/api/groups/work").status == 204


# --- who comes in ---

def test_who_comes_in(web, vera):
    browser = web.again()
    patiently(lambda: browser.post("/api/auth/login", {"username": "vera", "password": PASSWORD}))
    stream = Stream(browser)
    assert stream.call("nas.users.Me")["result"]["username"] == "vera"
    for wanted, who, headers in ((401, web, {}), (401, web.again(token="bht1_nothing"), {}),
                                 (403, browser, {"Origin": "https://evil.example"}), (403, browser, {"Origin": None}),
                                 (421, vera, {"Host": "evil.example"}), (426, vera, {"Upgrade": None}),
                                 (426, vera, {"Sec-WebSocket-Version": "8"}),
                                 (400, vera, {"Sec-WebSocket-Key": "short"})):
        with pytest.raises(Refused) as refused:
            Stream(who, headers)
        assert refused.value.status == wanted, refused.value.text
        assert "application/problem+json" in refused.value.text
    offered = Stream(web.again(), {"Sec-WebSocket-Protocol": f"bulkhead.stream, bearer.{vera.token}"})
    assert "Sec-WebSocket-Protocol: bulkhead.stream\r\n" in offered.head + "\r\n" and vera.token not in offered.head
    assert offered.call("nas.users.Me")["result"]["username"] == "vera"


def test_who_is_signed_out_is_out_within_a_second(web, ada):
    browser = web.again()
    browser.sign_in("ursula", PASSWORD)
    streams = [Stream(browser) for _ in range(3)]
    for stream in streams:
        stream.of(stream.watch(SHEEP))
    assert browser.post("/api/auth/logout").status == 204
    begun = time.monotonic()
    for stream in streams:
        assert stream.of(None)["error"]["status"] == 401
        with pytest.raises(Closed) as closed:
            stream.receive()
        assert closed.value.code == 4401
    assert time.monotonic() - begun < SOON
    ours = Stream(ada)
    ours.of(ours.watch(SHEEP))
    ours.nothing(0.3)


# --- trouble ---

def test_a_daemon_that_is_away_comes_back(box, meadow, vera):
    stream = Stream(vera)
    watch = stream.watch(SHEEP)
    assert stream.of(watch)["state"] == FLOCK
    meadow.stop()
    away = stream.of(watch)
    assert away["stale"] is True and away["error"]["status"] == 503, away
    late = Stream(vera)
    told = late.of(late.watch(SHEEP))
    assert told["state"] == FLOCK and told["stale"] is True
    meadow.sheep = [FLOCK[0]]
    meadow.start()
    assert stream.of(watch, seconds=30)["patch"] == [{"op": "remove", "path": "/1"}]
    assert stream.of(watch)["stale"] is False
    assert late.of(1)["patch"] and late.of(1)["stale"] is False


def test_a_clerk_that_is_killed_is_not_noticed(box, ada):
    stream = Stream(ada)
    watch = stream.watch("nas.users.ListGroups")
    groups = stream.of(watch)["state"]
    for name in ("after", "once-more"):
        box.kill("users-clerk")
        patiently(lambda wish=name: ada.post("/api/groups", {"name": wish}), seconds=60)
        groups = follow(groups, stream.of(watch, lambda message: "patch" in message))
        assert groups == ada.get("/api/groups").json
    for name in ("after", "once-more"):
        assert ada.ask("DELETE", f"/api/groups/{name}").status == 204


def test_a_daemon_that_hangs_keeps_nobody_from_the_others(meadow, ada):
    meadow.hangs = True
    stream = Stream(ada)
    watch = stream.watch(SHEEP, {"limit": 7})
    assert stream.call("nas.users.Me")["result"]["username"] == "ada"
    assert stream.of(watch, seconds=30)["stale"] is True
    meadow.hangs = False
    assert stream.of(watch, lambda message: "state" in message, seconds=60)["state"] == FLOCK


def test_a_slow_client_costs_nobody_anything(box, meadow, vera):
    front = box.processes[FRONT]
    slow = [Stream(vera, receive=4096) for _ in range(8)]
    quick = Stream(vera)
    for stream in [*slow, quick]:
        stream.of(stream.watch(SHEEP))
    before = resident(front)
    for number in range(300):  # 60 MB for each of the slow
        meadow.wool(1, f"{number:06}" * 35000)
        assert quick.of(1)["patch"][0]["value"].startswith(f"{number:06}")
    assert resident(front) - before < 16 * 1024, "what is not taken is not kept"
    meadow.wool(1, "short")
    for stream in slow:
        state, resyncs = FLOCK, 0
        while state[1].get("wool") != "short":
            message = stream.receive()
            resyncs += "resync" in message
            state = follow(state, message)
        assert resyncs >= 1
        stream.close()


def test_who_comes_back_goes_on(box, meadow, vera):
    stream = Stream(vera)
    state = stream.of(stream.watch(SHEEP))
    stream.close()
    again = Stream(vera)
    assert again.of(again.watch(SHEEP, version=state["version"])) == {"id": 1, "resumed": True,
                                                                       "version": state["version"]}
    meadow.name(0, "Uma")
    meadow.name(1, "Pia")
    told = again.of(1), again.of(1)
    once_more = Stream(vera)
    missed = once_more.of(once_more.watch(SHEEP, version=state["version"]))
    assert missed["resumed"] and follow(state["state"], missed) == meadow.sheep
    assert missed["version"] == told[1]["version"]
    assert once_more.of(once_more.watch(SHEEP, version="0" * 32))["state"] == meadow.sheep


def test_another_process_knows_the_versions_too(box, meadow, vera):
    port = free_ports(1)[0]
    # One port each here; on a machine they share it (rest_several.py).
    box.processes["api-2"] = Process(box, FRONT, f"{PROGRAMS}/{FRONT}", [], ["--restart", "--further", "--listen", f"https={port}"], {}, "api-2")
    second = vera.again(token=vera.token)
    second.port = port
    box.processes["api-2"].wait(lambda events: any(event[0] == "ready" for event in events))
    patiently(lambda: second.get("/api/system/ready"))
    stream, other = Stream(vera), Stream(second)
    state = stream.of(stream.watch(SHEEP))
    told = other.of(other.watch(SHEEP, version=state["version"]))
    assert told == {"id": 1, "resumed": True, "version": state["version"]}
    meadow.name(0, "Eva")
    assert stream.of(1) == other.of(1)
    box.stop("api-2")
    with pytest.raises(Closed) as closed:
        other.receive()
    assert closed.value.code in (1001, 1006)


def test_the_rude_are_shown_out_and_nobody_else(meadow, vera):
    polite = Stream(vera)
    polite.of(polite.watch(SHEEP))
    good = b'{"id":1,"cancel":true}'
    for code, rude in ((1002, lambda s: s.frame(good, masked=False)), (1002, lambda s: s.frame(good, rsv=4)),
                       (1003, lambda s: s.frame(good, opcode=2)), (1002, lambda s: s.frame(good, opcode=3)),
                       (1007, lambda s: s.frame(b'{"id":"\xff"}')), (1009, lambda s: s.frame(b" " * 70000)),
                       (1002, lambda s: s.frame(good, opcode=0)), (1002, lambda s: s.frame(b"x" * 200, opcode=9)),
                       (1002, lambda s: s.frame(b"ab", opcode=1, fin=False) + s.frame(good)),
                       (1008, lambda s: s.frame(good) * 300)):
        stream = Stream(vera)
        stream.send_raw(rude(stream))
        with pytest.raises(Closed) as closed:
            while True:
                stream.receive()
        assert closed.value.code == code, closed.value
    for nonsense in (b"", b"[", b"null", b'{"id":1,"id":2}', b'{"watch":1}', b"[" * 100, b'{"id":3,"call":"a","x":1}'):
        stream = Stream(vera)
        stream.send_raw(stream.frame(nonsense))
        error = stream.receive()["error"]
        assert error["status"] in (400, 422), error
        assert stream.call("nas.users.Me")["result"]["username"] == "vera"
    in_parts = Stream(vera)
    text = b'{"id":9,"call":"nas.users.Me"}'
    in_parts.send_raw(in_parts.frame(text[:5], fin=False) + in_parts.frame(b"", opcode=9) +
                      in_parts.frame(text[5:], opcode=0))
    assert in_parts.of(9)["result"]["username"] == "vera"
    meadow.name(0, "Mia")
    assert polite.of(1)["patch"]
