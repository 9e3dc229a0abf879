"""The files people have of what they listened to, found out by content and never by name."""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from musicconnect.trends.imports.formats import google_takeout, lastfm, listenbrainz, spotify
from musicconnect.trends.imports.formats.base import Format

HEAD_BYTES: Final = 262_144
"""Bytes from which a format is found out."""

FORMATS: Final = {
    # By the name under which a position remembers them.
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


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """What a file is."""

    key: str
    """Of `FORMATS`."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What its head tells about the rest. JSON values."""

    @property
    def format(self) -> Format:
        """How to read it."""
        return FORMATS[self.key]


def detect(head: bytes) -> DetectedFormat | str | None:
    """What a file is, from its first `HEAD` bytes.

    Gives a text where it is something known that cannot be read, saying what to do, and None where it is
    nothing known.
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
        return "This is Takeout's HTML. Ask Google for the same in JSON." if is_takeout else None
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
    for key, inside in (("maloja", "scrobbles"), ("koito", "listens"), ("listenbrainz_wrapped", "listens")):
        start = array_start(text, inside)
        records = _records(text, start) if start is not None else None
        if not records or not isinstance(records[0], dict):
            continue
        keys = records[0].keys()
        if key == "maloja" and {"time", "track"} <= keys:
            return DetectedFormat(key)
        if key == "koito" and {"listened_at", "track", "artists"} <= keys:
            return DetectedFormat(key)
        if key == "listenbrainz_wrapped" and {"listened_at", "track_metadata"} <= keys:
            return DetectedFormat(key)
    return None


def array_start(text: str, key: str) -> int | None:
    """Where the array under a key begins: the position after its bracket."""
    found = re.search(rf'"{key}"\s*:\s*\[', text)
    return found.end() if found else None


def _records(text: str, at: int) -> list[Any]:
    """The complete elements of an array whose first one begins at or after ``at``."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    while True:
        at = _skip(text, at)
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return found
        found.append(record)


def _skip(text: str, at: int) -> int:
    match = re.compile(r"[\s,]*").match(text, at)
    return match.end() if match else at


def _csv(text: str) -> DetectedFormat | None:
    try:
        first = next(csv.reader(io.StringIO(text, newline="")), None)
    except csv.Error:
        return None
    columns = lastfm.columns_of(first) if first else None
    return DetectedFormat("lastfm", columns) if columns else None
