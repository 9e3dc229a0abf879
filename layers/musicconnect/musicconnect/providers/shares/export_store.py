"""The SQL by which an export reads which playlists a user shows to strangers.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "shared_playlists": """
        SELECT id AS key, json_build_object('provider', provider, 'name', name, 'slug', slug,
            'shared_by', shared_by, 'total', total, 'left_out', left_out, 'created_at', created_at,
            'read_at', read_at, 'expires_at', expires_at) AS row
        FROM providers.shares WHERE user_id = (SELECT core.current_user_id())""",
}
