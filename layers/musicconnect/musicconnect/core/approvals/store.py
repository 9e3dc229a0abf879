"""The SQL of approvals of programs."""

from datetime import datetime
from typing import Any

from psycopg import Connection


def insert(
    connection: Connection[Any],
    user_id: int,
    *,
    request_hash: str,
    app: str,
    at: datetime,
    expires_at: datetime,
    max_tokens: int,
) -> bool:
    """Add an approval; a second one of the same token changes nothing. False if there are too many tokens."""
    cursor = connection.execute(
        "SELECT count(*) < %s FROM core.personal_tokens WHERE user_id = %s", [max_tokens, user_id]
    )
    if cursor.fetchone() != (True,):
        return False
    connection.execute(
        """
        INSERT INTO core.app_approvals (request_hash, user_id, app, approved_at, expires_at)
        VALUES (%s, %s, %s, %s, %s) ON CONFLICT (request_hash) DO NOTHING""",
        [request_hash, user_id, app, at, expires_at],
    )
    return True


def redeem(
    connection: Connection[Any], requested: str, new_token_hash: str, at: datetime
) -> tuple[int, bool] | None:
    """Exchange an approval for a token: whose, and whether it is new; None if there is no approval."""
    row: tuple[int, bool] | None = connection.execute(
        "SELECT user_id, is_new FROM core.redeem_approval(%s, %s, %s)", [requested, new_token_hash, at]
    ).fetchone()
    return row
