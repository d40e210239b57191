"""A plain HTTP client of the front end for tests: it sends exactly what it is told and shows exactly what came."""
import http.client
import json
import socket
import ssl

COOKIE = "__Host-bulkhead-"
# One for all, and no authority in it: reading those of the machine anew costs more than a request.
UNCHECKED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNCHECKED.check_hostname, UNCHECKED.verify_mode = False, ssl.CERT_NONE


class Answer:
    def __init__(self, raw):
        self.status, self.text = raw.status, raw.read().decode("utf-8", "replace")
        self.headers, self.raw = raw.headers, raw

    @property
    def json(self):
        return json.loads(self.text) if self.text else None

    @property
    def kind(self):
        """The end of a problem's type."""
        assert self.headers["Content-Type"] == "application/problem+json", (self.status, self.headers, self.text)
        problem = self.json
        assert problem["status"] == self.status and problem["title"] and problem["detail"] and problem["next"], problem
        return problem["type"].split("#")[1]

    @property
    def cookies(self):
        """{name: (value, attributes)} of what was set."""
        found = {}
        for line in self.headers.get_all("Set-Cookie") or []:
            pair, *attributes = line.split("; ")
            name, value = pair.split("=", 1)
            found[name.removeprefix(COOKIE)] = (value, attributes)
        return found

    def links(self):
        """{rel: target} of Link."""
        found = {}
        for part in (self.headers["Link"] or "").split(", "):
            if part:
                target, rel = part.split("; ")
                found[rel[5:-1]] = target[1:-1]
        return found

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.text[:2000]}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Web:
    """One who asks. token: a ticket or key; else cookies, which are kept as a browser would."""

    def __init__(self, port=None, path=None, token=None, tls=True, timeout=60, headers=None):
        self.port, self.path, self.tls, self.timeout = port, path, tls, timeout
        self.token, self.cookies, self.headers = token, {}, headers or {}

    def connection(self):
        if self.path:
            return UnixConnection(self.path, self.timeout)
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.timeout, context=UNCHECKED)

    def again(self, **other):
        """The same place, asked by somebody else."""
        return Web(self.port, self.path, tls=self.tls, timeout=self.timeout, **other)

    @property
    def origin(self):
        return f"https://127.0.0.1:{self.port}" if self.tls else f"http://127.0.0.1:{self.port}"

    def as_browser(self):
        """The headers that a page of ours would send with a change."""
        return {"Origin": self.origin, "X-CSRF-Token": self.cookies.get("csrf", "")}

    def ask(self, method, target, body=None, headers=None, raw=None):
        """body: sent as JSON; raw: bytes as they are."""
        sent = {**self.headers}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{COOKIE}{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            raw, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = self.connection()
        try:
            connection.request(method, target, body=raw, headers=sent)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for name, (value, attributes) in answer.cookies.items():
            if value and "Max-Age=0" not in attributes:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def get(self, target, **headers):
        return self.ask("GET", target, headers=headers)

    def post(self, target, body=None, **headers):
        return self.ask("POST", target, body, headers)

    def sign_in(self, username, password, code=None):
        """Signs in and goes on with the ticket alone, as a script does."""
        answer = self.post("/api/auth/login", {"username": username, "password": password,
                                               **({"code": code} if code else {})})
        assert answer.status == 200, answer
        self.token, self.cookies = answer.json["token"], {}
        return answer

    def change(self, method, target, body=None, password=None, headers=None):
        """A change; where a warrant is asked for, the plan is confirmed with the password."""
        answer = self.ask(method, target, body, headers)
        if answer.status != 403 or answer.kind != "confirmation-required":
            return answer
        plan = answer.json["plan"]
        confirmed = self.post("/api/auth/confirm", {"digest": plan["digest"], "plan": plan["plan"], "password": password})
        assert confirmed.status == 200, confirmed
        return self.ask(method, target, body, {**(headers or {}), "Warrant": confirmed.json["warrant"]})
