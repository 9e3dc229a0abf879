"""The database as its catalogue shows it, against the data model."""

import re

import psycopg
import pytest

from tests.integration.schema.overview import OVERVIEW, Expected
from tests.integration.schema.rows import fill_everything
from tests.support import SHARED
from tests.support.postgres import sql

CONSTRAINTS = (
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = %s"
)
SHARED_PATH = SHARED / "db-schema-overview.md"
CASES = pytest.mark.parametrize(("table", "expected"), OVERVIEW.items(), ids=OVERVIEW)


def test_the_transcription_is_whole() -> None:
    """16 tables in six schemas; who shortens the list to pass a test changes this line too."""
    assert len(OVERVIEW) == 16
    assert sum(len(expected.columns) for expected in OVERVIEW.values()) == 128


@CASES
def test_columns(database_url: str, table: str, expected: Expected) -> None:
    rows = sql(
        database_url,
        """
        SELECT attname, format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '' ELSE '?' END
        FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
        """,
        table,
    )

    found = {str(name): str(kind) for name, kind in rows}
    assert {name: found.get(name) for name in expected.columns} == expected.columns


@CASES
def test_primary_key(database_url: str, table: str, expected: Expected) -> None:
    """An id that the database counts up by itself."""
    rows = sql(
        database_url,
        """
        SELECT pg_get_constraintdef(c.oid), a.attidentity <> '' OR d.oid IS NOT NULL
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attname = 'id'
        LEFT JOIN pg_attrdef d ON d.adrelid = c.conrelid AND d.adnum = a.attnum
        WHERE c.conrelid = to_regclass(%s) AND c.contype = 'p'
        """,
        table,
    )

    assert rows == [("PRIMARY KEY (id)", True)]


@CASES
def test_unique_constraints(database_url: str, table: str, expected: Expected) -> None:
    rows = sql(
        database_url,
        """
        SELECT i.indnullsnotdistinct, array_agg(a.attname::text ORDER BY a.attname)
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
        WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indpred IS NULL AND i.indimmediate
        GROUP BY i.indexrelid, i.indnullsnotdistinct
        """,
        table,
    )

    found = {(flag, *list(columns)) for flag, columns in rows}  # type: ignore[call-overload]
    wanted = {(False, *sorted(columns)) for columns in expected.unique}
    wanted |= {(True, *sorted(columns)) for columns in expected.nulls_not_distinct}
    assert wanted <= found


@CASES
def test_foreign_keys(database_url: str, table: str, expected: Expected) -> None:
    rows = sql(
        database_url,
        CONSTRAINTS,
        table,
        "f",
    )
    definitions = [str(definition) for (definition,) in rows]

    for column, parent in expected.references.items():
        beginning = f"FOREIGN KEY ({column}) REFERENCES {parent}(id)"
        assert any(definition.startswith(beginning) for definition in definitions), beginning


@CASES
def test_values(database_url: str, table: str, expected: Expected) -> None:
    rows = sql(
        database_url,
        CONSTRAINTS,
        table,
        "c",
    )
    definitions = [str(definition) for (definition,) in rows]

    for column, values in expected.values.items():
        [definition] = [text for text in definitions if re.match(rf"CHECK \(\(\(?{column}\W", text)]
        assert set(re.findall(r"'([^']*)'::text", definition)) == set(values)


@pytest.mark.parametrize(
    ("score", "accepted"), [("0", True), ("100", True), ("-0.01", False), ("100.01", False)]
)
def test_match_scores_run_from_0_to_100(
    database_url: str, people: tuple[int, int], score: str, accepted: bool
) -> None:
    fill_everything(database_url, people[0])
    statement = "UPDATE migrations.tracks SET match_score = %s"

    if accepted:
        sql(database_url, statement, score)
    else:
        with pytest.raises(psycopg.errors.CheckViolation):
            sql(database_url, statement, score)


def test_a_person_has_one_summary_of_a_day_over_all_providers(
    database_url: str, people: tuple[int, int]
) -> None:
    statement = (
        "INSERT INTO trends.user_daily (user_id, date, provider, plays_count, unique_tracks, unique_artists) "
        "VALUES (%s, '2026-02-28', %s, 1, 1, 1)"
    )
    sql(database_url, statement, people[1], None)
    sql(database_url, statement, people[1], "spotify")

    with pytest.raises(psycopg.errors.UniqueViolation):
        sql(database_url, statement, people[1], None)


def test_every_foreign_key_to_a_person_has_an_index(database_url: str) -> None:
    """Deleting a person looks for their rows in every table."""
    rows = sql(
        database_url,
        """
        SELECT c.conrelid::regclass::text FROM pg_constraint c
        WHERE c.contype = 'f' AND c.confrelid = 'core.users'::regclass AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
        """,
    )

    assert rows == []


@pytest.mark.needs_shared
@pytest.mark.skipif(
    not SHARED_PATH.exists(), reason="needs the data model's text, ../shared/db-schema-overview.md"
)
def test_the_transcription_says_what_the_data_model_says() -> None:
    table, found = "", {}
    for line in SHARED_PATH.read_text(encoding="utf-8").partition("## 7.")[0].splitlines():
        if heading := re.match(r"### (\w+\.\w+)", line):
            table = heading[1]
            found[table] = set[str]()
        elif column := re.match(r"  - ([a-z_]+(?:, [a-z_]+)*)", line):
            found[table] |= set(column[1].split(", "))

    assert found == {table: set(expected.columns) for table, expected in OVERVIEW.items()}
