"""Other programs for the probes: three releases that officers sign, each as a rollout of its own. A lazy one and a forced one
succeed, a bad one is gone back from and halted; a ping goes on meanwhile, and nothing of it is lost."""
from tests.lab.demo.output import say
from tests.lab.rollouts import OFFICERS, Operators, start_ping, wait_measuring, wait_running
from tests.lab.supervised import write_broken_release, write_release

FIRST, LAZY, FORCED, BAD = 16, 17, 18, 19


def supervised(platform):
    return [probe for probe in platform.probes.values() if hasattr(probe, "slots")]


def follow(operators, number, phase):
    """Until it has ended, with a line for each change; a sentence if not in this phase."""
    last = None

    def show(page):
        nonlocal last
        line = ", ".join(f"{count} {stage}" for stage, count in page["probes"].items() if count and stage != "probes")
        if line and line != last:
            say(f"  {page['phase']:<9} {line}")
        last = line
    page = operators.wait_over(number, show)
    if page["because"]:
        say(f"  {page['because']}")
    return [] if page["phase"] == phase else [f"rollout {number} is {page['phase']}, not {phase}"]


class Course:
    """One rollout after the other."""

    def __init__(self, platform, releases):
        self.platform, self.releases, self.operators = platform, releases, Operators(platform)
        self.newest = 0  # the number of a rollout

    def roll_out(self, number, program, forced, expected):
        """What is not as it should be, as sentences."""
        say(f"\nRelease {number}, {'forced' if forced else 'lazy'}, signed by {' and '.join(OFFICERS)}; "
            "approved by two operators:")
        path = self.releases.bring(self.platform, number, program)
        self.newest = self.operators.create(path, f"release {number}", forced)
        self.operators.approve(self.newest)
        return follow(self.operators, self.newest, expected)

    def check_runs(self, release):
        probes = supervised(self.platform)
        wait_running(probes, release)
        say(f"  all {len(probes)} run release {release}")


def run(platform, releases):
    """What is not as it should be, as sentences."""
    course, folder, probes = Course(platform, releases), releases.folder, supervised(platform)
    ping = start_ping(platform, probes)
    wait_measuring(platform, ping, probes)
    wrong = course.roll_out(LAZY, write_release(folder, LAZY), False, "complete")
    course.check_runs(LAZY)
    wrong += course.roll_out(FORCED, write_release(folder, FORCED), True, "complete")
    course.check_runs(FORCED)
    wrong += course.roll_out(BAD, write_broken_release(folder, BAD), False, "halted")
    course.check_runs(FORCED)
    say(f"\n$ trigpoint rollout show {course.newest}\n" + platform.run("rollout", "show", str(course.newest)))
    wait_measuring(platform, ping, probes)
    platform.api.delete(f"/api/v2/measurements/{ping}/")
    say(f"  and measure on: {len(platform.api.get(f'/api/v2/measurements/{ping}/results/'))} pings meanwhile")
    return wrong
