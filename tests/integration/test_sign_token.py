"""Officers whose keys lie in tokens: PKCS #11, with SoftHSM in the place of hardware."""
import subprocess

import pytest

from tests.integration.test_tuf import Client
from tests.lab.release_signing import Ceremony, Folders
from tests.lab.signing import FAILED, prepare, run_sign
from tests.support import tuf_server

PIN = "736251"
LIMIT = 60  # seconds


class Tokens:
    """Tokens of a folder's own, each with a PIN in a file."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        (folder / "tokens").mkdir(parents=True)
        config = folder / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
        monkeypatch.setenv("SOFTHSM2_CONF", str(config))
        monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0")  # SoftHSM 2.6.1 loses 37 octets for each Ed25519 key it uses
        self.pin = folder / "pin"
        self.pin.write_text(PIN + "\n")
        self.pin.chmod(0o600)

    def util(self, *words):
        subprocess.run(["softhsm2-util", *map(str, words)], check=True, capture_output=True, timeout=LIMIT)

    def make(self, name):
        self.util("--init-token", "--free", "--label", name, "--pin", PIN, "--so-pin", PIN)
        return self.uri(name)

    def uri(self, name, label="releases", pin=None):
        return f"pkcs11:token={name};object={label}?pin-source={pin or self.pin}"

    def bring(self, name, algorithm, label):
        """Imports a key that openssl made."""
        file = self.folder / label
        subprocess.run(["openssl", "genpkey", *algorithm, "-out", file], check=True, capture_output=True, timeout=LIMIT)
        self.util("--import", file, "--token", name, "--label", label, "--id", "A1", "--pin", PIN)


@pytest.fixture
def tokens(tmp_path, monkeypatch):
    return Tokens(tmp_path / "softhsm", monkeypatch)


def test_officers_with_tokens_publish_what_a_client_downloads(tokens, tmp_path):
    (tmp_path / "officers").mkdir()
    made = Ceremony(tmp_path / "officers", token_of=tokens.make)
    made.found("ann", "bob")
    made.publish_release(2, "bob", "eve")
    with tuf_server.Server(Folders(made.repository)) as server:
        client = Client(tmp_path / "client", server)
        assert client.init() == 0
        assert len(made.paths()) == 4
        assert client.download(*made.paths()) == 0, client.said
    draft = made.release(3)[0]
    by_ann = made.sign(draft, "ann")
    assert "has signed it already" in made.sign(by_ann, "ann", expect=FAILED)


def test_a_key_in_a_token_is_made_once_and_signs_documents_too(tokens, tmp_path):
    uri = tokens.make("ann")
    public = run_sign("key", "new", uri).strip()
    assert public.startswith("ed25519:") and f"public key  {public}\n" in run_sign("key", "show", uri)
    assert "is there already" in run_sign("key", "new", uri, expect=FAILED)
    other = run_sign("key", "new", tokens.uri("ann", "anchors")).strip()
    assert other != public
    document, signed = prepare(tmp_path, "anchor = []\n", 1), tmp_path / "signed"
    run_sign("sign", "--key", uri, document, "-o", signed)
    assert f"signed by {public}\n" in run_sign("verify", "--key", public, "--threshold", 1, signed)
    named = uri + "&module-path=/usr/lib/softhsm/libsofthsm2.so"
    assert public in run_sign("key", "show", named)


def test_what_is_wrong_with_a_token_is_said(tokens, tmp_path):
    uri = tokens.make("ann")
    run_sign("key", "new", uri)
    wrong_pin, open_pin = tmp_path / "wrong", tmp_path / "open"
    for file, mode, pin in ((wrong_pin, 0o600, "000000"), (open_pin, 0o644, PIN)):
        file.write_text(pin)
        file.chmod(mode)
    tokens.make("twice")
    tokens.make("twice")
    tokens.bring("ann", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa")
    for words, why in ((tokens.uri("ann", pin=wrong_pin), "the PIN is wrong"),
                       (tokens.uri("ann", pin=open_pin), "chmod 600"),
                       (tokens.uri("ann", pin=tmp_path / "none"), "No such file"),
                       ("pkcs11:token=ann;object=releases", "needs a PIN"),
                       (f"pkcs11:token=ann;object=releases?pin-value={PIN}", "no PIN belongs on a command line"),
                       (tokens.uri("bob"), "there is no such token"),
                       (tokens.uri("twice"), "several tokens"),
                       (tokens.uri("ann", "anchors"), "no such private key"),
                       (tokens.uri("ann", "rsa"), "is no Ed25519 key"),
                       (tokens.uri("ann") + "&module-path=/nowhere.so", "there is no such token"),
                       ("pkcs11:nonsense=%zz", "is no pkcs11: URI")):
        told = run_sign("key", "show", words, expect=FAILED, start_new_session=True)
        assert why in told and PIN not in told.replace(words, ""), words
    assert "names no object" in run_sign("key", "new", f"pkcs11:token=ann?pin-source={tokens.pin}", expect=FAILED)
