#!/usr/bin/python3
"""The container template in a container without extra rights: root there is nobody on this machine.

    tests/appliance/template.py TEMPLATE.tar

Unpacks it as an importer does, starts it with what systemd-nspawn gives to any container (a user namespace, few
capabilities, its filter, /sys read-only), goes through set-up, and checks that what cannot be done there is said before
it is tried, and is so. Ends with "N passed, N failed".
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

PASSWORD = "correct horse battery staple"
CANNOT = {"pools", "encryption", "arrays", "images", "disk_health", "nfs_server", "clock"}
results = {"passed": 0, "failed": 0}


def check(what, good, detail=""):
    results["passed" if good else "failed"] += 1
    print(("ok      " if good else "FAILED  ") + what + ("" if good else f": {detail}"), flush=True)
    return good


def wait(found, seconds):
    until = time.monotonic() + seconds
    while not found():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


class Container:
    def __init__(self, folder):
        self.root, self.name = f"{folder}/root", f"bulkhead-lxc-{os.getpid()}"
        self.console = open(f"{folder}/console", "w+b")
        self.cgroup = f"/sys/fs/cgroup/{self.name}"

    def start(self):
        """Where PID 1 is not systemd it gets a cgroup of its own in a fresh mount of them; see tests/appliance/trial."""
        with open("/proc/1/comm", encoding="ascii") as file:
            systemd = file.read().strip() == "systemd"
        own = "" if systemd else (f"mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p {self.cgroup} && "
                                  f"echo $$ >{self.cgroup}/cgroup.procs && ")
        spawn = (f"systemd-nspawn --quiet -D {self.root} -M {self.name} --register=no --keep-unit --private-network "
                 "--private-users=1879048192:65536 --private-users-ownership=chown -b")
        script = f"mount --make-rprivate / && {own}exec {spawn}"
        words = ["unshare", "-m", "bash", "-c", f"exec script -qfc '{script}' /dev/null"]
        if systemd:
            words = ["systemd-run", "--quiet", "--scope", "-p", "Delegate=yes", *words]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        return wait(lambda: self.leader() or self.process.poll() is not None, 60) and self.leader()

    def leader(self):
        spawn = subprocess.run(["pgrep", "-f", f"^systemd-nspawn --quiet -D {self.root} "], stdout=subprocess.PIPE,
                               text=True, check=False).stdout.split()
        found = spawn and subprocess.run(["pgrep", "-P", spawn[0], "-x", "systemd"], stdout=subprocess.PIPE, text=True,
                                         check=False).stdout.split()
        return int(found[0]) if found else None

    def run(self, command, data=None):
        return subprocess.run(["nsenter", "-t", str(self.leader()), "-m", "-u", "-i", "-n", "-p", "-U", "-C", "-r", "-w", "--setuid",
                               "0", "--setgid", "0", "env", "-i", "PATH=/usr/sbin:/usr/bin", "HOME=/root", "LANG=C.UTF-8",
                               "sh", "-c", command], input=data,
                              stdin=None if data else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, timeout=120)

    def out(self, command):
        done = self.run(command)
        return (done.stdout + done.stderr).strip()

    def stop(self):
        leader = self.leader()
        if leader:
            self.run("systemctl poweroff")
            if not wait(lambda: not self.leader(), 30):
                os.kill(leader, 9)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        subprocess.run(["bash", "-c", f"find /sys/fs/cgroup/{self.name} /sys/fs/cgroup/unified/{self.name} -depth -type d "
                        "-exec rmdir {} \\; 2>/dev/null"], check=False)


def starts(container):
    check("it starts", container.start(), "see its console")
    state = []

    def decided():
        state[:] = [container.run("systemctl is-system-running").stdout.strip()]
        return state[0] in ("running", "degraded")
    wait(decided, 120)
    check("it runs, and no unit failed", state == ["running"], container.out("systemctl --failed --no-legend"))
    check("its root is nobody here", container.out("cat /proc/self/uid_map").split()[1] != "0")
    check("it has made its host keys", container.run("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").returncode == 0)
    code = container.out("cat /etc/issue.d/bulkhead.issue")
    check("the set-up code stands above its login", container.out("bulkhead setup-code") in code, code)


def is_set_up(container):
    def made():
        container.made = container.run(
            f"bulkhead setup-code >/run/code; printf %s '{PASSWORD}' >/run/password; bulkhead setup run ada --yes "
            "--setup-code-fd 3 --password-fd 4 3</run/code 4</run/password; rm /run/code /run/password")
        return "bulkhead-admin" in container.out("id ada")
    check("the first administrator is made", wait(made, 120), container.made.stdout + container.made.stderr)
    alice = container.run("bulkhead users create alice --role operator --yes")
    check("a whole change goes through", alice.returncode == 0 and container.run("id alice").returncode == 0, alice.stderr)
    page = container.out("perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(\"127.0.0.1:80\") or die; "
                         "print $s \"GET / HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n\"; print <$s>'")
    check("the front end answers", page.startswith("HTTP/1."), page)


def says_what_it_cannot(container):
    said = container.run("bulkhead system abilities --json")
    told = json.loads(said.stdout or "{}")
    abilities = {ability["name"]: ability for ability in told.get("abilities", [])}
    check("it says that it is a container", told.get("container") == "systemd-nspawn", said.stdout + said.stderr)
    for name in sorted(CANNOT):
        ability = abilities.get(name, {})
        check(f"it says that it cannot: {name}", ability.get("can") == "no" and ability.get("reason") and
              ability.get("next"), ability)
    check("it can see to its own network", abilities.get("network", {}).get("can") == "yes", abilities.get("network"))
    unknown = {name for name, ability in abilities.items() if ability["can"] == "unknown"}
    check("nothing is left unknown but what a kernel without modules does not tell", unknown <= {"bonds", "quotas", "vlans"}, unknown)
    truly_cannot(container)


def truly_cannot(container):
    """As what has all rights there: a service of its own."""
    def tried(command):
        return container.run(f"systemd-run --quiet --wait --pipe sh -c '{command}'").returncode == 0
    check("and it is so: services do run", tried("true"))
    check("no disk image can be mounted", not tried("truncate -s 8M /root/x && mkfs.ext4 -q /root/x && mount -o loop /root/x /mnt"))
    check("no clock can be set", not tried("date -s @$(date +%s)"))
    check("no device can be made", not tried("mknod /root/disk b 8 0"))


def main():
    folder = tempfile.mkdtemp(prefix="bulkhead-template-", dir="/var/tmp")
    os.mkdir(f"{folder}/root")
    subprocess.run(["tar", "-C", f"{folder}/root", "--numeric-owner", "-xf", sys.argv[1]], check=True)
    with open(f"{folder}/root/etc/network/interfaces", "w", encoding="ascii") as file:
        file.write("auto lo\niface lo inet loopback\n") # importers write what cables there are: here none
    container = Container(folder)
    try:
        starts(container)
        is_set_up(container)
        says_what_it_cannot(container)
    except Exception as error:  # what breaks the run is a failure like any other, and the container must still go
        check("the run went through", False, repr(error))
        container.console.seek(0)
        print(container.console.read()[-3000:].decode(errors="replace"))
    finally:
        container.stop()
        shutil.rmtree(folder)
    print(f"{results['passed']} passed, {results['failed']} failed")
    sys.exit(1 if results["failed"] else 0)


if __name__ == "__main__":
    main()
