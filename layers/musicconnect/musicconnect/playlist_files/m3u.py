"""Playlists in the words of M3U: ``#EXTINF`` and its like, one line each, and an address."""

import re
from collections.abc import Mapping
from typing import Any, Final

from musicconnect.playlist_files import paths, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader

HEADER: Final = "#EXTM3U"
NAME: Final = "#PLAYLIST:"
INFO: Final = "#EXTINF:"
ALBUM: Final = "#EXTALB:"
ARTIST: Final = "#EXTART:"
IMAGE: Final = "#EXTIMG:"
HEADER_EXTENSION: Final = "#MUSICCONNECT-PLAYLIST:"
EXTENSION: Final = "#MUSICCONNECT-ENTRY:"
"""JSON of what the other lines of an entry do not say, before its address."""
UNADDRESSED: Final = "#MUSICCONNECT-PLACE:"
"""JSON of an entry that has no address: a line of its own."""
SEPARATOR: Final = " - "
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_NOT_LOCAL: Final = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def one_line(text: str) -> str:
    """The text without breaks, which would begin another line."""
    return _BREAKS.sub(" ", text).strip()


def address_of(entry: Entry) -> str:
    """What a player opens; empty where there is nothing to open."""
    url = entry.url or urls.url_of(entry.kind, entry.provider, entry.provider_id) or ""
    line = one_line(url)
    return "" if line.startswith("#") else line


def directives_of(entry: Entry) -> dict[str, str]:
    """An entry's directives, by their names."""
    seconds = -1 if entry.duration_ms is None else round(entry.duration_ms / 1000)
    artists = one_line(", ".join(entry.artists))
    title = one_line(entry.title)
    lines = {INFO: f"{seconds},{artists}{SEPARATOR}{title}" if artists else f"{seconds},{title}"}
    if entry.album and one_line(entry.album):
        lines[ALBUM] = one_line(entry.album)
    if entry.artwork_url and one_line(entry.artwork_url):
        lines[IMAGE] = one_line(entry.artwork_url)
    return lines


def parse_directives(lines: Mapping[str, str], address: str, *, artist_first: bool = True) -> dict[str, Any]:
    """What is understood of an entry's directives and its address, by field.

    Args:
        lines: By their names.
        address: Or the path.
        artist_first: Which way round titles stand whose path does not tell.
    """
    seconds, attributes, shown = parse_info(lines.get(INFO, ""))
    path = paths.split_path(address)
    told = paths.orientation(shown, path)
    artist, title = told[:2] if told is not None else paths.split_title(shown)
    if told is None and artist and not artist_first:
        title, _, artist = shown.rpartition(SEPARATOR)
    named = lines.get(ARTIST) or ("" if artist else attributes)
    if named:
        artist, title = named, (title if artist == named else shown)
    place = urls.parse_url(address)
    return {
        "kind": place.kind if place else "track",
        "provider": place and place.provider,
        "provider_id": place and place.provider_id,
        "url": address if _NOT_LOCAL.match(address) else None,
        "title": title,
        "artists": (artist,) if artist else (),
        "album": lines.get(ALBUM) or None,
        "artwork_url": lines.get(IMAGE) or None,
        "duration_ms": None if seconds is None else seconds * 1000,
    }


def head_name(head: PlaylistHeader) -> str:
    """What stands after ``#PLAYLIST:``."""
    return one_line(head.name)


_INFO_LINE: Final = re.compile(
    r"\s*(-?\d{1,7})(?:\.\d*)?((?:\s+[\w-]+=(?:\"[^\"]*\"|[^\s,]*))*)\s*(?:[,;](.*))?$", re.DOTALL
)
_ARTIST: Final = re.compile(r"\sartist=(?:\"([^\"]*)\"|(\S+))")


def parse_info(text: str) -> tuple[int | None, str, str]:
    """Seconds, the artist among its attributes, and the title of what stands after ``#EXTINF:``."""
    match = _INFO_LINE.match(text)
    if match is None:
        return None, "", text.partition(",")[2].strip() or text.strip()
    seconds = int(match[1])
    artist = _ARTIST.search(match[2] or "")
    named = (artist[1] or artist[2] or "") if artist else ""
    return (seconds if seconds > 0 else None), named.strip(), (match[3] or "").strip()
