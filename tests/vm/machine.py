"""A machine made by qemu from the image that ships: started, spoken to by ssh and HTTPS, put back to a saved state.

The image is never written to: the machine's disk is an overlay. The key that lets the test in is given by the machine's
firmware (a systemd credential), so nothing is put into the image, or a copy of it, either.
"""
import base64
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
SATA, SCSI = ("SATA-1", "SATA-2", "SATA-3"), ("SCSI-1", "SCSI-2")
GONE = (OSError, urllib.error.URLError, json.JSONDecodeError)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers = status, headers
        self.body = json.loads(body) if body[:1] in (b"{", b"[") else body


class Machine:
    """One at a time lives in its folder."""

    def __init__(self, folder, image, tools, uefi=False):
        self.folder, self.image, self.tools, self.uefi = os.path.abspath(folder), os.path.abspath(image), tools, uefi
        self.process = self.sock = None
        self.token = None
        self.ports = [free_port(), free_port()]
        os.makedirs(self.folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self):
        """Its disks, all new, and the key to come in by."""
        for name in os.listdir(self.folder):
            os.remove(self.path(name))
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", self.image, "-F", "raw", self.path("root.qcow2"), "12G")
        for name in SATA + SCSI:
            run("qemu-img", "create", "-q", "-f", "qcow2", self.path(f"{name}.qcow2"), "1G")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("key"))
        run("cp", FIRMWARE[1], self.path("vars.fd"))

    def credential(self):
        with open(self.path("key.pub"), "rb") as file:
            key = base64.b64encode(file.read()).decode()
        lines = f"d /root/.ssh 0700 root root -\nf~ /root/.ssh/authorized_keys 0600 root root - {key}\n"
        return "io.systemd.credential.binary:tmpfiles.extra=" + base64.b64encode(lines.encode()).decode()

    def command(self):
        words = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "4096",
                 "-display", "none", "-no-user-config", "-smbios", f"type=11,value={self.credential()}",
                 "-chardev", f"file,id=serial,path={self.path('console')},append=on", "-serial", "chardev:serial",
                 "-qmp", f"unix:{self.path('monitor')},server=on,wait=off",
                 "-drive", f"file={self.path('root.qcow2')},if=none,id=root,format=qcow2",
                 "-device", "virtio-blk-pci,drive=root,serial=ROOT,bootindex=1",
                 "-drive", f"file={self.tools},if=none,id=tools,format=raw,readonly=on",
                 "-device", "virtio-blk-pci,drive=tools,serial=TOOLS",
                 "-netdev", "user,id=lan,restrict=on," + ",".join(
                     f"hostfwd=tcp:127.0.0.1:{port}-:{at}" for port, at in zip(self.ports, (22, 443))),
                 "-device", "virtio-net-pci,netdev=lan,romfile=",
                 "-device", "virtio-scsi-pci,id=scsi"]
        for n in range(2): # a network of their own, for bonds and VLANs
            words += ["-netdev", f"hubport,id=cable{n},hubid=0", "-device", f"virtio-net-pci,id=card{n},netdev=cable{n},mac=52:54:00:00:00:0{n},romfile="]
        for n in range(2): # empty places for disks that come and go
            words += ["-device", f"pcie-root-port,id=bay{n},chassis={n + 1},slot={n + 1}"]
        for n, name in enumerate(SATA):
            words += ["-drive", f"file={self.path(name)}.qcow2,if=none,id={name},format=qcow2",
                      "-device", f"ide-hd,bus=ide.{n + 1},drive={name},serial={name},model=QEMU-SATA"]
        for name in SCSI:
            words += ["-drive", f"file={self.path(name)}.qcow2,if=none,id={name},format=qcow2",
                      "-device", f"scsi-hd,bus=scsi.0,drive={name},serial={name}"]
        if self.uefi:
            words += ["-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE[0]}", "-drive",
                      f"if=none,id=vars,format=raw,file={self.path('vars.fd')}", "-machine", "pflash1=vars"]
        return words

    def start(self, state=None):
        """Switched on, or put into a saved state."""
        extra = ["-loadvm", state] if state else []
        self.process = subprocess.Popen([*self.command(), *extra], stdin=subprocess.DEVNULL)
        wait(lambda: os.path.exists(self.path("monitor")) or self.process.poll() is not None, 30)
        self.sock = socket.socket(socket.AF_UNIX)
        wait(lambda: self.sock.connect_ex(self.path("monitor")) == 0 or self.process.poll() is not None, 30)
        self.lines = self.sock.makefile("rw", encoding="utf-8")
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        """The monitor's answer; events that come before it are dropped."""
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def say(self, line):
        """A line to qemu's monitor for people."""
        answer = self.ask("human-monitor-command", **{"command-line": line})
        if answer.strip() not in ("", "OK"): # it has no other way to say that it failed
            raise RuntimeError(f"{line}: {answer}")
        return answer

    def save(self, state):
        self.say(f"savevm {state}")

    def stop(self):
        """Switched off as by a cut cable."""
        if self.process is None:
            return
        try:
            self.ask("quit")
        except (OSError, RuntimeError, ValueError):
            self.process.kill()
        self.process.wait()
        self.lines.close()
        self.sock.close()
        self.process = None
        if os.path.exists(self.path("monitor")):
            os.remove(self.path("monitor"))

    # --- from outside ---

    def ssh(self, command, seconds=120, data=None):
        words = ["ssh", "-q", "-i", self.path("key"), "-p", str(self.ports[0]), "-o", "StrictHostKeyChecking=no", "-o",
                 "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30", "-o", "BatchMode=yes", "root@127.0.0.1", command]
        try:
            return subprocess.run(words, input=data, stdin=None if data else subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 255, "", f"no answer within {seconds} s")

    def out(self, command, **options):
        """What a command prints, without the last end of line; also what it complains of."""
        done = self.ssh(command, **options)
        return (done.stdout + done.stderr).strip()

    def does(self, command, **options):
        done = self.ssh(command, **options)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def tool(self, command, **options):
        """A command with the tools that only tests need, which lie on a disk of their own."""
        return self.does(f"chroot /mnt/tools {command}", **options)

    def fetch(self, method, path, body=None, **headers):
        request = urllib.request.Request(f"https://127.0.0.1:{self.ports[1]}{path}", method=method, headers={
            "Accept": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()}})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        try:
            with urllib.request.urlopen(request, timeout=60, context=trusting) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.headers, refused.read())

    def ready(self):
        try:
            return self.fetch("GET", "/api/system/ready").status == 200
        except GONE:
            return False

    def wait_running(self, seconds=600):
        """Until systemd has decided, whatever it decided."""
        state = []

        def decided():
            state[:] = [self.out("systemctl is-system-running", seconds=20)]
            return state[0] in ("running", "degraded") or self.process.poll() is not None
        wait(decided, seconds)
        return state[0] if state else "nothing"

    def ready_to_work(self):
        """After it was put into a saved state: connections of that time are gone."""
        if not wait(lambda: self.ssh("true", seconds=40).returncode == 0, 240):
            raise AssertionError("does not answer after it was restored")

    def console(self):
        with open(self.path("console"), encoding="utf-8", errors="replace") as file:
            return file.read()


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait(found, seconds):
    until = time.monotonic() + seconds
    while not found():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True
