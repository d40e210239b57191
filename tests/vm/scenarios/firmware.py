"""The image under the other firmware: what is tested else starts by BIOS."""
from boots import CODE
from machine import Machine, wait


def it_starts_for_the_first_time_by_uefi(machine):
    """The same image, a disk of its own, to the set-up code and a page."""
    machine.stop()
    other = Machine(f"{machine.folder}-uefi", machine.image, machine.tools, uefi=True)
    other.make()
    other.start()
    try:
        assert wait(lambda: CODE.search(other.console()) or other.process.poll() is not None, 600), other.console()[-2000:]
        assert other.wait_running() == "running", other.out("systemctl --failed --no-legend")
        other.does("test -d /sys/firmware/efi")
        assert "vfat" in other.does("findmnt -no FSTYPE /boot/efi")
        assert wait(other.ready, 60)
    finally:
        other.stop()
