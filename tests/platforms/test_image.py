"""The image boots, is updated, goes back from what fails or was changed, and outlives power cuts."""
import collections
import hashlib
import subprocess

import pytest

from tests.platforms.conftest import ARCHITECTURES
from tests.platforms.machine import HOST_LIMIT, IMAGE, WORK, Machine, WholeImage, WriteLog, host, slots_of

SEED = 20261130

pytestmark = pytest.mark.skipif("x86_64" not in ARCHITECTURES or not IMAGE.exists(), reason="no image was made")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Release 1, which the image brought, is committed."""
    made = Machine(tmp_path_factory.mktemp("machine"))
    console = made.boot(r1="commit,off")
    assert made.runs(console) == ["a-1"] and "image-program: committed" in console, console
    return made


def test_an_update_is_tried_committed_and_stays(machine):
    console = machine.boot(r1="install-2,exit-0", r2="commit,off")
    assert machine.runs(console) == ["a-1", "b-2"], console
    console = machine.boot(r1="off", r2="off")
    assert machine.runs(console) == ["b-2"], console


def test_a_release_that_fails_is_gone_back_from(machine):
    machine.boot(r2="install-3,off")
    console = machine.boot(r2="off", r3="exit-1")
    assert machine.runs(console) == ["a-3", "a-3", "a-3", "b-2"], console


def test_a_reset_counts_as_a_try(machine):
    machine.boot(r2="install-4,off")
    for _ in range(3):
        console = machine.boot_and_cut("runs as", r4="stay", r2="off")
        assert machine.runs(console) == ["a-4"], console
    assert machine.runs(machine.boot(r4="stay", r2="off")) == ["b-2"]


def test_what_was_changed_on_the_disk_is_not_run(tmp_path):
    machine = Machine(tmp_path)
    machine.boot(r1="commit,install-2,off")
    assert machine.damage(2) > 0
    console = machine.boot(r1="off", r2="off")
    assert machine.runs(console) == ["a-1"], console


def test_the_only_release_is_made_good_by_what_the_image_brought(tmp_path):
    machine = Machine(tmp_path)
    machine.boot(r1="commit,off")
    assert machine.damage(1) > 0
    console = machine.boot(r1="commit,off")
    assert machine.runs(console) == ["a-1"] and "image-program: committed" in console, console


def test_a_power_cut_at_any_write_of_an_update_leaves_something_that_runs(tmp_path, machine):
    """The writes of a whole update are taken down by qemu and played again up to each of them, with and without what the
    disk had not been told to flush. What each leaves is held against the supervisor, and simply updated again."""
    fresh = Machine(tmp_path)
    fresh.boot(r1="commit,off")
    before = fresh.disk.read_bytes()
    console = fresh.boot(log=tmp_path / "log", r1="install-2,exit-0", r2="commit,off")
    assert fresh.runs(console) == ["a-1", "b-2"], console
    written = WriteLog(tmp_path / "log", before)
    assert written.after_cut(len(written.entries), lambda index: True) == fresh.disk.read_bytes(), "the log is whole"
    seen, outcomes, wrong = set(), collections.Counter(), []
    for name, disk in written.cuts(SEED):
        digest = hashlib.sha256(disk).digest()
        if digest in seen:
            continue
        seen.add(digest)
        try:
            outcomes[start_of(slots_of(disk, tmp_path), name, tmp_path)] += 1
        except AssertionError as error:
            wrong.append(str(error))
    print(f"{len(written.entries)} writes and flushes; recovered from {outcomes.total()} of {len(seen)} different disks: "
          f"{dict(outcomes)}")
    assert not wrong, wrong[0]
    assert set(outcomes) == {"a-1", "b-2"}, "the old one and the new one, each after some cuts"


def start_of(slots, cut, tmp_path):
    """What the supervisor starts from them, after which an update succeeds."""
    running = subprocess.Popen([WORK / "trigpoint-supervisor", "run", *slots], stderr=subprocess.PIPE, text=True)
    said = ""
    for line in running.stderr:
        said += line
        if "runs as " in line or "error" in line:
            break
    running.terminate()
    running.communicate(timeout=HOST_LIMIT)
    assert "runs as " in said, f"{cut}: {said}"
    again = tmp_path / "release-4"
    again.write_bytes((WORK / "image-program").read_bytes() + b"4")
    done = host(WORK / "trigpoint-supervisor", "install", *slots, "--model", "sw-x86_64", "--release", "4", again, check=False)
    assert done.returncode == 0, f"{cut}: {done.stderr}"
    return said.partition("runs as ")[2].split()[0]


@pytest.mark.parametrize("words", ["installed", "runs as b-2", "committed"])
def test_a_machine_that_is_cut_off_goes_on_with_what_was_said_to_be_done(tmp_path, words):
    machine = Machine(tmp_path)
    machine.boot(r1="commit,off")
    machine.boot_and_cut(f"image-program: {words}", r1="install-2,exit-0", r2="commit,stay")
    console = machine.boot(r1="off", r2="commit,off")
    assert machine.runs(console) == ["b-2"], console


def test_the_image_as_it_ships_runs_its_probe_whose_key_outlives_a_cut(tmp_path):
    machine, keys = WholeImage(tmp_path), []
    for _ in range(2):
        console = machine.boot_and_cut("registry")
        assert "runs a-1" in console, console
        keys.append(machine.file("/state/key"))
    assert b"PRIVATE KEY" in keys[0] and keys[0] == keys[1]
