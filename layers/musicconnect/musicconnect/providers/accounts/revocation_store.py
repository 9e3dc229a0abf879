"""The SQL of accounts that go. Every function runs in the caller's transaction."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.music.model import ProviderName


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token that its provider has yet to revoke, encrypted for its row."""

    id: UUID
    provider: ProviderName
    token: str = field(repr=False)


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
    connection: Connection[Any], revocation: Revocation, *, due_at: datetime, expires_at: datetime
) -> None:
    """Save a token that its provider has yet to revoke."""
    connection.execute(
        """
        INSERT INTO providers.revocations (id, provider, token, due_at, expires_at)
        VALUES (%s, %s, %s, %s, %s)""",
        [revocation.id, revocation.provider, revocation.token, due_at, expires_at],
    )


def reschedule_unlinked_account(connection: Connection[Any], unlinked_id: int, due_at: datetime) -> None:
    """Look after it again later."""
    connection.execute(
        "UPDATE providers.unlinked_accounts SET due_at = %s WHERE id = %s", [due_at, unlinked_id]
    )


def delete_unlinked_account(connection: Connection[Any], unlinked_id: int) -> None:
    """Nothing is left of it."""
    connection.execute("DELETE FROM providers.unlinked_accounts WHERE id = %s", [unlinked_id])


def claim_revocations(
    connection: Connection[Any], at: datetime, first_wait: timedelta, max_wait: timedelta, limit: int
) -> list[Revocation]:
    """Tokens that are due to be revoked, put off for longer each time in case that fails."""
    with connection.cursor(row_factory=class_row(Revocation)) as cursor:
        return cursor.execute(
            """
            UPDATE providers.revocations
            SET attempts = attempts + 1,
                due_at = %(at)s + least(%(max)s, %(first)s * power(2, least(attempts + 1, 20)))
            WHERE id IN (
                SELECT id FROM providers.revocations WHERE due_at <= %(at)s AND expires_at > %(at)s
                ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING id, provider, token""",
            {"at": at, "first": first_wait, "max": max_wait, "limit": limit},
        ).fetchall()


def delete_revocation(connection: Connection[Any], revocation_id: UUID) -> None:
    """The provider has heard it."""
    connection.execute("DELETE FROM providers.revocations WHERE id = %s", [revocation_id])


def delete_old_revocations(connection: Connection[Any], at: datetime) -> int:
    """Delete tokens that may not be kept any longer, heard of or not."""
    return connection.execute("DELETE FROM providers.revocations WHERE expires_at <= %s", [at]).rowcount


def find_outdated_revocations(connection: Connection[Any], key_id: str) -> list[Revocation]:
    """Tokens to be revoked that another key sealed, held until the transaction ends."""
    with connection.cursor(row_factory=class_row(Revocation)) as cursor:
        return cursor.execute(
            """
            SELECT id, provider, token FROM providers.revocations
            WHERE split_part(token, '.', 1) <> %s FOR UPDATE SKIP LOCKED""",
            [key_id],
        ).fetchall()


def update_revocation(connection: Connection[Any], revocation_id: UUID, token: str) -> None:
    """Store a token sealed again."""
    connection.execute("UPDATE providers.revocations SET token = %s WHERE id = %s", [token, revocation_id])
