"""Servers over TCP that play a script with each connection, and the small network that they are measured in."""
import contextlib
import socket
import threading

from tests.lab.network import Network

SERVER_V4, SERVER_V6 = "198.18.7.2", "2001:db8:7::2"
OTHER = "198.18.7.3"  # another address of the same host
PROBE_V4, PROBE_V6 = "198.18.7.1", "2001:db8:7::1"
NOWHERE = "198.18.8.1"  # packets to it vanish
# A router says that it may not carry packets there. Softer errors, such as "host unreachable", end a connect(2) no more
# since Linux 6.8 (RFC 1122, section 4.2.3.9).
UNREACHABLE = "198.18.8.129"
WAIT_LIMIT = 120  # seconds that a script waits for the end of its test


@contextlib.contextmanager
def two_hosts():
    """A probe's host and a server's, with a cable between them."""
    with Network() as network:
        probe, server = network.add("probe", "server")
        network.veth(((probe, "wire"), (server, "wire")))
        probe.ip(f"addr add {PROBE_V4}/24 dev wire", f"addr add {PROBE_V6}/64 dev wire nodad",
                 f"route add 198.18.8.0/24 via {SERVER_V4}")
        server.ip(f"addr add {SERVER_V4}/24 dev wire", f"addr add {OTHER}/24 dev wire",
                  f"addr add {SERVER_V6}/64 dev wire nodad",
                  "route add blackhole 198.18.8.0/25", "route add prohibit 198.18.8.128/25")
        server.sysctl({"net/ipv4/ip_forward": 1})
        yield probe, server


class Server:
    """Plays `script(connection, server)` with each connection, in a thread of its own; counts them.

    With `head` the head of an HTTP request is read first, and kept in `requests`.
    """

    def __init__(self, host, script, address=SERVER_V4, port=0, head=True):
        self.met = 0
        self.requests = []
        self._script = script
        self._head = head
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
        listener.listen(1024)
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
                if not self._head or self._read_head(connection):
                    self._script(connection, self)
            except OSError:
                pass  # the probe hung up, which is its right

    def _read_head(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            got = connection.recv(4096)
            if not got:
                return False
            request += got
        self.requests.append(request.decode())
        return True

    def wait(self):
        """Waits until the test is over."""
        self._ended.wait(WAIT_LIMIT)

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
