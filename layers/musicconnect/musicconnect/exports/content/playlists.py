"""Playlists, as they were read, in the formats of `musicconnect.playlist_files`."""

from typing import Any

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, Cursor, count_rows
from musicconnect.exports.model import Job
from musicconnect.exports.plan import Document
from musicconnect.playlist_files import json_fields
from musicconnect.playlist_files.writers import writer


class PlaylistEntries:
    """A playlist as it was read, in one of the formats of `musicconnect.playlist_files`."""

    batch = 2_000

    def __init__(self, job: Job, document: Document) -> None:
        self._writer = writer(document.format, bom=bool(job.options["bom"]))  # type: ignore[arg-type]
        self._id = document.playlist_id

    def count(self, connection: Connection[Any]) -> int:
        """How many entries."""
        return count_rows(connection, "exports.entries WHERE playlist_id = %(id)s", {"id": self._id})

    def begin(self, connection: Connection[Any]) -> bytes:
        """The head."""
        row = connection.execute("SELECT head FROM exports.playlists WHERE id = %s", [self._id]).fetchone()
        return self._writer.begin(json_fields.make_header({}, row[0] if row else None))

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Entries."""
        rows = connection.execute(
            "SELECT position, entry FROM exports.entries WHERE playlist_id = %s AND position > %s "
            "ORDER BY position LIMIT %s",
            [self._id, cursor[0] if cursor else -1, self.batch],
        ).fetchall()
        data = b"".join(
            self._writer.entry(json_fields.make_entry(position, {}, entry)) for position, entry in rows
        )
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """What closes the format."""
        return self._writer.end()
