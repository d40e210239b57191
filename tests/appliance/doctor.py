#!/usr/bin/python3
"""The doctor on a real machine: all is well, then one thing after the other is broken, named by it in one line with what
to do, and well again when that was undone.

    tests/appliance/doctor.py BUILD
"""
import json
import re
import sys

from machine import DAEMONS, HERE, POSTGRES, Machine, check, lives

PSQL = "runuser -u postgres -- psql -qc"
# Name of the check, what its line must say, how to break it, how to mend it.
BROKEN = (
    ("settings", r"bulkhead\.conf, line \d+: NONSENSE is no setting", "cp -p /etc/bulkhead/bulkhead.conf /root/; echo NONSENSE=1 "
     ">>/etc/bulkhead/bulkhead.conf", "cp -p /root/bulkhead.conf /etc/bulkhead/"),
    ("settings", "can be written by others", "chmod 666 /etc/bulkhead/bulkhead.conf", "chmod 644 /etc/bulkhead/bulkhead.conf"),
    ("package", "index.html is not as the package brought it", "cp -p /usr/share/bulkhead/web/index.html /root/; echo >>"
     "/usr/share/bulkhead/web/index.html", "cp -p /root/index.html /usr/share/bulkhead/web/"),
    ("accounts", "bulkhead-viewer is no group", "cp -p /etc/group /root/; sed -i /^bulkhead-viewer:/d /etc/group",
     "cp -p /root/group /etc/group"),
    ("files", "/var/lib/bulkhead-users-hand has mode 0777", "chmod 777 /var/lib/bulkhead-users-hand",
     "chmod 700 /var/lib/bulkhead-users-hand"),
    ("files", "/var/lib/bulkhead/tls does not belong to", "chown root /var/lib/bulkhead/tls",
     "chown bulkhead-network-hand /var/lib/bulkhead/tls"),
    ("units", "bulkhead-monitor-clerk.service does not run", "systemctl stop bulkhead-monitor-clerk.{socket,service}",
     "systemctl start bulkhead-monitor-clerk.{socket,service}"),
    ("units", "bulkhead-api.service is switched off", "systemctl -q disable bulkhead-api.service",
     "systemctl -q enable bulkhead-api.service"),
    ("units", "bulkhead-acme.path is masked", "systemctl -q mask --runtime bulkhead-acme.path",
     "systemctl -q unmask --runtime bulkhead-acme.path; systemctl start bulkhead-acme.path"),
    ("units", r"bulkhead-acme.service has failed", "mkdir -p /run/systemd/system/bulkhead-acme."
     "service.d; printf '[Unit]\\nConditionFileNotEmpty=\\n[Service]\\nEnvironmentFile=\\nExecStart=\\nExecStart=false\\n' "
     ">/run/systemd/system/bulkhead-acme.service.d/x.conf; systemctl daemon-reload; systemctl start bulkhead-acme; true",
     "rm -r /run/systemd/system/bulkhead-acme.service.d; systemctl daemon-reload; systemctl reset-failed bulkhead-acme"),
    ("sockets", "/run/bulkhead/users.sock has mode 0666", "chmod 666 /run/bulkhead/users.sock",
     "chmod 660 /run/bulkhead/users.sock"),
    ("sockets", "/run/bulkhead/network.sock is not there", "mv /run/bulkhead/network.sock /run/bulkhead/away",
     "mv /run/bulkhead/away /run/bulkhead/network.sock"),
    ("sockets", "port 443 is closed", "systemctl stop bulkhead-api-https.socket bulkhead-api.service",
     "systemctl start bulkhead-api-https.socket; systemctl start bulkhead-api.service"),
    ("sockets", "monitor-clerk does not answer", "kill -STOP $(systemctl show -P MainPID bulkhead-monitor-clerk)",
     "kill -CONT $(systemctl show -P MainPID bulkhead-monitor-clerk)"),
    ("processes", "users-clerk is still the program from before", "cd /usr/libexec/bulkhead && cp -p users-clerk x && mv x "
     "users-clerk", "systemctl restart bulkhead-users-clerk"),
    ("trust", "does not hold", "cp -p /run/bulkhead/trust/current /run/bulkhead/trust/x; echo x >/run/bulkhead/trust/current",
     "mv /run/bulkhead/trust/x /run/bulkhead/trust/current"),
    ("database", "cannot be reached", f"systemctl stop {POSTGRES}; systemctl mask -q --runtime {POSTGRES}",
     f"systemctl unmask -q --runtime {POSTGRES}; systemctl start {POSTGRES}"),
    ("database", "was changed after it had been applied", f"{PSQL} \"update bulkhead.migration set sha256 = reverse(sha256)\" "
     "bulkhead", f"{PSQL} \"update bulkhead.migration set sha256 = reverse(sha256)\" bulkhead"),
    ("database", "was not applied", f"{PSQL} 'alter table bulkhead.migration rename to x' bulkhead",
     f"{PSQL} 'alter table bulkhead.x rename to migration' bulkhead"),
    ("database", "the rights of our roles", f"{PSQL} 'grant delete on ledger.row to \"bulkhead-network\"' bulkhead",
     f"{PSQL} 'revoke delete on ledger.row from \"bulkhead-network\"' bulkhead"),
    ("certificate", "holds no certificate", "echo x >/var/lib/bulkhead/tls/identity.pem", "rm /var/lib/bulkhead/tls/identity.pem"),
    ("certificate", "has expired", "cat /root/old.key /root/old.pem >/var/lib/bulkhead/tls/identity.pem",
     "rm /var/lib/bulkhead/tls/identity.pem"),
    ("certificate", "does not go with its key", "cat /root/new.key /root/old.pem >/var/lib/bulkhead/tls/identity.pem",
     "rm /var/lib/bulkhead/tls/identity.pem"),
    ("mounts", "/srv/x is not mounted: LABEL=x is missing", "echo 'LABEL=x /srv/x ext4 nofail 0 2' >>/etc/fstab",
     "sed -i /LABEL=x/d /etc/fstab"),
    ("clock", "is before the time", "touch -d 2099-01-01 /usr/share/bulkhead/grants.sql",
     "touch -d 2026-01-01 /usr/share/bulkhead/grants.sql"),
    ("space", "/ is full", "dd if=/dev/zero of=/var/fill bs=1M 2>/dev/null; true", "rm /var/fill"),
    ("services", "smb finds its settings wrong.*BOGUS", "cp -p /etc/bulkhead/services/smb.conf /root/; echo 'server min protocol = BOGUS' "
     ">/etc/bulkhead/services/smb.conf", "mv /root/smb.conf /etc/bulkhead/services/"),
    ("services", "ftp finds its settings wrong.*Nonsense", "cp -p /etc/bulkhead/services/ftp.conf /root/; echo Nonsense yes "
     ">>/etc/bulkhead/services/ftp.conf", "mv /root/ftp.conf /etc/bulkhead/services/"),
    ("services", "sftp finds its settings wrong.*Nonsense", "mount --bind /root/nonsense /usr/share/bulkhead/sftp.conf",
     "umount /usr/share/bulkhead/sftp.conf"),
    ("services", "ssh finds its settings wrong.*Nonsense", "echo Nonsense >>/etc/ssh/sshd_config",
     "sed -i /^Nonsense/d /etc/ssh/sshd_config"),
)
# The same for what is no fault, but has to be known.
ODD = (
    ("units", "bulkhead-api.service is changed by .*weaker", "mkdir -p /etc/systemd/system/bulkhead-api.service.d; printf "
     "'[Service]\\nMemoryMax=1G\\n' >/etc/systemd/system/bulkhead-api.service.d/x.conf; systemctl daemon-reload",
     "rm -r /etc/systemd/system/bulkhead-api.service.d; systemctl daemon-reload"),
    ("drift", "smb is not as it is wanted .*# mine", "echo '# mine' >>/etc/bulkhead/services/smb.conf",
     "sed -i '/# mine/d' /etc/bulkhead/services/smb.conf"),
    ("plans", "users-hand has 1 plans that were begun", "install -m 600 /dev/null /var/lib/bulkhead-users-hand/journal/x; touch "
     "-d '1 hour ago' /var/lib/bulkhead-users-hand/journal/x", "rm /var/lib/bulkhead-users-hand/journal/x"),
)
CERTIFICATES = """cd /root && for n in old new; do openssl ecparam -genkey -name prime256v1 -noout -out $n.key; done
printf '[ca]\\ndefault_ca=a\\n[a]\\nnew_certs_dir=.\\ndatabase=i\\nserial=s\\ndefault_md=sha256\\npolicy=p\\nx509_extensions=e\\n[e]\\nsubjectAltName=DNS:nas.example.org\\n[p]\\ncommonName=supplied\\n' >ca.conf
: >i; echo 01 >s; openssl req -new -key old.key -subj /CN=nas -out old.csr
openssl ca -batch -config ca.conf -selfsign -keyfile old.key -in old.csr -notext -out old.pem -startdate 20200101000000Z \
        -enddate 20210101000000Z"""


def doctor(machine, *words):
    return machine.bulkhead("doctor", *words)


def lines(said, word):
    return [line for line in said.splitlines() if line.startswith(word)]


def is_well(machine):
    machine.set_up()
    machine.run("sh", "-c", "echo Nonsense >/root/nonsense")
    for name in ("smb", "ftp", "sftp"):
        done = machine.bulkhead("services", "enable", name, "--yes")
        check(f"{name} serves", done.returncode == 0, done.stderr)
    check("SMB has settings of its own", machine.bulkhead("smb", "set", "--description", "Ours", "--yes").returncode == 0)
    machine.wait("the doctor finds nothing wrong", lambda: doctor(machine).returncode == 0)
    done = doctor(machine, "--all")
    wrong = lines(done.stdout, "WRONG") + lines(done.stdout, "UNKNOWN")
    check("and says so", done.returncode == 0 and not wrong, done.stdout)
    for name in DAEMONS + ["api"]:
        check(f"it looked at {name}", re.search(rf"good +processes +{name} is what its policy says", done.stdout), done.stdout)
    said = json.loads(doctor(machine, "--json").stdout)
    check("as JSON too", said["good"] is True and len(said["findings"]) > 40, said)
    check("one check alone", set(f["check"] for f in json.loads(doctor(machine, "--json", "clock").stdout)["findings"]) ==
          {"clock"})
    check("a check that is none is refused", doctor(machine, "nonsense").returncode == 2)
    machine.run("useradd", "-M", "somebody")
    check("only root", machine.run("runuser", "-u", "somebody", "--", "bulkhead", "doctor").returncode == 2)


def finds(machine, name, pattern, break_it, mend_it, fault=True):
    word = "WRONG" if fault else "warning"
    done = machine.run("bash", "-c", break_it)
    check(f"{name} is broken for the test", done.returncode == 0, done.stderr)
    said = doctor(machine)
    found = [line for line in lines(said.stdout, word) if line.split()[1] == name and re.search(pattern, line)]
    check(f"{name}: \"{pattern}\" is said in one line, with what to do", len(found) == 1 and "; do: " in found[0] and
          said.returncode == (1 if fault else 0), said.stdout + said.stderr)
    machine.run("bash", "-c", mend_it)
    machine.wait(f"{name}: mended, it is well", lambda: doctor(machine).returncode == 0 and
                 not re.search(pattern, doctor(machine).stdout))


def works_alone(machine):
    """With everything else down."""
    machine.run("bash", "-c", "systemctl stop 'bulkhead*' postgresql 'postgresql@*'; rm -r /usr/share/bulkhead/contracts")
    said = json.loads(doctor(machine, "--json").stdout)
    bad = {(f["check"], f["object"]) for f in said["findings"] if f["state"] == "wrong"}
    for name in DAEMONS + ["api"]:
        check(f"everything down: {name} is named", ("units", f"bulkhead-{name}.{'socket' if 'hand' in name else 'service'}") in bad,
              bad)
    check("everything down: so is the database", ("database", "database") in bad, bad)
    unknown = {(f["check"], f["object"]) for f in said["findings"] if f["state"] == "unknown"}
    check("everything down: that drift cannot be seen is said", {("drift", "storage"), ("drift", "shares")} <= unknown, unknown)
    check("everything down: so is a folder that is gone", ("package", "/usr/share/bulkhead/contracts/nas.users.varlink") in bad,
          bad)


# As far as each may be turned.
TURNED = """BULKHEAD_DATABASE=host=/run/postgresql dbname=bulkhead connect_timeout=60
BULKHEAD_HOSTS=nas.example.org other.example.org
BULKHEAD_ORIGINS=https://panel.example:8443 http://other.example
BULKHEAD_ANSWER_SECONDS=600
BULKHEAD_HTTPS_PORT=8443
HTTPS_PROXY=http://proxy.example:3128
LEGO_CA_CERTIFICATES=/etc/ssl/certs/ca-certificates.crt"""
FENCES = "^(Uid|Gid|Groups|Cap[A-Z].*|NoNewPrivs|Seccomp.*):"
TRICKS = ("LD_PRELOAD=/root/x.so", "BULKHEAD_JAIL_LOG=1", "BULKHEAD_DRILL=bpf", "PATH=/root", "export BULKHEAD_HOSTS=x",
          "BULKHEAD_DATABASE=host=evil.example dbname=bulkhead", "BULKHEAD_DATABASE=host=/run/postgresql password=x")


def fences(machine):
    """Of every process, as the kernel has them."""
    doctor(machine, "sockets")  # wakes the hands
    return {name: machine.run("grep", "-E", FENCES, f"/proc/{machine.pid(name)}/status").stdout for name in DAEMONS + ["api"]}


def settings_widen_nothing(machine):
    with open(f"{HERE}/../../systemd/bulkhead.conf", encoding="utf-8") as file:
        known = set(re.findall(r"^#([A-Z_]+)=", file.read(), re.M))
    check("every setting is turned", known == {line.partition("=")[0] for line in TURNED.splitlines()}, known)
    before, again = fences(machine), "systemctl restart bulkhead.target; systemctl stop 'bulkhead-*-hand.service'"
    machine.run("bash", "-c", f"cd /etc/bulkhead; cp -p bulkhead.conf /root/; echo '{TURNED}' >bulkhead.conf; {again}")
    machine.wait("with settings turned as far as they go all is well", lambda: doctor(machine).returncode == 0)
    check("and everybody's fences are the same", before == fences(machine) and all(before.values()), before)
    for line in TRICKS:
        machine.run("bash", "-c", 'printf "#\\n%s\\n" "$0" >/etc/bulkhead/bulkhead.conf', line)
        said = doctor(machine, "settings")
        check(f"no setting: {line}", said.returncode == 1 and "bulkhead.conf, line 2: " in said.stdout, said.stdout)
    machine.run("bash", "-c", f"cp -p /root/bulkhead.conf /etc/bulkhead/; {again}")


def finds_all(machine):
    made = machine.run("bash", "-c", CERTIFICATES)
    check("certificates are made", made.returncode == 0, made.stderr)
    for row in BROKEN:
        finds(machine, *row)
    for row in ODD:
        finds(machine, *row, fault=False)


def main():
    lives(Machine(sys.argv[1], TRIAL_STATE_MB="500", TRIAL_DISKS="0"), is_well, settings_widen_nothing, finds_all, works_alone, set_up=False)


if __name__ == "__main__":
    main()
