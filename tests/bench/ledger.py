#!/usr/bin/python3
"""Pages of a large ledger, and its verification, through the monitor's clerk (ticket, contract, JSON and all) beside the bare SELECT by libpq,
turn by turn in the same run. Lines: figure, ours, peer, ratio, target, met; times are the 99th percentile.

    LEDGER_ROWS=10000000 BUILD=build tests/bench/ledger.py      (root; 500,000 rows unless told; 1 GB a million)
"""
import contextlib
import datetime
import hashlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import uuid

import psycopg2

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import DATABASE, Box  # noqa: E402

ROWS = int(os.environ.get("LEDGER_ROWS", "500000"))
TURNS = int(os.environ.get("LEDGER_TURNS", "1000"))
MONTHS = 10
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
COLUMNS = "id, chain, number, at::text, kind::text, request, plan, actor, actor_name, source, method, object, outcome, " \
    "detail, encode(digest, 'hex'), encode(before, 'hex'), encode(hash, 'hex')"

# Past quarters get partitions as ledger.partitions would have made them in their time.
PARTITIONS = """
do $$
declare
        quarter timestamp := date_trunc('quarter', now() at time zone 'UTC') - interval '3 months';
begin
        while quarter > now() at time zone 'UTC' - interval '%d months' - interval '3 months' loop
                perform ledger.partition(chain, to_char(quarter, 'YYYY"q"Q'), quarter at time zone 'UTC',
                                         (quarter + interval '3 months') at time zone 'UTC')
                        from unnest(array['users', 'monitor']) as chain;
                quarter := quarter - interval '3 months';
        end loop;
end $$"""
DETAIL = '{"words": "a step"}' * 14
METHODS = tuple(f"nas.users.{word}" for word in ("CreateUser", "UpdateUser", "CreateGroup", "DeleteGroup", "SetSshKeys"))


def text(value):
    data = value.encode()
    return struct.pack(">I", len(data)) + data


class Chain:
    """A chain's rows for COPY, each hashed with the one before as libnas/ledger/ledger.h says."""

    def __init__(self, name):
        self.name, self.number, self.hash = name, 0, bytes(32)
        self.begin = b"bulkhead ledger row 1\0" + text(name)

    def row(self, n, at_us):
        self.number += 1
        actor, kind = 20000 + n % 200, "intent" if n % 2 else "outcome"
        outcome = "" if n % 2 else "success" if n % 1000 else "failed"
        texts = (str(uuid.UUID(int=random.getrandbits(128))), hashlib.md5(str((n + 1) // 2).encode()).hexdigest(),
                 f"user{int(random.random() * random.random() * 200)}", "session 17", METHODS[n % 5], f"user {n}", outcome, DETAIL)
        digest = hashlib.sha256(str(n).encode()).digest()
        before, self.hash = self.hash, hashlib.sha256(
            self.begin + self.hash + struct.pack(">QqBI", self.number, at_us, 1 if n % 2 else 2, actor)
            + b"".join(map(text, texts)) + digest).digest()
        at = (EPOCH + datetime.timedelta(microseconds=at_us)).isoformat()
        return "\t".join((str(n), str(self.number), at, str(actor), kind, *texts,
                          *(f"\\\\x{one.hex()}" for one in (digest, before, self.hash)))) + "\n"


def fill_rows(cursor):
    """Intents and outcomes of 200 people, some of them busy; one in a thousand failed; one change in seven is the monitor's."""
    chains = {name: Chain(name) for name in ("users", "monitor")}
    begins_us = int((time.time() - 86400 * 30 * (MONTHS - 1)) * 1000000)
    step_us = 86400 * 30 * (MONTHS - 1) * 1000000 // ROWS
    for first in range(1, ROWS + 1, 100000):
        lines = {name: [] for name in chains}
        for n in range(first, min(first + 100000, ROWS + 1)):
            name = "users" if (n + 1) // 2 % 7 else "monitor"
            lines[name].append(chains[name].row(n, begins_us + n * step_us))
        for name, rows in lines.items():
            cursor.copy_expert(f"copy ledger.{name} (id, number, at, actor, kind, request, plan, actor_name, source, method, object, "
                               "outcome, detail, digest, before, hash) from stdin", io.StringIO("".join(rows)))
    for name, chain in chains.items():
        cursor.execute(f"select ledger.{name}_stands(%s, %s)", (chain.number, chain.hash))


def fill(box):
    begun = time.monotonic()
    box.psql(PARTITIONS % MONTHS)
    indexes = box.psql("select format('drop index ledger.%I', indexname), indexdef from pg_indexes where schemaname = 'ledger' "
                       "and tablename in ('users', 'monitor')")
    for drop, _ in indexes:
        box.psql(drop)
    with contextlib.closing(psycopg2.connect(host=DATABASE, dbname="bulkhead", user="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off")
            fill_rows(cursor)
    for _, make in indexes:
        box.psql("set maintenance_work_mem = '512MB'; " + make.replace("ON ONLY", "ON"))
    box.psql("select setval('ledger.row_ids', %s)", ROWS + 1)
    box.psql("vacuum (analyze)")
    print(f"# {ROWS} rows in {time.monotonic() - begun:.0f} s", file=sys.stderr)


class Ours:
    def __init__(self, box):
        self.ticket, self.connection = box.root_ticket(), box.connect("monitor")

    def page(self, filters):
        call = {"method": "nas.monitor.ListLedger", "parameters": {"limit": 50, **filters, "caller": {"ticket": self.ticket}}}
        call = json.dumps(call).encode() + b"\0"
        begun = time.perf_counter()
        self.connection.sendall(call)
        answer = bytearray()
        while not answer.endswith(b"\0"):
            answer += self.connection.recv(1 << 20)
        took = time.perf_counter() - begun
        return took, json.loads(answer[:-1])["parameters"]


class Peer:
    def __init__(self):
        self.connection = psycopg2.connect(host=DATABASE, dbname="bulkhead", user="postgres")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def page(self, where, order="r.id desc"):
        query = f"select {COLUMNS} from ledger.row r where {where} order by {order} limit 50"
        begun = time.perf_counter()
        self.cursor.execute(query)
        rows = self.cursor.fetchall()
        return time.perf_counter() - begun, rows


def cases(cursor):
    """What is asked of us, and the same in SQL; before: a row somewhere."""
    def at(days):
        return time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 86400 * days))

    def days():
        return random.uniform(2, 25 * MONTHS)

    def some():
        return random.randrange(ROWS // 10, ROWS)

    def span():
        day = days()
        return ({"since": at(day + 30), "until": at(day)}, f"at >= '{at(day + 30)}' and at < '{at(day)}'", "r.at desc, r.id desc")
    yield "first page", lambda: ({}, "true", "r.id desc")
    yield "next page", lambda: (lambda before: ({"cursor": cursor(before)}, f"id < {before}", "r.id desc"))(some())
    yield "page of one actor", lambda: (lambda before, who: (
        {"cursor": cursor(before), "actor": who}, f"id < {before} and actor_name = '{who}'", "r.id desc"))(
            some(), f"user{random.randrange(150)}")
    yield "page of one method and kind", lambda: (lambda before: (
        {"cursor": cursor(before), "method": "nas.users.SetSshKeys", "kind": "outcome"},
        f"id < {before} and method = 'nas.users.SetSshKeys' and kind = 'outcome'", "r.id desc"))(some())
    yield "page of what failed", lambda: (lambda before: (
        {"cursor": cursor(before), "outcome": "failed"}, f"id < {before} and outcome = 'failed'", "r.id desc"))(some())
    yield "page of a month long ago", span


def cursor_of(identity):
    import base64
    return base64.urlsafe_b64encode(identity.to_bytes(8, "big")).decode().rstrip("=")


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] * 1000


def measure(name, make, ours, peer):
    mine, theirs = [], []
    for turn in range(TURNS + 50):
        filters, where, order = make()
        pair = [lambda: ours.page(filters), lambda: peer.page(where, order)]
        results = [None, None]
        for which in ((0, 1) if turn % 2 else (1, 0)):
            results[which] = pair[which]()
        (took, page), (their, rows) = results
        assert [row["id"] for row in page["rows"]] == [row[0] for row in rows], f"{name}: {page['rows'][0]['id']} instead of {rows[0][0]}"
        if turn >= 50:
            mine.append(took)
            theirs.append(their)
    ratio = p99(mine) / p99(theirs)
    print(f"ledger of {ROWS} rows, {name}, p99\t{p99(mine):.2f} ms\t{p99(theirs):.2f} ms\t{ratio:.2f}\t<= 2.0\t"
          f"{'yes' if ratio <= 2 else 'no'}", flush=True)


def verify(box, ticket):
    begun = time.monotonic()
    done = box.call("monitor", "nas.monitor.VerifyLedger", ticket=ticket, seconds=3600)
    took = time.monotonic() - begun
    assert done["good"] and done["rows"] >= ROWS, done["problems"][:3]
    print(f"ledger of {ROWS} rows, verified\t{took:.1f} s\t{done['rows'] / took:.0f} rows/s\t\t\t", flush=True)


def main():
    random.seed(7)
    place = tempfile.mkdtemp(prefix="bulkhead-bench.", dir=os.environ.get("LEDGER_DIR"))
    try:
        with Box(database=False) as box:
            os.makedirs(DATABASE, exist_ok=True)
            subprocess.run(["mount", "--bind", place, DATABASE], check=True)
            box.start_database()
            fill(box)
            for name in ("users-hand", "users-clerk", "monitor-clerk"):
                box.start(name)
            box.wait_for(lambda: box.call("monitor", "nas.monitor.Ping")["database"])
            ours, peer = Ours(box), Peer()
            for name, make in cases(cursor_of):
                measure(name, make, ours, peer)
            verify(box, ours.ticket)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", place], check=False)


if __name__ == "__main__":
    main()
