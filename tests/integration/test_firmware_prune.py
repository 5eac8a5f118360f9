"""An operator removes what nobody can ask for any more of a published repository, and clients still update: from the newest
publication, from an old one, and from the first root."""
import subprocess
import types

import pytest

from tests.integration.test_firmware_relay import ABSENT, Session, current_files_of, fields, first_controller
from tests.integration.test_ssh_interop import Client as SshClient
from tests.integration.test_ssh_interop import hello
from tests.integration.test_tuf import Client
from tests.integration.up import COMMAND_LIMIT, Up, wait_for
from tests.lab.release_signing import Ceremony
from tests.support import tuf_server

STABLE = "deb-amd64/stable"


class Relayed:
    """A part of the repository, as a controller gives it to a probe."""

    def __init__(self, session, part):
        self.session, self.part = session, part

    def get(self, name):
        found = self.session.fetch(f"{self.part}/{name}")
        return None if found == ABSENT else found


@pytest.fixture
def up():
    with Up() as platform:
        yield platform.start()


@pytest.fixture
def session(up, tmp_path):
    (tmp_path / "probe").mkdir()
    client = SshClient(up, tmp_path / "probe")
    up.run("probe", "add", "--key", (tmp_path / "probe" / "key.pub").read_text())
    [answer], _ = client.say(hello(1, 3))
    with Session(client, first_controller(up), fields(fields(answer)[1])[2]) as made:
        yield made


@pytest.fixture
def server(session):
    with tuf_server.Server(types.SimpleNamespace(metadata=Relayed(session, "metadata"),
                                                 targets=Relayed(session, "targets"))) as running:
        yield running


@pytest.fixture
def ceremony(tmp_path):
    (tmp_path / "officers").mkdir()
    made = Ceremony(tmp_path / "officers")
    made.found("ann", "bob")
    return made


def new_client(folder, server, ceremony):
    client = Client(folder, server)
    assert client.init((ceremony.repository / "metadata" / "1.root.json").read_bytes()) == 0, client.said
    return client


def replace(ceremony, number):
    """Another root, and a release in the place of the one before it."""
    ceremony.publish(ceremony.sign(ceremony.prepare("root"), "ann", "bob"))
    draft, image, sbom = ceremony.release(number, "--drop", f"probe_{number - 1}.deb")
    ceremony.publish(ceremony.sign(draft, "ann", "bob"), add=(image, sbom))


def query(up, sql):
    database = f"host={up.data}/socket port=5432 dbname=trigpoint user=tp_migrate"
    done = subprocess.run(["psql", "-At", "-c", sql, database], check=True, capture_output=True, text=True, timeout=COMMAND_LIMIT)
    return done.stdout.split()


def eight_days_pass(up):
    query(up, "update firmware_file set stored_at = stored_at - interval '8 days'")
    query(up, "update firmware_replaced set replaced_at = replaced_at - interval '8 days'")


def there(up):
    return set(query(up, "select path from firmware_file where stored_at is not null"))


def publish(up, ceremony, session):
    up.run("firmware", "publish", ceremony.repository)
    timestamp = (ceremony.repository / "metadata" / "timestamp.json").read_bytes()
    wait_for(lambda: session.fetch("metadata/timestamp.json") == timestamp, "controllers hear of it")


def test_clients_update_after_three_publications_and_a_removal(up, session, server, ceremony, tmp_path):
    publish(up, ceremony, session)
    old = new_client(tmp_path / "old", server, ceremony)
    assert old.download(f"{STABLE}/probe_1.deb") == 0, old.said
    for number in (2, 3):
        replace(ceremony, number)
        publish(up, ceremony, session)
    before, current = there(up), set(current_files_of(ceremony.repository))
    assert {f"metadata/{number}.root.json" for number in (1, 2, 3)} <= current
    assert current < before

    up.run("firmware", "prune")
    assert there(up) == before, "clients may be on their way through it"
    eight_days_pass(up)
    said = up.run("firmware", "prune", "--dry-run").splitlines()
    assert {line.split()[0] for line in said[1:-2]} == before - current
    assert said[-2].startswith(f"would be removed: {len(before - current)} files, ")
    assert there(up) == before
    said = up.run("firmware", "prune").splitlines()
    assert said[-2].startswith(f"removed: {len(before - current)} files, ")
    assert said[-1].startswith(f"kept: {len(current)} files, ")
    assert there(up) == current
    assert up.said(r"the signed repository: \d+ files of \d+ octets that nobody needs removed by account 1")

    gone = sorted(before - current)[0]
    wait_for(lambda: session.fetch(gone) == ABSENT, "controllers hear of it")
    fresh = new_client(tmp_path / "fresh", server, ceremony)
    for client in (old, fresh):
        assert client.download(f"{STABLE}/probe_3.deb") == 0, client.said
        assert (client.version("root"), client.version("timestamp")) == (3, old.version("timestamp"))

    # What is in the officers' folder still does not come back.
    assert up.run("firmware", "publish", ceremony.repository) == f"everything is there already, {len(current)} files\n"
    replace(ceremony, 4)
    publish(up, ceremony, session)
    assert old.download(f"{STABLE}/probe_4.deb") == 0, old.said
    assert f"metadata/{old.version('snapshot')}.snapshot.json" in there(up) - current


def test_what_was_pruned_just_before_it_was_named_again_is_published_again(up, ceremony):
    up.run("firmware", "publish", ceremony.repository)
    replace(ceremony, 2)
    again = next(path for path in current_files_of(ceremony.repository) if path.endswith(".targets.json") and path in there(up))
    query(up, f"""create function prune_now() returns trigger language plpgsql security definer as $$
                  begin delete from firmware_file where path = '{again}'; return null; end $$;
                  create trigger prune_now after update of stored_at on firmware_file for each row
                  when (new.path = 'metadata/timestamp.json') execute function prune_now()""")
    assert f"published {again}" in up.run("firmware", "publish", ceremony.repository).splitlines()
    assert again in there(up)


def test_a_folder_that_no_probe_would_take_is_not_published(up, ceremony):
    (ceremony.repository / "metadata" / "1.targets.json").write_text("{}")
    said = up.run("firmware", "publish", ceremony.repository, expect=1)
    assert said == "" and there(up) == set()
