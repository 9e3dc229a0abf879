"""The SQL by which an export reads a user's pairs. ``key`` to read on by, and ``row`` as JSON."""

from typing import Final

TABLES: Final = {
    "playlist_pairs": """
        SELECT id AS key, json_build_object('id', id, 'left_provider', left_provider,
            'left_playlist_id', left_playlist_id, 'left_name', left_name, 'right_provider', right_provider,
            'right_playlist_id', right_playlist_id, 'right_name', right_name, 'mode', mode,
            'schedule', schedule, 'status', status, 'created_at', created_at, 'read_at', read_at,
            'wrote_at', wrote_at) AS row
        FROM sync.pairs WHERE user_id = (SELECT core.current_user_id())""",
    "pair_runs": """
        SELECT id AS key, json_build_object('id', id, 'pair_id', pair_id, 'cause', cause, 'status', status,
            'guards', guards, 'counts', counts, 'cost', cost, 'undoes', undoes, 'undone_by', undone_by,
            'created_at', created_at, 'finished_at', finished_at) AS row
        FROM sync.runs WHERE user_id = (SELECT core.current_user_id())""",
    "repair_schedules": """
        SELECT id AS key, json_build_object('id', id, 'provider', provider, 'playlist_id', playlist_id,
            'name', name, 'country', country, 'every_days', every_days, 'status', status,
            'created_at', created_at) AS row
        FROM sync.repair_schedules WHERE user_id = (SELECT core.current_user_id())""",
    "repairs": """
        SELECT id AS key, json_build_object('id', id, 'provider', provider, 'playlist_id', playlist_id,
            'name', name, 'country', country, 'status', status, 'entries', entries, 'counts', counts,
            'cost', cost, 'created_at', created_at, 'finished_at', finished_at) AS row
        FROM sync.repairs WHERE user_id = (SELECT core.current_user_id())""",
}
