"""Scrobbles in Last.fm's JSON and its relatives', and ``.scrobbler.log``."""

import re
from collections.abc import Sequence
from typing import Any, Final

from musicconnect.trends.imports.formats.base import (
    BAD_TIME,
    LOCAL_TIMES,
    NO_NAME,
    NO_TIME,
    NOT_A_PLAY,
    NOW_PLAYING,
    Format,
    ParseContext,
    Parsed,
    any_ms,
    iso_ms,
    local_ms,
    record_parser,
    text_of,
)
from musicconnect.trends.plays.model import listen, positive

_UNTAGGED: Final = re.compile(r"<\s*untagged\s*>|<\s*unknown\s*>", re.IGNORECASE)
LOG_WIDTH: Final = 7
"""Columns of a log that a row needs: the last of them is its time."""


@record_parser
def logged(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a row of ``.scrobbler.log``; with ``#TZ/UNKNOWN`` times are local.

    Artist, album, title, number, seconds, L or S, Unix time, MusicBrainz id.
    """
    artist, album, title, _number, seconds, rating, time = (field.strip() for field in record[:LOG_WIDTH])
    if not title or not artist or _UNTAGGED.fullmatch(artist) or _UNTAGGED.fullmatch(title):
        return NO_NAME
    at = int(time)
    if at == 0:
        return BAD_TIME  # a player without a clock
    if context.facts["utc"]:
        played_at = (at - context.facts.get("offset_s", 0)) * 1000
    else:
        context.notes.add(LOCAL_TIMES)
        played_at = local_ms(at, context.zone)
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=album or None,
        source="scrobbler_log",
        duration_ms=positive(seconds, 1000),
        kind="skip" if rating.upper() == "S" else "play",
    )


def log_facts(text: str) -> dict[str, Any]:
    """Read the head of a log: whether its times are UTC, or how far from it the player's clock is."""
    zone = re.search(r"^#TZ/(\S+)", text, re.MULTILINE)
    written = zone[1].upper() if zone else ""
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", written)
    facts: dict[str, Any] = {"utc": written in {"UTC", "GMT", "Z"} or offset is not None}
    if offset:
        seconds = 3600 * int(offset[2]) + 60 * int(offset[3] or 0)
        facts["offset_s"] = seconds if offset[1] == "+" else -seconds
    return facts


_TITLES: Final = ("name", "track", "title", "track_name", "trackName", "song")
_ARTISTS: Final = ("artist", "artist_name", "artistName", "artists")
_ALBUMS: Final = ("album", "album_name", "albumName", "release", "release_name")
_TIMES: Final = (
    "uts", "timestamp", "timeMs", "date", "time", "played_at", "listened_at",
    "datetime", "utc_time", "scrobbled_at",
)  # fmt: skip


def scrobbles(record: Any, context: ParseContext) -> Sequence[Parsed]:
    """Parse a track of Last.fm's ``user.getRecentTracks``, in the forms that exporters make of it.

    Names are texts or objects, times are texts, numbers or objects, and a page may hold one track only.
    """
    inner = record.get("recenttracks", record)
    tracks = inner.get("track") if isinstance(inner, dict) else None
    if isinstance(tracks, dict) and "name" in tracks:
        tracks = [tracks]
    if isinstance(tracks, list):
        return [one for track in tracks for one in _scrobble(track, context)]
    return _scrobble(record, context)


@record_parser
def _scrobble(track: Any, context: ParseContext) -> Parsed:
    if str((track.get("@attr") or {}).get("nowplaying", "")).casefold() == "true":
        return NOW_PLAYING
    if str(track.get("event") or "scrobble").casefold() != "scrobble":
        return NOT_A_PLAY
    title, artist = _first(track, _TITLES), _first(track, _ARTISTS)
    written = next((track[name] for name in _TIMES if track.get(name) not in (None, "")), None)
    if isinstance(written, dict):
        written = written.get("uts") or written.get("#text")
    if written is None and title and artist:
        return NOW_PLAYING if "date" in track or "uts" in track else NO_TIME
    if not title or not artist:
        return NO_NAME
    played_at = any_ms(written)
    if played_at is None:
        return NO_TIME
    is_exact = not (isinstance(written, str) and written.count(":") == 1)
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=_first(track, _ALBUMS) or None,
        source=context.facts.get("source", "lastfm"),
        duration_ms=positive(track.get("durationMs")) or positive(track.get("duration_ms")),
        precision_s=1 if is_exact else 60,
    )


def _first(track: dict[str, Any], names: Sequence[str]) -> str:
    """Give the first text under some names; of objects their text or name, of lists all."""
    for name in names:
        text = _name(track.get(name))
        if text:
            return text
    return ""


def _name(value: Any) -> str:
    if isinstance(value, dict):
        return text_of(value.get("#text")) or text_of(value.get("name"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    return text_of(value)


@record_parser
def maloja(record: Any, _context: ParseContext) -> Parsed:
    """Parse a scrobble of Maloja's export."""
    track = record["track"]
    artists = track.get("artists") or []
    title = text_of(track.get("title"))
    artist = ", ".join(filter(None, map(text_of, [artists] if isinstance(artists, str) else artists)))
    if not title or not artist:
        return NO_NAME
    played_at = any_ms(record.get("time"))
    if played_at is None:
        return NO_TIME
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=text_of((track.get("album") or {}).get("albumtitle")) or None,
        source="maloja",
        duration_ms=positive(track.get("length"), 1000),
        ms_played=positive(record.get("duration"), 1000),
    )


@record_parser
def koito(record: Any, _context: ParseContext) -> Parsed:
    """Parse a listen of Koito's export."""
    artists = sorted(record.get("artists") or (), key=lambda artist: not artist.get("is_primary"))
    title = _primary(record["track"].get("aliases"))
    artist = ", ".join(filter(None, (_primary(artist.get("aliases")) for artist in artists)))
    if not title or not artist:
        return NO_NAME
    return listen(
        played_at=iso_ms(record["listened_at"]),
        title=title,
        artist=artist,
        album=_primary((record.get("album") or {}).get("aliases")) or None,
        source="koito",
        duration_ms=positive(record["track"].get("duration"), 1000),
    )


def _primary(aliases: Any) -> str:
    named = [alias for alias in aliases or () if text_of(alias.get("alias"))]
    return (
        text_of(next((alias for alias in named if alias.get("is_primary")), named[0])["alias"])
        if named
        else ""
    )


LOG = Format("scrobbler_log", ".scrobbler.log", "rows", logged)
SCROBBLES = Format("lastfm_json", "Last.fm scrobbles (JSON), lastfmstats, Pano Scrobbler", "json", scrobbles)
MALOJA = Format("maloja", "Maloja export", "json", maloja)
KOITO = Format("koito", "Koito export", "json", koito)
