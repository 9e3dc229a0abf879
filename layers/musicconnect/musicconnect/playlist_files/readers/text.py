"""Lines of ``Artist - Title``, and of links, as TuneMyMusic, Spotlistr and people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.music import links
from musicconnect.music.links import Link, LinkError
from musicconnect.music.model import ItemType
from musicconnect.playlist_files import file_names, json_fields, paths, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader, PlaylistLink
from musicconnect.playlist_files.readers.record import Cells, parse_record
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

NO_LINE: Final = "it is no line of artist and title"
NO_TRACK: Final = "its link leads to no track and no playlist; paste links of tracks, or of a playlist"
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
    playlist: Link | None = None
    """Where it leads to a playlist."""
    refusal: str = NO_TRACK
    """Why it leads nowhere, where it does."""


def link_in(line: str) -> LinePlace | None:
    """Find the provider's link that a line ends with, or consists of."""
    words = _NUMBER.sub("", line).strip().split()
    return _place(words[-1], " ".join(words[:-1]).rstrip(" -–—:|,;<([")) if words else None


def has_link(lines: list[str]) -> bool:
    """Tell whether any of some lines has a provider's link anywhere in it."""
    return any(_link_within(line) is not None for line in lines if len(line) < MAX_RECORD)


def _link_within(line: str) -> LinePlace | None:
    """Find the first link of a provider's in a sentence, whose words say nothing of a track."""
    return next((place for word in line.split() if (place := _place(word, "")) is not None), None)


def _place(word: str, before: str) -> LinePlace | None:
    bare = word.strip("<>()[]\"',;")
    text = f"https://{bare}" if _BARE.fullmatch(bare) else bare
    ref = urls.parse_url(text)
    if ref is not None:
        return LinePlace(before, ref)
    return _other_place(before, text) if ":" in text else None


def _other_place(before: str, text: str) -> LinePlace | None:
    """Give where a link of a provider leads that is no track's; None where it is no provider's."""
    try:
        link = links.parse(text)
    except LinkError as error:
        if error.reason in {"not-a-link", "unknown-site"}:
            return None
        # Of these the sentence says what to do; of the others only that it is no track.
        told = error.reason in {"short-link", "personal-list"}
        return LinePlace(before, None, refusal=error.message if told else NO_TRACK)
    return LinePlace(before, None, playlist=link if link.type is ItemType.PLAYLIST else None)


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry | PlaylistLink]:
    """A list of artists and titles, or of links, which say which recording it is.

    A link to a playlist stands for itself: it is no entry of the list, which goes on behind it.
    """
    position = 0
    with source.open() as stream:
        for number, line in enumerate(source.lines(stream), 1):
            if not line.strip():
                continue
            said = _said(line)
            if isinstance(said, Link):
                yield PlaylistLink(number, said.provider, said.id)
                continue
            if isinstance(said, str):
                report(number, said)
                continue
            if position == 0:
                yield file_names.with_file_name(PlaylistHeader(), source.name)
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


def _said(line: str) -> dict[str, Any] | Link | str:
    """Give what a line says of a track, the playlist that it leads to, or why it says nothing."""
    if len(line) >= MAX_RECORD:
        return NO_LINE
    place = link_in(line) or _link_within(line)
    if place is not None and place.playlist is not None:
        return place.playlist
    if place is None or place.ref is None:
        artist, title = _split(line)
        if artist and title:
            return {"title": title, "artists": (artist,)}
        return NO_LINE if place is None else place.refusal
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


def _split(line: str) -> tuple[str, str]:
    return paths.split_title(_NUMBER.sub("", line).strip())
