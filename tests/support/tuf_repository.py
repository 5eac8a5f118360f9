"""A TUF repository for tests, written from the specification 1.0.34 and independent of our client: roles that say what a
test wants, keys of every kind, files as a web server has them.

`python3 -m tests.support.tuf_repository FOLDER` writes one of each role's files there, as seeds for the fuzz targets.
"""
import datetime
import hashlib
import json
import pathlib
import sys
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

TOP = ("root", "timestamp", "snapshot", "targets")
UNRESERVED = "-_.~"


def canonical(value):
    """OLPC's canonical JSON, as text."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value)) + "}"
    return "[" + ",".join(canonical(each) for each in value) + "]"


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


def escaped(role):
    return urllib.parse.quote(role, safe=UNRESERVED)


def in_days(days):
    """A time from now on, as metadata has it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Key:
    """A private key, and how metadata lists its public part."""

    def __init__(self, kind="ed25519"):
        self.kind = kind
        if kind == "ed25519":
            self._key = ed25519.Ed25519PrivateKey.generate()
            public = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
            self.listed = {"keytype": kind, "scheme": kind, "keyval": {"public": public}}
            return
        if kind == "ecdsa":
            self._key, scheme = ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"
        else:
            self._key, scheme = rsa.generate_private_key(65537, 2048), "rsassa-pss-sha256"
        pem = self._key.public_key().public_bytes(serialization.Encoding.PEM,
                                                  serialization.PublicFormat.SubjectPublicKeyInfo)
        self.listed = {"keytype": kind, "scheme": scheme, "keyval": {"public": pem.decode()}}

    @property
    def id(self):
        return sha256(canonical(self.listed).encode())

    def sign(self, octets):
        if self.kind == "ed25519":
            return self._key.sign(octets).hex()
        if self.kind == "ecdsa":
            return self._key.sign(octets, ec.ECDSA(hashes.SHA256())).hex()
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return self._key.sign(octets, pss, hashes.SHA256()).hex()


class Repository:
    """What each role says next (`says`), who signs for it (`signers`), and what has been published: `metadata` and
    `targets`, by the names that a web server has. Version 1 of everything is published from the start."""

    def __init__(self, consistent=True, kind="ed25519"):
        self.consistent, self.hashes = consistent, True
        self.metadata, self.targets = {}, {}
        self.signers = {}
        self.says = {role: {"_type": role, "spec_version": "1.0.34", "version": 1, "expires": in_days(30)} for role in TOP}
        self.says["root"].update(consistent_snapshot=consistent, keys={}, roles={})
        self.says["targets"]["targets"] = {}
        self.says["snapshot"]["meta"], self.says["timestamp"]["meta"] = {}, {}
        for role in TOP:
            self.set_keys(role, [Key(kind)])
        for role in ("targets", "snapshot", "timestamp", "root"):
            self.publish(role)

    def sealed(self, role, content=None, by=None):
        """A file: content, by default what the role says, with signatures, by default those of its signers."""
        content = self.says[role] if content is None else content
        keys = self.signers[role] if by is None else by
        octets = canonical(content).encode()
        signatures = [{"keyid": key.id, "sig": key.sign(octets)} for key in keys]
        return json.dumps({"signatures": signatures, "signed": content}, indent=1).encode()

    def name(self, role, version):
        versioned = role == "root" or (self.consistent and role != "timestamp")
        return (f"{version}." if versioned else "") + escaped(role) + ".json"

    def publish(self, role):
        """Signs what the role says and puts it where clients fetch it; who lists the role comes to know it."""
        octets, version = self.sealed(role), self.says[role]["version"]
        self.metadata[self.name(role, version)] = octets
        if role in ("root", "timestamp"):
            return
        facts = {"version": version}
        if self.hashes:
            facts.update(length=len(octets), hashes={"sha256": sha256(octets)})
        self.says["timestamp" if role == "snapshot" else "snapshot"]["meta"][f"{role}.json"] = facts

    def publish_next(self, role):
        self.says[role]["version"] += 1
        self.publish(role)

    def release(self, *roles):
        """New versions of these roles, and of snapshot and timestamp."""
        for role in (*roles, "snapshot", "timestamp"):
            self.publish_next(role)

    def set_keys(self, role, keys, threshold=1):
        root = self.says["root"]
        root["keys"].update({key.id: key.listed for key in keys})
        root["roles"][role] = {"keyids": [key.id for key in keys], "threshold": threshold}
        self.signers[role] = keys

    def rotate_root(self, keys=None, threshold=1):
        """Publishes a root that names other root keys, signed by the old and the new ones."""
        old, fresh = self.signers["root"], keys or [Key()]
        self.set_keys("root", fresh, threshold)
        self.signers["root"] = old + [key for key in fresh if key not in old]
        self.publish_next("root")
        self.signers["root"] = fresh

    def delegate(self, delegator, role, paths, terminating=False, keys=None):
        keys = keys or [Key()]
        delegations = self.says[delegator].setdefault("delegations", {"keys": {}, "roles": []})
        delegations["keys"].update({key.id: key.listed for key in keys})
        delegations["roles"].append({"name": role, "keyids": [key.id for key in keys], "threshold": 1,
                                     "terminating": terminating, "paths": paths})
        if role not in self.says:
            self.signers[role] = keys
            self.says[role] = {"_type": "targets", "spec_version": "1.0.34", "version": 1, "expires": in_days(30),
                               "targets": {}}
            self.publish(role)

    def add_target(self, role, path, octets, algorithms=("sha256",)):
        digests = {name: hashlib.new(name, octets).hexdigest() for name in algorithms}
        self.says[role]["targets"][path] = {"length": len(octets), "hashes": digests}
        folder, slash, name = path.rpartition("/")
        for digest in digests.values():
            self.targets[folder + slash + f"{digest}.{name}" if self.consistent else path] = octets


def main(folder):
    made = Repository()
    made.add_target("targets", "firmware/a.bin", b"octets")
    made.delegate("targets", "role", ["x/*", "[a-c]?"], terminating=True, keys=[Key("ecdsa"), Key("rsa")])
    made.add_target("role", "x/y", b"more octets", ("sha256", "sha512"))
    made.release("role", "targets")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in made.metadata.items():
        (folder / name).write_bytes(octets)


if __name__ == "__main__":
    main(sys.argv[1])
