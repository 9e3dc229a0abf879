"""The key under which a recording is found again."""

import pytest

from musicconnect.matching import normal_form, same_edition
from musicconnect.music.model import Track


def song(title: str, *artists: str) -> Track:
    return Track(provider="spotify", id="s", title=title, artists=artists or ("Kestrel Parade",))


def video(title: str, channel: str = "Kestrel Parade - Topic", description: str | None = None) -> Track:
    return Track(provider="youtube", id="v", title=title, channel=channel, description=description)


DELIVERED = "Provided to YouTube by Gull Records\n\nSalt & Signal · Kestrel Parade\n\nLines\n\n℗ 2024 Gull"


@pytest.mark.parametrize(
    "other",
    [
        song("Salt & Signal"),
        song("SALT AND SIGNAL"),
        song("Salt and Signal (feat. Mara Vell)"),
        song("Salt and Signal", "Kestrel Parade", "Mara Vell"),
        song("Salt and Signal - Remastered 2011"),
        video("Salt and Signal"),
        video("Kestrel Parade - Salt and Signal (Official Video)", "KestrelParadeVEVO"),
        video("whatever", "Kestrel Parade - Topic", DELIVERED),
    ],
    ids=lambda track: f"{track.title} / {track.channel or track.artist_line}",
)
def test_is_the_same_for_entries_that_are_written_alike(other: Track) -> None:
    assert normal_form(other) == normal_form(song("Salt and Signal"))


@pytest.mark.parametrize(
    "other",
    [
        song("Salt and Signals"),
        song("Salt and Signal", "Mara Vell"),
        song("Salt and Signal (Live)"),
        song("Salt and Signal - Mara Vell Remix"),
        song("Salt and Signal (Instrumental)"),
        video("Kestrel Parade - Salt and Signal (Sped Up)", "Somebody"),
    ],
    ids=lambda track: f"{track.title} / {track.artist_line}",
)
def test_differs_for_another_recording(other: Track) -> None:
    assert normal_form(other) != normal_form(song("Salt and Signal"))


def test_versions_are_read_alike_on_both_sides() -> None:
    assert normal_form(song("Salt and Signal - Live")) == normal_form(
        video("Kestrel Parade - Salt and Signal (Live)", "KestrelParadeVEVO")
    )


def test_a_remaster_is_another_edition_of_the_same_name() -> None:
    plain, remaster = song("Salt and Signal"), video("Salt and Signal (2011 Remaster)")
    assert normal_form(plain) == normal_form(remaster)
    assert not same_edition(plain, remaster)
    assert same_edition(song("Salt and Signal - Remastered 2011"), remaster)
    assert same_edition(
        plain, video("Kestrel Parade - Salt and Signal (Official Video)", "KestrelParadeVEVO")
    )
    assert not same_edition(plain, video("Salt and Signal (Live)"))


@pytest.mark.parametrize("track", [song("!!!", "Kestrel Parade"), song("Salt", "???"), video("", "")])
def test_there_is_none_without_artist_or_title(track: Track) -> None:
    assert normal_form(track) is None


def test_accepts_any_text() -> None:
    assert normal_form(song("\ud800 Salt", "海")) == normal_form(song("\ud800 Salt", "海"))
