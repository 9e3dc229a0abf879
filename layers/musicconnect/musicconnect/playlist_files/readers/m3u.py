"""M3U and M3U8: addresses or paths, one a line, with what ``#EXTINF`` and its like say about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, m3u, paths
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.record import NOTHING
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

_DIRECTIVE: Final = re.compile(r"#[A-Z][A-Z0-9-]*:")
_ABOUT_ENTRIES: Final = {m3u.INFO, m3u.ALBUM, m3u.ARTIST, m3u.IMAGE, m3u.EXTENSION}
_STREAM: Final = "#EXT-X-"
_OURS: Final = "#MUSICCONNECT-"


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of addresses or paths."""
    overview = _overview(source)
    yield file_names.with_file_name(overview.head, source.name)
    position = 0
    directives: dict[str, str] = {}
    begun = 0
    with source.open() as stream:
        for number, text in enumerate(source.lines(stream), 1):
            line = text.strip()
            if len(text) >= MAX_RECORD:
                report(number, "it is too long")
                continue
            if not line or line.startswith(m3u.HEADER):
                continue
            match = _DIRECTIVE.match(line)
            made: tuple[dict[str, Any], Any] | None = None
            if line.startswith(m3u.UNADDRESSED):
                beside = parse_json(line.removeprefix(m3u.UNADDRESSED))
                if not isinstance(beside, dict):
                    report(number, "it is damaged")
                    continue
                made = {}, beside
            elif match is not None and match[0] in _ABOUT_ENTRIES:
                if match[0] == m3u.INFO and m3u.INFO in directives:  # nothing to play came after the last one
                    made = _said(directives, "", overview)
                    directives = {}
                directives[match[0]] = line[match.end() :].strip()
                begun = number
            elif not line.startswith("#"):
                made = _said(directives, line, overview)
                directives = {}
            if made is None:
                continue
            said, beside = made
            if said and not said["title"] and not said["provider_id"] and beside is None:
                report(number, NOTHING)
                continue
            yield json_fields.make_entry(position, said, beside)
            position += 1
    if m3u.INFO in directives:
        said, beside = _said(directives, "", overview)
        if said["title"]:
            yield json_fields.make_entry(position, said, beside)
        else:
            report(begun, NOTHING)


@dataclass(slots=True)
class _Overview:
    """What has to be known of a list before its first entry."""

    head: PlaylistHeader
    artist_first: bool


def _overview(source: Source) -> _Overview:
    name, beside = "", None
    votes, shown, is_ours = 0, "", False
    with source.open() as stream:
        for text in source.lines(stream):
            line = text.strip()
            if line.startswith(_STREAM):
                raise UnreadableError("This is the list of a stream's pieces, not a playlist.")
            is_ours = is_ours or line.startswith(_OURS)
            if line.startswith(m3u.NAME):
                name = line.removeprefix(m3u.NAME).strip()
            elif line.startswith(m3u.HEADER_EXTENSION):
                beside = parse_json(line.removeprefix(m3u.HEADER_EXTENSION))
            elif line.startswith(m3u.INFO):
                shown = m3u.parse_info(line.removeprefix(m3u.INFO))[2]
            elif line and not line.startswith("#"):
                told = paths.orientation(shown, paths.split_path(line)) if shown else None
                votes += told[2] if told else 0
                shown = ""
    return _Overview(json_fields.make_header({"name": name}, beside), is_ours or votes >= 0)


def _said(directives: dict[str, str], line: str, overview: _Overview) -> tuple[dict[str, Any], Any]:
    said = m3u.parse_directives(directives, line, artist_first=overview.artist_first)
    beside = parse_json(directives.get(m3u.EXTENSION, ""))
    if not said["title"] and said["provider_id"] is None and beside is None:
        said |= from_path(line)
    return said, beside


def from_path(line: str) -> dict[str, Any]:
    """What a path says about the recording: ``.../Artist/Album/01 Title.mp3`` or ``Artist - Title.mp3``."""
    path = paths.split_path(line)
    if path is None or not path.title:
        return {}
    artist, album = path.named_folders
    if path.artist:
        return {"title": path.title, "artists": (path.artist,)}
    return {"title": path.title, "artists": (artist,) if artist else ()} | ({"album": album} if album else {})
