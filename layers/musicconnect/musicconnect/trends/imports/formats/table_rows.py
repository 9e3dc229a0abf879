"""Parse the rows of tables of plays, with columns as `tables.find` found them. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from musicconnect.trends.imports.formats import times
from musicconnect.trends.imports.formats.base import (
    LOCAL_TIMES,
    NO_NAME,
    NO_TIME,
    NOT_A_PLAY,
    NOW_PLAYING,
    Format,
    ParseContext,
    Parsed,
    Rejection,
    moment_ms,
    record_parser,
)
from musicconnect.trends.imports.formats.tables import UTF7, Columns
from musicconnect.trends.plays.model import listen, positive, to_ms

# As Last.fm writes a scrobble's time, in UTC, in whatever language the account is.
_LASTFM: Final = re.compile(r"\d{1,2} [^\W\d_]+\.? \d{4},? \d{1,2}:\d{2}")
MAX_SECONDS: Final = 36_000
"""A length beyond ten hours is in milliseconds."""


@record_parser
def scrobbled(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a row, with columns as `find` found them."""
    facts = context.facts
    columns = facts["columns"]
    title, artist = record[columns["title"]].strip(), record[columns["artist"]].strip()
    event = columns["event"]
    if event is not None and event < len(record) and record[event].strip().casefold() not in _SCROBBLES:
        return NOT_A_PLAY
    found = _played_at(record, columns, context)
    if not title or not artist:
        return NO_NAME
    if isinstance(found, Rejection):
        return found
    played_at, precision = found
    album = columns["album"]
    album = record[album].strip() if album is not None and album < len(record) else ""
    if facts.get("utf7"):
        title, artist, album = _unmangled(title), _unmangled(artist), _unmangled(album)
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=album or None,
        source=facts["source"],
        duration_ms=_length(record, columns),
        ms_played=_played(record, columns),
        precision_s=precision,
    )


_SCROBBLES: Final = frozenset({"scrobble", ""})


def _played_at(record: Sequence[str], columns: Columns, context: ParseContext) -> Rejection | tuple[int, int]:
    """Give Unix milliseconds and their precision in seconds."""
    pair = columns["pair"]
    if pair:
        day, clock = record[pair[0]].strip(), record[pair[1]].strip()
        return _moment(f"{day} {clock}", columns, context, is_utc=False) if day and clock else NO_TIME
    is_empty = True
    for place in columns["times"]:
        text = record[place].strip() if place < len(record) else ""
        if not text:
            continue
        is_empty = False
        found = _moment(text, columns, context, is_utc=place in columns["utc"])
        if found is not NO_TIME:
            return found
    if not is_empty or len(record) <= columns["times"][0]:
        return NO_TIME
    return NOW_PLAYING if context.facts["source"] in {"lastfm", "librefm"} else NO_TIME


def _moment(
    text: str, columns: Columns, context: ParseContext, *, is_utc: bool
) -> Rejection | tuple[int, int]:
    if text[4:5] == "-" and ":" in text:  # ISO 8601, as most write it: the short way
        try:
            clock = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            if clock.tzinfo is None and not is_utc:
                context.notes.add(LOCAL_TIMES)
                clock = clock.replace(tzinfo=ZoneInfo(context.zone))
            return to_ms(clock), 1 if text.count(":", 0, 20) > 1 else 60
    number = times.number_ms(text)
    if number is not None:
        return number, 1
    moment = times.read(text, day_first=columns["day_first"])
    if moment is None:
        return NO_TIME
    if moment.is_local and (is_utc or _LASTFM.fullmatch(text)):
        return moment.at("UTC"), moment.precision_s
    return moment_ms(moment, context), moment.precision_s


def _length(record: Sequence[str], columns: Columns) -> int | None:
    at = columns["duration_ms"]
    if at is not None and at < len(record):
        return positive(record[at])
    at = columns["duration"]
    return length_ms(record[at]) if at is not None and at < len(record) else None


def _played(record: Sequence[str], columns: Columns) -> int | None:
    at = columns["played_ms"]
    if at is None or at >= len(record):
        return None
    return positive(record[at], 1000 if columns["played_in_seconds"] else 1)


def length_ms(text: str) -> int | None:
    """Read a length: ``3:36``, ``00:03:36``, seconds, or milliseconds where seconds would be ten hours."""
    text = text.strip()
    if ":" in text:
        parts = text.split(":")
        if len(parts) > 3 or not all(part.strip().isdecimal() for part in parts):
            return None
        seconds = 0
        for part in parts:
            seconds = 60 * seconds + int(part)
        return positive(seconds, 1000)
    number = text.removesuffix("s").removesuffix("m").strip().replace(",", ".")
    found = positive(number, 1000)
    return found if found is None or found <= MAX_SECONDS * 1000 else positive(number)


def _unmangled(text: str) -> str:
    """Undo UTF-7, in which Libre.fm's export writes signs."""
    if not UTF7.search(text) or not text.isascii():
        return text
    try:
        return text.encode("ascii").decode("utf-7")
    except UnicodeError:
        return text


TABLE = Format(
    "lastfm",
    "tables of plays (CSV, TSV) of Last.fm, Libre.fm, lastfmstats, Pano Scrobbler, Spinitron and others",
    "rows",
    scrobbled,
)
