"""The releases that deploy/platforms/build made, and a laboratory for those that can be run."""
import os
import pathlib

import pytest

from tests.lab.platform import Platform
from tests.lab.topology import Lab

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASES = ROOT / "build/platforms"
ARCHITECTURES = os.environ.get("ARCHITECTURES", "x86_64 arm64 armhf").split()
EMULATORS = {"x86_64": [], "arm64": ["qemu-aarch64-static"], "armhf": ["qemu-arm-static"]}


@pytest.fixture(params=ARCHITECTURES, scope="module")
def architecture(request):
    return request.param


@pytest.fixture(scope="module")
def release(architecture):
    """The folder of one release."""
    return RELEASES / f"sw-{architecture}"


@pytest.fixture(scope="module")
def platform():
    with Lab(ping_sockets=True) as lab, Platform(lab) as started:
        yield started
        print(started.logs())  # shown by pytest if something failed
