"""NTP, measured against servers that are ahead, behind, slow, lying, refusing, silent, or not there."""
import struct

import pytest

from tests.lab.measure import measure, measure_all
from tests.lab.network import Network, Shape
from tests.integration.time_server import TimeServer

SERVER4, SERVER6 = "198.18.2.1", "2001:db8:2::1"
DELAY = 10.0           # milliseconds each way
SECOND = 10**9         # nanoseconds
TOLERANCE = SECOND // 2  # of offsets and round trips on a machine that may be busy: the sizes told apart are larger


class TwoHosts(Network):
    """A probe and a server, 20 ms apart there and back."""

    def build(self):
        probe, server = self.add("probe", "server")
        self.delay(((probe, "uplink"), (server, "downlink"), Shape(DELAY), Shape(DELAY), 1))
        for one, device, last in ((probe, "uplink", 2), (server, "downlink", 1)):
            one.ip(f"addr add 198.18.2.{last}/24 dev {device}", f"addr add 2001:db8:2::{last}/64 dev {device} nodad")


@pytest.fixture(scope="module")
def hosts():
    with TwoHosts() as made:
        yield made


@pytest.fixture(params=["root", "nobody"])
def user(request):
    return None if request.param == "root" else "nobody"


def ask(hosts, server, address=SERVER4, user=None, **options):
    end = server.serve(hosts["server"], address)
    try:
        return measure(hosts["probe"], "ntp", target=address, af=6 if ":" in address else 4, user=user,
                       **{"packets": 1, **options})
    finally:
        end()


@pytest.mark.parametrize("address", [SERVER4, SERVER6])
@pytest.mark.parametrize("ahead", [5 * SECOND, -5 * SECOND, 0])
def test_the_offset_is_the_servers_clock_minus_ours(hosts, user, ahead, address):
    outcome = ask(hosts, TimeServer(ahead=ahead), address, user)
    packet, = outcome["found"]["packets"]
    assert outcome["failed"] is None and outcome["target"] == address
    assert abs(packet["offset"] - ahead) < TOLERANCE
    assert 2 * DELAY * 10**6 <= packet["round_trip"] < 2 * DELAY * 10**6 + TOLERANCE
    assert (packet["leap"], packet["version"], packet["mode"], packet["stratum"]) == (0, 4, 4, 2)
    assert (packet["poll"], packet["precision"], packet["reference_id"]) == (6, -23, 0xC6120201)
    assert outcome["clock"] in ("kernel", "kernel_receive")
    assert packet["origin"] < packet["final"]


def test_the_servers_own_time_is_no_part_of_the_round_trip(hosts):
    held = 2 * SECOND
    outcome = ask(hosts, TimeServer(ahead=SECOND, held=held))
    packet, = outcome["found"]["packets"]
    assert packet["final"] - packet["origin"] > (held << 32) // SECOND
    assert packet["round_trip"] < held
    assert abs(packet["offset"] - SECOND) < TOLERANCE


def test_requests_tell_nothing_and_keep_their_distance(hosts):
    server = TimeServer()
    outcome = ask(hosts, server, packets=3)
    assert [one["received"] for one in outcome["found"]["packets"]] == [True] * 3
    assert [(request[0], request[1:40]) for _, request in server.seen] == [(0x23, bytes(39))] * 3
    transmits = [struct.unpack_from("!Q", request, 40)[0] for _, request in server.seen]
    assert len(set(transmits)) == 3
    assert not set(transmits) & {one["origin"] for one in outcome["found"]["packets"]}, "random, not the time"
    arrivals = [arrival for arrival, _ in server.seen]
    slack = SECOND // 2  # what a busy machine may hold back the first of two
    assert all(later - earlier >= 2 * SECOND - slack for earlier, later in zip(arrivals, arrivals[1:]))


def test_a_lie_about_the_origin_is_ignored_and_counted(hosts, user):
    outcome = ask(hosts, TimeServer(ahead=SECOND, lies_first=True), user=user)
    packet, = outcome["found"]["packets"]
    assert abs(packet["offset"] - SECOND) < TOLERANCE
    assert outcome["packets_received"] == 3, "of which two are no answers"


@pytest.mark.parametrize("code", ["RATE", "DENY", "RSTR"])
def test_a_kiss_ends_the_run_and_keeps_the_next_one_from_asking(hosts, code):
    server = TimeServer(kiss=code)
    end = server.serve(hosts["server"], SERVER4)
    try:
        first, second = measure_all(hosts["probe"], "ntp", target=SERVER4, packets=3, times=2)
    finally:
        end()
    packet, = first["found"]["packets"]
    assert packet["error"] == f"kiss-o'-death {code}" and packet["stratum"] == 0
    assert second["failed"] == {"source": "target", "text": f"not asked: the server said {code} before"}
    assert len(server.seen) == 1


def test_silence(hosts, user):
    outcome = ask(hosts, TimeServer(silent=True), user=user, timeout=300)
    packet, = outcome["found"]["packets"]
    assert not packet["received"] and packet["error"] == ""
    assert (outcome["packets_sent"], outcome["octets_sent"], outcome["packets_received"]) == (1, 76, 0)


@pytest.mark.parametrize("address", [SERVER4, SERVER6])
def test_nobody_listens(hosts, user, address):
    outcome = measure(hosts["probe"], "ntp", target=address, af=6 if ":" in address else 4, packets=1, user=user)
    packet, = outcome["found"]["packets"]
    assert packet["error"] == "port unreachable"


def test_a_place_without_a_way(hosts):
    outcome = measure(hosts["probe"], "ntp", target="198.19.9.9", packets=1)
    assert outcome["failed"] == {"source": "network", "text": "connect failed: Network is unreachable"}


def test_a_target_that_the_host_did_not_allow(hosts):
    outcome = measure(hosts["probe"], "ntp", target=SERVER4, allow=["198.19.0.0/16"], packets=1)
    assert outcome["failed"] == {"source": "guard", "text": "address not allowed"}
