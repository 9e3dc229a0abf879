"""What became of every track that was migrated, as CSV."""

from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, CsvSource, Cursor
from musicconnect.migrations import export

LAST: Final = (2**63 - 1, 2**31 - 1)


class MigrationsCsv(CsvSource):
    """Tracks as CSV, playlist by playlist, in order."""

    batch = 10_000
    columns = (
        "migration_id", "migrated_at", "local_time", "source_provider", "target_provider",
        "source_playlist_id", "source_playlist", "target_playlist_id", "target_playlist", "position",
        "source_track_id", "source_title", "source_artist", "target_track_id", "target_title",
        "target_artist", "score", "status", "outcome", "reason", "written",
    )  # fmt: skip
    texts = frozenset({*columns[5:9], *columns[10:16], "reason"})
    words = frozenset({"source_provider", "target_provider", "status", "outcome", "written"})
    counting = export.COUNT_TRACKS

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of tracks."""
        playlist, position = cursor or (0, -1)
        values = self._values | {"playlist": playlist, "position": position, "rows": self.batch}
        end = connection.execute(export.LAST_TRACK, values).fetchone()
        values["last_playlist"], values["last_position"] = end or LAST
        return Batch(*self._lines(connection, export.TRACKS, values), list(end) if end else None)
