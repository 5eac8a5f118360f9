"""What a statically linked program is made of: the files that its linker and its compilers read, and whose they are."""
import collections
import functools
import os
import pathlib
import re
import subprocess

MEMBER = re.compile(r"^(\S+\.a)\([^)]+\)")  # of an archive, in the first part of the linker's map
LOADED = re.compile(r"^LOAD (\S+\.o)$")
MEMBERS_END = "\nDiscarded input sections\n"
OBJECT = re.compile(r"^(\S+\.o): #deps ")

INSTALLED = pathlib.Path("/var/lib/dpkg/info")

Package = collections.namedtuple("Package", "name version source sha256")  # sha256: of the .deb, where it was unpacked


class Unowned(Exception):
    """A file that is neither ours nor any package's."""


class Build:
    """One finished build: its folder, and the folder of Debian's packages that it was made with."""

    def __init__(self, folder, sysroot):
        self.folder = pathlib.Path(folder).resolve()
        self.sysroot = pathlib.Path(sysroot).resolve()
        cache = (self.folder / "CMakeCache.txt").read_text()
        self.source = pathlib.Path(re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.+)$", cache, re.M)[1])
        self.version = re.search(r"^CMAKE_PROJECT_VERSION:STATIC=(.+)$", cache, re.M)[1]
        [found] = self.folder.glob("CMakeFiles/*/CMakeCXXCompiler.cmake")
        self.compiler = owner_here(re.search(r'^set\(CMAKE_CXX_COMPILER "(.+)"\)$', found.read_text(), re.M)[1])

    @functools.cached_property
    def unpacked(self):
        """{name of a file below the sysroot: its package}"""
        rows = (line.split() for line in (self.sysroot / "packages").read_text().splitlines())
        packages = [Package(name, version, source, sha256) for name, version, source, sha256 in rows]
        return {file: package for package in packages
                for file in (self.sysroot / "lists" / package.name).read_text().splitlines()}

    def path(self, text):
        return pathlib.Path(os.path.normpath(self.folder / text))

    def is_ours(self, path):
        return self.sysroot not in path.parents and (self.source in path.parents or self.folder in path.parents)

    def owner(self, path):
        """The package of a file that is not ours. Raises Unowned."""
        for one in (path, path.resolve()):
            if self.sysroot in one.parents:
                package = self.unpacked.get("/" + str(one.relative_to(self.sysroot / "root")))
                if package:
                    return package
        return owner_here(str(path.resolve()))

    def linked(self, program):
        """The files that the linker took something from."""
        text = (self.folder / f"bin/{program}.map").read_text()
        members, _, rest = text.partition(MEMBERS_END)
        found = {match[1] for match in map(MEMBER.match, members.splitlines()) if match}
        found |= {match[1] for match in map(LOADED.match, rest.splitlines()) if match}
        return {self.path(one) for one in found}

    def headers(self, program):
        """The headers of others that our own part of a program was compiled with."""
        done = subprocess.run(["ninja", "-C", self.folder, "-t", "deps"], capture_output=True, text=True, check=True)
        targets = {program} | {path.stem.removeprefix("lib") for path in self.linked(program) if self.is_ours(path)}
        found, wanted = set(), False
        for line in done.stdout.splitlines():
            match = OBJECT.match(line)
            if match:
                wanted = any(f"/CMakeFiles/{target}.dir/" in match[1] for target in targets)
            elif wanted and line.startswith("    "):
                found.add(self.path(line.strip()))
        return {path for path in found if not self.is_ours(path)}

    def packages(self, program):
        """{package: "code" if something of it is linked, else "headers"}"""
        out = {self.owner(path): "headers" for path in self.headers(program)}
        out.update({self.owner(path): "code" for path in self.linked(program) if not self.is_ours(path)})
        return out


@functools.lru_cache(maxsize=None)
def installed():
    """{file of this system: the package that dpkg installed it from}; asking dpkg for each would take minutes."""
    out = {}
    for path in INSTALLED.glob("*.list"):
        out.update(dict.fromkeys(path.read_text().splitlines(), path.stem))
    return out


@functools.lru_cache(maxsize=None)
def package_here(name):
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${source:Package}", name],
                           capture_output=True, text=True, check=True)
    return Package(*shown.stdout.split(), None)


def owner_here(path):
    """The package of this system that a file is from. Raises Unowned."""
    real = os.path.realpath(path)
    name = installed().get(real) or installed().get(real.removeprefix("/usr"))
    if not name:
        raise Unowned(f"{path} is of no package")
    return package_here(name)
