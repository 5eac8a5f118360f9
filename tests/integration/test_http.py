"""HTTP measurements against servers that keep the rules and servers that do not, in a network of two hosts."""
import socket
import threading

import pytest

from tests.lab.measure import measure, measure_all
from tests.lab.network import Network

SERVER_V4, SERVER_V6 = "198.18.7.2", "2001:db8:7::2"
OTHER = "198.18.7.3"  # an address of the same server that is no anchor
USERS = [None, "nobody"]


class Server:
    """Plays a script with each connection; counts them. `script(connection, request)` gets the request's head."""

    def __init__(self, host, script, address=SERVER_V4, port=0):
        self.met = 0
        self.requests = []
        self._script = script
        self._listener = host.call(self._listen, address, port)
        self.port = self._listener.getsockname()[1]
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def _listen(address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(256)
        return listener

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.met += 1
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection):
        with connection:
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    got = connection.recv(4096)
                    if not got:
                        return
                    request += got
                self.requests.append(request.decode())
                self._script(connection, self)
            except OSError:
                pass  # the probe hung up, which is its right

    def wait(self):
        """Waits until the test is over."""
        self._ended.wait(120)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def says(*pieces):
    """A script: these octets, and the end."""
    def script(connection, _):
        for piece in pieces:
            connection.sendall(piece)
    return script


def says_and_waits(*pieces):
    """A script: these octets, and then nothing."""
    def script(connection, server):
        for piece in pieces:
            connection.sendall(piece)
        server.wait()
    return script


@pytest.fixture(scope="module")
def hosts():
    with Network() as network:
        probe, server = network.add("probe", "server", settings={"net.ipv6.conf.all.accept_dad": 0,
                                                                 "net.ipv6.conf.default.accept_dad": 0})
        network.veth(((probe, "wire"), (server, "wire")))
        probe.ip("addr add 198.18.7.1/24 dev wire", "addr add 2001:db8:7::1/64 dev wire nodad")
        server.ip("addr add 198.18.7.2/24 dev wire", "addr add 198.18.7.3/24 dev wire",
                  "addr add 2001:db8:7::2/64 dev wire nodad")
        yield probe, server


def anchor(server, address=SERVER_V4):
    return f"[{address}]:{server.port}" if ":" in address else f"{address}:{server.port}"


def fetch(probe, server, address=SERVER_V4, **options):
    return measure(probe, "http", target=address, af=6 if ":" in address else 4, port=server.port,
                   anchors=(anchor(server, address),), **options)


def found(outcome):
    assert outcome["failed"] is None, outcome
    return outcome["found"]


HELLO = b"HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Length: 5\r\n\r\nhello"


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
    assert outcome["source"] == ("2001:db8:7::1" if ":" in address else "198.18.7.1")
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
