"""The unit for systemd: what it does before the first start, and that systemd understands it."""
import re
import shutil
import subprocess

import pytest

from tests.platforms.conftest import RELEASES, ROOT

LIMIT = 60  # seconds
UNIT = ROOT / "deploy/trigpoint-probe.service"


@pytest.fixture
def before_start(tmp_path):
    """Runs ExecStartPre of the unit with the release for this machine; the slots' folder."""
    release = RELEASES / "sw-x86_64"
    if not release.exists():
        pytest.skip("no release for this machine was built")
    script = re.search(r"^ExecStartPre=-/bin/sh -c '(.*)'$", UNIT.read_text(), re.M)[1].replace("/usr/bin", str(release))
    model = re.search(r"MODEL=(\S+)", UNIT.read_text())[1]

    def run():
        subprocess.run(["/bin/sh", "-c", script], check=True, timeout=LIMIT, capture_output=True,
                       env={"PATH": "/usr/bin:/bin", "SLOTS": str(tmp_path / "slots"), "MODEL": model})
        return tmp_path / "slots"
    return run


def test_what_was_packaged_is_release_1_of_empty_slots(before_start):
    slots = before_start()
    assert (slots / "a-1/program").read_bytes() == (RELEASES / "sw-x86_64/trigpoint-probe").read_bytes()


def test_slots_with_something_in_them_are_left_alone(before_start):
    slots = before_start()
    before = {path: path.stat().st_mtime_ns for path in slots.rglob("*")}
    assert before_start() == slots
    assert {path: path.stat().st_mtime_ns for path in slots.rglob("*")} == before


def test_systemd_understands_it():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    done = subprocess.run(["systemd-analyze", "verify", UNIT], capture_output=True, text=True, timeout=LIMIT)
    others = [line for line in done.stderr.splitlines() if line.startswith(UNIT.name) and "is not executable" not in line]
    assert not others
