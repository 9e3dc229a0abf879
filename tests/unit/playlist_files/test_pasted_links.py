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


def test_a_link_that_leads_to_no_track_is_told() -> None:
    entries, faults = read(LIST, ADDRESS, "https://youtu.be/short")
    assert entries == [("spotify", TRACK, "")]
    assert faults == [f"1: {NO_TRACK}", f"3: {NO_TRACK}"]
