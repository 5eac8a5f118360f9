"""Isolation, release and revocation of a probe that measures beside a neighbour, with two controllers: every wait is for
what must happen, and what must not happen is shown by what happens beside it.
"""
import os
import re
import signal
import subprocess
import time

import pytest

from tests.integration.test_ssh_interop import frame, frames_of, message, number
from tests.lab.platform import wait_for

LIMIT = 60.0  # seconds for what must happen
SSH_LIMIT = 30.0  # seconds for one call of ssh
BEHIND = 5  # results by which a probe without jobs falls behind one with the same
SPOOLED = 3  # results that wait behind a cut wire


@pytest.fixture(scope="module")
def probes(platform):
    for name in ("p1", "p2"):
        platform.add_probe(name)
    return [platform.probes[name].wait_connected() for name in ("p1", "p2")]


@pytest.fixture(scope="module")
def measurement(platform, probes):
    """Both ping the near target every second."""
    answer = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": str(platform.lab.targets["near"].v4), "description": "trust",
                         "packets": 1, "interval": 1}],
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": 2}]})
    found = answer["measurements"][0]
    for one in probes:
        wait_for(lambda one=one: results(platform, found, one), LIMIT, f"a first result of {one.place.name}")
    return found


def results(platform, measurement, probe, flagged=False):
    more = "&include_flagged=true" if flagged else ""
    return platform.api.get(f"/api/v2/measurements/{measurement}/results/?probe_ids={probe.number}{more}")


def newest(platform, measurement, probe):
    """Flagged or not."""
    return max(one["timestamp"] for one in results(platform, measurement, probe, flagged=True))


def unanswered(probe, measurement):
    """How many results without an answer the probe took, by the log that it keeps for its host. A run that was skipped since
    the one before still waited for its answer has a line, too, but no result.
    """
    return sum(f" {measurement} ping " in line and line.endswith(" received 0/0 done") for line in probe.tell("log"))


def sessions_of(platform, probe):
    return platform.api.get(f"/api/v2/probes/{probe.number}/connections/")["results"]


def wire_of(platform, probe):
    """The process that carries the packets of the probe's link."""
    return platform.lab.links[probe.place.name].pid


def test_a_new_probe_was_admitted_by_its_key(platform, probes):
    page = platform.explained(probes[0])
    assert page["state"] == "active"
    assert [change["to"] for change in reversed(page["history"])] == ["pending", "active"]


def test_isolation_takes_the_jobs_and_keeps_the_results_apart(platform, probes, measurement):
    bad, good = probes
    before = unanswered(bad, measurement)
    os.kill(wire_of(platform, bad), signal.SIGSTOP)  # what it measures now waits in its spool
    stopped = time.time()
    try:
        wait_for(lambda: unanswered(bad, measurement) >= before + SPOOLED, LIMIT, "results in the spool")
        said = platform.run("probe", "isolate", bad.number, "--reason", "its results are strange")
        assert said == f"probe {bad.number} is isolated (was active)\n"
        wait_for(lambda: f"probe {bad.number} is isolated and loses its jobs" in platform.log.read_text(errors="replace"),
                 LIMIT, "its controller hears of it")
    finally:
        os.kill(wire_of(platform, bad), signal.SIGCONT)

    def flagged():
        return [one for one in results(platform, measurement, bad, flagged=True) if one.get("flagged")]
    wait_for(lambda: len(flagged()) >= SPOOLED, LIMIT, "what waited is stored, and flagged")
    wait_for(lambda: newest(platform, measurement, good) >= newest(platform, measurement, bad) + BEHIND, LIMIT,
             "its neighbour going on without it")
    plain = results(platform, measurement, bad)
    assert plain and all(one["timestamp"] <= stopped and not one.get("flagged") for one in plain)
    assert not any(one.get("flagged") for one in results(platform, measurement, good, flagged=True))
    assert bad.status == "Connected", "it keeps its connection"


def test_everybody_who_may_sees_why(platform, probes):
    text = platform.run("probe", "explain", probes[0].number)
    assert re.search(rf"probe {probes[0].number} is isolated since .*, Connected\n", text)
    assert "Isolated by an operator" in text
    assert re.search(r"active +isolated +operator +its results are strange", text)
    assert "isolated" not in platform.run("probe", "explain", probes[1].number)
    assert f"\n{probes[0].number} " in platform.run("probe", "list", "--trust", "isolated")


def test_nothing_new_is_given_to_it(platform, probes):
    answer = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": str(platform.lab.targets["near"].v4), "description": "new",
                         "packets": 1}], "is_oneoff": True,
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": 2}]})
    shown = platform.api.get(f"/api/v2/measurements/{answer['measurements'][0]}/?fields=probes")
    assert [one["id"] for one in shown["probes"]] == [probes[1].number]


def test_release_gives_the_jobs_back(platform, probes, measurement):
    bad = probes[0]
    before = len(results(platform, measurement, bad))
    assert "is active (was isolated)" in platform.run("probe", "release", bad.number, "--reason", "a loose cable")
    wait_for(lambda: len(results(platform, measurement, bad)) >= before + 2, LIMIT, "results that are served again")
    assert platform.explained(bad)["history"][0]["reason"] == "a loose cable"


def controller_hello(probe):
    versions = message(1, number(1, 1) + number(2, 1))
    return frame(message(1, versions + message(2, message(1, b"trust test")) + number(3, probe.number)))


def ask_controller(platform, probe, controller):
    """What a controller answers to this probe's key, asked with the stock client from the probe's place."""
    address = next(one for one in controller["addresses"] if not one.startswith("["))
    host, port = address.rsplit(":", 1)
    known = platform.data / "known_hosts"
    known.write_text(f"[{host}]:{port} {controller['host_key']}\n")
    key = platform.data / "key"
    key.write_bytes((probe.folder / "state/key").read_bytes())
    key.chmod(0o600)
    command = probe._here().command(
        ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}",
         "-o", "StrictHostKeyChecking=yes", "-i", key, "-p", port, "-s", f"probe@{host}", "trigpoint-controller"])
    done = subprocess.run(command, input=controller_hello(probe), capture_output=True, timeout=SSH_LIMIT)
    return frames_of(done.stdout)


def test_revocation_cuts_the_session_and_refuses_new_ones_everywhere(platform, probes, measurement):
    bad, good = probes
    controllers = platform.api.get("/api/v2/controllers/")["results"]
    assert len(controllers) == 2
    platform.run("probe", "revoke", bad.number, "--reason", "sold")
    wait_for(lambda: bad.status == "Disconnected", LIMIT, "its session cut")
    wait_for(lambda: "this probe was revoked" in bad.log.read_text(errors="replace"), LIMIT, "the probe hears why")
    last = sessions_of(platform, bad)[0]
    assert last["by_platform"] and "revoked" in last["reason"]

    for controller in controllers:
        answers = ask_controller(platform, bad, controller)
        assert len(answers) == 1 and answers[0][0] == 3 << 3 | 2, answers  # FromController.refuse
        assert b"this probe was revoked" in answers[0]
    assert len(sessions_of(platform, good)) == 1, "its neighbour's session is the one it began with"
    before = newest(platform, measurement, good)
    wait_for(lambda: newest(platform, measurement, good) > before, LIMIT, "its neighbour measures on")
    assert bad.status == "Disconnected"


def test_a_retired_probe_is_written_off_and_may_come_back(platform, probes):
    good = probes[1]
    platform.run("probe", "retire", good.number, "--reason", "the rack is gone", "--lost")
    wait_for(lambda: good.status == "Written Off" and sessions_of(platform, good)[0]["disconnected_at"], LIMIT, "its end")
    platform.run("probe", "reinstate", good.number, "--reason", "found again")
    good.stop()
    good.start().wait_connected()
    assert platform.explained(good)["state"] == "active"


def test_the_connection_log_knows_networks(platform, probes):
    wait_for(lambda: all(one["asn"] for one in sessions_of(platform, probes[1])), LIMIT, "the registry looked them up")
    newest_session = sessions_of(platform, probes[1])[0]
    assert newest_session["asn"] == probes[1].place.asn
    assert newest_session["controller"].startswith("controller-")
    assert str(probes[1].place.asn) in platform.run("probe", "connections", probes[1].number)
