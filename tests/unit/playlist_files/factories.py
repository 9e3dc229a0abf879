"""Playlists for the tests of files, and how they are written and read."""

import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry, Format, PlaylistHeader, PlaylistLink
from musicconnect.playlist_files.writers import writer

FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl", "xspf", "jspf", "m3u8")
WHOLE: tuple[Format, ...] = ("json", "jsonl", "xspf", "jspf", "m3u8")
"""Formats that carry the playlist's head, too."""
SPOTIFY_ID = "11dFghVXANMlKmJXsNCbNl"
VIDEO_ID = "AbCdEfGhIjK"


def written(kind: Format, head: PlaylistHeader, entries: Iterable[Entry], *, bom: bool = False) -> bytes:
    made = writer(kind, bom=bom)
    return made.begin(head) + b"".join(made.entry(entry) for entry in entries) + made.end()


def read(data: bytes, name: str = "") -> list[tuple[PlaylistHeader, list[Entry]]]:
    return read_with_faults(data, name)[0]


def read_with_faults(
    data: bytes, name: str = ""
) -> tuple[list[tuple[PlaylistHeader, list[Entry]]], list[readers.ReadError]]:
    playlists: list[tuple[PlaylistHeader, list[Entry]]] = []
    current: list[Entry] = []
    faults: list[readers.ReadError] = []
    for part in readers.read_playlists(io.BytesIO(data), file_name=name, report=faults.append):
        if isinstance(part, Entry):
            current.append(part)
            continue
        if isinstance(part, PlaylistLink):
            continue
        current = next((entries for head, entries in playlists if head is part), [])
        if not any(head is part for head, _ in playlists):
            playlists.append((part, current))
    return playlists, faults


def linked(data: bytes, name: str = "") -> list[PlaylistLink]:
    """The links to playlists in a text."""
    parts = readers.read_playlists(io.BytesIO(data), file_name=name)
    return [part for part in parts if isinstance(part, PlaylistLink)]


def ordinary(count: int, seed: int = 1) -> list[Entry]:
    """Entries as playlists have them, every third twice."""
    chance = random.Random(seed)
    entries: list[Entry] = []
    for position in range(count):
        number = position - position % 3 if position % 3 == 2 else position
        is_video = number % 5 == 0
        provider_id = f"{number:011d}" if is_video else f"{number:022d}"
        page = "https://www.youtube.com/watch?v=" if is_video else "https://open.spotify.com/track/"
        entries.append(
            Entry(
                position=position,
                provider="youtube" if is_video else "spotify",
                provider_id=provider_id,
                url=page + provider_id,
                title=f"Song {number}, the «{number % 7}th»",
                artists=("Some Channel",) if is_video else ("Tyler, The Creator", f"Guest {number % 11}"),
                album=None if is_video else f"Album {number % 13}",
                release_date=None if is_video else "2019-05-17",
                duration_ms=number * 7 + 180_000,
                isrc=None if is_video else f"USUM7{number % 10_000_000:07d}",
                explicit=None if is_video else bool(number % 2),
                added_at=datetime(2026, 1, 1, chance.randrange(24), tzinfo=UTC),
            )
        )
    return entries


NASTY = (
    "", " ", "=1+1", "'=1", "''", "@x", "-", "+", "＝1", "\t", "\r", "\n", "\r\n", "a\r\nb", 'say "hi"', '"',
    "a,b", ", ", "A\\", "A\\, B", ";", "A;B", " - ", "a - b - c", "#EXTM3U", "#x", "]]>", "<b>&amp;", "&#13;",
    "\x00", "\x01\x0b\x1f", "\ufffe\uffff", "\u2028\u2029\x85", "\ufeff", "e\u0301", "日本語", "🎵👩\u200d👧",
    "\u202eabc", "﷽", "null", "None", "nan", "NULL", "true", "007", "1e5", "%20", "%", "~2", "a" * 3000,
)  # fmt: skip
"""What breaks one format or another."""

texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.text(st.sampled_from("=+-@'\"\t\r\n,;\\ #&<>\x00\x01ab歌🎵\u2028\ufeff"), max_size=12),
    st.lists(st.sampled_from(NASTY), max_size=3).map("".join),
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.integers(0, 2**31 - 1)
addresses = st.one_of(
    texts,
    st.just(f"https://open.spotify.com/track/{SPOTIFY_ID}"),
    st.just(f"https://www.youtube.com/watch?v={VIDEO_ID}&t=1"),
    st.just(f"https://open.spotify.com/episode/{SPOTIFY_ID}"),
    st.just("C:\\Music\\01 - Song.mp3"),
    st.just("https://example.org/ä b?c=d#e"),
)


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


heads = st.builds(
    PlaylistHeader,
    provider=maybe(st.sampled_from(["spotify", "youtube", "other"])),
    provider_playlist_id=maybe(st.just("37i9dQZF1DX0XUsuxWHRQd") | texts),
    name=texts,
    description=maybe(texts),
    owner=maybe(texts),
    is_public=maybe(st.booleans()),
    item_count=maybe(numbers),
    captured_at=maybe(moments),
)
some_entries = st.lists(
    st.builds(
        Entry,
        position=st.just(0),
        kind=st.sampled_from(["track", "track", "episode", "local", "unavailable"]),
        provider=maybe(st.sampled_from(["spotify", "youtube", "other"])),
        provider_id=maybe(st.sampled_from([SPOTIFY_ID, VIDEO_ID, "spotify:local:A:B:C:12"]) | texts),
        url=maybe(addresses),
        title=texts,
        artists=st.lists(texts, max_size=3).map(tuple),
        album=maybe(texts),
        album_artists=st.lists(texts, max_size=2).map(tuple),
        release_date=maybe(st.sampled_from(["2019", "2019-05", "2019-05-17"]) | texts),
        disc_number=maybe(numbers),
        track_number=maybe(numbers),
        duration_ms=maybe(numbers),
        isrc=maybe(st.sampled_from(["USUM71703861", "us-um7-17-03861"]) | texts),
        explicit=maybe(st.booleans()),
        popularity=maybe(st.integers(0, 100)),
        artwork_url=maybe(addresses),
        added_at=maybe(moments),
        artist_uris=st.lists(addresses, max_size=2).map(tuple),
        album_uri=maybe(addresses),
        album_artist_uris=st.lists(texts, max_size=2).map(tuple),
        added_by=maybe(st.sampled_from(["ada", "spotify:user:ada"]) | texts),
    ),
    max_size=4,
)


def placed(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with the positions that they have in a file."""
    return [replace(entry, position=position) for position, entry in enumerate(entries)]
