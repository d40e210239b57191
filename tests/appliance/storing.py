"""What the suites of storage share."""
import re


def confirmed(machine, *words, secrets=()):
    """Looks at the plan, then confirms exactly that."""
    dry = machine.bulkhead(*words, "--dry-run", "--json", secrets=secrets)
    digest = re.search(r'"digest": *"([0-9a-f]{64})"', dry.stdout)
    return machine.bulkhead(*words, "--yes", "--confirm", digest.group(1), secrets=secrets) if digest else dry


def disks(machine):
    return {disk["name"] if not disk.get("id") else disk["id"]: disk for disk in machine.rows("disks", "list")}


def pool(machine, name):
    return next((one for one in machine.rows("pools", "list") if one["name"] == name), None)


def checksum(machine, path):
    return machine.run("sha256sum", path).stdout.split(" ")[0]


def write(machine, path, megabytes):
    """Random bytes; their checksum."""
    machine.run("dd", "if=/dev/urandom", f"of={path}", "bs=1M", f"count={megabytes}", "conv=fsync")
    return checksum(machine, path)
