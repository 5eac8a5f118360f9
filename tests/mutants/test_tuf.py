"""Each check of the TUF client is needed: without it the tests that are named for it fail, and with it they pass."""
import pytest

from tests.mutants.tuf import CHECKS

LIBRARY = ("firmware-signing/tuf", "libtp_tuf.a", "unit_tuf")


def test_the_tests_are_there_and_pass_on_the_real_client(bench):
    for mutant in CHECKS:
        for name in mutant.tests.split(":"):
            assert bench.tests_of(name), f"{mutant.check}: there is no test {name}"
    assert bench.real_passes(":".join(mutant.tests for mutant in CHECKS))


@pytest.mark.parametrize("mutant", CHECKS, ids=str)
def test_a_client_without_it_is_noticed(noticed, mutant):
    assert noticed[mutant].result(), f"nobody notices that this is gone: {mutant.old}"


def test_how_many(noticed):
    found = [future.result() for future in noticed.values()]
    print(f"noticed: {sum(found)} of {len(found)}")
    assert all(found)


def test_the_list_is_long_enough():
    assert len({str(mutant) for mutant in CHECKS}) == len(CHECKS) >= 30
