"""The front end for tests: in the box with the daemons behind it, and people who use it."""
import os
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
sys.path.insert(0, f"{TOP}/tests/integration")
from people import PASSWORDS, make, ready  # noqa: E402
from web import Web  # noqa: E402

PASSWORD = PASSWORDS["root-made"]
ROLES = ("viewer", "user", "operator", "admin")
PEOPLE = {"viewer": "vera", "user": "ursula", "operator": "otto", "admin": "ada"}


def patiently(call, wanted=(200, 201, 202, 204), seconds=60):
    """call() until its status is wanted; the last answer."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = call()
        except OSError as error:
            if time.monotonic() > until:
                raise
            answer = error
        if getattr(answer, "status", 0) in wanted:
            return answer
        assert time.monotonic() < until, answer
        time.sleep(0.05)


def start(box, **env):
    """All daemons and the front end, which can reach them."""
    box.start_all()
    ready(box)
    return start_front(box, **env)


def start_front(box, **env):
    box.start_front(env={"BULKHEAD_ANSWER_SECONDS": "5", **env})
    web = Web(box.https_port)
    patiently(lambda: web.get("/api/system/ready"))
    return web


def people(box, web):
    """{role: Web} of an account of each role, signed in."""
    found = {}
    for role in ROLES:
        make(box, PEOPLE[role], role)
        found[role] = web.again()
        found[role].sign_in(PEOPLE[role], PASSWORD)
    return found
