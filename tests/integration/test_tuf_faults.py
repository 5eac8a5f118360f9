"""trigpoint-tuf-client while its calls into the kernel fail, one after the other, or the power is cut in front of them:
whatever happens at whichever call, only what is signed is trusted and seen, nothing goes back, and a plain retry does it. Its
officers have changed their keys again and again meanwhile, and each root is kept as soon as it is trusted.

Each run takes every EVERYth call, and other ones with each kind of fault; `make faults` takes all."""
import collections
import json
import os
import shutil
import subprocess

import pytest

from tests.lab.network import programs_folder
from tests.support import tuf_server
from tests.support.faults import counted, every, preloaded, recover_from, spread
from tests.support.tuf_repository import Key, Repository

LIMIT = 120  # seconds for any run of the client
EVERY = every(6)
CONTENT = bytes(range(256)) * 200
LAST = {"root.json": 6, "timestamp.json": 3, "snapshot.json": 3, "targets.json": 3, "role.json": 2}
ERRORS = ["EIO", "ENOSPC", "ECONNRESET", "ENOBUFS", "ETIMEDOUT"]  # of the network


def run(folder, server, **disturbed):
    """The exit status of a download in a client's folder."""
    command = [programs_folder() / "trigpoint-tuf-client", "--metadata-url", server.url("metadata"), "--metadata-dir",
               folder / "metadata", "--target-name", "firmware/new", "--target-dir", folder / "targets",
               "--target-base-url", server.url("targets"), "download"]
    environment = {**os.environ, **(preloaded(folder, **disturbed) if disturbed else {})}
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
        repository.rotate_root([Key(), Key("ecdsa"), Key()], threshold=2)
        repository.rotate_root()
        repository.rotate_root([Key("rsa")])
        repository.delegate("targets", "role", ["firmware/*"])
        repository.add_target("role", "firmware/new", CONTENT)
        repository.release("role", "targets")
        yield server, folder


@pytest.fixture(scope="module")
def calls(world, tmp_path_factory):
    """{"": those on files, "network": those on sockets}: as counted() says"""
    server, before = world
    out = {}
    for on in "", "network":
        folder = tmp_path_factory.mktemp("count")
        shutil.copytree(before, folder / "client")
        assert run(folder / "client", server, on=on, count=folder / "calls") == 0
        out[on] = counted(folder / "calls")
    return out


def trusted(folder):
    return {path.read_bytes() for path in (folder / "metadata").glob("*.json")}


def only_signed(world, folder):
    """Whether every file that is trusted is one that the repository has published, octet by octet."""
    server, before = world
    return trusted(folder) <= {*server.repository.metadata.values(), *trusted(before)}


def attempt(world, folder, fault, on=""):
    """(the exit status of the disturbed run, the name of the call that was struck or None)"""
    server, before = world
    folder, struck = folder / fault.replace(":", "-"), folder / f"{fault.replace(':', '-')}-struck"
    shutil.copytree(before, folder)
    old = versions(folder)
    status = run(folder, server, fault=fault, on=on, struck=struck)
    after = versions(folder)
    assert all(after.get(name, old[name]) >= old[name] for name in old), (fault, old, after)
    assert after["root.json"] >= old["root.json"] and only_signed(world, folder), fault
    assert seen(folder) in ([b"old octets"], [CONTENT]), fault
    assert status != 0 or (seen(folder) == [CONTENT] and after == LAST), fault
    assert run(folder, server) == 0, fault
    assert seen(folder) == [CONTENT] and versions(folder) == LAST and only_signed(world, folder), fault
    shutil.rmtree(folder)
    return status, struck.read_text() if struck.exists() else None


def on_all(world, folder, faults, what, on=""):
    """[(exit status, call)] of the runs that were struck, once all of them were recovered from."""
    done, wrong = recover_from(faults, lambda fault: attempt(world, folder, fault, on))
    struck = [one for one in done if one[1]]
    names = dict(collections.Counter(call for _, call in struck))
    print(f"{what}; recovered from {len(done)} of {len(faults)}, of which {len(struck)} were struck: {names}; failed at once: "
          f"{sum(bool(status) for status, _ in struck)}")
    assert not wrong, wrong[0]
    return struck


def test_a_fault_at_any_call_leaves_a_state_from_which_a_retry_does_it(world, calls, tmp_path):
    most, need_space, writes = calls[""]
    faults = spread({"kill": most, "EIO": most, "ENOSPC": need_space, "half": writes}, EVERY)
    struck = on_all(world, tmp_path, faults, f"{most} calls, {need_space} may need space, {writes} are writes")
    assert len(struck) == len(faults) and most > 60, "or the faults are not where the client works"
    assert sum(status != 0 for status, _ in struck) > len(struck) / 2


def test_a_power_cut_at_any_call_leaves_a_state_from_which_a_retry_does_it(world, calls, tmp_path):
    """What was not flushed is gone: names and octets, or octets only."""
    most = calls[""][0]
    faults = spread({"cut": most, "cut-octets": most}, EVERY)
    struck = on_all(world, tmp_path, faults, f"power cuts at {most} calls")
    assert len(struck) == len(faults)


def test_a_fault_at_any_call_into_the_network_leaves_a_state_from_which_a_retry_does_it(world, calls, tmp_path):
    """How often it reads depends on how the answers come: a run may be over before its fault."""
    most = calls["network"][0]
    faults = spread({kind: most for kind in ("kill", *ERRORS)}, EVERY)
    struck = on_all(world, tmp_path, faults, f"{most} calls into the network", on="network")
    assert len(struck) > 0.5 * len(faults) and most > 60
    assert {"socket", "connect", "sendmsg", "recv", "close"} <= {call for _, call in struck}


def test_a_single_octet_from_the_network_in_place_of_many_costs_nothing(world, calls, tmp_path):
    receive = calls["network"][2]
    faults = spread({"short": receive}, EVERY)
    struck = on_all(world, tmp_path, faults, f"one octet at each of {receive} calls that receive", on="network")
    assert len(struck) > 0.5 * len(faults) and not any(status for status, _ in struck)
