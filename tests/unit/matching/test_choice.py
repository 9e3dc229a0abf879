from musicconnect.matching import Outcome, choose
from tests.unit.matching.factories import song, video


def test_nothing_found_is_no_match():
    choice = choose(song(), [])
    assert choice.outcome is Outcome.NO_MATCH
    assert choice.best is None
    assert choice.ranked == []
    assert choice.reasons == ["nothing was found"]


def test_the_recording_comes_before_its_versions_and_other_songs():
    right = video("Ola Fen - Slow River", "somebody77", 200, name="right")
    choice = choose(
        song(seconds=200),
        [
            video("Ola Fen - Slow River (Live)", "Ola Fen", 204, name="live"),
            video("Mira Tolk - Slow River", "Mira Tolk", 201, name="cover"),
            right,
            video("Ola Fen - Fast Road", "Ola Fen", 200, name="other"),
        ],
    )
    assert choice.outcome is Outcome.MATCHED
    assert choice.best is not None
    assert choice.best.track is right
    assert [scored.track.id for scored in choice.ranked][:2] == ["right", "live"]


def test_a_close_rival_of_another_length_needs_review():
    rivals = [
        video("Ola Fen - Slow River", None, 202.5, name="a"),
        video("Ola Fen - Slow River", None, 196.9, name="b"),
    ]
    choice = choose(song(seconds=200), rivals)
    assert choice.outcome is Outcome.NEEDS_REVIEW
    assert choice.reasons[0] == "another recording scores as high"


def test_copies_of_one_recording_do_not_stand_in_each_others_way():
    copies = [
        video("Ola Fen - Slow River", None, 200, name="a"),
        video("Ola Fen - Slow River", None, 201, name="b"),
    ]
    assert choose(song(seconds=200), copies).outcome is Outcome.MATCHED


def test_the_artists_own_release_is_preferred_among_copies():
    copies = [
        video("Ola Fen - Slow River", "somebody77", 200, name="a"),
        video("Slow River", "Ola Fen - Topic", 200, name="b"),
        video("Ola Fen - Slow River", "Ola Fen", 200, name="c"),
    ]
    assert [scored.track.id for scored in choose(song(seconds=200), copies).ranked] == ["b", "c", "a"]


def test_something_close_needs_review_and_the_rest_is_no_match():
    assert choose(song(seconds=200), [video("Slow River", None, 202)]).outcome is Outcome.NEEDS_REVIEW
    assert choose(song(seconds=200), [video("Fast Road", None, 202)]).outcome is Outcome.NO_MATCH
