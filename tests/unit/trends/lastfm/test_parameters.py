"""Given the ways in which clients send parameters, then they are read as they are meant."""

from typing import Any
from urllib.parse import urlencode

import pytest

from musicconnect.trends.lastfm.parameters import Parameters, wants_json


def test_the_body_counts_before_the_query_and_names_have_no_case() -> None:
    parameters = Parameters(
        {"Method": "track.love", "artist": "x", "sk": None}, "artist=Abba&albumArtist=Abba"
    )
    assert parameters.get("method") == "track.love"
    assert parameters.get("artist") == "Abba"
    assert parameters.get("albumartist") == "Abba"
    assert parameters.get("sk") is None


def test_an_empty_value_is_none() -> None:
    assert Parameters({"mbid": ""}, "artist=&track=%20").get("artist") is None


@pytest.mark.parametrize(
    ("sent", "tracks"),
    [
        ({"artist": "A", "track": "T"}, [{"artist": "A", "track": "T"}]),
        ({"artist[0]": "A", "track[0]": "T"}, [{"artist": "A", "track": "T"}]),
        ({"artist": "A", "track[0]": "T"}, [{"artist": "A", "track": "T"}]),
        (
            {"track[10]": "c", "track[2]": "b", "track[0]": "a"},
            [{"track": "a"}, {"track": "b"}, {"track": "c"}],
        ),
        ({"trackNumber[01]": "7"}, [{"tracknumber": "7"}]),
        ({"artist[-1]": "A", "artist[x]": "A", "artist[]": "A", "artist[99999999999]": "A"}, []),
        ({"method": "track.scrobble", "api_key": "k", "context[0]": "c"}, []),
    ],
)
def test_tracks_are_listed_in_the_order_of_their_indexes(sent: dict[str, str], tracks: list[Any]) -> None:
    assert Parameters({}, urlencode(sent)).scrobbles() == tracks
    assert Parameters(sent).scrobbles() == tracks


def test_text_is_made_storable() -> None:
    parameters = Parameters({}, "artist=a%00b%ff&track=%F0%9F%8E%B5%20%26")
    assert parameters.get("artist") == "ab\ufffd"
    assert parameters.get("track") == "🎵 &"


def test_more_fields_than_anybody_sends_are_not_read() -> None:
    assert Parameters({}, "&".join(f"a[{n}]=1" for n in range(20_001))).scrobbles() == []


@pytest.mark.parametrize(
    ("sent", "accept", "is_json"),
    [
        ({}, "", False), ({}, "application/json", True), ({"format": "json"}, "", True),
        ({"format": "XML"}, "application/json", False), ({"format": "yaml"}, "", None),
    ],
)  # fmt: skip
def test_the_format_of_the_answer_is_found(sent: dict[str, str], accept: str, is_json: bool | None) -> None:
    assert wants_json(Parameters(sent), accept) is is_json


def test_numbers_are_kept_within_bounds() -> None:
    parameters = Parameters({"limit": "5000", "page": "-3", "other": "x"})
    assert parameters.number("limit", 50, least=1, most=200) == 200
    assert parameters.number("page", 1, least=1, most=9) == 1
    assert parameters.number("other", 7, least=1, most=9) == 7
