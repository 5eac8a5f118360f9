"""What a probe is on its host: nobody's port, nobody's capability, a key that only it can read."""
import os
import pathlib
import stat

import pytest

from tests.lab import network
from tests.lab.platform import wait_for

LISTENING = "0A"  # the kernel's number for the TCP state


@pytest.fixture(scope="module")
def probe(platform):
    return platform.add_probe("p1").wait_connected()


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())


def sockets_of(pid):
    """Inodes of the sockets that a process holds."""
    out = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        name = os.readlink(entry)
        if name.startswith("socket:["):
            out.add(name[8:-1])
    return out


def test_it_listens_nowhere(probe):
    ours = sockets_of(probe.process.pid)
    rows = [line.split() for table in ("tcp", "tcp6")
            for line in pathlib.Path(f"/proc/{probe.process.pid}/net/{table}").read_text().splitlines()[1:]]
    assert any(row[9] in ours for row in rows), "its session is among the connections, or this test looks elsewhere"
    assert not [row for row in rows if row[9] in ours and row[3] == LISTENING]


def test_it_measures_without_any_privilege_left(probe):
    facts = status(probe.process.pid)
    assert set(facts["CapEff"].strip() + facts["CapPrm"].strip() + facts["CapInh"].strip()) == {"0"}
    assert facts["NoNewPrivs"].strip() == "1"
    if not network.rootless:
        assert "0" not in facts["Uid"].split(), "it started as root, and is so no more"


def test_its_state_is_its_own(probe):
    state = probe.folder / "state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "key").stat().st_mode) == 0o600
    assert "PRIVATE" not in probe.log.read_text()


def test_it_refuses_the_space_that_its_host_did_not_allow(platform, probe):
    """198.18.0.0/15 is on this host's list; 192.168.0.0/16 is not, whatever the platform says."""
    number = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": "192.168.7.7", "description": "home", "packets": 1}],
        "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}], "is_oneoff": True})["measurements"][0]
    results = wait_for(lambda: platform.api.get(f"/api/v2/measurements/{number}/results/"), 60, "the refusal")
    assert results[0]["result"] == [{"error": "address not allowed"}]
