"""A small SSH client that goes as far as a test wants and no further, with any key and from any address: stops in the middle
of a handshake, logs in and says nothing, or says what a probe would.

One connection of the least that a server of ours takes: curve25519-sha256, ssh-ed25519, aes128-gcm@openssh.com (RFC 4253,
5647, 8731, 8709). It renews no keys, and believes whatever host key it is shown.
"""
import hashlib
import os
import socket
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

LIMIT = 60.0  # seconds for one step of the other side
BANNER = b"SSH-2.0-peer\r\n"
CIPHER, MAC = b"aes128-gcm@openssh.com", b"hmac-sha2-256"
KEXINIT, NEWKEYS, ECDH_INIT, ECDH_REPLY = 20, 21, 30, 31
SERVICE_REQUEST, SERVICE_ACCEPT, USERAUTH_REQUEST, USERAUTH_SUCCESS = 5, 6, 50, 52
CHANNEL_OPEN, CHANNEL_CONFIRMATION, CHANNEL_DATA, CHANNEL_EOF, CHANNEL_CLOSE, CHANNEL_REQUEST, CHANNEL_SUCCESS = \
    90, 91, 94, 96, 97, 98, 99
WINDOW, LARGEST_PACKET = 1 << 30, 32 * 1024  # octets
BLOCK, TAG = 16, 16  # octets


class Dropped(Exception):
    """The other side hung up."""


def text(octets):
    return struct.pack("!I", len(octets)) + octets


def mpint(number):
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b""
    return text(octets)


def key_blob(key):
    return text(b"ssh-ed25519") + text(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def load_key(path):
    return load_ssh_private_key(path.read_bytes(), None)


def new_key():
    return Ed25519PrivateKey.generate()


def public_line(key):
    """As in an authorized_keys file."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def kexinit():
    lists = [b"curve25519-sha256", b"ssh-ed25519", CIPHER, CIPHER, MAC, MAC, b"none", b"none", b"", b""]
    return bytes([KEXINIT]) + os.urandom(16) + b"".join(map(text, lists)) + bytes(5)


def packet(payload, block=8, head=5):
    """A payload with its length and padding, in the clear. `head`: octets before it that count for the block."""
    padding = -(head + len(payload)) % block
    if padding < 4:
        padding += block
    return struct.pack("!IB", len(payload) + padding + 1, padding) + payload + os.urandom(padding)


class Sealed:
    """One direction once keys are there."""

    def __init__(self, key, nonce):
        self.cipher = AESGCM(key)
        self.fixed, self.counter = nonce[:4], int.from_bytes(nonce[4:12], "big")

    def nonce(self):
        out = self.fixed + self.counter.to_bytes(8, "big")
        self.counter = (self.counter + 1) % (1 << 64)
        return out

    def seal(self, payload):
        plain = packet(payload, BLOCK, head=1)
        return plain[:4] + self.cipher.encrypt(self.nonce(), plain[4:], plain[:4])

    def open(self, head, body):
        return self.cipher.decrypt(self.nonce(), body, head)


class SshPeer:
    """A connection to a server of ours, before anything was said. Methods raise Dropped when the other side hung up."""

    def __init__(self, server, source=None):
        self.socket = socket.create_connection(server, LIMIT, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.out = self.into = None
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # ---- octets and packets

    def send_octets(self, octets):
        try:
            self.socket.sendall(octets)
        except ConnectionError:
            raise Dropped() from None

    def receive(self, size):
        got = b""
        while len(got) < size:
            try:
                more = self.socket.recv(size - len(got))
            except ConnectionError:
                more = b""
            if not more:
                raise Dropped()
            got += more
        return got

    def send(self, payload):
        self.send_octets(self.out.seal(payload) if self.out else packet(payload))

    def read(self):
        head = self.receive(4)
        length, = struct.unpack("!I", head)
        assert length < 256 * 1024, "a packet that nobody sends"
        body = self.receive(length + (TAG if self.into else 0))
        if self.into:
            body = self.into.open(head, body)
        return body[1:len(body) - body[0]]

    def read_until(self, *wanted):
        """The next packet of these numbers; others are passed over."""
        while True:
            payload = self.read()
            if payload[0] in wanted:
                return payload

    # ---- the steps of a login

    def banner(self):
        self.send_octets(BANNER)
        line = b""
        while not line.endswith(b"\n"):
            line += self.receive(1)
        return line.rstrip(b"\r\n")

    def exchange_keys(self):
        theirs, mine = self.banner(), kexinit()
        self.send(mine)
        offered = self.read_until(KEXINIT)
        secret = X25519PrivateKey.generate()
        point = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.send(bytes([ECDH_INIT]) + text(point))
        host_key, answer, _ = self.texts(self.read_until(ECDH_REPLY)[1:], 3)
        shared = mpint(int.from_bytes(secret.exchange(X25519PublicKey.from_public_bytes(answer)), "big"))
        self.session = hashlib.sha256(text(BANNER.rstrip()) + text(theirs) + text(mine) + text(offered) + text(host_key)
                                      + text(point) + text(answer) + shared).digest()
        self.send(bytes([NEWKEYS]))
        self.read_until(NEWKEYS)
        derived = [hashlib.sha256(shared + self.session + letter + self.session).digest() for letter in (b"A", b"B", b"C", b"D")]
        self.out, self.into = Sealed(derived[2][:16], derived[0]), Sealed(derived[3][:16], derived[1])

    @staticmethod
    def texts(octets, count):
        out = []
        for _ in range(count):
            length, = struct.unpack("!I", octets[:4])
            out.append(octets[4:4 + length])
            octets = octets[4 + length:]
        return out

    def log_in(self, key):
        self.exchange_keys()
        self.send(bytes([SERVICE_REQUEST]) + text(b"ssh-userauth"))
        self.read_until(SERVICE_ACCEPT)
        request = (bytes([USERAUTH_REQUEST]) + text(b"probe") + text(b"ssh-connection") + text(b"publickey") + b"\1"
                   + text(b"ssh-ed25519") + text(key_blob(key)))
        self.send(request + text(text(b"ssh-ed25519") + text(key.sign(text(self.session) + request))))
        self.read_until(USERAUTH_SUCCESS)

    def open(self, key, subsystem):
        """Logs in and opens the subsystem."""
        self.log_in(key)
        self.send(bytes([CHANNEL_OPEN]) + text(b"session") + struct.pack("!III", 0, WINDOW, LARGEST_PACKET))
        self.channel, = struct.unpack("!I", self.read_until(CHANNEL_CONFIRMATION)[5:9])
        self.send(bytes([CHANNEL_REQUEST]) + struct.pack("!I", self.channel) + text(b"subsystem") + b"\1"
                  + text(subsystem.encode()))
        self.read_until(CHANNEL_SUCCESS)
        return self

    # ---- frames

    def say(self, octets):
        self.send(bytes([CHANNEL_DATA]) + struct.pack("!I", self.channel) + text(octets))

    def hear(self):
        """The next frame; None: the other side ended the channel."""
        while True:
            if len(self.unread) >= 4:
                length, = struct.unpack("!I", self.unread[:4])
                if len(self.unread) >= 4 + length:
                    frame, self.unread = self.unread[4:4 + length], self.unread[4 + length:]
                    return frame
            payload = self.read_until(CHANNEL_DATA, CHANNEL_EOF, CHANNEL_CLOSE)
            if payload[0] != CHANNEL_DATA:
                return None
            self.unread += self.texts(payload[5:], 1)[0]

    def wait_dropped(self):
        """Reads until the other side has hung up."""
        self.socket.settimeout(LIMIT)
        try:
            while self.socket.recv(64 * 1024):
                pass
        except ConnectionError:
            pass
