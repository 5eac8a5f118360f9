"""What probes say that they run, held against what officers signed, with rounds of a second in place of an hour: who runs another
program than the signed one is found, isolated and explained; who runs the signed one, or what its host installed, is not.

The update itself is not made here: a slot's manifest is written as an update would have left it.
"""
import hashlib
import os
import re

import pytest

from tests.integration.test_supervised_probe import asked
from tests.lab.platform import QUICK_DETECTORS, wait_for
from tests.lab.supervised import MODEL, SupervisedProbe, write_release
from tests.support.signed_releases import SignedReleases

LIMIT = 120.0  # seconds for what must happen
WINDOWS_LIMIT = 300.0  # seconds for 24 rounds of a second, on a slow machine
SIGNED = 2  # the release that officers signed


@pytest.fixture(scope="module")
def releases(lab):
    folder = lab.data / "releases"
    folder.mkdir(mode=0o755)
    made = SignedReleases(folder)
    for file in (made.key, made.root):
        os.chmod(file, 0o600)
    return made


@pytest.fixture(scope="module")
def settings(releases):
    return {**QUICK_DETECTORS, "director.key": str(releases.key), "director.root": str(releases.root)}


@pytest.fixture(scope="module")
def path(platform, releases):
    """Of the signed release."""
    program = write_release(platform.data, SIGNED)
    published = releases.add(MODEL, SIGNED, program.read_bytes())
    for statement in releases.statements():
        asked(platform, statement)
    wait_for(lambda: asked(platform, f"select 1 from signed_target where path = '{published}'"), LIMIT, "it is listed")
    return published


@pytest.fixture(scope="module")
def other_program(platform):
    return write_release(platform.data, 99)


def probe_with(platform, name, release, program, came_from=None):
    """A probe that runs a program from a slot; came_from: the manifest says that it is this target."""
    made = platform.probes[name] = SupervisedProbe(platform, platform.lab.probes[name])
    made.register().install(release, program)
    if came_from:
        manifest = made.slots / f"a-{release}/manifest"
        lines = manifest.read_text().splitlines(keepends=True)[:-1]
        text = "".join(lines).replace(f"target host/{release}\n", f"target {came_from}\n")
        manifest.write_text(f"{text}check {hashlib.sha256(text.encode()).hexdigest()}\n")
    return made.start().wait_connected()


def wait_reported(platform, probe, target):
    wait_for(lambda: asked(platform, f"select 1 from firmware_state where probe_id = {probe.number} and standing = 2 and "
                                     f"target = '{target}'"), LIMIT, f"a report of {target}")


@pytest.fixture(scope="module")
def probes(platform, path, other_program):
    """The one that is honest, the one whose host installed a program of his own, and the one that lies."""
    honest = probe_with(platform, "p1", SIGNED, platform.data / f"release-{SIGNED}", path)
    packaged = probe_with(platform, "p2", 1, other_program)
    wait_reported(platform, honest, path)
    wait_reported(platform, packaged, "host/1")
    liar = probe_with(platform, "p3", SIGNED, other_program, path)
    return honest, packaged, liar


def finding(platform, probe):
    return next((one for one in platform.explained(probe)["findings"] if one["rule"] == "firmware"), None)


def test_who_runs_what_nobody_signed_is_isolated(platform, probes):
    wait_for(lambda: platform.explained(probes[2])["state"] == "isolated", LIMIT, "its isolation")


def test_its_host_reads_why(platform, probes, other_program):
    page = finding(platform, probes[2])
    assert page["severity"] == "grave" and page["cleared_at"] is None
    digest = hashlib.sha256(other_program.read_bytes()).hexdigest()
    text = platform.run("probe", "explain", probes[2].number)
    assert re.search(rf"firmware \(grave, open.*\n +saw: +the program reported as release {SIGNED} of {MODEL} is another "
                     rf"\(SHA-256 {digest[:16]}\.\.\.\)\n +compared with: the hash that officers signed for it\n", text), text


def test_who_runs_what_was_signed_or_what_its_host_installed_is_not_accused(platform, probes):
    for probe in probes[:2]:
        page = platform.explained(probe)
        assert page["state"] == "active" and page["findings"] == []


def test_who_installs_it_anew_is_cleared(platform, probes, other_program):
    probe = probes[2]
    probe.install(SIGNED + 1, other_program)
    probe.stop()
    probe.start().wait_connected()
    wait_reported(platform, probe, f"host/{SIGNED + 1}")
    wait_for(lambda: finding(platform, probe)["cleared_at"], WINDOWS_LIMIT, "a window without a wrong report")
