"""`make demo`. Exit status 0 only if every result is what the laboratory must give."""
import sys
import time

from tests.lab import network
from tests.lab.demo import anchors, pings, types, updates
from tests.lab.demo.output import Progress, print_table, say
from tests.lab.demo.tasks import collect
from tests.lab.platform import Platform
from tests.lab.process import LabError
from tests.lab.rollouts import Releases
from tests.lab.services import start_lab_anchor, start_services
from tests.lab.supervised import SupervisedProbe, write_release
from tests.lab.topology import Lab

NOT_UPDATED = "p5"  # a probe that its host updates by himself


def start_probes(platform, officers, releases):
    say(f"Starting {len(platform.lab.probes)} probes ...")
    first = write_release(releases.folder, updates.FIRST)
    for name, place in platform.lab.probes.items():
        if name == NOT_UPDATED:
            platform.add_probe(name, officers.probe_settings)
            continue
        settings = {**officers.probe_settings, **releases.probe_settings}
        probe = platform.probes[name] = SupervisedProbe(platform, place, settings)
        probe.register().install(updates.FIRST, first)
        probe.start()
    for probe in platform.probes.values():
        probe.wait_connected()
        families = "IPv4 and IPv6" if probe.place.has_v4 else "IPv6 only"
        say(f"  {probe.place.name} is probe {probe.number}: {probe.place.country}, AS{probe.place.asn}, {families}, "
            f"{probe.place.round_trip} ms away")


def check_refusals(platform, officers):
    """What is no anchor is not fetched from: what of that is not so, as sentences."""
    by_platform = anchors.refused_by_platform(platform)
    say(f"\nHTTP to the near target, which is no anchor: {by_platform or 'not refused'}")
    by_probe = anchors.refused_by_probe(platform, officers)
    say(f"The same, listed by somebody whom the platform trusts and no probe does: {by_probe or 'not refused'}")
    wrong = [] if by_platform else ["HTTP to what is no anchor was not refused"]
    return wrong + ([] if by_probe else ["a probe believed a list that its host's keys did not sign"])


def run(platform, officers, releases):
    """Everything that is not as it should be, as sentences."""
    anchors.publish(platform, officers)
    start_probes(platform, officers, releases)
    ping_tasks, other_tasks = pings.start(platform), types.start(platform)
    say(f"{len(ping_tasks) + len(other_tasks)} measurements: pings of near, far, lossy and dead target, once, and "
        f"{pings.ROUNDS} rounds {pings.INTERVAL} s apart (round trips in ms, * is no answer);\n"
        f"{', '.join(one.name for one in types.TYPES)} once")
    collect(platform, [*other_tasks, *ping_tasks], Progress())
    pings.stop(platform, ping_tasks)
    rows = pings.summarise(platform, ping_tasks)
    say()
    print_table(pings.HEAD, [row.cells() for row in rows])
    head, others, wrong = types.summarise(platform, other_tasks)
    say()
    print_table(head, others)
    wrong += pings.verdict(rows) + check_refusals(platform, officers)
    return wrong + updates.run(platform, releases)


def main():
    begun = time.monotonic()
    say("Making a laboratory: a hub, five probes behind routers, four targets, servers, an anchor ...")
    try:
        with Lab(ping_sockets=True) as lab:
            start_services(lab)
            start_lab_anchor(lab)
            officers, releases = anchors.Officers(lab), Releases(lab)
            say("Starting the platform: PostgreSQL, registry, two controllers, API ...")
            settings = {**officers.platform_settings, **releases.platform_settings}
            with Platform(lab, settings) as platform:
                try:
                    wrong = run(platform, officers, releases)
                except LabError:
                    say(platform.logs())
                    raise
                say("\nStopping ...")
    except LabError as error:
        say(f"demo: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted; everything is stopped.")
        return 130
    for one in wrong:
        say(f"demo: {one}")
    say(f"{'All is well' if not wrong else 'Not well'}, after {time.monotonic() - begun:.0f} s."
        + (" (Without root, in a user namespace.)" if network.rootless else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
