"""Streams and the tickets they are kept open with: renewed while session or key last, over and over; over when they are.

The processes are the real ones, and so are their tickets of ten minutes; only their clock is put forward, for all at once,
as if the machine had slept (tests/lib/slept.c). With STREAM_REAL_MINUTES=25 the time really passes.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/stream_tickets.py      (make stream builds what it needs)
"""
import os
import struct
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, people, start  # noqa: E402
from box import SHARED, SOON, Box  # noqa: E402
from meadow import Meadow  # noqa: E402
from streaming import Closed, Stream, follow  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP stream_tickets: the box needs root", allow_module_level=True)

SHEEP, GROUPS = "nas.meadow.ListSheep", "nas.users.ListGroups"
REAL_S = 60 * int(os.environ.get("STREAM_REAL_MINUTES", "0"))
LIFE_S, STEP_S = 600, 20 if REAL_S else 60 # of which pings that are not answered must be no more than one
LOOKED_S = 0.6 # by then the front end has looked at its tickets, and what it asked for is there


class Sleep:
    """The time that the machine seems to have slept."""

    def __init__(self, box):
        self.path, self.ms = f"{box.work}/slept", 0
        self.write()
        os.chmod(self.path, 0o644)
        box.env = {"LD_PRELOAD": f"{box.build}/slept.so", "SLEPT": self.path}

    def write(self):
        with open(self.path, "wb") as file: # in its place: it is mapped
            file.write(struct.pack("=Q", self.ms))

    def go_on(self, seconds):
        if REAL_S:
            time.sleep(seconds)
            return
        self.ms += seconds * 1000
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=Q", self.ms))
        time.sleep(LOOKED_S)


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def asleep(box):
    return Sleep(box)


@pytest.fixture(scope="module")
def meadow(box, asleep):
    made = Meadow(box, f"{SHARED}/contracts", [{"id": 1, "name": "Ann"}])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def web(box, meadow):
    return start(box)


@pytest.fixture(scope="module")
def roles(box, web):
    return people(box, web)


@pytest.fixture
def holders(web, roles):
    """{kind: Web} of who is known by each kind of proof; key_id: of the key."""
    ticket = web.again()
    ticket.sign_in("vera", PASSWORD)
    browser = web.again()
    patiently(lambda: browser.post("/api/auth/login", {"username": "vera", "password": PASSWORD}))
    otto = web.again()
    otto.sign_in("otto", PASSWORD)
    made = otto.change("POST", "/api/auth/keys", {"name": f"k{time.monotonic_ns()}", "role": "viewer"}, PASSWORD)
    assert made.status == 200, made
    return {"ticket": ticket, "cookie": browser, "key": web.again(token=made.json["secret"]), "key_id": made.json["key"]["id"]}


def test_a_watch_outlives_its_ticket_without_a_gap(box, asleep, meadow, roles, holders):
    streams = [Stream(holders[kind]) for kind in ("ticket", "cookie", "key")]
    groups = []
    for stream in streams:
        assert stream.of(stream.watch(SHEEP))["state"] == meadow.sheep
        groups.append(stream.of(stream.watch(GROUPS))["state"])
    asked, began = len(meadow.tickets), box.call("users", GROUPS, ticket=box.root_ticket())["groups"]
    for turn in range((REAL_S or 3 * LIFE_S) // STEP_S):
        asleep.go_on(STEP_S)
        meadow.name(0, f"after step {turn}")
        box.change("users", "nas.users.CreateGroup", {"name": f"step{turn}"})
        for i, stream in enumerate(streams):
            told = stream.of(1)
            assert told["patch"] == [{"op": "replace", "path": "/0/name", "value": f"after step {turn}"}], told
            groups[i] = follow(groups[i], stream.of(2, lambda message: "patch" in message))
            assert len(groups[i]) == len(began) + turn + 1, "each change has come, and once"
            assert not stream.messages, stream.messages
    assert len(meadow.tickets) == asked, "nobody had to ask again"
    assert groups[0] == groups[1] == groups[2] == box.call("users", GROUPS, ticket=box.root_ticket())["groups"]
    old = holders["ticket"].get("/api/auth/me")
    assert old.status == 401, "the ticket that it came with is long over"
    for stream in streams:
        assert stream.call("nas.users.Me")["result"]["username"] in ("vera", "otto")
        stream.close()


def ended_within_a_second(stream, begun):
    assert stream.of(None)["error"]["status"] == 401
    with pytest.raises(Closed) as closed:
        while True:
            stream.receive()
    assert closed.value.code == 4401 and time.monotonic() - begun < SOON, time.monotonic() - begun


def test_what_was_renewed_still_ends_within_a_second(box, asleep, meadow, web, roles, holders):
    streams = {kind: Stream(holders[kind]) for kind in ("ticket", "cookie", "key")}
    for stream in streams.values():
        stream.of(stream.watch(SHEEP))
    for turn in range(2 * LIFE_S // STEP_S if not REAL_S else 1):
        asleep.go_on(STEP_S)
        meadow.name(0, f"turn {turn}")
        for stream in streams.values():
            assert stream.of(1)["patch"]
    browser, begun = holders["cookie"], time.monotonic()
    assert browser.ask("POST", "/api/auth/logout", headers=browser.as_browser()).status == 204
    ended_within_a_second(streams["cookie"], begun)
    otto = web.again()
    otto.sign_in("otto", PASSWORD)
    begun = time.monotonic()
    assert otto.ask("DELETE", f"/api/auth/keys/{holders['key_id']}").status == 204
    ended_within_a_second(streams["key"], begun)
    meadow.name(0, "still there")
    assert streams["ticket"].of(1)["patch"], "of another session: it stays"
    begun = time.monotonic()
    box.change("users", "nas.users.UpdateUser", {"username": "vera", "enabled": False})
    ended_within_a_second(streams["ticket"], begun)


def test_who_gives_no_sign_of_life_is_let_go(asleep, meadow, web, roles):
    if REAL_S:
        pytest.skip("SKIP stream_tickets: time cannot jump when it is real")
    ursula = web.again()
    ursula.sign_in("ursula", PASSWORD)
    polite, silent = Stream(ursula), Stream(ursula)
    for stream in (polite, silent):
        stream.of(stream.watch(SHEEP))
    for turn in range(4):
        asleep.go_on(31)
        time.sleep(1)  # a look at all connections
        meadow.name(0, f"sign {turn}")
        assert polite.of(1)["patch"], "whoever answers the pings stays"
    with pytest.raises((Closed, OSError)):
        while True:
            silent.take(1)


def test_who_has_only_a_ticket_that_is_over_is_out(asleep, meadow, web, roles):
    """Slept through its whole life: it could not be renewed."""
    if REAL_S:
        pytest.skip("SKIP stream_tickets: time cannot jump when it is real")
    ursula = web.again()
    ursula.sign_in("ursula", PASSWORD)
    stream = Stream(ursula)
    stream.of(stream.watch(SHEEP))
    asleep.go_on(LIFE_S + STEP_S)
    assert stream.of(None)["error"]["status"] == 401
    with pytest.raises(Closed):
        stream.receive()
