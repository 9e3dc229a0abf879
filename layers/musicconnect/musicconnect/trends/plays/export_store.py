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
PLAYED_AT: Final = f"SELECT p.played_at FROM {_PLAYS} AND p.played_at > %(after)s ORDER BY p.played_at"  # noqa: S608
"""When the next plays were played, of which a cursor takes those that end a batch."""
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
DETAILED_PLAYS: Final = f"""
    SELECT played_at, track_key, ordinal, import_id, inserted_at, ms_played, duration_ms, precision_s, kind,
        source, provider, provider_track_id, title, artist, album, details, NULL
    FROM {_PLAYS} AND p.played_at > %(after)s AND p.played_at <= %(upto)s AND p.details IS NOT NULL
    ORDER BY p.played_at, p.track_key, p.ordinal
"""  # noqa: S608
"""The fields of `StoredPlay`, of those plays that `LISTENS` leaves out."""
_SPOTIFY: Final = "to_json('https://open.spotify.com/track/' || id)"
_YOUTUBE: Final = "to_json('https://www.youtube.com/watch?v=' || id)"
LISTENS: Final = f"""
    SELECT CASE WHEN details IS NULL THEN
        '{{"listened_at":' || at_ms / 1000 || ',"track_metadata":{{"track_name":' || to_json(title)
        || ',"artist_name":' || to_json(artist) || ',"additional_info":{{'
        || coalesce('"duration_ms":' || duration_ms || ',', '')
        || coalesce('"duration_played":' || ms_played / 1000 || ',', '')
        || CASE WHEN id IS NULL OR id = '' THEN ''
            WHEN provider = 'spotify' THEN '"music_service":"spotify.com","origin_url":' || {_SPOTIFY}
                || ',"spotify_id":' || {_SPOTIFY} || ','
            WHEN provider = 'youtube' THEN '"music_service":"youtube.com","origin_url":' || {_YOUTUBE} || ','
            ELSE '' END
        || '"submission_client":"MusicConnect","musicconnect":{{"source":"' || source
        || '","kind":"' || kind || '","provider":"' || provider
        || '","track_id":' || coalesce(to_json(id)::text, 'null')
        || ',"ms_played":' || coalesce(ms_played::text, 'null')
        || ',"duration_ms":' || coalesce(duration_ms::text, 'null')
        || ',"precision_s":' || precision_s || ',"played_at_ms":' || at_ms || '}}}}'
        || CASE WHEN album <> '' THEN ',"release_name":' || to_json(album) ELSE '' END || '}}}}'
        END
    FROM (SELECT (extract(epoch FROM p.played_at) * 1000)::bigint AS at_ms, p.title, p.artist, p.album,
        CASE WHEN NOT starts_with(p.provider_track_id, '{KEY_PREFIX}') THEN p.provider_track_id END AS id,
        p.duration_ms, p.ms_played, p.provider, p.source, p.kind, p.precision_s, p.details
        {_BATCH} OFFSET 0) q
"""  # noqa: S608
"""In JSON, as `musicconnect.exports.content.plays.submittable` gives them; null where a play has details."""
