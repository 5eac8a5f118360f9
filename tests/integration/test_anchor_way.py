"""The list of anchors on its way to the probe: what is on it may be fetched, whoever asks; nothing else may."""
import contextlib
import re
import subprocess

import pytest

from tests.lab.platform import wait_for
from tests.lab.signing import Officer
from tests.lab.stream_server import Server, says
from tests.lab.topology import ANCHOR

LIMIT = 60  # seconds for what must happen
PORT = 80
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
REFUSED = {"error": "address not allowed"}


@pytest.fixture(scope="module")
def officers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("officers")
    return [Officer(folder, name) for name in ("ann", "eve")]


@pytest.fixture(scope="module")
def settings(officers):
    """The platform trusts Ann and Eve; so a list by Eve comes as far as the probes, which trust Ann alone."""
    return {"trust.keys": [each.public for each in officers]}


@pytest.fixture(scope="module")
def servers(lab):
    """A server at each of two addresses of the near target, by the names that lists give them."""
    places = {"anchor.lab.test": ANCHOR.v4, "other.lab.test": lab.targets["near"].v4}
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(Server(lab["near"], says(HELLO), address, PORT))
               for name, address in places.items()}


@pytest.fixture(scope="module")
def probe(platform, officers):
    return platform.add_probe("p1", {"trust.keys": [officers[0].public]}).wait_connected()


def listed(lab, *names):
    addresses = {"anchor": ANCHOR.v4, "other": lab.targets["near"].v4}
    return {f"{name}.lab.test": {"addresses": [addresses[name]], "ports": [PORT]} for name in names}


def fetch(platform, probe, target, **more):
    """Asks for an HTTP measurement; its number."""
    return platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "http", "af": 4, "target": target, "description": "a fetch", **more}],
        "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}],
        "is_oneoff": "interval" not in more})["measurements"][0]


def outcomes(platform, number):
    """What its results say, the oldest first."""
    results = platform.api.get(f"/api/v2/measurements/{number}/results/")
    return [one["result"][0] for one in sorted(results, key=lambda one: one["timestamp"])]


def outcome(platform, number):
    return wait_for(lambda: outcomes(platform, number), LIMIT, f"the result of {number}")[0]


def events(platform):
    """(kind, text) of what probes reported."""
    done = subprocess.run(["psql", "-h", platform.data / "up/socket", "-U", "tp_migrate", "-d", "trigpoint", "-Atc",
                           "select kind, detail from probe_event"], capture_output=True, text=True, timeout=LIMIT, check=True)
    return [tuple(line.split("|", 1)) for line in done.stdout.splitlines()]


def said(probe, pattern):
    return re.findall(pattern, probe.log.read_text(errors="replace"))


def test_what_is_listed_is_fetched(platform, probe, servers, officers):
    platform.publish_anchors(officers[:1], 1, listed(platform.lab, "anchor"))
    answer = outcome(platform, fetch(platform, probe, "anchor.lab.test"))
    assert (answer.get("res"), answer.get("bsize")) == (200, 5), answer
    assert servers["anchor.lab.test"].met == 1
    assert not [each for each in events(platform) if each[0] == "document_refused"]


def test_a_strangers_list_changes_nothing_and_is_told_once(platform, probe, servers, officers):
    """The platform trusts Eve, takes what she lists for anchors, and sends the probe there."""
    platform.publish_anchors(officers[1:], 2, listed(platform.lab, "anchor", "other"))
    assert outcome(platform, fetch(platform, probe, "other.lab.test"))["error"] == REFUSED["error"]
    assert servers["other.lab.test"].met == 0
    assert outcome(platform, fetch(platform, probe, "anchor.lab.test")).get("res") == 200
    told = ("document_refused", "anchors: too few signatures of trusted keys")
    wait_for(lambda: told in events(platform), LIMIT, "the event")
    probe.stop()
    probe.start().wait_connected()  # the controller brings it again
    wait_for(lambda: events(platform).count(told) == 2, LIMIT, "the event of another start")
    assert len(said(probe, "a list of anchors is refused: too few signatures of trusted keys")) == 2


def test_a_newer_list_counts_at_once(platform, probe, servers, officers):
    number = fetch(platform, probe, "anchor.lab.test", interval=1)
    wait_for(lambda: any(each.get("res") == 200 for each in outcomes(platform, number)), LIMIT, "an answer")
    pid = probe.process.pid
    platform.publish_anchors(officers[:1], 3, listed(platform.lab, "other"))
    wait_for(lambda: outcomes(platform, number)[-1].get("error") == REFUSED["error"], LIMIT, "a refusal")
    assert outcome(platform, fetch(platform, probe, "other.lab.test")).get("res") == 200
    assert probe.process.pid == pid and probe.process.running
    platform.api.delete(f"/api/v2/measurements/{number}/")


def test_a_probe_that_starts_alone_knows_its_list(platform, probe, servers, officers):
    number = fetch(platform, probe, "other.lab.test", interval=1)
    outcome(platform, number)

    def fetched():
        return sum(f" {number} http " in line and line.endswith(" done") for line in probe.tell("log"))
    probe.stop()
    platform.stop()
    met, before = servers["other.lab.test"].met, fetched()
    probe.start()
    wait_for(lambda: servers["other.lab.test"].met > met and fetched() > before, LIMIT, "a fetch without a controller")
    assert said(probe, "the list of anchors, version 3: 1 anchors, until ")
    platform.start()
    probe.wait_connected()
    wait_for(lambda: all(each.get("res") == 200 for each in outcomes(platform, number)), LIMIT, "the results")


def test_other_keys_judge_what_was_kept(platform, probe, servers, officers):
    probe.stop()
    probe.config.write_text(probe.config.read_text().replace(officers[0].public, officers[1].public))
    probe.start().wait_connected()
    assert outcome(platform, fetch(platform, probe, "other.lab.test"))["error"] == REFUSED["error"]
    assert said(probe, "the list that was kept is not used: too few signatures of trusted keys")
    platform.publish_anchors(officers[1:], 4, listed(platform.lab, "other"))
    assert outcome(platform, fetch(platform, probe, "other.lab.test")).get("res") == 200
