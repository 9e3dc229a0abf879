"""Scrobbles of Last.fm and its relatives: CSV in several dialects, ``.scrobbler.log``, and JSON exports."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from musicconnect.trends.imports.formats.base import (
    NO_NAME,
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    Rejection,
    iso_ms,
    local_ms,
    record_parser,
)
from musicconnect.trends.plays.model import listen, positive, to_ms

NOW_PLAYING: Final = Rejection("skipped", "now_playing")
TIME_COLUMNS: Final = ("uts", "timestamp", "date", "datetime", "utc_time", "time", "played_at")
"""Columns of the time, the most exact first."""
ARTIST_COLUMNS: Final = ("artist", "artist_name", "artist name")
TITLE_COLUMNS: Final = ("track", "track_name", "track name", "title", "name", "song")
ALBUM_COLUMNS: Final = ("album", "album_name", "album name", "release_name")
_ENGLISH = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}),? (\d{1,2}):(\d{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def columns_of(first: Sequence[str]) -> dict[str, Any] | None:
    """Find a CSV's columns by its first row; without a header: artist, album, track, time. Else None."""
    names = [name.strip().lower() for name in first]
    found = {
        what: next((names.index(name) for name in accepted if name in names), None)
        for what, accepted in {
            "time": TIME_COLUMNS,
            "artist": ARTIST_COLUMNS,
            "title": TITLE_COLUMNS,
            "album": ALBUM_COLUMNS,
        }.items()
    }
    if None not in {found["time"], found["artist"], found["title"]}:
        duration = names.index("duration") if "duration" in names else None
        return {**found, "duration": duration, "header": True}
    if len(first) == 4 and _time(first[3]) is not None:
        return {"artist": 0, "album": 1, "title": 2, "time": 3, "duration": None, "header": False}
    return None


@record_parser
def scrobbled(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a row of a CSV file, with columns as `columns_of` found them."""
    columns = context.facts
    time = record[columns["time"]].strip()
    title, artist = record[columns["title"]].strip(), record[columns["artist"]].strip()
    album = record[columns["album"]].strip() if columns["album"] is not None else None
    if not title or not artist:
        return NO_NAME
    if not time:
        return NOW_PLAYING
    found = _time(time)
    if found is None:
        return NO_TIME
    played_at, precision = found
    at = columns["duration"]
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=album,
        source="lastfm",
        duration_ms=positive(record[at], 1000) if at is not None and at < len(record) else None,
        precision_s=precision,
    )


@record_parser
def logged(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a row of ``.scrobbler.log``; with ``#TZ/UNKNOWN`` times are local.

    Artist, album, title, number, seconds, L or S, Unix time, MusicBrainz id.
    """
    artist, album, title, _number, seconds, rating, time = (field.strip() for field in record[:7])
    if not title or not artist:
        return NO_NAME
    played_at = int(time) * 1000 if context.facts["utc"] else local_ms(int(time), context.zone)
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=album or None,
        source="scrobbler_log",
        duration_ms=positive(seconds, 1000),
        kind="skip" if rating.upper() == "S" else "play",
    )


def pages(record: Any, context: ParseContext) -> list[Parsed]:
    """Parse a page of Last.fm's ``user.getRecentTracks``, or one of its tracks."""
    tracks = record.get("track") if isinstance(record.get("track"), list) else [record]
    return [one for track in tracks for one in _scrobble(track, context)]


@record_parser
def _scrobble(track: Any, _context: ParseContext) -> Parsed:
    if (track.get("@attr") or {}).get("nowplaying"):
        return NOW_PLAYING
    artist = track["artist"]
    return listen(
        played_at=int(track["date"]["uts"]) * 1000,
        title=track["name"],
        artist=artist.get("#text") or artist["name"],
        album=(track.get("album") or {}).get("#text") or None,
        source="lastfm",
    )


@record_parser
def maloja(record: Any, _context: ParseContext) -> Parsed:
    """Parse a scrobble of Maloja's export."""
    track = record["track"]
    return listen(
        played_at=int(record["time"]) * 1000,
        title=track["title"],
        artist=", ".join(track["artists"]),
        album=(track.get("album") or {}).get("albumtitle"),
        source="maloja",
        duration_ms=positive(track.get("length"), 1000),
        ms_played=positive(record.get("duration"), 1000),
    )


@record_parser
def koito(record: Any, _context: ParseContext) -> Parsed:
    """Parse a listen of Koito's export."""
    artists = sorted(record["artists"], key=lambda artist: not artist.get("is_primary"))
    return listen(
        played_at=iso_ms(record["listened_at"]),
        title=_primary(record["track"]["aliases"]),
        artist=", ".join(_primary(artist["aliases"]) for artist in artists),
        album=_primary(record["album"]["aliases"]) if record.get("album") else None,
        source="koito",
        duration_ms=positive(record["track"].get("duration"), 1000),
    )


def _primary(aliases: list[dict[str, Any]]) -> str:
    return str(next((alias for alias in aliases if alias.get("is_primary")), aliases[0])["alias"])


def _time(text: str) -> tuple[int, int] | None:
    text = text.strip()
    if text.isascii() and text.isdecimal() and 9 <= len(text) <= 13:
        return (int(text) if len(text) > 11 else int(text) * 1000), 1
    english = _ENGLISH.fullmatch(text)
    try:
        if english and english[2] in _MONTHS:
            day, month, year = int(english[1]), _MONTHS.index(english[2]) + 1, int(english[3])
            return to_ms(datetime(year, month, day, int(english[4]), int(english[5]), tzinfo=UTC)), 60
        return iso_ms(text), 1 if text.count(":") > 1 else 60
    except ValueError:
        return None


CSV = Format("lastfm", "Last.fm scrobbles (CSV)", "csv", scrobbled)
LOG = Format("scrobbler_log", ".scrobbler.log", "tsv", logged)
PAGES = Format("lastfm_json", "Last.fm scrobbles (JSON)", "array", pages)
MALOJA = Format("maloja", "Maloja export", "array", maloja, "scrobbles")
KOITO = Format("koito", "Koito export", "array", koito, "listens")
