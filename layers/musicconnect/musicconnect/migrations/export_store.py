"""The SQL by which an export reads a user's migrations.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "migration_jobs": """
        SELECT id AS key, json_build_object('id', id, 'source_provider', source_provider,
            'target_provider', target_provider, 'status', status, 'status_message', status_message,
            'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at,
            'dry_run', dry_run, 'is_rollback', is_rollback) AS row
        FROM migrations.jobs WHERE user_id = (SELECT core.current_user_id())""",
    "migration_rules": """
        SELECT id AS key, json_build_object('source_provider', source_provider, 'source_id', source_id,
            'source_title', source_title, 'source_artist', source_artist, 'target_provider', target_provider,
            'target_id', target_id, 'target_title', target_title, 'target_artist', target_artist,
            'created_at', created_at) AS row
        FROM migrations.rules WHERE user_id = (SELECT core.current_user_id())""",
    "migration_decisions": """
        SELECT id AS key, json_build_object('migrated_playlist_id', playlist_migration_id,
            'track_id', track_id, 'kind', kind, 'target', target, 'status', status,
            'decided_at', decided_at) AS row
        FROM migrations.decisions WHERE user_id = (SELECT core.current_user_id())""",
    "playlist_imports": """
        SELECT id AS key, json_build_object('id', id, 'file_name', file_name, 'size_bytes', size_bytes,
            'formats', formats, 'target_provider', target_provider, 'as_copy', as_copy,
            'remove_missing', remove_missing, 'dry_run', dry_run, 'status', status,
            'created_at', created_at, 'finished_at', finished_at, 'playlists', playlist_count,
            'entries', entry_count, 'failed', failed_count, 'failures', failures) AS row
        FROM migrations.imports WHERE user_id = (SELECT core.current_user_id())""",
}
_TRACKS: Final = """
    migrations.tracks t JOIN migrations.playlists l ON l.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = l.job_id
    WHERE j.user_id = %(user)s AND j.created_at >= %(since)s AND j.created_at < %(until)s
      AND (%(provider)s::text IS NULL OR %(provider)s IN (j.source_provider, j.target_provider))
"""
COUNT_TRACKS: Final = f"SELECT count(*) FROM {_TRACKS}"  # noqa: S608 - constants, as below
LAST_TRACK: Final = f"""
    SELECT t.playlist_migration_id, t.position FROM {_TRACKS}
      AND (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
    ORDER BY t.playlist_migration_id, t.position OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608
"""The key of the last track of a batch; no row: the batch is the last one."""
TRACKS: Final = f"""
    SELECT j.id AS migration_id, j.created_at AS migrated_at,
        j.created_at AT TIME ZONE %(zone)s AS local_time, j.source_provider, j.target_provider,
        l.source_playlist_id, l.source_name AS source_playlist, l.target_playlist_id,
        l.target_name AS target_playlist, t.position, t.source_track_id, t.source_title, t.source_artist,
        t.target_track_id, t.target_title, t.target_artist, t.match_score AS score, t.status, t.outcome,
        t.error_message AS reason, t.write_state = 'written' AS written
    FROM {_TRACKS} AND (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
      AND (t.playlist_migration_id, t.position) <= (%(last_playlist)s, %(last_position)s)
    ORDER BY t.playlist_migration_id, t.position
"""  # noqa: S608
