"""Collections of music programs in XML: tracks first, then playlists that name them.

- Library.xml of Music.app and iTunes (a property list).
- rekordbox' XML (its "xml_format_list"), by track id or by location.
- Traktor's NML, by volume, folder and file.
- Lists of Windows Media Player and Zune (WPL, ZPL) and ASX, which name files.

A document is read as a stream; what is kept of a track is what an entry holds of it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files import file_names, json_fields
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.m3u import from_path
from musicconnect.playlist_files.readers.record import NOTHING
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source
from musicconnect.playlist_files.readers.xml_stream import MAX_DEPTH, feed

NOT_THERE: Final = "its track is not in the file"
MAX_TRACKS: Final = 500_000
_SYSTEM: Final = {"Master", "Distinguished Kind", "Folder"}
"""What marks playlists of iTunes that are no one's: the library itself, folders, purchases."""

type Fields = dict[str, Any]
type Playlist = tuple[str, list[str]]
"""Its name, and what names its tracks."""


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """Read the playlists of a collection."""
    collection = _Collection()
    for _ in feed(source, _Handler(collection), forbid_dtd=False):  # Apple's has one, without entities
        pass
    if not collection.playlists:
        raise UnreadableError("There is no playlist in the collection.")
    for number, (name, keys) in enumerate(collection.playlists, 1):
        yield file_names.with_file_name(PlaylistHeader(name=name), source.name)
        position = 0
        for place, key in enumerate(keys, 1):
            said = collection.tracks.get(key)
            if said is None:
                report(place, f"{NOT_THERE} (playlist {number})")
            elif not said["title"]:
                report(place, f"{NOTHING} (playlist {number})")
            else:
                yield json_fields.make_entry(position, said)
                position += 1


class _Collection:
    """Tracks by what names them, and playlists."""

    def __init__(self) -> None:
        self.tracks: dict[str, Fields] = {}
        self.playlists: list[Playlist] = []

    def add(self, key: str, said: Fields) -> None:
        """Add a track."""
        if len(self.tracks) >= MAX_TRACKS:
            raise UnreadableError(f"The collection has more than {MAX_TRACKS:,} tracks.")
        self.tracks[key] = said


def _fields(
    title: str, artist: str, album: str = "", duration_ms: int | None = None, location: str = ""
) -> Fields:
    said: Fields = {
        "title": title.strip(),
        "artists": (artist.strip(),) if artist.strip() else (),
        "album": album.strip() or None,
        "duration_ms": duration_ms,
    }
    return said if said["title"] or not location else said | from_path(location)


def _ms(text: str, factor: int) -> int | None:
    whole = json_fields.parse_number(text.partition(".")[0])
    return whole * factor if whole and whole * factor < 2**31 else None


class _Handler:
    """Takes what the parser finds, and finds out by the root what kind of document it is."""

    def __init__(self, collection: _Collection) -> None:
        self._collection = collection
        self._kind: _Kind | None = None
        self._depth = 0
        self._length = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2].lower()
        self._depth += 1
        self._length = 0
        if self._depth > MAX_DEPTH:
            raise UnreadableError("The XML is nested too deeply.")
        if self._kind is None:
            make = KINDS.get(name)
            if make is None:
                raise UnreadableError("The XML is no collection that we know.")
            self._kind = make(self._collection)
        self._kind.start(name, {key.lower(): value for key, value in attributes.items()})

    def data(self, text: str) -> None:
        """Text."""
        assert self._kind is not None
        self._length += len(text)
        if self._length > MAX_RECORD:
            raise UnreadableError("An element of the XML is too long.")
        self._kind.data(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        assert self._kind is not None
        self._depth -= 1
        self._kind.end(tag.rpartition("}")[2].lower())

    def close(self) -> None:
        """The document ends."""


class _Kind:
    """What a kind of document does with its elements."""

    def __init__(self, collection: _Collection) -> None:
        self.collection = collection

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def data(self, text: str) -> None:
        """Text."""

    def end(self, name: str) -> None:
        """An element ends."""


class _Rekordbox(_Kind):
    def __init__(self, collection: _Collection) -> None:
        super().__init__(collection)
        self._playlists: list[Playlist | None] = []
        self._by_location: dict[str, str] = {}
        self._keys_are_locations = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        get = attributes.get
        if name == "node":
            is_playlist = get("type") == "1"
            self._playlists.append((get("name", ""), []) if is_playlist else None)
            self._keys_are_locations = get("keytype") == "1"
        elif name == "track" and self._playlists:
            if self._playlists[-1] is not None:
                key = get("key", "")
                self._playlists[-1][1].append(
                    self._by_location.get(key, key) if self._keys_are_locations else key
                )
        elif name == "track":
            key, location = get("trackid", ""), get("location", "")
            self._by_location[location] = key
            said = _fields(
                get("name", ""),
                get("artist", ""),
                get("album", ""),
                _ms(get("totaltime", ""), 1000),
                location,
            )
            self.collection.add(key, said)

    def end(self, name: str) -> None:
        if name == "node" and self._playlists:
            playlist = self._playlists.pop()
            if playlist is not None:
                self.collection.playlists.append(playlist)


class _Traktor(_Kind):
    def __init__(self, collection: _Collection) -> None:
        super().__init__(collection)
        self._entry: dict[str, str] | None = None
        self._names: list[str] = []
        self._playlist: Playlist | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        get = attributes.get
        if name == "node":
            self._names.append(get("name", ""))
        elif name == "playlist":
            self._playlist = (self._names[-1] if self._names else "", [])
        elif name == "primarykey" and self._playlist is not None:
            self._playlist[1].append(get("key", ""))
        elif name == "entry" and self._playlist is None:
            self._entry = {"title": get("title", ""), "artist": get("artist", "")}
        elif self._entry is not None and name == "location":
            self._entry["key"] = get("volume", "") + get("dir", "") + get("file", "")
            self._entry["path"] = get("dir", "").replace("/:", "/") + get("file", "")
        elif self._entry is not None and name == "album":
            self._entry["album"] = get("title", "")
        elif self._entry is not None and name == "info":
            self._entry["seconds"] = get("playtime", "")

    def end(self, name: str) -> None:
        entry = self._entry
        if name == "node" and self._names:
            self._names.pop()
        elif name == "playlist" and self._playlist is not None:
            self.collection.playlists.append(self._playlist)
            self._playlist = None
        elif name == "entry" and entry is not None:
            said = _fields(
                entry["title"], entry["artist"], entry.get("album", ""), _ms(entry.get("seconds", ""), 1000),
                entry.get("path", ""),
            )  # fmt: skip
            self.collection.add(entry.get("key", ""), said)
            self._entry = None


class _Players(_Kind):
    """WPL, ZPL and ASX: one playlist, whose files stand in it."""

    def __init__(self, collection: _Collection) -> None:
        super().__init__(collection)
        self._name = ""
        self._keys: list[str] = []
        self._entry: dict[str, str] | None = None
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        get = attributes.get
        self._path.append(name)
        self._text = []
        if name == "media":
            self._add(
                _fields(
                    get("tracktitle", ""), get("trackartist", ""), get("albumtitle", ""),
                    _ms(get("duration", ""), 1), get("src", ""),
                )
            )  # fmt: skip
        elif name == "entry":
            self._entry = {}
        elif name == "ref" and self._entry is not None:
            self._entry.setdefault("path", get("href", ""))

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        text = "".join(self._text).strip()
        self._text = []
        self._path.pop()
        if self._entry is not None and name in {"title", "author"}:
            self._entry[name] = text
        elif name == "title" and not self._name:
            self._name = text
        elif name == "entry" and self._entry is not None:
            entry, self._entry = self._entry, None
            self._add(
                _fields(entry.get("title", ""), entry.get("author", ""), location=entry.get("path", ""))
            )
        elif not self._path:
            self.collection.playlists.append((self._name, self._keys))

    def _add(self, said: Fields) -> None:
        key = str(len(self._keys))
        self._keys.append(key)
        self.collection.add(key, said)


class _PropertyList(_Kind):
    """iTunes: ``Tracks`` by their ids, ``Playlists`` of ``Playlist Items``."""

    def __init__(self, collection: _Collection) -> None:
        super().__init__(collection)
        self._keys: list[str] = []
        """Of the dictionaries around, the key that was read last."""
        self._text: list[str] = []
        self._values: dict[str, str] = {}
        self._items: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - property lists have none
        self._text = []
        if name == "dict":
            self._keys.append("")
            is_track = len(self._keys) == 3 and self._keys[0] == "Tracks"
            is_playlist = len(self._keys) == 2 and self._keys[0] == "Playlists"
            if is_track or is_playlist:
                self._values, self._items = {}, []

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        text = "".join(self._text)
        self._text = []
        depth = len(self._keys)
        if name == "key" and self._keys:
            self._keys[-1] = text
        elif name == "dict":
            self._end_dictionary(depth)
            self._keys.pop()
        elif name in {"string", "integer", "date", "true", "false"} and self._keys:
            if self._keys[0] == "Playlists" and depth == 3 and self._keys[-1] == "Track ID":
                self._items.append(text)
            elif (self._keys[0], depth) in {("Tracks", 3), ("Playlists", 2)}:
                self._values[self._keys[-1]] = text or name
        elif name == "data" and self._keys:
            self._values.setdefault(self._keys[-1], "")

    def _end_dictionary(self, depth: int) -> None:
        get = self._values.get
        if depth == 3 and self._keys[0] == "Tracks":
            location = get("Location", "")
            said = _fields(
                get("Name", ""), get("Artist", ""), get("Album", ""), _ms(get("Total Time", ""), 1), location
            )
            self.collection.add(get("Track ID", self._keys[1]), said)
        elif depth == 2 and self._keys[0] == "Playlists" and not _SYSTEM & self._values.keys():
            self.collection.playlists.append((get("Name", ""), self._items))


KINDS: Final[Mapping[str, Callable[[_Collection], _Kind]]] = {
    "plist": _PropertyList, "dj_playlists": _Rekordbox, "nml": _Traktor, "smil": _Players, "asx": _Players,
}  # fmt: skip
"""By the name of a document's root, in lower case."""
