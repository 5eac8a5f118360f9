"""What the lists of mutants have in common: a module says LIBRARY (folder, archive, test program) and CHECKS."""
import concurrent.futures
import os

import pytest

from tests.mutants.mutant import Bench


@pytest.fixture(scope="module")
def bench(request, tmp_path_factory):
    return Bench(*request.module.LIBRARY, tmp_path_factory.mktemp("mutants"))


@pytest.fixture(scope="module")
def noticed(bench, request):
    """By mutant, of those that this run is about: a future of whether its tests notice."""
    wanted = [item.callspec.params["mutant"] for item in request.session.items
              if item.module is request.module and hasattr(item, "callspec")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {mutant: pool.submit(bench.is_noticed, mutant) for mutant in wanted}
