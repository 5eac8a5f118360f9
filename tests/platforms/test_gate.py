"""What is built may go out; and each thing that must not go out is noticed."""
import json
import shutil
import subprocess
import sys

import pytest

from deploy.platforms import elf, gate, sbom, secret_scan, sockets
from deploy.platforms.linked import Package
from tests.lab.release_signing import Ceremony
from tests.lab.signing import run_sign
from tests.platforms.conftest import ROOT

PROGRAM = "trigpoint-probe"
LIMIT = 60  # seconds


def test_every_release_passes_the_gate(release):
    """Without Debian's security updates only where its mirrors had none: there it must be said to pass without them."""
    words = [ROOT / "deploy/release-gate", *(["--without-security-updates"] if lacks_updates(release) else []), release]
    done = subprocess.run(words, capture_output=True, text=True, timeout=10 * LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": may go out") == len(list(release.iterdir()))


def lacks_updates(release):
    return (release / "without-security-updates").exists()


def test_what_was_built_without_security_updates_is_held_back(release, tmp_path, monkeypatch):
    folder, other = tmp_path / release.name, tmp_path / "sw-other"
    for made, version in ((folder, "1"), (other, "2")):
        made.mkdir()
        (made / "packages").write_text(f"libc6-dev 9 glibc 00\nlibssl-dev {version} openssl 00\n")
    (folder / "without-security-updates").write_text("no index\n")
    monkeypatch.setattr(gate, "PROGRAMS", ())
    assert gate.folder_complaints(folder)[release.name] == [
        "it was built without Debian's security updates", "libssl-dev 1, but 2 for sw-other"]
    assert release.name not in gate.folder_complaints(folder, without_security_updates=True)


# Keys

def made_key(folder, *words):
    """The octets of a new private key, by OpenSSH or OpenSSL."""
    path = folder / "key"
    subprocess.run([*words, path], check=True, capture_output=True, timeout=LIMIT)
    return path.read_bytes()


@pytest.fixture(params=["ed25519", "rsa", "ecdsa", "pem", "der", "host key", "password", "address", "claim code"])
def secret(request, tmp_path):
    ssh = ["ssh-keygen", "-q", "-N", ""]
    openssl = ["openssl", "genpkey", "-algorithm", "ED25519"]
    if request.param in ("ed25519", "rsa", "ecdsa"):
        return made_key(tmp_path, *ssh, "-t", request.param, "-f")
    if request.param in ("pem", "der"):
        return made_key(tmp_path, *openssl, "-outform", request.param, "-out")
    if request.param == "host key":
        made_key(tmp_path, *ssh, "-t", "ed25519", "-f")
        return (tmp_path / "key.pub").read_bytes()
    return {"password": b'password = "correct horse"'.replace(b" horse", b"-horse"),
            "address": b"postgresql://trigpoint:battery@db.example.net/trigpoint",
            "claim code": b'claim_code = "7KQ2-AAAA-BBBB-CCCC"'}[request.param]


def test_a_secret_planted_in_a_program_or_beside_it_is_found(secret, release, tmp_path, monkeypatch):
    folder = tmp_path / release.name
    folder.mkdir()
    octets = bytearray((release / PROGRAM).read_bytes())
    at = len(octets) // 2
    octets[at:at + len(secret) + 2] = b"\n" + secret + b"\n"
    (folder / PROGRAM).write_bytes(octets)
    (folder / "example.toml").write_bytes(b"[caps]\n" + secret)
    monkeypatch.setattr(gate, "PROGRAMS", ())
    said = gate.folder_complaints(folder)
    assert said[PROGRAM] and said["example.toml"]
    assert secret not in "".join(said[PROGRAM]).encode(), "what is secret is not printed"


def test_what_ships_with_the_source_has_no_secret():
    said = {path.name: secret_scan.complaints(path.read_bytes()) for path in sorted((ROOT / "deploy").glob("*"))
            if path.is_file()}
    assert not {name: complaints for name, complaints in said.items() if complaints}


# Bills of material

@pytest.fixture
def bill(release):
    return json.loads((release / f"{PROGRAM}.cdx.json").read_text())


def complaints(bill, release):
    build, octets = gate.built_beside(release), (release / PROGRAM).read_bytes()
    return gate.bill_complaints(bill, sbom.bill(build, PROGRAM, release.name, octets), octets, PROGRAM)


def test_every_static_library_is_named_with_its_version(bill, release):
    build = gate.built_beside(release)
    named = {(one["name"], one["version"]) for one in bill["components"]}
    archives = [path for path in build.linked(PROGRAM) if not build.is_ours(path) and path.suffix == ".a"]
    assert len(archives) > 8
    for path in archives:
        package = build.owner(path)
        assert (package.name, package.version) in named, path


def test_one_component_less_is_noticed_whichever_it_is(bill, release):
    assert complaints(bill, release) == []
    for at, one in enumerate(bill["components"]):
        less = {**bill, "components": bill["components"][:at] + bill["components"][at + 1:]}
        assert any(one["purl"] in said for said in complaints(less, release)), one["name"]


def test_another_version_or_program_is_noticed(bill, release):
    one = next(each for each in bill["components"] if each["name"] == "libssl-dev")
    one["version"] = "3.0.1-1"
    assert any("it tells of libssl-dev" in said for said in complaints(bill, release))
    bill["metadata"]["component"]["hashes"][0]["content"] = "0" * 64
    assert "its bill of material is about another program" in complaints(bill, release)


def test_a_library_of_the_machine_that_built_it_is_noticed():
    compilers = ["g++-12-aarch64-linux-gnu", "libstdc++-12-dev-arm64-cross", "libc6-dev-arm64-cross", "libgcc-12-dev", "gcc-12"]
    here = [Package(name, "1", name, None) for name in [*compilers, "libssl-dev", "libc6-dev"]]
    assert gate.origin_complaints(here + [Package("libssh-dev", "1", "libssh", "0" * 64)]) == [
        "libc6-dev 1 of the machine that built it is in it", "libssl-dev 1 of the machine that built it is in it"]


def test_officers_can_sign_a_release_with_its_bill(release, tmp_path):
    ceremony = Ceremony(tmp_path)
    ceremony.channels = {(release.name, "stable"): (["ann", "bob"], 2)}
    root, targets = (ceremony.sign(ceremony.prepare(role), "ann", "bob") for role in ("root", "targets"))
    ceremony.publish(root, targets)
    files = release / PROGRAM, release / f"{PROGRAM}.cdx.json"
    draft = ceremony.file("release")
    run_sign("release", "prepare", "--repository", ceremony.repository, "--model", release.name, "--channel", "stable",
             "--number", 1, "--image", files[0], "--sbom", files[1], "-o", draft)
    ceremony.publish(ceremony.sign(draft, "ann", "bob"), add=files)
    assert ceremony.paths() == [f"{release.name}/stable/{file.name}" for file in files]


# Programs

def test_a_program_that_listens_is_noticed(tmp_path):
    text = ("import socket, time\n"
            "tcp, six, udp, unix = (socket.socket(f, t) for f, t in ((2, 1), (10, 1), (2, 2), (1, 1)))\n"
            "tcp.bind(('0.0.0.0', 2323)); tcp.listen()\n"
            "six.bind(('::1', 2324)); six.listen()\n"
            "udp.bind(('0.0.0.0', 2325))\n"
            "unix.bind('\\0debug'); unix.listen()\n"
            "print('at work', flush=True); time.sleep(60)\n")
    heard = sockets.heard_while_running([sys.executable, "-c", text], "at work", tmp_path / "log")
    assert heard == ["tcp port 2323", "tcp6 port 2324", "udp port 2325", "unix socket @debug"]


def test_a_program_that_could_be_harder_to_attack_is_noticed(tmp_path):
    source = tmp_path / "weak.c"
    source.write_text("int main(void) { return 0; }\n")
    program = tmp_path / PROGRAM
    flags = ["-no-pie", "-g", "-Wl,-z,norelro,-z,execstack", source, "-o", program]
    subprocess.run(["gcc", *flags], check=True, timeout=LIMIT)
    assert elf.complaints(program, "sw-x86_64") == [
        "it is not static", "it is not stripped", "its code cannot lie anywhere (PIE)",
        "its tables can be written while it runs (RELRO)", "its stack can be run"]
    assert elf.complaints(program, "sw-arm64")[0] == "it is for Advanced Micro Devices X86-64"


def test_a_program_that_has_grown_too_much_is_noticed(release, tmp_path):
    program = tmp_path / PROGRAM
    shutil.copy(release / PROGRAM, program)
    assert elf.complaints(program, release.name) == []
    with program.open("ab") as file:
        file.truncate(elf.LIMITS[PROGRAM] + 1)
    assert elf.complaints(program, release.name) == [f"it has {elf.LIMITS[PROGRAM] + 1} octets, at most {elf.LIMITS[PROGRAM]}"]
