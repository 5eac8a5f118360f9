"""trigpoint-tuf-client against a repository that other code wrote: as it should be, under attack, and interrupted."""
import concurrent.futures
import json
import pathlib
import subprocess

import pytest

from tests.lab.network import programs_folder
from tests.support import tuf_server
from tests.support.tuf_repository import Key, Repository, escaped, in_days, sha256

LIMIT = 120  # seconds for any run of the client
QUICK = 45  # seconds in which a slow server is given up


class Client:
    """A client's two folders, and its command."""

    def __init__(self, folder, server):
        self.metadata, self.targets = pathlib.Path(folder) / "metadata", pathlib.Path(folder) / "targets"
        self.server, self.process = server, None
        self.targets.mkdir(parents=True)
        self.metadata.mkdir()
        self.first_root = pathlib.Path(folder) / "first_root.json"

    def run(self, *words):
        """The exit status; what was said on the way is in `said`."""
        command = [programs_folder() / "trigpoint-tuf-client", *map(str, words)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            _, self.said = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode

    def init(self, root=None):
        self.first_root.write_bytes(self.server.repository.metadata["1.root.json"] if root is None else root)
        return self.run("--metadata-dir", self.metadata, "init", self.first_root)

    def refresh(self):
        return self.run("--metadata-url", self.server.url("metadata"), "--metadata-dir", self.metadata, "refresh")

    def download(self, *names):
        wanted = [word for name in names for word in ("--target-name", name)]
        return self.run("--metadata-url", self.server.url("metadata"), "--metadata-dir", self.metadata, *wanted,
                        "--target-dir", self.targets, "--target-base-url", self.server.url("targets"), "download")

    def version(self, role):
        try:
            return json.loads((self.metadata / f"{escaped(role)}.json").read_text())["signed"]["version"]
        except FileNotFoundError:
            return None

    def trusted(self):
        return {path.name: path.read_bytes() for path in self.metadata.glob("*.json")}

    def shown(self):
        """The targets that are to be seen, as a glob sees them."""
        return {path.name: path.read_bytes() for path in self.targets.glob("**/*") if path.is_file()
                and not path.name.startswith(".")}


@pytest.fixture
def repository():
    return Repository()


@pytest.fixture
def server(repository):
    with tuf_server.Server(repository) as running:
        yield running


@pytest.fixture
def client(tmp_path, server):
    made = Client(tmp_path, server)
    assert made.init() == 0 and server.requests == []
    return made


def test_the_requests_and_what_is_kept(client, server, repository):
    assert client.refresh() == 0
    assert server.requests == ["metadata/2.root.json", "metadata/timestamp.json", "metadata/1.snapshot.json",
                               "metadata/1.targets.json"]
    kept = {"root.json": "1.root.json", "timestamp.json": "timestamp.json", "snapshot.json": "1.snapshot.json",
            "targets.json": "1.targets.json"}
    assert client.trusted() == {here: repository.metadata[there] for here, there in kept.items()}
    server.requests.clear()
    assert client.refresh() == 0
    assert server.requests == ["metadata/2.root.json", "metadata/timestamp.json"]


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("consistent", [True, False])
def test_keys_of_every_kind_and_names_with_and_without_versions(tmp_path, kind, consistent):
    repository = Repository(consistent, kind)
    with tuf_server.Server(repository) as server:
        client = Client(tmp_path, server)
        repository.add_target("targets", "dir/file.bin", b"octets", ("sha256", "sha512"))
        repository.release("targets")
        assert client.init() == 0
        assert client.download("dir/file.bin") == 0, client.said
        assert list(client.shown().values()) == [b"octets"]


@pytest.mark.parametrize("algorithms", [["sha256"], ["sha512"], ["sha256", "sha512"]])
def test_hashes_of_targets(client, server, repository, algorithms):
    repository.add_target("targets", "file", b"octets", algorithms)
    repository.release("targets")
    assert client.download("file") == 0
    assert client.shown() == {"file": b"octets"}
    assert client.download("file") == 0
    assert len([path for path in server.requests if path.startswith("targets/")]) == 1, "what is there is not fetched"


def test_a_hash_of_an_unknown_kind_is_not_accepted(client, repository):
    repository.add_target("targets", "file", b"octets")
    hashes = repository.says["targets"]["targets"]["file"]["hashes"]
    hashes["unknown-hash"] = hashes.pop("sha256")
    repository.release("targets")
    assert client.download("file") == 1
    assert client.shown() == {} and client.version("targets") == 2


def test_init_believes_only_a_root_that_is_signed_as_it_says(tmp_path, server, repository):
    root = json.loads(repository.metadata["1.root.json"])
    unsigned, unversioned = json.loads(json.dumps(root)), json.loads(json.dumps(root))
    unsigned["signatures"][0]["sig"] = "00" * 64
    del unversioned["signed"]["version"]
    for number, bad in enumerate((unsigned, unversioned, {})):
        client = Client(tmp_path / str(number), server)
        assert client.init(json.dumps(bad).encode()) == 1
        assert client.refresh() == 1
        (client.metadata / "root.json").write_text(json.dumps(bad))  # put there by somebody else
        assert client.refresh() == 1
    assert server.requests == []


def test_init_again_changes_nothing(client, repository):
    assert client.init() == 0
    repository.rotate_root()
    assert client.init(repository.metadata["2.root.json"]) == 1
    assert client.version("root") == 1


@pytest.mark.parametrize("words", [
    [], ["refresh"], ["--metadata-dir", "x"], ["--metadata-dir", "x", "refresh"], ["--metadata-dir", "x", "init"],
    ["--metadata-dir", "x", "--metadata-url", "https://127.0.0.1/", "refresh"], ["--what", "x", "refresh"],
    ["--metadata-dir", "x", "--metadata-url", "http://127.0.0.1/", "download"], ["--metadata-dir", "x", "update"],
    ["--metadata-dir"], ["--metadata-dir", "x", "init", "/nowhere/root.json"],
])
def test_what_cannot_be_done_exits_with_1(client, words):
    assert client.run(*words) == 1
    assert client.said


def test_roots_are_followed_one_by_one(client, server, repository):
    kinds = ["ecdsa", "rsa", "ed25519"]
    for kind in kinds:
        repository.rotate_root([Key(kind), Key(), Key(kind)], threshold=2)
    assert client.refresh() == 0, client.said
    assert server.requests[:4] == [f"metadata/{number}.root.json" for number in range(2, 6)]
    assert client.trusted()["root.json"] == repository.metadata["4.root.json"]


def test_a_root_that_the_old_keys_did_not_sign_is_refused(client, repository):
    repository.set_keys("root", [Key()])
    repository.publish_next("root")
    assert client.refresh() == 1
    assert client.version("root") == 1 and "2.root.json" in client.said


def test_freeze(client, repository):
    """Old files are served again and again until their time is over."""
    repository.says["timestamp"]["expires"] = in_days(-1)
    repository.publish("timestamp")
    (client.metadata / "timestamp.json").write_bytes(repository.metadata["timestamp.json"])  # accepted while it was good
    before = client.trusted()
    assert client.refresh() == 1
    assert client.trusted() == before and "expired" in client.said
    repository.says["timestamp"]["expires"] = in_days(1)
    repository.publish_next("timestamp")
    assert client.refresh() == 0


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_expired(client, repository, role):
    assert client.refresh() == 0
    before = client.trusted()
    repository.says[role]["expires"] = in_days(-1)
    repository.release("targets") if role != "root" else repository.publish_next("root")
    assert client.refresh() == 1 and "expired" in client.said
    kept = client.version(role)
    assert kept == (2 if role == "root" else 1)
    if role != "root":
        assert client.trusted()[f"{role}.json"] == before[f"{role}.json"]
    repository.says[role]["expires"] = in_days(1)
    repository.release("targets")
    repository.publish_next("root")
    assert client.refresh() == 0, client.said


def test_rollback_of_the_timestamp(client, repository):
    repository.publish_next("timestamp")
    assert client.refresh() == 0
    repository.says["timestamp"]["version"] = 1
    repository.publish("timestamp")
    assert client.refresh() == 1
    assert client.version("timestamp") == 2


@pytest.mark.parametrize("hashes", [True, False])
def test_rollback_of_the_snapshot_and_of_roles(client, repository, hashes):
    repository.hashes = hashes
    repository.delegate("targets", "role", ["*"])
    repository.release("role", "targets")
    assert client.refresh() == 0
    repository.says["snapshot"]["version"] = 1
    repository.publish("snapshot")
    repository.publish_next("timestamp")
    assert client.refresh() == 1 and client.version("timestamp") == 2
    repository.says["snapshot"]["version"] = 2
    repository.says["role"]["version"] = 1
    repository.publish("role")
    repository.release()
    assert client.refresh() == 1 and client.version("snapshot") == 2
    del repository.says["snapshot"]["meta"]["role.json"]
    repository.release()
    assert client.refresh() == 1 and client.version("snapshot") == 2


def test_fast_forward_recovery(client, repository):
    for role in ("targets", "snapshot", "timestamp"):
        repository.says[role]["version"] = 9_000_000_000
    repository.release("targets")
    assert client.refresh() == 0
    for role in ("targets", "snapshot", "timestamp"):
        repository.says[role]["version"] = 1
    for role in ("snapshot", "timestamp"):
        repository.set_keys(role, [Key()])
    repository.publish_next("root")
    repository.release("targets")
    assert client.refresh() == 0, client.said
    assert [client.version(role) for role in ("timestamp", "snapshot", "targets")] == [2, 2, 2]


def test_mix_and_match(client, server, repository):
    """Files of two releases, each good in its own."""
    repository.hashes = False  # so that versions alone say it
    repository.add_target("targets", "file", b"first")
    repository.release("targets")
    first = dict(repository.metadata)
    repository.add_target("targets", "file", b"second")
    repository.release("targets")
    server.faults["metadata/3.targets.json"] = tuf_server.says(first["2.targets.json"])
    assert client.refresh() == 1 and client.version("targets") is None
    server.faults = {"metadata/3.snapshot.json": tuf_server.says(first["2.snapshot.json"])}
    repository.release()
    server.faults["metadata/4.snapshot.json"] = tuf_server.says(repository.metadata["3.snapshot.json"])
    assert client.refresh() == 1
    server.faults.clear()
    assert client.download("file") == 0 and client.shown() == {"file": b"second"}


def test_metadata_with_another_hash(client, server, repository):
    octets = repository.metadata["1.targets.json"]
    server.faults["metadata/1.targets.json"] = tuf_server.says(octets[:-1] + b" ")
    assert client.refresh() == 1
    assert client.version("targets") is None
    server.faults.clear()
    assert client.refresh() == 0


@pytest.mark.parametrize("file", ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_endless_metadata(client, server, repository, file):
    repository.hashes = False
    server.faults[f"metadata/{file}"] = tuf_server.endless
    if file == "2.root.json":
        repository.publish_next("root")
    assert client.refresh() == 1
    assert file not in client.trusted() and "larger" in client.said
    server.faults.clear()
    assert client.refresh() == 0


def test_an_endless_target(client, server, repository):
    repository.add_target("targets", "file", b"octets" * 1000)
    repository.release("targets")
    path = f"targets/{sha256(b'octets' * 1000)}.file"
    server.faults[path] = tuf_server.endless
    assert client.download("file") == 1
    assert client.shown() == {}
    assert sum(entry.stat().st_size for entry in client.targets.iterdir()) <= 6000
    server.faults.clear()
    assert client.download("file") == 0
    assert client.shown() == {"file": b"octets" * 1000}


def test_slow_retrieval(tmp_path):
    """Whoever says nothing, or an octet now and then, is given up in good time; in the head of an answer too."""
    def attempt(number, file, fault):
        repository = Repository()
        repository.add_target("targets", "file", b"octets" * 1000)
        repository.release("targets")
        with tuf_server.Server(repository) as server:
            client = Client(tmp_path / str(number), server)
            assert client.init() == 0
            server.faults[file] = fault
            status = client.download("file")
            server.faults.clear()
            return status, client.said, client.download("file"), client.shown()

    octets = b"octets" * 1000
    cases = [(file, fault) for file in ("metadata/2.root.json", "metadata/timestamp.json", "metadata/2.targets.json",
                                        f"targets/{sha256(octets)}.file")
             for fault in (tuf_server.silent, tuf_server.dripping, tuf_server.trickling_head)]
    cases.remove(("metadata/2.root.json", tuf_server.dripping))  # there is no such file to drip
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        attempts = [pool.submit(attempt, number, *case) for number, case in enumerate(cases)]
        for case, done in zip(cases, attempts):
            status, said, retry, shown = done.result()
            assert (status, retry, shown) == (1, 0, {"file": octets}), case
            assert "too slow" in said, case


def test_the_head_of_an_answer_has_a_limit(client, server):
    server.faults["metadata/timestamp.json"] = tuf_server.with_head(40 * 1024)
    assert client.refresh() == 1 and client.version("timestamp") is None
    server.faults["metadata/timestamp.json"] = tuf_server.with_head(15 * 1024)
    assert client.refresh() == 0, client.said


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_only_404_and_403_say_that_there_is_no_newer_root(client, server, status):
    server.faults["metadata/2.root.json"] = tuf_server.says(b"<html>Sorry.</html>", status)
    assert client.refresh() == (0 if status in (403, 404) else 1)
    server.faults = {"metadata/timestamp.json": tuf_server.says(b"<html>Sorry.</html>", status)}
    assert client.refresh() == 1


def test_a_wrong_target_is_never_seen(client, server, repository):
    repository.add_target("targets", "file", b"good octets")
    repository.add_target("targets", "other", b"other octets")
    repository.release("targets")
    path = f"targets/{sha256(b'good octets')}.file"
    for bad in (b"evil octets", b"evil", b"evil octets and more"):
        server.faults[path] = tuf_server.says(bad)
        assert client.download("file") == 1
        assert client.download("file", "other") == 1, "the first that fails ends it"
        assert client.shown() == {}
        server.faults.clear()
        assert client.download("file", "other") == 0, client.said
        assert client.shown() == {"file": b"good octets", "other": b"other octets"}
        for entry in client.targets.iterdir():
            entry.unlink()


def test_a_target_is_replaced_in_its_place(client, repository):
    for content in (b"first", b"second, and longer", b"third"):
        repository.add_target("targets", "dir/file", content)
        repository.release("targets")
        assert client.download("dir/file") == 0
        assert list(client.shown().values()) == [content]
    [path] = [path for path in client.targets.iterdir() if not path.name.startswith(".")]
    path.write_bytes(b"spoilt")
    assert client.download("dir/file") == 0
    assert list(client.shown().values()) == [b"third"]


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_target_is_gone_on_with(client, server, repository, ranges):
    octets = bytes(range(256)) * 400
    repository.add_target("targets", "file", octets)
    repository.release("targets")
    path = f"targets/{sha256(octets)}.file"
    server.faults[path] = tuf_server.cut_after(60_000)
    assert client.download("file") == 1
    assert client.shown() == {}
    served = []

    def rest(handler, content):
        served.append(handler.headers.get("Range"))
        handler.serve(content)
    server.faults[path], server.ranges = rest, ranges
    assert client.download("file") == 0, client.said
    assert served == ["bytes=60000-"] and client.shown() == {"file": octets}


def test_names_of_roles_and_targets_stay_in_their_folders(client, server, repository):
    for number, role in enumerate(["?", "#", "/delegatedrole", "../delegatedrole", "a b"]):
        repository.delegate("targets", role, [f"{number}/*", "../*"])
        repository.add_target(role, f"{number}/a%20b c?.bin", role.encode())
        repository.publish_next(role)
    repository.add_target("targets", "../../escape", b"escaped")
    repository.release("targets")
    in_a_url = str.maketrans({" ": "%20", "?": "%3F"})  # what cannot stand in a path; the rest is not escaped again
    everything = {f"targets/{name.translate(in_a_url)}": octets for name, octets in repository.targets.items()}
    server.find = lambda path: everything.get(path, repository.metadata.get(path.removeprefix("metadata/")))
    for number in range(5):
        assert client.download(f"{number}/a%20b c?.bin") == 0, client.said
    for role in ("?", "#", "/delegatedrole", "../delegatedrole", "a b"):
        assert f"metadata/2.{escaped(role)}.json" in server.requests
    assert len(client.trusted()) == 9
    everything["targets/../../" + sha256(b"escaped") + ".escape"] = b"escaped"
    assert client.download("../../escape") == 0, client.said
    assert len(client.shown()) == 6


def test_delegations(client, server, repository):
    repository.delegate("targets", "A", ["*"])
    repository.delegate("targets", "B", ["*"])
    repository.delegate("A", "C", ["x*"], terminating=True)
    repository.add_target("C", "x1", b"by C")
    repository.add_target("B", "x2", b"by B")
    repository.add_target("B", "y", b"by B")
    repository.release("A", "B", "C", "targets")
    assert client.download("x1") == 0
    assert client.download("x2") == 1, "C has the last word on it"
    assert client.download("y") == 0
    assert client.shown() == {"x1": b"by C", "y": b"by B"}
    assert [path for path in server.requests if path.split(".")[1] in "ABC"] == [
        "metadata/2.A.json", "metadata/2.C.json", "metadata/2.B.json"]


def test_a_kill_at_any_request_leaves_a_state_from_which_a_retry_does_it(tmp_path):
    """Two root rotations, new keys of the timestamp, a release, a delegation, a target: killed at each request in turn."""
    killed = 0
    for which in range(1, 100):
        repository = Repository()
        with tuf_server.Server(repository) as server:
            client = Client(tmp_path / str(which), server)
            assert client.init() == 0 and client.refresh() == 0
            repository.rotate_root()
            repository.set_keys("timestamp", [Key()])
            repository.rotate_root([Key("ecdsa")])
            repository.delegate("targets", "role", ["firmware/*"])
            repository.add_target("role", "firmware/new", b"new octets")
            repository.release("role", "targets")
            server.requests.clear()

            def kill(_):
                if len(server.requests) == which:
                    client.process.kill()
            server.on_request = kill
            status = client.download("firmware/new")
            reached = len(server.requests) >= which
            server.on_request = None
            if not reached:
                assert status == 0
                break
            killed += 1
            assert status < 0 and client.shown() == {}
            assert client.download("firmware/new") == 0, (which, client.said)
            assert list(client.shown().values()) == [b"new octets"]
            assert client.version("root") == 3 and client.version("role") == 2
    assert killed == 8  # 2, 3, 4.root, timestamp, snapshot, targets, role, and the target
    print(f"killed and recovered: {killed} of {killed}")
