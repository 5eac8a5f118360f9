"""One check taken out of a source file, and the unit tests that must notice: built beside the real build, from its own
compile commands, so that nothing of it is touched."""
import dataclasses
import json
import pathlib
import shlex
import subprocess

from tests.lab.network import programs_folder

ROOT = pathlib.Path(__file__).parents[2]
BUILD_LIMIT = 900  # seconds
RUN_LIMIT = 60  # seconds; a mutant that runs for ever has been noticed too


@dataclasses.dataclass(frozen=True)
class Mutant:
    check: str  # what is no longer checked
    file: str  # in the component's folder
    old: str  # text of the source, which is there once
    new: str
    tests: str  # a filter of GoogleTest: those that must fail

    def __str__(self):
        return self.check.replace(" ", "-")


class Bench:
    """Builds mutants of one component and runs its unit tests on them."""

    def __init__(self, folder, library, program, scratch):
        self.folder, self.scratch = ROOT / folder, pathlib.Path(scratch)
        self.build = programs_folder().parent
        self.program = program
        commands = json.loads((self.build / "compile_commands.json").read_text())
        self._compile = {command["file"]: command for command in commands}
        links = subprocess.run(["ninja", "-C", self.build, "-t", "commands", f"bin/{program}"], check=True, timeout=60,
                               capture_output=True, text=True).stdout.splitlines()
        link = next(line for line in reversed(links) if f"-o bin/{program} " in line)
        self._link = link.split(" && ")[1] if link.startswith(": && ") else link
        self._library = next(word for word in shlex.split(self._link) if word.endswith(library))

    def tests_of(self, filters):
        """The tests that a filter names in the real build."""
        listed = self._run(self.build / "bin" / self.program, filters, "--gtest_list_tests").stdout
        return [line for line in listed.splitlines() if line.startswith("  ")]

    def real_passes(self, filters):
        return self._run(self.build / "bin" / self.program, filters).returncode == 0

    def is_noticed(self, mutant):
        """Whether the mutant's tests fail on it. Raises when it cannot be built."""
        here = self.scratch / str(mutant)
        here.mkdir()
        source = self.folder / mutant.file
        text = source.read_text()
        assert text.count(mutant.old) == 1, f"{mutant.file} has this {text.count(mutant.old)} times: {mutant.old}"
        bent = here / source.name
        bent.write_text(text.replace(mutant.old, mutant.new))
        self._compile_file(source, bent)
        program = self._link_with(bent.with_suffix(".o"), here / "program")
        try:
            return self._run(program, mutant.tests).returncode != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            program.unlink()

    def _compile_file(self, source, bent):
        entry = self._compile[str(source)]
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(bent.with_suffix(".o"))
        words[words.index("-c") + 1] = str(bent)
        # A check that is gone may leave something unused; sanitizers and debugging cost time and decide nothing here.
        keep = [word for word in words if not word.startswith(("-W", "-fsanitize", "-g"))]
        subprocess.run(keep + ["-w"], cwd=entry["directory"], check=True, timeout=BUILD_LIMIT)

    def _link_with(self, mutated, program):
        """The object stands before the library, whose own one is then not taken."""
        words = shlex.split(self._link)
        words.insert(words.index(self._library), str(mutated))
        words[words.index("-o") + 1] = str(program)
        subprocess.run(words, cwd=self.build, check=True, timeout=BUILD_LIMIT)
        return program

    @staticmethod
    def _run(program, filters, *more):
        return subprocess.run([program, "--gtest_brief=1", f"--gtest_filter={filters}", *more], capture_output=True,
                              text=True, errors="replace", timeout=RUN_LIMIT)
