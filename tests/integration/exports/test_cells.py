"""What Postgres makes harmless is exactly what Python does, character by character."""

import psycopg
import pytest

from musicconnect.exchange import cells
from musicconnect.exports import sql_cells

SIGNS = ["=", "+", "-", "@", "＝", "\t", "\r", "\n"]


@pytest.fixture(scope="module")
def connection(database_url: str) -> psycopg.Connection[tuple[str, ...]]:
    return psycopg.connect(database_url)


def in_sql(connection: psycopg.Connection[tuple[str, ...]], texts: list[str]) -> list[str]:
    query = f"SELECT {sql_cells.harmless('t')} FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n"
    return [row[0] for row in connection.execute(query.encode(), [texts]).fetchall()]


def test_every_character_alone_before_a_sign_and_behind_an_apostrophe(
    connection: psycopg.Connection[tuple[str, ...]],
) -> None:
    characters = [chr(code) for code in (*range(1, 0xD800), *range(0xE000, 0x10000), 0x1F3B5, 0x10FFFF)]
    with connection:
        for texts in (
            characters,
            [f"{one}=1" for one in characters],
            [f"''{one}" for one in characters],
            [f"'{one}+" for one in characters],
        ):
            assert in_sql(connection, texts) == [cells.harmless(text) for text in texts]


def test_crlf_ends_lines_and_leaves_cells_alone() -> None:
    plain = [b"a,b\n", b"c,d\n"]
    assert sql_cells.with_crlf(plain) == b"a,b\r\nc,d\r\n"
    assert sql_cells.with_crlf([*plain, b'"two\nlines",x\n']) == b'a,b\r\nc,d\r\n"two\nlines",x\r\n'
    assert sql_cells.with_crlf([]) == b""
    many = [b"x\n"] * 2500 + [b'"\n"\n']
    assert sql_cells.with_crlf(many) == b"x\r\n" * 2500 + b'"\n"\r\n'
