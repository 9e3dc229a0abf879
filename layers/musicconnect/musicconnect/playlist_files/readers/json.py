"""JSON: our documents and lines, and JSPF, whoever wrote it."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields, xspf
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.json_stream import Scanner
from musicconnect.playlist_files.readers.m3u import from_path
from musicconnect.playlist_files.readers.record import NOTHING
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
    for place, value in _walk(source, ("entries",), {}, report):
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
    yield _named(jspf_head(found), source)
    yield from jspf_entries(_walk(source, ("playlist", "track"), {}, report), report)


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
                yield _named(jspf_head(playlist), source)
                yield from jspf_entries(enumerate(playlist["track"], 1), partial(_at, report, place))
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


def _walk(
    source: Source, path: tuple[str, ...], others: dict[str, Any], report: Report | None = None
) -> Iterator[tuple[int, Any]]:
    """The elements of the array at ``path`` with their places; what stands beside it goes to ``others``.

    Members beside the path's names, at whatever level, are collected by their names. Elements that are no
    JSON are told to ``report``, or passed over.
    """
    with source.open() as stream:
        scanner = Scanner(stream)
        yield from _within(scanner, path, others, report or _ignore)
        if scanner.peek():
            raise UnreadableError("Something stands behind the JSON.")


def _within(
    scanner: Scanner, path: tuple[str, ...], others: dict[str, Any], report: Report
) -> Iterator[tuple[int, Any]]:
    if not path:
        if scanner.peek() != "[":
            raise UnreadableError("The playlist has no list of its tracks.")
        yield from scanner.elements(report)
        return
    if scanner.peek() != "{":
        raise UnreadableError("The JSON holds no playlist.")
    is_there = False
    for name in scanner.names():
        if name == path[0]:
            is_there = True
            yield from _within(scanner, path[1:], others, report)
        else:
            others[name] = scanner.value()
    if not is_there:
        raise UnreadableError("The playlist has no list of its tracks.")


def _ignore(_place: int, _reason: str) -> None:
    """Tell nobody: the same is read once more."""


def jspf_head(terms: dict[str, Any]) -> PlaylistHeader:
    """Give the head of a playlist in JSPF's words."""
    return json_fields.make_header(xspf.parse_playlist(terms), _ours(terms))


def jspf_entries(tracks: Iterator[tuple[int, Any]], report: Report) -> Iterator[Entry]:
    """Give the entries of tracks in JSPF's words, with their places in the list."""
    position = 0
    for place, terms in tracks:
        if not isinstance(terms, dict):
            report(place, NO_OBJECT)
            continue
        ours = _ours(terms)
        said = xspf.parse_track(terms) | _listenbrainz(terms)
        said = said if ours is not None else named_by_path(said)
        if ours is None and not said["title"] and not said["provider_id"]:
            report(place, NOTHING)
            continue
        yield json_fields.make_entry(position, said, ours)
        position += 1


def named_by_path(said: dict[str, Any]) -> dict[str, Any]:
    """Take artist and title from the path of a player's file where nothing else tells them."""
    if said["title"] or said["provider_id"] or not said["url"]:
        return said
    return said | from_path(said["url"])


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
