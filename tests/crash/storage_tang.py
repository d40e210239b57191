"""A Tang server that opens an encrypted pool, set and forgotten, in whose middle the storage hand is killed (storage.py). The
server is Debian's, on this machine; what would open the disk tries the key on it, for a container opens none (tang.py)."""
from storage_keys import Ways
from tang import DISK, ORDER, SEALED, SERVER, TRIES, URL

SHOWN = "for key in /root/tang/*.jwk; do grep -q sign $key && jose jwk thp -i $key; done"


class SetTang(Ways):
    often = False
    print = None
    from_state = False

    def prepare(self):
        super().prepare()
        if SetTang.print is None:
            served = self.machine.shell(f"( {SERVER} )")
            assert served.endswith("serves"), served
            SetTang.print = self.machine.shell(SHOWN)
        self.machine.shell(f"[ -e /etc/systemd/system/bulkhead-unlock@*.d/zz.conf ] || {{ {TRIES}; }}")
        if self.is_set() is not self.from_state:
            self.machine.patient("it is as it is to be", self.turned)

    def turned(self):
        """The other way round; refused while its clerk does not know yet how it is."""
        method, given = (("SetTang", self.set_by()), ("ForgetWay", self.forgotten_by()))[not self.from_state]
        try:
            self.machine.change(method, given)
        except Exception as error:  # whatever it is, it is asked again
            self.refused = error
        return self.is_set() is self.from_state

    @staticmethod
    def set_by():
        return {"name": "secret", "url": URL, "thumbprint": SetTang.print, "passphrase": Ways.now}

    @staticmethod
    def forgotten_by():
        return {"name": "secret", "way": "tang"}

    def parameters(self):
        return self.set_by()

    def slots(self):
        said = self.machine.shell(f"cryptsetup luksDump --disable-locks {DISK} | sed -n 's/^  \\([0-9]*\\): luks2/\\1/p'")
        return [int(one) for one in said.split()]

    def is_set(self):
        """A text: by halves."""
        ordered, sealed = self.there(ORDER, SEALED)
        slots, left = [one for one in self.slots() if one >= 24], self.left()
        opened = self.machine.shell("ls /run/bulkhead-tang")
        opens = sealed and self.opens(f"clevis decrypt < {SEALED}")
        asked = self.machine.shell("ls /run/systemd/generator | grep bulkhead-tang@") != ""
        good = self.opens(f"printf %s '{Ways.now}'") and not left and not opened and (ordered, sealed, opens, len(slots), asked) in (
            (True, True, True, 1, True), (False, False, False, 0, False))
        return ordered if good else (f"ordered {ordered}, sealed {sealed}, opens {opens}, keys {slots}, PID 1 asks {asked}, "
                                     f"in memory {left!r} {opened!r}")

    def seen(self):
        return self.is_set()

    def clear(self):
        self.machine.shell("rm -rf /etc/systemd/system/bulkhead-unlock@*.d; systemctl disable --now other-tang.socket; "
                           f"rm -rf /root/tang {ORDER} {SEALED}")
        SetTang.print = None
        super().clear()


class ForgetTang(SetTang):
    from_state = True

    @property
    def method(self):
        return "nas.storage.ForgetWay"

    def parameters(self):
        return self.forgotten_by()

    def seen(self):
        there = self.is_set()
        return not there if isinstance(there, bool) else there


TANG = (SetTang, ForgetTang)
