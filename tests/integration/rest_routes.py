"""Every route of every contract: refused without a ticket and for each role below its own; and its curl example runs.

The routes come from the document that the front end serves, so a new method is tested by being there.
"""
import os
import shlex
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import ROLES, patiently, people, start  # noqa: E402
from people import make  # noqa: E402
from box import Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP rest_routes: the box needs root", allow_module_level=True)


# The password of every example; who tries them has it.
EXAMPLE_PASSWORD = "correct horse battery"


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
def document(web):
    return web.get("/api/openapi.json").json


@pytest.fixture(scope="module")
def everything(document):
    """[(verb, path, operation)] of all routes."""
    return [(verb.upper(), path, operation) for path, verbs in document["paths"].items() for verb, operation in verbs.items()]


@pytest.fixture(scope="module")
def operations(everything):
    """Those of the daemons."""
    found = [one for one in everything if one[2]["tags"] != ["frontEnd"]]
    assert len(found) > 40
    return found


def request_of(operation):
    """(target, body) of the curl example."""
    words = shlex.split(operation["x-codeSamples"][0]["source"])
    body = words[words.index("--data") + 1] if "--data" in words else None
    return words[-1].removeprefix("$BULKHEAD"), body


def ask(who, verb, operation):
    target, body = request_of(operation)
    headers = {"Content-Type": "application/json"} if body else {}
    return who.ask(verb, target, raw=body.encode() if body else None, headers=headers)


def test_without_a_ticket_every_route_is_refused(web, operations):
    for verb, path, operation in operations:
        if operation["x-bulkhead-role"] == "nobody":
            assert operation["security"] == []
            continue
        answer = ask(web, verb, operation)
        assert (answer.status, answer.kind) == (401, "unauthenticated"), (verb, path, answer)


def test_too_low_a_role_is_refused_on_every_route(web, roles, operations):
    refused = 0
    for verb, path, operation in operations:
        needed = operation["x-bulkhead-role"]
        for role in ROLES[:ROLES.index(needed)] if needed != "nobody" else ():
            answer = ask(roles[role], verb, operation)
            assert (answer.status, answer.kind) == (403, "denied"), (role, verb, path, answer)
            assert answer.json["role"] == needed, (role, verb, path, answer)
            refused += 1
    assert refused > 50


def test_the_least_role_is_let_in_to_every_reading(box, web, roles, operations):
    for verb, path, operation in operations:
        needed = operation["x-bulkhead-role"]
        if verb != "GET" or needed == "nobody":
            continue
        answer = ask(roles[needed], verb, operation)
        assert answer.status in (200, 404), (needed, path, answer)


def test_the_curl_example_of_every_reading_runs(box, web, roles, everything):
    make(box, "alice")
    environment = {**os.environ, "TOKEN": roles["admin"].token, "BULKHEAD": web.origin}
    ran = 0
    for verb, path, operation in everything:
        source = operation["x-codeSamples"][0]["source"]
        assert source.startswith("curl ") and ("$TOKEN" in source) == (operation["x-bulkhead-role"] != "nobody")
        if verb != "GET":
            continue
        command = source.replace("curl ", "curl --silent --insecure --write-out '\\n%{http_code}' ", 1)
        done = subprocess.run(["sh", "-c", command], env=environment, stdout=subprocess.PIPE, text=True, check=False)
        status = int(done.stdout.rsplit("\n", 1)[1])
        names = "{" in path or "?" in source # something that need not be there
        assert status == 200 or (names and status == 404), (source, done.stdout)
        ran += 1
    assert ran > 10


def test_the_curl_example_of_every_change_is_understood(box, web, operations):
    """With dry_run where there is such a thing, so that none undoes what the next one needs; each by somebody who has just
    signed in, because some end their session. What they name may not exist; what they say is always well said."""
    answers = {}
    make(box, "exa", "admin", password=EXAMPLE_PASSWORD)
    for verb, path, operation in operations:
        if verb == "GET":
            continue
        who = web.again()
        signed_in = patiently(lambda: who.post("/api/auth/login", {"username": "exa", "password": EXAMPLE_PASSWORD}))
        who.token, who.cookies = signed_in.json["token"], {}
        source = operation["x-codeSamples"][0]["source"]
        if any(given.get("$ref", "").endswith("dry_run") or given.get("name") == "dry_run" for given in operation["parameters"]):
            target = shlex.split(source)[-1].removeprefix("$BULKHEAD")
            source = source.replace(target, f"{target}{'&' if '?' in target else '?'}dry_run=true")
        command = source.replace("curl ", "curl --silent --insecure --write-out '\\n%{http_code}' ", 1)
        done = subprocess.run(["sh", "-c", command], env={**os.environ, "TOKEN": who.token, "BULKHEAD": web.origin},
                              stdout=subprocess.PIPE, text=True, check=False)
        answers[f"{verb} {path}"] = (int(done.stdout.rsplit("\n", 1)[1]), done.stdout[:300])
    wrong = {name: answer for name, answer in answers.items() if answer[0] not in (200, 202, 204, 401, 403, 404, 409)}
    assert not wrong and len(answers) > 20, wrong
    assert sum(answer[0] in (200, 202, 204) for answer in answers.values()) > 10, answers


def test_every_list_takes_what_all_lists_take(document, roles, operations):
    """Also those that page by themselves: but what never comes whole, and those of plain texts."""
    def resolve(schema):
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return schema
    left_out, tried = [], 0
    for verb, path, operation in operations:
        items = resolve(operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {}))
        if verb != "GET" or items.get("type") != "array" or resolve(items["items"]).get("type") != "object":
            continue
        if not any(given.get("$ref", "").endswith("/sort") for given in operation["parameters"]):
            left_out.append(path)
            continue
        fields = resolve(items["items"])["properties"]
        field = next(name for name in fields if resolve(fields[name]).get("type") in ("string", "integer")
                     and "enum" not in resolve(fields[name]))
        target = request_of(operation)[0].split("?")[0]
        for query in (f"fields={field}", f"sort=-{field}&limit=1", "limit=1&offset=0", f"{field}__ne=1"):
            answer = roles["admin"].get(f"{target}?{query}")
            assert answer.status in (200, 404), (path, query, answer)
            assert answer.status == 404 or not answer.json or "fields" not in query or list(answer.json[0]) in ([field], []), answer
            tried += answer.status == 200
    assert sorted(left_out) == ["/api/logging/audit", "/api/services/{id}/logs", "/api/shares/audit",
                                "/api/storage/snapshots/{pool}/{id}/files"] and tried > 60, (left_out, tried)


def test_every_documented_answer_of_a_reading_has_its_fields(document, roles, operations):
    """What is answered is what the document says: each required field is there, nothing unknown."""
    def resolve(schema):
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return schema

    def check(schema, value, where):
        schema = resolve(schema)
        if schema.get("type") == "array":
            assert isinstance(value, list), where
            for item in value[:5]:
                check(schema["items"], item, where)
        elif schema.get("type") == "object" and "properties" in schema:
            missing = set(schema.get("required", ())) - set(value)
            unknown = set(value) - set(schema["properties"])
            assert not missing and not unknown, (where, missing, unknown)
            for name, member in value.items():
                check(schema["properties"][name], member, f"{where}.{name}")
        elif "enum" in schema:
            assert value in schema["enum"], where
    for verb, path, operation in operations:
        if verb != "GET":
            continue
        answer = ask(roles["admin"], verb, operation)
        if answer.status == 200:
            check(operation["responses"]["200"]["content"]["application/json"]["schema"], answer.json, path)
