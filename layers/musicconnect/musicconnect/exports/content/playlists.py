"""Playlists, as they were read, in the formats of `musicconnect.playlist_files`."""

from typing import Any

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, Cursor, Source
from musicconnect.exports.model import Job
from musicconnect.exports.plan import Document
from musicconnect.exports.playlists import staging_store
from musicconnect.playlist_files import json_fields
from musicconnect.playlist_files.writers import writer


class PlaylistEntries(Source):
    """A playlist as it was read, in one of the formats of `musicconnect.playlist_files`."""

    batch = 2_000

    def __init__(self, job: Job, document: Document) -> None:
        self._writer = writer(document.format, bom=bool(job.options["bom"]))  # type: ignore[arg-type]
        self._id = document.playlist_id

    def count(self, connection: Connection[Any]) -> int:
        """Count the entries."""
        return staging_store.count_entries(connection, self._id)

    def begin(self, connection: Connection[Any]) -> bytes:
        """Write the header."""
        head = staging_store.get_head(connection, self._id)
        return self._writer.begin(json_fields.make_header({}, head))

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read entries."""
        after = cursor[0] if cursor else -1
        rows = staging_store.list_entries(connection, self._id, after=after, limit=self.batch)
        data = b"".join(
            self._writer.entry(json_fields.make_entry(position, {}, entry)) for position, entry in rows
        )
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """Close the format."""
        return self._writer.end()
