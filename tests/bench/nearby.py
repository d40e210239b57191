"""A client of the trial appliance on the network that it is on: the way through the trial's relay holds back the ends of long answers."""
import json
import subprocess

from machine import ADDRESS, HERE, PASSWORD

CLIENT = """
import http.client, json, ssl, sys, time
link = http.client.HTTPSConnection(sys.argv[1], context=ssl._create_unverified_context(), timeout=120)
proof = {}
for line in sys.stdin:
    method, path, body = json.loads(line)
    begun = time.perf_counter()
    link.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json", **proof})
    reply = link.getresponse()
    text = reply.read()
    took = time.perf_counter() - begun
    if path.endswith("/login"):
        proof = {"Authorization": "Bearer " + json.loads(text)["token"]}
    print(json.dumps([reply.status, took, len(text), reply.getheader("Link")]), flush=True)
"""


class Client:
    """One kept connection, from the network the appliance is on."""

    def __init__(self, machine):
        self.process = subprocess.Popen([f"{HERE}/trial", "lan", "/usr/bin/python3", "-c", CLIENT, ADDRESS], env=machine.env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("POST", "/api/auth/login", {"username": "ada", "password": PASSWORD})

    def ask(self, method, path, body=None):
        print(json.dumps([method, path, body]), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert answer[0] < 300, (method, path, answer)
        return answer


def p99(times):
    """Of seconds, in milliseconds."""
    return sorted(times)[int(len(times) * 0.99)] * 1000
