"""Round trips as the network saw them: from a packet capture, echo request to echo reply."""
import ipaddress
import signal
import struct
import time

PCAP_NANOSECONDS = 0xA1B23C4D
ETHERNET = 1
ETHERNET_HEAD, V4_PROTOCOL, ICMP = 14, 9, 1
REQUEST, REPLY = 8, 0
READY_LIMIT = 10.0   # seconds until tcpdump captures
QUIET_PAUSE = 1.0    # seconds without a further packet, after which the last one has reached the file
QUIET_LIMIT = 30.0   # seconds until then


class Capture:
    """tcpdump on one device; `with` it, and read round_trips() afterwards."""

    def __init__(self, namespace, device, name):
        self.namespace, self.device = namespace, device
        self.path = namespace.network.data / f"{name}.pcap"

    def __enter__(self):
        self.path.unlink(missing_ok=True)
        log = self.path.with_suffix(".log")
        log.unlink(missing_ok=True)
        # -Z: it would become another user, who may not write here. Buffer in KiB.
        self.process = self.namespace.start(["tcpdump", "-Z", "root", "-i", self.device, "-w", self.path, "-U", "-B", "16384",
                                             "--time-stamp-precision=nano",
                                             "icmp[0] == 0 or icmp[0] == 8"], log=log)
        ends = time.monotonic() + READY_LIMIT
        while "listening on" not in log.read_text(errors="replace"):
            if time.monotonic() > ends:
                raise RuntimeError("tcpdump does not begin: " + log.read_text())
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        before, ends = -1, time.monotonic() + QUIET_LIMIT
        while before != (before := self.path.stat().st_size) and time.monotonic() < ends:
            time.sleep(QUIET_PAUSE)
        self.process.send(signal.SIGTERM)
        self.process.stop()

    def round_trips(self):
        """{address: [nanoseconds or None of each request, in the order of sending]}"""
        sent, open_requests = {}, {}
        for when, kind, address, name in echoes(self.path.read_bytes()):
            if kind == REQUEST:
                sent.setdefault(address, []).append(None)
                open_requests[address, name] = (when, len(sent[address]) - 1)
            elif (address, name) in open_requests:
                began, place = open_requests.pop((address, name))
                sent[address][place] = when - began
        return sent


def echoes(octets):
    """(nanoseconds, type, the target's address, identifier and sequence) of each ICMPv4 echo message in a capture."""
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", octets)
    if magic != PCAP_NANOSECONDS or link != ETHERNET:
        raise RuntimeError(f"not a capture of nanoseconds on Ethernet: {magic:x} {link}")
    at = 24
    while at + 16 <= len(octets):
        seconds, rest, length, _ = struct.unpack_from("<IIII", octets, at)
        packet = octets[at + 16 + ETHERNET_HEAD:at + 16 + length]
        at += 16 + length
        head = (packet[0] & 15) * 4
        if packet[V4_PROTOCOL] != ICMP or len(packet) < head + 8 or packet[head] not in (REQUEST, REPLY):
            continue
        kind = packet[head]
        target = packet[16:20] if kind == REQUEST else packet[12:16]
        yield (seconds * 10**9 + rest, kind, str(ipaddress.IPv4Address(target)), packet[head + 4:head + 8])


def errors(reported, captured):
    """Microseconds: reported minus captured of each packet that both know. {address: [nanoseconds or None]} each.

    An address of which the capture missed a request is left out: its packets cannot be told apart."""
    out = []
    for address, values in reported.items():
        truths = captured.get(address, [])
        if len(truths) != len(values):
            continue
        out += [(value - truth) / 1000 for value, truth in zip(values, truths)
                if value is not None and truth is not None]
    return out


def percentile(values, share):
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
