"""A list of anchors from the officers' hands to everybody: published through a running platform, shown, replaced."""
import json

import pytest

from tests.lab.signing import Officer, prepare, publishable
from tests.integration.up import Up, run_command

FAILED, USAGE, REFUSED = 1, 2, 4
ONE = '[[anchor]]\nname = "a.example.net"\naddresses = ["192.0.2.1"]\n'
TWO = ONE + 'country = "NL"\nasn_v4 = 64500\n\n[[anchor]]\nname = "b.example.net"\naddresses = ["2001:db8::2"]\n'


@pytest.fixture(scope="module")
def officers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("officers")
    return [Officer(folder, name) for name in ("ann", "bob", "eve")]


@pytest.fixture(scope="module")
def platform(officers):
    keys = [word for each in officers for word in ("--trust-key", each.public)]
    with Up([*keys, "--trust-threshold", "2"]) as up:
        yield up.start()


def publish(platform, file, key=None):
    return run_command("anchors", "publish", file, env={"TRIGPOINT_API": platform.url, "TRIGPOINT_KEY": key or platform.key})


def test_a_list_is_published_shown_and_replaced(platform, officers, tmp_path):
    ann, bob, eve = officers
    fetch = ["measure", "http", "a.example.net", "--probes", 1]
    assert "(no list is published)" in platform.run("anchors", "list")
    platform.run(*fetch, expect=FAILED)

    assert platform.run("anchors", "publish", publishable(tmp_path, [ann, bob], TWO, 3)).startswith(
        "published: version 3, good until 20")
    shown = platform.run("anchors", "list")
    assert "a.example.net" in shown and "2001:db8::2" in shown and "(version 3, good until 20" in shown
    first, second = json.loads(platform.run("anchors", "list", "--json"))["results"]
    assert (first["fqdn"], first["country"], first["as_v4"], first["ports"]) == ("a.example.net", "NL", 64500, [80, 443])
    assert "b.example.net" not in platform.run("anchors", "list", "--country", "NL")
    platform.run(*fetch)

    published = platform.run("anchors", "publish", publishable(tmp_path, [eve, ann], ONE.replace("a.", "c."), 4), "--json")
    assert json.loads(published)["version"] == 4
    assert [one["fqdn"] for one in json.loads(platform.run("anchors", "list", "--json"))["results"]] == ["c.example.net"]
    platform.run(*fetch, expect=FAILED)
    assert platform.said(r"info api: anchors, version 4: published by account \d+")


def test_what_is_not_to_be_published_is_told(platform, officers, tmp_path):
    ann, bob, _ = officers
    good = publishable(tmp_path, [ann, bob], ONE, 100)
    stranger = Officer(tmp_path, "stranger")
    alone = stranger.sign(ann.sign(prepare(tmp_path, ONE, 101)))
    older = publishable(tmp_path, [ann, bob], ONE, 99)
    forged = tmp_path / "forged"
    forged.write_bytes(good.read_bytes().replace(b"192.0.2.1", b"192.0.2.9"))
    assert publish(platform, good).returncode == 0
    for file, why in ((alone, "not trusted: it needs good signatures of 2"), (older, "Version 100 is published"),
                      (good, "Version 100 is published"), (forged, "a signature in the name of a trusted key is wrong"),
                      (ann.file, "no signed document"), (tmp_path / "none", "No such file")):
        done = publish(platform, file)
        assert done.returncode == FAILED and why in done.stderr, (file, done.stderr)
    assert [one["ip_v4"] for one in json.loads(platform.run("anchors", "list", "--json"))["results"]] == ["192.0.2.1"]


def test_only_operators_publish(platform, officers, tmp_path):
    file = publishable(tmp_path, officers[:2], ONE, 1000)
    narrow = platform.run("key", "create", "--scopes", "keys.list_keys").strip()
    assert publish(platform, file, narrow).returncode == REFUSED
    assert publish(platform, file, "00000000-0000-0000-0000-000000000000").returncode == REFUSED


def test_a_platform_that_trusts_nobody_publishes_nothing(officers, tmp_path):
    with Up() as up:
        up.start()
        done = publish(up, publishable(tmp_path, officers[:2], ONE, 1))
        assert done.returncode == FAILED
        assert 'name them in the section "trust"' in done.stderr


def test_keys_in_the_settings_count_as_those_of_the_command_line(officers, tmp_path):
    with Up(settings={"trust.keys": [each.public for each in officers], "trust.threshold": 1}) as up:
        up.start()
        assert publish(up, officers[0].sign(prepare(tmp_path, ONE, 1))).returncode == 0


@pytest.mark.parametrize("words, text", [
    (["--trust-key", "ed25519:00"], "64 hexadecimal digits"),
    (["--trust-key", "ed25519:" + 64 * "0", "--trust-threshold", "2"], "--trust-threshold is more than there are keys"),
    (["--trust-key", "ed25519:" + 64 * "0", "ed25519:" + 64 * "0"], "--trust-key names a key twice"),
    (["--trust-threshold", "2"], "--trust-key"),
])
def test_trust_that_cannot_be_is_explained(words, text, tmp_path):
    done = run_command("up", "--data", tmp_path / "data", *words)
    assert done.returncode == USAGE and text in done.stderr + done.stdout
