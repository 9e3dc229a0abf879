"""The SQL by which an export reads a user's daily figures, which outlive the plays they were counted from."""

from typing import Final

_DAYS: Final = """
    trends.user_daily d WHERE d.user_id = %(user)s AND d.date >= %(first)s AND d.date <= %(last)s
    AND (%(provider)s::text IS NULL OR d.provider = %(provider)s)
"""
COUNT_DAYS: Final = f"SELECT count(*) FROM {_DAYS}"  # noqa: S608 - constants, as below
LAST_DAY: Final = f"""
    SELECT d.date FROM {_DAYS} AND d.date > %(after)s ORDER BY d.date OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608
"""The last day of a batch; no row: the batch is the last one."""
DAYS: Final = f"""
    SELECT d.date, coalesce(d.provider, '') AS provider, d.plays_count AS plays, d.unique_tracks,
        d.unique_artists, d.ms_listened, d.untimed_plays, d.skips_count AS skips, d.starts_count AS starts
    FROM {_DAYS} AND d.date > %(after)s AND d.date <= %(upto)s
    ORDER BY d.date, d.provider NULLS FIRST
"""  # noqa: S608
