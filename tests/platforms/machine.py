"""A machine that boots the image, in qemu's emulation; its disk; and what a power cut leaves of that."""
import os
import pathlib
import random
import shutil
import struct
import subprocess
import threading

from deploy.platforms import initramfs
from deploy.platforms.image_gate import places_in
from tests.platforms.conftest import RELEASES, ROOT

IMAGE, WORK = RELEASES / "image-x86_64", RELEASES / "work/x86_64/bin"
BOOT_LIMIT = 300  # seconds; some 6 on a quiet machine
HOST_LIMIT = 60  # seconds for one command of the host
SLOT_MIB, DATA_MIB = 8, 12
RELEASE_COUNT = 4
MEMORY = "256M"
FLUSH = 1  # flag of an entry in the log: all before it are on the disk
MAGIC, VERSION = 0x6A736677736872, 1


def host(*words, check=True, **more):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=HOST_LIMIT, check=check, **more)


def partitions_of(disk):
    """{name: octets}"""
    octets = pathlib.Path(disk).read_bytes()
    return {name: octets[place] for name, place in places_in(disk).items()}


def release(number):
    """The test's program with other octets for each release."""
    return (WORK / "image-program").read_bytes() + b"this is release %d\n" % number


class Machine:
    """Boots from `folder`, where its disk is. What runs in the slots is tests/image/image_program.cpp."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.disk = self.folder / "disk"
        self.initramfs = self.made()

    def made(self):
        """Makes its disk, and what it boots from, which is returned."""
        files = {"init": WORK / "trigpoint-init", "sbin/trigpoint-supervisor": WORK / "trigpoint-supervisor"}
        octets = {name: path.read_bytes() for name, path in files.items()}
        octets["etc/trigpoint/model"] = b"sw-x86_64\n"
        octets["usr/lib/trigpoint/trigpoint-probe"] = release(1)
        octets |= {f"test/release-{number}": release(number) for number in range(2, RELEASE_COUNT + 1)}
        host(ROOT / "deploy/platforms/disk", self.disk, SLOT_MIB, DATA_MIB)
        packed = self.folder / "initramfs"
        packed.write_bytes(initramfs.archive(octets))
        return packed

    def start(self, log=None, **orders):
        """A boot with orders {"r1": "commit,off"} for releases. `log`: a file that gets what is written to the disk."""
        line = " ".join(["console=ttyS0 panic=-1 quiet", *(f"order.{name[1:]}={words}" for name, words in orders.items())])
        disk = ["-blockdev", f"driver=file,filename={self.disk},node-name=disk"]
        if log:
            pathlib.Path(log).touch()
            disk += ["-blockdev", f"driver=file,filename={log},node-name=log",
                     "-blockdev", "driver=blklogwrites,file=disk,log=log,node-name=written"]
        return subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-m", MEMORY, "-nographic", "-no-reboot", "-nodefaults",
             "-serial", "stdio", "-kernel", IMAGE / "vmlinuz", "-initrd", self.initramfs, "-append", line, *disk,
             "-device", f"nvme,drive={'written' if log else 'disk'},serial=1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def boot(self, **how):
        """Until it switches itself off; what stood on its console."""
        running = self.start(**how)
        try:
            return running.communicate(timeout=BOOT_LIMIT)[0]
        except subprocess.TimeoutExpired:
            running.kill()
            raise AssertionError(f"it did not switch itself off: {running.communicate()[0]}") from None
        finally:
            running.kill()

    def boot_and_cut(self, words, **how):
        """Ends it, as a power cut does, once its console says `words`; all that it said before."""
        running, said = self.start(**how), ""
        limit = threading.Timer(BOOT_LIMIT, running.kill)
        limit.start()
        try:
            for line in running.stdout:
                said += line
                if words in line:
                    break
        finally:
            limit.cancel()
            running.kill()
            running.communicate()
        assert words in said, f"it never said \"{words}\": {said}"
        return said

    @staticmethod
    def runs(console):
        """The slots whose programs ran, in order: ["a-1", "b-2"]."""
        mark = "image-program: runs as "
        return [line.partition(mark)[2].strip() for line in console.splitlines() if mark in line]

    def damage(self, number):
        """Changes an octet of a release on the disk, wherever it lies there; how often it was found."""
        octets, mark = bytearray(self.disk.read_bytes()), b"this is release %d\n" % number
        found, at = 0, octets.find(mark)
        while at >= 0:
            octets[at] ^= 1
            found, at = found + 1, octets.find(mark, at + 1)
        self.disk.write_bytes(octets)
        return found


class WholeImage(Machine):
    """The image as it ships, whose probe finds no network."""

    def made(self):
        shutil.copy(IMAGE / "disk", self.disk)
        return IMAGE / "initramfs"

    def file(self, path):
        """The octets of a file on the disk, after a cut too."""
        data, copy = self.folder / "data", self.folder / "copy"
        data.write_bytes(partitions_of(self.disk)["trigpoint-data"])
        host("/sbin/e2fsck", "-f", "-p", data, check=False)
        host("/sbin/debugfs", "-R", f"dump {path} {copy}", data)
        return copy.read_bytes()


class WriteLog:
    """What qemu's blklogwrites wrote down (the format of the kernel's dm-log-writes)."""

    def __init__(self, path, before):
        self.before = before  # the disk's octets at the beginning
        octets = pathlib.Path(path).read_bytes()
        magic, version, count, size = struct.unpack_from("<QQQI", octets)
        assert (magic, version) == (MAGIC, VERSION)
        self.entries, at = [], size
        for _ in range(count):
            sector, sectors, flags, length = struct.unpack_from("<QQQQ", octets, at)
            self.entries.append((flags, sector * size, octets[at + size:at + size + sectors * size] if not flags & ~3 else b""))
            at += size + (sectors * size if not flags & ~3 else 0)

    def after_cut(self, count, keep):
        """The disk after a cut behind `count` entries, of which those after the last flush only where keep(index)."""
        flushed = max((index for index in range(count) if self.entries[index][0] & FLUSH), default=-1)
        disk = bytearray(self.before)
        for index in range(count):
            _, begin, octets = self.entries[index]
            if octets and (index < flushed or keep(index)):
                disk[begin:begin + len(octets)] = octets
        return bytes(disk)

    def cuts(self, seed):
        """Name and disk, for every entry: all, and by chance a half of what was not flushed; before each flush, nothing."""
        chance = random.Random(seed)
        for count in range(len(self.entries) + 1):
            kept = {index for index in range(count) if chance.random() < 0.5}
            yield f"{count} all", self.after_cut(count, lambda index: True)
            yield f"{count} half", self.after_cut(count, kept.__contains__)
            if count < len(self.entries) and self.entries[count][0] & FLUSH:
                yield f"{count} flushed", self.after_cut(count, lambda index: False)


def slots_of(disk, into):
    """The slots on a disk that was not put down in order, as options of the supervisor: its journal is replayed, nothing
    is mounted."""
    file = into / "disk"
    file.write_bytes(disk)
    for name, octets in partitions_of(file).items():
        (into / name).write_bytes(octets)
    host("/sbin/e2fsck", "-f", "-p", into / "trigpoint-data", check=False)
    shutil.rmtree(into / "slots", ignore_errors=True)
    host("/sbin/debugfs", "-R", f"rdump /slots {into}", into / "trigpoint-data")
    os.unlink(file)
    return ["--slots", into / "slots", "--slot-a", into / "trigpoint-a", "--slot-b", into / "trigpoint-b"]
