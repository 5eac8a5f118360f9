"""`make bench-engine`: the probe's engines beside fping, scamper, ping and dnsperf, in networks of namespaces.

Which stamp is reported, and why. A round trip is the kernel's stamp of the reply's arrival minus its stamp of the
request at the moment when the request is handed to the queue of the outgoing device (TX_SCHED). That is what a user's
packet experiences, it is the last moment that is the probe's own doing, and on veth it lies closest to the wire and never
after it. It includes what the request waits in the host's own uplink queue: the last case shows how much, by a narrow
uplink with other traffic, where a capture behind the queue sees less. Captures are taken on the probe's device (whose
stamps of arrival are the very same, so that side's error is of sending only) and on the other end of its cable (whose
stamps are its own: the error includes the cable both ways).

Machines are noisy: round trips are judged by the median over REPEATS of each percentile, costs by processor time.
"""
import contextlib
import os
import socket
import statistics
import subprocess
import threading
import time

from tests.bench import pingers
from tests.bench.capture import Capture, errors, percentile
from tests.bench.engine_networks import FAR, NEAR, TRACED, BenchNetwork
from tests.bench.engine_table import EngineTable
from tests.bench.machine import resident
from tests.bench.platform_here import PlatformHere
from tests.lab.network import programs_folder

REPEATS = int(os.environ.get("REPEATS", "3"))
RTT_LOAD = pingers.Load(FAR, count=40, packets=8, interval=1000)
BUSY_LOOPS = 4
TOOLS = {"ours": pingers.ours, "scamper": pingers.scamper, "fping": pingers.fping, "ping": pingers.iputils}


@contextlib.contextmanager
def busy_loops(count):
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


def error_percentiles(network, tool, shares, load=RTT_LOAD):
    """{(side, share): median over the repeats of |error| in microseconds}; also the share of packets both know."""
    found = {}
    for _ in range(REPEATS):
        with Capture(network["probe"], "uplink", "probe") as own, Capture(network["edge"], "downlink", "edge") as other:
            reported = TOOLS[tool](network["probe"], load)
        for side, capture in (("probe", own), ("far side", other)):
            sizes = [abs(one) for one in errors(reported, capture.round_trips())]
            if len(sizes) < load.count * load.packets * 0.9:
                raise RuntimeError(f"{tool}: only {len(sizes)} of {load.count * load.packets} round trips to compare")
            for share in shares:
                found.setdefault((side, share), []).append(percentile(sizes, share))
    return {key: statistics.median(values) for key, values in found.items()}


def round_trip_rows(table, network, state, shares, bars):
    found = {tool: error_percentiles(network, tool, shares) for tool in TOOLS}
    for side in ("probe", "far side"):
        for share, bar in zip(shares, bars):
            key = (side, share)
            judged = side == "probe"
            table.add(f"RTT error, 40 ms, {state}, p{share * 100:g}, capture at {side}", found["ours"][key], "us",
                      bar if judged else None, {name: found[name][key] for name in TOOLS if name != "ours"}, "scamper",
                      1.0 if judged else None)


def round_trips(table, network):
    round_trip_rows(table, network, "quiet", (0.5, 0.99), (3, 10))
    with busy_loops(BUSY_LOOPS):
        round_trip_rows(table, network, f"{BUSY_LOOPS} busy loops", (0.9, 0.99), (10, 25))


def own_traffic(network, stop):
    """Bursts out of the probe's own uplink: 25 kB each 50 ms are 20 ms of a 10 Mbit/s link."""
    sock = network["probe"].call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    while not stop.wait(0.05):
        for _ in range(18):
            sock.sendto(bytes(1400), (FAR, 9))
    sock.close()


def congested_uplink(table, network):
    load = pingers.Load(FAR, count=40, packets=8, interval=1000)
    wide = network.narrow_uplink()
    stop = threading.Event()
    traffic = threading.Thread(target=own_traffic, args=(network, stop))
    traffic.start()
    try:
        with Capture(network["probe"], "uplink", "probe") as own, Capture(network["edge"], "downlink", "edge") as other:
            reported = pingers.ours(network["probe"], load)
            stop.set()
            traffic.join()
    finally:
        stop.set()
        wide()
    values = [one / 1e6 for times in reported.values() for one in times if one is not None]
    table.add("congested uplink: RTT reported, median", statistics.median(values), "ms")
    for side, capture in (("probe", own), ("far side", other)):
        gap = errors(reported, capture.round_trips())
        table.add(f"congested uplink: wait in our own queue, median, by {side}", statistics.median(gap) / 1000, "ms")
        table.add(f"congested uplink: wait in our own queue, p99, by {side}", percentile(gap, 0.99) / 1000, "ms")


def interference(table, network):
    """1,000 jobs that begin at one moment, and one alone: neither their round trips nor their errors may grow."""
    for count in (1, 1000):
        packets = 16 if count == 1 else 3
        medians, tails, trips = [], [], []
        for _ in range(REPEATS):
            load = pingers.Load(NEAR, count=count, packets=packets, interval=1000)
            with Capture(network["probe"], "side", "probe") as own:
                lines, _ = pingers.engine(network["probe"], "ping", first=NEAR, count=count, packets=packets,
                                          packet_interval=100 if count == 1 else load.interval, print=True)
            reported = pingers.by_address(lines)
            sizes = [abs(one) for one in errors(reported, own.round_trips())]
            medians.append(percentile(sizes, 0.5))
            tails.append(percentile(sizes, 0.99))
            trips.append(statistics.median(one / 1000 for times in reported.values() for one in times if one))
        table.add(f"{count} jobs at one moment: RTT reported, median", statistics.median(trips), "us")
        table.add(f"{count} jobs at one moment: RTT error, median", statistics.median(medians), "us")
        table.add(f"{count} jobs at one moment: RTT error, p99", statistics.median(tails), "us", 25)


def fping_pairs(probe, count, each, pace):
    """(microseconds of processor time for an answered echo request, answered requests per second)"""
    done = pingers.run(probe, ["fping", "-q", "-C", str(each), "-p", str(max(1, round(count * pace))), "-i", str(pace), "-r",
                               "0", *pingers.Load(NEAR, count, each, 1).addresses()])
    replies = sum(1 for line in done.err.splitlines() if " : " in line for word in line.split(" : ")[1].split()
                  if word != "-")
    return done.cpu / replies * 1e6, replies / done.wall


def our_pairs(table, probe, count, each, interval):
    _, found = pingers.engine(probe, "ping", first=NEAR, count=count, runs=each // 16, packets=16,
                              packet_interval=interval, spread=interval)
    if found["unanswered"] or found["clock"] != "kernel":
        table.note(f"{found['unanswered']} of {found['packets_sent']} not answered; clock {found['clock']}")
    pairs = found["packets_sent"] - found["unanswered"]
    return found["cpu"] / pairs * 1e6, pairs / found["wall"]


def cost_of_pairs(table, network):
    """At one pace, 50,000 packets/s, and each as fast as it can."""
    probe = network["probe"]
    count, each = 250, 208
    for what, interval, pace in (("at 25,000 pairs/s", 10, 0.04), ("as fast as it goes", 2, 0)):
        ours, theirs = [], []
        for _ in range(REPEATS):
            ours.append(our_pairs(table, probe, count, each, interval))
            theirs.append(fping_pairs(probe, count, each, pace))
        (cost, rate), (their_cost, their_rate) = (map(statistics.median, zip(*found)) for found in (ours, theirs))
        table.add(f"CPU per echo pair, both stamps on, {what}", cost, "us", None, {"fping": their_cost}, "fping", 1.0)
        table.add("  reached", rate, "/s", None, {"fping": their_rate})


def many_targets(table, network):
    _, found = pingers.engine(network["probe"], "ping", first=NEAR, count=5000, packets=10, packet_interval=1000,
                              spread=1000)
    table.add("5,000 targets at 1 Hz: CPU of one core", found["cpu"] / found["wall"] * 100, "%", 25)
    table.add("5,000 targets at 1 Hz: replies lost by us", found["unanswered"], f"of {found['packets_sent']}", 0)


def traceroutes(table, network):
    count = 2000
    row = f"{count:,} ICMP Paris traceroutes of 5 hops: CPU each"
    targets = network.data / "targets"
    targets.write_text("\n".join(pingers.Load(TRACED, count, 1, 1).addresses()) + "\n")
    theirs, ours = [], []
    for _ in range(REPEATS):
        done = pingers.run(network["probe"], ["scamper", "-p", "10000", "-o", "/dev/null", "-O", "warts", "-c",
                                              "trace -P icmp-paris -q 1", "-f", targets])
        theirs.append(done.cpu / count * 1e6)
        found = pingers.engine(network["probe"], "traceroute", first=TRACED, count=count, packets=1, protocol="icmp",
                               spread=2000)
        if found is None:
            break
        if found[1]["unanswered"]:
            table.note(f"{found[1]['unanswered']} traces of ours did not reach their target")
        ours.append(found[1]["cpu"] / count * 1e6)
    table.add(row, statistics.median(ours) if ours else None, "us", None, {"scamper": statistics.median(theirs)}, "scamper",
              1.0)


def dns_queries(table, network):
    rate, seconds = 5000, 5
    queries = network.data / "queries"
    queries.write_text("".join(f"host{i}.example A\n" for i in range(100)))
    server = network["near"].start(["python3", "-m", "tests.bench.dns_responder", NEAR, "53"])
    server.wait_ready(10)
    theirs, ours = [], []
    for _ in range(REPEATS):
        done = pingers.run(network["probe"], ["dnsperf", "-s", NEAR, "-d", queries, "-Q", str(rate), "-l", str(seconds)])
        answered = next(int(line.split()[2]) for line in done.out.splitlines() if "Queries completed" in line)
        theirs.append(done.cpu / answered * 1e6)
        found = pingers.engine(network["probe"], "dns", first=NEAR, one_target=True, count=rate * seconds,
                               spread=seconds * 1000, query_argument="host.example", include_abuf=False)
        if found is None:
            break
        if found[1]["unanswered"]:
            table.note(f"{found[1]['unanswered']} of our queries were not answered")
        ours.append(found[1]["cpu"] / (rate * seconds) * 1e6)
    server.stop()
    table.add(f"DNS over UDP: CPU per query at {rate:,} queries/s", statistics.median(ours) if ours else None, "us", None,
              {"dnsperf": statistics.median(theirs)}, "dnsperf", 1.5)


def memory(table):
    """The release probe, connected, with 1,000 pings on: each of two packets, 30 seconds apart."""
    jobs, at_once = 1000, 100
    with PlatformHere() as platform:
        process, number = platform.add_probe(caps="jobs_at_once = 2000\npackets_per_second = 2000\n")
        idle = resident(process.pid)
        for first in range(0, jobs, at_once):
            platform.api("/api/v2/measurements/", {
                "definitions": [{"type": "ping", "af": 4, "target": f"127.1.{i // 200}.{i % 200 + 1}", "packets": 2,
                                 "packet_interval": 30_000, "description": "bench"} for i in range(first, first + at_once)],
                "probes": [{"type": "probes", "value": str(number), "requested": 1}], "is_oneoff": True})
        most = 0
        ends = time.monotonic() + 120
        while platform.count_results() < jobs and time.monotonic() < ends:
            most = max(most, resident(process.pid))
            time.sleep(0.2)
        done = platform.count_results()
    if done < jobs:
        table.note(f"only {done} of {jobs} results")
    table.add("release probe, connected, idle: resident memory", idle / 1e6, "MB")
    table.add("release probe with 1,000 jobs at once: resident memory", most / 1e6, "MB", 10)


def main():
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    table = EngineTable()
    print(f"make bench-engine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {programs_folder()}", flush=True)
    with BenchNetwork() as network:
        for bench in (round_trips, interference, cost_of_pairs, many_targets, traceroutes, dns_queries, congested_uplink):
            bench(table, network)
    memory(table)


if __name__ == "__main__":
    main()
