"""Two controllers: what losing one would do, and probes that move when one is drained."""
import json
import re

import pytest

from tests.lab.platform import wait_for

LIMIT = 90.0  # seconds for what must happen
NAMES = ("p1", "p2", "p3")
CONTROLLERS = ("controller-1", "controller-2")


@pytest.fixture(scope="module")
def probes(platform):
    for name in NAMES:
        platform.add_probe(name)
    return [platform.probes[name].wait_connected() for name in NAMES]


def controllers(platform):
    return {one["name"]: one for one in json.loads(platform.run("controller", "list", "--json"))["results"]}


def sessions_of(platform, probe):
    return platform.api.get(f"/api/v2/probes/{probe.number}/connections/")["results"]


def places(platform, probes):
    """The controller of each probe's open session (None without one)."""
    newest = [sessions_of(platform, one)[0] for one in probes]
    return [None if one["disconnected_at"] else one["controller"] for one in newest]


def test_each_probe_has_two_controllers(platform, probes):
    def counted():
        found = controllers(platform)
        return sum(one["sessions"] for one in found.values()) == len(probes) and found
    found = wait_for(counted, LIMIT, "all sessions in the controllers' heartbeats")
    assert set(found) == set(CONTROLLERS)
    assert sum(one["placed"] for one in found.values()) == sum(one["standby"] for one in found.values()) == len(probes)
    assert not any(one["drained"] for one in found.values())


def test_the_loss_of_a_controller_can_be_rehearsed(platform, probes):
    placed = controllers(platform)["controller-1"]["placed"]
    played = json.loads(platform.run("controller", "rehearse", "controller-1", "--json"))
    assert played["lost"] == ["controller-1"] and played["probes"] == played["at_once"] == placed
    assert played["by_the_registry"] == played["waiting"] == 0
    text = platform.run("controller", "rehearse", "controller-1")
    assert f"without controller-1: {placed} probes are concerned" in text
    assert re.search(rf"controller-2 +{len(probes) - placed} +{placed} +{len(probes)} +10000", text)
    with pytest.raises(Exception, match="exit status 1"):
        platform.run("controller", "rehearse", "controller-9")


@pytest.mark.parametrize("drained, other", [CONTROLLERS, CONTROLLERS[::-1]])
def test_draining_a_controller_moves_its_probes(platform, probes, drained, other):
    platform.run("controller", "drain", drained, "--reason", "new disks")
    wait_for(lambda: places(platform, probes) == [other] * len(probes), LIMIT, f"everybody on {other}")
    found = controllers(platform)
    assert found[drained]["drained_because"] == "new disks"
    assert found[drained]["placed"] == 0
    moved = [one for probe in probes for one in sessions_of(platform, probe) if one["controller"] == drained]
    assert all(one["by_platform"] and "placed" in one["reason"] for one in moved), moved
    platform.run("controller", "resume", drained)
    assert not controllers(platform)[drained]["drained"]


def test_moved_probes_measure(platform, probes):
    number = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": str(platform.lab.targets["near"].v4), "description": "moved",
                         "packets": 1}], "is_oneoff": True,
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes),
                    "requested": len(probes)}]})["measurements"][0]
    wait_for(lambda: len(platform.api.get(f"/api/v2/measurements/{number}/results/")) == len(probes), LIMIT,
             "a result of each")
