#!/usr/bin/python3
"""The services that share files, as the system's manager has them: seen at once, started, stopped, killed, and read of.

    tests/appliance/services.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import Machine, check, lives


def service(machine, name):
    return next(one for one in machine.rows("services", "list") if one["name"] == name)


def lists_them(machine):
    rows = machine.rows("services", "list")
    check("numbered in order, none enabled, none running", [row["id"] for row in rows] == list(range(1, len(rows) + 1)) and
          not any(row["enabled"] or row["status"] == "running" for row in rows), rows)
    check("none lacks its programs", not any(row["status"] == "missing" for row in rows), rows)
    refused = machine.bulkhead("services", "start", "smb", "--yes")
    check("one that is not enabled is not started", refused.returncode == 5 and "not enabled" in refused.stderr, refused.stderr)
    for name in ("ssh", "bulkhead-api", "../smb", "smb.service", "99", ""):
        other = machine.bulkhead("services", "stop", name, "--yes")
        check(f"no other unit can be named: {name!r}", other.returncode != 0 and "must be" in other.stderr + other.stdout, other.stderr)
    direct = machine.run("setpriv", "--reuid=bulkhead-shares-hand", "--regid=bulkhead-shares-hand", "--clear-groups",
                         "systemctl", "--no-ask-password", "stop", "ssh.service")
    check("nor by the hand's user itself", direct.returncode != 0 and machine.state("ssh") == "active", direct.stderr)


def runs(machine):
    dry = machine.bulkhead("services", "enable", "smb", "--dry-run")
    check("the plan shows the unit's start", "systemctl start bulkhead-smb.service" in dry.stdout, dry.stdout)
    made = machine.bulkhead("services", "enable", "smb", "--yes", "--json")
    one = json.loads(made.stdout or "{}").get("service", {})
    check("enabled, the answer says that it runs", one.get("status") == "running" and one.get("enabled") and one.get("main_pid"),
          made.stdout + made.stderr)
    check("by the process that PID 1 has", str(one["main_pid"]) == machine.pid("smb"))
    again = json.loads(machine.bulkhead("services", "restart", "1", "--yes", "--json").stdout)["service"]
    check("restarted by its number it is another process", again["main_pid"] not in (0, one["main_pid"]), again)
    same = json.loads(machine.bulkhead("services", "reload", "smb", "--yes", "--json").stdout)["service"]
    check("reloaded it is the same", same["main_pid"] == again["main_pid"] and same["since"] == again["since"], same)


def comes_back(machine):
    before = service(machine, "smb")["main_pid"]
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-smb.service")
    machine.wait("killed, it comes back and that is told", lambda: (lambda one: one["status"] == "running" and
                 one["main_pid"] != before and one["restarts"] > 0 and "anew" in one.get("message", ""))(service(machine, "smb")))
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-shares-clerk.service", "bulkhead-shares-hand.service")
    machine.wait("the clerk killed, it knows all again", lambda: machine.bulkhead("services", "list").returncode == 0 and
                 service(machine, "smb")["status"] == "running")
    machine.run("systemctl", "stop", "bulkhead-smb.service")
    machine.wait("stopped by somebody else it is told so", lambda: service(machine, "smb")["status"] == "stopped")
    machine.run("systemctl", "daemon-reexec")
    machine.run("systemctl", "start", "bulkhead-smb.service")
    machine.wait("and started, also after PID 1 was", lambda: service(machine, "smb")["status"] == "running")


def does_not_come_up(machine):
    """A broken program: the change says so, and what was before comes back."""
    machine.bulkhead("services", "disable", "smb", "--yes")
    machine.run("mount", "--bind", "/usr/bin/false", "/usr/sbin/smbd")
    failed = machine.bulkhead("services", "enable", "smb", "--yes")
    check("a service that does not come up fails the change", failed.returncode != 0 and "bulkhead-smb.service" in failed.stderr,
          failed.stderr)
    check("which is taken back", not service(machine, "smb")["enabled"], service(machine, "smb"))
    machine.run("umount", "/usr/sbin/smbd")
    machine.run("systemctl", "reset-failed", "bulkhead-smb.service")
    works = machine.bulkhead("services", "enable", "smb", "--yes")
    check("mended, it comes up", works.returncode == 0 and service(machine, "smb")["status"] == "running", works.stderr)


def says(machine):
    page = json.loads(machine.bulkhead("services", "logs", "smb", "--limit", "5", "--json").stdout)
    first = [line["text"] for line in page["lines"]]
    check("the newest lines come first", len(first) == 5 and page["lines"] == sorted(page["lines"], key=lambda line: line["at"],
          reverse=True), page)
    more = json.loads(machine.bulkhead("services", "logs", "smb", "--limit", "5", "--cursor", page["next"], "--json").stdout)
    check("the next page goes on where that ended", more["lines"] and more["lines"][0]["at"] <= page["lines"][-1]["at"] and
          more["lines"] != page["lines"], more)
    started = json.loads(machine.bulkhead("services", "logs", "smb", "--limit", "500", "--json").stdout)["lines"]
    check("with what PID 1 says", any(line["program"] == "systemd" and line["pid"] == 1 for line in started))
    bad = machine.bulkhead("services", "logs", "smb", "--cursor", "s=x;nonsense")
    check("a cursor that is none is refused", bad.returncode != 0 and "cursor" in bad.stderr, bad.stderr)
    said = "a \\033[31mred \\342\\200\\256 line\\n"  # at its end it is written down, while there is somebody who said it
    machine.run("sh", "-c", "echo $$ >/sys/fs/cgroup/system.slice/bulkhead-smb.service/cgroup.procs; "
                f"exec systemd-cat -t evil sh -c \"printf '{said}'; sleep 5\"")
    machine.wait("hostile text is told escaped", lambda: "a \\\\x1b[31mred \\\\xe2\\\\x80\\\\xae line" in machine.bulkhead(
        "services", "logs", "smb", "--limit", "20", "--json").stdout)


def survives(machine):
    machine.trial("reboot")
    machine.wait("after a reboot it runs by itself", lambda: machine.bulkhead("services", "list").returncode == 0 and
                 service(machine, "smb")["status"] == "running")
    gone = machine.bulkhead("services", "disable", "smb", "--yes")
    check("disabled it is stopped and stays so", gone.returncode == 0 and (lambda one: one["status"] == "stopped" and
          not one["enabled"])(service(machine, "smb")), gone.stderr)
    machine.run("systemctl", "start", "bulkhead-smb.service")
    check("also when somebody starts its unit", machine.state("bulkhead-smb.service") != "active")


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="0"), lists_them, runs, comes_back, does_not_come_up, says, survives)


if __name__ == "__main__":
    main()
