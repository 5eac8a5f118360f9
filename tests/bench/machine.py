"""What the kernel says about a process."""
import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def _memory(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no memory")


def resident(pid):
    """Octets of resident memory."""
    return _memory(pid, "VmRSS")


def highest(pid):
    """The most octets that were ever resident, or since reset_highest()."""
    return _memory(pid, "VmHWM")


def reset_highest(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def processor_seconds(pid):
    """User and system time of a process, without its children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def processes(program, folder):
    """Numbers of the processes that run a program of this name on files in this folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            if os.path.basename(os.readlink(entry / "exe")) == program and os.fsencode(folder) in words:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def with_children(pid):
    """User and system time of a process, its children, and those that it has buried."""
    total = 0.0
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) == pid:
            total += sum(map(int, fields[11:15])) / TICKS
        elif int(fields[1]) == pid:
            total += sum(map(int, fields[11:13])) / TICKS
    return total


def tree(pid):
    """A process and all that descend from it and live."""
    parents = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parents.setdefault(int((entry / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(entry.name))
        except OSError:
            continue
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def processor_seconds_of_tree(pid):
    """User and system time of a process and all that descended from it."""
    total = 0.0
    for each in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / TICKS
    return total
