"""What probes measure besides the targets: DNS and NTP, on addresses of their own in the near target."""
import pathlib
import sys

from tests.lab.topology import DNS, NTP

ROOT = pathlib.Path(__file__).parents[2]
READY_LIMIT = 20.0  # seconds
CLOCK_AHEAD = 0.25  # seconds that the NTP server's clock is ahead, so that the sign of an offset shows


def resolvers_of(place):
    """The addresses in the resolv.conf of a probe."""
    return [DNS.v4, DNS.v6] if place.has_v4 else [DNS.v6]


def _start(lab, name, *arguments):
    return lab["near"].start([sys.executable, "-m", f"tests.lab.{name}", *arguments],
                             log=lab.data / f"{name}.log", environment={"PYTHONPATH": str(ROOT)})


def start_services(lab):
    """Starts DNS and NTP servers in the laboratory; the probes' resolv.conf names the former."""
    started = [_start(lab, "dns_server", DNS.v4, DNS.v6), _start(lab, "ntp_server", CLOCK_AHEAD, NTP.v4, NTP.v6)]
    for process in started:
        process.wait_ready(READY_LIMIT)
