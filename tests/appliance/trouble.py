#!/usr/bin/python3
"""What goes wrong on a machine in somebody's cellar: processes that hang or die, a full disk, a broken database, a
certificate that is none. Each time it must be reached, say clearly what is the matter, and be well again afterwards;
and what serves data must not notice.

    tests/appliance/trouble.py BUILD
"""
import re
import subprocess
import sys
import tempfile
import time

from machine import ADDRESS, CLUSTER, DAEMONS, HERE, POSTGRES, Machine, check, ledger_verifies, lives

DATA = f"/var/lib/postgresql/{CLUSTER}/main"
# A certificate that holds no more: old.key and old.pem.
EXPIRED = """cd /root && openssl ecparam -genkey -name prime256v1 -noout -out old.key
printf '[ca]\\ndefault_ca=a\\n[a]\\nnew_certs_dir=.\\ndatabase=i\\nserial=s\\ndefault_md=sha256\\npolicy=p\\nx509_extensions=e
[e]\\nsubjectAltName=DNS:nas.example.org\\n[p]\\ncommonName=supplied\\n' >ca.conf
: >i; echo 01 >s; openssl req -new -key old.key -subj /CN=nas -out old.csr
openssl ca -batch -config ca.conf -selfsign -keyfile old.key -in old.csr -notext -out old.pem -startdate 20200101000000Z \\
        -enddate 20210101000000Z 2>/dev/null && """
SYSTEMCTL = ("systemctl", "{}", POSTGRES)


def does_changes(machine):
    machine.wait("changes work on a small disk", lambda: machine.works("alice"))


def is_limited(machine):
    """The numbers of the units, as systemd took them: a control group enforces them where there is a controller."""
    units = [f"bulkhead-{name}.service" for name in ("api", *DAEMONS)]
    machine.bulkhead("doctor")  # wakes the hands: systemd does not tell the watchdog of what never ran
    for unit in units:
        shown = machine.show(unit, "MemoryMax", "MemorySwapMax", "TasksMax", "LimitNOFILE", "LimitCORE", "Restart",
                             "RestartUSec", "WatchdogUSec", "StartLimitIntervalUSec")
        good = (shown["MemoryMax"].isdigit() and shown["TasksMax"].isdigit() and shown["MemorySwapMax"] == "0" and
                shown["LimitCORE"] == "0" and shown["Restart"] in ("always", "on-failure") and
                shown["RestartUSec"] != "0" and shown["StartLimitIntervalUSec"] == "0")
        check(f"{unit} has limits, and comes back however often it fails", good, shown)
        check(f"{unit} is watched", shown["WatchdogUSec"] not in ("0", "infinity"), shown)


# --- hanging and dying ---

def hang(machine, names=("monitor-clerk", "api")):
    """Stopped, they say nothing to systemd any more. What they were, for is_back()."""
    pids = {name: machine.pid(name) for name in names}
    machine.run("kill", "-STOP", *pids.values())
    return pids


def is_back(machine, hung):
    for name, pid in hung.items():
        machine.wait(f"{name} hung, and its watchdog had it started anew",
                     lambda name=name, pid=pid: machine.pid(name) not in (pid, "0"))
    machine.wait("pages are served again", lambda: machine.fetch("/") == "200")


# Holds the lock that tools of accounts wait for, so that a step lasts as long as the test wants.
LOCK = ("perl", "-e", "use Fcntl; open F, '>>', '/etc/.pwd.lock'; my $lock = pack 'ssx4qql', F_WRLCK, 0, 0, 0, 0; "
        "fcntl(F, F_SETLKW, $lock) or die; syswrite STDOUT, qq(held\\n); sleep 600")
IMPATIENT = "/run/systemd/system/bulkhead-users-hand.service.d"


def hangs_in_a_plan(machine):
    """A hand that stands still in the middle of a step: it is shot, and its successor undoes what it had begun."""
    machine.run("sh", "-c", f"mkdir -p {IMPATIENT}; printf '[Service]\nWatchdogSec=5\n' >{IMPATIENT}/x.conf; "
                "systemctl daemon-reload; systemctl stop bulkhead-users-hand.service")
    machine.run("systemd-run", "--quiet", "--unit=trial-lock", *LOCK)
    machine.wait("the accounts are locked", lambda: "held" in machine.run(
        "journalctl", "-u", "trial-lock", "-o", "cat").stdout.splitlines())
    caller = subprocess.Popen([f"{HERE}/trial", "exec", "bulkhead", "users", "create", "gina", "--yes"], env=machine.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    machine.wait("a step of a plan is under way", lambda: machine.run("pgrep", "-x", "groupadd|useradd").stdout != "")
    hung = machine.pid("users-hand")
    machine.run("kill", "-STOP", hung)
    machine.wait("the hand hung in the middle of it, and its watchdog had it shot", lambda: machine.pid("users-hand") != hung)
    machine.run("systemctl", "stop", "trial-lock.service")
    said = caller.communicate(timeout=120)[0]
    check("who asked is told that it failed", caller.returncode != 0 and "undone" in said, said)
    check("nothing of it is left", machine.run("getent", "passwd", "gina").stdout == "" and
          machine.run("getent", "group", "gina").stdout == "", machine.run("getent", "group", "gina").stdout)
    log = machine.run("journalctl", "-b", "--no-pager", "-o", "cat", "-u", "bulkhead-users-hand").stdout
    check("it was the watchdog", "Watchdog timeout" in log, log[-600:])
    machine.wait("the same change works now", lambda: machine.works("gina"))
    machine.run("sh", "-c", f"rm -r {IMPATIENT}; systemctl daemon-reload; systemctl stop bulkhead-users-hand.service")


def hangs(machine):
    """Two hang while a third dies again and again: each comes back by itself."""
    hung = hang(machine)
    dies_often(machine)
    is_back(machine, hung)


def dies_often(machine):
    for _ in range(8):
        machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-users-clerk.service")
        time.sleep(0.3)
    machine.wait("killed eight times in a row it comes back", lambda: machine.bulkhead("users", "list").returncode == 0)


class Customer:
    """Somebody at work on the data: a shell over the network that writes to a disk and reads it again."""

    def __init__(self, machine, disk):
        self.key, self.machine = f"{tempfile.mkdtemp()}/key", machine
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        machine.run("sh", "-c", "mkdir -p /root/.ssh /run/sshd && chmod 700 /root/.ssh")
        machine.put(f"{self.key}.pub", "/root/.ssh/authorized_keys")
        machine.run("sh", "-c", f"mkfs.ext4 -q {disk} && mkdir -p /srv/data && mount {disk} /srv/data")
        machine.run("systemctl", "start", "ssh.service")
        self.session = subprocess.Popen(self.words("while echo line >>/srv/data/file && wc -l </srv/data/file && sync -d "
                                                   "/srv/data/file; do sleep 0.05; done"), env=machine.env,
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def words(self, command):
        return [f"{HERE}/trial", "lan", "ssh", "-i", self.key, "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", f"root@{ADDRESS}", command]

    def lines(self, count):
        """Waits for the next ones; False when the session is over."""
        return all(self.session.stdout.readline() for _ in range(count))

    def comes_anew(self):
        return subprocess.run(self.words("tail -n 1 /srv/data/file"), env=self.machine.env, stdout=subprocess.PIPE,
                              text=True, check=False, timeout=60).stdout == "line\n"

    def goes(self):
        self.session.kill()
        self.machine.run("sh", "-c", "pkill -f srv/data/file; umount -l /srv/data")


def own_disk(machine):
    """The one it was given: /sys shows those of every other trial as well, /dev does not."""
    return machine.run("sh", "-c", "ls /dev/loop[0-9]*").stdout.split()[0]


def keeps_serving(machine):
    """With everything of ours and PostgreSQL dead and kept from coming back, the data is served."""
    disk = own_disk(machine)
    customer = Customer(machine, disk)
    check("somebody works on the data", customer.lines(3), disk)
    machine.run("sh", "-c", "systemctl mask --runtime --quiet 'bulkhead-api.service' 'bulkhead-database.service' $(systemctl "
                "list-units --plain --no-legend 'bulkhead-*' | awk '{print $1}'); pkill -KILL -f ^/usr/libexec/bulkhead; "
                "pkill -KILL postgres; true")
    machine.wait("none of ours runs, nor the database",
                 lambda: machine.run("pgrep", "-f", "^/usr/libexec/bulkhead|postgres").stdout == "")
    check("the work goes on", customer.lines(20))
    check("and somebody new can begin", customer.comes_anew())
    customer.goes()
    machine.run("sh", "-c", "rm -rf /run/systemd/system/bulkhead*; systemctl daemon-reload; systemctl start postgresql; "
                f"systemctl start {POSTGRES}; systemctl restart bulkhead.target 'bulkhead-*.socket' "
                "bulkhead-database.service; systemctl start 'bulkhead*clerk.service' bulkhead-api.service")
    machine.wait("started again, changes work", lambda: machine.works("bob"))


# --- things that are broken at the start ---

def reboot(machine, what):
    again = machine.trial("reboot")
    check(f"{what}: it boots", again.returncode == 0, again.stdout)
    machine.wait(f"{what}: it is reached", lambda: machine.fetch("/") == "200")


def refuses(machine, what, account, *words):
    """Lists go on; changes say why not, and leave nothing."""
    listed = machine.bulkhead("users", "list")
    check(f"{what}: lists go on", listed.returncode == 0 and "ada" in listed.stdout, listed.stderr)
    done = machine.bulkhead("users", "create", account, "--yes")
    said = (done.stdout + done.stderr).lower()
    check(f"{what}: a change is refused, and it is said why", done.returncode != 0 and any(word in said for word in words),
          said)
    check(f"{what}: and nothing was done", machine.run("id", account).returncode != 0)


def has_a_full_disk(machine):
    fill = "dd if=/dev/zero of=/var/fill bs=1M 2>/dev/null; dd if=/dev/zero of=/var/fill2 bs=512 2>/dev/null; sync; df / | tail -1"
    full = machine.run("sh", "-c", fill).stdout
    check("the disk is full", "100%" in full, full)
    refuses(machine, "full disk", "carl", "space", "full", "database")
    is_named(machine, "space", "/ is full")
    reboot(machine, "full disk")
    # What is hit by it first is not always the same: the database, a journal (then it is the doctor who knows), or a tool, which
    # says in its own words that it cannot write.
    refuses(machine, "full disk after a reboot", "erin", "space", "full", "database", "doctor", "it said: useradd:", "it said: groupadd:")
    machine.run("rm", "/var/fill", "/var/fill2")
    machine.run("systemctl", "start", POSTGRES)
    machine.wait("room again: changes work", lambda: machine.works("carl"))


def has_a_broken_database(machine):
    machine.run(*(word.format("stop") for word in SYSTEMCTL))
    machine.run("mv", f"{DATA}/global/pg_control", "/var/lib/pg_control")
    reboot(machine, "broken database")
    refuses(machine, "broken database", "dora", "database")
    is_named(machine, "database", "cannot be reached")
    machine.run("mv", "/var/lib/pg_control", f"{DATA}/global/pg_control")
    machine.run(*(word.format("restart") for word in SYSTEMCTL))
    machine.wait("database whole again: changes work", lambda: machine.works("dora"))


def is_named(machine, check_name, pattern):
    """By the doctor, in one line with what to do."""
    said = machine.bulkhead("doctor").stdout
    found = [line for line in said.splitlines() if re.match(rf"WRONG +{check_name} .*(?:{pattern}).*; do: ", line)]
    check(f"the doctor names it ({check_name}: {pattern})", len(found) == 1, said)


def has_a_bad_certificate(machine):
    machine.run("sh", "-c", "head -c 3000 /dev/urandom >/var/lib/bulkhead/tls/identity.pem; chown "
                "bulkhead-network-hand:bulkhead-api /var/lib/bulkhead/tls/identity.pem; chmod 640 /var/lib/bulkhead/tls/identity.pem")
    reboot(machine, "corrupted certificate")
    said = machine.run("journalctl", "-b", "-u", "bulkhead-api", "--no-pager").stdout
    check("corrupted certificate: it is said", "identity.pem" in said or "certificate" in said, said[-600:])
    is_named(machine, "certificate", "holds no certificate")
    made = machine.run("bash", "-c", EXPIRED + "cat old.key old.pem >/var/lib/bulkhead/tls/identity.pem; "
                       "cp old.pem /var/lib/bulkhead/tls/chain.pem; chmod 644 /var/lib/bulkhead/tls/chain.pem")
    check("a certificate that expired long ago is there", made.returncode == 0, made.stderr)
    reboot(machine, "expired certificate")
    shown = machine.bulkhead("certificate", "show").stdout
    check("expired certificate: it is shown", "expired" in shown, shown)
    is_named(machine, "certificate", "expired on 2021-01-01")
    machine.run("sh", "-c", "rm /var/lib/bulkhead/tls/*")


def has_wrong_settings(machine):
    """A process does not start with a line that it does not understand, and names it; the others go on."""
    machine.run("sh", "-c", "cp -p /etc/bulkhead/bulkhead.conf /root/; echo NONSENSE=1 >>/etc/bulkhead/bulkhead.conf; "
                "systemctl restart bulkhead-monitor-clerk.service")
    machine.wait("wrong settings: the journal names the line", lambda: re.search(
        r"bulkhead\.conf, line \d+: NONSENSE is no setting",
        machine.run("journalctl", "-b", "-u", "bulkhead-monitor-clerk", "-o", "cat").stdout))
    is_named(machine, "settings", "NONSENSE is no setting")
    check("wrong settings: it is reached", machine.fetch("/") == "200")
    machine.run("cp", "-p", "/root/bulkhead.conf", "/etc/bulkhead/")
    machine.wait("settings right again: it runs by itself", lambda: machine.state("bulkhead-monitor-clerk") == "active")


def lacks_a_disk(machine):
    """A data disk that is gone at a start, as one that died over night."""
    disk = own_disk(machine)
    # By label, which mount looks for itself: in a container PID 1 does not hear of devices.
    machine.run("sh", "-c", f"mkfs.ext4 -qFL data {disk}; mkdir -p /srv/data; printf '[Mount]\\nWhat=LABEL=data\\n"
                "Where=/srv/data\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/srv-data.mount; "
                "systemctl -q enable srv-data.mount")
    reboot(machine, "disk there")
    machine.wait("disk there: its file system is mounted", lambda: machine.run("mountpoint", "-q", "/srv/data").returncode == 0)
    machine.env["TRIAL_DISKS"] = "0"
    reboot(machine, "disk missing")
    check("disk missing: really", machine.run("mountpoint", "-q", "/srv/data").returncode != 0)
    machine.wait("disk missing: changes work", lambda: machine.works("fred"))
    is_named(machine, "mounts", "/srv/data is not mounted: LABEL=data is missing")
    machine.env["TRIAL_DISKS"] = "1"
    reboot(machine, "disk back")
    machine.wait("disk back: mounted by itself", lambda: machine.run("mountpoint", "-q", "/srv/data").returncode == 0)
    machine.run("sh", "-c", "systemctl -q disable --now srv-data.mount; rm /etc/systemd/system/srv-data.mount")


def main():
    machine = Machine(sys.argv[1], TRIAL_STATE_MB="500", TRIAL_BROKEN="yes", TRIAL_DISKS="1", TRIAL_DISK_SIZE="1G")
    lives(machine, does_changes, is_limited, hangs, hangs_in_a_plan, keeps_serving, has_wrong_settings, has_a_broken_database,
          has_a_bad_certificate, lacks_a_disk, has_a_full_disk, ledger_verifies)


if __name__ == "__main__":
    main()
