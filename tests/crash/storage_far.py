"""Snapshots that are sent to another machine, and back from another pool to see whether they can be had: begun while the storage
hand is killed (storage.py). The other machine is an OpenSSH server on this one."""
from storage_scenes import Refused, RunReplication
from turned import turn
from turns import files

OTHER, PORT, THERE = "/root/other", 2200, "/srv/other/far"
SERVE = f"""mkdir -p {OTHER} /run/sshd; [ -e {OTHER}/key ] || ssh-keygen -q -t ed25519 -N '' -f {OTHER}/key; touch {OTHER}/authorized_keys
printf 'Port {PORT}\\nHostKey {OTHER}/key\\nAuthorizedKeysFile {OTHER}/authorized_keys\\nPidFile none\\nUsePAM no\\nStrictModes no\\nPermitRootLogin prohibit-password\\n' > {OTHER}/settings
systemctl -q is-active other-sshd || systemd-run --quiet --collect --unit=other-sshd /usr/sbin/sshd -D -f {OTHER}/settings"""
ADD, GO = ("AddRemote", {"name": "attic", "address": "127.0.0.1", "port": PORT}), ("DeleteRemote", {"name": "attic"})


def remote(machine):
    listed = machine.call("storage", "nas.storage.ListRemotes", {}, machine.ask("console_ticket"))["remotes"]
    return next((one for one in listed if one["name"] == "attic"), {})


def offers(machine):
    machine.patient("it has shown its host key", lambda: remote(machine).get("offers"))


TRUST, = turn("storage", files("/etc/bulkhead/remotes"), ("TrustRemote", {"name": "attic"}), [GO, ADD, offers],
              before=(SERVE, ADD, offers), last=(GO,))


class RunDrill(RunReplication):
    """It was had back as it is, or there is no trace of it."""
    often = False
    units = "bulkhead-carry@away.drill bulkhead-send@away.drill bulkhead-receive@away.drill"

    def log(self):
        """When it began, and how it ended."""
        lines = self.machine.shell("cat /var/lib/bulkhead/work/away.drill.replication").splitlines() or [""]
        return lines[0], lines[-1]

    def prepare(self):
        self.have()
        machine = self.machine
        if not machine.shell("ls /etc/bulkhead/replications"):
            machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"first{self.turn}"})
            machine.change("CreateReplication", {"name": "away", "pool": "tank", "dataset": "data", "to_pool": "other",
                                                 "every": "month", "drill": "month"})
        machine.patient("one by itself", lambda: self.idle() and self.log()[0].startswith("started"), 120)
        self.before = self.log()[0]
        machine.patient("another second", lambda: f"started {machine.shell('date +%s')}" != self.before)
        machine.patient("one may be begun", self.is_permitted)

    def is_permitted(self):
        try:
            return self.machine.permit(self.method, self.parameters())
        except Refused:
            return None

    def idle(self):
        return set(self.machine.shell(f"systemctl is-active {self.units}").split()) <= {"inactive", "failed"}

    def seen(self):
        self.machine.patient("an end of the sending", self.idle)
        left = self.machine.shell("ls /srv/tank/.incoming/away.drill | grep -vx kept; ls /srv/tank/.incoming/away.drill/kept")
        began, ended = self.log()
        return f"half of it is left: {left}" if left else began != self.before and ended == "success"


class RunFar(RunReplication):
    """It arrives over there whole or not at all."""
    often = False
    units = "bulkhead-far@far bulkhead-send@far"

    @property
    def method(self):
        return "nas.storage.RunReplication"

    def parameters(self):
        return {"name": "far"}

    def prepare(self):
        self.have()
        machine = self.machine
        if not machine.shell("ls /etc/bulkhead/replications"):
            self.meet()
            machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"first{self.turn}"})
            machine.change("CreateReplication", {"name": "far", "pool": "tank", "dataset": "data", "to": f"attic:{THERE}", "every": "month"})
        machine.patient("all that there is to be sent", self.is_sent)
        machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"f{self.turn}"})

    def meet(self):
        machine = self.machine
        machine.shell(SERVE)
        if not remote(machine):
            machine.change(*ADD)
        offers(machine)
        machine.change("TrustRemote", {"name": "attic"})
        machine.shell(f"echo '{remote(machine)['key']}' > {OTHER}/authorized_keys")
        machine.patient("it lets us in", self.lets_in)

    def lets_in(self):
        try:
            self.machine.change("TestRemote", {"name": "attic"})
        except Refused:
            return False
        return remote(self.machine).get("answers")

    def idle(self):
        return set(self.machine.shell(f"systemctl is-active {self.units}").split()) <= {"inactive", "failed"}

    def seen(self):
        self.machine.patient("an end of the sending", self.idle)
        place = f"{THERE}/f{self.turn}"
        there = self.machine.shell(f"btrfs property get {place} ro; cmp {place}/file /srv/tank/.snapshots/data/f{self.turn}/file && echo same")
        left = self.machine.shell(f"find {THERE}/.incoming -mindepth 2 -maxdepth 2")
        if left or there not in ("", "ro=true\nsame"):
            return f"by halves: {there!r}, left {left!r}"
        return there != ""

    def clear(self):
        self.machine.change("DeleteReplication", {"name": "far"})
        self.machine.change("DeleteRemote", {"name": "attic"})
        self.machine.change("DestroyPool", {"name": "other"})


class RevokeSender(RunReplication):
    """While it sends: it may send no more and nothing is being received, or it may still; what is here is whole."""
    often = False
    also_undone = False
    units = "bulkhead-far@busy bulkhead-send@busy"
    port, into = 2225, "/srv/other/from/peer"

    def peer(self):
        listed = self.machine.call("storage", "nas.storage.ListRemotes", {}, self.machine.ask("console_ticket"))["remotes"]
        return next((one for one in listed if one["name"] == "peer"), {})

    def accept(self):
        self.machine.change("AcceptSender", {"name": "peer", "place": self.into, "key": self.peer()["key"]})

    def meet(self):
        machine = self.machine
        machine.change("AddRemote", {"name": "peer", "address": "127.0.0.1", "port": self.port})
        self.accept()
        machine.change("TestRemote", {"name": "peer"})
        machine.patient("it has shown its host key", lambda: self.peer().get("offers"))
        machine.change("TrustRemote", {"name": "peer"})
        machine.patient("it lets us in", lambda: self.peer().get("answers"))
        machine.shell("head -c 24M /dev/urandom > /srv/tank/data/much; sync -f /srv/tank/data/much")
        machine.change("CreateSnapshot", {"pool": "tank", "dataset": "data", "name": f"b{self.turn}"})
        machine.change("CreateReplication", {"name": "busy", "pool": "tank", "dataset": "data", "to": f"peer:{self.into}",
                                             "every": "month", "rate": 200 << 10})

    def prepare(self):
        self.have()
        machine = self.machine
        if not machine.shell("ls /etc/bulkhead/replications"):
            self.meet()
        elif not self.may_send():
            self.accept()
        machine.patient("it sends", self.sends)

    def may_send(self):
        return self.there("/etc/bulkhead/senders/peer")[0]

    def receives(self):
        return bool(self.machine.shell("pgrep -x btrfs -a | grep 'btrfs receive'"))

    def sends(self):
        if self.receives():
            return True
        self.begin("busy")
        return False

    def parameters(self):
        return {"name": "peer"}

    def seen(self):
        listens = bool(self.machine.shell(f"ss -Hltn 'sport = :{self.port}'"))
        if self.may_send() != listens:
            return {"may send": self.may_send(), "listens": listens}
        if not listens:
            self.machine.patient("an end of what was received", lambda: not self.receives())
        came = self.machine.shell(f"ls {self.into}").split()
        whole = [one for one in came if self.machine.shell(f"btrfs property get {self.into}/{one} ro") == "ro=true"]
        return not listens if came == whole else f"by halves: {came}"

    def clear(self):
        self.machine.change("DeleteReplication", {"name": "busy"})
        if self.may_send():
            self.machine.change("RevokeSender", {"name": "peer"})
        self.machine.change("DeleteRemote", {"name": "peer"})
        self.machine.change("DestroyPool", {"name": "other"})
        self.machine.shell("rm /srv/tank/data/much")


FAR = (RunDrill, RunFar, TRUST, RevokeSender)
