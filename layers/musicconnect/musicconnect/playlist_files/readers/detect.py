"""What a file is, from its beginning."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.playlist_files import paths
from musicconnect.playlist_files.model import Entry, PlaylistHeader, PlaylistLink
from musicconnect.playlist_files.readers import csv, json_list, library, m3u, pls, text, xml_libraries, xspf
from musicconnect.playlist_files.readers import json as readers_json
from musicconnect.playlist_files.readers.columns import HISTORY, Columns, detect_columns
from musicconnect.playlist_files.readers.source import Report, Source

FORMATS: Final = {
    "csv": "CSV of MusicConnect",
    "exportify": "CSV of Exportify and its like, and tables of other programs",
    "takeout": "playlists of Google Takeout",
    "json": "JSON and JSON lines of MusicConnect",
    "library": "JSON of Spotify's account data and of backups",
    "jspf": "JSPF",
    "xspf": "XSPF",
    "m3u": "M3U and M3U8",
    "pls": "PLS",
    "collection": "XML of iTunes, rekordbox, Traktor and Windows Media Player",
    "text": "lines of artist and title, and links",
}
"""What can be read, by the names under which answers speak of it."""
_PATH: Final = re.compile(
    rf"(?:[a-z][a-z0-9+.-]+://[^\s,;]+|spotify:[^\s,;]+|.*\.(?:{paths.SOUNDS}))$", re.IGNORECASE
)
_DOCUMENT: Final = re.compile(r'"format"\s*:\s*"musicconnect-playlist"')
_JSPF: Final = re.compile(r'\{\s*"playlist"\s*:\s*\{')
_LIBRARY: Final = re.compile(r'"(?:playlists|tracks|saved|starred)"\s*:\s*[\[{]')
_COLLECTION: Final = re.compile(r"<(?:plist|DJ_PLAYLISTS|NML|smil|asx)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DetectedPlaylistFormat:
    """What a file is, and how it is read."""

    format: str
    """Of `FORMATS`."""
    read: Callable[[Source, Report], Iterator[PlaylistHeader | Entry | PlaylistLink]]


def detect_format(source: Source) -> DetectedPlaylistFormat | str | None:
    """What a file is.

    Gives a text where it is something known that cannot be read, saying what to do, and None where it is
    nothing known.

    Raises:
        UnreadableError: it is damaged.
    """
    head = source.member.head_text()
    begin = head.lstrip()
    if source.member.form.is_binary or not begin:
        return None
    if begin.startswith("<"):
        return _xml(begin)
    if begin.startswith("{"):
        return _object(begin)
    if begin.startswith("["):
        if re.match(r"\[playlist\]", begin, re.IGNORECASE):
            return DetectedPlaylistFormat("pls", pls.read)
        return _array(begin)
    lines = [line.strip() for line in begin.split("\n") if line.strip()]
    if any(line.startswith(("#EXTM3U", "#EXTINF:")) for line in lines[:20]):
        return DetectedPlaylistFormat("m3u", m3u.read)
    return _lines(head, lines, source.name)


def _lines(head: str, lines: list[str], name: str) -> DetectedPlaylistFormat | str | None:
    if csv.is_old_takeout(head):
        return DetectedPlaylistFormat("takeout", csv.read_old_takeout)
    if text.is_backup(lines):
        return DetectedPlaylistFormat("library", text.read_backup)
    named = [line for line in lines[:20] if not line.startswith("#")]
    if named and text.has_other_links(named):
        return DetectedPlaylistFormat("text", text.read)
    if named and all(_PATH.match(line) for line in named):
        return DetectedPlaylistFormat("m3u", m3u.read)
    if text.is_mixed(lines[:200]):
        return DetectedPlaylistFormat("text", text.read)
    columns = detect_columns(head, name)
    if isinstance(columns, Columns):
        found = "csv" if columns.ours else "takeout" if columns.is_takeout else "exportify"
        return DetectedPlaylistFormat(found, csv.read)
    if columns is None and (text.is_list(lines[:200]) or text.has_link(lines[:200])):
        return DetectedPlaylistFormat("text", text.read)
    return columns


def _xml(begin: str) -> DetectedPlaylistFormat | None:
    if _COLLECTION.search(begin[:4_096]):
        return DetectedPlaylistFormat("collection", xml_libraries.read)
    if re.search(r"<(?:[\w.-]+:)?playlist\b", begin):
        return DetectedPlaylistFormat("xspf", xspf.read)
    return None


def _object(begin: str) -> DetectedPlaylistFormat | str | None:
    first, _, rest = begin.partition("\n")
    line = _parsed(first)
    if line is not None and rest.strip() and _is_line(line):
        return DetectedPlaylistFormat("jspf" if _is_jspf(line) else "json", readers_json.read_lines)
    if line is not None and "format" in line and "entries" not in line:
        return DetectedPlaylistFormat("json", readers_json.read_lines)
    if _DOCUMENT.search(begin):
        return DetectedPlaylistFormat("json", readers_json.read_json)
    if _JSPF.match(begin) or (re.search(r'"playlist"\s*:\s*\{', begin) and not _LIBRARY.search(begin)):
        return DetectedPlaylistFormat("jspf", readers_json.read_jspf)
    if line is not None and json_list.is_history(line):
        return HISTORY
    if _LIBRARY.search(begin):
        return DetectedPlaylistFormat("library", library.read)
    return None


def _array(begin: str) -> DetectedPlaylistFormat | str | None:
    try:
        first, _ = json.JSONDecoder().raw_decode(begin[1:].lstrip())
    except (ValueError, RecursionError):
        return None
    if not isinstance(first, dict):
        return None
    if json_list.is_history(first) or (isinstance(first.get("track"), list)):
        return HISTORY
    if isinstance(first.get("tracks"), list) or isinstance(first.get("items"), list):
        return DetectedPlaylistFormat("library", library.read)
    return DetectedPlaylistFormat("library", json_list.read) if json_list.is_record(first) else None


def _is_jspf(line: dict[str, Any]) -> bool:
    playlist = line.get("playlist")
    return isinstance(playlist, dict) and isinstance(playlist.get("track"), list)


def _is_line(line: dict[str, Any]) -> bool:
    is_ours = line.get("format") == "musicconnect-playlist" or {"position", "title"} <= line.keys()
    return is_ours or _is_jspf(line)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
