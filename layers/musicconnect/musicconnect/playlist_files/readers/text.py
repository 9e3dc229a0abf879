"""Lines of ``Artist - Title``, as TuneMyMusic, Spotlistr and people write them."""

import re
from collections.abc import Iterator
from typing import Final

from musicconnect.playlist_files import file_names, json_fields, paths
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.source import MAX_RECORD, Report, Source

NO_LINE: Final = "it is no line of artist and title"
MAX_LINE: Final = 300
"""Characters; what is longer is no title."""
_NUMBER: Final = re.compile(r"^\s*\d{1,5}\s*[.)]\s+")


def is_list(lines: list[str]) -> bool:
    """Tell whether nearly all of some lines hold an artist and a title."""
    told = sum(len(line) <= MAX_LINE and bool(_split(line)[0]) for line in lines)
    return told > 0 and told * 10 >= len(lines) * 9


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


def _split(line: str) -> tuple[str, str]:
    return paths.split_title(_NUMBER.sub("", line).strip())
