"""A resolver of the laboratory as nobody wants one.

    bad_resolver.py HABIT ADDRESS... : serves UDP on port 53 of each, as the DNS server does (tests/lab/dns_server.py) but for
        "lie": of the near target's addresses it tells others
        "mangle": what it answers repeats the question in small letters
"""
import ipaddress
import sys

from tests.lab import dns_server
from tests.lab.servers import open_udp, serve
from tests.lab.topology import TARGETS, Service

NEAR = next(one for one in TARGETS if one.name == "near")
ELSEWHERE = Service("elsewhere", 66)


def lie(query):
    reply = dns_server.answer_udp(query)
    for right, wrong in ((NEAR.v4, ELSEWHERE.v4), (NEAR.v6, ELSEWHERE.v6)):
        reply = reply and reply.replace(ipaddress.ip_address(right).packed, ipaddress.ip_address(wrong).packed)
    return reply


def mangle(query):
    reply = dns_server.answer_udp(query)
    ends = reply and dns_server.read_name(reply, 12)[1]
    return reply and reply[:12] + reply[12:ends].lower() + reply[ends:]


if __name__ == "__main__":
    serve([open_udp(one, dns_server.PORT) for one in sys.argv[2:]], {"lie": lie, "mangle": mangle}[sys.argv[1]])
