"""A probe that `trigpoint-supervisor` runs from slots, as on a device whose program is updated."""
import os
import shutil
import subprocess

from tests.lab import network
from tests.lab.network import programs_folder
from tests.lab.platform import PROBE_USER, LabProbe

MODEL = "lab"
STRIP_LIMIT = 60  # seconds
SMALL_LINES = 5000  # of about 11 octets: four pieces of 16,000


class SupervisedProbe(LabProbe):
    """The user is the service's matter: the supervisor and the probe have the same one from the start."""

    def __init__(self, platform, place, settings=None):
        super().__init__(platform, place, {"firmware.commit_after": 1, **(settings or {})})
        text = "".join(line for line in self.config.read_text().splitlines(True) if not line.startswith("user"))
        self.config.write_text(text)
        self.slots = self.folder / "slots"
        self.slots.mkdir()
        state = self.folder / "state"
        state.mkdir(mode=0o700)
        if not network.rootless:
            shutil.chown(self.slots, PROBE_USER)
            shutil.chown(state, PROBE_USER)

    @staticmethod
    def _user():
        return PROBE_USER

    def supervisor(self, *words):
        return self._here().run([programs_folder() / "trigpoint-supervisor", *words], user=PROBE_USER).stdout

    def install(self, release, program):
        self.supervisor("install", "--slots", self.slots, "--model", MODEL, "--release", str(release), program)
        return self

    def standing(self):
        return self.supervisor("status", "--slots", self.slots)

    def start(self):
        self.process = self._here().start(
            [programs_folder() / "trigpoint-supervisor", "run", "--slots", self.slots, "--", "--config", self.config],
            user=PROBE_USER, capabilities=() if network.rootless else ("net_raw",), log=self.log,
            environment={"TP_PROBE": str(self.runs())}, resolv_conf=self.resolv_conf)
        return self

    def runs(self):
        """The program that a small release becomes."""
        return programs_folder() / "trigpoint-probe"


def write_release(folder, number):
    """The probe's own program with other octets, stripped as releases are, as a file that everybody may read."""
    path = folder / f"release-{number}"
    subprocess.run(["strip", "-o", path, programs_folder() / "trigpoint-probe"], check=True, timeout=STRIP_LIMIT)
    with path.open("ab") as file:
        file.write(b"release %d" % number)
    return path


def write_small_release(folder, number):
    """A program that becomes the probe's own: with sanitizers that has 170 MB, minutes for one request at a time. Still it
    takes several requests, and has other octets for each number."""
    path = folder / f"release-{number}"
    shutil.copy(programs_folder() / "slot-probe", path)
    with path.open("ab") as file:
        file.write(b"release %d\n" % number * SMALL_LINES)
    return path


def write_broken_release(folder, number):
    """A program that ends at once."""
    path = folder / f"release-{number}"
    path.write_text("#!/bin/false\n")
    os.chmod(path, 0o755)
    return path
