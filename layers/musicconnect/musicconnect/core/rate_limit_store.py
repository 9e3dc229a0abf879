"""The SQL of the buckets that limit attempts."""

from datetime import datetime
from typing import Any

from psycopg import Connection

# What a bucket holds at a given time. A clock that went backwards takes nothing out.
_REFILLED = """least(%(capacity)s, b.tokens
    + greatest(0, extract(epoch FROM %(at)s - b.updated_at)::double precision) / %(seconds_per_token)s)"""


def consume_token(
    connection: Connection[Any], key: str, *, capacity: float, seconds_per_token: float, at: datetime
) -> float | None:
    """Consume a token of a bucket and give how many are left; None if there is none.

    Two attempts never consume the same token.
    """
    row = connection.execute(
        f"""
        INSERT INTO core.sign_in_limits AS b (key, tokens, updated_at, expires_at)
        VALUES (%(key)s, %(capacity)s - 1, %(at)s,
                %(at)s + make_interval(secs => %(capacity)s * %(seconds_per_token)s))
        ON CONFLICT (key) DO UPDATE SET
            tokens = {_REFILLED} - 1,
            updated_at = greatest(b.updated_at, excluded.updated_at),
            expires_at = greatest(b.expires_at, excluded.expires_at)
        WHERE {_REFILLED} >= 1
        RETURNING b.tokens""",  # noqa: S608 - constants
        {"key": key, "capacity": float(capacity), "seconds_per_token": float(seconds_per_token), "at": at},
    ).fetchone()
    return float(row[0]) if row else None


def take_page_token(
    connection: Connection[Any], source_hash: str, *, capacity: float, seconds_per_token: float, at: datetime
) -> float | None:
    """Take a token of a source's bucket of public pages and give how many are left; None if there is none."""
    row = connection.execute(
        "SELECT core.take_page_token(%s, %s, %s, %s)",
        [source_hash, float(capacity), float(seconds_per_token), at],
    ).fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])


def tokens_left(
    connection: Connection[Any], key: str, *, capacity: float, seconds_per_token: float, at: datetime
) -> float:
    """Count the tokens that a bucket holds."""
    row = connection.execute(
        f"SELECT {_REFILLED} FROM core.sign_in_limits b WHERE key = %(key)s",  # noqa: S608 - a constant
        {"key": key, "capacity": float(capacity), "seconds_per_token": float(seconds_per_token), "at": at},
    ).fetchone()
    return float(row[0]) if row else capacity


def add_tokens(connection: Connection[Any], key: str, change: float, *, capacity: float) -> None:
    """Add tokens to a bucket, or remove them, between none and all."""
    connection.execute(
        "UPDATE core.sign_in_limits SET tokens = least(%s, greatest(0, tokens + %s)) WHERE key = %s",
        [float(capacity), float(change), key],
    )


def reset_bucket(connection: Connection[Any], key: str) -> None:
    """Fill a bucket: one without a row is full."""
    connection.execute("DELETE FROM core.sign_in_limits WHERE key = %s", [key])


def delete_full_buckets(connection: Connection[Any], at: datetime, limit: int) -> None:
    """Delete the rows of full buckets, a few at a time, passing by those in use."""
    connection.execute(
        """
        DELETE FROM core.sign_in_limits WHERE key IN (
            SELECT key FROM core.sign_in_limits WHERE expires_at <= %s
            ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)""",
        [at, limit],
    )
