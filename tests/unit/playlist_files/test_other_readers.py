"""What others read: pandas and DuckDB without options, readers of XSPF and M3U, schemas, the rules of CSV."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import m3u8
import pandas as pd
import pytest
import xmlschema
import xspf_lib
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.playlist_files import exportify
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from tests.support.properties import examples
from tests.unit.playlist_files import factories

SCHEMAS = Path(__file__).parent / "schemas"
PLAIN = [text for text in factories.NASTY if "\x00" not in text and len(text) < 100]
"""In a table NUL is replaced; the column for the rest says what it was."""


def table_of(texts: list[str]) -> list[Entry]:
    return [
        Entry(position=n, title=text, artists=("Someone",), duration_ms=1000 + n)
        for n, text in enumerate(texts)
    ]


def harmful(text: str) -> bool:
    return bool(re.match(r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@＝＋－＠]", text))


@pytest.mark.parametrize("bom", [False, True])
def test_pandas_reads_a_table_without_options(bom: bool, tmp_path: Path) -> None:
    entries = factories.ordinary(500)
    (tmp_path / "list.csv").write_bytes(factories.written("csv", PlaylistHeader(), entries, bom=bom))
    frame = pd.read_csv(tmp_path / "list.csv")
    assert tuple(frame.columns) == exportify.COLUMNS
    assert frame["Track Name"].tolist() == [entry.title for entry in entries]
    assert frame["Track Duration (ms)"].tolist() == [entry.duration_ms for entry in entries]
    assert frame["Position"].tolist() == list(range(1, 501))


@pytest.mark.parametrize("bom", [False, True])
def test_duckdb_reads_a_table_without_options(bom: bool, tmp_path: Path) -> None:
    entries = factories.ordinary(500)
    path = tmp_path / "list.csv"
    path.write_bytes(factories.written("csv", PlaylistHeader(), entries, bom=bom))
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{path}'")
        assert tuple(column[0] for column in found.description) == exportify.COLUMNS
        rows = connection.execute(
            f"""SELECT "Track Name", "Track Duration (ms)" FROM '{path}' ORDER BY "Position" """
        ).fetchall()
    assert rows == [(entry.title, entry.duration_ms) for entry in entries]


def test_both_read_texts_that_break_tables(tmp_path: Path) -> None:
    entries = table_of([f"x{text}x" for text in PLAIN])
    path = tmp_path / "list.csv"
    path.write_bytes(factories.written("csv", PlaylistHeader(), entries))
    titles = [entry.title for entry in entries]
    assert pd.read_csv(path)["Track Name"].tolist() == titles
    with duckdb.connect() as connection:
        rows = connection.execute(f"""SELECT "Track Name" FROM '{path}'""").fetchall()
    assert [row[0] for row in rows] == titles


@given(st.lists(factories.texts, min_size=1, max_size=5))
@examples(60)
def test_no_cell_is_a_formula(texts: list[str]) -> None:
    data = factories.written("csv", PlaylistHeader(), table_of(texts))
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    assert len(frame) == len(texts)
    assert not any(harmful(cell) for row in frame.to_numpy() for cell in row)


def test_a_table_keeps_to_rfc_4180() -> None:
    data = factories.written("csv", PlaylistHeader(), table_of(["a\nb", 'say "hi"', "a,b", "日本"]), bom=True)
    assert data.startswith(b'\xef\xbb\xbf"Track URI","Track Name"')
    cell = rb'"(?:[^"]|"")*"'
    line = rb"%b(?:,%b){%d}\r\n" % (cell, cell, len(exportify.COLUMNS) - 1)
    assert re.fullmatch(rb"\xef\xbb\xbf(?:%b){5}" % line, data)


@cache
def xspf_schema() -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(SCHEMAS / "xspf-1.xsd")


@cache
def jspf_schema() -> Any:
    schema = json.loads((SCHEMAS / "jspf-1.json").read_text())
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@given(head=factories.heads, entries=factories.some_entries)
@examples(40)
def test_xspf_is_valid_whatever_is_in_it(head: PlaylistHeader, entries: list[Entry]) -> None:
    data = factories.written("xspf", head, factories.placed(entries))
    assert [str(error) for error in xspf_schema().iter_errors(io.BytesIO(data))] == []


@given(head=factories.heads, entries=factories.some_entries)
@examples(40)
def test_jspf_is_valid_whatever_is_in_it(head: PlaylistHeader, entries: list[Entry]) -> None:
    data = factories.written("jspf", head, factories.placed(entries))
    assert [error.message for error in jspf_schema().iter_errors(json.loads(data))] == []


def test_the_schemas_tell_good_from_bad() -> None:
    good = factories.written("xspf", PlaylistHeader(name="x"), factories.ordinary(2))
    for wrong, right in [
        (b"<duration>long</duration>", b"<duration>180000</duration>"),
        (b"<trackNum>0</trackNum>", b"<album>Album 1</album>"),
        (b"<tune>", b"<track>"),
        (b'version="2"', b'version="1"'),
    ]:
        assert right in good
        bad = good.replace(right, wrong, 1).replace(
            b"</track>", b"</tune>" if wrong == b"<tune>" else b"</track>", 1
        )
        assert not xspf_schema().is_valid(io.BytesIO(bad))
    document = json.loads(factories.written("jspf", PlaylistHeader(name="x"), factories.ordinary(2)))
    document["playlist"]["track"][0]["duration"] = "180000"
    assert not jspf_schema().is_valid(document)


@given(entries=factories.some_entries)
@examples(40)
def test_every_line_of_m3u8_is_a_comment_or_an_address(entries: list[Entry]) -> None:
    text = factories.written("m3u8", PlaylistHeader(name="x\ny"), factories.placed(entries)).decode()
    lines = text.split("\n")
    assert lines[0] == "#EXTM3U"
    assert lines[1] == "#PLAYLIST:x y"
    addresses = [line for line in lines if line and not line.startswith("#")]
    assert len(addresses) <= len(entries)
    assert sum(line.startswith("#EXTINF:") for line in lines) == len(addresses)


def test_m3u8_says_what_players_show() -> None:
    entry = Entry(
        position=0, provider="youtube", provider_id=factories.VIDEO_ID, url="https://youtu.be/AbCdEfGhIjK",
        title="Song", artists=("Ada", "Bob"), album="Album", duration_ms=201_499,
    )  # fmt: skip
    lines = factories.written("m3u8", PlaylistHeader(name="Mix"), [entry]).decode().splitlines()
    assert [line for line in lines if not line.startswith("#MUSICCONNECT")] == [
        "#EXTM3U", "#PLAYLIST:Mix", "#EXTINF:201,Ada, Bob - Song", "#EXTALB:Album", "https://youtu.be/AbCdEfGhIjK",
    ]  # fmt: skip


def test_exportify_finds_its_columns_as_it_writes_them() -> None:
    entry = Entry(
        position=0, provider="spotify", provider_id=factories.SPOTIFY_ID, title="Song",
        artists=("Tyler, The Creator", "B"), explicit=True, added_by="ada", duration_ms=1,
    )  # fmt: skip
    frame = pd.read_csv(
        io.BytesIO(factories.written("csv", PlaylistHeader(), [entry])), dtype=str, keep_default_na=False
    )
    row = frame.iloc[0]
    assert tuple(frame.columns)[: len(exportify.EXPORTIFY_COLUMNS)] == exportify.EXPORTIFY_COLUMNS
    assert row["Track URI"] == f"spotify:track:{factories.SPOTIFY_ID}"
    assert row["Artist Name(s)"] == "Tyler\\, The Creator, B"
    assert row["Explicit"] == "true"
    assert row["Added By"] == "spotify:user:ada"
    assert row["MusicConnect"] == ""


def test_a_reader_of_xspf_finds_every_track(tmp_path: Path) -> None:
    entries = factories.ordinary(50)
    path = tmp_path / "mix.xspf"
    path.write_bytes(factories.written("xspf", PlaylistHeader(name="Mix & «more»"), entries))
    found = xspf_lib.Playlist.parse(path)
    assert found.title == "Mix & «more»"
    assert [(track.title, track.creator, track.duration, track.album) for track in found] == [
        (entry.title, ", ".join(entry.artists), entry.duration_ms, entry.album) for entry in entries
    ]
    assert [list(track.location) for track in found] == [[str(entry.url)] for entry in entries]


def test_a_reader_of_m3u_finds_every_track() -> None:
    entries = factories.ordinary(50)
    found = m3u8.loads(factories.written("m3u8", PlaylistHeader(name="Mix"), entries).decode())
    assert [(one.title, one.duration, one.uri) for one in found.segments] == [
        (f"{', '.join(entry.artists)} - {entry.title}", (entry.duration_ms or 0) // 1000, entry.url)
        for entry in entries
    ]


def test_soundiiz_finds_the_table_that_it_writes_itself() -> None:
    entry = Entry(
        position=0, provider="youtube", provider_id=factories.VIDEO_ID, url="https://youtu.be/AbCdEfGhIjK",
        title='Song; "live"', artists=("Ada", "Bob"), album="=Album", duration_ms=201_499,
        isrc="USABC1234567", added_at=datetime(2024, 5, 1, 12, tzinfo=UTC),
    )  # fmt: skip
    bare = Entry(position=1)
    assert factories.written("soundiiz", PlaylistHeader(name="Mix"), [entry, bare]).decode().splitlines() == [
        "\ufefftitle;artist;album;isrc;addedDate;addedBy;duration;url",
        '"Song; ""live""";"Ada, Bob";"\'=Album";"USABC1234567";"2024-05-01T12:00:00Z";"";"201s";'
        '"https://youtu.be/AbCdEfGhIjK"',
        '"";"";"";"";"";"";"";""',
    ]


def by_convention(data: bytes, wanted: dict[str, str]) -> list[dict[str, str]]:
    """A table as a service reads it that finds its columns by their names, without case and plural."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert rows.fieldnames is not None
    known = {name.casefold().removesuffix("(s)"): name for name in rows.fieldnames}
    return [{field: row[known[name]] for field, name in wanted.items()} for row in rows]


def test_tables_have_the_columns_by_which_tunemymusic_and_exportify_know_a_track() -> None:
    entries = factories.ordinary(20)
    data = factories.written("csv", PlaylistHeader(), entries, bom=True)
    columns = {"title": "track name", "artist": "artist name", "album": "album name", "isrc": "isrc"}
    found = by_convention(data, columns)
    assert [(row["title"], row["album"], row["isrc"]) for row in found] == [
        (entry.title, entry.album or "", entry.isrc or "") for entry in entries
    ]
    assert all(
        row["artist"].startswith(entry.artists[0].split(",")[0])
        for row, entry in zip(found, entries, strict=True)
    )
