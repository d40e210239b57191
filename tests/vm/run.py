#!/usr/bin/python3
"""The image as a machine, under qemu with everything emulated; takes minutes.

    tests/vm/run.py FOLDER IMAGE TOOLS [WORD...]

First the machine is started for the first time, set up from outside and restarted (boots.py). Then it is saved, and each
scenario begins from there, seconds later: a function of a file in scenarios/, named by its words, that raises when what
its first line says is not so. With words, only the scenarios whose names have one of them, on what was saved before.
Ends with "N passed, N failed".
"""
import importlib
import inspect
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "scenarios")]
sys.dont_write_bytecode = True
import boots
from machine import Machine

PAGE, HEADING = os.path.join(HERE, "../../docs/vm.md"), "## The last result\n\n"
counted = {"passed": 0, "failed": 0}


said = []


def check(what, good, detail=""):
    counted["passed" if good else "failed"] += 1
    said.append(("ok      " if good else "FAILED  ") + what)
    print(said[-1] + ("" if good else f": {detail}"), flush=True)
    return good


def scenarios():
    """(name, function) of all, in the order they are written in."""
    for name in sorted(os.listdir(os.path.join(HERE, "scenarios"))):
        if not name.endswith(".py"):
            continue
        module = importlib.import_module(name[:-3])
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and function.__name__[0] != "_":
                yield f"{name[:-3]}: {function.__name__.replace('_', ' ')}", function


def play(machine, name, function):
    begun = time.monotonic()
    try:
        machine.start(boots.SAVED)
        machine.ready_to_work()
        function(machine)
        check(f"{name} ({time.monotonic() - begun:.0f} s)", True)
    except Exception as error:  # whatever it is, the scenario failed and the next one begins anew
        lines = [line for line in traceback.format_exc().splitlines() if "scenarios" in line]
        check(name, False, f"{error}\n{lines[-1] if lines else ''}")
    finally:
        machine.stop()


def write_down(seconds):
    """The last result, at the end of the page that is about it."""
    with open(PAGE, "r+", encoding="utf-8") as file:
        page = file.read()
        file.seek(page.index(HEADING) + len(HEADING))
        file.truncate()
        file.write(f"{time.strftime('%Y-%m-%d')}, {seconds / 60:.0f} minutes on {os.cpu_count()} cores, kernel emulated: "
                   f"{counted['passed']} passed, {counted['failed']} failed.\n\n```\n" + "\n".join(said) + "\n```\n")


def main():
    folder, image, tools, *words = sys.argv[1:]
    begun = time.monotonic()
    machine = Machine(folder, image, tools)
    try:
        if words:
            machine.token = boots.remembered(machine)
        else:
            boots.all_of_it(machine, check)
        for name, function in scenarios():
            if not words or any(word in name for word in words):
                play(machine, name, function)
    except Exception:
        check("the run went through", False, traceback.format_exc())
    finally:
        machine.stop()
    print(f"{counted['passed']} passed, {counted['failed']} failed")
    if not words:
        write_down(time.monotonic() - begun)
    sys.exit(1 if counted["failed"] else 0)


if __name__ == "__main__":
    main()
