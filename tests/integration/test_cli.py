"""The command line against a real platform without probes: what it prints, and how it ends."""
import json
import subprocess

import pytest

from tests.integration.up import Up, free_ports, run_command, wait_for

OK, FAILED, USAGE, UNREACHABLE, REFUSED = range(5)


@pytest.fixture(scope="module")
def platform():
    with Up() as up:
        yield up.start()


@pytest.fixture
def public_key(tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tmp_path / "key"], check=True, timeout=60)
    return (tmp_path / "key.pub").read_text().strip()


@pytest.mark.parametrize("words", [
    [], ["up"], ["measure"], ["measure", "ping"], ["measure", "traceroute"], ["measure", "dns"], ["results"], ["measurement"], ["measurement", "list"], ["probe"],
    ["probe", "add"], ["probe", "claim"], ["probe", "tag"], ["anchors"], ["anchors", "publish"], ["firmware", "prune"], ["key"], ["key", "create"], ["controller", "list"],
    ["status"]])
def test_help_tells_the_exit_codes(words):
    done = run_command(*words, "--help")
    assert done.returncode == OK
    assert f"Usage: {' '.join(['trigpoint', *words])}" in done.stdout
    for line in ("Exit codes: 0 well", "3 the API cannot be reached", "4 refused"):
        assert line in done.stdout


@pytest.mark.parametrize("words, text", [
    ([], "subcommand is required"),
    (["nonsense"], "nonsense"),
    (["probe"], "subcommand is required"),
    (["probe", "nonsense"], "nonsense"),
    (["measure", "ping"], "target is required"),
    (["measure", "ping", "192.0.2.1", "--af", "7"], "--af"),
    (["measure", "ping", "192.0.2.1", "--country", "NL", "--asn", "1"], "only one of"),
    (["measure", "ping", "192.0.2.1", "--packets", "many"], "packets"),
    (["measure", "traceroute", "192.0.2.1", "--protocol", "sctp"], "protocol"),
    (["measure", "dns"], "name is required"),
    (["measure", "dns", "192.0.2.1", "--type", "PTR"], "in-addr.arpa"),
    (["results", "x"], "measurement"),
    (["results", "1000001", "--since", "yesterday"], "yesterday"),
    (["probe", "add"], "--key is required"),
    (["anchors", "publish"], "file is required"),
    (["firmware", "prune", "--hours", "0"], "hours"),
    (["probe", "list", "--limit", "501"], "limit"),
    (["--api", "localhost", "status"], "localhost"),
])
def test_wrong_use_is_explained_and_ends_with_2(words, text):
    done = run_command(*words)
    assert done.returncode == USAGE
    assert text in done.stderr + done.stdout


def test_nobody_there_ends_with_3():
    done = run_command("status", env={"TRIGPOINT_API": f"http://127.0.0.1:{free_ports(1)[0]}"})
    assert done.returncode == UNREACHABLE
    assert "cannot be reached" in done.stderr and "--api" in done.stderr


def test_status_counts(platform):
    assert json.loads(platform.run("status", "--json"))["probes_connected"] == 0
    assert "0 probes connected" in platform.run("status")


def test_a_wrong_key_is_refused_with_4(platform):
    for words in (["probe", "claim"], ["key", "list"], ["measure", "ping", "192.0.2.1"]):
        platform.run(*words, key="00000000-0000-0000-0000-000000000000", expect=REFUSED)


def test_the_login_file_is_used_only_if_it_is_secret(platform, tmp_path):
    folder = tmp_path / "trigpoint"
    folder.mkdir()
    file = folder / "cli.toml"
    file.write_text(f'api = "{platform.url}"\nkey = "{platform.key}"\n')
    file.chmod(0o600)
    assert run_command("key", "list", env={"XDG_CONFIG_HOME": str(tmp_path)}).returncode == OK
    file.chmod(0o644)
    done = run_command("key", "list", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert done.returncode == USAGE
    assert "chmod 600" in done.stderr


def test_https_needs_trust_in_the_certificate(platform):
    url = f"https://127.0.0.1:{platform.ports[2]}"
    done = run_command("status", "--api", url)
    assert done.returncode == UNREACHABLE
    assert "certificate" in done.stderr
    certificate = next(path for path in (platform.data / "tls").iterdir()
                       if "BEGIN CERTIFICATE" in path.read_text())
    assert run_command("status", "--api", url, "--ca", certificate).returncode == OK


def test_keys_are_made_used_and_disabled(platform):
    made = json.loads(platform.run("key", "create", "--label", "for the test", "--json"))
    assert "for the test" in platform.run("key", "list", key=made["key"])
    narrow = platform.run("key", "create", "--scopes", "keys.list_keys").strip()
    platform.run("key", "list", key=narrow)
    platform.run("probe", "claim", key=narrow, expect=REFUSED)
    platform.run("key", "disable", made["id"])
    platform.run("key", "list", key=made["key"], expect=REFUSED)
    platform.run("key", "disable", "00000000-0000-0000-0000-000000000000", expect=FAILED)


def test_probes_are_added_shown_and_revoked(platform, public_key):
    number = json.loads(platform.run("probe", "add", "--key", public_key, "--description", "of the test", "--json"))["id"]
    assert platform.run("probe", "show", number).startswith("field")
    assert "of the test" in platform.run("probe", "list")
    platform.run("probe", "add", "--key", public_key, expect=FAILED)
    platform.run("probe", "add", "--key", "ssh-rsa AAAA", expect=FAILED)
    platform.run("probe", "revoke", number, "--reason", "the end of the test")
    platform.run("probe", "show", 999_999, expect=FAILED)


def test_a_claim_code_is_short_enough_to_type(platform):
    code = platform.run("probe", "claim", "--lifetime", 600).strip()
    assert 16 <= len(code) <= 24
    assert json.loads(platform.run("probe", "claim", "--json"))["code"] != code


def test_measurements_are_created_listed_and_stopped(platform):
    number = platform.run("measure", "ping", "192.0.2.1", "--interval", 60, "--packets", 1, "--description", "mine").strip()
    shown = json.loads(platform.run("measurement", "show", number, "--json"))
    assert (shown["packets"], shown["interval"], shown["description"]) == (1, 60, "mine")
    assert number in platform.run("measurement", "list")
    assert "192.0.2.1" in platform.run("measurement", "list", "--mine", "--search", "192.0.2.1")
    platform.run("results", number, expect=FAILED)
    assert platform.run("results", number, "--json", expect=FAILED) == "[]\n"
    platform.run("measurement", "stop", number)
    ended = lambda: json.loads(platform.run("measurement", "show", number, "--json"))["status"]["id"] >= 4
    wait_for(ended, "it is stopped")


def test_errors_of_the_api_name_the_option(platform):
    done = run_command("measure", "ping", "192.0.2.1", "--packets", 99,
                       env={"TRIGPOINT_API": platform.url, "TRIGPOINT_KEY": platform.key})
    assert done.returncode == FAILED
    assert done.stderr.startswith("trigpoint: packets: ")


def test_watching_without_probes_says_so(platform):
    done = run_command("measure", "ping", "192.0.2.1", "--watch", "--wait", 1,
                       env={"TRIGPOINT_API": platform.url, "TRIGPOINT_KEY": platform.key})
    assert done.returncode == FAILED
    assert "0 probes answered" in done.stdout
    assert "No suitable probes" in done.stderr
