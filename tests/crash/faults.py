#!/usr/bin/python3
"""A full disk, a broken disk and no memory, at every point of one sign-in and one new account.

    tests/crash/faults.py BUILD [COUNT [disk | hand | clerk ...]]

Each call of the hand and its tools that writes files fails once, with ENOSPC and with EIO; each allocation of hand and
clerk fails once. COUNT: only so many points of each kind, spread evenly (0: all). The answer must be clear or the
process gone cleanly; nothing may be half done, and the next try works. Ends with "N passed, N failed".
"""
import contextlib
import errno
import os
import re
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lib", f"{TOP}/tests/crash"]
from box import PATIENCE, PROGRAMS, Box, VarlinkError  # noqa: E402
from run import Crash, spread  # noqa: E402
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
            self.box.call("users", "nas.users.Login", {"username": "lena", "password": PASSWORD}, seconds=PATIENCE)
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
            if again == "nas.error.Busy":  # what PAM could not read made it a wrong try, and that is delayed
                time.sleep(1)
                again = self.sign_in()
            self.check(f"sign-in after {os.strerror(error)} at {at}: {again}", again is True)
        return told

    def logins(self, error, count):
        total = self.login_once("errno", 10**9, error)[0]
        points = spread(total, count)
        for at in points:
            self.login_once("errno", at, error)
        print(f"ok      sign-in: {errno.errorcode[error]} at {len(points)} of {total} calls", flush=True)

    def accounts(self, error, count):
        total = self.once(CreateUser(), "users-hand", "errno", 10**9, error)[0]
        points = spread(total, count)
        for at in points:
            self.once(CreateUser(), "users-hand", "errno", at, error)
        print(f"ok      new account: {errno.errorcode[error]} at {len(points)} of {total} calls", flush=True)

    # --- memory ---

    def failing(self, target, at):
        """The target, whose allocation number at fails. It serves, or it has gone before it could."""
        process = self.box.start(target, program=f"{PROGRAMS}/drill/{target}", options=("--once",), ready=False,
                                 env={"BULKHEAD_FAIL_ALLOC": str(at)})
        if target == "users-clerk":
            process.wait(lambda events: any(event[0] in ("ready", "gone") for event in events))
        return process

    @staticmethod
    def said_allocations(process):
        return int(re.findall(r"(\d+) allocations", process.output()[process.said_before:])[-1])

    def allocations_of_sign_in(self):
        """How many the clerk makes until it serves, and to the end of one sign-in."""
        counts = []
        for signs_in in (False, True):
            process = self.failing("users-clerk", 0)
            self.box.wait_for(lambda: self.lets_in("users"))
            if signs_in:
                assert self.sign_in() is True
            process.stop()
            counts.append(self.said_allocations(process))
        return counts

    def sign_in_without_memory(self, at):
        process = self.failing("users-clerk", at)
        with contextlib.suppress(OSError):  # gone while it was asked
            self.box.wait_for(lambda: process.count("gone") > 0 or self.lets_in("users"))
        answer = self.sign_in() if process.count("gone") == 0 else "gone before"
        if answer is True:
            process.stop()
        ends = process.exits()
        self.box.start("users-clerk")
        self.box.wait_for(lambda: self.lets_in("users"))
        self.check(f"sign-in: the clerk's allocation {at} fails: {answer}; {ends}", all(end[0] == "code" for end in ends))
        again = self.sign_in()
        self.check(f"sign-in after the clerk's allocation {at} failed: {again}", again is True)

    def sign_ins_without_memory(self, count):
        ready, total = self.allocations_of_sign_in()
        points = [ready + at for at in spread(total - ready, count)]
        for at in points:
            self.sign_in_without_memory(at)
        self.box.start("users-clerk")
        print(f"ok      sign-in, no memory: the clerk at {len(points)} of {total - ready} allocations", flush=True)

    def allocations(self, target):
        """How many a process makes, from its start to the end of one change."""
        self.turn += 1
        scene, ticket = CreateUser(), self.box.root_ticket()
        process = self.failing(target, 0)
        if target == "users-clerk":
            self.box.wait_for(lambda: self.lets_in("users"))
        answer = self.ask_over(scene, process, ticket, None)[1]
        assert "reply" in answer, answer
        scene.tidy(self.box, self.turn)
        return self.said_allocations(process)

    def without_memory(self, target, at):
        self.turn += 1
        scene, answer, ticket = CreateUser(), {}, self.box.root_ticket()
        last = self.box.psql("select coalesce(max(id), 0) from ledger.row")[0][0]
        process = self.failing(target, at)
        if process.count("gone") == 0:
            answer = self.ask_over(scene, process, ticket, None)[1]
        ends = process.exits()
        wrong = self.judge(scene, last, answer)
        self.check(f"{target}: allocation {at} fails: {wrong}; {answer}; {ends}",
                   wrong is None and all(end == ("code", 1) for end in ends))
        if answer:
            scene.tidy(self.box, self.turn)

    def memory(self, target, count):
        """Each allocation of target fails once, from its start to the end of one change."""
        total = self.allocations(target)
        points = spread(total, count)
        for at in points:
            self.without_memory(target, at)
        self.box.start(target)
        print(f"ok      no memory: {target} at {len(points)} of {total} allocations", flush=True)


def main():
    build, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    parts = sys.argv[3:] or ["disk", "hand", "clerk"]
    with Box(build) as box:
        box.start_all()
        faults = Faults(box)
        box.change("users", "nas.users.CreateUser", {"username": "root2", "role": "admin", "password": PASSWORD})
        box.change("users", "nas.users.CreateUser", {"username": "lena", "role": "viewer", "password": PASSWORD})
        for error in (errno.ENOSPC, errno.EIO) if "disk" in parts else ():
            faults.logins(error, count)
            faults.accounts(error, count)
        if "hand" in parts:
            faults.memory("users-hand", count)
        if "clerk" in parts:
            faults.sign_ins_without_memory(count)
            faults.memory("users-clerk", count)
        verdict = box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket(), seconds=300)
        faults.check("the ledger verifies", verdict["good"])
    print(f"{faults.passed} passed, {faults.failed} failed")
    sys.exit(1 if faults.failed else 0)


if __name__ == "__main__":
    main()
