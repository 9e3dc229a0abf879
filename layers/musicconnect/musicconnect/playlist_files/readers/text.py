"""Lines of ``Artist - Title``, as TuneMyMusic, Spotlistr and people write them."""

import re
from collections.abc import Iterator
from typing import Final

from musicconnect.playlist_files import file_names, json_fields, paths, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.record import Cells, parse_record
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

NO_LINE: Final = "it is no line of artist and title"
MAX_LINE: Final = 300
"""Characters; what is longer is no title."""
_NUMBER: Final = re.compile(r"^\s*\d{1,5}\s*[.)]\s+")


def is_list(lines: list[str]) -> bool:
    """Tell whether most of some lines hold an artist and a title."""
    told = sum(len(line) <= MAX_LINE and bool(_split(line)[0]) for line in lines)
    return told > 0 and told * 10 >= len(lines) * 7


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of artists and titles."""
    yield file_names.with_file_name(PlaylistHeader(), source.name)
    position = 0
    with source.open() as stream:
        for number, line in enumerate(source.lines(stream), 1):
            if not line.strip():
                continue
            artist, title = _split(line)
            if not artist or not title or len(line) >= MAX_RECORD:
                report(number, NO_LINE)
                continue
            yield json_fields.make_entry(position, {"title": title, "artists": (artist,)})
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


def _split(line: str) -> tuple[str, str]:
    return paths.split_title(_NUMBER.sub("", line).strip())
