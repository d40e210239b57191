"""Rules about what was built: what the programs import, what they load, how they are hardened."""
import os
import re

# A clerk starts nothing. fork alone is imported, for jail's proof that it is closed afterwards (libnas/jail/prove.c).
NEVER_IN_CLERK = re.compile(r"exec[lv]p?e?|fexecve|execveat|system|popen|posix_spawnp?|vfork|_Fork|clone|wordexp|dlopen|"
                            r"set(?:res|re|e)?[ug]id|setgroups|mount|umount2?|chroot|unshare|setns|pam_\w+|crypt\w*_rn?|"
                            r"crypto_sign_detached|crypto_sign_seed_keypair")
CLERK_LIBRARIES = r"libc|libm|libsodium|libseccomp|libcap|libpq|libevent_core\S*|libsystemd|ld-linux\S*"
HAND_LIBRARIES = r"libc|libsodium|libseccomp|libcap|libpam|libcrypt|liboath|ld-linux\S*"
FRONT = "api"
FRONT_LIBRARIES = r"libc|libsodium|libseccomp|libcap|libevent_core\S*|libssl|libcrypto|libwslay|libz|ld-linux\S*"
OTHERS = ("api", "bulkhead-migrate", "bulkhead-doctor", "bulkhead")  # installed beside the daemons
# Of one daemon only.
OWN_LIBRARIES = {"storage-clerk": "libatasmart", "network-clerk": "libcrypto", "storage-hand": "libbtrfsutil|libsystemd",
                 "shares-hand": "libsystemd", "modules-hand": "libsystemd"}


def imports(tree, path):
    return {line.split()[-1].split("@")[0] for line in tree.run("nm", "-D", "--undefined-only", path).splitlines()}


def needed(tree, path):
    return re.findall(r"\(NEEDED\).*\[(.*?)\]", tree.run("readelf", "-dW", path))


def clerks_start_nothing(tree):
    """clerks and the front end import nothing that starts a program, changes who they are, checks passwords or signs"""
    for path in tree.programs("clerk") + tree.built(FRONT):
        for name in sorted(imports(tree, path)):
            if NEVER_IN_CLERK.fullmatch(name):
                yield f"{os.path.basename(path)}: imports {name}"




def clerks_cannot_sign(tree):
    """what signs is not linked into clerks and the front end, nor what acts"""
    for path in tree.programs("clerk") + tree.built(FRONT):
        names = {line.split()[-1] for line in tree.run("nm", "--defined-only", path).splitlines()}
        own = []
        for member in ("libnas/ticket/sign.h", "libnas/act/execute.h", "libnas/act/parts.h", "libnas/serve/hand.h"):
            own += re.findall(r"\b(\w+)\([^()]*[^()]*\)[^;{]*;", tree.uncommented(member))
        for name in sorted(names & set(own)):
            yield f"{os.path.basename(path)}: {name} is linked in"


def libraries(tree):
    """hands load no JSON, no SQL and no event library; clerks none of the hands'; the front end no SQL"""
    for name in (name for path in tree.built(FRONT) for name in needed(tree, path)):
        if not re.fullmatch(rf"(?:{FRONT_LIBRARIES})(?:-[\d.]+)?\.so\S*", name):
            yield f"{FRONT}: loads {name}"
    for kind, allowed in (("clerk", CLERK_LIBRARIES), ("hand", HAND_LIBRARIES)):
        for path in tree.programs(kind):
            own = OWN_LIBRARIES.get(os.path.basename(path), "libc")
            for name in needed(tree, path):
                if not re.fullmatch(rf"(?:{allowed}|{own})(?:-[\d.]+)?\.so\S*", name):
                    yield f"{os.path.basename(path)}: loads {name}"


def hardening(tree):
    """programs are position independent, bound at start, with a read-only table, no executable stack, with canaries and checked copies"""
    for path in tree.programs("clerk") + tree.programs("hand") + tree.built(*OTHERS):
        name = os.path.basename(path)
        head, segments, dynamic = (tree.run("readelf", "-W", what, path) for what in ("-h", "-l", "-d"))
        called = imports(tree, path)
        for good, what in (
                ("DYN" in head and re.search(r"FLAGS_1.*\bPIE\b", dynamic), "not position independent"),
                (re.search(r"FLAGS_1.*\bNOW\b", dynamic), "not bound at start (BIND_NOW)"),
                ("GNU_RELRO" in segments, "no read-only relocation table (RELRO)"),
                (re.search(r"GNU_STACK.* RW +0x", segments), "an executable stack"),
                (not re.search(r"LOAD.* RWE ", segments), "memory that is written and run"),
                ("TEXTREL" not in dynamic, "text relocations"),
                (not re.search(r"\((RPATH|RUNPATH)\)", dynamic), "a library path of its own"),
                ("__stack_chk_fail" in called, "no stack protector"),
                (any(word.endswith("_chk") for word in called), "no checked copies (FORTIFY)")):
            if not good:
                yield f"{name}: {what}"


def marks(tree):
    """on x86-64 every object of ours carries the CET marks; on arm64 BTI and PAC"""
    objects = [os.path.join(where, name) for where, _, names in os.walk(os.path.join(tree.build, "obj"))
               for name in names if name.endswith(".o") and re.search(r"/obj/(libnas|daemons|policy)", where)]
    if not objects:
        raise RuntimeError("no objects")
    machine = tree.run("readelf", "-h", objects[0])
    want = ("IBT", "SHSTK") if "X86-64" in machine else ("BTI", "PAC") if "AArch64" in machine else ()
    for first in range(0, len(objects), 50):
        for part in re.split(r"^File: ", tree.run("readelf", "-nW", "--", *objects[first:first + 50], objects[0]), flags=re.M):
            path = part.split("\n", 1)[0].strip()
            if path.endswith(".o") and not all(re.search(rf"Properties:.*\b{word}\b", part) for word in want):
                yield f"{os.path.relpath(path, tree.build)}: without {' and '.join(want)}"


def root_lines(tree):
    """what runs with privilege stays within its number of lines (make root-lines)"""
    import subprocess
    for path in tree.programs("hand"):
        done = subprocess.run([os.path.join(tree.top, "tests/lib/root-lines"), path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            yield done.stdout.strip().splitlines()[-1].strip()


RULES = (clerks_start_nothing, clerks_cannot_sign, libraries, hardening, marks, root_lines)
