"""Speaking to a hand as its clerk does, record by record: for the tests of hands and for those that attack them."""
import contextlib
import hashlib
import os
import pwd
import secrets
import socket
import struct

EXECUTE, ASK, ABORT, LOOKUP, FORGET = 1, 2, 3, 4, 5
PROGRESS, DONE = 1, 2
OUTCOMES = ("unknown", "success", "failed", "aborted", "refused")
CODES = ("None", "Malformed", "Invalid", "Unauthenticated", "Denied", "Confirmation", "NotFound", "Conflict", "Busy",
         "Unavailable", "Failed", "Aborted")
SOCKET = "/run/bulkhead/users-hand.sock"
# policy/users_operations.h
NUMBERS = {name: number for number, name in enumerate(
    "hello login exchange refresh confirm checkpoint totp_begin setup_ticket console_ticket console_confirm "
    "console_setup_code".split())}
NUMBERS.update({name: number for number, name in enumerate(
    "group_make group_drop group_join group_leave account_make account_drop account_lock account_unlock role_join "
    "role_leave admin_join admin_leave full_name_set shell_set password_first password_set password_change "
    "password_restore sign_out sign_out_all session_end signing_key_rotate key_make key_drop totp_finish totp_drop "
    "ssh_keys_set credentials_drop setup_done setup_reopen password_policy_set totp_undo "
    "account_files_mend group_files_mend groups_clear key_label smb_password_set smb_password_drop smb_password_restore account_unmake".split(), 20)})


def field(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">H", len(data)) + data


def action(name, *values):
    number = NUMBERS[name] if isinstance(name, str) else name
    return struct.pack(">HB", number, len(values)) + b"".join(field(value) for value in values)


def plan(*steps, salt=b"\0" * 16, hand="users"):
    """Steps as tuples: ("group_make", "alice", "20001")."""
    return (b"bulkhead plan 1\0" + field(hand) + salt + struct.pack(">H", len(steps))
            + b"".join(action(*step) for step in steps))


def digest(plan_bytes):
    return hashlib.sha256(plan_bytes).hexdigest()


def request(kind, plan_bytes=b"", ticket="", warrant="", identity=None):
    return (bytes([kind]) + (identity or secrets.token_bytes(16)) + field(ticket) + field(warrant)
            + struct.pack(">I", len(plan_bytes)) + plan_bytes)


class Reader:
    def __init__(self, data):
        self.data = data

    def number(self, width):
        value, self.data = int.from_bytes(self.data[:width], "big"), self.data[width:]
        return value

    def bytes(self):
        length = self.number(2)
        value, self.data = self.data[:length], self.data[length:]
        return value

    def text(self):
        return self.bytes().decode()


class Reply:
    def __init__(self, data):
        reader = Reader(data)
        self.kind, self.step, self.steps = reader.number(1), reader.number(2), reader.number(2)
        self.outcome, self.code = OUTCOMES[reader.number(1)], CODES[reader.number(1)]
        self.field, self.message, self.next = reader.text(), reader.text(), reader.text()
        self.retry = reader.number(4)
        self.answer = reader.bytes()

    def __repr__(self):
        return f"<{self.outcome} {self.code} {self.field} {self.message} {self.step}/{self.steps}>"


@contextlib.contextmanager
def acting_as(user):
    """For this thread's connections: SO_PEERCRED tells the effective uid."""
    uid = pwd.getpwnam(user).pw_uid if isinstance(user, str) else user
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


class Hand:
    """user: a name or number to connect as. The clerk's by default."""

    def __init__(self, user="bulkhead-users", path=SOCKET):
        self.user, self.path = user, path

    def connect(self):
        uid = pwd.getpwnam(self.user).pw_uid if isinstance(self.user, str) else self.user
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.settimeout(180)
        if uid not in (0, pwd.getpwnam("bulkhead-users").pw_uid):
            os.setgroups([pwd.getpwnam("bulkhead-users").pw_gid])  # so that the socket's mode lets it in
        gid = os.getegid()
        try:
            os.setegid(pwd.getpwnam("bulkhead-users").pw_gid)
            with acting_as(uid):
                connection.connect(self.path)
        finally:
            os.setegid(gid)
        return connection

    def records(self, record, descriptors=(), connection=None):
        """Sends one record; every reply until the hand hangs up."""
        connection = connection or self.connect()
        with connection:
            while True:
                try:
                    if record:
                        socket.send_fds(connection, [record], list(descriptors))
                    record, data = None, connection.recv(65536)
                except (ConnectionResetError, BrokenPipeError):
                    return
                if not data:
                    return
                yield Reply(data)

    def say(self, record, descriptors=()):
        """The last reply; None when the hand hung up without one."""
        last = None
        for last in self.records(record, descriptors):
            pass
        return last if last and last.kind == DONE else None

    def ask(self, name, *values, ticket=""):
        return self.say(request(ASK, action(name, *values), ticket))

    def execute(self, *steps, ticket="", warrant="", identity=None, salt=b"\0" * 16):
        return self.say(request(EXECUTE, plan(*steps, salt=salt), ticket, warrant, identity))

    def lookup(self, identity):
        return self.say(request(LOOKUP, identity=identity))

    def forget(self, identity):
        return self.say(request(FORGET, identity=identity))


def root_ticket():
    return Reader(Hand("root").ask("console_ticket").answer).text()


def root_warrant(*steps):
    return Reader(Hand("root").ask("console_confirm", digest(plan(*steps))).answer).text()
