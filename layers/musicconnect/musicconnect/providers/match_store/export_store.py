"""The SQL by which an export reads what a user's matches have taught.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "match_votes": """
        SELECT id AS key, json_build_object('source_provider', source_provider, 'source_id', source_id,
            'target_provider', target_provider, 'target_id', target_id, 'instead_of', instead_of,
            'voted_at', voted_at) AS row
        FROM providers.match_votes WHERE user_id = (SELECT core.current_user_id())""",
    "name_reports": """
        SELECT id AS key, json_build_object('kind', kind, 'subject', subject, 'artist', artist,
            'recording', recording, 'is_denied', is_denied, 'reported_at', reported_at) AS row
        FROM providers.name_reports WHERE user_id = (SELECT core.current_user_id())""",
}
