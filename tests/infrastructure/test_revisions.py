"""The revisions of the schema are one line, whoever adds one."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "functions" / "schema_migrate" / "alembic" / "versions"


def test_each_revision_follows_the_one_before() -> None:
    """Two that were written at the same time have the same number: the later one to come in is renumbered."""
    found = []
    for file in sorted(VERSIONS.glob("*.py")):
        text = file.read_text()
        number, before = (
            re.search(rf"^{name} = (.+)$", text, re.MULTILINE) for name in ("revision", "down_revision")
        )
        assert number is not None
        assert before is not None
        assert file.name.startswith(number[1].strip('"') + "_")
        found.append((number[1], before[1]))
    numbers = [number for number, _ in found]
    assert len(set(numbers)) == len(numbers)
    assert [before for _, before in found] == ["None", *numbers[:-1]]
