"""The platform on this machine's loopback, with probes that may measure it: for benchmarks."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

READY_LIMIT = 120.0    # seconds until `trigpoint up` serves, the first database included
CONNECT_LIMIT = 60.0   # seconds until a new probe is connected
STOP_LIMIT = 30.0


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class PlatformHere:
    def __init__(self, controllers=1, settings=""):
        """`settings`: further lines of up.toml."""
        self.programs = pathlib.Path(os.environ["TRIGPOINT_PROGRAMS"])
        self.folder = tempfile.TemporaryDirectory(prefix="tp-bench-")
        self.path = pathlib.Path(self.folder.name)
        self.path.chmod(0o755)
        self.controllers = controllers
        self.settings = settings
        self.probes = []

    def __enter__(self):
        registry, first, http, https = free_ports(4)
        self.registry_port, self.controller_port, self.http_port = registry, first, http
        (self.path / "up.toml").write_text(
            f'host = ["127.0.0.1"]\nadvertise = ["127.0.0.1"]\nregistry.port = {registry}\n'
            f'controllers = {self.controllers}\ncontrollers_port = {first}\n'
            f'api.http_port = {http}\napi.https_port = {https}\n'
            'limits.shortest_interval = 1\nlimits.running_per_account = 10000\nlimits.allow_special_targets = true\n'
            + self.settings)
        self.log = (self.path / "up.log").open("w")
        self.up = subprocess.Popen([self.programs / "trigpoint", "up", "--data", self.path / "data", "--config",
                                    self.path / "up.toml"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        try:
            self._wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_ready(self):
        for line in self.up.stdout:  # ends when the program does; the limit is the program's own
            if line.strip() == "READY":
                self.key = (self.path / "data/admin.key").read_text().strip()
                self.host_key = (self.path / "data/registry.pub").read_text().strip()
                return
        raise RuntimeError("`trigpoint up` ended early:\n" + (self.path / "up.log").read_text()[-4000:])

    def __exit__(self, *_):
        for probe in self.probes + [self.up]:
            probe.send_signal(signal.SIGTERM)
        for probe in self.probes + [self.up]:
            try:
                probe.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                probe.kill()
        self.log.close()
        self.folder.cleanup()

    def api(self, path, body=None, method=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Key {self.key}",
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def database(self):
        """How the owner of the schema logs in."""
        return f"host={self.path}/data/socket port=5432 dbname=trigpoint user=tp_migrate"

    def query(self, sql):
        done = subprocess.run(["psql", "-At", "-c", sql, self.database()], check=True, capture_output=True, text=True,
                              timeout=120)
        return done.stdout.strip()

    def sessions(self):
        return int(self.query("select count(*) from probe where session is not null"))

    def count_results(self):
        return int(self.query("select (select count(*) from result_hot) + (select count(*) from result_late)"))

    def command(self, *arguments):
        """Runs the command line client with the administrator's key."""
        environment = {**os.environ, "TRIGPOINT_API": f"http://127.0.0.1:{self.http_port}", "TRIGPOINT_KEY": self.key}
        subprocess.run([self.programs / "trigpoint", *map(str, arguments)], check=True, capture_output=True, timeout=120,
                       env=environment)

    def add_probe(self, caps="", settings=""):
        """Starts a probe with these lines of `[caps]` and of its settings; its process and number, once connected."""
        folder = self.path / f"probe{len(self.probes)}"
        folder.mkdir()
        (folder / "allow").write_text("127.0.0.0/8\n")
        config = folder / "probe.toml"
        config.write_text(f'registry.addresses = ["127.0.0.1:{self.registry_port}"]\n'
                          f'registry.host_keys = ["{self.host_key}"]\nstate = "{folder}/state"\n'
                          f'targets.allow_file = "{folder}/allow"\n{settings}[caps]\n{caps}')
        program = self.programs / "trigpoint-probe"
        key = subprocess.run([program, "key", "--config", config], check=True, capture_output=True, text=True).stdout
        number = self.api("/api/v2/probes/", {"public_key": key.strip(), "description": "bench"})["id"]
        process = subprocess.Popen([program, "--config", config], stderr=(folder / "log").open("w"))
        self.probes.append(process)
        deadline = time.monotonic() + CONNECT_LIMIT
        while self.api(f"/api/v2/probes/{number}/")["status"]["name"] != "Connected":
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the probe did not connect:\n" + (folder / "log").read_text()[-4000:])
            time.sleep(0.1)
        return process, number
