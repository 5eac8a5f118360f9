"""The gate before a release: what must hold of the programs in a folder that deploy/platforms/build made.

Nothing is published that listens, carries a secret, has a part that its bill of material does not name, or could be built
harder to attack. Exit 0: all may go out; 1: something may not, and why.
"""
import argparse
import json
import pathlib
import re
import sys
import tempfile

from deploy.platforms import elf, image_gate, secret_scan, sbom, sockets
from deploy.platforms.linked import Build

PROGRAMS = ("trigpoint-probe", "trigpoint-supervisor")
EMULATORS = {"sw-x86_64": [], "sw-arm64": ["qemu-aarch64-static"], "sw-armhf": ["qemu-arm-static"]}
# What libraries write into a program: the package, and its upstream version as the program tells it.
TOLD = {"libssl-dev": rb"OpenSSL (\d+\.\d+\.\d+) \d+ [A-Z][a-z]{2} \d{4}",
        "zlib1g-dev": rb"flate (\d[\d.]*) Copyright", "libssh-dev": rb"libssh_(\d[\d.]*\d)"}
# All that may come from the machine that builds: its compiler, and the C++ library and C headers that belong to a cross compiler.
COMPILERS = re.compile(r"(gcc|g\+\+|cpp)-\d.*|lib(gcc|stdc\+\+)-\d+-dev(-\w+-cross)?|(libc6|linux-libc)-dev-\w+-cross")
ALWAYS_TOLD = {"trigpoint-probe": ("libssl-dev", "libssh-dev", "zlib1g-dev"), "trigpoint-supervisor": (), "trigpoint-init": ()}


def built_beside(folder):
    """The build that made a model's folder."""
    name = folder.name.removeprefix("sw-")
    return Build(folder.parent / "work" / name, folder.parent / "sysroot" / name)


def bill_complaints(said, made, octets, program):
    """`said`: the bill that is to go out; `made`: one made from the build just now."""
    here = {one["purl"]: one.get("version") for one in said.get("components", []) if "purl" in one}
    wanted = {one["purl"]: one["version"] for one in made["components"]}
    out = [f"its bill of material does not name {one}" for one in sorted(wanted.keys() - here.keys())]
    out += [f"its bill of material names {one}, of which nothing is in it" for one in sorted(here.keys() - wanted.keys())]
    out += [f"no version of {name}" for name, version in here.items() if not version]
    if said.get("metadata") != made["metadata"]:
        out.append("its bill of material is about another program")
    versions = {one["name"]: one["version"] for one in said.get("components", [])}
    for package, pattern in TOLD.items():
        # Several: a library tells which version of another one it was compiled with, by whoever packaged it.
        told, named = sorted({one.decode() for one in re.findall(pattern, octets)}), versions.get(package, "")
        if told and not any(re.match(rf"(\d+:)?{re.escape(one)}\b", named) for one in told):
            out.append(f"it tells of {package} {' and '.join(told)}, its bill of material of \"{named}\"")
        if not told and package in ALWAYS_TOLD[program]:
            out.append(f"it does not tell which {package} it has")
    return out


def origin_complaints(packages):
    """Libraries and headers are those that were unpacked for the build, with Debian's signature, whatever is installed here."""
    return [f"{one.name} {one.version} of the machine that built it is in it" for one in sorted(packages, key=str)
            if not one.sha256 and not COMPILERS.fullmatch(one.name)]


def command_of(program, folder, emulator, scratch):
    """How to run it, and what it says once it is at work."""
    if program == "trigpoint-probe":
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
        config = scratch / "probe.toml"
        config.write_text(f'state = "{scratch}/state"\n[registry]\naddresses = ["198.18.0.2:7440"]\nhost_keys = ["{key}"]\n')
        return [*emulator, folder / program, "--config", config], "registry"
    slots = scratch / "slots"
    install = [*emulator, folder / program, "install", "--slots", slots, "--model", folder.name, "--release", "1", "/bin/cat"]
    sockets.run(install)
    return [*emulator, folder / program, "run", "--slots", slots], "a-1"


def socket_complaints(program, folder):
    with tempfile.TemporaryDirectory() as made:
        scratch = pathlib.Path(made)
        try:
            command, said = command_of(program, folder, EMULATORS[folder.name], scratch)
            return [f"it listens: {one}" for one in sockets.heard_while_running(command, said, scratch / "log")]
        except sockets.NotStarted as error:
            return [str(error)]


def program_complaints(program, folder):
    """All that is wrong with one program, its bill included."""
    build, path = built_beside(folder), folder / program
    octets = path.read_bytes()
    out = elf.complaints(path, folder.name) + origin_complaints(build.packages(program))
    said = json.loads((folder / f"{program}.cdx.json").read_text())
    out += bill_complaints(said, sbom.bill(build, program, folder.name, octets), octets, program)
    return out + socket_complaints(program, folder)


def versions_of(folder):
    """{Debian package: version} that the programs of a model's folder were built with."""
    file = folder / "packages"
    return dict(line.split()[:2] for line in file.read_text().splitlines()) if file.exists() else {}


def lagging(folder):
    """What the folders beside have in another version: where only they had security updates, what these are."""
    own = versions_of(folder)
    return sorted({f"{name} {own[name]}, but {version} for {beside.name}" for beside in folder.parent.glob("sw-*")
                   for name, version in versions_of(beside).items() if own.get(name, version) != version})


def folder_complaints(folder, without_security_updates=False):
    """{what: complaints}, for a model's folder and each file in it."""
    out = {}
    if (folder / "without-security-updates").exists() and not without_security_updates:
        out[folder.name] = ["it was built without Debian's security updates", *lagging(folder)]
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            out[path.name] = secret_scan.complaints(path.read_bytes())
    for program in PROGRAMS:
        out[program] = out.get(program, ["it is missing"]) + program_complaints(program, folder)
    return out


def complaints_of(folder, without_security_updates):
    """Of a release of programs, or of the bootable image that was made of one."""
    if not folder.name.startswith("image-"):
        return folder_complaints(folder, without_security_updates)
    build = built_beside(folder.parent / image_gate.MODEL)

    def judge(said, made, octets, program):
        return bill_complaints(said, made, octets, program) + origin_complaints(build.packages(program))
    return image_gate.image_complaints(folder, build, judge, without_security_updates)


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--without-security-updates", action="store_true",
                       help="let pass what had to be built without them: for tests, not for releases")
    asked.add_argument("folder", type=pathlib.Path, nargs="+")
    given = asked.parse_args()
    bad = False
    for folder in given.folder:
        for what, complaints in complaints_of(folder.resolve(), given.without_security_updates).items():
            for one in complaints or ["may go out"]:
                print(f"{folder.name} {what}: {one}")
            bad = bad or bool(complaints)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
