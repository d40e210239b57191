"""Certificates for tests: a root, one in between, and what they sign, made with the openssl command."""
import os
import subprocess


def openssl(*words):
    done = subprocess.run(["openssl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


class Pki:
    """In a folder: root.pem, middle.pem, and NAME.key and NAME.pem of what was issued."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.root = self.issue("root", "Test Root", authority=True, by=None)
        self.middle = self.issue("middle", "Test Middle", authority=True, by="root")

    def path(self, name):
        return f"{self.folder}/{name}"

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def issue(self, name, common, hosts=(), authority=False, by="middle", days=90, kind=("ec", "P-256"), digest="sha256",
              more=()):
        """(certificate, key) in PEM. by: whose key signs; None: its own."""
        key, request, certificate = (self.path(f"{name}.{suffix}") for suffix in ("key", "csr", "pem"))
        option = {"ec": "ec_paramgen_curve", "rsa": "rsa_keygen_bits"}[kind[0]]
        openssl("genpkey", "-algorithm", kind[0].upper(), "-pkeyopt", f"{option}:{kind[1]}", "-out", key)
        openssl("req", "-new", "-key", key, "-subj", f"/O=Bulkhead/CN={common}", "-out", request)
        extensions = ["basicConstraints=critical,CA:" + ("TRUE" if authority else "FALSE"), *more]
        if hosts:
            kinds = ("IP" if host.replace(".", "").isdigit() or ":" in host else "DNS" for host in hosts)
            extensions.append("subjectAltName=" + ",".join(f"{kind}:{host}" for kind, host in zip(kinds, hosts)))
        with open(self.path(f"{name}.ext"), "w", encoding="ascii") as file:
            file.write("\n".join(extensions) + "\n")
        signer = ["-CA", self.path(f"{by}.pem"), "-CAkey", self.path(f"{by}.key"), "-CAcreateserial"] if by else \
            ["-signkey", key]
        openssl("x509", "-req", "-in", request, "-days", str(days), f"-{digest}", "-extfile", self.path(f"{name}.ext"),
                "-out", certificate, *signer)
        return self.read(f"{name}.pem"), self.read(f"{name}.key")

    def fingerprint(self, name):
        return openssl("x509", "-in", self.path(f"{name}.pem"), "-noout", "-fingerprint", "-sha256").strip().split("=")[1]
