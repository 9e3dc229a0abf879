"""What a play is: names compared, the counting rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.plays.model import kind_of, listen, normalize, track_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don’t Stop", "don't  stop"),
        ("Don`t Stop", "Don't Stop"),
        ("ＡＢＢＡ", "Abba"),
        ("STRAẞE", "strasse"),
        ("Beyoncé", "BEYONCE\u0301"),
        ("Renegades (feat. X)", "Renegades"),
        ("Renegades [ft. Some One]", "Renegades"),
        ("Artist feat. Other", "Artist"),
        ("Sleep Token - Topic", "Sleep Token"),
        ("feat. Nobody", "FEAT. NOBODY"),
    ],
)
def test_names_that_mean_the_same_compare_equal(one: str, other: str) -> None:
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Song", "Song (Live)"), ("Song", "Song 2"), ("Feature", "Fea"), ("Left", "Le"), ("Defeat", "De")],
)
def test_names_that_mean_something_else_do_not(one: str, other: str) -> None:
    assert normalize(one) != normalize(other)


def test_the_keys_never_change() -> None:
    """They are stored: these numbers must never change."""
    assert track_keys("ABBA", "Dancing Queen") == track_keys("abba", "dancing queen")
    assert track_keys("ABBA", "Dancing Queen")[:2] == (-2903011730910609260, -1718114686538097901)


@given(st.text(), st.text())
def test_keys_fit_a_bigint_and_are_the_same_every_time(artist: str, title: str) -> None:
    try:
        track, performer, name = track_keys(artist, title)
    except ValueError:  # what PostgreSQL cannot hold
        assert "\x00" in artist + title or any("\ud800" <= one <= "\udfff" for one in artist + title)
        return
    assert all(-(2**63) <= key < 2**63 for key in (track, performer))
    assert int(name.removeprefix("key:"), 16) == track % 2**64
    track_keys.cache_clear()
    normalize.cache_clear()
    assert track_keys(artist, title) == (track, performer, name)


@given(st.text())
def test_comparing_twice_changes_nothing_more(name: str) -> None:
    once = normalize(name)
    assert once == " ".join(once.split())
    assert once or not name.strip()


@pytest.mark.parametrize(
    ("played", "duration", "kind"),
    [
        (30_000, None, "play"), (29_999, None, "skip"), (0, None, "skip"), (None, None, "play"),
        (None, 200_000, "play"), (20_000, 40_000, "play"), (19_999, 40_000, "skip"), (29_999, 60_000, "skip"),
        (29_999, 59_000, "play"), (30_000, 600_000, "play"),
    ],
)  # fmt: skip
def test_thirty_seconds_or_half_of_a_short_track(played: int | None, duration: int | None, kind: str) -> None:
    assert kind_of(played, duration) == kind


def test_names_longer_than_anybody_has_are_cut_and_nul_in_an_album_is_dropped() -> None:
    made = listen(played_at=0, title="t" * 2000, artist="a", album="al\x00bum", source="lastfm")
    assert len(made.title) == 1000
    assert made.album == "album"
