"""Histories of our own making, in the formats that people have."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from musicconnect.trends.imports.formats.base import (
    CUT_OFF,
    MALFORMED,
    ParseContext,
    Parsed,
    Rejection,
)
from musicconnect.trends.imports.formats.detection import DetectedFormat
from musicconnect.trends.imports.readers import record
from musicconnect.trends.imports.records import detect_member, open_archive, read_records
from musicconnect.trends.plays.model import Listen

NOW = 1_800_000_000_000


class Line(NamedTuple):
    """What became of a record, and where it stands."""

    number: int
    parsed: Parsed


class Reading(NamedTuple):
    """What became of a file."""

    format: str
    lines: list[Line]
    notes: set[str]

    @property
    def listens(self) -> list[Listen]:
        return [line.parsed for line in self.lines if isinstance(line.parsed, Listen)]

    @property
    def briefly(self) -> list[Any]:
        """Title, artist and time of listens, reasons of what is none."""
        return [shortly(line.parsed) for line in self.lines]


def shortly(parsed: Parsed) -> Any:
    if isinstance(parsed, Rejection):
        return parsed.reason
    return parsed.title, parsed.artist, written(parsed.played_at)


def written(ms: int) -> str:
    """UTC, with milliseconds only where there are some."""
    at = datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)
    return at.isoformat(sep=" ", timespec="milliseconds" if ms % 1000 else "seconds")


def detected(content: bytes) -> DetectedFormat | str | None:
    with open_archive(io.BytesIO(content)) as upload:
        return detect_member(upload, 0)


def read_file(content: bytes, zone: str = "UTC") -> Reading:
    """Read a file as the worker does."""
    with open_archive(io.BytesIO(content)) as upload:
        found = detect_member(upload, 0)
        assert isinstance(found, DetectedFormat), found
        context = ParseContext(NOW, zone, found.facts)
        lines = []
        for line, value, _ in read_records(upload, 0, found):
            if value is None or value is record.CUT_OFF:
                lines.append(Line(line, CUT_OFF if value else MALFORMED))
            else:
                lines += [Line(line, parsed) for parsed in found.format.parse(value, context)]
        return Reading(found.key, lines, context.notes)


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    """A table as RFC 4180 has it, or with something else between its cells."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def account_row(number: int, song: str) -> dict[str, Any]:
    """Spotify account data."""
    ended = f"2024-01-{1 + number // 1440 % 28:02} {number // 60 % 24:02}:{number % 60:02}"
    return {"endTime": ended, "artistName": "Abba", "trackName": song, "msPlayed": 60_000 + number}


def extended_row(number: int, song: str) -> dict[str, Any]:
    """Spotify extended history."""
    return {
        "ts": f"2024-01-15T{number // 60 % 24:02}:{number % 60:02}:00Z",
        "ms_played": 60_000,
        "ip_addr": "203.0.113.5",
        "master_metadata_track_name": song,
        "master_metadata_album_artist_name": "Abba",
        "master_metadata_album_album_name": None,
        "spotify_track_uri": "spotify:track:0fYVliAYKHuPmECRs1pbRf",
    }


def listen_line(number: int, song: str) -> bytes:
    """A line of ListenBrainz' export."""
    metadata = {"track_name": song, "artist_name": "Abba", "mbid_mapping": None}
    line = {"listened_at": 1_600_000_000.0 + number, "inserted_at": 1.5, "track_metadata": metadata}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def lastfm_csv(songs: list[str]) -> bytes:
    """Last.fm, in the dialect with ``uts``."""
    quoted = ['"' + song.replace('"', '""') + '"' for song in songs]
    rows = [f'"{1_600_000_000 + n}","",Abba,"",{song}' for n, song in enumerate(quoted)]
    return "\r\n".join(["uts,utc_time,artist,album,track", *rows, ""]).encode()


def scrobbler_log(songs: list[str]) -> bytes:
    """What players on their own write."""
    lines = ["#AUDIOSCROBBLER/1.1", "#TZ/UTC", "#CLIENT/Rockbox"]
    lines += [f"Abba\tArrival\t{song}\t1\t200\tL\t{1_600_000_000 + n}\t" for n, song in enumerate(songs)]
    return "\n".join([*lines, ""]).encode()


def as_json(rows: Iterable[Any]) -> bytes:
    """A JSON array with every character as it is."""
    return json.dumps(list(rows), ensure_ascii=False).encode()


def as_zip(files: dict[str, bytes]) -> bytes:
    """A zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
