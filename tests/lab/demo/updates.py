"""Other programs for the probes: three releases that officers sign, each as a rollout of its own. A lazy one and a forced one
succeed, a bad one is gone back from and halted; a ping goes on meanwhile, and nothing of it is lost."""
import json
import time

from tests.lab.demo.output import say
from tests.lab.platform import wait_for
from tests.lab.release_signing import Ceremony
from tests.lab.signing import run_sign
from tests.lab.supervised import MODEL, write_broken_release, write_release

CHANNEL = "stable"
FIRST, LAZY, FORCED, BAD = 16, 17, 18, 19
OFFICERS = "ann", "bob"
WAVES = "50%,100%"
LIMIT = 180.0  # seconds for one rollout


class Releases:
    """The officers' repository, and the director's key, which officers list for the probes."""

    def __init__(self, lab):
        self.folder = lab.data / "releases"
        self.folder.mkdir()
        self.director = self.folder / "director"
        public = run_sign("key", "new", self.director).strip()
        self.ceremony = Ceremony(self.folder)
        self.ceremony.channels = {(MODEL, CHANNEL): (list(self.ceremony.holders["root"]), 2)}
        self.ceremony.control = list(self.ceremony.holders["root"]), 2
        self._publish(self.ceremony.prepare("root"), self.ceremony.prepare("targets"))
        draft, contents = self.ceremony.control_draft({"director": f"key {public}\n"})
        signed = self.ceremony.sign(draft, *OFFICERS, contents=contents)
        self.ceremony.publish(signed, add=[contents / "director"])
        root = self.ceremony.repository / "metadata/1.root.json"
        self.platform_settings = {"director.key": str(self.director), "director.root": str(root)}
        self.probe_settings = {"updates.root": str(root), "updates.jitter": 0}

    def add(self, number, program):
        """Signs and publishes a release; its path."""
        draft, image, sbom = self.ceremony.release(number, model=MODEL, channel=CHANNEL, content=program.read_bytes())
        self.ceremony.publish(self.ceremony.sign(draft, *OFFICERS), add=(image, sbom))
        return f"{MODEL}/{CHANNEL}/{image.name}"

    def _publish(self, *drafts):
        self.ceremony.publish(*[self.ceremony.sign(draft, *OFFICERS) for draft in drafts])


class Operators:
    """Two persons: a forced rollout needs both, and a lazy one whose first wave is half of the fleet."""

    def __init__(self, platform):
        self.platform = platform
        second = platform.api.post("/api/v2/accounts/", {"email": "second@example.net", "role": "operator"})
        self.keys = platform.key, second["key"]
        self.newest = 0

    def begin(self, path, forced, reason):
        """Creates and approves a rollout; its number."""
        how = ["--forced"] if forced else []
        made = self.platform.run("rollout", "create", path, *how, "--waves", WAVES, "--soak", "1", "--reason", reason, "--json")
        number = json.loads(made)["id"]
        wait_for(lambda: self.shown(number)["phase"] == "waiting", LIMIT, "the rollout waits for its approval")
        for key in self.keys:
            self.platform.run("rollout", "approve", str(number), key=key)
        self.newest = number
        return number

    def shown(self, number):
        return json.loads(self.platform.run("rollout", "show", str(number), "--json"))

    def wait(self, number, phase):
        """Until it has ended, with a line for each change; a sentence if not in this phase."""
        last = None

        def ended():
            nonlocal last
            page = self.shown(number)
            line = ", ".join(f"{count} {stage}" for stage, count in page["probes"].items()
                             if count and stage != "probes")
            if line and line != last:
                say(f"  {page['phase']:<9} {line}")
            last = line
            return page if page["phase"] in ("complete", "halted") else None
        page = wait_for(ended, LIMIT, f"rollout {number} ends")
        if page["because"]:
            say(f"  {page['because']}")
        return [] if page["phase"] == phase else [f"rollout {number} is {page['phase']}, not {phase}"]


def supervised(platform):
    return [probe for probe in platform.probes.values() if hasattr(probe, "slots")]


def runs(probe):
    """The release that the probe runs, if it has been committed."""
    lines = [line for line in probe.standing().splitlines() if "<- active" in line and "committed" in line]
    return int(lines[0].split("release ")[1].split(",")[0]) if lines else None


def start_ping(platform):
    """One a second from every probe that will be updated."""
    probes = supervised(platform)
    return platform.api.post("/api/v2/measurements/", {
        "definitions": [{"type": "ping", "af": 4, "target": platform.lab.targets["near"].v4, "description": "during updates",
                         "packets": 1, "interval": 1}],
        "probes": [{"type": "probes", "value": ",".join(str(one.number) for one in probes), "requested": len(probes)}],
    })["measurements"][0]


def newest_of(platform, measurement):
    """{probe's number: when its newest result was taken}"""
    out = {}
    for result in platform.api.get(f"/api/v2/measurements/{measurement}/results/"):
        out[result["prb_id"]] = max(out.get(result["prb_id"], 0), result["timestamp"])
    return out


def check_measuring(platform, measurement):
    """Until every probe has measured after now."""
    now = time.time()
    wanted = {probe.number for probe in supervised(platform)}
    wait_for(lambda: {number for number, at in newest_of(platform, measurement).items() if at > now} == wanted, LIMIT,
             "all updated probes measure on")


def roll_out(platform, releases, operators, number, program, forced, expected):
    say(f"\nRelease {number}, {'forced' if forced else 'lazy'}, signed by {' and '.join(OFFICERS)}; "
        "approved by two operators:")
    path = releases.add(number, program)
    platform.run("firmware", "publish", releases.ceremony.repository)
    rollout = operators.begin(path, forced, f"release {number}")
    return operators.wait(rollout, expected)


def check_runs(platform, release):
    """Until every probe runs that; a wave may be through before its last probe has committed."""
    probes = supervised(platform)
    wait_for(lambda: all(runs(probe) == release for probe in probes), LIMIT, f"all run release {release}")
    say(f"  all {len(probes)} run release {release}")


def run(platform, releases):
    """What is not as it should be, as sentences."""
    operators = Operators(platform)
    ping = start_ping(platform)
    check_measuring(platform, ping)
    folder = releases.folder
    wrong = roll_out(platform, releases, operators, LAZY, write_release(folder, LAZY), False, "complete")
    check_runs(platform, LAZY)
    wrong += roll_out(platform, releases, operators, FORCED, write_release(folder, FORCED), True, "complete")
    check_runs(platform, FORCED)
    wrong += roll_out(platform, releases, operators, BAD, write_broken_release(folder, BAD), False, "halted")
    check_runs(platform, FORCED)
    say(f"\n$ trigpoint rollout show {operators.newest}\n" + platform.run("rollout", "show", str(operators.newest)))
    check_measuring(platform, ping)
    platform.api.delete(f"/api/v2/measurements/{ping}/")
    say(f"  and measure on: {len(platform.api.get(f'/api/v2/measurements/{ping}/results/'))} pings meanwhile")
    return wrong
