"""The image may go out as it was made; and each thing that must not be in one is noticed."""
import json
import shutil
import subprocess

import pytest

from deploy.platforms import gate, image_gate, initramfs
from tests.platforms.conftest import ARCHITECTURES, RELEASES, ROOT

IMAGE = RELEASES / "image-x86_64"
LIMIT = 600  # seconds

pytestmark = pytest.mark.skipif("x86_64" not in ARCHITECTURES or not IMAGE.exists(), reason="no image was made")


def lacks_updates():
    return (RELEASES / "kernel/without-security-updates").exists()


@pytest.fixture
def beside(tmp_path):
    """A copy of the image, beside the same release and kernel."""
    for name in (image_gate.MODEL, "kernel", "work", "sysroot"):
        (tmp_path / name).symlink_to(RELEASES / name)
    return shutil.copytree(IMAGE, tmp_path / IMAGE.name)


def complaints(folder):
    return {name: said for name, said in gate.complaints_of(folder, without_security_updates=True).items() if said}


def repack(folder, **changes):
    """Writes the initramfs with other files: None takes one away."""
    files = initramfs.unpacked((folder / "initramfs").read_bytes())
    for name, octets in changes.items():
        if octets is None:
            del files[name]
        else:
            files[name] = octets
    (folder / "initramfs").write_bytes(initramfs.archive(files))
    return files


def test_the_image_passes_the_gate():
    words = [ROOT / "deploy/release-gate", *(["--without-security-updates"] if lacks_updates() else []), IMAGE]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    for what in ("init", "initramfs", "vmlinuz", "disk", "image.cdx.json"):
        assert f"{IMAGE.name} {what}: may go out" in done.stdout


def test_an_archive_is_read_as_it_was_written():
    files = {"init": b"1", "sbin/x": b"", "etc/y": b"12345"}
    assert initramfs.unpacked(initramfs.archive(files)) == files
    whole = initramfs.archive(files)
    first, second = initramfs.entry("init", 0o100755, b"1", 1), initramfs.entry("init", 0o100755, b"2", 1)
    setuid = whole.replace(b"000081ed", b"000089ed", 1)
    for bad in (b"", whole[:-200], whole + b"more", setuid, first + second + initramfs.entry("TRAILER!!!", 0, b"", 0)):
        with pytest.raises(ValueError):
            initramfs.unpacked(bad)


def test_another_program_is_noticed_wherever_it_lies(beside):
    for name, path in image_gate.PROGRAMS.items():
        files = initramfs.unpacked((IMAGE / "initramfs").read_bytes())
        repack(beside, **{path: files[path] + b"."})
        said = complaints(beside)
        assert said["image.cdx.json"] == ["it is not the bill of what is here"]
        where = "init" if name == "trigpoint-init" else "initramfs"
        assert any("another program" in one or "not the one that is released" in one for one in said[where]), said
        repack(beside, **{path: files[path]})
    assert complaints(beside) == {}


def test_a_file_more_or_less_and_a_secret_are_noticed(beside):
    planted = b'password = "correct-' + b'horse"'
    files = repack(beside, **{"usr/sbin/sshd": b"#!", "etc/trigpoint/trigpoint-probe.toml": b"", "etc/trigpoint/model": None})
    said = complaints(beside)["initramfs"]
    assert "usr/sbin/sshd is no part of an image" in said and "etc/trigpoint/model is missing" in said
    (beside / "initramfs.old").write_bytes(b"anything")
    assert complaints(beside)["initramfs.old"] == ["it is no part of an image"]
    repack(beside, **files | {"etc/trigpoint/model": b"sw-x86_64\n", "etc/trigpoint/trigpoint-probe.toml": planted})
    said = complaints(beside)["initramfs"]
    assert any("trigpoint-probe.toml: a password" in one for one in said), said
    assert planted.decode() not in "".join(said)


def test_another_kernel_and_a_kernel_that_the_bill_does_not_name_are_noticed(beside):
    (beside / "vmlinuz").write_bytes((beside / "vmlinuz").read_bytes() + b".")
    bill = json.loads((beside / "image.cdx.json").read_text())
    bill["components"] = [one for one in bill["components"] if not one["name"].startswith("linux-image")]
    (beside / "image.cdx.json").write_text(json.dumps(bill))
    said = complaints(beside)
    assert said["vmlinuz"] == ["it is not the kernel of Debian's package"]
    assert said["image.cdx.json"] == ["it is not the bill of what is here"]


def test_a_disk_on_which_something_lies_is_noticed(beside, tmp_path):
    key = tmp_path / "key"
    key.write_text("anything")
    starts = {name: place.start for name, place in image_gate.places_in(beside / "disk").items()}
    image_gate.run("/sbin/debugfs", "-w", "-R", f"write {key} key", f"{beside / 'disk'}?offset={starts['trigpoint-data']}")
    with open(beside / "disk", "r+b") as disk:
        for at in (starts["trigpoint-b"] + 5000, 512 * 40):
            disk.seek(at)
            disk.write(b"x")
    assert complaints(beside) == {"disk": ["something lies in trigpoint-b", "something lies beside its partitions",
                                           "something lies in trigpoint-data: key"]}


def test_a_disk_on_which_nothing_can_be_kept_is_noticed(beside):
    data = image_gate.places_in(beside / "disk")["trigpoint-data"]
    with open(beside / "disk", "r+b") as disk:
        disk.seek(data.start)
        disk.write(bytes(data.stop - data.start))
    assert complaints(beside) == {"disk": ["trigpoint-data is not a file system that was just made"]}


def test_a_first_process_that_could_listen_is_noticed():
    """As the linker's map has it."""
    assert image_gate.LISTENS.search("../sysroot/usr/lib/x86_64-linux-gnu/libc.a(listen.o)\n  why\n")
    assert not image_gate.LISTENS.search("../sysroot/usr/lib/x86_64-linux-gnu/libc.a(fflush.o)\n")
