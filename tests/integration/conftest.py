"""Fixtures of the integration tests. The laboratory is made once for each test file that asks for it."""
import pytest

from tests.lab.topology import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The laboratory of tests/lab/topology.py, up and running; nothing of ours runs in it yet."""
    with Lab(tmp_path_factory.mktemp("lab")) as made:
        yield made
