#!/usr/bin/python3
"""Hostile request heads, several hundred, by family: each must be refused by our reader with the status that its family
says, also through the server, where what is smuggled behind it must stay unanswered; and what nginx refuses we refuse
too, of them and of honest heads with one fault.

    heads.py BUILD [-v] [-n ALTERED]        nginx runs on loopback, in a folder of its own"""
import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from heads_families import HONEST, REASONS, altered, families  # noqa: E402

SMUGGLED = b"GET /counts HTTP/1.1\r\nHost: a\r\n\r\n"


def ask_ours(build, heads):
    given = b"".join(b"%d\n%s" % (len(head), head) for head in heads)
    made = subprocess.run([f"{build}/heads"], input=given, stdout=subprocess.PIPE, check=True)
    return [int(line.split()[0]) for line in made.stdout.decode("utf-8", "replace").strip().split("\n")]


def converse(client, given):
    """All that comes back; b"" too when it is cut off before a word."""
    got = b""
    with client:
        client.settimeout(10)
        try:
            client.sendall(given)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough; its answer may still be there
        try:
            while piece := client.recv(65536):
                got += piece
        except OSError:
            pass
    return got


def connect(where):
    if isinstance(where, int):
        return socket.create_connection(("127.0.0.1", where), 10)
    client = socket.socket(socket.AF_UNIX)
    client.connect(where)
    return client


def wait_for(where):
    for _ in range(400):
        try:
            connect(where).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nobody answers at {where}")


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d) ", answer) if status != b"100"]


def with_body(head):
    chunked = re.search(rb"(?i)\ntransfer-encoding", head) is not None
    return head + (b"5\r\nhello\r\n0\r\n\r\n" if chunked else b"hello")


# --- nginx ---

def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_nginx(folder, port):
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
            events {{ worker_connections 512; }}
            http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
                    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; large_client_header_buffers 4 8k;
                    client_header_timeout 2s; client_max_body_size 0;
                    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} }} }}""")
    server = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
    wait_for(port)
    return server


def ask_nginx(port, head):
    """Its status; 0: it closed without a word."""
    got = statuses(converse(connect(port), with_body(head)))
    return got[0] if got else 0


def is_head_only(head):
    """What was put behind its end is a malformed body, which is another's to refuse."""
    return head.index(b"\r\n\r\n", 2) + 4 == len(head)


def lax_beside(port, heads):
    """Those that nginx refuses; a failed precondition is an answer. It knows no OPTIONS for the whole server, which RFC
    9112, 3.2.4 has."""
    return [(theirs, head) for head in heads if (theirs := ask_nginx(port, head)) not in (200, 412) and b" * HTTP" not in head]


# --- the checks: each gives its failures ---

def refused_by_reader(cases, ours):
    return [f"{family}: {got} instead of {sorted(right)}: {head[:120]!r}"
            for (family, right, head), got in zip(cases, ours) if got not in right]


def refused_by_server(build, cases):
    """One answer, the right one, and an end."""
    folder = tempfile.mkdtemp(prefix="bulkhead-heads-")
    where = f"{folder}/s"
    server = subprocess.Popen([f"{build}/bench/http_demo", where])
    wrong = []
    try:
        wait_for(where)
        for family, right, head in cases:
            got = statuses(converse(connect(where), head + SMUGGLED))
            if len(got) != 1 or got[0] not in right:
                wrong.append(f"{family}: {got} instead of one of {sorted(right)}: {head[:120]!r}")
        if statuses(converse(connect(where), HONEST[0] + SMUGGLED)) != [200, 200]:
            wrong.append("the server does not serve any more")
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)
    return wrong


class Sum:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, what, wrong):
        for line in wrong[:40]:
            print(f"FAILED  {line}")
        print(f"{'FAILED' if wrong else 'ok'}      {what}", flush=True)
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)

    def skip(self, what):
        print(f"SKIP    {what}")
        self.skipped += 1


def beside_nginx(found, asked, cases, ours):
    folder = tempfile.mkdtemp(prefix="bulkhead-nginx-")
    port = free_port()
    server = start_nginx(folder, port)
    stricter = {}
    try:
        changed = list(dict.fromkeys(altered(random.Random(asked.seed), asked.altered)))
        taken = [head for head, got in zip(changed, ask_ours(asked.build, changed)) if got == 200 and is_head_only(head)]
        lax = lax_beside(port, taken + [head for (_, _, head), got in zip(cases, ours) if got == 200])
        for family, _, head in cases:
            if ask_nginx(port, head) == 200:
                stricter.setdefault(family, []).append(head)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)
    found.say(f"whatever nginx refuses is refused here: {len(cases)} hostile heads, and the {len(taken)} of {len(changed)} altered "
              "honest ones that are taken", [f"nginx answers {theirs} to {head!r}" for theirs, head in lax])
    found.say(f"stricter than nginx in {sum(map(len, stricter.values()))}, each family with its reason",
              [f"no reason is given for {family}: {heads[0]!r}" for family, heads in stricter.items() if family not in REASONS])
    if asked.verbose:
        for family, heads in stricter.items():
            print(f"        {len(heads):3d} {family}: {REASONS.get(family)}")
            print("            " + " ".join(repr(head[:60]) for head in heads[:3]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("-n", "--altered", type=int, default=2000, help="altered heads of each honest one")
    parser.add_argument("--seed", type=int, default=9112)
    asked = parser.parse_args()
    cases, found = list(families()), Sum()
    ours = ask_ours(asked.build, [head for _, _, head in cases])
    found.say(f"{len(cases)} hostile heads are refused as they should be", refused_by_reader(cases, ours))
    found.say("honest ones are not", [repr(head) for head, got in zip(HONEST, ask_ours(asked.build, HONEST)) if got != 200])
    found.say("through the server: one answer to each, and nothing of what is smuggled behind it", refused_by_server(asked.build, cases))
    if shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        beside_nginx(found, asked, cases, ours)
    else:
        found.skip("whatever nginx refuses is refused here: nginx is not installed")
        found.skip("stricter than nginx, each family with its reason: nginx is not installed")
    print(f"{found.passed} passed, {found.failed} failed, {found.skipped} skipped")
    return found.failed != 0


if __name__ == "__main__":
    sys.exit(main())
