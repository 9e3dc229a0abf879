"""Tables: Exportify's, old and new, ours, and what other programs make. What a column is, `columns` says."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from musicconnect.files import cells, tables
from musicconnect.files.errors import UnreadableError
from musicconnect.files.tables import Dialect, Row
from musicconnect.playlist_files import csv_safety, exportify, file_names, json_fields, urls
from musicconnect.playlist_files.json_fields import parse_json
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.columns import Columns, detect_columns
from musicconnect.playlist_files.readers.record import NOTHING, parse_added_at, parse_record
from musicconnect.playlist_files.readers.source import Report, Source

NO_ROW: Final = "it is no row of a table"
_TAKEOUT_NAMES: Final = re.compile(
    r"(?i)[- ](?:videos|vídeos|vidéos|videoclipuri|동영상)$| の動画$|^(?:video_s in|vidéos de) "
)
"""What Takeout puts around a playlist's name in the language of the account."""


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A table; where it has a column for the playlist's name, as many playlists as there are names.

    A head that comes again, the very same object, means that its playlist goes on.
    """
    columns = detect_columns(source.member.head_text(), source.name)
    if not isinstance(columns, Columns):
        raise UnreadableError(columns or "The table has no columns that we know.")
    heads: dict[str, PlaylistHeader] = {}
    counts: dict[str, int] = {}
    file_head = PlaylistHeader(name=_file_name(source.name, columns))
    current: PlaylistHeader | None = None
    if "playlist" not in columns.meanings:
        current = file_head
        yield file_head
    for line, row in _rows(source, columns.dialect, columns.header_line, report):
        if tuple(row) == columns.header:  # files that were put one behind the other
            continue
        found = _fields(row, columns)
        if isinstance(found, str):
            report(line, found)
            continue
        said, beside, name = found
        head = heads.setdefault(name, PlaylistHeader(name=name) if name else file_head)
        if head is not current:
            current = head
            yield head
        position = counts.get(name, 0)
        counts[name] = position + 1
        yield json_fields.make_entry(position, said, beside)


def is_old_takeout(text: str) -> bool:
    """Tell whether it is a playlist as Takeout had it until 2022: a table of itself, and one of its videos.

    The words are in the language of the account; the shape is the same.
    """
    rows = _first_rows(text)
    if len(rows) < 3 or len(rows[0]) < 5 or len(rows[1]) != len(rows[0]) or not 2 <= len(rows[2]) <= 3:
        return False
    videos = [cells.is_video_id(row[0]) for row in rows[3:]]
    return sum(videos) * 2 >= len(videos)


def read_old_takeout(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A playlist as Takeout had it until 2022: id, channel, times, title, description; then its videos."""
    rows = _rows(source, Dialect(), 0, report)
    _, about, _ = (row for _, row in (next(rows), next(rows), next(rows)))
    texts = [text.strip() for text in about]
    # Times stand before the title, which the description follows.
    title = max((n for n, text in enumerate(texts) if _is_time(text)), default=3) + 1
    yield PlaylistHeader(
        provider="youtube",
        provider_playlist_id=texts[0] or None,
        name=(texts[title] if title < len(texts) else "") or _file_name(source.name, None),
        description=(texts[title + 1] if title + 1 < len(texts) else "") or None,
    )
    position = 0
    for line, row in rows:
        place = urls.parse_url(f"https://youtu.be/{row[0].strip()}") if cells.is_video_id(row[0]) else None
        if place is None:
            report(line, NOTHING)
            continue
        said = {
            "provider": place.provider,
            "provider_id": place.provider_id,
            "url": urls.url_of("track", place.provider, place.provider_id),
            "added_at": parse_added_at(row[1].strip() if len(row) > 1 else ""),
        }
        yield json_fields.make_entry(position, said)
        position += 1


def _first_rows(text: str) -> list[list[str]]:
    stream = io.BytesIO(text.encode())
    found: list[list[str]] = []
    for row in tables.read_rows(stream, Dialect()):
        if row.cells is not None and any(cell.strip() for cell in row.cells):
            found.append(row.cells)
        if len(found) == 10:
            break
    return found


def _is_time(text: str) -> bool:
    return text[:1].isdigit() and cells.parse_moment(text) is not None


def _rows(
    source: Source, dialect: Dialect, header_line: int, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """Read the rows below the header that can be read, each with the line it begins at."""
    with source.open() as stream:
        row: Row
        for row in tables.read_rows(stream, dialect):
            if row.line <= header_line:
                continue
            if row.cells is None:
                report(row.line, NO_ROW)
            elif any(cell.strip() for cell in row.cells):
                yield row.line, row.cells


def _fields(row: Sequence[str], columns: Columns) -> tuple[dict[str, Any], Any, str] | str:
    """Tell what a row says, what stands beside it, and the name of its playlist; or why it is no entry."""
    if columns.ours:
        values = {
            name: csv_safety.unescape_formula(row[place]) if place < len(row) else ""
            for name, place in columns.ours.items()
        }
        return exportify.parse_row(values), parse_json(values.get(exportify.EXTENSION, "")), ""
    record = columns.cells_of(row)
    found = parse_record(record, numbered=columns.is_numbered)
    if isinstance(found, str):
        return found
    return found, None, next(iter(record.get("playlist", ())), "")


def _file_name(name: str, columns: Columns | None) -> str:
    is_ours = columns is not None and bool(columns.ours)
    text = file_names.playlist_name(name, is_ours=is_ours)
    if is_ours:
        return text
    if columns is not None and columns.is_exportify:  # puts underscores for blanks and signs
        return text.replace("_", " ").strip()
    if columns is None or columns.is_takeout:
        return _TAKEOUT_NAMES.sub("", text).strip() or text
    return text
