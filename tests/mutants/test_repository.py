"""Each check of the makers of repositories is needed: without it the tests that are named for it fail, and with it they pass."""
import pytest

from tests.mutants.repository import CHECKS

LIBRARY = ("firmware-signing/repository", "libtp_repository.a", "unit_repository")


def test_the_tests_are_there_and_pass_as_it_is(bench):
    for mutant in CHECKS:
        for name in mutant.tests.split(":"):
            assert bench.tests_of(name), f"{mutant.check}: there is no test {name}"
    assert bench.real_passes(":".join(mutant.tests for mutant in CHECKS))


@pytest.mark.parametrize("mutant", CHECKS, ids=str)
def test_that_it_is_gone_is_noticed(noticed, mutant):
    assert noticed[mutant].result(), f"nobody notices that this is gone: {mutant.old}"


def test_how_many(noticed):
    found = [future.result() for future in noticed.values()]
    print(f"noticed: {sum(found)} of {len(found)}")
    assert all(found)


def test_each_is_named_once():
    assert len({str(mutant) for mutant in CHECKS}) == len(CHECKS)
