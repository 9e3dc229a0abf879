"""M3U and M3U8: addresses or paths, one a line, with what ``#EXTINF`` and its like say about them."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, m3u
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

_DIRECTIVE: Final = re.compile(r"#[A-Z][A-Z0-9-]*:")
_ABOUT_ENTRIES: Final = {m3u.INFO, m3u.ALBUM, m3u.ARTIST, m3u.IMAGE, m3u.EXTENSION}
_AUDIO: Final = re.compile(r"\.[a-z0-9]{2,4}$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^(?:\d{1,2}-)?\d{1,3}(?:\s*[.)_-]\s*|\s+)(?=\D)")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_STREAM: Final = "#EXT-X-"


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of addresses or paths."""
    head = file_names.with_file_name(_head(source), source.name)
    yield head
    position = 0
    directives: dict[str, str] = {}
    with source.open() as stream:
        for number, text in enumerate(source.lines(stream), 1):
            line = text.strip()
            if len(text) >= MAX_RECORD:
                report(number, "it is too long")
                continue
            if not line or line.startswith(m3u.HEADER):
                continue
            match = _DIRECTIVE.match(line)
            if line.startswith(m3u.UNADDRESSED):
                beside = parse_json(line.removeprefix(m3u.UNADDRESSED))
                if not isinstance(beside, dict):
                    report(number, "it is damaged")
                    continue
                yield json_fields.make_entry(position, {}, beside)
                position += 1
            elif match is not None and match[0] in _ABOUT_ENTRIES:
                directives[match[0]] = line[match.end() :].strip()
            elif not line.startswith("#"):
                said, beside = _said(directives, line)
                directives = {}
                if not said["title"] and not said["provider_id"] and beside is None:
                    report(number, "it has neither a title nor an id")
                    continue
                yield json_fields.make_entry(position, said, beside)
                position += 1


def _head(source: Source) -> PlaylistHeader:
    name, beside = "", None
    with source.open() as stream:
        for line in source.lines(stream):
            if line.startswith(_STREAM):
                raise UnreadableError("This is the list of a stream's pieces, not a playlist.")
            if line.startswith(m3u.NAME):
                name = line.removeprefix(m3u.NAME).strip()
            elif line.startswith(m3u.HEADER_EXTENSION):
                beside = parse_json(line.removeprefix(m3u.HEADER_EXTENSION))
    return json_fields.make_header({"name": name}, beside)


def _said(directives: dict[str, str], line: str) -> tuple[dict[str, Any], Any]:
    said = m3u.parse_directives(directives, line)
    beside = parse_json(directives.get(m3u.EXTENSION, ""))
    if not said["title"] and said["provider_id"] is None and beside is None:
        said |= _from_path(line)
    return said, beside


def _from_path(line: str) -> dict[str, Any]:
    """What a path says about the recording: ``.../Artist/Album/01 Title.mp3`` or ``Artist - Title.mp3``."""
    path = line
    if _ADDRESS.match(line) and not re.match(r"[A-Za-z]:[\\/]", line):
        try:
            parts = urlsplit(line)
        except ValueError:
            return {}
        if parts.scheme.lower() != "file":
            return {}
        path = unquote(parts.path)
    *folders, name = [part for part in re.split(r"[\\/]", path) if part not in {"", ".", ".."}] or [""]
    title = _NUMBER.sub("", _AUDIO.sub("", name)).strip()
    artist, between, rest = title.partition(m3u.SEPARATOR)
    if between:
        return {"title": _NUMBER.sub("", rest).strip(), "artists": (artist.strip(),)}
    found: dict[str, Any] = {"title": title}
    folders = [folder for folder in folders if not folder.endswith(":")]
    if len(folders) >= 2:
        found |= {"artists": (folders[-2],), "album": folders[-1]}
    return found
