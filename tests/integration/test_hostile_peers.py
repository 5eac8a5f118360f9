"""Peers that mean harm, at the real programs, while honest probes register and measure: floods of unknown keys, silent and
half-open connections, guessed claim codes, forged session counters, and a controller that lies about its load.

Hostile peers call from addresses of 127/8 in the hub, where the servers are. Each test has addresses of its own, since servers
remember who troubled them.
"""
import contextlib
import time

import pytest

from tests.integration.hostile_peers import (LIMIT, REFUSE, Flood, Impostor, Server, in_hub, query, results_with,
                                             value)
from tests.lab.platform import QUICK_DETECTORS, wait_for
from tests.support.ssh_peer import BANNER, Dropped, SshPeer, kexinit, new_key, packet, public_line

WINDOW_LIMIT = 300.0  # seconds for windows of 24 rounds of a second, on a slow machine
SERVERS = ("registry", "controller-1")
PLACES = 64  # limits.half_open_per_address
REFUSALS = 150  # sessions of a flood, at the least
LINES_OF_ONE, LINES_EVERY = 20, 10.0  # refusals of one address in the log; seconds for each further one
WRITTEN = ("probe", "probe_key", "probe_session", "probe_event", "trust_change", "claim_code", "result_refused")
SETTLED = 3  # rounds
INT64_MAX, UINT64_MAX, UINT32_MAX = (1 << 63) - 1, (1 << 64) - 1, (1 << 32) - 1


@pytest.fixture(scope="module")
def settings():
    return QUICK_DETECTORS


@pytest.fixture(scope="module")
def probes(platform):
    for name in ("p1", "p2", "p3"):
        platform.add_probe(name)
    return [platform.probes[name].wait_connected() for name in ("p1", "p2", "p3")]


@pytest.fixture(scope="module")
def measurement(platform, probes):
    """All ping the near target every second."""
    return platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": str(platform.lab.targets["near"].v4), "description": "honest",
                         "packets": 1, "interval": 1}],
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": 3}]})["measurements"][0]


@pytest.fixture
def honest(platform, probes, measurement):
    """A probe that measures all the time."""
    wait_for(lambda: newest(platform, measurement, probes[0]), LIMIT, "a first result")
    return lambda: measures_on(platform, measurement, probes[0])


def newest(platform, measurement, probe):
    found = platform.api.get(f"/api/v2/measurements/{measurement}/results/?probe_ids={probe.number}")
    return max((one["timestamp"] for one in found), default=0)


def measures_on(platform, measurement, probe):
    before = newest(platform, measurement, probe)
    wait_for(lambda: newest(platform, measurement, probe) > before, LIMIT, f"newer results of {probe.place.name}")


def registers_and_connects(platform, probe):
    """The probe starts anew, asks the registry for its controllers, and connects."""
    probe.stop()
    wait_for(lambda: probe.status == "Disconnected", LIMIT, "the end of its session")
    (probe.folder / "state/assignment").unlink(missing_ok=True)
    probe.start().wait_connected(LIMIT)
    assert (probe.folder / "state/assignment").exists()


def rows_of_probes(platform):
    return {name: int(value(platform, f"select count(*) from {name}")) for name in WRITTEN}


def log_lines(platform, words):
    with open(platform.log, errors="replace") as log:
        return sum(words in line for line in log)


def stranger(server, source):
    """One session of an unknown key."""
    try:
        answer = server.ask(source)
    except Dropped:
        return "turned away"
    assert answer is None or answer[0] == REFUSE, answer
    return "refused"


@pytest.mark.parametrize("name", SERVERS)
def test_floods_of_unknown_keys_stop_nobody_and_leave_nothing_behind(platform, probes, honest, name):
    server = Server(platform, name)
    one = f"127.0.1.{1 + SERVERS.index(name)}"
    many = [f"127.0.{10 + number}.{1 + SERVERS.index(name)}" for number in range(24)]
    rows = rows_of_probes(platform)
    began = time.monotonic()
    with Flood(platform, lambda source: stranger(server, source), [one]) as flood:
        flood.wait_for("refused", REFUSALS)
        honest()
        flood.wait_for("turned away", 1)
    before = server.memory()
    with Flood(platform, lambda source: stranger(server, source), many) as flood:
        flood.wait_for("refused", REFUSALS)
        registers_and_connects(platform, probes[1])
        honest()
        flood.wait_for("refused", 4 * REFUSALS)
    assert server.memory() - before < server.may_grow()

    after = rows_of_probes(platform)
    came = {"probe_session": after["probe_session"] - rows["probe_session"]}
    assert {name: after[name] - rows[name] for name in WRITTEN if after[name] != rows[name]} == came
    assert came["probe_session"] <= 2, "the one of the honest probe, whatever the strangers did"
    written = log_lines(platform, f"{one}: refused")
    assert 0 < written <= LINES_OF_ONE + 1 + (time.monotonic() - began) / LINES_EVERY
    server.wait_descriptors_given_back()


@contextlib.contextmanager
def losing_their_places(server, held):
    """Peers that hold places lose them, whatever else happens meanwhile, and leave nothing behind."""
    try:
        yield
        for peer in held:
            peer.wait_dropped()
    finally:
        for peer in held:
            peer.close()
    server.wait_descriptors_given_back()


def open_until_turned_away(server, source, most):
    """Logs in with ever new keys, says nothing, and keeps the sessions."""
    held = []
    for _ in range(most):
        try:
            held.append(server.open(source))
        except Dropped:
            return held, True
    return held, False


@pytest.mark.parametrize("name", SERVERS)
def test_who_logs_in_and_says_nothing_has_few_places_and_loses_them(platform, probes, honest, name):
    server = Server(platform, name)
    source = f"127.0.2.{1 + SERVERS.index(name)}"
    held, turned_away = in_hub(platform, open_until_turned_away, server, source, 3 * PLACES)
    with losing_their_places(server, held):
        assert turned_away and len(held) >= PLACES // 2
        honest()
        registers_and_connects(platform, probes[1])


BEGINNINGS = {
    "nothing": b"",
    "half a banner": BANNER[:7],
    "a banner": BANNER,
    "half of what begins the exchange of keys": BANNER + packet(kexinit())[:100],
    "all but the keys themselves": BANNER + packet(kexinit()),
}


def begin(server, source, octets):
    peer = SshPeer(server.at, source)
    try:
        peer.send_octets(octets)
    except Dropped:
        pass  # it was turned away: found out by who reads
    return peer


def begin_all(server, calls):
    return [begin(server, source, octets) for source, octets in calls]


def is_let_in(peer):
    try:
        peer.receive(len("SSH-2.0"))
        return True
    except Dropped:
        return False


@pytest.mark.parametrize("name", SERVERS)
def test_half_open_handshakes_have_few_places_and_lose_them(platform, probes, honest, name):
    server = Server(platform, name)
    last = 1 + SERVERS.index(name)
    one = [(f"127.0.3.{last}", BEGINNINGS["nothing"])] * (2 * PLACES)
    many = [(f"127.0.{40 + number}.{last}", octets) for number in range(8) for octets in list(BEGINNINGS.values()) * 6]
    held = in_hub(platform, begin_all, server, one)
    with losing_their_places(server, held):
        let_in = [peer for peer in held if is_let_in(peer)]
        assert PLACES // 2 <= len(let_in) <= PLACES
        held.extend(in_hub(platform, begin_all, server, many))
        registers_and_connects(platform, probes[1])
        honest()


def test_claim_codes_cannot_be_guessed(platform):
    server = Server(platform, "registry")
    guesser, host = "127.0.4.1", "127.0.4.2"
    code = platform.run("probe", "claim").strip().encode()
    guesses = [in_hub(platform, lambda n=n: server.ask(guesser, claim_code=b"AAAA-AAAA-AAAA-%04d" % n)) for n in range(30)]
    assert all(one[0] == REFUSE for one in guesses)
    assert b"the claim code is unknown" in guesses[0] and b"too many claim codes" in guesses[-1]
    right = in_hub(platform, lambda: server.ask(guesser, claim_code=code))
    assert b"too many claim codes" in right, "who guessed too often is not told of a hit"
    taken = in_hub(platform, lambda: server.ask(host, claim_code=code))
    assert taken[0] != REFUSE, taken
    again = in_hub(platform, lambda: server.ask(host, claim_code=code))
    assert b"was used for another probe" in again


def counter_finding(platform, probe):
    found = [one for one in platform.explained(probe)["findings"] if one["rule"] == "session-counter"]
    return found[0] if found else None


def settle(platform, probe):
    """Rounds in which a state changed are not looked at."""
    wait_for(lambda: time.time() > platform.explained(probe)["since"] + SETTLED, LIMIT, "rounds after the last change")


def test_a_counter_that_went_back_once_is_a_doubt_that_clears(platform, probes, honest, measurement):
    probe = probes[2]
    settle(platform, probe)
    probe.stop()
    impostor = Impostor(platform, probe, "127.0.5.1")
    for boot_count in (1000, 1000, 0):  # far above the probe's own, the same once more, and below
        assert impostor.log_in(boot_count)[-1] is not None
    probe.start()
    finding = wait_for(lambda: counter_finding(platform, probe), LIMIT, "a finding")
    assert finding["severity"] == "warning" and "the boot count went back 1 times" in finding["saw"]
    probe.wait_connected(LIMIT)
    measures_on(platform, measurement, probe)
    wait_for(lambda: counter_finding(platform, probe)["cleared_at"] and platform.explained(probe)["state"] == "active",
             WINDOW_LIMIT, "a window without it")


def test_counters_at_the_ends_of_their_types_isolate_and_break_nothing(platform, probes, honest, measurement):
    probe = probes[2]
    settle(platform, probe)
    before = {name: Server(platform, name).pid for name in SERVERS}
    probe.stop()
    impostor = Impostor(platform, probe, "127.0.5.2")
    sequences = (0, UINT32_MAX, INT64_MAX, INT64_MAX + 1, UINT64_MAX)
    answers = impostor.log_in(UINT32_MAX, results_with(measurement, sequences))
    assert answers[-1] is not None, "they are acknowledged, whatever they are"
    for boot_count in (0, INT64_MAX, INT64_MAX + 1, UINT64_MAX):  # what is beyond 32 bits is dropped by protobuf
        assert impostor.log_in(boot_count)[-1] is not None
    probe.start().wait_connected(LIMIT)  # what is found has to last, in hours in session
    wait_for(lambda: platform.explained(probe)["state"] == "isolated", LIMIT, "its isolation")
    finding = counter_finding(platform, probe)
    assert finding["severity"] == "grave" and f"the last time from {UINT32_MAX} to " in finding["saw"]
    assert before == {name: Server(platform, name).pid for name in SERVERS}
    honest()
    stored = value(platform, f"select count(distinct seq) from result_hot where probe_id = {probe.number} and "
                   f"seq in (0, {UINT32_MAX}, {INT64_MAX}, {-INT64_MAX - 1}, -1)")
    assert int(stored) == len(sequences)
    platform.api.get(f"/api/v2/measurements/{measurement}/results/?probe_ids={probe.number}&include_flagged=true")

    wait_for(lambda: platform.explained(probe)["state"] in ("probation", "active"), WINDOW_LIMIT, "a window without it")
    measures_on(platform, measurement, probe)


LIAR = "controller-9"
DEAD_AFTER = 15  # seconds without a heartbeat


def controllers(platform):
    return {one["name"]: one for one in platform.api.get("/api/v2/controllers/")["results"]}


def beat(platform, claims):
    """What the liar says of itself."""
    return query(platform, f"update controller set {claims} where name = '{LIAR}'", role="tp_controller")


@pytest.fixture
def liar(platform):
    """A controller that nobody finds where it says that it is; the others have little room."""
    room = {name: one["capacity"] for name, one in controllers(platform).items()}
    value(platform, "update controller set capacity = 6")
    made = query(platform, "insert into controller (name, addresses, host_key, capacity) "
                 f"select '{LIAR}', '{{198.18.0.99:7441}}', host_key, 2 from controller limit 1", role="tp_controller")
    assert made.returncode == 0, made.stderr
    yield LIAR
    own = f"(select id from controller where name = '{LIAR}')"
    forget = f"delete from placement where controller_id = {own}; delete from controller where id = {own}"
    wait_for(lambda: query(platform, forget).returncode == 0, LIMIT, "a moment in which nobody is placed there")
    for name, capacity in room.items():
        value(platform, f"update controller set capacity = {capacity} where name = '{name}'")


def register(platform, keys):
    """Each asks the registry for a place; how many got one."""
    server = Server(platform, "registry")
    answers = [in_hub(platform, lambda key=key: server.ask("127.0.6.1", key)) for key in keys]
    assert all(one[0] != REFUSE for one in answers), answers
    return sum(one[0] == 1 << 3 | 2 for one in answers)


def test_a_controller_that_lies_about_its_load_gets_no_more_than_it_has_room_for(platform, probes, honest, liar):
    for claims in ("capacity = 2147483647", "capacity = 18001", "capacity = 0", "capacity = -5", "sessions = -1",
                   "sessions = -2147483648", "sessions = 2147483647"):
        assert "violates check constraint" in beat(platform, claims).stderr, claims
    keys = [new_key() for _ in range(16)]
    for key in keys:
        platform.api.post("/api/v2/probes/", {"public_key": public_line(key), "description": "simulated"})
    assert beat(platform, "sessions = 0, heartbeat_at = now()").returncode == 0
    before = sum(one["placed"] for one in controllers(platform).values())
    placed = register(platform, keys)
    found = controllers(platform)
    assert all(one["placed"] <= one["capacity"] for one in found.values()), found
    assert sum(one["placed"] for one in found.values()) == 2 * 6 + 2 == placed + before
    assert register(platform, keys) == placed, "asked again, they stay where they are, and the others wait"
    honest()

    # As full as can be: it loses what it has, and the others still take no more than they have room for.
    value(platform, f"update controller set capacity = 8 where name <> '{LIAR}'")
    assert beat(platform, "sessions = 18000, heartbeat_at = now()").returncode == 0

    def left():
        beat(platform, "sessions = 18000, heartbeat_at = now()")
        return controllers(platform)[LIAR]["placed"] == 0
    wait_for(left, LIMIT, "its probes moved")
    assert all(one["placed"] <= one["capacity"] for one in controllers(platform).values())

    # Alive for ever, if it were believed.
    assert beat(platform, "sessions = 0, heartbeat_at = now() + interval '70 years'").returncode == 0
    wait_for(lambda: controllers(platform)[LIAR]["heartbeat_age"] >= DEAD_AFTER, LIMIT, "it is found dead")
    honest()
    registers_and_connects(platform, probes[1])
