"""What the suites of shares share: the ground they stand on, and real clients."""
import subprocess
import sys

from machine import HERE, PASSWORD, check
from storing import confirmed

sys.path.insert(0, f"{HERE}/../lib")
from web import Web  # noqa: E402

MIB = 1 << 20
PEOPLE = {"alice": "alice likes long passwords", "bob": "bob likes long passwords", "carol": "carol likes long passwords"}
MINIMAL_PORT, MINIMAL_FOLDER = 4455, "/run/minimal"
# Where its state is, and no more than it needs to be beside ours.
MINIMAL = f"""[global]
	server role = standalone server
	passdb backend = smbpasswd:/var/lib/bulkhead/smb/passwd
	smb ports = {MINIMAL_PORT}
	disable netbios = yes
	load printers = no
	state directory = {MINIMAL_FOLDER}
	cache directory = {MINIMAL_FOLDER}
	lock directory = {MINIMAL_FOLDER}
	pid directory = {MINIMAL_FOLDER}
	private dir = {MINIMAL_FOLDER}/private
	ncalrpc dir = {MINIMAL_FOLDER}/ncalrpc
	log file = {MINIMAL_FOLDER}/log
[minimal]
	path = /srv/tank/documents
	read only = no
"""


def ground(machine):
    """Two pools, datasets in which everybody may do everything, and accounts."""
    machine.set_up()
    machine.wait("the trial's disks are free", lambda: sum(disk["takable"] for disk in machine.rows("disks", "list")) >= 3)
    for name, profile, disks in (("tank", "raid1", ("trial-disk1", "trial-disk2")), ("away", "single", ("trial-disk3",))):
        words = (word for disk in disks for word in ("--disks", disk))
        made = ("pools", "create", name, "--profile", profile, *words)
        machine.wait(f"there is the pool {name}", lambda made=made: confirmed(machine, *made).returncode == 0)
    for pool, name in (("tank", "photos"), ("tank", "documents"), ("away", "films")):
        machine.bulkhead("datasets", "create", pool, name, "--yes")
        one = next(each for each in machine.rows("datasets", "list") if (each["pool"], each["name"]) == (pool, name))
        made = machine.bulkhead("datasets", "set", pool, str(one["id"]), "--mode", "0777", "--yes")
        check(f"and in it {name}, open to all", made.returncode == 0, made.stderr)
    for name, password in PEOPLE.items():
        made = machine.bulkhead("users", "create", name, "--password-fd", "3", "--yes", secrets=(password,))
        check(f"there is the account {name}", made.returncode == 0, made.stderr)
    machine.bulkhead("groups", "create", "band", "--yes")
    check("and a group with one of them", machine.bulkhead("groups", "add", "band", "bob", "--yes").returncode == 0)


def web_of(machine):
    """The front end, with ada signed in."""
    with open(f"/run/bulkhead-trial/{machine.env['TRIAL_NAME']}/port", encoding="ascii") as port:
        web = Web(int(port.read()))
    web.sign_in("ada", PASSWORD)
    return web


def offer(machine, name, path, *words):
    return machine.bulkhead("smb", "create", name, path, *words, "--yes")


def share(machine, name):
    return next((one for one in machine.rows("smb", "list") if one["name"] == name), None)


def service_of(machine, name):
    return next(one for one in machine.rows("services", "list") if one["name"] == name)


def said_of_encrypted(machine, pool, message):
    """What is told of something in a pool that is away, and would be encrypted."""
    machine.run("sh", "-c", f"echo '5e0c4b0e-8f2b-4c1e-9d57-0a1b2c3d4e5f no yes' > /etc/bulkhead/encryption/{pool}")
    told = message()
    check("of one that is encrypted it says what may be the matter", "may have to be unlocked" in told, told)
    machine.run("rm", f"/etc/bulkhead/encryption/{pool}")


def smb(machine, where, who, command, *more, host="127.0.0.1", wait=True):
    """smbclient inside: what it says is on its output. where None: of the server itself; who None: a guest."""
    place = ["-L", f"//{host}"] if where is None else [f"//{host}/{where}", "-c", command]
    account = ["-U", f"{who}%{PEOPLE.get(who.lower(), PASSWORD)}"] if who else ["-N", "-U", "%"]
    words = [f"{HERE}/trial", "exec", "smbclient", "--configfile=/dev/null", "-t", "60", *account, *more, *place]
    client = subprocess.Popen(words, env=machine.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL)
    if not wait:
        return client
    said = client.communicate(timeout=300)[0]
    return subprocess.CompletedProcess(words, client.returncode, said, "")


def smbd(machine):
    """The process that all others came from."""
    pid = machine.pid("smb")
    return pid if pid != "0" else None


def serve_minimally(machine):
    """Another smbd beside ours, with the share "minimal"."""
    machine.run("mkdir", "-p", f"{MINIMAL_FOLDER}/private", f"{MINIMAL_FOLDER}/ncalrpc")
    machine.run("sh", "-c", f"cat > {MINIMAL_FOLDER}/smb.conf <<'END'\n{MINIMAL}END")
    machine.run("systemd-run", "--quiet", "--unit=minimal", "smbd", "--foreground", "--no-process-group", f"--configfile={MINIMAL_FOLDER}/smb.conf")
    return machine.wait("the other smbd listens", lambda: f":{MINIMAL_PORT}" in machine.run("ss", "-Hlnt").stdout)
