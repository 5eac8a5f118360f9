"""npm's tuf-js, a client that others wrote, downloads what `trigpoint-sign` publishes."""
import os
import pathlib
import shutil
import subprocess

import pytest

from tests.lab.release_signing import Ceremony, Folders
from tests.support import tuf_server

HERE = pathlib.Path(__file__).parent.parent / "support" / "tuf_js"
INSTALL_LIMIT, RUN_LIMIT = 300, 120  # seconds
NO_WAY_THERE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH")


@pytest.fixture(scope="module")
def tuf_js(tmp_path_factory):
    """The packages that the lock file names, with the hashes that it names; no script of theirs is run."""
    folder = tmp_path_factory.mktemp("tuf_js")
    for file in HERE.iterdir():
        shutil.copy(file, folder)
    environment = dict(os.environ)
    if not os.access(os.path.expanduser("~"), os.W_OK):
        environment["npm_config_cache"] = str(folder / "cache")
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], cwd=folder,
                          env=environment, capture_output=True, text=True, timeout=INSTALL_LIMIT)
    if done.returncode and any(word in done.stderr for word in NO_WAY_THERE):
        pytest.skip("npm's registry cannot be reached from here")
    assert done.returncode == 0, done.stderr
    return folder


class JsClient:
    def __init__(self, tuf_js, folder, server):
        self.tuf_js, self.folder, self.server = tuf_js, folder, server
        (folder / "metadata").mkdir(parents=True)
        (folder / "targets").mkdir()
        (folder / "metadata" / "root.json").write_bytes(server.repository.metadata["1.root.json"])

    def download(self, *paths):
        """The octets of each target by its path; or, when it refused, what it said."""
        done = subprocess.run(["node", self.tuf_js / "download.mjs", self.folder / "metadata", self.server.url("metadata"),
                               self.folder / "targets", self.server.url("targets"), *paths], capture_output=True, text=True,
                              timeout=RUN_LIMIT)
        if done.returncode:
            return done.stderr
        return {path: pathlib.Path(line).read_bytes() for path, line in zip(paths, done.stdout.splitlines())}


@pytest.fixture
def ceremony(tmp_path):
    (tmp_path / "officers").mkdir()
    made = Ceremony(tmp_path / "officers")
    made.found("ann", "bob")
    return made


def published(ceremony):
    """The octets of every target, by path."""
    targets = ceremony.repository / "targets"
    return {path: next((targets / path).parent.glob("*." + path.rpartition("/")[2])).read_bytes()
            for path in ceremony.paths()}


def test_tuf_js_downloads_every_target(tuf_js, ceremony, tmp_path):
    with tuf_server.Server(Folders(ceremony.repository)) as server:
        client = JsClient(tuf_js, tmp_path / "client", server)
        assert client.download(*ceremony.paths()) == published(ceremony)
        assert "no such target" in client.download("deb-amd64/stable/probe_9.deb")

        # Every key changes, there is a second model, and the client that knew the first root goes on.
        for name in ("kim", "lea", "new-snapshot", "new-timestamp"):
            ceremony.new_key(name, phrase=not name.startswith("new"))
        ceremony.holders.update(root=["bob", "kim", "lea"], targets=["kim", "lea"], snapshot=["new-snapshot"],
                                timestamp=["new-timestamp"])
        ceremony.channels = {("deb-amd64", "stable"): (["kim", "lea"], 2), ("hw1", "beta"): (["lea"], 1)}
        root = ceremony.sign(ceremony.prepare("root"), "ann", "bob", "kim", "lea")
        targets = ceremony.sign(ceremony.prepare("targets"), "ann", "bob", "kim", "lea")
        draft, image, sbom = ceremony.release(2)
        ceremony.publish(root, targets, ceremony.sign(draft, "kim", "lea"), add=(image, sbom),
                         online=("snapshot", "timestamp", "new-snapshot", "new-timestamp"))
        draft, image, sbom = ceremony.release(7, model="hw1", channel="beta")
        ceremony.publish(ceremony.sign(draft, "lea"), add=(image, sbom), online=("new-snapshot", "new-timestamp"))
        assert len(ceremony.paths()) == 6
        assert client.download(*ceremony.paths()) == published(ceremony)


def test_tuf_js_refuses_what_we_refuse(tuf_js, ceremony, tmp_path):
    """So the test above can fail: the same client, and one octet of the repository changed."""
    for number, part in enumerate(("metadata/1.deb-amd64.stable.json", "targets/deb-amd64/stable")):
        repository = tmp_path / f"changed-{number}"
        shutil.copytree(ceremony.repository, repository)
        file = repository / part
        file = file if file.is_file() else next(file.glob("*.deb"))
        file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
        with tuf_server.Server(Folders(repository)) as server:
            client = JsClient(tuf_js, tmp_path / f"client-{number}", server)
            assert "Error" in client.download("deb-amd64/stable/probe_1.deb")
