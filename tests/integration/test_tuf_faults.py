"""trigpoint-tuf-client while its calls into the kernel fail, one after the other: whatever happens at whichever call, only
what is signed is trusted and seen, nothing goes back, and a plain retry does it."""
import json
import os
import shutil
import subprocess

import pytest

from tests.lab.network import programs_folder
from tests.support import tuf_server
from tests.support.faults import recover_from
from tests.support.tuf_repository import Key, Repository

LIMIT = 120  # seconds for any run of the client
CONTENT = bytes(range(256)) * 200


def run(folder, server, fault=None, count=None):
    """The exit status of a download in a client's folder, with a fault "NUMBER:KIND"."""
    command = [programs_folder() / "trigpoint-tuf-client", "--metadata-url", server.url("metadata"), "--metadata-dir",
               folder / "metadata", "--target-name", "firmware/new", "--target-dir", folder / "targets",
               "--target-base-url", server.url("targets"), "download"]
    environment = dict(os.environ)
    if fault or count:
        environment.update(LD_PRELOAD=str(programs_folder() / "libtp_fault.so"), TP_FAULT_UNDER=str(folder),
                           ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0", TP_FAULT=fault or "",
                           TP_FAULT_COUNT=str(count or ""))
    return subprocess.run(command, env=environment, timeout=LIMIT, capture_output=True).returncode


def versions(folder):
    """Of what is trusted. Every file must be whole."""
    return {path.name: json.loads(path.read_bytes())["signed"]["version"] for path in (folder / "metadata").glob("*.json")}


def seen(folder):
    return [path.read_bytes() for path in (folder / "targets").iterdir() if not path.name.startswith(".")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A repository that went on, and the folder of a client that has not heard of it, with half of the target."""
    repository, folder = Repository(), tmp_path_factory.mktemp("before")
    (folder / "metadata").mkdir()
    (folder / "targets").mkdir()
    (folder / "metadata" / "root.json").write_bytes(repository.metadata["1.root.json"])
    with tuf_server.Server(repository) as server:
        repository.add_target("targets", "firmware/new", b"old octets")
        repository.release("targets")
        assert run(folder, server) == 0 and seen(folder) == [b"old octets"]
        del repository.says["targets"]["targets"]["firmware/new"]
        repository.rotate_root()
        repository.set_keys("timestamp", [Key()])
        repository.rotate_root([Key("ecdsa")])
        repository.delegate("targets", "role", ["firmware/*"])
        repository.add_target("role", "firmware/new", CONTENT)
        repository.release("role", "targets")
        yield server, folder


def attempt(server, before, folder, fault):
    shutil.copytree(before, folder)
    old = versions(folder)
    status = run(folder, server, fault)
    after = versions(folder)
    assert all(after.get(name, old[name]) >= old[name] for name in old), (fault, old, after)
    assert seen(folder) in ([b"old octets"], [CONTENT]), fault
    assert status != 0 or seen(folder) == [CONTENT], fault
    assert run(folder, server) == 0, fault
    assert seen(folder) == [CONTENT], fault
    assert versions(folder) == {"root.json": 3, "timestamp.json": 3, "snapshot.json": 3, "targets.json": 3, "role.json": 2}
    shutil.rmtree(folder)
    return status


def test_a_fault_at_any_call_leaves_a_state_from_which_a_retry_does_it(world, tmp_path):
    server, before = world
    shutil.copytree(before, tmp_path / "count")
    assert run(tmp_path / "count", server, count=tmp_path / "calls") == 0
    calls, need_space, writes = map(int, (tmp_path / "calls").read_text().split())
    faults = [f"{number}:{kind}" for kind, last in (("kill", calls), ("EIO", calls), ("ENOSPC", need_space),
                                                    ("half", writes)) for number in range(1, last + 1)]
    done, wrong = recover_from(faults, lambda fault: attempt(server, before, tmp_path / fault.replace(":", "-"), fault))
    print(f"calls: {calls}, {need_space} of them may need space, {writes} are writes; recovered from {len(done)} of "
          f"{len(faults)} faults; failed at once: {sum(map(bool, done))}")
    assert not wrong, wrong[0]
    assert calls > 60 and sum(map(bool, done)) > len(done) / 2, "or the faults are not where the client works"
