"""Writes an initramfs: a cpio archive (format "newc") that the kernel unpacks into its first file system.

initramfs.py OUTPUT NAME=FILE... : each FILE under NAME, all of them executable for root; the same octets for the same files.
"""
import gzip
import pathlib
import stat
import sys

FOLDERS = ("dev", "proc", "sys", "tmp", "data")


def entry(name, mode, octets, number):
    """One file; `number` tells it from the others."""
    encoded = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(octets), 0, 0, 0, 0, len(encoded), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return head + bytes(-len(head) % 4) + octets + bytes(-len(octets) % 4)


def archive(files):
    """`files`: {"sbin/name": octets}. Folders above them come with them."""
    folders = {str(parent) for name in files for parent in pathlib.PurePath(name).parents if str(parent) != "."}
    out = [entry(name, stat.S_IFDIR | 0o755, b"", number)
           for number, name in enumerate(sorted(folders.union(FOLDERS)), 1)]
    out += [entry(name, stat.S_IFREG | 0o755, octets, len(out) + number) for number, (name, octets) in
            enumerate(sorted(files.items()), 1)]
    return b"".join(out) + entry("TRAILER!!!", 0, b"", 0)


def main(output, *pairs):
    named = dict(pair.split("=", 1) for pair in pairs)
    packed = archive({name: pathlib.Path(file).read_bytes() for name, file in named.items()})
    pathlib.Path(output).write_bytes(gzip.compress(packed, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
