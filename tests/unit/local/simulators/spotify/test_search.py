"""The Spotify simulator's search: reading queries, finding, ranking."""

import pytest

from local.simulators.catalogue import Catalogue, SpotifyTrack
from local.simulators.spotify.search import Index, parse_query, rank_names, tokens


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> Index:
    return Index(catalogue.tracks_by_id.values())


def found(index: Index, query: str) -> list[SpotifyTrack]:
    return index.search(parse_query(query))


@pytest.mark.parametrize(
    ("text", "words", "filters"),
    [
        ("abacab", ("abacab",), {}),
        ("remaster track:Doxy artist:Miles D", ("remaster",), {"track": "Doxy", "artist": "Miles D"}),
        ('track:"Salt and Signal" live', ("live",), {"track": "Salt and Signal"}),
        ("isrc:ZZABC1900001 extra", ("extra",), {"isrc": "ZZABC1900001"}),
        ("year:1990-1999 rain", ("rain",), {"year": "1990-1999"}),
        ("Artist:Ada", (), {"artist": "Ada"}),
        ("what: ever", ("what", "ever"), {}),
    ],
)
def test_queries_are_taken_apart(text: str, words: tuple[str, ...], filters: dict[str, str]) -> None:
    query = parse_query(text)
    assert (query.words, query.filters) == (words, filters)


def test_words_lose_case_accents_and_apostrophes() -> None:
    assert list(tokens("Ça ne fait RIEN, don't!")) == ["ca", "ne", "fait", "rien", "dont"]
    assert list(tokens("夏の座標")) == ["夏の", "の座", "座標"]
    assert list(tokens("Ёлка")) == ["елка"]


def test_every_track_is_found_by_its_isrc_and_by_its_names(catalogue: Catalogue, index: Index) -> None:
    """Among the first ten, as a client of development mode would see; some titles have many namesakes."""
    missed = []
    for track in catalogue.tracks_by_id.values():
        if track.isrc is not None:
            assert track in found(index, f"isrc:{track.isrc}")
        hits = found(index, f"{track.title} {track.artists[0].name}")[:10]
        if track not in hits:
            missed.append(track.title)
    assert missed == []


def test_filters_are_strict(index: Index) -> None:
    for track in found(index, "artist:Kestrel Parade year:2022"):
        assert "Kestrel Parade" in [artist.name for artist in track.artists]
        assert track.album.release_date.startswith("2022")
    assert found(index, "artist:Kestrel Parade year:1901") == []
    assert found(index, "track:Afterglow album:Soft Machinery artist:Juniper Static") == []
    assert found(index, "genre:polka") == []
    assert found(index, "isrc:ZZZZZ0000000") == []


def test_namesakes_and_editions_come_along(index: Index) -> None:
    artists = {track.artists[0].name for track in found(index, "Afterglow")}
    assert artists >= {"Mira Vonn", "The Velvet Abacus", "Juniper Static"}
    assert found(index, "completely unheard-of words") == []


def test_lists_of_names() -> None:
    names = [("Golden Hour", 1), ("Golden Hour Accounting", 2), ("Silver", 3)]
    assert rank_names(names, parse_query("golden hour"), "album") == [1, 2]
    assert rank_names(names, parse_query("isrc:X"), "album") == []
