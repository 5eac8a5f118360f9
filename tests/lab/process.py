"""Processes inside namespaces: started with a log file and a parent-death signal, ended with a limit."""
import ctypes
import json
import os
import pathlib
import pwd
import signal
import subprocess
import time

STOP_LIMIT = 15.0  # seconds a process has to end in good order before it is killed
READY_PAUSE = 0.01  # seconds between two looks at the log
TAIL_LINES = 30  # of a log, shown when something went wrong

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class LabError(Exception):
    """The laboratory, or something that runs in it, did not do what it should."""


def toml(settings):
    """Lines of TOML for {"dotted.key": string, number, boolean or list of strings}; JSON writes these the same way."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def tail(path, lines=TAIL_LINES):
    """The last lines of a log file, for a message."""
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError as error:
        return f"({path}: {error.strerror})"
    return f"--- {path}\n" + "\n".join(text.splitlines()[-lines:])


def identity_arguments(user, capabilities, rootless):
    """The command prefix under which a program runs as `user` (name or uid; None: as we are) with just `capabilities`.

    Without root there is one uid: another user then means the caller's own uid without any capability.
    """
    if user is None:
        return []
    prefix = ["setpriv", "--pdeathsig", "TERM"]  # again: a change of the user clears it
    kept = "-all" + "".join(f",+{name}" for name in capabilities)
    if not rootless:
        entry = pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(user)
        return prefix + [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups", "--no-new-privs",
                         f"--inh-caps={kept}", f"--ambient-caps={kept}", f"--bounding-set={kept}", "--"]
    if capabilities:
        return prefix + ["--no-new-privs", f"--inh-caps={kept}", f"--bounding-set={kept}", "--"]
    return prefix + ["unshare", f"--map-user={rootless.uid}", f"--map-group={rootless.gid}", "--"]


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """A started program. Its standard input is held open; its output goes to the log.

    Start it from the main thread: the parent-death signal is sent when the starting *thread* ends.
    """

    def __init__(self, argv, log, environment=None):
        self.argv = [str(word) for word in argv]
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as output:
            self._begin = output.tell()  # an earlier start may have written before
            self._child = subprocess.Popen(
                self.argv, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=_die_with_parent, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self._child.pid

    @property
    def running(self):
        return self._child.poll() is None

    @property
    def returncode(self):
        return self._child.poll()

    def wait_ready(self, limit, word="READY"):
        """Waits until the program has printed a line that is `word`. Raises LabError with the tail of the log."""
        ends = time.monotonic() + limit
        while True:
            ended = not self.running  # asked first: what it printed before its end counts
            if word.encode() in self._said().splitlines():
                return
            if ended:
                raise LabError(f"{' '.join(self.argv)} ended before it was ready ({self.returncode})\n{tail(self.log)}")
            if time.monotonic() >= ends:
                raise LabError(f"{' '.join(self.argv)} was not ready within {limit:.0f} s\n{tail(self.log)}")
            time.sleep(READY_PAUSE)

    def _said(self):
        with open(self.log, "rb") as output:
            output.seek(self._begin)
            return output.read()

    def send(self, number):
        if self.running:
            self._child.send_signal(number)

    def stop(self, number=signal.SIGTERM, limit=STOP_LIMIT):
        """Asks the program to end, kills it after the limit; returns its exit status (negative: the signal)."""
        self.send(number)
        return self.wait(limit)

    def kill(self):
        self.send(signal.SIGKILL)
        return self.wait(STOP_LIMIT)

    def wait(self, limit):
        try:
            status = self._child.wait(limit)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait(STOP_LIMIT)
        self._child.stdin.close()
        return status
