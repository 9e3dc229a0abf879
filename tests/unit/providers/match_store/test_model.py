"""What rows of the match store are worth for a track."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.matching import (
    DEFAULT_PREFERENCES,
    MATCHER_VERSION,
    Outcome,
    Preferences,
    choose,
)
from musicconnect.music.model import Track
from musicconnect.providers.match_store.model import (
    Finding,
    StoredMatch,
    finding_of,
    mirrored,
    preferred,
    rescored,
    resolve_rows,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SONG = Track(
    provider="spotify", id="s1", title="Salt and Signal", artists=("Kestrel Parade",), duration_ms=201_000,
    isrc="QZABC2400001",
)  # fmt: skip
RIGHT = Track(
    provider="youtube", id="v1", title="Salt and Signal", channel="Kestrel Parade - Topic",
    duration_ms=201_000,
)  # fmt: skip
LIVE = replace(RIGHT, id="v2", title="Salt and Signal (Live)")
OTHER = replace(RIGHT, id="v3", title="Cranes over Water")


def row(target: Track | None = RIGHT, **changed: object) -> StoredMatch:
    made = StoredMatch(
        source_provider="spotify",
        source_id="s1",
        target_provider="youtube",
        outcome=Outcome.NO_MATCH if target is None else Outcome.MATCHED,
        target_id=None if target is None else target.id,
        target=target,
        source=SONG,
        score=97.0,
        parts={},
        reasons=[],
        candidates=(),
        confirmed_by="score",
        matcher_version=MATCHER_VERSION,
        found_by="id",
        fetched_at=NOW - timedelta(days=1),
        expires_at=None,
        settled=False,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def test_a_row_of_the_track_itself_is_taken_as_it_is() -> None:
    found = resolve_rows(SONG, [row(OTHER)], NOW)
    assert found is not None
    assert found.is_match
    assert found.target == OTHER, "the current matcher has decided so before"


@pytest.mark.parametrize("found_by", ["isrc", "normal_form"])
def test_a_row_of_another_release_is_scored_for_this_one(found_by: str) -> None:
    right, wrong = (resolve_rows(SONG, [row(target, found_by=found_by)], NOW) for target in (RIGHT, LIVE))
    assert right is not None
    assert right.is_match
    assert right.target_id == "v1"
    assert right.source_id == "s1"
    assert wrong is not None
    assert not wrong.settled
    assert wrong.target_id is None
    assert wrong.candidates == (LIVE,)


@pytest.mark.parametrize("target", [RIGHT, LIVE])
def test_a_row_of_another_version_of_the_matcher_is_a_candidate(target: Track) -> None:
    found = resolve_rows(SONG, [row(target, matcher_version=MATCHER_VERSION - 1)], NOW)
    assert found is not None
    assert found.is_match == (target is RIGHT), "the current matcher decides"
    assert found.matcher_version == MATCHER_VERSION


def test_what_was_found_for_another_entry_has_to_be_the_same_edition() -> None:
    """A search for the original would find the original."""
    remaster = replace(RIGHT, id="v4", title="Salt and Signal (2011 Remaster)")
    found = resolve_rows(SONG, [row(remaster, found_by="normal_form")], NOW)
    assert found is not None
    assert not found.settled
    assert found.candidates == (remaster,)
    same_code = resolve_rows(SONG, [row(remaster, found_by="isrc")], NOW)
    assert same_code is not None
    assert same_code.is_match, "unless the recording's code says that it is the same"


def test_a_clean_edition_does_not_lead_to_what_was_found_for_the_explicit_one() -> None:
    clean, explicit = replace(SONG, explicit=False), replace(SONG, id="s2", explicit=True)
    assert resolve_rows(clean, [row(found_by="normal_form", source=explicit)], NOW) is None
    assert resolve_rows(clean, [row(found_by="normal_form", source=replace(clean, id="s2"))], NOW) is not None


def test_candidates_are_weighed_against_each_other() -> None:
    twin = replace(RIGHT, id="v9", title="Salt and Signal", duration_ms=205_000)
    rows = [
        row(RIGHT, found_by="isrc", matcher_version=MATCHER_VERSION - 1),
        row(twin, found_by="normal_form", matcher_version=MATCHER_VERSION - 1),
    ]
    found = resolve_rows(SONG, rows, NOW)
    assert found is not None
    assert found.target_id == choose(SONG, [RIGHT, twin]).ranked[0].track.id


def test_what_was_fetched_too_long_ago_is_not_told() -> None:
    assert resolve_rows(SONG, [row(fetched_at=NOW - timedelta(days=29))], NOW) is None
    assert resolve_rows(SONG, [row(fetched_at=NOW - timedelta(days=29), found_by="isrc")], NOW) is None


def test_a_persons_word_outlives_the_facts() -> None:
    old = {"confirmed_by": "person", "fetched_at": NOW - timedelta(days=400), "matcher_version": 0}
    found = resolve_rows(SONG, [row(**old)], NOW)
    assert found is not None
    assert found.is_match
    assert found.target_id == "v1"
    assert (found.target, found.source) == (None, None)


def test_a_persons_word_does_not_send_everybody_to_something_else() -> None:
    said = row(OTHER, confirmed_by="person", score=2.0)
    found = resolve_rows(SONG, [said], NOW)
    assert found is not None
    assert not found.is_match
    assert found.candidates == (OTHER,)


@pytest.mark.parametrize("stored", [{"score": 97.0, "matcher_version": MATCHER_VERSION - 1}, {"score": None}])
def test_a_persons_word_is_weighed_by_the_current_matcher(stored: dict[str, object]) -> None:
    """What an older version thought of it, or that nobody asked one, says nothing."""
    for target, is_everybodys in ((OTHER, False), (RIGHT, True)):
        found = resolve_rows(SONG, [row(target, confirmed_by="person", **stored)], NOW)
        assert found is not None
        assert found.is_match is is_everybodys


def test_a_persons_word_about_an_entry_of_which_only_the_id_is_asked_is_weighed_by_its_own_facts() -> None:
    said = row(OTHER, confirmed_by="person", score=97.0, matcher_version=MATCHER_VERSION - 1)
    found = resolve_rows(Track(provider="spotify", id="s1", title=""), [said], NOW)
    assert found is not None
    assert not found.is_match


def test_what_is_stored_is_scored_again_as_if_it_had_just_been_found() -> None:
    held = rescored(SONG, RIGHT, "score", is_mirrored=False)
    assert held is not None
    assert held.total == choose(SONG, [RIGHT]).ranked[0].score.total
    assert rescored(SONG, LIVE, "score", is_mirrored=False) is None


def test_what_is_stored_the_other_way_round_has_to_be_the_same_edition() -> None:
    remaster = replace(SONG, title="Salt and Signal - 2011 Remaster")
    assert rescored(RIGHT, remaster, "score", is_mirrored=False) is not None
    assert rescored(RIGHT, remaster, "score", is_mirrored=True) is None


def test_a_users_choice_is_scored_again_whatever_it_is() -> None:
    score = rescored(SONG, OTHER, "person", is_mirrored=False)
    assert score is not None
    assert score.total < 20


def test_an_art_track_stays_its_own_counterpart_while_its_description_says_so() -> None:
    stated = replace(
        RIGHT,
        description="Provided to YouTube by L\n\nSalt and Signal · Kestrel Parade\n\nLines\n\n℗ 2024 L",
    )
    score = rescored(stated, stated, "score", is_mirrored=False)
    assert score is not None
    assert score.total == 100
    assert rescored(RIGHT, RIGHT, "score", is_mirrored=False) is None


@pytest.mark.parametrize("found_by", ["id", "isrc"])
def test_a_miss_is_believed(found_by: str) -> None:
    found = resolve_rows(SONG, [row(None, found_by=found_by, candidates=(LIVE,))], NOW)
    assert found is not None
    assert found.is_miss
    assert found.candidates == (LIVE,)


def test_a_miss_by_another_version_of_the_matcher_is_not() -> None:
    assert resolve_rows(SONG, [row(None, matcher_version=MATCHER_VERSION - 1)], NOW) is None


def test_a_miss_gives_way_to_what_another_release_has_found() -> None:
    found = resolve_rows(SONG, [row(None), row(RIGHT, found_by="isrc")], NOW)
    assert found is not None
    assert found.is_match
    still = resolve_rows(SONG, [row(None), row(LIVE, found_by="isrc")], NOW)
    assert still is not None
    assert still.is_miss


EXPLICIT = replace(
    RIGHT, id="v5", title="Kestrel Parade - Salt and Signal (Explicit)", channel="Kestrel Parade"
)
WANTS_CLEAN = Preferences(content="clean")


def test_what_is_stored_is_a_candidate_for_whoever_would_not_have_taken_it() -> None:
    stored = row(EXPLICIT, settled=True)
    assert preferred(SONG, stored, DEFAULT_PREFERENCES) is stored
    seen = preferred(SONG, stored, WANTS_CLEAN)
    assert not seen.settled
    assert seen.target_id is None
    assert seen.candidates == (EXPLICIT,)
    assert preferred(SONG, row(RIGHT, settled=True), WANTS_CLEAN).is_match


def test_a_match_of_which_only_the_id_is_known_is_everybodys() -> None:
    stored = replace(row(EXPLICIT, settled=True, confirmed_by="person"), target=None)
    assert preferred(SONG, stored, WANTS_CLEAN) is stored


def test_a_miss_stays_one_unless_the_person_would_take_one_of_its_candidates() -> None:
    doubtful = replace(RIGHT, id="v6", title="Salt and Signal (Radio Edit)")
    choice = choose(SONG, [doubtful])
    miss = row(None, settled=True, candidates=(doubtful,), outcome=choice.outcome)
    for is_lenient in (False, True):
        preferences = Preferences(is_lenient=is_lenient)
        is_taken = choose(SONG, [doubtful], preferences).outcome is Outcome.MATCHED
        assert is_taken is is_lenient
        seen = preferred(SONG, miss, preferences)
        assert seen.settled
        assert seen.is_match is is_taken
        assert seen.target_id == ("v6" if is_taken else None)


def test_nothing_is_known_about_what_is_not_there() -> None:
    assert resolve_rows(SONG, [], NOW) is None


def test_the_matchers_choice_becomes_a_finding() -> None:
    matched = finding_of(SONG, "youtube", choose(SONG, [RIGHT, OTHER]))
    assert (matched.outcome, matched.target, list(matched.candidates)) == (Outcome.MATCHED, RIGHT, [])
    assert matched.score is not None
    assert matched.score > 90
    assert mirrored(matched) == replace(matched, source=RIGHT, target=SONG, target_provider="spotify")
    remaster = replace(RIGHT, title="Salt and Signal (2011 Remaster)")
    assert mirrored(replace(matched, target=remaster)) is None
    missed = finding_of(SONG, "youtube", choose(SONG, [LIVE]))
    assert (missed.target, list(missed.candidates), mirrored(missed)) == (None, [LIVE], None)
    assert finding_of(SONG, "youtube", choose(SONG, [])).score is None


def test_a_finding_has_a_target_exactly_if_it_is_a_match() -> None:
    with pytest.raises(ValueError, match="has a target"):
        Finding(source=SONG, target_provider="youtube", outcome=Outcome.MATCHED, target=None, score=None)
