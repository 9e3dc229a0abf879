"""Given plays, when their person exports them, then the files have exactly these plays."""

from tests.integration.exports.kit import exported, fill_plays, table
from tests.support.harness import Person


def test_a(person: Person) -> None:
    fill_plays(person, 100)
    rows = table(exported(person, "history_csv"))
    assert len(rows) == 100
    print(rows[:12])
