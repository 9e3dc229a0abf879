"""PLS: ``File1``, ``Title1``, ``Length1`` and so on, in any order and any case."""

import re
from collections.abc import Iterator
from typing import Any, Final

from musicconnect.files.errors import BudgetError
from musicconnect.playlist_files import file_names, json_fields, m3u
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.m3u import from_path
from musicconnect.playlist_files.readers.record import NOTHING
from musicconnect.playlist_files.readers.source import Report, Source

MAX_ENTRIES: Final = 200_000
"""Entries may stand in any order: all have to be known before the first is given."""
_KEY: Final = re.compile(r"\s*(file|title|length)(\d{1,7})\s*=(.*)", re.IGNORECASE | re.DOTALL)
_COUNT: Final = re.compile(r"\s*numberofentries\s*=\s*(\d{1,7})\s*$", re.IGNORECASE)


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of players' files."""
    yield file_names.with_file_name(PlaylistHeader(), source.name)
    found: dict[int, dict[str, Any]] = {}
    announced = 0
    with source.open() as stream:
        for line, text in enumerate(source.lines(stream), 1):
            key, count = _KEY.match(text), _COUNT.match(text)
            if key is not None:
                found.setdefault(int(key[2]), {"line": line})[key[1].lower()] = key[3].strip()
                if len(found) > MAX_ENTRIES:
                    raise BudgetError(f"The list has more than {MAX_ENTRIES:,} entries. Send it in parts.")
            elif count is not None:
                announced = int(count[1])
    position = 0
    for _, values in sorted(found.items()):
        info = f"{values.get('length') or '-1'},{values.get('title', '')}"
        said = m3u.parse_directives({m3u.INFO: info}, values.get("file", ""))
        if not said["title"]:
            said |= from_path(values.get("file", ""))
        if not said["title"] and not said["provider_id"]:
            report(values["line"], NOTHING)
            continue
        yield json_fields.make_entry(position, said)
        position += 1
    if announced > len(found):
        report(0, f"the file announces {announced} entries and has {len(found)}: it was cut")
