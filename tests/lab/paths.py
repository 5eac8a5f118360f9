"""Paths for traceroutes: a diamond with balancers of three kinds, and a line on which every prefix meets its own fate.

    Diamond:  p --- r1 ===< a >=== r2 --- t       Line:  p --- r1 --- r2 --- r3 --- t
                          < b >

The target answers at every address of its prefixes. Both families everywhere.
"""
import subprocess

from tests.lab import network
from tests.lab.network import COMMAND_LIMIT, Network
from tests.lab.process import LabError
from tests.lab.topology import EVERYBODY, EVERYBODY_ROOTLESS, PING_GROUPS, SETTINGS

BALANCERS = ("l3", "l4", "first32")
MTU = 1400  # of the link between r2 and r3


def nft(namespace, script):
    done = subprocess.run(namespace.command(["nft", "-f", "-"]), input=script, text=True, capture_output=True,
                          timeout=COMMAND_LIMIT)
    if done.returncode != 0:
        raise LabError(f"nft: {done.stderr}\nin\n{script}")


def target(family, number=1, prefix=200):
    return f"198.18.{prefix}.{number}" if family == 4 else f"2001:db8:{prefix}::{number:x}"


def prefix_of(family, number):
    return f"198.18.{number}.0/24" if family == 4 else f"2001:db8:{number}::/64"


def everywhere(family):
    return "0.0.0.0/0" if family == 4 else "::/0"


def address(family, link, end):
    """Of one end (1: nearer to the probe, 2) of a numbered link."""
    return f"198.18.{link}.{end}" if family == 4 else f"2001:db8:{link}::{end}"


class Path(Network):
    """What both have in common. `links`: (number, nearer, further). `ping_sockets`: may everybody on "p" open them?"""
    links = ()
    ping_sockets = True  # if not, nobody may: the kernel's default
    target_prefixes = (200,)

    def build(self):
        names = dict.fromkeys(name for _, *ends in self.links for name in ends)
        self.add(*names, settings=SETTINGS)
        if self.ping_sockets:
            self["p"].sysctl({PING_GROUPS: EVERYBODY_ROOTLESS if network.rootless else EVERYBODY})
        self.veth(*(((self[near], f"d{number}"), (self[far], f"u{number}")) for number, near, far in self.links))
        for number, near, far in self.links:
            for end, (name, device) in enumerate([(near, f"d{number}"), (far, f"u{number}")], start=1):
                self[name].ip(f"addr add {address(4, number, end)}/24 dev {device}",
                              f"addr add {address(6, number, end)}/64 dev {device} nodad")
        for family in (4, 6):
            self.default_routes(family)
            for prefix in self.target_prefixes:
                self["t"].ip(f"route add local {prefix_of(family, prefix)} dev lo")

    def up(self, family, name, link):
        """The way back to the probe."""
        self[name].ip(f"route add {everywhere(family)} via {address(family, link, 1)}")

    def down(self, family, name, link, prefix=200):
        self[name].ip(f"route add {prefix_of(family, prefix)} via {address(family, link, 2)}")


class Diamond(Path):
    """balance() chooses how r1 spreads what it forwards over a and b."""
    links = ((1, "p", "r1"), (2, "r1", "a"), (3, "r1", "b"), (4, "a", "r2"), (5, "b", "r2"), (6, "r2", "t"))

    def default_routes(self, family):
        self["p"].ip(f"route add {everywhere(family)} via {address(family, 1, 2)}")
        self.down(family, "a", 4)
        self.down(family, "b", 5)
        self.down(family, "r2", 6)
        for name, link in (("a", 2), ("b", 3), ("r2", 4), ("t", 6)):
            self.up(family, name, link)
        for table, link in ((100, 2), (101, 3)):
            self["r1"].ip(f"route add {prefix_of(family, 200)} via {address(family, link, 2)} table {table}")
        self["r1"].ip(f"route add {prefix_of(family, 200)} "
                      f"nexthop via {address(family, 2, 2)} nexthop via {address(family, 3, 2)}")

    def balance(self, kind):
        """l3, l4: the kernel's own. first32: by the first 32 bits behind the IP header, as hardware does."""
        policy = {"l3": 0, "l4": 1, "first32": 0}[kind]
        self["r1"].sysctl({"net/ipv4/fib_multipath_hash_policy": policy, "net/ipv6/fib_multipath_hash_policy": policy})
        nft(self["r1"], "flush ruleset\n")
        for family in (4, 6):
            self._rules(family, "del")
            if kind == "first32":
                self._rules(family, "add")
        if kind == "first32":
            nft(self["r1"], f"""
                table inet balance {{
                    chain spread {{
                        type filter hook prerouting priority mangle;
                        iifname u1 ip daddr {prefix_of(4, 200)} meta mark set jhash @th,0,32 mod 2 seed 7 offset 1
                        iifname u1 ip6 daddr {prefix_of(6, 200)} meta mark set jhash @th,0,32 mod 2 seed 7 offset 1
                    }}
                }}""")

    def _rules(self, family, what):
        for mark, table in ((1, 100), (2, 101)):
            subprocess.run(self["r1"].command(["ip", f"-{family}", "rule", what, "fwmark", mark, "table", table]),
                           capture_output=True, timeout=COMMAND_LIMIT, check=what == "add")

    def branches(self, family):
        return {address(family, 2, 2), address(family, 3, 2)}

    def path(self, family, branch):
        """The addresses that a trace by way of one branch meets, without the target's."""
        link = 4 if branch == address(family, 2, 2) else 5
        return [address(family, 1, 2), branch, address(family, link, 2)]


class Line(Path):
    """Prefix 200 is reached. r2 has no way on for 201 (unreachable), 202 (prohibited), 203 (it swallows). It rejects what
    goes to an address of 204 with what reject() said."""
    links = ((1, "p", "r1"), (2, "r1", "r2"), (3, "r2", "r3"), (4, "r3", "t"))
    target_prefixes = (200, 204)

    def default_routes(self, family):
        self["p"].ip(f"route add {everywhere(family)} via {address(family, 1, 2)}")
        self["r1"].ip(f"route add {everywhere(family)} via {address(family, 2, 2)}",
                      f"route add {prefix_of(family, 1)} dev u1 metric 1")
        for prefix in self.target_prefixes:
            self.down(family, "r2", 3, prefix)
            self.down(family, "r3", 4, prefix)
        for name, link in (("r2", 2), ("r3", 3), ("t", 4)):
            self.up(family, name, link)
        self["r2"].ip(f"route add unreachable {prefix_of(family, 201)}",
                      f"route add prohibit {prefix_of(family, 202)}",
                      f"route add blackhole {prefix_of(family, 203)}")

    def limit_mtu(self):
        self["r2"].ip(f"link set dev d3 mtu {MTU}")
        self["r3"].ip(f"link set dev u3 mtu {MTU}")

    def reject(self, family, words):
        """words: as nft knows them, such as "icmp type host-unreachable"."""
        family_word = "ip" if family == 4 else "ip6"
        nft(self["r2"], f"""
            table inet rejects
            flush table inet rejects
            table inet rejects {{ chain forward {{
                type filter hook forward priority filter;
                {family_word} daddr {prefix_of(family, 204)} reject with {words}
            }}
            }}""")

    def silence(self, name, limit=None):
        """`name` says nothing, or `limit` answers (such as "1/minute burst 1 packets"), about packets that die there."""
        allowed = f"limit rate {limit} accept" if limit else ""
        nft(self[name], f"""
            table inet silence
            flush table inet silence
            table inet silence {{ chain output {{
                type filter hook output priority filter;
                icmp type time-exceeded {allowed or 'drop'}
                icmpv6 type time-exceeded {allowed or 'drop'}
                {'icmp type time-exceeded drop' if limit else ''}
                {'icmpv6 type time-exceeded drop' if limit else ''}
            }}
            }}""")

    def speak(self, name):
        nft(self[name], "flush ruleset\n")
