"""What Postgres makes harmless is exactly what Python does, character by character."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from musicconnect.exports.content import sql_csv, store
from musicconnect.exports.content.filters import BEGINNING, END
from musicconnect.exports.content.plays import submittable
from musicconnect.playlist_files import csv_safety
from musicconnect.trends.plays import export
from musicconnect.trends.plays.model import StoredPlay, to_time

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
    made = sql_csv.cells(["n", "t", "u", "b", "w"], texts={"t", "u"}, words={"b", "w"})
    rows = """(VALUES (1, 'a "b"', NULL, true, ''), (NULL, E'=1\nx', '', false, 'x,y')) v (n, t, u, b, w)"""
    data, count = store.write_lines(connection, f"SELECT * FROM {rows}", made, {"t", "u"}, {})
    assert (data, count) == (b'1,"a ""b""","",true,\r\n,"\'=1\nx","",false,"x,y"\r\n', 2)


def test_values_come_as_they_are(connection: Connection) -> None:
    texts = ["\\", "\\\\", "\\N", "a\\nb", "愛", '"', None, "\x7f", None, None]
    query = "SELECT t FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n"
    found, count = store.write_values(connection, query, {"texts": texts}, end=b",\n")
    assert b"".join(found) == "".join(f"{text or ''},\n" for text in texts).encode()
    assert count == len(texts)


LISTEN_TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(
        st.tuples(
            LISTEN_TEXTS,
            LISTEN_TEXTS,
            st.none() | LISTEN_TEXTS,
            st.sampled_from(["spotify", "youtube", "other"]),
            st.sampled_from(["key:0123", "", "4iV5W9uYEdYUVa79Axb7Rh"]) | LISTEN_TEXTS,
            st.none() | st.integers(0, 2**31 - 1),
            st.none() | st.integers(0, 2**31 - 1),
            st.sampled_from([1, 60]),
            st.integers(1_033_430_400_000, 4_000_000_000_000),
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda row: row[-1],
    )
)
def test_listens_are_those_that_python_makes(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Every byte of what Postgres writes is what `submittable` and pydantic's JSON come to."""
    ordered = sorted(rows, key=lambda row: row[-1])
    plays = [
        StoredPlay(
            played_at=to_time(at), track_key=1, ordinal=0, import_id=None, inserted_at=to_time(at),
            ms_played=played, duration_ms=duration, precision_s=precision, kind="play", source="lastfm",
            provider=provider, provider_track_id=track_id, title=title, artist=artist, album=album,
            details=None, alternate_sources=[],
        )
        for title, artist, album, provider, track_id, played, duration, precision, at in ordered
    ]  # fmt: skip
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TEMPORARY TABLE made ON COMMIT DROP AS TABLE trends.plays WITH NO DATA")
        with connection.cursor() as cursor:
            cursor.executemany(
                """
                INSERT INTO made (user_id, played_at, track_key, ordinal, artist_key, inserted_at, ms_played,
                    duration_ms, precision_s, kind, source, provider, provider_track_id, title, artist, album)
                VALUES (1, %s, 1, 0, 1, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                """,
                [
                    (
                        one.played_at, one.ms_played, one.duration_ms, one.precision_s, one.kind, one.source,
                        one.provider, one.provider_track_id, one.title, one.artist, one.album,
                    )
                    for one in plays
                ],
            )  # fmt: skip
        values = {
            "user": 1,
            "provider": None,
            "since": BEGINNING,
            "until": END,
            "after": BEGINNING,
            "upto": END,
        }
        query = export.LISTENS.replace("trends.plays", "pg_temp.made")
        found, count = store.write_values(connection, query, values, end=b",\n")
    assert b"".join(found) == b"".join(to_json(submittable(play)) + b",\n" for play in plays)
    assert count == len(plays)
