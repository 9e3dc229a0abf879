"""Exportify's CSV, after RFC 4180: every cell in quotes, lines end in CR LF, UTF-8."""

from collections.abc import Iterable
from dataclasses import dataclass

from musicconnect.playlist_files import csv_safety, exportify
from musicconnect.playlist_files.model import Entry, PlaylistHeader


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


def _line(values: Iterable[str]) -> bytes:
    text = ",".join(f'"{value.replace('"', '""')}"' for value in values) + "\r\n"
    return text.encode("utf-8", "replace")
