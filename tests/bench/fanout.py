#!/usr/bin/python3
"""One change told to all who watch, beside uWebSockets (peers/uws_peer.js): servers on one core, watchers on the other, turn
by turn in the same run. Plain WebSockets on both sides; ours come in by the door for proxies.

Counted from when the change is said to the server (to ours by its daemon, over Varlink; to uWebSockets by a client) until
the last watcher has it, as many bytes on both sides. "the whole way" is a change by REST through the front end, the clerk
and its hand, with intent and outcome in the ledger, until the last watcher has it: no peer has that.
Lines: figure, ours, peer, ratio, target, met; figures are medians of the rounds.

    BUILD=build tests/bench/fanout.py [WATCHERS ...]     1000 10000 unless told (root)
    BENCH_ROUNDS=5 BENCH_TELLS=9 BENCH_NICE=-10          the last for a machine that others use too
"""
import base64
import contextlib
import http.client
import json
import os
import re
import resource
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/bench", f"{TOP}/tests/lib", f"{TOP}/tests/integration"]
import people  # noqa: E402
from box import BUILD, FRONT, SHARED, Box, free_ports  # noqa: E402
from front import LOAD, NICE, place, postgres, say  # noqa: E402
from meadow import Meadow  # noqa: E402

HERE = f"{TOP}/tests/bench"
ROUNDS, TELLS = int(os.environ.get("BENCH_ROUNDS", "5")), int(os.environ.get("BENCH_TELLS", "9"))
BYTES, PAUSE_S, PATIENCE_S = 500, 0.2, 30
UPGRADE = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": base64.b64encode(b"sixteen bytes...").decode()}


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s*(\d+)", file.read())[1])


class Fan:
    """So many watchers of a server, in a process of their own."""

    def __init__(self, server, count):
        self.before = resident_kib(server.pid)
        words = [f"{BUILD}/bench/fan", str(server.port), str(count), server.request, server.first, str(server.least)]
        self.process = subprocess.Popen(["taskset", "-c", str(LOAD), *words], stdout=subprocess.PIPE, text=True)
        place(self.process.pid, LOAD)
        said = self.process.stdout.readline()
        assert said == "ready\n", f"{server.name}: its {count} watchers did not come in: {said}"
        self.each_kib = (resident_kib(server.pid) - self.before) / count

    def told(self, tell):
        """(until half of them, until the last of them have what tell() says), in ms."""
        time.sleep(PAUSE_S)
        begun = time.monotonic_ns()
        tell()
        assert select.select([self.process.stdout], [], [], PATIENCE_S)[0], "somebody was not told"
        half, last = (int(word) for word in self.process.stdout.readline().split())
        return (half - begun) / 1e6, (last - begun) / 1e6

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def write_request(folder, name, path, **headers):
    lines = [f"GET {path} HTTP/1.1"] + [f"{key}: {value}" for key, value in {**UPGRADE, **headers}.items()]
    with open(f"{folder}/{name}", "w", encoding="ascii") as file:
        file.write("\r\n".join(lines) + "\r\n\r\n")
    return file.name


# --- the peer ---

class UWebSockets:
    name, first, least = "uWebSockets", "", BYTES // 2

    def __init__(self, folder):
        self.port, modules = free_ports(1)[0], f"{BUILD}/npm-peers"
        os.makedirs(modules, exist_ok=True)
        shutil.copy(f"{HERE}/peers/package.json", modules)
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], cwd=modules, check=True)
        self.process = subprocess.Popen(["node", f"{HERE}/peers/uws_peer.js", str(self.port), str(BYTES)], cwd=modules)
        self.pid, self.request = self.process.pid, write_request(folder, "uws", "/")

    def connect(self):
        until = time.monotonic() + 20
        while True:
            assert self.process.poll() is None and time.monotonic() < until, "uWebSockets did not start"
            with contextlib.suppress(ConnectionError):
                made = socket.create_connection(("127.0.0.1", self.port))
                break
            time.sleep(0.05)
        with open(self.request, "rb") as file:
            made.sendall(file.read())
        assert b" 101 " in made.recv(4096)
        self.teller = made

    def tell(self):
        self.teller.sendall(b"\x81\x82\0\0\0\0go")

    def told(self):
        """It is told itself, too."""
        left = BYTES + 4
        while left > 0:
            left -= len(self.teller.recv(left))

    def end(self):
        self.process.kill()
        self.process.wait()


# --- ours ---

class Ours:
    name, least = "ours", BYTES // 2

    def __init__(self, box, folder):
        self.box, self.port, self.count = box, free_ports(1)[0], 0
        self.meadow = Meadow(box, f"{SHARED}/contracts", [{"id": 1, "wool": ""}])
        people.start(box)
        people.make(box, "alice", "admin")
        people.make(box, "user1")
        box.start(FRONT, options=("--restart", "--listen", f"proxy={self.port}"))
        self.pid = box.processes[FRONT].pid
        wish = {"username": "alice", "password": people.PASSWORDS["root-made"]}
        self.proof = {"Authorization": "Bearer " + box.call("users", "nas.users.Login", wish)["token"]}
        self.request = write_request(folder, "ours", "/api/stream", **self.proof)
        self.first = self.watches("nas.meadow.ListSheep")

    @staticmethod
    def watches(method):
        return json.dumps({"id": 1, "watch": method})

    def tell(self):
        """A message of BYTES: the rest of it is what stands around the value."""
        around = len('{"id":1,"patch":[{"op":"replace","path":"/0/wool","value":""}],"version":"' + 32 * "0" + '"}')
        self.count += 1
        self.meadow.wool(0, f"{self.count:04}".ljust(BYTES - around, "x"))

    def told(self):
        pass

    def end(self):
        self.meadow.stop()


class WholeWay:
    """The same front end, told by a change of an account; all accounts are what is watched."""
    name, least = "ours, the whole way", 120

    def __init__(self, ours):
        self.ours, self.port, self.request, self.count = ours, ours.port, ours.request, 0
        self.first, self.connection = Ours.watches("nas.users.ListUsers"), None

    @property
    def pid(self):
        for name in ("users-clerk", "users-hand"):
            place(self.ours.box.processes[name].launcher.pid)
        place(postgres())
        return self.ours.pid

    def tell(self):
        self.count += 1
        body = json.dumps({"full_name": f"{self.count:04}".ljust(64, "x")})
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.connection.request("PATCH", "/api/users/user1", body, {"Content-Type": "application/json", **self.ours.proof})

    def told(self):
        answer = self.connection.getresponse()
        assert answer.status == 200, answer.read()
        self.connection.close()


# --- the figures ---

def fan_out(servers, count):
    times, each = {server.name: [] for server in servers}, {server.name: [] for server in servers}
    for turn in range(ROUNDS):
        for server in servers if turn % 2 else reversed(servers):
            place(server.pid)
            fan = Fan(server, count)
            each[server.name].append(fan.each_kib)
            took = []
            for _ in range(TELLS):
                took.append(fan.told(server.tell))
                server.told()
            fan.end()
            half, last = (statistics.median(column) for column in zip(*took))
            times[server.name].append(last)
            print(f"# {count} watchers, {server.name}: half after {half:.1f} ms, all after {last:.1f} ms "
                  f"({min(one[1] for one in took):.1f} to {max(one[1] for one in took):.1f}), {fan.each_kib:.2f} KiB each",
                  file=sys.stderr, flush=True)
            time.sleep(1)
    return times, each


def figures(ours, peer, whole, count):
    times, each = fan_out([ours, peer, whole], count)
    mine, other = statistics.median(times["ours"]), statistics.median(times[peer.name])
    ratio = statistics.median(one / two for one, two in zip(times["ours"], times[peer.name]))
    say(f"one change reaches the last of {count} WebSocket watchers", f"{mine:.1f} ms", f"{other:.1f} ms", ratio, "<= 1.2", ratio <= 1.2)
    last, ratio = statistics.median(times[whole.name]), statistics.median(one / two for one, two in zip(times[whole.name], times[peer.name]))
    say(f"a change by REST, written down and done, reaches the last of {count}", f"{last:.1f} ms", f"{other:.1f} ms", ratio, "-", True)
    # The first round tells: later ones find memory that earlier ones left behind.
    kib, beside = max(each["ours"] + each[whole.name]), max(each[peer.name])
    say(f"resident memory of an idle watcher, of {count}", f"{kib:.2f} KiB", f"{beside:.2f} KiB", kib / 4, "<= 4 KiB", kib <= 4)


def main():
    counts = [int(word) for word in sys.argv[1:]] or [1000, 10000]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if NICE:
        with contextlib.suppress(OSError):
            os.setsid()
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(NICE))
    folder, servers = tempfile.mkdtemp(prefix="bulkhead-fan."), []
    try:
        servers.append(UWebSockets(folder))
        servers[0].connect()
        with Box() as box:
            ours = Ours(box, folder)
            servers.append(ours)
            for count in counts:
                figures(ours, servers[0], WholeWay(ours), count)
            servers.pop().end()
    finally:
        for server in servers:
            server.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
