"""Rollouts into real probes: releases that officers sign, two operators who approve, what supervised probes then run, and
a ping that goes on meanwhile."""
import json
import time

from tests.lab.platform import wait_for
from tests.lab.release_signing import Ceremony
from tests.lab.signing import run_sign
from tests.lab.supervised import MODEL

CHANNEL = "stable"
OFFICERS = "ann", "bob"
WAVES = "50%,100%"
SOAK = 1  # seconds
LIMIT = 180.0  # seconds for one rollout
OVER = "complete", "halted"  # phases


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

    def bring(self, platform, number, program):
        """The same, and brings the repository to the platform."""
        path = self.add(number, program)
        platform.run("firmware", "publish", self.ceremony.repository)
        return path

    def _publish(self, *drafts):
        self.ceremony.publish(*[self.ceremony.sign(draft, *OFFICERS) for draft in drafts])


class Operators:
    """Two persons: a forced rollout needs both, and a lazy one whose first wave is half of the fleet."""

    def __init__(self, platform):
        self.platform = platform
        second = platform.api.post("/api/v2/accounts/", {"email": "second@example.net", "role": "operator"})
        self.keys = platform.key, second["key"]

    def create(self, path, reason, forced=False):
        """Its number."""
        how = ["--forced"] if forced else []
        made = self.platform.run("rollout", "create", path, *how, "--waves", WAVES, "--soak", str(SOAK), "--reason", reason,
                                 "--json")
        return json.loads(made)["id"]

    def approve(self, number):
        """Both do, once its target was found to be signed."""
        wait_for(lambda: self.shown(number)["phase"] == "waiting", LIMIT, "the rollout waits for its approval")
        for key in self.keys:
            self.platform.run("rollout", "approve", str(number), key=key)

    def shown(self, number):
        """What `rollout show` prints with --json."""
        return self.platform.api.get(f"/api/v2/firmware/rollouts/{number}/")

    def wait_over(self, number, look=lambda page: None):
        """What is shown of it when it is complete or halted; `look` sees what is shown until then."""
        def ended():
            page = self.shown(number)
            look(page)
            return page if page["phase"] in OVER else None
        return wait_for(ended, LIMIT, f"rollout {number} ends")


def runs(probe):
    """The release that the probe runs, if it has been committed."""
    lines = [line for line in probe.standing().splitlines() if "<- active" in line and "committed" in line]
    return int(lines[0].split("release ")[1].split(",")[0]) if lines else None


def wait_running(probes, release):
    """Until every probe runs that; a wave may be through before its last probe has committed."""
    wait_for(lambda: all(runs(probe) == release for probe in probes), LIMIT, f"all run release {release}")


def start_ping(platform, probes):
    """One a second from each of them; its number."""
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


def wait_measuring(platform, measurement, probes):
    """Until every probe has measured after now."""
    now = time.time()
    wanted = {probe.number for probe in probes}
    wait_for(lambda: {number for number, at in newest_of(platform, measurement).items() if at > now} == wanted, LIMIT,
             "all updated probes measure on")
