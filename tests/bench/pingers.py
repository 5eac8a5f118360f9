"""Our engine and its peers, run in a namespace: what each reported, and what it cost."""
import dataclasses
import json
import os
import re
import subprocess
import time

from tests.lab.network import programs_folder

LIMIT = 180  # seconds for one program


@dataclasses.dataclass
class Finished:
    out: str
    err: str
    wall: float
    cpu: float  # user and system seconds of the program itself


def run(namespace, argv, environment=None):
    """Runs a program to its end and takes its processor time from the kernel."""
    out, err = namespace.network.data / "out", namespace.network.data / "err"
    with out.open("w") as to, err.open("w") as errors:
        began = time.monotonic()
        process = subprocess.Popen(namespace.command(["timeout", LIMIT, *argv]), stdout=to,
                                   stderr=errors, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    return Finished(out.read_text(), err.read_text(), wall, used.ru_utime + used.ru_stime)


@dataclasses.dataclass
class Load:
    """Targets that follow `first`; each is sent `packets` packets, `interval` milliseconds apart."""
    first: str
    count: int
    packets: int
    interval: int

    def addresses(self):
        head, last = self.first.rsplit(".", 1)
        base = [int(part) for part in head.split(".")]
        number = ((base[0] * 256 + base[1]) * 256 + base[2]) * 256 + int(last)
        return [".".join(str((number + i) >> shift & 255) for shift in (24, 16, 8, 0)) for i in range(self.count)]


def engine(namespace, kind, **words):
    """trigpoint-bench-engine: (what it printed, its line of figures). None if this build does not measure the type."""
    said = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in words.items()]
    done = run(namespace, [programs_folder() / "trigpoint-bench-engine", kind, *said])
    if "not built" in done.err or "no such type" in done.err:
        return None
    lines = done.out.splitlines()
    if not lines:
        raise RuntimeError(f"trigpoint-bench-engine {kind} {' '.join(said)}: {done.err}")
    figures = json.loads(lines[-1])
    figures["cpu"] = done.cpu
    if figures["failed"]:
        raise RuntimeError(f"{figures['failed']} runs failed: {figures['first_failure']}")
    return lines[:-1], figures


def ours(namespace, load):
    lines, _ = engine(namespace, "ping", first=load.first, count=load.count, packets=load.packets,
                      packet_interval=load.interval, spread=load.interval, print=True)
    return by_address(lines)


def by_address(lines):
    """{address: [nanoseconds or None]} of what our program printed."""
    found = {}
    for line in lines:
        address, length = line.split()
        found.setdefault(address, []).append(None if length == "*" else int(length))
    return found


def scamper(namespace, load):
    targets = namespace.network.data / "targets"
    targets.write_text("\n".join(load.addresses()) + "\n")
    done = run(namespace, ["scamper", "-p", "1000", "-O", "text", "-c",
                           f"ping -c {load.packets} -i {max(1, load.interval // 1000)}", "-f", targets])
    found, address = {}, None
    for line in done.out.splitlines():
        if line.startswith("ping "):
            address = line.split(" to ")[1].split()[0].rstrip(":")
            found[address] = [None] * load.packets
        elif match := re.search(r"seq=(\d+).* time=([\d.]+) ms", line):
            found[address][int(match[1])] = float(match[2]) * 1e6
    return found


def fping(namespace, load):
    done = run(namespace, ["fping", "-q", "-C", str(load.packets), "-p", str(load.interval), "-i",
                           str(max(1, load.interval // load.count)), "-r", "0", *load.addresses()])
    found = {}
    for line in done.err.splitlines():
        if match := re.match(r"(\S+)\s+: (.*)", line):
            found[match[1]] = [None if word == "-" else float(word) * 1e6 for word in match[2].split()]
    return found


def iputils(namespace, load):
    """One target, as many packets as the others send in all."""
    packets = load.count * load.packets
    done = run(namespace, ["ping", "-n", "-c", str(packets), "-i", str(load.interval * load.packets / packets / 1000),
                           load.first])
    found = [None] * packets
    for match in re.finditer(r"icmp_seq=(\d+) .*time=([\d.]+) ms", done.out):
        found[int(match[1]) - 1] = float(match[2]) * 1e6
    return {load.first: found}
