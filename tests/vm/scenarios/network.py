"""Bonds and VLANs, on two cards that have their own cable."""


def _cards(machine):
    """Their names; nobody else sets them up."""
    machine.does("mkdir -p /run/systemd/network && printf '[Match]\\nMACAddress=52:54:00:00:00:00 52:54:00:00:00:01\\n[Link]\\nUnmanaged=yes\\n' "
                 ">/run/systemd/network/10-trial.network && networkctl reload")
    return machine.does("grep -l 52:54:00:00:00: /sys/class/net/*/address | cut -d/ -f5").split()


def a_bond_of_two_cards_keeps_going_with_one(machine):
    """Active-backup: the other card takes over when the first loses its cable."""
    one, two = _cards(machine)
    machine.does(f"ip link set {one} down; ip link set {two} down; ip link add bond0 type bond mode active-backup miimon 100 && "
                 f"ip link set {one} master bond0 && ip link set {two} master bond0 && ip link set bond0 up && "
                 f"timeout 20 sh -c 'until grep -q \"Currently Active Slave: {one}\" /proc/net/bonding/bond0; do sleep 0.2; done'")
    machine.say("set_link card0 off")
    machine.does(f"timeout 20 sh -c 'until grep -q \"Currently Active Slave: {two}\" /proc/net/bonding/bond0; do sleep 0.2; done'")


def vlans_lie_apart_on_one_cable(machine):
    """What is sent in a VLAN arrives in that VLAN at the other end, and not in another."""
    one, two = _cards(machine)
    machine.does(f"ip netns add far && ip link set {two} netns far && ip link set {one} up && ip -n far link set {two} up && "
                 f"ip link add link {one} name vlan7 type vlan id 7 && ip address add 10.7.0.1/24 dev vlan7 && "
                 f"ip link set vlan7 up && ip -n far link add link {two} name vlan7 type vlan id 7 && "
                 f"ip -n far link add link {two} name vlan8 type vlan id 8 && ip -n far address add 10.7.0.2/24 dev vlan7 && "
                 f"ip -n far link set vlan7 up && ip -n far link set vlan8 up")
    # Nobody listens there: who is reached refuses.
    reached = "timeout 5 bash -c '>/dev/tcp/10.7.0.2/9' 2>&1 | grep -q refused"
    machine.does(f"timeout 30 sh -c \"until {reached}; do sleep 0.5; done\"")
    machine.does("ip -n far address del 10.7.0.2/24 dev vlan7 && ip -n far address add 10.7.0.2/24 dev vlan8 && "
                 "ip neigh flush dev vlan7")
    machine.does(f"! {reached}")
