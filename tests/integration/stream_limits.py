"""Streams at their limits: how much may be watched of one daemon, by one person and by all; who exceeds is told so in clear
words, and everybody else goes on. The daemons are the real ones, and both sides mean the same numbers.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/stream_limits.py      (make stream builds what it needs)
"""
import os
import re
import resource
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, start  # noqa: E402
from people import make  # noqa: E402
from box import FRONT, PROGRAMS, TOP, Box, Process, free_ports  # noqa: E402
from streaming import Stream  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP stream_limits: the box needs root", allow_module_level=True)


def number(path, name):
    """A limit, from where it is said."""
    with open(f"{TOP}/{path}", encoding="utf-8") as file:
        return int(re.search(rf"{name} = (\d+)", file.read())[1])


ALL = number("libnas/wire/wire.h", "WIRE_FRONT_WATCHES_MAX")
EACH = number("daemons/api/stream/stream.h", "STREAM_PERSON_TOPICS_MAX")
CONNECTION = number("daemons/api/stream/stream.h", "STREAM_WATCHES_MAX")
JOBS = "nas.job.ListJobs"


@pytest.fixture(scope="module")
def box():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box):
    return start(box)


@pytest.fixture(scope="module")
def crowd(box, web):
    """As many people as it takes to exceed what all may watch."""
    found = []
    for i in range(ALL // EACH + 3):
        make(box, f"watcher{i}", "viewer")
        found.append(web.again())
        found[-1].sign_in(f"watcher{i}", PASSWORD)
    return found


def watch_much(person, count, first=1):
    """(streams, answers): so many different things, as many as go on a connection."""
    streams, answers = [], []
    for begin in range(0, count, CONNECTION):
        stream = Stream(person)
        ids = [stream.watch(JOBS, {"limit": first + begin + i}) for i in range(min(CONNECTION, count - begin))]
        answers += [stream.of(one) for one in ids]
        streams.append(stream)
    return streams, answers


def refusals(answers):
    refused = [answer["error"] for answer in answers if "state" not in answer]
    for problem in refused:
        assert problem["status"] == 429 and problem["retry"] == 10 and problem["next"], problem
    return refused


def close(streams):
    for stream in streams:
        stream.close()


def test_one_person_may_watch_so_much(crowd):
    streams, answers = watch_much(crowd[0], EACH + 20)
    assert [("state" in answer) for answer in answers] == [True] * EACH + [False] * 20
    assert all(str(EACH) in problem["detail"] for problem in refusals(answers))
    others, answers = watch_much(crowd[1], 20)
    assert not refusals(answers), "somebody else is not concerned"
    close([*streams, *others])


def test_all_may_watch_so_much_and_calls_go_on(box, web, crowd):
    box.wait_for(lambda: not others_watch(box))
    streams, answers = [], []
    for person in crowd:
        more, told = watch_much(person, EACH)
        streams += more
        answers += told
    assert sum("state" in answer for answer in answers) == ALL, "neither side let go of less than it promised"
    assert len(refusals(answers)) == len(crowd) * EACH - ALL
    first = streams[0]
    assert first.call("nas.users.Me")["result"]["username"] == "watcher0"
    assert crowd[-1].get("/api/groups").status == crowd[-1].get("/api/jobs").status == 200
    again = Stream(crowd[0])
    assert "state" in again.of(again.watch(JOBS, {"limit": 1})), "what is watched already costs nothing"
    # Another process knows nothing of those; the daemons do.
    port = free_ports(1)[0]
    box.processes["api-2"] = Process(box, FRONT, f"{PROGRAMS}/{FRONT}", [], ["--restart", "--further", "--listen", f"https={port}"], {}, "api-2")
    other = crowd[-1].again(token=crowd[-1].token)
    other.port = port
    patiently(lambda: other.get("/api/system/ready"))
    stream = Stream(other)
    told = stream.of(stream.watch("nas.users.ListGroups"), seconds=60)
    assert told["stale"] is True and told["error"]["status"] == 429 and "watched" in told["error"]["detail"], told
    assert stream.call("nas.users.ListGroups")["result"] == [] and other.get("/api/groups").status == 200, "calls go on"
    close(streams)
    assert stream.of(1, lambda message: "state" in message, seconds=40)["state"] == [], "it is told as soon as there is room"
    stream.close()
    again.close()
    box.stop("api-2")


def others_watch(box):
    """Connections to the users daemon beyond the few that calls keep."""
    return len(os.listdir(f"/proc/{box.processes['users-clerk'].pid}/fd")) > 60
