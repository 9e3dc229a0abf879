"""The SQL of handing events on."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row, tuple_row


def list_people(connection: Connection[Any], limit: int) -> list[int]:
    """List people of whom something is recorded, those first who have waited longest."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("SELECT user_id FROM outbox.people_with_events(%s)", [limit]).fetchall()


def delete_oldest(
    connection: Connection[Any], user_id: int, limit: int
) -> list[tuple[str, dict[str, Any], str, datetime]]:
    """Delete a person's oldest events and give them, in their order: code, params, key, time."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            """
            WITH taken AS (
                DELETE FROM outbox.events WHERE id IN (
                    SELECT id FROM outbox.events WHERE user_id = %s ORDER BY id LIMIT %s)
                RETURNING id, code, params, key, occurred_at)
            SELECT code, params, key, occurred_at FROM taken ORDER BY id""",
            [user_id, limit],
        ).fetchall()
