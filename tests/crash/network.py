"""What is crashed: the changing methods of the network daemon."""
import os
import sys

from scene import Scene

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))


class InstallCertificate(Scene):
    """Another one each time: what is served and what is shown are both the new one, or both the old one."""
    daemon = "network"
    method = "nas.network.InstallCertificate"
    warrant = True
    made = {}  # two, turn by turn

    def pair(self, which):
        if not self.made:
            from pki import Pki
            pki = Pki("/run/box/crash-pki")
            for name in ("a", "b"):
                leaf, key = pki.issue(name, "nas", [f"{name}.example.org"])
                self.made[name] = {"chain": leaf + pki.middle[0], "key": key}
        return self.made[which]

    @staticmethod
    def there(name):
        try:
            with open(f"/var/lib/bulkhead/tls/{name}", encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def prepare(self, box, n):
        self.was = self.there("identity.pem"), self.there("chain.pem")
        self.next = "a" if self.was[0] is None or self.pair("b")["key"] in self.was[0] else "b"

    def parameters(self, n):
        return self.pair(self.next)

    def wanted(self):
        pair = self.pair(self.next)
        return pair["key"] + pair["chain"], pair["chain"]

    def seen(self, box, n):
        now = self.there("identity.pem"), self.there("chain.pem")
        stray = [name for name in os.listdir("/var/lib/bulkhead/tls") if name not in ("identity.pem", "chain.pem")]
        if stray:
            return f"left behind: {stray}"
        return True if now == self.wanted() else False if now == self.was else "neither the old nor the new one"


class RemoveCertificate(InstallCertificate):
    method = "nas.network.RemoveCertificate"

    def prepare(self, box, n):
        if self.there("identity.pem") is None:
            box.change("network", "nas.network.InstallCertificate", self.pair("a"))
        super().prepare(box, n)

    def parameters(self, n):
        return {}

    def wanted(self):
        return None, None


SCENES = (InstallCertificate, RemoveCertificate)
