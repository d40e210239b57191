"""The ledger through the monitor's clerk: pages, filters, and what who owns the database cannot hide.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/ledger.py      (make ledger builds what it needs)
"""
import hashlib
import json
import os
import random
import struct
import sys
import threading
import time

import psycopg2
import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import DATABASE, Box, VarlinkError  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP ledger: the box needs root", allow_module_level=True)

MUTATIONS = int(os.environ.get("LEDGER_MUTATIONS", "150"))
KINDS = {"intent": 1, "outcome": 2, "refusal": 3, "event": 4, "checkpoint": 5}
TEXTS = ("request", "plan", "actor_name", "source", "method", "object", "outcome", "detail")
CHECKPOINTS = "/var/lib/bulkhead/checkpoints"


def row_hash(row):
    def text(value):
        data = value.encode()
        return struct.pack(">I", len(data)) + data
    return hashlib.sha256(b"bulkhead ledger row 1\0" + text(row["chain"]) + row["before"]
                          + struct.pack(">QqBI", row["number"], row["at_us"], KINDS[row["kind"]], row["actor"])
                          + b"".join(text(row[name]) for name in TEXTS) + row["digest"]).digest()


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        for name in ("users-hand", "users-clerk", "monitor-clerk"):
            made.start(name)
        ticket = made.root_ticket()
        made.wait_for(lambda: made.call("monitor", "nas.monitor.Ping")["database"])
        for number in range(30):
            made.call("users", "nas.users.CreateGroup", {"name": f"group{number}"}, ticket=ticket)
            if number in (9, 19):
                sign(made)
        made.stop("users-clerk")  # nothing is written any more; at its end it has the last row signed
        yield made


@pytest.fixture
def ask(box):
    ticket = box.root_ticket()
    return lambda method, parameters=None: box.call("monitor", f"nas.monitor.{method}", parameters, ticket=ticket)


def sign(box):
    """As the users clerk does every minute."""
    number, head = box.psql("select number, encode(hash, 'hex') from ledger.row order by number desc limit 1")[0]
    answer = box.ask("checkpoint", "users", str(number), head, user="bulkhead-users")
    key, at, signature = struct.unpack(">IQ64s", answer)
    box.psql("insert into ledger.checkpoint values ('users', %s, decode(%s, 'hex'), to_timestamp(%s), %s, %s)", number, head,
             at, key, signature)


# --- reading ---

def test_pages_hold_every_row_once_newest_first(box, ask):
    expected = [row[0] for row in box.psql("select id from ledger.row order by id desc")]
    for filters in ({}, {"since": "2020-01-01T00:00:00Z"}):
        found, cursor, pages = [], None, 0
        while True:
            page = ask("ListLedger", {"limit": 7, **filters, **({"cursor": cursor} if cursor else {})})
            found += [row["id"] for row in page["rows"]]
            pages += 1
            cursor = page.get("next")
            if not cursor:
                break
        assert found == expected and pages == -(-len(expected) // 7)


@pytest.mark.parametrize("filters, where", [
    ({"kind": "intent"}, "kind = 'intent'"), ({"outcome": "success"}, "outcome = 'success'"),
    ({"actor": "root"}, "actor_name = 'root'"), ({"actor": "nobody"}, "false"),
    ({"method": "nas.users.CreateGroup"}, "method = 'nas.users.CreateGroup'"),
    ({"method": "' or true; --"}, "false"), ({"kind": "refusal"}, "kind = 'refusal'"),
    ({"until": "2020-01-01T00:00:00Z"}, "false"), ({"kind": "outcome", "actor": "root", "since": "2020-01-01T00:00:00Z"},
                                                  "kind = 'outcome' and actor_name = 'root'")])
def test_filters_say_what_sql_says(box, ask, filters, where):
    expected = [row[0] for row in box.psql(f"select id from ledger.row where {where} order by id desc")]
    assert [row["id"] for row in ask("ListLedger", {"limit": 500, **filters})["rows"]] == expected


def test_spans_of_time_are_half_open(box, ask):
    ids = [row[0] for row in box.psql("select id from ledger.row order by id")]
    rows = {row["id"]: row["at"] for row in ask("ListLedger", {"limit": 500})["rows"]}
    page = ask("ListLedger", {"limit": 500, "since": rows[ids[5]], "until": rows[ids[9]]})
    assert sorted(row["id"] for row in page["rows"]) == ids[5:9]


def test_a_row_says_what_was_done(box, ask):
    row = ask("ListLedger", {"limit": 1, "kind": "intent"})["rows"][0]
    assert (row["method"], row["object"], row["actor_name"], row["source"]) == \
        ("nas.users.CreateGroup", "group group29", "root", "console")
    assert "/usr/sbin/groupadd" in json.loads(row["detail"])["steps"][0]["literal"]


@pytest.mark.parametrize("parameters", [{"cursor": "AAAA"}, {"cursor": "AAAAAAAAAAA"}, {"limit": 0}, {"limit": 501},
                                        {"cursor": "AAAAAAAAAAgAAAAAAAAACA"}, {"since": "yesterday"}, {"kind": "nothing"},
                                        {"actor": "a" * 65}, {"method": "m" * 129}])
def test_nonsense_is_refused(ask, parameters):
    with pytest.raises(VarlinkError) as caught:
        ask("ListLedger", parameters)
    assert caught.value.name == "nas.error.Invalid", caught.value


def test_a_page_is_bounded_by_bytes_too(box, ask):
    keep(box)
    own(box, "update ledger.users set detail = repeat('x', 400000) where number > 50")
    page = ask("ListLedger", {"limit": 500})
    assert 1 <= len(page["rows"]) <= 4 and page["next"]
    rest = ask("ListLedger", {"limit": 500, "cursor": page["next"]})["rows"]
    assert rest[0]["id"] < page["rows"][-1]["id"]
    put_back(box)


# --- what falsifies ---

def own(box, query, *values):
    """As who owns the database, whom no trigger stops; over one connection, since it is done many thousand times."""
    if not getattr(box, "owner", None):
        box.owner = psycopg2.connect(host=DATABASE, dbname="bulkhead", user="postgres")
        box.owner.autocommit = True
        with box.owner.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
    with box.owner.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def keep(box):
    own(box, "create schema if not exists kept; drop table if exists kept.users, kept.head, kept.checkpoint; "
        "create table kept.users as select * from ledger.users; create table kept.head as select * from ledger.head; "
        "create table kept.checkpoint as select * from ledger.checkpoint")


def put_back(box):
    own(box, "delete from ledger.users; delete from ledger.monitor; delete from ledger.network; delete from ledger.head; "
        "delete from ledger.checkpoint; insert into ledger.users select * from kept.users; "
        "insert into ledger.head select * from kept.head; insert into ledger.checkpoint select * from kept.checkpoint")


def set_head(box):
    own(box, "delete from ledger.head; insert into ledger.head select 'users', number, hash from ledger.users "
        "order by number desc limit 1")


def reseal(box, start):
    """Every hash from that row on made anew, as who knows the program can."""
    names = ("chain", "number", "at_us", "kind", "actor", *TEXTS, "digest", "before", "hash")
    columns = ", ".join("(extract(epoch from at) * 1000000)::bigint" if name == "at_us" else name for name in names)
    before, sealed = None, []
    for values in own(box, f"select {columns} from ledger.row where chain = 'users' and number >= %s order by number", start - 1):
        row = dict(zip(names, (bytes(value) if isinstance(value, memoryview) else value for value in values)))
        if row["number"] >= start:
            row["before"] = before or bytes(32)
            row["hash"] = row_hash(row)
            sealed.append((row["number"], row["before"], row["hash"]))
        before = row["hash"]
    own(box, "update ledger.users r set before = s.before, hash = s.hash from unnest(%s, %s::bytea[], %s::bytea[]) "
        "as s (number, before, hash) where r.number = s.number", *map(list, zip(*sealed)))
    set_head(box)


def edit(box, dice, last):
    at = dice.randint(1, last)
    column, value = dice.choice([
        ("request", "'x'"), ("plan", "'x'"), ("actor", "actor + 4294967296"), ("actor", "actor + 1"), ("actor_name", "'mallory'"),
        ("source", "source || ' '"), ("method", "'nas.users.Login'"), ("object", "''"), ("outcome", "'failed'"),
        ("detail", "detail || ' '"), ("kind", "'event'"), ("at", "at + interval '1 microsecond'"),
        ("at", "at + interval '1 year'"), ("at", "'-infinity'"), ("number", "number + 100000"), ("number", "-number"),
        ("digest", "decode(repeat('17', 32), 'hex')"), ("hash", "decode(repeat('17', 32), 'hex')"),
        ("before", "decode(repeat('17', 32), 'hex')"), ("hash", "''"), ("id", "id + 1")])
    if column == "id":
        at = dice.randint(1, last - 1)
    own(box, f"update ledger.users set {column} = {value} where number = %s", at)
    return at, at + 1


def move(box, dice, last):
    """Into the chain of another daemon, where it may fit by its number."""
    at = dice.randint(1, last)
    own(box, "with moved as (delete from ledger.users where number = %s returning *) "
        f"insert into ledger.{dice.choice(('monitor', 'network'))} select * from moved", at)
    return at, at


def delete(box, dice, last):
    at = dice.randint(1, last - 1)
    own(box, "delete from ledger.users where number between %s and %s", at, min(last - 1, at + dice.randint(0, 5)))
    return at, at


def reorder(box, dice, last):
    first, second = sorted(dice.sample(range(1, last + 1), 2))
    own(box, "update ledger.users set number = %s + %s - number where number in (%s, %s)", first, second, first, second)
    return first, second


def cut(box, dice, last):
    at = dice.randint(2, last)
    own(box, "delete from ledger.users where number >= %s", at)
    if dice.random() < 0.5:
        set_head(box)  # then only the signature tells
    return at, last


def insert(box, dice, last):
    at = dice.randint(2, last)
    own(box, "update ledger.users set number = number + 1 where number >= %s; insert into ledger.users "
        "select r.* from ledger.users as first, jsonb_populate_record(first, jsonb_build_object('number', %s, 'id', "
        "(select id from ledger.users where number = %s))) as r where first.number = 1", at, at, at - 1)
    if dice.random() < 0.5:
        reseal(box, at)
    return at - 1, last + 1


def rewrite(box, dice, last):
    at = dice.randint(1, last)
    own(box, "update ledger.users set actor_name = 'mallory' where number = %s", at)
    reseal(box, at)
    return at, last


def roll_back(box, dice, last):
    """An old backup of the whole database."""
    at = dice.randint(2, last)
    own(box, "delete from ledger.users where number >= %s; delete from ledger.checkpoint where number >= %s", at, at)
    set_head(box)
    return at, last


def checkpoint(box, dice, last):
    number = dice.choice(own(box, "select number from ledger.checkpoint order by number"))[0]
    change = dice.choice(("signature = decode(repeat('17', 64), 'hex')", "hash = decode(repeat('17', 32), 'hex')",
                          "at = at + interval '1 second'", "number = number + 1", "chain = 'other'"))
    own(box, f"update ledger.checkpoint set {change} where number = %s", number)
    return number, number + 1


def test_a_true_ledger_is_good(box, ask):
    keep(box)
    done = ask("VerifyLedger")
    assert done["good"] and not done["problems"], done
    assert done["rows"] == box.psql("select count(*) from ledger.row")[0][0]
    assert done["checkpoints"] == 3 + 1  # the table's and the file


# --- a slow machine makes it late, and not wrong ---

def verify_aside(box, **words):
    """Verifies in a thread; the list has its answer when the thread has ended."""
    told, ticket = [], box.root_ticket()

    def work():
        try:
            told.append(box.call("monitor", "nas.monitor.VerifyLedger", ticket=ticket, seconds=300, **words))
        except VarlinkError as error:
            told.append(error)
    thread = threading.Thread(target=work)
    thread.start()
    return thread, told


@pytest.fixture
def slow(box):
    """Every row of a page that is verified takes so many seconds."""
    ways = ("enable_sort", "enable_seqscan", "enable_bitmapscan")
    rows = box.psql("select pg_get_viewdef('ledger.row')")[0][0].strip().rstrip(";")

    def begin(seconds):
        own(box, f"create function ledger.slowly(number bigint) returns boolean language plpgsql cost 1 as "
            f"$$ begin if current_query() like '%limit $4%' then perform pg_sleep({seconds}); end if; return true; end $$")
        own(box, f"create or replace view ledger.row as select * from ({rows}) as rows where ledger.slowly(number)")
        # As with many rows: by the index, in order.
        own(box, "analyze ledger.users; " + "".join(f'alter role "bulkhead-monitor" set {way} = off; ' for way in ways))
        again()

    def again():
        box.start("monitor-clerk")  # a connection keeps what its role was when it began
        box.wait_for(lambda: box.call("monitor", "nas.monitor.Ping")["database"])
    yield begin
    own(box, f"create or replace view ledger.row as {rows}; drop function ledger.slowly(bigint); "
        + "".join(f'alter role "bulkhead-monitor" reset {way}; ' for way in ways))
    again()


def test_rows_that_are_not_to_be_had_in_time_are_asked_for_again_and_fewer(box, slow):
    rows = box.psql("select count(*) from ledger.row")[0][0]
    slow(16 / rows)  # more than the ten seconds that a statement may take
    told = box.call("monitor", "nas.monitor.VerifyLedger", ticket=box.root_ticket(), seconds=300)
    assert told["good"] and told["rows"] == rows, told


def test_a_lock_is_waited_for(box):
    other = psycopg2.connect(host=DATABASE, dbname="bulkhead", user="postgres")
    with other.cursor() as cursor:
        cursor.execute("lock table ledger.users in access exclusive mode")
        thread, told = verify_aside(box)
        cursor.execute("select pg_sleep(7)")  # longer than the five seconds that a lock is waited for
    other.close()
    thread.join()
    assert told[0]["good"], told


def test_a_database_that_dies_meanwhile_is_waited_for(box, slow):
    rows = box.psql("select count(*) from ledger.row")[0][0]
    slow(4 / rows)
    thread, told = verify_aside(box)
    time.sleep(2)
    box.owner = None
    box.stop_database()
    time.sleep(1)
    assert not told, told
    box.start_database()
    thread.join()
    assert told[0]["good"] and told[0]["rows"] == rows, told


def test_who_asks_for_more_hears_how_far_it_is(box):
    with box.connect("monitor", 60) as connection:
        connection.sendall(json.dumps({"method": "nas.monitor.VerifyLedger", "more": True,
                                       "parameters": {"caller": {"ticket": box.root_ticket()}}}).encode() + b"\0")
        told = []
        for reply in box.messages(connection):
            told.append(reply)
            if not reply.get("continues"):
                break
    assert len(told) > 1 and told[-1]["parameters"]["good"], told
    for reply in told[:-1]:
        progress = reply["parameters"]["progress"]
        assert 1 <= progress["step"] <= progress["steps"] and 0 <= progress["percent"] < 100 and "rows" in progress["words"]


# --- what is falsified is found ---

@pytest.mark.parametrize("kind", [edit, move, delete, reorder, cut, insert, rewrite, roll_back, checkpoint])
def test_every_falsification_is_found_and_named(box, ask, kind):
    dice = random.Random(kind.__name__)
    last = own(box, "select max(number) from kept.users")[0][0]
    for index, in own(box, "select indexrelid::regclass::text from pg_index where indisunique and "
                      "indrelid::regclass::text like 'ledger.users%'"):
        own(box, f"drop index {index}")
    for turn in range(-(-MUTATIONS // 9)):
        put_back(box)
        if turn % 100 == 99: # no transaction is open: what was deleted goes
            own(box, "vacuum ledger.users")
        least, most = kind(box, dice, last)
        done = ask("VerifyLedger")
        assert not done["good"], f"{kind.__name__} {turn} of {least} to {most} was not found"
        words = " ".join(problem["message"] for problem in done["problems"])
        named = [int(word) for word in words.replace(":", " ").replace(",", " ").split() if word.isdigit()]
        named += [problem["number"] for problem in done["problems"]]
        assert any(least <= number <= most for number in named), (kind.__name__, turn, least, most, done["problems"][:5])
    put_back(box)
    assert ask("VerifyLedger")["good"]


def test_a_chain_that_is_gone_is_missed(box, ask):
    own(box, "delete from ledger.users; delete from ledger.head; delete from ledger.checkpoint")
    done = ask("VerifyLedger")
    assert not done["good"] and done["problems"][0]["chain"] == "users" and "cut off" in done["problems"][0]["message"]
    put_back(box)


def test_a_false_file_is_found(box, ask):
    path = f"{CHECKPOINTS}/users"
    with open(path, "rb") as file:
        true = file.read()
    for false in (b"", true[:-1], true + b"\0", true[:20] + b"\1" + true[21:], b"\0" * len(true)):
        with open(path, "wb") as file:
            file.write(false)
        assert not ask("VerifyLedger")["good"]
    os.rename(f"{CHECKPOINTS}/ledger.pub", f"{CHECKPOINTS}/hidden.pub")
    done = ask("VerifyLedger")
    assert "cannot be checked" in done["problems"][0]["message"]
    os.rename(f"{CHECKPOINTS}/hidden.pub", f"{CHECKPOINTS}/ledger.pub")
    with open(path, "wb") as file:
        file.write(true)
    assert ask("VerifyLedger")["good"]


def test_a_broken_table_is_said_and_not_good(box, ask):
    """Whatever is done to the tables, the answer is never good."""
    own(box, "alter table ledger.users alter column actor drop not null; update ledger.users set actor = null where number = 5")
    done = ask("VerifyLedger")
    assert not done["good"] and done["problems"][0]["number"] == 5
    assert ask("ListLedger", {"limit": 500})["rows"]
    put_back(box)


# --- trouble ---

def test_without_the_database_it_says_so_and_comes_back(box, ask):
    box.owner = None
    box.stop_database()
    box.wait_for(lambda: not box.call("monitor", "nas.monitor.Ping")["database"])
    for method in ("ListLedger", "VerifyLedger"):
        with pytest.raises(VarlinkError) as caught:
            ask(method)
        assert caught.value.name == "nas.error.Unavailable"
    box.start_database()
    box.wait_for(lambda: box.call("monitor", "nas.monitor.Ping")["database"])
    assert ask("VerifyLedger")["good"]


def test_the_time_to_come_have_partitions(box):
    for chain in ("users", "monitor", "network"):
        quarters = box.psql("select relname from pg_class where relname ~ %s and relkind = 'r'", f"^{chain}_20[0-9]{{2}}q[1-4]$")
        assert len(quarters) >= 2, chain
        assert box.psql(f"select count(*) from ledger.{chain}_default")[0][0] == 0


# Last, because these write to the monitor's own chain.

def test_only_operators_read_it(box):
    for method in ("ListLedger", "VerifyLedger"):
        with pytest.raises(VarlinkError) as caught:
            box.call("monitor", f"nas.monitor.{method}")
        assert caught.value.name == "nas.error.Unauthenticated"


def test_what_the_monitor_refuses_is_in_a_chain_of_its_own(box, ask):
    with pytest.raises(VarlinkError):
        box.call("monitor", "nas.monitor.VerifyLedger", ticket="bht1_forged", request="11111111-2222-3333-4444-555555555555")
    row = box.wait_for(lambda: next((row for row in ask("ListLedger", {"kind": "refusal"})["rows"]
                                     if row["chain"] == "monitor"), None))
    assert row["method"] in ("nas.monitor.VerifyLedger", "nas.monitor.ListLedger") and row["outcome"] == "refused"
    assert ask("VerifyLedger")["good"]
