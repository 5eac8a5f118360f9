"""`trigpoint-sign`, as officers run it."""
import os
import subprocess

from tests.lab.network import programs_folder

COMMAND_LIMIT = 60.0  # seconds for one command
OK, FAILED, USAGE = range(3)


def run_sign(*arguments, expect=OK, **options):
    """Runs the program; its whole output."""
    done = subprocess.run([str(programs_folder() / "trigpoint-sign"), *map(str, arguments)], capture_output=True, text=True,
                          timeout=COMMAND_LIMIT, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


class Officer:
    """Somebody with a key, in a folder that nobody else looks into."""

    def __init__(self, folder, name):
        self.folder = folder / name
        self.folder.mkdir(mode=0o700)
        self.file = self.folder / "key"
        self.signed = 0
        self.public = run_sign("key", "new", self.file).strip()

    @property
    def key_id(self):
        return run_sign("key", "show", self.file).split()[-1]

    def sign(self, document):
        """Signs what was brought, into a file of the officer's own."""
        self.signed += 1
        output = self.folder / f"{os.path.basename(document)}.{self.signed}"
        run_sign("sign", "--key", self.file, document, "-o", output)
        return output


def prepare(folder, text, version, days=30):
    """A list in TOML as an unsigned document; its file."""
    source, output = folder / f"list-{version}.toml", folder / f"anchors-{version}"
    source.write_text(text)
    run_sign("anchors", "prepare", source, "--version", version, "--days", days, "-o", output)
    return output


def publishable(folder, officers, text, version):
    """The whole way of a list: prepared, signed by each officer apart, merged; its file."""
    prepared = prepare(folder, text, version)
    output = folder / f"anchors-{version}.signed"
    run_sign("merge", *[each.sign(prepared) for each in officers], "-o", output)
    return output
