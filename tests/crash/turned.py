"""Changes that are made and taken back by turns, as tables (turns.py): what each is given, what takes it back, and a look at
all that it is about. How that looks before and after is learnt from one that nothing disturbs; there is no third way."""
import difflib
import time

from storage_scenes import Refused, Scene


def said(value, machine):
    """A value of the tables: some are only known on the machine."""
    return value(machine) if callable(value) else {name: said(one, machine) for name, one in value.items()} if isinstance(
        value, dict) else value


class Turned(Scene):
    daemon, given, back, before, last, shows, stays = "", {}, (), (), (), "", False
    first = wanted = None
    often = False

    @property
    def method(self):
        return f"nas.{self.daemon}.{type(self).__name__}"

    def look(self):
        return self.machine.shell(said(self.shows, self.machine))

    def make(self, changes):
        """Each a method and what it is given, a script, or a function; the clerk may still have to see what it is about."""
        for change in changes:
            if isinstance(change, str):
                self.machine.shell(change)
            elif callable(change):
                change(self.machine)
            else:
                self.machine.patient(f"{change[0]} is done", lambda one=change: self.succeeds(*one))

    def succeeds(self, method, given):
        try:
            self.machine.change(method, said(given, self.machine), self.daemon)
        except (Refused, ValueError) as error:
            self.why = error
            return False
        return True

    def prepare(self):
        try:
            if self.first is None:
                self.make(self.before)
                self.first = self.rests()
            elif self.look() != self.first:
                self.go_back()
            self.machine.patient("it can be asked for", self.is_permitted)
        except AssertionError as error:
            raise AssertionError(f"{error}; {getattr(self, 'why', '')}; {self.differs(self.first or '')}") from None

    def go_back(self):
        """Asked twice if need be: for a second after its hand was killed the clerk may take what was for what is, and find
        nothing to do."""
        for patience in (15, 60):
            self.make(self.back)
            try:
                self.machine.patient("all is as it was", lambda: self.look() == self.first, patience)
                return
            except AssertionError:
                if patience == 60:
                    raise

    def is_permitted(self):
        try:
            return self.machine.permit(self.method, self.parameters(), self.daemon)
        except (Refused, ValueError) as error:
            self.why = error
            return None

    def rests(self):
        """How it looks once that does not change any more."""
        found = self.look()
        while True:
            time.sleep(1)
            was, found = found, self.look()
            if was == found:
                return found

    def parameters(self):
        return said(self.given, self.machine)

    def differs(self, other):
        return [line for line in difflib.ndiff(other.splitlines(), self.look().splitlines()) if line[0] in "+-"]

    def seen(self):
        """What others do about it (PID 1, units) may come a moment later."""
        if self.wanted is None:
            self.machine.patient("a change", lambda: self.look() != self.first)
            self.wanted = self.rests()
        try:
            return self.machine.patient("an end", lambda: {self.first: "no", self.wanted: "yes"}.get(self.look()), 15) == "yes"
        except AssertionError:
            return {"before": self.differs(self.first), "after": self.differs(self.wanted)}

    def clear(self):
        """What comes next finds it as the first of two found it."""
        done = self.look() != self.first
        self.make(self.last if self.last or done == self.stays else self.back if done else ((type(self).__name__, self.given),))


def turn(daemon, shows, there, back, before=(), last=(), often=False):
    """Two scenes: there and back, each a method and what it is given; of one that a script or a list of changes takes back,
    one. last: what ends it, in whatever state that left it. often: that there."""
    def kind(change, undo, before, stays, often=False):
        return type(change[0], (Turned,), {"daemon": daemon, "given": change[1], "back": undo if isinstance(undo, list) else (undo,), "before": before, "last": last,
                                           "shows": staticmethod(shows) if callable(shows) else shows, "stays": stays, "often": often})
    return kind(there, back, before, False, often), *([] if isinstance(back, (str, list)) else [kind(back, there, (there,), True)])
