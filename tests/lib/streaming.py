"""A client of /api/stream for tests: WebSocket by hand, so that it can also be slow, rude and wrong."""
import base64
import json
import os
import socket
import struct
import time

from web import UNCHECKED

PATIENCE = 60


class Closed(Exception):
    """The other side closed: .code and .words."""

    def __init__(self, code, words):
        super().__init__(f"closed: {code} {words}")
        self.code, self.words = code, words


class Refused(Exception):
    """No 101: .status and .text."""

    def __init__(self, status, text):
        super().__init__(f"refused: {status} {text}")
        self.status, self.text = status, text


class Stream:
    """web: a Web (its token or cookies are used). headers: more of them, or None to leave one out."""

    def __init__(self, web, headers=None, receive=None):
        self.data, self.messages, self.ids = b"", [], 0
        raw = socket.socket(socket.AF_UNIX if web.path else socket.AF_INET)
        raw.settimeout(PATIENCE)
        if receive: # before it connects, so that the window is small from the beginning
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        raw.connect(web.path or ("127.0.0.1", web.port))
        self.socket = raw
        if web.tls and not web.path:
            self.socket = UNCHECKED.wrap_socket(raw)
        sent = {"Host": "localhost" if web.path else f"127.0.0.1:{web.port}", "Upgrade": "websocket",
                "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode()}
        if web.token:
            sent["Authorization"] = f"Bearer {web.token}"
        if web.cookies:
            sent["Cookie"] = "; ".join(f"__Host-bulkhead-{name}={value}" for name, value in web.cookies.items())
            sent["Origin"] = web.origin
        sent.update(headers or {})
        lines = [f"{name}: {value}" for name, value in sent.items() if value is not None]
        self.socket.sendall("\r\n".join(["GET /api/stream HTTP/1.1", *lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.data:
            self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        status = int(self.head.split()[1])
        if status != 101:
            raise Refused(status, self.head + self.data.decode("utf-8", "replace"))

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise Closed(1006, "")
        self.data += got

    # --- frames ---

    def frame(self, payload, opcode=1, fin=True, masked=True, rsv=0):
        mask = os.urandom(4)
        first = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        bit, length = 0x80 if masked else 0, len(payload)
        if length < 126:
            size = bytes([bit | length])
        elif length < 65536:
            size = bytes([bit | 126]) + struct.pack(">H", length)
        else:
            size = bytes([bit | 127]) + struct.pack(">Q", length)
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
        return first + size + (mask if masked else b"") + body

    def send_raw(self, data):
        self.socket.sendall(data)

    def take(self, length):
        while len(self.data) < length:
            self.more()
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def receive(self, seconds=PATIENCE):
        """The next message; pings are answered."""
        until = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            first, second = self.take(2)
            assert first & 0x70 == 0 and second & 0x80 == 0, "a server's frame: no extension, no mask"
            length = second & 0x7f
            if length >= 126:
                length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
            payload = self.take(length)
            if first & 0xf == 8:
                raise Closed(int.from_bytes(payload[:2], "big"), payload[2:].decode())
            if first & 0xf == 9:
                self.send_raw(self.frame(payload, opcode=10))
            elif first & 0xf == 1:
                return json.loads(payload)

    def nothing(self, seconds):
        """No message comes for so long."""
        try:
            message = self.receive(seconds)
        except (socket.timeout, TimeoutError):
            return
        raise AssertionError(message)

    def close(self):
        self.socket.close()

    # --- messages ---

    def say(self, message):
        self.send_raw(self.frame(json.dumps(message).encode()))

    def of(self, number, wanted=lambda message: True, seconds=PATIENCE):
        """The next message with that id (None: without) that is wanted; others are kept for later."""
        until = time.monotonic() + seconds
        while True:
            for at, message in enumerate(self.messages):
                if message.get("id") == number and wanted(message):
                    return self.messages.pop(at)
            self.messages.append(self.receive(max(0.01, until - time.monotonic())))

    def watch(self, method, params=None, **more):
        """Begins a watch; its id."""
        self.ids += 1
        self.say({"id": self.ids, "watch": method, **({"params": params} if params is not None else {}), **more})
        return self.ids

    def call(self, method, params=None, **more):
        """The final answer of a call; what came before it is in .told."""
        self.ids += 1
        self.say({"id": self.ids, "call": method, **({"params": params} if params is not None else {}), **more})
        self.told = []
        while True:
            message = self.of(self.ids)
            if "result" in message or "error" in message:
                return message
            self.told.append(message)


def follow(state, message):
    """The state after a message, by the rules of JSON Patch."""
    if "state" in message:
        return message["state"]
    state = json.loads(json.dumps(state))
    for step in message.get("patch", []):
        state = apply(state, step)
    return state


def parts(pointer):
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def find(state, path):
    for part in path:
        state = state[int(part)] if isinstance(state, list) else state[part]
    return state


def take_out(state, path):
    holder = find(state, path[:-1])
    return holder.pop(int(path[-1])) if isinstance(holder, list) else holder.pop(path[-1])


def put_in(state, path, value, replace):
    if not path:
        return value
    holder, last = find(state, path[:-1]), path[-1]
    if not isinstance(holder, list):
        assert not replace or last in holder
        holder[last] = value
    elif replace:
        holder[int(last)] = value
    else:
        holder.insert(len(holder) if last == "-" else int(last), value)
    return state


def apply(state, step):
    path = parts(step["path"])
    if step["op"] == "remove":
        take_out(state, path)
        return state
    if step["op"] == "test":
        assert find(state, path) == step["value"]
        return state
    if step["op"] in ("move", "copy"):
        source = parts(step["from"])
        value = take_out(state, source) if step["op"] == "move" else json.loads(json.dumps(find(state, source)))
        return put_in(state, path, value, False)
    return put_in(state, path, step["value"], step["op"] == "replace")
