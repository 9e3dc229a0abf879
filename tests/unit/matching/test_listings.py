"""What of a channel's listing may be a track, and whose channel it is."""

from dataclasses import replace

import pytest

from musicconnect.matching import Outcome, candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Lookup, Search
from musicconnect.matching.listings import MAX_LIKELY, TitleIndex, artist_key, topic_key
from musicconnect.music.model import ItemKind, Track
from tests.unit.matching.policies import YOUTUBE

SOURCE = Track(
    provider="spotify", id="s1", title="Salt and Signal", artists=("Kestrel Parade",), album="Lines",
    duration_ms=201_000,
)  # fmt: skip
UPLOADS = [
    ("v1", "Northbound"), ("v2", "Salt and Signal (Live at the Pier)"), ("v3", "Salt and Signal"),
    ("v4", "Signal"), ("v5", "Salt & Signal - Remastered 2011"), ("v6", "Paper Boats"),
]  # fmt: skip


def upload(channel: str, **more: object) -> Track:
    made = Track(
        provider="youtube", id="v", title="t", channel=channel, channel_id="UCx", kind=ItemKind.VIDEO
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_uploads_that_may_be_the_track_come_likeliest_first() -> None:
    found = TitleIndex(UPLOADS).likely("Salt and Signal")
    assert found[0] == "v3"
    assert set(found) >= {"v2", "v3", "v5"}
    assert not {"v1", "v6"} & set(found)


def test_guests_and_additions_do_not_hide_a_track() -> None:
    assert TitleIndex([("v", "Salt and Signal")]).likely("Salt and Signal (feat. Wren Abelard)") == ["v"]


@pytest.mark.parametrize("title", ["", "?", "★"])
def test_a_title_without_words_finds_nothing(title: str) -> None:
    assert TitleIndex(UPLOADS).likely(title) == []


def test_few_of_many_alike_are_looked_up() -> None:
    many = TitleIndex([(f"v{number}", "Salt and Signal") for number in range(500)])
    assert many.likely("Salt and Signal") == [f"v{number}" for number in range(MAX_LIKELY)]


def test_a_generated_channel_is_its_artists() -> None:
    assert topic_key(upload("Kestrel Parade - Topic"), " - Topic") == artist_key(SOURCE) != ""


@pytest.mark.parametrize(
    "track",
    [
        upload("Kestrel Parade"),
        upload("Kestrel Parade - Topic", is_public=False),
        upload("Kestrel Parade - Topic", channel_id=None),
        upload("Various Artists - Topic"),
        upload("Release - Topic"),
        upload(" - Topic"),
    ],
)
def test_no_other_channel_is_anybodys(track: Track) -> None:
    assert topic_key(track, " - Topic") == ""


def offered(title: str, duration_ms: int = 201_000, source: Track = SOURCE) -> CandidateSearch:
    search = CandidateSearch(row_ids=[1], source=source)
    assert search.offer([upload("", title="")], "channel")
    assert candidate_search.next_step(search, YOUTUBE) == Lookup(("v",))
    search.add_details(
        {"v"}, [upload("Kestrel Parade - Topic", title=title, duration_ms=duration_ms)]
    )  # fmt: skip
    return search


def test_what_a_channel_lists_is_taken_without_a_search() -> None:
    search = offered("Salt and Signal")
    step = candidate_search.next_step(search, YOUTUBE)
    assert isinstance(step, Decided)
    assert step.choice.best is not None
    assert search.found_by(step.choice.best.track) == "channel"


@pytest.mark.parametrize(
    ("title", "duration_ms"), [("Salt and Signal - Remastered 2011", 201_000), ("Salt and Signal", 150_000)]
)
def test_another_edition_or_length_is_compared_with_what_a_search_finds(title: str, duration_ms: int) -> None:
    search = offered(title, duration_ms)
    assert isinstance(candidate_search.next_step(search, YOUTUBE), Search)
    assert search.is_fresh


def test_a_search_without_hits_may_be_replaced_by_the_next_whatever_was_offered() -> None:
    source = replace(SOURCE, artists=("Kestrel Parade", "Wren Abelard"))
    search = offered("Northbound", source=source)
    first = candidate_search.next_step(search, YOUTUBE)
    search.add_hits([])
    second = candidate_search.next_step(search, YOUTUBE)
    assert isinstance(first, Search)
    assert isinstance(second, Search)
    assert first.query != second.query


def test_what_was_offered_is_known_again_after_a_restart() -> None:
    before = offered("Salt and Signal (Live)", source=SOURCE)
    after = CandidateSearch(row_ids=[1], source=SOURCE)
    after.restore(before.state(), "youtube")
    assert after.is_fresh
    assert not after.offer([upload("", title="")], "channel")
    assert after.choose(after.found).outcome is not Outcome.MATCHED
