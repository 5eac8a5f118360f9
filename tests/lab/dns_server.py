"""The laboratory's DNS server: the zone lab.test, for authority and resolver alike. RFC 1035, 6891 (EDNS), 5001 (NSID).

    dns_server.py ADDRESS... : serves UDP and TCP on port 53 of each.
"""
import ipaddress
import struct
import sys

from tests.lab.servers import open_tcp, open_udp, serve
from tests.lab.topology import ZONE, names

PORT = 53
LIFETIME = 60  # seconds that answers may be kept
NSID = b"laboratory"

A, SOA, TXT, AAAA, OPT, ANY = 1, 6, 16, 28, 41, 255
IN, CHAOS = 1, 3
NO_ERROR, FORMAT_ERROR, NO_SUCH_NAME, REFUSED = 0, 1, 3, 5
RESPONSE, AUTHORITATIVE, TRUNCATED, RECURSION_DESIRED, RECURSION_AVAILABLE = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
SMALLEST_UDP = 512
NSID_OPTION = 3


def encode_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(message, at):
    """The name there, and what follows it. Queries have no compressed names."""
    labels = []
    while (length := message[at]) != 0:
        if length > 63:
            raise ValueError("a compressed name")
        labels.append(message[at + 1:at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), at + 1


def record(name, kind, data):
    return encode_name(name) + struct.pack("!HHIH", kind, IN, LIFETIME, len(data)) + data


def soa():
    return encode_name(f"ns.{ZONE}") + encode_name(f"hostmaster.{ZONE}") + struct.pack("!5I", 1, 3600, 600, 86400, 60)


def look_up(name, kind):
    """(code, answers) for a question of class IN."""
    lower = name.lower()
    if lower != ZONE and not lower.endswith("." + ZONE):
        return REFUSED, []
    zone = {f"{one}.{ZONE}": addresses for one, addresses in names().items()}
    if lower == ZONE:
        return NO_ERROR, [record(name, SOA, soa())] if kind in (SOA, ANY) else []
    if lower not in zone:
        return NO_SUCH_NAME, []
    answers = []
    for address in map(ipaddress.ip_address, filter(None, zone[lower])):
        if kind in (ANY, A if address.version == 4 else AAAA):
            answers.append(record(name, A if address.version == 4 else AAAA, address.packed))
    return NO_ERROR, answers


def options_of(message, at, additional):
    """What the client's OPT record says: (payload size, whether it asks for NSID), or None without EDNS."""
    if not additional or message[at:at + 1] != b"\0":
        return None
    kind, size, _, length = struct.unpack_from("!HHIH", message, at + 1)
    if kind != OPT:
        return None
    options, wants_nsid = message[at + 11:at + 11 + length], False
    while len(options) >= 4:
        code, count = struct.unpack_from("!HH", options)
        wants_nsid = wants_nsid or code == NSID_OPTION
        options = options[4 + count:]
    return max(SMALLEST_UDP, size), wants_nsid


def reply_to(query):
    """(reply, the octets that the client takes over UDP)."""
    number, flags, questions, _, _, additional = struct.unpack_from("!6H", query)
    if flags & RESPONSE or questions != 1:
        raise ValueError("no query")
    name, at = read_name(query, 12)
    kind, class_ = struct.unpack_from("!HH", query, at)
    question = query[12:at + 4]
    edns = options_of(query, at + 4, additional)
    code, answers = look_up(name, kind) if class_ == IN else (REFUSED, [])
    opt = b""
    if edns:
        nsid = struct.pack("!HH", NSID_OPTION, len(NSID)) + NSID if edns[1] else b""
        opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, len(nsid)) + nsid
    flags = RESPONSE | AUTHORITATIVE | RECURSION_AVAILABLE | (flags & RECURSION_DESIRED) | code
    header = struct.pack("!6H", number, flags, 1, len(answers), 0, 1 if edns else 0)
    return header + question + b"".join(answers) + opt, edns[0] if edns else SMALLEST_UDP


def answer_tcp(query):
    return reply_to(query)[0]


def answer_udp(query):
    try:
        reply, room = reply_to(query)
    except (ValueError, IndexError, struct.error):
        return None  # no DNS query
    if len(reply) <= room:
        return reply
    flags = int.from_bytes(reply[2:4]) | TRUNCATED
    return reply[:2] + flags.to_bytes(2) + reply[4:6] + b"\0\0" * 3 + reply[12:read_name(reply, 12)[1] + 4]


if __name__ == "__main__":
    serve([open_udp(one, PORT) for one in sys.argv[1:]], answer_udp,
          [open_tcp(one, PORT) for one in sys.argv[1:]], answer_tcp)
