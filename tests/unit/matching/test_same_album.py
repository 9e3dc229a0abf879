"""Which albums are the same: never by name alone."""

from dataclasses import replace

import pytest

from musicconnect.matching import Outcome, reason_codes, same_album
from musicconnect.music.model import ItemKind, Track

SOURCE = Track(
    provider="spotify", id="s", title="Northern Freight", artists=("Kestrel Parade",),
    release_date="2019-05-17", kind=ItemKind.ALBUM, barcode="0602475093060", track_count=10,
)  # fmt: skip
TWIN = replace(SOURCE, provider="tidal", id="t", barcode="00602475093060")
UNCODED = replace(TWIN, barcode=None)


@pytest.mark.parametrize("barcode", ["602475093060", "0602475093060", "00602475093060"])
def test_a_barcode_says_it_however_it_is_written(barcode: str) -> None:
    other = replace(TWIN, barcode=barcode, release_date="2020", track_count=9, title="NORTHERN FREIGHT")
    found = same_album.choose(SOURCE, [other])
    assert (found.outcome, found.target) == (Outcome.MATCHED, other)
    assert reason_codes.codes(found.reasons) == ["album-same-barcode"]


def test_of_several_of_one_barcode_the_first_is_taken() -> None:
    again = replace(TWIN, id="u")
    assert same_album.choose(SOURCE, [TWIN, again]).target == TWIN


def test_a_barcode_of_something_else_is_asked_about() -> None:
    other = replace(TWIN, title="Something Else", artists=("Somebody Else",))
    found = same_album.choose(SOURCE, [other])
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert reason_codes.codes(found.reasons) == ["album-barcode-only"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"release_date": "2019"},
        {"title": "Northern  freight"},
        {"artists": ("Lady Parallax", "Kestrel Parade")},
    ],
    ids=["alike", "the year alone", "otherwise written", "with others"],
)
def test_without_barcodes_all_the_facts_say_it(change: dict[str, object]) -> None:
    other = replace(UNCODED, **change)  # type: ignore[arg-type]
    found = same_album.choose(SOURCE, [other])
    assert (found.outcome, found.target) == (Outcome.MATCHED, other)
    assert reason_codes.codes(found.reasons) == ["album-same-facts"]


def test_an_edition_is_the_same_in_other_words() -> None:
    source = replace(SOURCE, title="Northern Freight (2011 Remaster)")
    other = replace(UNCODED, title="Northern Freight (Remastered 2011)")
    assert same_album.choose(source, [other]).outcome is Outcome.MATCHED
    deluxe = replace(SOURCE, title="Northern Freight (Deluxe)")
    other = replace(UNCODED, title="Northern Freight (Deluxe Edition)")
    assert same_album.choose(deluxe, [other]).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"barcode": "4006381333931"}, "album-other-barcode"),
        ({"title": "Northern Freight (Deluxe Edition)"}, "album-other-edition"),
        ({"title": "Northern Freight (Live)"}, "album-other-edition"),
        ({"title": "Northern Freight (Clean)"}, "album-other-edition"),
        ({"title": "Northern Freight (2011 Remaster)"}, "album-other-edition"),
        ({"track_count": 11}, "album-other-tracks"),
        ({"track_count": None}, "album-untold"),
        ({"release_date": "2011-05-17"}, "album-other-year"),
        ({"release_date": None}, "album-untold"),
    ],
)
def test_whatever_differs_is_asked_about(change: dict[str, object], code: str) -> None:
    other = replace(UNCODED, **change)  # type: ignore[arg-type]
    found = same_album.choose(SOURCE, [other])
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert found.target is None
    assert [one["id"] for one in found.candidates or ()] == ["t"]
    assert reason_codes.codes(found.reasons) == [code]


def test_two_that_are_the_same_in_everything_are_asked_about() -> None:
    found = same_album.choose(SOURCE, [UNCODED, replace(UNCODED, id="u")])
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert "album-several" in reason_codes.codes(found.reasons)
    assert [one["id"] for one in found.candidates or ()] == ["t", "u"]


def test_the_one_that_is_the_same_is_taken_among_editions() -> None:
    live = replace(UNCODED, id="l", title="Northern Freight (Live)")
    assert same_album.choose(SOURCE, [live, UNCODED]).target == UNCODED


@pytest.mark.parametrize("name", ["Various Artists", "VARIOUS ARTISTS", "Varios Artistas"])
def test_of_various_artists_only_the_barcode_counts(name: str) -> None:
    source = replace(SOURCE, artists=(name,))
    found = same_album.choose(source, [replace(UNCODED, artists=(name,))])
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert reason_codes.codes(found.reasons) == ["album-of-various"]
    assert same_album.choose(source, [replace(TWIN, artists=(name,))]).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    "change",
    [{"title": "Southern Freight"}, {"artists": ("Somebody Else",)}, {"artists": ()}],
    ids=["title", "artist", "nobody"],
)
def test_another_name_is_no_candidate(change: dict[str, object]) -> None:
    other = replace(UNCODED, **change)  # type: ignore[arg-type]
    found = same_album.choose(SOURCE, [other])
    assert (found.outcome, found.reasons) == (Outcome.NO_MATCH, [same_album.NOTHING_FOUND])


def test_titles_without_letters_prove_nothing() -> None:
    source = replace(SOURCE, title="???", barcode=None)
    assert same_album.choose(source, [replace(UNCODED, title="!!!")]).outcome is Outcome.NO_MATCH


def test_every_reason_has_a_code() -> None:
    said = [value for name, value in vars(same_album).items() if name.isupper() and isinstance(value, str)]
    assert len(said) == 10
    assert "other" not in reason_codes.codes(said)
