"""300 simulated probes that fetch the same 5 MB file of the repository through one controller, all at once."""
import json
import os
import subprocess

from tests.bench.machine import highest, processes, processor_seconds, reset_highest, resident
from tests.bench.platform_here import PlatformHere
from tests.bench.record import Table
from tests.support.tuf_repository import Repository

PROBES, SIZE = 300, 5_000_000
RATE_LIMIT = 500_000_000 / 8  # octets a second: firmware.total_bits_per_second, as it is by default
MEMORY_LIMIT = (64 + 32) << 20  # octets: the cache, and parts under way
RUN_LIMIT = 600.0  # seconds


def repository(folder):
    """A repository with one target; its path."""
    made = Repository()
    made.add_target("targets", "file", os.urandom(SIZE))
    made.release("targets")
    for part, files in (("metadata", made.metadata), ("targets", made.targets)):
        (folder / part).mkdir(parents=True)
        for name, octets in files.items():
            (folder / part / name).write_bytes(octets)
    return f"targets/{next(iter(made.targets))}"


def run():
    table = Table("relay")
    with PlatformHere() as platform:
        controller = processes("trigpoint-controller", platform.path)[0]
        target = repository(platform.path / "repository")
        platform.command("firmware", "publish", platform.path / "repository")
        before, used = resident(controller), processor_seconds(controller)
        reset_highest(controller)
        done = subprocess.run([platform.programs / "trigpoint-bench-probes", "--database", platform.database(), "--probes",
                               str(PROBES), "--measurements", "1", "--fetch", target], text=True,
                              capture_output=True, timeout=RUN_LIMIT)
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-4000:])
        said = json.loads(done.stdout.strip().splitlines()[-1])
        more, spent = highest(controller) - before, processor_seconds(controller) - used
    table.add("octets relayed", said["octets"], "", bar=PROBES * SIZE, at_most=False)
    table.add("rate", said["octets"] / said["seconds"] / 1e6, "MB/s", peer=RATE_LIMIT / 1e6, peer_name="limit")
    table.add("memory of the controller, at its highest", more / 1e6, "MB", bar=1.0, peer=MEMORY_LIMIT / 1e6, peer_name="limit")
    table.add("requests that were put off", said["put_off"] / PROBES, "per probe")
    table.add("processor time of the controller", spent / said["octets"] * 1e9, "s/GB")
    table.show()


if __name__ == "__main__":
    run()
