"""Networks in namespaces: hosts, links, delay; gone with the process that made them, whatever ends it.

The calling process moves into a mount namespace of its own (and a user namespace, if it is not root), so that the named
network namespaces exist for it and its children only. Nothing can be left behind on the machine.
"""
import ctypes
import dataclasses
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from tests.lab.process import LabError, Process, identity_arguments

COMMAND_LIMIT = 30.0  # seconds for one `ip` batch, or for a program that run() waits for
READY_LIMIT = 20.0  # seconds for a delay program to come up
FOLDER = pathlib.Path("/run/netns")  # where iproute2 keeps the names

RESOLV_SCRIPT = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
RESOLV_CONF = pathlib.Path("/etc/resolv.conf")  # may be a link to a file under /run

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000

_libc = ctypes.CDLL(None, use_errno=True)
_counter = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Rootless:
    """Who we were before we became root of a user namespace."""
    uid: int
    gid: int


_private = False
rootless = None  # Rootless, once enter_private() found that we are not root


def _check(outcome, what):
    if outcome != 0:
        number = ctypes.get_errno()
        raise LabError(f"{what}: {os.strerror(number)}")


def _mount(kind, where, flags):
    _check(_libc.mount(kind.encode(), str(where).encode(), kind.encode(), flags, None), f"mounting {where}")


def enter_private():
    """Moves this process into namespaces of its own, once. Without root the process must have one thread still."""
    global _private, rootless
    if _private:
        return
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise LabError("/dev/net/tun cannot be opened; the laboratory needs it for links with delay")
    if os.geteuid() == 0:
        _check(_libc.unshare(CLONE_NEWNS), "unshare")
        _mount("none", "/", MS_REC | MS_PRIVATE)
        FOLDER.mkdir(exist_ok=True)
        _mount("tmpfs", FOLDER, 0)
    else:
        rootless = Rootless(os.geteuid(), os.getegid())
        _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET),
               "unshare (are user namespaces allowed? root needs none)")
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {rootless.uid} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {rootless.gid} 1")
        _mount("none", "/", MS_REC | MS_PRIVATE)
        _mount("tmpfs", "/run", 0)
        FOLDER.mkdir()
        if RESOLV_CONF.is_symlink() and not RESOLV_CONF.exists():  # it has just gone
            place = RESOLV_CONF.resolve()
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    _private = True


def enter_network(path):
    """Moves the calling thread into the network namespace at `path`, for good."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(descriptor, CLONE_NEWNET), f"entering {path}")
    finally:
        os.close(descriptor)


def programs_folder():
    """Where the built programs are: $TRIGPOINT_PROGRAMS."""
    try:
        return pathlib.Path(os.environ["TRIGPOINT_PROGRAMS"]).resolve()
    except KeyError:
        raise LabError("set TRIGPOINT_PROGRAMS to the folder with the built programs (build/PRESET/bin)") from None


def _ip(arguments, lines):
    done = subprocess.run(["ip", *arguments, "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                          capture_output=True, timeout=COMMAND_LIMIT)
    if done.returncode != 0:
        raise LabError(f"ip {' '.join(arguments)}: {done.stderr.strip()}\nin\n" + "\n".join(lines))


@dataclasses.dataclass(frozen=True)
class Shape:
    """One direction of a link: milliseconds, milliseconds, share."""
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0

    def __str__(self):
        return f"{self.delay},{self.jitter},{self.loss}"


class Namespace:
    """A host of the laboratory: a network namespace."""

    def __init__(self, network, name):
        self.network = network
        self.name = name
        self.full_name = network.prefix + name
        self.path = FOLDER / self.full_name

    def ip(self, *lines):
        """Runs lines of `ip` (without the word) in here, all in one process."""
        _ip(["-n", self.full_name], lines)

    def sysctl(self, settings):
        """Sets {"net.ipv4.ip_forward": 1, ...}. Those that this kernel has not, or not for us, are passed over."""
        def write():
            for name, value in settings.items():
                try:
                    pathlib.Path("/proc/sys", *name.split("/")).write_text(str(value))
                except (FileNotFoundError, PermissionError):
                    pass
        self.call(write)

    def call(self, function, *arguments):
        """Runs a Python function in a thread of its own inside this namespace, and returns its outcome."""
        outcome = []

        def work():
            try:
                enter_network(self.path)
                outcome.append((function(*arguments), None))
            except BaseException as error:  # handed on to the caller below
                outcome.append((None, error))
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        value, error = outcome[0]
        if error is not None:
            raise error
        return value

    def command(self, argv, user=None, capabilities=(), resolv_conf=None):
        """`resolv_conf`: the file that the program finds as /etc/resolv.conf."""
        own_file = [] if resolv_conf is None else ["unshare", "--mount", "sh", "-c", RESOLV_SCRIPT, resolv_conf]
        return ["nsenter", f"--net={self.path}", *map(str, own_file),
                *identity_arguments(user, capabilities, rootless), *map(str, argv)]

    def run(self, argv, user=None, capabilities=(), limit=COMMAND_LIMIT, environment=None, check=True):
        """Runs a program to its end; its output as text. Raises LabError unless it succeeds or `check` is off."""
        done = subprocess.run(self.command(argv, user, capabilities), capture_output=True, text=True, timeout=limit,
                              stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(map(str, argv))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, argv, user=None, capabilities=(), log=None, environment=None, resolv_conf=None):
        """Starts a program that the network stops at its end, if nobody did before. From the main thread only."""
        log = log or self.network.data / f"{self.name}-{pathlib.Path(str(argv[0])).name}.log"
        process = Process(self.command(argv, user, capabilities, resolv_conf), log, environment)
        self.network.processes.append(process)
        return process

    def inode(self):
        return os.stat(self.path).st_ino


def run_in(namespace, argv, **options):
    """Namespace.run() as a function."""
    return namespace.run(argv, **options)


class Network:
    """A set of namespaces and links. Use it with `with`; `data` is its folder for logs (a new one if None)."""

    def __init__(self, data=None):
        self.prefix = f"tp{os.getpid()}-{next(_counter)}-"
        self._made_data = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="trigpoint-lab-"))
        self.data.chmod(0o755)  # programs that leave root's rights behind live in it, too
        self.namespaces = {}
        self.processes = []
        self._old_handler = None

    def __enter__(self):
        enter_private()
        if threading.current_thread() is threading.main_thread() and \
                signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._old_handler = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        try:
            self.build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error):
        self.close()

    def build(self):
        """For networks with a topology of their own: what is to be made on entering."""

    def __getitem__(self, name):
        return self.namespaces[name]

    def add(self, *names, settings=None):
        """Makes namespaces, with the loopback device up and the kernel's settings given."""
        made = [Namespace(self, name) for name in names]
        _ip([], [f"netns add {one.full_name}" for one in made])
        for one in made:
            self.namespaces[one.name] = one
            one.sysctl(settings or {})
            one.ip("link set lo up")
        return made

    def veth(self, *pairs):
        """Makes cables: ((namespace, device), (namespace, device)) each, both ends up."""
        _ip([], [f"link add {a_device} netns {a.full_name} type veth peer name {b_device} netns {b.full_name}"
                 for (a, a_device), (b, b_device) in pairs])
        for ends in pairs:
            for one, device in ends:
                one.ip(f"link set dev {device} up")

    def delay(self, *links):
        """Makes links with delay: ((namespace, device), (namespace, device), shape there, shape back, seed) each.

        Returns their processes: stopping one cuts the link for good; so does SIGSTOP until SIGCONT.
        """
        program = programs_folder() / "trigpoint-lab-delay"
        started = []
        for (a, a_device), (b, b_device), there, back, seed in links:
            argv = [program, "--a", f"{a.path},{a_device}", "--b",
                    f"{b.path},{b_device}", "--ab", there, "--ba", back, "--seed", seed]
            started.append(Process(argv, self.data / f"delay-{a.name}-{b.name}.log"))
            self.processes.append(started[-1])
        for process in started:
            process.wait_ready(READY_LIMIT)
        for (a, a_device), (b, b_device), *_ in links:
            a.ip(f"link set dev {a_device} up")
            b.ip(f"link set dev {b_device} up")
        return started

    def inhabitants(self):
        """The ids of all processes inside our namespaces, whoever started them."""
        inodes = {one.inode() for one in self.namespaces.values() if one.path.exists()}
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.stat(entry / "ns/net").st_ino in inodes:
                    found.append(int(entry.name))
            except OSError:
                continue  # it ended, or is not ours
        return found

    def close(self):
        """Stops every process, removes every namespace. May be called more than once."""
        for process in reversed(self.processes):
            process.send(signal.SIGTERM)
        for process in reversed(self.processes):
            process.stop()
        self.processes.clear()
        for number in self.inhabitants():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for one in self.namespaces.values():
            if one.path.exists():
                subprocess.run(["ip", "netns", "del", one.full_name], timeout=COMMAND_LIMIT, check=False)
        self.namespaces.clear()
        if self._old_handler is not None:
            signal.signal(signal.SIGTERM, self._old_handler)
            self._old_handler = None
        if self._made_data:
            shutil.rmtree(self.data, ignore_errors=True)
