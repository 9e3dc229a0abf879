"""The SQL by which an export reads a user's change sets. ``key`` to read on by, and ``row`` as JSON."""

from typing import Final

TABLES: Final = {
    "playlist_changes": """
        SELECT s.id AS key, json_build_object('id', s.id, 'for', s.owner, 'for_id', s.owner_id,
            'provider', s.provider, 'playlist_id', s.playlist_id, 'status', s.status,
            'created_at', s.created_at, 'started_at', s.started_at, 'finished_at', s.finished_at,
            'before', s.before, 'changes', (
                SELECT coalesce(json_agg(json_build_object('number', o.number, 'kind', o.kind,
                    'track_id', o.track_id, 'title', o.title, 'artist', o.artist, 'after', o.after_ref,
                    'name', o.name, 'reason', o.reason, 'state', o.state, 'error', o.error)
                    ORDER BY o.number), '[]')
                FROM changes.operations o WHERE o.set_id = s.id)) AS row
        FROM changes.sets s WHERE s.user_id = (SELECT core.current_user_id())""",
}
