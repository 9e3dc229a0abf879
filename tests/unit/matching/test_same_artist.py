"""Which artists are the same: never by name alone."""

import pytest

from musicconnect.matching import Outcome, reason_codes, same_artist
from musicconnect.matching.same_artist import ArtistCandidate
from musicconnect.music.model import ItemKind, Track

SOURCE = Track(provider="spotify", id="s", title="Kestrel Parade", kind=ItemKind.ARTIST)
RELEASES = ["Salt and Signal", "Northern Freight (Deluxe Edition)", "Live", "Kestrel Parade"]


def _candidate(
    name: str, *titles: str, artist_id: str = "t", channel: str | None = None, is_known: bool = False
) -> ArtistCandidate:
    track = Track(provider="youtube", id=artist_id, title=name, channel=channel, kind=ItemKind.ARTIST)
    return ArtistCandidate(track=track, titles=titles, is_known=is_known)


def test_two_titles_that_both_have_published_prove_it() -> None:
    found = same_artist.choose(
        SOURCE, RELEASES, [_candidate("KESTREL PARADE", "Northern Freight", "Salt and Signal")]
    )
    assert found.outcome is Outcome.MATCHED
    assert found.best is not None
    assert found.best.track.id == "t"
    assert "artist-same-titles" in reason_codes.codes(found.reasons)


@pytest.mark.parametrize(
    "titles",
    [
        (),
        ("Salt and Signal",),
        ("Salt and Signal", "Salt and Signal (Remastered 2011)"),
        ("Salt and Signal", "Live"),
        ("Salt and Signal", "Kestrel Parade"),
        ("Somebody Else's Song", "Another One"),
    ],
    ids=["none", "one", "one twice", "a common one", "the artist's own name", "others"],
)
def test_less_is_asked_about(titles: tuple[str, ...]) -> None:
    found = same_artist.choose(SOURCE, RELEASES, [_candidate("Kestrel Parade", *titles)])
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert [one["id"] for one in found.candidates] == ["t"]
    assert "artist-name-only" in reason_codes.codes(found.reasons)


def test_one_title_is_enough_where_recordings_of_the_name_are_known() -> None:
    known = _candidate("Kestrel Parade", "Salt and Signal", is_known=True)
    assert same_artist.choose(SOURCE, RELEASES, [known]).outcome is Outcome.MATCHED
    unproven = _candidate("Kestrel Parade", "Something", is_known=True)
    assert same_artist.choose(SOURCE, RELEASES, [unproven]).outcome is Outcome.NEEDS_REVIEW


def test_of_namesakes_the_one_with_the_same_titles_is_taken() -> None:
    namesake = _candidate("Kestrel Parade", "Other Work", "More of It", artist_id="first")
    right = _candidate("Kestrel Parade", "Salt and Signal", "Northern Freight", artist_id="second")
    found = same_artist.choose(SOURCE, RELEASES, [namesake, right])
    assert found.best is not None
    assert (found.outcome, found.best.track.id) == (Outcome.MATCHED, "second")


def test_another_name_is_no_candidate_whatever_it_has_published() -> None:
    cover_band = _candidate("The Kestrel Parade Tribute", "Salt and Signal", "Northern Freight")
    found = same_artist.choose(SOURCE, RELEASES, [cover_band])
    assert (found.outcome, found.candidates) == (Outcome.NO_MATCH, [])


def test_titles_of_uploads_are_read_as_people_write_them() -> None:
    uploads = [
        "Kestrel Parade - Salt and Signal (Official Video)",
        "Kestrel Parade - Northern Freight [Official Audio]",
    ]
    found = same_artist.choose(
        SOURCE, RELEASES, [_candidate("Kestrel Parade", *uploads, channel="Kestrel Parade")]
    )
    assert found.outcome is Outcome.MATCHED


def test_names_without_letters_are_nobodys() -> None:
    nameless = Track(provider="spotify", id="s", title="!!!", kind=ItemKind.ARTIST)
    found = same_artist.choose(nameless, RELEASES, [_candidate("???", "Salt and Signal", "Northern Freight")])
    assert found.outcome is Outcome.NO_MATCH
