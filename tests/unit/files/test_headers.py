"""Given a column, then its word tells what it holds, in every language of exporters; else its cells do."""

import unicodedata
from datetime import UTC, datetime

import pytest

from musicconnect.files import cells, headers

WORDS = {
    "title": "Track Name|Titre|Nummernaam|Låtens namn|Parça Adı|トラック名|اسم الأغنية|Όνομα κομματιού|名前",
    "artists": "Artist Name(s)|Künstlername(n)|Nome dell'artista|アーティスト名|Όνομα/τα καλλιτέχνη",
    "artist": "Artist|Interpret|Artiste|Исполнитель|アーティスト|Artist Name 1|Artist Name 12",
    "track_uri": "Track URI|Track-URI|URI du titre|トラックURI|رابط الأغنية (URI)",
    "album_uri": "Album-URI|Albüm URI",
    "video_id": "Video ID|Video-ID|ID vidéo|動画 ID|동영상 ID|影片 ID",
    "duration_ms": "Track Duration (ms)|durationMs|トラックの長さ（ミリ秒）",
    "added_at": "Zeitstempel der Erstellung des Playlist-Videos|Date Added",
}


@pytest.mark.parametrize(
    ("meaning", "word"), [(m, w) for m, words in WORDS.items() for w in words.split("|")]
)
def test_a_word_means_the_same_in_every_language_and_spelling(meaning: str, word: str) -> None:
    for spelling in (
        word,
        word.upper(),
        f' "{word}"\u00a0',
        "\ufeff" + word,
        unicodedata.normalize("NFD", word),
    ):
        assert headers.meaning_of(spelling) == meaning, spelling


def test_no_word_means_two_things() -> None:
    seen: dict[str, str] = {}
    for meaning, words in headers._WORDS.items():
        for word in words.split("|"):
            assert seen.setdefault(headers.key_of(word), meaning) == meaning, word


def test_what_nobody_writes_means_nothing() -> None:
    assert headers.meanings_of(["x", "", "Danceability", "BPM"]) == {}


@pytest.mark.parametrize(
    ("column", "content"),
    [
        (["AbCdEfGhIj0", "-yGI2uabcde", ""], "video_id"),
        (["Harbourside", "harbourside"], "text"),
        (["spotify:track:5ovODbIxH3D9PN3iKkFXiz", "https://youtu.be/AbCdEfGhIj0"], "uri"),
        (["USABC1234567", "us-abc-12-34567"], "isrc"),
        (["5ovODbIxH3D9PN3iKkFXiz"], "spotify_id"),
        (["2024-05-01T12:00:00+00:00", "2023-03-07 05:54:43 UTC", "31.01.2018 04:58:59"], "moment"),
        (["3:36", "1:02:03"], "clock"),
        (["216", "216000.0", "-1"], "number"),
        (["", " "], None),
        (["a word", "12"], None),
    ],
)
def test_cells_tell_what_they_are(column: list[str], content: str | None) -> None:
    assert cells.content_of_column(column) == content


def test_moments_as_tables_write_them() -> None:
    at = datetime(2018, 1, 31, 4, 58, 59)  # noqa: DTZ001 - the text tells no zone
    assert cells.parse_moment("31.01.2018 04:58:59") == cells.parse_moment("2018-01-31 04:58:59") == at
    assert cells.parse_moment("2018-01-31 04:58:59 UTC") == at.replace(tzinfo=UTC)
    assert [cells.parse_moment(text) for text in ("", "soon", "32.01.2018", "9" * 5_000)] == [None] * 4
