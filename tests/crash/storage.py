#!/usr/bin/python3
"""The storage hand killed at system calls, with all that it has started, on a machine with a real PID 1: after each kill
machine and ledger agree, nothing is half done, and what was written before is there.

    tests/crash/storage.py BUILD KILLS [SCENE...]      0: at every system call that can change something

The kills are spread evenly over all that each change takes (storage_scenes.py: making, exporting, importing and destroying
a pool, replacing its disk; making, changing and deleting a dataset; making, deleting and going back to a snapshot; sending
one elsewhere, to another machine and back in a drill (storage_far.py); the keys of an encrypted pool, and its Tang server
(storage_keys.py, storage_tang.py); and what is made and taken back by turns: turns.py, turns_pools.py). Ends with "N passed, N
failed"; each kill is a check.
"""
import contextlib
import json
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [f"{HERE}/../appliance", f"{HERE}/../integration", HERE]
import hand  # noqa: E402
from machine import Machine  # noqa: E402
from storage_far import FAR  # noqa: E402
from storage_keys import KEYS  # noqa: E402
from storage_scenes import SCENES, Refused  # noqa: E402
from storage_tang import TANG  # noqa: E402
from turns import GROUND, STORAGE  # noqa: E402
from turns_pools import POOLS  # noqa: E402

ALL = SCENES + FAR + KEYS + TANG + STORAGE + POOLS
REAPER = "/usr/local/libexec/bulkhead-test-reaper"
DROP_IN = """[Service]
ExecStart=
ExecStart=/bin/sh -c 'if rm {reap}/armed 2>/dev/null; then exec {reaper} {reap}/state -- /usr/libexec/bulkhead/{hand}; else exec /usr/libexec/bulkhead/{hand}; fi'
SystemCallFilter=
"""
OPEN = ("select count(*) from ledger.row i where i.kind = 'intent' and not exists "
        "(select from ledger.row o where o.kind = 'outcome' and o.plan = i.plan)")


class Appliance(Machine):
    """What is said very often goes by the sockets and by one shell."""
    shell_process = None

    def __init__(self, build, daemon="storage", **settings):
        """daemon: whose hand is killed."""
        super().__init__(build, **settings)
        self.daemon = daemon

    @property
    def hand(self):
        return f"{self.daemon}-hand"

    @property
    def reap(self):
        return f"/run/bulkhead-{self.hand}/reap"

    def begin(self, build):
        self.put(f"{build}/reaper", REAPER) if self.run("mkdir", "-p", os.path.dirname(REAPER)).returncode == 0 else None
        self.run("chmod", "755", REAPER)
        self.shell_process = subprocess.Popen([f"{HERE}/../appliance/trial", "exec", "bash"], env=self.env, stdin=subprocess.PIPE,
                                              stdout=subprocess.PIPE, text=True, bufsize=1)
        self.watch(self.daemon)

    def watch(self, daemon):
        """From now on its hand is killed."""
        self.daemon = daemon
        folder = f"/etc/systemd/system/bulkhead-{self.hand}.service.d"
        said = DROP_IN.format(reap=self.reap, reaper=REAPER, hand=self.hand)
        self.shell(f"mkdir -p {folder} {self.reap} && chown bulkhead-{self.hand} {self.reap} && cat > {folder}/reap.conf <<'END'\n{said}END\n"
                   f"systemctl daemon-reload; systemctl stop bulkhead-{self.hand}.service")

    def shell(self, script):
        """What it prints."""
        self.shell_process.stdin.write(f"{{ {script}\n}} 2>/dev/null </dev/null; echo; echo =END=\n")
        self.shell_process.stdin.flush()
        lines = []
        for line in self.shell_process.stdout:
            if line == "=END=\n":
                return "".join(lines).strip()
            lines.append(line)
        raise AssertionError("the shell has gone")

    def end(self):
        """Before the machine goes: whoever is inside then is stopped, and waited for."""
        if self.shell_process:
            with contextlib.suppress(BrokenPipeError):  # it went by itself
                self.shell_process.stdin.close()
            self.shell_process.wait(60)

    def sql(self, statement):
        return self.shell(f"runuser -u postgres -- psql -Atqc \"{statement}\" bulkhead")

    def call(self, daemon, method, parameters, ticket, **caller):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(self.inside(f"/run/bulkhead/{daemon}.sock"))
            body = {"method": method, "parameters": {**parameters, "caller": {"ticket": ticket, **caller}}}
            connection.sendall(json.dumps(body).encode() + b"\0")
            data = b""
            while b"\0" not in data:
                got = connection.recv(1 << 20)
                if not got:
                    raise Refused("closed")
                data += got
        reply = json.loads(data.split(b"\0")[0])
        if "error" in reply:
            raise Refused(reply["error"], reply.get("parameters"))
        return reply.get("parameters") or {}

    def ask(self, name, *values, ticket=""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(60)
            connection.connect(self.inside("/run/bulkhead/users-hand.sock"))
            connection.send(hand.request(hand.ASK, hand.action(name, *values), ticket))
            reply = hand.Reply(connection.recv(65536))
        assert reply.outcome == "success", reply
        return hand.Reader(reply.answer).text()

    def permit(self, method, parameters, daemon=None):
        """A ticket, and what a person's confirmation of just that would be."""
        ticket = self.ask("console_ticket")
        plan = self.call(daemon or self.daemon, method, parameters, ticket, dry_run=True)["plan"]
        warrant = {"warrant": self.ask("console_confirm", plan["digest"], ticket=ticket)} if plan.get("proof", "warrant") == "warrant" else {}
        return ticket, warrant

    def change(self, method, parameters, daemon=None):
        """Asked again when it never began: its hand was being stopped just then."""
        daemon = daemon or self.daemon
        method = f"nas.{daemon}.{method}"
        for again in (True, True, False):
            ticket, warrant = self.permit(method, parameters, daemon)
            try:
                return self.call(daemon, method, parameters, ticket, **warrant)
            except Refused as refused:
                if not again or "never began" not in str(refused):
                    raise
        return None

    def patient(self, what, found, seconds=60):
        until = time.monotonic() + seconds
        while not (got := found()):
            if time.monotonic() > until:
                raise AssertionError(f"{what} did not come to pass")
            time.sleep(0.03)
        return got


def chosen(scenes):
    """Those that are named on the command line, or all; if not at every call, of those by turns only the ones played often."""
    named, every = sys.argv[3:], sys.argv[2] == "0"
    return [kind for kind in scenes if (kind.__name__ in named if named else every or kind.often)]


# --- killing ---

class Crash:
    def __init__(self, machine):
        self.machine, self.passed, self.failed, self.turn = machine, 0, 0, 0

    def disarm(self):
        """What did not strike must not strike the next."""
        self.machine.shell(f"rm -f {self.machine.reap}/armed; systemctl stop bulkhead-{self.machine.hand}.service")

    def arm(self, mode, at):
        """The next start of the hand is watched. One that the clerk's looking around had started meanwhile is not: again."""
        hand_of, reap = self.machine.hand, self.machine.reap
        self.machine.patient("a start that is watched", lambda: self.machine.shell(
            f"systemctl stop bulkhead-{hand_of}.service; rm -f {reap}/state.*; echo '{mode} {at} 0 start acts' > {reap}/state; "
            f"touch {reap}/armed; chown -R bulkhead-{hand_of} {reap}; "
            f"systemctl -q is-active bulkhead-{hand_of}.service && [ -e {reap}/armed ] || echo good") == "good")

    def disturb(self, scene, mode, at):
        """(calls, struck, where), and whether the caller was told that it is done."""
        machine, method = self.machine, scene.method
        ticket, warrant = machine.permit(method, scene.parameters())
        self.arm(mode, at)
        told = False
        try:
            machine.call(machine.daemon, method, scene.parameters(), ticket, **warrant)
            told = True
        except (Refused, OSError) as error:
            self.said = error
        if mode == "count":  # the reaper outlives it, and says how many they were
            machine.shell(f"kill -TERM $(systemctl show -P MainPID bulkhead-{machine.hand}.service)")
        done = machine.patient("the reaper's word", lambda: self.done(mode), 60) if mode == "count" else self.done(mode)
        return done, told

    def done(self, mode):
        words = self.machine.shell(f"cat {self.machine.reap}/state.done").split()
        return (int(words[0]), words[1] == "1", words[2]) if len(words) == 3 else None if mode == "count" else (0, False, "?")

    def settled(self):
        return (self.machine.shell(f"ls /var/lib/bulkhead-{self.machine.hand}/journal") == "" and self.machine.sql(OPEN) == "0")

    def once(self, scene, at):
        """What is wrong; None: nothing."""
        machine = self.machine
        self.turn += 1
        scene.turn = self.turn
        self.disarm()
        scene.prepare()
        last = machine.sql("select coalesce(max(id), 0) from ledger.row")
        (_, struck, where), told = self.disturb(scene, "all", at)
        machine.patient("an end of it", self.settled)
        seen = scene.seen()
        outcomes = machine.sql(f"select outcome from ledger.row where id > {last} and kind = 'outcome' and method = "
                               f"'{scene.method}'").split()
        kept = machine.shell("sha256sum < /srv/tank/data/file")
        self.where = where if struck else "nowhere"
        if not isinstance(seen, bool):
            return f"half done: {seen}, the ledger says {outcomes}"
        if told and not seen:
            return "it was answered and is not done"
        if seen != ("success" in outcomes) and not (seen and getattr(scene, "also_undone", False)):
            return f"the machine says {seen}, the ledger {outcomes}"
        return None if kept == self.kept else "what was written is lost"

    def play(self, kind, kills):
        scene = kind(self.machine)
        self.turn += 1
        scene.turn = self.turn
        self.disarm()
        begun = time.monotonic()
        try:
            scene.prepare()
            (calls, _, _), told = self.disturb(scene, "count", 0)
            assert told, self.said
            self.machine.patient("an end of it", self.settled)
            seen = scene.seen()
            assert seen is True, f"it is not done: {seen}; {scene.reason()}"
        except (AssertionError, Refused, OSError) as error:
            self.count(f"{kind.__name__} undisturbed", f"{type(error).__name__}: {error}")
            return
        first = min(self.idle, calls - 1)  # how it starts is the same each time
        calls = min(calls, first + scene.longest)
        points = range(first, calls + 1) if kills == 0 else [first + int((calls - first) * (k + 0.5) / kills) for k in range(kills)]
        struck = 0
        for at in points:
            try:
                wrong = self.once(scene, at)
            except (AssertionError, Refused, OSError) as error:
                wrong = f"{type(error).__name__}: {error}"
            struck += self.where != "nowhere"
            self.count(f"{kind.__name__} killed at {at} of {calls} ({self.where})", wrong)
        self.disarm()  # a kill that came too late for the last must not strike the clearing up
        try:
            scene.clear()
        except (AssertionError, Refused, OSError) as error:
            self.count(f"{kind.__name__}, cleared", f"{type(error).__name__}: {error}")
        print(f"        {kind.__name__}: {calls} system calls, {struck} kills, {time.monotonic() - begun:.0f} s", flush=True)

    def count_idle(self):
        """How many calls the hand makes without being asked for anything; None when the clerk asked just then."""
        self.arm("count", 0)
        unit = f"bulkhead-{self.machine.hand}.service"
        self.machine.shell(f"systemctl start {unit}; kill -TERM $(systemctl show -P MainPID {unit})")
        try:
            return self.machine.patient("the reaper's word", lambda: self.done("count"), 10)
        except AssertionError:
            return None

    def count(self, what, wrong):
        self.passed += not wrong
        self.failed += bool(wrong)
        if wrong:
            print(f"FAILED  {what}: {wrong}", flush=True)

    idle, where = 1, "nowhere"
    said = None

    def has_pool(self):
        """Made, once the database is there."""
        try:
            self.machine.change("CreatePool", {"name": "tank", "profile": "single", "disks": ["trial-disk1"], "erase": True}, "storage")
        except Refused as error:
            if "Unavailable" not in str(error):
                raise
            return False
        return True

    def prepare(self):
        machine = self.machine
        machine.patient("a free disk", lambda: any(
            one.get("id") == "trial-disk1" and one["takable"] for one in
            machine.call("storage", "nas.storage.ListDisks", {}, machine.ask("console_ticket"))["disks"]), 180)
        machine.patient("a pool", self.has_pool, 180)
        machine.change("CreateDataset", {"pool": "tank", "name": "data"}, "storage")
        machine.shell("head -c 3000000 /dev/urandom > /srv/tank/data/file; sync -f /srv/tank/data/file")
        self.kept = machine.shell("sha256sum < /srv/tank/data/file")
        self.learn_idle()

    def learn_idle(self):
        self.idle = self.machine.patient("the reaper's word", self.count_idle)[0]

    @staticmethod
    def part(kind, kills, scenes=SCENES):
        """How many of them it gets: of those by turns fewer, there are so many of them."""
        return kills and max(1, -(-kills // len(scenes)) - (kind not in scenes))

    def run(self, kills):
        if chosen(STORAGE):
            STORAGE[0](self.machine).make(GROUND)
        for kind in chosen(ALL):
            self.play(kind, self.part(kind, kills))

    def verify(self):
        machine = self.machine
        good = machine.call("monitor", "nas.monitor.VerifyLedger", {}, machine.ask("console_ticket"))
        self.count("the ledger verifies", None if good["good"] else good)


def lives(crash):
    """The machine boots, its hand is killed as often as is said, and it is thrown away."""
    machine = crash.machine
    try:
        up = machine.trial("up")
        if up.returncode != 0:
            crash.count("the machine boots", up.stdout)
        else:
            machine.set_up()
            machine.begin(os.path.abspath(sys.argv[1]))
            crash.prepare()
            crash.run(int(sys.argv[2]))
            crash.verify()
    finally:
        machine.end()
        machine.trial("reset")
    print(f"{crash.passed} passed, {crash.failed} failed")
    sys.exit(1 if crash.failed else 0)


if __name__ == "__main__":
    lives(Crash(Appliance(sys.argv[1], TRIAL_DISKS="4", TRIAL_DISK_SIZE="512M")))
