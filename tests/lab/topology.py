"""The laboratory of `make demo` and of the integration tests:

    p1..p5 --- r1..r5 ===\\                        p: probe, r: its router, ===: link with delay (each its own)
                          core --- hub                 the platform's servers
                         //  \\\\ `----- upper -----.
                       near  lossy `-- lower --- join === far
                          (dead)            prefixes that the core swallows without a word

near, far and lossy are targets; whole /24 and /64 of addresses answer. Towards far the core has two equal ways, and
takes one by a packet's addresses and ports. Probe 5 has IPv6 only. Control traffic passes the same links as the
measurements.
"""
import dataclasses

from tests.lab import network
from tests.lab.network import Network, Shape

HUB_V4, HUB_V6 = "198.18.0.10", "2001:db8::10"
BUSY_FACTOR, BUSY_EXTRA = 1.5, 30.0  # a busy machine: times, and milliseconds, above the configured round trip
EARLY = 1.0  # milliseconds a round trip may seem shorter, by clocks being adjusted
JITTER = 0.2  # milliseconds, each way

# The cables of the diamond: (namespace, its device), (namespace, its device). Cable n has 198.18.110.4n/30 and
# 2001:db8:110:n+1::/64, of which the first end has the first address.
DIAMOND = ((("core", "upper"), ("upper", "core")), (("core", "lower"), ("lower", "core")),
           (("upper", "join"), ("join", "upper")), (("lower", "join"), ("join", "lower")))


def diamond_address(cable, end, af):
    return f"198.18.110.{4 * cable + 1 + end}" if af == 4 else f"2001:db8:110:{1 + cable}::{1 + end}"


CORE_V4, CORE_V6 = "198.18.0.1", "2001:db8::1"

SETTINGS = {
    "net/ipv4/fib_multipath_hash_policy": 1, "net/ipv6/fib_multipath_hash_policy": 1,  # ports count, too
    "net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1,
    "net/ipv4/icmp_ratelimit": 0, "net/ipv6/icmp/ratelimit": 0,
    "net/ipv4/icmp_msgs_per_sec": 100000, "net/ipv4/icmp_msgs_burst": 100000,  # the burst bounds the rate, too
    "net/ipv4/conf/all/rp_filter": 0, "net/ipv4/conf/default/rp_filter": 0,
    "net/ipv6/conf/all/accept_dad": 0, "net/ipv6/conf/default/accept_dad": 0,
    "net/ipv6/conf/all/accept_ra": 0, "net/ipv6/conf/default/accept_ra": 0,
}
PING_GROUPS = "net/ipv4/ping_group_range"  # who may open ping sockets; the kernel's default is nobody
EVERYBODY, EVERYBODY_ROOTLESS = "0 2147483647", "0 0"


@dataclasses.dataclass(frozen=True)
class Place:
    """A probe's or a target's place: its number, the delay of its link (round trip, milliseconds), who it belongs to."""
    name: str
    number: int
    round_trip: float
    country: str
    asn: int
    organisation: str
    has_v4: bool = True
    loss: float = 0.0
    answers: bool = True

    @property
    def v4_prefix(self):
        return f"198.18.{self.number}.0/24"

    @property
    def v6_prefix(self):
        return f"2001:db8:{self.number}::/48"

    @property
    def v4(self):
        return f"198.18.{self.number}.10" if self.has_v4 else None

    @property
    def v6(self):
        return f"2001:db8:{self.number}::10"


PROBES = (
    Place("p1", 1, 5, "NL", 64501, "Laboratory Amsterdam"),
    Place("p2", 2, 10, "DE", 64502, "Laboratory Frankfurt"),
    Place("p3", 3, 20, "FR", 64503, "Laboratory Paris"),
    Place("p4", 4, 40, "US", 64504, "Laboratory New York"),
    Place("p5", 5, 80, "JP", 64505, "Laboratory Tokyo", has_v4=False),
)
TARGETS = (
    Place("near", 101, 2, "NL", 64601, "Laboratory Near"),
    Place("far", 102, 100, "AU", 64602, "Laboratory Far"),
    Place("lossy", 103, 10, "BE", 64603, "Laboratory Lossy", loss=0.3),
    Place("dead", 104, 0, "AQ", 64604, "Laboratory Nowhere", answers=False),
)


@dataclasses.dataclass(frozen=True)
class Service:
    """A server of the laboratory: addresses of its own in the near target's prefix."""
    name: str
    number: int

    @property
    def v4(self):
        return f"198.18.101.{self.number}"

    @property
    def v6(self):
        return f"2001:db8:101::{self.number}"


ZONE = "lab.test"  # that the DNS server knows
DNS, NTP, ANCHOR = Service("ns", 53), Service("ntp", 123), Service("anchor", 80)
SERVICES = (DNS, NTP, ANCHOR)
HUB = Place("hub", 0, 0, "CH", 64600, "Laboratory Hub")  # for the databases; its IPv6 prefix is 2001:db8::/48


def names():
    """{name: (IPv4, IPv6)} of all that have a name in the zone lab.test."""
    return {"hub": (HUB_V4, HUB_V6), **{one.name: (one.v4, one.v6) for one in (*PROBES, *TARGETS, *SERVICES)}}


class Lab(Network):
    """The laboratory of the picture above. lab["p1"], lab["hub"], lab["near"] are its namespaces.

    ping_sockets: whether programs without privileges on the probes may open ping sockets.
    """

    def __init__(self, data=None, ping_sockets=False):
        super().__init__(data)
        self.probes = {one.name: one for one in PROBES}
        self.targets = {one.name: one for one in TARGETS}
        self.ping_sockets = ping_sockets
        self.links = {}

    def build(self):
        places = [*PROBES, *(one for one in TARGETS if one.answers)]
        routers = [f"r{one.number}" for one in PROBES]
        self.add("core", "hub", "upper", "lower", "join", *routers, *(one.name for one in places), settings=SETTINGS)
        if self.ping_sockets:
            for one in PROBES:
                self[one.name].sysctl({PING_GROUPS: EVERYBODY_ROOTLESS if network.rootless else EVERYBODY})
        core = self["core"]
        self.veth(((core, "hub"), (self["hub"], "wan")),
                  *(((self[a], device_a), (self[b], device_b)) for (a, device_a), (b, device_b) in DIAMOND),
                  *(((self[f"r{one.number}"], "lan"), (self[one.name], "wan")) for one in PROBES))
        self._add_delays(places)
        self._address_core(places)
        for one in places:
            (self._address_probe if one in PROBES else self._address_target)(one)

    def _add_delays(self, places):
        links = []
        for one in places:
            far_end = self[f"r{one.number}"] if one in PROBES else self[one.name]
            shape = Shape(one.round_trip / 2, JITTER)
            back = dataclasses.replace(shape, loss=one.loss)
            near_end = self["join" if one.name == "far" else "core"]
            links.append(((near_end, one.name), (far_end, "wan" if one in TARGETS else "core"), shape, back,
                          one.number))
        self.links = dict(zip((one.name for one in places), self.delay(*links)))

    def _address_core(self, places):
        lines = [f"addr add {CORE_V4}/24 dev hub", f"addr add {CORE_V6}/64 dev hub nodad"]
        for one in places:
            if one.name == "far":
                continue
            lines.append(f"route add {one.v6_prefix} dev {one.name} src {CORE_V6}")
            if one.has_v4:
                lines.append(f"route add {one.v4_prefix} dev {one.name} src {CORE_V4}")
        for one in TARGETS:
            if not one.answers:
                lines += [f"route add blackhole {one.v4_prefix}", f"route add blackhole {one.v6_prefix}"]
        self["core"].ip(*lines)
        self["hub"].ip(f"addr add {HUB_V4}/24 dev wan", f"addr add {HUB_V6}/64 dev wan nodad",
                       f"route add 0.0.0.0/0 via {CORE_V4}", f"route add ::/0 via {CORE_V6}")
        self._address_diamond(self.targets["far"])

    def _address_diamond(self, far):
        lines = {"core": [], "upper": [], "lower": [], "join": []}
        for cable, ends in enumerate(DIAMOND):
            for end, (name, device) in enumerate(ends):
                lines[name] += [f"addr add {diamond_address(cable, end, 4)}/30 dev {device}",
                                f"addr add {diamond_address(cable, end, 6)}/64 dev {device} nodad"]
        for af, prefix, anywhere in ((4, far.v4_prefix, "0.0.0.0/0"), (6, far.v6_prefix, "::/0")):
            lines["core"].append(f"route add {prefix} nexthop via {diamond_address(0, 1, af)} "
                                 f"nexthop via {diamond_address(1, 1, af)}")
            for way, name in enumerate(("upper", "lower")):
                lines[name] += [f"route add {prefix} via {diamond_address(2 + way, 1, af)}",
                                f"route add {anywhere} via {diamond_address(way, 0, af)}"]
            lines["join"] += [f"route add {prefix} dev far", f"route add {anywhere} via {diamond_address(2, 0, af)}"]
        for name, each in lines.items():
            self[name].ip(*each)

    def _address_probe(self, one):
        net4, net6 = one.v4_prefix.removesuffix("0/24"), one.v6_prefix.removesuffix("/48")
        router = [f"addr add {net6}1/64 dev lan nodad", "route add ::/0 dev core"]
        host = [f"addr add {one.v6}/64 dev wan nodad", f"route add ::/0 via {net6}1"]
        if one.has_v4:
            router += [f"addr add {net4}1/24 dev lan", "route add 0.0.0.0/0 dev core"]
            host += [f"addr add {one.v4}/24 dev wan", f"route add 0.0.0.0/0 via {net4}1"]
        self[f"r{one.number}"].ip(*router)
        self[one.name].ip(*host)

    def _address_target(self, one):
        """Every address of the target's prefix is its own ("AnyIP"): many targets cost nothing."""
        v6_lan = one.v6_prefix.replace("/48", "/64")
        # Programs may bind to an IPv6 address only if a device has it.
        services = [f"addr add {service.v6}/128 dev lo nodad" for service in SERVICES if one.name == "near"]
        self[one.name].ip(
            f"addr add {one.v4}/32 dev lo", f"addr add {one.v6}/128 dev lo nodad", *services,
            f"route add local {one.v4_prefix} dev lo", f"route add local {v6_lan} dev lo",
            f"route add 0.0.0.0/0 dev wan src {one.v4}", f"route add ::/0 dev wan src {one.v6}")

    def expected_round_trip(self, probe, target):
        """(lowest, highest) round trip in milliseconds between a probe and a target (or "hub"), by name."""
        total = self.probes[probe].round_trip + (0 if target == "hub" else self.targets[target].round_trip)
        return total - EARLY, total * BUSY_FACTOR + BUSY_EXTRA

    def path_to_far(self, probe, af):
        """What a traceroute from a probe to far meets: the set of possible addresses for each hop."""
        router = self.probes[probe].v4_prefix.replace("0/24", "1") if af == 4 else \
            self.probes[probe].v6_prefix.replace("/48", "1")
        far = self.targets["far"]
        return [{router}, {CORE_V4 if af == 4 else CORE_V6}, {diamond_address(way, 1, af) for way in (0, 1)},
                {diamond_address(way, 1, af) for way in (2, 3)}, {far.v4 if af == 4 else far.v6}]

    def allow_list(self):
        """The text of a probe's allow-list file: the lab lives in special-purpose space, which probes refuse."""
        return "198.18.0.0/15\n2001:db8::/32\n"
