"""XSPF, as a stream: no DTD, no entities, no depth, no element longer than it may be."""

from collections.abc import Iterator
from typing import Any, Final, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, xspf
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.source import CHUNK_SIZE, MAX_RECORD, Report, Source

MAX_DEPTH: Final = 50
_MANY: Final = ("location", "identifier")


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:  # noqa: ARG001 - XML has no bad rows
    """A playlist's head, wherever in the document it stands, and its tracks."""
    target = _Target()
    for _ in _tracks(source, target):
        pass
    yield file_names.with_file_name(
        json_fields.make_header(xspf.parse_playlist(target.head), target.beside), source.name
    )
    for position, (terms, beside) in enumerate(_tracks(source, _Target())):
        yield json_fields.make_entry(position, xspf.parse_track(terms), beside)


type _Track = tuple[dict[str, Any], Any]


class _Target:
    """Takes what the parser finds."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.beside: Any = None
        self.tracks: list[_Track] = []
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
    parser = cast("Any", DefusedXMLParser(target=target, forbid_dtd=True))
    with source.open() as stream:
        try:
            while data := stream.read(CHUNK_SIZE):
                parser.feed(data)
                yield from target.tracks
                target.tracks.clear()
            parser.close()
        except (ParseError, LookupError, ValueError) as error:
            why = "it has a DTD" if isinstance(error, DefusedXmlException) else str(error)
            raise UnreadableError(f"The XML cannot be read: {why}.") from error
        yield from target.tracks
