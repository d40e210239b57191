"""What the first start makes, what its owner does from another machine, and what a restart keeps."""
import glob
import os
import re
import subprocess
import time

from machine import wait

SAVED = "ready"
PASSWORD = "correct horse battery staple"
CODE = re.compile(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){5}")
ROOT_AT = 66 << 20  # where the image has its root file system (image/disk)
# As the tree has them.
CLERKS_AND_FRONT = ["api", *sorted(path.split("/")[-3] + "-clerk" for path in glob.glob(
    f"{os.path.dirname(os.path.abspath(__file__))}/../../daemons/*/clerk/main.c"))]


def all_of_it(machine, check):
    has_no_secret(machine, check)
    machine.make()
    machine.start()
    first_start(machine, check)
    is_set_up(machine, check)
    is_a_whole_machine(machine, check)
    keeps(machine, check)
    saves(machine, check)


def has_no_secret(machine, check):
    """Read from the image as it ships."""
    def at(path, command="cat"):
        return subprocess.run(["debugfs", "-R", f"{command} {path}", f"{machine.image}?offset={ROOT_AT}"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    check("image: no host key", "ssh_host" not in at("/etc/ssh", "ls") and "sshd_config" in at("/etc/ssh", "ls"))
    check("image: no private key", "snakeoil" not in at("/etc/ssl/private", "ls"))
    check("image: no machine-id", at("/etc/machine-id") == "")
    shadow = at("/etc/shadow").splitlines()
    check("image: no account has a password", shadow and all(line.split(":")[1] in ("*", "!", "!*") for line in shadow))
    check("image: nobody can sign in by a key", "authorized_keys" not in at("/root/.ssh", "ls"))
    check("image: nothing of Bulkhead's is made yet", "signing" not in at("/var/lib/bulkhead-users-hand", "ls"))


def first_start(machine, check):
    seen = wait(lambda: CODE.search(machine.console()) or machine.process.poll() is not None, 600)
    check("the set-up code stands above the login at the serial console", seen, machine.console()[-2000:])
    state = machine.wait_running()
    check("it runs, and no unit failed", state == "running", state + machine.out("systemctl --failed --no-legend"))
    check("it answers from outside", wait(machine.ready, 60))
    code = machine.out("bulkhead setup-code")
    check("it is the code that root is told", CODE.findall(machine.console())[-1] == code, code)
    check("the screen shows it too", wait(lambda: code in machine.out("cat /dev/vcs1"), 30), machine.out("cat /dev/vcs1"))
    check("with the address", re.search(r"https://\d+\.\d+\.\d+\.\d+/", machine.out("cat /dev/vcs1")))
    check("it has made its host keys", machine.ssh("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").returncode == 0)
    check("and an id", re.fullmatch("[0-9a-f]{32}", machine.out("cat /etc/machine-id")))
    size = int(machine.out("df --output=size -BG / | tail -1").strip("G "))
    check("its root has grown to the disk", size >= 11, size)
    check("nobody has a password", machine.out("cut -d: -f2 /etc/shadow | grep -c '[$]'") == "0")


def is_set_up(machine, check):
    code = machine.out("bulkhead setup-code")
    check("it says that it wants to be set up", machine.fetch("GET", "/api/auth/setup").body == {"needed": True})
    person = {"username": "ada", "full_name": "Ada L.", "password": PASSWORD}
    wrong = machine.fetch("POST", "/api/auth/setup", {**person, "setup_code": "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"})
    check("a wrong code is refused", wrong.status == 422 or wrong.status == 400, wrong.body)
    time.sleep(wrong.body.get("retry", 1) + 1)
    made = machine.fetch("POST", "/api/auth/setup", {**person, "setup_code": code})
    check("the right one makes the administrator", made.status in (200, 201), made.body)
    check("who is a Unix account", "bulkhead-admin" in machine.out("id ada"), machine.out("id ada"))
    check("the code is gone from the screen", wait(lambda: code not in machine.out("cat /dev/vcs1"), 60))
    signs_in(machine, check)
    bob = machine.fetch("POST", "/api/users", {"username": "bob", "role": "operator"})
    check("she makes an account", bob.status in (200, 201) and "bulkhead-operator" in machine.out("id bob"), bob.body)


def signs_in(machine, check):
    machine.token = None
    answer = machine.fetch("POST", "/api/auth/login", {"username": "ada", "password": PASSWORD})
    if check("she signs in", answer.status == 200, answer.body):
        machine.token = answer.body["token"]


def is_a_whole_machine(machine, check):
    """What a container cannot show: limits, fences and the kernel that Debian ships."""
    check("AppArmor is enabled", machine.out("cat /sys/module/apparmor/parameters/enabled") == "Y")
    check("Landlock is enabled", "landlock" in machine.out("cat /sys/kernel/security/lsm"))
    abi = machine.out("perl -e 'print syscall(444, 0, 0, 1)'")
    check("Landlock is version 2, Debian's", abi == "2", abi)
    for name in CLERKS_AND_FRONT:
        limits(machine, check, name)
    fork = machine.out("echo $$ >/sys/fs/cgroup/system.slice/bulkhead-users-clerk.service/cgroup.procs; "
                       "for i in $(seq 12); do sleep 1 & done; wait")
    check("more tasks than the limit cannot be", "Resource temporarily unavailable" in fork, fork)
    eaten = machine.ssh("echo $$ >/sys/fs/cgroup/system.slice/bulkhead-users-clerk.service/cgroup.procs; exec tail /dev/zero")
    said = machine.out("journalctl -b --no-pager -o cat -u bulkhead-users-clerk")
    check("nor more memory", eaten.returncode != 0 and "oom-kill" in said, said[-500:])
    check("and the daemon it was taken from is started anew", wait(lambda: machine.fetch("GET", "/api/users").status == 200, 60))
    quiet(machine, check)


def limits(machine, check, name):
    status = machine.out(f"cat /proc/$(systemctl show -P MainPID bulkhead-{name})/status")
    check(f"{name} has its filter and no new privileges", re.search(r"NoNewPrivs:\s1\n", status) and
          re.search(r"Seccomp:\s2\n", status), status)
    wanted = machine.out(f"systemctl show -P MemoryMax -P TasksMax bulkhead-{name}").split()
    group = machine.out(f"cd /sys/fs/cgroup/system.slice/bulkhead-{name}.service && cat memory.max pids.max").split()
    check(f"{name} is limited by the kernel", sorted(wanted) == sorted(group) and "max" not in group, (wanted, group))


def quiet(machine, check):
    """Nothing was forbidden that somebody wanted. What tries its own fences says so by its name."""
    denied = [line for line in machine.out("journalctl -b --no-pager -o cat --grep 'type=1326|apparmor=.DENIED'").splitlines()
              if "type=1326" in line or "DENIED" in line]
    wrong = [line for line in denied if 'comm="fence-proof"' not in line]
    check("no forbidden system call was tried, and AppArmor hindered nothing", not wrong, wrong[:3])
    check("the fences were tried", len(denied) > len(wrong))


def keeps(machine, check):
    key = machine.out("cat /etc/ssh/ssh_host_ed25519_key.pub")
    users = machine.fetch("GET", "/api/users").body
    boot = machine.out("cat /proc/sys/kernel/random/boot_id")
    machine.ssh("systemctl reboot")
    back = wait(lambda: machine.out("cat /proc/sys/kernel/random/boot_id", seconds=20) not in (boot, ""), 600)
    check("it restarts", back)
    state = machine.wait_running()
    check("it runs again, and no unit failed", state == "running", state + machine.out("systemctl --failed --no-legend"))
    check("it answers again", wait(machine.ready, 60))
    check("its host key is the same", machine.out("cat /etc/ssh/ssh_host_ed25519_key.pub") == key)
    check("it was born once", machine.out("journalctl --no-pager -u bulkhead-first-boot | grep -c Finished") == "1")
    check("the session is over", machine.fetch("GET", "/api/users").status == 401)
    signs_in(machine, check)
    after = machine.fetch("GET", "/api/users").body
    check("the accounts are the same", len(users) == 2 and
          [user["username"] for user in after] == [user["username"] for user in users], after)
    ledger = machine.fetch("POST", "/api/logging/audit/verify").body
    check("the ledger verifies", ledger["good"] is True, ledger)
    quiet(machine, check)


def saves(machine, check):
    """The state that scenarios begin from: with the tools there, which are in no image."""
    machine.does("mkdir -p /mnt/tools /run/tools && mount -t tmpfs tmpfs /run/tools && mkdir /run/tools/up /run/tools/work "
                 "/run/tools/low && mount -o ro /dev/disk/by-id/virtio-TOOLS /run/tools/low && "
                 "mount -t overlay overlay -o lowerdir=/run/tools/low,upperdir=/run/tools/up,workdir=/run/tools/work "
                 "/mnt/tools && for d in dev proc sys run; do mount --rbind /$d /mnt/tools/$d; done")
    with open(machine.path("token"), "w", encoding="ascii") as file:
        file.write(machine.token or "")
    machine.does("sync")
    machine.save(SAVED)
    machine.stop()


def remembered(machine):
    with open(machine.path("token"), encoding="ascii") as file:
        return file.read()
