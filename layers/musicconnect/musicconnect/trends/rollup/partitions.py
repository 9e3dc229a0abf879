"""The SQL around the roll-up: marking what is to be drawn again, the partitions of plays."""

from datetime import date, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.trends.rollup.store import MAX_UTC_OFFSET, utc_midnight


def mark_users(connection: Connection[Any], *, first: date, last: date, after: int, most: int) -> int | None:
    """Mark every day in a range on which the next people have plays, or aggregates that should not be there.

    Args:
        connection: In a transaction.
        first: The first day, in each person's time zone.
        last: The last one.
        after: The last person already marked.
        most: How many people to go through.

    Returns:
        The last person marked; None if there are no more.
    """
    row = connection.execute(
        """
        WITH person AS MATERIALIZED (
            SELECT user_id AS id, time_zone FROM core.time_zones_after(%(after)s, %(most)s)
        ), marked AS (
            INSERT INTO trends.dirty_user_days (user_id, date, provider)
            SELECT person.id, (p.played_at AT TIME ZONE person.time_zone)::date, 'all'
            FROM person JOIN trends.plays p ON p.user_id = person.id
            WHERE p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
              AND (p.played_at AT TIME ZONE person.time_zone)::date BETWEEN %(first)s AND %(last)s
            UNION
            SELECT d.user_id, d.date, 'all' FROM person JOIN trends.user_daily d ON d.user_id = person.id
            WHERE d.date BETWEEN %(first)s AND %(last)s
        )
        SELECT max(id) FROM person
        """,
        {
            "after": after,
            "most": most,
            "first": first,
            "last": last,
            "from_at": utc_midnight(first) - MAX_UTC_OFFSET,
            "until_at": utc_midnight(last + timedelta(days=1)) + MAX_UTC_OFFSET,
        },
    ).fetchone()
    assert row is not None
    found: int | None = row[0]
    return found


def mark_days(connection: Connection[Any], first: date, last: date) -> None:
    """Mark every UTC day of a range."""
    connection.execute(
        """
        INSERT INTO trends.dirty_days (date, provider)
        SELECT day::date, 'all' FROM generate_series(%s::date, %s::date, interval '1 day') AS day
        """,
        [first, last],
    )


def make_partitions(connection: Connection[Any], first: date, last: date) -> int:
    """Have a partition of trends.plays for every month of a range; gives how many were made."""
    row = connection.execute("SELECT trends.make_partitions(%s, %s)", [first, last]).fetchone()
    assert row is not None
    return int(row[0])


def drop_partitions(connection: Connection[Any], before: date) -> int:
    """Drop the partitions of the months before that of ``before``; gives how many went."""
    row = connection.execute("SELECT trends.drop_partitions(%s)", [before]).fetchone()
    assert row is not None
    return int(row[0])
