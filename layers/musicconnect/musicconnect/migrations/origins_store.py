"""Run the SQL that tells for what an entry of a playlist was written, as its owner."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection

_SOURCE: Final = """
    j.source_provider,
    t.source || jsonb_strip_nulls(jsonb_build_object('title', t.source_title, 'id', t.source_track_id))"""


def find(
    connection: Connection[Any], provider: str, ids: Sequence[str]
) -> list[tuple[str, str, dict[str, Any]]]:
    """Find tracks of the person's migrations by the ids of entries: written ones first, the newest first."""
    return connection.execute(
        f"""
        SELECT f.entry_id, f.source_provider, f.source FROM (
            SELECT t.target_track_id AS entry_id, {_SOURCE} AS source, 0 AS rank, t.id
            FROM migrations.jobs j
            JOIN migrations.playlists p ON p.job_id = j.id
            JOIN migrations.tracks t ON t.playlist_migration_id = p.id
            WHERE j.user_id = (SELECT core.current_user_id()) AND j.target_provider = %(provider)s
              AND t.target_track_id = ANY (%(ids)s) AND t.source_title <> ''
            UNION ALL
            SELECT t.source_track_id, {_SOURCE}, 1, t.id
            FROM migrations.jobs j
            JOIN migrations.playlists p ON p.job_id = j.id
            JOIN migrations.tracks t ON t.playlist_migration_id = p.id
            WHERE j.user_id = (SELECT core.current_user_id()) AND j.source_provider = %(provider)s
              AND t.source_track_id = ANY (%(ids)s) AND t.source_title <> ''
              AND t.source_kind NOT IN ('unavailable', 'local', 'episode')) f
        ORDER BY f.rank, f.id DESC""",  # noqa: S608 - a constant
        {"provider": provider, "ids": list(ids)},
    ).fetchall()


def list_written(
    connection: Connection[Any], provider: str, playlist_id: str
) -> list[tuple[str, str, dict[str, Any]]]:
    """List what the last migration into a playlist wrote, in order."""
    return connection.execute(
        f"""
        SELECT t.target_track_id, {_SOURCE}
        FROM migrations.playlists p
        JOIN migrations.jobs j ON j.id = p.job_id
        JOIN migrations.tracks t ON t.playlist_migration_id = p.id
        WHERE p.id = (
            SELECT max(l.id) FROM migrations.playlists l JOIN migrations.jobs k ON k.id = l.job_id
            WHERE l.user_id = (SELECT core.current_user_id()) AND k.target_provider = %s
              AND l.target_playlist_id = %s)
          AND t.write_state = 'written' AND t.target_track_id IS NOT NULL AND t.source_title <> ''
        ORDER BY t.position""",  # noqa: S608 - a constant
        [provider, playlist_id],
    ).fetchall()
