"""What a scene is, and what its judgement is made of: the account files, the hand's own files, the tables.

A scene has a method, its parameters for the nth time, and seen(box, n): True when all that the method promises is on
the machine, in the hand's own files and in the tables, False when nothing of it is, and the text of what is half done
otherwise.
"""
import hashlib
import json
import struct

PASSWORD = "battery staple correct horse"


def lines(path, name):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split(":") for line in file if line.split(":")[0] == name]


def one(path, name):
    found = lines(path, name)
    assert len(found) < 2, f"{name} stands {len(found)} times in {path}"
    return found[0] if found else None


def smb(name):
    """(hash, flags) that smbd reads of an account, or None; as in the hand's own table."""
    entry = one("/var/lib/bulkhead/smb/passwd", name)
    kept = table(f"{STATE}/smb")
    if entry is None:
        return None
    assert kept[int(entry[1])][1][24:40].hex() == entry[3].lower(), f"smbd's file does not go with the table: {name}"
    return entry[3], entry[4].strip("[] ")


def members(group):
    entry = one("/etc/group", group)
    return set(filter(None, entry[3].split(","))) if entry else set()


# --- what the hand keeps for itself, and what it publishes ---

RUN, STATE = "/run/bulkhead-users-hand", "/var/lib/bulkhead-users-hand"


def table(path):
    """{id: (owner, row)} of one of the hand's tables."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return {}
    version, size = struct.unpack_from("=II", content)
    assert version == 1 and (len(content) - 8) % size == 0, f"{path} is damaged"
    rows = [content[at:at + size] for at in range(8, len(content), size)]
    found = {struct.unpack_from("=Q", row)[0]: (struct.unpack_from("=QI", row)[1], row) for row in rows}
    assert len(found) == len(rows), f"a row stands twice in {path}"
    return found


def owned(path, uid):
    return {number for number, (owner, _) in table(path).items() if owner == uid}


class Trust:
    """The trust file, which must stay whole."""

    def __init__(self):
        with open("/run/bulkhead/trust/current", "rb") as file:
            content = file.read()
        assert content.startswith(b"bulkhead trust 1\0") and hashlib.sha256(content[:-32]).digest() == content[-32:]
        self.everybody, count = struct.unpack_from(">IH", content, 17 + 16 + 8)
        self.keys = {struct.unpack_from(">I", content, 47 + 44 * k)[0] for k in range(count)}
        at = 47 + 44 * count
        epochs, = struct.unpack_from(">I", content, at)
        self.epochs = dict(struct.unpack_from(">II", content, at + 4 + 8 * k) for k in range(epochs))
        at += 4 + 8 * epochs
        ended, = struct.unpack_from(">I", content, at)
        self.ended = {struct.unpack_from(">Q", content, at + 4 + 16 * k)[0] for k in range(ended)}

    def epoch(self, uid):
        return self.everybody + self.epochs.get(uid, 0)


def uid_of(name):
    return int(one("/etc/passwd", name)[2])


def numbered(box, name):
    """Does our table have the number of that name in use?"""
    return bool(box.psql("select 1 from users.number where name = %s and gone is null", name))


def verdict(parts):
    """True, False, or what is half done. parts: {what: there or not}."""
    if all(parts.values()):
        return True
    return json.dumps(parts) if any(parts.values()) else False


class Scene:
    daemon = "users"
    method = ""
    warrant = False
    hand = True     # has part in it; else all of it is one transaction of the clerk's
    planned = True  # has a plan, so intent and outcome; else its answer alone says that it was done

    def permit(self, box, n):
        """(ticket, warrant) of who asks, got before anything is disturbed: root on the console."""
        ticket, warrant = box.root_ticket(), None
        if self.warrant:
            plan = box.call(self.daemon, self.method, self.parameters(n), ticket=ticket, dry_run=True)["plan"]
            warrant = box.root_warrant(plan["digest"], ticket)
        return ticket, warrant

    def prepare(self, box, n):
        """Before the nth time, undisturbed."""

    def parameters(self, n):
        return {}

    def seen(self, box, n):
        raise NotImplementedError

    def tidy(self, box, n):
        """After the nth time, undisturbed."""

    @property
    def name(self):
        return type(self).__name__
