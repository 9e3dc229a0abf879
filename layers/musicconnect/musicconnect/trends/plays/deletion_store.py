"""The SQL of taking plays back. Marks are written in the same statements."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.trends.plays.deduplication import PlayRef
from musicconnect.trends.plays.model import SOURCES
from musicconnect.trends.plays.store import MARKS, TIME

# Which tellings, beside whose: null stands for all.
_MATCHES = """
    (%(import_id)s::bigint IS NULL OR {0}.import_id = %(import_id)s)
    AND (%(source)s::text IS NULL OR {0}.source = %(source)s)
    AND (%(since)s::timestamptz IS NULL OR {0}.played_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR {0}.played_at < %(until)s)
"""


def delete_primary_reports(
    connection: Connection[Any],
    user_id: int,
    zone: str,
    *,
    most: int,
    import_id: int | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    tombstone_at: datetime | None = None,
) -> list[tuple[int, int | None]]:
    """Take at most ``most`` tellings out of the plays, the oldest first.

    Gives one pair for each: 1, and the id of the best witness, which is to be promoted; None where nobody
    else tells.
    Witnesses that are chosen themselves do not count, so `drop_witnesses` has to come first.
    """
    ranks = sorted(SOURCES, key=lambda name: -SOURCES[name])
    return connection.execute(
        f"""
        WITH chosen AS (
            SELECT p.user_id, p.played_at, p.track_key, p.ordinal FROM trends.plays p
            WHERE p.user_id = %(user_id)s AND {_MATCHES.format("p")}
            ORDER BY p.played_at, p.track_key, p.ordinal LIMIT %(most)s),
        gone AS (
            DELETE FROM trends.plays p USING chosen c
            WHERE p.user_id = c.user_id AND p.played_at = c.played_at AND p.track_key = c.track_key
              AND p.ordinal = c.ordinal
              AND p.played_at >= (SELECT min(played_at) FROM chosen)
              AND p.played_at <= (SELECT max(played_at) FROM chosen)
            RETURNING p.*),
        added_tombstones AS (
            INSERT INTO trends.tombstones
                (user_id, played_at, track_key, source, precision_s, duration_ms, whole_play, deleted_at)
            SELECT user_id, played_at, track_key, source, precision_s, duration_ms, false, %(tombstone_at)s
            FROM gone WHERE %(tombstone_at)s::timestamptz IS NOT NULL),
        changed AS (SELECT played_at, provider FROM gone),
        {MARKS}
        SELECT 1, (
            SELECT w.id FROM trends.alternate_reports w
            WHERE w.user_id = g.user_id AND w.of_played_at = g.played_at AND w.of_track_key = g.track_key
              AND w.of_ordinal = g.ordinal
            ORDER BY array_position(%(ranks)s::text[], w.source), w.id LIMIT 1)
        FROM gone g
        """,  # noqa: S608 - constants
        {
            "user_id": user_id, "zone": zone, "most": most, "import_id": import_id, "source": source,
            "since": since, "until": until, "tombstone_at": tombstone_at, "ranks": ranks,
        },
    ).fetchall()  # fmt: skip


def delete_alternates(
    connection: Connection[Any],
    user_id: int,
    *,
    import_id: int | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    tombstone_at: datetime | None = None,
) -> int:
    """Forget what these witnesses told; gives their number. The plays stay as they are."""
    return connection.execute(
        f"""
        WITH gone AS (
            DELETE FROM trends.alternate_reports w
            WHERE w.user_id = %(user_id)s AND {_MATCHES.format("w")}
            RETURNING w.*),
        added_tombstones AS (
            INSERT INTO trends.tombstones
                (user_id, played_at, track_key, source, precision_s, duration_ms, whole_play, deleted_at)
            SELECT user_id, played_at, track_key, source, precision_s, duration_ms, false, %(tombstone_at)s
            FROM gone WHERE %(tombstone_at)s::timestamptz IS NOT NULL)
        SELECT FROM gone
        """,  # noqa: S608 - constants
        {
            "user_id": user_id, "import_id": import_id, "source": source, "since": since, "until": until,
            "tombstone_at": tombstone_at,
        },
    ).rowcount  # fmt: skip


def delete_plays(
    connection: Connection[Any],
    user_id: int,
    zone: str,
    *,
    most: int,
    tombstone_at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    ref: PlayRef | None = None,
) -> int:
    """Delete at most ``most`` plays for good, whoever tells of them; gives how many."""
    return connection.execute(
        f"""
        WITH chosen AS (
            SELECT p.user_id, p.played_at, p.track_key, p.ordinal FROM trends.plays p
            WHERE p.user_id = %(user_id)s
              AND (%(since)s::timestamptz IS NULL OR p.played_at >= %(since)s)
              AND (%(until)s::timestamptz IS NULL OR p.played_at < %(until)s)
              AND (%(track_key)s::bigint IS NULL OR (p.played_at = {TIME.format("%(at_ms)s::bigint")}
                   AND p.track_key = %(track_key)s AND p.ordinal = %(ordinal)s))
            ORDER BY p.played_at, p.track_key, p.ordinal LIMIT %(most)s),
        gone AS (
            DELETE FROM trends.plays p USING chosen c
            WHERE p.user_id = c.user_id AND p.played_at = c.played_at AND p.track_key = c.track_key
              AND p.ordinal = c.ordinal
              AND p.played_at >= (SELECT min(played_at) FROM chosen)
              AND p.played_at <= (SELECT max(played_at) FROM chosen)
            RETURNING p.*),
        witnesses AS (
            DELETE FROM trends.alternate_reports w USING gone g
            WHERE w.user_id = %(user_id)s AND w.of_played_at = g.played_at AND w.of_track_key = g.track_key
              AND w.of_ordinal = g.ordinal
            RETURNING w.*),
        added_tombstones AS (
            INSERT INTO trends.tombstones
                (user_id, played_at, track_key, source, precision_s, duration_ms, whole_play, deleted_at)
            SELECT user_id, played_at, track_key, source, precision_s, duration_ms, true, %(tombstone_at)s
            FROM gone
            UNION ALL
            SELECT user_id, played_at, track_key, source, precision_s, duration_ms, true, %(tombstone_at)s
            FROM witnesses),
        changed AS (SELECT played_at, provider FROM gone),
        {MARKS}
        SELECT FROM gone
        """,  # noqa: S608 - constants
        {
            "user_id": user_id, "zone": zone, "most": most, "tombstone_at": tombstone_at, "since": since,
            "until": until, "at_ms": ref and ref.played_at, "track_key": ref and ref.track_key,
            "ordinal": ref and ref.ordinal,
        },
    ).rowcount  # fmt: skip
