#!/usr/bin/python3
"""Kill at every system call: after each restart machine, database and ledger agree.

    tests/crash/run.py BUILD KILLS [PART/PARTS]

For every changing method (scenes.py) the hand with its tools, one process of it, and the clerk are killed at system
calls spread evenly over all that the change takes; then PostgreSQL at random times. After each kill everything is
started again and the change must be all there or not at all, with an outcome in the ledger that says which, an empty
journal, and in the end a ledger that verifies. Ends with "N passed, N failed"; each kill is a check.
"""
import glob
import os
import random
import socket
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lib", f"{TOP}/tests/crash"]
from box import PATIENCE, PROCESSES, Box, VarlinkError, hand_socket  # noqa: E402
from scene import PASSWORD  # noqa: E402
from scenes import SCENES  # noqa: E402

STATE = "/run/box/reap/state"
# Of each daemon a change that needs a warrant, or is refused for what the state is.
PROBES = {"users": ("nas.users.SetPassword", {"username": "root2", "password": PASSWORD}),
          "network": ("nas.network.RemoveCertificate", {})}
JOURNALS = "/var/lib/bulkhead-*-hand/journal/*"


def spread(total, count):
    """count of the points 1 to total, evenly; 0: all of them."""
    if count == 0 or count >= total:
        return list(range(1, total + 1))
    return [max(1, int(total * (k + 0.5) / count)) for k in range(count)]


class Crash:
    def __init__(self, box):
        self.box, self.passed, self.failed, self.turn, self.kills = box, 0, 0, 0, 0
        os.makedirs("/run/box/reap", mode=0o777)
        os.chmod("/run/box/reap", 0o777)

    # --- the reaper ---

    def wrap(self, mode, at, start, error=0):
        for suffix in ("", ".done", ".pid"):
            if os.path.exists(STATE + suffix):
                os.unlink(STATE + suffix)
        with open(STATE, "w", encoding="ascii") as file:
            file.write(f"{mode} {at} {error} {'start' if start else 'signal'}\n")
        return (f"{self.box.build}/reaper", STATE, "--")

    @staticmethod
    def told():
        """(system calls, struck, where) when the traced program has ended; else None."""
        try:
            with open(STATE + ".done", encoding="ascii") as file:
                calls, struck, where = file.read().split()
            return int(calls), struck == "1", where
        except (FileNotFoundError, ValueError):
            return None

    # --- one change, disturbed ---

    def ask(self, scene, ticket, warrant, answer):
        try:
            answer["reply"] = self.box.call(scene.daemon, scene.method, scene.parameters(self.turn), ticket=ticket,
                                            warrant=warrant, seconds=PATIENCE)
            if "job" in answer["reply"]:  # it goes on without us
                self.box.wait_for(self.settled)
        except (VarlinkError, OSError, AssertionError) as error:
            answer["error"] = error

    def lets_in(self, daemon):
        """Does the clerk take changes? It first closes what its predecessor left open."""
        method, parameters = PROBES[daemon]
        try:
            self.box.call(daemon, method, parameters, ticket=self.box.root_ticket())
        except VarlinkError as error:
            return error.name in ("nas.error.Confirmation", "nas.error.Conflict")
        raise AssertionError(f"{method} was done without a warrant")

    def disturb(self, scene, target, mode, at, error=0):
        """Makes the change while target is struck; (calls, struck, where)."""
        box = self.box
        hand = target.endswith("-hand")
        ticket, warrant = scene.permit(box, self.turn) if hand else (None, None)
        process = box.start(target, wrap=self.wrap(mode, at, hand, error), options=("--once",))
        if not hand:
            box.wait_for(lambda: self.lets_in(scene.daemon))
            ticket, warrant = scene.permit(box, self.turn)
            with open(STATE + ".pid", encoding="ascii") as file:
                os.kill(int(file.read()), 10)  # count from here
        told, answer = self.ask_over(scene, process, ticket, warrant)
        assert told or process.starts, f"{scene.name}: the hand was never asked: {answer}"
        return told or box.wait_for(self.told), answer

    def ask_over(self, scene, process, ticket, warrant):
        """Asks, with an ordinary process in the place of that one as soon as it has gone: (told by then, answer)."""
        answer = {}
        asking = threading.Thread(target=self.ask, args=(scene, ticket, warrant, answer))
        asking.start()
        until = time.monotonic() + PATIENCE
        while asking.is_alive() and process.count("exited") == 0 and time.monotonic() < until:
            time.sleep(0.005)
        told = self.told()
        self.box.start(process.name)  # stops it when it still runs
        asking.join(2 * PATIENCE)
        assert not asking.is_alive(), "the change never came back"
        return told, answer

    def settled(self):
        open_intents = self.box.psql("select count(*) from ledger.row i where i.kind = 'intent' and not exists (select from "
                                     "ledger.row o where o.kind = 'outcome' and o.plan = i.plan)")[0][0]
        return open_intents == 0 and not glob.glob(JOURNALS)

    def judge(self, scene, last, answer):
        """What is wrong after everything is back; None when all is well."""
        try:
            self.box.wait_for(self.settled)
        except AssertionError:
            return f"not settled: journal {glob.glob(JOURNALS)}"
        rows = self.box.psql("select kind::text, outcome from ledger.row where id > %s and method = %s order by id", last,
                             scene.method)
        outcomes = [outcome for kind, outcome in rows if kind == "outcome"]
        intents = sum(kind == "intent" for kind, _ in rows)
        seen = scene.seen(self.box, self.turn)
        if not isinstance(seen, bool):
            return f"half done: {seen}"
        if "reply" in answer and not seen and "job" not in answer["reply"]:
            return "it was answered and is not done"
        if not scene.planned:
            return self.wrong_files()
        if len(outcomes) != intents:
            return f"{intents} intents, outcomes {outcomes}"
        if seen != ("success" in outcomes):
            return f"the machine says {seen}, the ledger {outcomes}"
        return self.wrong_files()

    @staticmethod
    def wrong_files():
        """Account files that do not agree with each other."""
        names = {}
        for path in ("passwd", "shadow", "group", "gshadow"):
            with open(f"/etc/{path}", encoding="utf-8") as file:
                listed = [line.split(":")[0] for line in file]
            if len(listed) != len(set(listed)):
                return f"a name stands twice in /etc/{path}"
            names[path] = set(listed)
        if names["passwd"] != names["shadow"]:
            return f"passwd and shadow differ: {names['passwd'] ^ names['shadow']}"
        if names["group"] != names["gshadow"]:
            return f"group and gshadow differ: {names['group'] ^ names['gshadow']}"
        return None

    def once(self, scene, target, mode, at, error=0):
        self.turn += 1
        self.box.wait_for(lambda: self.lets_in(scene.daemon))
        scene.prepare(self.box, self.turn)
        last = self.box.psql("select coalesce(max(id), 0) from ledger.row")[0][0]
        told, answer = self.disturb(scene, target, mode, at, error)
        wrong = self.judge(scene, last, answer)
        if mode == "count" and scene.seen(self.box, self.turn) is not True:
            wrong = wrong or "undisturbed it was not done"
        self.passed += wrong is None
        self.failed += wrong is not None
        self.kills += told[1]
        if wrong:
            print(f"FAILED  {scene.name}: {target} {mode} {error or ''} at {at} (in {told[2]}): {wrong}; {answer}", flush=True)
            self.restart()
        scene.tidy(self.box, self.turn)
        return told

    def restart(self):
        for name in PROCESSES:
            self.box.start(name)
        self.box.change("users", "nas.users.CreateGroup", {"name": f"r{self.turn}"})  # waits until it can

    def start_up(self, name):
        """How many system calls a hand makes before it has anything to do."""
        process = self.box.start(name, wrap=self.wrap("count", 0, True), options=("--once",))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.connect(hand_socket(name[:-5]))
            process.wait(lambda events: any(event[0] == "ready" for event in events))
        self.box.start(name)
        return self.box.wait_for(self.told)[0]

    def sweep(self, scene, target, mode, kills):
        """kills points spread over all system calls of the change; of a hand's start-up, where not much is going on,
        one in ten is enough."""
        total = self.once(scene, target, "count", 0)[0]
        idle = min(self.start_up(target), total - 1) if target.endswith("-hand") else 0
        early = (kills + 5) // 10 if idle else 0
        points = [idle * (k + 0.5) / early for k in range(early)]
        points += [idle + (total - idle) * (k + 0.5) / (kills - early) for k in range(kills - early)]
        for point in points:
            self.once(scene, target, mode, max(1, int(point)))
        print(f"ok      {scene.name}: {target} {mode}: {kills} of {total} system calls", flush=True)


def kill_database(crash, cycles, dice):
    """PostgreSQL dies at a random moment of a stream of changes."""
    box = crash.box
    for cycle in range(cycles):
        names, ticket = [f"p{cycle}x{k}" for k in range(12)], box.root_ticket()
        told = {}

        def work(names=names, ticket=ticket, told=told):
            for name in names:
                try:
                    box.call("users", "nas.users.CreateGroup", {"name": name}, ticket=ticket)
                    told[name] = True
                except (VarlinkError, OSError):
                    pass

        worker = threading.Thread(target=work)
        worker.start()
        time.sleep(dice.random() * 0.5)
        box.stop_database()
        crash.kills += 1
        box.start_database()
        worker.join(PATIENCE)
        box.wait_for(crash.settled)
        from scene import one
        wrong = [name for name in names if (one("/etc/group", name) is not None) != (box.psql(
            "select 1 from ledger.row where kind = 'outcome' and outcome = 'success' and object like %s", f"%{name}") != [])]
        lost = [name for name in told if one("/etc/group", name) is None]
        good = not wrong and not lost and crash.wrong_files() is None
        crash.passed += good
        crash.failed += not good
        if not good:
            print(f"FAILED  PostgreSQL killed: ledger and machine differ on {wrong}, acknowledged but gone: {lost}", flush=True)


def verified(box):
    try:
        return box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket(), seconds=300)
    except VarlinkError as error: # the monitor may still be finding its way back to the database
        assert error.name == "nas.error.Unavailable", error
        return None


def main():
    build, kills = sys.argv[1], int(sys.argv[2])
    part, parts = (int(word) for word in (sys.argv[3] if len(sys.argv) > 3 else "0/1").split("/"))
    begun = time.monotonic()
    scenes = [scene for index, scene in enumerate(SCENES) if index % parts == part]
    each = 1 + kills * 11 // (len(SCENES) * 3 * 10)  # some points lie after the end: no two runs are alike
    with Box(build) as box:
        box.start_all()
        crash = Crash(box)
        box.change("users", "nas.users.CreateUser", {"username": "root2", "role": "admin", "password": PASSWORD})
        for scene in scenes:
            for side, mode in (("hand", "all"), ("hand", "kill"), ("clerk", "all")):
                if scene.hand or side != "hand":
                    crash.sweep(scene(), f"{scene.daemon}-{side}", mode, each)
        kill_database(crash, max(1, kills // 100 // parts), random.Random(part))
        verdict = box.wait_for(lambda: verified(box))
        crash.passed += verdict["good"]
        crash.failed += not verdict["good"]
        print(f"        the ledger verifies: {verdict['good']} ({verdict['rows']} rows); "
              f"{crash.kills} kills in {time.monotonic() - begun:.0f} s")
    print(f"{crash.passed} passed, {crash.failed} failed")
    sys.exit(1 if crash.failed else 0)


if __name__ == "__main__":
    main()
