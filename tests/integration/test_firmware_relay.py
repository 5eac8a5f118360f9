"""A repository that officers make is published into a platform, and fetched through a controller by a stock SSH client that speaks
the probe's frames."""
import json
import subprocess

import pytest

from tests.integration.test_ssh_interop import CLIENT_LIMIT, Client, frame, hello, message, number
from tests.integration.up import Up, run_command, wait_for
from tests.lab.release_signing import Ceremony

HERE, ABSENT, UNAVAILABLE = 1, 2, 3
ASSIGNMENT, FILE_PART = 1, 11


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def fields(octets):
    """The fields of a protobuf message: {number: value}, of repeated ones the last."""
    out, at = {}, 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            octet = octets[at]
            at += 1
            value |= (octet & 0x7f) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(octets):
        key = take()
        value = take()
        if key & 7 == 2:
            value, at = octets[at:at + value], at + value
        out[key >> 3] = value
    return out


class Session:
    """A session of a probe with a controller, by `ssh -s`."""

    def __init__(self, client, port, probe):
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        words = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", *options, "-i", client.key, "-p",
                 str(port), "-s", "probe@127.0.0.1", "trigpoint-controller"]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        versions = message(1, number(1, 1) + number(2, 1))
        self.say(message(1, versions + message(2, message(1, b"relay test")) + b"\x18" + varint(probe)))
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait(CLIENT_LIMIT)

    def say(self, body):
        self.process.stdin.write(frame(body))
        self.process.stdin.flush()

    def hear(self):
        length = self.process.stdout.read(4)
        assert len(length) == 4, "the session ended"
        return self.process.stdout.read(int.from_bytes(length, "big"))

    def ask(self, path, offset):
        """The answer to one request; other messages are passed over."""
        self.asked += 1
        path = path.encode()
        body = b"\x08" + varint(self.asked) + b"\x12" + varint(len(path)) + path + b"\x18" + varint(offset) + b"\x20" + varint(60_000)
        self.say(b"\x32" + varint(len(body)) + body)
        while True:
            heard = fields(self.hear())
            if FILE_PART in heard:
                part = fields(heard[FILE_PART])
                assert part[1] == self.asked
                return part

    def fetch(self, path):
        """The whole file; the status of an answer that is none."""
        out = b""
        while True:
            part = self.ask(path, len(out))
            if part[2] != HERE:
                return part[2]
            if not part.get(4):
                assert len(out) == part[3]
                return out
            out += part[4]


@pytest.fixture(scope="module")
def up():
    with Up() as platform:
        yield platform.start()


@pytest.fixture(scope="module")
def ceremony(tmp_path_factory):
    made = Ceremony(tmp_path_factory.mktemp("officers"))
    made.control = (["ann", "bob", "eve"], 2)
    made.found("ann", "bob")
    draft, contents = made.control_draft({"opt-out": "192.0.2.0/24\n"})
    made.publish(made.sign(draft, "ann", "eve", contents=contents), add=contents.iterdir())
    return made


@pytest.fixture
def session(up, tmp_path):
    client = Client(up, tmp_path)
    up.run("probe", "add", "--key", (tmp_path / "key.pub").read_text())
    [answer], _ = client.say(hello(1, 3))
    assignment = fields(fields(answer)[ASSIGNMENT])
    with Session(client, first_controller(up), assignment[2]) as made:
        yield made


def first_controller(up):
    line = next(line for line in up.config.read_text().splitlines() if line.startswith("controllers_port"))
    return int(line.split("=")[1])


def files_of(repository):
    return {str(file.relative_to(repository)): file.read_bytes() for part in ("metadata", "targets")
            for file in (repository / part).rglob("*") if file.is_file()}


def current_files_of(repository):
    """Those that a client may ask for now: roots, and what the timestamp leads to."""
    files = files_of(repository)

    def said(name):
        return json.loads(files[f"metadata/{name}"])["signed"]

    snapshot = f"{said('timestamp.json')['meta']['snapshot.json']['version']}.snapshot.json"
    kept = {"metadata/timestamp.json", f"metadata/{snapshot}", *(path for path in files if path.endswith(".root.json"))}
    for name, facts in said(snapshot)["meta"].items():
        kept.add(f"metadata/{facts['version']}.{name}")
        for path, target in said(f"{facts['version']}.{name}")["targets"].items():
            folder, _, last = path.rpartition("/")
            kept.add(f"targets/{folder}/{target['hashes']['sha256']}.{last}")
    return {path: files[path] for path in kept}


def run_failing(up, *arguments):
    done = run_command(*arguments, env={"TRIGPOINT_API": up.url, "TRIGPOINT_KEY": up.key})
    assert done.returncode == 1
    return done.stderr


def test_what_officers_publish_is_what_a_probe_is_given(up, ceremony, session):
    assert session.fetch("metadata/timestamp.json") == ABSENT
    assert "no repository is here" in run_failing(up, "firmware", "publish", ceremony.folder)
    said = up.run("firmware", "publish", ceremony.repository).splitlines()
    there = current_files_of(ceremony.repository)
    assert sorted(line.removeprefix("published ") for line in said) == sorted(there)
    assert said[-1] == "published metadata/timestamp.json"
    wait_for(lambda: session.fetch("metadata/timestamp.json") == there["metadata/timestamp.json"], "controllers hear of it")
    for path, octets in there.items():
        assert session.fetch(path) == octets, path
    for path in ("metadata/1.snapshot.json", "metadata/../metadata/timestamp.json", "targets", "etc/passwd", "metadata/9.root.json"):
        assert session.fetch(path) == ABSENT

    assert up.run("firmware", "publish", ceremony.repository) == f"everything is there already, {len(there)} files\n"
    listed = up.run("firmware", "list")
    assert all(path in listed for path in there)

    ceremony.publish_release(2, "bob", "eve", content=bytes(range(256)) * 5_000)
    up.run("firmware", "publish", ceremony.repository)
    there = current_files_of(ceremony.repository)
    wait_for(lambda: session.fetch("metadata/timestamp.json") == there["metadata/timestamp.json"], "controllers hear of it")
    assert {path: session.fetch(path) for path in there} == there
