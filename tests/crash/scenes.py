"""What is crashed: one changing method a scene, and how to tell all from nothing afterwards.

A scene has a method, its parameters for the nth time, and seen(box, n): True when all that the method promises is on
the machine and in the tables, False when nothing of it is, and the text of what is half done otherwise.
"""
import hashlib
import json
import os
import struct

PASSWORD = "battery staple correct horse"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f k"


def lines(path, name):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split(":") for line in file if line.split(":")[0] == name]


def one(path, name):
    found = lines(path, name)
    assert len(found) < 2, f"{name} stands {len(found)} times in {path}"
    return found[0] if found else None


def members(group):
    entry = one("/etc/group", group)
    return set(filter(None, entry[3].split(","))) if entry else set()


def verdict(parts):
    """True, False, or what is half done. parts: {what: there or not}."""
    if all(parts.values()):
        return True
    return json.dumps(parts) if any(parts.values()) else False


class Scene:
    method = ""
    warrant = False

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


class CreateUser(Scene):
    method = "nas.users.CreateUser"

    def parameters(self, n):
        return {"username": f"k{n}", "role": "operator", "full_name": "K", "password": PASSWORD, "shell": True}

    def seen(self, box, n):
        name = f"k{n}"
        shadow = one("/etc/shadow", name)
        rows = box.psql("select 1 from users.account where name = %s and gone is null", name)
        return verdict({"passwd": one("/etc/passwd", name) is not None, "shadow": shadow is not None,
                        "group": one("/etc/group", name) is not None, "gshadow": one("/etc/gshadow", name) is not None,
                        "role": name in members("bulkhead-operator"), "home": os.path.isdir(f"/home/{name}"),
                        "password": shadow is not None and shadow[1].startswith("$y$"), "row": bool(rows)})

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            box.change("users", "nas.users.DeleteUser", {"username": f"k{n}"})


class DeleteUser(CreateUser):
    method = "nas.users.DeleteUser"
    warrant = True

    def prepare(self, box, n):
        box.change("users", "nas.users.CreateUser", super().parameters(n))

    def parameters(self, n):
        return {"username": f"k{n}"}

    def seen(self, box, n):
        there = super().seen(box, n)
        return not there if isinstance(there, bool) else there

    def tidy(self, box, n):
        if self.seen(box, n) is False:
            box.change("users", "nas.users.DeleteUser", {"username": f"k{n}"})


class UpdateUser(Scene):
    """Role, full name and shell at once, there and back."""
    method = "nas.users.UpdateUser"

    def prepare(self, box, n):
        if one("/etc/passwd", "uma") is None:
            box.change("users", "nas.users.CreateUser", {"username": "uma", "role": "viewer", "full_name": "A"})
        self.was = one("/etc/passwd", "uma")[4]

    def parameters(self, n):
        first = self.was == "A"
        return {"username": "uma", "role": "operator" if first else "viewer", "full_name": "B" if first else "A",
                "shell": first}

    def seen(self, box, n):
        entry, wanted = one("/etc/passwd", "uma"), self.parameters(n)
        roles = {role for role in ("viewer", "user", "operator", "admin") if "uma" in members(f"bulkhead-{role}")}
        return verdict({"name": entry[4] == wanted["full_name"], "role": roles == {wanted["role"]},
                        "shell": (entry[6] == "/bin/bash") == wanted["shell"]})


class DisableUser(Scene):
    method = "nas.users.UpdateUser"

    def prepare(self, box, n):
        if one("/etc/passwd", "dan") is None:
            box.change("users", "nas.users.CreateUser", {"username": "dan", "role": "viewer"})
        self.was = "dan" in members("bulkhead-disabled")

    def parameters(self, n):
        return {"username": "dan", "enabled": self.was}

    def seen(self, box, n):
        expires, disabled = one("/etc/shadow", "dan")[7], "dan" in members("bulkhead-disabled")
        return verdict({"group": disabled != self.was, "expiry": (expires == "1") != self.was})


class SetPassword(Scene):
    method = "nas.users.SetPassword"
    warrant = True

    def prepare(self, box, n):
        if one("/etc/passwd", "pat") is None:
            box.change("users", "nas.users.CreateUser", {"username": "pat", "password": PASSWORD})
        self.was = one("/etc/shadow", "pat")[1]

    def parameters(self, n):
        return {"username": "pat", "password": f"{PASSWORD} {n}"}

    def seen(self, box, n):
        return one("/etc/shadow", "pat")[1] != self.was


class CreateGroup(Scene):
    method = "nas.users.CreateGroup"

    def parameters(self, n):
        return {"name": f"g{n}"}

    def seen(self, box, n):
        return verdict({"group": one("/etc/group", f"g{n}") is not None, "gshadow": one("/etc/gshadow", f"g{n}") is not None})

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            box.change("users", "nas.users.DeleteGroup", {"name": f"g{n}"})


class DeleteGroup(CreateGroup):
    method = "nas.users.DeleteGroup"

    def prepare(self, box, n):
        box.change("users", "nas.users.CreateGroup", {"name": f"g{n}"})

    def seen(self, box, n):
        there = super().seen(box, n)
        return not there if isinstance(there, bool) else there

    def tidy(self, box, n):
        if self.seen(box, n) is False:
            box.change("users", "nas.users.DeleteGroup", {"name": f"g{n}"})


class Membership(Scene):
    """In and out by turns."""

    @property
    def method(self):
        return "nas.users.RemoveMember" if self.was else "nas.users.AddMember"

    def prepare(self, box, n):
        if one("/etc/passwd", "mel") is None:
            box.change("users", "nas.users.CreateUser", {"username": "mel"})
            box.change("users", "nas.users.CreateGroup", {"name": "crew"})
        self.was = "mel" in members("crew")

    def parameters(self, n):
        return {"name": "crew", "username": "mel"}

    def seen(self, box, n):
        shadowed = set(filter(None, one("/etc/gshadow", "crew")[3].split(",")))
        return verdict({"group": ("mel" in members("crew")) != self.was, "gshadow": ("mel" in shadowed) != self.was})


class SetSshKeys(Scene):
    method = "nas.users.SetSshKeys"
    path = "/var/lib/bulkhead/ssh-keys/sam"

    def prepare(self, box, n):
        if one("/etc/passwd", "sam") is None:
            box.change("users", "nas.users.CreateUser", {"username": "sam"})

    def parameters(self, n):
        return {"username": "sam", "ssh_keys": [f"{KEY}{n}"]}

    def seen(self, box, n):
        if not os.path.exists(self.path):
            return False
        with open(self.path, encoding="ascii") as file:
            return f"k{n}\n" in file.read()


class ImportUsers(CreateUser):
    method = "nas.users.ImportUsers"
    warrant = True

    def parameters(self, n):
        return {"csv": f"username,full name,role,groups\ni{n}a,A,user,\ni{n}b,B,viewer,\n"}

    def seen(self, box, n):
        parts = {}
        for name, role in ((f"i{n}a", "user"), (f"i{n}b", "viewer")):
            parts |= {f"{name} passwd": one("/etc/passwd", name) is not None,
                      f"{name} shadow": one("/etc/shadow", name) is not None,
                      f"{name} group": one("/etc/group", name) is not None,
                      f"{name} role": name in members(f"bulkhead-{role}"), f"{name} home": os.path.isdir(f"/home/{name}")}
        return verdict(parts)

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            for name in (f"i{n}a", f"i{n}b"):
                box.change("users", "nas.users.DeleteUser", {"username": name})


class PasswordPolicy(Scene):
    method = "nas.users.SetPasswordPolicy"

    def prepare(self, box, n):
        self.was = box.call("users", "nas.users.GetPasswordPolicy")["minimum"]

    def parameters(self, n):
        return {"minimum": 13 if self.was == 12 else 12, "admin_totp": False}

    def seen(self, box, n):
        try:
            with open("/var/lib/bulkhead-users-hand/password-policy", encoding="ascii") as file:
                return int(file.read().split()[0]) != self.was
        except FileNotFoundError:
            return False


class SigningKey(Scene):
    """Published in the trust file, which must stay whole: another set of keys, or the same."""
    method = "nas.users.RotateSigningKey"

    def prepare(self, box, n):
        self.was = self.keys()

    @staticmethod
    def keys():
        with open("/run/bulkhead/trust/current", "rb") as file:
            content = file.read()
        assert content.startswith(b"bulkhead trust 1\0") and hashlib.sha256(content[:-32]).digest() == content[-32:]
        count, = struct.unpack_from(">H", content, 17 + 16 + 8 + 4)
        return {struct.unpack_from(">I", content, 47 + 44 * k)[0] for k in range(count)}

    def seen(self, box, n):
        return self.keys() != self.was


SCENES = (CreateUser, DeleteUser, UpdateUser, DisableUser, SetPassword, CreateGroup, DeleteGroup, Membership, SetSshKeys,
          ImportUsers, PasswordPolicy, SigningKey)

