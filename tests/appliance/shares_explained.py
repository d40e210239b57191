#!/usr/bin/python3
"""Why somebody can or cannot use a share: what is said is so for real smbclient, and what is said to mend it does.

    tests/appliance/shares_explained.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import ADDRESS, Machine, check, lives
from sharing import ground, offer, share, smb, web_of


def asker(machine):
    def said(who, where="photos", *words):
        done = machine.bulkhead("shares", "explain", who, where, *words, "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {"sentence": done.stderr, "fix": "", "reads": None, "writes": None}
    return said


def explains(machine):
    said = asker(machine)
    number = str(share(machine, "photos")["id"])
    one = said("alice")
    check("it is explained who can", one["reads"] and one["writes"] and "read and write" in one["sentence"], one)
    machine.bulkhead("smb", "update", number, "--valid-users", "bob", "--yes")
    one = said("alice")
    check("and who cannot, with the call that mends it", not one["reads"] and "valid_users" in one["sentence"] and
          one["fix"] == f"bulkhead smb update {number} --valid-users bob --valid-users alice", one)
    mended = machine.run(*one["fix"].split(), "--yes")
    check("which does", mended.returncode == 0 and said("alice")["reads"] and smb(machine, "photos", "alice", "ls").returncode == 0,
          mended.stderr)
    machine.run("chmod", "0755", "/srv/tank/photos")
    one = said("alice")
    check("what the files say counts", one["reads"] and not one["writes"] and "mode 0755" in one["sentence"], one)
    check("and it is so", smb(machine, "photos", "alice", "put /etc/hostname y").returncode != 0)
    machine.run("chmod", "0777", "/srv/tank/photos")
    machine.bulkhead("smb", "update", number, "--read-only", "--yes")
    one = said("alice")
    check("and what the share does", one["reads"] and not one["writes"] and "read-only" in one["sentence"] and
          one["fix"] == f"bulkhead smb update {number} --write-list alice", one)
    machine.bulkhead("smb", "update", number, "--no-read-only", "--valid-users", "@/dev/null", "--yes")
    check("a list is emptied by a file without lines", share(machine, "photos")["valid_users"] == [])
    machine.bulkhead("users", "update", "carol", "--no-enabled", "--yes")
    one = said("carol")
    check("and the account", "disabled" in one["sentence"] and one["fix"] == "bulkhead users update carol --enabled", one)
    machine.run(*one["fix"].split(), "--yes")
    check("nobody is told of what is not there", "no account" in said("nosuch")["sentence"] and
          "no share" in said("alice", "nosuch")["sentence"])


# By number, since setfacl need not be here: all that others may do is more than she may.
ACL = """
import os, struct, sys
path, uid, allows, mask = sys.argv[1], *map(int, sys.argv[2:])
entries = (1, 7, -1), (2, allows, uid), (4, 7, -1), (16, mask, -1), (32, 7, -1)
os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries))
"""


def by_acl(machine):
    said = asker(machine)
    uid = machine.run("id", "-u", "alice").stdout.strip()
    for allows, mask, can in (("5", "7", (True, False)), ("7", "7", (True, True)), ("7", "5", (True, False)), ("0", "7", (False, False))):
        machine.run("python3", "-c", ACL, "/srv/tank/photos", uid, allows, mask)
        one = said("alice")
        found = tuple(smb(machine, "photos", "alice", command).returncode == 0 for command in ("ls", "put /etc/hostname z; del z"))
        check(f"what an ACL lets her do is explained as it is: {allows} of {mask}", (one["reads"], one["writes"]) == can == found and
              (can == (True, True) or "with an ACL" in one["sentence"]), (one, found))
    machine.run("python3", "-c", "import os; os.removexattr('/srv/tank/photos', 'system.posix_acl_access')")
    machine.run("chmod", "0777", "/srv/tank/photos")
    check("and without it as before", said("alice")["writes"])


def call_of(said):
    """The method, address and body by which the web asks for what is said to mend it."""
    given = dict(said["fix_parameters"])
    if said["fix_method"] == "nas.users.AddMember":
        return "PUT", f"/api/groups/{given['name']}/members/{given['username']}", {}
    assert said["fix_method"] == "nas.storage.UpdateDataset", said
    return "PATCH", f"/api/storage/datasets/{given.pop('pool')}/{given.pop('id')}", given


def by_rights(machine):
    """Whose the folder is, and the change that lets her in: as it is given, with its plan first."""
    said, web, folder = asker(machine), web_of(machine), "/srv/tank/photos"

    def writes():
        return smb(machine, "photos", "alice", "put /etc/hostname w; del w").returncode == 0

    def is_mended(what, owner, mode, expected, then):
        machine.run("chown", owner, folder)
        machine.run("chmod", f"0{mode}", folder)  # so many digits take away what others would leave
        check(f"{what}: she cannot write", not writes())
        for step in expected:
            one = said("alice")
            check(f"{what}: that is said with the change that mends it", not one["writes"] and one.get("fix_parameters") and
                  step in one["fix"] and (owner.split(":", maxsplit=1)[0] in one["sentence"]), one)
            method, address, body = call_of(one)
            before = machine.run("stat", "-c", "%U:%G %a", folder).stdout, machine.run("id", "alice").stdout
            plan = web.ask(method, f"{address}?dry_run=true", body)
            after = machine.run("stat", "-c", "%U:%G %a", folder).stdout, machine.run("id", "alice").stdout
            check(f"{what}: whose plan is shown, and no more than that", plan.status == 200 and before == after, (plan, before, after))
            if method == "PUT":
                done = machine.run(*one["fix"].split(), "--yes").returncode == 0  # in words it is the same
            else:
                done = web.ask(method, address, body).status == 200
            check(f"{what}: which is done", done, one)
        found = machine.run("stat", "-c", "%U:%G %a", folder).stdout.strip()
        check(f"{what}: then she can, and nobody else can more", said("alice")["writes"] and writes() and found == then, found)

    is_mended("a folder of root's", "root:root", "0755", ["--group alice --mode 0775"], "root:alice 775")
    is_mended("one of bob's", "bob:bob", "0700", ["--group alice --mode 0750", "--mode 0770"], "bob:alice 770")
    is_mended("one of her own", "alice:band", "0550", ["--mode 0750"], "alice:band 750")
    is_mended("one of a group's", "root:band", "2770", ["bulkhead groups add band alice"], "root:band 2770")
    machine.bulkhead("groups", "remove", "band", "alice", "--yes")
    is_mended("one of somebody's group's", "root:bob", "0770", ["--owner alice"], "alice:bob 770")
    machine.run("chown", "bob:band", folder)
    machine.run("chmod", "00700", folder)
    one = said("alice")
    check("where only taking it from others would do there is no change, but words", "fix_method" not in one and
          one["fix"] == f"setfacl -m u:alice:r-x {folder}", one)
    machine.run("chown", "root:root", folder)
    machine.run("chmod", "00777", folder)
    machine.run("mkdir", "-m", "0755", f"{folder}/inside")
    offer(machine, "inside", f"{folder}/inside")
    one = said("alice", "inside")
    check("nor for a folder in a dataset", not one["writes"] and "fix_method" not in one and
          one["fix"] == f"setfacl -m u:alice:rwx {folder}/inside", one)
    machine.bulkhead("smb", "delete", str(share(machine, "inside")["id"]), "--yes")
    machine.run("rmdir", f"{folder}/inside")


def by_address(machine):
    said = asker(machine)
    number = str(share(machine, "photos")["id"])
    machine.bulkhead("smb", "update", number, "--hosts-allow", "192.0.2.0/24", "--yes")
    one = said("alice", "photos", "--address", ADDRESS)
    check("where somebody connects from counts when it is said", not one["reads"] and "hosts_allow" in one["sentence"], one)
    check("and it is so", smb(machine, "photos", "alice", "ls", host=ADDRESS).returncode != 0)
    check("from elsewhere it is allowed", said("alice", "photos", "--address", "192.0.2.7")["writes"])
    check("when nobody says from where, it is mentioned", "from the addresses" in said("alice")["sentence"])
    web = web_of(machine)
    check("what mends it is a call", one.get("fix_method") == "nas.shares.UpdateSmbShare" and
          one["fix_parameters"] == {"id": int(number), "hosts_allow": ["192.0.2.0/24", ADDRESS]}, one)
    wanted = {name: value for name, value in one.get("fix_parameters", {}).items() if name != "id"}
    plan = web.ask("PATCH", f"/api/shares/smb/{number}?dry_run=true", wanted)
    check("whose plan can be looked at", plan.status == 200 and "write /etc/bulkhead/smb/photos" in plan.text, plan)
    done = web.ask("PATCH", f"/api/shares/smb/{number}", wanted)
    check("and which mends it", done.status == 200 and said("alice", "photos", "--address", ADDRESS)["writes"] and
          smb(machine, "photos", "alice", "ls", host=ADDRESS).returncode == 0, done)
    machine.bulkhead("smb", "update", number, "--hosts-allow", "@/dev/null", "--yes")


def without_room(machine):
    said = asker(machine)
    def fails():
        return smb(machine, "photos", "alice", "put /usr/bin/bash x").returncode != 0

    number = next(one["id"] for one in machine.rows("datasets", "list") if (one["pool"], one["name"]) == ("tank", "photos"))
    machine.bulkhead("datasets", "set", "tank", str(number), "--quota", str(2 << 20), "--yes")
    check("a quota that is not used up stops nobody", said("alice")["writes"])
    machine.run("sh", "-c", "head -c 2000000 /dev/urandom > /srv/tank/photos/much; sync -f /srv/tank")
    one = said("alice")
    check("one that is used up does", one["reads"] and not one["writes"] and "quota" in one["sentence"], one)
    check("and it is so", fails())
    machine.run("sh", "-c", "rm /srv/tank/photos/much; sync -f /srv/tank")
    machine.run("mount", "-o", "remount,ro", "/srv/tank")
    one = said("alice")
    check("so does a pool that is mounted read-only", one["reads"] and not one["writes"] and "mounted" in one["sentence"], one)
    check("and it is so", fails())
    machine.run("mount", "-o", "remount,rw", "/srv/tank")
    machine.run("btrfs", "property", "set", "/srv/tank/photos", "ro", "true")
    one = said("alice")
    check("and a dataset that is", one["reads"] and not one["writes"] and "dataset is read-only" in one["sentence"], one)
    check("and it is so", fails())
    machine.run("btrfs", "property", "set", "-f", "/srv/tank/photos", "ro", "false")
    check("afterwards she can", said("alice")["writes"])


def has_a_share(machine):
    ground(machine)
    offer(machine, "photos", "/srv/tank/photos")


if __name__ == "__main__":
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G", TRIAL_PORT=""), has_a_share, explains, by_acl, by_rights,
          by_address, without_room, set_up=False)
