"""The SQL of maintenance. What looks across people is a function of the database's, see maintenance.sql."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.music.model import ProviderName


@dataclass(frozen=True, slots=True)
class Account:
    """A linked account that something is to be done about."""

    account_id: int
    user_id: int
    provider: ProviderName


@dataclass(frozen=True, slots=True)
class UnlinkedAccount:
    """An account that was unlinked."""

    id: int
    user_id: int
    provider: ProviderName
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token that its provider has yet to be told to forget."""

    id: UUID
    provider: ProviderName
    token: str


@dataclass(frozen=True, slots=True)
class AbandonedImport:
    """An import whose file never came."""

    import_id: int
    user_id: int
    storage_key: str


# -- Accounts ----------------------------------------------------------------------------------------------


def claim_checks(
    connection: Connection[Any], at: datetime, checked_before: datetime, most: int
) -> list[Account]:
    """Accounts whose consent is to be confirmed, and that nobody asked about in the last half hour."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.claim_checks(%s, %s, %s)",
        at, checked_before, most,
    )  # fmt: skip


def record_check(connection: Connection[Any], account_id: int, name: str | None, at: datetime) -> None:
    """Write down that a provider confirmed a consent, and what it calls the person now."""
    connection.execute(
        """
        UPDATE providers.accounts SET checked_at = %s, display_name = coalesce(%s, display_name)
        WHERE id = %s""",
        [at, name, account_id],
    )


def checked_at(connection: Connection[Any], account_id: int) -> datetime | None:
    """When a provider last confirmed a consent."""
    row = connection.execute(
        "SELECT checked_at FROM providers.accounts WHERE id = %s", [account_id]
    ).fetchone()
    return row[0] if row else None


def claim_warnings(
    connection: Connection[Any],
    provider: ProviderName,
    authorized_before: datetime,
    at: datetime,
    most: int,
) -> list[tuple[int, datetime]]:
    """Accounts whose consent ends soon, with when it was given; each is given once."""
    return connection.execute(
        "SELECT account_id, authorized_at FROM providers.claim_warnings(%s, %s, %s, %s)",
        [provider, authorized_before, at, most],
    ).fetchall()


def find_lapsed(
    connection: Connection[Any], provider: ProviderName, authorized_before: datetime, most: int
) -> list[Account]:
    """Accounts whose consent has ended by itself."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, %s AS provider FROM providers.find_lapsed_consents(%s, %s, %s)",
        provider, provider, authorized_before, most,
    )  # fmt: skip


def find_unusable(connection: Connection[Any], since_before: datetime, most: int) -> list[Account]:
    """Accounts that cannot be used since before a moment."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.find_unusable_accounts(%s, %s)",
        since_before, most,
    )  # fmt: skip


def is_unusable_since(connection: Connection[Any], account_id: int, since_before: datetime) -> bool:
    """Whether an account still cannot be used, held until the transaction ends."""
    row = connection.execute(
        """
        SELECT status = 'consent_needed' AND status_since <= %s FROM providers.accounts
        WHERE id = %s FOR NO KEY UPDATE""",
        [since_before, account_id],
    ).fetchone()
    return row is not None and row[0]


def find_outdated_tokens(connection: Connection[Any], key_id: str, after: int, most: int) -> list[Account]:
    """Accounts whose tokens another key sealed, by account from ``after`` on."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.find_outdated_tokens(%s, %s, %s)",
        key_id, after, most,
    )  # fmt: skip


def any_user_of(connection: Connection[Any], provider: ProviderName) -> int | None:
    """A person by whose account the provider's public catalogue can be asked."""
    row = connection.execute("SELECT providers.any_user_of(%s)", [provider]).fetchone()
    return row[0] if row else None


# -- Unlinked accounts and revocations -----------------------------------------------------------------------


def due_unlinked_accounts(connection: Connection[Any], at: datetime, most: int) -> list[UnlinkedAccount]:
    """Accounts that were unlinked and are to be looked after."""
    with connection.cursor(row_factory=class_row(UnlinkedAccount)) as cursor:
        return cursor.execute(
            "SELECT id, user_id, provider, left_at FROM providers.due_unlinked_accounts(%s, %s)", [at, most]
        ).fetchall()


def delete_account_data(connection: Connection[Any], account: UnlinkedAccount) -> int:
    """Delete what is still there of an unlinked account; gives how many rows."""
    return call(
        connection,
        "providers.delete_account_data",
        account.user_id,
        account.provider,
        account.left_at,
    )


def count_reported(connection: Connection[Any], user_id: int, source: str, until: datetime) -> int:
    """How many plays up to a moment a source told of."""
    return call(connection, "trends.count_reported", user_id, source, until)


def reschedule_unlinked_account(connection: Connection[Any], unlinked_id: int, due_at: datetime) -> None:
    """Look after it again later."""
    connection.execute(
        "UPDATE providers.unlinked_accounts SET due_at = %s WHERE id = %s", [due_at, unlinked_id]
    )


def delete_unlinked_account(connection: Connection[Any], unlinked_id: int) -> None:
    """Nothing is left of it."""
    connection.execute("DELETE FROM providers.unlinked_accounts WHERE id = %s", [unlinked_id])


def claim_revocations(
    connection: Connection[Any], at: datetime, first_wait: timedelta, longest_wait: timedelta, most: int
) -> list[Revocation]:
    """Tokens that are due to be revoked, put off for longer each time in case that fails."""
    with connection.cursor(row_factory=class_row(Revocation)) as cursor:
        return cursor.execute(
            """
            UPDATE providers.revocations
            SET attempts = attempts + 1,
                due_at = %(at)s + least(%(longest)s, %(first)s * power(2, least(attempts + 1, 20)))
            WHERE id IN (
                SELECT id FROM providers.revocations WHERE due_at <= %(at)s AND expires_at > %(at)s
                ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING id, provider, token""",
            {"at": at, "first": first_wait, "longest": longest_wait, "most": most},
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


# -- Work, files, limits -----------------------------------------------------------------------------------

RELEASE_STUCK: Final[tuple[LiteralString, ...]] = (
    "migrations.requeue_stuck",
    "providers.release_stuck_syncs",
    "trends.requeue_stuck_imports",
)
"""Functions that make unfinished work due again that nobody would wake."""


def abandoned_imports(connection: Connection[Any], before: datetime, most: int) -> list[AbandonedImport]:
    """Imports whose file never came."""
    with connection.cursor(row_factory=class_row(AbandonedImport)) as cursor:
        return cursor.execute(
            "SELECT import_id, user_id, storage_key FROM trends.abandoned_imports(%s, %s)", [before, most]
        ).fetchall()


def delete_abandoned_imports(connection: Connection[Any], before: datetime, most: int) -> list[str]:
    """Forget imports of playlists whose file never came; gives where it would be."""
    return [
        key
        for (key,) in connection.execute("SELECT migrations.delete_abandoned_imports(%s, %s)", [before, most])
    ]


def wanted_uploads(connection: Connection[Any], keys: Sequence[str]) -> set[str]:
    """Which of these files somebody still has to read."""
    query = "SELECT trends.referenced_uploads(%(keys)s) UNION SELECT migrations.referenced_uploads(%(keys)s)"
    return {key for (key,) in connection.execute(query, {"keys": list(keys)})}


def position(connection: Connection[Any], task: str) -> str | None:
    """Where a task goes on; None: at the beginning."""
    row = connection.execute(
        "SELECT position FROM core.maintenance_cursors WHERE name = %s", [task]
    ).fetchone()
    return row[0] if row else None


def save_position(connection: Connection[Any], task: str, value: str | None) -> None:
    """Where the task goes on next time."""
    connection.execute(
        """
        INSERT INTO core.maintenance_cursors (name, position) VALUES (%s, %s)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position""",
        [task, value],
    )


def may_spend(connection: Connection[Any], task: str, day: date, limit: int) -> bool:
    """Take one unit of what a task may spend on a day; False when it has had it all."""
    row = connection.execute(
        """
        INSERT INTO core.maintenance_cursors AS d (name, day, spent)
        SELECT %(task)s, %(day)s, 1 WHERE %(limit)s >= 1
        ON CONFLICT (name) DO UPDATE
        SET spent = CASE WHEN d.day = excluded.day THEN d.spent + 1 ELSE 1 END, day = excluded.day
        WHERE d.day IS DISTINCT FROM excluded.day OR d.spent < %(limit)s
        RETURNING spent""",
        {"task": task, "day": day, "limit": limit},
    ).fetchone()
    return row is not None


def retention_violations(
    connection: Connection[Any],
    at: datetime,
    provider: ProviderName,
    *,
    fresh_before: datetime | None,
    left_before: datetime,
) -> dict[str, int]:
    """What is here of a provider for longer than it may be, by kind.

    Args:
        connection: Of maintenance.
        at: The current time.
        provider: Registry key.
        fresh_before: Since when facts have to have been fetched; None: they may be kept.
        left_before: Since when accounts may have left that are still looked after.
    """
    rows = connection.execute(
        """
        SELECT what, found
        FROM core.retention_violations(%s, %s, coalesce(%s, '-infinity'::timestamptz), %s)""",
        [at, provider, fresh_before, left_before],
    )
    return {what: int(found) for what, found in rows if found}


def _accounts(connection: Connection[Any], query: LiteralString, *parameters: object) -> list[Account]:
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(query, parameters).fetchall()


def call(connection: Connection[Any], function: LiteralString, *parameters: object) -> int:
    """Call a function of the database, and give the number that it returns."""
    places = ", ".join(["%s"] * len(parameters))
    row = connection.execute(f"SELECT {function}({places})", parameters).fetchone()
    assert row is not None
    return int(row[0])
