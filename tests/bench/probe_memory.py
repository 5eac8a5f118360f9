"""What a connected idle probe takes, and what an idle session costs the controller."""
import subprocess
import time

from tests.bench.machine import processes, resident
from tests.bench.platform_here import PlatformHere
from tests.bench.record import Table

SESSIONS = 2000
CONNECT_LIMIT = 180.0  # seconds
IDLE_LIMIT = 10.0      # seconds that a new session may still free what its beginning took


def settled(pid):
    """Resident memory once it has stopped falling."""
    least = resident(pid)
    ends = time.monotonic() + IDLE_LIMIT
    while time.monotonic() < ends:
        time.sleep(0.5)
        least = min(least, resident(pid))
    return least


def run():
    table = Table("memory")
    with PlatformHere() as platform:
        process, _ = platform.add_probe()
        table.add("connected idle probe, resident", settled(process.pid) / 1e6, "MB", bar=10)

        controller = processes("trigpoint-controller", platform.path)[0]
        before = settled(controller)
        with subprocess.Popen([platform.programs / "trigpoint-bench-probes", "--database", platform.database(), "--probes",
                               str(SESSIONS), "--idle", "--seconds", "60"], stdout=subprocess.PIPE, text=True) as load:
            ends = time.monotonic() + CONNECT_LIMIT
            while platform.sessions() < SESSIONS + 1:
                if time.monotonic() > ends or load.poll() is not None:
                    raise RuntimeError(f"{platform.sessions()} sessions of {SESSIONS + 1}")
                time.sleep(0.5)
            after = settled(controller)
            load.terminate()
        table.add(f"idle session on the controller, of {SESSIONS}", (after - before) / SESSIONS / 1000, "kB", bar=40)
    table.show()


if __name__ == "__main__":
    run()
