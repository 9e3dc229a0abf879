"""The SQL that deletes plays and reports. Dirty marks are written in the same statements."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.trends.plays.columns import TIME
from musicconnect.trends.plays.deduplication import PlayRef
from musicconnect.trends.plays.model import SOURCES
from musicconnect.trends.plays.store import MARKS

# Conditions on a report; a parameter that is null matches all.
_PERIOD = """
    (%(since)s::timestamptz IS NULL OR {0}.played_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR {0}.played_at < %(until)s)
"""
_MATCHES = f"""
    (%(import_id)s::bigint IS NULL OR {{0}}.import_id = %(import_id)s)
    AND (%(source)s::text IS NULL OR {{0}}.source = %(source)s) AND {_PERIOD}
"""
# `gone`: at most so many plays, the oldest first. The bounds name the partitions to look into.
_GONE = """
    chosen AS (
        SELECT p.user_id, p.played_at, p.track_key, p.ordinal FROM trends.plays p
        WHERE p.user_id = %(user_id)s AND {condition}
        ORDER BY p.played_at, p.track_key, p.ordinal LIMIT %(limit)s),
    gone AS (
        DELETE FROM trends.plays p USING chosen c
        WHERE p.user_id = c.user_id AND p.played_at = c.played_at AND p.track_key = c.track_key
          AND p.ordinal = c.ordinal
          AND p.played_at >= (SELECT min(played_at) FROM chosen)
          AND p.played_at <= (SELECT max(played_at) FROM chosen)
        RETURNING p.*),
    changed AS (SELECT played_at, provider FROM gone)
"""
_TOMBSTONE_COLUMNS = "user_id, played_at, track_key, source, precision_s, duration_ms"
_TOMBSTONES = f"""
    INSERT INTO trends.tombstones ({_TOMBSTONE_COLUMNS}, whole_play, deleted_at)
    SELECT {_TOMBSTONE_COLUMNS}, {{whole_play}}, %(tombstone_at)s FROM {{reports}}
    WHERE %(tombstone_at)s::timestamptz IS NOT NULL
"""  # noqa: S608 - constants


def delete_primary_reports(
    connection: Connection[Any], user_id: int, zone: str, chosen: Mapping[str, Any], *, limit: int
) -> list[int | None]:
    """Delete primary reports, the oldest first; gives the id of each one's alternate to be promoted, or None.

    ``chosen`` is a `SourceFilter` with ``tombstone_at`` (None adds no tombstones). Alternates that are chosen
    themselves must be gone: `delete_alternates` comes first.
    """
    rows = connection.execute(
        f"""
        WITH {_GONE.format(condition=_MATCHES.format("p"))},
        added AS ({_TOMBSTONES.format(whole_play="false", reports="gone")}),
        {MARKS}
        SELECT (
            SELECT w.id FROM trends.alternate_reports w
            WHERE w.user_id = g.user_id AND w.of_played_at = g.played_at AND w.of_track_key = g.track_key
              AND w.of_ordinal = g.ordinal
            ORDER BY array_position(%(ranks)s::text[], w.source), w.id LIMIT 1)
        FROM gone g
        """,  # noqa: S608 - constants
        {
            **chosen, "user_id": user_id, "zone": zone, "limit": limit,
            "ranks": sorted(SOURCES, key=lambda name: -SOURCES[name]),
        },
    ).fetchall()  # fmt: skip
    return [row[0] for row in rows]


def delete_alternates(connection: Connection[Any], user_id: int, chosen: Mapping[str, Any]) -> None:
    """Delete alternate reports, as `delete_primary_reports` does primary ones. The plays stay as they are."""
    connection.execute(
        f"""
        WITH gone AS (
            DELETE FROM trends.alternate_reports w
            WHERE w.user_id = %(user_id)s AND {_MATCHES.format("w")}
            RETURNING w.*)
        {_TOMBSTONES.format(whole_play="false", reports="gone")}
        """,  # noqa: S608 - constants
        {**chosen, "user_id": user_id},
    )


def delete_plays(
    connection: Connection[Any],
    user_id: int,
    zone: str,
    *,
    limit: int,
    tombstone_at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    ref: PlayRef | None = None,
) -> int:
    """Delete at most ``limit`` plays with all their reports, for good; gives how many."""
    is_it = f"""
        (%(track_key)s::bigint IS NULL OR (p.played_at = {TIME.format("%(at_ms)s::bigint")}
            AND p.track_key = %(track_key)s AND p.ordinal = %(ordinal)s)) AND {_PERIOD.format("p")}
    """
    reports = (
        f"(SELECT {_TOMBSTONE_COLUMNS} FROM gone UNION ALL SELECT {_TOMBSTONE_COLUMNS} FROM alternates) r"  # noqa: S608
    )
    return connection.execute(
        f"""
        WITH {_GONE.format(condition=is_it)},
        alternates AS (
            DELETE FROM trends.alternate_reports w USING gone g
            WHERE w.user_id = %(user_id)s AND w.of_played_at = g.played_at AND w.of_track_key = g.track_key
              AND w.of_ordinal = g.ordinal
            RETURNING w.*),
        added AS ({_TOMBSTONES.format(whole_play="true", reports=reports)}),
        {MARKS}
        SELECT FROM gone
        """,  # noqa: S608 - constants
        {
            "user_id": user_id, "zone": zone, "limit": limit, "tombstone_at": tombstone_at, "since": since,
            "until": until, "at_ms": ref and ref.played_at, "track_key": ref and ref.track_key,
            "ordinal": ref and ref.ordinal,
        },
    ).rowcount  # fmt: skip


def delete_days(
    connection: Connection[Any], user_id: int, zone: str, *, since: datetime | None, until: datetime | None
) -> None:
    """Delete the daily figures of a user's days that lie wholly in a period."""
    connection.execute(
        """
        DELETE FROM trends.user_daily d
        WHERE d.user_id = %(user_id)s
          AND (%(since)s::timestamptz IS NULL OR (d.date::timestamp AT TIME ZONE %(zone)s) >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR ((d.date + 1)::timestamp AT TIME ZONE %(zone)s) <= %(until)s)
        """,
        {"user_id": user_id, "zone": zone, "since": since, "until": until},
    )
