"""A small UDP traceroute, so that the laboratory's ways can be seen without our own programs. Run it in a namespace."""
import ipaddress
import select
import socket

IP_RECVERR, IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h; Python has no names for them
PORT = 33434
ERROR_HEADER = 16  # octets of sock_extended_err, which stands before the offender's address (linux/errqueue.h)


def hop(address, limit, flow, patience=3.0):
    """The address that answers a packet of `limit` hops, None for silence. `flow` chooses the source port."""
    version = ipaddress.ip_address(address).version
    family, level = (socket.AF_INET, socket.IPPROTO_IP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_IPV6)
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(level, IP_RECVERR if version == 4 else IPV6_RECVERR, 1)
        sock.setsockopt(level, socket.IP_TTL if version == 4 else socket.IPV6_UNICAST_HOPS, limit)
        sock.bind(("", 40000 + flow))
        sock.sendto(b"trigpoint laboratory", (address, PORT))
        waiting = select.poll()
        waiting.register(sock, select.POLLERR)
        if not waiting.poll(patience * 1000):
            return None
        _, controls, _, _ = sock.recvmsg(512, 512, socket.MSG_ERRQUEUE)
        offender = next(data for kind, _, data in controls if kind == level)[ERROR_HEADER:]
        return socket.inet_ntop(family, offender[4:8] if version == 4 else offender[8:24])


def path(address, hops, flow=0):
    """The addresses of the first `hops` hops."""
    return [hop(address, limit, flow) for limit in range(1, hops + 1)]
