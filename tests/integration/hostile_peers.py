"""What hostile peers are made of: the servers as peers call them and as their processes look, the messages that probes say to
them, and floods. Peers call from addresses of 127/8 in the hub, where the servers are.
"""
import collections
import itertools
import os
import subprocess
import threading
import time

from tests.integration.test_bad_days import pids_of
from tests.integration.test_ssh_interop import frame
from tests.lab.network import programs_folder
from tests.lab.platform import CONTROLLER_PORT, REGISTRY_PORT, wait_for
from tests.lab.topology import HUB_V4
from tests.support.ssh_peer import SshPeer, load_key, new_key

LIMIT = 90.0  # seconds for what must happen
DESCRIPTORS = 8  # that a program may have more of than before: connections to the database, a probe that came
MEMORY = 48 << 20  # octets that a flood may leave behind
MEMORY_SANITIZED = 400 << 20  # octets: AddressSanitizer keeps up to 256 MiB of what was freed
REFUSE = 3 << 3 | 2  # the first octet of a refusal, of either server
PING, AF_V4 = 1, 4  # of the protocol
JOB_PAGE, ACKNOWLEDGE = 4 << 3 | 2, 6 << 3 | 2  # the first octets of a controller's messages


class Server:
    """A program of the platform, as peers call it and as its process looks."""

    def __init__(self, platform, name):
        self.platform = platform
        self.subsystem = f"trigpoint-{name.split('-')[0]}"
        number = int(name.split("-")[1]) - 1 if "-" in name else None
        self.at = (HUB_V4, REGISTRY_PORT if number is None else CONTROLLER_PORT + number)
        running = pids_of(self.subsystem, platform.data)
        self.pid = next(pid for pid in running if number is None or self._runs(pid, name))
        self.descriptors_at_first = self.descriptors()

    @staticmethod
    def _runs(pid, name):
        return f"{name}.toml".encode() in open(f"/proc/{pid}/cmdline", "rb").read()

    def memory(self):
        """Octets in use."""
        status = open(f"/proc/{self.pid}/status").read()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def wait_descriptors_given_back(self):
        wait_for(lambda: self.descriptors() <= self.descriptors_at_first + DESCRIPTORS, LIMIT, "descriptors given back")

    def may_grow(self):
        sanitized = b"__asan_init" in (programs_folder() / self.subsystem).read_bytes()
        return MEMORY_SANITIZED if sanitized else MEMORY

    def hello(self, boot_count=1, probe=1, claim_code=b""):
        head = message(1, field(1, 1) + field(2, 1)) + message(2, message(1, b"hostile"))
        if self.subsystem == "trigpoint-registry":
            return frame(message(1, head + field(3, boot_count) + message(4, claim_code)))
        return frame(message(1, head + field(3, probe) + field(4, boot_count)))

    def open(self, source, key=None):
        """In the hub only. Raises Dropped if it does not let us in."""
        peer = SshPeer(self.at, source)
        try:
            return peer.open(key or new_key(), self.subsystem)
        except BaseException:
            peer.close()
            raise

    def ask(self, source, key=None, **said):
        """The answer to a hello with this key. In the hub only."""
        with self.open(source, key) as peer:
            peer.say(self.hello(**said))
            return peer.hear()


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    return varint(number << 3) + varint(value)


def message(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def in_hub(platform, function, *arguments):
    return platform.lab["hub"].call(function, *arguments)


class Flood:
    """Does the same in the hub again and again, from each source in turn, until it is over; counts what came of it."""
    AT_ONCE = 2

    def __init__(self, platform, each, sources):
        self.each = each
        self.sources = itertools.cycle(sources)
        self.outcomes = collections.Counter()
        self.failures = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=in_hub, args=(platform, self._run)) for _ in range(self.AT_ONCE)]

    def __enter__(self):
        self.began = time.monotonic()
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        for one in self.threads:
            one.join()
        self.seconds = time.monotonic() - self.began
        assert not self.failures, self.failures

    def _run(self):
        while not self.over.is_set():
            try:
                self.outcomes[self.each(next(self.sources))] += 1
            except Exception as error:  # told by __exit__
                self.failures.append(error)
                return

    def wait_for(self, outcome, count):
        def seen():
            return self.failures or self.outcomes[outcome] >= count
        wait_for(seen, LIMIT, f"{count} times {outcome}, not {self.outcomes}")


def results_with(measurement, sequences):
    """A batch of pings of which no packet was sent."""
    report = message(1, field(1, 48)) + field(12, AF_V4)
    items = b"".join(message(2, field(1, measurement) + field(2, time.time_ns() + 1000 * number) + field(3, sequence)
                             + field(4, PING) + message(5, report)) for number, sequence in enumerate(sequences))
    return frame(message(2, field(1, 1) + items))


class Impostor:
    """The key of a probe that is off, with a counter of its own choice."""

    def __init__(self, platform, probe, source):
        self.platform = platform
        self.probe = probe
        self.source = source
        self.key = load_key(probe.folder / "state/key")
        self.servers = [Server(platform, "registry"), Server(platform, "controller-1")]

    def log_in(self, boot_count, then=b""):
        """At the registry, then in a session at a controller that ends once it has answered; its answers."""
        return in_hub(self.platform, self._log_in, boot_count, then)

    def _log_in(self, boot_count, then):
        registry, controller = self.servers
        assert registry.ask(self.source, self.key, boot_count=boot_count)[0] != REFUSE
        with controller.open(self.source, self.key) as peer:
            peer.say(controller.hello(boot_count, self.probe.number) + then)
            heard = [peer.hear()]
            while heard[-1] is not None and heard[-1][0] != (ACKNOWLEDGE if then else JOB_PAGE):
                heard.append(peer.hear())
            return heard


def query(platform, sql, role="tp_migrate"):
    """Runs SQL in the database of the platform; the finished process."""
    return subprocess.run(["psql", "-h", platform.data / "up/socket", "-U", role, "-d", "trigpoint", "-Atc", sql],
                          capture_output=True, text=True, timeout=60)


def value(platform, sql):
    done = query(platform, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
