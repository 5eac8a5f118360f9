"""Measurements that were asked for, and their results as they come in."""
import dataclasses
import time

from tests.lab.demo.output import say
from tests.lab.platform import wait_for

RESULTS_LIMIT = 120.0  # seconds until all results are in; they take about 30
POLL_PAUSE = 0.5  # seconds


@dataclasses.dataclass
class Task:
    """One measurement: what was asked of whom, and what has come in."""
    kind: object  # has .describe(task, result)
    target: str
    af: int
    probes: list
    rounds: int = 1
    number: int = 0
    results: dict = dataclasses.field(default_factory=dict)  # (probe's number, timestamp): result

    @property
    def wanted(self):
        return len(self.probes) * self.rounds

    @property
    def complete(self):
        seen = [number for number, _ in self.results]
        return all(seen.count(probe.number) >= self.rounds for probe in self.probes)

    def results_of(self, probe):
        return [result for (number, _), result in self.results.items() if number == probe.number]


def probes_for(platform, af):
    """Those that have this family."""
    return [one for one in platform.probes.values() if af == 6 or one.place.has_v4]


def create(platform, asked):
    """Creates measurements: asked is a list of (task, definition) of one family, all once or all periodic."""
    probes = asked[0][0].probes
    answer = platform.api.post("/api/v2/measurements/", {
        "definitions": [definition for _, definition in asked],
        "is_oneoff": "interval" not in asked[0][1],
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": len(probes)}]})
    for (task, _), number in zip(asked, answer["measurements"]):
        task.number = number
    return [task for task, _ in asked]


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
    except Exception:
        for task in tasks:
            if not task.complete:
                say(f"  measurement {task.number} ({task.kind.name}, IPv{task.af}): {len(task.results)} of {task.wanted}")
        raise
    finally:
        progress.done()


def take(platform, task, progress):
    by_number = {probe.number: probe for probe in task.probes}
    for result in platform.api.get(f"/api/v2/measurements/{task.number}/results/"):
        key = result["prb_id"], result["timestamp"]
        if key not in task.results:
            task.results[key] = result
            name = by_number[result["prb_id"]].place.name
            progress.line(f"  {name}  {task.kind.name:<10}  {task.target:<12}  IPv{task.af}  "
                          f"{task.kind.describe(task, result)}")
