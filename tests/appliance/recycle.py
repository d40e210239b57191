#!/usr/bin/python3
"""The recycle bins of shares: what two people delete by real smbclient is kept for each, and goes when its rules say so; bins
that were prepared to lead elsewhere lead nowhere.

    tests/appliance/recycle.py BUILD

Ends with "N passed, N failed".
"""
import sys

from machine import Machine, check, lives
from sharing import ground, offer, share, smb

BIN = "/srv/tank/photos/.recycle"
UNIT = "bulkhead-recycle.service"


def swept(machine, days):
    """The unit as it is, but so many days later."""
    folder = f"/run/systemd/system/{UNIT}.d"
    machine.run("sh", "-c", f"mkdir -p {folder}; printf '[Service]\\nExecStart=\\nExecStart=/usr/libexec/bulkhead/shares-sweeper {days}\\n'"
                f" > {folder}/later.conf; systemctl daemon-reload")
    done = machine.run("systemctl", "start", UNIT)
    return done.returncode == 0


def there(machine, *paths):
    return [machine.run("test", "-e", path).returncode == 0 for path in paths]


def as_account(machine, who, script):
    return machine.run("setpriv", f"--reuid={who}", f"--regid={who}", "--clear-groups", "--inh-caps=-all", "sh", "-c", script)


def is_kept(machine):
    for who in ("alice", "bob"):
        gone = smb(machine, "photos", who, f"mkdir of{who}; cd of{who}; put /etc/hostname f; del f; ls")
        check(f"{who} deletes a file", gone.returncode == 0 and " f " not in gone.stdout, gone.stdout)
    check("each has it in a bin of their own", there(machine, f"{BIN}/alice/ofalice/f", f"{BIN}/bob/ofbob/f") == [True, True],
          machine.run("ls", "-laR", BIN).stdout)
    smb(machine, "photos", "ALICE", "cd ofalice; put /etc/hostname g; del g")
    check("however the name was written", there(machine, f"{BIN}/alice/ofalice/g", f"{BIN}/ALICE") == [True, False],
          machine.run("ls", "-laR", BIN).stdout)
    check("into which nobody else looks", as_account(machine, "bob", f"ls {BIN}/alice").returncode != 0)
    check("and gets it back", smb(machine, "photos", "bob", "rename .recycle/bob/ofbob/f back; ls").returncode == 0 and
          there(machine, "/srv/tank/photos/back") == [True])
    check("without a rule it stays for ever", swept(machine, 10000) and there(machine, f"{BIN}/alice/ofalice/f") == [True])


def goes(machine):
    number = str(share(machine, "photos")["id"])
    done = machine.bulkhead("smb", "update", number, "--recycle-days", "30", "--recycle-max", "5", "--yes")
    one = share(machine, "photos")
    check("there are rules", done.returncode == 0 and (one["recycle_days"], one["recycle_max"]) == (30, 5), done.stderr)
    check("Samba is content with them", machine.rows("shares", "drift") == [])
    check("within the time it stays", swept(machine, 29) and there(machine, f"{BIN}/alice/ofalice/f") == [True])
    check("then it goes, and its folder", swept(machine, 31) and there(machine, f"{BIN}/alice/ofalice", f"{BIN}/alice") == [False, True])
    said = machine.run("journalctl", "-u", UNIT, "-o", "cat").stdout
    check("which is written down", "2 removed" in said, said)
    as_account(machine, "bob", "cd /srv/tank/photos/ofbob && fallocate -l 600M first && fallocate -l 600M second")
    smb(machine, "photos", "bob", "cd ofbob; del first; del second")
    machine.bulkhead("smb", "update", number, "--recycle-max", "1", "--yes")
    kept = (f"{BIN}/bob/ofbob/first", f"{BIN}/bob/ofbob/second")
    check("of more than 1 GiB the oldest goes, today already", there(machine, *kept) == [True, True] and swept(machine, 0) and
          there(machine, *kept) == [False, True], machine.run("ls", "-lR", f"{BIN}/bob").stdout)
    check("it is done once an hour", machine.state("bulkhead-recycle.timer") == "active")


def leads_nowhere(machine):
    """alice has prepared her bin, and would have carol's files deleted."""
    smb(machine, "photos", "carol", "mkdir carols; cd carols; put /etc/hostname precious")
    machine.run("sh", "-c", "chown carol:carol /srv/tank/photos/carols; chmod 700 /srv/tank/photos/carols; "
                "mkdir /srv/tank/photos/shared; chmod 777 /srv/tank/photos/shared; mkdir /srv/tank/photos/shared/closed; "
                "touch /srv/tank/photos/shared/closed/precious; chown -R carol:carol /srv/tank/photos/shared/closed")
    made = as_account(machine, "alice", f"cd {BIN}/alice && ln -s /srv/tank/photos/carols l && ln -s / top && ln -s . self && mkdir deep && "
                      "cd deep && ln -s ../../../carols up && mkfifo pipe && touch \"$(printf 'a\\nb')\" ./-rf '*' && cd .. && "
                      "mv /srv/tank/photos/shared moved")
    check("a bin is prepared", made.returncode == 0, made.stderr)
    mine = as_account(machine, "alice", f"ln -s /srv/tank/photos/carols {BIN}/carol; mkdir {BIN}/root; ls {BIN}")
    check("and others beside it", "carol" in mine.stdout and "root" in mine.stdout, mine.stderr)
    check("it is swept", swept(machine, 31), machine.run("journalctl", "-u", UNIT, "-n", "5").stdout)
    check("what was alice's in it is gone", machine.run("find", f"{BIN}/alice", "-mindepth", "1", "!", "-path", "*moved*").stdout == "",
          machine.run("find", f"{BIN}/alice").stdout)
    check("what is carol's stays, wherever alice put it", there(machine, "/srv/tank/photos/carols/precious",
                                                               f"{BIN}/alice/moved/closed/precious") == [True, True])
    machine.run("sh", "-c", f"rm {BIN}/carol; mv /srv/tank/photos/.recycle /srv/tank/photos/old; ln -s /srv/tank/documents /srv/tank/photos/.recycle; "
                "mkdir /srv/tank/documents/alice; touch /srv/tank/documents/alice/x; chown -R alice:alice /srv/tank/documents/alice")
    check("a link in the place of all bins is none", swept(machine, 31) and there(machine, "/srv/tank/documents/alice/x") == [True])


def has_a_bin(machine):
    ground(machine)
    offer(machine, "photos", "/srv/tank/photos", "--recycle-bin")


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G"), has_a_bin, is_kept, goes, leads_nowhere, set_up=False)
