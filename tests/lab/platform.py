"""The real programs in the laboratory: `trigpoint up` in the hub, probes in their places, and the REST API."""
import concurrent.futures
import json
import signal
import time
import urllib.error
import urllib.request

from tests.lab import geo, network
from tests.lab.network import enter_network, programs_folder
from tests.lab.process import LabError, tail, toml
from tests.lab.services import resolvers_of
from tests.lab.signing import publishable
from tests.lab.topology import HUB_V4, HUB_V6

REGISTRY_PORT, CONTROLLER_PORT, HTTP_PORT, HTTPS_PORT = 7440, 7441, 7480, 7443
READY_LIMIT = 120.0  # seconds until `trigpoint up` serves, the first start of PostgreSQL included
CONNECT_LIMIT = 60.0  # seconds until a probe is connected
STOP_LIMIT = 30.0  # seconds to end in good order
REQUEST_LIMIT = 30.0  # seconds for one request
POLL_PAUSE = 0.2  # seconds between two looks
PROBE_USER = "nobody"
# Settings: rounds of a second in place of an hour, and one clean window leads back.
QUICK_DETECTORS = {"detectors.round": 1, "detectors.delay": 1, "detectors.isolated_windows": 1,
                   "detectors.probation_windows": 1}


class ApiError(LabError):
    """The API answered, and the answer was no."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: HTTP {status}\n{body}")
        self.status = status
        self.body = body


class Api:
    """The REST API, asked from within a namespace by a thread that lives there."""

    def __init__(self, namespace, base, key=None):
        self.base = base
        self.key = key
        self._thread = concurrent.futures.ThreadPoolExecutor(1, initializer=enter_network,
                                                             initargs=(namespace.path,))

    def request(self, method, path, body=None, key=None):
        """The JSON of the answer (None if it has no body). Raises ApiError for 4xx and 5xx, OSError without answer."""
        return self._thread.submit(self._request, method, path, body, key or self.key).result()

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)

    def delete(self, path):
        return self.request("DELETE", path)

    def close(self):
        self._thread.shutdown()

    def _request(self, method, path, body, key):
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Authorization"] = f"Key {key}"
        request = urllib.request.Request(self.base + path, None if body is None else json.dumps(body).encode(),
                                         headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_LIMIT) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(f"{method} {path}", error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text else None


def wait_for(condition, limit, what, pause=POLL_PAUSE):
    """Waits until condition() is true, and returns what it said. Raises LabError after `limit` seconds."""
    ends = time.monotonic() + limit
    while True:
        outcome = condition()
        if outcome:
            return outcome
        if time.monotonic() >= ends:
            raise LabError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)


class LabProbe:
    """A probe in its place. Its folder (key, spool) lasts over stop() and start(), as on a device."""

    def __init__(self, platform, place, settings=None):
        self.platform = platform
        self.place = place
        self.folder = platform.data / place.name
        self.folder.mkdir(mode=0o755)
        self.config = self.folder / "probe.toml"
        self.log = self.folder / "probe.log"
        self.number = None
        self.process = None
        self.resolv_conf = self.folder / "resolv.conf"
        self.resolv_conf.write_text("".join(f"nameserver {one}\n" for one in resolvers_of(place)))
        allowed = self.folder / "allowed-targets"
        allowed.write_text(platform.lab.allow_list())
        self.config.write_text(toml({
            "registry.addresses": platform.registry_addresses,
            "registry.host_keys": [platform.registry_key],
            "state": str(self.folder / "state"),
            "targets.allow_file": str(allowed),
            **({} if network.rootless else {"user": PROBE_USER}),
            **(settings or {}),
        }))

    @staticmethod
    def program():
        """The words that run it."""
        return [programs_folder() / "trigpoint-probe"]

    def register(self):
        """Makes the key (on the "device"), and enters it at the platform, as its host would by pasting it."""
        self.public_key = self._here().run([*self.program(), "key", "--config", self.config], user=self._user()).stdout.strip()
        answer = self.platform.api.post("/api/v2/probes/", {
            "public_key": self.public_key, "description": f"{self.place.name}, {self.place.organisation}"})
        self.number = answer["id"]
        return self

    def start(self):
        self.process = self._here().start([*self.program(), "--config", self.config], user=self._user(), log=self.log,
                                          resolv_conf=self.resolv_conf)
        return self

    def stop(self, number=signal.SIGTERM):
        """Ends the program; its exit status."""
        return self.process.stop(number, STOP_LIMIT)

    def kill(self):
        return self.process.kill()

    @property
    def status(self):
        return self.platform.api.get(f"/api/v2/probes/{self.number}/")["status"]["name"]

    def wait_connected(self, limit=CONNECT_LIMIT):
        def connected():
            if not self.process.running:
                raise LabError(f"{self.place.name} ended with {self.process.returncode}\n{tail(self.log)}")
            return self.status == "Connected"
        try:
            wait_for(connected, limit, f"{self.place.name} connected")
        except LabError as error:
            raise LabError(f"{error}\n{tail(self.log)}\n{tail(self.platform.log)}") from None
        return self

    def tell(self, *arguments):
        """What the program tells its host, for "log" or "caps"; lines."""
        command = [*self.program(), *arguments, "--config", self.config]
        return self._here().run(command, user=self._user()).stdout.splitlines()

    def _here(self):
        return self.platform.lab[self.place.name]

    @staticmethod
    def _user():
        """As root the probe starts as such and leaves its privileges by itself; else it never has any."""
        return PROBE_USER if network.rootless else None


class Platform:
    """`trigpoint up` in the hub of a laboratory. Use it with `with`, inside that of the laboratory."""

    def __init__(self, lab, settings=None):
        self.lab = lab
        self.data = lab.data / "platform"
        self.log = self.data / "up.log"
        self.settings = settings or {}
        self.process = None
        self.api = None
        self.probes = {}

    registry_addresses = [f"{HUB_V4}:{REGISTRY_PORT}", f"[{HUB_V6}]:{REGISTRY_PORT}"]
    url = f"http://{HUB_V4}:{HTTP_PORT}"

    def __enter__(self):
        self.data.mkdir(mode=0o755)
        try:
            country, asn = geo.write_databases(self.data)
            self.config = self.data / "up.toml"
            self.config.write_text(toml({
                "advertise": [HUB_V4, HUB_V6], "registry.port": REGISTRY_PORT, "controllers": 2,
                "api.http_port": HTTP_PORT, "api.https_port": HTTPS_PORT,
                "limits.shortest_interval": 1, "limits.allow_special_targets": True,  # the lab lives in such space
                "geo.country": str(country), "geo.asn": str(asn), **self.settings}))
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        for probe in self.probes.values():
            if probe.process:
                probe.process.send(signal.SIGTERM)
        for probe in self.probes.values():
            if probe.process:
                probe.stop()
        self.stop()
        if self.api:
            self.api.close()

    def start(self):
        """Starts everything in the hub (again: what it stored is still there), and waits until it serves."""
        user = PROBE_USER if network.rootless else None
        self.process = self.lab["hub"].start(
            [programs_folder() / "trigpoint", "up", "--data", self.data / "up", "--config", self.config],
            user=user, log=self.log)
        self.process.wait_ready(READY_LIMIT)
        self.key = (self.data / "up/admin.key").read_text().strip()
        self.registry_key = (self.data / "up/registry.pub").read_text().strip()
        if not self.api:
            self.api = Api(self.lab["hub"], self.url, self.key)

    def stop(self):
        return self.process.stop(signal.SIGTERM, STOP_LIMIT) if self.process else None

    def add_probe(self, name, settings=None):
        """Registers and starts the probe of that place; wait_connected() is the caller's to ask."""
        probe = LabProbe(self, self.lab.probes[name], settings)
        self.probes[name] = probe
        return probe.register().start()

    def publish_anchors(self, officers, version, anchors):
        """Publishes a list {name: {"addresses": [...], "ports": [...]}} that these officers sign (tests/lab/signing.py).

        The settings `trust.keys` and `trust.threshold` say whose lists this platform takes, and those of a probe whose
        it believes.
        """
        text = "".join(f"[[anchor]]\n{toml({'name': name, **facts})}\n" for name, facts in anchors.items())
        self.run("anchors", "publish", publishable(self.data, officers, text or "anchor = []\n", version))

    @property
    def certificate(self):
        """The file of the certificate that the API shows."""
        return self.data / "up/tls/certificate.pem"

    def run(self, *arguments, key=None, **options):
        """Runs the command line client in the hub, with the administrator's key unless told otherwise; its output."""
        return self.lab["hub"].run([programs_folder() / "trigpoint", *arguments], environment={
            "TRIGPOINT_API": self.url, "TRIGPOINT_KEY": key or self.key}, **options).stdout

    def explained(self, probe):
        """What operators and its host read of a probe's trust."""
        return json.loads(self.run("probe", "explain", probe.number, "--json"))

    def logs(self):
        """The ends of all logs, for a report of what went wrong."""
        return "\n".join(tail(path) for path in sorted(self.data.rglob("*.log")) if "pg" not in path.parts)
