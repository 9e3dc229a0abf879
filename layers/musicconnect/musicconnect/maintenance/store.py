"""The SQL of maintenance. What looks across people is a function of the database's, see maintenance.sql."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

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
class AbandonedImport:
    """An import whose file never came."""

    import_id: int
    user_id: int
    storage_key: str


# -- Accounts ----------------------------------------------------------------------------------------------


def claim_checks(
    connection: Connection[Any], at: datetime, checked_before: datetime, limit: int
) -> list[Account]:
    """Claim accounts whose consent is to be confirmed, each at most once in half an hour."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.claim_checks(%s, %s, %s)",
        at, checked_before, limit,
    )  # fmt: skip


def claim_warnings(
    connection: Connection[Any],
    provider: ProviderName,
    authorized_before: datetime,
    at: datetime,
    limit: int,
) -> list[tuple[int, datetime]]:
    """Claim accounts whose consent ends soon, with when it was given, each once."""
    return connection.execute(
        "SELECT account_id, authorized_at FROM providers.claim_warnings(%s, %s, %s, %s)",
        [provider, authorized_before, at, limit],
    ).fetchall()


def find_ending(
    connection: Connection[Any], provider: ProviderName, authorized_before: datetime, days: int, limit: int
) -> list[Account]:
    """Find accounts whose consent ends within days, and whose people have not been told that."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, %s AS provider FROM providers.find_ending_consents(%s, %s, %s, %s)",
        provider, provider, authorized_before, days, limit,
    )  # fmt: skip


def find_lapsed(
    connection: Connection[Any], provider: ProviderName, authorized_before: datetime, limit: int
) -> list[Account]:
    """Find accounts whose consent has ended by itself."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, %s AS provider FROM providers.find_lapsed_consents(%s, %s, %s)",
        provider, provider, authorized_before, limit,
    )  # fmt: skip


def find_unusable(connection: Connection[Any], since_before: datetime, limit: int) -> list[Account]:
    """Find accounts that cannot be used since before a moment."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.find_unusable_accounts(%s, %s)",
        since_before, limit,
    )  # fmt: skip


def find_outdated_tokens(connection: Connection[Any], key_id: str, after: int, limit: int) -> list[Account]:
    """Find accounts behind ``after`` whose tokens are under another key."""
    return _accounts(
        connection,
        "SELECT account_id, user_id, provider FROM providers.find_outdated_tokens(%s, %s, %s)",
        key_id, after, limit,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A webhook whose secret another key encrypted."""

    webhook_id: int
    user_id: int


def find_outdated_secrets(
    connection: Connection[Any], key_id: str, after: int, limit: int
) -> list[WebhookSecret]:
    """Find webhooks behind ``after`` whose secrets are under another key."""
    with connection.cursor(row_factory=class_row(WebhookSecret)) as cursor:
        return cursor.execute(
            "SELECT webhook_id, user_id FROM notices.find_outdated_secrets(%s, %s, %s)",
            [key_id, after, limit],
        ).fetchall()


def any_user_of(connection: Connection[Any], provider: ProviderName) -> int | None:
    """Get a user by whose account the provider's public catalogue can be asked."""
    row = connection.execute("SELECT providers.any_user_of(%s)", [provider]).fetchone()
    return row[0] if row else None


# -- Unlinked accounts -------------------------------------------------------------------------------------


def due_unlinked_accounts(connection: Connection[Any], at: datetime, limit: int) -> list[UnlinkedAccount]:
    """List unlinked accounts that are due to be looked at."""
    with connection.cursor(row_factory=class_row(UnlinkedAccount)) as cursor:
        return cursor.execute(
            "SELECT id, user_id, provider, left_at FROM providers.due_unlinked_accounts(%s, %s)", [at, limit]
        ).fetchall()


# -- Work, files, limits -----------------------------------------------------------------------------------

RELEASE_STUCK: Final[tuple[LiteralString, ...]] = (
    "migrations.requeue_stuck",
    "providers.release_stuck_syncs",
    "trends.requeue_stuck_imports",
)
"""Functions that make unfinished work due again that nobody would wake."""


def abandoned_imports(connection: Connection[Any], before: datetime, limit: int) -> list[AbandonedImport]:
    """List imports whose file never came."""
    with connection.cursor(row_factory=class_row(AbandonedImport)) as cursor:
        return cursor.execute(
            "SELECT import_id, user_id, storage_key FROM trends.abandoned_imports(%s, %s)", [before, limit]
        ).fetchall()


def delete_abandoned_imports(connection: Connection[Any], before: datetime, limit: int) -> list[str]:
    """Delete imports of playlists whose file never came; gives the keys it would have."""
    rows = connection.execute("SELECT migrations.delete_abandoned_imports(%s, %s)", [before, limit])
    return [key for (key,) in rows]


def wanted_uploads(connection: Connection[Any], keys: Sequence[str]) -> set[str]:
    """Select the files that somebody still has to read."""
    query = "SELECT trends.referenced_uploads(%(keys)s) UNION SELECT migrations.referenced_uploads(%(keys)s)"
    return {key for (key,) in connection.execute(query, {"keys": list(keys)})}


def retention_violations(
    connection: Connection[Any],
    at: datetime,
    provider: ProviderName,
    *,
    fresh_before: datetime | None,
    left_before: datetime,
) -> dict[str, int]:
    """Count what is here of a provider for longer than it may be, by kind.

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
