"""DNS measurements against servers that answer, lie, truncate, stay silent, answer from elsewhere, break off and drip."""
import pathlib
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

from tests.lab.measure import measure, measure_all, octets
from tests.lab.network import Network

SERVER, SERVER_2, PROBE, NOWHERE = "198.18.9.53", "198.18.9.54", "198.18.9.1", "198.18.77.1"
SERVER_V6, PROBE_V6 = "2001:db8:9::53", "2001:db8:9::1"
SHORT, LONG = 300, 10_000  # milliseconds: when silence is expected, and when it is not
LIMIT = 20.0  # seconds, for anything that a server of ours waits for
TRUNCATED = 0x0200


class Site(Network):
    """A probe and a server on one cable."""

    def build(self):
        probe, server = self.add("probe", "server")
        self.veth(((probe, "wire"), (server, "wire")))
        probe.ip(f"addr add {PROBE}/24 dev wire", f"addr add {PROBE_V6}/64 dev wire nodad")
        server.ip(f"addr add {SERVER}/24 dev wire", f"addr add {SERVER_2}/24 dev wire",
                  f"addr add {SERVER_V6}/64 dev wire nodad")


@pytest.fixture(scope="module")
def site():
    with Site() as made:
        yield made


@pytest.fixture(scope="module", params=[None, "nobody"], ids=["as_we_are", "unprivileged"])
def ask(site, request):
    """ask(option=value...): the outcome of one run."""
    def run(**words):
        said = {"target": SERVER, "query_argument": "example.test", "include_qbuf": True, "timeout": SHORT, **words}
        return measure(site["probe"], "dns", user=request.param, **said)
    return run


def exchange(outcome):
    assert outcome["failed"] is None
    found, = outcome["found"]["exchanges"]
    return found


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), query[at + 5:]


def answer_to(query, flags=0, data=b"\xc6\x12\x00\x01"):
    """An answer with one address; EDNS is not answered."""
    question = query[12:query.index(b"\0", 12) + 5]
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c" + struct.pack("!H", len(data)) + data
    return query[:2] + struct.pack("!HHHHH", 0x8400 | flags, 1, 1, 0, 0) + question + record


def with_id(message, number):
    return struct.pack("!H", number) + message[2:]


def wrong(message, by=1):
    return with_id(message, (struct.unpack("!H", message[:2])[0] + by) % 65536)


class Server:
    """A thread with a socket inside a namespace."""

    def __init__(self, namespace, kind, address=SERVER, port=53):
        self.queries = []
        self.socket = namespace.call(self._open, kind, address, port)
        self.thread = threading.Thread(target=self._run, daemon=True)

    @staticmethod
    def _open(kind, address, port):
        made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        return made

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.socket.shutdown(socket.SHUT_RDWR) if self.socket.type == socket.SOCK_STREAM else self._wake()
        self.thread.join(LIMIT)
        self.socket.close()
        assert not self.thread.is_alive()

    def _wake(self):
        self.stopped = True

    def _run(self):
        try:
            self.serve()
        except OSError:
            pass  # closed, or the probe hung up


class Udp(Server):
    """Does to each query what `react(server, query, number, sender)` says."""

    def __init__(self, namespace, react, address=SERVER, port=53):
        super().__init__(namespace, socket.SOCK_DGRAM, address, port)
        self.react, self.stopped = react, False
        self.socket.settimeout(0.05)

    def serve(self):
        while not self.stopped:
            try:
                query, sender = self.socket.recvfrom(65535)
            except TimeoutError:
                continue
            self.queries.append(query)
            self.react(self, query, len(self.queries), sender)


class Stream(Server):
    """Plays `react(connection, query)` with each connection, and closes it then. TLS if there is a context."""

    def __init__(self, namespace, react, address=SERVER, port=53, context=None):
        super().__init__(namespace, socket.SOCK_STREAM, address, port)
        self.react, self.context = react, context
        self.socket.listen(8)

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            connection.settimeout(LIMIT)
            try:
                self._talk(connection)
            except OSError:
                pass  # the probe hung up
            finally:
                connection.close()

    def _talk(self, connection):
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        length, = struct.unpack("!H", self._exactly(connection, 2))
        query = self._exactly(connection, length)
        self.queries.append(query)
        self.react(connection, query)
        connection.close()

    @staticmethod
    def _exactly(connection, count):
        got = b""
        while len(got) < count:
            piece = connection.recv(count - len(got))
            if not piece:
                raise OSError("closed")
            got += piece
        return got


def framed(message):
    return struct.pack("!H", len(message)) + message


def until_closed(connection):
    while connection.recv(4096):
        pass


def honest(server, query, number, sender):
    server.socket.sendto(answer_to(query), sender)


def honest_stream(connection, query):
    connection.sendall(framed(answer_to(query)))


def udp(site, react=honest, **place):
    return Udp(site["server"], react, **place)


def stream(site, react=honest_stream, **place):
    return Stream(site["server"], react, **place)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=dns.test", "-days", "2",
                    "-keyout", folder / "key", "-out", folder / "certificate"], check=True, capture_output=True)
    return folder


def tls_context(certificate, version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate / "certificate", certificate / "key")
    made.minimum_version = made.maximum_version = version
    return made


@pytest.mark.parametrize("server, af, own", [(SERVER, 4, PROBE), (SERVER_V6, 6, PROBE_V6)])
def test_an_answer_is_kept_as_it_came(site, ask, server, af, own):
    with udp(site, address=server) as there:
        outcome = ask(target=server, af=af, timeout=LONG)
    found = exchange(outcome)
    assert octets(found["query_base64"]) == there.queries[0]
    assert octets(found["answer_base64"]) == answer_to(there.queries[0])
    assert found["answer_size"] == len(answer_to(there.queries[0]))
    assert (found["server"], found["source"], found["port"], found["ttl"]) == (server, own, 53, 64)
    assert 0 < found["round_trip"] < LONG * 1_000_000
    assert found["error_name"] == "" and found["wrong_ids"] == 0 and found["retries"] == 0
    assert outcome["clock"] in ("kernel_receive", "user")
    assert outcome["began"] == found["at"]


@pytest.mark.parametrize("server, af", [(SERVER, 4), (SERVER_V6, 6)])
def test_an_answer_over_tcp(site, ask, server, af):
    with stream(site, address=server) as there:
        found = exchange(ask(target=server, af=af, transport="tcp", timeout=LONG))
    assert octets(found["query_base64"]) == there.queries[0]
    assert octets(found["answer_base64"]) == answer_to(there.queries[0])
    assert 0 < found["connect_time"] <= found["round_trip"]
    assert found["ttl"] is None and found["tls_version"] == ""


@pytest.mark.parametrize("version, name", [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_an_answer_over_tls_from_somebody_whom_nobody_vouches_for(site, ask, certificate, version, name):
    with stream(site, port=853, context=tls_context(certificate, version)) as there:
        found = exchange(ask(transport="tls", timeout=LONG))
    assert octets(found["answer_base64"]) == answer_to(there.queries[0])
    assert (found["port"], found["tls_version"]) == (853, name)
    assert 0 < found["connect_time"] <= found["round_trip"]


def test_the_options_are_in_the_query(site, ask):
    with udp(site) as there:
        ask(timeout=LONG, query_class=3, query_type=16, query_argument="id.server", set_rd_bit=True, set_cd_bit=True,
            set_do_bit=True, set_nsid_bit=True, set_cookie=True, udp_payload_size=1232)
    query, = there.queries
    assert struct.unpack("!HHHHH", query[2:12]) == (0x0110, 1, 0, 0, 1)
    name, rest = name_of(query)
    assert name == "id.server"
    assert query[-len(rest) - 4:-len(rest)] == b"\0\x10\0\x03"
    assert rest[:-8] == b"\0\0\x29\x04\xd0\0\0\x80\0\0\x10\0\3\0\0\0\x0a\0\x08"


def test_every_query_resolves_its_macros_anew(site, ask):
    with udp(site) as there:
        measure_all(site["probe"], "dns", target=SERVER, query_argument="$p.$t.$r.test", use_macros=True, probe=42,
                    times=3)
    names = [name_of(one)[0].split(".") for one in there.queries]
    assert [one[0] for one in names] == ["42"] * 3
    assert all(abs(int(one[1]) - time.time()) < LIMIT for one in names)
    assert len({one[2] for one in names}) == 3 and {len(one[2]) for one in names} == {16}
    assert len({one[:2] for one in there.queries}) == 3  # ids
    with udp(site) as there:
        ask(timeout=LONG, prepend_probe_id=True, probe=42)
    assert name_of(there.queries[0])[0].startswith("42.1") and name_of(there.queries[0])[0].endswith(".example.test")


def test_another_macro_fails_the_query(ask):
    assert ask(query_argument="$x.test", use_macros=True)["failed"]["text"] == "unable to format DNS query"


def test_silence_is_a_timeout_after_all_tries(site, ask):
    with udp(site, lambda *_: None) as there:
        outcome = ask(retry=2)
    found = exchange(outcome)
    assert (found["error_name"], found["error_text"], found["retries"]) == ("timeout", str(SHORT), 2)
    assert found["round_trip"] is None and found["answer_size"] == 0 and found["source"] == PROBE
    assert len(there.queries) == 3 and len({one[:2] for one in there.queries}) == 3
    assert outcome["packets_sent"] == 3


def test_a_try_that_is_answered_is_the_last(site, ask):
    def third(server, query, number, sender):
        if number == 3:
            honest(server, query, number, sender)
    with udp(site, third) as there:
        found = exchange(ask(retry=5))
    assert (found["error_name"], found["retries"]) == ("", 2)
    assert octets(found["query_base64"]) == there.queries[2]


def test_an_answer_from_elsewhere_is_none(site, ask):
    with udp(site, lambda *_: None, address=SERVER_2) as other, udp(site, lambda *_: None, port=54) as beside:
        def elsewhere(server, query, number, sender):
            other.socket.sendto(answer_to(query), sender)
            beside.socket.sendto(answer_to(query), sender)
        with udp(site, elsewhere):
            found = exchange(ask())
    assert (found["error_name"], found["wrong_ids"]) == ("timeout", 0)


def test_wrong_ids_are_counted_and_the_right_one_is_awaited(site, ask):
    def guess(server, query, number, sender):
        for by in (1, 2, 30000):
            server.socket.sendto(wrong(answer_to(query), by), sender)
        server.socket.sendto(b"short", sender)
        if number > 1:
            honest(server, query, number, sender)
    with udp(site, guess) as there:
        assert (lambda e: (e["error_name"], e["wrong_ids"]))(exchange(ask())) == ("timeout", 3)
        found = exchange(ask(timeout=LONG))
    assert (found["error_name"], found["wrong_ids"]) == ("", 3)
    assert octets(found["answer_base64"]) == answer_to(there.queries[1])


def test_the_first_of_two_answers_counts(site, ask):
    def twice(server, query, number, sender):
        server.socket.sendto(answer_to(query, data=b"\1\1\1\1"), sender)
        server.socket.sendto(answer_to(query, data=b"\2\2\2\2"), sender)
    with udp(site, twice):
        assert octets(exchange(ask(timeout=LONG))["answer_base64"]).endswith(b"\1\1\1\1")

    def twice_in_a_stream(connection, query):
        connection.sendall(framed(answer_to(query, data=b"\1\1\1\1")) + framed(answer_to(query, data=b"\2\2\2\2")))
    with stream(site, twice_in_a_stream):
        assert octets(exchange(ask(transport="tcp", timeout=LONG))["answer_base64"]).endswith(b"\1\1\1\1")


def test_a_truncated_answer_is_an_answer(site, ask):
    with udp(site, lambda server, query, number, sender: server.socket.sendto(answer_to(query, TRUNCATED), sender)):
        found = exchange(ask(timeout=LONG))
    assert found["error_name"] == "" and octets(found["answer_base64"])[2] & 0x02


@pytest.mark.parametrize("length, kept", [(4000, True), (60000, False)])
def test_large_answers_leave_at_least_their_header(site, ask, length, kept):
    def large(server, query, number, sender):
        server.socket.sendto(answer_to(query, data=bytes(length)), sender)
    with udp(site, large) as there:
        found = exchange(ask(timeout=LONG))
    whole = answer_to(there.queries[0], data=bytes(length))
    assert found["answer_size"] == len(whole)
    assert octets(found["answer_base64"]) == (whole if kept else b"")
    assert octets(found["answer_head_base64"]) == (b"" if kept else whole[:12])


def test_a_cookie_that_is_not_ours_is_told(site, ask):
    def with_cookie(cookie):
        def react(server, query, number, sender):
            value = query[-8:] if cookie is None else cookie
            option = struct.pack("!HH", 10, 16) + value + b"server-1"
            opt = b"\0\0\x29\x04\xd0\0\0\0\0" + struct.pack("!H", len(option)) + option
            message = answer_to(query)
            server.socket.sendto(message[:10] + b"\0\1" + message[12:] + opt, sender)
        return react
    for cookie, mismatch in ((None, False), (b"stranger", True)):
        with udp(site, with_cookie(cookie)):
            assert exchange(ask(timeout=LONG, set_cookie=True))["cookie_mismatch"] is mismatch


def test_a_closed_port_is_silence_over_udp_and_told_over_tcp(ask):
    assert exchange(ask(port=9))["error_name"] == "timeout"
    found = exchange(ask(port=9, transport="tcp", timeout=LONG))
    assert (found["error_name"], found["error_text"]) == ("TUCONNECT", "Connection refused")


def test_no_way_there_is_told(ask):
    found = exchange(ask(target=NOWHERE))
    assert (found["error_name"], found["error_text"]) == ("senderror", "AF_INET, Network is unreachable")
    assert exchange(ask(target=NOWHERE, transport="tcp"))["error_name"] == "TUCONNECT"


def reset(connection, query):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


STREAM_FAILURES = {
    "closes without a word": (lambda c, q: None, "TU_READ_ERR"),
    "closes within the length": (lambda c, q: c.sendall(b"\0"), "TCPREAD"),
    "closes in mid-message": (lambda c, q: c.sendall(framed(answer_to(q))[:20]), "TU_READ_ERR"),
    "promises more than it has": (lambda c, q: c.sendall(struct.pack("!H", 500) + answer_to(q)), "TU_READ_ERR"),
    "promises less than a header": (lambda c, q: c.sendall(struct.pack("!H", 5) + answer_to(q)), "TCPREADSIZE"),
    "answers with another id": (lambda c, q: c.sendall(framed(wrong(answer_to(q)))), "idmismatch"),
    "resets the connection": (reset, "TU_READ_ERR"),
}


@pytest.mark.parametrize("react, expected", STREAM_FAILURES.values(), ids=STREAM_FAILURES.keys())
def test_a_stream_that(site, ask, react, expected):
    with stream(site, react):
        found = exchange(ask(transport="tcp", timeout=LONG))
    assert found["error_name"] == expected and found["error_text"]
    assert found["answer_size"] == 0 and found["connect_time"] > 0


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_stream_that_says_nothing(site, ask, certificate, transport):
    context = tls_context(certificate, ssl.TLSVersion.TLSv1_3) if transport == "tls" else None
    with stream(site, lambda c, q: until_closed(c), port=5300, context=context):
        found = exchange(ask(transport=transport, port=5300, timeout=2000))
    assert (found["error_name"], found["error_text"]) == ("timeout", "2000")


def drip(pause):
    def react(connection, query):
        for octet in framed(answer_to(query)):
            connection.sendall(bytes([octet]))
            time.sleep(pause)
    return react


def test_a_stream_that_drips_is_awaited_until_the_limit(site, ask):
    with stream(site, drip(0.002)) as there:
        found = exchange(ask(transport="tcp", timeout=LONG))
        assert octets(found["answer_base64"]) == answer_to(there.queries[0])
    with stream(site, drip(0.1)):
        assert exchange(ask(transport="tcp", timeout=1000))["error_name"] == "timeout"


def test_a_server_that_speaks_no_tls(site, ask):
    def garbage(server):
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"this is no TLS record at all")
        connection.close()
    listener = site["server"].call(Server._open, socket.SOCK_STREAM, SERVER, 853)
    listener.listen(1)
    with listener:
        thread = threading.Thread(target=garbage, args=(listener,))
        thread.start()
        found = exchange(ask(transport="tls", timeout=LONG))
        thread.join(LIMIT)
    assert found["error_name"] == "TUCONNECT" and found["tls_version"] == ""


def test_the_guard_is_asked_about_the_server(ask):
    for transport in ("udp", "tcp", "tls"):
        outcome = ask(target="10.0.0.53", transport=transport)
        assert outcome["failed"] == {"source": "guard", "text": "address not allowed"}
        assert outcome["packets_sent"] == 0 and outcome["found"]["exchanges"] == []


def with_resolvers(site, tmp_path, text, **words):
    """A run by the probe's own resolvers, with a resolv.conf that only it sees."""
    if not pathlib.Path("/etc/resolv.conf").exists():
        pytest.skip("no /etc/resolv.conf to put another one over")
    file = tmp_path / "resolv.conf"
    file.write_text(text)
    prefix = ["unshare", "--mount", "sh", "-c", f'mount --bind {file} /etc/resolv.conf && exec "$@"', "sh"]
    return measure(site["probe"], "dns", prefix=prefix, use_probe_resolver=True, query_argument="example.test", **words)


@pytest.mark.parametrize("transport, serve", [("udp", udp), ("tcp", stream)])
def test_every_resolver_of_the_probe_is_asked(site, tmp_path, transport, serve):
    text = f"nameserver {SERVER}\nnameserver {SERVER_V6}\nnameserver {SERVER_2}\nnameserver {NOWHERE}\n"
    with serve(site), serve(site, address=SERVER_2) as second, serve(site, address=SERVER_V6):
        outcomes = [with_resolvers(site, tmp_path, text, transport=transport, timeout=LONG, af=af) for af in (4, 6)]
    for outcome in outcomes:
        assert outcome["found"]["by_resolvers"] and outcome["target"] is None
        found = outcome["found"]["exchanges"]
        assert [one["server"] for one in found] == [SERVER, SERVER_V6, SERVER_2, NOWHERE]
        assert [one["error_name"] for one in found] == ["", "", "", "senderror" if transport == "udp" else "TUCONNECT"]
    assert octets(outcomes[0]["found"]["exchanges"][2]["answer_base64"]) == answer_to(second.queries[0])


def test_a_probe_without_resolvers_says_so(site, tmp_path):
    found = exchange(with_resolvers(site, tmp_path, "search example.test\n"))
    assert (found["error_name"], found["error_text"]) == ("nameserver", "no local resolvers found")


def test_a_thousand_runs_at_once(site):
    with udp(site):
        outcomes = measure_all(site["probe"], "dns", target=SERVER, query_argument="$r.test", use_macros=True,
                               timeout=LONG, retry=3, times=1000, at_once=True)
    assert len(outcomes) == 1000
    assert {exchange(one)["error_name"] for one in outcomes} == {""}
