"""The SQL of recording. Light: functions of the API import it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb


def insert(
    connection: Connection[Any], user_id: int, code: str, params: Mapping[str, Any], *, key: str, at: datetime
) -> None:
    """Add an event unless it is there; whoever adds cannot read."""
    connection.execute(
        """
        INSERT INTO outbox.events (user_id, code, params, key, occurred_at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING""",
        [user_id, code, Jsonb(dict(params)), key, at],
    )
