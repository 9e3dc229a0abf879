"""The SQL by which an export reads what scrobbling clients keep with us beside plays.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "play_sharing": """
        SELECT user_id AS key, json_build_object('is_public', is_public, 'changed_at', changed_at) AS row
        FROM trends.sharing WHERE user_id = (SELECT core.current_user_id())""",
    "now_playing": """
        SELECT user_id AS key, json_build_object('recording_msid', recording, 'track_metadata', metadata,
            'started_at', started_at, 'expires_at', expires_at) AS row
        FROM trends.now_playing WHERE user_id = (SELECT core.current_user_id())""",
    # As ListenBrainz's own export has it, and its API.
    "feedback": """
        SELECT id AS key, json_build_object('recording_msid', CASE id_kind WHEN 'msid' THEN recording END,
            'recording_mbid', CASE id_kind WHEN 'mbid' THEN recording END, 'score', score,
            'created', extract(epoch FROM created_at)::bigint, 'track_name', title, 'artist_name', artist,
            'release_name', album) AS row
        FROM trends.feedback WHERE user_id = (SELECT core.current_user_id())""",
    "import_marks": """
        SELECT row_number() OVER (ORDER BY service) AS key, json_build_object('service', service,
            'latest_import', latest_s, 'marked_at', marked_at) AS row
        FROM trends.import_marks WHERE user_id = (SELECT core.current_user_id())""",
}
