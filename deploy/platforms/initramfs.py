"""Writes an initramfs: a cpio archive (format "newc") that the kernel unpacks into its first file system.

initramfs.py OUTPUT NAME=FILE... : each FILE under NAME, all of them with mode 0755; the same octets for the same files.
"""
import gzip
import pathlib
import stat
import sys

HEAD = 110  # octets in front of a name: "070701" and thirteen numbers
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


def unpacked(octets):
    """{name: octets} of the files in an archive as this writes it, compressed or not. Raises ValueError."""
    if octets[:2] == b"\x1f\x8b":
        octets = gzip.decompress(octets)
    out, at = {}, 0
    while octets[at:at + 6] == b"070701":
        fields = [int(octets[begin:begin + 8], 16) for begin in range(at + 6, at + HEAD, 8)]
        mode, length, name_length = fields[1], fields[6], fields[11]
        name = octets[at + HEAD:at + HEAD + name_length - 1].decode()
        begin = at + HEAD + name_length + -(HEAD + name_length) % 4
        if name == "TRAILER!!!":
            if archive(out) != octets:  # links, other permissions, two of one name, something behind its end
                raise ValueError("it is not as this writes it")
            return out
        if stat.S_ISREG(mode):
            out[name] = octets[begin:begin + length]
        elif not stat.S_ISDIR(mode):
            raise ValueError(f"{name} is neither a file nor a folder")
        at = begin + length + -length % 4
    raise ValueError("it does not end as an archive does")


def main(output, *pairs):
    named = dict(pair.split("=", 1) for pair in pairs)
    packed = archive({name: pathlib.Path(file).read_bytes() for name, file in named.items()})
    pathlib.Path(output).write_bytes(gzip.compress(packed, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
