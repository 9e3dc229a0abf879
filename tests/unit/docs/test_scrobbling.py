"""docs/scrobbling.md numbers the behaviours of ListenBrainz's API, and names the tests that hold them."""

import ast
import re
from pathlib import Path

from tests.support import ROOT

ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in (ROOT / "docs/scrobbling.md").read_text().splitlines()
    if re.match(r"\| \d+ \|", line)
]
FOLDERS = (
    "tests/unit/trends/listenbrainz", "tests/unit/trends/scrobbling", "tests/integration/trends/scrobbling",
)  # fmt: skip
MIN_HELD = 62


def names_of(path: Path) -> set[str]:
    """Functions and methods of a file, as ``file::Class::test``."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        place = f"{path.stem}::{node.name}::" if isinstance(node, ast.ClassDef) else f"{path.stem}::"
        found |= {place + one.name for one in inside if isinstance(one, ast.FunctionDef)}
    return found


KNOWN = {name for folder in FOLDERS for path in (ROOT / folder).glob("test_*.py") for name in names_of(path)}


def test_every_behaviour_has_its_number() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 70))
    assert all(len(row) == 3 and all(row) for row in ROWS)


def test_those_that_hold_are_held_by_tests_that_are_there() -> None:
    named = [re.findall(r"`(test_\w+::[\w:]+)`", row[2]) for row in ROWS]
    assert sum(bool(tests) for tests in named) >= MIN_HELD
    assert [one for tests in named for one in tests if one not in KNOWN] == []
