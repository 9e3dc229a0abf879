"""Reasons as codes."""

from collections.abc import Iterator
from itertools import pairwise

from local.simulators.catalogue import Catalogue
from musicconnect.matching import reason_codes, score, version_spans
from musicconnect.music.model import ItemKind, Track


def pairs() -> Iterator[tuple[Track, Track]]:
    """Every track of the catalogue with the uploads of its recording and of the one behind it."""
    recordings = [entry for entry in Catalogue.load().recordings if entry.tracks and entry.uploads]
    for entry, other in pairwise(recordings):
        track = entry.tracks[0]
        source = Track(
            provider="spotify", id=track.id, title=track.title,
            artists=tuple(artist.name for artist in track.artists),
            duration_ms=track.duration_ms, isrc=track.isrc,
        )  # fmt: skip
        for upload in (*entry.uploads, *other.uploads):
            yield source, Track(
                provider="youtube", id=upload.video_id, title=upload.title, channel=upload.channel,
                description=upload.description, duration_ms=upload.duration_s * 1000, kind=ItemKind.VIDEO,
            )  # fmt: skip


def test_every_reason_that_the_matcher_gives_has_a_code() -> None:
    said = {reason for source, found in pairs() for reason in score(source, found).reasons}
    assert len(said) > 10
    assert [text for text in sorted(said) if reason_codes.read(text).code == "other"] == []


def test_a_reason_names_the_versions_that_it_is_about() -> None:
    found = reason_codes.read("only one of them is: live, radio edit")
    assert (found.code, found.about, found.sign) == ("version-of-one", "version", "against")
    assert found.params == {"versions": ["live", "radio edit"]}
    words = reason_codes.read("only one of them is: explicit")
    assert reason_codes.read("something new").code == "other"
    assert words.params == {"versions": ["explicit"]}


def test_codes_are_listed_once() -> None:
    assert reason_codes.codes(["the lengths differ", "another title", "the lengths differ"]) == [
        "length-differs",
        "title-other",
    ]


def test_words_of_a_version_are_found_where_they_stand() -> None:
    title = "Río Lento (En Vivo) - Radio Edit"
    spans = version_spans.find(title, ["live", "radio edit"])
    assert [title[start:end] for start, end in spans] == ["En Vivo", "Radio Edit"]
    assert version_spans.find(title, ["no such version"]) == []
    assert version_spans.find("", ["live"]) == []
