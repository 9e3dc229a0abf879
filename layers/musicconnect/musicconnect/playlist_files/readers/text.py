"""Lines of ``Artist - Title``, and of links, as TuneMyMusic, Spotlistr and people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.music import links
from musicconnect.playlist_files import file_names, json_fields, paths, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.record import Cells, parse_record
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

NO_LINE: Final = "it is no line of artist and title"
NO_TRACK: Final = "its link leads to no track; paste the links of the tracks, or move the playlist itself"
MAX_LINE: Final = 300
"""Characters; what is longer is no title."""
_BARE: Final = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/\S+", re.IGNORECASE)
"""An address as people type it."""
_CELL: Final = re.compile(r"\t|[,;]\s*\S+$")
"""What stands before the last cell of a table."""
_NUMBER: Final = re.compile(r"^\s*\d{1,5}\s*[.)]\s+")


def is_list(lines: list[str]) -> bool:
    """Tell whether most of some lines hold an artist and a title."""
    told = sum(
        len(line) <= MAX_LINE and (bool(_split(line)[0]) or link_in(line) is not None) for line in lines
    )
    return told > 0 and told * 10 >= len(lines) * 7


def is_mixed(lines: list[str]) -> bool:
    """Tell whether it is such a list with links in it, and no table with a column of addresses."""
    linked = [line for line in lines if link_in(line) is not None]
    if not linked or any(_CELL.search(line) for line in linked):
        return False
    return is_list(lines[:1]) and is_list(lines)


def has_other_links(lines: list[str]) -> bool:
    """Tell whether lines are links of providers, some of which lead to no track."""
    found = [link_in(line) for line in lines]
    return None not in found and any(place is not None and place.ref is None for place in found)


@dataclass(frozen=True, slots=True)
class LinePlace:
    """A link at the end of a line."""

    words: str
    """What stands before it."""
    ref: urls.ResourceRef | None
    """None where it leads to something of a provider's that is no track."""


def link_in(line: str) -> LinePlace | None:
    """Find the provider's link that a line ends with, or consists of."""
    words = _NUMBER.sub("", line).strip().split()
    if not words:
        return None
    last = words[-1].strip("<>()[]\"',;")
    text = f"https://{last}" if _BARE.fullmatch(last) else last
    before = " ".join(words[:-1]).rstrip(" -–—:|,;<([")
    ref = urls.parse_url(text)
    if ref is not None:
        return LinePlace(before, ref)
    return LinePlace(before, None) if _is_providers(text) else None


def _is_providers(text: str) -> bool:
    """Tell whether a text is a link of a provider we know, wherever it leads."""
    if ":" not in text:
        return False
    try:
        links.parse(text)
    except links.LinkError as error:
        return error.reason not in {"not-a-link", "unknown-site"}
    return True


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of artists and titles, or of links, which say which recording it is."""
    yield file_names.with_file_name(PlaylistHeader(), source.name)
    position = 0
    with source.open() as stream:
        for number, line in enumerate(source.lines(stream), 1):
            if not line.strip():
                continue
            said = _said(line)
            if isinstance(said, str):
                report(number, said)
                continue
            yield json_fields.make_entry(position, said)
            position += 1


def is_backup(lines: list[str]) -> bool:
    """Tell whether it is the text of spotify-backup: names of playlists, rows of five cells below them."""
    rows = [line.split("\t") for line in lines[:20]]
    return rows[:1] == [["Playlists:"]] and any(len(row) >= 4 and urls.parse_url(row[3]) for row in rows)


def read_backup(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """Playlists by their names, with title, artists, album, URI and date of each track."""
    position = 0
    with source.open() as stream:
        for number, line in enumerate(source.lines(stream), 1):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) == 1:
                if cells[0] and number > 1:
                    yield PlaylistHeader(name=cells[0])
                    position = 0
                continue
            title, artists, album, uri, *_ = [*cells, "", "", ""]
            found: Cells = {"title": [title], "artists": [artists], "album": [album], "track_uri": [uri]}
            said = parse_record({meaning: held for meaning, held in found.items() if held != [""]})
            if isinstance(said, str):
                report(number, said)
                continue
            yield json_fields.make_entry(position, said)
            position += 1


def _said(line: str) -> dict[str, Any] | str:
    """Give what a line says of a track, or why it says nothing."""
    if len(line) >= MAX_RECORD:
        return NO_LINE
    place = link_in(line)
    if place is not None and place.ref is not None:
        artist, title = paths.split_title(place.words)
        ref = place.ref
        return {
            "title": title,
            "artists": (artist,) if artist else (),
            "provider": ref.provider,
            "provider_id": ref.provider_id,
            "kind": ref.kind,
            "url": urls.url_of(ref.kind, ref.provider, ref.provider_id),
        }
    artist, title = _split(line)
    if artist and title:
        return {"title": title, "artists": (artist,)}
    return NO_LINE if place is None else NO_TRACK


def _split(line: str) -> tuple[str, str]:
    return paths.split_title(_NUMBER.sub("", line).strip())
