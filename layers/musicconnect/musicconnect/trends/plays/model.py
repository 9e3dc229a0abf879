"""What a play is: the vocabulary of everything that comes in. Pure; the standard library only.

`track_key` and `artist_key` are kept in the database, so what `compared` does must never change; another
way of comparing would be another column.
"""

import hashlib
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

type Kind = Literal["play", "skip", "start"]
type Provider = Literal["spotify", "youtube", "other"]
"""Where something was played; ``other`` where the source does not say."""

COUNTS_FROM_MS: Final = 30_000
"""Played this long, a track was listened to; half of it is enough for one shorter than twice that. Spotify
counts streams so; see docs/trends.md for the others."""
EARLIEST_MS: Final = 1_033_430_400_000
"""2002-10-01, the earliest time that ListenBrainz accepts. Clocks that were never set say 1970."""
SKEW_MS: Final = 3_600_000
"""How far in the future a play may lie, for clocks that are ahead."""
MAX_NAME_LENGTH: Final = 1_000
"""Characters of a title, an artist or an album that are kept."""
KEY_PREFIX: Final = "key:"
"""What a track's id begins with where the source gives none."""

SOURCES: Final = {
    # How much each source knows about a play; of several that tell of one, the highest is shown.
    "spotify_extended": 90,
    "spotify_api": 80,
    "spotify_account": 70,
    "listenbrainz": 60,
    "scrobbler_log": 50,
    "lastfm": 40,
    "maloja": 30,
    "koito": 30,
    "youtube_takeout": 10,
}
type Source = str
"""A key of `SOURCES`."""


class Listen(NamedTuple):
    """One listening event as one source tells it."""

    played_at: int
    """The start, in Unix milliseconds."""
    track_key: int
    artist_key: int
    ms_played: int | None
    duration_ms: int | None
    precision_s: int
    """To how many seconds the source knows the time."""
    kind: Kind
    source: Source
    provider: str
    provider_track_id: str
    title: str
    artist: str
    album: str | None
    details: dict[str, Any] | None


class StoredPlay(NamedTuple):
    """A play as it is kept."""

    played_at: datetime
    track_key: int
    ordinal: int
    import_id: int | None
    inserted_at: datetime
    ms_played: int | None
    duration_ms: int | None
    precision_s: int
    kind: Kind
    source: Source
    provider: Provider
    provider_track_id: str
    title: str
    artist: str
    album: str | None
    details: dict[str, Any] | None
    alternate_sources: list[Source]
    """Which other sources tell of it."""


def listen(
    *,
    played_at: int,
    title: str,
    artist: str,
    source: Source,
    album: str | None = None,
    provider: str = "other",
    provider_track_id: str | None = None,
    ms_played: int | None = None,
    duration_ms: int | None = None,
    precision_s: int = 1,
    kind: Kind | None = None,
    details: dict[str, Any] | None = None,
) -> Listen:
    """A listening event, with what follows from its parts.

    Args:
        played_at: The start, in Unix milliseconds.
        title: As the source spells it.
        artist: As the source spells it.
        source: Who tells.
        album: As the source spells it.
        provider: Where it was played.
        provider_track_id: The provider's id, where the source gives one.
        ms_played: Milliseconds listened.
        duration_ms: Length of the recording in milliseconds.
        precision_s: To how many seconds the source knows the time.
        kind: Where the source knows; otherwise by the counting rule.
        details: What else is kept. Must hold what PostgreSQL's jsonb can.

    Raises:
        ValueError: PostgreSQL could not hold the names.
    """
    track, performer, key = track_keys(artist, title)
    # Millions of these are made, and the named tuple's own constructor takes twice as long.
    return tuple.__new__(
        Listen,
        (
            played_at,
            track,
            performer,
            ms_played,
            duration_ms,
            precision_s,
            kind or kind_of(ms_played, duration_ms),
            source,
            provider,
            provider_track_id or key,
            title[:MAX_NAME_LENGTH],
            artist[:MAX_NAME_LENGTH],
            storable(album)[:MAX_NAME_LENGTH] if album else None,
            details,
        ),
    )


def storable(text: str) -> str:
    """A text without what PostgreSQL cannot hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def kind_of(ms_played: int | None, duration_ms: int | None) -> Kind:
    """The counting rule: 30 seconds, or half of a track shorter than a minute.

    A source that does not say how long tells only of plays that counted.
    """
    if ms_played is None or ms_played >= COUNTS_FROM_MS:
        return "play"
    return (
        "play"
        if duration_ms and duration_ms < 2 * COUNTS_FROM_MS and 2 * ms_played >= duration_ms
        else "skip"
    )


@lru_cache(maxsize=65_536)
def track_keys(artist: str, title: str) -> tuple[int, int, str]:
    """`track_key`, `artist_key`, and what stands for the track's id where a source gives none.

    The keys are 64-bit hashes of the compared forms, the same for all sources.

    Raises:
        ValueError: PostgreSQL could not hold the names: a NUL, or half of a surrogate pair.
    """
    if "\x00" in artist or "\x00" in title:
        raise ValueError("a name contains NUL")
    performer = normalize(artist)
    track = _hash(f"{performer}\x1f{normalize(title)}")
    return track, _hash(performer), f"{KEY_PREFIX}{track & 0xFFFFFFFFFFFFFFFF:016x}"


_GUESTS = re.compile(r"\s*[(\[]\s*(?:feat|ft|featuring)\b[^)\]]*[)\]]|\s+(?:feat\.|ft\.|featuring\s).*$")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"'})


@lru_cache(maxsize=16_384)
def normalize(name: str) -> str:
    """A title or artist in the form in which two sources are compared.

    Compatibility form, without case, spacing, kinds of apostrophes, guests ("feat. X") and the " - Topic" of
    YouTube's channels of art tracks.
    """
    if name.isascii():  # a short way to the same end, for the most of them
        text = name.replace("`", "'").casefold()
    else:
        text = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold()
    text = " ".join(text.split()).removesuffix(" - topic")
    return (_GUESTS.sub("", text) or text) if "f" in text else text


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
