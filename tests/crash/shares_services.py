"""Services that are started anew, and that read their settings again, in whose middle the shares hand is killed (shares.py).
Neither can be undone: what had begun is done, and the service runs whatever happens."""
from storage_scenes import Scene


class RestartService(Scene):
    often = False
    unit = "bulkhead-ftp.service"

    def prepare(self):
        if self.machine.state(self.unit) != "active":
            self.machine.patient("it is wanted", self.is_wanted)
        self.machine.patient("it runs", lambda: self.machine.state(self.unit) == "active")
        self.before = self.traces()

    def is_wanted(self):
        self.machine.change("EnableService", {"id": "ftp"}, "shares")
        return True

    def parameters(self):
        return {"id": "ftp"}

    def traces(self):
        """What is another each time that it is started."""
        return self.machine.shell(f"systemctl show -P InvocationID {self.unit}")

    def seen(self):
        self.machine.patient("it runs", lambda: self.machine.state(self.unit) == "active")
        return self.traces() != self.before


class ReloadService(RestartService):
    unit = "bulkhead-rsync.service"

    def is_wanted(self):
        self.machine.change("EnableService", {"id": "rsync"}, "shares")
        return True

    def parameters(self):
        return {"id": "rsync"}

    def traces(self):
        """It is the same one, and PID 1 says each time that it was told."""
        return self.machine.shell(f"journalctl --sync; journalctl -b -o cat -u {self.unit} | grep -c -e Reloaded -e Reloading")

    def prepare(self):
        super().prepare()
        self.invocation = super().traces()

    def seen(self):
        seen = super().seen()
        return seen if super().traces() == self.invocation else "it was started anew"


SERVICES = (RestartService, ReloadService)
