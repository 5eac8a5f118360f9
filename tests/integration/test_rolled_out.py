"""Rollouts all the way: officers sign a release, operators approve it, and it goes from the director by a controller and the
session into the slots of two real probes, which run it, say so, and are done; or go back from it. A ping goes on meanwhile.
"""
import pytest

from tests.lab.platform import wait_for
from tests.lab.rollouts import LIMIT, SOAK, WAVES, Operators, Releases, start_ping, wait_measuring, wait_running
from tests.lab.supervised import SupervisedProbe, write_broken_release, write_small_release

FIRST, FORCED, LAZY, BROKEN, BACK = range(16, 21)
PLACES = "p1", "p2"


@pytest.fixture(scope="module")
def releases(lab):
    return Releases(lab)


@pytest.fixture(scope="module")
def settings(releases):
    return releases.platform_settings


class Fleet:
    """Both probes with the first release, those who lead rollouts, and the ping."""

    def __init__(self, platform, releases):
        self.platform, self.releases = platform, releases
        self.first = write_small_release(releases.folder, FIRST)
        self.probes = [self._add(name) for name in PLACES]
        for probe in self.probes:
            probe.wait_connected()
        self.operators = Operators(platform)
        self.ping = start_ping(platform, self.probes)
        wait_running(self.probes, FIRST)

    def _add(self, name):
        settings = self.releases.probe_settings
        probe = self.platform.probes[name] = SupervisedProbe(self.platform, self.platform.lab.probes[name], settings)
        return probe.register().install(FIRST, self.first).start()

    def small(self, release):
        return write_small_release(self.releases.folder, release)

    def roll_out(self, release, program, forced=False):
        """The number of the rollout, once both have approved it."""
        path = self.releases.bring(self.platform, release, program)
        number = self.operators.create(path, f"release {release}", forced)
        self.operators.approve(number)
        return number

    def check_complete(self, number, release):
        """It reaches both, by two waves; when a forced one is complete, its last probe may be on trial yet."""
        page = self.operators.wait_over(number)
        assert page["phase"] == "complete", page
        wait_for(lambda: self.counts(number) == {"probes": 2, "done": 2}, LIMIT, "both are done")
        wait_running(self.probes, release)

    def counts(self, number):
        """{stage: how many probes}, without those that nobody is in."""
        return {stage: count for stage, count in self.operators.shown(number)["probes"].items() if count}

    def check_measuring(self):
        wait_measuring(self.platform, self.ping, self.probes)


@pytest.fixture(scope="module")
def fleet(platform, releases):
    return Fleet(platform, releases)


def test_a_forced_rollout_that_two_approved_reaches_both(fleet):
    fleet.check_measuring()
    number = fleet.roll_out(FORCED, fleet.small(FORCED), forced=True)
    assert fleet.operators.shown(number)["approved_by"] == ["admin@localhost", "second@example.net"]
    fleet.check_complete(number, FORCED)
    fleet.check_measuring()


def test_a_lazy_one_reaches_both_one_after_the_other(fleet):
    number = fleet.roll_out(LAZY, fleet.small(LAZY))
    fleet.check_complete(number, LAZY)
    fleet.check_measuring()


def test_a_release_that_breaks_is_gone_back_from_and_goes_no_further(fleet):
    """One that fails may be chance, unless few_failed says otherwise, which the command line does not offer."""
    path = fleet.releases.bring(fleet.platform, BROKEN, write_broken_release(fleet.releases.folder, BROKEN))
    number = fleet.platform.api.post("/api/v2/firmware/rollouts/", {
        "targets": [path], "waves": WAVES, "soak": SOAK, "few_failed": 0, "reason": "a release that breaks"})["id"]
    fleet.operators.approve(number)
    page = fleet.operators.wait_over(number)
    assert page["phase"] == "halted" and "1 of 1 probes that began went back" in page["because"], page
    assert fleet.counts(number) == {"probes": 2, "planned": 1, "failed": 1}
    trouble, = page["troubles"]
    wait_running(fleet.probes, LAZY)
    tried = [probe.number for probe in fleet.probes if f"release {BROKEN}, failed" in probe.standing()]
    assert tried == [trouble["probe"]]
    fleet.check_measuring()


def test_an_earlier_program_signed_as_a_higher_release_is_the_way_back(fleet):
    number = fleet.roll_out(BACK, fleet.first)
    fleet.check_complete(number, BACK)
    for probe in fleet.probes:
        assert (probe.slots / "active/program").read_bytes() == fleet.first.read_bytes()
    fleet.check_measuring()
