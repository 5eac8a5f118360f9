"""The networks of `make bench-engine`: a probe, and targets near and 40 ms away. No route leads out of them."""
import subprocess

from tests.lab.network import LabError, Network, Shape

FAR_DELAY = 20.0  # milliseconds each way
FAR, NEAR, TRACED = "198.18.200.1", "198.19.0.1", "198.18.64.1"
TRACE_HOPS = 5
QUIET = {"net/ipv4/icmp_ratelimit": 0, "net/ipv4/icmp_msgs_per_sec": 1_000_000, "net/ipv4/icmp_msgs_burst": 1_000_000,
         "net/ipv6/conf/all/disable_ipv6": 1}


class BenchNetwork(Network):
    """probe == edge -- 20 ms -- far: every address of 198.18.200.0/24 answers at `far`.
    probe == near: every address of 198.19.0.0/16 answers there.
    probe == edge == h2 == h3 == h4 == end: 198.18.64.0/19 is five hops away."""

    def build(self):
        probe, edge, far, near = self.add("probe", "edge", "far", "near", settings=QUIET)
        self.veth(((probe, "uplink"), (edge, "downlink")), ((probe, "side"), (near, "downlink")))
        self.delay(((edge, "onward"), (far, "downlink"), Shape(FAR_DELAY), Shape(FAR_DELAY), 1))
        probe.ip("addr add 198.18.1.2/24 dev uplink", "addr add 198.18.3.2/24 dev side", "route add default via 198.18.1.1",
                 "route add 198.19.0.0/16 via 198.18.3.1")
        edge.ip("addr add 198.18.1.1/24 dev downlink", "addr add 198.18.2.1/24 dev onward",
                "route add 198.18.200.0/24 via 198.18.2.2")
        far.ip("addr add 198.18.2.2/24 dev downlink", "route add default via 198.18.2.1",
               "route add local 198.18.200.0/24 dev lo")
        near.ip("addr add 198.18.3.1/24 dev downlink", "route add default via 198.18.3.2",
                "route add local 198.19.0.0/16 dev lo")
        edge.sysctl({"net/ipv4/ip_forward": 1})
        self._chain(edge)

    def _chain(self, before):
        """Routers in line behind the edge, and the traced targets at their end."""
        names = [f"h{i}" for i in range(2, TRACE_HOPS)] + ["end"]
        for i, name in enumerate(names):
            one, = self.add(name, settings=QUIET)
            self.veth(((before, f"to-{name}"), (one, "downlink")))
            before.ip(f"addr add 198.18.{10 + i}.1/24 dev to-{name}",
                      f"route add 198.18.64.0/19 via 198.18.{10 + i}.2")
            one.ip(f"addr add 198.18.{10 + i}.2/24 dev downlink", f"route add default via 198.18.{10 + i}.1")
            one.sysctl({"net/ipv4/ip_forward": 1})
            before = one
        before.ip("route add local 198.18.64.0/19 dev lo")

    def narrow_uplink(self):
        """The probe's own uplink becomes a 10 Mbit/s one with a queue; the returned function takes it away again."""
        self._tc("qdisc", "add", "dev", "uplink", "root", "tbf", "rate", "10mbit", "burst", "3kb", "latency", "400ms")
        return lambda: self._tc("qdisc", "del", "dev", "uplink", "root")

    def _tc(self, *words):
        done = subprocess.run(["tc", "-n", self["probe"].full_name, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"tc {' '.join(words)}: {done.stderr}")
