"""The machine's certificate on the appliance: fetched by the real units from pebble, an authority for tests; then one
that is installed. Part of run.py."""
import json
import re

from machine import check

NAME = "nas.example.org"
DIRECTORY = "https://127.0.0.1:14000/dir"
CONFIG = {"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
                     "certificate": "/root/ca/api.pem", "privateKey": "/root/ca/api.key", "httpPort": 80, "tlsPort": 5001,
                     "ocspResponderURL": "", "externalAccountBindingRequired": False}}
# A root, what it signs for the authority's own door, and another for this machine.
MAKE = """
set -e
mkdir -p /root/ca && cd /root/ca
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=Test -keyout root.key -out root.pem
sign() { # NAME SAN
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$1 -keyout $1.key -out $1.csr
        echo "subjectAltName=$2" >$1.ext
        openssl x509 -req -in $1.csr -days 30 -CA root.pem -CAkey root.key -CAcreateserial -extfile $1.ext -out $1.pem
}
sign api IP:127.0.0.1
sign nas DNS:%(name)s
install -m 644 root.pem /etc/bulkhead/test-root.pem
echo LEGO_CA_CERTIFICATES=/etc/bulkhead/test-root.pem >>/etc/bulkhead/bulkhead.conf
echo '127.0.0.1 %(name)s' >>/etc/hosts
"""


def shown(machine):
    done = machine.bulkhead("certificate", "show", "--json")
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}


def confirmed(machine, *words):
    dry = machine.bulkhead(*words, "--dry-run", "--json")
    digest = re.search(r'"digest": *"([0-9a-f]{64})"', dry.stdout)
    return machine.bulkhead(*words, "--yes", "--confirm", digest.group(1)) if digest else dry


def authority(machine):
    """Looks for its answer on port 80 when the front end is there, else believes every name."""
    made = machine.run("bash", "-c", MAKE % {"name": NAME})
    assert made.returncode == 0, made.stderr
    machine.run("bash", "-c", f"echo '{json.dumps(CONFIG)}' >/root/ca/pebble.json")
    front = machine.run("systemctl", "is-active", "bulkhead-api.service").stdout.strip() == "active"
    machine.run("systemd-run", "--unit=pebble", "-E", "PEBBLE_VA_NOSLEEP=1", "-E",
                f"PEBBLE_VA_ALWAYS_VALID={int(not front)}", "pebble", "-config", "/root/ca/pebble.json")
    machine.wait("the authority listens", lambda: machine.run(
        "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/14000").returncode == 0)
    return front


def has_a_certificate(machine):
    front = authority(machine)
    words = ("certificate", "enrol", "--names", NAME, "--email", "ada@example.org", "--terms-accepted", "--directory",
             DIRECTORY)
    machine.wait("a certificate is ordered", lambda: confirmed(machine, *words).returncode == 0)
    machine.wait("and fetched by lego in its unit, taken by the hand" + (", past the front end's port 80" if front else ""),
                 lambda: shown(machine).get("certificate", {}).get("source") == "acme")
    machine.wait("its fetching is over", lambda: shown(machine)["acme"]["state"] == "good")
    found = shown(machine)
    check("it is for this machine", found.get("certificate", {}).get("names") == [NAME], found)
    machine.run("systemctl", "stop", "pebble")
    machine.bulkhead("certificate", "renew", "--yes")
    machine.wait("an authority that is away is told", lambda: shown(machine)["acme"]["state"] == "failed")
    check("with what was said, and the certificate stays", "refused" in shown(machine)["acme"]["message"] and
          shown(machine)["certificate"]["fingerprint"] == found["certificate"]["fingerprint"], shown(machine))
    machine.run("systemctl", "reset-failed", "bulkhead-acme.service")
    done = confirmed(machine, "certificate", "install", "--chain", "/root/ca/nas.pem", "--key", "/root/ca/nas.key")
    check("one is installed by hand", done.returncode == 0, done.stderr)
    found = shown(machine)
    check("which ends the fetching", found["certificate"]["source"] == "installed" and "acme" not in found, found)
    listed = machine.run("stat", "-c", "%a %U %G", "/var/lib/bulkhead/tls/identity.pem").stdout.strip()
    check("its key is for the front end alone", listed == "640 bulkhead-network-hand bulkhead-api", listed)
    done = confirmed(machine, "certificate", "remove")
    check("and taken away again", done.returncode == 0 and
          machine.run("ls", "-A", "/var/lib/bulkhead/tls").stdout == "", done.stderr)
