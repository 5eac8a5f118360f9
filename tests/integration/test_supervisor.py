"""trigpoint-supervisor with real programs in its slots: what it starts, how it goes back, what it passes on, and what is left
when its calls into the kernel fail."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.lab.network import programs_folder
from tests.support.faults import recover_from

LIMIT = 60  # seconds for anything that is waited for
EVERY = 0.02  # seconds between two looks


def supervisor(*words, **more):
    return subprocess.run([programs_folder() / "trigpoint-supervisor", *words], timeout=LIMIT, capture_output=True,
                          text=True, **more)


class Probe:
    """A folder of slots, and one in which the programs are told what to do and say what they did."""

    def __init__(self, folder):
        self.folder, self.slots, self.orders = folder, folder / "slots", folder / "orders"

    def make(self):
        self.orders.mkdir(parents=True)
        return self

    def order(self, release, words):
        (self.orders / str(release)).write_text(words)

    def program(self, release):
        """The test's program, with other octets for each release."""
        path = self.folder / f"program-{release}"
        if not path.exists():
            shutil.copy(programs_folder() / "slot-program", path)
            with path.open("ab") as file:
                file.write(b"release %d" % release)
        return path

    def install(self, release, *more, model="test", **how):
        return supervisor("install", "--slots", str(self.slots), "--model", model, "--release", str(release), *more,
                          str(self.program(release)), **how)

    def status(self):
        return supervisor("status", "--slots", str(self.slots)).stdout

    def log(self):
        path = self.orders / "log"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    def run(self, *options, env=None):
        env = dict(env or os.environ, TP_COMMIT=str(programs_folder() / "slot-commit"))
        return subprocess.Popen([programs_folder() / "trigpoint-supervisor", "run", "--slots", self.slots, *options, "--",
                                 self.orders], env=env, stderr=subprocess.PIPE, text=True)

    def wait_for(self, what, running=None):
        until = time.monotonic() + LIMIT
        while not what(self.log()):
            if running and running.poll() is not None:
                return False
            assert time.monotonic() < until, (self.log(), self.status())
            time.sleep(EVERY)
        return True


def stop(running, by=signal.SIGTERM):
    running.send_signal(by)
    running.communicate(timeout=LIMIT)
    return running.returncode


@pytest.fixture
def probe(tmp_path):
    """16 is committed."""
    made = Probe(tmp_path / "probe").make()
    made.order(16, "commit stay")
    assert made.install(16).stdout == "a-16\n"
    running = made.run()
    made.wait_for(lambda log: log == ["16", "committed"])
    stop(running)
    made.order(16, "stay")
    return made


def test_a_release_that_works_stays(probe):
    assert probe.install(17, "--floor", "17").stdout == "b-17\n"
    probe.order(17, "commit exit=0")
    running = probe.run()
    probe.wait_for(lambda log: log.count("17") == 2)
    stop(running)
    assert "slot b: release 17, committed <- active" in probe.status()
    refused = probe.install(16)
    assert refused.returncode == 1 and "so low a release may not run any more" in refused.stderr


def test_a_release_that_ends_again_and_again_is_gone_back_from(probe):
    probe.install(17)
    probe.order(17, "exit=3")
    running = probe.run("--tries", "2")
    probe.wait_for(lambda log: log[2:] == ["17", "17", "16"])
    assert "last failure: release 17: it ended before it was committed, at every try (ended)" in probe.status()
    assert os.readlink(probe.slots / "active") == "a-16"
    assert stop(running) == 128 + signal.SIGTERM, "the program's end is the supervisor's"
    probe.install(18)
    probe.order(18, "commit stay")
    running = probe.run()
    probe.wait_for(lambda log: log[-2:] == ["18", "committed"])
    stop(running)


def test_a_release_that_is_not_committed_in_time_is_gone_back_from(probe):
    probe.install(17)
    probe.order(17, "stay")
    running = probe.run("--commit-within", "1")
    probe.wait_for(lambda log: log[2:] == ["17", "16"])
    stop(running)
    assert "(not-committed)" in probe.status()


def test_what_is_no_program_is_gone_back_from(probe):
    probe.program(17).write_bytes(b"no program")
    assert probe.install(17).returncode == 0
    running = probe.run()
    probe.wait_for(lambda log: log[2:] == ["16"])
    stop(running)
    assert "(not-started)" in probe.status()


def test_what_was_changed_on_the_disk_is_not_run(probe):
    probe.install(17)
    path = probe.slots / "b-17" / "program"
    octets = path.read_bytes()
    path.write_bytes(octets[:-1] + b"x")
    running = probe.run()
    probe.wait_for(lambda log: log[2:] == ["16"])
    stop(running)
    assert "(damaged)" in probe.status()


def test_signals_are_passed_on_and_so_is_the_exit_status(probe):
    running = probe.run()
    probe.wait_for(lambda log: log[2:] == ["16"])
    running.send_signal(signal.SIGHUP)  # its program ends with 42, and is started again
    probe.wait_for(lambda log: log[2:] == ["16", "16"])
    assert stop(running, signal.SIGINT) == 128 + signal.SIGINT


def test_the_program_does_not_outlive_its_supervisor(probe):
    running = probe.run()
    probe.wait_for(lambda log: log[2:] == ["16"])
    children = subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True).stdout.split()
    assert len(children) == 1
    stop(running, signal.SIGKILL)
    until = time.monotonic() + LIMIT
    while os.path.exists(f"/proc/{children[0]}"):
        assert time.monotonic() < until
        time.sleep(EVERY)


def test_what_is_for_others_or_older_is_refused(probe):
    refused = probe.install(15)
    assert refused.returncode == 1 and "a higher release was committed here before" in refused.stderr
    probe.install(17)
    (probe.slots / "state.1").write_bytes(b"")
    assert "lowest release that may run: 0" in probe.status()
    (probe.slots / "state.2").write_bytes(b"x")
    running = probe.run()
    probe.wait_for(lambda log: len(log) == 3)
    stop(running)
    assert probe.log()[2] == "17", "it was to be tried next, and has to show that it works; 16 is what to go back to"


def test_needs_no_library_of_ssh_or_messages():
    needed = subprocess.run(["readelf", "-d", programs_folder() / "trigpoint-supervisor"], capture_output=True,
                            text=True).stdout
    assert "libssh" not in needed and "protobuf" not in needed and "libssl" not in needed


def environment(probe, fault=None, count=None):
    out = dict(os.environ, LD_PRELOAD=str(programs_folder() / "libtp_fault.so"), TP_FAULT_UNDER=str(probe.slots),
               ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0", TP_FAULT=fault or "", TP_FAULT_COUNT=str(count or ""))
    return out


def faults_of(calls, need_space, writes):
    return [f"{number}:{kind}" for kind, last in (("kill", calls), ("EIO", calls), ("ENOSPC", need_space), ("half", writes))
            for number in range(1, last + 1)]


def copy_of(probe, name):
    shutil.copytree(probe.folder, probe.folder.parent / name, symlinks=True)
    return Probe(probe.folder.parent / name)


def expect_a_start(probe, allowed):
    before = len(probe.log())
    running = probe.run()
    probe.wait_for(lambda log: len(log) > before)
    stop(running)
    assert probe.log()[before] in allowed


def on_all(faults, attempt, what):
    """How many of the attempts returned true, once all faults were recovered from."""
    done, wrong = recover_from(faults, attempt)
    print(f"{what}; recovered from {len(done)} of {len(faults)} faults; failed at once: {sum(done)}")
    assert not wrong, wrong[0]
    return sum(done)


def test_a_fault_at_any_call_of_an_installation_leaves_something_that_runs(probe):
    probe.order(17, "stay")
    probe.program(17)
    counted = copy_of(probe, "count")
    assert counted.install(17, env=environment(counted, count=counted.folder / "calls")).returncode == 0
    calls = list(map(int, (counted.folder / "calls").read_text().split()))

    def attempt(fault):
        at = copy_of(probe, "install-" + fault.replace(":", "-"))
        failed = at.install(17, env=environment(at, fault)).returncode != 0
        expect_a_start(at, ("16", "17"))
        again = at.install(17)
        assert again.returncode == 0, (fault, again.stderr)
        expect_a_start(at, ("17",))
        shutil.rmtree(at.folder)
        return failed

    faults = faults_of(*calls)
    failed = on_all(faults, attempt, f"installation: {calls[0]} calls")
    assert calls[0] > 40 and failed > len(faults) / 3, "or the faults are not where the work is done"


def test_a_fault_at_any_call_of_a_start_leaves_something_that_runs(probe):
    probe.install(17)
    probe.order(17, "stay")
    counted = copy_of(probe, "count")
    running = counted.run(env=environment(counted, count=counted.folder / "calls"))
    counted.wait_for(lambda log: log[2:] == ["17"])
    stop(running)
    calls = list(map(int, (counted.folder / "calls").read_text().split()))

    def attempt(fault):
        at = copy_of(probe, "start-" + fault.replace(":", "-"))
        running = at.run(env=environment(at, fault))
        began = at.wait_for(lambda log: len(log) > 2, running)
        stop(running)
        assert began or fault.endswith("kill"), fault
        expect_a_start(at, ("16", "17"))
        assert all(line in ("16", "17") for line in at.log()[2:])
        shutil.rmtree(at.folder)
        return not began

    faults = faults_of(*calls)
    killed = on_all(faults, attempt, f"start: {calls[0]} calls")
    assert calls[0] > 20 and killed > 20, "or the faults are not where the work is done"
