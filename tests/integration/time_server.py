"""A time server for the laboratory: one reply for each request, as wrong as it is told to be."""
import dataclasses
import socket
import struct
import threading
import time

PORT = 123
SECONDS_1900_TO_1970 = 2_208_988_800
ERA = 1 << 64
HEADER = struct.Struct("!BBbbIIIQQQQ")
LETTERS = {"RATE": 0x52415445, "DENY": 0x44454E59, "RSTR": 0x52535452}


def timestamp(unix_nanoseconds):
    seconds, rest = divmod(unix_nanoseconds, 1_000_000_000)
    return (((seconds + SECONDS_1900_TO_1970) << 32) + (rest << 32) // 1_000_000_000) % ERA


@dataclasses.dataclass
class TimeServer:
    """Answers on every address of the namespace that serve() runs in. Times in nanoseconds."""
    ahead: int = 0             # its clock minus the true one
    held: int = 0              # how long it keeps a request, by its own stamps
    kiss: str = ""
    lies_first: bool = False   # a reply with another origin timestamp before each true one
    silent: bool = False
    version: int = 4
    seen: list = dataclasses.field(default_factory=list)  # (arrival, octets) of each request

    def _reply(self, request, arrival):
        stratum, leap, reference = (0, 3, LETTERS[self.kiss]) if self.kiss else (2, 0, 0xC6120201)
        origin = struct.unpack_from("!Q", request, 40)[0]
        now = time.time_ns()
        return HEADER.pack(leap << 6 | self.version << 3 | 4, stratum, 6, -23, 0x100, 0x200, reference,
                           timestamp(now + self.ahead - 10**9), origin, timestamp(arrival + self.ahead),
                           timestamp(now + self.ahead))

    def _answer(self, sock):
        request, to = sock.recvfrom(2048)
        arrival = time.time_ns()
        self.seen.append((arrival, request))
        if self.silent:
            return
        time.sleep(self.held / 1e9)
        reply = self._reply(request, arrival)
        if self.lies_first:
            sock.sendto(reply[:24] + bytes(8) + reply[32:], to)
            sock.sendto(reply[:20], to)
        sock.sendto(reply, to)

    def serve(self, namespace, address):
        """Serves in a thread until the returned function is called."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = namespace.call(socket.socket, family, socket.SOCK_DGRAM)
        namespace.call(sock.bind, (address, PORT))
        sock.settimeout(0.1)
        stop = threading.Event()

        def work():
            while not stop.is_set():
                try:
                    self._answer(sock)
                except TimeoutError:
                    continue
        thread = threading.Thread(target=work, daemon=True)
        thread.start()

        def end():
            stop.set()
            thread.join()
            sock.close()
        return end
