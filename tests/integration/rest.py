"""REST, whole: the front end, the users daemon with its hand, the monitor and PostgreSQL, as they run on a machine.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/rest.py      (make rest builds what it needs)
"""
import http.client
import os
import re
import sys
import uuid

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import PASSWORD, patiently, people, start  # noqa: E402
from people import PASSWORDS, last_row, ready  # noqa: E402
from box import Box  # noqa: E402
from web import UNCHECKED, Web  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP rest: the box needs root", allow_module_level=True)


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def web(box):
    return start(box)


@pytest.fixture(scope="module")
def roles(box, web):
    return people(box, web)


@pytest.fixture(scope="module")
def ada(roles):
    return roles["admin"]


# --- without a ticket ---

def test_health_needs_no_ticket_and_tells_nothing(web):
    for path in ("/api/system/live", "/api/system/ready", "/api/system/live/"):
        answer = web.get(path)
        assert (answer.status, answer.json) == (200, {"status": "ok"}), answer
    head = web.ask("HEAD", "/api/system/live")
    assert head.status == 200 and head.text == "" and head.headers["Content-Length"] == "15"


def test_it_listens_on_both_kinds_of_addresses(box, web):
    for address, host in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")):
        connection = http.client.HTTPSConnection(address, box.https_port, context=UNCHECKED, timeout=60)
        connection.request("GET", "/api/system/live", headers={"Host": f"{host}:{box.https_port}"})
        assert connection.getresponse().status == 200
        connection.close()


def test_every_answer_is_guarded(web, ada):
    for who, method, path in ((web, "GET", "/api/system/live"), (web, "GET", "/api/users"), (ada, "GET", "/api/users"),
                              (web, "GET", "/api/nothing"), (web, "POST", "/api/auth/login"), (web, "GET", "/"),
                              (web, "GET", "/api/docs/"), (web, "OPTIONS", "/api/users")):
        headers = who.ask(method, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "*" not in policy
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers, "the certificate is our own"
        assert uuid.UUID(headers["X-Request-Id"])
        if path.startswith("/api/") and "docs" not in path:
            assert headers["Cache-Control"] == "no-store"
            assert not (headers["Content-Type"] or "").startswith("text/html")


def test_hosts_and_origins_of_others_are_refused(web, ada):
    assert web.get("/api/system/live", Host="evil.example").kind == "misdirected"
    for host in ("localhost", "127.0.0.1:1", "[::1]", "10.1.2.3"):
        assert web.get("/api/system/live", Host=host).status == 200
    answer = ada.post("/api/groups", {"name": "evil"}, Origin="https://evil.example")
    assert (answer.status, answer.kind) == (403, "denied")
    assert ada.post("/api/auth/describe", {"plan": "x"}, Origin=ada.origin).status == 422
    preflight = web.ask("OPTIONS", "/api/users", headers={"Origin": "https://evil.example",
                                                          "Access-Control-Request-Method": "POST"})
    assert preflight.status == 204 and not any(name.lower().startswith("access-control") for name in preflight.headers)


# --- signing in ---

def test_signing_in_gives_a_ticket_and_cookies(web, roles):
    browser = web.again()
    answer = browser.post("/api/auth/login", {"username": "vera", "password": PASSWORD})
    assert sorted(answer.json) == ["expires", "token", "user"] and answer.json["user"]["username"] == "vera"
    cookies = answer.cookies
    assert sorted(cookies) == ["csrf", "device", "session"]
    for name, (value, attributes) in cookies.items():
        assert value and {"Path=/", "Secure", "SameSite=Strict"} <= set(attributes), (name, attributes)
        assert ("HttpOnly" in attributes) == (name != "csrf")
    assert browser.get("/api/auth/me").json["username"] == "vera"
    token = web.again(token=answer.json["token"])
    assert token.get("/api/auth/me").json == browser.get("/api/auth/me").json


def test_all_wrong_ways_look_the_same(web, roles):
    wrong = [patiently(lambda wish=body: web.again().post("/api/auth/login", wish), (401,)) for body in (
        {"username": "vera", "password": PASSWORDS["wrong"]}, {"username": "nobody-at-all", "password": PASSWORD})]
    for answer in wrong:
        assert (answer.status, answer.kind) == (401, "unauthenticated"), answer
        assert not answer.cookies
    first, second = ({**answer.json, "request": ""} for answer in wrong)
    assert first == second


def test_a_browser_changes_only_from_our_pages(web, roles):
    browser = web.again()
    patiently(lambda: browser.post("/api/auth/login", {"username": "ada", "password": PASSWORD}))
    body = {"name": "by-cookie"}
    for headers in ({}, {"Origin": browser.origin}, {"X-CSRF-Token": browser.cookies["csrf"]},
                    {**browser.as_browser(), "Origin": "https://127.0.0.1.evil.example"},
                    {**browser.as_browser(), "Origin": "null"}, {**browser.as_browser(), "X-CSRF-Token": "0" * 64}):
        answer = browser.ask("POST", "/api/groups", body, headers)
        assert (answer.status, answer.kind) == (403, "denied"), (headers, answer)
    assert browser.ask("POST", "/api/groups", body, browser.as_browser()).status == 200
    assert browser.ask("DELETE", "/api/groups/by-cookie", headers=browser.as_browser()).status == 204


def test_signing_out_ends_session_and_cookies_at_once(web, roles):
    browser = web.again()
    answer = patiently(lambda: browser.post("/api/auth/login", {"username": "vera", "password": PASSWORD}))
    ticket, stolen = web.again(token=answer.json["token"]), web.again()
    stolen.cookies = dict(browser.cookies)
    answer = browser.ask("POST", "/api/auth/logout", headers=browser.as_browser())
    assert answer.status == 204 and sorted(browser.cookies) == ["device"], answer
    assert (ticket.get("/api/auth/me").kind, stolen.get("/api/auth/me").kind) == ("unauthenticated",) * 2
    assert sorted(stolen.cookies) == ["device"], "a session that is over is cleared"


def test_a_session_that_is_over_does_not_keep_from_signing_in(web, roles):
    browser = web.again()
    browser.cookies["session"] = "bhs_1_nonsense"
    assert browser.get("/api/auth/me").status == 401
    browser.cookies["session"] = "bhs_1_nonsense"
    assert patiently(lambda: browser.post("/api/auth/login", {"username": "vera", "password": PASSWORD})).status == 200


def test_refresh_gives_another_ticket(web, roles):
    who = web.again()
    patiently(lambda: who.post("/api/auth/login", {"username": "ursula", "password": PASSWORD}))
    answer = who.ask("POST", "/api/auth/refresh", headers=who.as_browser())
    assert answer.status == 200 and web.again(token=answer.json["token"]).get("/api/auth/me").status == 200


# --- API keys ---

@pytest.fixture(scope="module")
def make_key(ada):
    def make(name, **more):
        answer = ada.change("POST", "/api/auth/keys", {"name": name, "role": "admin", **more}, PASSWORD)
        assert answer.status == 200 and answer.json["secret"].startswith("bhk_"), answer
        return answer.json
    return make


def test_a_key_reads_and_is_taken_back_at_once(web, ada, make_key):
    made = make_key("all of it")
    key = web.again(token=made["secret"])
    assert key.get("/api/auth/me").json["username"] == "ada"
    assert key.ask("POST", "/api/groups", {"name": "by-key"}).status == 200
    assert key.ask("DELETE", "/api/groups/by-key").status == 204
    assert ada.ask("DELETE", f"/api/auth/keys/{made['key']['id']}").status == 204
    assert key.get("/api/auth/me").kind == "unauthenticated"


def test_scopes_of_keys_hold(web, ada, make_key):
    reader = web.again(token=make_key("reads", read_only=True)["secret"])
    assert reader.get("/api/users").status == 200
    answer = reader.post("/api/groups", {"name": "no"})
    assert (answer.status, answer.kind) == (403, "denied") and "only read" in answer.json["detail"]
    assert reader.post("/api/groups?dry_run=true", {"name": "no"}).status == 200
    keeper = web.again(token=make_key("keeps", no_destroy=True)["secret"])
    assert keeper.post("/api/groups", {"name": "kept"}).status == 200
    assert (keeper.ask("DELETE", "/api/users/vera").status, keeper.ask("DELETE", "/api/groups/kept").status) == (403, 204)
    viewer = web.again(token=make_key("sees", role="viewer")["secret"])
    answer = viewer.get("/api/users")
    assert (answer.status, answer.json["role"]) == (403, "operator"), answer


def test_networks_of_keys_hold(box, web, make_key):
    elsewhere = web.again(token=make_key("elsewhere", networks=["192.0.2.0/24"])["secret"])
    here = web.again(token=make_key("here", networks=["127.0.0.0/8", "::1/128"])["secret"])
    assert (elsewhere.get("/api/auth/me").kind, here.get("/api/auth/me").status) == ("unauthenticated", 200)
    assert elsewhere.get("/api/auth/me", **{"X-Forwarded-For": "192.0.2.7"}).status == 401, "nobody believes a stranger"


def test_a_trusted_proxy_is_believed(box, web, make_key):
    """Over the Unix socket: what it says of the client's address and of TLS counts; over TCP nothing of that does."""
    key = make_key("far away", networks=["192.0.2.0/24"])["secret"]
    said = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
    proxy = Web(path="/run/bulkhead/api.sock", headers=said)
    far = Web(path="/run/bulkhead/api.sock", token=key, headers=said)
    assert far.get("/api/auth/me").status == 200
    assert Web(path="/run/bulkhead/api.sock", token=key).get("/api/auth/me").status == 401
    assert far.get("/api/auth/me", **{"X-Forwarded-For": "192.0.3.7"}).status == 401
    assert proxy.get("/api/system/live", **{"X-Forwarded-Host": "evil.example"}).status == 421
    assert proxy.post("/api/auth/login", {}, Origin="https://localhost").status == 422
    assert proxy.post("/api/auth/login", {}, Origin="http://localhost").status == 403
    made = far.ask("POST", "/api/groups", {"name": "from-afar"})
    rows = box.psql("select source from ledger.row where request = %s", made.headers["X-Request-Id"])
    assert made.status == 200 and all("192.0.2.7" in row[0] for row in rows), rows


# --- what is wrong with a request ---

def test_malformed_requests(ada):
    for raw in (b"{", b"[]", b'"x"', b'{"name":"a","name":"b"}', b'{"name":"\xff"}', b"{'name':1}", b'{"name":NaN}',
                b"[" * 30 + b"]" * 30):
        answer = ada.ask("POST", "/api/groups", raw=raw, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.kind) == (400, "malformed"), (raw, answer)
    for target, name in (("/api/users?colour=red", "colour"), ("/api/users?username__like=a", "username__like"),
                         ("/api/users?limit=1&limit=2", "limit"), ("/api/users/ada?dry_run=true", "dry_run"),
                         ("/api/logging/audit?sort=id", "sort")):
        answer = ada.get(target)
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, name), answer


def test_what_is_huge_is_refused(web, ada):
    """Each by its own status, with or without a ticket, and the connection is not needed any more."""
    for who in (web, ada):
        for answer, status in ((who.get("/api/users?fields=" + "a" * 5000), 414),
                                     (who.get("/api/users", **{"X-Long": "a" * 40000}), 431),
                                     (who.get("/api/users", **{f"X-{i}": "a" for i in range(90)}), 431)):
            assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer
            assert answer.json["status"] == status and answer.json["detail"] and answer.headers["Connection"] == "close", answer
    assert ada.get("/api/users").status == 200


def test_wrong_values(ada):
    for body, field in (({"name": "Not A Name"}, "name"), ({}, "name"), ({"name": 3}, "name"), ({"name": None}, "name"),
                        ({"name": "x", "more": 1}, "more"), ({"name": "x", "caller": {}}, "caller")):
        answer = ada.post("/api/groups", body)
        assert (answer.status, answer.kind, answer.json["errors"][0]["field"]) == (422, "invalid", field), answer
    for target, field in (("/api/users?limit=x", "limit"), ("/api/users?role=king", "role"),
                          ("/api/jobs/x", "id"), ("/api/jobs/0", "id"), ("/api/users?sort=nothing", "sort")):
        answer = ada.get(target)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field), answer


def test_other_refusals(web, ada):
    assert ada.get("/api/users/nobody-at-all").kind == "not-found"
    assert ada.get("/api/nothing").kind == web.get("/nothing").kind == "not-found"
    answer = ada.ask("PATCH", "/api/users", {})
    assert (answer.kind, answer.headers["Allow"]) == ("method-not-allowed", "GET, HEAD, POST, OPTIONS")
    options = web.ask("OPTIONS", "/api/users/ada")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, PATCH, DELETE, OPTIONS")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        answer = ada.ask("POST", "/api/groups", raw=b'{"name":"x"}', headers={"Content-Type": kind})
        assert (answer.status, answer.kind) == (415, "media-type"), answer
    typed = {"Content-Type": "application/json"}
    assert ada.ask("POST", "/api/groups", raw=b" " * (1024 * 1024 + 1), headers=typed).kind == "too-large"
    assert web.ask("POST", "/api/auth/login", raw=b" " * 8193, headers=typed).kind == "too-large"
    assert web.ask("POST", "/api/groups", {"name": "x"}).kind == "unauthenticated"


# --- lists ---

def test_lists_are_filtered_sorted_and_cut(ada):
    everybody = ada.get("/api/users")
    assert everybody.headers["X-Total-Count"] == str(len(everybody.json))
    names = [user["username"] for user in everybody.json]
    answer = ada.get("/api/users?sort=-username&fields=username,role")
    assert answer.json == [{"username": user["username"], "role": user["role"]} for user in
                           sorted(everybody.json, key=lambda user: user["username"], reverse=True)]
    assert [user["username"] for user in ada.get("/api/users?role__in=admin,operator&sort=username").json] == ["ada", "otto"]
    assert [user["username"] for user in ada.get("/api/users?role__gte=operator&username__ne=ada").json] == ["otto"]
    assert ada.get("/api/users?username__prefix=ve").json[0]["username"] == "vera"
    assert ada.get("/api/users?limit=1&offset=1").json[0]["username"] == names[1]
    seen, target = [], "/api/users?limit=2&sort=-id"
    while target:
        page = ada.get(target)
        assert page.headers["X-Total-Count"] == str(len(names)) and len(page.json) <= 2
        seen += [user["id"] for user in page.json]
        target = page.links().get("next")
    assert seen == sorted((user["id"] for user in everybody.json), reverse=True)


def test_the_ledger_pages_by_itself(ada):
    page = ada.get("/api/logging/audit?limit=3&method=nas.users.CreateUser")
    assert len(page.json) == 3 and all(row["method"] == "nas.users.CreateUser" for row in page.json)
    following = ada.get(page.links()["next"])
    assert following.json and following.json[0]["id"] < page.json[-1]["id"]


# --- versions ---

def test_what_has_not_changed_is_not_sent_again(ada):
    for path in ("/api/users", "/api/users/vera", "/api/openapi.json", "/api/docs/docs.js"):
        first = ada.get(path)
        assert first.status == 200 and first.headers["ETag"], first
        again = ada.get(path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", first.headers["ETag"])
        assert ada.get(path, **{"If-None-Match": '"another"'}).status == 200


def test_a_change_can_be_meant_for_one_version(ada):
    version = ada.get("/api/users/vera").headers["ETag"]
    other = ada.ask("PATCH", "/api/users/vera", {"full_name": "Vera Lynn"}, {"If-Match": '"0123"'})
    assert (other.status, other.kind, other.json["errors"][0]["field"]) == (412, "precondition-failed", "If-Match")
    assert ada.ask("PATCH", "/api/users/vera", {"full_name": "Vera Lynn"}, {"If-Match": version}).status == 200
    late = ada.ask("PATCH", "/api/users/vera", {"full_name": "Somebody"}, {"If-Match": version})
    assert late.kind == "precondition-failed" and ada.get("/api/users/vera").json["full_name"] == "Vera Lynn"
    assert ada.ask("PATCH", "/api/users/vera", {"full_name": "Vera L."}, {"If-Match": "*"}).status == 200
    packed = ada.get("/api/users/vera").headers["ETag"][:-1] + '-gzip"'  # as a browser may have it
    assert ada.ask("PATCH", "/api/users/vera", {"full_name": "Vera M."}, {"If-Match": packed}).status == 200
    assert ada.ask("PATCH", "/api/users/vera", {"full_name": "x"}, {"If-Match": 'W/"1"'}).kind == "malformed"


# --- changes ---

def test_a_dry_run_shows_the_plan_and_changes_nothing(box, ada):
    before, accounts = last_row(box), box.accounts()
    plan = ada.post("/api/users?dry_run=true", {"username": "not-yet", "password": PASSWORDS["changed"]})
    assert plan.status == 200 and len(plan.json["digest"]) == 64 and "useradd" in plan.text
    assert PASSWORDS["changed"] not in plan.text
    assert (box.accounts(), last_row(box)) == (accounts, before)


def test_destroying_needs_a_warrant_for_exactly_this(ada):
    assert ada.post("/api/users", {"username": "doomed"}).status == 200
    assert ada.post("/api/users", {"username": "spared"}).status == 200
    answer = ada.ask("DELETE", "/api/users/doomed")
    assert (answer.status, answer.kind) == (403, "confirmation-required")
    plan = answer.json["plan"]
    assert plan["destroys"] and plan["warrant"] and any("userdel" in step["literal"] for step in plan["steps"])
    wish = {"digest": plan["digest"], "plan": plan["plan"]}
    wrong = ada.post("/api/auth/confirm", {**wish, "password": PASSWORDS["wrong"]})
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "password"), wrong
    warrant = patiently(lambda: ada.post("/api/auth/confirm", {**wish, "password": PASSWORD})).json["warrant"]
    assert ada.ask("DELETE", "/api/users/spared", headers={"Warrant": warrant}).kind == "confirmation-required"
    assert ada.ask("DELETE", "/api/users/doomed", headers={"Warrant": warrant}).status == 204
    assert ada.get("/api/users/doomed").kind == "not-found"
    assert ada.post("/api/users", {"username": "doomed"}).status == 200
    assert ada.ask("DELETE", "/api/users/doomed", headers={"Warrant": warrant}).status == 403, "good once"


def test_a_conflict_names_what_holds_it(ada):
    assert ada.post("/api/groups", {"name": "taken"}).status == 200
    answer = ada.post("/api/groups", {"name": "taken"})
    assert (answer.status, answer.kind) == (409, "conflict") and "taken" in answer.json["detail"]


def test_the_same_key_does_it_once_even_over_restarts(box, web, ada):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = ada.ask("POST", "/api/groups", {"name": "once"}, key)
    assert first.status == 200
    again = ada.ask("POST", "/api/groups", {"name": "once"}, key)
    assert (again.status, again.json) == (200, first.json)
    other = ada.ask("POST", "/api/groups", {"name": "twice"}, key)
    assert (other.kind, other.json["errors"][0]["field"]) == ("conflict", "Idempotency-Key")
    box.kill("api")
    box.kill("users-clerk")
    ready(box)
    later = patiently(lambda: ada.ask("POST", "/api/groups", {"name": "once"}, key))
    assert (later.status, later.json) == (200, first.json)
    short = ada.ask("POST", "/api/groups", {"name": "short"}, {"Idempotency-Key": "short"})
    assert (short.status, short.json["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_long_work_is_a_job(ada):
    csv = "username,full name,role,groups\n" + "".join(f"bulk{number},,user,\n" for number in range(3))
    answer = ada.change("POST", "/api/users/import", {"csv": csv}, PASSWORD)
    assert answer.status == 202 and answer.headers["Location"] == f"/api/jobs/{answer.json['job']}", answer

    def over():
        job = ada.get(answer.headers["Location"])
        assert job.status == 200, job
        return job if job.json["state"] not in ("waiting", "running") else type("", (), {"status": 0})
    job = patiently(over).json
    assert (job["state"], job["method"], job["id"]) == ("success", "nas.users.ImportUsers", answer.json["job"]), job
    assert job["id"] in [one["id"] for one in ada.get("/api/jobs").json]
    assert [one["method"] for one in ada.get("/api/jobs?limit=1").json] == ["nas.users.ImportUsers"]
    assert ada.get("/api/users/bulk2").status == 200
    assert ada.get("/api/jobs/9007199254740991").kind == "not-found"
    assert ada.post(f"/api/jobs/{job['id']}/abort").kind in ("conflict", "not-found")


def test_a_request_leads_to_its_row_in_the_ledger(box, ada):
    wanted = str(uuid.uuid4())
    answer = ada.ask("POST", "/api/groups", {"name": "traced"}, {"X-Request-Id": wanted})
    assert answer.headers["X-Request-Id"] == wanted
    rows = box.psql("select kind::text, object, source from ledger.row where request = %s order by id", wanted)
    assert [row[0] for row in rows] == ["intent", "outcome"] and "127.0.0.1" in rows[0][2], rows
    made = ada.ask("POST", "/api/groups", {"name": "traced"})
    assert made.json["request"] == made.headers["X-Request-Id"]
    assert box.psql("select kind::text from ledger.row where request = %s", made.headers["X-Request-Id"]) == [("refusal",)]
    assert f"request {wanted}" in box.processes["api"].output()


# --- documents ---

def test_documents(web):
    document = web.get("/api/openapi.json").json
    assert document["openapi"] == "3.1.0" and "/api/users/{username}" in document["paths"]
    assert web.get("/api/types.ts").text.startswith("// Made by ipc-compiler")
    names = web.get("/api/contracts").json
    assert {"nas.users", "nas.error", "nas.job", "nas.monitor"} <= set(names)
    with open(os.path.join(os.path.dirname(__file__), "../../ipc/nas.users.varlink"), encoding="utf-8") as file:
        assert web.get("/api/contracts/nas.users").text == file.read()
    for path, kind in (("/", "text/html"), ("/api/docs", "text/html"), ("/api/docs/", "text/html"),
                       ("/api/docs/errors", "text/html"), ("/api/docs/docs.js", "text/javascript")):
        answer = web.get(path)
        assert answer.status == 200 and answer.headers["Content-Type"].startswith(kind), answer
        assert "http://" not in answer.text and "https://" not in answer.text, "readable without other machines"
    part = web.get("/api/docs/docs.js", Range="bytes=3-9")
    assert (part.status, part.headers["Content-Range"].split("/")[0]) == (206, "bytes 3-9")
    assert web.get("/api/docs/../../etc/passwd").status in (400, 404)
    assert web.get("/api/docs/nothing").kind == "not-found"


def test_every_problem_is_explained(web):
    """The type of a problem leads to a page that has it."""
    page, document = web.get("/api/docs/errors").text, web.get("/api/openapi.json").json
    kinds = {answer["content"]["application/problem+json"]["example"]["type"].split("#")[1]
             for name, answer in document["components"]["responses"].items() if name.startswith("problem4") or
             name.startswith("problem5")}
    names = set(re.findall(r'"([a-z-]+)"', web.get("/api/types.ts").text.split("ErrorName =")[1].split(";")[0])) - {"unknown"}
    assert len(kinds) > 10 and len(names) > 20 and kinds <= names
    for kind in names:
        assert f'<dt id="{kind}">' in page, kind


def test_plain_http_only_shows_the_way(box):
    plain = Web(box.http_port, tls=False)
    answer = plain.get("/api/users?limit=1", Host="localhost")
    assert answer.status == 308 and answer.headers["Location"] == f"https://localhost:{box.https_port}/api/users?limit=1", answer
    assert Web(box.https_port).get(answer.headers["Location"].split(str(box.https_port))[1]).status == 401, "that is where it is"
    assert plain.ask("POST", "/api/auth/login", {"username": "x", "password": "y"}).status in (308, 403, 405)


def test_plain_http_at_the_port_for_https_is_told_so(box, web):
    plain = Web(box.https_port, tls=False)
    for answer in (plain.get("/api/system/live"), plain.post("/api/auth/login", {"username": "ada", "password": PASSWORD})):
        assert (answer.status, answer.kind) == (400, "malformed") and "https" in answer.json["detail"], answer
        assert answer.headers["Connection"] == "close" and not answer.headers["Set-Cookie"]
    assert web.get("/api/system/live").status == 200


def test_no_secret_is_in_any_log(box, web, ada, roles):
    secrets = [PASSWORD, *PASSWORDS.values(), ada.token, *(who.token for who in roles.values()), "bhk_", "bhs_", "bhw1_"]
    for name, process in box.processes.items():
        said = process.output()
        for secret in secrets:
            assert secret not in said, name
