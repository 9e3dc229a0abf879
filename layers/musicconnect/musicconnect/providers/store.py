"""The SQL of accounts, tokens and the quota ledger. Every function runs in the caller's transaction."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.providers.base import Access, ProviderName


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A linked account."""

    id: int
    user_id: int
    provider: ProviderName
    provider_user_id: str
    display_name: str
    linked_at: datetime
    authorized_at: datetime
    access: Access
    status: str
    """``active``, ``consent_needed``, ``no_channel``."""
    status_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """An account's tokens, sealed."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scope: str
    expires_at: datetime


_ACCOUNT = """
    SELECT id, user_id, provider, provider_user_id, display_name, linked_at, authorized_at, access, status,
           status_reason
    FROM providers.accounts"""


def account(connection: Connection[Any], provider: ProviderName) -> AccountRow | None:
    """The person's account with a provider."""
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(
            _ACCOUNT + " WHERE user_id = core.current_user_id() AND provider = %s", [provider]
        ).fetchone()


def accounts(connection: Connection[Any]) -> list[AccountRow]:
    """All of the person's accounts."""
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(_ACCOUNT + " WHERE user_id = core.current_user_id() ORDER BY id").fetchall()


def locked_account(connection: Connection[Any], provider: ProviderName) -> AccountRow | None:
    """The person's account with a provider, held until the transaction ends.

    Whoever writes an account's tokens holds its row first, so that refreshing, linking and unlinking happen
    one after another. The weaker lock lets rows that refer to the account still be written.
    """
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(
            _ACCOUNT + " WHERE user_id = core.current_user_id() AND provider = %s FOR NO KEY UPDATE",
            [provider],
        ).fetchone()


def tokens(connection: Connection[Any], account_id: int) -> TokenRow | None:
    """An account's tokens."""
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            """
            SELECT access_token, refresh_token, scope, expires_at
            FROM providers.tokens WHERE account_id = %s""",
            [account_id],
        ).fetchone()


def update_tokens(connection: Connection[Any], account_id: int, row: TokenRow, now: datetime) -> None:
    """Replace an account's tokens by refreshed or newly sealed ones."""
    connection.execute(
        """
        UPDATE providers.tokens
        SET access_token = %s, refresh_token = %s, scope = %s, expires_at = %s, updated_at = %s
        WHERE account_id = %s""",
        [row.access_token, row.refresh_token, row.scope, row.expires_at, now, account_id],
    )


def set_status(connection: Connection[Any], account_id: int, status: str, reason: str | None) -> None:
    """Write down whether an account can be used."""
    connection.execute(
        "UPDATE providers.accounts SET status = %s, status_reason = %s WHERE id = %s",
        [status, reason, account_id],
    )


def delete_tokens(connection: Connection[Any], account_id: int) -> None:
    """Forget an account's tokens."""
    connection.execute("DELETE FROM providers.tokens WHERE account_id = %s", [account_id])


def book_quota(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    cost: int,
    limit: int | None,
    now: datetime,
) -> tuple[bool, datetime | None]:
    """Book a cost if the bucket holds it: whether it did, and until when the provider said it is empty.

    The conflict clause sees the newest committed row, locked, so that two bookings never pass the limit
    together. What the provider said is looked for on every day: a rolling allowance ends within another day.
    """
    row = connection.execute(
        """
        WITH spent AS (
            SELECT max(exhausted_until) AS until FROM providers.quota_usage
            WHERE provider = %(provider)s AND bucket = %(bucket)s AND exhausted_until > %(now)s
        ), booked AS (
            INSERT INTO providers.quota_usage AS q (provider, bucket, day, used, updated_at)
            SELECT %(provider)s, %(bucket)s, %(day)s, %(cost)s, %(now)s FROM spent
            WHERE until IS NULL AND (%(limit)s::integer IS NULL OR %(cost)s <= %(limit)s)
            ON CONFLICT (provider, bucket, day) DO UPDATE
            SET used = q.used + excluded.used, updated_at = excluded.updated_at
            WHERE %(limit)s::integer IS NULL OR q.used + excluded.used <= %(limit)s
            RETURNING used
        )
        SELECT EXISTS (SELECT FROM booked), until FROM spent""",
        {"provider": provider, "bucket": bucket, "day": day, "cost": cost, "limit": limit, "now": now},
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def exhaust_quota(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    until: datetime,
    now: datetime,
) -> None:
    """Write down until when the provider has nothing left."""
    connection.execute(
        """
        INSERT INTO providers.quota_usage AS q (provider, bucket, day, exhausted_until, updated_at)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (provider, bucket, day) DO UPDATE
        SET exhausted_until = greatest(q.exhausted_until, excluded.exhausted_until),
            updated_at = excluded.updated_at""",
        [provider, bucket, day, until, now],
    )


def quota_usage(
    connection: Connection[Any], *, provider: ProviderName, day: date, now: datetime
) -> dict[str, tuple[int, datetime | None]]:
    """By bucket: what was booked on a day, and until when the provider said it is empty."""
    rows = connection.execute(
        """
        SELECT bucket, coalesce(sum(used) FILTER (WHERE day = %(day)s), 0)::integer,
               max(exhausted_until) FILTER (WHERE exhausted_until > %(now)s)
        FROM providers.quota_usage
        WHERE provider = %(provider)s AND (day = %(day)s OR exhausted_until > %(now)s)
        GROUP BY bucket""",
        {"provider": provider, "day": day, "now": now},
    )
    return {bucket: (used, until) for bucket, used, until in rows}
