"""What is crashed: one changing method a scene. Here those of an administrator; own.py has those of people."""
import os

import network
import own
from scene import PASSWORD, STATE, Scene, Trust, members, numbered, one, smb, uid_of, verdict

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f k"


class CreateUser(Scene):
    method = "nas.users.CreateUser"

    def parameters(self, n):
        return {"username": f"k{n}", "role": "operator", "full_name": "K", "password": PASSWORD, "shell": True}

    def parts(self, box, n):
        name = f"k{n}"
        shadow = one("/etc/shadow", name)
        rows = box.psql("select 1 from users.account where name = %s and gone is null", name)
        return {"passwd": one("/etc/passwd", name) is not None, "shadow": shadow is not None,
                "group": one("/etc/group", name) is not None, "gshadow": one("/etc/gshadow", name) is not None,
                "role": name in members("bulkhead-operator"), "home": os.path.isdir(f"/home/{name}"),
                "password": shadow is not None and shadow[1].startswith("$y$"), "row": bool(rows), "SMB": smb(name) is not None,
                "number": numbered(box, name)}

    def seen(self, box, n):
        return verdict(self.parts(box, n))

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            box.change("users", "nas.users.DeleteUser", {"username": f"k{n}"})


class DeleteUser(CreateUser):
    method = "nas.users.DeleteUser"
    warrant = True

    def prepare(self, box, n):
        box.change("users", "nas.users.CreateUser", super().parameters(n))
        box.change("users", "nas.users.SetSshKeys", {"username": f"k{n}", "ssh_keys": [KEY]})

    def parameters(self, n):
        return {"username": f"k{n}"}

    def seen(self, box, n):
        there = {**self.parts(box, n), "SSH keys": os.path.exists(f"/var/lib/bulkhead/ssh-keys/k{n}")}
        return verdict({what: not part for what, part in there.items()})

    def tidy(self, box, n):
        if self.seen(box, n) is False:
            box.change("users", "nas.users.DeleteUser", {"username": f"k{n}"})


class UpdateUser(Scene):
    """Role, full name and shell at once, there and back; who loses a role is signed out."""
    method = "nas.users.UpdateUser"

    def prepare(self, box, n):
        if one("/etc/passwd", "uma") is None:
            box.change("users", "nas.users.CreateUser", {"username": "uma", "role": "viewer", "full_name": "A"})
        self.was, self.epoch = one("/etc/passwd", "uma")[4], Trust().epoch(uid_of("uma"))

    def parameters(self, n):
        first = self.was == "A"
        return {"username": "uma", "role": "operator" if first else "viewer", "full_name": "B" if first else "A",
                "shell": first}

    def seen(self, box, n):
        entry, wanted = one("/etc/passwd", "uma"), self.parameters(n)
        roles = {role for role in ("viewer", "user", "operator", "admin") if "uma" in members(f"bulkhead-{role}")}
        return verdict({"name": entry[4] == wanted["full_name"], "role": roles == {wanted["role"]},
                        "shell": (entry[6] == "/bin/bash") == wanted["shell"],
                        "tickets": Trust().epoch(uid_of("uma")) > self.epoch})


class DisableUser(Scene):
    method = "nas.users.UpdateUser"

    def prepare(self, box, n):
        if one("/etc/passwd", "dan") is None:
            box.change("users", "nas.users.CreateUser", {"username": "dan", "role": "viewer", "password": PASSWORD})
        self.was, self.epoch = "dan" in members("bulkhead-disabled"), Trust().epoch(uid_of("dan"))

    def parameters(self, n):
        return {"username": "dan", "enabled": self.was}

    def seen(self, box, n):
        expires, disabled = one("/etc/shadow", "dan")[7], "dan" in members("bulkhead-disabled")
        ended = {} if self.was else {"tickets": Trust().epoch(uid_of("dan")) > self.epoch}
        return verdict({"group": disabled != self.was, "expiry": (expires == "1") != self.was,
                        "SMB": (smb("dan")[1] == "DU") != self.was, **ended})


class SetPassword(Scene):
    method = "nas.users.SetPassword"
    warrant = True

    def prepare(self, box, n):
        if one("/etc/passwd", "pat") is None:
            box.change("users", "nas.users.CreateUser", {"username": "pat", "password": PASSWORD})
        self.was, self.epoch, self.smb = one("/etc/shadow", "pat")[1], Trust().epoch(uid_of("pat")), smb("pat")

    def parameters(self, n):
        return {"username": "pat", "password": f"{PASSWORD} {n}"}

    def seen(self, box, n):
        return verdict({"password": one("/etc/shadow", "pat")[1] != self.was,
                        "tickets": Trust().epoch(uid_of("pat")) > self.epoch, "SMB": smb("pat") != self.smb})


class SetSmbPassword(Scene):
    """An administrator's own one for SMB, and taking it away again in turn."""
    warrant = True

    @property
    def method(self):
        return "nas.users.RemoveSmbPassword" if self.was else "nas.users.SetSmbPassword"

    was = None

    def prepare(self, box, n):
        if one("/etc/passwd", "ian") is None:
            box.change("users", "nas.users.CreateUser", {"username": "ian", "role": "admin", "password": PASSWORD})
        self.was = smb("ian")

    def parameters(self, n):
        return {"username": "ian"} if self.was else {"username": "ian", "password": f"{PASSWORD} {n}"}

    def seen(self, box, n):
        return (smb("ian") is None) != (self.was is None)


class Promotion(Scene):
    """Who becomes an administrator has no password for SMB any more."""
    method, warrant = "nas.users.UpdateUser", True

    def prepare(self, box, n):
        box.change("users", "nas.users.CreateUser", {"username": f"p{n}", "password": PASSWORD})

    def parameters(self, n):
        return {"username": f"p{n}", "role": "admin"}

    def seen(self, box, n):
        return verdict({"SMB": smb(f"p{n}") is None, "admin": f"p{n}" in members("bulkhead-admin"),
                        "user": f"p{n}" not in members("bulkhead-user")})

    def tidy(self, box, n):
        box.change("users", "nas.users.DeleteUser", {"username": f"p{n}"})


class CreateGroup(Scene):
    method = "nas.users.CreateGroup"

    def parameters(self, n):
        return {"name": f"g{n}"}

    def seen(self, box, n):
        return verdict({"group": one("/etc/group", f"g{n}") is not None, "number": numbered(box, f"g{n}"),
                        "gshadow": one("/etc/gshadow", f"g{n}") is not None})

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
            with open(f"{STATE}/password-policy", encoding="ascii") as file:
                return int(file.read().split()[0]) != self.was
        except FileNotFoundError:
            return False


class SigningKey(Scene):
    """Published in the trust file: another set of keys, or the same."""
    method = "nas.users.RotateSigningKey"

    def prepare(self, box, n):
        if len(Trust().keys) > 2:  # more would be refused until the former have expired: as after a boot
            box.start("users-hand")
            os.unlink("/run/bulkhead/trust/current")
            box.ask("hello", user="bulkhead-users")
        self.was = Trust().keys

    def seen(self, box, n):
        return Trust().keys != self.was


SCENES = (CreateUser, DeleteUser, UpdateUser, DisableUser, SetPassword, SetSmbPassword, Promotion, CreateGroup, DeleteGroup,
          Membership, SetSshKeys, ImportUsers, PasswordPolicy, SigningKey, *own.SCENES, *network.SCENES)
