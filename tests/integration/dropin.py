"""A module dropped in: its contract and a socket, nothing else. It is reached over REST, with routes, checks, roles and
problems as the rest has them, and stands in every document, without a line of the front end changed."""
import json
import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front import TOP, patiently, people, start  # noqa: E402
from box import SHARED, Box  # noqa: E402
from streaming import Stream, follow  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP dropin: the box needs root", allow_module_level=True)

CONTRACT = """# Toys in a box.
interface nas.toys

type Colour (red, green, blue)

# One toy.
type Toy (
  id: int,
  # @is label
  name: string,
  colour: Colour
)

# All toys.
# @http GET /api/toys
# @role viewer
# @more
method ListToys() -> (
  # @max 100
  toys: []Toy
)

# One toy.
# @http GET /api/toys/{id}
# @role viewer
method GetToy(
  # @range 1 1000
  id: int
) -> (toy: Toy)

# Paint a toy.
# @http PATCH /api/toys/{id}
# @role operator
# @plan
method PaintToy(
  # @range 1 1000
  id: int,
  colour: Colour
) -> (toy: Toy)
"""

# What a later version of that contract has more.
MORE = """
# Call a toy something else.
# @http PUT /api/toys/{id}/name
# @role operator
method NameToy(
  # @range 1 1000
  id: int,
  # @is label
  name: string
) -> (toy: Toy)
"""

# Each is left out, with a line in the log, and takes nothing away.
BAD = {
    "nas.shadow": "# @http GET /api/users/special\n# @role nobody\nmethod Steal() -> (good: bool)\n",
    "nas.again": "# @http GET /api/users\n# @role nobody\nmethod Steal() -> (good: bool)\n",
    "nas.norole": "# @http GET /api/norole\nmethod Open() -> (good: bool)\n",
    "nas.own": "# @http GET /api/system/live\n# @role nobody\nmethod Steal() -> (good: bool)\n",
    "nas.broken": "this is no contract\n",
}


TOYS = [{"id": 1, "name": "Bear", "colour": "red"}, {"id": 2, "name": "Car", "colour": "blue"},
        {"id": 3, "name": "Ball", "colour": "red"}]


class Toys:
    """The daemon, tests/lib/toys.py, as a process of its own."""

    def __init__(self, box):
        self.log = f"{box.work}/toys.log"
        self.process = subprocess.Popen([sys.executable, f"{TOP}/tests/lib/toys.py", "/run/bulkhead/toys.sock", self.log,
                                         json.dumps(TOYS)])
        box.wait_for(lambda: os.path.exists(self.log))

    def last(self):
        """(method, parameters, caller) of the last call."""
        with open(self.log, encoding="utf-8") as file:
            return json.loads(file.readlines()[-1])

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        yield made


@pytest.fixture(scope="module")
def toys(box):
    for name, text in {"nas.toys": CONTRACT, **{name: f"interface {name}\n{text}" for name, text in BAD.items()}}.items():
        with open(f"{SHARED}/contracts/{name}.varlink", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644)
    daemon = Toys(box)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def web(box, toys):
    return start(box)


@pytest.fixture(scope="module")
def roles(box, web):
    return people(box, web)


def test_it_is_reached_over_rest(toys, web, roles):
    assert web.get("/api/toys").kind == "unauthenticated"
    vera = roles["viewer"]
    assert vera.get("/api/toys/").json == TOYS
    assert [toy["id"] for toy in vera.get("/api/toys?colour=red&sort=-id").json] == [3, 1]
    assert vera.get("/api/toys/2").json == TOYS[1]
    assert vera.get("/api/toys/9").kind == "not-found"
    assert vera.get("/api/toys/x").status == 422
    assert vera.get("/api/toys?size=1").kind == "malformed"
    name, parameters, caller = toys.last()
    assert (name, parameters) == ("GetToy", {"id": 9}) and caller["ticket"] == vera.token
    assert caller["address"] == "127.0.0.1" and len(caller["request"]) == 36


def test_it_is_changed_over_rest(toys, roles):
    otto = roles["operator"]
    plan = otto.ask("PATCH", "/api/toys/2?dry_run=true", {"colour": "green"})
    assert plan.status == 200 and plan.json["who"] == "nobody" and otto.get("/api/toys/2").json["colour"] == "blue"
    done = otto.ask("PATCH", "/api/toys/2", {"colour": "green"}, {"If-Match": '"abc"', "Idempotency-Key": "k" * 16})
    assert (done.status, done.json["colour"]) == (200, "green")
    _, parameters, caller = toys.last()
    assert parameters == {"id": 2, "colour": "green"}
    assert (caller["if_match"], caller["idempotency"]) == ("abc", "k" * 16)
    assert otto.ask("PATCH", "/api/toys/2", {"colour": "green", "more": 1}).status == 422
    for wrong in ("pink", 3, ["red"], None):
        answer = otto.ask("PATCH", "/api/toys/2", {"colour": wrong})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "colour"), answer
    assert toys.last()[1] == {"id": 2, "colour": "green"}, "the daemon was not asked"
    assert otto.ask("DELETE", "/api/toys/2").headers["Allow"] == "GET, HEAD, PATCH, OPTIONS"


def test_it_is_reached_over_the_stream(toys, roles):
    stream = Stream(roles["operator"])
    state = stream.of(stream.watch("nas.toys.ListToys"))["state"]
    assert state == roles["viewer"].get("/api/toys").json
    assert stream.call("nas.toys.PaintToy", {"id": 1, "colour": "green"})["result"] == {**TOYS[0], "colour": "green"}
    assert follow(state, stream.of(1))[0]["colour"] == "green"
    assert stream.call("nas.toys.PaintToy", {"id": 1, "colour": "pink"})["error"]["errors"][0]["field"] == "colour"
    assert stream.call("nas.toys.GetToy", {"id": "1"})["error"]["errors"][0]["field"] == "id"
    assert stream.call("nas.toys.GetToy", {"id": 9})["error"]["status"] == 404
    assert stream.call("nas.toys.GetToy", {"size": 9})["error"]["errors"][0]["field"] == "size"
    stream.close()


def test_it_stands_in_every_document(web):
    document = web.get("/api/openapi.json").json
    assert document["paths"]["/api/toys/{id}"]["patch"]["x-bulkhead-role"] == "operator"
    assert document["components"]["schemas"]["toys.Toy"]["properties"]["colour"]["$ref"].endswith("toys.Colour")
    assert "toys" in [tag["name"] for tag in document["tags"]]
    assert "export function toysPaintToy(" in web.get("/api/types.ts").text
    assert web.get("/api/contracts/nas.toys").text == CONTRACT


def test_bad_ones_are_left_out_and_take_nothing(box, web, roles):
    said = box.processes["api"].output()
    for name in BAD:
        assert any(f"left out: {name}" in line for line in said.splitlines()), name
        assert web.get(f"/api/contracts/{name}").status == 404
    assert web.get("/api/users").status == 401 and roles["admin"].get("/api/users").status == 200
    assert roles["admin"].get("/api/users/special").kind == "not-found"
    assert web.get("/api/system/live").json == {"status": "ok"}
    assert web.get("/api/norole").status == 404


def test_a_method_more_is_there_once_its_contract_has_it(box, toys, web, roles):
    """In REST, in OpenAPI, in the client and in the stream; the front end is the same program."""
    otto, path = roles["operator"], "/api/toys/{id}/name"
    assert otto.ask("PUT", "/api/toys/1/name", {"name": "Teddy"}).kind == "not-found"
    assert path not in web.get("/api/openapi.json").json["paths"]
    with open(f"{SHARED}/contracts/nas.toys.varlink", "a", encoding="utf-8") as file:
        file.write(MORE)
    box.kill("api")
    named = patiently(lambda: otto.ask("PUT", "/api/toys/1/name", {"name": "Teddy"}))
    assert named.json["name"] == "Teddy" == otto.get("/api/toys/1").json["name"]
    assert toys.last()[0] == "GetToy"
    answer = otto.ask("PUT", "/api/toys/1/name", {"name": 3})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "name"), answer
    assert web.get("/api/openapi.json").json["paths"][path]["put"]["x-bulkhead-role"] == "operator"
    assert "export function toysNameToy(" in web.get("/api/types.ts").text
    stream = Stream(otto)
    assert stream.call("nas.toys.NameToy", {"id": 1, "name": "Bear"})["result"]["name"] == "Bear"
    stream.close()


def test_without_its_daemon_it_is_away_and_the_rest_is_not(box, toys, web, roles):
    toys.stop()
    ada = roles["admin"]
    box.kill("api")
    answer = patiently(lambda: ada.get("/api/toys"), (503,))
    assert answer.kind == "unavailable" and ada.get("/api/users").status == 200
