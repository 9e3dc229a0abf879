"""The check that SQL stands in stores, and that a store names its own schema's tables."""

from pathlib import Path

import pytest

from tools.checks import sql

PACKAGE = "layers/musicconnect/musicconnect"


def findings(root: Path, path: str, text: str) -> list[str]:
    """What the check says of one module."""
    file = root / PACKAGE / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return [finding.removeprefix(f"{PACKAGE}/") for finding in sql.findings(root)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM core.users",
        "INSERT INTO core.users (id) VALUES (1)",
        "UPDATE core.users u SET email = 'x'",
        "DELETE FROM core.users",
        "SELECT core.find_session(%s)",
        "COPY core.users TO STDOUT",
    ],
)
def test_sql_outside_a_store_is_found(tmp_path: Path, statement: str) -> None:
    found = findings(tmp_path, "core/accounts.py", f"X = 1\nY = {statement!r}\n")
    assert found == ["core/accounts.py:2: SQL outside a store"]


def test_an_f_string_is_read_whole(tmp_path: Path) -> None:
    found = findings(tmp_path, "core/accounts.py", 'Y = f"SELECT {A} FROM core.users"\n')
    assert found == ["core/accounts.py:1: SQL outside a store"]


@pytest.mark.parametrize("name", ["store.py", "tokens/store.py", "deletion_store.py"])
def test_a_store_names_its_own_tables_and_calls_what_others_offer(tmp_path: Path, name: str) -> None:
    own = "SELECT core.current_user_id() FROM trends.plays p JOIN core.time_zones() z USING (user_id)"
    assert findings(tmp_path, f"trends/{name}", f"X = {own!r}\n") == []
    other = "SELECT 1 FROM trends.plays JOIN core.users USING (id)"
    assert findings(tmp_path, f"trends/{name}", f"X = {other!r}\n") == [
        f"trends/{name}:1: the table core.users is not trends's"
    ]


def test_prose_is_no_sql(tmp_path: Path) -> None:
    text = '"""SELECT x FROM y, in a docstring."""\nX = "Choose one from the list"\n'
    assert findings(tmp_path, "core/accounts.py", text) == []
