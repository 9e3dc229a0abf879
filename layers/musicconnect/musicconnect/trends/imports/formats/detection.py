"""Detect the format of an uploaded file by its content, never by its name."""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from musicconnect.trends.imports.formats import google_takeout, lastfm, listenbrainz, spotify
from musicconnect.trends.imports.formats.base import Format

HEAD_BYTES: Final = 262_144

FORMATS: Final = {
    # By the key that an import's position stores.
    "spotify_extended": spotify.EXTENDED,
    "spotify_account": spotify.ACCOUNT,
    "youtube_takeout": google_takeout.TAKEOUT,
    "listenbrainz": listenbrainz.EXPORT,
    "listenbrainz_list": listenbrainz.LIST,
    "listenbrainz_wrapped": listenbrainz.WRAPPED,
    "lastfm": lastfm.CSV,
    "scrobbler_log": lastfm.LOG,
    "lastfm_json": lastfm.PAGES,
    "maloja": lastfm.MALOJA,
    "koito": lastfm.KOITO,
}


_WRAPPED: Final = (
    ("maloja", "scrobbles", {"time", "track"}),
    ("koito", "listens", {"listened_at", "track", "artists"}),
    ("listenbrainz_wrapped", "listens", {"listened_at", "track_metadata"}),
)
"""Formats whose records are in an array under a key: format, key, members of a record."""
_SEPARATOR: Final = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """A file's format, and what its head says about the rest."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    """JSON values."""

    @property
    def format(self) -> Format:
        """Get the format itself."""
        return FORMATS[self.key]


def detect(head: bytes) -> DetectedFormat | str | None:
    """Detect a format from the first `HEAD_BYTES` bytes of a file.

    Gives a code of `status_text` for a known kind that cannot be read, and None for an unknown one.
    """
    if b"\x00" in head[:1024]:
        return None
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("#AUDIOSCROBBLER/"):
        zone = re.search(r"^#TZ/(\S+)", text, re.MULTILINE)
        return DetectedFormat("scrobbler_log", {"utc": zone is not None and zone[1].upper() == "UTC"})
    if text.startswith("["):
        return _array(text)
    if text.startswith("{"):
        return _object(text)
    if text.startswith("<"):
        is_takeout = "mdl-grid" in text or "YouTube" in text
        return "takeout-html" if is_takeout else None
    return _csv(text)


def _array(text: str) -> DetectedFormat | None:
    first, *others = _records(text, 1) or [None]
    if not isinstance(first, dict):
        return None
    keys = first.keys()
    if {"ts", "ms_played"} <= keys:
        return DetectedFormat("spotify_extended")
    if {"endTime", "msPlayed"} <= keys:
        return DetectedFormat("spotify_account")
    if {"listened_at", "track_metadata"} <= keys:
        return DetectedFormat("listenbrainz_list")
    if {"header", "title", "time"} <= keys:
        return DetectedFormat("youtube_takeout", google_takeout.learn([first, *others]))
    if isinstance(first.get("track"), list) or {"artist", "name", "date"} <= keys:
        return DetectedFormat("lastfm_json")
    return None


def _object(text: str) -> DetectedFormat | None:
    line = text.split("\n", 1)[0]
    try:
        first = json.loads(line)
    except ValueError:
        first = None
    if isinstance(first, dict) and {"listened_at", "track_metadata"} <= first.keys():
        return DetectedFormat("listenbrainz")
    for key, inside, names in _WRAPPED:
        start = array_start(text, inside)
        records = _records(text, start) if start is not None else None
        if records and isinstance(records[0], dict) and names <= records[0].keys():
            return DetectedFormat(key)
    return None


def array_start(text: str, key: str) -> int | None:
    """Find the position after the opening bracket of the array under a key."""
    found = re.search(rf'"{key}"\s*:\s*\[', text)
    return found.end() if found else None


def _records(text: str, at: int) -> list[Any]:
    decoder = json.JSONDecoder()
    found: list[Any] = []
    while True:
        at = _SEPARATOR.match(text, at).end()  # type: ignore[union-attr]  # matches always
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return found
        found.append(record)


def _csv(text: str) -> DetectedFormat | None:
    try:
        first = next(csv.reader(io.StringIO(text, newline="")), None)
    except csv.Error:
        return None
    columns = lastfm.columns_of(first) if first else None
    return DetectedFormat("lastfm", columns) if columns else None
