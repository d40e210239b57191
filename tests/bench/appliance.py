#!/usr/bin/python3
"""What the appliance costs: how fast it boots, what all of it takes when nobody asks for anything.

    tests/bench/appliance.py BUILD        (root)
    IDLE_SECONDS=60

Lines: figure, ours, peer, ratio, target, met. There is no peer here: the figures stand beside what was promised, and the
ratio is that of figure to promise. Idle, hands sleep: that is what was promised; awake, their memory is told without a promise.
"""
import os
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/appliance")
from machine import ADDRESS, DAEMONS, HERE, Machine  # noqa: E402

IDLE_S = float(os.environ.get("IDLE_SECONDS", "60"))
PROGRAMS = "/usr/libexec/bulkhead/"
missed = []


def figure(what, ours, unit, target):
    good = ours <= target
    print(f"{what}\t{ours:.2f} {unit}\t-\t{ours / target:.2f}\tat most {target:g} {unit}\t{'yes' if good else 'no'}", flush=True)
    if not good:
        missed.append(what)


def processes(machine):
    """Numbers of our processes inside, by program."""
    listed = machine.run("sh", "-c", f"for p in /proc/[0-9]*; do e=$(readlink $p/exe) && case $e in {PROGRAMS}*) "
                         "echo ${p#/proc/} ${e##*/};; esac; done").stdout
    return {int(line.split()[0]): line.split()[1] for line in listed.splitlines()}


def memory(machine, pids):
    """Resident and proportional KiB of all of them."""
    text = machine.run("cat", *(f"/proc/{pid}/smaps_rollup" for pid in pids)).stdout
    return [sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(key)) for key in ("Rss:", "Pss:")]


def spent(machine, pids):
    """Nanoseconds on a processor."""
    text = machine.run("cat", *(f"/proc/{pid}/schedstat" for pid in pids)).stdout
    return sum(int(line.split()[0]) for line in text.splitlines())


def served(machine):
    """One process that asks until there is an answer: starting one for each try would cost more than is measured."""
    script = f"until curl -ksfm 2 -o /dev/null https://{ADDRESS}/; do sleep 0.02; done"
    subprocess.run([f"{HERE}/trial", "lan", "sh", "-c", script], env=machine.env, check=True, timeout=120)


def starts(machine):
    """From the command to the page, and the part of it that is the machine itself."""
    begun = time.monotonic()
    up = machine.trial("up")
    assert up.returncode == 0, up.stdout
    served(machine)
    return time.monotonic() - begun


def boot_seconds(machine):
    """From PID 1 to the moment when everything is ready, by PID 1's own clock."""
    shown = machine.run("systemctl", "show", "-P", "UserspaceTimestampMonotonic", "-P", "FinishTimestampMonotonic").stdout
    begun, finished = (int(word) for word in sorted(shown.split(), key=int))
    return (finished - begun) / 1e6


def idles(machine):
    machine.set_up()
    hands = [name for name in DAEMONS if name.endswith("-hand")]
    machine.bulkhead("doctor")  # wakes the hands
    awake = processes(machine)
    assert set(DAEMONS + ["api"]) <= set(awake.values()), awake
    print(f"resident memory of all daemons, hands awake\t{memory(machine, awake)[0] / 1024:.2f} MiB\t-\t-\t-\t-", flush=True)
    machine.wait("hands sleep", lambda: all(machine.pid(name) == "0" for name in hands))
    time.sleep(2)
    asleep = processes(machine)
    resident, proportional = memory(machine, asleep)
    figure("resident memory of all daemons, idle", resident / 1024, "MiB", 60)
    figure("the same, with what they share counted once", proportional / 1024, "MiB", 60)
    before, begun = spent(machine, asleep), time.monotonic()
    time.sleep(IDLE_S)
    share = (spent(machine, asleep) - before) / 1e7 / (time.monotonic() - begun)
    assert processes(machine) == asleep, "somebody came or went"
    figure("a core's time for all daemons, idle", share, "%", 0.2)


def main():
    machine = Machine(sys.argv[1], TRIAL_STATE=os.environ.get("TRIAL_STATE", ""))  # on a disk, as it is meant
    try:
        print(f"# the machine is shared: load {os.getloadavg()[0]:.1f}", flush=True)
        starts(machine)
        machine.trial("down")
        second = starts(machine)
        figure("the second start, from the command to a page served", second, "s", 15)
        figure("boot to ready", boot_seconds(machine), "s", 10)
        idles(machine)
    finally:
        machine.trial("reset")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
