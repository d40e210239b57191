"""The box: where integration tests run the real programs, as their real users, without touching this machine.

    with Box(build_dir) as box:
        box.start("users-hand"); box.start("users-clerk")
        box.call("users", "nas.users.ListUsers", ticket=box.root_ticket())

A private mount namespace with overlays on /etc, /home, /var and /usr/libexec and an empty /run; the users, groups and
folders that the units would bring; a private PostgreSQL with the schema and grants; and each process started by
tests/lib/launch as its unit would start it. Everything is gone when the box is left. Needs root.
"""
import atexit
import ctypes
import glob
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or f"{TOP}/build")
PROGRAMS = "/usr/libexec/bulkhead"
# The daemons, as the tree has them: a process for each side with a main.c. The users hand comes first, without whom
# nobody else can check a ticket.
PROCESSES = sorted((path.split("/")[-3] + "-" + path.split("/")[-2] for path in glob.glob(f"{TOP}/daemons/*/*/main.c")
                   if path.split("/")[-2] in ("clerk", "hand")),
                   key=lambda name: (name != "users-hand", not name.endswith("-hand"), name))
CLERKS = [name for name in PROCESSES if name.endswith("-clerk")]
SOCKETS = {name[:-6]: f"/run/bulkhead/{name[:-6]}.sock" for name in CLERKS}


FRONT = "api"
SHARED = "/usr/share/bulkhead"


def free_ports(count):
    """Ports that nobody listens at just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def hand_socket(hand):
    return f"/run/bulkhead/{hand}-hand.sock"


HAND = hand_socket("users")
DATABASE = "/run/postgresql"
SOON = 15  # seconds; far more than what a moment takes, far less than what only a timeout ends
PATIENCE = 90  # seconds that anything may take on a busy machine; only what never comes waits so long
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)


class VarlinkError(Exception):
    """An error reply: .name ("nas.error.Denied") and .parameters."""

    def __init__(self, name, parameters):
        super().__init__(f"{name}: {json.dumps(parameters)}")
        self.name, self.parameters = name, parameters


class AskError(Exception):
    """A hand's refusal: .outcome ("refused"), .code ("Denied"), .message."""

    def __init__(self, outcome, code, message):
        super().__init__(f"{outcome}: {code}: {message}")
        self.outcome, self.code, self.message = outcome, code, message


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, options=None, flags=0):
    check(libc.mount(source.encode(), target.encode(), kind.encode() if kind else None, flags,
                     options.encode() if options else None), f"mount {target}")


def run(*words, check=True, **options):
    return subprocess.run(words, check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def be_alone():
    """Who leaves a mount namespace has no other thread; one that was joined may still be on its way out of the kernel."""
    until = time.monotonic() + PATIENCE
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < until:
        time.sleep(0.01)


class Process:
    """One process under its launcher. A hand is only listened for until somebody connects."""

    def __init__(self, box, name, program, wrap, options, env, called=None):
        self.name, self.events, self.lock = name, [], threading.Condition()
        self.log = f"{box.work}/{called or name}.log"
        self.said_before = os.path.getsize(self.log) if os.path.exists(self.log) else 0 # of the log: of earlier ones
        words = [f"{box.build}/launch", name, *options]
        for key, value in env.items():
            words += ["--env", f"{key}={value}"]
        with open(self.log, "ab") as log:
            self.launcher = subprocess.Popen([*words, "--", *wrap, program], stdout=subprocess.PIPE, stderr=log,
                                             text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.launcher.stdout:
            with self.lock:
                self.events.append(line.split())
                self.lock.notify_all()
        with self.lock:
            self.events.append(["gone"])
            self.lock.notify_all()

    def wait(self, found, seconds=PATIENCE):
        """Waits until found(events) is true; what it gave. An assertion with the log when it never is."""
        until = time.monotonic() + seconds
        with self.lock:
            while not found(self.events):
                if not self.lock.wait(until - time.monotonic()) and not found(self.events):
                    raise AssertionError(f"{self.name}: {self.events[-5:]}\n{self.output()[-3000:]}")
            return found(self.events)

    def count(self, word):
        with self.lock:
            return sum(event[0] == word for event in self.events)

    @property
    def starts(self):
        return self.count("started")

    @property
    def pid(self):
        """Of the program that runs now; None when none does."""
        with self.lock:
            for event in reversed(self.events):
                if event[0] in ("exited", "gone"):
                    return None
                if event[0] == "started":
                    return int(event[1])
        return None

    def exits(self):
        """[("code" or "signal", number)] of every end so far."""
        with self.lock:
            return [(event[2], int(event[3])) for event in self.events if event[0] == "exited"]

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def status(self):
        """/proc/PID/status as a dictionary."""
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as file:
            return {line.split(":")[0]: line.split(":", 1)[1].strip() for line in file}

    def kill(self, number=signal.SIGKILL):
        pid = self.pid
        if pid is not None:
            ends = self.count("exited")
            os.kill(pid, number)
            self.wait(lambda events: sum(event[0] == "exited" for event in events) > ends)

    def stop(self):
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGTERM)
        self.launcher.wait(PATIENCE)
        self.reader.join(PATIENCE)


class Box:
    def __init__(self, build=None, database=True):
        self.build = os.path.abspath(build or BUILD)
        self.with_database, self.database_runs, self.processes = database, False, {}
        self.work = "/run/box"
        self.https_port = self.http_port = None
        self.env = {} # what every process gets beside its own

    # --- the namespace ---

    def __enter__(self):
        if os.geteuid() != 0:
            raise PermissionError("the box needs root: it makes mounts and users of its own")
        self.outside = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        check(libc.unshare(CLONE_NEWNS), "unshare")
        atexit.register(self.leave)
        try:
            self.make_mounts()
            self.make_users()
            self.install()
            if self.with_database:
                self.start_database()
        except BaseException:
            self.leave()
            raise
        return self

    def __exit__(self, *_):
        self.leave()

    def make_mounts(self):
        mount("none", "/", None, flags=MS_REC | MS_PRIVATE)
        mount("box", "/run", "tmpfs", "mode=755")
        for path in ("/etc", "/home", "/var", "/usr/libexec", "/usr/share"):
            place = f"{self.work}/over/{path.strip('/').replace('/', '-')}"
            os.makedirs(f"{place}/upper")
            os.makedirs(f"{place}/work")
            mount("overlay", path, "overlay", f"lowerdir={path},upperdir={place}/upper,workdir={place}/work")
        os.chmod(self.work, 0o755)

    def make_users(self):
        units = f"{self.work}/units"
        run(f"{self.build}/policy-print", "units", units)
        for tool, folder in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
            for path in (f"{units}/{folder}/bulkhead.conf", *sorted(glob.glob(f"{TOP}/systemd/{folder}/*.conf"))):
                run(tool, *(["--create"] if folder == "tmpfiles.d" else []), path)
        shutil.copy(f"{TOP}/systemd/pam.d/bulkhead", "/etc/pam.d/bulkhead")

    def install(self):
        os.makedirs(PROGRAMS, mode=0o755, exist_ok=True)
        for name in (*PROCESSES, FRONT, "bulkhead", "ask"):
            if os.path.exists(f"{self.build}/{name}"):
                shutil.copy(f"{self.build}/{name}", f"{PROGRAMS}/{name}")
                os.chmod(f"{PROGRAMS}/{name}", 0o755)
        shutil.rmtree(SHARED, ignore_errors=True)
        shutil.copytree(f"{self.build}/web", f"{SHARED}/web")
        shutil.copytree(f"{TOP}/ipc", f"{SHARED}/contracts", ignore=shutil.ignore_patterns("compiler", "released", "*.md"))
        run("chmod", "-R", "a+rX", SHARED)
        if os.path.isdir(f"{self.build}/drill"):
            shutil.copytree(f"{self.build}/drill", f"{PROGRAMS}/drill")
            run("chmod", "-R", "a+rX", f"{PROGRAMS}/drill")

    def leave(self):
        """Stops everything and goes back to the machine's own mounts."""
        atexit.unregister(self.leave)
        for process in list(self.processes.values()):
            process.stop()
        self.processes = {}
        self.stop_database()
        if self.outside is not None:
            os.chdir("/")
            be_alone()
            check(libc.setns(self.outside, CLONE_NEWNS), "setns")
            os.close(self.outside)
            self.outside = None
            os.chdir(TOP)

    # --- PostgreSQL ---

    def pg(self, *words):
        done = run(f"{TOP}/tests/lib/pg", *words, check=False, cwd="/")
        if done.returncode:
            raise AssertionError(f"PostgreSQL: {done.stdout}")

    def start_database(self):
        """With the schema and grants of this build; the users of the processes are roles by peer authentication."""
        if os.path.isdir(f"{DATABASE}/data"):
            self.pg("again", DATABASE)
        else:
            self.pg("start", DATABASE, self.build)
            with open(f"{DATABASE}/data/pg_ident.conf", "a", encoding="ascii") as file:
                file.write("test /^(bulkhead-.*)$ \\1\n")
            self.psql("select pg_reload_conf()")
        self.database_runs = True

    def stop_database(self):
        """kill -9 of the whole server; start_database brings it back, recovering."""
        if self.database_runs:
            self.pg("kill", DATABASE)
            self.database_runs = False

    def psql(self, query, *values, database="bulkhead"):
        """Rows of a query, as the database's superuser; [] when it gives none."""
        import psycopg2
        connection = psycopg2.connect(host=DATABASE, dbname=database, user="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @staticmethod
    def wait_for(found, seconds=PATIENCE):
        """Asks again and again until found() is true; what it gave."""
        until = time.monotonic() + seconds
        while not (result := found()):
            assert time.monotonic() < until, "did not come to pass"
            time.sleep(0.02)
        return result

    # --- processes ---

    def start(self, name, wrap=(), options=("--restart",), env=None, program=None, ready=True,
              seconds=PATIENCE):
        """Starts a process (a hand: listens for it). wrap: words before the program, such as
        ("/usr/bin/strace", "-D", "-f", ...); -D keeps the program the launcher's child. options: the launcher's."""
        old = self.processes.pop(name, None)
        if old is not None:
            old.stop()
        everywhere = {"BULKHEAD_DATABASE": f"host={DATABASE} dbname=bulkhead", **self.env}
        process = Process(self, name, program or f"{PROGRAMS}/{name}", list(wrap), list(options),
                          {**everywhere, **(env or {})})
        self.processes[name] = process
        process.wait(lambda events: any(event[0] in ("listening", "gone") for event in events))
        if ready and not name.endswith("-hand"):
            process.wait(lambda events: any(event[0] == "ready" for event in events), seconds)
        return process

    def start_front(self, **how):
        """The front end, with TCP on ports of its own on 127.0.0.1 and ::1: https_port, http_port."""
        if not self.https_port:
            self.https_port, self.http_port = free_ports(2)
        ports = ("--listen", f"https={self.https_port}", "--listen", f"http={self.http_port}",
                 "--listen", f"https=6:{self.https_port}")
        return self.start(FRONT, options=("--restart", *ports), **how)

    def start_further_front(self, number):
        """One more process of the front end, at the same port, as "api@NUMBER"."""
        called, options = f"{FRONT}@{number}", ["--restart", "--further", "--listen", f"https={self.https_port}"]
        process = Process(self, FRONT, f"{PROGRAMS}/{FRONT}", [], options, self.env, called)
        self.processes[called] = process
        process.wait(lambda events: any(event[0] in ("ready", "gone") for event in events))
        return process

    def start_all(self):
        for name in PROCESSES:
            self.start(name)

    def stop(self, name):
        self.processes.pop(name).stop()

    def kill(self, name, number=signal.SIGKILL):
        self.processes[name].kill(number)

    # --- talking ---

    def connect(self, daemon, seconds=PATIENCE):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        connection.connect(SOCKETS.get(daemon, daemon))
        return connection

    @staticmethod
    def messages(connection):
        """Every message that comes, until the peer closes."""
        data = b""
        while True:
            while b"\0" in data:
                message, data = data.split(b"\0", 1)
                yield json.loads(message)
            more = connection.recv(65536)
            if not more:
                return
            data += more

    def call(self, daemon, method, parameters=None, ticket=None, warrant=None, seconds=PATIENCE, **caller):
        """One call; the reply's parameters, or VarlinkError. Further words go into "caller" (dry_run=True)."""
        caller = {**({"ticket": ticket} if ticket else {}), **({"warrant": warrant} if warrant else {}), **caller}
        body = {"method": method, "parameters": {**(parameters or {}), **({"caller": caller} if caller else {})}}
        with self.connect(daemon, seconds) as connection:
            connection.sendall(json.dumps(body).encode() + b"\0")
            for reply in self.messages(connection):
                if "error" in reply:
                    raise VarlinkError(reply["error"], reply.get("parameters") or {})
                return reply.get("parameters") or {}
        raise ConnectionError(f"{daemon} closed without an answer to {method}")

    def ask(self, *words, ticket=None, warrant=None, user="root", hand="users"):
        """One answering operation of a hand with its values, or ("--plan", HEX), asked by a user; the answer's bytes, or
        AskError."""
        begin = [f"{PROGRAMS}/ask", hand_socket(hand)]
        for option, value in (("--ticket", ticket), ("--warrant", warrant)):
            begin += [option, value] if value else []
        done = subprocess.run([*self.as_user(user), *begin, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, cwd="/")
        parts = done.stdout.strip("\n").split(" ", 3)
        if done.returncode == 0:
            return bytes.fromhex(parts[2].replace("-", ""))
        if len(parts) == 4:
            raise AskError(parts[0], parts[1], parts[3])
        raise ConnectionError(done.stderr.strip())

    def plan(self, *steps, hand="users"):
        """(digest, plan) in hex of steps such as ("group_make", "alice", "20001")."""
        words = [word for step in steps for word in (*step, ",")][:-1]
        return run(f"{PROGRAMS}/ask", "--plan", hand, *words).stdout.split()

    def execute(self, plan, ticket=None, warrant=None, user=None, hand="users"):
        """Has the hand carry out a plan, as its clerk would; the answer's bytes, or AskError."""
        return self.ask("--plan", plan, ticket=ticket, warrant=warrant, user=user or f"bulkhead-{hand}", hand=hand)

    @staticmethod
    def as_user(user):
        """Words before a command that make it run as that user, with its groups."""
        if user == "root":
            return []
        return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups"]

    @staticmethod
    def field(answer):
        """The first text field of an answer, and the rest."""
        length = struct.unpack(">H", answer[:2])[0]
        return answer[2:2 + length].decode(), answer[2 + length:]

    def root_ticket(self):
        return self.field(self.ask("console_ticket"))[0]

    def root_warrant(self, digest, ticket=None):
        return self.field(self.ask("console_confirm", digest, ticket=ticket))[0]

    def change(self, daemon, method, parameters=None, ticket=None):
        """A change with all it needs: where a warrant is asked for, root on the console confirms the plan."""
        ticket = ticket or self.root_ticket()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.call(daemon, method, parameters, ticket=ticket)
            except VarlinkError as error:
                plan = error.parameters.get("plan")
                if isinstance(plan, dict):
                    return self.call(daemon, method, parameters, ticket=ticket, warrant=self.root_warrant(plan["digest"], ticket))
                if error.name != "nas.error.Unavailable" or time.monotonic() > until:
                    raise
                time.sleep(0.05) # a clerk that just started closes what its predecessor left open first

    # --- the machine inside ---

    @staticmethod
    def accounts():
        """Bulkhead's accounts as the system has them: {name: {"uid", "groups", "home", "shell", "full_name"}}."""
        found = {}
        for entry in pwd.getpwall():
            if 20000 <= entry.pw_uid <= 29999:
                groups = sorted(group.gr_name for group in grp.getgrall() if entry.pw_name in group.gr_mem)
                found[entry.pw_name] = {"uid": entry.pw_uid, "groups": groups, "home": entry.pw_dir,
                                        "shell": entry.pw_shell, "full_name": entry.pw_gecos}
        return found
