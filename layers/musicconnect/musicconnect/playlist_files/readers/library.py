"""Playlists and libraries as services hand them out in JSON, and as backups of them have them.

- Spotify's account data: ``Playlist1.json`` (``playlists`` of ``items``), ``YourLibrary.json`` (``tracks``).
- spotify-backup (https://github.com/caseychu/spotify-backup): ``playlists`` of Spotify's own objects.
- SpotMyBackup (https://github.com/secuvera/SpotMyBackup): ``playlists`` by name, ``saved``; ids only.
- ListenBrainz' lists of playlists: ``playlists`` of JSPF documents.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_plus

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.json import NO_OBJECT, jspf_entries, jspf_head
from musicconnect.playlist_files.readers.json_list import record_of
from musicconnect.playlist_files.readers.json_stream import Scanner
from musicconnect.playlist_files.readers.record import NOTHING, parse_added_at, parse_record
from musicconnect.playlist_files.readers.source import Report, Source

LIKED: Final = "Liked Songs"
NOT_MOVED: Final = {
    "albums": "an album", "shows": "a podcast", "episodes": "an episode of a podcast", "artists": "an artist",
    "bannedTracks": "a track that was hidden", "bannedArtists": "an artist that was hidden",
}  # fmt: skip
"""What a library has besides tracks, by the names of its lists."""
WITHOUT_TRACKS: Final = "it lists the playlist without its tracks. Export the playlist itself, as JSPF"
_LOCAL: Final = "spotify:local:"


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """All playlists of a document, and the tracks of a library as one more."""
    found = False
    terms: dict[str, Any] = {}
    with source.open() as stream:
        scanner = Scanner(stream)
        if scanner.peek() == "[":
            for part in _playlists(scanner, report):
                found = True
                yield part
        else:
            for name in scanner.names():
                if name in {"name", "title"} and scanner.peek() == '"':
                    terms[name] = scanner.value()
                    continue
                for part in _member(name, scanner, terms, report):
                    found = True
                    yield part
        if scanner.peek():
            raise UnreadableError("Something stands behind the JSON.")
    if not found:
        raise UnreadableError("There is no playlist with tracks in the JSON.")


def _member(
    name: str, scanner: Scanner, terms: Mapping[str, Any], report: Report
) -> Iterator[PlaylistHeader | Entry]:
    begin = scanner.peek()
    if name == "playlists" and begin == "[":
        yield from _playlists(scanner, report)
    elif name == "playlists" and begin == "{":
        for key in scanner.names():
            yield from _playlist(scanner, report, key)
    elif name in {"tracks", "saved", "starred"} and begin == "[":
        own = terms.get("name") or terms.get("title")
        liked = "Starred" if name == "starred" else LIKED
        yield PlaylistHeader(name=own) if own else PlaylistHeader(provider="spotify", name=liked)
        yield from _entries(scanner, report)
    elif name in NOT_MOVED and begin == "[":
        for place, _ in scanner.elements(report):
            report(place, f"it is {NOT_MOVED[name]}, not a track")
    else:
        scanner.skip()


def _playlists(scanner: Scanner, report: Report) -> Iterator[PlaylistHeader | Entry]:
    for place in scanner.places():
        if scanner.peek() != "{":
            scanner.skip()
            report(place, NO_OBJECT)
            continue
        yield from _playlist(scanner, partial(_in_playlist, report, place), "")


def _in_playlist(report: Report, playlist: int, place: int, reason: str) -> None:
    """Report what is wrong in one of several playlists."""
    report(place, f"{reason} (playlist {playlist})")


def _playlist(scanner: Scanner, report: Report, name: str) -> Iterator[PlaylistHeader | Entry]:
    """One playlist; where its name stands behind its tracks, these are kept until it comes."""
    terms: dict[str, Any] = {"name": name} if name else {}
    kept: list[Entry] = []
    head: PlaylistHeader | None = None
    has_list = False
    for key in scanner.names():
        begin = scanner.peek()
        if key in {"items", "tracks"} and begin == "[":
            has_list = True
            if head is None and isinstance(terms.get("name"), str):
                head = _head(terms)
                yield head
            for entry in _entries(scanner, report):
                if head is None:
                    kept.append(entry)
                else:
                    yield entry
        elif key == "playlist" and begin == "{":
            yield from _jspf(scanner, report)
            has_list, head = True, PlaylistHeader()
        elif begin in "[{":
            scanner.skip()
        else:
            terms[key] = scanner.value()
    if not has_list:
        report(0, "it has no list of tracks")
        return
    if head is None:
        yield _head(terms)
        yield from kept


def _jspf(scanner: Scanner, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A JSPF document within a list of them."""
    terms: dict[str, Any] = {}
    kept: list[Entry] = []
    tracks = 0
    for key in scanner.names():
        if key == "track" and scanner.peek() == "[":
            for place, value in scanner.elements(report):
                tracks += 1
                kept += [
                    json_fields.make_entry(len(kept), json_fields.fields_of(entry))
                    for entry in jspf_entries(iter([(place, value)]), report)
                ]
        else:
            terms[key] = scanner.value()
    if not tracks:  # lists tell how playlists are called, and leave their tracks out
        report(0, WITHOUT_TRACKS)
        return
    yield jspf_head(terms)
    yield from kept


def _head(terms: dict[str, Any]) -> PlaylistHeader:
    description = terms.get("description")
    playlist_id = terms.get("id")
    return json_fields.make_header(
        {"provider": "spotify"},
        {
            "name": terms.get("name"),
            "description": description if isinstance(description, str) and description else None,
            "provider_playlist_id": playlist_id if isinstance(playlist_id, str) else None,
        },
    )


def _entries(scanner: Scanner, report: Report) -> Iterator[Entry]:
    position = 0
    for place, value in scanner.elements(report):
        said = _said(value) if isinstance(value, dict) else NO_OBJECT
        if said is NOTHING:  # of another program: its members are called as columns are
            said = parse_record(record_of(value), numbered=True)
        if isinstance(said, str):
            report(place, said)
            continue
        yield json_fields.make_entry(position, said)
        position += 1


def _said(item: dict[str, Any]) -> dict[str, Any] | str:
    """Tell what an item of a playlist says, or why it is no entry."""
    added = parse_added_at(str(item.get("addedDate") or item.get("added_at") or ""))
    inner = item.get("track", item)
    if isinstance(inner, str):  # of a library: its artist, album and title beside each other
        inner = item
    if isinstance(item.get("localTrack"), dict):
        inner = item["localTrack"]
    elif isinstance(item.get("episode"), dict):
        inner = item["episode"]
    elif isinstance(item.get("audiobook"), dict):
        return "it is an audiobook, not a track"
    if not isinstance(inner, dict):
        return "it names no track"
    uri = _text(inner, "trackUri", "episodeUri", "uri")
    title = _text(inner, "trackName", "episodeName", "name", "track")
    artists = _artists(inner)
    if uri.startswith(_LOCAL) and not title:
        artists, title = _local(uri)
    place = urls.parse_url(uri) if uri else None
    if not title and place is None:
        return NOTHING
    album = inner.get("album")
    ids = inner.get("external_ids")
    said: dict[str, Any] = {
        "title": title,
        "artists": artists,
        "album": (_text(album, "name") if isinstance(album, dict) else _text(inner, "albumName", "album"))
        or None,
        "added_at": added,
    }
    if place is not None:
        said |= {
            "provider": place.provider, "provider_id": place.provider_id, "kind": place.kind,
            "url": urls.url_of(place.kind, place.provider, place.provider_id),
        }  # fmt: skip
    more = {
        "duration_ms": inner.get("duration_ms"), "explicit": inner.get("explicit"),
        "popularity": inner.get("popularity"), "track_number": inner.get("track_number"),
        "disc_number": inner.get("disc_number"), "isrc": ids.get("isrc") if isinstance(ids, dict) else None,
    }  # fmt: skip
    return said | json_fields.known_fields(more)


def _artists(item: dict[str, Any]) -> tuple[str, ...]:
    several = item.get("artists")
    if isinstance(several, list):
        names = [_text(artist, "name") if isinstance(artist, dict) else artist for artist in several]
        return tuple(name for name in names if isinstance(name, str) and name)
    one = _text(item, "artistName", "artist", "showName", "show")
    return (one,) if one else ()


def _local(uri: str) -> tuple[tuple[str, ...], str]:
    """Read what a local file's URI says: ``spotify:local:Artist:Album:Title:seconds``."""
    parts = [unquote_plus(part) for part in uri.removeprefix(_LOCAL).split(":")]
    parts += [""] * (3 - len(parts))
    return (parts[0],) if parts[0] else (), parts[2]


def _text(item: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := item.get(name), str) and value), "")
