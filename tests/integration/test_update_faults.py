"""A probe's update while its calls into the kernel fail, one after the other, or the power is cut in front of them: whatever
happens at whichever call, what runs stays as it is, nothing lies in a slot that was not signed, and a plain retry does it.

There are some 300 calls and six faults: each run takes every EVERYth call, and other ones in each fault; `make faults` takes all.
They are calls into the file system: the tunnel, by which files come, is a function here; its sockets fail in
test_session_faults.py."""
import os
import shutil
import subprocess

import pytest

from tests.lab.network import programs_folder
from tests.support.faults import counted, every, preloaded, recover_from

LIMIT = 120  # seconds for any run
EVERY = every(8)
KINDS = ["kill", "EIO", "ENOSPC", "half", "cut", "cut-octets"]


def run(verb, repository, probe, fault=None, count=None):
    environment = {**os.environ, **(preloaded(probe, fault, count=count) if fault or count else {})}
    return subprocess.run([programs_folder() / "update-once", verb, repository, probe], env=environment, timeout=LIMIT,
                          capture_output=True, text=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A repository with an order, and a probe that has not heard of it."""
    folder = tmp_path_factory.mktemp("before")
    made = run("make", folder / "repository", folder / "probe")
    assert made.returncode == 0, made.stderr
    return folder / "repository", folder / "probe"


@pytest.fixture(scope="module")
def calls(world, tmp_path_factory):
    repository, before = world
    folder = tmp_path_factory.mktemp("count")
    shutil.copytree(before, folder / "probe", symlinks=True)
    done = run("run", repository, folder / "probe", count=folder / "calls")
    assert done.returncode == 0, done.stderr
    return counted(folder / "calls")


def attempt(world, folder, fault):
    """Whether the disturbed run did it all the same."""
    repository, before = world
    probe = folder / fault.replace(":", "-")
    shutil.copytree(before, probe, symlinks=True)
    disturbed = run("run", repository, probe, fault)
    assert disturbed.returncode in (0, 1, -9), (fault, disturbed.stderr)
    finished = run("finish", repository, probe)
    assert finished.returncode == 0, (fault, finished.stderr)
    shutil.rmtree(probe)
    return disturbed.returncode == 0


def on_all(world, folder, faults, what):
    """How many of the disturbed runs did it all the same, once all of them were recovered from."""
    done, wrong = recover_from(faults, lambda fault: attempt(world, folder, fault))
    at_once = sum(done)
    print(f"{what}; recovered from {len(done)} of {len(faults)}; {at_once} without another start")
    assert not wrong, wrong[0]
    return at_once


def numbers_of(kind, most):
    """Of calls that are disturbed in this way."""
    return range(1 + KINDS.index(kind) % EVERY, most + 1, EVERY)


@pytest.mark.parametrize("kind", KINDS[:4])
def test_a_fault_at_any_call_leaves_what_runs_and_a_retry_does_it(world, calls, tmp_path, kind):
    most = {"ENOSPC": calls[1], "half": calls[2]}.get(kind, calls[0])
    faults = [f"{number}:{kind}" for number in numbers_of(kind, most)]
    at_once = on_all(world, tmp_path, faults, f"{kind}: {most} calls")
    assert calls[0] > 100, "or the faults are not where the work is done"
    stays = kind in ("kill", "half")  # nobody goes on, or the disk stays full
    assert stays or at_once > len(faults) / 2, "what may pass is tried again"


@pytest.mark.parametrize("kind", KINDS[4:])
def test_a_power_cut_at_any_call_leaves_what_runs_and_a_retry_does_it(world, calls, tmp_path, kind):
    """What was not flushed is gone: names and octets, or octets only."""
    faults = [f"{number}:{kind}" for number in numbers_of(kind, calls[0])]
    on_all(world, tmp_path, faults, f"{kind}: {calls[0]} calls")
