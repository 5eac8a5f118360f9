"""What a probe is on its host: nobody's port, nobody's capability, few calls into the kernel, and a log of all it did."""
import os
import pathlib
import re
import stat

import pytest

from tests.lab import network
from tests.lab.platform import wait_for
from tests.lab.services import start_services

LISTENING = "0A"  # the kernel's number for the TCP state
LIMIT = 60  # seconds for what must happen
SMALL_LOG = 16  # kibibytes of each of the two files of the host's log
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \d+ [a-z]+ \S+ \S+ sent \d+/\d+ received \d+/\d+ "
                  r"(done|refused: .+|failed by [a-z]+: .+)")


@pytest.fixture(scope="module")
def probe(platform):
    start_services(platform.lab)
    return platform.add_probe("p1", {"log.kibibytes": SMALL_LOG}).wait_connected()


def measure(platform, probe, *targets, **more):
    """One-off pings, one for each target; their results in the order of the targets."""
    numbers = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": target, "description": "a ping", "packets": 1, **more}
                        for target in targets],
        "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}], "is_oneoff": True})["measurements"]
    return [wait_for(lambda number=number: platform.api.get(f"/api/v2/measurements/{number}/results/"), LIMIT,
                     f"the result of {number}")[0] for number in numbers]


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
    assert measure(platform, probe, "192.168.7.7")[0]["result"] == [{"error": "address not allowed"}]


def test_it_measures_resolves_and_comes_back_with_few_calls_into_the_kernel(platform, probe):
    pid = probe.process.pid
    assert status(pid)["Seccomp"].strip() == "2"
    answers = measure(platform, probe, "near.lab.test", resolve_on_probe=True)[0]
    assert answers["rcvd"] == 1, answers
    platform.stop()
    platform.start()
    probe.wait_connected()
    assert measure(platform, probe, "near.lab.test", resolve_on_probe=True)[0]["rcvd"] == 1
    probe.process.send(1)  # SIGHUP: the host's list is read again
    wait_for(lambda: probe.log.read_text().count("blocks of targets are allowed") == 2, LIMIT, "the list read again")
    assert probe.process.running and probe.process.pid == pid


def test_its_host_reads_what_it_did_and_refused(platform, probe):
    first = measure(platform, probe, "near.lab.test", "10.11.12.13", resolve_on_probe=True)[0]
    number = first["msm_id"]

    def logged():
        return [line for line in probe.tell("log") if f" {number} " in line]
    line = wait_for(logged, LIMIT, "the line of the run")[0]
    assert f" {number} ping near.lab.test {first['dst_addr']} sent 1/76 received 1/76 done" in line
    refused = probe.tell("log", "--refused", "--since", "1h")
    assert any(" ping 10.11.12.13 10.11.12.13 sent 0/0 received 0/0 refused: address not allowed (private use, RFC 1918)"
               in line for line in refused)
    assert all("refused: " in line for line in refused) and len(refused) < len(probe.tell("log"))
    assert all(LINE.fullmatch(line) for line in probe.tell("log"))
    assert probe.tell("log", "--since", "2099-01-01") == []


def test_its_log_is_bounded(platform, probe):
    long_name = ".".join(["x" * 60] * 3) + ".lab.test"
    measure(platform, probe, *[f"n{number}.{long_name}" for number in range(60)], resolve_on_probe=True)
    state = probe.folder / "state"
    wait_for((state / "log.1").exists, LIMIT, "a second file")
    assert all((state / name).stat().st_size <= SMALL_LOG * 1024 for name in ("log", "log.1"))
    assert probe.process.running


def test_its_host_sees_its_caps_and_what_today_has_cost(probe):
    shown = probe.tell("caps")
    assert any(line.split() == ["packets", "per", "second", "200"] for line in shown)
    assert any(line.split()[:2] == ["used", "today"] for line in shown)
    probe.stop()
    assert int(next(line.split()[2] for line in probe.tell("caps") if "used today" in line)) >= 2 * 76
    probe.start().wait_connected()


def test_its_host_is_told_that_no_supervisor_runs_it(probe):
    assert probe.tell("status")[0].startswith("no slots in ")


def test_its_host_follows_the_log(platform, probe):
    command = [network.programs_folder() / "trigpoint-probe", "log", "--follow", "--refused", "--config", probe.config]
    output = probe.folder / "followed"
    follower = probe._here().start(command, user=probe._user(), log=output)
    measure(platform, probe, "10.99.98.97")
    wait_for(lambda: " ping 10.99.98.97 " in output.read_text(), LIMIT, "the line of the refusal")
    follower.stop()
