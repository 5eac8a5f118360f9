"""Two builds of one source, in different folders and at different times, give the same octets."""
import hashlib
import os
import shutil
import subprocess

from tests.platforms.conftest import ROOT

LIMIT = 3600  # seconds for one architecture; nothing is taken from a cache
FILES = ("trigpoint-probe", "trigpoint-supervisor", "trigpoint-probe.cdx.json", "trigpoint-supervisor.cdx.json")


def copy_of_the_source(to):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True).stdout.split(b"\0")
    for name in map(os.fsdecode, filter(None, listed)):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to / name)


def test_a_second_build_elsewhere_gives_the_same_octets(architecture, release, tmp_path):
    source, out = tmp_path / "a-source-elsewhere", tmp_path / "out"
    copy_of_the_source(source)
    # A copy does not know when the source was last changed, which is in the program.
    changed = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    # The same packages of Debian: another day's mirror may have newer ones.
    shutil.copytree(release.parent / "sysroot" / architecture, out / "sysroot" / architecture, symlinks=True)
    done = subprocess.run([source / "deploy/platforms/build", "--to", out, architecture], capture_output=True, text=True,
                          timeout=LIMIT, env={**os.environ, "TP_CCACHE": "OFF", "SOURCE_DATE_EPOCH": changed.strip(),
                                              "TZ": "Pacific/Auckland", "LC_ALL": "C"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for name in FILES:
        first, second = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in (release, out / release.name))
        print(f"{second}  {release.name}/{name}")
        assert first == second, name
