"""A probe that its supervisor runs from slots, with a whole platform: a release stays once it has measured and the platform
knows of it, and one that does not work is gone back from and told of. What was measured meanwhile is not lost."""
import collections
import subprocess

import pytest

from tests.lab.platform import wait_for
from tests.lab.supervised import MODEL, SupervisedProbe, write_broken_release, write_release

LIMIT = 90  # seconds for what must happen


def asked(platform, query):
    done = subprocess.run(["psql", "-h", platform.data / "up/socket", "-U", "tp_migrate", "-d", "trigpoint", "-Atc", query],
                          capture_output=True, text=True, timeout=LIMIT, check=True)
    return done.stdout.splitlines()


def reports(platform):
    """What the probe signed of what it runs, as the platform keeps it, in words."""
    details = asked(platform, "select detail from probe_event where kind = 'version_report' order by id")
    return [detail.split("; signed ")[0] for detail in details]


def wait_reported(platform, words):
    wait_for(lambda: any(words in each for each in reports(platform)), LIMIT, f"a report of {words}")


def numbers_of_results(platform):
    """{count of the probe's starts: numbers of the results that are stored from then, in order}"""
    query = "select seq >> 32, seq & 4294967295 from result_hot union all select seq >> 32, seq & 4294967295 from result_late"
    out = collections.defaultdict(list)
    for line in asked(platform, query):
        start, number = map(int, line.split("|"))
        out[start].append(number)
    return {start: sorted(numbers) for start, numbers in out.items()}


@pytest.fixture(scope="module")
def probe(platform):
    made = platform.probes["p1"] = SupervisedProbe(platform, platform.lab.probes["p1"])
    made.register().install(16, write_release(platform.data, 16))
    return made.start().wait_connected()


@pytest.fixture(scope="module")
def measurement(platform, probe):
    """A ping each second, from now on."""
    return platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": platform.lab.targets["near"].v4, "description": "a ping",
                         "packets": 1, "interval": 1}],
        "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}]})["measurements"][0]


def wait_measures(platform, measurement):
    """Until there is a result from after now."""
    def newest():
        results = platform.api.get(f"/api/v2/measurements/{measurement}/results/")
        return max((one["timestamp"] for one in results), default=0)
    before = newest()
    wait_for(lambda: newest() > before, LIMIT, "a new result")


def test_the_first_release_is_committed_once_it_measured_and_the_platform_knows_of_it(platform, probe):
    wait_reported(platform, f"release 16 of {MODEL} from slot a, committed")
    assert "slot a: release 16, committed <- active" in probe.standing()


def test_the_next_release_takes_over_and_brings_on_what_the_last_one_measured(platform, probe, measurement):
    wait_measures(platform, measurement)
    probe.install(17, write_release(platform.data, 17))
    probe.stop()
    probe.start()
    wait_reported(platform, f"release 17 of {MODEL} from slot b, committed")
    assert "slot a: release 16, committed" in probe.standing()
    wait_measures(platform, measurement)


def test_a_release_that_does_not_work_is_gone_back_from_and_told_of(platform, probe, measurement):
    probe.install(18, write_broken_release(platform.data, 18))
    probe.stop()
    probe.start()
    wait_reported(platform, f"release 17 of {MODEL} from slot b, committed; release 18 failed: ")
    wait_measures(platform, measurement)
    assert "slot b: release 17, committed <- active" in probe.standing()
    assert "slot a: release 18, failed" in probe.standing()


def test_no_update_lost_a_result_or_brought_it_twice(platform, probe, measurement):
    wait_measures(platform, measurement)
    of_starts = numbers_of_results(platform)
    assert len(of_starts) == 3  # with 16, with 17, and again with 17
    for numbers in of_starts.values():
        assert numbers == list(range(len(numbers)))
