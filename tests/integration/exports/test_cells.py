"""What Postgres makes harmless is exactly what Python does, character by character."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from musicconnect.exports.content import sql_csv, store
from musicconnect.playlist_files import csv_safety

type Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url) as made:
        yield made


def in_sql(connection: Connection, texts: list[str]) -> list[str]:
    query = (
        f"SELECT {sql_csv.escape_formula('t')} FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n"
    )
    return [row[0] for row in connection.execute(query.encode(), [texts]).fetchall()]


def test_every_character_alone_before_a_sign_and_behind_an_apostrophe(
    connection: Connection,
) -> None:
    characters = [chr(code) for code in (*range(1, 0xD800), *range(0xE000, 0x10000), 0x1F3B5, 0x10FFFF)]
    for texts in (
        characters,
        [f"{one}=1" for one in characters],
        [f"''{one}" for one in characters],
        [f"'{one}+" for one in characters],
    ):
        assert in_sql(connection, texts) == [csv_safety.escape_formula(text) for text in texts]


def test_lines_have_the_cells_that_the_rows_have(connection: Connection) -> None:
    """What is written as lines is what a client would get cell by cell."""
    made = sql_csv.line(sql_csv.plain("n"), sql_csv.text("t"), sql_csv.text("u"), sql_csv.plain("b::text"))
    rows = """(VALUES (1, 'a "b"', NULL, true), (NULL, E'=1\nx', '', false)) v (n, t, u, b)"""
    data, count = store.write_lines(connection, f"SELECT * FROM {rows}", made, {})
    assert (data, count) == (b'1,"a ""b""","",true\r\n,"\'=1\nx","",false\r\n', 2)
