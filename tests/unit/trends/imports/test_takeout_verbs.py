"""The verbs that Takeout puts around titles, in whatever languages an account has had."""

import pytest

from musicconnect.trends.imports.formats.takeout_verbs import OTHER_ACTIVITY, WATCHED
from tests.unit.trends.imports.files import as_json, read_file

SONGS = ["Low Tide", "Salt and Signal", "Harbour", "Amber", "Zenith", "青い海", "Old Friend; The Sea"]


def rows(titles: list[str], *, channels: int = 4) -> bytes:
    return as_json(
        {
            "header": "YouTube Music",
            "title": title,
            "titleUrl": f"https://music.youtube.com/watch?v=AbCdEfGhI{n:02}",
            "subtitles": [{"name": f"Band {n % channels}", "url": f"https://x.invalid/{n % channels}"}],
            "time": f"2024-05-01T12:{n:02}:00Z",
        }
        for n, title in enumerate(titles)
    )


def titles_of(content: bytes) -> list[str]:
    return [one.title for one in read_file(content).listens]


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_a_known_verb_is_taken_off_however_few_titles_there_are(count: int) -> None:
    for before, behind in WATCHED:
        titles = [f"{before}{song}{behind}" for song in SONGS[:count]]
        assert titles_of(rows(titles)) == SONGS[:count], (before, behind)


@pytest.mark.parametrize(
    ("before", "behind"), [("Ikusi da: ", ""), ("", " se ha miratu"), ("Já «", "» horfði")]
)
def test_a_verb_that_nobody_knows_is_learnt_beside_one_that_is_known(before: str, behind: str) -> None:
    titles = [f"{before}{song}{behind}" for song in SONGS]
    assert titles_of(rows(titles)) == SONGS
    known = [f"Watched {song}" for song in SONGS]
    assert titles_of(rows(known + titles)) == SONGS * 2


def test_what_one_bands_titles_have_in_common_is_no_verb() -> None:
    """The movements of a work share how they begin and end."""
    titles = [f"Symphony No. 5: {n}. Satz (Live)" for n in range(1, 8)]
    assert titles_of(rows(titles, channels=1)) == titles
    assert titles_of(rows([f"Watched {one}" for one in titles], channels=1)) == titles


def test_a_title_with_the_verb_of_another_language_keeps_it() -> None:
    titles = [f"{song} angesehen" for song in [*SONGS, "Watched You"]]
    assert titles_of(rows(titles)) == [*SONGS, "Watched You"]


def test_what_was_liked_or_searched_for_is_no_start() -> None:
    for before, behind in OTHER_ACTIVITY:
        titles = [f"Watched {song}" for song in SONGS] + [f"{before}Say it{behind}"]
        assert read_file(rows(titles)).briefly[-1] == "not_a_play", (before, behind)
