"""firmware-signing/COMPLIANCE.md has every row, and what it says shows them is there."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATES = {"met", "not applicable", "open"}
ETSI = """5.0-1 5.1-1 5.1-2 5.1-2A 5.1-3 5.1-4 5.1-5 5.2-1 5.2-2 5.2-3 5.3-1 5.3-2 5.3-3 5.3-4A 5.3-4B 5.3-5 5.3-6A 5.3-6B
5.3-7 5.3-8 5.3-9 5.3-10 5.3-11 5.3-12 5.3-13 5.3-14 5.3-15A 5.3-15B 5.3-16 5.4-1 5.4-2 5.4-3 5.4-4 5.5-1 5.5-2 5.5-3 5.5-4
5.5-5 5.5-6 5.5-7 5.5-8 5.6-1 5.6-2 5.6-3 5.6-4A 5.6-4B 5.6-5 5.6-6 5.6-7 5.6-8 5.6-9 5.7-1 5.7-2 5.8-1 5.8-2 5.8-3 5.9-1
5.9-2 5.9-3 5.10-1 5.11-1 5.11-2 5.11-3 5.11-4 5.12-1 5.12-2 5.12-3 5.13-1A 5.13-1B 6-1 6-2 6-3A 6-3B 6-4 6-5 6-6 6-7
6-8""".split()
NIST = [f"{group} {number}" for group, numbers in {
    "identification": "1 2", "configuration": "1 2 3", "data protection": "1 2 3", "access": "1 2 3",
    "update": "1 2 3 4 5 6a 6b", "awareness": "1 2 3 4 5"}.items() for number in numbers.split()]


@pytest.fixture(scope="module")
def rows():
    """{name of the row: (its state, the last column)}"""
    text = (ROOT / "firmware-signing/COMPLIANCE.md").read_text()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: (row[-2], row[-1]) for row in cells if row[-2] in STATES}


@pytest.fixture(scope="module")
def tests():
    """Names of all tests: "test_x" of Python, "suite.name" of GoogleTest."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found.update(re.findall(r"^def (test_\w+)", path.read_text(), re.M))
    for path in (ROOT / "tests/unit").rglob("*.cpp"):
        found.update(f"{suite}.{name}" for suite, name in
                     re.findall(r"^TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)", path.read_text(), re.M))
    return found


def test_every_row_is_there_and_says_its_state(rows):
    assert list(rows) == ETSI + NIST
    assert all(why for _, why in rows.values())


def test_what_is_met_names_what_shows_it_and_that_exists(rows, tests):
    """A row may point to another one instead ("as 5.8-1")."""
    for name, (state, why) in rows.items():
        named = re.findall(r"`([^`]+)`", why)
        for one in named:
            is_test = one.startswith("test_") or re.fullmatch(r"\w+\.\w+", one) and not (ROOT / one).exists()
            if is_test:
                assert one in tests, f"{name}: there is no test {one}"
            elif not one.startswith("trigpoint-"):  # a command
                assert (ROOT / one).exists(), f"{name}: there is no file {one}"
        if state == "met" and not named:
            pointer = re.search(r"as (\S+)$", why)
            assert pointer and rows[pointer[1]][0] == "met", f"{name}: nothing shows it"
