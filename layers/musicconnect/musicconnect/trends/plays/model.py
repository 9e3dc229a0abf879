"""Define listens and plays, their keys and the counting rule. Pure.

`track_key` and `artist_key` are stored, so what `normalize` does must never change; another normalization
would need another column.
"""

import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from musicconnect.platform.text import storable

type Kind = Literal["play", "skip", "start"]
type Provider = Literal["spotify", "youtube", "other"]
"""Where something was played; ``other`` where the source does not say."""

COUNTS_FROM_MS: Final = 30_000
"""A track played this long counts, and half of one shorter than twice this. Spotify counts streams so; for
other services see docs/trends.md."""
EARLIEST_MS: Final = 1_033_430_400_000
"""2002-10-01, the earliest time that ListenBrainz accepts. Clocks that were never set give 1970."""
SKEW_MS: Final = 3_600_000
"""How far in the future a play may lie, for clocks that are ahead."""
MAX_NAME_LENGTH: Final = 1_000
"""Characters of a stored title, artist or album."""
KEY_PREFIX: Final = "key:"
"""Begins a track's id where the source gives none."""

SOURCES: Final = {
    # How much each source knows about a play: of several reports the highest is the primary one.
    "spotify_extended": 90,
    "spotify_api": 80,
    "spotify_account": 70,
    "apple_music": 65,
    "listenbrainz": 60,
    "scrobbler_log": 50,
    "pano_scrobbler": 45,
    "lastfm": 40,
    "librefm": 35,
    "maloja": 30,
    "koito": 30,
    "spinitron": 20,
    "youtube_takeout": 10,
}
type Source = str
"""A key of `SOURCES`."""


MAX_UTC_OFFSET: Final = timedelta(hours=18)
"""No time zone is further from UTC."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = _EPOCH.replace(tzinfo=None)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Convert a time to Unix milliseconds; one without an offset is UTC."""
    return (moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)) // _MILLISECOND


def to_time(ms: int) -> datetime:
    """Convert Unix milliseconds to a time."""
    return _EPOCH + timedelta(milliseconds=ms)


def utc_midnight(day: date) -> datetime:
    """Get the begin of a UTC day."""
    return datetime.combine(day, time(), UTC)


def times_around(first: date, last: date) -> tuple[datetime, datetime]:
    """Get times between which the days lie in every time zone."""
    return utc_midnight(first) - MAX_UTC_OFFSET, utc_midnight(last + timedelta(days=1)) + MAX_UTC_OFFSET


class Listen(NamedTuple):
    """A report of a play by one source."""

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
    """A play with its primary report."""

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
    """Other sources that report it."""


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
    """Make a listen, its keys and, unless the source knows it, its kind; see `track_keys` for errors."""
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


def kind_of(ms_played: int | None, duration_ms: int | None) -> Kind:
    """Apply the counting rule: 30 seconds, or half of a track shorter than a minute.

    A source that does not report lengths lists only plays that count.
    """
    if ms_played is None or ms_played >= COUNTS_FROM_MS:
        return "play"
    is_half = duration_ms and duration_ms < 2 * COUNTS_FROM_MS and 2 * ms_played >= duration_ms
    return "play" if is_half else "skip"


@lru_cache(maxsize=65_536)
def track_keys(artist: str, title: str) -> tuple[int, int, str]:
    """Get `track_key`, `artist_key`, and the track's id where a source gives none.

    The keys are 64-bit hashes of the normalized names, the same for all sources.

    Raises:
        ValueError: PostgreSQL cannot hold the names: a NUL, or half of a surrogate pair.
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
    """Normalize a title or an artist for comparing sources.

    NFKC, without case, spacing, kinds of apostrophes, guests ("feat. X") and the " - Topic" of YouTube's
    channels of art tracks.
    """
    if name.isascii():  # the same, faster
        text = name.replace("`", "'").casefold()
    else:
        text = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold()
    text = " ".join(text.split()).removesuffix(" - topic")
    return (_GUESTS.sub("", text) or text) if "f" in text else text


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def msid(track_key: int) -> str:
    """Write a track's key as a UUID, as ListenBrainz's message ids are."""
    text = f"{track_key & 0xFFFFFFFFFFFFFFFF:016x}"
    return f"{text[:8]}-{text[8:12]}-8{text[12:15]}-8{text[15:]}00-000000000000"


def key_of_msid(text: str) -> int | None:
    """Read the track's key from an id that `msid` made; None for any other text."""
    digits = text.lower().replace("-", "")
    key = digits[:12] + digits[13:16] + digits[17:18]
    if not re.fullmatch(r"[0-9a-f]{16}", key):
        return None
    unsigned = int(key, 16)
    signed = unsigned - 2**64 if unsigned >= 2**63 else unsigned
    return signed if msid(signed) == text.lower() else None


def positive(value: Any, factor: float = 1) -> int | None:
    """Multiply a positive number by ``factor``, to a 32-bit integer; None for anything else."""
    try:
        number = round(float(value) * factor)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 2**31 else None
