#!/usr/bin/python3
"""The front end beside its peers, in alternating rounds of one run: servers on one core, load on the other.

nginx-hop: nginx proxying the bytes that we answer over a Unix socket to another nginx. floor: tests/bench/floor.c. fastapi,
django: tests/bench/peers. Lines: figure, ours, peer, ratio, target, met; figures are medians of the rounds.

    BUILD=build tests/bench/front.py [FIGURE ...]      get tls p99 change memory start; all unless told (root)
    BENCH_ROUNDS=5 BENCH_SECONDS=3 BENCH_NICE=-10      the last for a machine that others use too
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lib", f"{TOP}/tests/integration"]
import people  # noqa: E402
from box import BUILD, DATABASE, Box, free_ports  # noqa: E402

HERE = f"{TOP}/tests/bench"
ROUNDS, SECONDS = int(os.environ.get("BENCH_ROUNDS", "5")), float(os.environ.get("BENCH_SECONDS", "3"))
NICE = int(os.environ.get("BENCH_NICE", "0"))
SERVER, LOAD = 0, max(os.sched_getaffinity(0))
SECRET, TOKEN = "bench-secret", "b" * 64
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f @N@..."


# --- processes ---

def tree(root):
    """A process and all below it."""
    found, children = [root], {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
            children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
    for pid in found:
        found += children.get(pid, [])
    return found


def place(pid, core=SERVER):
    """It and all below it on one core, before all that is not measured."""
    for one in tree(pid):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                os.sched_setaffinity(int(task), {core})
            if NICE:
                with open(f"/proc/{one}/autogroup", "w", encoding="ascii") as file:
                    file.write(str(NICE))


def cpu_s(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Peer:
    """A server that is measured: its processes, its requests {what: (scheme, method, path, body)}."""

    def __init__(self, name, port, requests, headers=None, processes=(), pids=None):
        self.name, self.port, self.requests, self.headers, self.processes = name, port, requests, headers or {}, processes
        self.pids = pids or (lambda: [process.pid for process in processes])
        self.rates, self.cpu = {}, {}

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def placed(self):
        for pid in self.pids():
            place(pid)
        return [one for pid in self.pids() for one in tree(pid)]


def request_file(peer, what, folder):
    """The whole request, for load."""
    _, method, path, body = peer.requests[what]
    headers = {"Host": "localhost", **peer.headers}
    if body is not None:
        headers.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
    lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items()]
    name = f"{folder}/{peer.name}.{what}"
    with open(name, "w", encoding="ascii") as file:
        file.write("\r\n".join(lines) + "\r\n\r\n" + (body or ""))
    return name


def load(peer, what, folder, connections=32, rate=0, seconds=None):
    """(rate, p50_ms, p99_ms) of what at a pace, or as fast as it goes."""
    words = [f"{BUILD}/bench/load", str(peer.port), str(connections), str(seconds or SECONDS), str(int(rate)),
             request_file(peer, what, folder)]
    done = subprocess.run(["taskset", "-c", str(LOAD), *words], check=True, stdout=subprocess.PIPE, text=True)
    done_rate, p50, p99, bad = (float(word) for word in done.stdout.split())
    assert bad == 0, f"{peer.name}: {bad} bad answers"
    return done_rate, p50 / 1000, p99 / 1000


def wrk(peer, what, connections=32):
    scheme, _, path, _ = peer.requests[what]
    headers = [word for name, value in peer.headers.items() for word in ("-H", f"{name}: {value}")]
    words = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(SECONDS))}s", *headers, f"{scheme}://127.0.0.1:{peer.port}{path}"]
    said = subprocess.run(["taskset", "-c", str(LOAD), *words], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, f"{peer.name}: {said}"
    return float(re.search(r"Requests/sec: *([\d.]+)", said)[1])


def rounds(what, peers, measure):
    """Each peer's median rate, turn by turn; first a short warm-up."""
    for peer in peers:
        measure(peer)
    for turn in range(ROUNDS):
        for peer in peers if turn % 2 else reversed(peers):
            pids = peer.placed()
            before = cpu_s(pids)
            rate = measure(peer)
            peer.rates.setdefault(what, []).append(rate)
            peer.cpu.setdefault(what, []).append((cpu_s(pids) - before) / (rate * SECONDS) * 1e6)
    for peer in peers:
        peer.rates[what] = statistics.median(peer.rates[what])
        print(f"# {what} {peer.name}: {peer.rates[what]:.0f}/s, {statistics.median(peer.cpu[what]):.1f} us of CPU each",
              file=sys.stderr, flush=True)


def say(figure, ours, peer, ratio, target, good):
    print(f"{figure}\t{ours}\t{peer}\t{ratio:.2f}\t{target}\t{'yes' if good else 'no'}", flush=True)


def say_cpu(figure, what, mine, other, target):
    """What the servers work for one, which neither a slow disk nor a busy machine changes as much as the rate."""
    ours, theirs = (statistics.median(peer.cpu[what]) for peer in (mine, other))
    say(f"{figure}, CPU us each", f"{ours:.0f}", f"{theirs:.0f}", theirs / ours, f">= {target}", theirs / ours >= target)


# --- the peers ---

def start(words, folder, **env):
    with open(f"{folder}/peers.log", "ab") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, cwd=f"{HERE}/peers", start_new_session=True,
                                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env})


def nginx_hop(folder, port, body, headers):
    """Two nginx; the inner one answers with our bytes and our headers, from a file that it keeps open."""
    with open(f"{HERE}/peers/nginx_hop.conf", encoding="ascii") as file:
        plain = file.read()
    skip = {"date", "content-length", "content-type", "connection", "accept-ranges", "server"}
    lines = "".join(f'add_header {name} "{value}";\n'.replace('""', '"').replace('""', '"') if '"' not in value else
                    f"add_header {name} '{value}';\n" for name, value in headers.items() if name.lower() not in skip)
    servers = {
        "outer": f"upstream inner {{ server unix:{folder}/hop.sock; keepalive 512; }}\n"
                 f"server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://inner; "
                 "proxy_http_version 1.1; proxy_set_header Connection \"\"; } }",
        "inner": f"server {{ listen unix:{folder}/hop.sock backlog=4096; root {folder}/www; etag off;\n{lines} }}"}
    os.makedirs(f"{folder}/www/api/users")
    with open(f"{folder}/www/api/users/user1", "wb") as file:
        file.write(body)
    processes = []
    for name in ("inner", "outer"):
        work = f"{folder}/{name}"
        os.makedirs(work)
        with open(f"{work}/nginx.conf", "w", encoding="ascii") as file:
            file.write(plain.replace("@WORK@", work).replace("@SERVER@", servers[name]))
        processes.append(start(["nginx", "-c", f"{work}/nginx.conf"], folder))
    return Peer("nginx-hop", port, {"get": ("http", "GET", "/api/users/user1", None)}, processes=processes)


def fastapi(folder, port):
    process = start(["/usr/bin/python3", "-m", "uvicorn", "fastapi_peer:app", "--host", "127.0.0.1", "--port", str(port),
                     "--no-access-log", "--log-level", "warning"], folder, PEER_SECRET=SECRET, PEER_AUDIT=f"{folder}/audit")

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    said = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps({"sub": "admin", "exp": int(time.time()) + 86400}).encode())
    proof = part(hmac.new(SECRET.encode(), said.encode(), hashlib.sha256).digest())
    return Peer("fastapi", port,
                {"get": ("http", "GET", "/api/users/user1", None),
                 "change": ("http", "POST", "/api/users", json.dumps({"username": "u-@N@..."}))},
                {"Authorization": f"Bearer {said}.{proof}"}, [process])


def django(folder, port, box):
    env = {"PEER_DATABASE": DATABASE, "PEER_TOKEN": TOKEN}
    box.psql("create database peer")
    subprocess.run(["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "/usr/bin/python3", "-B",
                    f"{HERE}/peers/django_peer.py", "init"], check=True, env={**os.environ, **env}, cwd="/")
    process = start(["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "gunicorn", "django_peer:application", "-b",
                     f"127.0.0.1:{port}", "-w", "2", "--log-level", "error"], folder, **env)
    return Peer("django", port, {"get": ("http", "GET", "/api/users/user1", None)}, {"Authorization": f"Bearer {TOKEN}"}, [process])


def floor(folder, port, *rows):
    """The least for a change: one row, or the rows of one that is audited."""
    process = start([f"{BUILD}/bench/floor", str(port), f"host={DATABASE} dbname=bulkhead user=postgres", *rows], folder)
    return Peer("-".join(("floor", *rows)), port,
                {"get": ("http", "GET", "/", None), "change": ("http", "POST", "/", json.dumps({"username": "u-@N@..."}))},
                processes=[process], pids=lambda: [process.pid, postgres()])


def postgres():
    with open(f"{DATABASE}/data/postmaster.pid", encoding="ascii") as file:
        return int(file.readline())


# --- ours ---

class Ours:
    def __init__(self, box):
        self.box, (self.https, self.plain) = box, free_ports(2)
        people.start(box)
        people.make(box, "alice", "admin")
        people.make(box, "user1")
        self.key = people.Person(box, "alice").change("CreateKey", {"name": "first", "role": "admin"})["key"]["id"]
        self.start()

    def start(self):
        """Anew: how long until it has answered, in ms."""
        if "api" in self.box.processes:
            self.box.stop("api")
        begun = time.monotonic()
        self.box.start("api", options=("--restart", "--listen", f"https={self.https}", "--listen", f"proxy={self.plain}"), ready=False)
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("/api/system/live").status == 200:
                    return (time.monotonic() - begun) * 1000

    def ask(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    def pids(self):
        return [self.box.processes[name].pid for name in ("api", "users-clerk")]

    def all_pids(self):
        return [*self.pids(), self.box.processes["users-hand"].launcher.pid, postgres()]

    def peers(self):
        """Plain, with TLS, and changing something; with a ticket that lasts for ten minutes."""
        wish = {"username": "alice", "password": people.PASSWORDS["root-made"]}
        proof = {"Authorization": "Bearer " + self.box.call("users", "nas.users.Login", wish)["token"]}
        requests = {"get": ("http", "GET", "/api/users/user1", None),
                    "change": ("http", "PATCH", f"/api/auth/keys/{self.key}", json.dumps({"name": "key @N@..."})),
                    "hand": ("http", "PUT", "/api/users/user1/ssh-keys", json.dumps({"ssh_keys": [KEY]}))}
        return [Peer("ours", self.plain, requests, proof, pids=self.pids), Peer("ours-tls", self.https, {"get": ("https", "GET", "/api/users/user1", None)}, proof, pids=self.pids),
                Peer("ours-changes", self.plain, requests, proof, pids=self.all_pids)]


# --- the figures ---

def figure_get(ours, peers):
    plain = ours["ours"]
    rounds("get", [plain, peers["nginx-hop"], peers["fastapi"], peers["django"]], lambda peer: wrk(peer, "get"))
    for name, target in (("nginx-hop", 0.9), ("fastapi", 12), ("django", 12)):
        rate, other = plain.rates["get"], peers[name].rates["get"]
        say(f"GET of an object, 32 connections, a second, beside {name}", f"{rate:.0f}", f"{other:.0f}", rate / other,
            f">= {target}", rate / other >= target)


def figure_tls(ours, _):
    plain, tls = ours["ours"], ours["ours-tls"]
    rounds("get", [plain, tls], lambda peer: wrk(peer, "get"))
    rate, other = tls.rates["get"], plain.rates["get"]
    say("the same with TLS beside without", f"{rate:.0f}", f"{other:.0f}", rate / other, ">= 0.85", rate / other >= 0.85)
    say_cpu("the same with TLS beside without", "get", tls, plain, 0.85)


def figure_p99(ours, peers):
    plain, hop = ours["ours"], peers["nginx-hop"]
    folder = peers["folder"]
    both = {peer.name: [] for peer in (plain, hop)}
    rate = min(statistics.median(load(peer, "get", folder)[0] for _ in range(3)) for peer in (plain, hop)) / 2
    for _ in range(ROUNDS):
        for peer in (plain, hop):
            peer.placed()
            both[peer.name].append(load(peer, "get", folder, rate=rate)[2])
    mine, other = statistics.median(both["ours"]), statistics.median(both["nginx-hop"])
    say(f"p99 at half that load ({rate:.0f} a second)", f"{mine:.2f} ms", f"{other:.2f} ms", mine / other, "<= 1.5",
        mine / other <= 1.5)


def figure_change(ours, peers):
    """One that is all in the database: an API key's name and two rows of the ledger in one transaction; the floor writes one
    row. Then one that a hand carries out: it keeps what was there, writes a file and waits for the disk at each turn."""
    mine, fastapi_peer = ours["ours-changes"], peers["fastapi"]
    rounds("change", [mine, peers["floor"], peers["floor-ledger"], fastapi_peer],
           lambda peer: load(peer, "change", peers["folder"])[0])
    for name, target in (("floor", 0.4), ("floor-ledger", 0.4), ("fastapi", 2)):
        rate, other = mine.rates["change"], peers[name].rates["change"]
        say(f"a change with intent and outcome in the ledger, 32 connections, a second, beside {name}", f"{rate:.0f}",
            f"{other:.0f}", rate / other, f">= {target}", rate / other >= target)
        say_cpu(f"the same beside {name}", "change", mine, peers[name], target)
    rounds("hand", [mine], lambda peer: load(peer, "hand", peers["folder"])[0])
    rate, other = mine.rates["hand"], fastapi_peer.rates["change"]
    say("a change that a hand carries out, likewise, beside fastapi's", f"{rate:.0f}", f"{other:.0f}", rate / other, "none", True)


def figure_start(ours, _):
    times = [ours["process"].start() for _ in range(2 * ROUNDS + 1)]
    time.sleep(1)
    with open(f"/proc/{ours['process'].pids()[0]}/status", encoding="ascii") as file:
        kib = int(re.search(r"VmRSS:\s*(\d+)", file.read())[1])
    took = statistics.median(times)
    say("cold start to the first 200", f"{took:.0f} ms", "40 ms", took / 40, "<= 1", took <= 40)
    say("resident memory idle", f"{kib / 1024:.1f} MiB", "8 MiB", kib / 8192, "<= 1", kib <= 8192)


FIGURES = {"start": figure_start, "get": figure_get, "tls": figure_tls, "p99": figure_p99, "change": figure_change}


def ready(peer, what="get"):
    until, said = time.monotonic() + 20, ""
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=5)
            connection.request(*peer.requests[what][1:3], headers=peer.headers)
            answer = connection.getresponse()
            said = f"{answer.status} {answer.read()}"
            if answer.status == 200:
                return peer
        assert time.monotonic() < until, f"{peer.name} does not answer: {said}"
        time.sleep(0.05)


def main():
    chosen = sys.argv[1:] or list(FIGURES)
    os.environ["PG_FSYNC"] = "on"
    if NICE:
        with contextlib.suppress(OSError):
            os.setsid()
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(NICE))
    folder = tempfile.mkdtemp(prefix="bulkhead-bench.")
    os.chmod(folder, 0o755)
    peers = {}
    try:
        with Box(database=False) as box:
            os.makedirs(DATABASE)
            os.makedirs(f"{folder}/database")
            # On a disk, where a commit takes its time.
            subprocess.run(["mount", "--bind", f"{folder}/database", DATABASE], check=True)
            box.start_database()
            process = Ours(box)
            mine = {peer.name: peer for peer in process.peers()}
            mine["process"] = process
            answer = process.ask("/api/users/user1", **mine["ours"].headers)
            assert answer.status == 200, answer.body
            ports = free_ports(5)
            for make in (lambda: nginx_hop(folder, ports[0], answer.body, answer.headers), lambda: fastapi(folder, ports[1]),
                         lambda: django(folder, ports[2], box), lambda: floor(folder, ports[3]),
                         lambda: floor(folder, ports[4], "ledger")):
                peer = make()
                peers[peer.name] = peer # also one that does not come up is ended
                ready(peer)
            peers["folder"] = folder
            for name in chosen:
                mine.update({peer.name: peer for peer in process.peers()})
                FIGURES[name](mine, peers)
    finally:
        for peer in peers.values():
            if isinstance(peer, Peer):
                peer.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
