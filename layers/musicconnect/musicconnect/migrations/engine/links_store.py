"""Run the SQL of entries that a file names by their links alone, as their owner."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class UnnamedTrack:
    """A track of which nothing is known but where it is."""

    provider: str
    track_id: str
    count: int
    """Entries that are this track."""


def list_unnamed(
    connection: Connection[Any], playlist_id: int, except_of: Collection[str]
) -> list[UnnamedTrack]:
    """List tracks that only links name, in order, but for those of some providers."""
    with connection.cursor(row_factory=class_row(UnnamedTrack)) as cursor:
        return cursor.execute(
            """
            SELECT source ->> 'provider' AS provider, source_track_id AS track_id, count(*) AS count
            FROM migrations.tracks
            WHERE playlist_migration_id = %(id)s AND status = 'pending' AND source_title = ''
              AND source_track_id IS NOT NULL AND source_fetched_at IS NULL
              AND source ->> 'provider' <> ALL (%(except)s)
            GROUP BY 1, 2 ORDER BY min(position) LIMIT %(limit)s""",
            {"id": playlist_id, "except": list(except_of), "limit": MAX_LISTED},
        ).fetchall()


SAVE_LOOKUPS: LiteralString = """
    UPDATE migrations.tracks t
    SET source_title = r.source_title, source_artist = r.source_artist, source_kind = r.source_kind,
        source = r.source, source_fetched_at = %(_at)s, outcome = r.outcome, status = r.status,
        error_code = r.error_code, error_params = r.error_params, error_message = r.error_message
    FROM held, jsonb_to_recordset(%(rows)s) AS r (source_track_id text, source_title text,
        source_artist text, source_kind text, source jsonb, outcome text, status text, error_code text,
        error_params jsonb, error_message text)
    WHERE t.playlist_migration_id = held.id AND t.source_track_id = r.source_track_id
      AND t.source ->> 'provider' = r.source ->> 'provider'
      AND t.status = 'pending' AND t.source_title = '' AND t.source_fetched_at IS NULL"""
