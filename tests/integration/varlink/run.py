#!/usr/bin/python3
"""A Varlink client that is not ours against the real users clerk: tests/integration/varlink/run.py BUILD"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../lib")
from box import SOCKETS, Box  # noqa: E402


def main():
    build = os.path.abspath(sys.argv[1])
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                   "GOCACHE": f"{build}/go-cache", "GOTOOLCHAIN": "local"}
    built = subprocess.run(["go", "build", "-o", f"{build}/varlink-client", f"{HERE}/client.go"], env=environment, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if built.returncode:
        print(built.stdout)
        print("0 passed, 1 failed")
        sys.exit(1)
    with Box(build) as box:
        box.start_all()
        box.change("users", "nas.users.CreateUser", {"username": "alice"})
        done = subprocess.run([f"{build}/varlink-client", SOCKETS["users"], box.root_ticket()], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=180)
    print(done.stdout)
    passed = sum(line.startswith("ok") for line in done.stdout.splitlines())
    failed = sum(line.startswith("FAILED") for line in done.stdout.splitlines()) + (done.returncode != 0)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
