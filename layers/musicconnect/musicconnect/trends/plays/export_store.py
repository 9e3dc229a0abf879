"""The SQL by which an export reads a user's plays.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

from musicconnect.trends.plays.model import KEY_PREFIX

TABLES: Final = {
    "play_imports": """
        SELECT id AS key, json_build_object('id', id, 'file_name', file_name, 'size_bytes', size_bytes,
            'formats', formats, 'status', status, 'created_at', created_at, 'finished_at', finished_at,
            'total', total, 'accepted', accepted, 'duplicate', duplicate, 'skipped', skipped,
            'failed', failed, 'reasons', reasons) AS row
        FROM trends.imports WHERE user_id = (SELECT core.current_user_id())""",
}
_PLAYS: Final = """
    trends.plays p WHERE p.user_id = %(user)s AND p.played_at >= %(since)s AND p.played_at < %(until)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
COUNT_PLAYS: Final = f"SELECT count(*) FROM {_PLAYS}"  # noqa: S608 - constants, as below
COUNT_KINDS: Final = f"SELECT p.kind, count(*) FROM {_PLAYS} GROUP BY p.kind"  # noqa: S608
LAST_PLAYED_AT: Final = f"""
    SELECT p.played_at FROM {_PLAYS} AND p.played_at > %(after)s
    ORDER BY p.played_at OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608
"""When the last play of a batch was played; no row: the batch is the last one."""
_BATCH: Final = f"""
    FROM {_PLAYS} AND p.played_at > %(after)s AND p.played_at <= %(upto)s
    ORDER BY p.played_at, p.track_key, p.ordinal
"""
# What stands for an id where the source gave none is ours.
PLAYS: Final = f"""
    SELECT p.played_at, p.played_at AT TIME ZONE %(zone)s AS local_time, p.title, p.artist, p.album,
        p.provider, CASE WHEN starts_with(p.provider_track_id, '{KEY_PREFIX}') THEN ''
        ELSE p.provider_track_id END AS provider_track_id, p.ms_played, p.duration_ms,
        p.kind, p.source, p.precision_s
    {_BATCH}
"""
STORED_PLAYS: Final = f"""
    SELECT played_at, track_key, ordinal, import_id, inserted_at, ms_played, duration_ms, precision_s, kind,
        source, provider, provider_track_id, title, artist, album, details, NULL
    {_BATCH}
"""
"""The fields of `StoredPlay`."""
