"""What a person prefers decides between editions and when they are asked, never between recordings."""

from dataclasses import replace

import pytest

from musicconnect.matching import (
    STANDARD,
    Choice,
    Edition,
    Outcome,
    Preference,
    Score,
    Scored,
    Strictness,
    choose,
)
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Search, next_step
from musicconnect.matching.preferred_choice import by_strictness, edition_of
from tests.unit.matching.factories import song, video

EXPLICIT = replace(song(seconds=200, explicit=True, name="explicit"), album="Years")
CLEAN = replace(EXPLICIT, id="clean", explicit=False)
UPLOAD = video("Ola Fen - Slow River", "Ola Fen", 200)
"""A source that says nothing of its edition."""


def chosen(source, candidates, edition):
    choice = choose(source, candidates, Preference(edition=edition))
    return choice.outcome, choice.best and choice.best.track.id


@pytest.mark.parametrize("source", [UPLOAD, EXPLICIT, CLEAN], ids=["unknown", "explicit", "clean"])
@pytest.mark.parametrize("edition", [Edition.EXPLICIT, Edition.CLEAN])
def test_where_there_are_both_editions_the_preferred_one_is_found(source, edition):
    source = replace(source, id="source")
    for candidates in ([EXPLICIT, CLEAN], [CLEAN, EXPLICIT]):
        assert chosen(source, candidates, edition) == (Outcome.MATCHED, edition.value)
        choice = choose(source, candidates, Preference(edition=edition))
        assert choice.ranked[0].track.id == edition.value
        assert {scored.track.id for scored in choice.ranked} == {"explicit", "clean"}


def test_the_other_edition_is_a_persons_decision():
    outcome, best = chosen(UPLOAD, [EXPLICIT], Edition.CLEAN)
    assert (outcome, best) == (Outcome.NEEDS_REVIEW, "explicit")
    choice = choose(UPLOAD, [EXPLICIT], Preference(edition=Edition.CLEAN))
    assert choice.reasons[0] == "it is the explicit edition, and you prefer the clean one"
    stated = video("Ola Fen - Slow River (Clean)", "Ola Fen", 200, name="stated")
    assert chosen(song(seconds=200), [stated], Edition.EXPLICIT)[0] is not Outcome.MATCHED


def test_a_recording_that_has_no_explicit_edition_is_found_all_the_same():
    """Most songs have one edition, and are marked as not explicit."""
    assert chosen(replace(CLEAN, id="source"), [CLEAN], Edition.EXPLICIT) == (Outcome.MATCHED, "clean")
    assert chosen(UPLOAD, [CLEAN], Edition.EXPLICIT) == (Outcome.MATCHED, "clean")


def test_a_preferred_edition_of_another_recording_is_not_taken():
    live = replace(EXPLICIT, id="live", title="Slow River - Live")
    assert chosen(UPLOAD, [live, CLEAN], Edition.EXPLICIT) == (Outcome.MATCHED, "clean")
    other = replace(EXPLICIT, id="other", title="Fast Road")
    assert chosen(UPLOAD, [other], Edition.EXPLICIT)[0] is Outcome.NO_MATCH


@pytest.mark.parametrize(
    ("track", "edition"),
    [
        (EXPLICIT, Edition.EXPLICIT),
        (CLEAN, Edition.CLEAN),
        (song(), None),
        (video("Ola Fen - Slow River (Clean Version)"), Edition.CLEAN),
        (video("Ola Fen - Slow River (Explicit)"), Edition.EXPLICIT),
        (video("Ola Fen - Slow River (Official Video)"), None),
        (song("Slow River (Clean)", explicit=True), Edition.CLEAN),
    ],
)
def test_an_entry_says_its_edition_by_words_or_by_its_flag(track, edition):
    assert edition_of(track) is edition


def made(outcome, *totals, lengths=(200, 200, 200)):
    """A choice among as many candidates as there are scores, with evidence that falls by one each."""
    ranked = [
        Scored(
            video("Ola Fen - Slow River", None, seconds, name=str(number)),
            Score(total, 5.0 - number, {}, ["the titles differ in part"]),
        )
        for number, (total, seconds) in enumerate(zip(totals, lengths, strict=False))
    ]
    return Choice(outcome, ranked[0], ranked, list(ranked[0].score.reasons))


NEAR, FAR = (200, 201), (200, 204)


@pytest.mark.parametrize(
    ("standard", "strictness", "outcome"),
    [
        (made(Outcome.MATCHED, 96.9), Strictness.STRICT, Outcome.NEEDS_REVIEW),
        (made(Outcome.MATCHED, 97.0), Strictness.STRICT, Outcome.MATCHED),
        (made(Outcome.NEEDS_REVIEW, 60.0), Strictness.STRICT, Outcome.NEEDS_REVIEW),
        (made(Outcome.MATCHED, 91.0), Strictness.STANDARD, Outcome.MATCHED),
        (made(Outcome.NEEDS_REVIEW, 89.0), Strictness.STANDARD, Outcome.NEEDS_REVIEW),
        (made(Outcome.NEEDS_REVIEW, 81.0), Strictness.LENIENT, Outcome.MATCHED),
        # Versions and titles that differ end at these scores.
        (made(Outcome.NEEDS_REVIEW, 80.0), Strictness.LENIENT, Outcome.NEEDS_REVIEW),
        (made(Outcome.NEEDS_REVIEW, 45.0), Strictness.LENIENT, Outcome.NEEDS_REVIEW),
        (made(Outcome.NO_MATCH, 10.0), Strictness.LENIENT, Outcome.NO_MATCH),
        # Another recording comes as close; a copy may.
        (made(Outcome.NEEDS_REVIEW, 85.0, 84.0, lengths=FAR), Strictness.LENIENT, Outcome.NEEDS_REVIEW),
        (made(Outcome.NEEDS_REVIEW, 85.0, 84.0, lengths=NEAR), Strictness.LENIENT, Outcome.MATCHED),
        (made(Outcome.NEEDS_REVIEW, 95.0, 95.0, lengths=FAR), Strictness.LENIENT, Outcome.NEEDS_REVIEW),
    ],
)  # fmt: skip
def test_strictness_says_from_which_score_on_nobody_is_asked(standard, strictness, outcome):
    choice = by_strictness(standard, strictness)
    assert choice.outcome is outcome
    assert choice.ranked == standard.ranked
    if outcome is not standard.outcome and strictness is Strictness.STRICT:
        assert choice.reasons == ["it is less sure than you want it", "the titles differ in part"]


def test_another_version_is_taken_for_nobody():
    live = video("Ola Fen - Slow River (Live)", "Ola Fen", 200)
    for strictness in Strictness:
        choice = choose(song(seconds=200), [live], Preference(strictness=strictness))
        assert choice.outcome is not Outcome.MATCHED


def test_what_is_everybodys_is_decided_without_the_preference():
    wanted = Preference(edition=Edition.CLEAN)
    search = CandidateSearch(row_ids=[1], source=UPLOAD, preference=wanted, found=[EXPLICIT], tried=3)
    step = next_step(search, "spotify")
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.NEEDS_REVIEW
    assert step.shared is not None
    assert step.shared.outcome is Outcome.MATCHED
    search.preference = STANDARD
    step = next_step(search, "spotify")
    assert isinstance(step, Decided)
    assert step.choice is step.shared


def test_a_search_goes_on_for_whoever_prefers_another_edition():
    search = CandidateSearch(row_ids=[1], source=UPLOAD, found=[EXPLICIT], tried=1)
    assert isinstance(next_step(search, "spotify"), Decided)
    search.preference = Preference(edition=Edition.CLEAN)
    assert isinstance(next_step(search, "spotify"), Search)
    search.found.append(CLEAN)
    step = next_step(search, "spotify")
    assert isinstance(step, Decided)
    assert step.choice.best is not None
    assert step.choice.best.track.id == "clean"
