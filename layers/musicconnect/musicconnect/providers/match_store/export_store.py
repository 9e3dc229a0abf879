"""The SQL by which an export reads what a user's matches have taught.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "name_reports": """
        SELECT id AS key, json_build_object('kind', kind, 'subject', subject, 'artist', artist,
            'recording', recording, 'reported_at', reported_at) AS row
        FROM providers.name_reports WHERE user_id = (SELECT core.current_user_id())""",
}
