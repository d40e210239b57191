"""A real nginx before the front end, with the configuration that docs/administration.md tells people to take.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/proxied.py      (make rest builds what it needs)
"""
import grp
import os
import pwd
import re
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, people, start  # noqa: E402
from box import FRONT, TOP, Box, free_ports  # noqa: E402
from streaming import Stream  # noqa: E402
from web import Web  # noqa: E402

NGINX = "/usr/sbin/nginx"
if os.geteuid() != 0 or not os.path.exists(NGINX):
    pytest.skip("SKIP proxied: needs root and nginx", allow_module_level=True)


def documented():
    with open(f"{TOP}/docs/administration.md", encoding="utf-8") as file:
        return re.search(r"```nginx\n(.*?)```", file.read(), re.S).group(1)


def as_documented(folder, port):
    """What people would write, but for the port, the name and where the certificate is."""
    server = documented()
    for line, other in (("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"), ("nas.example.org", "localhost"),
                        ("/etc/ssl/nas", folder)):
        assert server.count(line), line
        server = server.replace(line, other)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return (f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{ }}\n"
            f"http {{ access_log off; {temporary}\n{server} }}")


def start_nginx(folder, groups):
    """As Debian runs it, www-data; groups: besides its own."""
    user = pwd.getpwnam("www-data")
    return subprocess.Popen([NGINX, "-p", folder, "-c", f"{folder}/nginx.conf"], user=user.pw_uid, group=user.pw_gid,
                            extra_groups=[grp.getgrnam(name).gr_gid for name in groups], stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def folder(box):
    made = f"{box.work}/nginx"
    os.mkdir(made)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                    "-keyout", f"{made}/privkey.pem", "-out", f"{made}/fullchain.pem"], check=True, stderr=subprocess.DEVNULL)
    for path in (made, f"{made}/privkey.pem"):
        os.chown(path, pwd.getpwnam("www-data").pw_uid, -1)
    return made


@pytest.fixture(scope="module")
def roles(box):
    return people(box, start(box))


@pytest.fixture(scope="module")
def proxied(box, folder, roles):
    """One who asks by way of nginx."""
    port = free_ports(1)[0]
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(as_documented(folder, port))
    server = start_nginx(folder, ["bulkhead-proxy"])
    web = Web(port)
    try:
        patiently(lambda: web.get("/api/system/ready"))
        yield web
    finally:
        server.terminate()
        server.wait()


def test_a_proxy_outside_of_the_group_gets_nothing(box, folder, roles):
    port = free_ports(1)[0]
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(as_documented(folder, port))
    server = start_nginx(folder, [])
    try:
        patiently(lambda: Web(port).get("/api/system/live"), (502,))
    finally:
        server.terminate()
        server.wait()


def test_pages_and_answers_come_through(proxied, roles):
    ada = proxied.again(token=roles["admin"].token)
    assert proxied.get("/api/users").kind == "unauthenticated"
    assert ada.get("/api/users?limit=2").json == roles["admin"].get("/api/users?limit=2").json
    page = proxied.get("/")
    assert page.status == 200 and page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    again = ada.get("/api/users", **{"If-None-Match": ada.get("/api/users").headers["ETag"]})
    assert again.status == 304
    part = proxied.get("/api/docs/docs.js", Range="bytes=3-9")
    assert part.status == 206 and len(part.text) == 7
    assert ada.ask("POST", "/api/groups", raw=b" " * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}).kind == "too-large"


def test_a_browser_signs_in_and_changes(box, proxied, roles):
    """Origin and cookies are judged by what the browser sees, not by what the socket is."""
    browser = proxied.again()
    patiently(lambda: browser.post("/api/auth/login", {"username": "ada", "password": PASSWORD}))
    assert browser.cookies["session"]
    made = browser.ask("POST", "/api/groups", {"name": "by-proxy"}, browser.as_browser())
    assert made.status == 200, made
    assert browser.ask("POST", "/api/groups", {"name": "no"}, {**browser.as_browser(), "Origin": "https://evil.example"}).status == 403
    assert proxied.get("/api/system/live", Host="evil.example").status == 421


def test_a_client_cannot_say_who_it_is(box, proxied, roles):
    said = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "http"}
    ada = proxied.again(token=roles["admin"].token)
    made = ada.ask("POST", "/api/groups", {"name": "whence"}, said)
    rows = box.psql("select source from ledger.row where request = %s", made.headers["X-Request-Id"])
    assert made.status == 200 and rows and all("127.0.0.1" in row[0] and "192.0.2.7" not in row[0] for row in rows), rows


def test_the_stream_comes_through(box, proxied, roles):
    stream = Stream(proxied.again(token=roles["admin"].token))
    state = stream.of(stream.watch("nas.users.ListGroups"))["state"]
    assert state == roles["admin"].get("/api/groups").json
    assert stream.call("nas.users.CreateGroup", {"name": "streamed"})["result"]["name"] == "streamed"
    assert "streamed" in str(stream.of(1)["patch"])
    stream.close()


def test_who_restarts_is_found_again(box, proxied, roles):
    ada = proxied.again(token=roles["admin"].token)
    assert ada.get("/api/users").status == 200
    box.kill(FRONT)
    assert patiently(lambda: ada.get("/api/users"), (200,)).status == 200
