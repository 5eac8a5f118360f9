"""`trigpoint-sign` in the hands of officers who sign apart from each other, and of somebody who cheats."""
import os
import stat
import subprocess

import pytest

from tests.lab.signing import FAILED, USAGE, Officer, prepare, publishable, run_sign

LIST = """
[[anchor]]
name = "b.example.net"
addresses = ["192.0.2.2"]

[[anchor]]
name = "a.example.net"
addresses = ["192.0.2.1", "2001:db8::1"]
ports = [8080]
city = "Zürich"
"""


@pytest.fixture
def officers(tmp_path):
    return [Officer(tmp_path, name) for name in ("ann", "bob", "eve")]


def trusting(officers, threshold=2):
    return [word for each in officers for word in ("--key", each.public)] + ["--threshold", threshold]


def test_two_of_three_officers_make_a_document_that_is_believed(officers, tmp_path):
    ann, bob, _ = officers
    prepared = prepare(tmp_path, LIST, 7)
    shown = run_sign("show", prepared)
    for part in ("document    anchors", "version     7", "in 30 days", "signed by   nobody yet", "anchors     2",
                 "\na.example.net\n    addresses 192.0.2.1, 2001:db8::1\n    ports     8080\n    city      Zürich\n",
                 "\nb.example.net\n    addresses 192.0.2.2\n    ports     80, 443\n"):
        assert part in shown
    by_ann, by_bob = ann.sign(prepared), bob.sign(prepared)
    assert "too few signatures of trusted keys (1, and 2 are needed)" in run_sign(
        "verify", *trusting(officers), by_ann, expect=FAILED)

    merged = tmp_path / "merged"
    assert ann.key_id in run_sign("merge", by_ann, by_bob, prepared, "-o", merged)
    told = run_sign("verify", *trusting(officers), merged)
    assert told.startswith("good: anchors, version 7, until 20")
    assert told.splitlines()[1:] == [f"signed by {ann.public}", f"signed by {bob.public}"]

    passed_on = bob.sign(by_ann)  # one officer after the other comes to the same
    assert passed_on.read_bytes() == merged.read_bytes()


def test_several_keys_sign_at_once(officers, tmp_path):
    keys = [word for each in officers for word in ("--key", each.file)]
    output = tmp_path / "all"
    run_sign("sign", *keys, prepare(tmp_path, LIST, 1), "-o", output)
    run_sign("verify", *trusting(officers, 3), output)


def test_nothing_that_was_changed_is_believed(officers, tmp_path):
    signed = publishable(tmp_path, officers[:2], LIST, 7)
    octets = signed.read_bytes()
    for old, new, why in ((b"192.0.2.2", b"192.0.2.3", "a signature is not that of the key that it names"),
                          (b"version 7", b"version 8", "a signature is not that of the key that it names"),
                          (b"\nsignature ", b"\nsignaturf ", "no signed document"),
                          (b"trigpoint", b"Trigpoint", "no signed document")):
        forged = tmp_path / "forged"
        forged.write_bytes(octets.replace(old, new, 1))
        assert why in run_sign("verify", *trusting(officers), forged, expect=FAILED)
    stranger = Officer(tmp_path, "stranger")
    assert "too few" in run_sign("verify", *trusting([stranger], 1), signed, expect=FAILED)


def test_copies_of_different_documents_are_not_merged(officers, tmp_path):
    ann, bob, _ = officers
    one, other = ann.sign(prepare(tmp_path, LIST, 7)), bob.sign(prepare(tmp_path, LIST, 8))
    assert "are not the same document" in run_sign("merge", one, other, "-o", tmp_path / "out", expect=FAILED)
    assert not (tmp_path / "out").exists()


def test_a_document_is_not_signed_twice_by_a_key_nor_when_nobody_can_read_it(officers, tmp_path):
    ann = officers[0]
    signed = ann.sign(prepare(tmp_path, LIST, 7))
    again = ["sign", "--key", ann.file, signed, "-o", tmp_path / "out"]
    assert f"key {ann.key_id} has signed it already" in run_sign(*again, expect=FAILED)
    odd = tmp_path / "odd"
    for name, content in (("firmware", "x"), ("anchors", "\x1b[2Jx")):
        odd.write_text(f"trigpoint signed document, format 1\nname {name}\nversion 1\nexpires 4000000000\n"
                       f"octets {len(content)}\n\n{content}\n")
        run_sign("sign", "--key", ann.file, odd, "-o", tmp_path / "out", expect=FAILED)
        assert "\x1b" not in run_sign("show", odd, expect=FAILED)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(officers, tmp_path):
    ann, bob, _ = officers
    before = ann.file.read_bytes()
    assert "is there already" in run_sign("key", "new", ann.file, expect=FAILED)
    assert ann.file.read_bytes() == before
    prepared = prepare(tmp_path, LIST, 7)
    for words in (["anchors", "prepare", tmp_path / "list-7.toml", "--version", 8, "--days", 1],
                  ["sign", "--key", ann.file, prepared], ["merge", prepared]):
        assert "is there already" in run_sign(*words, "-o", bob.file, expect=FAILED)
    assert "PRIVATE KEY" in bob.file.read_text()


def test_a_key_is_its_owners_alone_and_stays_secret(officers, tmp_path):
    ann = officers[0]
    assert stat.S_IMODE(os.stat(ann.file).st_mode) == 0o600
    secret = ann.file.read_text().splitlines()[1]
    prepared = prepare(tmp_path, LIST, 7)
    told = run_sign("key", "show", ann.file) + run_sign("sign", "--key", ann.file, prepared, "-o", tmp_path / "out")
    assert secret not in told and ann.public in told
    ann.file.chmod(0o640)
    for words in (["key", "show", ann.file], ["sign", "--key", ann.file, prepared, "-o", tmp_path / "other"]):
        assert "chmod 600" in run_sign(*words, expect=FAILED)
    assert not (tmp_path / "other").exists()


def test_a_key_of_openssl_is_taken(tmp_path):
    file = tmp_path / "key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", file], check=True, timeout=60)
    file.chmod(0o600)
    der = subprocess.run(["openssl", "pkey", "-in", file, "-pubout", "-outform", "DER"], check=True, timeout=60,
                         capture_output=True).stdout
    assert f"public key  ed25519:{der[-32:].hex()}\n" in run_sign("key", "show", file)


@pytest.mark.parametrize("text, complaint", [
    ("", "`anchor = []`"),
    ("[[anchor]]\nname = 'a.net'\n", 'anchor "a.net" has no address'),
    ("[[anchor]]\nname = 'a.net'\naddresses = ['192.0.2.1']\nadress = 1\n", 'line 1: unknown key "adress"; did you mean'),
])
def test_a_list_that_cannot_be_is_explained(tmp_path, text, complaint):
    source = tmp_path / "list.toml"
    source.write_text(text)
    words = ["anchors", "prepare", source, "--version", 1, "--days", 1, "-o", tmp_path / "out"]
    told = run_sign(*words, expect=FAILED)
    assert str(source) in told and complaint in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words, text", [
    ([], "subcommand is required"),
    (["nonsense"], "nonsense"),
    (["key"], "subcommand is required"),
    (["sign", "document", "-o", "out"], "--key is required"),
    (["anchors", "prepare", "list", "--version", "1", "-o", "out"], "--days or --expires is required"),
    (["anchors", "prepare", "list", "--version", "0", "--days", "1", "-o", "out"], "--version"),
    (["anchors", "prepare", "list", "--version", "1", "--expires", "soon", "-o", "out"], '"soon" is no date'),
    (["anchors", "prepare", "list", "--version", "1", "--days", "1", "--expires", "2100-01-01", "-o", "out"], "excludes"),
    (["verify", "--key", "ed25519:00", "--threshold", "1", "document"], "64 hexadecimal digits"),
    (["verify", "--key", "ed25519:" + 64 * "0", "--threshold", "2", "document"], "threshold"),
    (["verify", "--key", "ed25519:" + 64 * "0", "--key", "ed25519:" + 64 * "0", "--threshold", "1", "document"], "twice"),
])
def test_wrong_use_is_explained(words, text):
    assert text in run_sign(*words, expect=USAGE)


def test_an_expiry_is_a_date_ahead(tmp_path):
    source = tmp_path / "list.toml"
    source.write_text("anchor = []\n")
    words = ["anchors", "prepare", source, "--version", 1, "-o", tmp_path / "out", "--expires"]
    assert "expired already" in run_sign(*words, "2020-01-01", expect=FAILED)
    assert "2190-01-31 12:00:00 UTC" in run_sign(*words, "2190-01-31T12:00:00Z")
