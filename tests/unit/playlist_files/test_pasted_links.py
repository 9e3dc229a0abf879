"""Given a list with links in it, then each says which recording it is, whatever words stand before it."""

import pytest

from musicconnect.playlist_files.readers.text import NO_TRACK
from tests.unit.playlist_files import factories

TRACK = "4uLU6hMCjMI75M1A2tKUQC"
ADDRESS = f"https://open.spotify.com/track/{TRACK}"
LIST = "https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n"


def read(*lines: str) -> tuple[list[tuple[str | None, str | None, str]], list[str]]:
    playlists, faults = factories.read_with_faults("\n".join(lines).encode(), "Pasted.txt")
    entries = [entry for _, found in playlists for entry in found]
    return (
        [(entry.provider, entry.provider_id, entry.title) for entry in entries],
        [f"{fault.line}: {fault.reason}" for fault in faults],
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{ADDRESS}?si=abc", ("spotify", TRACK, "")),
        (f"spotify:track:{TRACK}", ("spotify", TRACK, "")),
        ("youtu.be/AAAAAAAAAAA?t=3", ("youtube", "AAAAAAAAAAA", "")),
        ("https://music.youtube.com/watch?v=AAAAAAAAAAA&list=PL1", ("youtube", "AAAAAAAAAAA", "")),
        ("tidal.com/browse/track/1234", ("tidal", "1234", "")),
        (f"3. The Oars - Grey Heron: <{ADDRESS}>", ("spotify", TRACK, "Grey Heron")),
        (f"The Oars - Grey Heron ({ADDRESS})", ("spotify", TRACK, "Grey Heron")),
        ("The Oars - example.org/heron", (None, None, "example.org/heron")),
    ],
)
def test_a_link_names_its_track(line: str, expected: tuple[str | None, str | None, str]) -> None:
    assert read("Vale - Reed", line) == ([(None, None, "Reed"), expected], [])


def test_links_alone_are_a_list() -> None:
    entries, faults = read(ADDRESS, "https://youtu.be/AAAAAAAAAAA")
    assert [(provider, of) for provider, of, _ in entries] == [("spotify", TRACK), ("youtube", "AAAAAAAAAAA")]
    assert faults == []


ALBUM = "https://open.spotify.com/album/3cEYpjA9oz9GiPac4AsH4n"


def test_a_link_that_leads_to_nothing_we_read_is_told() -> None:
    entries, faults = read(ALBUM, ADDRESS, "https://youtu.be/short", "https://spotify.link/abc")
    assert entries == [("spotify", TRACK, "")]
    short = "A short link says nothing by itself. Open it, and send the address it leads to."
    assert faults == [f"1: {NO_TRACK}", f"3: {NO_TRACK}", f"4: {short}"]


VIDEOS = "https://www.youtube.com/playlist?list=PLabc"


@pytest.mark.parametrize(
    "lines",
    [
        (LIST,),
        ("Listen to this:", f"<{LIST}?si=1>", "Ada"),
        ("The Oars - Grey Heron", f"2. My summer: {LIST}", ADDRESS),
        ("spotify:playlist:3cEYpjA9oz9GiPac4AsH4n",),
        (f"Have a look at {LIST} some day, it is good",),
    ],
)
def test_a_link_to_a_playlist_is_that_playlist(lines: tuple[str, ...]) -> None:
    (found,) = factories.linked("\n".join(lines).encode(), "Pasted.txt")
    assert (found.provider, found.provider_playlist_id) == ("spotify", "3cEYpjA9oz9GiPac4AsH4n")
    assert "3cEYpjA9oz9GiPac4AsH4n" in lines[found.line - 1]


def test_what_stands_around_links_to_playlists_is_one_list_in_its_order() -> None:
    lines = ("The Oars - Grey Heron", LIST, ADDRESS, VIDEOS, "Vale - Reed")
    playlists, faults = factories.read_with_faults("\n".join(lines).encode(), "Pasted.txt")
    ((_, entries),) = playlists
    assert [entry.title or entry.provider_id for entry in entries] == ["Grey Heron", TRACK, "Reed"]
    found = factories.linked("\n".join(lines).encode())
    assert [(one.line, one.provider) for one in found] == [(2, "spotify"), (4, "youtube")]
    assert faults == []


def test_without_a_track_there_is_no_list() -> None:
    assert factories.read_with_faults(f"{LIST}\n{ALBUM}".encode(), "Pasted.txt")[0] == []
