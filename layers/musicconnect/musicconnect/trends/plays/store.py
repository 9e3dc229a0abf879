"""The SQL of plays, alternate reports, tombstones and dirty marks.

A function that changes plays also writes the marks, and expects the transaction to have begun with
`lock_user`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import tuple_row

from musicconnect.trends.plays.columns import REPORT_COLUMNS, TIME, ReportColumns, numbers, of_plays
from musicconnect.trends.plays.deduplication import MAX_WINDOW_MS, PlayRef, SourceReport, Tombstone
from musicconnect.trends.plays.model import Listen, StoredPlay, to_ms, to_time

_ALTERNATE_COLUMNS: Final = f"user_id, of_played_at, of_track_key, of_ordinal, {REPORT_COLUMNS}"

_MS = "(extract(epoch FROM {}) * 1000)::bigint"

# Marks the buckets of the rows of `changed`, in the user's time zone and in UTC.
MARKS = """
    user_days AS (
        INSERT INTO trends.dirty_user_days (user_id, date, provider)
        SELECT DISTINCT %(user_id)s::bigint, (played_at AT TIME ZONE %(zone)s)::date, provider FROM changed),
    days AS (
        INSERT INTO trends.dirty_days (date, provider)
        SELECT DISTINCT (played_at AT TIME ZONE 'UTC')::date, provider FROM changed),
    listeners AS (
        INSERT INTO trends.dirty_listeners (user_id, date)
        SELECT DISTINCT %(user_id)s::bigint, (played_at AT TIME ZONE 'UTC')::date FROM changed)
"""


def lock_user(connection: Connection[Any], user_id: int) -> str | None:
    """Wait for the lock of a user's plays; gives the user's time zone, None if the account was deleted.

    Two statements: the second one's snapshot is younger than the lock.
    """
    connection.execute("SELECT trends.lock_user(%s)", [user_id])
    row = connection.execute("SELECT time_zone FROM core.time_zones(ARRAY[%s::bigint])", [user_id]).fetchone()
    return str(row[0]) if row else None


def get_display_name(connection: Connection[Any], user_id: int) -> str:
    """Get a user's display name, empty if the account was deleted."""
    row = connection.execute("SELECT core.display_name(%s)", [user_id]).fetchone()
    return (row and row[0]) or ""


def make_partitions(connection: Connection[Any], months: Sequence[datetime]) -> None:
    """Create the missing partitions of these months."""
    connection.execute(
        "SELECT trends.make_partitions(m::date, m::date) FROM unnest(%s::timestamp[]) m",
        [[month.replace(tzinfo=None) for month in months]],
    )


def list_reports(
    connection: Connection[Any], user_id: int, *, first: int, last: int, track_keys: Sequence[int]
) -> list[SourceReport]:
    """List all reports of these tracks from ``first`` to ``last`` (Unix ms) and a window around it."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            f"""
            SELECT {_MS.format("played_at")}, track_key, ordinal, true, {_MS.format("played_at")}, track_key,
                   source, import_id, precision_s, duration_ms, kind, provider
            FROM trends.plays
            WHERE user_id = %(user_id)s AND played_at BETWEEN %(first)s AND %(last)s
              AND track_key = ANY (%(keys)s::bigint[])
            UNION ALL
            SELECT {_MS.format("of_played_at")}, of_track_key, of_ordinal, false, {_MS.format("played_at")},
                   track_key, source, import_id, precision_s, duration_ms, kind, provider
            FROM trends.alternate_reports
            WHERE user_id = %(user_id)s AND of_played_at BETWEEN %(first)s AND %(last)s
              AND of_track_key = ANY (%(keys)s::bigint[])
            """,  # noqa: S608 - constants
            {
                "user_id": user_id,
                "first": to_time(first - 2 * MAX_WINDOW_MS),
                "last": to_time(last + 2 * MAX_WINDOW_MS),
                "keys": numbers(track_keys),
            },
        ).fetchall()
    return [SourceReport(PlayRef(*row[:3]), *row[3:]) for row in rows]


def list_tombstones(
    connection: Connection[Any], user_id: int, *, first: int, last: int, track_keys: Sequence[int]
) -> list[Tombstone]:
    """List the tombstones of these tracks from ``first`` to ``last`` (Unix ms) and a window around it."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            """
            SELECT id, played_at, track_key, source, precision_s, duration_ms, whole_play
            FROM trends.tombstones
            WHERE user_id = %s AND played_at BETWEEN %s AND %s AND track_key = ANY (%s::bigint[])
            """,
            [user_id, to_time(first - MAX_WINDOW_MS), to_time(last + MAX_WINDOW_MS), numbers(track_keys)],
        ).fetchall()
    return [Tombstone(row[0], to_ms(row[1]), *row[2:]) for row in rows]


def insert_plays(
    connection: Connection[Any],
    user_id: int,
    zone: str,
    listens: Sequence[Listen],
    ordinals: Sequence[int],
    *,
    import_id: int | None,
    at: datetime,
) -> None:
    """Insert new plays."""
    columns = ReportColumns(listens)
    connection.execute(
        f"""
        WITH changed AS (
            INSERT INTO trends.plays (user_id, ordinal, {REPORT_COLUMNS})
            SELECT %(user_id)s, ordinal, {columns.selected}
            FROM unnest(%(ordinals)s::smallint[], {columns.arrays}) AS t (ordinal, {columns.names})
            RETURNING played_at, provider),
        {MARKS}
        SELECT
        """,  # noqa: S608 - names of columns
        columns.parameters
        | {"user_id": user_id, "zone": zone, "import_id": import_id, "at": at, "ordinals": numbers(ordinals)},
    )


def insert_alternates(
    connection: Connection[Any],
    user_id: int,
    listens: Sequence[Listen],
    refs: Sequence[PlayRef],
    *,
    import_id: int | None,
    at: datetime,
) -> list[int]:
    """Insert alternate reports of known plays; gives their ids, in order."""
    columns = ReportColumns(listens)
    rows = connection.execute(
        f"""
        INSERT INTO trends.alternate_reports ({_ALTERNATE_COLUMNS})
        SELECT %(user_id)s, {TIME.format("of_played_at")}, of_track_key, of_ordinal, {columns.selected}
        FROM unnest(%(of_played_at)s::bigint[], %(of_track_key)s::bigint[], %(of_ordinal)s::smallint[],
                    {columns.arrays})
            WITH ORDINALITY AS t (of_played_at, of_track_key, of_ordinal, {columns.names}, nth)
        ORDER BY nth
        RETURNING id
        """,  # noqa: S608 - names of columns
        columns.parameters | {"user_id": user_id, "import_id": import_id, "at": at, **of_plays(refs)},
    ).fetchall()
    return sorted(row[0] for row in rows)


def demote(connection: Connection[Any], user_id: int, zone: str, refs: Sequence[PlayRef]) -> None:
    """Turn the primary reports of plays into alternates. `promote` must follow."""
    connection.execute(
        f"""
        WITH gone AS (
            DELETE FROM trends.plays p
            USING unnest(%(of_played_at)s::bigint[], %(of_track_key)s::bigint[], %(of_ordinal)s::smallint[])
                AS r (at_ms, track_key, ordinal)
            WHERE p.user_id = %(user_id)s AND p.played_at = {TIME.format("r.at_ms")}
              AND p.track_key = r.track_key AND p.ordinal = r.ordinal
            RETURNING p.*),
        demoted AS (
            INSERT INTO trends.alternate_reports ({_ALTERNATE_COLUMNS})
            SELECT user_id, played_at, track_key, ordinal, {REPORT_COLUMNS} FROM gone),
        changed AS (SELECT played_at, provider FROM gone),
        {MARKS}
        SELECT
        """,  # noqa: S608 - constants
        {"user_id": user_id, "zone": zone, **of_plays(refs)},
    )


def promote(connection: Connection[Any], user_id: int, zone: str, alternate_ids: Sequence[int]) -> None:
    """Turn alternates into the primary reports of plays that have none.

    The plays' identities change, and the other alternates follow.
    """
    connection.execute(
        f"""
        WITH successors AS (
            SELECT w.*, (coalesce(used.ordinal, -1) + row_number() OVER (
                       PARTITION BY w.played_at, w.track_key ORDER BY w.id))::smallint AS ordinal
            FROM trends.alternate_reports w
            LEFT JOIN LATERAL (
                SELECT max(p.ordinal) AS ordinal FROM trends.plays p
                WHERE p.user_id = w.user_id AND p.played_at = w.played_at AND p.track_key = w.track_key
            ) used ON true
            WHERE w.user_id = %(user_id)s AND w.id = ANY (%(ids)s)),
        changed AS (
            INSERT INTO trends.plays (user_id, ordinal, {REPORT_COLUMNS})
            SELECT user_id, ordinal, {REPORT_COLUMNS} FROM successors
            RETURNING played_at, provider),
        followed AS (
            UPDATE trends.alternate_reports w
            SET of_played_at = h.played_at, of_track_key = h.track_key, of_ordinal = h.ordinal
            FROM successors h
            WHERE w.user_id = %(user_id)s AND w.id <> h.id AND w.of_played_at = h.of_played_at
              AND w.of_track_key = h.of_track_key AND w.of_ordinal = h.of_ordinal),
        removed AS (DELETE FROM trends.alternate_reports w USING successors h WHERE w.id = h.id),
        {MARKS}
        SELECT
        """,  # noqa: S608 - constants
        {"user_id": user_id, "zone": zone, "ids": list(alternate_ids)},
    )


def list_plays(
    connection: Connection[Any],
    user_id: int,
    *,
    limit: int,
    before: PlayRef | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    source: str | None = None,
    provider: str | None = None,
    counted_only: bool = False,
    oldest_first: bool = False,
    offset: int = 0,
) -> list[StoredPlay]:
    """List plays after ``offset`` others, newest first, one more than ``limit`` if there are more."""
    order = "ASC" if oldest_first else "DESC"
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            f"""
            SELECT p.played_at, p.track_key, p.ordinal, p.import_id, p.inserted_at, p.ms_played,
                   p.duration_ms, p.precision_s, p.kind, p.source, p.provider, p.provider_track_id, p.title,
                   p.artist, p.album, p.details, ARRAY(
                       SELECT DISTINCT w.source FROM trends.alternate_reports w
                       WHERE w.user_id = p.user_id AND w.of_played_at = p.played_at
                         AND w.of_track_key = p.track_key AND w.of_ordinal = p.ordinal
                         AND w.source <> p.source
                       ORDER BY 1)
            FROM trends.plays p
            WHERE p.user_id = %(user_id)s
              AND (%(since)s::timestamptz IS NULL OR p.played_at >= %(since)s)
              AND (%(until)s::timestamptz IS NULL OR p.played_at < %(until)s)
              AND (%(before)s::timestamptz IS NULL OR (p.played_at <= %(before)s AND
                   (p.played_at, p.track_key, p.ordinal) < (%(before)s, %(track_key)s, %(ordinal)s)))
              AND (%(source)s::text IS NULL OR p.source = %(source)s)
              AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
              AND (p.counts OR NOT %(counted_only)s)
            ORDER BY p.played_at {order}, p.track_key {order}, p.ordinal {order}
            LIMIT %(limit)s + 1 OFFSET %(offset)s
            """,  # noqa: S608 - constants
            {
                "user_id": user_id, "since": since, "until": until, "limit": limit, "source": source,
                "offset": offset,
                "provider": provider, "counted_only": counted_only,
                "before": to_time(before.played_at) if before else None,
                "track_key": before.track_key if before else None,
                "ordinal": before.ordinal if before else None,
            },
        ).fetchall()  # fmt: skip
    return [StoredPlay(*row) for row in rows]


def find_reported(
    connection: Connection[Any], user_id: int, *, track_key: int, since: datetime, until: datetime
) -> list[PlayRef]:
    """Find the plays of a track that any source reports from ``since`` to before ``until``."""
    rows = connection.execute(
        f"""
        SELECT {_MS.format("played_at")}, track_key, ordinal FROM trends.plays
        WHERE user_id = %(user_id)s AND played_at >= %(since)s AND played_at < %(until)s
          AND track_key = %(track_key)s
        UNION
        SELECT {_MS.format("of_played_at")}, of_track_key, of_ordinal FROM trends.alternate_reports
        WHERE user_id = %(user_id)s AND played_at >= %(since)s AND played_at < %(until)s
          AND track_key = %(track_key)s
        """,  # noqa: S608 - constants
        {"user_id": user_id, "since": since, "until": until, "track_key": track_key},
    ).fetchall()
    return [PlayRef(*row) for row in rows]


def find_names(
    connection: Connection[Any], user_id: int, *, track_key: int | None = None, mbid: str | None = None
) -> tuple[str, str, str | None] | None:
    """Find title, artist and album in the newest play of a track, or with this MusicBrainz id; None if none.

    Looks through the user's plays, newest first: what is asked for is mostly what was just played.
    """
    row: tuple[str, str, str | None] | None = connection.execute(
        """
        SELECT title, artist, album FROM trends.plays
        WHERE user_id = %(user_id)s AND (%(track_key)s::bigint IS NULL OR track_key = %(track_key)s)
          AND (%(mbid)s::text IS NULL OR details ->> 'recording_mbid' = %(mbid)s)
        ORDER BY played_at DESC LIMIT 1
        """,
        {"user_id": user_id, "track_key": track_key, "mbid": mbid},
    ).fetchone()
    return row


def count_plays(
    connection: Connection[Any], user_id: int, *, since: datetime | None, until: datetime | None
) -> int:
    """Count the plays of a period that count."""
    row = connection.execute(
        """
        SELECT count(*) FROM trends.plays
        WHERE user_id = %(user_id)s AND counts
          AND (%(since)s::timestamptz IS NULL OR played_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR played_at < %(until)s)
        """,
        {"user_id": user_id, "since": since, "until": until},
    ).fetchone()
    return int(row[0]) if row else 0


def count_different(connection: Connection[Any], user_id: int) -> tuple[int, int, int]:
    """Count different tracks, artists, and albums in the plays that count."""
    row = connection.execute(
        """
        SELECT count(DISTINCT track_key), count(DISTINCT artist_key), count(DISTINCT (artist_key, album))
            FILTER (WHERE album IS NOT NULL)
        FROM trends.plays WHERE user_id = %s AND counts
        """,
        [user_id],
    ).fetchone()
    assert row is not None  # an aggregate has a row
    return row[0], row[1], row[2]


def get_listen_span(
    connection: Connection[Any], user_id: int, *, counted_only: bool
) -> tuple[datetime | None, datetime | None, int]:
    """Get the first and the last play, and how many there are."""
    row = connection.execute(
        """
        SELECT min(played_at), max(played_at), count(*) FROM trends.plays
        WHERE user_id = %s AND (counts OR NOT %s)
        """,
        [user_id, counted_only],
    ).fetchone()
    assert row is not None  # an aggregate has a row
    return row[0], row[1], row[2]
