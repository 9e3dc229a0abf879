"""The SQL of repeated requests, in transactions of whoever sent them."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Repeat


def lock(connection: Connection[Any], user_id: int, repeat: Repeat) -> None:
    """Let requests with the same key wait for each other, until the transaction ends."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
        [f"{repeat.operation} {repeat.key}", user_id],
    )


def find(connection: Connection[Any], user_id: int, repeat: Repeat) -> tuple[str, int] | None:
    """Find what was made with a key: the hash of the request and the id."""
    return connection.execute(
        """
        SELECT request_hash, resource_id FROM core.idempotency_keys
        WHERE user_id = %s AND operation = %s AND key = %s""",
        [user_id, repeat.operation, repeat.key],
    ).fetchone()


def insert(
    connection: Connection[Any], user_id: int, repeat: Repeat, resource_id: int, *, at: datetime
) -> None:
    """Save what was made with a key."""
    connection.execute(
        """
        INSERT INTO core.idempotency_keys (user_id, operation, key, request_hash, resource_id, created_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (user_id, operation, key) DO NOTHING""",
        [user_id, repeat.operation, repeat.key, repeat.request_hash, resource_id, at],
    )


def delete_old(connection: Connection[Any], user_id: int, before: datetime) -> None:
    """Delete a person's keys from before a moment."""
    connection.execute(
        "DELETE FROM core.idempotency_keys WHERE user_id = %s AND created_at < %s", [user_id, before]
    )
