"""What the suites of hostile processes share: speaking to a hand as somebody, and to PID 1 as a hand."""
ASK = "/usr/local/bin/bulkhead-test-ask"
MANAGER = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")


def prepare(machine, build):
    machine.put(f"{build}/ask", ASK)
    machine.run("chmod", "755", ASK)


def ask(machine, *words, user=None):
    """One record to a hand: outcome, failure, answer and message. user: who says it."""
    be = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    done = machine.run(*be, ASK, *words)
    parts = (done.stdout.strip("\n").split(" ", 3) + ["", "", "", ""])[:4]
    return parts if done.stdout else ["none", "", "", done.stderr]


def answer(machine, *words):
    data = bytes.fromhex(ask(machine, "/run/bulkhead/users-hand.sock", *words)[2].replace("-", ""))
    return data[2:2 + int.from_bytes(data[:2], "big")].decode()


def ticket_of_root(machine):
    return answer(machine, "console_ticket")


def warrant_for(machine, ticket, digest):
    return answer(machine, "--ticket", ticket, "console_confirm", digest)


def plan_of(machine, hand, *steps):
    """Its digest and the plan; empty when not even that can be written."""
    return machine.run(ASK, "--plan", hand, *steps).stdout.split()


def execute(machine, hand, plan, ticket="", warrant="", user=""):
    """user: who says it, else the clerk of that hand; None: root."""
    words = (["--ticket", ticket] if ticket else []) + (["--warrant", warrant] if warrant else [])
    return ask(machine, f"/run/bulkhead/{hand}-hand.sock", *words, "--plan", plan, user=f"bulkhead-{hand}" if user == "" else user)


def call(machine, hand, *words):
    """PID 1, or another service of the bus, asked by that hand's user."""
    user = f"bulkhead-{hand}-hand"
    return machine.run("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "busctl", "call", "--timeout=20",
                       *(word for word in words if word != ""))


def denied(done):
    said = done.stderr.lower()
    return done.returncode != 0 and any(words in said for words in (
        "denied", "authentication required", "not permitted", "not provided", "unknown", "not activatable"))


def forbidden(hand):
    """What no hand may have PID 1 do. Who may have it read its units again may also have it execute itself again (it asks
    polkit the same question): nothing is gained by that, so it is not in this list."""
    return (
        ("start another unit", (*MANAGER, "StartUnit", "ss", "ssh.service", "replace")),
        ("start a mount elsewhere", (*MANAGER, "StartUnit", "ss", "etc.mount", "replace")),
        ("stop a daemon", (*MANAGER, "StopUnit", "ss", "bulkhead-users-hand.service", "replace")),
        ("isolate", (*MANAGER, "StartUnit", "ss", "rescue.target", "isolate")),
        ("run a program of its own", (*MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", "x.service", "replace", "1",
                                      "ExecStart", "a(sasb)", "1", "/bin/touch", "2", "/bin/touch", "/evil", "false", "0")),
        ("mount by a unit of its own", (*MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", "srv-evil.mount", "replace", "1",
                                        "What", "s", "tmpfs", "0")),
        ("enable a unit", (*MANAGER, "EnableUnitFiles", "asbb", "1", "debug-shell.service", "false", "true")),
        ("link a unit", (*MANAGER, "LinkUnitFiles", "asbb", "1", "/tmp/x.service", "false", "true")),
        ("mask a unit", (*MANAGER, "MaskUnitFiles", "asbb", "1", "ssh.service", "false", "true")),
        ("set a property", (*MANAGER, "SetUnitProperties", "sba(sv)", f"bulkhead-{hand}-hand.service", "true", "1",
                            "MemoryMax", "t", "1")),
        ("kill a unit", (*MANAGER, "KillUnit", "ssi", "bulkhead-users-clerk.service", "all", "9")),
        ("set the environment of all", (*MANAGER, "SetEnvironment", "as", "1", "LD_PRELOAD=/tmp/x.so")),
        ("reboot", (*MANAGER, "Reboot", "")),
        ("reboot through logind", ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                                   "Reboot", "b", "false")))
