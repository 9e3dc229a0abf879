"""What a search amounts to: pages, offsets in them, cursors."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.music.model import ItemType
from musicconnect.platform import pagination
from musicconnect.platform.problems import Problem
from musicconnect.providers import registry
from musicconnect.search import query_plan
from musicconnect.search.query_plan import Offset, PageRequest

SPOTIFY, YOUTUBE = registry.get("spotify"), registry.get("youtube")
TRACK, VIDEO, ALBUM, ARTIST, PLAYLIST = (
    ItemType.TRACK,
    ItemType.VIDEO,
    ItemType.ALBUM,
    ItemType.ARTIST,
    ItemType.PLAYLIST,
)


def request(
    query: str = "salt", types: tuple[ItemType, ...] = (TRACK,), cursor: str | None = None
) -> PageRequest:
    return PageRequest(provider="spotify", types=types, query=query, cursor=cursor)


@pytest.mark.parametrize(
    "same",
    [
        "salt and signal",
        "Salt  AND\tsignal".replace("AND", "and"),
        " SALT and Signal ",
        "salt\u00a0and signal",
    ],
)
def test_queries_that_ask_for_the_same_are_one(same: str) -> None:
    assert request(same).key == request("salt and signal").key


@pytest.mark.parametrize(
    "other", ["salt", "salt and signals", '"salt and signal"', "salt AND signal", "salt-and-signal"]
)
def test_queries_that_may_ask_for_something_else_are_not(other: str) -> None:
    assert request(other).key != request("salt and signal").key


def test_accents_may_be_written_in_two_ways() -> None:
    assert request("beyonce\u0301").key == request("BEYONC\u00c9").key
    assert request("beyonce").key != request("beyonc\u00e9").key


def test_pages_of_other_types_or_cursors_are_other_pages() -> None:
    keys = {
        request().key,
        request(types=(TRACK, ALBUM)).key,
        request(cursor="c").key,
        PageRequest(provider="youtube", types=(TRACK,), query="salt", cursor=None).key,
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("query", "plain"),
    [("a\x00b\x1fc", "a b c"), ("\t \n", ""), ("\u202eabc", "\u202eabc"), ("🎵  🎶", "🎵 🎶")],
)
def test_control_characters_are_blanks(query: str, plain: str) -> None:
    assert query_plan.tidy(query) == plain


def test_a_track_is_what_the_provider_calls_a_recording() -> None:
    assert query_plan.types_of(SPOTIFY, [TRACK]) == (TRACK,)
    assert query_plan.types_of(YOUTUBE, [TRACK]) == (VIDEO,)
    assert query_plan.types_of(YOUTUBE, [TRACK, VIDEO]) == (VIDEO,)
    assert query_plan.types_of(SPOTIFY, [VIDEO]) == ()
    assert query_plan.types_of(YOUTUBE, [ALBUM]) == ()
    assert query_plan.types_of(YOUTUBE, [ARTIST, TRACK, PLAYLIST]) == (VIDEO, PLAYLIST, ARTIST)


def test_spotify_is_asked_for_several_types_at_once_and_youtube_for_each() -> None:
    asked = [ARTIST, TRACK]
    assert [offset.request.types for offset in query_plan.first_offsets(SPOTIFY, asked, "q")] == [
        (TRACK, ARTIST)
    ]
    assert [offset.request.types for offset in query_plan.first_offsets(YOUTUBE, asked, "q")] == [
        (VIDEO,),
        (ARTIST,),
    ]


def hits(**counts: int) -> list[dict[str, Any]]:
    return [{"type": kind, "id": f"{kind}{n}"} for kind, count in counts.items() for n in range(count)]


def test_a_page_is_shown_in_parts_before_the_next_is_fetched() -> None:
    page = hits(track=5, album=2)
    offset: Offset | None = Offset(request=request(types=(TRACK, ALBUM)), skip=0)
    seen = []
    while offset is not None and offset.request.cursor is None:
        shown, offset = query_plan.slice_page(offset, page, 2, "next")
        seen.append([item["id"] for item in shown])
    assert seen == [["track0", "track1", "album0", "album1"], ["track2", "track3"], ["track4"]]
    assert offset == Offset(request=request(types=(TRACK, ALBUM), cursor="next"), skip=0)
    assert query_plan.slice_page(offset, hits(track=1), 2, None)[1] is None


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 10))
def test_every_hit_of_a_page_is_shown_once(limit: int, tracks: int, albums: int) -> None:
    page, seen = hits(track=tracks, album=albums), []
    offset: Offset | None = Offset(request=request(types=(TRACK, ALBUM)), skip=0)
    while offset is not None:
        shown, offset = query_plan.slice_page(offset, page, limit, None)
        seen += [item["id"] for item in shown]
    assert sorted(seen) == sorted(item["id"] for item in page)


def test_a_cursor_decodes_to_its_offsets() -> None:
    offsets = [
        Offset(
            request=PageRequest(provider="youtube", types=(VIDEO,), query="salt", cursor="page:CAUQAA"),
            skip=0,
        ),
        Offset(request=PageRequest(provider="youtube", types=(ARTIST,), query="salt", cursor=None), skip=10),
    ]
    cursor = query_plan.encode(offsets)
    assert cursor is not None
    assert query_plan.provider_of(cursor) == "youtube"
    found = query_plan.decode(cursor, YOUTUBE, [TRACK, ARTIST], "SALT ")
    assert found == [replace(offset, request=replace(offset.request, query="SALT ")) for offset in offsets]
    assert query_plan.encode([]) is None


def test_a_cursor_of_another_search_is_refused() -> None:
    cursor = query_plan.encode([Offset(request=request(), skip=10)])
    assert cursor is not None
    for provider, types, query in (
        (SPOTIFY, [TRACK], "pepper"),
        (SPOTIFY, [ALBUM], "salt"),
        (YOUTUBE, [TRACK], "salt"),
    ):
        with pytest.raises(Problem) as refused:
            query_plan.decode(cursor, provider, types, query)
        assert refused.value.status == 400


WORDS = request().words.hex()


@pytest.mark.parametrize(
    "forged",
    [
        ("spotify", WORDS, "[]"),
        ("spotify", WORDS, "{}"),
        ("spotify", WORDS, "7"),
        ("spotify", WORDS, "[" * 5000),
        ("spotify", "zz", '[["track",null,0]]'),
        ("spotify", "", '[["track",null,0]]'),
        ("spotify", WORDS, '[["track",null,-1]]'),
        ("spotify", WORDS, '[["track",null,10001]]'),
        ("spotify", WORDS, '[["track",null,true]]'),
        ("spotify", WORDS, '[["track",null,1.5]]'),
        ("spotify", WORDS, '[["track",7,0]]'),
        ("spotify", WORDS, '[["tractor",null,0]]'),
        ("spotify", WORDS, '[["track,track",null,0]]'),
        ("spotify", WORDS, '[["track"]]'),
        ("spotify", WORDS, '[["track",null,0,0]]'),
        ("spotify", WORDS, '[[["track"],null,0]]'),
        ("spotify", WORDS, f'[["track","{"x" * 1001}",0]]'),
        ("spotify", WORDS, "[" + ",".join(['["track",null,0]'] * 6) + "]"),
    ],
    ids=lambda forged: forged[2][:30],
)
def test_a_forged_cursor_is_refused(forged: tuple[str, str, str]) -> None:
    with pytest.raises(Problem) as refused:
        query_plan.decode(pagination.encode(forged), SPOTIFY, [TRACK], "salt")
    assert refused.value.status == 400
