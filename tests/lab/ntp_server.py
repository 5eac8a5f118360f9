"""The laboratory's NTP server (RFC 5905, mode 4), whose clock may be wrong on purpose.

    ntp_server.py SECONDS ADDRESS... : serves port 123 of each; its clock is so many seconds ahead.
"""
import struct
import sys
import time

from tests.lab.servers import open_udp, serve

PORT = 123
ERA = 2_208_988_800  # seconds from 1900 to 1970
SERVER_MODE, CLIENT_MODE = 4, 3
STRATUM, POLL, PRECISION = 1, 6, -20  # 2^-20 s
REFERENCE = b"LAB\0"
LENGTH = 48  # octets


def stamp(seconds):
    """A 64-bit NTP timestamp."""
    return int((seconds + ERA) * 2**32).to_bytes(8)


def answer(query, ahead):
    received = time.time() + ahead
    if len(query) < LENGTH or query[0] & 7 != CLIENT_MODE:
        return None
    version = query[0] & 0x38
    head = struct.pack("!BBbbII", version | SERVER_MODE, STRATUM, POLL, PRECISION, 0, 0)
    return head + REFERENCE + stamp(received) + query[40:48] + stamp(received) + stamp(time.time() + ahead)


if __name__ == "__main__":
    difference = float(sys.argv[1])
    serve([open_udp(one, PORT) for one in sys.argv[2:]], lambda query: answer(query, difference))
