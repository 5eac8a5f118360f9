"""The other types, once from every probe and over both families, each judged by what is known of the laboratory.

A type has a name, a target, the fields of its definition (the family added), a few words about a result, and judge():
what is wrong with it, or "".
"""
import base64
import ipaddress

from tests.lab.demo.tasks import Task, create, probes_for
from tests.lab.platform import HTTPS_PORT
from tests.lab.services import ANCHOR_NAME, CLOCK_AHEAD
from tests.lab.topology import HUB_V4, HUB_V6, NTP, ZONE

MS = 1000.0  # milliseconds in a second, in which NTP results are


def of_family(af, place):
    return place.v4 if af == 4 else place.v6


class Type:
    def __init__(self, platform):
        self.platform = platform
        self.lab = platform.lab


class Traceroute(Type):
    name, target = "traceroute", "far"

    def definition(self, af):
        return {"target": of_family(af, self.lab.targets["far"]), "protocol": "UDP", "packets": 2}

    @staticmethod
    def _hops(result):
        return [[reply["from"] for reply in hop.get("result", []) if "from" in reply] for hop in result["result"]]

    def describe(self, _, result):
        return " ".join(hop[0] if hop else "*" for hop in self._hops(result)) or str(result["result"])

    def cell(self, result):
        last = [reply["rtt"] for reply in result["result"][-1].get("result", []) if "rtt" in reply]
        return f"{len(result['result'])} hops, {min(last, default=0):.1f} ms"

    def judge(self, probe, af, result):
        hops, wanted = self._hops(result), self.lab.path_to_far(probe.place.name, af)
        if len(hops) != len(wanted):
            return f"{len(hops)} hops, not {len(wanted)}"
        for number, (seen, possible) in enumerate(zip(hops, wanted), 1):
            if not seen or not set(seen) <= possible:
                return f"hop {number} is {seen}, not one of {possible}"
            if len(set(seen)) > 1:
                return f"one flow took two ways at hop {number}: {seen}"
        low, high = self.lab.expected_round_trip(probe.place.name, "far")
        times = [reply["rtt"] for reply in result["result"][-1]["result"] if "rtt" in reply]
        return "" if times and all(low <= one <= high for one in times) else f"round trips {times}, not {low}-{high} ms"


class Dns(Type):
    """Asks the probe's own resolvers for the far target's address."""
    name, target = "dns", f"far.{ZONE}"

    def definition(self, af):
        return {"use_probe_resolver": True, "query_class": "IN", "query_type": "A" if af == 4 else "AAAA",
                "query_argument": self.target, "set_rd_bit": True}

    @staticmethod
    def _answers(result):
        return [one["result"] for one in result.get("resultset", [result]) if "result" in one]

    def describe(self, _, result):
        answers = self._answers(result)
        return ", ".join(f"{one['ANCOUNT']} answer, {one['rt']:.1f} ms" for one in answers) or str(result)

    def cell(self, result):
        return f"the right address, {min(one['rt'] for one in self._answers(result)):.1f} ms"

    def judge(self, probe, af, result):
        answers, asked = self._answers(result), len(result.get("resultset", [result]))
        if not answers or len(answers) != asked:
            return f"{len(answers)} of {asked} resolvers answered: {result}"
        wanted = ipaddress.ip_address(of_family(af, self.lab.targets["far"])).packed
        wrong = [one for one in answers if not base64.b64decode(one["abuf"]).endswith(wanted)]
        return f"not the far target's address: {wrong}" if wrong else ""


class SslCert(Type):
    """Asks the platform's own API for its certificate."""
    name, target = "sslcert", "hub"

    def definition(self, af):
        return {"target": HUB_V4 if af == 4 else HUB_V6, "port": HTTPS_PORT}

    def describe(self, _, result):
        return f"TLS {result['ver']}, {len(result['cert'])} certificate, {result['rt']:.1f} ms" if "cert" in result \
            else str(result)

    def cell(self, result):
        return f"TLS {result['ver']}, {len(result['cert'])} certificate"

    def judge(self, probe, af, result):
        shown = [one.split() for one in result.get("cert", [])]  # line ends may be written differently
        wanted = self.platform.certificate.read_text().split()
        return "" if shown == [wanted] else f"not the API's certificate: {result}"


class Ntp(Type):
    name, target = "ntp", f"ntp.{ZONE}"

    def definition(self, af):
        return {"target": of_family(af, NTP), "packets": 2}

    @staticmethod
    def _offsets(result):
        return [one["offset"] * MS for one in result["result"] if "offset" in one]

    def describe(self, _, result):
        return "  ".join(f"{one:+.2f} ms" for one in self._offsets(result)) or str(result["result"])

    def cell(self, result):
        return f"{self._offsets(result)[0]:+.2f} ms"

    def judge(self, probe, af, result):
        low, high = self.lab.expected_round_trip(probe.place.name, "near")
        room = (high - low) / 2  # a delay that only one way has moves the offset by half of it
        offsets = self._offsets(result)
        good = offsets and all(abs(one - CLOCK_AHEAD * MS) <= room for one in offsets)
        return "" if good else f"offsets {offsets}, not {CLOCK_AHEAD * MS:.0f} +- {room:.0f} ms"


class Http(Type):
    """Fetches a body of an asked size from the anchor, with a word that the anchor has to say again."""
    name, target = "http", ANCHOR_NAME
    port, size, nonce = 80, 4096, "demo-Zx81"

    def definition(self, af):
        return {"type": "http", "target": self.target, "port": self.port, "path": f"/{self.size}",
                "query_string": f"nonce={self.nonce}", "header_bytes": 1024}

    def describe(self, _, result):
        answer, = result["result"]
        return f"status {answer['res']}, {answer['bsize']} octets, {answer['rt']:.1f} ms" if "rt" in answer else str(answer)

    def cell(self, result):
        answer, = result["result"]
        return f"{answer['res']}, {answer['bsize']} octets"

    def judge(self, probe, af, result):
        answer, = result["result"]
        good = (answer.get("res"), answer.get("bsize")) == (200, self.size) and "err" not in answer
        again = f"X-Trigpoint-Nonce: {self.nonce}" in answer.get("header", [])
        return "" if good and again else f"not the anchor's answer: {answer}"


class Https(Http):
    name, port = "https", 443


TYPES = (Traceroute, Dns, SslCert, Ntp, Http, Https)


def start(platform):
    tasks = []
    types = [one(platform) for one in TYPES]
    for af in (4, 6):
        tasks += create(platform, [
            (Task(one, one.target, af, probes_for(platform, af)),
             {"type": one.name, "af": af, "description": f"{one.name} {one.target} over IPv{af}", **one.definition(af)})
            for one in types])
    return tasks


def summarise(platform, tasks):
    """(head and rows of a table, what is wrong): a row for each probe and family, a column for each type."""
    rows, wrong = [], []
    for probe in platform.probes.values():
        for af in (4, 6):
            mine = [task for task in tasks if task.af == af and probe in task.probes]
            cells = [probe.place.name, f"IPv{af}"]
            for task in mine:
                result, = task.results_of(probe)
                fault = task.kind.judge(probe, af, result)
                wrong += [f"{probe.place.name}, {task.kind.name} over IPv{af}: {fault}"] if fault else []
                cells.append("WRONG" if fault else task.kind.cell(result))
            if mine:
                rows.append(cells)
    return ("probe", "family", *(one.name for one in TYPES)), rows, wrong
