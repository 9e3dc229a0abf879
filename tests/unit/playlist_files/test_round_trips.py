"""What is written and read again is what it was: order, duplicates, every field, every text."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.playlist_files import file_names
from musicconnect.playlist_files.model import Entry, Format, PlaylistHeader
from musicconnect.playlist_files.writers import writer
from tests.support.properties import examples
from tests.unit.playlist_files import factories


@pytest.mark.parametrize("kind", factories.WHOLE)
@given(head=factories.heads, entries=factories.some_entries)
@examples(60)
def test_a_playlist_comes_back_whole(kind: Format, head: PlaylistHeader, entries: list[Entry]) -> None:
    entries = factories.placed(entries)
    assert factories.read(factories.written(kind, head, entries)) == [(head, entries)]


@given(
    entries=factories.some_entries,
    name=st.text(max_size=20) | st.sampled_from(factories.NASTY[:-1]),
    bom=st.booleans(),
)
@examples(80)
def test_a_table_brings_back_every_entry_and_the_name_of_its_file(
    entries: list[Entry], name: str, bom: bool
) -> None:
    entries = factories.placed(entries)
    data = factories.written("csv", PlaylistHeader(name=name), entries, bom=bom)
    assert factories.read(data, file_names.file_name(name, "csv")) == [(PlaylistHeader(name=name), entries)]


@pytest.mark.parametrize("kind", factories.FORMATS)
def test_ten_thousand_entries_keep_order_and_duplicates(kind: Format) -> None:
    entries = factories.ordinary(10_000)
    [(_, found)] = factories.read(
        factories.written(kind, PlaylistHeader(name="Long"), entries), f"Long.{writer(kind).extension}"
    )
    assert found == entries


@pytest.mark.parametrize("kind", factories.FORMATS)
def test_a_file_is_continued_at_any_entry_by_somebody_else(kind: Format) -> None:
    head, entries = PlaylistHeader(name="Two hands"), factories.ordinary(7)
    at_once = factories.written(kind, head, entries)
    for cut in range(len(entries) + 1):
        first, second = writer(kind), writer(kind)
        parts = [first.begin(head), *map(first.entry, entries[:cut]), *map(second.entry, entries[cut:])]
        assert b"".join([*parts, second.end()]) == at_once


@pytest.mark.parametrize("kind", factories.FORMATS)
def test_an_empty_playlist_is_a_playlist(kind: Format) -> None:
    head = PlaylistHeader(name="Nothing yet")
    assert factories.read(factories.written(kind, head, []), "Nothing yet.csv") == [(head, [])]


@pytest.mark.parametrize("kind", factories.FORMATS)
def test_many_playlists_in_a_zip_come_back_in_order_with_their_names(kind: Format) -> None:
    wanted = [
        (PlaylistHeader(name=name), factories.ordinary(count))
        for name, count in [("Mix", 3), ("AC/DC: live?", 2), ("Mix", 1), ("", 1)]
    ]
    packed, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for head, entries in wanted:
            name = file_names.file_name(head.name, writer(kind).extension, taken)
            taken.add(name.lower())
            archive.writestr(f"playlists/{name}", factories.written(kind, head, entries))
    assert factories.read(packed.getvalue(), "export.zip") == wanted


def test_lines_of_several_playlists_can_stand_in_one_file() -> None:
    wanted = [
        (PlaylistHeader(name="A"), factories.ordinary(2)),
        (PlaylistHeader(name="A"), factories.ordinary(3, 2)),
        (PlaylistHeader(name="B"), []),
    ]
    data = b"".join(factories.written("jsonl", head, entries) for head, entries in wanted)
    assert factories.read(data) == wanted


@pytest.mark.parametrize("kind", factories.FORMATS)
def test_halves_of_surrogate_pairs_are_no_characters_and_break_nothing(kind: Format) -> None:
    entry = Entry(position=0, title="a\ud83d", provider="spotify", provider_id=factories.SPOTIFY_ID)
    [(_, [found])] = factories.read(factories.written(kind, PlaylistHeader(name="x"), [entry]))
    assert found.title == "a?"
