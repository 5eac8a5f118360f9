"""What our servers of the laboratory share: UDP and TCP on some addresses, each in a thread, and a line READY."""
import ipaddress
import signal
import socket
import threading

FRAME = 2  # octets before each message over TCP (RFC 1035, section 4.2.2)
TCP_LIMIT = 5.0  # seconds that a client may be silent


def family_of(address):
    return socket.AF_INET if ipaddress.ip_address(address).version == 4 else socket.AF_INET6


def open_udp(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_DGRAM)
    sock.bind((address, port))
    return sock


def open_tcp(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen()
    return sock


def _read_exactly(sock, count):
    octets = b""
    while len(octets) < count:
        more = sock.recv(count - len(octets))
        if not more:
            raise EOFError
        octets += more
    return octets


def _serve_stream(sock, answer):
    with sock:
        sock.settimeout(TCP_LIMIT)
        try:
            while True:
                query = _read_exactly(sock, int.from_bytes(_read_exactly(sock, FRAME)))
                reply = answer(query)
                sock.sendall(len(reply).to_bytes(FRAME) + reply)
        except (EOFError, OSError):
            pass  # the client has had enough


def _serve_tcp(sock, answer):
    while True:
        connection, _ = sock.accept()
        _thread(_serve_stream, connection, answer)


def _serve_udp(sock, answer):
    while True:
        query, client = sock.recvfrom(65535)
        reply = answer(query)
        if reply:
            sock.sendto(reply, client)


def _thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def serve(udp, answer_udp, tcp=(), answer_tcp=None):
    """Serves the sockets until a signal ends the program. `answer_*` turn a query into a reply, or None."""
    for sock in udp:
        _thread(_serve_udp, sock, answer_udp)
    for sock in tcp:
        _thread(_serve_tcp, sock, answer_tcp)
    print("READY", flush=True)
    signal.pause()
