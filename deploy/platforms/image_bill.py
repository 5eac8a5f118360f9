"""Writes the bills of material of a bootable image that deploy/platforms/image has put together.

image_bill.py FOLDER: trigpoint-init.cdx.json and image.cdx.json into the image's folder.
"""
import json
import pathlib
import sys

from deploy.platforms import initramfs, sbom
from deploy.platforms.image_gate import MODEL, PROGRAMS, kernel_beside
from deploy.platforms.gate import built_beside


def main(folder):
    folder = pathlib.Path(folder).resolve()
    build = built_beside(folder.parent / MODEL)
    files = initramfs.unpacked((folder / "initramfs").read_bytes())
    bills = {
        "trigpoint-init": sbom.bill(build, "trigpoint-init", MODEL, files["init"]),
        "image": sbom.image_bill(build.version, kernel_beside(folder) / "packages",
                                 {name: files[path] for name, path in PROGRAMS.items()}),
    }
    for name, bill in bills.items():
        (folder / f"{name}.cdx.json").write_text(json.dumps(bill, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
