"""The stock OpenSSH client at the registry and a controller: it gets in with any Ed25519 key, and is told what is wrong."""
import struct
import subprocess

import pytest

from tests.integration.up import Up

CLIENT_LIMIT = 30.0  # seconds for one call of ssh; a registry gives a silent one 10


def frame(body):
    return struct.pack("!I", len(body)) + body


def frames_of(octets):
    out = []
    while octets:
        length, = struct.unpack("!I", octets[:4])
        assert len(octets) >= 4 + length, "a frame that ends in the middle"
        out.append(octets[4:4 + length])
        octets = octets[4 + length:]
    return out


def message(number, content):
    """A protobuf field that holds a message or a text."""
    return bytes([number << 3 | 2, len(content)]) + content


def number(field, value):
    return bytes([field << 3, value])


class Client:
    def __init__(self, up, folder):
        self.up = up
        self.key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True, timeout=CLIENT_LIMIT)
        self.known = folder / "known_hosts"
        port = up.ports[0]
        self.known.write_text(f"[127.0.0.1]:{port} {(up.data / 'registry.pub').read_text().strip()}\n")

    def command(self, *words, key=None, options=()):
        return ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
                f"UserKnownHostsFile={self.known}", "-o", "StrictHostKeyChecking=yes", *options, "-i", key or self.key, "-p",
                str(self.up.ports[0]), *words]

    def say(self, octets, options=()):
        """Opens the registry's subsystem, sends this, and answers what came back until the registry closed."""
        done = subprocess.run(self.command("-s", "probe@127.0.0.1", "trigpoint-registry", options=options), input=octets,
                              capture_output=True, timeout=CLIENT_LIMIT)
        return frames_of(done.stdout), done


@pytest.fixture(scope="module")
def up():
    with Up() as platform:
        yield platform.start()


@pytest.fixture
def client(up, tmp_path):
    return Client(up, tmp_path)


def the_answer(client, octets, **options):
    answers, done = client.say(octets, **options)
    assert len(answers) == 1, (answers, done.stderr)
    return answers[0]


def test_a_frame_that_is_no_message_is_called_so(client):
    assert b"no valid message of trigpoint.v1" in the_answer(client, frame(b"\xff\xff\xff\xff"))


def test_a_message_of_an_unknown_kind_is_called_so(client):
    assert b"kind that this registry does not know" in the_answer(client, frame(message(15, b"")))


def test_a_frame_beyond_the_limit_is_called_so(client):
    assert b"longer than" in the_answer(client, struct.pack("!I", 1 << 20) + b"x" * 100)


def hello(lowest, highest, claim_code=b""):
    versions = message(1, number(1, lowest) + number(2, highest))
    return frame(message(1, versions + message(2, message(1, b"interop")) + message(4, claim_code)))


def test_a_good_hello_with_a_key_that_nobody_announced_is_refused_in_words(client):
    answer = the_answer(client, hello(1, 1))
    assert b"key" in answer and b"claim" in answer


def test_a_version_that_nobody_speaks_is_refused_in_words(client):
    assert b"version" in the_answer(client, hello(100, 120))


def test_an_announced_key_is_given_its_controllers(client):
    public = (client.key.parent / "key.pub").read_text()
    client.up.run("probe", "add", "--key", public)
    answer = the_answer(client, hello(1, 3))
    assert b"controller-1" in answer and b"controller-2" in answer


def test_a_server_that_is_renewing_its_keys_all_the_time_is_understood(client):
    assert b"no valid message" in the_answer(client, frame(b"\xff" * 60_000), options=("-o", "RekeyLimit=16K"))


@pytest.mark.parametrize("words", [("probe@127.0.0.1", "id"), ("-s", "probe@127.0.0.1", "sftp"), ("-N", "-W", "127.0.0.1:22", "probe@127.0.0.1")])
def test_there_is_nothing_else_to_be_had(client, words):
    done = subprocess.run(client.command(*words), stdin=subprocess.DEVNULL, capture_output=True, timeout=CLIENT_LIMIT)
    assert done.returncode != 0
    assert done.stdout == b""


def test_a_key_of_another_kind_does_not_get_in(client, tmp_path):
    key = tmp_path / "rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", key], check=True, timeout=CLIENT_LIMIT)
    done = subprocess.run(client.command("-s", "probe@127.0.0.1", "trigpoint-registry", key=key), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=CLIENT_LIMIT)
    assert done.returncode == 255
