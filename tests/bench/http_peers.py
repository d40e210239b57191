#!/usr/bin/python3
"""Our HTTP engine beside libmicrohttpd and nginx: the same page of 1 KB from memory, one process and one core each, load on
the other core, in alternating rounds; the memory of idle connections; the hostile heads each takes; the code's size.

    tests/bench/http_peers.py BUILD [ROUNDS] [SECONDS]          BENCH_NICE=-10 for a machine that others use too

Lines: figure, ours, peer, ratio, target, met. wrk needs more of its core than the servers of theirs, so that the rate says
what one core of load can ask for, and swings with what else the machine does; what a request costs is the processor's
time that the kernel counts for the server. "#"
lines on standard error say more."""
import collections
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/attack")
from heads import converse, connect, free_port, statuses, wait_for  # noqa: E402
from heads_families import families  # noqa: E402

SERVER, LOAD = 0, max(os.sched_getaffinity(0))
IDLE = 1000


def nginx_settings(folder, port):
    return f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
        events {{ worker_connections 12000; }}
        http {{ access_log off; server_tokens off; keepalive_timeout 600s; keepalive_requests 1000000000; default_type text/plain;
                client_header_timeout 2s; client_max_body_size 0; large_client_header_buffers 4 8k;
                client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
                uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 "{'x' * 1024}"; }} }} }}"""


class Server:
    def __init__(self, name, words, port):
        self.name, self.port, self.rates, self.cpu = name, port, [], []
        self.process = subprocess.Popen(["taskset", "-c", str(SERVER), *words], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
        except BaseException:
            self.end()
            raise

    def kib(self, what):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"{what}:\s*(\d+)", file.read())[1])

    def cpu_us(self):
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1000

    def measure(self, seconds):
        before = self.cpu_us()
        said = subprocess.run(["taskset", "-c", str(LOAD), "wrk", "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{self.port}/"],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        if "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(f"{self.name}: {said}")
        count = int(re.search(r"(\d+) requests in", said)[1])
        self.rates.append(float(re.search(r"Requests/sec: *([\d.]+)", said)[1]))
        self.cpu.append((self.cpu_us() - before) / count)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def start(build, folder, servers):
    """Into the list as they come up, so that those are ended when the next does not."""
    ports = [free_port() for _ in range(3)]
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(nginx_settings(folder, ports[2]))
    for words in (("ours", [f"{build}/bench/http_demo", "--idle", "600000", "--per-address", "12000", str(ports[0])], ports[0]),
                  ("libmicrohttpd", [f"{build}/bench/http_mhd", str(ports[1])], ports[1]),
                  ("nginx", ["/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], ports[2])):
        servers.append(Server(*words))


def say(figure, ours, peer, ratio, target, good):
    print(f"{figure}\t{ours}\t{peer}\t{ratio:.2f}\t{target}\t{'yes' if good else 'no'}", flush=True)


def speed(servers, rounds, seconds):
    for turn in range(rounds):
        for server in servers if turn % 2 else reversed(servers):
            server.measure(seconds)
    for server in servers:
        print(f"# {server.name}: rates {min(server.rates):.0f} to {max(server.rates):.0f}, processor {min(server.cpu):.1f} to "
              f"{max(server.cpu):.1f} us", file=sys.stderr)
    ours = servers[0]
    for peer in servers[1:]:  # of each round beside its own neighbour: what else the machine did meanwhile hits both
        cpu = statistics.median(one / other for one, other in zip(ours.cpu, peer.cpu))
        rate = statistics.median(one / other for one, other in zip(ours.rates, peer.rates))
        say(f"GET of 1 KB, 32 connections, beside {peer.name} (requests/s)", f"{statistics.median(ours.rates):.0f}",
            f"{statistics.median(peer.rates):.0f}", rate, ">= 0.90", rate >= 0.9)
        say(f"processor for one of them, beside {peer.name} (us)", f"{statistics.median(ours.cpu):.1f}",
            f"{statistics.median(peer.cpu):.1f}", cpu, "<= 1.10", cpu <= 1.1)


def per_connection(server):
    """(KiB resident at first, bytes of memory of its own that a connection between two requests takes)."""
    first, before = server.kib("VmRSS"), server.kib("RssAnon")
    clients = [connect(server.port) for _ in range(IDLE)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for client in clients:
        while client.recv(65536).count(b"x") < 1000:
            pass
    time.sleep(0.5)
    bytes_each = (server.kib("RssAnon") - before) * 1024 // IDLE
    for client in clients:
        client.close()
    return first, bytes_each


def memory(servers):
    """Before anything else: what load leaves behind would hide what a connection takes."""
    found = [per_connection(server) for server in servers]
    for peer, (first, each) in zip(servers[1:], found[1:]):
        say(f"resident at first, beside {peer.name} (KiB)", found[0][0], first, found[0][0] / first, "-", True)
        say(f"a connection that idles, beside {peer.name} (bytes)", found[0][1], each, found[0][1] / max(each, 1), "<= 1.25",
            found[0][1] <= each * 1.25)


def taken(server, cases):
    """Hostile heads that it answers as if they were good ones, by family."""
    found = collections.Counter()
    for family, _, head in cases:
        got = statuses(converse(connect(server.port), head + b"5\r\nhello\r\n0\r\n\r\n"))
        found[family] += bool(got) and got[0] < 400
    return +found


def hostile(servers):
    cases = list(families())
    results = [taken(server, cases) for server in servers]
    for peer, result in zip(servers[1:], results[1:]):
        say(f"of {len(cases)} hostile heads taken, beside {peer.name}", results[0].total(), result.total(),
            results[0].total() / max(result.total(), 1), "0", results[0].total() == 0)
        print(f"# {peer.name} takes: " + ", ".join(f"{family} {count}" for family, count in result.most_common()), file=sys.stderr)


def code_bytes(build):
    """Text of what serves HTTP: our engine, TLS and WebSockets aside (each has its own), and the peer's library."""
    of = subprocess.run(["size", "-t", f"{build}/libnas-http.a"], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")
    ours = sum(int(line.split()[0]) for line in of[1:] if " (ex " in line and "websocket" not in line)
    library = next(line.split("=> ")[1].split()[0] for line in subprocess.run(
        ["ldd", f"{build}/bench/http_mhd"], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n") if "microhttpd" in line)
    theirs = int(subprocess.run(["size", library], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")[1].split()[0])
    say("machine code, beside libmicrohttpd (bytes)", ours, theirs, ours / theirs, "-", True)


def main():
    build = os.path.abspath(sys.argv[1])
    rounds, seconds = (int(word) for word in (sys.argv[2:] + ["12", "1"][len(sys.argv) - 2:]))
    folder = tempfile.mkdtemp(prefix="bulkhead-peers-")
    servers = []
    if "BENCH_NICE" in os.environ:
        with contextlib.suppress(OSError):
            os.setsid()
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(os.environ["BENCH_NICE"])
    try:
        start(build, folder, servers)
        memory(servers)
        speed(servers, rounds, seconds)
        hostile(servers)
        code_bytes(build)
    finally:
        for server in servers:
            server.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
