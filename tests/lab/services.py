"""What probes measure besides the targets: DNS and NTP, on addresses of their own in the near target."""
import dataclasses
import pathlib
import sys

from tests.lab import network
from tests.lab.process import Process, toml
from tests.lab.topology import ANCHOR, DNS, NTP, ZONE

ROOT = pathlib.Path(__file__).parents[2]
READY_LIMIT = 20.0  # seconds
SERVICE_USER = "nobody"
ANCHOR_NAME = f"anchor.{ZONE}"
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


def start_bad_resolver(lab, habit, address):
    """Starts one of tests/lab/bad_resolver.py on an IPv4 address of the near target."""
    _start(lab, "bad_resolver", habit, address).wait_ready(READY_LIMIT)


@dataclasses.dataclass
class Anchor:
    """trigpoint-anchor, running."""
    name: str
    addresses: list
    config: pathlib.Path
    state: pathlib.Path
    process: Process

    @property
    def certificate(self):
        """The file of the certificate that it made itself."""
        return self.state / "certificate.pem"


def start_anchor(namespace, addresses, name=ANCHOR_NAME, settings=None):
    """Starts trigpoint-anchor on those addresses of a namespace, on its usual ports, and waits until it serves.

    As root it starts as such and leaves its privileges by itself. `settings`: more of its configuration.
    """
    folder = namespace.network.data / f"anchor-{addresses[0]}"
    folder.mkdir(exist_ok=True)
    config, state = folder / "anchor.toml", folder / "state"
    config.write_text(toml({"name": name, "addresses": list(addresses), "state": str(state),
                            **({} if network.rootless else {"user": SERVICE_USER}), **(settings or {})}))
    process = namespace.start([network.programs_folder() / "trigpoint-anchor", "--config", config],
                              log=folder / "anchor.log")
    process.wait_ready(READY_LIMIT)
    return Anchor(name, list(addresses), config, state, process)


def start_lab_anchor(lab, settings=None):
    """The anchor of the laboratory, on addresses of its own in the near target."""
    return start_anchor(lab["near"], [ANCHOR.v4, ANCHOR.v6], settings=settings)
