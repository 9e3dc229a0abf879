"""The SQL of accounts, tokens and the quota ledger. Every function runs in the caller's transaction."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.music.model import ProviderName
from musicconnect.platform.database import Query
from musicconnect.providers.accounts.revocation_store import note_departure
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


def accounts_and_tokens() -> Query[dict[ProviderName, tuple[AccountRow, TokenRow | None]]]:
    """All of the person's accounts with their tokens."""
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
    names = [one.name for one in fields(AccountRow)]
    found: dict[ProviderName, tuple[AccountRow, TokenRow | None]] = {}
    for row in rows:
        account = AccountRow(**dict(zip(names, row, strict=False)))
        access_token, refresh_token, scope, expires_at = row[len(names) :]
        tokens = access_token and TokenRow(
            access_token=access_token, refresh_token=refresh_token, scope=scope, expires_at=expires_at
        )
        found[account.provider] = (account, tokens)
    return found


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


def set_status(
    connection: Connection[Any],
    account_id: int,
    status: AccountStatus,
    reason: str | None,
    now: datetime,
) -> None:
    """Write down whether an account can be used, and since when that is so."""
    connection.execute(
        """
        UPDATE providers.accounts
        SET status_since = CASE WHEN status = %(status)s THEN status_since ELSE %(now)s END,
            status = %(status)s, status_reason = %(reason)s
        WHERE id = %(id)s""",
        {"status": status, "reason": reason, "now": now, "id": account_id},
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


def book_quota_ahead(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    cost: int,
    most: int,
    limit: int | None,
    now: datetime,
) -> tuple[int, datetime | None]:
    """Book the cost of as many of ``most`` calls as the bucket holds.

    Gives how many that are, and until when the provider said that the bucket is empty.
    """
    row = connection.execute(
        """
        WITH spent AS (
            SELECT max(exhausted_until) AS until FROM providers.quota_usage
            WHERE provider = %(provider)s AND bucket = %(bucket)s AND exhausted_until > %(now)s
        ), booked AS (
            INSERT INTO providers.quota_usage AS q (provider, bucket, day, used, booked, updated_at)
            SELECT %(provider)s, %(bucket)s, %(day)s, calls * %(cost)s, calls, %(now)s
            FROM spent, least(%(most)s, %(limit)s::integer / %(cost)s) AS calls
            WHERE until IS NULL AND calls > 0
            ON CONFLICT (provider, bucket, day) DO UPDATE
            SET used = q.used + %(cost)s * least(%(most)s, (%(limit)s::integer - q.used) / %(cost)s),
                booked = least(%(most)s, (%(limit)s::integer - q.used) / %(cost)s),
                updated_at = excluded.updated_at
            WHERE %(limit)s::integer IS NULL OR q.used + %(cost)s <= %(limit)s
            RETURNING booked
        )
        SELECT coalesce((SELECT booked FROM booked), 0), until FROM spent""",
        {
            "provider": provider, "bucket": bucket, "day": day, "cost": cost, "most": most, "limit": limit,
            "now": now,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a day's allowance stands when somebody wants some of it."""

    holders: list[int]
    """Those who want some now, the one who asks among them."""
    had: list[int]
    """What each of them has had of the day."""
    used: int
    """What all have had."""


def want_quota(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    holder: int,
    day: date,
    now: datetime,
    until: datetime,
) -> Wish:
    """Take a person's wish down; it holds until ``until``."""
    with connection.cursor(row_factory=class_row(Wish)) as cursor:
        row = cursor.execute(
            """
            WITH mine AS (
                INSERT INTO providers.quota_shares AS s (provider, bucket, holder, day, wanted_until)
                VALUES (%(provider)s, %(bucket)s, %(holder)s, %(day)s, %(until)s)
                ON CONFLICT (provider, bucket, holder) DO UPDATE
                SET used = CASE WHEN s.day = excluded.day THEN s.used ELSE 0 END, day = excluded.day,
                    wanted_until = excluded.wanted_until
                RETURNING holder, used
            ), wanting AS (
                SELECT holder, used FROM mine
                UNION ALL
                SELECT holder, CASE WHEN day = %(day)s THEN used ELSE 0 END FROM providers.quota_shares
                WHERE provider = %(provider)s AND bucket = %(bucket)s AND holder <> %(holder)s
                  AND wanted_until > %(now)s
            )
            SELECT array_agg(holder) AS holders, array_agg(used) AS had,
                   coalesce((SELECT used FROM providers.quota_usage WHERE provider = %(provider)s
                             AND bucket = %(bucket)s AND day = %(day)s), 0) AS used
            FROM wanting""",
            {
                "provider": provider, "bucket": bucket, "holder": holder, "day": day, "now": now,
                "until": until,
            },
        ).fetchone()  # fmt: skip
    assert row is not None
    return row


def note_share(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    holder: int,
    amount: int,
    wanted_until: datetime | None,
) -> None:
    """Add to what a person has had; ``wanted_until``, unless None, is how long they still want more."""
    connection.execute(
        """
        UPDATE providers.quota_shares SET used = used + %s, wanted_until = coalesce(%s, wanted_until)
        WHERE provider = %s AND bucket = %s AND holder = %s""",
        [amount, wanted_until, provider, bucket, holder],
    )


def give_back_quota(
    connection: Connection[Any], *, provider: ProviderName, bucket: str, day: date, amount: int
) -> None:
    """Take back what was booked on a day and not used."""
    connection.execute(
        "UPDATE providers.quota_usage SET used = used - %s WHERE provider = %s AND bucket = %s AND day = %s",
        [amount, provider, bucket, day],
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """A consent that is under way."""

    access: Access
    code_verifier: str = field(repr=False)
    """Sealed."""
    redirect_uri: str
    expires_at: datetime


def start_link(
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


def take_link_state(
    connection: Connection[Any], *, state_hash: str, provider: ProviderName
) -> LinkState | None:
    """Spend the person's state: of two that ask at once, one gets it."""
    with connection.cursor(row_factory=class_row(LinkState)) as cursor:
        return cursor.execute(
            """
            DELETE FROM providers.link_states
            WHERE state_hash = %s AND provider = %s AND user_id = core.current_user_id()
            RETURNING access, code_verifier, redirect_uri, expires_at""",
            [state_hash, provider],
        ).fetchone()


def link_account(
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
        note_departure(connection, user_id, provider, now)
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
                "user": user_id,
                "provider": provider,
                "id": storable(provider_user_id),
                "name": storable(display_name),
                "access": access,
                "now": now,
            },
        ).fetchone()
    assert row is not None
    return row


def put_tokens(connection: Connection[Any], account: AccountRow, row: TokenRow, now: datetime) -> None:
    """Store an account's tokens in place of any before."""
    connection.execute(
        """
        INSERT INTO providers.tokens
            (account_id, user_id, access_token, refresh_token, scope, expires_at, created_at, updated_at)
        VALUES (%(account)s, %(user)s, %(access)s, %(refresh)s, %(scope)s, %(expires)s, %(now)s, %(now)s)
        ON CONFLICT (account_id) DO UPDATE
        SET access_token = excluded.access_token, refresh_token = excluded.refresh_token,
            scope = excluded.scope, expires_at = excluded.expires_at, updated_at = excluded.updated_at""",
        {
            "account": account.id,
            "user": account.user_id,
            "access": row.access_token,
            "refresh": row.refresh_token,
            "scope": row.scope,
            "expires": row.expires_at,
            "now": now,
        },
    )


def delete_link_states(connection: Connection[Any], provider: ProviderName) -> None:
    """End what the person has under way with a provider."""
    connection.execute(
        "DELETE FROM providers.link_states WHERE user_id = core.current_user_id() AND provider = %s",
        [provider],
    )


def storable(text: str) -> str:
    """A provider's text without what Postgres cannot hold: NUL, halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
