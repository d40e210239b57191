"""People for the tests of the users daemon: accounts with passwords, signed in, confirming what they do."""
import itertools
import os
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import VarlinkError  # noqa: E402

# Found nowhere but in /etc/shadow, as hashes: the tests look for these texts everywhere.
PASSWORDS = {"root-made": "zebra-crossing-77", "changed": "marmalade-skies-12", "wrong": "not-this-one-at-all"}


addresses = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in itertools.count(1))


def patiently(call):
    """call(), again after the wait that wrong tries bring."""
    for _ in range(4):
        try:
            return call()
        except VarlinkError as error:
            if error.name != "nas.error.Busy" or "wrong tries" not in error.parameters["message"]:
                raise
            time.sleep(error.parameters["retry"])
    return call()


class Person:
    def __init__(self, box, name, password=PASSWORDS["root-made"], code=None):
        self.box, self.name, self.password = box, name, password
        self.address = next(addresses)
        wish = {"username": name, "password": password, **({"code": code} if code else {})}
        done = patiently(lambda: box.call("users", "nas.users.Login", wish, address=self.address))
        self.ticket, self.session, self.device = done["token"], done["session"], done["device"]
        self.user = done["user"]

    def call(self, method, parameters=None, **caller):
        return patiently(lambda: self.box.call("users", f"nas.users.{method}", parameters, ticket=self.ticket, **caller))

    def change(self, method, parameters=None, code=None, **caller):
        """A change; where a warrant is asked for, this person confirms the plan."""
        try:
            return self.call(method, parameters, **caller)
        except VarlinkError as error:
            if error.name != "nas.error.Confirmation":
                raise
            plan = error.parameters["plan"]
        factor = {"code": code} if code else {"password": self.password}
        warrant = self.call("Confirm", {"digest": plan["digest"], "plan": plan["plan"], **factor})["warrant"]
        return self.call(method, parameters, warrant=warrant, **caller)

    def refresh(self):
        self.ticket = self.box.call("users", "nas.users.Exchange", {"credential": self.session})["token"]


def make(box, name, role="user", password=PASSWORDS["root-made"], **more):
    return box.change("users", "nas.users.CreateUser", {"username": name, "role": role, "password": password, **more})


def sign_in(box, name, role="user", **more):
    make(box, name, role, **more)
    return Person(box, name)


def refused(call, *words, **caller):
    """The error that the call must end with."""
    try:
        done = call(*words, **caller)
    except VarlinkError as error:
        return error
    raise AssertionError(f"was not refused: {done}")


def one_time_code(key, steps=0):
    now = f"now + {30 * steps} seconds" if steps else "now"
    return subprocess.run(["oathtool", "--totp", "--base32", f"--now={now}", key], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


def ledger(box, since=0):
    """(kind, method, object, outcome) of the rows after since."""
    return box.psql("select kind::text, method, object, outcome from ledger.row where id > %s order by id", since)


def start(box):
    """The users daemon, and its tables read."""
    box.start("users-hand")
    box.start("users-clerk")
    ready(box)


def ready(box):
    """Waits until changes are let in."""
    ticket = box.root_ticket()

    def answers(method, parameters, wanted):
        try:
            return box.call("users", method, parameters, ticket=ticket) is not None
        except VarlinkError as error:
            return error.name == wanted
        except OSError:
            return False

    def lets_in():
        """The ledger can be read, what was unfinished is looked up, and the tables are known."""
        return (answers("nas.job.GetJob", {"id": 2 ** 50}, "nas.error.NotFound")
                and answers("nas.users.ListSessions", {}, "")
                and answers("nas.job.GetJob", {"id": 2 ** 50}, "nas.error.NotFound"))
    box.wait_for(lets_in)


def last_row(box):
    return box.psql("select coalesce(max(id), 0) from ledger.row")[0][0]
