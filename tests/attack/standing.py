#!/usr/bin/python3
"""Can the front end be kept from others? standing.py BUILD [IDLE [FUZZED]]: clients that are slow in every phase, IDLE (10,000)
connections that say nothing, answers that nobody takes and FUZZED (20,000) mutated requests; beside them somebody who
just asks, and who must be answered quickly throughout. Needs root; loopback only."""
import concurrent.futures
import itertools
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [f"{TESTS}/lib", f"{TESTS}/integration"]
from box import Box  # noqa: E402
from front import PASSWORD, patiently  # noqa: E402
from people import make, ready  # noqa: E402
from streaming import Stream  # noqa: E402
from web import Web  # noqa: E402

FRONT_SOCKET = "/run/bulkhead/api.sock"
LOGIN = b"POST /api/auth/login HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
LIVE = b"GET /api/system/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Others' p99 while somebody floods. Generous: the machine may be shared; what is looked for is waiting, not slowness.
OTHERS_P99_MS = 200
PATIENCE = 60 # seconds until who is slow must be gone; each deadline is far shorter
# Bytes of an idle connection in the front end's memory.
IDLE_BYTES_MAX = 4096


class Failure(Exception):
    pass


def check(true, what):
    if not true:
        raise Failure(what)


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024


def trusting():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connect_tls(port, address="127.0.0.1"):
    return trusting().wrap_socket(connect(port, address))


def connect(port, address="127.0.0.1"):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(60)
    client.bind((address, 0))
    client.connect(("127.0.0.1", port))
    return client


def ask(client, request=LIVE):
    """The status of one answer; its body is read too. A connection that ends with it is closed."""
    client.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        piece = client.recv(65536)
        check(piece, f"closed instead of an answer, after {got!r}")
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int((re.search(rb"(?i)content-length: *(\d+)", head) or [0, 0])[1])
    while len(body) < length:
        body += client.recv(65536)
    if b"Connection: close" in head:
        client.close()
    return int(head[9:12])


class Other(threading.Thread):
    """Somebody who just asks over TLS, one connection, a request every few milliseconds."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.took, self.wrong, self.stop = port, [], [], False

    def run(self):
        client = connect_tls(self.port, "127.0.0.9")
        while not self.stop:
            if client.fileno() < 0:
                client = connect_tls(self.port, "127.0.0.9")
            began = time.monotonic()
            try:
                status = ask(client)
                if status not in (200, 204):
                    self.wrong.append(status)
            except (OSError, Failure) as error:
                self.wrong.append(str(error))
                client = connect_tls(self.port, "127.0.0.9")
            self.took.append((time.monotonic() - began) * 1000)
            time.sleep(0.005)

    def __enter__(self):
        self.start()
        until = time.monotonic() + 30
        while not self.took and time.monotonic() < until: # some scenes are over in a moment
            time.sleep(0.001)
        return self

    def __exit__(self, *_):
        self.stop = True
        self.join(30)
        took = sorted(self.took)
        check(took, "the other client never got an answer")
        check(not self.wrong, f"the other client got {self.wrong[:3]}")
        p99 = took[int(len(took) * 0.99) - 1] if len(took) > 1 else took[0]
        check(p99 < OTHERS_P99_MS, f"the other client's p99 is {p99:.0f} ms of {len(took)}")
        print(f"        others: {len(took)} answers, p99 {p99:.1f} ms")


def ends(client, within):
    """How long until the server ends it; what it said last."""
    began, said = time.monotonic(), b""
    client.settimeout(within)
    try:
        while True:
            piece = client.recv(65536)
            if not piece:
                break
            said += piece
    except ConnectionError:
        pass
    except TimeoutError as error:
        raise Failure(f"still open after {within} s") from error
    return time.monotonic() - began, said


def trickle(client, pieces):
    """Sends a piece every half a second, until the server has enough of it; how long that took."""
    began = time.monotonic()
    client.settimeout(0.5)
    for piece in pieces:
        check(time.monotonic() - began < PATIENCE, f"still listened to after {PATIENCE} s")
        try:
            client.sendall(piece)
            if not client.recv(65536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        raise Failure("all of it was listened to")
    return time.monotonic() - began


def asking(port, address, head):
    client = connect_tls(port, address)
    client.sendall(head.replace(b"\n", b"\r\n"))
    return client


def slow_heads(ports, _pid):
    """a head that trickles in is not waited for longer than for a whole one"""
    took = trickle(asking(ports["https"], "127.0.0.3", b"GET / HTTP/1.1\nHost: localhost\n"), itertools.repeat(b"X-A: b\r\n"))
    check(8 < took, f"ended after {took:.1f} s already")


def slow_bodies(ports, _pid):
    """a body that trickles in is not waited for for ever"""
    trickle(asking(ports["https"], "127.0.0.6", LOGIN + b"Content-Length: 8000\n\n"), itertools.repeat(b" "))


def silent_handshakes(ports, _pid):
    """who connects for TLS and says nothing is let go"""
    took, _ = ends(connect(ports["https"]), 9)
    check(3 < took, f"ended after {took:.1f} s already")


def slow_handshakes(ports, _pid):
    """a greeting for TLS that trickles in is not waited for either"""
    said = ssl.MemoryBIO()
    try:
        trusting().wrap_bio(ssl.MemoryBIO(), said).do_handshake()
    except ssl.SSLWantReadError:
        pass
    client, hello = connect(ports["https"], "127.0.0.4"), said.read()
    check(len(hello) > 2 * PATIENCE, "the greeting is too short for this")
    trickle(client, (bytes([byte]) for byte in hello))


def slow_chunks(ports, _pid):
    """nor a body in chunks of a byte"""
    trickle(asking(ports["https"], "127.0.0.5", LOGIN + b"Transfer-Encoding: chunked\n\n"), itertools.repeat(b"1\r\n \r\n"))


def slow_messages(ports, _pid):
    """nor a message of the stream"""
    stream = Stream(ports["person"])
    stream.socket.sendall(b"\x81\xfe" + (1000).to_bytes(2, "big") + bytes(4))
    took = trickle(stream.socket, itertools.repeat(b" "))
    check(2 < took, f"ended after {took:.1f} s already")


def slow_readers(ports, _pid):
    """who takes an answer a byte at a time is let go"""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", ports["https"]))
    secure = trusting().wrap_socket(client)
    secure.sendall(50 * b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
    began = time.monotonic()
    while is_connected(ports["https"], client_port(secure)):
        check(time.monotonic() - began < PATIENCE, f"still served after {PATIENCE} s")
        try:
            secure.recv(1)
        except OSError:
            break
        time.sleep(0.5)
    secure.close()


def client_port(client):
    return client.getsockname()[1]


def is_connected(port, other):
    """Does the server still hold its end of the connection from that port?"""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[2].endswith(f":{other:04X}") and row[3] == "01" for row in rows)


def idle_between(ports, _pid):
    """a connection is kept for the next request, and not for ever"""
    client = connect_tls(ports["https"])
    check(ask(client) == 200, "no answer")
    time.sleep(5)
    check(ask(client) == 200, "no answer after a pause")
    took, _ = ends(client, 40)
    check(20 < took, f"ended after {took:.1f} s already")


def answers_not_taken(ports, pid):
    """answers that nobody takes do not pile up"""
    before, clients = resident(pid), []
    for i in range(20):
        client = connect_tls(ports["https"], f"127.0.1.{i + 1}")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(0.2)
        clients.append(client)
        try:
            for _ in range(2000):
                client.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        except OSError:
            pass
    grown = (resident(pid) - before) / len(clients)
    check(grown < 640 * 1024, f"{grown / 1024:.0f} KiB a connection")
    for client in clients:
        client.close()


def many_idle(ports, pid, count):
    """thousands of idle connections cost little, and whoever comes then is served"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 200)
    clients, before = [], resident(pid)
    for i in range(count):
        clients.append(connect(ports["http"], f"127.0.{2 + i // 250}.{1 + i % 250}"))
    for client in clients:
        client.sendall(LIVE)
    for client in clients:
        check(client.recv(65536).startswith(b"HTTP/1.1 308"), "no answer")
    time.sleep(1)
    each = (resident(pid) - before) / count
    check(each < IDLE_BYTES_MAX, f"{each:.0f} bytes each")
    print(f"        {count} connections, {each:.0f} bytes each")
    check(ask(connect_tls(ports["https"])) == 200, "no answer beside them")
    for client in clients:
        client.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def one_address(ports, _pid):
    """one address cannot take all connections"""
    clients = [connect(ports["http"], "127.9.9.9") for _ in range(600)]
    let_go = 0
    for client in clients:
        client.settimeout(2)
        try:
            let_go += 1 if ask(client) != 308 else 0
        except (OSError, Failure):
            let_go += 1
        if let_go > 50:
            break
    check(let_go > 50, f"only {let_go} of 600 were let go")
    for client in clients:
        client.close()


def fuzzed(ports, pid, count, build):
    """mutated requests: no crash, no hang, no growth"""
    before = None
    for part in range(2):
        ticket = ports["person"].sign_in("fay", PASSWORD).json["token"]
        made = subprocess.run([f"{build}/http_fuzz", FRONT_SOCKET, str(count // 2), str(part + 1), ticket],
                              capture_output=True, text=True, check=False)
        check(made.returncode == 0, made.stdout[-2000:])
        answered = dict(re.findall(r"^(\d\d\d) (\d+)", made.stdout, re.M))
        check({"101", "200", "400", "401", "422", "431"} <= set(answered), f"somewhere nobody came: {made.stdout}")
        grown = resident(pid) - before if before else 0
        before = resident(pid)
        if part == 1:
            print("        " + " ".join(made.stdout.split("\n")[-8:]) + f"; {grown // 1024} KiB more than at half-time")
            check(grown < 4 * 1024 * 1024, f"grew by {grown} bytes")


def broken_tls(ports, _pid):
    """what is no TLS is closed; old TLS and weak ciphers are refused"""
    client = connect(ports["https"])
    client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    ends(client, 9)
    old, new = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1), ssl.TLSVersion.TLSv1_2
    weak = ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-NULL-SHA", "ADH-AES128-SHA")
    good = "ECDHE-ECDSA-AES128-GCM-SHA256"
    for version, ciphers in [(version, "ALL") for version in old] + [(new, ciphers) for ciphers in (*weak, good)]:
        context = trusting()
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = context.maximum_version = version
        try:
            spoken = context.wrap_socket(connect(ports["https"])).cipher()[0]
        except OSError:
            spoken = None
        check(spoken == (good if ciphers == good else None), f"{version.name} with {ciphers} was {spoken or 'not spoken'}")


def said(test, *more):
    """The test with more arguments, under its own name."""
    def with_more(ports, pid):
        test(ports, pid, *more)
    with_more.__doc__ = test.__doc__
    return with_more


def attempt(test, ports, pid):
    try:
        with Other(ports["https"]):
            test(ports, pid)
        check(os.path.exists(f"/proc/{pid}"), "the front end is gone")
        print(f"ok      {test.__doc__}", flush=True)
        return True
    except Failure as failure:
        print(f"FAILED  {test.__doc__}: {failure}", flush=True)
        return False


def main():
    build = os.path.abspath(sys.argv[1])
    idle = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    fuzz = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    with Box(build) as box:
        box.start_all()
        front = box.start_front()
        ready(box)
        make(box, "fay", "admin")
        person = Web(box.https_port)
        patiently(lambda: person.get("/api/system/ready"))
        person.sign_in("fay", PASSWORD)
        ports, pid = {"http": box.http_port, "https": box.https_port, "person": person}, front.pid
        waiting = [slow_heads, slow_bodies, silent_handshakes, idle_between, slow_handshakes, slow_chunks, slow_messages,
                   slow_readers]
        greedy = [answers_not_taken, broken_tls, one_address, said(many_idle, idle), said(fuzzed, fuzz, build)]
        with concurrent.futures.ThreadPoolExecutor(len(waiting)) as pool:  # who waits need not wait for each other
            found = list(pool.map(lambda test: attempt(test, ports, pid), waiting))
        found += [attempt(test, ports, pid) for test in greedy]
    failed = found.count(False)
    print(f"{len(found) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
