"""A clerk that was taken over, and has an administrator's ticket and confirmation for whatever it likes: plan after plan for each
operation of its hand, all values right but one. What that one may be, the value's type says (libnas/value); a plan whose value
it does not allow must be refused, and nothing of it done."""
import collections
import glob
import os
import random
import re
import socket
import sys

from machine import HERE, check

sys.path.append(f"{HERE}/../integration")
import hand as speech  # noqa: E402

# What no record can say its hand does not even answer.
NO_RECORD = "\0"
TOP, SEED = f"{HERE}/../..", 20260131
BREAKS = ("\n", "\r", "\0", "\t", "\x1b[2J", "\u2028", "\u202e", "\ufeff", "\\", ";", "#", "%", "$(id)", "`id`", "'", '"', "[", "]", "{", "}", "=", ",",
          "@", "|", "<", ">", "*", "?", "/", "//", "/../", "..", " ", "-", "--", ":", "é", "🏔")
WORDS = ("..", "/", "/etc/passwd", "../../etc/passwd", "-rf", "--help", "root", "0", "-1", "18446744073709551616", "1e3", "nan", "a" * 300, "a" * 5000,
         "/dev/vda", "/srv/../etc", "x.service", "ssh.service", "yes\nno", "%n", "%s%s%s", "true", "null", "\x7f", "\ud7ff", " ", "\n", "\0")
LINES = ("root preexec = /bin/sh", "include = /etc/shadow", "ExecStart=/bin/sh", "[global]", "LDAPTLS_REQCERT=never", "* * * * * root id")


STRING = r'"(?:[^"\\\n]|\\.)*"'


def unquoted(text, defined):
    """What C makes of texts, and words that stand for some, beside each other; None: that is not here."""
    whole = ""
    for string, word in re.findall(rf"({STRING})|(\w+)", text):
        part = string[1:-1] if string else defined.get(word)
        if part is None:
            return None
        whole += re.sub(r"\\(.)", lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), part) if string else part
    return whole


def types():
    """{name: (pattern, example)} of the types of values."""
    found, shared = {}, {}
    for path in sorted(glob.glob(f"{TOP}/libnas/value/*.[ch]"), key=lambda path: path[-1] == "c"):  # what all may use comes first
        with open(path, encoding="utf-8") as file:
            code = file.read().replace("\\\n", " ")
        defined = shared if path.endswith(".h") else dict(shared)
        for word, text in re.findall(r"^#define (\w+) +(\".*)$", code, re.M):
            defined[word] = unquoted(text, defined)
        for one in re.findall(r"const struct value_type value_\w+ = \{(.*?)\n\};", code, re.S):
            said = dict(re.findall(rf'\.(name|pattern|example) =((?:\s*(?:{STRING}|[A-Z_]+))+),', one))
            texts = [unquoted(said[key], defined) for key in ("name", "pattern", "example") if key in said]
            if len(texts) == 3 and said["pattern"].strip() == "NULL" and "lines = true" not in one:
                texts[1] = r"^[^\x00-\x1f\x7f]*$"  # it says no more: what is in it is judged, but one line it is
            if len(texts) == 3 and None not in texts:
                found[texts[0]] = re.compile(re.sub(r"\$$", r"\\Z", texts[1])), texts[2]
    return found


def operations(daemon):
    """[(number, name, does it only answer, [(type, optional, many)])]"""
    with open(f"{TOP}/policy/{daemon}_operations.h", encoding="utf-8") as file:
        numbers = dict(re.findall(r"^ +(\w+) = (\d+),", file.read(), re.M))
    found = []
    for path in sorted(glob.glob(f"{TOP}/policy/{daemon}_*.[ch]")):
        with open(path, encoding="utf-8") as file:
            code = file.read().replace("\\\n", " ")
            shared = dict(re.findall(r"^ *#define (\w+) +(\.params .*)$", code, re.M))
            for key, body in re.findall(r"\[(\w+)\] = \{(.*?)\n        \},", code, re.S):
                body = re.sub(r"\w+", lambda word: shared.get(word[0], word[0]), body)
                params = re.search(r"\.params = \{(.*?)\}", body, re.S)
                given = re.findall(r'"\w+:(\w+)([?*]?)"', params[1]) if params else []
                if key in numbers and given:
                    found.append((int(numbers[key]), key.lower(), "OPERATION_ANSWERS" in body,
                                  [(kind, mark == "?", mark == "*") for kind, mark in given]))
    return found


def hostile(dice, good):
    kind = dice.randrange(6)
    if kind == 0:
        return dice.choice(WORDS)
    if kind == 1:
        return good + "\n" + dice.choice(LINES)
    if kind == 2:
        at = dice.randrange(len(good) + 1)
        return good[:at] + dice.choice(BREAKS) + good[at:]
    if kind == 3:
        return good + dice.choice(BREAKS)
    if kind == 4:
        at = dice.randrange(len(good) + 1)
        return good[:at] + good[at + 1:]
    return "".join(chr(dice.choice((dice.randrange(1, 128), dice.randrange(1, 0xd800)))) for _ in range(dice.randrange(1, 60)))


def plans(daemon, tries):
    """(only answers, name, values, the plan's or the question's bytes); what a record cannot even hold is left out."""
    dice, known, all_of_it = random.Random(SEED), types(), operations(daemon)
    able = [one for one in all_of_it if all(kind in known for kind, _, _ in one[3])]
    while tries > 0:
        number, name, answers, params = dice.choice(able)
        at = dice.randrange(len(params))
        kind, optional, many = params[at]
        pattern, good = known[kind]
        value = hostile(dice, good)
        if pattern.match(value) or (optional and value == ""):
            continue
        values = [known[each][1] for each, _, _ in params]
        values[at:at + 1] = [good, value] if many and dice.randrange(2) else [value]
        try:
            body = speech.action(number, *values) if answers else speech.plan((number, *values), hand=daemon)
        except UnicodeEncodeError:
            continue
        tries -= 1
        yield answers, name, values, body


class Clerk:
    """Speaks to its hand as its user, from a process of its own."""
    def __init__(self, machine, daemon):
        self.machine, self.folder = machine, os.open(machine.inside("/run/bulkhead"), os.O_RDONLY | os.O_DIRECTORY)
        self.uid, self.gid = (int(machine.run("id", option, f"bulkhead-{daemon}").stdout) for option in ("-u", "-g"))
        self.hand, self.ticket, self.used = f"{daemon}-hand.sock", "", 0

    def ask(self, *words, ticket=""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.settimeout(60)
            line.connect(self.machine.inside("/run/bulkhead/users-hand.sock"))
            line.send(speech.request(speech.ASK, speech.action(*words), ticket))
            return speech.Reader(speech.Reply(line.recv(65536)).answer).text()

    def proofs(self, body):
        if self.used % 100 == 0:
            self.ticket = self.ask("console_ticket")
        self.used += 1
        return self.ticket, self.ask("console_confirm", speech.digest(body), ticket=self.ticket)

    def send(self, requests):
        """Their outcomes: (outcome, failure)."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.fchdir(self.folder)
                os.setgroups([])
                os.setresgid(self.gid, self.gid, self.gid)
                os.setresuid(self.uid, self.uid, self.uid)
                for request in requests:
                    os.write(writing, f"{self.once(request)}\n".encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as said:
            outcomes = said.read().split("\n")[:-1]
        os.waitpid(child, 0)
        return outcomes

    def once(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.settimeout(60)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            line.connect(self.hand)
            line.send(request)
            reply = line.recv(1 << 20)
        return speech.Reply(reply).outcome if reply else "none"


def tries_of(otherwise):
    return int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("HOSTILE_TRIES", otherwise))


def died(machine, daemon):
    return re.findall(r".*code=(?:killed|dumped).*", machine.run("journalctl", "-b", "--no-pager", "-u", f"bulkhead-{daemon}-hand.service").stdout)


def pelt(machine, daemon, tries, state):
    """state: all that a plan could change, as it looks."""
    clerk, before, counts, through, names = Clerk(machine, daemon), state(), collections.Counter(), [], set()
    deaths = died(machine, daemon)
    batch = []

    def flush():
        outcomes = clerk.send([one[2] for one in batch])
        check(f"the hand of {daemon} outlives them", len(outcomes) == len(batch), len(outcomes)) if len(outcomes) != len(batch) else None
        for (name, values, _), outcome in zip(batch, outcomes):
            counts[outcome] += 1
            if outcome != "refused" and (outcome != "none" or not any(NO_RECORD in value for value in values)):
                through.append((name, values, outcome))
        batch.clear()

    for answers, name, values, body in plans(daemon, tries):
        ticket, warrant = clerk.proofs(body)
        names.add(name)
        batch.append((name, values, speech.request(speech.ASK if answers else speech.EXECUTE, body, ticket, "" if answers else warrant)))
        if len(batch) == 50:
            flush()
    flush()
    missing = sorted({one[1] for one in operations(daemon)} - names)
    print(f"        {tries} plans with one hostile value each, with seed {SEED}, of {len(names)} operations: {dict(counts)}"
          f"{'; not among them: ' + ', '.join(missing) if missing else ''}", flush=True)
    check(f"{tries} plans for the hand of {daemon}, each with a warrant and one value that is not for it: none is carried out",
          not through and sum(counts.values()) == tries, through[:3])
    check("and it died of none", died(machine, daemon) == deaths, died(machine, daemon))
    check("and nothing changed", state() == before)
