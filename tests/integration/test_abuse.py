"""Whoever holds a target and proves it is left alone: at once, by all probes, until an operator decides; also where probes
resolve its name themselves. Claims without a proof stop nothing."""
import json

import pytest

from tests.lab.platform import ApiError, wait_for
from tests.lab.services import start_services

LIMIT = 60.0  # seconds for what must happen
PATH = ".well-known/trigpoint-abuse"


@pytest.fixture(scope="module")
def probes(platform):
    start_services(platform.lab)  # resolvers
    for name in ("p1", "p2"):
        platform.add_probe(name)
    return [platform.probes[name].wait_connected() for name in ("p1", "p2")]


@pytest.fixture(scope="module")
def near(platform):
    return platform.lab.targets["near"]


@pytest.fixture(scope="module")
def pages(platform, near):
    """A web server at the near target, which the holder of the address runs."""
    folder = platform.data / "pages"
    (folder / ".well-known").mkdir(parents=True)
    server = platform.lab["near"].start(
        ["/usr/bin/python3", "-u", "-m", "http.server", "80", "--bind", str(near.v4), "--directory", folder],
        log=platform.data / "pages.log")
    wait_for(lambda: "Serving" in (platform.data / "pages.log").read_text(), LIMIT, "the holder's web server")
    yield folder
    server.stop()


def measure(platform, probes, target, **more):
    answer = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": target, "description": "abuse", "packets": 1, "interval": 1,
                         **more}],
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": len(probes)}]})
    return answer["measurements"][0]


def results(platform, measurement, probe):
    return platform.api.get(f"/api/v2/measurements/{measurement}/results/?probe_ids={probe.number}")


def claim(platform, target):
    return platform.api.request("POST", "/api/v2/abuse/", {"target": target, "contact": "noc@near.example",
                                                           "text": "please stop"}, key="")


def verify(platform, case):
    return platform.api.request("POST", f"/api/v2/abuse/{case['id']}/verify/", {"token": case["proof"]["token"]}, key="")


def test_a_claim_alone_stops_nothing(platform, probes, near, pages):
    found = measure(platform, probes, str(near.v4))
    for one in probes:
        wait_for(lambda one=one: results(platform, found, one), LIMIT, f"a first result of {one.place.name}")
    case = claim(platform, str(near.v4))
    assert verify(platform, case)["state"] == "claimed"
    seen = [len(results(platform, found, one)) for one in probes]
    for one, before in zip(probes, seen):
        wait_for(lambda one=one, before=before: len(results(platform, found, one)) > before, LIMIT, "more results")


def test_a_proof_stops_all_probes_and_refuses_new_measurements(platform, probes, near, pages):
    other = str(platform.lab.targets["far"].v4)
    found, beside = measure(platform, probes, str(near.v4)), measure(platform, probes, other)
    for one in probes:
        wait_for(lambda one=one: results(platform, found, one), LIMIT, f"a first result of {one.place.name}")
    case = claim(platform, str(near.v4))
    (pages / PATH).write_text(case["proof"]["token"] + "\n")
    proved = verify(platform, case)
    assert proved["state"] == "blocked, to be decided" and proved["proved_by"] == "http"
    assert platform.api.get(f"/api/v2/measurements/{found}/")["paused_by_abuse_case"] == case["id"]
    with pytest.raises(ApiError) as refused:
        measure(platform, probes, str(near.v4))
    assert refused.value.status == 400 and f"abuse case {case['id']}" in str(refused.value)

    # Both are asked every second: who falls behind by so many has lost the job.
    for one in probes:
        wait_for(lambda one=one: newest(platform, beside, one) - newest(platform, found, one) >= 5, LIMIT,
                 f"{one.place.name} falls behind")
    stopped = [newest(platform, found, one) for one in probes]
    listed = json.loads(platform.run("abuse", "list", "--json"))["results"]
    assert case["id"] in [one["id"] for one in listed if one["blocked"]]
    assert "abuse case" in platform.run("alerts")

    platform.run("abuse", "decide", str(case["id"]), "reopen", "--reason", "the operator's own target")
    for one, before in zip(probes, stopped):
        wait_for(lambda one=one, before=before: newest(platform, found, one) > before, LIMIT, "results again")


def newest(platform, measurement, probe):
    return max((one["timestamp"] for one in results(platform, measurement, probe)), default=0)


def test_probes_refuse_a_blocked_address_that_they_resolve_themselves(platform, probes, near, pages):
    case = claim(platform, str(near.v4))
    (pages / PATH).write_text(case["proof"]["token"])
    assert verify(platform, case)["blocked"]
    found = measure(platform, probes[:1], "near.lab.test", resolve_on_probe=True)
    wait_for(lambda: results(platform, found, probes[0]), LIMIT, "a result")
    assert "address not allowed" in json.dumps(results(platform, found, probes[0])[-1])
    wait_for(lambda: any("its holder asked not to be measured" in line for line in probes[0].tell("log")), LIMIT,
             "the refusal in the host's log")
    platform.run("abuse", "decide", str(case["id"]), "reopen", "--reason", "the end of the test")
