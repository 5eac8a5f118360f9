"""2,000 simulated probes on one controller, 10,000 results a second into PostgreSQL; every acknowledged one is there."""
import json
import subprocess

from tests.bench.machine import processes, processor_seconds, with_children
from tests.bench.platform_here import PlatformHere
from tests.bench.record import Table

PROBES, RATE, SECONDS = 2000, 10_000, 20
RUN_LIMIT = 300.0  # seconds


def run():
    table = Table("load")
    with PlatformHere() as platform:
        controller = processes("trigpoint-controller", platform.path)[0]
        server = processes("postgres", platform.path)[0]

        def used():
            return {"the controller": processor_seconds(controller), "PostgreSQL": with_children(server)}
        before = used()
        done = subprocess.run([platform.programs / "trigpoint-bench-probes", "--database", platform.database(), "--probes",
                               str(PROBES), "--rate", str(RATE), "--seconds", str(SECONDS)], text=True,
                              capture_output=True, timeout=RUN_LIMIT)
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-4000:])
        said = json.loads(done.stdout.strip().splitlines()[-1])
        after = used()
        stored = platform.count_results()
    table.add("probes connected", said["connected"], "", bar=PROBES, at_most=False)
    table.add("acknowledged", said["acknowledged"] / said["seconds"], "results/s", bar=0.95 * RATE, at_most=False)
    table.add("acknowledged and not stored", max(0, said["acknowledged"] - stored), "results", bar=0)
    for name in after:
        table.add(f"processor time of {name}", (after[name] - before[name]) / said["acknowledged"] * 1e6, "us/result")
    table.show()


if __name__ == "__main__":
    run()
