"""XSPF, as a stream: no DTD, no entities, no depth, no element longer than it may be."""

from collections.abc import Iterator
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, xspf
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.json import named_by_path
from musicconnect.playlist_files.readers.record import NOTHING
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source
from musicconnect.playlist_files.readers.xml_stream import MAX_DEPTH, feed

_MANY: Final = ("location", "identifier")


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A playlist's head, wherever in the document it stands, and its tracks."""
    target = _Target()
    for _ in _tracks(source, target):
        pass
    if not target.has_list:
        raise UnreadableError("The playlist has no list of its tracks.")
    yield file_names.with_file_name(
        json_fields.make_header(xspf.parse_playlist(target.head), target.beside), source.name
    )
    position = 0
    for place, (terms, beside) in enumerate(_tracks(source, _Target()), 1):
        said = xspf.parse_track(terms)
        said = said if beside is not None else named_by_path(said)
        if beside is None and not said["title"] and not said["provider_id"]:
            report(place, NOTHING)
            continue
        yield json_fields.make_entry(position, said, beside)
        position += 1


type _Track = tuple[dict[str, Any], Any]


class _Target:
    """Takes what the parser finds."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.beside: Any = None
        self.tracks: list[_Track] = []
        self.has_list = False
        self._terms = self.head
        self._is_ours = False
        self._beside: Any = None
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        if not self._path and name != "playlist":
            raise UnreadableError("The XML is no XSPF playlist.")
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise UnreadableError("The XML is nested too deeply.")
        self._text, self._length = [], 0
        self.has_list = self.has_list or self._path == ["playlist", "trackList"]
        if self._path == ["playlist", "trackList", "track"]:
            self._terms, self._beside = {}, None
        elif name == "extension":
            self._is_ours = attributes.get("application") == xspf.APPLICATION

    def data(self, text: str) -> None:
        """Text."""
        self._length += len(text)
        if self._length > MAX_RECORD:
            raise UnreadableError("An element of the XML is too long.")
        self._text.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 - the path says it
        """An element ends."""
        path, text = self._path, "".join(self._text)
        name = path.pop()
        self._text, self._length = [], 0
        if path == ["playlist", "trackList"] and name == "track":
            self.tracks.append((self._terms, self._beside))
            self._terms = self.head
        elif path in (["playlist"], ["playlist", "trackList", "track"]):
            if name in _MANY:
                self._terms.setdefault(name, []).append(text)
            elif name not in {"trackList", "extension"}:
                self._terms.setdefault(name, text)
        elif name == "more" and self._is_ours:
            if len(path) == 2:
                self.beside = parse_json(text)
            elif len(path) == 4:
                self._beside = parse_json(text)

    def close(self) -> None:
        """The document ends."""


def _tracks(source: Source, target: _Target) -> Iterator[_Track]:
    for _ in feed(source, target):
        yield from target.tracks
        target.tracks.clear()
    yield from target.tracks
