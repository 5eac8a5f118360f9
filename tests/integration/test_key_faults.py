"""A probe's change of its own key while its calls into the kernel fail, one after the other, or the power is cut in front of
them: the platform and the probe always share a key, and simply going on ends with the new one. Root keys, which officers
change: test_tuf_faults.py. `key_faults_test` does the same with a disk in memory that loses more, and with lost messages."""
import os
import shutil
import subprocess

import pytest

from tests.lab.network import programs_folder
from tests.support.faults import counted, every, preloaded, recover_from, spread

LIMIT = 120  # seconds for any run
EVERY = every(2)


def run(verb, folder, **disturbed):
    environment = {**os.environ, **(preloaded(folder / "state", **disturbed) if disturbed else {})}
    return subprocess.run([programs_folder() / "rekey-once", verb, folder / "platform", folder / "state"], env=environment,
                          timeout=LIMIT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A probe whose host wishes another key, and what the platform knows."""
    folder = tmp_path_factory.mktemp("before")
    (folder / "state").mkdir()
    made = run("make", folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def calls(before, tmp_path_factory):
    folder = tmp_path_factory.mktemp("count") / "probe"
    shutil.copytree(before, folder)
    done = run("run", folder, count=folder / "calls")
    assert done.returncode == 0, done.stderr
    return counted(folder / "calls")


def attempt(before, folder, fault):
    """Whether the disturbed run did it all the same."""
    probe = folder / fault.replace(":", "-")
    shutil.copytree(before, probe)
    disturbed = run("run", probe, fault=fault, struck=probe / "struck")
    assert (probe / "struck").exists() and disturbed.returncode in (0, 1, -9), (fault, disturbed.stderr)
    finished = run("finish", probe)
    assert finished.returncode == 0, (fault, finished.stderr)
    shutil.rmtree(probe)
    return disturbed.returncode == 0


def on_all(before, folder, faults, what):
    """How many of the disturbed runs did it all the same, once all of them were recovered from."""
    done, wrong = recover_from(faults, lambda fault: attempt(before, folder, fault))
    print(f"{what}; recovered from {len(done)} of {len(faults)}; {sum(done)} without another start")
    assert not wrong, wrong[0]
    return sum(done)


def test_a_fault_at_any_call_leaves_a_key_that_both_have_and_a_retry_does_it(before, calls, tmp_path):
    most, need_space, writes = calls
    faults = spread({"kill": most, "EIO": most, "ENOSPC": need_space, "half": writes}, EVERY)
    at_once = on_all(before, tmp_path, faults, f"change of a probe's key: {most} calls, {need_space} may need space")
    assert most > 30 and at_once > len(faults) / 4, "or the faults are not where the work is done"


def test_a_power_cut_at_any_call_leaves_a_key_that_both_have_and_a_retry_does_it(before, calls, tmp_path):
    """What was not flushed is gone: names and octets, or octets only."""
    faults = spread({"cut": calls[0], "cut-octets": calls[0]}, EVERY)
    on_all(before, tmp_path, faults, f"change of a probe's key, power cuts at {calls[0]} calls")
