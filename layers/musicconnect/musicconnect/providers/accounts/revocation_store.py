"""The SQL of accounts that go. Every function runs in the caller's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from musicconnect.music.model import ProviderName


def delete_account(connection: Connection[Any], provider: ProviderName, now: datetime) -> bool:
    """Delete an account with everything that it brought; False where there was none.

    Tokens, snapshots and schedules go by foreign keys; migrations, choices and pins by a trigger.
    Maintenance looks whether that is all.
    """
    row = connection.execute(
        "DELETE FROM providers.accounts WHERE user_id = core.current_user_id() AND provider = %s "
        "RETURNING user_id",
        [provider],
    ).fetchone()
    if row is None:
        return False
    insert_unlinked_account(connection, row[0], provider, now)
    return True


def insert_unlinked_account(
    connection: Connection[Any], user_id: int, provider: ProviderName, now: datetime
) -> None:
    """Record that an account was unlinked, for maintenance to see that nothing of it stays."""
    connection.execute(
        "INSERT INTO providers.unlinked_accounts (user_id, provider, left_at, due_at) "
        "VALUES (%s, %s, %s, %s)",
        [user_id, provider, now, now],
    )


def insert_revocation(
    connection: Connection[Any],
    *,
    revocation_id: UUID,
    provider: ProviderName,
    token: str,
    due_at: datetime,
    expires_at: datetime,
) -> None:
    """Save a token, encrypted for this row, that its provider has yet to revoke."""
    connection.execute(
        """
        INSERT INTO providers.revocations (id, provider, token, due_at, expires_at)
        VALUES (%s, %s, %s, %s, %s)""",
        [revocation_id, provider, token, due_at, expires_at],
    )
