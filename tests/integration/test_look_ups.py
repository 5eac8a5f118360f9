"""Names that probes look up for the platform: probes behind a right resolver, one that lies, one that changes letters and one
that is silent get the system tags that say so, and whoever asks for probes by these tags gets the right ones.
"""
import urllib.parse

import pytest

from tests.lab.platform import Api, LabProbe, Platform, wait_for
from tests.lab.services import start_bad_resolver, start_services
from tests.lab.topology import DNS, Service

LIAR, MANGLER = Service("liar", 54), Service("mangler", 55)
TAGS_LIMIT = 120.0  # seconds until they are there: some rounds, and the delay
ROUND, DELAY = 2, 20  # seconds; three tries of 5 s are silence, and results of a round have to be there after the delay
EVERY = 22


@pytest.fixture(scope="module")
def platform(lab):
    near = lab.targets["near"]
    settings = {"detectors.round": ROUND, "detectors.delay": DELAY, "look_ups.name": "near.lab.test",
                "look_ups.a": [near.v4], "look_ups.aaaa": [near.v6], "look_ups.every": EVERY}
    start_services(lab)
    start_bad_resolver(lab, "lie", LIAR.v4)
    start_bad_resolver(lab, "mangle", MANGLER.v4)
    with Platform(lab, settings) as started:
        yield started
        print(started.logs())


@pytest.fixture(scope="module")
def probes(platform, lab):
    resolvers = {"p1": [DNS.v4, DNS.v6], "p2": [LIAR.v4], "p3": [lab.targets["dead"].v4], "p4": [MANGLER.v4],
                 "p5": [DNS.v6]}  # p5 has IPv6 only
    for name, servers in resolvers.items():
        probe = platform.probes[name] = LabProbe(platform, lab.probes[name])
        probe.resolv_conf.write_text("".join(f"nameserver {one}\n" for one in servers))
        probe.register().start()
    return {name: platform.probes[name].wait_connected() for name in resolvers}


def about_resolvers(platform, probe):
    """Its tags, those about resolvers alone."""
    slugs = {one["slug"] for one in platform.api.get(f"/api/v2/probes/{probe.number}/")["tags"]}
    return {one.removeprefix("system-") for one in slugs if "resolve" in one or "dns" in one}


def found_by(platform, *tags):
    query = urllib.parse.urlencode({"tags": ",".join(tags), "status": 1})
    return {one["id"] for one in platform.api.get(f"/api/v2/probes/?{query}")["results"]}


@pytest.mark.parametrize("name, tags", [
    ("p1", {"resolves-a-correctly", "resolves-aaaa-correctly"}),
    ("p2", {"resolves-a-incorrectly", "resolves-aaaa-incorrectly"}),
    ("p3", {"doesnt-resolve-a", "doesnt-resolve-aaaa", "dns-problem-suspected"}),
    ("p4", {"resolves-a-correctly", "resolves-aaaa-correctly", "resolver-mangles-case"}),
    ("p5", {"resolves-a-correctly", "resolves-aaaa-correctly"}),
])
def test_tags_say_what_a_probes_resolvers_do(platform, probes, name, tags):
    try:
        wait_for(lambda: about_resolvers(platform, probes[name]) == tags, TAGS_LIMIT, f"the tags of {name}")
    finally:
        print(name, about_resolvers(platform, probes[name]))


def test_whoever_asks_for_probes_that_resolve_gets_these(platform, probes):
    right = {probes[name].number for name in ("p1", "p4", "p5")}
    assert found_by(platform, "system-resolves-a-correctly", "system-resolves-aaaa-correctly") == right
    assert found_by(platform, "system-resolves-a-incorrectly") == {probes["p2"].number}
    made = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "dns", "af": 4, "description": "x", "query_class": "IN", "query_type": "A",
                         "query_argument": "far.lab.test", "use_probe_resolver": True}],
        "probes": [{"type": "area", "value": "WW", "requested": 9,
                    "tags": {"include": ["system-resolves-a-correctly", "system-ipv4-works"]}}],
        "is_oneoff": True})
    number, = made["measurements"]
    chosen = platform.api.get(f"/api/v2/measurements/{number}/?fields=probes")["probes"]
    assert {one["id"] for one in chosen} == right - {probes["p5"].number}


def test_what_the_platform_asks_is_shown_to_nobody_and_stands(platform, probes):
    anybody = Api(platform.lab["hub"], platform.url)
    try:
        assert all(one["description"] != "look-up" for one in anybody.get("/api/v2/measurements/?page_size=100")["results"])
    finally:
        anybody.close()
    every = platform.api.get("/api/v2/measurements/?page_size=100&type=dns")["results"]
    standing = [one for one in every if one["description"] == "look-up" and one["stop_time"] is None]
    assert len(standing) == 4, "A and AAAA, over IPv4 and IPv6"


def test_a_resolver_that_is_repaired_is_told(platform, probes):
    probe = probes["p2"]
    probe.resolv_conf.write_text(f"nameserver {DNS.v4}\n")
    wait_for(lambda: "resolves-a-correctly" in about_resolvers(platform, probe), TAGS_LIMIT, "its new resolver")
