"""CSV: Exportify's, old and new, ours, and what other programs make. What a column is, its name says."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import csv_safety, exportify, file_names, json_fields, urls
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

# By what is left of a column's name without blanks and signs, in lower case. The first that fills it wins.
_MEANINGS: Final = {
    "Track URI": "trackuri spotifyuri uri trackurl spotifyurl spotifylink youtubeurl url link permalink",
    "Spotify": "spotifyid spotifytrackid trackid",
    "YouTube": "videoid youtubeid youtubevideoid mediaid",
    "Track Name": "trackname songname tracktitle songtitle title name track song",
    "Artist Name(s)": "artistnames artists artists",
    "Artist": "artistname artist creator trackartist",
    "Artist URI(s)": "artisturis",
    "Album URI": "albumuri",
    "Album Artist URI(s)": "albumartisturis",
    "Album Name": "albumname album albumtitle",
    "Album Artist Name(s)": "albumartistnames albumartists albumartistname albumartist",
    "Album Release Date": "albumreleasedate releasedate albumdate",
    "Album Image URL": "albumimageurl thumbnailurl coverurl artworkurl",
    "Disc Number": "discnumber disc",
    "Track Number": "tracknumber",
    "Track Duration (ms)": "trackdurationms durationms lengthms",
    "Duration": "duration length time trackduration",
    "Explicit": "explicit",
    "Popularity": "popularity",
    "ISRC": "isrc isrcs",
    "Added By": "addedby",
    "Added At": "addedat addeddate dateadded playlistvideocreationtimestamp",
    "Playlist": "playlistname playlist",
    "Kind": "kind",
    "Provider": "provider",
    "Provider ID": "providerid",
    "Track URL": "trackurl",
    exportify.EXTENSION: "musicconnect",
}
_BY_NAME: Final[dict[str, list[str]]] = {}
for _meaning, _names in _MEANINGS.items():
    for _name in _names.split():
        _BY_NAME.setdefault(_name, []).append(_meaning)
_TELLING: Final = {"Track Name", "Track URI", "Spotify", "YouTube", "Provider ID"}
"""One of these a table must have."""
_OURS_ONLY: Final = {"Kind", "Provider", "Provider ID", "Track URL", exportify.EXTENSION}
_PLAYED: Final = {"playedat", "listenedat", "msplayed", "endtime", "uts", "utctime", "pinnedat"}
"""Columns of histories and the like, which name tracks, too."""
_SIGNS: Final = re.compile(r"[\W_]+")
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
_SEPARATORS: Final = ",;\t"
NOTHING: Final = "it has neither a title nor an id"
LIKES: Final = "likes"


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table mean."""

    separator: str
    meanings: dict[str, tuple[int, ...]]
    """Which columns say something, by what; in the order in which they are asked."""
    is_ours: bool
    is_exportify: bool


def columns_of(line: str) -> Columns | None:
    """What a table's first line says about its columns; None where it is none that we know."""
    found = [_columns(line, separator) for separator in _SEPARATORS]
    known = [columns for columns in found if columns is not None]
    return max(known, key=lambda columns: len(columns.meanings), default=None)


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A table; where it has a column for the playlist's name, as many playlists as there are names.

    A head that comes again, the very same object, means that its playlist goes on.
    """
    with source.open() as stream:
        lines = _Lines(source.lines(stream))
        columns = _header(lines)
        heads: dict[str, PlaylistHeader] = {}
        counts: dict[str, int] = {}
        file_head = PlaylistHeader(name=_file_name(source.name, columns))
        current: PlaylistHeader | None = None
        if "Playlist" not in columns.meanings:
            current = file_head
            yield file_head
        for number, row in _rows(lines, columns, report):
            values = {meaning: _first(row, places) for meaning, places in columns.meanings.items()}
            said, beside = _said(values, is_ours=columns.is_ours)
            if not columns.is_ours and not said["title"] and not said["provider_id"]:
                report(number, NOTHING)
                continue
            name = values.get("Playlist", "")
            head = heads.setdefault(name, PlaylistHeader(name=name) if name else file_head)
            if head is not current:
                current = head
                yield head
            position = counts.get(name, 0)
            counts[name] = position + 1
            yield json_fields.make_entry(position, said, beside)


class _Lines:
    """Lines, counted."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _header(lines: _Lines) -> Columns:
    for line in lines:
        # Excel's own word about the separator, and empty lines.
        if line.strip() and not line.lower().startswith("sep="):
            columns = columns_of(line)
            if columns is not None:
                return columns
            break
    raise UnreadableError("The table has no columns that we know.")


def _rows(lines: _Lines, columns: Columns, report: Report) -> Iterator[tuple[int, list[str]]]:
    """The rows that can be read, each with the line it begins at."""
    reader = csv.reader(lines, delimiter=columns.separator)
    while True:
        number = lines.number + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            reader = csv.reader(lines, delimiter=columns.separator)
            report(number, f"it is no row of a table: {error}")
            continue
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield number, [csv_safety.unescape_formula(cell) for cell in row] if columns.is_ours else row


def _columns(line: str, separator: str) -> Columns | None:
    try:
        header = next(csv.reader([line[:MAX_RECORD]], delimiter=separator), [])
    except csv.Error:
        return None
    signs = [_SIGNS.sub("", name).casefold() for name in header]
    is_ours = "musicconnect" in signs
    places: dict[str, list[int]] = {}
    for meaning, known in _MEANINGS.items():
        if is_ours or meaning not in _OURS_ONLY:
            found = [signs.index(name) for name in known.split() if name in signs]
            places |= {meaning: found} if found else {}
    if is_ours:
        # Ours say exactly what they mean, and nothing of the rest is to be guessed at.
        places = {name: [header.index(name)] for name in exportify.COLUMNS if name in header}
    if (
        not places.keys() & _TELLING
        or (not is_ours and _PLAYED.intersection(signs))
        or (len(header) == 1 and "Track Name" in places)
    ):
        return None
    return Columns(
        separator,
        {meaning: tuple(found) for meaning, found in places.items()},
        is_ours,
        is_exportify="trackuri" in signs,
    )


def _first(row: Sequence[str], places: tuple[int, ...]) -> str:
    if len(places) == 1:
        return row[places[0]] if places[0] < len(row) else ""
    return next((row[place] for place in places if place < len(row) and row[place].strip()), "")


def _said(values: dict[str, str], *, is_ours: bool) -> tuple[dict[str, Any], Any]:
    """What a row says, and what stands beside it."""
    if is_ours:
        return exportify.parse_row(values), parse_json(values.get(exportify.EXTENSION, ""))
    values = {meaning: value.strip() for meaning, value in values.items()}
    said = exportify.parse_row(values)
    if not said["provider_id"]:
        said |= _place(values)
    if not said["artists"] and values.get("Artist"):
        said["artists"] = (values["Artist"],)
    if said["duration_ms"] is None:
        said["duration_ms"] = _duration(values.get("Duration", ""))
    if said["isrc"]:
        said["isrc"] = said["isrc"].upper().replace("-", "")
    if said.get("kind") == "track" and not said["url"]:
        said["url"] = urls.url_of("track", said["provider"], said["provider_id"])
    return said, None


def _place(values: dict[str, str]) -> dict[str, Any]:
    """Provider and id of a row that has no address."""
    place = None
    if values.get("Spotify"):
        text = values["Spotify"]
        place = urls.parse_url(text if ":" in text else f"spotify:track:{text}")
    if place is None and values.get("YouTube"):
        text = values["YouTube"]
        place = urls.parse_url(text if ":" in text else f"https://youtu.be/{text}")
    if place is None:
        return {}
    return {"provider": place.provider, "provider_id": place.provider_id, "kind": place.kind}


def _duration(text: str) -> int | None:
    """Milliseconds of ``3:21``, ``201``, ``201.5`` (seconds) or ``201000``."""
    match = _CLOCK.fullmatch(text)
    if match is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000
    whole = json_fields.parse_number(text.partition(".")[0])
    if not whole:
        return None
    # No recording in a playlist lasts as long as this many seconds, or as little as this many milliseconds.
    return whole if whole >= 30_000 else whole * 1000


def _file_name(name: str, columns: Columns) -> str:
    text = file_names.playlist_name(name, is_ours=columns.is_ours)
    if columns.is_ours:
        return text
    if columns.is_exportify:  # puts underscores for blanks and signs
        return text.replace("_", " ").strip()
    return text.removesuffix("-videos")  # Google Takeout
