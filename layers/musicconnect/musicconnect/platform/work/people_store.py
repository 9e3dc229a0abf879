"""The one thing that workers ask about a person."""

from typing import Any

from psycopg import Connection


def is_active(connection: Connection[Any], user_id: int) -> bool:
    """Whether work may be done for a person: they are there, and not suspended."""
    row = connection.execute("SELECT core.is_active(%s)", [user_id]).fetchone()
    return bool(row and row[0])
