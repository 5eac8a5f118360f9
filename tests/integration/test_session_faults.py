"""Real probes on their way to the next release, through the real tunnel, while a call of theirs into the network fails or they
are killed in front of it: each starts, never runs anything that was not signed or is older, and comes to the release by itself.

A session takes hundreds of calls, and an update some seconds, so these are samples: each kind of fault at places spread over
all calls from a start to the end of the old release. Every call of a client fails in test_tuf_faults.py."""
import collections
import shlex
import shutil

import pytest

from tests.lab import network
from tests.lab.network import programs_folder
from tests.lab.platform import PROBE_USER, wait_for
from tests.lab.rollouts import LIMIT, Operators, Releases, wait_running
from tests.lab.supervised import SupervisedProbe, write_small_release
from tests.support.faults import counted, every, preloaded

FIRST = 16  # release
PLACES = "p1", "p2", "p3", "p4"  # probes, each with a fault of its own in every rollout
ROUNDS = max(1, 24 // every(8))
KINDS = "kill", "EIO", "ENOSPC", "ECONNRESET", "ETIMEDOUT", "short"
END = 0.9  # of the calls that were counted: another run may need fewer


class DisturbedProbe(SupervisedProbe):
    """Its releases become the probe's program with what makes its calls fail."""

    def __init__(self, platform, place, settings):
        super().__init__(platform, place, settings)
        self.told = self.folder / "told"  # the library's files
        self.told.mkdir()
        if not network.rootless:
            shutil.chown(self.told, PROBE_USER)
        self.settings, self.wrapper = self.folder / "settings", self.folder / "probe"
        program = programs_folder() / "trigpoint-probe"
        self.wrapper.write_text(f'#!/bin/sh\nset -a\n. "{self.settings}"\nexec "{program}" "$@"\n')
        self.wrapper.chmod(0o755)
        self.disturb()

    def disturb(self, **how):
        """From its next start on."""
        lines = preloaded(on="network", **how).items()
        self.settings.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in lines))

    def runs(self):
        return self.wrapper

    def programs(self):
        """What lies in the slots."""
        return [file.read_bytes() for file in self.slots.glob("[ab]-*/program")]


class Fleet:
    def __init__(self, platform, releases):
        self.platform, self.releases = platform, releases
        self.program_of = {}
        first = self.program(FIRST)
        self.operators = Operators(platform)
        self.probes = [self._add(name, first) for name in PLACES]
        for probe in self.probes:
            probe.start()
        wait_running(self.probes, FIRST)

    def _add(self, name, first):
        settings = {"link.first_pause_ms": 100, "link.longest_pause_ms": 2000, **self.releases.probe_settings}
        probe = self.platform.probes[name] = DisturbedProbe(self.platform, self.platform.lab.probes[name], settings)
        return probe.register().install(FIRST, first)

    def program(self, release):
        path = write_small_release(self.releases.folder, release)
        self.program_of[path.read_bytes()] = release
        return path

    def update(self, release, disturbed):
        """All to a release: they start with it ordered, each as `disturbed` says of it."""
        for probe in self.probes:
            probe.stop()
        path = self.releases.bring(self.platform, release, self.program(release))
        number = self.platform.api.post("/api/v2/firmware/rollouts/", {
            "mode": "forced", "targets": [path], "waves": "100%", "soak": 1, "few_failed": len(PLACES),
            "few_silent": len(PLACES), "reason": f"release {release}"})["id"]
        self.operators.approve(number)
        for probe, how in zip(self.probes, disturbed):
            probe.disturb(**how)
            probe.start()
        page = self.operators.wait_over(number, look=lambda _: self.check_active(release))
        assert page["phase"] == "complete", page
        wait_running(self.probes, release)
        self.check_slots(release)

    def check_active(self, release):
        """What a start would run now was signed, and is not older than what was committed."""
        for probe in self.probes:
            found = self.program_of.get((probe.slots / "active/program").read_bytes())
            assert found in (release - 1, release), (probe.place.name, found)

    def check_slots(self, release):
        for probe in self.probes:
            found = {self.program_of.get(octets) for octets in probe.programs()}
            assert found == {release - 1, release}, (probe.place.name, found)


@pytest.fixture(scope="module")
def releases(lab):
    return Releases(lab)


@pytest.fixture(scope="module")
def settings(releases):
    return releases.platform_settings


@pytest.fixture(scope="module")
def fleet(platform, releases):
    return Fleet(platform, releases)


@pytest.fixture(scope="module")
def calls(fleet):
    """[of each probe, how many calls it makes from its start to the end of the old release]"""
    fleet.update(FIRST + 1, [{"count": probe.told / "calls"} for probe in fleet.probes])
    files = [probe.told / "calls" for probe in fleet.probes]
    wait_for(lambda: all(file.exists() for file in files), LIMIT, "the old programs have ended")
    return [counted(file) for file in files]


def test_a_fault_at_calls_of_a_session_costs_no_update(fleet, calls):
    struck, total = [], ROUNDS * len(PLACES)
    for round_ in range(ROUNDS):
        disturbed = []
        for place, (probe, (most, _, receive)) in enumerate(zip(fleet.probes, calls)):
            index = round_ * len(PLACES) + place
            kind = KINDS[index % len(KINDS)]
            number = 1 + int((index + 0.5) / total * END * (receive if kind == "short" else most))
            disturbed.append({"fault": f"{number}:{kind}", "struck": probe.told / f"struck-{round_}"})
        fleet.update(FIRST + 2 + round_, disturbed)
        for how in disturbed:
            if how["struck"].exists():
                struck.append((how["fault"].split(":")[1], how["struck"].read_text()))
    print(f"calls into the network: {calls}; updated after {len(struck)} of {total} faults that struck: "
          f"{dict(collections.Counter(struck))}")
    assert len(struck) > 0.7 * total, "or the faults are not where the work is done"
    assert min(most for most, _, _ in calls) > 100
