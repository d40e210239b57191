"""The users hand behind its fences, with real account files, tools and PAM: what it does, what it undoes, what it
refuses, and what it leaves after being killed."""
import glob
import os
import pwd
import re
import secrets
import signal
import subprocess
import sys
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lib", f"{TOP}/tests/integration"]
import hand  # noqa: E402
from box import Box, free_ports  # noqa: E402

PASSWORD = "correct horse battery"
JOURNAL = "/var/lib/bulkhead-users-hand/journal"
NUMBERS = iter(range(20001, 29000))


@pytest.fixture(scope="module", name="box")
def fixture_box():
    with Box(database=False) as box:
        box.start("users-hand")
        yield box


def read(path):
    with open(path, "rb") as file:
        return file.read()


def new_name():
    return "u" + secrets.token_hex(6), str(next(NUMBERS))


def creation(name, uid, role="operator"):
    return (("group_make", name, uid), ("account_make", name, uid, "Some One", "/usr/sbin/nologin"),
            ("role_join", name, uid, role), ("password_first", name, uid, PASSWORD))


def create(name, uid, role="operator"):
    reply = hand.Hand().execute(*creation(name, uid, role), ticket=hand.root_ticket())
    assert reply.outcome == "success", reply
    return reply


def login(name, password=PASSWORD, code="", address="", device=""):
    return hand.Hand().ask("login", name, password, code, address, device)


def sign_in(name, **words):
    """(ticket, session credential, device, session id)"""
    reply = login(name, **words)
    assert reply.outcome == "success", reply
    answer = hand.Reader(reply.answer)
    ticket = answer.text()
    answer.number(8)
    session, device = answer.text(), answer.text()
    answer.number(4)
    return ticket, session, device, answer.number(8)


def exchange(credential, address=""):
    return hand.Hand().ask("exchange", credential, address)


def traces(name):
    """Everything the system still knows of a name."""
    found = [path for path in ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")
             if re.search(rf"\b{name}\b".encode(), read(path))]
    return found + [path for path in (f"/home/{name}", f"/var/mail/{name}") if os.path.exists(path)]


# --- one change ---

def test_an_account_is_created_whole(box):
    name, uid = new_name()
    create(name, uid)
    account = box.accounts()[name]
    assert account["uid"] == int(uid)
    assert account["groups"] == ["bulkhead-operator"]
    assert os.stat(f"/home/{name}").st_uid == int(uid)
    assert login(name).outcome == "success"


def test_a_tool_that_nobody_listens_to_finishes_its_work(box):
    """userdel complains of a mail spool that is not there; the clerk that would have read it is gone."""
    name, uid = new_name()
    create(name, uid)
    steps = (("account_drop", name, uid), ("group_drop", name, uid))
    read_end, write_end = os.pipe()
    os.close(read_end)
    record = hand.request(hand.EXECUTE, hand.plan(*steps), hand.root_ticket(), hand.root_warrant(*steps))
    reply = hand.Hand().say(record, [write_end])
    os.close(write_end)
    assert reply.outcome == "success" and not traces(name), reply


def test_progress_is_told_and_output_goes_to_the_descriptor(box):
    name, uid = new_name()
    steps = (("group_make", name, uid), ("group_make", name, uid))
    reader, writer = os.pipe()
    record = hand.request(hand.EXECUTE, hand.plan(*steps), hand.root_ticket())
    replies = list(hand.Hand().records(record, [writer]))
    os.close(writer)
    assert [(reply.step, reply.steps) for reply in replies[:-1]] == [(1, 2), (2, 2)]
    assert replies[-1].outcome == "failed" and replies[-1].code == "Conflict"
    assert os.read(reader, 4096) == b""  # groupadd said nothing; the pipe has no other writer left
    os.close(reader)
    assert not traces(name)


def test_a_failing_step_undoes_those_before(box):
    name, uid = new_name()
    before = {path: read(path) for path in ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")}
    steps = creation(name, uid) + (("account_make", name, uid, "", "/bin/bash"),)
    reply = hand.Hand().execute(*steps, ticket=hand.root_ticket())
    assert (reply.outcome, reply.code, reply.step) == ("failed", "Conflict", 5)
    assert not traces(name)
    assert {path: read(path) for path in before} == before


def test_a_tool_that_fails_is_undone(box):
    name, uid = new_name()
    create(name, uid)
    reply = hand.Hand().execute(("role_leave", name, uid, "operator"), ("full_name_set", name, uid, "New Name", "Some One"),
                                ("group_drop", name, uid), ticket=hand.root_ticket())
    assert (reply.outcome, reply.code, reply.step) == ("failed", "Failed", 3), reply
    assert "groupdel ended with status 8" in reply.message  # it is somebody's own group
    assert box.accounts()[name]["full_name"] == "Some One"
    assert whole_or_nothing(name, uid)


def test_files_are_put_back(box):
    name, uid = new_name()
    create(name, uid)
    path = f"/var/lib/bulkhead/ssh-keys/{name}"
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43 + " me"
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "B" * 43 + " me"
    bad = ("group_make", name, "29999")
    ticket = hand.root_ticket()
    assert hand.Hand().execute(("ssh_keys_set", name, uid, key), bad, ticket=ticket).outcome == "failed"
    assert not os.path.exists(path)
    assert hand.Hand().execute(("ssh_keys_set", name, uid, key), ticket=ticket).outcome == "success"
    assert read(path).decode() == key + "\n"
    assert hand.Hand().execute(("ssh_keys_set", name, uid, other, key), bad, ticket=ticket).outcome == "failed"
    assert read(path).decode() == key + "\n"
    assert hand.Hand().execute(("ssh_keys_set", name, uid), ticket=ticket).outcome == "success"
    assert read(path) == b""


def test_a_password_is_put_back(box):
    name, uid = new_name()
    create(name, uid)
    steps = (("password_set", name, uid, "another horse battery"), ("group_make", name, "29999"))
    reply = hand.Hand().execute(*steps, ticket=hand.root_ticket(), warrant=hand.root_warrant(*steps))
    assert reply.outcome == "failed"
    assert login(name).outcome == "success"


def test_nothing_secret_stays_in_the_journal(box):
    name, uid = new_name()
    identity = secrets.token_bytes(16)
    ticket = hand.root_ticket()
    assert hand.Hand().execute(*creation(name, uid), ticket=ticket, identity=identity).outcome == "success"
    content = read(f"{JOURNAL}/{identity.hex()}")
    assert name.encode() in content and PASSWORD.encode() not in content
    assert glob.glob(f"{JOURNAL}/{identity.hex()}.*") == []
    for directory in ("/var/lib/bulkhead-users-hand", "/run/bulkhead-users-hand"):
        done = subprocess.run(["grep", "-rlF", PASSWORD, directory], stdout=subprocess.PIPE, check=False)
        assert done.stdout == b""


# --- proofs ---

def test_a_ticket_is_needed_and_must_be_good(box):
    name, uid = new_name()
    step = ("group_make", name, uid)
    ticket = hand.root_ticket()
    flipped = ticket[:60] + ("A" if ticket[60] != "A" else "B") + ticket[61:]
    for wrong in ("", "nonsense", flipped, "bht1_" + "A" * 200):
        reply = hand.Hand().execute(step, ticket=wrong)
        assert (reply.outcome, reply.code) == ("refused", "Unauthenticated"), reply
    assert not traces(name)


def test_a_warrant_is_for_one_plan_and_one_use(box):
    name, uid = new_name()
    create(name, uid, "user")
    step = ("admin_join", name, uid)
    ticket = hand.root_ticket()
    assert hand.Hand().execute(step, ticket=ticket).code == "Confirmation"
    other = hand.root_warrant(("admin_join", name, str(int(uid) + 1)))
    assert hand.Hand().execute(step, ticket=ticket, warrant=other).code == "Confirmation"
    warrant = hand.root_warrant(step)
    assert hand.Hand().execute(step, ticket=ticket, warrant=warrant, salt=b"\1" * 16).code == "Confirmation"
    assert hand.Hand().execute(step, ticket=ticket, warrant=warrant).outcome == "success"
    assert hand.Hand().execute(step, ticket=ticket, warrant=warrant).code == "Confirmation"
    box.kill("users-hand")  # also across a restart
    assert hand.Hand().execute(step, ticket=ticket, warrant=warrant).code == "Confirmation"
    back = ("admin_leave", name, uid)
    create(*new_name(), "user")
    reply = hand.Hand().execute(back, ticket=ticket, warrant=hand.root_warrant(back))
    assert (reply.outcome, reply.code) == ("failed", "Conflict"), reply  # the last administrator stays
    assert "last administrator" in reply.message


def enabled_administrators():
    def lines(path):
        with open(path, encoding="utf-8") as file:
            return [line.strip().split(":") for line in file]
    members = {line[0]: set(line[3].split(",")) for line in lines("/etc/group")}
    ours = {line[0] for line in lines("/etc/passwd") if 20000 <= int(line[2]) < 30000}
    return sorted((members["bulkhead-admin"] - members["bulkhead-disabled"]) & ours)


def account(role="user"):
    name, uid = new_name()
    create(name, uid, "user")
    if role == "admin":
        join = ("admin_join", name, uid)
        assert hand.Hand().execute(join, ticket=hand.root_ticket(), warrant=hand.root_warrant(join)).outcome == "success"
    return name, uid


@pytest.fixture
def last(box):
    """The only enabled administrator; those of the tests before are disabled."""
    before = enabled_administrators()
    name, uid = account("admin")
    for other in before:
        step = ("account_lock", other, str(pwd.getpwnam(other).pw_uid))
        assert hand.Hand().execute(step, ticket=hand.root_ticket()).outcome == "success"
    assert enabled_administrators() == [name]
    return name, uid


def test_no_plan_takes_the_last_administrator(last):
    """Whatever a clerk makes of an administrator's ticket: also by steps that fail, so that others are undone."""
    name, uid = last
    ticket = hand.root_ticket()
    fails = ("group_join", name, uid, "nobodys", new_name()[1])  # there is no such group: refused when its turn comes
    for steps in ([("account_lock", name, uid)], [("admin_leave", name, uid)], [("groups_clear", name, uid)],
                  [("account_drop", name, uid)], [("account_unlock", name, uid), fails], [("admin_join", name, uid), fails],
                  [("role_join", name, uid, "viewer"), ("admin_leave", name, uid)],
                  [("account_unlock", name, uid), ("account_lock", name, uid)],
                  [("account_unlock", name, uid), ("admin_leave", name, uid)]):
        reply = hand.Hand().execute(*steps, ticket=ticket, warrant=hand.root_warrant(*steps))
        assert (reply.outcome, reply.code) == ("failed", "Conflict"), (steps, reply)
        assert enabled_administrators() == [name], steps


def test_who_may_yet_be_undone_does_not_count_as_an_administrator(last):
    """Between the steps of a plan that enables somebody and then fails, the last administrator cannot go either."""
    name, uid = last
    ticket = hand.root_ticket()
    other, other_uid = account("admin")
    assert hand.Hand().execute(("account_lock", other, other_uid), ticket=ticket).outcome == "success"
    for _ in range(20):  # on a busy machine the plan may be over before it is asked in between: then once more
        fails = ("group_join", name, uid, "nobodys", new_name()[1])
        steps = [("account_unlock", other, other_uid), *creation(*new_name()), fails]
        between = None
        for reply in hand.Hand().records(hand.request(hand.EXECUTE, hand.plan(*steps), ticket), connection=hand.Hand().connect()):
            if reply.kind == hand.PROGRESS and reply.step == 2:
                between = hand.Hand().connect()
                between.send(hand.request(hand.EXECUTE, hand.plan(("account_lock", name, uid)), ticket))
        assert reply.outcome == "failed", reply
        answers = [hand.Reply(between.recv(65536)) for _ in range(2)]  # how far it is, and the end
        between.close()
        assert answers[-1].outcome == "failed", answers
        if answers[-1].code == "Busy":
            break
    assert (answers[-1].outcome, answers[-1].code) == ("failed", "Busy"), answers
    assert enabled_administrators() == [name]


def test_a_role_is_a_limit_and_own_things_are_ones_own(box):
    name, uid = new_name()
    other, other_uid = new_name()
    create(name, uid, "user")
    create(other, other_uid, "user")
    ticket, session, _, session_id = sign_in(name)
    their_session = sign_in(other)[3]
    asks = hand.Hand()
    assert asks.execute(("group_make", "g" + name, "29998"), ticket=ticket).code == "Denied"
    assert asks.execute(("sign_out", other, other_uid), ticket=ticket).code == "Denied"
    assert asks.execute(("sign_out", name, other_uid), ticket=ticket).code == "Conflict"  # own name, another's number
    assert asks.execute(("session_end", name, str(their_session)), ticket=ticket).code == "NotFound"
    assert asks.execute(("session_end", name, str(session_id)), ticket=ticket).outcome == "success"
    assert asks.ask("refresh", "", ticket=ticket).code == "Unauthenticated"
    assert exchange(session).code == "Unauthenticated"


def test_the_same_plan_id_runs_once(box):
    name, uid = new_name()
    identity = secrets.token_bytes(16)
    ticket = hand.root_ticket()
    step = ("group_make", name, uid)
    assert hand.Hand().execute(step, ticket=ticket, identity=identity).outcome == "success"
    assert hand.Hand().execute(step, ticket=ticket, identity=identity).code == "Conflict"
    assert hand.Hand().lookup(identity).outcome == "success"
    assert hand.Hand().forget(identity).outcome == "success"
    assert hand.Hand().forget(identity).outcome == "success"
    reply = hand.Hand().lookup(identity)
    assert (reply.outcome, reply.code) == ("unknown", "NotFound")


def test_accounts_of_others_are_never_touched(box):
    name, uid = new_name()
    subprocess.run(["useradd", "--system", name], check=True)
    real = str([int(line.split(":")[2]) for line in open("/etc/passwd", encoding="utf-8") if line.startswith(name)][0])
    ticket = hand.root_ticket()
    before = read("/etc/passwd"), read("/etc/group")
    for step in (("account_lock", name, uid), ("role_join", name, uid, "operator"), ("full_name_set", name, uid, "x", ""),
                 ("password_first", name, uid, PASSWORD), ("account_make", name, uid, "", "/bin/bash")):
        reply = hand.Hand().execute(step, ticket=ticket)
        assert reply.outcome == "failed" and reply.code == "Conflict", (step, reply)
    assert hand.Hand().execute(("account_lock", name, real), ticket=ticket).code == "Invalid"
    for step in (("account_drop", name, uid), ("group_leave", name, uid, name, uid)):
        reply = hand.Hand().execute(step, ticket=ticket, warrant=hand.root_warrant(step))
        assert reply.code in ("Conflict", "NotFound"), (step, reply)
    step = ("group_join", name, uid, "shadow", "20000")
    assert hand.Hand().execute(step, ticket=ticket).outcome in ("failed", "refused")
    assert (read("/etc/passwd"), read("/etc/group")) == before
    subprocess.run(["userdel", name], check=True)


def test_others_are_not_served(box):
    record = hand.request(hand.ASK, hand.action("hello"))
    assert hand.Hand("daemon").say(record) is None
    assert hand.Hand("root").ask("hello").code == "Denied"
    assert hand.Hand().ask("console_ticket").code == "Denied"
    name, uid = new_name()
    record = hand.request(hand.EXECUTE, hand.plan(("group_make", name, uid)), hand.root_ticket())
    assert hand.Hand("root").say(record) is None
    assert not traces(name)


def test_rubbish_closes_the_connection_and_nothing_else(box):
    starts = box.processes["users-hand"].starts
    good = hand.request(hand.ASK, hand.action("hello"))
    for record in (b"x", good[:-1], good + b"x", bytes(100000), bytes([hand.ABORT]) + good[1:], bytes([9]) + good[1:],
                   hand.request(hand.ASK, b"\xff\xff\0"), hand.request(hand.ASK, b"\0\0"),
                   hand.request(hand.EXECUTE, b"rubbish"), hand.request(hand.LOOKUP, b"x")):
        reply = hand.Hand().say(record)
        assert reply is None or reply.outcome == "refused", (record[:20], reply)
    reader, writer = os.pipe()
    assert hand.Hand().say(good, [reader, writer]) is None  # more descriptors than a record may have
    os.close(reader)
    os.close(writer)
    assert hand.Hand().ask("hello").outcome == "success"
    assert box.processes["users-hand"].starts == starts


# --- passwords for SMB ---

SMB_FILE = "/var/lib/bulkhead/smb/passwd"


def smb(name):
    """(hash, flags) that smbd reads of an account; None when it knows none."""
    for line in read(SMB_FILE).decode().splitlines():
        fields = line.split(":")
        if fields[0] == name:
            assert fields[2] == "X" * 32 and fields[5].startswith("LCT-") and len(fields) == 7, line
            assert int(fields[1]) == pwd.getpwnam(name).pw_uid
            return fields[3].upper(), fields[4].strip("[] ")
    return None


def nt(password):
    """NT's hash: MD4 of UTF-16, as Samba itself makes it."""
    done = subprocess.run(["/usr/bin/python3", "-c", "import sys; from samba.crypto import md4_hash_blob as md4;"
                           "print(md4(sys.argv[1].encode('utf-16-le')).hex())", password],
                          stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip().upper()


def by_root(*steps):
    return hand.Hand().execute(*steps, ticket=hand.root_ticket(), warrant=hand.root_warrant(*steps))


def test_smbd_knows_who_may_have_a_password_there(box):
    name, uid = new_name()
    create(name, uid)
    assert smb(name) == (nt(PASSWORD), "U")
    assert (os.stat(SMB_FILE).st_mode & 0o7777, os.stat(os.path.dirname(SMB_FILE)).st_mode & 0o7777) == (0o600, 0o700)
    owner = pwd.getpwnam("bulkhead-users-hand").pw_uid
    assert os.stat(SMB_FILE).st_uid == owner == os.stat(os.path.dirname(SMB_FILE)).st_uid
    assert by_root(("account_lock", name, uid)).outcome == "success" and smb(name)[1] == "DU"
    assert by_root(("account_unlock", name, uid)).outcome == "success" and smb(name)[1] == "U"
    umlauts = "Straße nach Süden"
    assert by_root(("password_set", name, uid, umlauts)).outcome == "success" and smb(name) == (nt(umlauts), "U")
    greek = "ἀρχὴ ἥμισυ παντός"  # libcrypt cannot give these to NT: no entry, rather than one that never fits
    assert by_root(("password_set", name, uid, greek)).outcome == "success" and smb(name) is None
    assert by_root(("password_set", name, uid, PASSWORD)).outcome == "success" and smb(name)
    assert by_root(("smb_password_drop", name, uid)).outcome == "success" and smb(name) is None
    assert login(name).outcome == "success"
    assert by_root(("password_set", name, uid, PASSWORD)).outcome == "success" and smb(name)
    steps = (("credentials_drop", name, uid), ("groups_clear", name, uid), ("account_drop", name, uid))
    assert by_root(*steps).outcome == "success" and smb(name) is None
    assert name.encode() not in read("/var/lib/bulkhead-users-hand/smb")


def test_an_administrators_password_is_never_kept_for_smb(box):
    name, uid = new_name()
    create(name, uid)
    reply = by_root(("admin_join", name, uid), ("role_leave", name, uid, "operator"))  # a clerk that forgets the entry
    assert reply.outcome == "success" and smb(name) is None
    assert by_root(("password_set", name, uid, "another horse battery")).outcome == "success" and smb(name) is None
    own = "a separate horse battery"
    reply = by_root(("smb_password_set", name, uid, "another horse battery"))
    assert (reply.outcome, reply.code, reply.field) == ("failed", "Invalid", "password"), reply
    assert by_root(("smb_password_set", name, uid, own)).outcome == "success" and smb(name) == (nt(own), "U")
    reply = by_root(("password_set", name, uid, own))
    assert (reply.outcome, reply.code, reply.field) == ("failed", "Invalid", "password"), reply
    assert login(name, "another horse battery").outcome == "success" and smb(name) == (nt(own), "U")
    assert by_root(("password_set", name, uid, PASSWORD)).outcome == "success" and smb(name) == (nt(own), "U")
    assert login(name, own).code == "Unauthenticated"
    other, number = new_name()
    create(other, number)
    assert by_root(("smb_password_set", other, number, own)).code == "Conflict" and smb(other) == (nt(PASSWORD), "U")


def test_what_smbd_knows_is_put_back(box):
    name, uid = new_name()
    create(name, uid)
    bad = ("group_make", name, "29999")
    before = smb(name)
    for step in (("password_set", name, uid, "another horse battery"), ("smb_password_drop", name, uid),
                 ("account_lock", name, uid), ("admin_join", name, uid)):
        assert by_root(step, bad).outcome == "failed" and smb(name) == before, step
    assert by_root(("smb_password_drop", name, uid)).outcome == "success"
    assert by_root(("password_set", name, uid, "another horse battery"), bad).outcome == "failed"
    assert smb(name) is None and login(name).outcome == "success"


def test_smbd_itself_lets_them_in_and_out(box, tmp_path):
    """The real one, with the file as it is; the shares daemon's is configured like this."""
    if not os.path.exists("/usr/sbin/smbd"):
        pytest.skip("SKIP: no smbd here")
    name, uid = new_name()
    create(name, uid)
    for folder in ("run", "state", "cache", "lock", "private"):
        (tmp_path / folder).mkdir()
    port = free_ports(1)[0]
    (tmp_path / "conf").write_text(f"""[global]
        passdb backend = smbpasswd:{SMB_FILE}
        smb ports = {port}
        interfaces = lo
        bind interfaces only = yes
        disable netbios = yes
        load printers = no
        pid directory = {tmp_path}/run
        ncalrpc dir = {tmp_path}/run/ncalrpc
        lock directory = {tmp_path}/lock
        state directory = {tmp_path}/state
        cache directory = {tmp_path}/cache
        private dir = {tmp_path}/private
        log file = {tmp_path}/log
        [data]
        path = /usr/share
        """)

    def enters(password):
        done = subprocess.run(["smbclient", "//127.0.0.1/data", "-p", str(port), "-U", f"{name}%{password}", "-c", "ls",
                               "-s", tmp_path / "conf", "-t", "60"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return done.returncode == 0, done.stdout

    server = subprocess.Popen(["/usr/sbin/smbd", "-F", "--no-process-group", "-s", tmp_path / "conf"], start_new_session=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not enters(PASSWORD)[0] and time.monotonic() < end:
            time.sleep(0.5)
        inside, told = enters(PASSWORD)
        assert inside, told + (tmp_path / "log").read_text()
        assert "LOGON_FAILURE" in enters("another horse battery")[1]
        assert by_root(("account_lock", name, uid)).outcome == "success"
        assert "ACCOUNT_DISABLED" in enters(PASSWORD)[1]
        assert by_root(("account_unlock", name, uid)).outcome == "success" and enters(PASSWORD)[0]
        assert by_root(("password_set", name, uid, "Straße nach Süden")).outcome == "success"
        assert enters("Straße nach Süden")[0] and not enters(PASSWORD)[0]
        assert by_root(("smb_password_drop", name, uid)).outcome == "success"
        assert "LOGON_FAILURE" in enters("Straße nach Süden")[1]
    finally:
        server.terminate()
        server.wait(60)


# --- signing in ---

def test_wrong_names_passwords_and_disabled_accounts_sound_the_same(box):
    name, uid = new_name()
    bare, bare_uid = new_name()
    disabled, disabled_uid = new_name()
    create(name, uid)
    create(disabled, disabled_uid)
    ticket = hand.root_ticket()
    assert hand.Hand().execute(("account_lock", disabled, disabled_uid), ticket=ticket).outcome == "success"
    assert hand.Hand().execute(("group_make", bare, bare_uid),
                               ("account_make", bare, bare_uid, "", "/bin/bash"), ticket=ticket).outcome == "success"
    answers = {repr(login(*who)) for who in
               ((name, "wrong password"), (disabled, PASSWORD), (bare, PASSWORD), ("nosuch", PASSWORD), ("x", "y"))}
    assert len(answers) == 1, answers
    assert hand.Hand().execute(("account_unlock", disabled, disabled_uid), ticket=ticket).outcome == "success"
    time.sleep(1.1)
    assert login(disabled).outcome == "success"


def spent(box):
    """Nanoseconds that the hand has computed."""
    with open(f"/proc/{box.processes['users-hand'].pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def test_unknown_names_take_as_long_as_wrong_passwords(box):
    names = [new_name() for _ in range(16)]
    for name, uid in names:
        create(name, uid)
    known, unknown = [], []
    for i, (name, _) in enumerate(names):
        pair = [(name, known), (new_name()[0], unknown)]
        for who, times in pair if i % 2 else reversed(pair):
            login("nobody-waits", "wrong password")  # the hand runs
            begun = spent(box)
            assert login(who, "wrong password").code == "Unauthenticated"
            times.append(spent(box) - begun)
    # Work, not time: what a busy machine adds is not ours.
    assert 0.9 < sorted(known)[8] / sorted(unknown)[8] < 1.1, (known, unknown)


def until_busy(call, seconds=1):
    """Wrong tries until one is not let in for at least so long; on a busy machine the first delays pass unseen."""
    for _ in range(20):
        reply = call()
        if reply.code == "Busy" and reply.retry >= seconds:
            return reply
        assert reply.code in ("Busy", "Invalid", "Unauthenticated"), reply
        time.sleep(reply.retry if reply.code == "Busy" else 0)
    raise AssertionError("wrong tries are not delayed")


def test_wrong_tries_delay_but_never_the_owners_browser(box):
    name, uid = new_name()
    create(name, uid)
    device = sign_in(name, address="192.0.2.10")[2]
    blocked = until_busy(lambda: login(name, "wrong password", address="203.0.113.5"))
    assert 1 <= blocked.retry <= 60
    assert until_busy(lambda: login(name, "wrong password", address="203.0.113.5"), 8).retry >= 8
    assert login(name, address="198.51.100.7").code == "Busy"
    box.kill("users-hand")  # the delay outlives the process
    assert login(name, address="198.51.100.7").code == "Busy"
    assert login(name, address="192.0.2.10", device=device).outcome == "success"
    other, other_uid = new_name()
    create(other, other_uid)
    assert login(other, address="203.0.113.5").code == "Busy"  # the address has a bucket too
    assert login(other, address="203.0.113.6", device=device).outcome == "success"  # a device of another: not counted


def test_sessions_are_exchanged_refreshed_and_ended_at_once(box):
    name, uid = new_name()
    create(name, uid)
    ticket, session, _, _ = sign_in(name)
    assert exchange(session).outcome == "success"
    assert hand.Hand().ask("refresh", "", ticket=ticket).outcome == "success"
    box.kill("users-hand")
    assert exchange(session).outcome == "success"  # sessions and keys outlive the process
    assert hand.Hand().ask("refresh", "", ticket=ticket).outcome == "success"
    assert hand.Hand().execute(("sign_out", name, uid), ticket=ticket).outcome == "success"
    assert exchange(session).code == "Unauthenticated"
    assert hand.Hand().ask("refresh", "", ticket=ticket).code == "Unauthenticated"
    ticket, session, _, _ = sign_in(name)
    assert hand.Hand().execute(("sign_out_all",), ticket=hand.root_ticket()).outcome == "success"
    assert exchange(session).code == "Unauthenticated"


def test_the_signing_key_rotates_without_signing_anybody_out(box):
    name, uid = new_name()
    create(name, uid)
    ticket = sign_in(name)[0]
    root = hand.root_ticket()
    assert hand.Hand().execute(("signing_key_rotate",), ticket=root).outcome == "success"
    assert hand.Hand().ask("refresh", "", ticket=ticket).outcome == "success"
    assert hand.root_ticket()[:11] != root[:11]
    box.kill("users-hand")
    assert hand.Hand().ask("refresh", "", ticket=ticket).outcome == "success"


def test_a_changed_role_holds_at_the_next_exchange(box):
    name, uid = new_name()
    create(name, uid, "operator")
    session = sign_in(name)[1]
    reply = hand.Hand().execute(("role_leave", name, uid, "operator"), ("sign_out", name, uid), ticket=hand.root_ticket())
    assert reply.outcome == "success"
    assert exchange(session).code == "Unauthenticated"
    assert login(name).code == "Unauthenticated"  # no role, no way in


# --- confirming, keys, second factors ---

def confirmed(ticket, *steps, password="", code=""):
    reply = hand.Hand().ask("confirm", hand.digest(hand.plan(*steps)), password, code, ticket=ticket)
    assert reply.outcome == "success", reply
    return hand.Reader(reply.answer).text()


def test_a_key_can_do_less_than_its_owner(box):
    name, uid = new_name()
    create(name, uid, "operator")
    ticket = sign_in(name)[0]

    def make(number, role, scopes="", expires="", *networks):
        step = ("key_make", name, uid, str(number), role, scopes, expires, *networks)
        return hand.Hand().execute(step, ticket=ticket, warrant=confirmed(ticket, step, password=PASSWORD))
    assert make(1, "admin").code == "Denied"
    reply = make(1, "user", "read_only", "", "192.0.2.0/24", "2001:db8::/32")
    assert reply.outcome == "success", reply
    key = hand.Reader(reply.answer).text()
    assert key.startswith("bhk_1_")
    assert make(1, "user").code == "Conflict"
    assert exchange(key, "192.0.2.77").outcome == "success"
    assert exchange(key, "2001:db8::1").outcome == "success"
    for address in ("192.0.3.1", "2001:db9::1", ""):
        assert exchange(key, address).code == "Unauthenticated"
    key_ticket = hand.Reader(exchange(key, "192.0.2.77").answer).text()
    assert hand.Hand().ask("refresh", "192.0.2.78", ticket=key_ticket).outcome == "success"
    for address in ("192.0.3.1", ""):
        assert hand.Hand().ask("refresh", address, ticket=key_ticket).code == "Unauthenticated"
    reply = hand.Hand().execute(("sign_out", name, uid), ticket=key_ticket)
    assert (reply.code, "only read" in reply.message) == ("Denied", True)
    expired = hand.Reader(make(2, "user", "", "2020-01-01T00:00:00Z").answer).text()
    assert exchange(expired).code == "Unauthenticated"
    assert hand.Hand().execute(("key_drop", name, uid, "1"), ticket=ticket).outcome == "success"
    assert exchange(key, "192.0.2.77").code == "Unauthenticated"
    assert hand.Hand().ask("refresh", "192.0.2.78", ticket=key_ticket).code == "Unauthenticated"
    assert hand.Hand().ask("hello", ticket=key_ticket).outcome == "success"
    assert hand.Hand().execute(("key_drop", name, uid, "2"), ticket=key_ticket).code == "Unauthenticated"


def totp(key, moment=None):
    done = subprocess.run(["oathtool", "--totp", "--base32", key, *(("-N", f"@{int(moment)}") if moment else ())],
                          stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.strip()


def test_a_second_factor_from_beginning_to_end(box):
    name, uid = new_name()
    create(name, uid)
    ticket, _, _, _ = sign_in(name)
    assert hand.Hand().ask("totp_begin", name, uid, "wrong password", ticket=ticket).code == "Invalid"
    time.sleep(1.1)
    answer = hand.Reader(hand.Hand().ask("totp_begin", name, uid, PASSWORD, ticket=ticket).answer)
    uri, key = answer.text(), answer.text()
    assert uri.startswith(f"otpauth://totp/Bulkhead:{name}?secret={key}")
    assert login(name).outcome == "success"  # not yet in force
    assert hand.Hand().execute(("totp_finish", name, uid, "000000"), ticket=ticket).code == "Invalid"
    now = time.time()
    reply = hand.Hand().execute(("totp_finish", name, uid, totp(key, now)), ticket=ticket)
    assert reply.outcome == "success", reply
    recovery = hand.Reader(reply.answer).text().split()
    assert len(recovery) == 8 and len(set(recovery)) == 8
    device = sign_in(name, code=recovery[0])[2]
    assert login(name, device=device).code == "Unauthenticated"  # without a code

    def wait_and(**words):
        for _ in range(70):
            reply = login(name, device=device, **words)
            if reply.code != "Busy":
                return reply
            time.sleep(reply.retry)
    assert wait_and(code=recovery[0]).code == "Unauthenticated"  # used up
    assert wait_and(code=totp(key, now)).code == "Unauthenticated"  # that step was used to finish
    assert wait_and(code=totp(key, now + 30)).outcome == "success"
    assert wait_and(code=totp(key, now + 30)).code == "Unauthenticated"
    box.kill("users-hand")
    assert wait_and(code=totp(key, now + 30)).code == "Unauthenticated"
    step = ("totp_drop", name, uid)
    reply = hand.Hand().ask("confirm", hand.digest(hand.plan(step)), PASSWORD, "", ticket=ticket)
    assert reply.code == "Invalid"  # the password is not enough
    time.sleep(1.1)
    warrant = confirmed(ticket, step, code=recovery[1])
    assert hand.Hand().execute(step, ticket=ticket, warrant=warrant).outcome == "success"
    assert wait_and().outcome == "success"


def test_own_password_changes_with_the_old_one(box):
    name, uid = new_name()
    create(name, uid)
    ticket, session, _, _ = sign_in(name)
    change, ended = ("password_change", name, uid, "another horse battery"), ("sign_out", name, uid)
    assert hand.Hand().execute((*change, "wrong"), ended, ticket=ticket).code == "Invalid"
    time.sleep(1.1)
    assert hand.Hand().execute((*change, PASSWORD), ended, ticket=ticket).outcome == "success"
    assert exchange(session).code == "Unauthenticated"
    assert login(name, "another horse battery").outcome == "success"
    reply = hand.Hand().execute(("password_first", name, uid, PASSWORD), ticket=hand.root_ticket())
    assert reply.code == "Conflict"


def test_password_policy_is_the_hands(box):
    ticket = hand.root_ticket()
    assert hand.Hand().execute(("password_policy_set", "20", "yes"), ticket=ticket).outcome == "success"
    answer = hand.Reader(hand.Hand().ask("hello").answer)
    answer.number(1)
    assert (answer.number(2), answer.number(1)) == (20, 1)
    name, uid = new_name()
    reply = hand.Hand().execute(("group_make", name, uid), ("account_make", name, uid, "", "/bin/bash"),
                                ("password_first", name, uid, "only 15 letters"), ticket=ticket)
    assert (reply.outcome, reply.code, reply.field) == ("failed", "Invalid", "password")
    assert not traces(name)
    assert hand.Hand().execute(("password_policy_set", "12", "no"), ticket=ticket).outcome == "success"


def test_checkpoints_never_go_back(box):
    asks = hand.Hand()
    first = asks.ask("checkpoint", "users", "10", "a" * 64)
    assert first.outcome == "success" and len(first.answer) == 4 + 8 + 64
    assert asks.ask("checkpoint", "users", "10", "a" * 64).answer == first.answer
    assert asks.ask("checkpoint", "users", "10", "b" * 64).code == "Conflict"
    assert asks.ask("checkpoint", "users", "9", "c" * 64).code == "Conflict"
    box.kill("users-hand")
    assert asks.ask("checkpoint", "users", "10", "b" * 64).code == "Conflict"
    assert asks.ask("checkpoint", "users", "11", "d" * 64).outcome == "success"
    assert asks.ask("checkpoint", "monitor", "1", "e" * 64).outcome == "success"
    stored = read("/var/lib/bulkhead/checkpoints/users")
    assert stored.startswith(hand.field("users") + (11).to_bytes(8, "big") + b"\xdd" * 32)
    assert len(read("/var/lib/bulkhead/checkpoints/ledger.pub")) == 36


# --- removal and crashes ---

def test_removal_takes_everything(box):
    name, uid = new_name()
    create(name, uid)
    ticket, session, _, _ = sign_in(name)
    steps = (("credentials_drop", name, uid), ("account_drop", name, uid), ("group_drop", name, uid))
    reply = hand.Hand().execute(*steps, ticket=hand.root_ticket(), warrant=hand.root_warrant(*steps))
    assert reply.outcome == "success", reply
    assert not traces(name)
    assert exchange(session).code == "Unauthenticated"
    assert hand.Hand().ask("refresh", "", ticket=ticket).code == "Unauthenticated"


def test_no_secret_may_follow_what_destroys(box):
    name, uid = new_name()
    create(name, uid)
    steps = (("account_drop", name, uid), ("password_first", name, uid, PASSWORD))
    reply = hand.Hand().execute(*steps, ticket=hand.root_ticket(), warrant=hand.root_warrant(*steps))
    assert (reply.outcome, reply.code) == ("refused", "Invalid")
    assert name in box.accounts()


def test_an_abort_undoes(box):
    name, uid = new_name()
    other, other_uid = new_name()
    steps = creation(name, uid) + creation(other, other_uid)
    connection = hand.Hand().connect()
    record = hand.request(hand.EXECUTE, hand.plan(*steps), hand.root_ticket())
    replies = []
    for reply in hand.Hand().records(record, connection=connection):
        replies.append(reply)
        if reply.kind == hand.PROGRESS and reply.step == 3:
            connection.send(hand.request(hand.ABORT))
    assert (replies[-1].outcome, replies[-1].code) == ("aborted", "Aborted"), replies[-1]
    assert not traces(name) and not traces(other)


def test_questions_are_answered_between_the_steps_of_a_plan(box):
    names = [new_name() for _ in range(6)]
    steps = [step for name, uid in names for step in creation(name, uid)]
    connection = hand.Hand().connect()
    order, waiting = [], None
    for reply in hand.Hand().records(hand.request(hand.EXECUTE, hand.plan(*steps), hand.root_ticket()),
                                     connection=connection):
        order.append(reply.kind)
        if reply.kind == hand.PROGRESS and reply.step == 2:
            assert hand.Hand().ask("hello").outcome == "success"
            order.append("answered")
            waiting = hand.Hand().connect()
            waiting.send(hand.request(hand.LOOKUP))
    assert order.index("answered") < len(order) - 2 and order[-1] == hand.DONE
    assert hand.Reply(waiting.recv(65536)).code == "NotFound"  # it waited, and was not forgotten
    waiting.close()


def test_what_a_kill_left_half_written_goes_at_the_next_start(box):
    assert hand.Hand().ask("hello").outcome == "success"  # its folders are there
    state = os.path.dirname(JOURNAL)
    owner = os.stat(state)
    old, young = time.time() - 3600, time.time()
    left = [f"{state}/.keys.0123456789abcdef", f"{JOURNAL}/.{'0' * 32}.fedcba9876543210"]
    stay = [f"{state}/.keys.0123456789abcdee", f"{state}/.other", "/etc/.shadow.0123456789abcdef"]
    for path in left + stay:
        with open(path, "w", encoding="ascii") as file:
            file.write("secret")
        os.chown(path, owner.st_uid, owner.st_gid)
        os.utime(path, (young, young) if path == stay[0] else (old, old))
    box.start("users-hand")
    assert hand.Hand().ask("hello").outcome == "success"
    assert not [path for path in left if os.path.exists(path)]
    assert all(os.path.exists(path) for path in stay)
    for path in stay:
        os.unlink(path)


def whole_or_nothing(name, uid):
    if not traces(name):
        return False
    assert name in Box.accounts(), traces(name)
    assert Box.accounts()[name]["groups"] == ["bulkhead-operator"]
    assert login(name).outcome == "success"
    return True


# The first record is written with the journal's head; the others are added, and waited for when something begins.
RECORDS = [("pwrite64", number) for number in range(1, 11)] + [("fdatasync", number) for number in range(1, 7)]
ALL_RECORDS = {"pwrite64": 8, "fdatasync": 4} # of a plan of four steps


def dies_at(call, number):
    return ("/usr/bin/strace", "-D", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")


@pytest.mark.parametrize("call, moment", RECORDS)
def test_killed_at_each_journal_record_of_a_creation(box, call, moment):
    name, uid = new_name()
    identity = secrets.token_bytes(16)
    ticket = hand.root_ticket()
    box.start("users-hand", wrap=dies_at(call, moment))
    reply = hand.Hand().execute(*creation(name, uid), ticket=ticket, identity=identity)
    box.start("users-hand")
    found = hand.Hand().lookup(identity)
    assert found.outcome in ("success", "failed", "unknown"), found
    assert reply is None or reply.outcome == found.outcome
    assert whole_or_nothing(name, uid) == (found.outcome == "success"), (found, traces(name))
    assert (reply is None) == (moment <= ALL_RECORDS[call])
    assert glob.glob(f"{JOURNAL}/*.[0-9]*") == []


@pytest.mark.parametrize("call, moment", [("pwrite64", number) for number in range(1, 5)] + [("fdatasync", 1), ("fdatasync", 2)])
def test_a_password_change_that_is_cut_off_is_done_or_taken_back_with_its_sessions(box, call, moment):
    """At each record of its journal. Old password and open sessions, or new password and none; never one without the other."""
    name, uid = new_name()
    create(name, uid)
    session, before = sign_in(name)[1], smb(name)
    steps = (("password_set", name, uid, "another horse battery"), ("sign_out", name, uid))
    identity, ticket, warrant = secrets.token_bytes(16), hand.root_ticket(), hand.root_warrant(*steps)
    box.start("users-hand", wrap=dies_at(call, moment))
    assert hand.Hand().execute(*steps, ticket=ticket, warrant=warrant, identity=identity) is None
    box.start("users-hand")
    done = hand.Hand().lookup(identity).outcome == "success"
    assert login(name, "another horse battery" if done else PASSWORD).outcome == "success"
    assert login(name, PASSWORD if done else "another horse battery").code == "Unauthenticated"
    assert exchange(session).outcome == ("refused" if done else "success") and (smb(name) != before) == done


def begun_home(name, uid, *more):
    """What useradd leaves that was killed before it wrote /etc/passwd."""
    os.mkdir(f"/home/{name}", 0o700)
    for one in os.listdir("/etc/skel"):
        with open(f"/etc/skel/{one}", "rb") as source, open(f"/home/{name}/{one}", "wb") as target:
            target.write(source.read()[:10])
    for one in more:
        with open(f"/home/{name}/{one}", "w", encoding="ascii") as file:
            file.write("mine")
    for path in [f"/home/{name}", *(f"/home/{name}/{one}" for one in os.listdir(f"/home/{name}"))]:
        os.chown(path, uid, uid)


@pytest.mark.parametrize("owner, more, goes", [(None, (), True), (0, (), True), (None, ("thesis.txt",), False),
                                               (None, (".bashrc.old",), False), (1000, (), False)])
def test_a_home_that_useradd_was_cut_off_from_goes(box, owner, more, goes):
    """And only that: anything else in it, or another owner, and it stays with all that is in it."""
    name, uid = new_name()
    identity = secrets.token_bytes(16)
    ticket = hand.root_ticket()
    box.start("users-hand", wrap=dies_at("fdatasync", 1))  # the account is written down as begun, and useradd not run
    assert hand.Hand().execute(*creation(name, uid), ticket=ticket, identity=identity) is None
    assert name.encode() in read("/etc/group") and name.encode() not in read("/etc/passwd")
    begun_home(name, int(uid) if owner is None else owner, *more)
    before = sorted(os.listdir(f"/home/{name}"))
    assert len(before) >= 3 + len(more), before
    box.start("users-hand")
    found = hand.Hand().lookup(identity)
    assert found.outcome == "failed", found
    assert traces(name) == ([] if goes else [f"/home/{name}"])
    if not goes:
        assert sorted(os.listdir(f"/home/{name}")) == before
        reply = hand.Hand().execute(*creation(name, uid), ticket=ticket)  # nor does anybody new get it
        assert (reply.outcome, reply.code) == ("failed", "Conflict") and "home folder" in reply.message, reply
        assert sorted(os.listdir(f"/home/{name}")) == before and traces(name) == [f"/home/{name}"]


@pytest.mark.parametrize("call, moment", RECORDS)
def test_killed_at_each_journal_record_of_a_removal(box, call, moment):
    name, uid = new_name()
    create(name, uid)
    identity = secrets.token_bytes(16)
    steps = (("role_leave", name, uid, "operator"), ("credentials_drop", name, uid), ("account_drop", name, uid),
             ("group_drop", name, uid))
    ticket, warrant = hand.root_ticket(), hand.root_warrant(*steps)
    box.start("users-hand", wrap=dies_at(call, moment))
    hand.Hand().execute(*steps, ticket=ticket, warrant=warrant, identity=identity)
    box.start("users-hand")
    found = hand.Hand().lookup(identity)
    if found.outcome == "success":
        assert not traces(name)
    else:
        assert moment <= 3 and found.outcome == "failed", found
        assert whole_or_nothing(name, uid)


def test_killed_at_any_time(box):
    outcomes, begun = set(), time.monotonic()
    create(*new_name())
    whole = time.monotonic() - begun
    for i in range(100):
        if i >= 12 and len(outcomes) > 1:
            break  # on a machine that got busy it takes longer until one is whole
        name, uid = new_name()
        identity = secrets.token_bytes(16)
        connection = hand.Hand().connect()
        connection.send(hand.request(hand.EXECUTE, hand.plan(*creation(name, uid)), hand.root_ticket(), "", identity))
        time.sleep(whole * i / 8)
        box.kill("users-hand", signal.SIGKILL)
        connection.close()
        found = hand.Hand().lookup(identity)
        outcomes.add(found.outcome)
        assert whole_or_nothing(name, uid) == (found.outcome == "success"), (found, traces(name))
    assert len(outcomes) > 1, outcomes


def test_a_polite_stop_waits_for_the_plan(box):
    name, uid = new_name()
    connection = hand.Hand().connect()
    replies = hand.Hand().records(hand.request(hand.EXECUTE, hand.plan(*creation(name, uid)), hand.root_ticket()),
                                  connection=connection)
    next(replies)
    box.kill("users-hand", signal.SIGTERM)
    assert list(replies)[-1].outcome == "success"
    assert whole_or_nothing(name, uid)


# --- set-up: last, because the only administrator there is stands in its way ---

def test_set_up_makes_the_first_administrator_once(box):
    admins = [name for name, account in box.accounts().items() if "bulkhead-admin" in account["groups"]]
    for name in admins:
        subprocess.run(["gpasswd", "--delete", name, "bulkhead-admin"], check=True, stdout=subprocess.DEVNULL)
    name, uid = new_name()
    code = hand.Reader(hand.Hand("root").ask("console_setup_code").answer).text()
    assert hand.Reader(hand.Hand().ask("hello").answer).number(1) == 1
    steps = (*creation(name, uid)[:2], ("admin_join", name, uid), ("password_first", name, uid, PASSWORD),
             ("setup_done",))
    digest = hand.digest(hand.plan(*steps))
    wrong = "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"
    assert hand.Hand().ask("setup_ticket", wrong, digest, "192.0.2.99").code == "Invalid"
    until_busy(lambda: hand.Hand().ask("setup_ticket", wrong, digest, "192.0.2.99"), 4)
    assert hand.Hand().ask("setup_ticket", code, digest, "192.0.2.99").code == "Busy"
    reply = hand.Hand().ask("setup_ticket", code, digest, "192.0.2.98")
    assert reply.outcome == "success", reply
    answer = hand.Reader(reply.answer)
    ticket = answer.text()
    answer.number(8)
    warrant = answer.text()
    other = (*steps[:-1], ("sign_out_all",))
    assert hand.Hand().execute(*other, ticket=ticket, warrant=warrant).code == "Confirmation"
    reply = hand.Hand().execute(*steps, ticket=ticket, warrant=warrant)
    assert reply.outcome == "success", reply
    assert box.accounts()[name]["groups"] == ["bulkhead-admin"]
    assert hand.Hand().execute(("sign_out_all",), ticket=ticket).code == "Unauthenticated"
    assert hand.Hand().ask("setup_ticket", code, digest, "192.0.2.97").code == "Conflict"
    assert hand.Hand("root").ask("console_setup_code").code == "Conflict"
    assert hand.Reader(hand.Hand().ask("hello").answer).number(1) == 0
    assert sign_in(name)


def test_it_goes_when_idle_and_comes_back(box):
    process = box.processes["users-hand"]
    hand.Hand().ask("hello")
    process.wait(lambda events: events[-1][0] == "exited")
    assert process.exits()[-1] == ("code", 0)
    assert hand.Hand().ask("hello").outcome == "success"
