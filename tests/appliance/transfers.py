#!/usr/bin/python3
"""Folders offered by FTP, SFTP, WebDAV and rsync as clients meet them: the real servers, and curl, lftp, sftp and rsync, by
people who may and may not.

    tests/appliance/transfers.py BUILD

Ends with "N passed, N failed".
"""
import json
import sys

from machine import Machine, check, finish
from sharing import PEOPLE, ground

NAME = "Größe it's \U0001f4f7"
FILE = "Ünter den «Linden» it's \U0001f333 100%"


def transfers(machine):
    return {one["name"]: one for one in machine.rows("transfers", "list")}


def change(machine, *words):
    return machine.bulkhead("transfers", *words, "--yes")


def offer(machine, name, path, *protocols, users=()):
    return change(machine, "create", name, path, *(word for one in protocols for word in ("--protocols", one)),
                  *(word for one in users for word in ("--users", one)))


def curl(machine, who, path, *words, password=None, scheme="ftp"):
    """By name; a path is as people see it."""
    script = 'password=$1 who=$2 path=$3; shift 3; exec curl -sk -m 60 --path-as-is "$@" -K - <<X\nuser = "$who:$password"\nX\n'
    url = f"{scheme}://127.0.0.1/" + "".join(c if c.isalnum() and c.isascii() or c in "/._-" else
                                            "".join(f"%{b:02X}" for b in c.encode()) for c in path)
    return machine.run("sh", "-c", script, "sh", password or PEOPLE[who], who, path, *words, url)


class Ftp:
    """Over TLS, always."""
    def __init__(self, machine):
        self.machine = machine

    def names(self, who, path="", **options):
        done = curl(self.machine, who, path, "--ssl-reqd", "-l", **options)
        return sorted(done.stdout.splitlines()) if done.returncode == 0 else None

    def read(self, who, path, **options):
        done = curl(self.machine, who, path, "--ssl-reqd", **options)
        return done.stdout if done.returncode == 0 else None

    def write(self, who, text, path, **options):
        self.machine.run("sh", "-c", 'printf %s "$1" >/tmp/text', "sh", text)
        return curl(self.machine, who, path, "--ssl-reqd", "-T", "/tmp/text", **options).returncode == 0

    def lets_in(self, who, **options):
        return self.names(who, **options) is not None


def main():
    machine = Machine(sys.argv[1], TRIAL_DISKS="3", TRIAL_DISK_SIZE="2G")
    try:
        up = machine.trial("up")
        if check("a machine starts", up.returncode == 0, up.stdout[-2000:]):
            ground(machine)
    finally:
        machine.trial("reset")
    finish()


if __name__ == "__main__":
    main()
