"""The changes of the ways in which an encrypted pool opens, in whose middle the storage hand is killed (storage.py).

A container opens no encrypted disk, but keys are added to one and taken from it there as anywhere: the pool is one that is
locked, on a disk that was encrypted beside Bulkhead."""
from locked import GONE, KEPT, MADE, OTHER, PHRASE
from storage_scenes import Scene


class Ways(Scene):
    now = PHRASE

    def prepare(self):
        if not self.there("/etc/bulkhead/encryption/secret")[0]:
            made = self.machine.shell(MADE)
            assert made.endswith("made"), made
            Ways.now = PHRASE
        self.machine.patient("the encrypted pool", self.is_known)

    def is_known(self):
        pools = self.machine.call("storage", "nas.storage.ListPools", {}, self.machine.ask("console_ticket"))["pools"]
        return any(one["name"] == "secret" and (one.get("message") or "").startswith("It is locked") for one in pools)

    def opens(self, words):
        return self.machine.shell(f"{words} | cryptsetup open --test-passphrase --disable-locks --key-file=- "
                                  "-- /dev/disk/by-id/trial-disk4 && echo yes") == "yes"

    def left(self):
        """What of a passphrase is left over in memory."""
        return self.machine.shell("ls -A /run/bulkhead-storage-hand/given /run/bulkhead-storage-hand/new | grep -v -e : -e '^$'")

    def keys(self):
        return int(self.machine.shell("cryptsetup luksDump --disable-locks /dev/disk/by-id/trial-disk4 | grep -c '^  [0-9]*: luks2'"))

    def keeps(self):
        """Whether this machine keeps a key; a text: by halves."""
        wanted = " yes " in self.machine.shell("cat /etc/bulkhead/encryption/secret")
        kept, keys = self.there(KEPT)[0], self.keys()
        opens = kept and self.opens(f"cat {KEPT}")
        passphrase = self.opens(f"printf %s '{Ways.now}'")
        good = passphrase and not self.left() and (wanted, kept, opens, keys) in ((True, True, True, 2), (False, False, False, 1))
        return wanted if good else f"wanted {wanted}, kept {kept}, opens {opens}, {keys} keys, passphrase {passphrase}, left {self.left()!r}"

    def clear(self):
        self.machine.shell(GONE)


class SetPassphrase(Ways):
    @property
    def new(self):
        return OTHER if Ways.now == PHRASE else PHRASE

    def prepare(self):
        super().prepare()
        if self.keeps() is True:
            self.machine.change("ForgetWay", {"name": "secret", "way": "key", "passphrase": Ways.now})

    def parameters(self):
        return {"name": "secret", "new_passphrase": self.new, "passphrase": Ways.now}

    def seen(self):
        old, new = (self.opens(f"printf %s '{one}'") for one in (Ways.now, self.new))
        if old == new or self.keys() != 1 or self.left():
            return f"the old one opens it {old}, the new one {new}, {self.keys()} keys, left {self.left()!r}"
        if new:
            Ways.now = self.new
        return new


class KeepKey(Ways):
    def prepare(self):
        super().prepare()
        if self.keeps() is True:
            self.machine.change("ForgetWay", {"name": "secret", "way": "key", "passphrase": Ways.now})

    def parameters(self):
        return {"name": "secret", "passphrase": Ways.now}

    def seen(self):
        return self.keeps()


class ForgetWay(Ways):
    def prepare(self):
        super().prepare()
        if self.keeps() is False:
            self.machine.change("KeepKey", {"name": "secret", "passphrase": Ways.now})

    def parameters(self):
        return {"name": "secret", "way": "key", "passphrase": Ways.now}

    def seen(self):
        kept = self.keeps()
        return not kept if isinstance(kept, bool) else kept


KEYS = (SetPassphrase, KeepKey, ForgetWay)
