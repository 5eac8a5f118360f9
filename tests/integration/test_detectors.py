"""The detectors at work, with rounds of a second in place of an hour: a probe that sends nonsense is found, isolated, explained,
and let back after clean windows, while its neighbour measures on and nothing is found about it.
"""
import os
import re
import shutil
import subprocess
import time

import pytest

from tests.integration.test_ssh_interop import frame
from tests.integration.test_trust import SSH_LIMIT, controller_hello
from tests.lab.platform import QUICK_DETECTORS, LabProbe, wait_for

LIMIT = 60.0  # seconds for what must happen
WINDOWS_LIMIT = 300.0  # seconds for 72 rounds of a second, on a slow machine
SETTLED = 3  # rounds
NONSENSE = b"\xff\xff\xff\xff"  # no message of trigpoint.v1


@pytest.fixture(scope="module")
def settings():
    return QUICK_DETECTORS


@pytest.fixture(scope="module")
def probes(platform):
    for name in ("p1", "p2"):
        platform.add_probe(name)
    return [platform.probes[name].wait_connected() for name in ("p1", "p2")]


def state(platform, probe):
    return platform.explained(probe)["state"]


class Impostor:
    """The stock client with the key of a probe that is off, at a controller: a hello, and then nonsense."""

    def __init__(self, platform, probe):
        self.probe = probe
        self.commands = []
        key = platform.data / "impostor"
        key.write_bytes((probe.folder / "state/key").read_bytes())
        key.chmod(0o600)
        known = platform.data / "impostor_hosts"
        known.write_text("")
        for controller in platform.api.get("/api/v2/controllers/")["results"]:
            host, port = next(one for one in controller["addresses"] if not one.startswith("[")).rsplit(":", 1)
            known.write_text(known.read_text() + f"[{host}]:{port} {controller['host_key']}\n")
            self.commands.append(probe._here().command(
                ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
                 "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes", "-i", key, "-p", port, "-s",
                 f"probe@{host}", "trigpoint-controller"]))

    def speak(self):
        for command in self.commands:
            subprocess.run(command, input=controller_hello(self.probe) + frame(NONSENSE), capture_output=True,
                           timeout=SSH_LIMIT)


def test_who_sends_nonsense_is_found_and_isolated(platform, probes):
    bad, good = probes
    bad.stop()
    impostor = Impostor(platform, bad)

    def isolated():
        impostor.speak()
        return state(platform, bad) == "isolated"
    wait_for(isolated, LIMIT, "its isolation")
    assert state(platform, good) == "active"


def test_its_host_reads_why(platform, probes):
    page = platform.explained(probes[0])
    finding = next(one for one in page["findings"] if one["rule"] == "protocol")
    assert finding["severity"] == "grave" and finding["cleared_at"] is None
    assert [change["to"] for change in reversed(page["history"])][-2:] == ["suspect", "isolated"]
    text = platform.run("probe", "explain", probes[0].number)
    assert re.search(r"protocol \(grave, open.*\n +saw: +\d+ malformed frames in \d+ different hours\n"
                     r" +compared with: no release of ours sends one\n +clears when: +24 h without one", text), text
    assert re.search(r"suspect +isolated +registry +protocol: \d+ malformed frames", text), text


def test_clean_windows_lead_back(platform, probes):
    bad, good = probes
    bad.start().wait_connected()
    wait_for(lambda: state(platform, bad) == "probation", WINDOWS_LIMIT, "probation")
    finding = next(one for one in platform.explained(bad)["findings"] if one["rule"] == "protocol")
    assert finding["cleared_by"] == "a window without it"
    wait_for(lambda: state(platform, bad) == "active", WINDOWS_LIMIT, "its release")
    assert platform.explained(good)["findings"] == []
    assert [change["to"] for change in platform.explained(good)["history"]] == ["active", "pending"]


def test_a_copied_key_is_found(platform, probes):
    """Of a probe that has been active for some rounds: those in which a state changed are not looked at."""
    other, bad = probes
    wait_for(lambda: time.time() > platform.explained(bad)["since"] + SETTLED, LIMIT, "rounds after its admission")
    place = platform.lab.probes["p3"]
    copy = LabProbe(platform, place)
    platform.probes["p3"] = copy
    shutil.copytree(bad.folder / "state", copy.folder / "state")
    for path in [copy.folder / "state", *(copy.folder / "state").rglob("*")]:
        owner = (bad.folder / "state").stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    copy.start()
    wait_for(lambda: state(platform, bad) == "suspect", LIMIT, "two devices with one key")
    finding = next(one for one in platform.explained(bad)["findings"] if one["rule"] == "two-places")
    assert finding["severity"] == "warning"
    assert "session of the same key that still answered" in finding["saw"]
    assert state(platform, other) == "active"
