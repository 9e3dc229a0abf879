"""Apple Music's Play Activity and Track Play History, CSV files of Apple's privacy request.

Device, address and place are not read. Most files name no artist for an event: those rows cannot be kept.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from musicconnect.files import headers, tables
from musicconnect.trends.imports.formats.base import (
    NO_NAME,
    NO_TIME,
    NOT_A_PLAY,
    NOT_MUSIC,
    Format,
    ParseContext,
    Parsed,
    any_ms,
    record_parser,
)
from musicconnect.trends.plays.model import listen, positive

_ACTIVITY: Final = {
    # The names of columns, of all years since 2015, the newest first.
    "title": ("songname", "contentname", "trackname"),
    "artist": ("artistname",),
    "container_artist": ("containerartistname",),
    "container_type": ("containertype",),
    "album": ("albumname", "containeralbumname"),
    "start": ("eventstarttimestamp",),
    "end": ("eventendtimestamp",),
    "played_ms": ("playdurationmilliseconds",),
    "duration_ms": ("mediadurationinmilliseconds",),
    "event": ("eventtype",),
    "media": ("mediatype",),
    "item": ("itemtype",),
}
_NO_SONGS: Final = frozenset({
    "STREAM", "NON_SONG_CLIP", "ARTIST_UPLOADED_CONTENT", "TIMED_METADATA_PING", "PODCAST", "AUDIOBOOK",
})  # fmt: skip
# Of old files the type is empty; what begins is told of again when it ends.
_EVENTS: Final = frozenset({"", "PLAY_END"})
_ALBUMS: Final = frozenset({"ALBUM", "ARTIST"})
"""Kinds of containers whose artist is the song's."""


def _names(cells: Sequence[str]) -> list[str]:
    return [headers.key_of(cell) for cell in cells]


def _is_activity(cells: Sequence[str]) -> int:
    names = set(_names(cells))
    told = {"eventstarttimestamp", "eventendtimestamp"} & names and "playdurationmilliseconds" in names
    return len(names) if told and names & set(_ACTIVITY["title"]) else 0


def _is_history(cells: Sequence[str]) -> int:
    return len(cells) if {"trackname", "lastplayeddate"} <= set(_names(cells)) else 0


def _is_daily(cells: Sequence[str]) -> int:
    names = set(_names(cells))
    return int("trackdescription" in names and bool({"dateplayed", "firsteventtimestamp"} & names))


def find(text: str) -> tuple[str, dict[str, Any]] | str | None:
    """Find which of Apple's files a table is, with its facts; a code of `status_text` for one of days."""
    header = tables.find_header(text, _is_activity)
    if header is not None:
        names = _names(header.cells)
        columns = {
            what: next((names.index(word) for word in words if word in names), None)
            for what, words in _ACTIVITY.items()
        }
        return "apple_activity", _facts(header, columns)
    header = tables.find_header(text, _is_history)
    if header is not None:
        names = _names(header.cells)
        return "apple_history", _facts(
            header, {"title": names.index("trackname"), "time": names.index("lastplayeddate")}
        )
    return "apple-without-times" if tables.find_header(text, _is_daily) else None


def _facts(header: tables.HeaderLine, columns: dict[str, int | None]) -> dict[str, Any]:
    return {
        "dialect": asdict(header.dialect), "skip": header.line, "header": header.cells, "columns": columns,
    }  # fmt: skip


@record_parser
def activity(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse an event of Play Activity. A pause cuts one listen into several."""
    columns = context.facts["columns"]

    def cell(name: str) -> str:
        at = columns.get(name)
        return record[at].strip() if at is not None and at < len(record) else ""

    if cell("event").upper() not in _EVENTS:
        return NOT_A_PLAY
    if cell("media").upper() == "VIDEO" or cell("item").upper() in _NO_SONGS:
        return NOT_MUSIC
    title, artist = cell("title"), cell("artist")
    if not artist and cell("container_type").upper() in _ALBUMS:
        artist = cell("container_artist")
    if not title or not artist:
        return NO_NAME
    duration = positive(cell("duration_ms"))
    played = positive(cell("played_ms")) or 0
    if duration:
        played = min(played, duration)  # some events say more than there is
    start, end = any_ms(cell("start")), any_ms(cell("end"))
    if start is None and end is None:
        return NO_TIME
    return listen(
        played_at=start if start is not None else (end or 0) - played,
        title=title,
        artist=artist,
        album=cell("album") or None,
        source="apple_music",
        ms_played=played,
        duration_ms=duration,
    )


@record_parser
def last_played(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a row of Track Play History: one a track, with the last time it was played."""
    columns = context.facts["columns"]
    # Artists have no hyphen between blanks; titles may.
    artist, _, title = record[columns["title"]].partition(" - ")
    if not artist.strip() or not title.strip():
        return NO_NAME
    played_at = any_ms(record[columns["time"]])
    if played_at is None:
        return NO_TIME
    return listen(played_at=played_at, title=title.strip(), artist=artist.strip(), source="apple_music")


ACTIVITY = Format("apple_activity", "Apple Music Play Activity", "rows", activity)
HISTORY = Format("apple_history", "Apple Music Track Play History", "rows", last_played)
