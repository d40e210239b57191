#!/usr/bin/python3
"""The machine as others on its network find it: mDNS for Finder and Files, WS-Discovery for Explorer.

    tests/appliance/discovery.py BUILD

Asks from the network that the appliance is on, by questions of its own. Ends with "N passed, N failed".
"""
import sys

from machine import ADDRESS, Machine, check, lives
from sharing import offer, share
from storing import confirmed

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
            print(peer[0], answer.decode("latin-1"))
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

# What Windows asks whom a probe has found: the answer says in which group the machine is.
DETAILS = PROBE.replace("print(*s.recvfrom(9000))", "found = s.recvfrom(9000)[0]") + r'''
import re, urllib.request
address = re.search(rb"XAddrs>([^<]+)<", found).group(1).decode()
identity = re.search(rb"urn:uuid:[0-9a-f-]+", found[found.index(b"EndpointReference"):]).group().decode()
get = f"""<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"><soap:Header><wsa:To>{identity}</wsa:To>
<wsa:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</wsa:Action>
<wsa:MessageID>urn:uuid:6b1f8c55-6f0a-4b43-9f2c-000000000099</wsa:MessageID>
<wsa:ReplyTo><wsa:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:Address></wsa:ReplyTo>
</soap:Header><soap:Body/></soap:Envelope>"""
print(urllib.request.urlopen(urllib.request.Request(address, get.encode(), {"Content-Type": "application/soap+xml"}), timeout=5).read())
'''


def asked(machine, script, *words):
    return machine.trial("lan", sys.executable, "-c", script, *words).stdout


def enable(machine, name):
    made = machine.bulkhead("services", "enable", name, "--yes")
    return check(f"{name} is enabled", made.returncode == 0, made.stderr)


def backs_up(machine):
    """Macs find by themselves where they may back up to."""
    def told():
        return asked(machine, MDNS, "_adisk._tcp.local")
    machine.wait("the trial's disk is free", lambda: any(disk["takable"] for disk in machine.rows("disks", "list")))
    made = confirmed(machine, "pools", "create", "tank", "--profile", "single", "--disks", "trial-disk1")
    check("there is a pool", made.returncode == 0, made.stderr)
    for name in ("one", "other"):
        machine.bulkhead("datasets", "create", "tank", name, "--yes")
    offer(machine, "Tom & Ada's", "/srv/tank/one", "--time-machine")
    offer(machine, "plain", "/srv/tank/other")
    machine.wait("a share for Time Machine is told of", lambda: "adVN=Tom & Ada's,adVF=0x82" in told())
    check("and none that is not for it", "plain" not in told(), told())
    done = machine.bulkhead("smb", "update", str(share(machine, "Tom & Ada's")["id"]), "--hidden", "--yes")
    check("it is hidden", done.returncode == 0, done.stderr)
    machine.wait("and told of no more", lambda: ADDRESS not in told())
    machine.bulkhead("smb", "update", str(share(machine, "Tom & Ada's")["id"]), "--no-hidden", "--yes")
    machine.wait("shown again it is", lambda: "Tom & Ada" in told())
    machine.bulkhead("services", "stop", "smb", "--yes")
    machine.wait("with SMB stopped it is not", lambda: ADDRESS not in told())
    machine.bulkhead("services", "start", "smb", "--yes")
    machine.wait("and started, it is", lambda: "Tom & Ada" in told())


def has_another_name(machine):
    machine.run("hostnamectl", "set-hostname", "cellar")
    machine.wait("somebody gives it another name beside us, and it is found by that", lambda: "cellar" in asked(
        machine, MDNS, "_smb._tcp.local") and "cellar" in asked(machine, DETAILS).lower())
    done = machine.bulkhead("machine", "set", "--name", "attic", "--yes")
    check("it is called something else", done.returncode == 0, done.stdout + done.stderr)
    machine.wait("by which mDNS finds it", lambda: "attic" in asked(machine, MDNS, "_smb._tcp.local"))
    machine.wait("and Windows", lambda: "attic" in asked(machine, DETAILS).lower())


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
    machine.wait("and told of the workgroup", lambda: "Workgroup:WORKGROUP" in asked(machine, DETAILS))
    done = machine.bulkhead("smb", "set", "--workgroup", "CASA", "--yes")
    check("another is chosen", done.returncode == 0, done.stdout + done.stderr)
    machine.wait("which is told", lambda: "Workgroup:CASA" in asked(machine, DETAILS))
    has_another_name(machine)
    backs_up(machine)
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
    lives(Machine(sys.argv[1], TRIAL_DISKS="1", TRIAL_DISK_SIZE="2G"), is_found)


if __name__ == "__main__":
    main()
