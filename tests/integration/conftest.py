"""Fixtures of the integration tests. The laboratory is made once for each test file that asks for it."""
import socket

import pytest

from tests.lab.platform import Platform
from tests.lab.topology import Lab


SO_TIMESTAMPNS = 35  # asm-generic/socket.h
MOST_TRIES = 1000  # datagrams on loopback


@pytest.fixture(scope="session", autouse=True)
def stamping_kernel():
    """Time stamps of what arrives, from the first packet on.

    The kernel begins to stamp a moment after the first socket of the machine asked for it. An agent's sockets are long
    open when they are needed; a test's would miss the first packets."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10)
        for _ in range(MOST_TRIES):
            sock.sendto(b"", sock.getsockname())
            if sock.recvmsg(1, 64)[1]:
                break
        yield


@pytest.fixture(scope="module")
def lab():
    """The laboratory of tests/lab/topology.py, up and running; nothing of ours runs in it yet."""
    with Lab(ping_sockets=True) as made:  # ping sockets, as the README asks of a host without CAP_NET_RAW
        yield made


@pytest.fixture(scope="module")
def settings():
    """More settings for `platform`: a test file that has some replaces this."""
    return {}


@pytest.fixture(scope="module")
def platform(lab, settings):
    """The real programs in the laboratory: `trigpoint up` serves in the hub; no probe yet."""
    with Platform(lab, settings) as started:
        yield started
        print(started.logs())  # shown by pytest if something failed
