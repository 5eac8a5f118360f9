"""Pings of the four targets, once and again and again, judged by the known delays."""
import dataclasses
import statistics

from tests.lab.demo.tasks import Task, create, probes_for

INTERVAL = 10  # seconds between two rounds of the periodic pings
ROUNDS = 3
PACKETS = 3
HEAD = ("probe", "delay", "target", "sent", "received", "lost", "min ms", "median ms", "band ms", "ok")


class Ping:
    name = "ping"

    @staticmethod
    def describe(task, result):
        marks = "  ".join(f"{packet['rtt']:.1f}" if "rtt" in packet else str(packet.get("x", packet.get("error", "?")))
                          for packet in result["result"])
        return marks + (f"  (every {INTERVAL} s)" if task.rounds > 1 else "")


def definition(target, af, periodic):
    address = target.v4 if af == 4 else target.v6
    wanted = {"type": "ping", "af": af, "target": address, "packets": PACKETS,
              "description": f"{target.name} over IPv{af}{', periodic' if periodic else ''}"}
    return {**wanted, "interval": INTERVAL} if periodic else wanted


def start(platform):
    """A one-off for every target and family, a periodic one for every target over IPv6, which all probes have."""
    tasks = []
    for af, periodic in ((4, False), (6, False), (6, True)):
        tasks += create(platform, [
            (Task(Ping, one.name, af, probes_for(platform, af), ROUNDS if periodic else 1),
             definition(one, af, periodic)) for one in platform.lab.targets.values()])
    return tasks


def stop(platform, tasks):
    for task in tasks:
        if task.rounds > 1:
            platform.api.delete(f"/api/v2/measurements/{task.number}/")


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
        self.missing += sum(1 for packet in result["result"] if packet.get("x") == "*")
        self.times += [packet["rtt"] for packet in result["result"] if "rtt" in packet]

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


def summarise(platform, tasks):
    rows = []
    for probe in platform.probes.values():
        for target in platform.lab.targets.values():
            row = Row(probe, target, platform.lab.expected_round_trip(probe.place.name, target.name))
            for task in tasks:
                for result in task.results_of(probe) if task.target == target.name else ():
                    row.add(result)
            rows.append(row)
    return rows


def verdict(rows):
    """Everything that is not as it should be, as sentences."""
    wrong = [f"{row.probe.place.name} to {row.target.name}: not as expected" for row in rows if not row.good]
    if not sum(row.missing for row in rows if row.target.loss):
        wrong.append("the lossy target lost nothing")
    return wrong
