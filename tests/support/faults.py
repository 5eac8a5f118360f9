"""Many disturbed runs, as many at once as there are processors: which were recovered from, and what is wrong with the others."""
import concurrent.futures
import os
import subprocess


def recover_from(faults, attempt):
    """(what `attempt(fault)` answered for those that it recovered from, what it said against the others)"""
    def tried(fault):
        try:
            return attempt(fault), None
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return None, error
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(tried, faults))
    return [done for done, error in outcomes if not error], [error for _, error in outcomes if error]
