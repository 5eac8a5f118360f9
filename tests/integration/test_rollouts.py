"""Rollouts as operators lead them, over the command line, with the whole platform and an officer's repository. The fleet is
rows that say what probes report: what probes do with an instruction is tested where they are.
"""
import json
import os
import subprocess
import urllib.request

import pytest

from tests.integration.up import COMMAND_LIMIT, Up, wait_for
from tests.lab.network import programs_folder
from tests.support.signed_releases import SignedReleases

MODEL = "bench"
FLEET = 40


class Fleet:
    def __init__(self, up, releases):
        self.up, self.releases = up, releases
        self.key = (up.data / "admin.key").read_text().strip()
        self.first = self.key
        self.query("insert into probe (key, owner_id, trust) select 'key ' || i, 1, 'active' "
                   f"from generate_series(1, {FLEET}) i")
        self.reset()

    def reset(self):
        """All run release 1, and are in session."""
        self.query("update probe set session = 1")
        self.report("true", 1)

    def query(self, sql):
        database = f"host={self.up.data}/socket port=5432 dbname=trigpoint user=tp_migrate"
        done = subprocess.run(["psql", "-At", "-c", sql, database], check=True, capture_output=True, text=True,
                              timeout=COMMAND_LIMIT)
        return done.stdout.strip()

    def report(self, which, release, failed=0):
        """Those that meet an SQL condition run this release, committed."""
        self.query("insert into firmware_state select id, "
                   f"'{MODEL}', {release}, '', 2, 0, 0, {failed}, '{'ended' if failed else ''}', '', 0, '0.1.0' from probe "
                   f"where {which} on conflict (probe_id) do update set release = excluded.release, "
                   "failed_release = excluded.failed_release, cause = excluded.cause")

    def publish(self, release):
        path = self.releases.add(MODEL, release)
        for statement in self.releases.statements():
            self.query(statement)
        return path

    def run(self, *arguments, code=0):
        environment = {**os.environ, "TRIGPOINT_API": self.up.url, "TRIGPOINT_KEY": self.key}
        done = subprocess.run([programs_folder() / "trigpoint", "rollout", *map(str, arguments)], env=environment,
                              capture_output=True, text=True, timeout=COMMAND_LIMIT)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def create(self, *arguments):
        return json.loads(self.run("create", *arguments, "--reason", "a test", "--json"))["id"]

    def shown(self, rollout):
        return json.loads(self.run("show", rollout, "--json"))

    def wait_phase(self, rollout, *phases):
        wait_for(lambda: self.shown(rollout)["phase"] in phases, f"rollout {rollout} is {phases}")

    def told(self, rollout):
        """How many have an instruction of this rollout."""
        return int(self.query(f"select count(*) from firmware_instruction where rollout_id = {rollout}"))

    def approve(self, rollout):
        """By two persons: waves for so small a fleet are larger than one alone may approve."""
        self.run("approve", rollout)
        self.key = self.second_person()
        self.run("approve", rollout)
        self.key = self.first

    def second_person(self):
        email = f"second{self.query('select count(*) from account')}@example.net"
        request = urllib.request.Request(self.up.url + "/api/v2/accounts/", method="POST",
                                         data=json.dumps({"email": email, "role": "operator"}).encode(),
                                         headers={"Authorization": f"Key {self.first}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=COMMAND_LIMIT) as answer:
            return json.loads(answer.read())["key"]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    releases = SignedReleases(tmp_path_factory.mktemp("releases"))
    for file in (releases.key, releases.root):
        os.chmod(file, 0o600)
    with Up(settings={"director.key": str(releases.key), "director.root": str(releases.root)}) as up:
        yield Fleet(up.start(), releases)


def test_a_lazy_rollout_goes_from_wave_to_wave_when_probes_do_well(fleet):
    fleet.reset()
    path = fleet.publish(2)
    rollout = fleet.create(path, "--waves", "10%,100%", "--soak", 1)
    fleet.wait_phase(rollout, "waiting")
    assert fleet.told(rollout) == 0
    fleet.approve(rollout)
    wait_for(lambda: fleet.told(rollout) == FLEET // 10, "the first wave was told")

    def all_are_told():
        """In steps, each when those before did well."""
        fleet.report("id in (select probe_id from firmware_instruction)", 2)
        return fleet.told(rollout) == FLEET
    wait_for(all_are_told, "all were told")
    fleet.report("true", 2)
    assert "complete" in fleet.run("show", rollout, "--follow").splitlines()[-1]
    assert f"{FLEET} done" in fleet.run("show", rollout, "--follow")


def test_a_forced_one_needs_two_persons_and_halts_when_probes_go_back(fleet):
    fleet.reset()
    path = fleet.publish(3)
    rollout = fleet.create(path, "--forced", "--waves", "100%")
    fleet.wait_phase(rollout, "waiting")
    fleet.run("approve", rollout)
    assert "approved it before" in fleet.run("approve", rollout, code=1)
    assert fleet.shown(rollout)["phase"] == "waiting"
    fleet.key = fleet.second_person()
    fleet.run("approve", rollout)
    fleet.key = fleet.first
    wait_for(lambda: fleet.told(rollout) == FLEET, "all were told")
    fleet.report("id % 10 = 0", 1, failed=3)
    fleet.wait_phase(rollout, "halted")
    shown = fleet.shown(rollout)
    assert "went back" in shown["because"]
    wait_for(lambda: fleet.shown(rollout)["probes"]["withdrawn"] == FLEET - FLEET // 10, "the others were told to halt")
    assert {each["because"] for each in shown["troubles"]} == {"ended"}


def test_an_operator_pauses_resumes_and_halts(fleet):
    fleet.reset()
    rollout = fleet.create(fleet.publish(4), "--waves", "10%,100%")
    fleet.wait_phase(rollout, "waiting")
    fleet.approve(rollout)
    fleet.wait_phase(rollout, "running")
    fleet.run("pause", rollout, "--reason", "lunch")
    fleet.wait_phase(rollout, "paused")
    fleet.run("resume", rollout)
    fleet.wait_phase(rollout, "running", "soaking")
    fleet.run("halt", rollout, "--reason", "a better one comes")
    fleet.wait_phase(rollout, "halted")
    assert fleet.shown(rollout)["because"] == "a better one comes"
    assert "halted" in fleet.run("list")


def test_what_no_officer_signed_stays_a_draft(fleet):
    rollout = fleet.create("bench/stable/nothing")
    wait_for(lambda: fleet.shown(rollout)["because"], "it says why")
    assert fleet.shown(rollout)["phase"] == "draft"
    fleet.run("approve", rollout, code=1)
