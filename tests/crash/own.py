"""Scenes of people: signing in and out, their passwords, keys and second factors, and the first of them all."""
import subprocess

from box import VarlinkError
from scene import PASSWORD, RUN, STATE, Scene, Trust, members, one, owned, table, uid_of, verdict


class Own(Scene):
    """Somebody who signed in asks, and confirms by password. What they have is kept from one time to the next."""
    who, role = "", "user"
    passwords, sessions = {}, {}

    @property
    def password(self):
        return self.passwords.get(self.who, PASSWORD)

    @property
    def uid(self):
        return uid_of(self.who)

    def sign_in(self, box):
        """The number of a new session."""
        self.exist(box)
        before = owned(f"{RUN}/sessions", self.uid)
        done = box.call("users", "nas.users.Login", {"username": self.who, "password": self.password})
        self.sessions[self.who] = done["session"]
        number, = owned(f"{RUN}/sessions", self.uid) - before
        return number

    def exist(self, box):
        if one("/etc/passwd", self.who) is None:
            box.change("users", "nas.users.CreateUser", {"username": self.who, "role": self.role, "password": PASSWORD})

    def ticket(self, box):
        for _ in range(2):
            try:
                return box.call("users", "nas.users.Exchange", {"credential": self.sessions[self.who]})["token"]
            except (KeyError, VarlinkError):  # none yet, or it ended
                self.sign_in(box)
        raise AssertionError(f"{self.who} is not let in")

    def permit(self, box, n):
        ticket = self.ticket(box)
        return ticket, self.confirm(box, self.method, self.parameters(n), ticket) if self.warrant else None

    def confirm(self, box, method, parameters, ticket):
        plan = box.call("users", method, parameters, ticket=ticket, dry_run=True)["plan"]
        return box.call("users", "nas.users.Confirm", {"digest": plan["digest"], "plan": plan["plan"],
                                                       "password": self.password}, ticket=ticket)["warrant"]

    def open_rows(self, box):
        """Their sessions as our tables have them."""
        return {row[0] for row in box.psql("select id from users.session where uid = %s and ended is null", self.uid)}


class Login(Own):
    """What was answered is in the hand's table, in ours and in the ledger. One that nobody got may be left in the hand:
    its secret is lost, so it opens nothing."""
    method, who, planned = "nas.users.Login", "lou", False

    def permit(self, box, n):
        return None, None

    def prepare(self, box, n):
        self.exist(box)
        self.was = self.now(box)

    def parameters(self, n):
        return {"username": self.who, "password": self.password}

    def now(self, box):
        rows = {row[0] for row in box.psql("select id from users.session where uid = %s", self.uid)}
        events = box.psql("select count(*) from ledger.row where method = %s and kind = 'event' and actor = %s", self.method,
                          self.uid)[0][0]
        return owned(f"{RUN}/sessions", self.uid), rows, events

    def seen(self, box, n):
        sessions, rows, events = self.now(box)
        if rows == self.was[1] and events == self.was[2]:
            return False
        return verdict({"session": bool((rows - self.was[1]) & sessions), "row": rows != self.was[1],
                        "event": events != self.was[2]})


class EndSession(Own):
    """Root ends somebody's."""
    method, who = "nas.users.EndSession", "olaf"
    permit = Scene.permit

    def prepare(self, box, n):
        self.number = self.sign_in(box)

    def parameters(self, n):
        return {"id": self.number}

    def seen(self, box, n):
        return verdict({"session": self.number not in table(f"{RUN}/sessions"), "tickets": self.number in Trust().ended,
                        "row": self.number not in self.open_rows(box)})


class Logout(EndSession):
    method = "nas.users.Logout"
    permit = Own.permit

    def parameters(self, n):
        return {}


class EndAllSessions(EndSession):
    method = "nas.users.EndAllSessions"

    def prepare(self, box, n):
        super().prepare(box, n)
        self.was = Trust().everybody

    def parameters(self, n):
        return {}

    def seen(self, box, n):
        rows = box.psql("select 1 from users.session where ended is null")
        return verdict({"sessions": not table(f"{RUN}/sessions"), "tickets": Trust().everybody > self.was, "rows": not rows})


class ChangePassword(Own):
    """A new password signs out everywhere; one that was taken back, nowhere."""
    method, who = "nas.users.ChangePassword", "pia"

    def prepare(self, box, n):
        self.exist(box)
        self.hash, self.epoch = one("/etc/shadow", self.who)[1], Trust().epoch(self.uid)

    def parameters(self, n):
        return {"old": self.password, "password": f"{PASSWORD} {n}"}

    def seen(self, box, n):
        return verdict({"password": one("/etc/shadow", self.who)[1] != self.hash,
                        "sessions": not owned(f"{RUN}/sessions", self.uid),
                        "tickets": Trust().epoch(self.uid) > self.epoch, "rows": not self.open_rows(box)})

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            self.passwords[self.who] = f"{PASSWORD} {n}"


class CreateKey(Own):
    method, who, warrant = "nas.users.CreateKey", "kay", True

    def prepare(self, box, n):
        self.exist(box)
        self.was = set(table(f"{STATE}/keys"))

    def parameters(self, n):
        return {"name": f"key {n}", "role": "viewer", "networks": ["192.0.2.0/24"]}

    def listed(self, box, n):
        rows = box.psql("select id from users.api_key where label = %s and made and revoked is null", f"key {n}")
        return {row[0] for row in rows}

    def seen(self, box, n):
        made, listed = set(table(f"{STATE}/keys")) - self.was, self.listed(box, n)
        return bool(made) if made == listed else f"the hand made {made}, the table has {listed}"

    def tidy(self, box, n):
        for number in self.listed(box, n):
            box.change("users", "nas.users.RevokeKey", {"id": number})


class RevokeKey(CreateKey):
    method, warrant = "nas.users.RevokeKey", False
    permit = Scene.permit

    def prepare(self, box, n):
        ticket, wish = self.ticket(box), CreateKey.parameters(self, n)
        warrant = self.confirm(box, CreateKey.method, wish, ticket)
        self.number = box.call("users", CreateKey.method, wish, ticket=ticket, warrant=warrant)["key"]["id"]

    def parameters(self, n):
        return {"id": self.number}

    def seen(self, box, n):
        return verdict({"key": self.number not in table(f"{STATE}/keys"), "tickets": self.number in Trust().ended,
                        "row": self.number not in self.listed(box, n)})


class RenameKey(RevokeKey):
    method, hand = "nas.users.RenameKey", False

    def parameters(self, n):
        return {"id": self.number, "name": f"new {n}"}

    def seen(self, box, n):
        return box.psql("select label from users.api_key where id = %s", self.number)[0][0] == f"new {n}"

    def tidy(self, box, n):
        box.change("users", "nas.users.RevokeKey", {"id": self.number})


class EnrolTotp(Own):
    """Begun, not in force: a secret in the hand."""
    method, who, planned = "nas.users.EnrolTotp", "tom", False

    def prepare(self, box, n):
        self.exist(box)
        self.was = self.pending()

    def pending(self):
        return table(f"{RUN}/pending").get(self.uid)

    def parameters(self, n):
        return {"password": self.password}

    def seen(self, box, n):
        return self.pending() not in (None, self.was)


class ConfirmTotp(Own):
    method, who = "nas.users.ConfirmTotp", "tom"

    def prepare(self, box, n):
        wish = {"password": self.password}
        self.key = box.call("users", "nas.users.EnrolTotp", wish, ticket=self.ticket(box))["key"]

    def parameters(self, n):
        code = subprocess.run(["oathtool", "--totp", "--base32", self.key], check=True, stdout=subprocess.PIPE, text=True)
        return {"code": code.stdout.strip()}

    def in_force(self, box):
        rows = box.psql("select totp from users.account where uid = %s", self.uid)
        return {"factor": self.uid in table(f"{STATE}/factors"), "row": rows[0][0]}

    def seen(self, box, n):
        there = verdict(self.in_force(box))
        return "in force and pending" if there is True and self.uid in table(f"{RUN}/pending") else there

    def tidy(self, box, n):
        if any(self.in_force(box).values()):
            box.change("users", "nas.users.DisableTotp", {"username": self.who})


class DisableTotp(ConfirmTotp):
    method, who, warrant = "nas.users.DisableTotp", "dot", True
    permit = Scene.permit

    def prepare(self, box, n):
        super().prepare(box, n)
        box.call("users", ConfirmTotp.method, super().parameters(n), ticket=self.ticket(box))

    def parameters(self, n):
        return {"username": self.who}

    def seen(self, box, n):
        return verdict({what: not there for what, there in self.in_force(box).items()})


class Setup(Scene):
    """The first administrator: there must be none."""
    method = "nas.users.Setup"

    def permit(self, box, n):
        return None, None

    def prepare(self, box, n):
        for name in members("bulkhead-admin"):
            subprocess.run(["gpasswd", "--delete", name, "bulkhead-admin"], check=True, stdout=subprocess.DEVNULL)
        box.wait_for(lambda: box.call("users", "nas.users.SetupState")["needed"])
        self.code = box.field(box.ask("console_setup_code"))[0]

    def parameters(self, n):
        return {"setup_code": self.code, "username": f"s{n}", "full_name": "First", "password": PASSWORD}

    def seen(self, box, n):
        name = f"s{n}"
        shadow = one("/etc/shadow", name)
        return verdict({"passwd": one("/etc/passwd", name) is not None, "role": name in members("bulkhead-admin"),
                        "group": one("/etc/group", name) is not None,
                        "password": shadow is not None and shadow[1].startswith("$y$"),
                        "row": bool(box.psql("select 1 from users.account where name = %s and gone is null", name))})

    def tidy(self, box, n):
        if self.seen(box, n) is True:
            subprocess.run(["gpasswd", "--delete", f"s{n}", "bulkhead-admin"], check=True, stdout=subprocess.DEVNULL)
            box.wait_for(lambda: box.call("users", "nas.users.SetupState")["needed"])
            box.change("users", "nas.users.DeleteUser", {"username": f"s{n}"})


SCENES = (Login, EndSession, Logout, EndAllSessions, ChangePassword, CreateKey, RevokeKey, RenameKey, EnrolTotp, ConfirmTotp,
          DisableTotp, Setup)
