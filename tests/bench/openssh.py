"""OpenSSH's server with many idle sessions, as something to compare with."""
import getpass
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from tests.bench.machine import processor_seconds_of_tree, tree
from tests.bench.platform_here import free_ports

# Not among deploy/dependencies: to install Debian's package is to run a server on port 22.
PROGRAM = shutil.which("sshd") or "/usr/sbin/sshd"
START_LIMIT = 20.0    # seconds
LOGIN_LIMIT = 120.0   # seconds for all of them


def proportional_memory(pid):
    """Octets of memory, what is shared divided among those who share it."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1)) * 1024


class Sshd:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tp-sshd-")
        path = pathlib.Path(self.folder.name)
        self.port, = free_ports(1)
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # where it locks up those who have not logged in
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path / name], check=True)
        (path / "authorized").write_text((path / "user.pub").read_text())
        (path / "authorized").chmod(0o600)
        (path / "config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {path}/host\nAuthorizedKeysFile {path}/authorized\n"
            "StrictModes no\nUsePAM no\nPermitRootLogin yes\nMaxStartups 1000\nPidFile none\n"
            "Subsystem sftp internal-sftp\n")
        self.log = (path / "log").open("w")
        self.process = subprocess.Popen([PROGRAM, "-D", "-e", "-f", path / "config"], stderr=self.log)
        self.path = path
        ends = time.monotonic() + START_LIMIT
        while socket.socket().connect_ex(("127.0.0.1", self.port)) != 0:
            if time.monotonic() > ends or self.process.poll() is not None:
                raise RuntimeError("sshd does not serve:\n" + (path / "log").read_text())
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def is_there():
    return os.access(PROGRAM, os.X_OK)


def hold(sessions):
    """Memory of a session in octets, and processor seconds of a login."""
    with Sshd() as server:
        pid = server.process.pid
        before = sum(map(proportional_memory, tree(pid))), processor_seconds_of_tree(pid)
        client = ["ssh", "-F", "none", "-i", server.path / "user", "-o", "StrictHostKeyChecking=no", "-o",
                  "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-p", str(server.port), "-s",
                  f"{getpass.getuser()}@127.0.0.1", "sftp"]
        held = []
        try:
            ends = time.monotonic() + LOGIN_LIMIT
            for _ in range(sessions):
                held.append(subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
                held[-1].stdin.write(b"\0\0\0\5\1\0\0\0\3")  # SSH_FXP_INIT: its answer says that the session stands
                held[-1].stdin.flush()
                if time.monotonic() > ends or not held[-1].stdout.read(4):
                    raise RuntimeError("sshd lets nobody in:\n" + (server.path / "log").read_text()[-2000:])
            after = sum(map(proportional_memory, tree(pid))), processor_seconds_of_tree(pid)
        finally:
            for each in held:
                each.kill()
                each.wait()
                each.stdin.close()
                each.stdout.close()
    return (after[0] - before[0]) / sessions, (after[1] - before[1]) / sessions
