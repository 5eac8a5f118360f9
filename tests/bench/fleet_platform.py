"""A platform with several registries and controllers on this machine, one of which may be killed for good."""
import contextlib
import os
import re
import signal
import subprocess
import time

from tests.bench.platform_here import PlatformHere, free_ports

START_LIMIT = 60.0  # seconds until a server listens
STOP_LIMIT = 30.0


class Server:
    """A program beside those of `trigpoint up`, which would start a dead one again."""

    def __init__(self, platform, program, name, settings):
        self.name = name
        config = platform.path / f"{name}.toml"
        config.write_text(settings)
        self.log = platform.path / f"{name}.log"
        self.process = subprocess.Popen([platform.programs / program, "--config", config], stderr=self.log.open("w"))
        self.host_key = self._wait_listening()

    def _wait_listening(self):
        ends = time.monotonic() + START_LIMIT
        while time.monotonic() < ends and self.process.poll() is None:
            found = re.search(r"host key (ssh-ed25519 \S+)", self.log.read_text())
            if found:
                return found.group(1)
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not serve:\n{self.log.read_text()[-4000:]}")

    @property
    def pid(self):
        return self.process.pid

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()


class FleetPlatform:
    """`trigpoint up` with PostgreSQL, one registry and the API; further servers on the same database."""

    def __init__(self, controllers, registries, capacity, settings=""):
        self.counts = {"controller": controllers, "registry": registries - 1}
        self.capacity = capacity
        self.here = PlatformHere(controllers=0, settings=settings)
        self.controllers, self.registries = [], []

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.here)
            ports = iter(free_ports(sum(self.counts.values())))
            for i in range(self.counts["controller"]):
                port = next(ports)
                self.controllers.append(self._start(
                    "trigpoint-controller", f"controller-{i + 1}", port,
                    f'name = "controller-{i + 1}"\ncapacity = {self.capacity}\nadvertise = ["127.0.0.1:{port}"]\n'))
                stack.callback(self.controllers[-1].stop)
            self.registry_addresses = [f"127.0.0.1:{self.here.registry_port}"]
            self.registry_keys = [self.here.host_key]
            for i in range(self.counts["registry"]):
                port = next(ports)
                self.registries.append(self._start("trigpoint-registry", f"registry-{i + 2}", port, ""))
                stack.callback(self.registries[-1].stop)
                self.registry_addresses.append(f"127.0.0.1:{port}")
                self.registry_keys.append(self.registries[-1].host_key)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self, program, name, port, settings):
        role = "tp_" + program.rpartition("-")[2]
        database = f"host='{self.here.path}/data/socket' port=5432 dbname=trigpoint user={role}"
        return Server(self.here, program, name, settings + f'listen = ["127.0.0.1:{port}"]\n'
                      f'host_key = "{self.here.path}/{name}.key"\ndatabase.conninfo = "{database}"\n')

    def sessions(self):
        """Present sessions of each controller by the controllers' own count."""
        rows = self.here.query("select name, sessions from controller").splitlines()
        return {name: int(count) for name, count in (row.split("|") for row in rows)}

    def stored(self):
        """The keys of all results, as the simulated fleet writes down what was acknowledged."""
        rows = self.here.query("select measurement_id, probe_id, seq from result_hot union all "
                               "select measurement_id, probe_id, seq from result_late")
        return rows.splitlines()
