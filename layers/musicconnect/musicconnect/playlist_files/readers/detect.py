"""What a file is, from its beginning."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers import csv, m3u, xspf
from musicconnect.playlist_files.readers import json as readers_json
from musicconnect.playlist_files.readers.source import Report, Source

FORMATS: Final = {
    "csv": "CSV of MusicConnect",
    "exportify": "CSV of Exportify and its like",
    "json": "JSON and JSON lines of MusicConnect",
    "jspf": "JSPF",
    "xspf": "XSPF",
    "m3u": "M3U and M3U8",
}
"""What can be read, by the names under which answers speak of it."""
_SOUNDS: Final = "mp3|m4a|flac|ogg|opus|wav|wma|aac|aiff?|mp4|webm|mkv"
_PATH: Final = re.compile(rf"(?:[a-z][a-z0-9+.-]+://\S+|.*\.(?:{_SOUNDS}))$", re.IGNORECASE)
_DOCUMENT: Final = re.compile(r'"format"\s*:\s*"musicconnect-playlist"')


@dataclass(frozen=True, slots=True)
class DetectedPlaylistFormat:
    """What a file is, and how it is read."""

    format: str
    """Of `FORMATS`."""
    read: Callable[[Source, Report], Iterator[PlaylistHeader | Entry]]


def detect_format(source: Source) -> DetectedPlaylistFormat | str | None:
    """What a file is.

    Gives a text where it is something known that cannot be read, saying what to do, and None where it is
    nothing known.

    Raises:
        UnreadableError: it is damaged.
    """
    text = source.member.head_text().lstrip()
    if source.member.form.is_binary or not text:
        return None
    if text.startswith("#EXTM3U"):
        return DetectedPlaylistFormat("m3u", m3u.read)
    if text.startswith("<"):
        return _xml(text)
    if text.startswith("{"):
        return _json(text)
    if text.startswith("["):
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")]
    columns = csv.columns_of(lines[0]) if lines else None
    if columns is not None:
        return DetectedPlaylistFormat("csv" if columns.is_ours else "exportify", csv.read)
    named = [line for line in lines[:20] if not line.startswith("#")]
    if named and all(_PATH.match(line.strip()) for line in named):
        return DetectedPlaylistFormat("m3u", m3u.read)
    return None


def _xml(text: str) -> DetectedPlaylistFormat | str | None:
    if re.search(r"<(?:\w+:)?playlist\b", text):
        return DetectedPlaylistFormat("xspf", xspf.read)
    if "<plist" in text:
        return "This is a library of iTunes. Export the playlist from it as M3U."
    return None


def _json(text: str) -> DetectedPlaylistFormat | None:
    first, _, rest = text.partition("\n")
    line = _object(first)
    if line is not None and rest.strip() and _is_line(line):
        return DetectedPlaylistFormat("jspf" if _is_jspf(line) else "json", readers_json.read_lines)
    if line is not None and "format" in line and "entries" not in line:
        return DetectedPlaylistFormat("json", readers_json.read_lines)
    if _DOCUMENT.search(text):
        return DetectedPlaylistFormat("json", readers_json.read_json)
    if re.search(r'"playlist"\s*:\s*\{', text) and '"track"' in text:
        return DetectedPlaylistFormat("jspf", readers_json.read_jspf)
    return None


def _is_jspf(line: dict[str, Any]) -> bool:
    playlist = line.get("playlist")
    return isinstance(playlist, dict) and isinstance(playlist.get("track"), list)


def _is_line(line: dict[str, Any]) -> bool:
    is_ours = line.get("format") == "musicconnect-playlist" or {"position", "title"} <= line.keys()
    return is_ours or _is_jspf(line)


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
