"""Tables: Exportify's columns with ours, or Soundiiz'. Every cell in quotes, lines end in CR LF, UTF-8."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from musicconnect.playlist_files import csv_safety, exportify
from musicconnect.playlist_files.json_fields import iso_utc
from musicconnect.playlist_files.model import Entry, PlaylistHeader

SOUNDIIZ_COLUMNS: Final = ("title", "artist", "album", "isrc", "addedDate", "addedBy", "duration", "url")


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes a playlist as a table. Its name is the file's; see `file_names.file_name`."""

    bom: bool = False
    mime_type: str = "text/csv; charset=utf-8"
    extension: str = "csv"

    def begin(self, head: PlaylistHeader) -> bytes:  # noqa: ARG002 - a table has nowhere to put it
        """The names of the columns."""
        return (b"\xef\xbb\xbf" if self.bom else b"") + _line(exportify.COLUMNS)

    def entry(self, entry: Entry) -> bytes:
        """A row."""
        return _line(map(csv_safety.escape_formula, exportify.to_row(entry).values()))

    def end(self) -> bytes:
        """Nothing."""
        return b""


@dataclass(frozen=True, slots=True)
class SoundiizWriter:
    """Writes a playlist as the table that Soundiiz exports: semicolons, a byte order mark, few columns.

    Title, artists, album and ISRC are what it imports by; times are seconds with an ``s``. Source: files of
    its users, there is no description of it.
    """

    mime_type: str = "text/csv; charset=utf-8"
    extension: str = "csv"

    def begin(self, head: PlaylistHeader) -> bytes:  # noqa: ARG002 - a table has nowhere to put it
        """The names of the columns."""
        return b"\xef\xbb\xbf" + f"{';'.join(SOUNDIIZ_COLUMNS)}\r\n".encode()

    def entry(self, entry: Entry) -> bytes:
        """A row."""
        row = (
            entry.title,
            ", ".join(entry.artists),
            entry.album or "",
            entry.isrc or "",
            iso_utc(entry.added_at) if entry.added_at else "",
            entry.added_by or "",
            "" if entry.duration_ms is None else f"{round(entry.duration_ms / 1000)}s",
            entry.url or "",
        )
        return _line(map(csv_safety.escape_formula, row), delimiter=";")

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _line(values: Iterable[str], *, delimiter: str = ",") -> bytes:
    cells = (f'"{value.replace('"', '""')}"' for value in values)
    text = delimiter.join(cells) + "\r\n"
    return text.encode("utf-8", "replace")
