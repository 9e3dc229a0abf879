"""Migrated tracks as CSV."""

from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.content import sql_csv
from musicconnect.exports.content.filters import Batch, CsvSource, Cursor

_MIGRATED: Final = """
    migrations.tracks t JOIN migrations.playlists l ON l.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = l.job_id
"""


_MIGRATED_WANTED: Final = """
    j.user_id = %(user)s AND j.created_at >= %(since)s AND j.created_at < %(until)s
    AND (%(provider)s::text IS NULL OR %(provider)s IN (j.source_provider, j.target_provider))
"""


_MIGRATED_SPAN: Final = """
    (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
    AND (t.playlist_migration_id, t.position) <= (%(last_playlist)s, %(last_position)s)
"""


_MIGRATED_END: Final = f"""
    SELECT t.playlist_migration_id, t.position FROM {_MIGRATED}
    WHERE {_MIGRATED_WANTED} AND (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
    ORDER BY t.playlist_migration_id, t.position OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608


LAST: Final = (2**63 - 1, 2**31 - 1)


MIGRATION_COLUMNS: Final = (
    "migration_id", "migrated_at", "local_time", "source_provider", "target_provider", "source_playlist_id",
    "source_playlist", "target_playlist_id", "target_playlist", "position", "source_track_id",
    "source_title", "source_artist", "target_track_id", "target_title", "target_artist", "score", "status",
    "outcome", "reason", "written",
)  # fmt: skip


_MIGRATION_LINE: Final = sql_csv.line(
    sql_csv.plain("j.id"),
    sql_csv.plain("j.created_at"),
    sql_csv.plain("j.created_at AT TIME ZONE %(zone)s"),
    sql_csv.plain("j.source_provider"),
    sql_csv.plain("j.target_provider"),
    sql_csv.text("l.source_playlist_id"),
    sql_csv.text("l.source_name"),
    sql_csv.text("l.target_playlist_id"),
    sql_csv.text("l.target_name"),
    sql_csv.plain("t.position"),
    sql_csv.text("t.source_track_id"),
    sql_csv.text("t.source_title"),
    sql_csv.text("t.source_artist"),
    sql_csv.text("t.target_track_id"),
    sql_csv.text("t.target_title"),
    sql_csv.text("t.target_artist"),
    sql_csv.plain("t.match_score"),
    sql_csv.plain("t.status"),
    sql_csv.plain("t.outcome"),
    sql_csv.text("t.error_message"),
    sql_csv.plain("(t.write_state = 'written')::text"),
)


_MIGRATION_LINES: Final = f"""
    SELECT {_MIGRATION_LINE} AS line FROM {_MIGRATED} WHERE {_MIGRATED_WANTED} AND {_MIGRATED_SPAN}
    ORDER BY t.playlist_migration_id, t.position
"""  # noqa: S608


class MigrationsCsv(CsvSource):
    """What became of every track that was migrated, as CSV."""

    batch = 10_000
    columns = MIGRATION_COLUMNS
    rows = f"{_MIGRATED} WHERE {_MIGRATED_WANTED}"

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of tracks, playlist by playlist, in order."""
        playlist, position = cursor or (0, -1)
        values = self._values | {"playlist": playlist, "position": position, "rows": self.batch}
        end = connection.execute(_MIGRATED_END, values).fetchone()
        values["last_playlist"], values["last_position"] = end or LAST
        return Batch(*sql_csv.lines(connection, _MIGRATION_LINES, values), list(end) if end else None)
