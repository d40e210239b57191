#!/usr/bin/python3
"""Pages of a large ledger through the monitor's clerk (ticket, contract, JSON and all) beside the bare SELECT by libpq,
turn by turn in the same run. Lines: figure, ours, peer, ratio, target, met; times are the 99th percentile.

    LEDGER_ROWS=10000000 BUILD=build tests/bench/ledger.py      (root; 500,000 rows unless told; 1 GB a million)
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import psycopg2

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/lib")
from box import DATABASE, Box  # noqa: E402

ROWS = int(os.environ.get("LEDGER_ROWS", "500000"))
TURNS = int(os.environ.get("LEDGER_TURNS", "1000"))
MONTHS = 10
COLUMNS = "id, chain, number, at::text, kind::text, request, plan, actor, actor_name, source, method, object, outcome, " \
    "detail, encode(digest, 'hex'), encode(before, 'hex'), encode(hash, 'hex')"

# Past months get partitions as ledger.partitions would have made them in their time.
PARTITIONS = """
do $$
declare
        begins timestamptz;
        name text;
begin
        for back in 1 .. %d loop
                begins := (date_trunc('month', now() at time zone 'UTC') - make_interval(months => back)) at time zone 'UTC';
                name := 'row_' || to_char(begins at time zone 'UTC', 'YYYY_MM');
                execute format('create table ledger.%%I (like ledger.row)', name);
                execute format('create unique index on ledger.%%I (chain, number)', name);
                execute format('alter table ledger.row attach partition ledger.%%I for values from (%%L) to (%%L)', name, begins,
                               (begins at time zone 'UTC' + interval '1 month') at time zone 'UTC');
        end loop;
end $$"""
# Intents and outcomes of 200 people, some of them busy; one in a thousand failed.
FILL = """
set session_replication_role = replica;
set synchronous_commit = off;
insert into ledger.row select n, case when (n + 1) / 2 %% 7 = 0 then 'monitor' else 'users' end, n,
        now() - interval '%d days' * (1 - n::float8 / %d), (case when n %% 2 = 0 then 'outcome' else 'intent' end)::ledger.kind,
        gen_random_uuid()::text, md5(((n + 1) / 2)::text), 20000 + n %% 200, 'user' || (random() * random() * 200)::int, 'session 17',
        'nas.users.' || (array['CreateUser', 'UpdateUser', 'CreateGroup', 'DeleteGroup', 'SetSshKeys'])[1 + n %% 5], 'user ' || n,
        case when n %% 2 = 1 then '' when n %% 1000 = 0 then 'failed' else 'success' end, repeat('{"words": "a step"}', 14),
        sha256(n::text::bytea), sha256(n::text::bytea), sha256((n + 1)::text::bytea) from generate_series(%d, %d) n"""


def fill(box):
    begun = time.monotonic()
    box.psql(PARTITIONS % MONTHS)
    indexes = box.psql("select format('drop index ledger.%I', indexname), indexdef from pg_indexes where schemaname = 'ledger' "
                       "and tablename = 'row'")
    for drop, _ in indexes:
        box.psql(drop)
    for first in range(1, ROWS + 1, 500000):
        box.psql(FILL % (30 * (MONTHS - 1), ROWS, first, min(first + 499999, ROWS)))
    for _, make in indexes:
        box.psql("set maintenance_work_mem = '512MB'; " + make.replace("ON ONLY", "ON"))
    box.psql("select setval('ledger.row_ids', %s)", ROWS + 1)
    box.psql("vacuum (analyze) ledger.row")
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
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", place], check=False)


if __name__ == "__main__":
    main()
