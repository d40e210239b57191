"""What the contract and the clerk of shares let pass of hostile values (tests/unit/shares_clerk/test_hostile.c wrote it down)
is offered by the real servers: folders of such names, shares of such names, lists of such clients. Each must be offered or
refused with a reason; the servers' own judges must stay content."""
import collections
import json
import os
import re
import subprocess
import tempfile

from machine import PASSWORD, check

OURS, BATCH = "/srv/tank/pictures", 20
# What ends connections or is about who the machine is, not about what it offers.
MADE = {"CreateSmbShare", "CreateNfsExport", "CreateTransfer"}
SET = {"UpdateSmbServer", "UpdateFtpServer"}


def written_down(build, tries, each):
    """Requests that were accepted, so many for each field: [(method, field, verb, route, body)]"""
    with tempfile.NamedTemporaryFile() as kept:
        environment = {**os.environ, "HOSTILE_TRIES": str(tries), "HOSTILE_ACCEPTED": kept.name}
        done = subprocess.run([f"{build}/unit/shares_clerk/test_hostile"], env=environment, capture_output=True, check=False)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        check(f"{tries} hostile values for each field are judged", done.returncode == 0, said[-3000:])
        print("        " + "; ".join(re.findall(r"^\d+ fields, .*$", said, re.M)), flush=True)
        found, counts = [], collections.Counter()
        for line in kept.read().decode().splitlines():
            method, verb, route, body = line.split(" ", 3)
            body = json.loads(body)
            field = next(iter(body))  # the one that is hostile comes first
            counts[method, field] += 1
            if method in MADE | SET and counts[method, field] <= each:
                found.append((method, field, verb, route, body))
    return found


def made_there(machine, method, path):
    """The folder that it is about; NFS wants a dataset."""
    if not re.fullmatch(r"/srv/tank(/[^/]{1,255})+", path) or any(len(part.encode()) > 255 for part in path.split("/")):
        return
    machine.run("mkdir", "-p", os.path.dirname(path))
    machine.run(*(("btrfs", "-q", "subvolume", "create") if method == "CreateNfsExport" else ("mkdir", "-p")), path)


def asked(web, *words):
    answer = web.ask(*words)
    if answer.status == 401:  # so many take longer than a session
        web.sign_in("ada", PASSWORD)
        answer = web.ask(*words)
    return answer


def offered(machine, web, found, judge):
    """Tries them in batches. judge: is all as it should be? Says what is not."""
    counts, strange, made, fields = collections.Counter(), [], [], set()
    for at, (method, field, verb, route, body) in enumerate(found):
        if method in MADE and field != "name":
            body["name"] = f"pictures {at}"  # many are there at once
        if "path" in body:
            made_there(machine, method, body["path"])
        answer = asked(web, verb, route, body)
        counts[method, answer.status] += 1
        fields.add((method, field))
        if answer.status not in (200, 201, 400, 404, 409, 422):
            strange.append((body, answer.status))
        if method in MADE and answer.status in (200, 201):
            made.append(f"{route}/{answer.json['id']}")
        if len(made) == BATCH or at == len(found) - 1:
            strange += [(body, one) for one in judge()]
            gone = [(where, asked(web, "DELETE", where).status) for where in made]
            strange += [one for one in gone if one[1] not in (200, 204)]
            made.clear()
    print(f"        {len(found)} that had been accepted, of {len(fields)} fields: "
          f"{ {f'{method} {status}': count for (method, status), count in sorted(counts.items())} }", flush=True)
    check("what is accepted is served, or refused with a reason, and the servers' judges are content", not strange, strange[:3])
    for method in sorted(MADE | SET):
        served = counts[method, 200] + counts[method, 201]
        check(f"most that {method} was asked is done", served * 2 > sum(count for (one, _), count in counts.items() if one == method), counts)
