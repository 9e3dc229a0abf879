"""JSON: our documents and lines, and JSPF, whoever wrote it."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, xspf
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.json_stream import Scanner
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

_LISTENBRAINZ: Final = "https://musicbrainz.org/doc/jspf#track"
"""ListenBrainz's extension: https://musicbrainz.org/doc/jspf."""
NO_OBJECT: Final = "it is no JSON object"


def read_json(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """Our document: ``playlist`` and ``entries``, in any order."""
    found: dict[str, Any] = {}
    for _ in _walk(source, ("entries",), found):
        pass
    yield _named(json_fields.make_header({}, found.get("playlist")), source)
    position = 0
    for place, value in enumerate(_walk(source, ("entries",), {}), 1):
        if not isinstance(value, dict):
            report(place, NO_OBJECT)
            continue
        yield json_fields.make_entry(position, {}, value)
        position += 1


def read_jspf(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """JSPF: ``playlist`` with ``track`` among its members, in any order."""
    found: dict[str, Any] = {}
    for _ in _walk(source, ("playlist", "track"), found):
        pass
    yield _named(_jspf_head(found), source)
    yield from _jspf_entries(_walk(source, ("playlist", "track"), {}), report)


def read_lines(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """An object a line: ours, playlist after playlist, or whole JSPF documents."""
    position, has_head = 0, False
    with source.open() as stream:
        for place, line in enumerate(source.lines(stream), 1):
            if not line.strip():
                continue
            value = _object(line)
            if value is None:
                report(place, NO_OBJECT if len(line) < MAX_RECORD else "it is too long")
                continue
            playlist = value.get("playlist")
            if isinstance(playlist, dict) and isinstance(playlist.get("track"), list):
                yield _named(_jspf_head(playlist), source)
                yield from _jspf_entries(iter(playlist["track"]), partial(_at, report, place))
                has_head = False
            elif "format" in value:
                yield _named(json_fields.make_header({}, playlist), source)
                position, has_head = 0, True
            else:
                if not has_head:
                    yield _named(PlaylistHeader(), source)
                    position, has_head = 0, True
                yield json_fields.make_entry(position, {}, value)
                position += 1


def _at(report: Report, line: int, _place: int, reason: str) -> None:
    """Report what is wrong somewhere in a line."""
    report(line, reason)


def _walk(source: Source, path: tuple[str, ...], others: dict[str, Any]) -> Iterator[Any]:
    """The elements of the array at ``path``; what stands beside it goes to ``others``.

    Members beside the path's names, at whatever level, are collected by their names.
    """
    with source.open() as stream:
        scanner = Scanner(stream)
        yield from _within(scanner, path, others)
        if scanner.peek():
            raise UnreadableError("Something stands behind the JSON.")


def _within(scanner: Scanner, path: tuple[str, ...], others: dict[str, Any]) -> Iterator[Any]:
    if not path:
        if scanner.peek() == "[":
            yield from scanner.elements()
        else:
            scanner.value()
        return
    if scanner.peek() != "{":
        raise UnreadableError("The JSON holds no playlist.")
    for name in scanner.names():
        if name == path[0]:
            yield from _within(scanner, path[1:], others)
        else:
            others[name] = scanner.value()


def _jspf_head(terms: dict[str, Any]) -> PlaylistHeader:
    return json_fields.make_header(xspf.parse_playlist(terms), _ours(terms))


def _jspf_entries(tracks: Iterator[Any], report: Report) -> Iterator[Entry]:
    position = 0
    for place, terms in enumerate(tracks, 1):
        if not isinstance(terms, dict):
            report(place, NO_OBJECT)
            continue
        said = xspf.parse_track(terms) | _listenbrainz(terms)
        yield json_fields.make_entry(position, said, _ours(terms))
        position += 1


def _ours(terms: dict[str, Any]) -> Any:
    values = _extension(terms, xspf.APPLICATION)
    return values[0] if isinstance(values, list) and values else values


def _listenbrainz(terms: dict[str, Any]) -> dict[str, Any]:
    """What ListenBrainz says beside JSPF's words."""
    more = _extension(terms, _LISTENBRAINZ)
    if not isinstance(more, dict):
        return {}
    said: dict[str, Any] = {}
    if isinstance(more.get("added_at"), str):
        said["added_at"] = json_fields.parse_time(more["added_at"])
    if isinstance(more.get("added_by"), str):
        said["added_by"] = more["added_by"]
    additional = more.get("additional_metadata")
    artists = additional.get("artists") if isinstance(additional, dict) else None
    if isinstance(artists, list):
        named = [artist.get("artist_credit_name") for artist in artists if isinstance(artist, dict)]
        if named and all(isinstance(name, str) and name for name in named):
            said["artists"] = tuple(named)
    return said


def _extension(terms: dict[str, Any], application: str) -> Any:
    extension = terms.get("extension")
    return extension.get(application) if isinstance(extension, dict) else None


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _named(head: PlaylistHeader, source: Source) -> PlaylistHeader:
    """The head with the file's name where it has none of its own."""
    return file_names.with_file_name(head, source.name)
