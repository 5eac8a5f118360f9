"""A small ping, so that the laboratory can be measured without our own programs. Raw sockets: run it in a namespace."""
import ipaddress
import random
import socket
import struct
import time

ECHO_REQUEST = {4: 8, 6: 128}
ECHO_REPLY = {4: 0, 6: 129}
PAYLOAD = b"trigpoint laboratory"


def _checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _request(version, identifier, sequence):
    header = struct.pack("!BBHHH", ECHO_REQUEST[version], 0, 0, identifier, sequence)
    if version == 6:
        return header + PAYLOAD  # the kernel computes the checksum
    return header[:2] + struct.pack("!H", _checksum(header + PAYLOAD)) + header[4:] + PAYLOAD


def _open(version):
    if version == 4:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    return socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)


def ping(address, count=3, spacing=0.1, limit=3.0):
    """Round trips in milliseconds, None for each packet that was not answered within `limit` seconds of the last."""
    version = ipaddress.ip_address(address).version
    identifier, skip = random.getrandbits(16), 20 if version == 4 else 0
    sent, answers = [], [None] * count
    with _open(version) as sock:
        sock.connect((address, 0))
        ends = None
        while None in answers and (ends is None or time.monotonic() < ends):
            now = time.monotonic()
            if len(sent) < count and (not sent or now >= sent[-1] + spacing):
                sent.append(now)
                sock.send(_request(version, identifier, len(sent) - 1))
            if len(sent) == count and ends is None:
                ends = sent[-1] + limit
            due = ends if len(sent) == count else sent[-1] + spacing
            sock.settimeout(max(0.001, due - time.monotonic()))
            try:
                packet = sock.recv(2048)[skip:]
            except TimeoutError:
                continue
            kind, _, _, whose, sequence = struct.unpack("!BBHHH", packet[:8])
            if kind == ECHO_REPLY[version] and whose == identifier and sequence < len(sent) \
                    and answers[sequence] is None:
                answers[sequence] = (time.monotonic() - sent[sequence]) * 1000
    return answers
