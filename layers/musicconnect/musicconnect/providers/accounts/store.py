"""The SQL of accounts, tokens and consents. Every function runs in the caller's transaction."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.music.model import ProviderName
from musicconnect.platform.database import Query
from musicconnect.platform.text import storable
from musicconnect.providers.accounts.revocation_store import insert_unlinked_account
from musicconnect.providers.protocol import Access

type AccountStatus = Literal["active", "consent_needed", "no_channel"]


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
    status: AccountStatus
    status_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """An account's tokens, encrypted."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scope: str
    expires_at: datetime


_ACCOUNT = """
    SELECT id, user_id, provider, provider_user_id, display_name, linked_at, authorized_at, access, status,
           status_reason
    FROM providers.accounts"""
_OWN = _ACCOUNT + " WHERE user_id = core.current_user_id() AND provider = %s"


def account(connection: Connection[Any], provider: ProviderName) -> AccountRow | None:
    """Get the person's account with a provider."""
    return _account(connection, _OWN, provider)


def _account(connection: Connection[Any], query: str, provider: ProviderName) -> AccountRow | None:
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(query, [provider]).fetchone()


def accounts(connection: Connection[Any]) -> list[AccountRow]:
    """List the person's accounts."""
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(_ACCOUNT + " WHERE user_id = core.current_user_id() ORDER BY id").fetchall()


def accounts_and_tokens() -> Query[dict[ProviderName, tuple[AccountRow, TokenRow | None]]]:
    """Query the person's accounts with their tokens."""
    return Query(
        """
        SELECT a.id, a.user_id, a.provider, a.provider_user_id, a.display_name, a.linked_at, a.authorized_at,
               a.access, a.status, a.status_reason, t.access_token, t.refresh_token, t.scope, t.expires_at
        FROM providers.accounts a LEFT JOIN providers.tokens t ON t.account_id = a.id
        WHERE a.user_id = core.current_user_id()""",
        [],
        _accounts_and_tokens,
    )


def _accounts_and_tokens(
    rows: list[tuple[Any, ...]],
) -> dict[ProviderName, tuple[AccountRow, TokenRow | None]]:
    names, token_names = ([one.name for one in fields(kind)] for kind in (AccountRow, TokenRow))
    found: dict[ProviderName, tuple[AccountRow, TokenRow | None]] = {}
    for row in rows:
        account = AccountRow(**dict(zip(names, row, strict=False)))
        tokens = dict(zip(token_names, row[len(names) :], strict=True))
        found[account.provider] = (account, TokenRow(**tokens) if tokens["access_token"] else None)
    return found


def lock_account(connection: Connection[Any], provider: ProviderName) -> AccountRow | None:
    """Get the person's account with a provider, locked until the transaction ends.

    Whoever writes an account's tokens holds its row first, so that refreshing, linking and unlinking happen
    one after another. The weaker lock lets rows that refer to the account still be written.
    """
    return _account(connection, _OWN + " FOR NO KEY UPDATE", provider)


def tokens(connection: Connection[Any], account_id: int) -> TokenRow | None:
    """Get an account's tokens."""
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        return cursor.execute(
            """
            SELECT access_token, refresh_token, scope, expires_at
            FROM providers.tokens WHERE account_id = %s""",
            [account_id],
        ).fetchone()


def update_tokens(connection: Connection[Any], account_id: int, row: TokenRow, now: datetime) -> None:
    """Replace an account's tokens by refreshed or newly encrypted ones."""
    connection.execute(
        """
        UPDATE providers.tokens
        SET access_token = %s, refresh_token = %s, scope = %s, expires_at = %s, updated_at = %s
        WHERE account_id = %s""",
        [row.access_token, row.refresh_token, row.scope, row.expires_at, now, account_id],
    )


def set_status(
    connection: Connection[Any], account_id: int, status: AccountStatus, reason: str | None, now: datetime
) -> None:
    """Record whether an account can be used, and since when that is so."""
    connection.execute(
        """
        UPDATE providers.accounts
        SET status_since = CASE WHEN status = %(status)s THEN status_since ELSE %(now)s END,
            status = %(status)s, status_reason = %(reason)s
        WHERE id = %(id)s""",
        {"status": status, "reason": reason, "now": now, "id": account_id},
    )


def mark_told(connection: Connection[Any], account_id: int, days: int, authorized_before: datetime) -> bool:
    """Mark that a person is told that their consent ends within days; False if that is no news."""
    return (
        connection.execute(
            """
            UPDATE providers.accounts SET told_days = %(days)s, told_for = authorized_at
            WHERE id = %(id)s AND status <> 'consent_needed' AND authorized_at <= %(before)s
              AND (told_days IS NULL OR told_for < authorized_at OR told_days > %(days)s)""",
            {"id": account_id, "days": days, "before": authorized_before},
        ).rowcount
        == 1
    )


def record_check(connection: Connection[Any], account_id: int, name: str | None, at: datetime) -> None:
    """Write down that a provider confirmed a consent, and what it calls the person now."""
    connection.execute(
        """
        UPDATE providers.accounts SET checked_at = %s, display_name = coalesce(%s, display_name)
        WHERE id = %s""",
        [at, name, account_id],
    )


def checked_at(connection: Connection[Any], account_id: int) -> datetime | None:
    """Get when a provider last confirmed a consent."""
    row = connection.execute(
        "SELECT checked_at FROM providers.accounts WHERE id = %s", [account_id]
    ).fetchone()
    return row[0] if row else None


def is_unusable_since(connection: Connection[Any], account_id: int, since_before: datetime) -> bool:
    """Whether an account still cannot be used, held until the transaction ends."""
    row = connection.execute(
        """
        SELECT status = 'consent_needed' AND status_since <= %s FROM providers.accounts
        WHERE id = %s FOR NO KEY UPDATE""",
        [since_before, account_id],
    ).fetchone()
    return row is not None and row[0]


def delete_tokens(connection: Connection[Any], account_id: int) -> None:
    """Delete an account's tokens."""
    connection.execute("DELETE FROM providers.tokens WHERE account_id = %s", [account_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """A consent that is under way."""

    access: Access
    code_verifier: str = field(repr=False)
    """Encrypted."""
    redirect_uri: str
    expires_at: datetime


def insert_link_state(
    connection: Connection[Any], *, state_hash: str, user_id: int, provider: ProviderName, row: LinkState
) -> None:
    """Begin a consent; one that the person had under way with this provider ends with it."""
    connection.execute(
        "DELETE FROM providers.link_states WHERE user_id = %s AND provider = %s", [user_id, provider]
    )
    connection.execute(
        """
        INSERT INTO providers.link_states
            (state_hash, user_id, provider, access, code_verifier, redirect_uri, expires_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [state_hash, user_id, provider, row.access, row.code_verifier, row.redirect_uri, row.expires_at],
    )


def consume_link_state(
    connection: Connection[Any], *, state_hash: str, provider: ProviderName
) -> LinkState | None:
    """Consume the person's state: of two that ask at once, one gets it."""
    with connection.cursor(row_factory=class_row(LinkState)) as cursor:
        return cursor.execute(
            """
            DELETE FROM providers.link_states
            WHERE state_hash = %s AND provider = %s AND user_id = core.current_user_id()
            RETURNING access, code_verifier, redirect_uri, expires_at""",
            [state_hash, provider],
        ).fetchone()


def upsert_account(
    connection: Connection[Any],
    *,
    user_id: int,
    provider: ProviderName,
    provider_user_id: str,
    display_name: str,
    access: Access,
    now: datetime,
) -> AccountRow:
    """Link an account, or link it again. Another one of the same provider is replaced with all its data."""
    replaced = connection.execute(
        "DELETE FROM providers.accounts WHERE user_id = %s AND provider = %s AND provider_user_id <> %s",
        [user_id, provider, storable(provider_user_id)],
    )
    if replaced.rowcount:
        insert_unlinked_account(connection, user_id, provider, now)
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        row = cursor.execute(
            """
            INSERT INTO providers.accounts
                (user_id, provider, provider_user_id, display_name, access, linked_at, authorized_at,
                 status_since, checked_at)
            VALUES (%(user)s, %(provider)s, %(id)s, %(name)s, %(access)s, %(now)s, %(now)s, %(now)s, %(now)s)
            ON CONFLICT (user_id, provider) DO UPDATE
            SET provider_user_id = excluded.provider_user_id, display_name = excluded.display_name,
                access = excluded.access, authorized_at = excluded.authorized_at,
                status = 'active', status_reason = NULL, status_since = excluded.status_since,
                checked_at = excluded.checked_at
            RETURNING id, user_id, provider, provider_user_id, display_name, linked_at, authorized_at, access,
                      status, status_reason""",
            {
                "user": user_id, "provider": provider, "id": storable(provider_user_id),
                "name": storable(display_name), "access": access, "now": now,
            },
        ).fetchone()  # fmt: skip
    assert row is not None
    return row


def upsert_tokens(connection: Connection[Any], account: AccountRow, row: TokenRow, now: datetime) -> None:
    """Store an account's tokens in place of any before."""
    connection.execute(
        """
        INSERT INTO providers.tokens
            (account_id, user_id, access_token, refresh_token, scope, expires_at, created_at, updated_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (account_id) DO UPDATE
        SET access_token = excluded.access_token, refresh_token = excluded.refresh_token,
            scope = excluded.scope, expires_at = excluded.expires_at, updated_at = excluded.updated_at""",
        [
            account.id,
            account.user_id,
            row.access_token,
            row.refresh_token,
            row.scope,
            row.expires_at,
            now,
            now,
        ],
    )


def delete_link_states(connection: Connection[Any], provider: ProviderName) -> None:
    """End what the person has under way with a provider."""
    connection.execute(
        "DELETE FROM providers.link_states WHERE user_id = core.current_user_id() AND provider = %s",
        [provider],
    )
