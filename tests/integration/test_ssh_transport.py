"""The SSH transport with the stock OpenSSH client: ciphers, new keys in mid-stream, half-closed ends, and what is refused."""
import os
import random
import struct
import subprocess
import time

import pytest

PROGRAMS = os.environ["TRIGPOINT_PROGRAMS"]
CLIENT_LIMIT = 60.0  # seconds for one call of ssh


def frames(count, largest, seed):
    source = random.Random(seed)
    bodies = [source.randbytes(source.randint(0, largest)) for _ in range(count)]
    return b"".join(struct.pack("!I", len(body)) + body for body in bodies)


class Echo:
    """The server under test, and stock clients for it."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([f"{PROGRAMS}/ssh-echo", folder / "host_key"], stdout=subprocess.PIPE, text=True)
        host_key = self.process.stdout.readline().strip()
        self.port = self.process.stdout.readline().strip()
        self.known = folder / "known_hosts"
        self.known.write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        self.key = self.make_key("key", "ed25519")

    def make_key(self, name, kind):
        path = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True, timeout=CLIENT_LIMIT)
        return path

    def command(self, *words, key=None, options=()):
        settings = [word for option in options for word in ("-o", option)]
        return ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
                f"UserKnownHostsFile={self.known}", "-o", "StrictHostKeyChecking=yes", *settings, "-i", key or self.key,
                "-p", self.port, *words]

    def run(self, *words, send=b"", **more):
        return subprocess.run(self.command(*words, **more), input=send, capture_output=True, timeout=CLIENT_LIMIT)

    def echo(self, send, **more):
        return self.run("-s", "tester@127.0.0.1", "echo", send=send, **more)

    def ended(self):
        """The next session that the server says has ended: user, key, frames, reason."""
        _, user, key, count, reason = self.process.stdout.readline().strip().split(" ", 4)
        return user, key, int(count), reason

    def stop(self):
        self.process.terminate()
        rest, _ = self.process.communicate(timeout=CLIENT_LIMIT)
        return rest


@pytest.fixture
def echo(tmp_path):
    server = Echo(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()
    assert server.process.returncode == 0


def test_frames_come_back_and_both_ends_close_in_good_order(echo):
    sent = frames(50, 2000, seed=1)
    done = echo.echo(sent)  # ssh closes its end first; what is queued must still come
    assert (done.stdout, done.returncode) == (sent, 0), done.stderr
    key = (echo.folder / "key.pub").read_text().split()[1]
    assert echo.ended() == ("tester", key, 50, "closed by the other side")


@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
                                    "aes128-ctr"])
def test_megabytes_come_back_in_every_cipher(echo, cipher):
    sent = frames(400, 20_000, seed=2)
    done = echo.echo(sent, options=[f"Ciphers={cipher}"])
    assert done.stdout == sent, done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("limit", ["200K", "1M"])
def test_new_keys_in_mid_stream_lose_nothing(echo, limit):
    sent = frames(600, 20_000, seed=3)
    done = echo.echo(sent, options=[f"RekeyLimit={limit}", "LogLevel=DEBUG1"])
    assert done.stdout == sent
    assert done.stderr.count(b"SSH2_MSG_NEWKEYS received") > 5, "the client did not ask for new keys"


def test_a_frame_that_ends_in_the_middle_is_not_good_order(echo):
    done = echo.echo(frames(3, 100, seed=4) + b"\0\0\0\x10half")
    assert done.stdout == frames(3, 100, seed=4)
    assert echo.ended()[2:] == (3, "unavailable at present")


def test_a_frame_beyond_the_limit_is_too_large(echo):
    done = echo.echo(frames(3, 100, seed=5) + struct.pack("!I", 64 * 1024 + 1) + b"x" * 1000)
    assert done.stdout == frames(3, 100, seed=5)
    assert echo.ended()[2:] == (3, "too large")


@pytest.mark.parametrize("words", [
    ("tester@127.0.0.1",),  # a shell
    ("-tt", "tester@127.0.0.1"),
    ("tester@127.0.0.1", "id"),
    ("-s", "tester@127.0.0.1", "sftp"),
    ("-W", "127.0.0.1:22", "tester@127.0.0.1"),
])
def test_anything_but_the_subsystem_is_refused(echo, words):
    done = echo.run(*words)
    assert done.returncode == 255 and done.stdout == b"", (done.stdout, done.stderr)
    assert echo.echo(frames(1, 100, seed=6)).returncode == 0
    assert "opened 1 " in echo.stop()


def test_forwarding_from_the_server_is_refused(echo):
    done = echo.run("-N", "-R", "0:127.0.0.1:22", "tester@127.0.0.1", options=["ExitOnForwardFailure=yes"])
    assert done.returncode == 255, done.stderr


def test_a_second_channel_is_refused_and_the_first_goes_on(echo):
    control = [f"ControlPath={echo.folder}/c"]
    first = subprocess.Popen(echo.command("-s", "tester@127.0.0.1", "echo", options=[*control, "ControlMaster=yes"]),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sent = frames(1, 100, seed=7)
    first.stdin.write(sent)
    first.stdin.flush()
    assert first.stdout.read(len(sent)) == sent
    second = echo.echo(b"", options=[*control, "ControlMaster=no"])
    assert b"refused by peer" in second.stderr, second.stderr  # ssh then makes a connection of its own
    rest, _ = first.communicate(sent, timeout=CLIENT_LIMIT)
    assert (rest, first.returncode) == (sent, 0)


def test_other_kinds_of_keys_do_not_get_in(echo):
    for kind in ("rsa", "ecdsa"):
        done = echo.echo(b"", key=echo.make_key(kind, kind))
        assert done.returncode == 255 and b"denied" in done.stderr, done.stderr
    assert "opened 0 " in echo.stop()


def test_a_wrong_host_key_is_seen_by_the_client(echo):
    other = (echo.folder / "key.pub").read_text()
    echo.known.write_text(f"[127.0.0.1]:{echo.port} {other}")
    assert echo.echo(b"").returncode == 255


def test_stopping_the_server_ends_its_sessions(echo):
    client = subprocess.Popen(echo.command("-s", "tester@127.0.0.1", "echo"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    sent = frames(1, 100, seed=8)
    client.stdin.write(sent)
    client.stdin.flush()
    assert client.stdout.read(len(sent)) == sent
    began = time.monotonic()
    assert "opened 1 login_failed 0 sessions 0" in echo.stop()
    client.communicate(timeout=CLIENT_LIMIT)
    assert time.monotonic() - began < 30
