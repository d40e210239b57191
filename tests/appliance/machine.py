"""A trial appliance as tests use it, and the counting of what they check."""
import glob
import json
import os
import shutil
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESS = "10.77.0.2"
PASSWORD = "correct horse battery staple"
OTHER = "a second long password"
# As the tree has them: a process for each side of a daemon.
DAEMONS = sorted("-".join(path.split("/")[-3:-1]) for side in ("clerk", "hand")
                 for path in glob.glob(f"{HERE}/../../daemons/*/{side}/main.c"))
HOST_SUITE = subprocess.run(["sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout.strip()
SUITE = os.environ.get("TRIAL_SUITE") or HOST_SUITE
CLUSTER = {"bookworm": "15", "trixie": "17"}[SUITE]  # of PostgreSQL, as that Debian has it
POSTGRES = f"postgresql@{CLUSTER}-main.service"
results = {"passed": 0, "failed": 0}
MEMORY = "/dev/shm/bulkhead-trial"  # where a machine's state lies if that much is free there, and in memory
ROOMY = 8 << 30


def check(what, good, detail=""):
    results["passed" if good else "failed"] += 1
    print(("ok      " if good else "FAILED  ") + what + ("" if good else f": {detail}"), flush=True)
    return good


def finish():
    print(f"{results['passed']} passed, {results['failed']} failed")
    sys.exit(1 if results["failed"] else 0)


def lives(machine, *parts, set_up=True):
    """It boots, each part happens to it, and it is thrown away, unless TRIAL_KEEP is set. What breaks a part is a
    failure like any other. Ends the program."""
    try:
        up = machine.trial("up")
        if check("the machine boots", up.returncode == 0, up.stdout[-2000:]) and (not set_up or machine.set_up()):
            for part in parts:
                begun = time.monotonic()
                part(machine)
                print(f"        {part.__name__}: {time.monotonic() - begun:.0f} s", flush=True)
    except Exception as error:
        check("the run went through", False, repr(error))
        print(traceback.format_exc(), machine.run("journalctl", "-b", "--no-pager", "-n", "60").stdout, sep="\n")
    finally:
        if not os.environ.get("TRIAL_KEEP"):
            machine.trial("reset")
    finish()


def ledger_verifies(machine):
    """A database that has just come back may still say that it be asked again: then it is."""
    until = time.monotonic() + 60
    while (verified := machine.bulkhead("ledger", "verify", "--json")).returncode != 0 and time.monotonic() < until:
        if "Try again" not in verified.stderr:
            break
        time.sleep(1)
    check("the ledger verifies", verified.returncode == 0 and json.loads(verified.stdout)["good"], verified.stdout + verified.stderr)


def in_memory():
    """Where there is plenty of it: then nothing waits for a disk, which is most of what a suite waits for."""
    if os.environ.get("TRIAL_STATE") or not os.path.isdir("/dev/shm"):
        return {}
    with open("/proc/meminfo", encoding="ascii") as file:
        available = next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable"))
    return {"TRIAL_STATE": MEMORY} if min(available, shutil.disk_usage("/dev/shm").free) >= ROOMY else {}


class Machine:
    def __init__(self, build, **settings):
        self.env = {**os.environ, **in_memory(), "BUILD": os.path.abspath(build), "TRIAL_NAME": f"test{os.getpid()}",
                    "TRIAL_PORT": "none", "TRIAL_DISKS": "2", "TRIAL_DISK_SIZE": "1G", **settings}

    def trial(self, *words, **options):
        return subprocess.run([f"{HERE}/trial", *words], env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, **options)

    def run(self, *words, secrets=()):
        """A command inside; secrets are passed by descriptors 3, 4, ... as the command line takes them."""
        ends = []
        for secret in secrets:
            read, write = os.pipe()
            os.write(write, secret.encode())
            os.close(write)
            ends.append(read)
        script = " ".join(f"{3 + i}<&{end}" for i, end in enumerate(ends))
        done = subprocess.run(["bash", "-c", f'exec "$@" {script}', "trial", f"{HERE}/trial", "exec", *words], env=self.env,
                              pass_fds=ends, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=300)
        for end in ends:
            os.close(end)
        return done

    def bulkhead(self, *words, secrets=()):
        return self.run("bulkhead", *words, secrets=secrets)

    def rows(self, *words):
        """What a list says, as JSON."""
        done = self.bulkhead(*words, "--json")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return next(value for value in answer.values() if isinstance(value, list)) if isinstance(answer, dict) else answer

    def wait(self, what, found):
        """A machine that is busy is given its time: only what never comes waits so long."""
        until = time.monotonic() + 180
        while not found():
            if time.monotonic() > until:
                return check(what, False, "did not come to pass")
            time.sleep(0.1)
        return check(what, True)

    def pid(self, unit):
        return self.run("systemctl", "show", "-P", "MainPID", f"bulkhead-{unit}.service").stdout.strip()

    def setup_code(self):
        return self.bulkhead("setup-code").stdout.strip()

    def set_up(self):
        """Makes ada, the first administrator, and waits for those who have not found the database yet."""
        made = self.wait("ada is the first administrator", lambda: self.bulkhead(
            "setup", "run", "ada", "--setup-code-fd", "3", "--password-fd", "4", "--yes",
            secrets=(self.setup_code(), PASSWORD)).returncode == 0)
        return made and self.wait("and every clerk has its database", self.has_databases)

    def has_databases(self):
        said = self.run("journalctl", "-b", "-o", "cat", "--no-pager", "-u", "bulkhead-*-clerk.service").stdout
        return all(f"{name}: the database is there" in said for name in DAEMONS
                   if name.endswith("-clerk") and self.state(f"bulkhead-{name}") == "active")

    def state(self, unit):
        return self.run("systemctl", "is-active", unit).stdout.strip()

    def show(self, unit, *properties):
        """Properties of a unit, by name."""
        shown = self.run("systemctl", "show", unit, *(word for name in properties for word in ("-p", name))).stdout
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def works(self, account):
        """A whole change: clerk, database, ledger, hand, useradd."""
        return self.bulkhead("users", "create", account, "--yes").returncode == 0

    def put(self, path, target):
        """A file of this machine, inside."""
        with open(path, "rb") as file:
            subprocess.run([f"{HERE}/trial", "exec", "sh", "-c", 'cat > "$1"', "sh", target], env=self.env, stdin=file,
                           check=True)

    def inside(self, path):
        """A path inside, as this machine's kernel finds it: also for sockets."""
        with open(f"/run/bulkhead-trial/{self.env['TRIAL_NAME']}/leader", encoding="ascii") as leader:
            return f"/proc/{leader.read().strip()}/root{path}"

    def cache(self):
        """Where its state lies on this machine."""
        where = self.env.get('TRIAL_STATE') or self.env.get('TRIAL_CACHE', '/var/cache/bulkhead-trial')
        return f"{where}/state-{self.env['TRIAL_NAME']}"

    def fetch(self, path, scheme="https"):
        """The status of a page, asked for from the network the appliance is on."""
        return self.trial("lan", "curl", "-ksm", "20", "-o", "/dev/null", "-w", "%{http_code}",
                          f"{scheme}://{ADDRESS}{path}").stdout.strip()
