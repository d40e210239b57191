#!/usr/bin/python3
"""Shares over SMB as people meet them: real smbclient against the real smbd that the appliance runs.

    tests/appliance/shares.py BUILD

Ends with "N passed, N failed".
"""
import os
import sys
import threading

from machine import ADDRESS, POSTGRES, Machine, check, ledger_verifies, lives
from sharing import MIB, PEOPLE, ground, offer, said_of_encrypted, service_of, share, smb, smbd, web_of
from storing import confirmed

CHANGES = 100
OTHER_PASSWORD = "another that file servers keep"
NAMES = ("name with blanks", "Grüße aus Köln", "it's Tom's", "日本語", "🏔 summer (2026)")


def is_offered(machine):
    made = offer(machine, "photos", "/srv/tank/photos", "--description", "All of us")
    check("a share is made", made.returncode == 0, made.stderr)
    machine.wait("the service runs", lambda: machine.state("bulkhead-smb.service") == "active")
    photos = share(machine, "photos")
    check("it is listed, served, and says where", photos["served"] and photos["storage_pool"] == "tank" and
          photos["description"] == "All of us", photos)
    served_by = service_of(machine, "smb")
    check("its service says what hangs on it, and on what it hangs", "photos" in served_by["holders"] and
          "sysinit.target" in served_by["needs"], served_by)
    seen = smb(machine, None, "alice", "-L")
    check("clients see it in the list", "photos" in seen.stdout and "All of us" in seen.stdout, seen.stdout + seen.stderr)
    put = smb(machine, "photos", "alice", "put /etc/os-release a; get a /tmp/a; rename a b; ls")
    check("alice puts, gets and renames", put.returncode == 0 and " b " in put.stdout, put.stdout + put.stderr)
    check("what she got is what she put", machine.run("cmp", "/tmp/a", "/etc/os-release").returncode == 0)
    check("and what lies there is hers", machine.run("stat", "-c", "%U", "/srv/tank/photos/b").stdout.strip() == "alice")
    check("a wrong password opens nothing", "LOGON_FAILURE" in smb(machine, "photos", "alice", "ls", "--password=wrong").stdout)
    again = offer(machine, "PHOTOS", "/srv/tank/photos")
    check("no second one of that name, in capital letters neither", again.returncode == 5, again.stderr)
    nowhere = offer(machine, "nowhere", "/srv/tank/nowhere")
    check("none of a folder that is not there", nowhere.returncode != 0 and share(machine, "nowhere") is None, nowhere.stderr)
    machine.run("ln", "-s", "/etc", "/srv/tank/documents/out")
    link = offer(machine, "link", "/srv/tank/documents/out")
    check("nor of one behind a link", link.returncode != 0 and share(machine, "link") is None, link.stderr)
    machine.run("rm", "/srv/tank/documents/out")
    return photos["id"]


def two_administrators(machine, number):
    web = web_of(machine)
    address = f"/api/shares/smb/{number}"
    seen = web.get(address)
    tag = seen.headers["ETag"]
    first = web.ask("PATCH", address, {"description": "first"}, {"If-Match": tag})
    second = web.ask("PATCH", address, {"description": "second"}, {"If-Match": tag})
    check("of two changes made from the same page the second is told", first.status == 200 and second.status == 412,
          (first, second))
    check("and the first stays", share(machine, "photos")["description"] == "first")
    web.ask("PATCH", address, {"valid_users": "alice, @band"})
    check("lists of names are taken as one text, as scripts have them", share(machine, "photos")["valid_users"] == ["alice", "@band"])
    web.ask("PATCH", address, {"valid_users": ""})
    check("of nobody, too", share(machine, "photos")["valid_users"] == [])


def is_renamed(machine, number):
    moved = machine.bulkhead("smb", "update", str(number), "--name", NAMES[1], "--yes")
    there = share(machine, NAMES[1])
    check("a share is renamed and keeps its number", moved.returncode == 0 and there and there["id"] == number, moved.stderr)
    check("it is there under the new name", smb(machine, NAMES[1], "alice", "ls").returncode == 0)
    check("and not under the old", "BAD_NETWORK_NAME" in smb(machine, "photos", "alice", "ls").stdout)
    machine.bulkhead("smb", "update", str(number), "--name", "photos", "--yes")
    for name in NAMES:
        made = offer(machine, name, "/srv/tank/documents")
        used = smb(machine, name, "alice", f'put /etc/hostname "{name}"; get "{name}" /tmp/name; del "{name}"')
        check(f"a share and a file in it called {name}", made.returncode == 0 and used.returncode == 0,
              made.stderr + used.stdout)
        gone = machine.bulkhead("smb", "delete", str((share(machine, name) or {"id": 1})["id"]), "--yes")
        check("deleted, it is gone for clients too", gone.returncode == 0 and
              "BAD_NETWORK_NAME" in smb(machine, name, "alice", "ls").stdout, gone.stderr)


def who_may(machine):
    """Whose rights on the files would let everybody do everything: what is refused is refused by the share."""
    def can(who, *more):
        read = smb(machine, "documents", who, "ls", *more)
        write = smb(machine, "documents", who, "put /etc/hostname x; del x", *more)
        return ("rw" if write.returncode == 0 else "r") if read.returncode == 0 else "-"

    def given(*words):
        done = machine.bulkhead("smb", "update", str(share(machine, "documents")["id"]), *words, "--yes")
        return {who: can(who) for who in PEOPLE} if done.returncode == 0 else done.stderr

    made = offer(machine, "documents", "/srv/tank/documents", "--valid-users", "alice", "--valid-users", "@band")
    check("a share for alice and a group", made.returncode == 0, made.stderr)
    rights = {who: can(who) for who in PEOPLE}
    check("is for them alone", rights == {"alice": "rw", "bob": "rw", "carol": "-"}, rights)
    rights = given("--valid-users", "alice", "--valid-users", "bob", "--valid-users", "carol", "--read-list", "@band")
    check("who is in the read list reads", rights == {"alice": "rw", "bob": "r", "carol": "rw"}, rights)
    rights = given("--read-list", "carol", "--read-only")
    check("read-only is so for all", rights == {"alice": "r", "bob": "r", "carol": "r"}, rights)
    rights = given("--write-list", "@band")
    check("but for the write list", rights == {"alice": "r", "bob": "rw", "carol": "r"}, rights)
    machine.bulkhead("groups", "remove", "band", "bob", "--yes")
    rights = can("bob")
    check("who leaves the group has what the others have", rights == "r", rights)
    nobody = machine.bulkhead("smb", "update", str(share(machine, "documents")["id"]), "--valid-users", "nosuch", "--yes")
    check("a name that is nobody's is refused", nobody.returncode != 0 and "nosuch" in nobody.stderr, nobody.stderr)


def is_away_when_disabled(machine):
    carol = machine.bulkhead("users", "update", "carol", "--no-enabled", "--yes")
    refused = smb(machine, "documents", "carol", "ls")
    check("a disabled account is let in no more", carol.returncode == 0 and refused.returncode != 0, carol.stderr + refused.stdout)
    machine.bulkhead("users", "update", "carol", "--enabled", "--yes")
    check("and again when it is enabled", smb(machine, "documents", "carol", "ls").returncode == 0)


def administrators_use_another(machine):
    offer(machine, "plain", "/srv/tank/documents")
    refused = smb(machine, "plain", "ada", "ls")
    check("an administrator's password for the pages opens no share", "LOGON_FAILURE" in refused.stdout, refused.stdout)
    done = confirmed(machine, "users", "smb-password", "ada", "--password-fd", "3", secrets=(OTHER_PASSWORD,))
    let = smb(machine, "plain", "ada", "ls", f"--password={OTHER_PASSWORD}")
    check("one of their own for that does", done.returncode == 0 and let.returncode == 0, done.stderr + let.stdout)
    check("and the other still does not", "LOGON_FAILURE" in smb(machine, "plain", "ada", "ls").stdout)
    machine.bulkhead("users", "remove-smb-password", "ada", "--yes")
    gone = smb(machine, "plain", "ada", "ls", f"--password={OTHER_PASSWORD}")
    check("taken away it opens nothing", "LOGON_FAILURE" in gone.stdout, gone.stdout)


def guests(machine):
    def as_guest():
        return smb(machine, "plain", None, "ls")

    number = str(share(machine, "plain")["id"])
    check("who has no account is refused", as_guest().returncode != 0)
    refused = machine.bulkhead("smb", "update", number, "--guest-ok", "--yes")
    check("a share alone cannot let them in", refused.returncode == 5 and "bulkhead smb set --guests" in refused.stderr, refused.stderr)
    secret = machine.bulkhead("smb", "set", "--guests", "--yes")
    check("nor can the server, while it wants what guests cannot do", secret.returncode == 5 and "encrypt" in secret.stderr, secret.stderr)
    machine.bulkhead("smb", "set", "--guests", "--encryption", "default", "--yes")
    check("nor does the server alone", as_guest().returncode != 0)
    both = machine.bulkhead("smb", "update", number, "--guest-ok", "--yes")
    let = as_guest()
    check("both together do", both.returncode == 0 and let.returncode == 0, both.stderr + let.stdout)
    machine.bulkhead("smb", "update", number, "--no-guest-ok", "--yes")
    machine.bulkhead("smb", "set", "--no-guests", "--encryption", "desired", "--yes")
    check("and no more afterwards", as_guest().returncode != 0)


def tells_capitals_apart(machine):
    """Another client sees each time anew what the server is told."""
    number = str(share(machine, "plain")["id"])
    machine.run("sh", "-c", "cd /srv/tank/documents && echo small > case && echo large > CASE && chmod 666 case CASE")
    alike = smb(machine, "plain", "alice", "get Case /dev/stdout")
    check("names in other letters are the same file", alike.returncode == 0, alike.stdout)
    machine.bulkhead("smb", "update", number, "--case-sensitive", "--yes")
    apart = smb(machine, "plain", "alice", "get CASE /dev/stdout").stdout, smb(machine, "plain", "alice", "get case /dev/stdout").stdout
    check("unless the share tells them apart", "large" in apart[0] and "small" in apart[1], apart)
    other = smb(machine, "plain", "alice", "get Case /dev/stdout")
    check("then another is none", "NOT_FOUND" in other.stdout, other.stdout)
    machine.bulkhead("smb", "update", number, "--no-case-sensitive", "--yes")
    machine.run("sh", "-c", "rm /srv/tank/documents/case /srv/tank/documents/CASE")


def is_kept_from(machine):
    number = str(share(machine, "plain")["id"])
    machine.bulkhead("smb", "update", number, "--hidden", "--yes")
    listed = smb(machine, None, "alice", "-L").stdout
    check("a hidden one is not in the list but can be used", "plain" not in listed and "photos" in listed and
          smb(machine, "plain", "alice", "ls").returncode == 0, listed)
    machine.bulkhead("smb", "update", number, "--hosts-deny", "10.77.0.0/24", "--yes")
    check("an address that is denied is turned away", "ACCESS_DENIED" in smb(machine, "plain", "alice", "ls", host=ADDRESS).stdout)
    check("others are not", smb(machine, "plain", "alice", "ls").returncode == 0)
    machine.bulkhead("smb", "update", number, "--no-enabled", "--yes")
    one = share(machine, "plain")
    check("not enabled it is kept and not offered", not one["served"] and one["message"] == "It is not enabled." and
          smb(machine, "plain", "alice", "ls").returncode != 0, one)
    machine.bulkhead("smb", "delete", number, "--yes")


def is_encrypted(machine):
    offer(machine, "secret", "/srv/tank/documents", "--encryption", "required")
    secret = smb(machine, "secret", "alice", "ls", "--client-protection=encrypt")
    check("who can encrypt is let in", secret.returncode == 0, secret.stdout)
    machine.bulkhead("smb", "set", "--oldest-protocol", "SMB2", "--yes")
    plain = smb(machine, "secret", "alice", "ls", "-m", "SMB2_10")
    check("who cannot is turned away", "ACCESS_DENIED" in plain.stdout, plain.stdout)
    check("but from what need not be", smb(machine, "photos", "alice", "ls", "-m", "SMB2_10").returncode == 0)
    machine.bulkhead("smb", "set", "--encryption", "required", "--yes")
    check("required of the server, it is of every share", smb(machine, "photos", "alice", "ls", "-m", "SMB2_10").returncode != 0 and
          smb(machine, "photos", "alice", "ls", "--client-protection=encrypt").returncode == 0)
    machine.bulkhead("smb", "set", "--encryption", "desired", "--yes")
    machine.bulkhead("smb", "set", "--oldest-protocol", "SMB3", "--yes")
    machine.bulkhead("smb", "delete", str(share(machine, "secret")["id"]), "--yes")
    for old in ("NT1", "SMB2_02", "SMB2_10"):
        spoken = smb(machine, "photos", "alice", "ls", "-m", old, "--option=client min protocol=NT1")
        check(f"{old} is not spoken", spoken.returncode != 0, spoken.stdout)
    check("nothing but its port is open", machine.run("sh", "-c", "ss -Hlnt | grep -c ':139 '").stdout.strip() == "0")


# A client that speaks 3.0.2 asks what the server wants of it; the answer's second number: 1: signing is known, 2: all must.
ASKS = """
import socket, struct
link = socket.create_connection(("127.0.0.1", 445), 60)
asked = b"\\xfeSMB" + struct.pack("<HHIHHIIQIIQ16x", 64, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0) + struct.pack("<HHHHI16sQH", 36, 1, 1, 0, 0, b"x" * 16, 0, 0x0302)
link.sendall(struct.pack(">I", len(asked)) + asked)
said = b""
while len(said) < 72:
    said += link.recv(4096) or exit("nothing more came")
print(struct.unpack_from("<H", said, 4 + 64 + 2)[0])
"""


def is_signed(machine):
    def wants():
        return machine.run("python3", "-c", ASKS).stdout.strip()
    check("signing is known", wants() == "1", wants())
    machine.bulkhead("smb", "set", "--signing-required", "--yes")
    check("all must sign when that is wanted", wants() == "3" and smb(machine, "photos", "alice", "ls").returncode == 0, wants())
    machine.bulkhead("smb", "set", "--no-signing-required", "--yes")
    check("and no more when it is not", wants() == "1" and smb(machine, "photos", "alice", "ls").returncode == 0, wants())


def so_many_at_once(machine, number):
    limited = machine.bulkhead("smb", "update", str(number), "--max-connections", "1", "--yes")
    check("a share is for one client at a time", limited.returncode == 0, limited.stderr)
    machine.run("mkfifo", "/tmp/pieces")
    client = smb(machine, "photos", "alice", "put /tmp/pieces held", wait=False)
    pieces = piece_by_piece(machine, "/tmp/pieces")
    second = smb(machine, "photos", "bob", "ls")
    check("a second one is turned away", second.returncode != 0 and "INSUFFICIENT_RESOURCES" in second.stdout, second.stdout)
    pieces.close()
    said = client.communicate(timeout=120)[0]
    check("the first is not disturbed", client.returncode == 0, said)
    machine.wait("and then the second gets in", lambda: smb(machine, "photos", "bob", "ls").returncode == 0)
    machine.bulkhead("smb", "update", str(number), "--max-connections", "0", "--yes")
    machine.run("rm", "/tmp/pieces", "/srv/tank/photos/held")


def piece_by_piece(machine, fifo):
    """The writing end of what a client sends, once it reads; None: it never did."""
    found = []

    def is_read():
        try:
            found.append(os.open(machine.inside(fifo), os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    if not machine.wait("a client begins to write", is_read):
        return None
    os.set_blocking(found[0], True)
    return os.fdopen(found[0], "wb", buffering=0)


def stays_connected(machine, number):
    """A file is written, a piece after each change of shares, by one client that must never be disconnected."""
    machine.run("mkfifo", "/tmp/pieces")
    client = smb(machine, "photos", "alice", "put /tmp/pieces written", wait=False)
    pieces = piece_by_piece(machine, "/tmp/pieces")
    if pieces is None:
        client.kill()
        check("it could", False, client.communicate()[0])
        return
    served_by = smbd(machine)
    try:
        for change in range(CHANGES):
            pieces.write(bytes([65 + change % 26]) * MIB)
            if change % 4 == 0:
                done = offer(machine, f"other{change}", "/srv/tank/documents")
            elif change % 4 == 3:
                done = machine.bulkhead("smb", "delete", str(share(machine, f"other{change - 3}")["id"]), "--yes")
            else:
                done = machine.bulkhead("smb", "update", str(number), "--description", f"change {change}", "--yes")
            if done.returncode != 0:
                check(f"change {change}", False, done.stderr)
        pieces.write(b"0" * MIB)
    except BrokenPipeError:
        check("the client is still there", False)
    pieces.close()
    said = client.communicate(timeout=120)[0]
    size = machine.run("stat", "-c", "%s", "/srv/tank/photos/written").stdout.strip()
    check("a file that is open stays so through 100 changes", client.returncode == 0 and size == str(MIB * (CHANGES + 1)), (size, said))
    check("and the processes that serve are the same", served_by and served_by == smbd(machine), (served_by, smbd(machine)))
    machine.run("rm", "/tmp/pieces", "/srv/tank/photos/written")


def connected(machine, who):
    """A client of theirs that has a file open, as it is listed, and the end it reads from."""
    client = smb(machine, "photos", who, f"put /tmp/pieces {who}", wait=False)
    pieces = piece_by_piece(machine, "/tmp/pieces")
    pieces.write(b"0" * MIB)
    return client, pieces, next((one for one in machine.rows("smb", "clients") if one["username"] == who), None)


def is_cut(machine, what, client, pieces, number):
    machine.wait(what, lambda: not any(one["id"] == number for one in machine.rows("smb", "clients")))
    try:
        for _ in range(100):
            pieces.write(b"1" * MIB)
    except BrokenPipeError:
        pass
    pieces.close()
    said = client.communicate(timeout=120)[0]
    check("and what was being sent has ended", client.returncode != 0, said)


def who_is_connected(machine):
    machine.run("mkfifo", "/tmp/pieces")
    check("nobody is connected", machine.rows("smb", "clients") == [])
    client, pieces, one = connected(machine, "alice")
    check("who is connected is listed with what is open", one and one["address"] == "127.0.0.1" and one["shares"] == ["photos"] and
          [(file["folder"], file["name"], file["writes"]) for file in one["files"]] == [("/srv/tank/photos", "alice", True)], one)
    wrong = machine.bulkhead("smb", "disconnect", smbd(machine), "--yes")
    check("what is no client is not disconnected", wrong.returncode != 0 and machine.state("bulkhead-smb.service") == "active", wrong.stderr)
    machine.run("systemctl", "start", f"bulkhead-smb-end@{smbd(machine)}.service")
    check("nor could root by mistake end all of it", machine.state("bulkhead-smb.service") == "active")
    gone = machine.bulkhead("smb", "disconnect", str(one["id"]), "--yes")
    check("one is disconnected", gone.returncode == 0, gone.stderr)
    is_cut(machine, "and listed no more", client, pieces, one["id"])
    client, pieces, one = connected(machine, "carol")
    off = machine.bulkhead("users", "update", "carol", "--no-enabled", "--yes")
    check("an account is disabled while it is connected", off.returncode == 0, off.stderr)
    is_cut(machine, "and its connection ends", client, pieces, one["id"])
    machine.bulkhead("users", "update", "carol", "--enabled", "--yes")
    machine.run("rm", "/tmp/pieces", "/srv/tank/photos/alice", "/srv/tank/photos/carol")


# Opens with all rights, as Windows does for whom a file belongs to, locks parts of it, and takes its time with each request.
SLOWLY = ("strace", "-f", "-o", "/dev/null", "-e", "trace=writev", "-e", "inject=writev:delay_enter=2s")
LOCKS = ("smbtorture", "--configfile=/dev/null", f"//{ADDRESS}/photos", "smb2.lock.rw-exclusive", "-U", f"alice%{PEOPLE['alice']}")


def holds_locks(machine):
    """Samba 4.17's own tool cannot tell of such a client what it has open in the way in which it tells all else."""
    ended = []
    client = threading.Thread(target=lambda: ended.append(machine.trial("lan", *SLOWLY, *LOCKS).stdout))
    client.start()
    machine.wait("a client's locks are told, and of which file", lambda: any(
        file["locks"] and file["writes"] and (file["folder"], file["name"]) == ("/srv/tank/photos", "lock_rw_exclusive.dat") and
        one["username"] == "alice" and one["shares"] == ["photos"] for one in machine.rows("smb", "clients") for file in one["files"]))
    machine.bulkhead("users", "update", "alice", "--no-enabled", "--yes")
    client.join()
    check("disabled, she is cut off all the same", "DISCONNECTED" in ended[0], ended)
    machine.bulkhead("users", "update", "alice", "--enabled", "--yes")


def former_versions(machine):
    """Of a dataset, also through a share of a folder in it; of what no dataset is there are none."""
    moment = "GMT-2026.01.31-10.00.00"
    machine.run("mkdir", "-m", "777", "/srv/tank/photos/inner")
    machine.run("sh", "-c", "echo first > /srv/tank/photos/inner/f; chmod 666 /srv/tank/photos/inner/f")
    made = machine.bulkhead("snapshots", "create", "tank", "photos", f"daily_{moment}", "--yes")
    check("there is a snapshot", made.returncode == 0, made.stderr)
    machine.run("sh", "-c", "echo second > /srv/tank/photos/inner/f")
    inner = offer(machine, "inner", "/srv/tank/photos/inner")
    check("and a share of a folder in the dataset", inner.returncode == 0, inner.stderr)
    for where, file in (("photos", "inner\\f"), ("inner", "f")):
        machine.run("rm", "-f", "/tmp/old")
        shown = smb(machine, where, "alice", f"allinfo {file}; get @{moment}\\{file} /tmp/old").stdout
        check(f"{where} shows what it was, and gives it", f"@{moment}" in shown and
              machine.run("cat", "/tmp/old").stdout == "first\n", shown)
    machine.bulkhead("smb", "update", str(share(machine, "inner")["id"]), "--no-previous-versions", "--yes")
    shown = smb(machine, "inner", "alice", "allinfo f").stdout
    check("turned off, it does not", "f" in shown and f"@{moment}" not in shown, shown)
    machine.bulkhead("smb", "delete", str(share(machine, "inner")["id"]), "--yes")


def keeps_what_macos_does(machine, number):
    """What macOS keeps beside a file, by the names under which it does."""
    def beside():
        smb(machine, "photos", "alice", "put /etc/hostname with; put /etc/os-release with:AFP_Resource")
        said = smb(machine, "photos", "alice", "allinfo with; get with:AFP_Resource /tmp/beside; del with").stdout
        return "AFP_Resource" in said and machine.run("cmp", "/tmp/beside", "/etc/os-release").returncode == 0

    check("what macOS keeps beside a file is kept", beside())
    smb(machine, "photos", "alice", "put /etc/hostname why\uf022\uf025\uf020")
    check("a name that Windows cannot have is on disk as it was given", machine.run("test", "-f", '/srv/tank/photos/why:?"').returncode == 0,
          machine.run("ls", "/srv/tank/photos").stdout)
    check("and deleted by it", smb(machine, "photos", "alice", "del why\uf022\uf025\uf020").returncode == 0 and
          machine.run("test", "-e", '/srv/tank/photos/why:?"').returncode != 0)
    machine.run("rm", "-f", "/tmp/beside")
    machine.bulkhead("smb", "update", str(number), "--no-macos", "--yes")
    check("unless the share is not for it", not beside())
    machine.bulkhead("smb", "update", str(number), "--macos", "--yes")


def more_than_files(machine, number):
    """The recycle bin, macOS and Time Machine, and the audit."""
    set_so = machine.bulkhead("smb", "update", str(number), "--recycle-bin", "--audit", "--time-machine", "--time-machine-max", "10",
                              "--yes")
    check("a share has a bin, is audited and for Time Machine", set_so.returncode == 0, set_so.stderr)
    used = smb(machine, "photos", "alice", "mkdir d; put /etc/hostname d/x; del d/x; ls; ls .recycle/alice/d/*").stdout
    check("what is deleted lies in the bin, in its folder", " x " in used, used)
    check("macOS is told of no more room than it may use", "10485760 blocks of size 1024" in used, used)
    said = machine.run("journalctl", "--namespace=bulkhead-smb", "-b", "-o", "cat", "--no-pager", "-t", "smbd_audit").stdout
    check("who did what is in the journal", "alice|127.0.0.1|photos|unlinkat|ok|/srv/tank/photos/d/x" in said, said[-500:])
    judged = machine.run("testparm", "-s", "/usr/share/bulkhead/smb.conf")
    check("Samba's own judge finds nothing unknown", judged.returncode == 0 and "nknown" not in judged.stderr, judged.stderr)
    machine.bulkhead("smb", "update", str(number), "--no-recycle-bin", "--no-audit", "--no-time-machine", "--yes")
    machine.run("rm", "-r", "/srv/tank/photos/.recycle", "/srv/tank/photos/d")


def pool_goes_away(machine):
    made = offer(machine, "films", "/srv/away/films")
    check("a share in another pool", made.returncode == 0 and smb(machine, "films", "alice", "ls").returncode == 0, made.stderr)
    machine.run("systemctl", "stop", "srv-away.mount")
    machine.wait("its pool away, it is not served and says why", lambda: (
        lambda one: not one["served"] and one["message"] == "Its pool is away.")(share(machine, "films")))
    check("clients cannot use it", smb(machine, "films", "alice", "ls").returncode != 0)
    said_of_encrypted(machine, "away", lambda: machine.bulkhead("smb", "show", str(share(machine, "films")["id"])).stdout)
    check("the others do", smb(machine, "photos", "alice", "ls").returncode == 0)
    machine.run("systemctl", "start", "bulkhead-mount@away.service")
    machine.wait("and it is served when the pool is back", lambda: share(machine, "films")["served"] and
                 smb(machine, "films", "alice", "ls").returncode == 0)


def goes_on_alone(machine):
    daemons = [f"bulkhead-{side}.service" for side in ("shares-clerk", "shares-hand", "users-clerk", "users-hand", "storage-clerk",
                                                       "storage-hand", "api")]
    before = smbd(machine)
    machine.run("systemctl", "kill", "-s", "KILL", *daemons, POSTGRES)
    used = smb(machine, "photos", "alice", "put /etc/hostname x; get x /tmp/x; del x")
    check("with daemons and database killed the shares are served", used.returncode == 0 and smbd(machine) == before, used.stdout)
    machine.run("systemctl", "start", POSTGRES)  # Debian leaves that to whoever killed it
    machine.wait("and all of it comes back", lambda: machine.bulkhead("smb", "list").returncode == 0 and
                 machine.state(POSTGRES) == "active")
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-smb.service")
    machine.wait("smbd killed comes back by itself", lambda: smbd(machine) and smbd(machine) != before and
                 smb(machine, "photos", "alice", "ls").returncode == 0)
    machine.wait("and is shown as served", lambda: share(machine, "photos")["served"])


def survives(machine):
    before = [(one["id"], one["name"], one["path"], one["valid_users"]) for one in machine.rows("smb", "list")]
    machine.trial("reboot")
    machine.wait("after a reboot the shares are served", lambda: machine.bulkhead("smb", "list").returncode == 0 and all(
        one["served"] for one in machine.rows("smb", "list")))
    after = [(one["id"], one["name"], one["path"], one["valid_users"]) for one in machine.rows("smb", "list")]
    check("all of them, as they were", before == after, (before, after))
    check("and clients use them", smb(machine, "photos", "alice", "ls").returncode == 0)
    ledger_verifies(machine)


def run(machine):
    ground(machine)
    number = is_offered(machine)
    two_administrators(machine, number)
    is_renamed(machine, number)
    who_may(machine)
    is_away_when_disabled(machine)
    administrators_use_another(machine)
    guests(machine)
    tells_capitals_apart(machine)
    is_kept_from(machine)
    is_encrypted(machine)
    is_signed(machine)
    so_many_at_once(machine, number)
    stays_connected(machine, number)
    who_is_connected(machine)
    holds_locks(machine)
    former_versions(machine)
    keeps_what_macos_does(machine, number)
    more_than_files(machine, number)
    pool_goes_away(machine)
    goes_on_alone(machine)
    survives(machine)


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G", TRIAL_PORT=""), run, set_up=False)


if __name__ == "__main__":
    main()
