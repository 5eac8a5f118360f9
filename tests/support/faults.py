"""Many disturbed runs, as many at once as there are processors: which were recovered from, and what is wrong with the others.
tests/support/fault.c is what disturbs them."""
import concurrent.futures
import os
import subprocess

from tests.lab.network import programs_folder


def every(usual):
    """Of so many calls one is disturbed: `make faults` says 1."""
    return int(os.environ.get("TRIGPOINT_FAULTS_EVERY", usual))


def spread(most, step):
    """Faults "NUMBER:KIND" for {kind: how many calls it may strike}: with each kind other calls, so that all kinds together
    leave out none."""
    return [f"{number}:{kind}" for first, (kind, last) in enumerate(most.items())
            for number in range(1 + first % step, last + 1, step)]


def preloaded(under="", fault="", on="", struck="", count=""):
    """The environment in which calls of a program of ours are counted and one of them fails, as fault.c says."""
    settings = {"TP_FAULT_UNDER": under, "TP_FAULT": fault, "TP_FAULT_ON": on, "TP_FAULT_STRUCK": struck,
                "TP_FAULT_COUNT": count}
    return {"LD_PRELOAD": str(programs_folder() / "libtp_fault.so"), "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
            **{name: str(value) for name, value in settings.items() if value}}


def counted(file):
    """(calls, those of them that may need space, those that write; of the network: that receive)"""
    calls, need_space, writes = map(int, file.read_text().split())
    return calls, need_space, writes


def recover_from(faults, attempt):
    """(what `attempt(fault)` answered for those that it recovered from, what it said against the others)"""
    def tried(fault):
        try:
            return attempt(fault), None
        except (AssertionError, ValueError, subprocess.TimeoutExpired) as error:
            return None, error
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(tried, faults))
    return [done for done, error in outcomes if not error], [error for _, error in outcomes if error]
