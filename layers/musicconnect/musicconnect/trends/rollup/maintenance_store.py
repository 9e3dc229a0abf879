"""The SQL that marks days for a rebuild, and of the partitions of plays."""

from datetime import date
from typing import Any

from psycopg import Connection

from musicconnect.trends.plays.model import times_around


def mark_users(connection: Connection[Any], *, first: date, last: date, after: int, limit: int) -> int | None:
    """Mark the days of a range on which the next users have plays or aggregates; gives the last of them."""
    from_at, until_at = times_around(first, last)
    row = connection.execute(
        """
        WITH users AS MATERIALIZED (
            SELECT user_id, time_zone FROM core.time_zones_after(%(after)s, %(limit)s)
        ), marked AS (
            INSERT INTO trends.dirty_user_days (user_id, date, provider)
            SELECT users.user_id, (p.played_at AT TIME ZONE users.time_zone)::date, 'all'
            FROM users JOIN trends.plays p ON p.user_id = users.user_id
            WHERE p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
              AND (p.played_at AT TIME ZONE users.time_zone)::date BETWEEN %(first)s AND %(last)s
            UNION
            SELECT d.user_id, d.date, 'all' FROM users JOIN trends.user_daily d ON d.user_id = users.user_id
            WHERE d.date BETWEEN %(first)s AND %(last)s
        )
        SELECT max(user_id) FROM users
        """,
        {
            "after": after, "limit": limit, "first": first, "last": last, "from_at": from_at,
            "until_at": until_at,
        },
    ).fetchone()  # fmt: skip
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
    """Create the missing partitions of trends.plays for a range; gives how many."""
    row = connection.execute("SELECT trends.make_partitions(%s, %s)", [first, last]).fetchone()
    assert row is not None
    return int(row[0])


def drop_partitions(connection: Connection[Any], before: date) -> int:
    """Drop the partitions of the months before that of ``before``; gives how many."""
    row = connection.execute("SELECT trends.drop_partitions(%s)", [before]).fetchone()
    assert row is not None
    return int(row[0])
