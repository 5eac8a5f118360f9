"""Fixtures of the integration tests. The laboratory is made once for each test file that asks for it."""
import pytest

from tests.lab.platform import Platform
from tests.lab.topology import Lab


@pytest.fixture(scope="module")
def lab():
    """The laboratory of tests/lab/topology.py, up and running; nothing of ours runs in it yet."""
    with Lab() as made:
        yield made


@pytest.fixture(scope="module")
def platform(lab):
    """The real programs in the laboratory: `trigpoint up` serves in the hub; no probe yet."""
    with Platform(lab) as started:
        yield started
        print(started.logs())  # shown by pytest if something failed
