"""Several processes of the front end at one port, as instances of bulkhead-api@.service are: the kernel shares the clients
out among them, and one of them may restart at any time.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/rest_several.py      (make rest builds what it needs)
"""
import collections
import os
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import patiently, people, start  # noqa: E402
from box import FRONT, Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP rest_several: the box needs root", allow_module_level=True)

PROCESSES = (FRONT, f"{FRONT}@2", f"{FRONT}@3")


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box):
    made = start(box)
    for number in (2, 3):
        box.start_further_front(number)
    patiently(lambda: made.get("/api/system/ready"))
    return made


@pytest.fixture(scope="module")
def ada(box, web):
    return people(box, web)["admin"]


class Load:
    """Threads that ask until it ends; what came of it."""

    def __init__(self, *jobs):
        self.stop, self.seen, self.lock = threading.Event(), collections.Counter(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(job,)) for job in jobs]
        for thread in self.threads:
            thread.start()

    def run(self, job):
        for what in job(self.stop):
            with self.lock:
                self.seen[what] += 1

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return self.seen


def each_anew(web, target):
    """A connection for each request."""
    def job(stop):
        while not stop.is_set():
            try:
                yield web.get(target).status
            except OSError as error:
                yield repr(error)
    return job


def on_one_connection(web, target):
    """Kept, until the server says that it closes it."""
    def job(stop):
        connection = web.connection()
        while not stop.is_set():
            try:
                connection.request("GET", target, headers={"Authorization": f"Bearer {web.token}"})
                answer = connection.getresponse()
                answer.read()
                yield answer.status
                if answer.will_close:
                    yield "moved"
                    connection = web.connection()
            except OSError as error:
                yield repr(error)
                connection = web.connection()
        connection.close()
    return job


def changing(web, names):
    """Groups that are made and deleted, each once."""
    def job(stop):
        for name in names:
            if stop.is_set():
                return
            try:
                yield web.post("/api/groups", {"name": name}).status
                yield web.ask("DELETE", f"/api/groups/{name}").status
            except OSError as error:
                yield repr(error)
    return job


def test_all_of_them_serve_the_same_port(box, web):
    """What is not found is logged by who was asked."""
    missing = "/api/nobody-has-this"
    for _ in range(150):
        assert web.get(missing).status == 404
    counts = [box.processes[name].output().count(f"GET {missing} 404") for name in PROCESSES]
    assert sum(counts) > 100 and min(counts) > 10, counts


def test_a_restart_of_one_of_them_loses_no_request(box, ada):
    load = Load(*[each_anew(ada, "/api/auth/me") for _ in range(3)], *[on_one_connection(ada, "/api/groups") for _ in range(3)],
                changing(ada, (f"group{number}" for number in range(10000))))
    starts = {name: box.processes[name].starts for name in PROCESSES}
    for name in PROCESSES * 2:
        time.sleep(0.5)
        box.kill(name, signal.SIGTERM)
        box.processes[name].wait(lambda events: events[-1][0] == "ready")
    box.wait_for(lambda: load.seen[200] > 200)
    seen = load.end()
    assert all(box.processes[name].starts == starts[name] + 2 for name in PROCESSES)
    assert seen["moved"] >= 2, "somebody was connected to who restarted"
    assert set(seen) == {200, 204, "moved"}, seen
    assert 0 <= seen[200] - seen[204] and ada.get("/api/groups").json == []


def test_who_has_one_of_them_is_served_by_the_others_when_it_is_gone_for_good(box, web, ada):
    box.stop(PROCESSES[2])  # with its socket: the kernel gives its clients to the others
    load = Load(*[each_anew(ada, "/api/auth/me") for _ in range(3)])
    box.wait_for(lambda: load.seen[200] >= 50)
    assert set(load.end()) == {200}
    box.start_further_front(3)
