"""The list of anchors: an officer signs it, the platform brings it to the probes, and nothing else is fetched from."""
import json

from tests.lab.platform import ApiError, wait_for
from tests.lab.services import ANCHOR_NAME
from tests.lab.signing import Officer
from tests.lab.topology import ANCHOR, ZONE

PORTS = [80, 443]
NEAR_NAME = f"near.{ZONE}"
REFUSAL = "address not allowed"
LIMIT = 60.0  # seconds for one result


class Officers:
    """Ann, whom everybody trusts; and Eve, who got the platform to trust her, but no probe."""

    def __init__(self, lab):
        folder = lab.data / "officers"
        folder.mkdir()
        self.ann, self.eve = (Officer(folder, name) for name in ("ann", "eve"))
        self.platform_settings = {"trust.keys": [self.ann.public, self.eve.public]}
        self.probe_settings = {"trust.keys": [self.ann.public]}


def publish(platform, officers):
    platform.publish_anchors([officers.ann], 1, {ANCHOR_NAME: {"addresses": [ANCHOR.v4, ANCHOR.v6], "ports": PORTS}})


def _ask_for_near(platform, target):
    probe = next(iter(platform.probes.values()))
    answer = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "http", "af": 4, "target": target, "description": "no anchor"}],
        "is_oneoff": True, "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}]})
    return answer["measurements"][0]


def refused_by_platform(platform):
    """What the API says to who wants the near target fetched, which is no anchor; None if it does not refuse."""
    try:
        _ask_for_near(platform, platform.lab.targets["near"].v4)
    except ApiError as error:
        return json.loads(error.body)["error"]["errors"][0]["detail"]
    return None


def refused_by_probe(platform, officers):
    """What a probe says when Eve has listed the near target, and the platform sends it there; None if it went."""
    near = platform.lab.targets["near"]
    platform.publish_anchors([officers.eve], 2, {NEAR_NAME: {"addresses": [near.v4], "ports": PORTS}})
    number = _ask_for_near(platform, NEAR_NAME)
    result, = wait_for(lambda: platform.api.get(f"/api/v2/measurements/{number}/results/"), LIMIT, "the probe's refusal")
    said = result["result"][0].get("error")
    return said if said == REFUSAL else None
