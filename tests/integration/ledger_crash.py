"""PostgreSQL killed at random while rows are appended to the ledger: afterwards every row that was acknowledged is
there, once, with what was to be written together with it; every row that was refused is not; and the chain verifies,
by a verifier of its own. Also the appender is killed, and single connections are cut or frozen.

    BUILD=build KILLS=300 python3 tests/integration/ledger_crash.py
"""
import contextlib
import hashlib
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or f"{TOP}/build")
KILLS = int(os.environ.get("KILLS", "40"))
PATIENCE = 180  # seconds; a busy machine takes its time to recover
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))


def pg(command, place):
    subprocess.run([f"{TOP}/tests/lib/pg", command, place] + ([BUILD] if command == "start" else []), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if command in ("again", "stop") else None)


class Appender:
    """The program under test, and what it was told."""

    def __init__(self, place, number):
        self.ok, self.no = {}, set()
        self.process = subprocess.Popen(
            [f"{BUILD}/tests/integration/ledger_append", f"host={place} dbname=bulkhead user=bulkhead-users",
             f"r{number}", str(random.choice((1, 4, 32)))], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            words = line.split()
            if not line.endswith("\n"):
                continue
            if words[0] == "ok":
                self.ok[words[2]] = int(words[1])
            else:
                self.no.add(words[1])

    def goes_on(self, seconds=PATIENCE):
        """Waits until it has written ten more rows."""
        wanted, until = len(self.ok) + 10, time.monotonic() + seconds
        while len(self.ok) < wanted:
            if time.monotonic() > until or self.process.poll() is not None:
                raise AssertionError(f"no row is written any more (seed {SEED})")
            time.sleep(0.002)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(5)


class Trial:
    def __init__(self, place):
        self.place, self.appenders, self.told = place, [], {}

    def begin(self):
        self.appenders.append(Appender(self.place, len(self.appenders)))

    def patiently(self, work):
        """work(cursor) on a connection of its own; again while the server recovers, or throws everybody out."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with contextlib.closing(psycopg2.connect(host=self.place, dbname="bulkhead", user="postgres")) as connection:
                    connection.autocommit = True
                    with connection.cursor() as cursor:
                        return work(cursor)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def execute(self, query):
        return self.patiently(lambda cursor: cursor.execute(query) or (cursor.fetchall() if cursor.description else []))

    def signal_backend(self, number):
        """The appender's backend, to which it was sent; None when there is none just now."""
        rows = self.execute("select pid from pg_stat_activity where usename = 'bulkhead-users'")
        with contextlib.suppress(ProcessLookupError):
            for pid, in rows[:1]:
                os.kill(pid, number)
                return pid
        return None

    # --- what is done to it ---

    def kill_server(self):
        pg("kill", self.place)
        time.sleep(random.choice((0, 0.05)))
        pg("again", self.place)

    def kill_backend(self):
        """The postmaster then throws everybody out and recovers."""
        self.signal_backend(signal.SIGKILL)

    def cut_connection(self):
        self.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bulkhead-users'")

    def freeze_backend(self):
        pid = self.signal_backend(signal.SIGSTOP)
        time.sleep(random.random() / 5)
        if pid:
            os.kill(pid, signal.SIGCONT)

    def kill_appender(self):
        self.appenders[-1].end()
        self.begin()

    def stop_server(self):
        """As an administrator would, in the middle of everything."""
        with open(f"{self.place}/data/postmaster.pid", encoding="ascii") as file:
            os.kill(int(file.readline()), signal.SIGINT)
        while os.path.exists(f"{self.place}/data/postmaster.pid"):
            time.sleep(0.01)
        pg("again", self.place)

    def one(self):
        kind, = random.choices((self.kill_server, self.kill_backend, self.cut_connection, self.freeze_backend,
                                self.kill_appender, self.stop_server), (50, 15, 10, 5, 15, 5))
        self.appenders[-1].goes_on()
        time.sleep(random.random() / 20)
        kind()
        self.told[kind.__name__] = self.told.get(kind.__name__, 0) + 1

    # --- what must hold ---

    @staticmethod
    def row_hash(chain, before, number, at_us, kind, actor, texts, digest):
        def text(value):
            data = value.encode()
            return struct.pack(">I", len(data)) + data
        return hashlib.sha256(b"bulkhead ledger row 1\0" + text(chain) + bytes(before)
                              + struct.pack(">QqBI", number, at_us, kind, actor)
                              + b"".join(map(text, texts)) + bytes(digest)).digest()

    def read_rows(self, cursor):
        """{request: id} of a chain that holds, with what was written beside it."""
        kinds = {"intent": 1, "outcome": 2, "refusal": 3, "event": 4, "checkpoint": 5}
        cursor.execute("begin isolation level repeatable read")
        cursor.execute("select chain, number, (extract(epoch from at) * 1000000)::bigint, kind, actor, request, plan, "
                       "actor_name, source, method, object, outcome, detail, digest, before, hash, id from ledger.row "
                       "order by chain, number, id")
        expected, before, last, rows = 1, bytes(32), 0, {}
        for chain, number, at_us, kind, actor, *texts, digest, linked, own, identity in cursor:
            assert number == expected, f"row {number} instead of {expected}"
            assert bytes(linked) == before, f"row {number} does not follow"
            before = self.row_hash(chain, linked, number, at_us, kinds[kind], actor, texts, digest)
            assert bytes(own) == before, f"row {number} is not what was hashed"
            assert identity > last, f"the id of row {number} does not rise"
            assert texts[0] not in rows, f"{texts[0]} is there twice"
            expected, last, rows[texts[0]] = number + 1, identity, identity
        cursor.execute("select request from users.mark")
        assert {row[0] for row in cursor} == set(rows), "rows and what was written with them differ"
        return rows

    def check(self):
        acknowledged = [dict(appender.ok) for appender in self.appenders]
        rows = self.patiently(self.read_rows)
        for appender, told in zip(self.appenders, acknowledged):
            for request, identity in told.items():
                assert rows.get(request) == identity, f"{request} was acknowledged and is not there"
            lied = appender.no & set(rows)
            assert not lied, f"{lied} were refused and are there"
        return len(rows)


def main():
    random.seed(SEED)
    place = tempfile.mkdtemp(prefix="bulkhead-crash.")
    os.rmdir(place)
    trial = Trial(place)
    passed = 0
    try:
        pg("start", place)
        trial.execute("create table users.mark (request text primary key); "
                      "grant insert on users.mark to \"bulkhead-users\"")
        trial.begin()
        for number in range(KILLS):
            trial.one()
            if number % 25 == 24 or number == KILLS - 1:
                trial.appenders[-1].goes_on()
                rows = trial.check()
                passed += 1
                print(f"{number + 1} times: {rows} rows hold", flush=True)
        acknowledged = sum(len(appender.ok) for appender in trial.appenders)
        refused = sum(len(appender.no) for appender in trial.appenders)
        print(f"seed {SEED}: {trial.told}; {acknowledged} rows acknowledged, none lost; {refused} refused, none there")
        print(f"{passed} passed, 0 failed")
    except AssertionError as error:
        print(f"seed {SEED}: {error}\n{passed} passed, 1 failed")
        sys.exit(1)
    finally:
        for appender in trial.appenders:
            appender.end()
        pg("stop", place)


if __name__ == "__main__":
    main()
