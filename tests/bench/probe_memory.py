"""What a connected idle probe takes of its host, and an idle session on the controller; and with the largest list of anchors."""
import contextlib
import pathlib
import subprocess
import tempfile
import time

from tests.bench.machine import highest, processes, processor_seconds, resident, reset_highest
from tests.bench.platform_here import PlatformHere
from tests.bench.record import Table
from tests.lab.signing import Officer, publishable

SESSIONS = 2000
CONNECT_LIMIT = 180.0  # seconds
IDLE_LIMIT = 10.0      # seconds that a new session may still free what its beginning took
SPREAD_LIMIT = 300.0   # seconds until every session has the list
IDLE_FOR = 30.0        # seconds over which an idle probe's use of the processor is taken
AT_REST = 0.05         # processor seconds a second, below which the controller has nothing more to send
ANCHORS = 2000         # as many as a list may hold, with as much about each as it may hold in all
ABOUT = 'country = "NL"\ncity = "A city of a long name, and more of it"\ncompany = "A company of a long name, and more"\n'


def settled(pid):
    """Resident memory once it has stopped falling."""
    least = resident(pid)
    ends = time.monotonic() + IDLE_LIMIT
    while time.monotonic() < ends:
        time.sleep(0.5)
        least = min(least, resident(pid))
    return least


def used_while_idle(pid):
    """Milliseconds of the processor a second."""
    before = processor_seconds(pid)
    time.sleep(IDLE_FOR)
    return (processor_seconds(pid) - before) * 1000 / IDLE_FOR


def largest_list(folder, officer):
    """A signed list of half a MiB; its file."""
    anchors = (f'[[anchor]]\nname = "anchor-{10_000 + i}.example.net"\n'
               f'addresses = ["192.0.{i // 250}.{i % 250}", "2001:db8:{i:x}::1"]\nasn_v4 = {i + 1}\nasn_v6 = {i + 1}\n{ABOUT}'
               for i in range(ANCHORS))
    return publishable(folder, [officer], "".join(anchors), 1)


@contextlib.contextmanager
def idle_sessions(platform):
    """Many simulated probes in session, beside those that are there."""
    there = platform.sessions()
    with subprocess.Popen([platform.programs / "trigpoint-bench-probes", "--database", platform.database(), "--probes",
                           str(SESSIONS), "--idle", "--seconds", "600"], stdout=subprocess.PIPE, text=True) as load:
        try:
            ends = time.monotonic() + CONNECT_LIMIT
            while platform.sessions() < SESSIONS + there:
                if time.monotonic() > ends or load.poll() is not None:
                    raise RuntimeError(f"{platform.sessions()} sessions of {SESSIONS + there}")
                time.sleep(0.5)
            yield
        finally:
            load.terminate()


def wait_until_rests(pid):
    """Until a process has nothing more to do; how long that took, in seconds."""
    begun = time.monotonic()
    while time.monotonic() < begun + SPREAD_LIMIT:
        before = processor_seconds(pid)
        time.sleep(1)
        if processor_seconds(pid) - before < AT_REST:
            return time.monotonic() - begun - 1
    raise RuntimeError("the controller is still busy")


def run():
    table = Table("memory")
    with tempfile.TemporaryDirectory(prefix="tp-bench-") as name:
        officer = Officer(pathlib.Path(name), "officer")
        trust = f'trust.keys = ["{officer.public}"]\n'
        with PlatformHere(settings=trust) as platform:
            process, _ = platform.add_probe(settings=trust)
            table.add("connected idle probe, resident", settled(process.pid) / 1e6, "MB", bar=10)
            table.add("connected idle probe, processor", used_while_idle(process.pid), "ms/s", bar=10)
            controller = processes("trigpoint-controller", platform.path)[0]
            before = settled(controller)
            with idle_sessions(platform):
                after = settled(controller)
                table.add(f"idle session on the controller, of {SESSIONS}", (after - before) / SESSIONS / 1000, "kB", bar=40)
                reset_highest(controller)
                platform.command("anchors", "publish", largest_list(pathlib.Path(name), officer))
                table.add("the largest list of anchors to all sessions", wait_until_rests(controller), "s")
                table.add("meanwhile each session more, at most", (highest(controller) - after) / SESSIONS / 1000, "kB", bar=20)
            table.add("probe with the largest list, resident", settled(process.pid) / 1e6, "MB", bar=10)
    table.show()


if __name__ == "__main__":
    run()
