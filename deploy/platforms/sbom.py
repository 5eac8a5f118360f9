"""The bill of material of a release, in CycloneDX: each Debian package of which something is in the program.

It says the same whenever it is made: no time, no random number. Headers count, too, since most of Boost is nothing else.
"""
import argparse
import hashlib
import json
import sys
import uuid

from deploy.platforms.linked import Build

NAMESPACE = uuid.UUID("6d6a3f6a-9d0b-5d0c-8c58-0d3b2f3ad4c1")  # ours, for serial numbers that follow from the content
ARCHITECTURES = {"sw-x86_64": "amd64", "sw-arm64": "arm64", "sw-armhf": "armhf"}


def properties(**pairs):
    return [{"name": f"trigpoint:{name}", "value": value} for name, value in pairs.items()]


def purl(package, architecture):
    return f"pkg:deb/debian/{package.name}@{package.version.replace(':', '%3A')}?arch={architecture}&distro=debian-12"


def component(package, part, architecture):
    name = purl(package, architecture if package.sha256 else "all")
    hashes = {"hashes": [{"alg": "SHA-256", "content": package.sha256}]} if package.sha256 else {}
    return {"type": "library", "bom-ref": name, "name": package.name, "version": package.version, "purl": name, **hashes,
            "properties": properties(part=part, source=package.source)}


def bill(build, program, model, octets):
    """The document as a dictionary; `octets` are the program's."""
    digest = hashlib.sha256(octets).hexdigest()
    parts = sorted(build.packages(program).items(), key=lambda one: one[0][:2])
    components = [component(package, part, ARCHITECTURES[model]) for package, part in parts]
    subject = f"{program}@{build.version}"
    compiler = f"{build.compiler.name} {build.compiler.version}"
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, digest)}",
        "metadata": {"component": {
            "type": "application", "bom-ref": subject, "name": program, "version": build.version,
            "hashes": [{"alg": "SHA-256", "content": digest}],
            "properties": properties(model=model, compiler=compiler)}},
        "components": components,
        "dependencies": [{"ref": subject, "dependsOn": [one["bom-ref"] for one in components]}],
        "compositions": [{"aggregate": "complete", "assemblies": [subject]}],
    }


def kernel_component(packages):
    """Debian's kernel, of what deploy/platforms/sysroot says that it unpacked."""
    [(name, version, source, sha256)] = [line.split() for line in packages.read_text().splitlines()]
    purl_of = purl(argparse.Namespace(name=name, version=version), "amd64")
    return {"type": "operating-system", "bom-ref": purl_of, "name": name, "version": version, "purl": purl_of,
            "hashes": [{"alg": "SHA-256", "content": sha256}], "properties": properties(part="code", source=source)}


def image_bill(version, kernel, programs):
    """Of a bootable image: `kernel` is the file that says which package it is, `programs` are {name: octets}, each of
    which has a bill of its own."""
    parts = [kernel_component(kernel)]
    for name, octets in sorted(programs.items()):
        digest = hashlib.sha256(octets).hexdigest()
        parts.append({"type": "application", "bom-ref": f"{name}@{version}", "name": name, "version": version,
                      "hashes": [{"alg": "SHA-256", "content": digest}]})
    content = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    subject = f"trigpoint-image@{version}"
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "metadata": {"component": {"type": "operating-system", "bom-ref": subject, "name": "trigpoint-image",
                                   "version": version}},
        "components": parts,
        "dependencies": [{"ref": subject, "dependsOn": [one["bom-ref"] for one in parts]}],
        "compositions": [{"aggregate": "complete", "assemblies": [subject]}],
    }


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "build", "sysroot", "program"):
        asked.add_argument(f"--{name}", required=True)
    given = asked.parse_args()
    build = Build(given.build, given.sysroot)
    octets = (build.folder / "bin" / given.program).read_bytes()
    json.dump(bill(build, given.program, given.model, octets), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
