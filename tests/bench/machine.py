"""What the kernel says about a process."""
import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Octets of resident memory."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no memory")


def processor_seconds(pid):
    """User and system time of a process, without its children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def processes(program):
    """Numbers of the processes that run a program of this name."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.path.basename(os.readlink(folder / "exe")) == program:
                found.append(int(folder.name))
        except OSError:
            continue
    return found
