"""md: what pools of raid kind will rest upon."""


def _member(name):
    return f"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_{name}" if name.startswith("SCSI") else \
        f"/dev/disk/by-id/ata-QEMU-SATA_{name}"


def _shows(machine, text):
    machine.does(f"timeout 60 sh -c 'until cat /proc/mdstat | grep -q \"{text}\"; do sleep 0.5; done'", seconds=90)


def a_mirror_outlives_a_disk_and_heals(machine):
    """Made of a SATA and a SCSI disk; one fails and goes, another takes its place, and the content is the same."""
    one, two, three = _member("SATA-1"), _member("SCSI-1"), _member("SATA-2")
    machine.tool(f"mdadm --create /dev/md0 --run --level=1 --raid-devices=2 --bitmap=internal {one} {two}")
    machine.does("mkfs.ext4 -q /dev/md0 && mount /dev/md0 /mnt/tools/mnt && "
                 "dd if=/dev/urandom of=/mnt/tools/mnt/x bs=1M count=20 status=none && sync")
    before = machine.does("sha256sum </mnt/tools/mnt/x")
    machine.tool(f"mdadm /dev/md0 --fail {two} --remove {two}")
    _shows(machine, r"\[U_\]")
    machine.tool(f"mdadm /dev/md0 --add {three}")
    _shows(machine, r"\[UU\]")
    assert machine.does("echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/tools/mnt/x") == before
    machine.does("umount /mnt/tools/mnt")
    machine.tool("mdadm --stop /dev/md0")


def three_disks_with_parity_outlive_one(machine):
    """RAID 5: degraded it still reads what was written."""
    disks = " ".join(_member(name) for name in ("SATA-1", "SATA-2", "SATA-3"))
    machine.tool(f"mdadm --create /dev/md0 --run --level=5 --raid-devices=3 --assume-clean {disks}")
    machine.does("dd if=/dev/urandom of=/dev/md0 bs=1M count=20 status=none conv=fsync")
    before = machine.does("dd if=/dev/md0 bs=1M count=20 status=none iflag=direct | sha256sum")
    machine.tool(f"mdadm /dev/md0 --fail {_member('SATA-2')} --remove {_member('SATA-2')}")
    assert machine.does("dd if=/dev/md0 bs=1M count=20 status=none iflag=direct | sha256sum") == before
