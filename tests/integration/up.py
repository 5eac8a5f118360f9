"""`trigpoint up` on ports of its own in a folder of its own, without the laboratory."""
import contextlib
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time

from tests.lab.network import programs_folder
from tests.lab.platform import toml
from tests.lab.process import LabError, Process, tail

READY_LIMIT = 60.0  # seconds until everything serves, the making of the database included
EVENT_LIMIT = 60.0  # seconds for anything else that must happen
STOP_LIMIT = 60.0  # seconds to end in good order
PAUSE = 0.05  # seconds between two looks
COMMAND_LIMIT = 60.0  # seconds for one command


def wait_for(condition, what, limit=EVENT_LIMIT):
    """Waits until condition() is true, and returns what it said."""
    ends = time.monotonic() + limit
    while True:
        said = condition()
        if said:
            return said
        assert time.monotonic() < ends, f"{what}: not within {limit:.0f} s"
        time.sleep(PAUSE)


def free_ports(count):
    """Ports that nobody listens on now, distinct."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def free_row(count):
    """The first of `count` free ports in a row, anywhere: another test may be looking for some, too."""
    for start in random.sample(range(20_000, 32_000, count), 12_000 // count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(start, start + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return start
    raise LabError("no free ports")


def descendants_of(folder):
    """Processes whose command line names this folder: {pid: its words}. Zombies are dead."""
    out = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rpartition(") ")[2][:1]
        except OSError:
            continue
        if state != "Z" and any(os.fsencode(folder) in word for word in words):
            out[int(entry.name)] = [word.decode(errors="replace") for word in words if word]
    return out


class Up:
    """One data folder, and the `trigpoint up` that runs on it now."""

    def __init__(self, arguments=(), settings=None, prefix=()):
        # Not pytest's folder: PostgreSQL's user must be able to enter it, and a socket's path is short.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tp-up-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.log = self.folder / "up.log"
        self.arguments = list(arguments)
        self.prefix = list(prefix)  # a command that runs it, as another user
        self.ports = free_ports(3)
        self.config = self.folder / "up.toml"
        self.config.write_text(toml({
            "host": ["127.0.0.1"], "registry.port": self.ports[0], "api.http_port": self.ports[1],
            "api.https_port": self.ports[2], "controllers_port": free_row(2),
            "postgresql.shared_buffers": "16MB", "limits.allow_special_targets": True, **(settings or {})}))
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            if self.process and self.process.running:
                self.process.stop(limit=STOP_LIMIT)
            if error[0]:
                print(tail(self.log, 100))
            wait_for(lambda: not self.running(), "everything of the test ended")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def launch(self):
        """Starts it, and does not wait."""
        self.process = Process([*self.prefix, programs_folder() / "trigpoint", "up", "--data", self.data, "--config", self.config,
                                *self.arguments], log=self.log)
        return self

    def start(self, limit=READY_LIMIT):
        self.launch()
        self.process.wait_ready(limit)
        return self

    def stop(self, number):
        """Ends it by this signal; its exit status."""
        return self.process.stop(number, STOP_LIMIT)

    def running(self):
        """Processes of this platform: those that name its folder, PostgreSQL's own children by their parent."""
        out = descendants_of(self.data)
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if fields[0] != "Z" and int(fields[1]) in out and int(entry.name) not in out:
                out[int(entry.name)] = [f"child of {fields[1]}"]
        return out

    def child(self, name):
        """The process number of a program by its configuration ("registry", "controller-1", ...) or "postgres"."""
        wanted = str(self.data / "run" / f"{name}.toml")
        for pid, words in descendants_of(self.data).items():
            if wanted in words or (name == "postgres" and words[0].endswith("/postgres")):
                return pid
        return None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def key(self):
        return (self.data / "admin.key").read_text().strip()

    def run(self, *arguments, key=None, expect=0, env=None):
        """Runs the command line against this platform; its standard output."""
        done = run_command(*arguments, env={"TRIGPOINT_API": self.url, "TRIGPOINT_KEY": key or self.key, **(env or {})})
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def said(self, pattern):
        return re.search(pattern, self.log.read_text(errors="replace"))


def run_command(*arguments, env=None):
    """Runs `trigpoint` without the caller's own login."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIGPOINT_")}
    return subprocess.run([str(programs_folder() / "trigpoint"), *map(str, arguments)], capture_output=True, text=True,
                          timeout=COMMAND_LIMIT, stdin=subprocess.DEVNULL,
                          env={**clean, "XDG_CONFIG_HOME": "/nonexistent", **(env or {})})
