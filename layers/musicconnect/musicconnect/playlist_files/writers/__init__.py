"""Playlists to bytes. A writer keeps nothing: what it gives for an entry depends on that entry alone.

So a file that was begun by one process is continued by another at any entry: ``begin`` is written once,
``entry`` for each entry in order, ``end`` once.
"""

from typing import Protocol

from musicconnect.playlist_files.model import Entry, Format, PlaylistHeader


class Writer(Protocol):
    """Writes one playlist in one format."""

    @property
    def mime_type(self) -> str:
        """For ``Content-Type``."""
        ...

    @property
    def extension(self) -> str:
        """Of the file's name, without a dot."""
        ...

    def begin(self, head: PlaylistHeader) -> bytes:
        """What stands before the first entry."""
        ...

    def entry(self, entry: Entry) -> bytes:
        """One entry. The first has position 0, and positions have no gaps."""
        ...

    def end(self) -> bytes:
        """What stands behind the last entry."""
        ...


def writer(format: Format, *, bom: bool = False) -> Writer:  # noqa: A002 - it is what everybody calls it
    """A writer of a format.

    Args:
        format: One of `Format`.
        bom: Of CSV: whether to begin with a byte order mark, without which Excel takes UTF-8 for something
            else. Other formats never have one.

    Raises:
        ValueError: there is no such format.
    """
    match format:
        case "csv":
            from musicconnect.playlist_files.writers.csv import CsvWriter  # noqa: PLC0415

            return CsvWriter(bom=bom)
        case "soundiiz":
            from musicconnect.playlist_files.writers.csv import SoundiizWriter  # noqa: PLC0415

            return SoundiizWriter()
        case "json":
            from musicconnect.playlist_files.writers.json import JsonWriter  # noqa: PLC0415

            return JsonWriter()
        case "jsonl":
            from musicconnect.playlist_files.writers.json import LinesWriter  # noqa: PLC0415

            return LinesWriter()
        case "xspf":
            from musicconnect.playlist_files.writers.xspf import XspfWriter  # noqa: PLC0415

            return XspfWriter()
        case "jspf":
            from musicconnect.playlist_files.writers.jspf import JspfWriter  # noqa: PLC0415

            return JspfWriter()
        case "m3u8":
            from musicconnect.playlist_files.writers.m3u8 import M3u8Writer  # noqa: PLC0415

            return M3u8Writer()
    raise ValueError(f"no such format: {format}")
