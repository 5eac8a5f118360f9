"""Officers who make, sign and publish a repository with `trigpoint-sign`, and clients that download it."""
import json
import os
import re
import shutil
import subprocess

import pytest

from tests.integration.test_tuf import Client
from tests.lab.network import programs_folder
from tests.lab.release_signing import Ceremony, Folders
from tests.lab.signing import FAILED, USAGE, run_sign
from tests.support import tuf_server


@pytest.fixture
def ceremony(tmp_path):
    (tmp_path / "officers").mkdir()
    made = Ceremony(tmp_path / "officers")
    made.found("ann", "bob")
    return made


@pytest.fixture
def client(tmp_path, ceremony):
    with tuf_server.Server(Folders(ceremony.repository)) as server:
        made = Client(tmp_path / "client", server)
        assert made.init() == 0
        yield made


def everything(ceremony):
    """The octets of all targets, by the names that a client gives them."""
    out = {}
    for path in ceremony.paths():
        folder, name = os.path.split(path)
        [file] = [each for each in (ceremony.repository / "targets" / folder).iterdir() if each.name[65:] == name]
        out[path.replace("/", "%2F")] = file.read_bytes()
    return out


def test_two_of_three_officers_publish_what_a_client_downloads(ceremony, client):
    assert ceremony.paths() == ["deb-amd64/stable/probe_1.cdx.json", "deb-amd64/stable/probe_1.deb"]
    assert client.download(*ceremony.paths()) == 0, client.said
    assert client.shown() == everything(ceremony)
    assert client.shown()["deb-amd64%2Fstable%2Fprobe_1.deb"] == b"release 1" * 1000


def test_what_probes_are_told_besides_releases_is_signed_when_it_can_be_read(ceremony, client):
    assert "targets know no such role" in ceremony.publish(*control_of(ceremony, {"opt-out": "10.0.0.0/8"}), expect=FAILED)
    ceremony.control = (["ann", "bob"], 2)
    ceremony.publish(ceremony.sign(ceremony.prepare("targets"), "ann", "bob"))
    texts = {"opt-out": "2001:db8::/32 # why\n192.0.2.1\n", "director": f"key {ceremony.public['eve']}"}
    draft, contents = ceremony.control_draft(texts)
    assert "director is not at hand" in run_sign("sign", "--key", ceremony.keys["ann"], "--passphrase-file", ceremony.phrase,
                                                 draft, "-o", ceremony.file("unread"), expect=FAILED)
    signed = ceremony.sign(draft, "ann", "bob", contents=contents)
    assert "control/director: bring the file" in ceremony.publish(signed, expect=FAILED)
    ceremony.publish(signed, add=contents.iterdir())
    assert client.download("control/opt-out", "control/director") == 0, client.said
    assert client.shown()["control%2Fopt-out"] == b"192.0.2.1/32\n2001:db8::/32\n"

    draft, contents = ceremony.control_draft({"opt-out": "192.0.2.1\n192.0.2.2\n"}, "--drop", "director")
    shown = run_sign("show", "--repository", ceremony.repository, "--contents", contents, draft)
    assert shown.endswith("\nopt-out\n    192.0.2.1/32\n  + 192.0.2.2/32\n  - 2001:db8::/32\n")
    assert re.search(r"^  - director, 77 octets", shown, re.MULTILINE)
    ceremony.publish(ceremony.sign(draft, "ann", "bob", contents=contents), add=contents.iterdir())
    assert client.download("control/opt-out") == 0
    assert client.download("control/director") != 0
    assert "there: control/opt-out" in ceremony.verify()


def control_of(ceremony, texts):
    draft, contents = ceremony.control_draft(texts)
    return [ceremony.sign(draft, "ann", "bob", contents=contents)]


@pytest.mark.parametrize("words", [["--add", "opt-in=/dev/null"], ["--add", "director=/dev/null"], ["--drop", "hosts"],
                                   ["--add", "opt-out=/dev/null", "--add", "opt-out=/dev/null"]])
def test_what_probes_could_not_read_is_not_prepared(ceremony, words):
    told = ceremony.control_draft({}, *words, expect=FAILED)
    assert "trigpoint-sign: " in told
    assert not list(ceremony.folder.glob("*control*"))


def test_every_key_is_rotated_and_a_client_goes_on(ceremony, client):
    assert client.download(*ceremony.paths()) == 0
    for name in ("kim", "lea"):
        ceremony.new_key(name)
    for name in ("new-snapshot", "new-timestamp"):
        ceremony.new_key(name, phrase=False)
    ceremony.holders.update(root=["bob", "kim", "lea"], targets=["ann", "kim", "lea"], snapshot=["new-snapshot"],
                            timestamp=["new-timestamp"])
    ceremony.channels[("deb-amd64", "stable")] = (["kim", "lea"], 2)
    ceremony.channels[("deb-arm64", "beta")] = (["kim"], 1)
    root = ceremony.sign(ceremony.prepare("root"), "ann", "bob", "kim", "lea")
    targets = ceremony.sign(ceremony.prepare("targets"), "ann", "bob", "kim", "lea")
    draft, image, sbom = ceremony.release(2)
    releases = ceremony.sign(draft, "kim", "lea")
    online = ("snapshot", "timestamp", "new-snapshot", "new-timestamp")
    assert "the new root is seen before" not in ceremony.publish(root, targets, releases, add=(image, sbom), online=online)
    assert len(ceremony.paths()) == 4
    assert client.download(*ceremony.paths()) == 0, client.said
    assert client.shown() == everything(ceremony)
    assert client.version("root") == 2 and client.version("deb-amd64.stable") == 2

    # Now the old keys are worth nothing.
    draft, image, sbom = ceremony.release(3)
    assert "too few" in ceremony.publish(ceremony.sign(draft, "ann", "bob", "eve"), add=(image, sbom),
                                         online=("new-snapshot", "new-timestamp"), expect=FAILED)
    signed = ceremony.sign(draft, "kim", "lea")
    ceremony.publish(signed, add=(image, sbom), online=("new-snapshot",))
    run_sign("renew", ceremony.repository, "--timestamp-key", ceremony.keys["timestamp"], expect=FAILED)
    run_sign("renew", ceremony.repository, "--timestamp-key", ceremony.keys["new-timestamp"])
    assert client.download(*ceremony.paths()) == 0, client.said
    assert client.shown() == everything(ceremony)


def test_wrong_things_are_refused_and_change_nothing(ceremony):
    before = {path: path.read_bytes() for path in ceremony.repository.rglob("*.json")}
    draft, image, sbom = ceremony.release(2)
    refused = lambda file, add=(image, sbom): ceremony.publish(file, add=add, expect=FAILED)  # noqa: E731

    assert "too few" in refused(draft)
    by_ann = ceremony.sign(draft, "ann")
    assert "too few" in refused(by_ann), "one officer is not enough"
    assert f"key {ceremony.public['ann']} has signed it already" in ceremony.sign(by_ann, "ann", expect=FAILED)
    twice = json.loads(by_ann.read_text())
    twice["signatures"] *= 2
    assert "is not as this program writes drafts" in refused(written(ceremony, twice))

    good = ceremony.sign(draft, "ann", "bob")
    for old, new in ((b'"release":2', b'"release":9'), (b'"floor":1', b'"floor":2'), (b"probe_2.deb", b"probe_x.deb"),
                     (b'"version":2', b'"version":3'), (b'"signed":{', b'"signed":{"more":1,'), (b'"sig":"', b'"sig":"00')):
        tampered = ceremony.file("tampered")
        tampered.write_bytes(good.read_bytes().replace(old, new))
        refused(tampered)
    octets = image.read_bytes()
    image.write_bytes(octets[:-1] + b"!")
    assert "probe_2.deb: bring the file" in refused(good), "the image is another one"
    image.write_bytes(octets)
    assert "probe_2.cdx.json: bring the file" in refused(good, add=(image,)), "the SBOM is missing"

    told = ceremony.release(1, content=b"release 1, other octets", expect=FAILED)
    assert "another one has a file of that name" in told
    assert "floor is above it" in ceremony.release(2, "--floor", 3, expect=FAILED)
    assert "come after it" in ceremony.release(2, "--from", 2, expect=FAILED)
    assert {path: path.read_bytes() for path in ceremony.repository.rglob("*.json") if "targets" not in path.parts} == {
        path: octets for path, octets in before.items() if "targets" not in path.parts}
    ceremony.verify()


def written(ceremony, value):
    file = ceremony.file("written")
    file.write_text(json.dumps(value, separators=(",", ":"), sort_keys=True))
    return file


def test_a_release_that_the_platform_would_not_take_is_not_prepared(ceremony):
    largest = 64 << 20
    told = ceremony.release(2, content=bytes(largest + 1), expect=FAILED)
    assert "probe_2.deb has 67108865 octets, and the platform brings probes files of 67108864 at most" in told
    ceremony.release(2, content=bytes(largest))


def test_an_older_release_is_refused(ceremony):
    ceremony.publish_release(5, "ann", "eve")
    assert "release 4 is not known, and not above release 5" in ceremony.release(4, expect=FAILED)
    assert "the newest, cannot go" in run_sign(
        "release", "prepare", "--repository", ceremony.repository, "--model", "deb-amd64", "--channel", "stable",
        "--drop", "probe_5.deb", "-o", ceremony.file("drop"), expect=FAILED)
    drop = ceremony.file("drop")
    run_sign("release", "prepare", "--repository", ceremony.repository, "--model", "deb-amd64", "--channel", "stable",
             "--drop", "probe_1.deb", "-o", drop)
    ceremony.publish(ceremony.sign(drop, "bob", "eve"))
    assert ceremony.paths() == ["deb-amd64/stable/probe_5.cdx.json", "deb-amd64/stable/probe_5.deb"]


def test_an_officer_reads_before_signing(ceremony):
    draft, image, _ = ceremony.release(2, "--floor", 2, "--from", 1, "--hardware", "rev-b")
    digest = subprocess.run(["sha256sum", image], check=True, capture_output=True, text=True, timeout=60).stdout.split()[0]
    shown = run_sign("show", draft, "--repository", ceremony.repository)
    for part in ("role        deb-amd64.stable\nversion     2\n", "in 180 days\nSHA-256     ", "before it   version 1\n",
                 "needs       2 of ann, bob, eve; signed by nobody, not enough\n", "    release 1 for any hardware;",
                 "  + release 2 for hardware rev-b; updates from release 1 on; once known, nothing below release 2 runs\n",
                 digest):
        assert part in shown
    signed = ceremony.sign(draft, "eve", "bob")
    assert "signed by bob, eve\n" in run_sign("show", signed, "--repository", ceremony.repository)
    assert "good: deb-amd64.stable, version 1" in run_sign("show", ceremony.repository)
    ceremony.publish(signed, add=ceremony.bring(2)[:2])
    third = ceremony.release(3)[0]
    ceremony.publish_release(4, "ann", "bob")
    assert "NOT ITS SUCCESSOR" in run_sign("show", third, "--repository", ceremony.repository)
    assert "after version 3 comes version 4" in run_sign(
        "sign", "--key", ceremony.keys["ann"], "--passphrase-file", ceremony.phrase, third, "--repository",
        ceremony.repository, "-o", ceremony.file("late"), expect=FAILED)


def test_keys_with_pass_phrases(ceremony):
    key = ceremony.keys["ann"]
    assert "ENCRYPTED" in key.read_text() and key.stat().st_mode & 0o777 == 0o600
    assert "needs a pass phrase" in run_sign("key", "show", key, expect=FAILED, start_new_session=True)
    wrong = ceremony.file("phrase")
    wrong.write_text("correct horse batterx\n")
    wrong.chmod(0o600)
    assert "the pass phrase is wrong" in run_sign("key", "show", "--passphrase-file", wrong, key, expect=FAILED)
    assert ceremony.public["ann"] in run_sign("key", "show", "--passphrase-file", ceremony.phrase, key)
    wrong.write_text("short\n")
    assert "at least 12" in run_sign("key", "new", "--passphrase-file", wrong, ceremony.file("key"), expect=FAILED)
    told = subprocess.run(["openssl", "pkey", "-in", key, "-passin", f"file:{ceremony.phrase}", "-pubout", "-outform",
                           "DER"], check=True, capture_output=True, timeout=60).stdout
    assert told[-32:].hex() in ceremony.public["ann"]


def test_a_repository_says_what_is_wrong_with_it(ceremony, tmp_path):
    assert run_sign("verify", ceremony.repository, "--root", ceremony.repository / "metadata" / "1.root.json")
    other = Ceremony(tmp_path)
    other.found("ann", "eve")
    assert "has another root" in run_sign("verify", ceremony.repository, "--root",
                                          other.repository / "metadata" / "1.root.json", expect=FAILED)
    [image] = (ceremony.repository / "targets" / "deb-amd64" / "stable").glob("*.deb")
    octets = image.read_bytes()
    image.write_bytes(octets[:-1] + b"!")
    assert str(image) in ceremony.verify(expect=FAILED)
    image.write_bytes(octets)
    shutil.copy(other.repository / "metadata" / "timestamp.json", ceremony.repository / "metadata" / "timestamp.json")
    assert "timestamp.json: " in ceremony.verify(expect=FAILED)


@pytest.mark.parametrize("words, text", [
    (["root"], "subcommand is required"),
    (["release", "prepare", "--model", "A", "--channel", "b", "-o", "x"], "--model"),
    (["release", "prepare", "--model", "a", "--channel", "b", "-o", "x"], "--repository is required"),
    (["release", "prepare", "--model", "a", "--channel", "b", "--repository", "r", "--image", "i", "-o", "x"], "--sbom"),
    (["publish", "repository"], "drafts is required"),
    (["verify", "file"], "--key is required"),
])
def test_wrong_use_is_explained(words, text):
    assert text in run_sign(*words, expect=USAGE)


@pytest.mark.parametrize("option, most", [("--snapshot-days", 90), ("--timestamp-hours", 720)])
def test_online_roles_live_so_long_at_most(ceremony, option, most):
    words = ["renew", ceremony.repository, "--snapshot-key", ceremony.keys["snapshot"], "--timestamp-key",
             ceremony.keys["timestamp"], option]
    run_sign(*words, most)
    assert option in run_sign(*words, most + 1, expect=USAGE)


def faulty_publish(words, under, fault, count):
    environment = dict(os.environ, LD_PRELOAD=str(programs_folder() / "libtp_fault.so"), TP_FAULT_UNDER=str(under),
                       ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0", TP_FAULT=fault, TP_FAULT_COUNT=str(count))
    return subprocess.run([str(programs_folder() / "trigpoint-sign"), *map(str, words)], env=environment, timeout=120,
                          capture_output=True).returncode


def test_a_publication_that_fails_or_dies_at_any_call_leaves_a_whole_repository(ceremony, tmp_path):
    """At each call into the kernel that touches the repository: whole and old, or whole and new; and once more does it."""
    draft, image, sbom = ceremony.release(2)
    signed = ceremony.sign(draft, "ann", "bob")
    count = tmp_path / "count"

    def publish(repository, fault=""):
        return faulty_publish(["publish", repository, signed, "--add", image, "--add", sbom, "--snapshot-key",
                               ceremony.keys["snapshot"], "--timestamp-key", ceremony.keys["timestamp"]],
                              repository, fault, count)

    def fresh():
        shutil.rmtree(tmp_path / "try", ignore_errors=True)
        return shutil.copytree(ceremony.repository, tmp_path / "try")

    assert publish(fresh()) == 0
    calls, spaces, _ = map(int, count.read_text().split())
    faults = [f"{number}:{kind}" for kind, last in (("kill", calls), ("EIO", calls), ("ENOSPC", spaces))
              for number in range(1, last + 1)]
    assert calls > 40
    for fault in faults:
        repository = fresh()
        publish(repository, fault)
        told = run_sign("verify", repository)
        assert "good: deb-amd64.stable, version 1" in told or "probe_2.deb" in told, fault
        assert publish(repository) == 0, fault
        assert "there: deb-amd64/stable/probe_2.deb" in run_sign("verify", repository), fault
    print(f"faults of a publication survived: {len(faults)} of {len(faults)}")
