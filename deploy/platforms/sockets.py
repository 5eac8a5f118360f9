"""Runs a program in a network of its own, and tells on which sockets something would hear a stranger."""
import os
import pathlib
import signal
import subprocess
import time

START_LIMIT = 60.0  # seconds until the program has said that it is at work, under emulation, too
STOP_LIMIT = 30.0  # seconds to end
PAUSE = 0.1  # seconds between two looks
SETTLED = 20  # looks after that
TCP_LISTEN, UDP_UNCONNECTED, UNIX_LISTENS = "0A", "07", 0x10000
# What the program may look for is there, and leads nowhere.
NETWORK = "ip link set lo up && ip addr add 198.18.0.2/32 dev lo && ip route add default dev lo && exec \"$@\""


class NotStarted(Exception):
    """It did not do what it was to be looked at for."""


def run(command):
    """A command that ends by itself. Raises NotStarted."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=START_LIMIT)
    if done.returncode != 0:
        raise NotStarted(done.stdout + done.stderr)


def listening(pid):
    """Sockets in the network of that process that hear whoever comes, in words."""
    tables = pathlib.Path(f"/proc/{pid}/net")
    found = []
    for name, state in (("tcp", TCP_LISTEN), ("tcp6", TCP_LISTEN), ("udp", UDP_UNCONNECTED), ("udp6", UDP_UNCONNECTED),
                        ("udplite", UDP_UNCONNECTED), ("udplite6", UDP_UNCONNECTED)):
        if (tables / name).exists():
            rows = [line.split() for line in (tables / name).read_text().splitlines()[1:]]
            found += [f"{name} port {int(row[1].rpartition(':')[2], 16)}" for row in rows if row[3] == state]
    for row in [line.split() for line in (tables / "unix").read_text().splitlines()[1:]]:
        if int(row[3], 16) & UNIX_LISTENS:
            found.append(f"unix socket {row[7] if len(row) > 7 else row[6]}")
    return found


def heard_while_running(command, said, log):
    """Runs it until its log has `said`, and a while on; all sockets that it ever listened on. Raises NotStarted."""
    own = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    with open(log, "wb") as output:
        process = subprocess.Popen([*own, "sh", "-c", NETWORK, "sh", *map(str, command)], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        return _watch(process, said, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _watch(process, said, log):
    found, looks, ends = set(), 0, time.monotonic() + START_LIMIT
    home = os.readlink("/proc/self/ns/net")
    while looks < SETTLED:
        text = pathlib.Path(log).read_text(errors="replace")
        if process.poll() is not None or time.monotonic() > ends:
            raise NotStarted(f"it never said \"{said}\", or ended:\n{text[-1000:]}")
        if os.readlink(f"/proc/{process.pid}/ns/net") != home:
            found.update(listening(process.pid))
        looks += said in text
        time.sleep(PAUSE)
    return sorted(found)
