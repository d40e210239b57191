"""A daemon for tests of the stream: one list that the test sets, watched over Varlink, in a thread of the test.

    meadow = Meadow(box); meadow.set([{"id": 1, "name": "a"}]); meadow.watchers; meadow.stop()
"""
import json
import os
import shutil
import socket
import threading

CONTRACT = """# Sheep on a meadow.
interface nas.meadow

type Sheep (
  id: int,
  # @max 64
  name: ?string,
  # @max 1048576
  wool: ?string
)

# All sheep.
# @http GET /api/sheep
# @role viewer
# @more
method ListSheep(
  # @range 1 1000
  limit: ?int
) -> (
  # @max 10000
  sheep: []Sheep
)
"""


class Meadow:
    def __init__(self, box, folder, sheep=()):
        self.path, self.sheep, self.lock, self.open = "/run/bulkhead/meadow.sock", list(sheep), threading.Lock(), []
        self.connections = set()
        self.tickets, self.hangs, self.threads = [], False, []
        with open(f"{folder}/nas.meadow.varlink", "w", encoding="utf-8") as file:
            file.write(CONTRACT)
        os.chmod(file.name, 0o644)
        self.start()

    def start(self):
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.path)
        shutil.chown(self.path, "root", "bulkhead-callers")
        os.chmod(self.path, 0o660)
        self.listening.listen(64)
        self.begin(self.accept, self.listening)

    def begin(self, target, argument):
        thread = threading.Thread(target=target, args=(argument,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def stop(self):
        """Gone, with all its threads: who leaves a mount namespace must be alone."""
        os.unlink(self.path)
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        with self.lock:
            for connection in self.connections:
                connection.shutdown(socket.SHUT_RDWR)
            self.open = []
        for thread in self.threads:
            thread.join()
        self.threads = []

    def accept(self, listening):
        while True:
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            self.begin(self.serve, connection)

    def serve(self, connection):
        data = b""
        while True:
            try:
                more = connection.recv(65536)
            except OSError:
                more = b""
            if not more:
                break
            data += more
            while b"\0" in data:
                message, data = data.split(b"\0", 1)
                self.answer(connection, json.loads(message))
        with self.lock:
            if connection in self.open:
                self.open.remove(connection)
            self.connections.remove(connection)
        connection.close()

    def answer(self, connection, message):
        if self.hangs:
            return
        if message["method"] == "org.varlink.service.GetInfo":
            self.say(connection, {"parameters": {"vendor": "", "product": "", "version": "", "url": "", "interfaces": []}})
            return
        if not message["method"].startswith("nas.meadow."):
            self.say(connection, {"error": "org.varlink.service.InterfaceNotFound", "parameters": {"interface": "x"}})
            return
        self.tickets.append(message["parameters"]["caller"]["ticket"])
        with self.lock:
            self.say(connection, {"parameters": {"sheep": self.sheep}, "continues": bool(message.get("more"))})
            if message.get("more"):
                self.open.append(connection)

    @staticmethod
    def say(connection, message):
        connection.sendall(json.dumps(message).encode() + b"\0")

    @property
    def watchers(self):
        with self.lock:
            return len(self.open)

    def tell(self, patch, sheep):
        with self.lock:
            self.sheep = sheep
            for connection in self.open:
                self.say(connection, {"parameters": {"patch": patch}, "continues": True})

    def name(self, at, name):
        """Another name for one sheep."""
        sheep = json.loads(json.dumps(self.sheep))
        sheep[at]["name"] = name
        self.tell([{"op": "add", "path": f"/sheep/{at}/name", "value": name}], sheep)

    def wool(self, at, wool):
        sheep = json.loads(json.dumps(self.sheep))
        sheep[at]["wool"] = wool
        self.tell([{"op": "add", "path": f"/sheep/{at}/wool", "value": wool}], sheep)
