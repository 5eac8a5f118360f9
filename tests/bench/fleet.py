"""Thousands of simulated probes over SSH, with several registries and controllers on one PostgreSQL, one of which is killed.

The generator (trigpoint-bench-fleet) plays all probes in one process, each with an address of its own in 127/8; it decides
with the probe's own code whom to dial and when. It has the same two cores as all servers, and so makes everything slower:
the table says how much of them each took."""
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time

from tests.bench import openssh
from tests.bench.fleet_platform import FleetPlatform
from tests.bench.machine import processes, processor_seconds, processor_seconds_of_tree, resident
from tests.bench.record import Table
from tests.support.signed_releases import SignedReleases

PROBES = int(os.environ.get("PROBES", "10000"))
CONTROLLERS, REGISTRIES = 3, 2
CAPACITY = PROBES * 55 // 100 + 1  # two controllers have room for all, and not much more
EVERY = 10                         # seconds from one result of a probe to its next
SPREAD = int(os.environ.get("SPREAD", "0"))  # seconds over which the probes are switched on
TRUST_LIMIT = 3.0                  # seconds that the last change of trust is given
PLACED_ANEW = 80.0                 # seconds after the loss
VERBOSE = "VERBOSE" in os.environ  # shows what the generator says
STEADY = 10.0                      # seconds of ordinary life before the loss
TRUST_CHANGES = max(1, min(100, PROBES // 10))  # probes that are revoked, and as many that are isolated
SESSIONS_OF_SSHD = 200
PUSH_LIMIT = 120.0                 # seconds in which everybody is to have begun
BLOCK_LIMIT = 60.0                 # seconds in which nobody is to have a job any more
SAMPLE = 0.5                       # seconds between two looks at the controllers' own counts
ANSWER_LIMIT = 400.0               # seconds for one order to the generator


class Generator:
    """The simulated fleet: orders go in, lines of JSON come out."""

    def __init__(self, platform, probes, keys):
        here = platform.here
        self.acknowledged = here.path / "acknowledged"
        command = [here.programs / "trigpoint-bench-fleet", "--database", here.database(), "--probes", str(probes),
                   "--every", str(EVERY), "--spread", str(SPREAD), "--keys", keys, "--acknowledged", self.acknowledged]
        for address in platform.registry_addresses:
            command += ["--registry", address]
        for key in platform.registry_keys:
            command += ["--registry-key", key]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.moments = {"cut": {}, "jobless": {}, "told": {}, "begun": {}}  # of probes, by the monotonic clock, which all processes share
        self.said = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.hear("ready")

    def _listen(self):
        """All the time: one that says what 10,000 probes were told must not wait for a reader."""
        for line in self.process.stdout:
            said = json.loads(line)
            if VERBOSE:
                print(line.strip(), flush=True)
            if said["event"] in self.moments:
                self.moments[said["event"]].setdefault(said["probe"], said["at"])
            else:
                self.said.put(said)
        self.said.put({"event": "ended"})

    def order(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def hear(self, event):
        ends = time.monotonic() + ANSWER_LIMIT
        while time.monotonic() < ends:
            with contextlib.suppress(queue.Empty):
                said = self.said.get(timeout=ends - time.monotonic())
                if said["event"] == event:
                    return said
                if said["event"] == "ended":
                    break
        self.process.kill()
        raise RuntimeError(f"the generator ended, or was silent, before it said {event!r}")


class Shares:
    """Processor time of everybody since the last look."""

    def __init__(self, platform, generator):
        here = platform.here
        registries = processes("trigpoint-registry", here.path)
        self.who = {"generator": lambda: processor_seconds(generator.process.pid),
                    "PostgreSQL": lambda: processor_seconds_of_tree(processes("postgres", here.path)[0]),
                    "registries": lambda: sum(map(processor_seconds, registries))}
        for each in platform.controllers:
            self.who[each.name] = lambda pid=each.pid: processor_seconds(pid)
        self.last = self._read()

    def _read(self):
        out = {"at": time.monotonic()}
        for name, read in self.who.items():
            with contextlib.suppress(OSError):  # one that was killed
                out[name] = read()
        return out

    def since(self):
        now, before = self._read(), self.last
        self.last = now
        return {name: now[name] - before[name] for name in now if name in before}


def shown(shares):
    length = shares.pop("at")
    parts = [f"{name} {100 * used / length:.0f} %" for name, used in shares.items()]
    return f"{length:.0f} s, of one core: " + ", ".join(parts)


@contextlib.contextmanager
def sampled(platform):
    """The most sessions that each controller said to have."""
    most, over = {}, threading.Event()

    def look():
        while not over.wait(SAMPLE):
            for name, count in platform.sessions().items():
                most[name] = max(count, most.get(name, 0))
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def folder_in_memory():
    return tempfile.TemporaryDirectory(prefix="tp-keys-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


def connect(table, platform, generator, shares, rests):
    generator.order("connect")
    up = generator.hear("connected")
    used = shares.since()
    print("cold start: ", shown(dict(used)), flush=True)
    table.add("full connect from cold: in session, with jobs", up["working"], "probes", bar=PROBES, at_most=False)
    table.add("all of them after", up["seconds"], "s")
    table.add("logins, registries and controllers, a second", (up["assigned"] + up["logins"]) / up["seconds"], "1/s")
    of_controllers = sum(used[each.name] for each in platform.controllers)
    time.sleep(STEADY)
    taken = sum(resident(each.pid) for each in platform.controllers) - sum(rests.values())
    print("steady:     ", shown(shares.since()), flush=True)
    return {"memory": taken / up["working"], "login": of_controllers / up["logins"],
            "registration": used["registries"] / max(1, up["assigned"]), "database": used["PostgreSQL"] / up["logins"]}


def change_trust(table, platform, generator):
    """From an operator's command to its effect in the probe's session, for probes on all controllers."""
    chosen = platform.here.query("select id from probe where session is not null order by random() limit "
                                 f"{2 * TRUST_CHANGES}").splitlines()
    for verb, moment, title in (("revoke", "cut", "until the session is cut"), ("isolate", "jobless", "until its jobs are gone")):
        of = {}
        for _ in range(TRUST_CHANGES):
            number = int(chosen.pop())
            of[number] = time.monotonic()
            platform.here.command("probe", verb, number, "--reason", "a benchmark")
        time.sleep(TRUST_LIMIT)
        generator.order("look")
        generator.hear("seen")
        heard = generator.moments[moment]
        times = sorted(heard.get(number, float("inf")) - begun for number, begun in of.items())
        name = f"`trigpoint probe {verb}` {title}"
        table.add(f"{name}, p50", times[len(times) // 2], "s")
        table.add(f"{name}, p99", times[int(0.99 * (len(times) - 1))], "s", bar=2)


def push(table, platform, generator, releases):
    """A forced rollout in one wave: from the second person's approval until a probe has the first file of the update."""
    here = platform.here
    path = releases.add("bench", 2)
    for statement in releases.statements():
        here.query(statement)
    here.query("insert into firmware_state select id, 'bench', 1, '', 2, 0, 0, 0, '', '', 0, '0.1.0' from probe "
               "on conflict do nothing")
    made = here.api("/api/v2/firmware/rollouts/", {"mode": "forced", "targets": [path], "waves": "100%",
                                                   "reason": "a benchmark"})
    rollout = f"/api/v2/firmware/rollouts/{made['id']}/"
    second = here.api("/api/v2/accounts/", {"email": "second@example.net", "role": "operator"})["key"]
    ends = time.monotonic() + PUSH_LIMIT
    while here.api(rollout)["phase"] != "waiting" and time.monotonic() < ends:
        time.sleep(0.5)
    here.api(rollout + "approve/", {})
    here.key, first = second, here.key
    begun = time.monotonic()
    here.api(rollout + "approve/", {})
    here.key = first
    present = platform.here.sessions()
    heard = generator.moments["begun"]
    while len(heard) < present and time.monotonic() < begun + PUSH_LIMIT:
        time.sleep(1)
        generator.order("look")
        generator.hear("seen")
    seen = {name: sorted([at - begun for at in generator.moments[name].values()] +
                         [float("inf")] * (present - len(generator.moments[name]))) for name in ("told", "begun")}
    within_60 = sum(each <= 60 for each in seen["begun"])
    table.add("forced rollout, from its approval: have begun within 60 s", 100 * within_60 / max(1, present), "%",
              bar=99, at_most=False)
    for moment, title in (("told", "has its instruction"), ("begun", "has the first file")):
        for name, share in (("p50", 0.5), ("p99", 0.99), ("last", 1)):
            table.add(f"{title}, {name}", seen[moment][int(share * (len(seen[moment]) - 1))], "s")
    here.api(rollout + "halt/", {"reason": "the benchmark is over"})


def lose_one(table, platform, generator, shares):
    victim = platform.controllers[1]
    generator.order(f"lose {victim.name}")
    generator.hear("marked")
    victim.kill()
    begun = time.monotonic()
    again = generator.hear("again")
    print("after loss: ", shown(shares.since()), flush=True)
    table.add("on the controller that is killed", again["concerned"], "probes")
    table.add("of these measure again within 60 s", 100 * again["within_60"] / max(1, again["concerned"]), "%", bar=95,
              at_most=False)
    for share in ("p50", "p95", "p99", "last"):
        table.add(f"measures again, {share}", again[share], "s")
    # A minute after the loss the registries place its probes anew; that is to disturb nobody.
    time.sleep(max(0.0, begun + PLACED_ANEW - time.monotonic()))
    generator.order("look")
    seen = generator.hear("seen")
    print("placed anew:", shown(shares.since()), flush=True)
    table.add("sessions that ended since, for the placement of the lost", seen["ended"] - again["ended"], "sessions", bar=0)


def block(table, platform, generator):
    """From an operator's word that the fleet's only target is to be left alone until a probe has no job any more."""
    here = platform.here
    target = here.query("select distinct target from measurement")
    present = set(map(int, here.query("select id from probe where session is not null and trust = 'active'").split()))
    case = here.api("/api/v2/abuse/", {"target": target, "contact": "noc@example.net", "text": "a benchmark"})
    heard = generator.moments["jobless"]
    begun = time.monotonic()
    here.command("abuse", "decide", case["id"], "keep-blocked", "--reason", "a benchmark")
    while not present <= heard.keys() and time.monotonic() < begun + BLOCK_LIMIT:
        time.sleep(1)
        generator.order("look")
        generator.hear("seen")
    times = sorted(heard.get(number, float("inf")) - begun for number in present)
    table.add("`trigpoint abuse decide ... keep-blocked`: sessions that had jobs", len(present), "probes")
    table.add("until they have none, p50", times[len(times) // 2], "s")
    table.add("until they have none, p99", times[int(0.99 * (len(times) - 1))], "s", bar=2)


def compare(table, ours):
    memory = login = None
    if openssh.is_there():
        memory, login = (1000 * each for each in openssh.hold(min(SESSIONS_OF_SSHD, PROBES)))
    else:
        print("no sshd is installed: nothing to compare a session and a login with", flush=True)
    sshd = f"sshd ({SESSIONS_OF_SSHD})"
    table.add("memory of a session on a controller", ours["memory"] / 1000, "kB", peer=memory and memory / 1e6, peer_name=sshd)
    table.add("processor time of a login: controller", ours["login"] * 1000, "ms", peer=login, peer_name=sshd)
    table.add("processor time of a login: registry", ours["registration"] * 1000, "ms", peer=login, peer_name=sshd)
    table.add("processor time in PostgreSQL for both", ours["database"] * 1000, "ms")


def run():
    table = Table("fleet")
    with contextlib.ExitStack() as stack:
        keys = stack.enter_context(folder_in_memory())
        releases = SignedReleases(stack.enter_context(folder_in_memory()))
        platform = stack.enter_context(FleetPlatform(CONTROLLERS, REGISTRIES, CAPACITY, releases.settings))
        generator = Generator(platform, PROBES, keys)
        rests = {each.name: resident(each.pid) for each in platform.controllers}
        shares = Shares(platform, generator)
        with sampled(platform) as most:
            ours = connect(table, platform, generator, shares, rests)
            push(table, platform, generator, releases)
            print("forced push:", shown(shares.since()), flush=True)
            change_trust(table, platform, generator)
            shares.since()
            lose_one(table, platform, generator, shares)
            block(table, platform, generator)
        generator.order("stop")
        ended = generator.hear("stopped")
        acknowledged = set(generator.acknowledged.read_text().splitlines())
        lost = acknowledged - set(platform.stored())
    fullest = max(max(most.values()), max(ended["most_sessions"].values()))
    table.add("most sessions of a controller at any time", fullest, "sessions", bar=CAPACITY)
    table.add("acknowledged results", len(acknowledged), "results")
    table.add("of these not in the database", len(lost), "results", bar=0)
    compare(table, ours)
    table.show()


if __name__ == "__main__":
    run()
