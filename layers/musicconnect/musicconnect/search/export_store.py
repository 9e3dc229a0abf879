"""The SQL by which an export reads a user's searches and pins.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "search_history": """
        SELECT id AS key, json_build_object('query', query_text, 'provider', provider_filter,
            'types', type_filter, 'results', results_count, 'failures', failures, 'created_at', created_at)
            AS row
        FROM search.queries WHERE user_id = (SELECT core.current_user_id())""",
}
_PINS: Final = """
    search.pinned_items p
    WHERE p.user_id = %(user)s AND p.pinned_at >= %(since)s AND p.pinned_at < %(until)s
      AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
COUNT_PINS: Final = f"SELECT count(*) FROM {_PINS}"  # noqa: S608 - constants, as below
PINS: Final = f"""
    SELECT p.id, p.provider, p.item_type, p.provider_item_id, p.title, p.subtitle, p.pinned_at,
        p.pinned_at AT TIME ZONE %(zone)s
    FROM {_PINS} AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
"""  # noqa: S608
