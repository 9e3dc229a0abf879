"""What is asked of the target's catalogue, and what is written down."""

from dataclasses import replace

import pytest

from musicconnect.matching import Outcome, candidate_search, queries, reason_codes
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Lookup, Search
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import ItemKind, Track
from musicconnect.music.search_policy import SearchPolicy
from tests.unit.matching.policies import SPOTIFY, YOUTUBE

SOURCE = Track(
    provider="spotify", id="s1", title="Salt and Signal", artists=("Kestrel Parade",), album="Lines",
    duration_ms=201_000, isrc="QZABC2400001",
)  # fmt: skip


def upload(video_id: str, title: str = "Salt and Signal", duration_ms: int | None = None) -> Track:
    return Track(
        provider="youtube",
        id=video_id,
        title=title,
        channel="Kestrel Parade - Topic",
        duration_ms=duration_ms,
    )


def other(track_id: str) -> Track:
    return Track(
        provider="spotify", id=track_id, title="Nothing alike", artists=("Nobody",), duration_ms=90_000
    )


def search(source: Track = SOURCE) -> CandidateSearch:
    return CandidateSearch(row_ids=[1, 5], source=source)


def test_youtube_is_searched_and_its_hits_are_looked_up_before_anything_is_decided() -> None:
    looking = search()
    assert isinstance(candidate_search.next_step(looking, YOUTUBE), Search)
    looking.add_hits([upload("v1"), upload("v2", "Salt and Signal (Live)"), upload("v1")])
    assert candidate_search.next_step(looking, YOUTUBE) == Lookup(("v1", "v2"))
    looking.add_details({"v1", "v2"}, [upload("v1", duration_ms=201_000)])
    step = candidate_search.next_step(looking, YOUTUBE)
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.MATCHED
    assert step.choice.best is not None
    assert step.choice.best.track.id == "v1"


def test_a_lookup_may_be_split() -> None:
    looking = search()
    looking.add_hits([upload("v1"), upload("v2")])
    looking.add_details({"v1"}, [upload("v1", duration_ms=201_000)])
    assert candidate_search.next_step(looking, YOUTUBE) == Lookup(("v2",))


def test_on_youtube_a_second_search_is_spent_only_when_the_first_found_nothing_at_all() -> None:
    looking = search()
    looking.add_hits([upload("v1", "Something else entirely")])
    looking.add_details({"v1"}, [upload("v1", "Something else entirely", duration_ms=99_000)])
    assert isinstance(candidate_search.next_step(looking, YOUTUBE), Decided)


def test_towards_spotify_the_isrc_comes_first_and_the_names_after_it() -> None:
    looking = search(
        Track(provider="youtube", id="v", title="Kestrel Parade - Salt and Signal", isrc="QZABC2400001")
    )
    first = candidate_search.next_step(looking, SPOTIFY)
    assert isinstance(first, Search)
    assert first.query.startswith("isrc:")
    looking.add_hits([other("x")])
    second = candidate_search.next_step(looking, SPOTIFY)
    assert isinstance(second, Search)
    assert not second.query.startswith("isrc:")


def test_what_was_found_by_isrc_needs_no_second_search() -> None:
    looking = search(replace(SOURCE, provider="tidal", id="t"))
    looking.add_hits([SOURCE])
    assert isinstance(candidate_search.next_step(looking, SPOTIFY), Decided)


def test_searching_ends_with_no_match_when_nothing_is_found() -> None:
    looking = search()
    steps = 0
    while isinstance(candidate_search.next_step(looking, YOUTUBE), Search):
        looking.add_hits([])
        steps += 1
    assert 1 <= steps <= candidate_search.MAX_QUERIES
    step = candidate_search.next_step(looking, YOUTUBE)
    assert isinstance(step, Decided)
    decision = candidate_search.decision(step.choice)
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.target is None


def test_the_state_between_steps_is_restored() -> None:
    looking = search()
    looking.add_hits([upload("v1"), upload("v2", duration_ms=5_000)])
    again = search()
    again.restore(looking.state(), "youtube")
    assert again == looking


@pytest.mark.parametrize(
    "track",
    [
        SOURCE,
        upload("v1", duration_ms=1),
        Track(provider="youtube", id="track", title="track", channel="track"),
        Track(provider="youtube", id="", title="Private video", kind=ItemKind.UNAVAILABLE),
        Track(provider="youtube", id="v2", title="My own", kind=ItemKind.VIDEO, is_public=False),
        Track(provider="spotify", id="x", title="", explicit=False, description="", release_date="1999"),
    ],
)
def test_tracks_survive_storage(track: Track) -> None:
    assert decode(track.provider, encode(track)) == track


def test_a_match_has_its_score_and_its_parts() -> None:
    looking = search()
    looking.add_hits([upload("v1", duration_ms=201_000)])
    step = candidate_search.next_step(looking, YOUTUBE)
    assert isinstance(step, Decided)
    decision = candidate_search.decision(step.choice)
    assert decision.target is not None
    assert decision.score is not None
    assert 0 <= decision.score <= 100
    assert decision.parts


def test_candidates_are_saved_for_review() -> None:
    looking = search()
    looking.add_hits([upload(f"v{n}", "Salt and Signal (Live at home)", 222_000) for n in range(9)])
    step = candidate_search.next_step(looking, YOUTUBE)
    assert isinstance(step, Decided)
    decision = candidate_search.decision(step.choice)
    assert decision.target is None
    assert decision.candidates is not None
    assert len(decision.candidates) == candidate_search.MAX_CANDIDATES
    assert {"id", "title", "artist", "score", "parts", "reasons"} <= set(decision.candidates[0])
    assert "description" not in decision.candidates[0]


def test_a_refused_search_is_reported_as_one() -> None:
    decision = candidate_search.refused("Query too long")
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.reasons == ["the search was refused: Query too long"]


OPEN_CATALOGUE = SearchPolicy(finds_isrc=True, finds_fields=True, needs_fields=True, catalogue="MusicBrainz")


def test_a_search_that_needs_fields_is_never_asked_for_bare_words() -> None:
    asked = queries(replace(SOURCE, isrc="USUM71703861"), OPEN_CATALOGUE)
    assert asked[0] == "isrc:USUM71703861"
    assert asked[1:]
    assert all(query.startswith("track:") and " artist:" in query for query in asked[1:])


def test_what_an_open_catalogue_lacks_can_be_added_there() -> None:
    looking = search()
    while isinstance(step := candidate_search.next_step(looking, OPEN_CATALOGUE), Search):
        looking.add_hits([])
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.NO_MATCH
    assert step.choice.reasons == ["it is not in MusicBrainz, where you can add it"]
    (code,) = reason_codes.codes(step.choice.reasons)
    assert code == "not-in-catalogue"
