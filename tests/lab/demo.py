"""`make demo`: the whole platform in a small Internet on this machine; pings from every probe, judged by known delays.

Exit status 0 only if every round trip lies in the band of its probe's and its target's delay, the lossy target lost
packets, and the dead one answered nothing.
"""
import dataclasses
import statistics
import sys
import time

from tests.lab import network
from tests.lab.platform import Platform, wait_for
from tests.lab.process import LabError
from tests.lab.topology import Lab

INTERVAL = 10  # seconds between two rounds of the periodic pings
ROUNDS = 3
PACKETS = 3
RESULTS_LIMIT = 90.0  # seconds until all results are in; they take about 30
POLL_PAUSE = 0.5  # seconds


def say(text=""):
    print(text, flush=True)


class Progress:
    """A line at the bottom that keeps changing on a terminal; nothing elsewhere."""

    def __init__(self):
        self._terminal = sys.stdout.isatty()

    def line(self, text):
        self._clear()
        say(text)

    def show(self, text):
        if self._terminal:
            print(f"\r\033[K{text}", end="", flush=True)

    def _clear(self):
        if self._terminal:
            print("\r\033[K", end="")

    done = _clear


@dataclasses.dataclass
class Task:
    """One measurement: what was asked, and what has come in."""
    number: int
    target: str
    af: int
    probes: list
    rounds: int  # 0: one-off
    results: dict = dataclasses.field(default_factory=dict)  # (probe's number, timestamp): result

    @property
    def wanted(self):
        return len(self.probes) * max(1, self.rounds)

    @property
    def complete(self):
        seen = [number for number, _ in self.results]
        return all(seen.count(probe.number) >= max(1, self.rounds) for probe in self.probes)


def definition(target, af, periodic):
    address = target.v4 if af == 4 else target.v6
    wanted = {"type": "ping", "af": af, "target": address, "packets": PACKETS, "is_oneoff": not periodic,
              "description": f"{target.name} over IPv{af}{', periodic' if periodic else ''}"}
    return {**wanted, "interval": INTERVAL} if periodic else wanted


def start_measurements(platform):
    """A one-off for every target and family, a periodic one for every target over IPv6, which all probes have."""
    tasks = []
    for periodic in (False, True):
        for af in (6,) if periodic else (4, 6):
            probes = [one for one in platform.probes.values() if af == 6 or one.place.has_v4]
            targets = list(platform.lab.targets.values())
            answer = platform.api.post("/api/v2/measurements/", {
                "definitions": [definition(one, af, periodic) for one in targets],
                "is_oneoff": not periodic,
                "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes),
                            "requested": len(probes)}]})
            tasks += [Task(number, one.name, af, probes, ROUNDS if periodic else 0)
                      for number, one in zip(answer["measurements"], targets)]
    return tasks


def round_trips(result):
    return [packet["rtt"] for packet in result["result"] if "rtt" in packet]


def lost(result):
    return sum(1 for packet in result["result"] if packet.get("x") == "*")


def describe(task, probe, result):
    marks = "  ".join(f"{packet['rtt']:.1f}" if "rtt" in packet else str(packet.get("x", packet.get("error", "?")))
                      for packet in result["result"])
    kind = "periodic" if task.rounds else "one-off"
    return f"  {probe.place.name}  {task.target:<5}  IPv{task.af}  {kind:<8}  {marks}"


def collect(platform, tasks, progress):
    """Reads results until all are in, and shows each as it comes."""
    begun = time.monotonic()
    total = sum(task.wanted for task in tasks)

    def step():
        for task in tasks:
            if not task.complete:
                take(platform, task, progress)
        count = sum(len(task.results) for task in tasks)
        progress.show(f"  {count} of {total} results, {time.monotonic() - begun:.0f} s")
        return all(task.complete for task in tasks)
    try:
        wait_for(step, RESULTS_LIMIT, "all results", POLL_PAUSE)
    finally:
        progress.done()


def take(platform, task, progress):
    by_number = {probe.number: probe for probe in task.probes}
    for result in platform.api.get(f"/api/v2/measurements/{task.number}/results/"):
        key = result["prb_id"], result["timestamp"]
        if key not in task.results:
            task.results[key] = result
            progress.line(describe(task, by_number[result["prb_id"]], result))


@dataclasses.dataclass
class Row:
    """All that one probe measured towards one target."""
    probe: object
    target: object
    band: tuple
    sent: int = 0
    missing: int = 0
    times: list = dataclasses.field(default_factory=list)

    def add(self, result):
        self.sent += len(result["result"])
        self.missing += lost(result)
        self.times += round_trips(result)

    @property
    def good(self):
        if self.sent == 0 or self.missing + len(self.times) != self.sent:
            return False  # an error of another kind
        if not self.target.answers:
            return not self.times
        low, high = self.band
        return bool(self.times) and all(low <= one <= high for one in self.times)

    def cells(self):
        low, high = self.band
        band = f"{low:.0f}-{high:.0f}" if self.target.answers else "silence"
        share = f"{100 * self.missing / self.sent:.0f} %" if self.sent else "-"
        return (self.probe.place.name, f"{self.probe.place.round_trip} ms", self.target.name, str(self.sent),
                str(len(self.times)), share, f"{min(self.times):.2f}" if self.times else "*",
                f"{statistics.median(self.times):.2f}" if self.times else "*", band, "yes" if self.good else "NO")


def summarise(lab, probes, tasks):
    rows = []
    for probe in probes:
        for target in lab.targets.values():
            row = Row(probe, target, lab.expected_round_trip(probe.place.name, target.name))
            for task in tasks:
                for (number, _), result in task.results.items():
                    if task.target == target.name and number == probe.number:
                        row.add(result)
            rows.append(row)
    return rows


HEAD = ("probe", "delay", "target", "sent", "received", "lost", "min ms", "median ms", "band ms", "ok")


def print_table(rows):
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def verdict(rows):
    """Everything that is not as it should be, as sentences."""
    wrong = [f"{row.probe.place.name} to {row.target.name}: not as expected" for row in rows if not row.good]
    if not sum(row.missing for row in rows if row.target.loss):
        wrong.append("the lossy target lost nothing")
    return wrong


def run(platform):
    say(f"Starting {len(platform.lab.probes)} probes ...")
    for name in platform.lab.probes:
        platform.add_probe(name)
    probes = list(platform.probes.values())
    for probe in probes:
        probe.wait_connected()
        families = "IPv4 and IPv6" if probe.place.has_v4 else "IPv6 only"
        say(f"  {probe.place.name} is probe {probe.number}: {probe.place.country}, AS{probe.place.asn}, {families}, "
            f"{probe.place.round_trip} ms away")
    tasks = start_measurements(platform)
    say(f"{len(tasks)} measurements: near, far, lossy and dead target, once, and {ROUNDS} rounds {INTERVAL} s apart; "
        "round trips in ms, * is no answer")
    collect(platform, tasks, Progress())
    for task in tasks:
        if task.rounds:
            platform.api.delete(f"/api/v2/measurements/{task.number}/")
    rows = summarise(platform.lab, probes, tasks)
    say()
    print_table(rows)
    return verdict(rows)


def main():
    begun = time.monotonic()
    say("Making a laboratory: a hub, five probes behind routers, four targets ...")
    try:
        with Lab(ping_sockets=True) as lab:
            say("Starting the platform: PostgreSQL, registry, two controllers, API ...")
            with Platform(lab) as platform:
                try:
                    wrong = run(platform)
                except LabError:
                    say(platform.logs())
                    raise
                say("\nStopping ...")
    except LabError as error:
        say(f"demo: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted; everything is stopped.")
        return 130
    for one in wrong:
        say(f"demo: {one}")
    say(f"{'All is well' if not wrong else 'Not well'}, after {time.monotonic() - begun:.0f} s."
        + (" (Without root, in a user namespace.)" if network.rootless else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
