"""Everything is killed in turn while five probes measure every second: nothing that was taken is lost, nothing is doubled.

A result's sequence is the probe's boot counter and a counter that rises by one with each result that went to the spool. So
a result that got lost leaves a gap in the stored sequences of its boot, and one stored twice is there twice.
"""
import collections
import os
import signal
import subprocess
import time

import pytest

from tests.lab.platform import wait_for

KILL_EVERY = 6.0  # seconds between two deaths
SETTLE_LIMIT = 90.0  # seconds until everyone measures again
PROGRAMS = ["trigpoint-registry", "trigpoint-controller", "trigpoint-api", "postgres", "trigpoint-probe"]


def pids_of(program, folder):
    """Processes that run this program of ours (or the platform's PostgreSQL), the oldest first."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            path = os.readlink(f"/proc/{entry}/exe")
            words = open(f"/proc/{entry}/cmdline", "rb").read().split(b"\0")
        except OSError:
            continue
        ours = any(word.startswith(os.fsencode(folder)) for word in words)
        if os.path.basename(path) == program and ours:
            found.append(int(entry))
    return sorted(found)


def stored(platform):
    """(probe, sequence) of every stored result, as often as it is stored."""
    query = "select probe_id, seq from result_hot union all select probe_id, seq from result_late"
    done = subprocess.run(["psql", "-h", platform.data / "up/socket", "-U", "tp_migrate", "-d", "trigpoint", "-Atc", query],
                          capture_output=True, text=True, timeout=60, check=True)
    return [tuple(map(int, line.split("|"))) for line in done.stdout.split()]


@pytest.fixture(scope="module")
def probes(platform):
    for name in platform.lab.probes:
        platform.add_probe(name)
    return [probe.wait_connected() for probe in platform.probes.values()]


def kill_one(program, platform, probes, round_number):
    if program == "trigpoint-probe":
        probe = probes[round_number % len(probes)]
        probe.kill()
        probe.start()
        return
    running = pids_of(program, platform.data)
    assert running, f"{program} is not running"
    os.kill(running[round_number % len(running) if program == "trigpoint-controller" else 0], signal.SIGKILL)


def test_killing_everything_in_turn_loses_and_doubles_nothing(platform, probes):
    near = platform.lab.targets["near"]
    created = []
    for af, address, asked in ((4, near.v4, [p for p in probes if p.place.v4]), (6, near.v6, [p for p in probes if not p.place.v4])):
        answer = platform.api.post("/api/v2/measurements/", {
            "definitions": [{"type": "ping", "af": af, "target": str(address), "description": "bad days", "packets": 1,
                             "interval": 1}],
            "probes": [{"type": "probes", "value": ",".join(str(p.number) for p in asked), "requested": len(asked)}]})
        created.append((answer["measurements"][0], asked))

    def answered(since=0):
        """Probes whose newest result is newer than `since`."""
        seen = set()
        for number, _ in created:
            try:
                for result in platform.api.get(f"/api/v2/measurements/{number}/latest/"):
                    if result["timestamp"] > since:
                        seen.add(result["prb_id"])
            except Exception:  # the API may be the one that is dead
                return set()
        return seen

    everyone = {probe.number for probe in probes}
    wait_for(lambda: answered() == everyone, SETTLE_LIMIT, "a first result of every probe")
    for round_number in range(2):
        for program in PROGRAMS:
            kill_one(program, platform, probes, round_number)
            time.sleep(KILL_EVERY)  # the load of this test: a minute of measuring and dying

    settled = time.time()
    wait_for(lambda: answered(settled) == everyone, SETTLE_LIMIT, "everyone measuring again")
    for number, _ in created:
        platform.api.delete(f"/api/v2/measurements/{number}/")

    def complete():
        """The missing sequences of each probe and boot, once the spools are empty: the newest result is as new as the stop."""
        rows = stored(platform)
        gaps = missing(rows)
        return None if gaps else rows

    try:
        rows = wait_for(complete, SETTLE_LIMIT, "every result that was taken being stored")
    except Exception:
        print(missing(stored(platform)))
        raise
    twice = [key for key, count in collections.Counter(rows).items() if count > 1]
    assert not twice
    boots = collections.Counter(sequence >> 32 for _, sequence in set(rows))
    assert len(boots) >= 2, "a probe that was killed counts a new boot"


def missing(rows):
    counters = collections.defaultdict(set)
    for probe, sequence in rows:
        counters[probe, sequence >> 32].add(sequence & 0xffffffff)
    gaps = {}
    for key, seen in counters.items():
        absent = set(range(max(seen) + 1)) - seen
        if absent:
            gaps[key] = sorted(absent)[:20]
    return gaps
