#!/usr/bin/python3
"""The program that says how the pools that are wanted are mounted: of a file with anything unexpected in it nothing is made.

    tests/integration/generator.py BUILD

Runs it in a mount namespace of its own over folders of the test's. Ends with "N passed, N failed, N skipped".
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

UUID = "3cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d21"
GOOD = f"btrfs {UUID}\nnoatime\n"
MOUNT, WANTED = "bulkhead-mount@tank.service.d/pool.conf", "multi-user.target.wants/bulkhead-mount@tank.service"
LATE = "dev-disk-by\\x2duuid-" + UUID.replace("-", "\\x2d") + ".device.wants/bulkhead-mount@tank.service"
results = {"passed": 0, "failed": 0}


def check(what, good, detail=""):
    results["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: {what}: {detail}")


def run(build, files, words=None):
    """What it says and leaves when these files are there: {name: bytes, or a function of a path}."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        pools, out = f"{folder}/bulkhead/pools", f"{folder}/out"
        os.makedirs(out)
        if files is not None:
            os.makedirs(pools)
            for name, content in files.items():
                if callable(content):
                    content(f"{pools}/{name}")
                else:
                    with open(os.path.join(os.fsencode(pools), name if isinstance(name, bytes) else name.encode()), "wb") as file:
                        file.write(content if isinstance(content, bytes) else content.encode())
        script = f"mount -t tmpfs tmpfs /etc && mkdir /etc/bulkhead && mount --bind {folder}/bulkhead /etc/bulkhead && exec \"$@\""
        os.makedirs(f"{folder}/bulkhead", exist_ok=True)
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", f"{build}/storage-generator",
                               *(words or [out, f"{out}.early", f"{out}.late"])], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "SYSTEMD_VIRTUALIZATION": "container:x"}, check=False)
        made = {}
        for top, _, names in os.walk(out):
            for name in names:
                path = f"{top}/{name}"
                made[os.path.relpath(path, out)] = os.readlink(path) if os.path.islink(path) else open(path, encoding="utf-8").read()
        # What serves FTP and SFTP, and who makes folders for accounts, see each pool as it comes and goes.
        pools = [name[len("bulkhead-mount@"):-len(".service.d/pool.conf")] for name in made if name.startswith("bulkhead-mount@") and name.endswith("pool.conf")]
        seen = {f"bulkhead-mount@{name}.service.d/bulkhead-{unit}@{name}.service.conf" for name in pools for unit in ("transfers-pool", "homes", "grow")}
        if seen != {name for name in made if any(word in name for word in ("transfers", "homes", "grow"))}:
            check("they are told of each pool and of no other", False, sorted(made))
        return done.returncode, done.stdout.decode("utf-8", "replace"), {name: text for name, text in made.items() if name not in seen}


def good_ones(build):
    code, said, made = run(build, {"tank": GOOD})
    unit = made.get(MOUNT, "")
    check("it is said how a pool is mounted", code == 0 and sorted(made) == [MOUNT, LATE, WANTED], said)
    check("that is wanted at each start", made.get(WANTED) == "/usr/lib/systemd/system/bulkhead-mount@.service", made)
    check("and whenever its disks come", made.get(LATE) == "/usr/lib/systemd/system/bulkhead-mount@.service", made)
    check("nothing is a mount unit, which PID 1 would end when one disk of several goes", not any(name.endswith(".mount") for name in made), made)
    check("its own device, with nothing on it that could be run",
          f"\nExecStart=/usr/bin/mount -t btrfs -o subvolid=5,nosuid,nodev,noexec,noatime /dev/disk/by-uuid/{UUID} /srv/tank\n" in unit, unit)
    device = subprocess.run(["systemd-escape", "--path", "--suffix=device", f"/dev/disk/by-uuid/{UUID}"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout
    check("it waits for its disks, and only waits", f"\nWants={device}After={device}" in unit and "Requires" not in unit and "Binds" not in unit, unit)
    for system in ("ext4", "xfs"):
        _, _, others = run(build, {"tank": f"{system} {UUID}\nnoatime\n"})
        check(f"{system} is mounted as it is", f" -t {system} -o nosuid,nodev,noexec,noatime " in others.get(MOUNT, ""), others)
    _, _, made = run(build, {"tank": f"btrfs {UUID}\ndegraded\ncompress=zstd\n"})
    unit = made.get(MOUNT, "")
    check("a degraded one does not wait for udev", ".device" not in unit and "/dev/disk/by-uuid/" in unit, unit)
    check("all options", "noexec,degraded,compress=zstd " in unit, unit)
    code, said, made = run(build, {"tank": GOOD, ".hidden": "x", "other": f"btrfs {UUID}"})
    check("a file without its last line feed, and none of hidden ones", code == 0 and len(made) == 6, (said, sorted(made)))
    check("none at all is nothing", run(build, None)[0] == 0 and run(build, {})[0] == 0)
    check("it wants its three folders", run(build, {}, ["/x"])[0] == 2)


def laid(text):
    """What writes a file in another folder than that of pools."""
    def write(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return write


def exports(build):
    said_at = "# 2026-11-21T16:00:00.000000Z "
    code, said, made = run(build, {"tank": GOOD, "../nfs/1.on": laid(f"{said_at}/srv/tank/my data\nEXPORT {{\n"),
                                   "../nfs/2.off": laid(f"{said_at}/srv/tank/off\n"), "../nfs/3.on": laid(f"{said_at}/srv/none/x\n")})
    unit = made.get("bulkhead-export@1.service.d/pool.conf", "")
    check("an export is mounted by itself", code == 0 and "\nExecStart=/usr/bin/mount -t btrfs \"-osubvol=/my data,nosuid,nodev,noexec,noatime\" "
          f"/dev/disk/by-uuid/{UUID} /run/bulkhead/nfs/1\n" in unit, (code, said, unit))
    check("that comes and goes with its pool", "\nStopPropagatedFrom=srv-tank.mount\n" in unit and
          made.get("bulkhead-mount@tank.service.d/bulkhead-export@1.service.conf") == "[Unit]\nOnSuccess=bulkhead-export@1.service\n", made)
    _, _, others = run(build, {"tank": f"ext4 {UUID}\n", "../nfs/1.on": laid(f"{said_at}/srv/tank/a\nEXPORT {{\n")})
    check("nothing of an ext4 is exported, which finds no dataset by its name", sorted(others) == [MOUNT, LATE, WANTED], others)
    check("none that is off, or of a pool that is none of ours", not any("export@2" in name or "export@3" in name for name in made), made)
    for name, path in (("0.on", "/srv/tank/a"), ("x.on", "/srv/tank/a"), ("70000.on", "/srv/tank/a"), ("5.on", "/srv/tank"), ("5.on", "/srv/tank/../etc"),
                       ("5.on", "/etc"), ("5.on", "/srv/tank/a,suid"), ("5.on", "/srv/tank/%i"), ("5.on", "/srv/../tank"), ("5.on", "")):
        code, said, made = run(build, {"tank": GOOD, f"../nfs/{name}": laid(f"{said_at}{path}\nEXPORT {{\n")})
        check(f"no mount of {name} {path!r}", code != 0 and not any("export" in unit for unit in made) and MOUNT in made, (said, made))


def unit_name(path):
    return subprocess.run(["systemd-escape", "--path", "--suffix=device", path], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def encrypted(build):
    """Which key opens which disk, and whether that happens by itself."""
    one, other = (f"{n}cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d21" for n in "12")
    keys = "/var/lib/bulkhead-storage-hand/keys"
    for kept, given, places in (("yes", "no", ["kept"]), ("yes", "yes", ["kept", "given"]), ("no", "yes", ["given"])):
        code, said, made = run(build, {"tank": GOOD, "../encryption/tank": laid(f"{UUID} {kept} {given}\n{one}\n{other}\n")})
        device, shipped = unit_name(f"/dev/disk/by-uuid/{one}"), "/usr/lib/systemd/system/bulkhead-unlock@.service"
        unit = made.get(f"bulkhead-unlock@{one}.service.d/pool.conf", "")
        check(f"{kept} {given}: its key is the pool's, and it is its disk's", code == 0 and
              f"\nBindsTo={device}\nAfter={device}\nBefore=bulkhead-mount@tank.service srv-tank.mount\n" in unit, (said, unit))
        check(f"{kept} {given}: only what is kept is a credential, which stays", re.findall("^LoadCredential=(.*)$", unit, re.M) ==
              [f"kept:{keys}/kept/{UUID}"] * (kept == "yes"), unit)
        opens = "/usr/sbin/cryptsetup open --type=luks2 --batch-mode --disable-locks --disable-keyring --key-file="
        files = {"kept": "%d/kept", "given": f"/run/bulkhead-storage-hand/given/{UUID}"}
        check(f"{kept} {given}: what is kept is tried first; without the other it is there all the same", re.findall("^ExecStart=(.*)$", unit, re.M) ==
              ["", *(("-" if place != places[-1] else "") + f"{opens}{files[place]} -- /dev/disk/by-uuid/%i luks-%i" for place in places)] and
              re.findall("^SetCredential=(.*)$", unit, re.M) == ["kept:none"] * (len(places) > 1), unit)
        check(f"{kept} {given}: nobody waits long for it", "\nJobRunningTimeoutSec=15\n" in made.get(f"{device}.d/pool.conf", ""), sorted(made))
        check(f"{kept} {given}: each of its disks", f"bulkhead-unlock@{other}.service.d/pool.conf" in made, sorted(made))
        wanted = [made.get(f"{device}.wants/bulkhead-unlock@{one}.service"), made.get(f"bulkhead-mount@tank.service.wants/bulkhead-unlock@{one}.service")]
        check(f"{kept} {given}: by itself only with a key that is kept", wanted == ([shipped] * 2 if kept == "yes" else [None] * 2), made)
        check(f"{kept} {given}: the start waits for no passphrase; what is unlocked is mounted", (WANTED in made) == (kept == "yes") and LATE in made, sorted(made))
    for what, name, text in (("no words", "tank", ""), ("a word too few", "tank", f"{UUID} yes\n{one}\n"), ("another word", "tank", f"{UUID} yes maybe\n{one}\n"),
                             ("a directive", "tank", f"{UUID} yes no\n[Service]\nExecStart=/bin/sh\n"), ("a path", "tank", f"{UUID} yes no\n../sda\n"),
                             ("no number of its own", "tank", f"../x yes no\n{one}\n"), ("no line feed", "tank", f"{UUID} yes no"),
                             ("a name that systemd would read", "tank%i", f"{UUID} yes no\n{one}\n")):
        code, said, made = run(build, {"tank": GOOD, f"../encryption/{name}": laid(text)})
        check(f"{what}: nothing is opened by it, and the pool is as it was", code == 1 and not any("unlock" in unit for unit in made) and
              WANTED in made, (code, said, sorted(made)))


def by_a_server(build):
    """A Tang server opens what it belongs to, beside another way; it is wanted by the disks, so that nobody waits for it."""
    one, other = (f"{n}cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d21" for n in "12")
    thumbprint = "n8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXxlo"
    good = f"URL=http://tang-1.example:7500\nTHP={thumbprint}\n"
    for kept, given, places in (("no", "yes", ["given", "tang"]), ("yes", "no", ["kept", "tang"]), ("yes", "yes", ["kept", "given", "tang"])):
        code, said, made = run(build, {"tank": GOOD, "../encryption/tank": laid(f"{UUID} {kept} {given}\n{one}\n{other}\n"), f"../tang/{UUID}": laid(good)})
        files = {"kept": "%d/kept", "given": f"/run/bulkhead-storage-hand/given/{UUID}", "tang": f"/run/bulkhead-tang/{UUID}"}
        opened = [line for line in made.get(f"bulkhead-unlock@{one}.service.d/pool.conf", "").split("\n") if line.startswith("ExecStart=")]
        check(f"{kept} {given}: what the server opened is tried last", code == 0 and len(opened) == 1 + len(places) and all(
            line.startswith("ExecStart=-/") == (place != "tang") and f"--key-file={files[place]} " in line for line, place in zip(opened[1:], places)), (said, opened))
        check(f"{kept} {given}: and then all disks are opened", made.get(f"bulkhead-tang@{UUID}.service.d/pool.conf") == "# Made by bulkhead-storage\n[Service]\n"
              f"ExecStartPost=+-/usr/bin/systemctl --quiet --no-ask-password start bulkhead-unlock@{one}.service bulkhead-unlock@{other}.service\n", sorted(made))
        wanted = {name for name in made if "tang" in name and ".wants/" in name}
        check(f"{kept} {given}: as soon as one of them comes, and no target waits for it", wanted == {
            f"{unit_name(f'/dev/disk/by-uuid/{disk}')}.wants/bulkhead-tang@{UUID}.service" for disk in (one, other)}, wanted)
        check(f"{kept} {given}: the start waits for nobody but the key that is kept", (WANTED in made) == (kept == "yes"), sorted(made))
    for what, text in (("no words", ""), ("no thumbprint", "URL=http://tang\n"), ("another order", f"THP={thumbprint}\nURL=http://tang\n"),
                       ("no such address", f"URL=http://tang/x\nTHP={thumbprint}\n"), ("no such thumbprint", "URL=http://tang\nTHP=x\n"),
                       ("a line more", good + "LD_PRELOAD=/x\n"), ("no end", good[:-1])):
        code, said, made = run(build, {"tank": GOOD, "../encryption/tank": laid(f"{UUID} no yes\n{one}\n"), f"../tang/{UUID}": laid(text)})
        check(f"{what}: no server is asked, and the other way stays", code == 0 and not any("tang@" in name for name in made) and
              "/given/" in made.get(f"bulkhead-unlock@{one}.service.d/pool.conf", ""), (code, said, sorted(made)))


def clusters(build):
    """Of Ceph: a client of its own that no start waits for, with the key as a credential."""
    shipped = "/usr/lib/systemd/system/bulkhead-ceph@.service"
    code, said, made = run(build, {"far": f"cephfs {UUID}\n"})
    client, mount = made.get("bulkhead-ceph@far.service.d/pool.conf", ""), made.get("bulkhead-mount@far.service.d/pool.conf", "")
    check("its client begins with the machine, and has its key", code == 0 and made.get("multi-user.target.wants/bulkhead-ceph@far.service") == shipped and
          f"\nEnvironment=NUMBER={UUID}\nLoadCredential=key:/var/lib/bulkhead-storage-hand/keys/kept/{UUID}\n" in client, (said, made))
    check("it is mounted when the client says so, and by nobody else", "\nRequires=bulkhead-ceph@far.service\n" in mount and
          re.findall("^ExecStart=(.*)$", mount, re.M) == ["", "/usr/bin/true"], mount)
    check("it waits for no disk", not any("device" in name for name in made), sorted(made))
    for text in ("cephfs\n", "cephfs x\n", f"ceph {UUID}\n", f"cephfs {UUID}\nname=admin,secret=x\n", f"cephfs {UUID} x\n"):
        code, said, made = run(build, {"far": text})
        check(f"no unit of {text!r}", code != 0 and not any("ceph" in name for name in made), (said, made))


def of_zfs(build):
    """A pool of ZFS's: taken up by its number, as its name here, by a service of its own; no start waits for it."""
    number, uuid = 13863313170584355442, "00000000-0000-0000-c064-61e0aeacc272"
    code, said, made = run(build, {"vault": f"zfs {uuid}\nnoatime\n"})
    taken, mount = made.get("bulkhead-zfs@vault.service.d/pool.conf", ""), made.get("bulkhead-mount@vault.service.d/pool.conf", "")
    check("it begins with the machine", code == 0 and made.get("multi-user.target.wants/bulkhead-zfs@vault.service") ==
          "/usr/lib/systemd/system/bulkhead-zfs@.service", (said, made))
    check("it is taken up by its number, and mounts nothing itself", re.findall("^ExecStart=(.*)$", taken, re.M) == [
        "", f"/usr/sbin/zpool import -f -N -t -R /srv/vault -d /dev/disk/by-id {number} vault"], taken)
    check("it is mounted when that was done, and by nobody else", "\nRequires=bulkhead-zfs-mount@vault.service\n" in mount and
          re.findall("^ExecStart=(.*)$", mount, re.M) == ["", "/usr/bin/true"], mount)
    check("also when its disk comes late", f"dev-disk-by\\x2duuid-{number}.device.wants/bulkhead-mount@vault.service" in made, sorted(made))
    for text in ("zfs\n", f"zfs {UUID}\n", f"zfs {number}\n", f"zfs {uuid} x\n", f"zfs {uuid}\n-o x\n"):
        code, said, made = run(build, {"vault": text})
        check(f"no unit of {text!r}", code != 0 and not any("zfs" in name for name in made), (said, made))


def timers(build):
    """Of pools that are to be read by themselves."""
    for words, when in (("hour 00:07", "*-*-* *:07:00"), ("day 02:30", "*-*-* 02:30:00"), ("week 02:30", "Mon *-*-* 02:30:00"),
                        ("month 23:59", "*-*-01 23:59:00")):
        code, said, made = run(build, {"tank": GOOD, "../scrubs/tank": laid(f"{words}\n")})
        unit = made.get("bulkhead-scrub@tank.timer", "")
        check(f"{words} is a time", code == 0 and f"\nOnCalendar={when}\n" in unit and "\nBindsTo=srv-tank.mount\n" in unit, (said, made))
        check("btrfs reads itself", "\nUnit=bulkhead-scrub@tank.service\n" in unit, unit)
        code, said, made = run(build, {"tank": GOOD, "../scrubs/tank": laid(f"{words} array\n")})
        check("of an array md compares the disks", code == 0 and "\nUnit=bulkhead-array-check@tank.service\n" in made.get("bulkhead-scrub@tank.timer", ""), (said, made))
        code, said, made = run(build, {"tank": GOOD, "../scrubs/tank": laid(f"{words} zfs\n")})
        check("ZFS reads itself", code == 0 and "\nUnit=bulkhead-zfs-scrub@tank.service\n" in made.get("bulkhead-scrub@tank.timer", ""), (said, made))
        check("that begins with the mount", made.get("bulkhead-mount@tank.service.d/bulkhead-scrub@tank.timer.conf") == "[Unit]\nOnSuccess=bulkhead-scrub@tank.timer\n", made)
    for name, words in (("tank", ""), ("tank", "hour"), ("tank", "hour 00:07"), ("tank", "hour 00:07\n\n[Service]\nExecStart=/bin/sh\n"), ("tank", "second 00:07\n"),
                        ("tank", "hour 00:7\n"), ("tank", "hour 24:00\n"), ("tank", "hour 00:07 arrays\n"), ("tank", "hour 00:07 array array\n"), ("tank", "hour 00:07 zfs array\n"), ("tank", "hour 00:07 \n"), ("ta-nk", "hour 00:07\n"), ("tank%i", "hour 00:07\n"), ("tank", "day  02:30\n")):
        code, said, made = run(build, {"tank": GOOD, f"../scrubs/{name}": laid(words)})
        check(f"no timer of {name} {words!r}", code != 0 and not any("timer" in unit for unit in made) and MOUNT in made, (said, made))


def tests_of_disks(build):
    disk = "ata-DISK_S-1.x:2"
    unit = f"bulkhead-self-test@{disk}.timer"
    code, said, made = run(build, {f"../self-tests/{disk}": laid("TEST=long\nEVERY=month\nAT=03:00\n")})
    check("a disk tests itself at times", code == 0 and "\nOnCalendar=*-*-01 03:00:00\n" in made.get(unit, ""), (said, made))
    check("whatever pools there are", made.get(f"timers.target.wants/{unit}") == f"../{unit}", made)
    for name, words in ((disk, ""), (disk, "TEST=long\nEVERY=month\nAT=03:00"), (disk, "TEST=long\nEVERY=month\n"), (disk, "TEST=all\nEVERY=month\nAT=03:00\n"),
                        (disk, "TEST=long\nEVERY=month\nAT=03:00\n[Service]\n"), (disk, "EVERY=month\nTEST=long\nAT=03:00\n"),
                        ("a@b", "TEST=long\nEVERY=month\nAT=03:00\n"), ("-x", "TEST=long\nEVERY=month\nAT=03:00\n"), ("x" * 128, "TEST=long\nEVERY=month\nAT=03:00\n")):
        code, said, made = run(build, {f"../self-tests/{name}": laid(words)})
        check(f"no timer of {name[:20]} {words!r}", code != 0 and not any("timer" in unit for unit in made), (said, made))


def made_where(build, steps, virtual=""):
    """Which units it makes of no order at all, in a mount namespace that those steps have changed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        done = subprocess.run(["unshare", "-m", "sh", "-ec", f"mount -t tmpfs tmpfs /etc; {steps}\nexec \"$@\"", "sh", f"{build}/storage-generator", folder,
                               folder, folder], env={**os.environ, "SYSTEMD_VIRTUALIZATION": virtual}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        made = {os.path.relpath(f"{top}/{name}", folder): os.readlink(f"{top}/{name}") for top, _, names in os.walk(folder) for name in names}
        return made if done.returncode == 0 else done.stdout


def who_serves_nfs(build):
    """The kernel where it can and has what it needs for that, and no container is."""
    tools = "mount -t tmpfs tmpfs /usr/sbin; touch /usr/sbin/rpc.nfsd\n"
    loaded = "printf 'nodev\\tsysfs\\n\\text4\\nnodev\\tnfsd\\n' >/usr/sbin/x; mount --bind /usr/sbin/x /proc/filesystems\n"
    without = "printf 'nodev\\tsysfs\\nnodev\\tnfsd4\\n' >/usr/sbin/x; mount --bind /usr/sbin/x /proc/filesystems\n"
    modules = "mkdir -p /lib/modules; mount -t tmpfs tmpfs /lib/modules; mkdir /lib/modules/$(uname -r)\n"
    listed = modules + "echo kernel/fs/nfsd/nfsd.ko >/lib/modules/$(uname -r)/modules.order\n"
    other = modules + "echo kernel/fs/nfs/nfs.ko >/lib/modules/$(uname -r)/modules.order\n"
    kernel = {"bulkhead-nfs.service": "/usr/share/bulkhead/kernel/bulkhead-nfs.service",
              "bulkhead-export@.service.d/kernel.conf": "/usr/share/bulkhead/kernel/export.conf",
              "bulkhead-nfs-look.service.d/kernel.conf": "/usr/share/bulkhead/kernel/look.conf"}
    for what, steps, virtual, wanted in (
            ("the kernel's server is there", tools + loaded, "", kernel), ("in a virtual machine too", tools + loaded, "vm:qemu", kernel),
            ("it can be loaded", tools + without + listed, "", kernel), ("a container does not have it", tools + loaded, "container:systemd-nspawn", {}),
            ("without its programs it is not told what to serve", "mount -t tmpfs tmpfs /usr/sbin\n" + loaded, "", {}),
            ("nfs-ganesha goes on until the next start", "mkdir -p /run/x; mount -t tmpfs tmpfs /run; mkdir /run/bulkhead-nfs; touch /run/bulkhead-nfs/pid\n" +
             tools + loaded, "", {}), ("there is none", tools + without + other, "", {}), ("and no list of modules", tools + without + modules, "", {})):
        made = made_where(build, steps, virtual)
        check(f"who serves NFS: {what}", made == wanted, made)


def hostile_ones(build):
    long = "compress=zstd\n" * 60
    for what, name, content in (
            ("nothing in it", "tank", ""),
            ("another kind", "tank", f"vfat {UUID}\n"),
            ("no kind", "tank", f" {UUID}\n"),
            ("two kinds", "tank", f"ext4 xfs {UUID}\n"),
            ("a kind alone", "tank", "ext4\n"),
            ("no number", "tank", "btrfs \n"),
            ("a path for a number", "tank", "btrfs ../../sda\n"),
            ("a number that is too long", "tank", f"btrfs {UUID}0\n"),
            ("a line feed of another kind", "tank", f"btrfs {UUID}\r\nnoatime\r\n"),
            ("an option that nobody may set", "tank", f"btrfs {UUID}\nsuid\n"),
            ("two options in one", "tank", f"btrfs {UUID}\nnoatime,dev\n"),
            ("a directive", "tank", f"btrfs {UUID}\nnoatime\n[Service]\nExecStart=/bin/sh\n"),
            ("a directive in the first line", "tank", f"btrfs {UUID} \nnoatime\n"),
            ("a NUL", "tank", f"btrfs {UUID}\nnoatime\n\0evil\n"),
            ("a NUL in the number", "tank", f"btrfs {UUID}\0\nnoatime\n"),
            ("more options than fit", "tank", f"btrfs {UUID}\n{long}"),
            ("more than any has", "tank", f"btrfs {UUID}\n" + "\n" * 5000),
            ("bytes that are no text", "tank", b"btrfs \xff\xfe\n"),
            ("a name with a dash", "ta-nk", GOOD),
            ("a name with a dot", "ta.nk", GOOD),
            ("a name that systemd would read", "tank%i", GOOD),
            ("a name with a line feed", "tank\nWhat=", GOOD),
            ("a name that is no text", b"tank\xff", GOOD),
            ("a long name", "t" * 40, GOOD),
            ("a name with a number first", "2tank", GOOD),
            ("a link", "tank", lambda path: os.symlink("/proc/self/environ", path)),
            ("a link to a good one", "tank2", lambda path: os.symlink("good", path)),
            ("a folder", "tank", os.mkdir),
            ("a pipe that nobody writes to", "tank", os.mkfifo)):
        code, said, made = run(build, {name: content, "good": GOOD})
        check(f"{what}: no unit is made of it, and the others are", code == 1 and
              sorted(made) == [name.replace("tank", "good") for name in (MOUNT, LATE, WANTED)], (code, said, sorted(made)))


def main():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("generator: skipped, a mount namespace needs root\n0 passed, 0 failed, 1 skipped")
        return
    build = os.path.abspath(sys.argv[1])
    good_ones(build)
    hostile_ones(build)
    exports(build)
    clusters(build)
    of_zfs(build)
    timers(build)
    encrypted(build)
    by_a_server(build)
    tests_of_disks(build)
    who_serves_nfs(build)
    print(f"{results['passed']} passed, {results['failed']} failed")
    sys.exit(1 if results["failed"] else 0)


main()
