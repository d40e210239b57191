#!/usr/bin/python3
"""A full disk, a broken disk and no memory, at every point of one sign-in and one new account.

    tests/crash/faults.py BUILD [EVERY]

Each call of the hand and its tools that writes files fails once, with ENOSPC and with EIO; each allocation of hand and
clerk fails once. EVERY takes each EVERYth point only. The answer must be clear or the process gone cleanly; nothing may
be half done, and the next try works. Ends with "N passed, N failed".
"""
import errno
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lib", f"{TOP}/tests/crash"]
from box import Box, VarlinkError  # noqa: E402
from run import Crash  # noqa: E402
from scene import PASSWORD  # noqa: E402
from scenes import CreateUser  # noqa: E402


class Faults(Crash):
    def check(self, what, good):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print("FAILED  " + what, flush=True)

    def sign_in(self):
        """True, or the name of a clear refusal."""
        try:
            self.box.call("users", "nas.users.Login", {"username": "lena", "password": PASSWORD}, seconds=30)
            return True
        except VarlinkError as error:
            return error.name
        except OSError as error:
            return f"no answer: {error}"

    def login_once(self, mode, at, error=0):
        process = self.box.start("users-hand", wrap=self.wrap(mode, at, True, error), options=("--once",))
        answer = self.sign_in()
        ends = process.exits()
        self.box.start("users-hand")
        told = self.told() or self.box.wait_for(self.told)
        if mode != "count":
            clear = answer is True or answer.startswith("nas.error.")
            self.check(f"sign-in, {os.strerror(error)} at {at} ({told[2]}): {answer} {ends}",
                       clear and all(kind == "code" for kind, _ in ends))
            again = self.sign_in()
            self.check(f"sign-in after {os.strerror(error)} at {at}: {again}", again is True)
        return told

    def logins(self, error, every):
        total = self.login_once("errno", 10**9, error)[0]
        for at in range(1, total + 1, every):
            self.login_once("errno", at, error)
        print(f"ok      sign-in: {errno.errorcode[error]} at {len(range(1, total + 1, every))} of {total} calls", flush=True)

    def accounts(self, error, every):
        total = self.once(CreateUser(), "users-hand", "errno", 10**9, error)[0]
        points = range(1, total + 1, every)
        for at in points:
            self.once(CreateUser(), "users-hand", "errno", at, error)
        print(f"ok      new account: {errno.errorcode[error]} at {len(points)} of {total} calls", flush=True)

    def memory(self, target, every):
        """Each allocation of target fails once, from its start to the end of one change."""
        done = 0
        for at in range(1, 100_000, every):
            self.turn += 1
            scene = CreateUser()
            last = self.box.psql("select coalesce(max(id), 0) from ledger.row")[0][0]
            ticket = self.box.root_ticket()
            program = f"{self.box.build}/drill/{target}"
            process = self.box.start(target, program=program, options=("--once",), ready=False,
                                     env={"BULKHEAD_FAIL_ALLOC": str(at)})
            answer = {}
            self.ask(scene, ticket, None, answer)
            ends = process.exits()
            self.box.start(target)
            wrong = self.judge(scene, last, answer)
            self.check(f"{target}: allocation {at} fails: {wrong}; {answer}; {ends}",
                       wrong is None and all(end == ("code", 1) for end in ends))
            scene.tidy(self.box, self.turn)
            done += 1
            if "reply" in answer and not ends:
                break
        print(f"ok      no memory: {target} at {done} allocations", flush=True)


def main():
    build, every = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with Box(build) as box:
        box.start_all()
        faults = Faults(box)
        box.change("users", "nas.users.CreateUser", {"username": "boss", "role": "admin", "password": PASSWORD})
        box.change("users", "nas.users.CreateUser", {"username": "lena", "role": "viewer", "password": PASSWORD})
        for error in (errno.ENOSPC, errno.EIO):
            faults.logins(error, every)
            faults.accounts(error, every)
        for target in ("users-hand", "users-clerk"):
            faults.memory(target, every)
        verdict = box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket(), seconds=300)
        faults.check("the ledger verifies", verdict["good"])
    print(f"{faults.passed} passed, {faults.failed} failed")
    sys.exit(1 if faults.failed else 0)


if __name__ == "__main__":
    main()
