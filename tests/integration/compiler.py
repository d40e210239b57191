"""ipc-compiler as make calls it: what it writes, and that it writes nothing when anything is wrong.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/compiler.py      (make contracts builds what it needs)
"""
import glob
import os
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or f"{TOP}/build")


def compiler(*words):
    return subprocess.run([f"{BUILD}/ipc-compiler", *words], capture_output=True, text=True, check=False)


def content(folder):
    return {name: (open(f"{folder}/{name}", "rb").read(), os.stat(f"{folder}/{name}").st_mtime_ns)
            for name in os.listdir(folder)}


@pytest.fixture
def contracts(tmp_path):
    """A copy of the contracts that a test may spoil."""
    os.makedirs(tmp_path / "out")
    return [shutil.copy(path, tmp_path) for path in sorted(glob.glob(f"{TOP}/ipc/nas.*.varlink"))]


def edit(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert old in text
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))


def test_same_input_same_bytes_and_untouched_files(contracts, tmp_path):
    out = f"{tmp_path}/out"
    assert compiler(out, *contracts).returncode == 0
    first = content(out)
    assert {"nas_users.h", "nas_users.c", "nas_users_serve.c", "nas_job.h", "bulkhead.ts", "openapi.json",
            "readers.h"} <= set(first)
    assert not [name for name in first if name.startswith("nas_error") or name.endswith(".new")]
    assert compiler(out, *contracts).returncode == 0
    assert content(out) == first


def test_one_fault_anywhere_and_nothing_is_written(contracts, tmp_path):
    out = f"{tmp_path}/out"
    assert compiler(out, *contracts).returncode == 0
    first = content(out)
    edit(contracts[-1], "# @role nobody\n", "")
    edit(contracts[0], "nas.error\n", "nas.error\n\ntype New ()\n")
    done = compiler(out, *contracts)
    assert done.returncode == 1 and done.stderr.startswith(f"{contracts[-1]}:"), done
    assert content(out) == first


def test_wrong_calls_say_how(contracts, tmp_path):
    for words in ((), (f"{tmp_path}/out",), ("--help",), ("--check-released", "x")):
        done = compiler(*words)
        assert done.returncode == 2 and "usage: ipc-compiler OUTDIR FILE..." in done.stderr
    assert compiler(f"{tmp_path}/out", f"{tmp_path}/none.varlink").returncode == 1
    assert compiler(f"{tmp_path}/nowhere", *contracts).returncode == 1


def test_released_contracts_are_kept(contracts, tmp_path):
    released = f"{tmp_path}/released"
    os.makedirs(released)
    for path in contracts:
        shutil.copy(path, released)
    assert compiler("--check-released", released, *contracts).returncode == 0
    users = next(path for path in contracts if path.endswith("nas.users.varlink"))
    edit(users, "  shell: ?bool\n) -> (user: User)", "  shell: ?bool,\n  more: ?bool\n) -> (user: User)")
    assert compiler("--check-released", released, *contracts).returncode == 0
    edit(users, "  shell: ?bool,\n", "")
    done = compiler("--check-released", released, *contracts)
    assert done.returncode == 1 and '"shell" of "CreateUser" was released and is gone' in done.stderr, done
    done = compiler("--check-released", released, *[path for path in contracts if path != users])
    assert done.returncode == 1 and "the released contract is gone" in done.stderr, done
