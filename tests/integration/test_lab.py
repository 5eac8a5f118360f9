"""The laboratory keeps what it promises: delays, loss, silence, address families, and nothing left behind."""
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import time

import pytest

from tests.lab import geo
from tests.lab.network import Network, Shape
from tests.lab.ping import ping
from tests.lab.process import LabError
from tests.lab.services import CLOCK_AHEAD, start_services
from tests.lab.topology import DNS, HUB_V4, HUB_V6, NTP, PROBES, TARGETS, Lab
from tests.lab.trace import hop, path

LIMIT = 20.0  # seconds, for anything that should be quick
RUN_LIMIT = 60.0  # seconds, for a whole laboratory to end


def wait_until(condition, limit=LIMIT):
    ends = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < ends, "did not come true in time"
        time.sleep(0.05)


def addresses(place, probe):
    return [place.v4, place.v6] if probe.has_v4 else [place.v6]


@pytest.mark.parametrize("probe", PROBES, ids=lambda one: one.name)
@pytest.mark.parametrize("target", ["near", "far"])
def test_round_trips_lie_in_the_band_of_the_probes_delay(lab, probe, target):
    low, high = lab.expected_round_trip(probe.name, target)
    for address in addresses(lab.targets[target], probe):
        answers = lab[probe.name].call(ping, address, 5)
        assert None not in answers, address
        assert low <= min(answers) <= high, (address, answers)


def test_every_probe_reaches_the_hub_through_its_own_delay(lab):
    for probe in PROBES:
        low, high = lab.expected_round_trip(probe.name, "hub")
        for address in [HUB_V4, HUB_V6] if probe.has_v4 else [HUB_V6]:
            answers = lab[probe.name].call(ping, address)
            assert None not in answers and low <= min(answers) <= high, (probe.name, address, answers)


def test_the_lossy_target_loses_about_what_it_should(lab):
    answers = lab["p1"].call(ping, lab.targets["lossy"].v4, 200, 0.005)
    assert 0.15 <= answers.count(None) / 200 <= 0.45  # 30 % are configured; 4.6 standard deviations either way


def test_the_dead_target_is_silent(lab):
    for address in addresses(lab.targets["dead"], lab.probes["p2"]):
        assert lab["p2"].call(ping, address, 2, 0.05, 0.5) == [None, None]


def test_any_address_of_a_targets_prefix_answers(lab):
    assert None not in lab["p1"].call(ping, "198.18.101.211")
    assert None not in lab["p1"].call(ping, "2001:db8:101::abc")


def test_the_way_to_the_far_target_is_a_diamond_and_one_flow_keeps_to_one_side(lab):
    for probe, af in (("p1", 4), ("p1", 6), ("p5", 6)):
        wanted = lab.path_to_far(probe, af)
        target = lab.targets["far"].v4 if af == 4 else lab.targets["far"].v6
        seen = lab[probe].call(path, target, len(wanted))
        assert [address in possible for address, possible in zip(seen, wanted)] == [True] * len(wanted), (seen, wanted)
        ways = {lab[probe].call(hop, target, 3, flow) for flow in range(16)}  # one way only: a chance of 1 in 32,768
        assert ways == wanted[2]
        assert len({lab[probe].call(hop, target, 3, 7) for _ in range(5)}) == 1


def test_the_probe_with_ipv6_only_has_no_ipv4(lab):
    assert lab["p5"].run(["ip", "-4", "route", "show", "default"]).stdout == ""
    with pytest.raises(OSError, match="unreachable"):
        lab["p5"].call(ping, HUB_V4, 1)


def test_a_cut_wire_carries_nothing():
    with Network() as network:
        a, b = network.add("a", "b")
        wire, = network.delay(((a, "wire"), (b, "wire"), Shape(1), Shape(1), 7))
        a.ip("addr add 198.18.9.1/32 peer 198.18.9.2/32 dev wire")
        b.ip("addr add 198.18.9.2/32 peer 198.18.9.1/32 dev wire")
        assert None not in a.call(ping, "198.18.9.2", 2)
        wire.stop()
        with pytest.raises(OSError):
            a.call(ping, "198.18.9.2", 1)


def test_programs_run_as_somebody_else_without_privileges(lab):
    status = lab["p1"].run(["cat", "/proc/self/status"], user="nobody").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    assert fields["Uid"].split()[0] != "0"
    assert int(fields["CapEff"], 16) == 0


def test_a_program_that_never_gets_ready_is_reported_with_its_log(lab):
    process = lab["hub"].start(["sh", "-c", "echo something broke >&2; exit 3"])
    with pytest.raises(LabError, match="something broke"):
        process.wait_ready(LIMIT)


def test_ping_sockets_are_for_the_unprivileged_if_asked_for():
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)"
    for allowed in (True, False):
        with Lab(ping_sockets=allowed) as lab:
            done = lab["p1"].run(["/usr/bin/python3", "-c", program], user="nobody", check=False)
            assert (done.returncode == 0) == allowed, done.stderr


def ask(address, port, query, kind=socket.SOCK_DGRAM):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as sock:
        sock.settimeout(LIMIT)
        sock.connect((address, port))
        sock.sendall(query)
        return sock.recv(4096)


def test_the_labs_servers_answer(lab):
    start_services(lab)
    query = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + b"\3far\3lab\4test\0" + struct.pack("!HH", 1, 1)
    address = socket.inet_aton(lab.targets["far"].v4)
    for server in (DNS.v4, DNS.v6):
        assert lab["p1"].call(ask, server, 53, query).endswith(address)
        framed = len(query).to_bytes(2) + query
        assert lab["p1"].call(ask, server, 53, framed, socket.SOCK_STREAM).endswith(address)
    for server in (NTP.v4, NTP.v6):
        before = time.time()
        reply = lab["p1"].call(ask, server, 123, b"\x23" + bytes(47))
        server_time = int.from_bytes(reply[40:48]) / 2**32 - 2_208_988_800
        assert before <= server_time - CLOCK_AHEAD <= time.time()


def test_a_program_finds_the_resolv_conf_that_it_is_given(lab):
    (lab.data / "resolv.conf").write_text("nameserver 198.18.101.53\n")
    process = lab["p1"].start(["sh", "-c", "cat /etc/resolv.conf; echo READY"], user="nobody",
                              resolv_conf=lab.data / "resolv.conf", log=lab.data / "cat.log")
    process.wait_ready(LIMIT)
    assert (lab.data / "cat.log").read_text() == "nameserver 198.18.101.53\nREADY\n"


def test_teardown_leaves_no_namespace_and_no_process():
    with Lab(ping_sockets=True) as lab:
        names = [one.full_name for one in lab.namespaces.values()]
        stubborn = lab["p1"].start(["sh", "-c", "trap '' TERM HUP; setsid sleep 1000 & echo READY; wait"])
        stubborn.wait_ready(LIMIT)
        stubborn.kill()
        delays = [one.pid for one in lab.links.values()]
        inhabitants = lab.inhabitants()
        assert inhabitants  # the sleep, orphaned
    known = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert not [name for name in names if name in known]
    wait_until(lambda: not [pid for pid in (*inhabitants, *delays) if is_alive(pid)])


def is_alive(pid):
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_laboratory_ends_with_its_process(number, tmp_path):
    script = textwrap.dedent("""
        import sys, time
        from tests.lab.topology import Lab
        with Lab(sys.argv[1]) as lab:
            lab["hub"].start(["sleep", "1000"])
            print(*(one.pid for one in lab.processes), flush=True)
            time.sleep(1000)
    """)
    child = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True)
    with child:
        pids = [int(word) for word in child.stdout.readline().split()]
        assert len(pids) > 8 and all(map(is_alive, pids))
        child.send_signal(number)
        assert child.wait(RUN_LIMIT) != 0
    wait_until(lambda: not any(map(is_alive, pids)))


def test_the_databases_know_every_prefix(tmp_path):
    country, asn = geo.write_databases(tmp_path)
    places = [*PROBES, *TARGETS]
    wanted = [address for one in places for address in (one.v4, one.v6) if address]
    countries, systems = geo.look_up(country, *wanted, "192.0.2.1"), geo.look_up(asn, *wanted)
    for one in places:
        for address in filter(None, (one.v4, one.v6)):
            assert countries[address][0] == one.country
            assert systems[address][1:] == (str(one.asn), one.organisation)
    assert countries["192.0.2.1"][0] == "-"
