"""The guides of firmware-signing/tool, README.md and CONTROL.md, as people would follow it: each at a terminal, in a folder of their own. Every
command must work and say what the guide says that it does."""
import errno
import os
import pathlib
import pty
import re
import select
import time

from tests.lab.network import programs_folder

TOOL = pathlib.Path(__file__).parents[2] / "firmware-signing" / "tool"
GUIDE, CONTROL = TOOL / "README.md", TOOL / "CONTROL.md"  # the second goes on where the first one ends
LIMIT = 60  # seconds for one command
PHRASE = b"correct horse battery\n"
QUESTION = re.compile(rb"(hrase.*|Once more): $")
VARYING = {r"[0-9a-f]{64}": "[0-9a-f]{64}", r"[0-9]+ octets": "[0-9]+ octets",
           r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC": "20[0-9-]+ [0-9:]+ UTC",
           r"[0-9a-f]{4}\\\.\\\.\\\.": "[0-9a-f]{64}", r"\\\.\\\.\\\.": ".*"}


def blocks(guide, kind):
    return re.findall(rf"```{kind}\n(.*?)```", guide.read_text(), re.DOTALL)


def commands(guide):
    """(who, command, lines that it prints), for each command of a guide."""
    out = []
    for line in "".join(blocks(guide, "console")).replace("\\\n", "").splitlines():
        prompt = re.match(r"(\w+)\$ (.*)", line)
        if prompt:
            out.append((prompt[1], prompt[2], []))
        else:
            out[-1][2].append(line)
    return out


def at_terminal(folder, command):
    """What a command printed at a terminal, where somebody types the pass phrase when asked."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ["PATH"] = f"{programs_folder()}:{os.environ['PATH']}"
        os.execv("/bin/sh", ["sh", "-c", command])
    said, end = b"", time.monotonic() + LIMIT
    while select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
        try:
            block = os.read(terminal, 65536)
        except OSError as error:  # a terminal that nobody holds any more
            assert error.errno == errno.EIO
            block = b""
        if not block:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.close(terminal)
            return status, said.decode().replace("\r\n", "\n")
        said += block
        if QUESTION.search(said):
            os.write(terminal, PHRASE)
    os.kill(child, 9)
    raise AssertionError(f"{command}: no end after {LIMIT} s\n{said!r}")


def is_said(line, said):
    """Whether a line of the guide is in the output; hashes, keys and times are others, "..." leaves something out."""
    pattern = re.escape(line).replace(r"\ ", " ").replace(r"\-", "-")
    for varying, by in VARYING.items():
        pattern = re.sub(varying, by, pattern)
    return re.search(f"^{pattern}$", said, re.MULTILINE)


def with_keys(plan, keys):
    """The guide's plan with the keys that were really made."""
    for name, key in keys.items():
        plan = re.sub(rf'(name = "{name}"\nkey = )".*?"', rf'\1"{key}"', plan)
    return plan


class Table:
    """The folders of all who take part, and what a person at an editor writes."""

    def __init__(self, folder):
        self.folder, self.keys, self.plan = folder, {}, ""

    def edit(self, who, command, guide):
        if "plan.toml" not in command:
            file = re.match(r"editor (\S+)", command)[1]
            (self.folder / who / file).write_text(blocks(guide, "text")[0])
            return
        if "eve" in command:
            self.plan = self.plan.replace('"eve"', '"kim"')
        else:
            self.plan += blocks(guide, "toml")[0]
        (self.folder / "usb" / "plan.toml").write_text(with_keys(self.plan, self.keys))

    def follow(self, guide):
        for who, command, lines in commands(guide):
            if command.startswith("editor"):
                self.edit(who, command, guide)
                continue
            status, said = at_terminal(self.folder / who, command)
            assert status == 0, f"{command}\n{said}"
            for line in lines:
                assert is_said(line, said), f"{command}: {line!r} is not in\n{said}"
            made = re.match(r"trigpoint-sign key new .*?(\w+)\.key$", command)
            if made:
                self.keys[made[1]] = said.split()[-1]


def test_the_guides_do_what_they_say(tmp_path):
    for who in {who for who, _, _ in commands(GUIDE)} | {"usb"}:
        (tmp_path / who).mkdir()
    for name in ("image", "sbom"):
        file = next(re.finditer(rf"--{name} (\S+)", GUIDE.read_text()))[1]
        (tmp_path / "host" / file).write_text('{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{}]}')
    assert len(commands(GUIDE)) > 20 and len(commands(CONTROL)) > 8
    table = Table(tmp_path)
    table.follow(GUIDE)
    table.follow(CONTROL)
