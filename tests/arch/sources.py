"""Rules about the sources: who may use whom, what may not be written, how long things may be.

A rule takes a Tree and yields what is wrong, "path:line: what". Its documentation line is its name in the output."""
import re

from tree import functions

# One foreign library, one door: header -> the only files that may include it.
DOORS = {
    r"json\.h|json-c/.*": r"tests/",  # libnas/json reads by itself; another reader only to compare with
    r"libpq-fe\.h|libpq/.*|postgres.*": r"libnas/db/",
    r"event\.h|event2/.*|ev.*\.h": r"libnas/sys/loop\.c",
    r"seccomp\.h|sys/capability\.h|linux/seccomp\.h|linux/landlock\.h|sys/ptrace\.h": r"libnas/jail/|policy/project/",  # a host program, to print names
    r"linux/capability\.h": r"libnas/jail/|policy/|daemons/shares/sweeper/",
    r"sodium\.h|sodium/.*": r"libnas/base/crypto(_sign)?\.c",
    r"openssl/.*": r"libnas/tls/",
    r"wslay/.*|zlib\.h": r"libnas/http/",
    r"systemd/.*": r"libnas/serve/|libnas/sys/bus\.h",
    r"atasmart\.h": r"daemons/storage/clerk/smart_ata\.c",
    r"btrfsutil\.h|linux/btrfs.*": r"daemons/storage/|daemons/shares/hand/room\.c",
    r"security/.*|crypt\.h|shadow\.h": r"daemons/users/hand/",
    r"liboath/.*": r"libnas/ticket/factor\.c",
}
BANNED = ("system popen execvp execlp strcpy strcat sprintf vsprintf strtok atoi atol atof alloca tmpnam mktemp rand "
          "srand gets scanf sscanf fscanf vfork setjmp longjmp").split()
# Starting another program, and even another process: these files only.
STARTS = re.compile(r"\b(?:(fork|clone3?|_Fork|exec[lv]p?e?|fexecve|execveat|posix_spawnp?)\s*\(|"
                    r"syscall\s*\(\s*((?:SYS|__NR)_(?:execve(?:at)?|v?fork|clone3?))\b)")
MAY_START = {"daemons/shares/sweeper/main.c": "who becomes the owner of a bin, each in a process of its own",
             "daemons/storage/far/ssh.c": "ssh, and what makes keys for it",
             "daemons/storage/receiver/main.c": "the command that it lets through, which it becomes",
             "systemd/transfers/rsync_shell.c": "rsync, which it becomes",
             "systemd/exports.c": "exportfs, which it becomes to judge an export",
             "libnas/sys/child.c": "ZFS's own tools, for programs that PID 1 runs: to hear them, and to have them change pools",
             "systemd/wsd.c": "becomes wsdd2, once it knows in which group the machine is",
             "systemd/ceph_look.c": "itself, so that it does not wait with whoever asks a cluster",
             "libnas/jail/prove.c": "children that try what must be impossible", "libnas/act/run.c": "the hand's tools",
             "cli/program.c": "the doctor, in its own place", "cli/doctor/tool.c": "what the doctor asks, as a person would"}
# Below serve/ nothing logs: who asked gets a failure. Here nobody asked.
MAY_LOG = re.compile(r"libnas/(base/log|serve/|act/steps\.c)|daemons/|cli/|ipc/compiler/main\.c|policy/project|sql/")
LINES_SOFT, LINES_HARD, BODY_SOFT, BODY_HARD, PARAMETERS_MAX = 400, 500, 60, 80, 5


def at(code, match):
    return code.count("\n", 0, match.start()) + 1


def allowed_parts(tree, path):
    """The first words of includes (in "") that a file may have, or None: anything."""
    order, parts = tree.make_list("FOLDERS"), path.split("/")
    here = "/".join(parts[:-1])
    if parts[0] == "libnas":
        below = order[:order.index(parts[1]) + 1]
        return below + (["GENERATED"] if parts[1] in ("state", "serve") else [])
    if parts[0] == "daemons" and len(parts) > 3 and parts[1] != "api":
        folders = parts[2].upper() + "_FOLDERS"
        side = tree.make_list(folders) + tree.make_list(f"{folders}_{parts[1]}") + ["serve", "policy", here]
        if parts[1:3] == ["modules", "clerk"]:  # reads contracts and views of others when they come
            side += ["ipc", "web"]
        if parts[2] in ("far", "receiver"):  # the same streams, and the same commands, on both machines
            side += ["daemons/storage/carrier", "daemons/storage/far"]
        return side + (["GENERATED"] if parts[2] == "clerk" else [])
    if parts[:2] == ["daemons", "api"]:  # a front end has no sides, but parts that it is made of
        return tree.make_list("FRONT_FOLDERS") + ["serve", "policy", "ipc", "daemons/api", here]
    if parts[0] == "policy" and "project" not in path:
        return ["base", "plan", "jail", "policy"]
    if parts[0] == "policy":
        return ["base", "value", "plan", "jail", "policy", "ipc"]
    if parts[0] == "ipc":
        return ["base", "value", "json", "ipc"]
    if parts[0] == "web":
        return ["base", "value", "json", "ipc", "web"]
    if parts[0] == "systemd":
        return ["base", "value", "sys"]
    if parts[0] == "sql":
        return ["base", "sys", "db"]
    if parts[:2] == ["cli", "doctor"]:
        return ["base", "value", "sys", "ticket", "json", "tls", "policy", here]
    if parts[0] == "cli":
        return ["base", "value", "sys", "ticket", "plan", "json", "wire", "cli", "ipc", "policy"]
    return None


def include_direction(tree):
    """each folder uses only those before it; a daemon only its own side; nobody a daemon"""
    for path in tree.files(".c", ".h"):
        allowed = allowed_parts(tree, path)
        for line, mark, name in tree.includes(path):
            if mark != '"' or allowed is None:
                continue
            generated = "/" not in name and (name.startswith("nas_") or name == "readers.h")
            first, folder = name.split("/")[0], "/".join(name.split("/")[:-1])
            if not (generated and "GENERATED" in allowed) and first not in allowed and folder not in allowed:
                yield f'{path}:{line}: may not include "{name}"'


def tests_stay_outside(tree):
    """nothing that is installed includes or names a test (but the drill, in a drill build)"""
    for path in tree.files(".c", ".h"):
        for line, mark, name in tree.includes(path):
            if mark == '"' and name.startswith("tests/"):
                yield f'{path}:{line}: includes "{name}"'


def doors(tree):
    """one foreign library, one door"""
    for path in tree.files(".c", ".h"):
        for line, mark, name in tree.includes(path):
            for header, door in DOORS.items():
                if mark == "<" and re.fullmatch(header, name) and not re.match(door, path):
                    yield f"{path}:{line}: <{name}> may only be included by {door}"


def banned(tree):
    """functions that nobody may call"""
    word = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in tree.files(".c", ".h", folders=("libnas", "policy", "ipc", "daemons", "systemd", "cli", "sql", "tests")):
        code = tree.code(path)
        for match in word.finditer(code):
            yield f"{path}:{at(code, match)}: {match.group(1)}() is banned"
        for match in re.finditer(r"\bgoto\b", code):
            yield f"{path}:{at(code, match)}: goto"
        for match in re.finditer(r"(?:\bvalue_[a-z_]+\.|\btype->)check\(", code) if path != "libnas/value/value.c" else ():
            yield f"{path}:{at(code, match)}: a value type's check without its max_bytes: value_is()"


def starting(tree):
    """processes and programs are started in few places only"""
    for path in tree.files(".c", ".h", folders=("libnas", "daemons", "systemd", "cli", "sql")):
        code = tree.code(path)
        for match in STARTS.finditer(code):
            if path not in MAY_START:
                yield (f"{path}:{at(code, match)}: {match.group(1) or match.group(2)} outside "
                       f"{', '.join(MAY_START)}")


def logging(tree):
    """library code below serve/ does not log"""
    for path in tree.files(".c"):
        code = tree.code(path)
        for match in re.finditer(r"\blog_(info|warn|fail)\s*\(", code):
            if not MAY_LOG.match(path):
                yield f"{path}:{at(code, match)}: logs; return a failure"


def rights(tree):
    """every .c begins with what it is and what it may touch (Rights:)"""
    for path in tree.files(".c"):
        head = re.match(r"/\*(.*?)\*/", tree.text(path), re.S)
        if not head or not re.search(r"^ \* Rights: \S", "\n" + head.group(1), re.M):
            yield f"{path}:1: no Rights line in the opening comment"


def policies_are_data(tree):
    """policies hold data only, no functions"""
    for path in tree.files(".c", ".h", folders=("policy",)):
        if "project" in path:
            continue
        code = tree.code(path)
        for match in re.finditer(r"\)\s*\{", code):
            # A compound literal's brace follows a cast within an initialiser; a body's stands after a head at depth 0.
            if code.count("{", 0, match.start()) == code.count("}", 0, match.start()):
                yield f"{path}:{at(code, match)}: a function body"


def main_is_short(tree):
    """every main() of a daemon has under 40 lines"""
    for path in tree.files(".c", folders=("daemons",)):
        for line, count, head in functions(tree.code(path)):
            if re.search(r"\bmain\(", head) and count >= 40:
                yield f"{path}:{line}: main has {count} lines"


def lengths(tree, file_max=LINES_HARD, body_max=BODY_HARD):
    """files and functions of a size that a person reads (hard limits)"""
    for path in tree.files(".c", ".h"):
        count = tree.text(path).count("\n")
        if count > file_max:
            yield f"{path}: {count} lines, more than {file_max}"
        for line, count, head in functions(tree.code(path)):
            if count > body_max:
                yield f"{path}:{line}: {count} lines in {head}, more than {body_max}"


def soft_lengths(tree):
    """What `lengths` will soon refuse; printed, not counted."""
    return lengths(tree, LINES_SOFT, BODY_SOFT)


def roles(tree):
    """every method of a contract has its role, and the compiler insists"""
    import os
    import tempfile
    contracts = tree.files(".varlink", folders=("ipc",))
    contracts = [path for path in contracts if "/released/" not in path]
    compiler = os.path.join(tree.build, "ipc-compiler")

    def refused(changed, text):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for path in contracts:
                paths.append(os.path.join(folder, os.path.basename(path)))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.write(text if path == changed else tree.text(path))
            os.mkdir(os.path.join(folder, "out"))
            return tree_refuses(compiler, os.path.join(folder, "out"), paths)

    said = refused(None, None)
    if said:
        yield f"ipc: the compiler refuses the contracts as they are: {said}"
        return
    for path in contracts:
        lines = tree.text(path).splitlines(keepends=True)
        for number, line in enumerate(lines):
            if line.startswith("# @role") and "role" not in refused(path, "".join(lines[:number] + lines[number + 1:])):
                yield f"{path}:{number + 1}: without this line the compiler says nothing of a role"


def tree_refuses(compiler, target, paths):
    """What the compiler said when it refused; "" when it did not."""
    import subprocess
    done = subprocess.run([compiler, target] + paths, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if done.returncode == 0 else done.stdout.strip() or "refused without a word"


RULES = (include_direction, tests_stay_outside, doors, banned, starting, logging, rights, policies_are_data,
         main_is_short, lengths, roles)
