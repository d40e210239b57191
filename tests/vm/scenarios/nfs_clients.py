"""Who uses exports of the kernel's NFS server, and ending that; and how fast copying goes, beside settings by hand."""
import json
import statistics

from machine import wait
from nfs import NEAR, SLOW, _as, _client, _exported, _furnished, _mount, _pool

# As somebody would write it by hand, with nothing in it that need not be.
BY_HAND = f"/srv/tank/films {NEAR}(rw,no_subtree_check)\n"
MOST, ROUNDS = 48, 5 # MiB


def _clients(machine):
    return json.loads(machine.does("bulkhead nfs clients --json", seconds=SLOW))["clients"]


def who_is_connected_is_listed_and_can_be_ended(machine):
    """With what is open; once it is ended, the server knows nothing of it, and the client may come again."""
    place = _furnished(machine)
    machine.does("systemd-run -q --unit=holder setpriv --reuid=1000 --regid=1000 --clear-groups /usr/bin/python3 -c "
                 f"\"import fcntl,time; f=open('{place}/hers/held','w'); fcntl.lockf(f,fcntl.LOCK_EX); time.sleep(3600)\"")
    assert wait(lambda: "hers/held" in machine.out("cat /proc/fs/nfsd/clients/*/states") and
                "type: lock" in machine.out("cat /proc/fs/nfsd/clients/*/states"), 60), machine.out("cat /proc/fs/nfsd/clients/*/states; systemctl status holder")
    one, = _clients(machine)
    held, = (file for file in one["files"] if file["name"].endswith("held"))
    assert one["address"] == NEAR and one["protocol"] == "4.2" and "Linux" in one["name"] and one["id"] > 0, one
    assert held["writes"] and held["locks"], one
    machine.does("systemctl kill -s KILL holder; true")
    assert machine.ssh("bulkhead nfs disconnect 999999 --yes").returncode != 0
    machine.does(f"bulkhead nfs disconnect {one['id']} --yes", seconds=SLOW)
    assert wait(lambda: all(client["id"] != one["id"] for client in _clients(machine)), 60), _clients(machine)
    machine.does(f"timeout 100 cat {place}/hello", seconds=SLOW)


def _copied(machine, place):
    """MiB/s of writing a file and having it on disk, and of reading it when nobody remembers it."""
    machine.does(f"rm -f {place}/copy; sync; echo 3 >/proc/sys/vm/drop_caches")
    timed = f"/usr/bin/python3 -c \"import os,time,sys; b=os.urandom(1<<20); t=time.monotonic(); f=open('{place}/copy','wb'); " \
            f"[f.write(b) for i in range({MOST})]; f.flush(); os.fsync(f.fileno()); f.close(); print(time.monotonic()-t)\""
    wrote = float(machine.does(_as(1000, timed), seconds=SLOW))
    machine.does("sync; echo 3 >/proc/sys/vm/drop_caches")
    timed = f"/usr/bin/python3 -c \"import time; t=time.monotonic(); f=open('{place}/copy','rb'); " \
            "[0 for _ in iter(lambda: f.read(1<<20), b'')]; print(time.monotonic()-t)\""
    read = float(machine.does(_as(1000, timed), seconds=SLOW))
    return MOST / wrote, MOST / read


def _mounted(machine, export):
    """A server that has just begun may let a client wait for longer than one tries."""
    tried = []
    wait(lambda: tried.append(_mount(machine, NEAR, export=export)) or tried[-1].startswith("/"), 240)
    return tried[-1]


def copying_is_as_fast_as_by_hand(machine):
    """Through our settings and through a minimal list written by hand, one after the other, in one run."""
    _pool(machine)
    _client(machine, NEAR)
    _exported(machine, f"{NEAR} rw", name="films", of="films")
    machine.does("chmod 777 /srv/tank/films && install -d /run/hand")
    machine.does("cat >/run/hand/exports", data=BY_HAND)
    rates = {"ours": [], "by hand": []}
    for _ in range(ROUNDS):
        for whose in rates:
            _serve(machine, whose == "ours")
            place = _mounted(machine, "films" if whose == "ours" else "srv/tank/films")
            assert place.startswith("/"), (whose, place)
            machine.does(_as(1000, f"touch {place}/copy"), seconds=SLOW)  # not let before clients of before had their time
            rates[whose].append(_copied(machine, place))
            machine.does(f"umount {place}")
    ratios = [statistics.median(ours[way] / hand[way] for ours, hand in zip(rates["ours"], rates["by hand"])) for way in (0, 1)]
    print(f"        copying over NFS, ours over by hand: writing {ratios[0]:.2f}, reading {ratios[1]:.2f}; MiB/s, writing and reading: " +
          "; ".join(f"{whose} " + ", ".join(f"{wrote:.0f} {read:.0f}" for wrote, read in all_of) for whose, all_of in rates.items()), flush=True)
    assert min(ratios) >= 0.98, ratios


def _serve(machine, ours):
    """By our unit, or as Debian's own units would with that list and no setting; nobody is waited for who has files open."""
    if ours:
        machine.does("rpc.nfsd 0; pkill -x rpc.mountd; systemctl restart bulkhead-nfs.service", seconds=SLOW)
    else:
        machine.does("systemctl stop bulkhead-nfs.service && mount --bind /run/hand/exports /etc/exports && exportfs -ra && "
                     "rpc.nfsd 8 && rpc.mountd && umount /etc/exports", seconds=SLOW)
    machine.ssh("echo Y >/proc/fs/nfsd/v4_end_grace")  # that clients of before need not be waited for; it refuses when it has none
