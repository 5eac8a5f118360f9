"""From the bench to another host's shelf: a device is tested, listed, claimed with consent, changes its key while everything
is killed around it, is handed over, and forgets who it was."""
import json
import os
import signal

import pytest

from tests.integration.test_bad_days import pids_of
from tests.lab.network import programs_folder
from tests.lab.platform import LabProbe, Platform, wait_for
from tests.lab.services import start_lab_anchor, start_services
from tests.lab.signing import Officer, run_sign
from tests.lab.topology import ANCHOR, NTP

LIMIT = 90.0  # seconds for what must happen
COMMAND_LIMIT = 150.0  # seconds for a command on the device
CODE = "7KQ2-0A1B-9XYZ-3M4N"
BATCH = "2026-11-a"


@pytest.fixture(scope="module")
def factory(tmp_path_factory):
    return Officer(tmp_path_factory.mktemp("factory"), "factory")


@pytest.fixture(scope="module")
def platform(lab, factory):
    start_services(lab)
    start_lab_anchor(lab)
    text = lab.data / "consent.txt"
    text.write_text("You keep it plugged in.\n")
    text.chmod(0o644)
    with Platform(lab, {"factory.keys": [factory.public], "consent.file": str(text),
                        "consent.version": "2026-11"}) as started:
        yield started
        print(started.logs())


@pytest.fixture(scope="module")
def device(platform):
    """A device on the bench: it has a folder and a configuration, and no host."""
    made = LabProbe(platform, platform.lab.probes["p1"])
    platform.probes["p1"] = made
    return made


def run_probe(device, *arguments, **options):
    command = [programs_folder() / "trigpoint-probe", *arguments, "--config", device.config]
    return device._here().run(command, user=device._user(), limit=COMMAND_LIMIT, **options).stdout


def key_of(device):
    return run_probe(device, "key").strip()


def files_of(device):
    """The device's state folder, in which only the probe's user may look: {name: mode}."""
    state = device.folder / "state"
    said = device._here().run(["find", state, "-mindepth", "1", "-maxdepth", "1", "-printf", "%f %m\\n"],
                              user=device._user()).stdout
    return dict(line.split() for line in said.splitlines())


def changes(platform, device):
    return [one for one in platform.explained(device)["history"] if one["event"] == "key_changed"]


def test_a_device_that_fails_its_test_is_shipped_by_nobody(device, factory):
    report = device.folder / "state" / "bad.report"
    with pytest.raises(Exception, match="NOT PASSED"):
        run_probe(device, "selftest", "--anchor", NTP.v4, "--report", report)  # nothing but NTP answers there
    kept = device.folder / "bad.report"
    kept.write_text(device._here().run(["cat", report], user=device._user()).stdout)
    listing = device.folder / "bad.toml"
    listing.write_text(listing_of(kept))
    assert "the device failed" in run_sign("factory", "prepare", listing, "--version", 1, "-o",
                                           device.folder / "bad.list", expect=1)


def listing_of(report):
    return (f'batch = "{BATCH}"\n[[device]]\nserial = "TP1-000123"\nmodel = "hw1"\nrevision = "3"\n'
            f'claim_code = "{CODE}"\nreport = "{os.path.basename(report)}"\n')


def test_a_device_that_passed_comes_on_the_list_and_is_claimed_with_consent(platform, device, factory):
    report = device.folder / "state" / "good.report"
    said = run_probe(device, "selftest", "--anchor", ANCHOR.v4, "--ntp", NTP.v4, "--report", report)
    assert "passed: key SHA256:" in said
    kept = device.folder / "good.report"
    kept.write_text(device._here().run(["cat", report], user=device._user()).stdout)
    listing = device.folder / "good.toml"
    listing.write_text(listing_of(kept))
    unsigned = device.folder / "factory.list"
    run_sign("factory", "prepare", listing, "--version", 1, "-o", unsigned)
    platform.run("factory", "import", factory.sign(unsigned))
    assert "TP1-000123" in run_sign("show", unsigned)

    with pytest.raises(Exception, match="exit status 2"):
        platform.run("probe", "claim-device", CODE)  # nobody is there to be asked
    device.number = int(platform.run("probe", "claim-device", CODE.lower(), "--accept", "2026-11").split()[1])
    device.start().wait_connected(LIMIT)
    page = platform.explained(device)
    assert page["device"]["serial"] == "TP1-000123" and page["device"]["batch"] == BATCH
    assert page["consent"]["accepted"] == "2026-11" and page["consent"]["to_be_accepted"] is None
    assert [one["to"] for one in reversed(page["history"])] == ["preauthorised", "pending", "active"]


def test_its_host_changes_its_key_while_it_measures(platform, device):
    before = key_of(device)
    said = run_probe(device, "rotate-key").splitlines()
    assert len(said) == 3 and said[1] == "was replaced by", said
    after = key_of(device)
    assert after != before
    wait_for(lambda: changes(platform, device), LIMIT, "the change in the log")
    device.wait_connected(LIMIT)
    files = files_of(device)
    assert "key.next" not in files and "rotate-key" not in files
    assert files["key"] == "600"


@pytest.mark.parametrize("victim", ["trigpoint-controller", "trigpoint-registry", "trigpoint-probe"])
def test_a_change_in_which_something_is_killed_ends_well(platform, device, victim):
    device.kill()  # a probe obeys the platform once an hour
    device.start().wait_connected(LIMIT)
    before, known = key_of(device), len(changes(platform, device))
    platform.run("probe", "rotate-key", device.number)
    if victim == "trigpoint-probe":
        wait_for(lambda: "key.next" in files_of(device) or key_of(device) != before, LIMIT, "a next key", 0.01)
        device.kill()
        device.start()
    else:
        for pid in pids_of(victim, platform.data):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(changes(platform, device)) == known + 1, LIMIT, "the change")
    wait_for(lambda: key_of(device) != before, LIMIT, "the new key in its place")
    wait_for(lambda: device.status == "Connected", LIMIT, "a session with it")
    assert "key.next" not in files_of(device)


def test_a_frozen_batch_is_cut_off_and_comes_back(platform, device):
    platform.run("factory", "freeze", BATCH, "--all", "--reason", "bad flash")
    wait_for(lambda: device.status == "Disconnected", LIMIT, "the end of its session")
    assert "bad flash" in platform.run("probe", "explain", device.number)
    platform.run("factory", "thaw", BATCH)
    device.kill()  # it was told to wait for a quarter of an hour
    device.start().wait_connected(LIMIT)


def test_another_host_takes_it_with_its_history(platform, device):
    account = platform.api.post("/api/v2/accounts/", {"email": "next@example.net", "role": "host"})
    code = platform.run("probe", "offer", device.number).strip()
    assert "offered to another host" in platform.run("probe", "explain", device.number)
    said = platform.lab["hub"].run(
        [programs_folder() / "trigpoint", "probe", "take", code, "--accept", "2026-11"],
        environment={"TRIGPOINT_API": platform.url, "TRIGPOINT_KEY": account["key"]}).stdout
    assert said == f"probe {device.number} is yours\n"
    assert platform.explained(device)["history"][0]["event"] == "transferred"
    assert device.status == "Connected"


def test_a_device_that_was_reset_is_nobodys(platform, device):
    with pytest.raises(Exception, match="an agent runs"):
        run_probe(device, "factory-reset", "--yes")
    before = key_of(device)
    device.stop()
    with pytest.raises(Exception, match="exit status 2"):
        run_probe(device, "factory-reset")
    run_probe(device, "factory-reset", "--yes")
    assert not files_of(device)
    assert key_of(device) != before
    device.start()
    wait_for(lambda: "nobody has announced the key" in device.log.read_text(), LIMIT, "the platform does not know it")
    platform.run("probe", "retire", device.number, "--lost", "--reason", "reset")
    lost = json.loads(platform.run("probe", "lost", "--json"))
    assert lost["written_off"] == 1 and lost["results"][0]["reason"]
