"""What the archive tells a person about themselves, table by table: `key` to read on by, and the row as JSON.

No password, no token, nothing that would open anything. Row-level security keeps everybody else's out.
"""

import json
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, Cursor, count_rows

TABLES: Final[dict[str, str]] = {
    "profile": """
        SELECT id AS key, json_build_object('id', id, 'email', email, 'display_name', display_name,
            'time_zone', time_zone, 'created_at', created_at, 'updated_at', updated_at) AS row
        FROM core.users WHERE id = (SELECT core.current_user_id())""",
    "sessions": """
        SELECT id AS key, json_build_object('id', id, 'created_at', created_at, 'expires_at', expires_at,
            'last_used_at', last_used_at, 'ip_address', ip_address, 'user_agent', user_agent) AS row
        FROM core.user_sessions WHERE user_id = (SELECT core.current_user_id())""",
    "personal_tokens": """
        SELECT id AS key, json_build_object('id', id, 'name', name, 'created_at', created_at,
            'last_used_at', last_used_at, 'expires_at', expires_at) AS row
        FROM core.personal_tokens WHERE user_id = (SELECT core.current_user_id())""",
    "linked_accounts": """
        SELECT id AS key, json_build_object('provider', provider, 'provider_user_id', provider_user_id,
            'display_name', display_name, 'linked_at', linked_at, 'authorized_at', authorized_at,
            'access', access, 'status', status) AS row
        FROM providers.accounts WHERE user_id = (SELECT core.current_user_id())""",
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
    "search_history": """
        SELECT id AS key, json_build_object('query', query_text, 'provider', provider_filter,
            'types', type_filter, 'results', results_count, 'created_at', created_at) AS row
        FROM search.queries WHERE user_id = (SELECT core.current_user_id())""",
    "play_imports": """
        SELECT id AS key, json_build_object('id', id, 'file_name', file_name, 'size_bytes', size_bytes,
            'formats', formats, 'status', status, 'created_at', created_at, 'finished_at', finished_at,
            'total', total, 'accepted', accepted, 'duplicate', duplicate, 'skipped', skipped,
            'failed', failed, 'reasons', reasons) AS row
        FROM trends.imports WHERE user_id = (SELECT core.current_user_id())""",
    "exports": """
        SELECT id AS key, json_build_object('id', id, 'type', export_type, 'status', status,
            'filters', filters, 'options', options, 'requested_at', requested_at,
            'completed_at', completed_at) AS row
        FROM exports.jobs WHERE user_id = (SELECT core.current_user_id())""",
}
PLAYLISTS: Final = """
    SELECT id AS key, json_build_object('provider', provider, 'provider_playlist_id', provider_playlist_id,
        'name', head ->> 'name', 'description', head ->> 'description', 'entries', read_count,
        'captured_at', captured_at, 'left_out', reason) AS row
    FROM exports.playlists WHERE user_id = (SELECT core.current_user_id()) AND export_job_id = %(job)s"""
"""Every playlist of an archive, those that could not be read included."""


class TableLines:
    """A table as JSON lines, in the order of its key."""

    batch = 5_000

    def __init__(self, query: str, values: dict[str, Any]) -> None:
        self._query = query
        self._values = values

    def count(self, connection: Connection[Any]) -> int:
        """How many lines."""
        return count_rows(connection, f"({self._query}) t", self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Nothing."""
        return b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines."""
        rows = connection.execute(
            f"SELECT key, row FROM ({self._query}) t WHERE key > %(after)s ORDER BY key LIMIT %(limit)s",  # noqa: S608
            self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch},
        ).fetchall()
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for _, row in rows)
        data = text.encode("utf-8", "replace")
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""
