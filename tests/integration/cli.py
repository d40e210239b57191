"""The command line, as people and scripts use it, against the real daemons.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/cli.py      (make cli builds what it needs)
"""
import base64
import json
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import PASSWORDS, TOP, start  # noqa: E402
from box import PROGRAMS, Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP cli: the box needs root", allow_module_level=True)

CLI = f"{PROGRAMS}/bulkhead"
SETTINGS = {"PATH": "/usr/bin:/bin", "BULKHEAD_CONTRACTS": f"{TOP}/ipc", "TERM": "xterm"}


def who(user):
    """Words that run a command as root or as somebody who may merely reach the sockets."""
    return [] if user == "root" else ["setpriv", "--reuid=daemon", "--regid=bulkhead-callers", "--clear-groups"]


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        start(made)
        made.start("monitor-clerk")
        yield made


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


def bulkhead(*words, secrets=(), user="root"):
    """Without a terminal. secrets: (option, text) given by descriptors of their own."""
    words, open_fds = list(words), []
    for option, text in secrets:
        read_end, write_end = os.pipe()
        os.write(write_end, text.encode() + b"\n")
        os.close(write_end)
        words += [option, str(read_end)]
        open_fds.append(read_end)
    done = subprocess.run([*who(user), CLI, *words], env=SETTINGS, stdin=subprocess.DEVNULL, check=False,
                          capture_output=True, text=True, pass_fds=open_fds, timeout=180)
    for fd in open_fds:
        os.close(fd)
    return Done(done.returncode, done.stdout, done.stderr)


def at_terminal(*words, answers=(), user="root", seconds=180):
    """At a terminal, typing. answers: (what is waited for, what is typed then)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve("/usr/bin/env", ["env", *who(user), CLI, *words], SETTINGS)
    shown, answers, until = "", list(answers), time.monotonic() + seconds
    while time.monotonic() < until:
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more.decode()
        if answers and answers[0][0] in shown.split("\x00")[-1]:
            shown += "\x00"
            os.write(fd, answers.pop(0)[1].encode() + b"\n")
    os.close(fd)
    _, status = os.waitpid(pid, 0)
    return Done(os.waitstatus_to_exitcode(status), shown.replace("\x00", ""), "")


def test_the_first_administrator_is_set_up_with_the_code(box):
    assert "needed  yes" in bulkhead("setup", "state", user="somebody").out
    code, password = bulkhead("setup-code").out.strip(), PASSWORDS["root-made"]
    done = at_terminal("setup", "run", "ada", "--full-name", "Ada L.", user="somebody",
                       answers=[("setup-code: ", code), ("password: ", password), ("password again: ", password),
                                ("Do it? [y/N] ", "y")])
    assert done.code == 0 and code not in done.out and password not in done.out, done
    assert box.accounts()["ada"]["groups"] == ["bulkhead-admin"]
    assert bulkhead("setup-code").code == 5 and "needed  no" in bulkhead("setup", "state").out


def test_a_reading_command(box):
    done = bulkhead("users", "list")
    assert done.code == 0 and re.match(r" *ID  USERNAME +", done.out), done
    assert re.search(r"^\d{5}  ada ", done.out, re.M), done
    assert json.loads(bulkhead("users", "list", "--json").out)["users"]
    shown = bulkhead("users", "show", "ada")
    assert re.search(r"^role +admin$", shown.out, re.M) and re.search(r"^totp +no$", shown.out, re.M), shown


def test_dry_run_shows_the_literal_steps_and_changes_nothing(box):
    done = bulkhead("users", "create", "bob", "--dry-run")
    assert done.code == 0 and "/usr/sbin/useradd" in done.out and "undo: " in done.out, done
    assert "bob" not in box.accounts()


def test_a_change_without_a_terminal_needs_yes(box):
    done = bulkhead("users", "create", "bob")
    assert done.code == 7 and "--yes" in done.err and "bob" not in box.accounts(), done
    done = bulkhead("users", "create", "bob", "--role", "operator", "--yes")
    assert done.code == 0 and re.search(r"^username +bob$", done.out, re.M), done
    assert box.accounts()["bob"]["groups"] == ["bulkhead-operator"]


def test_yes_never_skips_a_warrant_and_confirm_gives_it(box):
    done = bulkhead("users", "delete", "bob", "--yes")
    assert done.code == 7 and "--confirm" in done.err and "bob" in box.accounts(), done
    digest = json.loads(bulkhead("users", "delete", "bob", "--dry-run", "--json").out)["plan"]["digest"]
    done = bulkhead("users", "delete", "bob", "--confirm", digest[::-1])
    assert done.code == 7 and "bob" in box.accounts(), done
    done = bulkhead("users", "delete", "bob", "--confirm", digest)
    assert done.code == 0 and "bob" not in box.accounts(), done


def test_a_person_types_the_name_of_what_is_destroyed(box):
    assert bulkhead("users", "create", "carol", "--yes").code == 0
    done = at_terminal("users", "delete", "carol", answers=[("to do it: ", "bob")])
    assert done.code == 7 and "cannot be brought back" in done.out and "carol" in box.accounts(), done
    done = at_terminal("users", "delete", "carol", answers=[('Type "carol" to do it: ', "carol")])
    assert done.code == 0 and "carol" not in box.accounts(), done


def test_a_person_says_yes_or_no(box):
    done = at_terminal("groups", "create", "family", answers=[("Do it? [y/N] ", "n")])
    assert done.code == 7 and "/usr/sbin/groupadd" in done.out, done
    done = at_terminal("groups", "create", "family", answers=[("Do it? [y/N] ", "y")])
    assert done.code == 0 and "family" in done.out, done
    assert "family" in bulkhead("groups", "list").out


def test_secrets_are_typed_unseen_or_come_by_descriptors(box):
    password = PASSWORDS["changed"]
    done = at_terminal("users", "create", "dora", "--password", "--yes",
                       answers=[("password: ", password), ("password again: ", password)])
    assert done.code == 0 and password not in done.out, done
    done = bulkhead("users", "list", "--as", "dora", secrets=[("--as-password-fd", password)], user="somebody")
    assert done.code == 3 and "operator" in done.err, done # signed in, but no operator
    done = bulkhead("me", "show", "--as", "dora", secrets=[("--password-fd", password)], user="somebody")
    assert done.code == 0 and re.search(r"^username +dora$", done.out, re.M), done
    done = bulkhead("users", "create", "eve", "--yes", secrets=[("--password-fd", "short")])
    assert done.code == 2 and "12 to 1024" in done.err and "short" not in done.err, done


def test_who_signed_in_confirms_with_the_password(box):
    done = at_terminal("keys", "create", "laptop", "--role", "admin", "--as", "ada", user="somebody",
                       answers=[("password of ada: ", PASSWORDS["root-made"]), ("(empty if none): ", ""),
                                ("Do it? [y/N] ", "y")])
    assert done.code == 0 and re.search(r"bhk_\w+", done.out), done


@pytest.fixture
def lying_clerk(box):
    """A clerk that has been taken over: a folder of sockets, and the answer it gives, to be set by the test."""
    folder, answers = f"{box.work}/lies", []
    os.makedirs(folder)
    os.symlink("/run/bulkhead/users-hand.sock", f"{folder}/users-hand.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/users.sock")
    listener.listen()

    def serve():
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            data = b""
            while not data.endswith(b"\0"):
                data += connection.recv(65536)
            calls.append(json.loads(data[:-1]))
            connection.sendall(json.dumps({"parameters": answers[0]}).encode() + b"\0")
            connection.close()

    calls = []
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield folder, answers, calls
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    shutil.rmtree(folder)


def test_a_lying_clerk_cannot_dress_a_plan_up(box, lying_clerk, monkeypatch):
    folder, answers, calls = lying_clerk
    digest, plan = box.plan(("account_drop", "dora", "20001"))
    steps = [{"words": "Create the group friends", "literal": "/usr/sbin/groupadd -- friends"}]
    encoded = base64.urlsafe_b64encode(bytes.fromhex(plan)).decode().rstrip("=")
    told = {"digest": digest, "plan": encoded, "warrant": False, "destroys": False, "who": "", "steps": steps}
    monkeypatch.setitem(SETTINGS, "BULKHEAD_RUN", folder)
    answers.append({"plan": told})
    shown = at_terminal("groups", "create", "friends", answers=[("to do it: ", "n")])
    assert "/usr/sbin/userdel --remove -- dora" in shown.out and "friends --" not in shown.out, shown
    assert shown.code == 7 and all("warrant" not in call["parameters"]["caller"] for call in calls)
    answers[0] = {"plan": {**told, "digest": digest[::-1]}}
    done = bulkhead("groups", "create", "friends", "--confirm", digest[::-1])
    assert done.code == 1 and "not to be trusted" in done.err, done
    answers[0] = {"plan": {**told, "plan": encoded[:-4]}}
    assert "not to be trusted" in bulkhead("groups", "create", "friends", "--dry-run").err
    assert all("warrant" not in call["parameters"]["caller"] for call in calls)


def test_exit_codes_tell_what_went_wrong(box):
    assert bulkhead("users", "show", "nobody-here").code == 4
    assert bulkhead("users", "create", "dora", "--yes").code == 5
    assert bulkhead("users", "show").code == 2
    assert bulkhead("users", "fly").code == 2
    assert bulkhead("users", "list", user="somebody").code == 3
    assert bulkhead("jobs", "list", "--clerk", "nowhere").code == 6


def test_a_job_and_a_file(box, tmp_path):
    file = f"{box.work}/people.csv"
    with open(file, "w", encoding="ascii") as target:
        target.write("username,full name,role,groups\nfay,Fay F,user,family\ngus,Gus G,viewer,\n")
    plan = json.loads(bulkhead("users", "import", file, "--dry-run", "--json").out)["plan"]
    done = bulkhead("users", "import", file, "--confirm", plan["digest"])
    assert done.code == 0, done
    Box.wait_for(lambda: {"fay", "gus"} <= set(box.accounts()))
    exported = bulkhead("users", "export")
    assert "fay,Fay F,user,family" in exported.out, exported
    jobs = bulkhead("jobs", "list")
    assert "nas.users.ImportUsers" in jobs.out, jobs


def test_the_ledger_is_read_and_verified(box):
    done = bulkhead("ledger", "list", "--limit", "5")
    assert done.code == 0 and "nas.users." in done.out, done
    done = bulkhead("ledger", "verify")
    assert done.code == 0 and re.search(r"^good +yes$", done.out, re.M), done
    done = at_terminal("ledger", "verify")
    assert done.code == 0 and re.search(r"\[.*\] +\d+ %  \d+/\d+  \d+ of \d+ rows", done.out), done


def test_tables_fit_the_terminal(box):
    done = at_terminal("ledger", "list")
    assert done.code == 0
    assert max(len(line) for line in done.out.replace("\r", "").splitlines()) <= 80, done


def test_help_completion_and_manual_come_from_the_contracts():
    assert "Make an account" in bulkhead("users", "create", "--help").out
    assert "create" in bulkhead("__complete", "users").out.split()
    assert bulkhead("completion", "bash").code == 0 and bulkhead("completion", "fish").code == 2
    page = bulkhead("man", "users").out
    assert page.startswith('.TH "bulkhead-users" 1')
    done = subprocess.run(["bash", "-c", 'eval "$(cat)"; COMP_WORDS=(bulkhead us); COMP_CWORD=1; _bulkhead; '
                           'echo "${COMPREPLY[@]}"'], input=bulkhead("completion", "bash").out, text=True, check=True,
                          capture_output=True, env={**SETTINGS, "PATH": f"{PROGRAMS}:/usr/bin:/bin"})
    assert done.stdout.strip() == "users", done
    done = subprocess.run(["zsh", "-fc", 'compdef() { }; compadd() { print -l -- ${@:2} }; eval "$(cat)"; words=(bulkhead users cr); '
                           "CURRENT=3; _bulkhead"], input=bulkhead("completion", "zsh").out, text=True, check=True,
                          capture_output=True, env={**SETTINGS, "PATH": f"{PROGRAMS}:/usr/bin:/bin"})
    assert "create" in done.stdout.split() and not done.stderr, done
