"""The SQL of personal tokens. The authorizer imports it: psycopg and the standard library only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, tuple_row

COLUMNS = "id, name, scope, created_at, last_used_at, expires_at"


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is kept."""

    id: int
    name: str
    scope: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def insert_token(
    connection: Connection[Any],
    user_id: int,
    *,
    name: str,
    scope: str,
    token_hash: str,
    md5_hash: str,
    at: datetime,
    expires_at: datetime | None,
    limit: int,
) -> TokenRow | None:
    """Add a token; None if the user has ``limit`` already."""
    # One at a time for each user, or two requests at once would both see room for one more.
    connection.execute("SELECT FROM core.users WHERE id = %s FOR UPDATE", [user_id])
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO core.personal_tokens
                (user_id, name, scope, token_hash, md5_hash, created_at, expires_at)
            SELECT %s, %s, %s, %s, %s, %s, %s
            WHERE (SELECT count(*) FROM core.personal_tokens WHERE user_id = %s) < %s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [user_id, name, scope, token_hash, md5_hash, at, expires_at, user_id, limit],
        ).fetchone()


def replace_token(
    connection: Connection[Any], user_id: int, token_id: int, token_hash: str, md5_hash: str
) -> TokenRow | None:
    """Give a token another secret; None if there is no such token."""
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE core.personal_tokens SET token_hash = %s, md5_hash = %s WHERE user_id = %s AND id = %s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [token_hash, md5_hash, user_id, token_id],
        ).fetchone()


def list_tokens(
    connection: Connection[Any], user_id: int, *, before: int | None, limit: int
) -> list[TokenRow]:
    """List tokens with ids below ``before``, newest first: ``limit`` and one more."""
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM core.personal_tokens
            WHERE user_id = %(user_id)s
              AND id < coalesce(%(before)s, 9223372036854775807)  -- the largest bigint
            ORDER BY id DESC LIMIT %(limit)s + 1
            """,  # noqa: S608 - a constant
            {"user_id": user_id, "before": before, "limit": limit},
        ).fetchall()


def delete_token(connection: Connection[Any], user_id: int, token_id: int) -> bool:
    """End one token; False if it was not there."""
    cursor = connection.execute(
        "DELETE FROM core.personal_tokens WHERE user_id = %s AND id = %s", [user_id, token_id]
    )
    return cursor.rowcount == 1


def delete_tokens(connection: Connection[Any], user_id: int) -> int:
    """End all of a user's tokens; return their number."""
    return connection.execute("DELETE FROM core.personal_tokens WHERE user_id = %s", [user_id]).rowcount


def find_token(
    connection: Connection[Any], token_hash: str, at: datetime
) -> tuple[int, int, dict[str, str] | None, str, str] | None:
    """Find a live token of an active user, whoever asks.

    Gives token id, user id, services switched off, scope, and time zone.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT token_id, user_id, switched_off, scope, time_zone FROM core.find_personal_token(%s, %s)",
            [token_hash, at],
        ).fetchone()
