"""What must hold of a bootable image that deploy/platforms/image made, before it goes out.

Its probe and supervisor are those of the release beside it, which goes through the gate by itself; nothing else is in it but
the first process, Debian's kernel, and settings; its disk is empty.
"""
import json
import pathlib
import re
import subprocess
import tempfile

from deploy.platforms import elf, initramfs, sbom, secret_scan

MODEL = "sw-x86_64"
LIMIT = 60  # seconds for one command
PROGRAMS = {"trigpoint-init": "init", "trigpoint-supervisor": "sbin/trigpoint-supervisor",
            "trigpoint-probe": "usr/lib/trigpoint/trigpoint-probe"}
SETTINGS = {"etc/trigpoint/model", "etc/trigpoint/trigpoint-probe.toml"}
BILLS = ("trigpoint-init.cdx.json", "image.cdx.json")
LISTENS = re.compile(r"^\S*libc\.a\((?:bind|listen|accept4?)\.o\)", re.M)  # in a linker's map
SLOTS, DATA = ("trigpoint-a", "trigpoint-b"), "trigpoint-data"
FILES = {"vmlinuz", "initramfs", "disk", "model", "trigpoint-probe.toml", "SHA256SUMS", *BILLS}
SECTOR = 512  # octets, of files that sfdisk makes
MBR_CODE, TABLE = 440, 34 * SECTOR  # octets; the latter of a GPT at either end
BLOCK = 4096  # octets; nearly all of a disk is zeros
NOTHING = {".", "..", "lost+found"}  # in a file system that was just made


def kernel_beside(folder):
    """Debian's package, unpacked, from which an image has its kernel."""
    return folder.parent / "kernel"


def run(*words):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=LIMIT, check=True).stdout


def content_complaints(files, folder):
    """`files`: {name: octets} of the initramfs."""
    known = SETTINGS.union(PROGRAMS.values())
    out = [f"{name} is no part of an image" for name in sorted(files.keys() - known)]
    out += [f"{name} is missing" for name in sorted(known - files.keys())]
    for name in ("trigpoint-supervisor", "trigpoint-probe"):
        beside = folder.parent / MODEL / name
        if PROGRAMS[name] in files and files[PROGRAMS[name]] != beside.read_bytes():
            out.append(f"its {name} is not the one that is released for {MODEL}")
    if files.get("etc/trigpoint/model", b"").decode(errors="replace").strip() != MODEL:
        out.append(f"it does not say that it is a {MODEL}")
    return out + [f"{name}: {one}" for name, octets in sorted(files.items()) for one in secret_scan.complaints(octets)]


def init_complaints(build, octets, said, judge):
    """The first process; `judge`: what the gate holds against a program's bill and its packages."""
    with tempfile.TemporaryDirectory() as made:
        path = pathlib.Path(made) / "trigpoint-init"
        path.write_bytes(octets)
        out = elf.complaints(path, MODEL)
    if octets != (build.folder / "bin/trigpoint-init").read_bytes():
        out.append("it is not the one of the build beside it")
    if LISTENS.search((build.folder / "bin/trigpoint-init.map").read_text()):
        out.append("it has what a program needs to listen")
    return out + judge(said, sbom.bill(build, "trigpoint-init", MODEL, octets), octets, "trigpoint-init")


def kernel_complaints(folder):
    [packaged] = (kernel_beside(folder) / "root/boot").glob("vmlinuz-*")
    well = (folder / "vmlinuz").read_bytes() == packaged.read_bytes()
    return [] if well else ["it is not the kernel of Debian's package"]


def names_in(file_system):
    """Of its first folder."""
    return {line.split("/")[5] for line in run("/sbin/debugfs", "-R", "ls -p /", file_system).splitlines() if "/" in line}


def places_in(disk):
    """{partition: where it lies among the disk's octets, as a slice}"""
    table = json.loads(run("/sbin/sfdisk", "--json", disk))["partitiontable"]
    return {one.get("name"): slice(one["start"] * SECTOR, (one["start"] + one["size"]) * SECTOR)
            for one in table["partitions"]}


def disk_complaints(disk):
    octets, places = disk.read_bytes(), places_in(disk)
    if sorted(places, key=str) != sorted((*SLOTS, DATA)):
        return [f"its partitions are {', '.join(map(str, places))}"]
    parts = {name: octets[place] for name, place in places.items()}
    out = [f"something lies in {name}" for name in SLOTS if parts[name].strip(b"\0")]
    begins, ends = min(one.start for one in places.values()), max(one.stop for one in places.values())
    if any(one.strip(b"\0") for one in (octets[:MBR_CODE], octets[TABLE:begins], octets[ends:-TABLE])):
        out.append("something lies beside its partitions")
    with tempfile.NamedTemporaryFile() as file:
        file.write(parts[DATA])
        file.flush()
        here = names_in(file.name)
        out += [f"something lies in {DATA}: {name}" for name in sorted(here - NOTHING)]
        out += [f"{DATA} is not a file system that was just made"] if NOTHING - here else []
    blocks = (octets[at:at + BLOCK] for at in range(0, len(octets), BLOCK))
    return out + secret_scan.complaints(b"".join(one for one in blocks if one.strip(b"\0")))


def image_complaints(folder, build, judge, without_security_updates=False):
    """{what: complaints}, for the image's folder and each file in it. `build` is its release's."""
    try:
        files = initramfs.unpacked((folder / "initramfs").read_bytes())
    except ValueError as error:
        return {"initramfs": [str(error)]}
    said = {name: json.loads((folder / name).read_text()) for name in BILLS}
    made = sbom.image_bill(build.version, kernel_beside(folder) / "packages",
                           {name: files.get(path, b"") for name, path in PROGRAMS.items()})
    out = {path.name: secret_scan.complaints(path.read_bytes()) for path in sorted(folder.iterdir()) if path.name != "disk"}
    for name in out.keys() - FILES:
        out[name].append("it is no part of an image")
    lacking = [one for one in (kernel_beside(folder), folder.parent / MODEL) if (one / "without-security-updates").exists()]
    if lacking and not without_security_updates:
        out[folder.name] = [f"its {one.name} is without Debian's security updates" for one in lacking]
    out["initramfs"] += content_complaints(files, folder)
    out["init"] = init_complaints(build, files.get("init", b""), said[BILLS[0]], judge)
    out["vmlinuz"] += kernel_complaints(folder)
    out["image.cdx.json"] += [] if said["image.cdx.json"] == made else ["it is not the bill of what is here"]
    out["disk"] = disk_complaints(folder / "disk")
    return out
