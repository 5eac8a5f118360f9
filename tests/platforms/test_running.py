"""Each release runs: natively, or under qemu's emulation of another machine with this kernel."""
import re
import subprocess

import pytest

from tests.bench.machine import processes
from tests.bench.probe_memory import settled
from tests.lab.platform import LabProbe, toml, wait_for
from tests.platforms.conftest import EMULATORS

LIMIT = 120  # seconds for what must happen; emulated programs are slow
MOST_MEMORY = 10_000_000  # octets, resident


@pytest.fixture
def say(architecture, release):
    """Runs one of the release's programs; what it says."""
    def run(program, *words):
        done = subprocess.run([*EMULATORS[architecture], release / program, *map(str, words)], capture_output=True,
                              text=True, timeout=LIMIT)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    return run


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "probe.toml"
    path.write_text(toml({
        "state": str(tmp_path / "state"), "firmware.slots": str(tmp_path / "slots"),
        "registry.addresses": ["192.0.2.1:7440"], "registry.host_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43]}))
    return path


def test_it_tells_its_version(say):
    assert re.fullmatch(r"trigpoint-probe \d+\.\d+\.\d+\n", say("trigpoint-probe", "--version"))
    assert re.fullmatch(r"trigpoint-supervisor \d+\.\d+\.\d+\n", say("trigpoint-supervisor", "--version"))


def test_it_makes_a_key_of_its_own_and_keeps_it(say, config, tmp_path):
    first = say("trigpoint-probe", "key", "--config", config)
    assert first.startswith("ssh-ed25519 AAAA")
    assert say("trigpoint-probe", "key", "--config", config) == first
    derived = subprocess.run(["ssh-keygen", "-y", "-f", tmp_path / "state/key"], capture_output=True, text=True, timeout=LIMIT)
    assert derived.stdout.split()[:2] == first.split()[:2], "OpenSSH finds another public key in it: " + derived.stderr


def test_it_tells_its_limits(say, config):
    assert "packets" in say("trigpoint-probe", "caps", "--config", config)


def test_its_supervisor_installs_it_into_slots_that_both_can_read(say, config, tmp_path, release):
    said = say("trigpoint-supervisor", "install", "--slots", tmp_path / "slots", "--model", release.name, "--release", 7,
               release / "trigpoint-probe")
    assert said == "a-7\n"
    assert (tmp_path / "slots/a-7/program").read_bytes() == (release / "trigpoint-probe").read_bytes()
    for told in (say("trigpoint-supervisor", "status", "--slots", tmp_path / "slots"),
                 say("trigpoint-probe", "status", "--config", config)):
        assert "slot a: release 7, to be tried" in told


@pytest.fixture(scope="module")
def probe(architecture, release, platform):
    """A probe that is connected."""
    class Probe(LabProbe):
        @staticmethod
        def program():
            return [*EMULATORS[architecture], release / "trigpoint-probe"]

    place = sorted(set(platform.lab.probes) - set(platform.probes))[0]
    started = platform.probes[place] = Probe(platform, platform.lab.probes[place])
    return started.register().start().wait_connected(LIMIT)


def test_an_idle_one_takes_little_memory(architecture, probe):
    if EMULATORS[architecture]:
        pytest.skip("what an emulator takes says little")
    [number] = processes("trigpoint-probe", probe.folder)
    taken = settled(number)
    print(f"{taken / 1e6:.1f} MB resident")
    assert taken < MOST_MEMORY


def test_it_measures_for_a_platform(probe, platform):
    number = platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": platform.lab.targets["near"].v4, "description": "a ping",
                         "packets": 3}],
        "probes": [{"type": "probes", "value": str(probe.number), "requested": 1}], "is_oneoff": True})["measurements"][0]
    result = wait_for(lambda: platform.api.get(f"/api/v2/measurements/{number}/results/"), LIMIT, "the result")[0]
    assert (result["sent"], result["rcvd"]) == (3, 3), result
    assert 0 < result["min"] < 1000
    assert probe.stop() == 0
