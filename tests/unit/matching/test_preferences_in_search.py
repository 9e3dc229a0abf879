"""What a person prefers changes what they get from a search, and not what everybody shares."""

from dataclasses import replace

from musicconnect.matching import DEFAULT_PREFERENCES, Outcome, Preferences
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Search, next_step
from tests.unit.matching.factories import song, video
from tests.unit.matching.policies import SPOTIFY, YOUTUBE

EXPLICIT = song(seconds=200, explicit=True, name="explicit")
CLEAN = replace(EXPLICIT, id="clean", explicit=False)
UPLOAD = video("Ola Fen - Slow River", "Ola Fen", 200)
"""A source that says nothing of its words."""
WANTS_CLEAN = Preferences(content="clean")


def test_what_is_everybodys_is_decided_without_the_preference():
    search = CandidateSearch(row_ids=[1], source=UPLOAD, preferences=WANTS_CLEAN, found=[EXPLICIT], tried=3)
    step = next_step(search, SPOTIFY)
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.NEEDS_REVIEW
    assert step.shared is not None
    assert step.shared.outcome is Outcome.MATCHED
    search.preferences = DEFAULT_PREFERENCES
    step = next_step(search, SPOTIFY)
    assert isinstance(step, Decided)
    assert step.choice is step.shared


def test_a_search_goes_on_for_whoever_prefers_what_was_not_found():
    search = CandidateSearch(row_ids=[1], source=UPLOAD, found=[EXPLICIT], tried=1)
    assert isinstance(next_step(search, SPOTIFY), Decided)
    search.preferences = WANTS_CLEAN
    assert isinstance(next_step(search, SPOTIFY), Search)
    search.found.append(CLEAN)
    step = next_step(search, SPOTIFY)
    assert isinstance(step, Decided)
    assert step.choice.best is not None
    assert step.choice.best.track.id == "clean"


def test_where_there_are_both_the_preferred_words_are_found():
    for content in ("explicit", "clean"):
        for source in (UPLOAD, replace(EXPLICIT, id="source"), replace(CLEAN, id="source")):
            for found in ([EXPLICIT, CLEAN], [CLEAN, EXPLICIT]):
                search = CandidateSearch(
                    row_ids=[1], source=source, preferences=Preferences(content=content), found=found, tried=3
                )
                step = next_step(search, SPOTIFY)
                assert isinstance(step, Decided)
                assert step.choice.outcome is Outcome.MATCHED
                assert step.choice.best is not None
                assert step.choice.best.track.id == content


def test_somebody_who_is_lenient_is_not_asked_about_a_radio_edit():
    edit = video("Ola Fen - Slow River (Radio Edit)", "Ola Fen", 200)
    search = CandidateSearch(row_ids=[1], source=song(seconds=200), found=[edit], tried=4)
    step = next_step(search, YOUTUBE)
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.NEEDS_REVIEW
    search.preferences = Preferences(is_lenient=True)
    step = next_step(search, YOUTUBE)
    assert isinstance(step, Decided)
    assert step.choice.outcome is Outcome.MATCHED
    assert step.shared is None, "it takes more searches to know what everybody gets"
