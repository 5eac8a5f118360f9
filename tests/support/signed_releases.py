"""What a director needs: its key, and a repository in the database in which offline keys have signed releases."""
import os
import pathlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.support.tuf_repository import Repository, sha256


class SignedReleases:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.key, self.root = folder / "director.pem", folder / "root.json"
        self.repository = Repository()
        self.root.write_bytes(self.repository.metadata["1.root.json"])
        private = ed25519.Ed25519PrivateKey.generate()
        pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())
        with open(os.open(self.key, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)

    @property
    def settings(self):
        """Lines for a registry, or for `trigpoint up`."""
        return f'director.key = "{self.key}"\ndirector.root = "{self.root}"\n'

    def add(self, model, release, octets=None):
        """A release of a model; its path in the repository."""
        path = f"{model}/stable/program-{release}"
        self.repository.add_target("targets", path, octets or f"{model} {release}".encode())
        self.repository.says["targets"]["targets"][path]["custom"] = {
            "kind": "firmware", "model": model, "release": release, "floor": 0, "from": 0, "hardware": []}
        self.repository.release("targets")
        return path

    def statements(self):
        """SQL that puts all metadata into the database, the timestamp last."""
        files = sorted(self.repository.metadata.items(), key=lambda each: each[0] == "timestamp.json")
        for name, octets in files:
            path = f"metadata/{name}"
            yield (f"delete from firmware_file where path = '{path}'; "
                   "with made as (insert into firmware_file (path, size, sha256, stored_at) values "
                   f"('{path}', {len(octets)}, '\\x{sha256(octets)}', now()) returning id) "
                   f"insert into firmware_piece select id, 0, '\\x{octets.hex()}' from made")
