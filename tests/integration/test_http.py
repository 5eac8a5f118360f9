"""HTTP measurements against servers that keep the rules and servers that do not, in a network of two hosts."""
import concurrent.futures
import contextlib
import socket
import ssl
import struct
import subprocess
import time

import pytest

from tests.lab.measure import measure, measure_all
from tests.lab.stream_server import (NOWHERE, OTHER, PROBE_V4, PROBE_V6, SERVER_V4, SERVER_V6, UNREACHABLE, Server,
                                     says, says_and_waits, two_hosts)

USERS = [None, "nobody"]


@pytest.fixture(scope="module")
def hosts():
    with two_hosts() as pair:
        yield pair


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    """Files of a certificate that signed itself, and its key."""
    folder = tmp_path_factory.mktemp("identity")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=odd.example", "-out", certificate, "-keyout", key],
                   check=True, capture_output=True, timeout=60)
    return certificate, key


def anchor(server, address=SERVER_V4):
    return f"[{address}]:{server.port}" if ":" in address else f"{address}:{server.port}"


def fetch(probe, server, address=SERVER_V4, **options):
    return measure(probe, "http", target=address, af=6 if ":" in address else 4, port=server.port,
                   anchors=(anchor(server, address),), **options)


def found(outcome):
    assert outcome["failed"] is None, outcome
    return outcome["found"]


HELLO = b"HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("address", [SERVER_V4, SERVER_V6])
def test_a_plain_get(hosts, address, user):
    probe, host = hosts
    with Server(host, says(HELLO), address) as server:
        outcome = fetch(probe, server, address, user=user, path="/4096", query_string="a=b")
    got = found(outcome)
    shown = f"[{address}]" if ":" in address else address
    assert server.requests == [f"GET /4096?a=b HTTP/1.1\r\nHost: {shown}:{server.port}\r\nConnection: close\r\n"
                               "User-Agent: Trigpoint\r\n\r\n"]
    assert (got["status"], got["version"], got["header_size"], got["body_size"]) == (200, "1.1", 32, 5)
    assert got["method"] == "GET" and got["uri"] == f"http://{shown}:{server.port}/4096?a=b"
    assert got["round_trip"] > 0 and got["connect_time"] is None and got["reads"] == [] and got["headers"] == []
    assert not got["truncated"]
    assert outcome["clock"] == "user"
    assert outcome["source"] == (PROBE_V6 if ":" in address else PROBE_V4)
    assert outcome["packets_sent"] > 0 and outcome["octets_received"] > len(HELLO)


def test_what_is_no_anchor_is_not_even_met(hosts):
    """Neither another address nor another port of an anchor, nor anything without a list."""
    probe, host = hosts
    with Server(host, says(HELLO), "0.0.0.0") as server, Server(host, says(HELLO)) as beside:
        for target, port in ((OTHER, server.port), (SERVER_V4, beside.port)):
            outcome = measure(probe, "http", target=target, port=port, anchors=(anchor(server),))
            assert outcome["failed"] == {"source": "guard", "text": "address not allowed"}
            assert outcome["why"] == "not an anchor" and outcome["clock"] == "none"
        outcome = measure(probe, "http", target=SERVER_V4, port=server.port)
        assert outcome["failed"] == {"source": "guard", "text": "address not allowed"}
        assert found(fetch(probe, server))["status"] == 200
        assert (server.met, beside.met) == (1, 0)


def test_an_anchor_in_space_that_the_host_did_not_allow_is_refused(hosts):
    probe, host = hosts
    with Server(host, says(HELLO)) as server:
        outcome = fetch(probe, server, allow=())
        assert outcome["failed"] == {"source": "guard", "text": "address not allowed"}
        assert server.met == 0


def test_a_redirect_is_an_answer_and_not_followed(hosts):
    probe, host = hosts
    with Server(host, says(HELLO), OTHER) as other:
        location = f"Location: http://{OTHER}:{other.port}/\r\n"
        answer = f"HTTP/1.1 302 Found\r\n{location}Content-Length: 0\r\n\r\n".encode()
        with Server(host, says(answer)) as server:
            outcome = measure(probe, "http", target=SERVER_V4, port=server.port, header_bytes=2048,
                              anchors=(anchor(server), f"{OTHER}:{other.port}"))
        got = found(outcome)
        assert got["status"] == 302 and got["headers"][0] == location.strip()
        assert (server.met, other.met) == (1, 0)


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_other_methods_and_the_older_version(hosts, method):
    probe, host = hosts
    with Server(host, says(HELLO)) as server:
        got = found(fetch(probe, server, method=method, version_1_0=True, user_agent="a tester"))
    request, = server.requests
    assert request.startswith(f"{method} / HTTP/1.0\r\n") and "User-Agent: a tester\r\n" in request
    assert ("Content-Length: 0\r\n" in request) == (method == "POST")
    assert got["method"] == method and got["body_size"] == (0 if method == "HEAD" else 5)


def test_timings_are_told_as_far_as_asked_for(hosts):
    """In the order of what happened. The answer is larger than the 16 KiB that one read can bring."""
    probe, host = hosts
    answer = b"HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40_000
    with Server(host, says(answer)) as server:
        got = found(fetch(probe, server, extended_timing=True, more_extended_timing=True, header_bytes=2048,
                          max_bytes_read=50_000))
    assert 0 < got["connect_time"] < got["first_byte_time"] < got["round_trip"]
    offsets, times = ([one[name] for one in got["reads"]] for name in ("offset", "at"))
    assert len(offsets) >= 3 and offsets[0] == 0 and offsets[-1] < len(answer)
    assert offsets == sorted(set(offsets)) and times == sorted(times)
    assert got["first_byte_time"] == times[0] and times[-1] <= got["round_trip"]
    assert got["headers"] == ["Server: lab", "Content-Length: 40000", ""] and got["body_size"] == 40_000


def test_a_body_is_read_up_to_its_limit_only(hosts):
    """Ten thousand octets unless the definition says less, whatever the server sends and promises."""
    probe, host = hosts

    def endless(head, piece):
        def script(connection, _):
            connection.sendall(head)
            while True:
                connection.sendall(piece)
        return script

    piece = b"x" * 999
    for script in (endless(b"HTTP/1.1 200 OK\r\n\r\n", piece),
                   endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", piece),
                   endless(CHUNKED, b"3e7\r\n" + piece + b"\r\n")):
        with Server(host, script) as server:
            for wanted, size in ((None, 10_240), (1, 1), (5_000, 5_000)):
                options = {} if wanted is None else {"max_bytes_read": wanted}
                got = found(fetch(probe, server, **options))
                assert (got["status"], got["body_size"], got["truncated"]) == (200, size, True)


def test_a_head_that_never_ends_does(hosts):
    probe, host = hosts

    def script(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Flood: more and more\r\n")

    with Server(host, script) as server:
        outcome = fetch(probe, server, header_bytes=2048)
    assert outcome["failed"] == {"source": "target", "text": "too many octets beside the body"}
    assert outcome["found"]["headers"][-1].endswith("[...]")
    assert sum(map(len, outcome["found"]["headers"])) == 2048 + len("[...]")


def reset(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("script, text", [
    (says(), "error reading status: closed by the other side"),
    (reset, "error reading status: Connection reset by peer"),
    (says(b"HTTP/1.1 200 OK\r\nServer: lab\r\n"), "error reading headers: closed by the other side"),
    (says(HELLO[:-1]), "error reading body: closed by the other side"),
    (says(CHUNKED + b"5\r\nhel"), "error reading chunk: closed by the other side"),
    (says(CHUNKED + b"five\r\nhello"), "bad chunk line: not a number"),
    (says(b"220 mail.example ESMTP\r\n"), "bad status line: bad prefix"),
    (says(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n"), "bad header line: malformed content-length"),
    (says(b"x" * 10_000), "line too long"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_answer_is_told_by_what_is_broken(hosts, script, text):
    probe, host = hosts
    with Server(host, script) as server:
        outcome = fetch(probe, server)
    assert outcome["failed"] == {"source": "target", "text": text}
    assert outcome["found"]["round_trip"] is None


def drip(connection, server):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X")
        time.sleep(0.5)


def test_whoever_stalls_is_waited_for_to_the_limit_and_no_longer(hosts):
    """All at once, since each takes the whole limit of 30 s."""
    probe, host = hosts
    stalls = {
        says_and_waits(): "timeout reading status",
        says_and_waits(b"HTTP/1.1 200"): "timeout reading status",
        says_and_waits(b"HTTP/1.1 100 Continue\r\n\r\n"): "timeout reading status",
        says_and_waits(b"HTTP/1.1 200 OK\r\nServer"): "timeout reading headers",
        says_and_waits(HELLO[:-1]): "timeout reading body",
        says_and_waits(b"HTTP/1.1 200 OK\r\n\r\nhello"): "timeout reading body",
        says_and_waits(CHUNKED): "timeout reading chunk",
        says_and_waits(CHUNKED + b"5\r\nhel"): "timeout reading chunk",
        says_and_waits(CHUNKED + b"5\r\nhello\r\n0\r\n"): "timeout reading chunk",
        drip: "timeout reading headers",
    }
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(len(stalls)) as pool:
        servers = [stack.enter_context(Server(host, script)) for script in stalls]
        outcomes = list(pool.map(lambda server: fetch(probe, server), servers))
    assert [one["failed"] for one in outcomes] == [{"source": "target", "text": text} for text in stalls.values()]


@pytest.mark.parametrize("target, source, text", [
    (NOWHERE, "network", "connect: timeout"),
    (UNREACHABLE, "network", "connect: No route to host"),
    (SERVER_V4, "target", "connect: Connection refused"),
    ("2001:db8:ffff::1", "network", "connect: Network is unreachable"),
])
@pytest.mark.parametrize("user", USERS)
def test_a_connection_that_is_not_made_says_why(hosts, target, source, text, user):
    probe, _ = hosts
    name = f"[{target}]:81" if ":" in target else f"{target}:81"
    outcome = measure(probe, "http", target=target, af=6 if ":" in target else 4, port=81, anchors=(name,), user=user)
    assert outcome["failed"] == {"source": source, "text": text}
    assert outcome["found"]["status"] is None


def test_https_on_port_443(hosts, identity):
    probe, host = hosts
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity)

    def script(connection, server):
        with context.wrap_socket(connection, server_side=True) as secured:
            server.requests.append(secured.recv(4096).decode())
            secured.sendall(HELLO)

    with Server(host, script, port=443, head=False) as server:
        got = found(fetch(probe, server))
        assert server.requests[0].startswith(f"GET / HTTP/1.1\r\nHost: {SERVER_V4}\r\n")
    assert got["uri"] == f"https://{SERVER_V4}/" and got["body_size"] == 5
    with Server(host, says(HELLO), port=443, head=False) as server:
        outcome = fetch(probe, server)
    assert outcome["failed"] == {"source": "target", "text": "TLS handshake: wrong version number"}


def test_a_thousand_at_once_each_get_their_answer(hosts):
    """More than the engine has connections for at a time, and than a process has files."""
    probe, host = hosts
    with Server(host, says(HELLO)) as server:
        outcomes = measure_all(probe, "http", target=SERVER_V4, port=server.port, anchors=(anchor(server),), times=1000,
                               at_once=True)
    assert len(outcomes) == 1000 and all(found(one)["body_size"] == 5 for one in outcomes)
