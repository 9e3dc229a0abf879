"""The SQL of the quota ledger and of users' shares. Every function runs in the caller's transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.music.model import ProviderName
from musicconnect.platform.database import Query


def booking(
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    cost: int,
    limit: int | None,
    now: datetime,
    max_calls: int = 1,
) -> Query[tuple[int, datetime | None]]:
    """Book the cost of as many of ``max_calls`` calls as the bucket holds.

    The conflict clause sees the newest committed row, locked, so that two bookings never pass the limit
    together. What the provider said is looked for on every day: a rolling allowance ends within another day.

    Reads the number of calls, and until when the provider said that the bucket is empty.
    """
    return Query(
        """
        WITH spent AS (
            SELECT max(exhausted_until) AS until FROM providers.quota_usage
            WHERE provider = %(provider)s AND bucket = %(bucket)s AND exhausted_until > %(now)s
        ), booked AS (
            INSERT INTO providers.quota_usage AS q (provider, bucket, day, used, booked, updated_at)
            SELECT %(provider)s, %(bucket)s, %(day)s, calls * %(cost)s, calls, %(now)s
            FROM spent, least(%(max_calls)s, %(limit)s::integer / %(cost)s) AS calls
            WHERE until IS NULL AND calls > 0
            ON CONFLICT (provider, bucket, day) DO UPDATE
            SET used = q.used + %(cost)s * least(%(max_calls)s, (%(limit)s::integer - q.used) / %(cost)s),
                booked = least(%(max_calls)s, (%(limit)s::integer - q.used) / %(cost)s),
                updated_at = excluded.updated_at
            WHERE %(limit)s::integer IS NULL OR q.used + %(cost)s <= %(limit)s
            RETURNING booked
        )
        SELECT coalesce((SELECT booked FROM booked), 0), until FROM spent""",
        {
            "provider": provider, "bucket": bucket, "day": day, "cost": cost, "max_calls": max_calls,
            "limit": limit, "now": now,
        },
        _booked,
    )  # fmt: skip


def _booked(rows: list[tuple[Any, ...]]) -> tuple[int, datetime | None]:
    ((calls, until),) = rows
    return calls, until


def take_tokens(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    cost: int,
    size: int,
    per_s: float,
    now: datetime,
) -> float:
    """Take tokens out of a bucket; give the seconds to wait where it holds too few, and nothing is taken.

    One time says how full it is: when it will hold all of its ``size`` tokens again. The conflict clause sees
    the newest committed row, locked, so that two calls never take the same token. A new day begins with a
    full bucket. How long to wait is read by a statement of its own: the snapshot of the first may be older
    than the row that refused it, and then knows of no wait.
    """
    values = {
        "provider": provider, "bucket": bucket, "day": day, "cost": cost, "now": now,
        "fill": timedelta(seconds=cost / per_s), "whole": timedelta(seconds=size / per_s),
    }  # fmt: skip
    taken = connection.execute(
        """
        INSERT INTO providers.quota_usage AS q (provider, bucket, day, used, booked, full_at, updated_at)
        VALUES (%(provider)s, %(bucket)s, %(day)s, %(cost)s, 1, %(now)s + %(fill)s, %(now)s)
        ON CONFLICT (provider, bucket, day) DO UPDATE
        SET used = q.used + %(cost)s, booked = 1, updated_at = excluded.updated_at,
            full_at = greatest(q.full_at, %(now)s) + %(fill)s
        WHERE coalesce(greatest(q.full_at, %(now)s), %(now)s) + %(fill)s <= %(now)s + %(whole)s""",
        values,
    )
    if taken.rowcount:
        return 0.0
    (wait_s,) = connection.execute(
        """
        SELECT coalesce(max(extract(epoch FROM
            greatest(full_at, %(now)s) + %(fill)s - %(now)s - %(whole)s)), 0)::float8
        FROM providers.quota_usage
        WHERE provider = %(provider)s AND bucket = %(bucket)s AND day = %(day)s""",
        values,
    ).fetchone() or (0.0,)
    return max(0.001, wait_s)


@dataclass(frozen=True, slots=True)
class QuotaDemand:
    """The demand for a day's allowance when a user asks for some of it."""

    user_ids: list[int]
    """Those who want some now, the one who asks among them."""
    used_by: list[int]
    """What each of them has had of the day."""
    used: int
    """What all have had."""


def register_demand(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    user_id: int,
    day: date,
    now: datetime,
    until: datetime,
) -> QuotaDemand:
    """Register that a user wants some of an allowance, until ``until`` at the latest."""
    with connection.cursor(row_factory=class_row(QuotaDemand)) as cursor:
        row = cursor.execute(
            """
            WITH mine AS (
                INSERT INTO providers.quota_shares AS s (provider, bucket, holder, day, demand_until)
                VALUES (%(provider)s, %(bucket)s, %(user)s, %(day)s, %(until)s)
                ON CONFLICT (provider, bucket, holder) DO UPDATE
                SET used = CASE WHEN s.day = excluded.day THEN s.used ELSE 0 END, day = excluded.day,
                    demand_until = excluded.demand_until
                RETURNING holder, used
            ), demanding AS (
                SELECT holder, used FROM mine
                UNION ALL
                SELECT holder, CASE WHEN day = %(day)s THEN used ELSE 0 END FROM providers.quota_shares
                WHERE provider = %(provider)s AND bucket = %(bucket)s AND holder <> %(user)s
                  AND demand_until > %(now)s
            )
            SELECT array_agg(holder) AS user_ids, array_agg(used) AS used_by,
                   coalesce((SELECT used FROM providers.quota_usage WHERE provider = %(provider)s
                             AND bucket = %(bucket)s AND day = %(day)s), 0) AS used
            FROM demanding""",
            {
                "provider": provider, "bucket": bucket, "user": user_id, "day": day, "now": now,
                "until": until,
            },
        ).fetchone()  # fmt: skip
    assert row is not None
    return row


def record_share(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    user_id: int,
    amount: int,
    demand_until: datetime | None = None,
) -> None:
    """Add to what a user has had; ``demand_until``, unless None, is how long they still want more."""
    connection.execute(
        """
        UPDATE providers.quota_shares SET used = used + %s, demand_until = coalesce(%s, demand_until)
        WHERE provider = %s AND bucket = %s AND holder = %s""",
        [amount, demand_until, provider, bucket, user_id],
    )


def book_personal(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    user_id: int,
    day: date,
    limit: int,
    now: datetime,
) -> bool:
    """Book one of a person's own allowance; False if it is spent.

    The conflict clause sees the newest committed row, locked, so that two bookings never pass the limit
    together.
    """  # fmt: skip
    row = connection.execute(
        """
        INSERT INTO providers.quota_shares AS s (provider, bucket, holder, day, used, demand_until)
        VALUES (%(provider)s, %(bucket)s, %(user)s, %(day)s, 1, %(now)s)
        ON CONFLICT (provider, bucket, holder) DO UPDATE
        SET used = CASE WHEN s.day = excluded.day THEN s.used + 1 ELSE 1 END, day = excluded.day,
            demand_until = excluded.demand_until
        WHERE s.day <> excluded.day OR s.used < %(limit)s
        RETURNING used""",
        {
            "provider": provider, "bucket": bucket, "user": user_id, "day": day, "limit": limit, "now": now,
        },
    ).fetchone()  # fmt: skip
    return row is not None


def refund_personal(
    connection: Connection[Any], *, provider: ProviderName, bucket: str, user_id: int, day: date
) -> None:
    """Refund one that was booked on a day, if that is still the day that is counted."""
    connection.execute(
        """
        UPDATE providers.quota_shares SET used = used - 1
        WHERE provider = %s AND bucket = %s AND holder = %s AND day = %s AND used > 0""",
        [provider, bucket, user_id, day],
    )


def personal_usage(
    connection: Connection[Any], *, provider: ProviderName, user_id: int, day: date
) -> dict[str, int]:
    """Get, by bucket, what a person has had of a day."""
    rows = connection.execute(
        "SELECT bucket, used FROM providers.quota_shares WHERE provider = %s AND holder = %s AND day = %s",
        [provider, user_id, day],
    )
    return dict(rows.fetchall())


def parts(
    connection: Connection[Any], *, provider: ProviderName, user_id: int, day: date, now: datetime
) -> dict[str, tuple[int, int]]:
    """Get, by bucket, what a person has had of a day, and how many others want some now."""
    rows = connection.execute(
        """
        SELECT bucket, coalesce(sum(used) FILTER (WHERE holder = %(user)s AND day = %(day)s), 0)::integer,
               count(*) FILTER (WHERE holder <> %(user)s AND demand_until > %(now)s)::integer
        FROM providers.quota_shares
        WHERE provider = %(provider)s AND (holder = %(user)s OR demand_until > %(now)s)
        GROUP BY bucket""",
        {"provider": provider, "user": user_id, "day": day, "now": now},
    )
    return {bucket: (used, others) for bucket, used, others in rows}


def refund(
    connection: Connection[Any], *, provider: ProviderName, bucket: str, day: date, amount: int
) -> None:
    """Refund what was booked on a day and not used."""
    connection.execute(
        "UPDATE providers.quota_usage SET used = used - %s WHERE provider = %s AND bucket = %s AND day = %s",
        [amount, provider, bucket, day],
    )


def mark_exhausted(
    connection: Connection[Any],
    *,
    provider: ProviderName,
    bucket: str,
    day: date,
    until: datetime,
    now: datetime,
) -> None:
    """Record until when the provider has nothing left."""
    connection.execute(
        """
        INSERT INTO providers.quota_usage AS q (provider, bucket, day, exhausted_until, updated_at)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (provider, bucket, day) DO UPDATE
        SET exhausted_until = greatest(q.exhausted_until, excluded.exhausted_until),
            updated_at = excluded.updated_at""",
        [provider, bucket, day, until, now],
    )


def usage(
    connection: Connection[Any], *, provider: ProviderName, day: date, now: datetime
) -> dict[str, tuple[int, datetime | None]]:
    """Get, by bucket, what was booked on a day and until when the provider said it is empty."""
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
