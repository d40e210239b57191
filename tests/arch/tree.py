"""The tree under test, as the rules of tests/arch see it: its files, its code without comments, its build."""
import os
import re
import subprocess

COMMENT_OR_TEXT = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
SOURCE_FOLDERS = ("libnas", "policy", "ipc", "daemons", "cli", "sql", "web/check")


def blank(text):
    """As many lines, but nothing on them."""
    return re.sub(r"[^\n]", " ", text)


class Tree:
    """A checkout and the folder where it was built."""

    def __init__(self, top, build):
        self.top, self.build = os.path.abspath(top), os.path.abspath(build)
        self.kept = {}

    def files(self, *suffixes, folders=SOURCE_FOLDERS):
        """Paths below the top, sorted."""
        found = []
        for folder in folders:
            for where, inside, names in os.walk(os.path.join(self.top, folder)):
                inside[:] = [name for name in inside if name not in ("node_modules", "__pycache__", "build")]
                found += [os.path.relpath(os.path.join(where, name), self.top) for name in names
                          if name.endswith(suffixes)]
        return sorted(found)

    def text(self, path):
        with open(os.path.join(self.top, path), encoding="utf-8") as file:
            return file.read()

    def uncommented(self, path):
        """Comments blanked, texts kept."""
        return COMMENT_OR_TEXT.sub(lambda m: blank(m.group()) if m.group()[0] == "/" else m.group(), self.text(path))

    def code(self, path):
        """Comments and what stands in texts blanked; lines keep their numbers."""
        def hide(match):
            text = match.group()
            return blank(text) if text[0] == "/" else text[0] + blank(text[1:-1]) + text[-1]
        return COMMENT_OR_TEXT.sub(hide, self.text(path))

    def includes(self, path):
        """(line, '"' or '<', name) of each include; what only a test build has is left out."""
        text = self.uncommented(path)
        text = re.sub(r"^#ifdef BULKHEAD_DRILL\n.*?^#(?:endif|else)", lambda m: blank(m.group()), text, flags=re.S | re.M)
        return [(text.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)) for m in INCLUDE.finditer(text)]

    def make_list(self, name):
        """The words of a variable of the Makefile."""
        found = re.search(rf"^{name}\s*:=\s*(.*)$", self.text("Makefile"), re.M)
        return found.group(1).split("#")[0].split() if found else []

    def built(self, *names):
        """Paths of built programs; those that are not there are left out."""
        paths = [os.path.join(self.build, name) for name in names]
        return [path for path in paths if os.path.exists(path)]

    def programs(self, kind):
        """What was built of all daemons of one kind, "clerk" or "hand"; each that has a main.c must be there."""
        names = [path.split("/")[1] + "-" + kind for path in self.files("main.c", folders=("daemons",))
                 if path.split("/")[2] == kind]
        missing = [name for name in names if not os.path.exists(os.path.join(self.build, name))]
        if missing or not names:
            raise RuntimeError("not built: " + (" ".join(missing) or f"any {kind}"))
        return self.built(*names)

    @staticmethod
    def run(*command):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True).stdout


def functions(code):
    """(line of the opening brace, lines between the braces, the head) of each function of a .c file in our style: the
    braces of a function stand alone in column 0, and before the opening one stands a parameter list."""
    begun, lines = None, code.splitlines()
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{" and number > 1 and lines[number - 2].rstrip().endswith(")"):
            begun = number
        elif line.startswith("}") and begun is not None:
            head = begun - 2
            while head > 0 and lines[head - 1].strip() and lines[head][0:1] in (" ", "\t"):
                head -= 1
            yield begun, number - begun - 1, " ".join(text.strip() for text in lines[head:begun - 1])
            begun = None
