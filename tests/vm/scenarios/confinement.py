"""AppArmor, which containers share with the machine around them. Nobody of ours is confined by a profile of its own; other
programs are, and their denials must be found where denials of ours are looked for."""

PROFILE = """profile trial-reader /run/reader {
  /** rm,
  /** ix,
  deny /etc/hostname r,
  audit deny /etc/machine-id r,
}
"""


def apparmor_holds_a_program_and_tells_of_it(machine):
    """A profile keeps a program from one file, root's or not, and what it denies is in the journal."""
    machine.does("cp /bin/cat /run/reader && mount -o remount,exec /run && cat >/run/profile", data=PROFILE)
    machine.does("test \"$(/run/reader /etc/hostname)\" = \"$(cat /etc/hostname)\"")
    machine.does("apparmor_parser --replace /run/profile && grep -q 'trial-reader (enforce)' /sys/kernel/security/apparmor/profiles")
    for path in ("/etc/hostname", "/etc/machine-id"):
        assert machine.ssh(f"/run/reader {path}").returncode != 0, f"{path} is read"
    machine.does("/run/reader /etc/os-release >/run/read && cmp /run/read /etc/os-release")
    machine.does("timeout 30 sh -c 'until journalctl -b -o cat --grep \"apparmor=.DENIED\" | grep -q trial-reader; do sleep 0.5; done'")
    machine.does("apparmor_parser --remove /run/profile && /run/reader /etc/hostname")
    assert machine.fetch("GET", "/api/users").status == 200
