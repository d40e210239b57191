#!/usr/bin/python3
"""The machine as others on its network find it: mDNS for Finder and Files, WS-Discovery for Explorer.

    tests/appliance/discovery.py BUILD

Asks from the network that the appliance is on, by questions of its own. Ends with "N passed, N failed".
"""
import sys

from machine import ADDRESS, Machine, check, lives

# A one-shot question: the answer comes to who asked.
MDNS = r"""
import socket, struct, sys, time
name = b"".join(bytes([len(part)]) + part.encode() for part in sys.argv[1].split(".")) + b"\0"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.1"))
s.bind(("10.77.0.1", 0)); s.settimeout(2)
for _ in range(5):
    s.sendto(struct.pack("!6H", 7, 0, 1, 0, 0, 0) + name + struct.pack("!2H", 12, 1), ("224.0.0.251", 5353))
    try:
        answer, peer = s.recvfrom(9000)
        if struct.unpack("!6H", answer[:12])[3]:
            print(peer[0], answer)
            break
    except TimeoutError:
        pass
"""
PROBE = r"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.1"))
s.bind(("10.77.0.1", 0)); s.settimeout(2)
probe = '''<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery"
xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof"><soap:Header><wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery
</wsa:To><wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</wsa:Action>
<wsa:MessageID>urn:uuid:6b1f8c55-6f0a-4b43-9f2c-%012d</wsa:MessageID></soap:Header><soap:Body><wsd:Probe>
<wsd:Types>wsdp:Device</wsd:Types></wsd:Probe></soap:Body></soap:Envelope>'''
for i in range(5):
    s.sendto((probe % i).replace("discovery\n", "discovery").encode(), ("239.255.255.250", 3702))
    try:
        print(*s.recvfrom(9000))
        break
    except TimeoutError:
        pass
"""


def asked(machine, script, *words):
    return machine.trial("lan", sys.executable, "-c", script, *words).stdout


def enable(machine, name):
    made = machine.bulkhead("services", "enable", name, "--yes")
    return check(f"{name} is enabled", made.returncode == 0, made.stderr)


def is_found(machine):
    check("unasked, it tells nobody of itself", ADDRESS not in asked(machine, MDNS, "_services._dns-sd._udp.local") and
          "ProbeMatch" not in asked(machine, PROBE))
    enable(machine, "mdns")
    enable(machine, "nfs")
    machine.wait("NFS is told of by mDNS", lambda: ADDRESS in asked(machine, MDNS, "_nfs._tcp.local"))
    enable(machine, "smb")
    machine.wait("and SMB", lambda: ADDRESS in asked(machine, MDNS, "_smb._tcp.local"))
    machine.bulkhead("services", "stop", "nfs", "--yes")
    machine.wait("what stopped is told of no more", lambda: ADDRESS not in asked(machine, MDNS, "_nfs._tcp.local"))
    enable(machine, "wsd")
    machine.wait("a probe of Windows' is answered", lambda: "ProbeMatch" in asked(machine, PROBE))
    before = machine.pid("mdns"), machine.pid("wsd")
    machine.run("systemctl", "kill", "-s", "KILL", "bulkhead-mdns.service", "bulkhead-wsd.service")
    machine.wait("killed, both come back and tell of the same", lambda: ADDRESS in asked(machine, MDNS, "_smb._tcp.local") and
                 "ProbeMatch" in asked(machine, PROBE) and not set(before) & {machine.pid("mdns"), machine.pid("wsd"), "0"})
    machine.trial("reboot")
    machine.wait("all that after a reboot, too", lambda: ADDRESS in asked(machine, MDNS, "_smb._tcp.local") and
                 "ProbeMatch" in asked(machine, PROBE))
    for name in ("mdns", "wsd"):
        machine.bulkhead("services", "disable", name, "--yes")
    check("disabled, nobody is answered", ADDRESS not in asked(machine, MDNS, "_smb._tcp.local") and
          "ProbeMatch" not in asked(machine, PROBE))


def main():
    lives(Machine(sys.argv[1], TRIAL_DISKS="0"), is_found)


if __name__ == "__main__":
    main()
