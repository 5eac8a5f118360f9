"""Traceroutes by the probe's own engine in networks of namespaces: balancers, silence, unreachables, narrow links; with
raw sockets and without privileges."""
import contextlib

import pytest

from tests.lab.measure import measure, measure_all
from tests.lab.paths import BALANCERS, MTU, Diamond, Line, address, target

FAMILIES = (4, 6)
PROTOCOLS = ("icmp", "udp", "tcp")
USERS = (None, "nobody")  # with raw sockets; without any privilege
WAIT = 700  # milliseconds: longer than any answer takes here, shorter than the kernel's repetition of a SYN


@pytest.fixture(scope="module")
def diamond():
    with Diamond() as made:
        yield made


@pytest.fixture(scope="module")
def line():
    with Line() as made:
        yield made


@contextlib.contextmanager
def silenced(line, name, limit=None):
    line.silence(name, limit)
    try:
        yield
    finally:
        line.speak(name)


def trace(net, family, **words):
    words = {"response_timeout": WAIT, "af": family, "target": target(family), **words}
    return measure(net["p"], "traceroute", **words)


def hops(outcome):
    assert outcome["failed"] is None, outcome
    return {one["hop"]: one["replies"] for one in outcome["found"]["hops"]}


def senders(outcome, hop):
    return {one["from"] for one in hops(outcome)[hop] if one["from"]}


def own_address(line, family, number):
    """So that a program can be bound to it."""
    line["t"].ip(f"addr replace {target(family, number)}/{32 if family == 4 else 128} dev lo")


def routers(family):
    return [{address(family, link, 2)} for link in (1, 2, 3)]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_hop_is_seen_with_kernel_stamps(line, family, protocol, user):
    got = trace(line, family, protocol=protocol, user=user)
    assert [senders(got, hop) for hop in (1, 2, 3)] == routers(family)
    assert list(hops(got)) == [1, 2, 3, 4]
    assert all(len(replies) == 3 and "round_trip" in one for replies in hops(got).values() for one in replies)
    assert got["found"]["stopped_by"] == "reached"
    assert got["found"]["unprivileged"] == (user is not None)
    assert got["found"]["paris_id"] == 1
    assert got["clock"] == ("user" if user and protocol == "tcp" else "kernel")
    assert "error" not in hops(got)[4][0]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("balancer", BALANCERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_paris_takes_one_way(diamond, family, balancer, protocol, user):
    if (balancer, protocol) == ("l4", "tcp") and user is not None:
        pytest.skip("a TCP socket gives its packets a random hash, which a router in the same kernel takes for that of "
                    "the ports (skb->l4_hash); the balancer by the first 32 bits sees that the ports stay")
    diamond.balance(balancer)
    got = measure_all(diamond["p"], "traceroute", af=family, target=target(family), protocol=protocol, packets=8,
                      duplicate_timeout=1, response_timeout=WAIT, times=16, at_once=user is None, user=user)
    assert sorted(one["found"]["paris_id"] for one in got) == list(range(1, 17))
    ways = [senders(one, 2) for one in got]
    assert all(len(way) == 1 and way <= diamond.branches(family) for way in ways), ways
    if spreads(balancer, family, protocol, user):
        assert set().union(*ways) == diamond.branches(family)


def spreads(balancer, family, protocol, user):
    """Whether the flows of a measurement meet both branches there: by ports, ICMP checksum or flow label."""
    if balancer == "first32":
        return True
    if balancer == "l4":
        return protocol != "icmp"
    return family == 6 and user is None  # an ordinary socket's flow label is 0


@pytest.mark.parametrize("family, balancer, protocol", [
    (4, "l4", "udp"), (4, "l4", "tcp"), (4, "first32", "icmp"), (4, "first32", "udp"), (4, "first32", "tcp"),
    (6, "l3", "icmp"), (6, "l3", "udp"), (6, "l3", "tcp"), (6, "l4", "udp"), (6, "l4", "tcp"),
    (6, "first32", "icmp"), (6, "first32", "udp"), (6, "first32", "tcp")])
def test_classic_shows_both_ways(diamond, family, balancer, protocol):
    diamond.balance(balancer)
    got = trace(diamond, family, protocol=protocol, packets=16, paris=0, duplicate_timeout=1)
    assert got["found"]["paris_id"] == 0
    assert senders(got, 2) == diamond.branches(family)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_silent_hop_is_passed(line, family, protocol, user):
    with silenced(line, "r2"):
        got = trace(line, family, protocol=protocol, user=user)
    assert all(one["from"] is None for one in hops(got)[2]) and len(hops(got)[2]) == 3
    assert senders(got, 3) == routers(family)[2]
    assert got["found"]["stopped_by"] == "reached"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_hop_with_a_rate_limit_answers_some(line, family):
    with silenced(line, "r2", "1/minute burst 1 packets"):
        got = trace(line, family, protocol="udp")
    answers = [one["from"] for one in hops(got)[2]]
    assert answers.count(None) == 2 and len(answers) == 3
    assert senders(got, 3) == routers(family)[2]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_path_that_goes_dark_ends_with_hop_255(line, family, user):
    got = trace(line, family, target=target(family, prefix=203), protocol="udp", packets=1, user=user)
    assert list(hops(got)) == [1, 2, 3, 4, 5, 6, 255]  # r2 looks for a route before it looks at the TTL
    assert [hop for hop, replies in hops(got).items() if replies[0]["from"]] == [1]
    assert got["found"]["stopped_by"] == "gap_limit"
    assert got["packets_sent"] == 7


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("prefix, error", [(201, "N"), (202, "A")])
def test_routes_that_say_no(line, prefix, error, protocol, user):
    got = trace(line, 6, target=target(6, prefix=prefix), protocol=protocol, user=user)  # v4: the kernel says it rarely
    assert got["found"]["stopped_by"] == "unreachable"
    last = max(hops(got))
    assert {one["error"] for one in hops(got)[last]} == {error}
    assert senders(got, last) == routers(6)[1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("family, words, error, code", [
    (4, "icmp type net-unreachable", "N", 0), (4, "icmp type host-unreachable", "H", 0),
    (4, "icmp type prot-unreachable", "P", 0), (4, "icmp type net-prohibited", "other", 9),
    (4, "icmp type host-prohibited", "other", 10), (4, "icmp type admin-prohibited", "A", 0),
    (4, "icmp type port-unreachable", "p", 0),
    (6, "icmpv6 type no-route", "N", 0), (6, "icmpv6 type admin-prohibited", "A", 0),
    (6, "icmpv6 type addr-unreachable", "H", 0), (6, "icmpv6 type port-unreachable", "p", 0),
    (6, "icmpv6 type policy-fail", "other", 5), (6, "icmpv6 type reject-route", "other", 6)])
def test_unreachables_of_each_code(line, family, words, error, code, protocol):
    line.reject(family, words)
    try:
        got = trace(line, family, target=target(family, prefix=204), protocol=protocol, packets=1)
    finally:
        line.speak("r2")
    reply, = hops(got)[max(hops(got))]
    if error == "p" and protocol != "icmp":
        assert "error" not in reply and got["found"]["stopped_by"] == "reached"
    else:
        assert (reply["error"], reply["error_code"]) == (error, code)
        assert got["found"]["stopped_by"] == "unreachable"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", ("icmp", "udp"))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_narrow_link_is_named_and_passed_with_smaller_packets(line, family, protocol, user):
    line.limit_mtu()
    got = trace(line, family, target=target(family, 9), protocol=protocol, size=1440, dont_fragment=True, user=user)
    told = [one["mtu"] for replies in hops(got).values() for one in replies if "mtu" in one]
    assert told and set(told) == {MTU}
    assert senders(got, 4) and got["found"]["stopped_by"] == "reached"
    assert got["found"]["size"] == 1440


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("protocol", ("icmp", "udp"))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_packet_longer_than_the_link_goes_in_fragments(line, family, protocol, user):
    got = trace(line, family, target=target(family, 10), protocol=protocol, size=2048, packets=1, user=user)
    assert senders(got, 1) == routers(family)[0]
    assert got["found"]["stopped_by"] == "reached"


def test_a_packet_longer_than_the_link_cannot_go_unfragmented(line):
    got = trace(line, 4, target=target(4, 11), protocol="udp", size=2048, dont_fragment=True)
    hop, = got["found"]["hops"]
    assert hop == {"hop": 1, "error": "sendto failed: Message too long", "replies": []}
    assert got["found"]["stopped_by"] == "send_error"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_options_headers_of_ipv6_are_carried_and_quoted(line, protocol):
    # Linux drops what has more than 7 octets of padding, so that larger ones end at the first router.
    got = trace(line, 6, protocol=protocol, hop_by_hop_option_size=6, destination_option_size=6)
    assert list(hops(got)) == [1, 2, 3, 4]
    first = hops(got)[1][0]
    assert (first["hop_by_hop_size"], first["destination_option_size"]) == (6, 6)
    assert got["found"]["stopped_by"] == "reached"


def test_options_headers_are_refused_without_privileges(line):
    got = trace(line, 6, protocol="udp", destination_option_size=8, user="nobody")
    assert got["failed"]["source"] == "probe" and got["failed"]["text"].startswith("unsupported: ")


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_an_open_tcp_port_answers_with_syn_and_ack(line, family, user):
    own_address(line, family, 20)
    listener = line["t"].start(["/usr/bin/python3", "-c", f"""
import socket, time
s = socket.create_server(("{target(family, 20)}", 8080), family=socket.AF_INET{'6' if family == 6 else ''})
print("READY", flush=True)
time.sleep(1000)
"""])
    try:
        listener.wait_ready(20)
        got = trace(line, family, target=target(family, 20), protocol="tcp", port=8080, user=user)
        assert {one["tcp_flags"] for one in hops(got)[4]} == {0x12}
        if user is None:
            assert all(one["mss"] > 500 for one in hops(got)[4])
        refused = trace(line, family, target=target(family, 20), protocol="tcp", port=8081, user=user)
        assert {one["tcp_flags"] for one in hops(refused)[4]} == {0x14}
    finally:
        listener.stop()


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_udp_service_that_answers_ends_the_trace(line, family, user):
    own_address(line, family, 21)
    service = line["t"].start(["/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.AF_INET{'6' if family == 6 else ''}, socket.SOCK_DGRAM)
s.bind(("{target(family, 21)}", 33434))
print("READY", flush=True)
while True:
    data, peer = s.recvfrom(4096)
    s.sendto(b"hello", peer)
"""])
    try:
        service.wait_ready(20)
        got = trace(line, family, target=target(family, 21), protocol="udp", paris=1, user=user)
    finally:
        service.stop()
    assert list(hops(got)) == [1, 2, 3, 4]
    assert [(one["from"], one["size"]) for one in hops(got)[4]] == [(target(family, 21), 5)] * 3
    assert got["found"]["stopped_by"] == "reached"


def test_a_target_that_the_guard_refuses_is_never_sent_to(line):
    got = trace(line, 4, protocol="udp", allow=["198.18.77.0/24"])
    assert got["failed"] == {"source": "guard", "text": "address not allowed"}
    assert got["packets_sent"] == 0 and got["found"]["hops"] == []


def test_the_guards_pace_is_kept(line):
    got = trace(line, 4, protocol="icmp", packets_per_second=50, response_timeout=4000)
    assert list(hops(got)) == [1, 2, 3, 4]
    assert got["found"]["stopped_by"] == "reached"


def test_many_traces_at_once_do_not_take_each_others_answers(line):
    got = measure_all(line["p"], "traceroute", target=target(4), protocol="icmp", packets=2, times=300, at_once=True,
                      response_timeout=10_000)
    assert len(got) == 300
    for one in got:
        assert [senders(one, hop) for hop in (1, 2, 3, 4)] == [*routers(4), {target(4)}]
        assert one["found"]["stopped_by"] == "reached"


class LineWithoutPingSockets(Line):
    ping_sockets = False


def test_without_ping_sockets_icmp_is_unsupported_and_udp_works():
    with LineWithoutPingSockets() as net:
        got = trace(net, 4, protocol="icmp", user="nobody")
        assert got["failed"]["text"].startswith("unsupported: ICMP")
        assert trace(net, 4, protocol="udp", user="nobody")["found"]["stopped_by"] == "reached"
