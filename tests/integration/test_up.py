"""`trigpoint up`: it starts, serves, survives deaths of every kind, and leaves nothing behind."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile

import pytest

from tests.integration.up import STOP_LIMIT, Up, run_command, wait_for
from tests.lab.network import programs_folder

CHILDREN = ["registry", "controller-1", "controller-2", "api", "postgres"]


@pytest.fixture(scope="module")
def platform():
    with Up() as up:
        yield up.start()


def answers(up):
    """Whether the whole way through API and database works, and both controllers are heard of."""
    done = run_command("controller", "list", "--json", env={"TRIGPOINT_API": up.url, "TRIGPOINT_KEY": up.key})
    return done.returncode == 0 and len(json.loads(done.stdout)["results"]) == 2


def measure(up):
    """A periodic measurement, kept by the database (no probe takes part); its number."""
    return int(up.run("measure", "ping", "192.0.2.1", "--interval", 60, "--probes", 1))


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_says_where_everything_is(platform):
    text = platform.log.read_text()
    assert f"http://127.0.0.1:{platform.ports[1]}/" in text
    assert str(platform.data / "admin.key") in text
    assert f"127.0.0.1:{platform.ports[0]}" in text
    assert (platform.data / "registry.pub").read_text().strip() in text
    assert text.rstrip().splitlines().count("READY") == 1


def test_keeps_its_secrets_to_itself(platform):
    assert mode_of(platform.data / "admin.key") == 0o600
    assert mode_of(platform.data / "socket") == 0o700
    for folder in ("run", "keys", "tls"):
        assert mode_of(platform.data / folder) == 0o700
    for name in ("registry", "controller-1", "api"):
        assert mode_of(platform.data / "run" / f"{name}.toml") == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_others_cannot_reach_the_database(platform):
    """Not through the folder, and whoever may enter it (the server's own user) is none of our roles."""
    query = ["psql", "-h", str(platform.data / "socket"), "-d", "trigpoint", "-Atc", "select 1", "-U", "tp_api"]
    assert subprocess.run(query, capture_output=True, timeout=STOP_LIMIT).stdout == b"1\n"
    for user in ("nobody", "postgres"):
        entry = pwd.getpwnam(user)
        done = subprocess.run(query, capture_output=True, timeout=STOP_LIMIT, user=entry.pw_uid, group=entry.pw_gid,
                              extra_groups=[], cwd="/")
        assert done.returncode != 0, user


def test_a_second_one_on_the_same_folder_gives_up(platform):
    done = run_command("up", "--data", platform.data, "--config", platform.config)
    assert done.returncode == 1
    assert "another `trigpoint up`" in done.stderr
    assert answers(platform)


@pytest.mark.parametrize("name", CHILDREN)
def test_starts_again_what_was_killed(platform, name):
    before = platform.child(name)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: platform.child(name) not in (None, before), f"{name} is back")
    wait_for(lambda: answers(platform), "the platform answers again")
    ended = "postgresql" if name == "postgres" else name
    assert platform.said(rf"warning up: {ended} ended: signal 9")
    assert platform.process.running


def test_a_restart_keeps_everything():
    with Up() as up:
        up.start()
        number, key, registry = measure(up), up.key, (up.data / "registry.pub").read_text()
        assert up.stop(signal.SIGINT) == 0
        assert not up.running()
        up.start()
        assert up.key == key
        assert (up.data / "registry.pub").read_text() == registry
        assert json.loads(up.run("measurement", "show", number, "--json"))["id"] == number
        assert [one["label"] for one in json.loads(up.run("key", "list", "--json"))["results"]] == ["trigpoint up"]
        assert up.stop(signal.SIGTERM) == 0
        assert not up.running()


def test_stops_in_order():
    with Up() as up:
        up.start()
        up.stop(signal.SIGINT)
        text = up.log.read_text()
        last = [text.rindex(mark) for mark in ("[api] ", "[controller-1] ", "[registry] ")]
        assert last == sorted(last)


def test_after_kill_9_nothing_is_left_and_a_new_start_works():
    with Up() as up:
        up.start()
        number = measure(up)
        up.process.kill()
        up.start()  # at once, while PostgreSQL may still be ending
        assert json.loads(up.run("measurement", "show", number, "--json"))["id"] == number
        up.process.kill()
        wait_for(lambda: not up.running(), "everything has ended")


def test_kill_9_while_it_starts_leaves_a_folder_that_works():
    with Up() as up:
        up.launch()
        wait_for(lambda: (up.data / "postgres.new").exists() or (up.data / "postgres").exists(), "it makes the database")
        up.process.kill()
        up.start()
        assert answers(up)


def test_a_foreign_process_number_in_postmaster_pid_does_not_matter():
    with Up() as up:
        up.start()
        up.process.kill()
        wait_for(lambda: not up.running(), "everything has ended")
        owner = pathlib.Path(up.data / "postgres").owner()
        with subprocess.Popen(["sleep", "600"], user=owner if os.geteuid() == 0 else None) as other:
            try:
                pid_file = up.data / "postgres/postmaster.pid"
                pid_file.write_text(f"{other.pid}\n{up.data}/postgres\n")
                up.start()
                assert answers(up)
            finally:
                other.kill()


def test_stops_while_it_starts():
    with Up() as up:
        up.launch()
        wait_for(lambda: up.child("postgres"), "PostgreSQL runs")
        up.stop(signal.SIGTERM)
        assert not up.running()


@pytest.fixture
def own_cluster():
    """A PostgreSQL of the operator's; libpq's words for it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tp-own-"))
    folder.chmod(0o755)
    who = {}
    if os.geteuid() == 0:
        entry = pwd.getpwnam("postgres")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    binaries = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    subprocess.run([binaries / "initdb", "-D", folder / "data", "-U", "owner", "--auth=trust", "--no-sync"], check=True,
                   capture_output=True, timeout=STOP_LIMIT, cwd="/", **who)
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-c", "listen_addresses=", "-c", "fsync=off", "-c",
             f"unix_socket_directories={folder}", "-c", "shared_buffers=16MB"], stdout=log, stderr=log, cwd="/", **who)
    yield f"host={folder} user=owner dbname=postgres"
    server.send_signal(signal.SIGQUIT)
    server.wait(STOP_LIMIT)
    shutil.rmtree(folder, ignore_errors=True)


def test_works_with_a_database_of_ones_own(own_cluster):
    with Up(["--database", own_cluster]) as up:
        up.start()
        number = measure(up)
        assert not (up.data / "postgres").exists()
        up.stop(signal.SIGINT)
        up.start()
        assert json.loads(up.run("measurement", "show", number, "--json"))["id"] == number


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_works_without_root():
    entry = pwd.getpwnam("nobody")
    prefix = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups", "--pdeathsig", "TERM"]
    reachable = subprocess.run([*prefix, programs_folder() / "trigpoint", "--help"], capture_output=True)
    if reachable.returncode != 0:
        pytest.skip("the programs lie where nobody else may look")
    with Up(prefix=prefix) as up:
        os.chown(up.folder, entry.pw_uid, entry.pw_gid)
        up.start()
        assert answers(up)
        assert {os.stat(f"/proc/{pid}").st_uid for pid in up.running()} == {entry.pw_uid}
        up.process.kill()
        wait_for(lambda: not up.running(), "everything has ended")


def test_says_what_is_wrong_with_the_settings():
    with Up(settings={"registry.prot": 1}) as up:
        done = run_command("up", "--data", up.data, "--config", up.config)
        assert done.returncode == 2
        assert 'did you mean "registry.port"?' in done.stderr
        assert not up.data.exists()


def test_a_port_in_use_is_told_and_ends_it():
    with Up() as up, socket.socket() as other:
        other.bind(("127.0.0.1", up.ports[0]))
        other.listen()
        done = run_command("up", "--data", up.data, "--config", up.config)
        assert done.returncode == 1
        assert str(up.ports[0]) in done.stderr


def test_an_address_of_somebody_else_is_told_and_ends_it():
    with Up(settings={"host": ["192.0.2.77"]}) as up:
        done = run_command("up", "--data", up.data, "--config", up.config)
        assert done.returncode == 1
        assert f"192.0.2.77:{up.ports[0]}" in done.stderr
