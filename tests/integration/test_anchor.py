"""trigpoint-anchor in a network of two hosts, asked by our own engines, by Python's HTTP client and by bare sockets."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import time

import pytest

from tests.lab import network
from tests.lab.dns_server import encode_name, read_name
from tests.lab.measure import measure, octets
from tests.lab.network import programs_folder
from tests.lab.platform import wait_for
from tests.lab.process import LabError, toml
from tests.lab.services import start_anchor
from tests.lab.stream_server import OTHER, PROBE_V4, PROBE_V6, SERVER_V4, SERVER_V6, two_hosts

NAME = "a1.lab.test"
SECOND_V4, SECOND_V6 = "198.18.70.1", "2001:db8:70::1"  # the probe's host, as another source
THERE_V4, THERE_V6 = OTHER, "2001:db8:7::3"  # where anchors are that one test has for itself
SHORT = 1  # seconds: the limits that tests wait for
LIMIT = 20.0  # seconds for anything that a test waits for
FAMILIES = pytest.mark.parametrize("address", [SERVER_V4, SERVER_V6], ids=["v4", "v6"])
A, SOA, TXT, AAAA, CHAOS = 1, 6, 16, 28, 3
TRUNCATED, AUTHORITATIVE, CODE = 0x0200, 0x0400, 0x000f


@pytest.fixture(scope="module")
def hosts():
    with two_hosts() as (probe, server):
        probe.ip(f"addr add {SECOND_V4}/32 dev wire", f"addr add {SECOND_V6}/128 dev wire nodad")
        server.ip(f"addr add {THERE_V6}/64 dev wire nodad", f"route add {SECOND_V4}/32 via {PROBE_V4}", f"route add {SECOND_V6}/128 via {PROBE_V6}")
        yield probe, server


@contextlib.contextmanager
def running(host, **settings):
    """An anchor of its own for a test, with settings section__key=value beside the usual ones."""
    said = {name.replace("__", "."): value for name, value in settings.items()}
    anchor = start_anchor(host, [THERE_V4, THERE_V6], NAME, said)
    try:
        yield anchor
    finally:
        assert anchor.process.stop() == 0


@pytest.fixture(scope="module")
def anchor(hosts):
    return start_anchor(hosts[1], [SERVER_V4, SERVER_V6], NAME)


def fetch(probe, address, port=80, **options):
    name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    outcome = measure(probe, "http", target=address, af=6 if ":" in address else 4, port=port, anchors=(name,),
                      header_bytes=2048, **options)
    assert outcome["failed"] is None, outcome
    return outcome["found"]


def connect(address, port, source=None):
    """To be called inside a namespace."""
    return socket.create_connection((address, port), LIMIT, (source, 0) if source else None)


def until_end(connection):
    """What comes until the other side hangs up, however it does so. Raises TimeoutError if it does not."""
    got = b""
    try:
        while piece := connection.recv(65536):
            got += piece
    except ConnectionError:
        pass
    return got


@FAMILIES
@pytest.mark.parametrize("port", [80, 443])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_our_probe_gets_as_many_octets_as_it_asks_for(hosts, anchor, address, port, method):
    for size in (0, 50, 4096, 10240):
        got = fetch(hosts[0], address, port, method=method, path=f"/{size}", query_string="nonce=Zx81.q")
        assert (got["status"], got["body_size"]) == (200, 0 if method == "HEAD" else size)
        assert f"Content-Length: {size}" in got["headers"] and "X-Trigpoint-Nonce: Zx81.q" in got["headers"]
        assert not got["truncated"]


@FAMILIES
def test_the_older_version(hosts, anchor, address):
    got = fetch(hosts[0], address, version_1_0=True, path="/300")
    assert (got["status"], got["body_size"]) == (200, 300)


def test_python_s_client_keeps_its_connection_and_reads_who_it_is(hosts, anchor):
    def work():
        for address, own in ((SERVER_V4, PROBE_V4), (SERVER_V6, PROBE_V6)):
            client = http.client.HTTPConnection(address, 80, timeout=LIMIT)
            begun = time.time()
            for path in ("/?nonce=n-1", "/500?nonce=n-1"):
                client.request("GET", path)
                answer = client.getresponse()
                told = json.loads(answer.read())
                assert answer.status == 200 and answer.headers["X-Trigpoint-Anchor"] == NAME
                assert (told["anchor"], told["client"], told["nonce"]) == (NAME, own, "n-1")
                assert begun - LIMIT < told["time"] < begun + LIMIT
            client.request("POST", "/7", body=b"b" * 1000)
            answer = client.getresponse()
            assert (answer.status, len(answer.read())) == (200, 7)
            for method, path, status in (("GET", "/10241", 400), ("GET", "/x", 404), ("PUT", "/7", 405)):
                client.request(method, path)
                answer = client.getresponse()
                answer.read()
                assert answer.status == status
            client.close()
    hosts[0].call(work)


def shown_certificate(probe, context, address=SERVER_V4):
    def work():
        with context.wrap_socket(connect(address, 443), server_hostname=NAME) as secured:
            return ssl.DER_cert_to_PEM_cert(secured.getpeercert(binary_form=True)).split()
    return probe.call(work)


@FAMILIES
def test_its_certificate_is_for_its_name(hosts, anchor, address):
    context = ssl.create_default_context(cafile=anchor.certificate)
    assert shown_certificate(hosts[0], context, address) == anchor.certificate.read_text().split()


def test_a_hangup_signal_reads_the_certificate_again_and_keeps_a_good_one(hosts):
    probe, host = hosts
    files = {name: host.network.data / name for name in ("certificate", "key")}

    def make():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-out", files["certificate"],
                        "-keyout", files["key"]], check=True, capture_output=True, timeout=60)
        files["key"].chmod(0o644)

    def wait_until(said):
        wait_for(lambda: said in one.process.log.read_text(), LIMIT, said)

    make()
    trust_any = ssl._create_unverified_context()
    with running(host, tls__certificate=str(files["certificate"]), tls__key=str(files["key"])) as one:
        first = files["certificate"].read_text().split()
        assert shown_certificate(probe, trust_any, THERE_V4) == first
        make()
        one.process.send(signal.SIGHUP)
        wait_until("the certificate was read again")
        second = files["certificate"].read_text().split()
        assert second != first and shown_certificate(probe, trust_any, THERE_V4) == second
        files["certificate"].write_text("no certificate")
        one.process.send(signal.SIGHUP)
        wait_until("the former certificate stays")
        assert shown_certificate(probe, trust_any, THERE_V4) == second


def test_it_has_no_privileges_once_it_serves(anchor):
    lines = pathlib.Path(f"/proc/{anchor.process.pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    if not network.rootless:
        assert "0" not in status["Uid"].split() and "0" not in status["Gid"].split()
        assert status["Groups"].strip() == ""
        assert int(status["CapBnd"], 16) == 0
    key = os.stat(anchor.state / "key.pem")
    assert key.st_mode & 0o777 == 0o600 and key.st_uid == int(status["Uid"].split()[0])


@pytest.mark.parametrize("line, said", [
    ({"nam": NAME}, "name"), ({"http.largest_body": 2_000_000}, "http.largest_body"), ({"listen": ["::"]}, "wildcard")])
def test_a_slip_in_its_configuration_is_told(tmp_path, line, said):
    config = tmp_path / "anchor.toml"
    config.write_text(toml({"name": NAME, "addresses": ["192.0.2.1"], **line}))
    done = subprocess.run([programs_folder() / "trigpoint-anchor", "--config", config], capture_output=True, text=True,
                          timeout=LIMIT)
    assert done.returncode == 2 and said in done.stderr


def test_an_address_that_it_does_not_have_is_told(hosts):
    with pytest.raises(LabError, match="cannot listen"):
        start_anchor(hosts[1], ["198.18.7.99"], NAME)


# Clients that mean no good. Each test has an anchor with limits that can be waited for.

def test_who_is_slow_is_cut_off_while_others_are_served(hosts):
    probe, host = hosts
    slow = {  # what is sent at once, and then again and again
        "silence": (b"", b""),
        "header": (b"GET / HTTP/1.1\r\nHost: a1\r\nX: ", b"x"),
        "body": (b"POST / HTTP/1.1\r\nHost: a1\r\nContent-Length: 50000\r\n\r\n", b"x"),
        "chunks": (b"POST / HTTP/1.1\r\nHost: a1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    }

    def drip(first, piece):
        with connect(THERE_V4, 80) as connection:
            connection.sendall(first)
            connection.settimeout(0.05)
            ends = time.monotonic() + LIMIT
            while time.monotonic() < ends:
                try:
                    if not connection.recv(4096):
                        return True
                except TimeoutError:
                    pass
                except ConnectionError:
                    return True
                with contextlib.suppress(ConnectionError):
                    connection.sendall(piece)
            return False

    limits = {f"http__{name}": SHORT for name in ("idle", "head", "received", "sent")}
    with running(host, **limits, dns__idle=SHORT), concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = {what: pool.submit(probe.call, drip, *how) for what, how in slow.items()}
        assert fetch(probe, THERE_V4, path="/100")["body_size"] == 100
        assert {what: one.result() for what, one in waiting.items()} == dict.fromkeys(slow, True)


def test_who_does_not_read_costs_no_memory_and_not_forever(hosts):
    probe, host = hosts

    def gorge(count):
        with contextlib.ExitStack() as stack:
            greedy = []
            for _ in range(count):
                one = stack.enter_context(socket.socket())
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.settimeout(LIMIT)
                one.connect((THERE_V4, 80))
                one.sendall(b"GET /1020048 HTTP/1.1\r\nHost: a1\r\n\r\n" * 20)
                greedy.append(one)
            resident = resident_kilobytes(server.process.pid)
            for one in greedy:
                assert len(until_end(one)) < 20 * 1_020_048
            return resident

    def resident_kilobytes(pid):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    with running(host, http__largest_body=1_020_048, http__sent=SHORT, http__connections_per_source=100) as server:
        before = resident_kilobytes(server.process.pid)
        assert probe.call(gorge, 50) - before < 20_000  # a copy of the body for each would be 50,000


def test_lies_about_the_length_of_a_body(hosts):
    probe, host = hosts

    def say(text):
        with connect(THERE_V4, 80) as connection:
            connection.sendall(text)
            return until_end(connection)

    def post(fields, body=b""):
        return say(b"POST /5 HTTP/1.1\r\nHost: a1\r\n" + fields + b"\r\n\r\n" + body)

    with running(host, http__received=SHORT):
        assert probe.call(post, b"Content-Length: 100", b"less") == b""
        more = probe.call(post, b"Content-Length: 1", b"more than that\r\n\r\n")
        assert more.startswith(b"HTTP/1.1 200 OK\r\n") and b"xxxxxHTTP/1.1 400 Bad Request\r\n" in more
        for fields in (b"Content-Length: 65537", b"Content-Length: 18446744073709551615"):
            assert probe.call(post, fields).startswith(b"HTTP/1.1 413 ")
        for fields in (b"Content-Length: -1", b"Content-Length: 0x10", b"Content-Length: 18446744073709551616",
                       b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: 3\r\nTransfer-Encoding: chunked"):
            assert probe.call(post, fields).startswith(b"HTTP/1.1 400 "), fields


@pytest.mark.parametrize("address, own, second", [(THERE_V4, PROBE_V4, SECOND_V4), (THERE_V6, PROBE_V6, SECOND_V6)],
                         ids=["v4", "v6"])
@pytest.mark.parametrize("port", [80, 53])
def test_a_source_with_all_its_connections_does_not_keep_others_out(hosts, port, address, own, second):
    probe, host = hosts
    most = 5

    def work():
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(connect(address, port, own)) for _ in range(most)]
            for one in held:
                assert answered(one)
            assert not answered(stack.enter_context(connect(address, port, own)))
            assert answered(stack.enter_context(connect(address, port, second)))
            assert all(answered(one) for one in held)

    def answered(connection):
        query = question(NAME, SOA)
        say = b"GET /1 HTTP/1.1\r\nHost: a1\r\n\r\n" if port == 80 else struct.pack("!H", len(query)) + query
        try:
            connection.sendall(say)
            return bool(connection.recv(4096))
        except ConnectionError:
            return False

    with running(host, http__connections_per_source=most, dns__connections_per_source=most):
        probe.call(work)


def test_connections_in_all_have_an_end(hosts):
    probe, host = hosts

    def work():
        with contextlib.ExitStack() as stack:
            for source in (PROBE_V4, PROBE_V4, SECOND_V4):
                one = stack.enter_context(connect(THERE_V4, 80, source))
                one.sendall(b"GET /1 HTTP/1.1\r\nHost: a1\r\n\r\n")
                assert one.recv(4096)
            assert until_end(stack.enter_context(connect(THERE_V4, 80, SECOND_V4))) == b""

    with running(host, http__connections=3):
        probe.call(work)


# DNS

def question(name, kind, class_=1, number=7):
    return struct.pack("!6H", number, 0, 1, 0, 0, 0) + encode_name(name) + struct.pack("!HH", kind, class_)


def flags_of(message):
    return int.from_bytes(message[2:4])


def data_of_answer(message):
    """The octets of the first answer's data; None without answers."""
    _, end = read_name(message, 12)
    if not int.from_bytes(message[6:8]):
        return None
    at = end + 4 + 2 + 8  # the question; a compressed name; type, class and lifetime
    return message[at + 2:at + 2 + int.from_bytes(message[at:at + 2])]


def text_of(data):
    text = b""
    while data:
        text, data = text + data[1:1 + data[0]], data[1 + data[0]:]
    return text.decode()


def ask(from_host, address, name, kind=TXT, **options):
    outcome = measure(from_host, "dns", target=address, af=6 if ":" in address else 4, query_argument=name, query_type=kind,
                      timeout=10_000, **options)
    assert outcome["failed"] is None, outcome
    found, = outcome["found"]["exchanges"]
    assert found["error_name"] == "", found
    return octets(found["answer_base64"])


@FAMILIES
def test_our_probe_reads_texts_of_the_size_it_asks_for(hosts, anchor, address):
    for transport, size in (("udp", 0), ("udp", 400), ("tcp", 400), ("tcp", 4000)):
        got = ask(hosts[0], address, f"{size}.txt.{NAME}", transport=transport)
        assert text_of(data_of_answer(got)) == ("0123456789" * 400)[:size]
        assert flags_of(got) & AUTHORITATIVE and not flags_of(got) & TRUNCATED
    got = ask(hosts[0], address, f"1000.txt.{NAME}", udp_payload_size=1232, prepend_probe_id=True, probe=42)
    assert len(text_of(data_of_answer(got))) == 1000
    for options in ({}, {"udp_payload_size": 4096}):
        got = ask(hosts[0], address, f"1232.txt.{NAME}", **options)
        assert flags_of(got) & TRUNCATED and data_of_answer(got) is None


@FAMILIES
def test_our_probe_reads_the_zone_and_whose_it_is(hosts, anchor, address):
    assert data_of_answer(ask(hosts[0], address, NAME, A)) == socket.inet_aton(SERVER_V4)
    assert data_of_answer(ask(hosts[0], address, NAME, AAAA)) == socket.inet_pton(socket.AF_INET6, SERVER_V6)
    assert ask(hosts[0], address, NAME, SOA, set_nsid_bit=True).endswith(NAME.encode())
    for name in ("hostname.bind", "id.server"):
        assert text_of(data_of_answer(ask(hosts[0], address, name, TXT, query_class=CHAOS))) == NAME
    for name, code in ((f"www.{NAME}", 3), ("example.org", 5)):
        got = ask(hosts[0], address, name, A, set_rd_bit=True)
        assert flags_of(got) & CODE == code and data_of_answer(got) is None


def test_a_flood_over_udp_is_answered_within_its_limit_and_another_network_is_not_kept_waiting(hosts):
    probe, host = hosts
    sent, rate = 400, 10
    big = question(f"400.txt.{NAME}", TXT)

    def flood():
        """(whole answers, truncated ones), and how long it took, in seconds."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((PROBE_V4, 0))
            sock.connect((THERE_V4, 53))
            begun = time.monotonic()
            for number in range(sent):
                sock.send(number.to_bytes(2) + big[2:])
            sock.settimeout(SHORT)
            got = []
            with contextlib.suppress(TimeoutError):
                while True:
                    got.append(sock.recv(4096))
            truncated = [one for one in got if flags_of(one) & TRUNCATED]
            assert all(len(one) == len(big) for one in truncated)
            return len(got) - len(truncated), len(truncated), time.monotonic() - begun

    def ask_once():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((SECOND_V4, 0))
            sock.connect((THERE_V4, 53))
            sock.settimeout(LIMIT)
            sock.send(big)
            return sock.recv(4096)

    with running(host, dns__answers_per_second=rate):
        whole, truncated, took = probe.call(flood)
        assert rate <= whole <= rate * (took + 1) + 1
        assert 0 < truncated <= (sent - whole) / 2 + 1
        assert len(text_of(data_of_answer(probe.call(ask_once)))) == 400


def test_what_is_no_query_gets_no_answer_or_a_refusal(hosts, anchor):
    good = question(NAME, SOA)

    def work():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((SERVER_V4, 53))
            sock.settimeout(LIMIT)
            for silent in (b"", b"hello", good[:2] + b"\x80\0" + good[4:]):
                sock.send(silent)
            sock.send(good[:-1])
            got = sock.recv(4096)
            assert (got[:2], flags_of(got) & CODE, len(got)) == (good[:2], 1, 12)
            sock.send(good[:2] + b"\x28\0" + good[4:])
            assert flags_of(sock.recv(4096)) & CODE == 4
    hosts[0].call(work)


@FAMILIES
def test_the_kernel_answers_pings(hosts, anchor, address):
    outcome = measure(hosts[0], "ping", target=address, af=6 if ":" in address else 4, packets=1)
    assert outcome["failed"] is None
