"""The SQL of personal tokens. The authorizer imports it: psycopg and the standard library only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, tuple_row

COLUMNS = "id, name, created_at, last_used_at, expires_at"


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is kept."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def insert_token(
    connection: Connection[Any],
    user_id: int,
    *,
    name: str,
    token_hash: str,
    at: datetime,
    expires_at: datetime | None,
    most: int,
) -> TokenRow | None:
    """A new token; None if the person has ``most`` already."""
    # One at a time for each person, or two requests at once would both see room for one more.
    connection.execute("SELECT FROM core.users WHERE id = %s FOR UPDATE", [user_id])
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO core.personal_tokens (user_id, name, token_hash, created_at, expires_at)
            SELECT %(user_id)s, %(name)s, %(hash)s, %(at)s, %(expires_at)s
            WHERE (SELECT count(*) FROM core.personal_tokens WHERE user_id = %(user_id)s) < %(most)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - a constant
            {
                "user_id": user_id,
                "name": name,
                "hash": token_hash,
                "at": at,
                "expires_at": expires_at,
                "most": most,
            },
        ).fetchone()


def list_tokens(
    connection: Connection[Any], user_id: int, *, before: int | None, limit: int
) -> list[TokenRow]:
    """Tokens with ids below ``before``, newest first; one more than ``limit`` if there are more."""
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
    """End one token; says whether it was there."""
    return (
        connection.execute(
            "DELETE FROM core.personal_tokens WHERE user_id = %s AND id = %s", [user_id, token_id]
        ).rowcount
        == 1
    )


def find_token(connection: Connection[Any], token_hash: str, at: datetime) -> tuple[int, int] | None:
    """Token id and user id of a live token of an active person, whoever asks."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT token_id, user_id FROM core.find_personal_token(%s, %s)", [token_hash, at]
        ).fetchone()
