"""The SQL that computes the daily aggregates from the plays.

In read committed, each statement sees what was committed before it began, and the roll-up relies on the
order: first the lock, then the marks, then the plays (docs/trends.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from musicconnect.trends.plays.model import times_around, utc_midnight

TOP_LIST_SIZE = 50


class Bucket(NamedTuple):
    """A user's day, over all providers and each of them."""

    user_id: int
    date: date


class ClaimedBuckets(NamedTuple):
    """Buckets of users that this transaction has locked."""

    buckets: list[Bucket]
    last_mark: int
    """The newest mark that was read."""
    left: int
    """Buckets that another run has locked."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a recomputation changed."""

    written: int = 0
    removed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.written + other.written, self.removed + other.removed)


def claim_user_days(connection: Connection[Any], *, after: int, limit: int) -> ClaimedBuckets | None:
    """Claim the buckets of the next marks: lock their users, except those that another run has locked.

    The locks end with the transaction. Gives None if there are no marks after ``after``.
    """
    rows = connection.execute(
        """
        WITH next AS MATERIALIZED (
            SELECT id, user_id, date FROM trends.dirty_user_days
            WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
        ), locked AS MATERIALIZED (
            SELECT user_id, pg_try_advisory_xact_lock(
                hashtextextended('trends.rollup.user.' || user_id, 0)) AS is_ours
            FROM (SELECT DISTINCT user_id FROM next) users
        )
        SELECT user_id, date, is_ours, max(id)
        FROM next JOIN locked USING (user_id) GROUP BY user_id, date, is_ours
        """,
        {"after": after, "limit": limit},
    ).fetchall()
    if not rows:
        return None
    ours = [Bucket(user_id, day) for user_id, day, is_ours, _ in rows if is_ours]
    return ClaimedBuckets(ours, max(row[3] for row in rows), len(rows) - len(ours))


def delete_user_day_marks(connection: Connection[Any], buckets: Sequence[Bucket]) -> int:
    """Delete all visible marks of these buckets."""
    return connection.execute(
        """
        DELETE FROM trends.dirty_user_days mark
        USING unnest(%(users)s::bigint[], %(dates)s::date[]) AS bucket (user_id, date)
        WHERE mark.user_id = bucket.user_id AND mark.date = bucket.date
        """,
        _columns(buckets),
    ).rowcount


# A local day is the time from midnight to midnight, unless the zone's offset changes near one of them: St.
# John's turned its clocks back at 00:01, into the day before. Only there the search is wider and the date
# decides, which elsewhere would add a third to the time.
_RECOMPUTE_USER_DAYS: LiteralString = """
WITH bucket AS MATERIALIZED (
    SELECT b.user_id, b.date, u.time_zone, is_one_stretch,
           CASE WHEN is_one_stretch THEN first_at ELSE first_at - reach END AS from_at,
           CASE WHEN is_one_stretch THEN last_at ELSE last_at + reach END AS until_at
    FROM unnest(%(users)s::bigint[], %(dates)s::date[]) AS b (user_id, date)
    JOIN core.time_zones(%(users)s::bigint[]) u ON u.user_id = b.user_id
    CROSS JOIN LATERAL (VALUES (
        b.date::timestamp AT TIME ZONE u.time_zone, (b.date + 1)::timestamp AT TIME ZONE u.time_zone,
        interval '3 hours')) AS midnight (first_at, last_at, reach)
    CROSS JOIN LATERAL (VALUES (
        (first_at + reach) AT TIME ZONE u.time_zone
            - (first_at - reach) AT TIME ZONE u.time_zone = 2 * reach
        AND (last_at + reach) AT TIME ZONE u.time_zone
            - (last_at - reach) AT TIME ZONE u.time_zone = 2 * reach
    )) AS shape (is_one_stretch)
), fresh AS MATERIALIZED (
    SELECT b.user_id, b.date, p.provider,
           (count(*) FILTER (WHERE p.counts))::integer AS plays_count,
           (count(DISTINCT p.track_key) FILTER (WHERE p.counts))::integer AS unique_tracks,
           (count(DISTINCT p.artist_key) FILTER (WHERE p.counts))::integer AS unique_artists,
           coalesce(sum(coalesce(p.ms_played, p.duration_ms)) FILTER (WHERE p.counts), 0) AS ms_listened,
           (count(*) FILTER (WHERE p.counts AND p.ms_played IS NULL AND p.duration_ms IS NULL))::integer
               AS untimed_plays,
           (count(*) FILTER (WHERE p.kind = 'skip'))::integer AS skips_count,
           (count(*) FILTER (WHERE p.kind = 'start'))::integer AS starts_count
    FROM bucket b
    JOIN trends.plays p ON p.user_id = b.user_id AND p.played_at >= b.from_at AND p.played_at < b.until_at
    -- The same in constants, so that only the partitions concerned are read.
    WHERE p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
      AND (b.is_one_stretch OR (p.played_at AT TIME ZONE b.time_zone)::date = b.date)
    GROUP BY GROUPING SETS ((b.user_id, b.date, p.provider), (b.user_id, b.date))
), old AS MATERIALIZED (
    -- Looked up by the key first: the planner cannot estimate `fresh`, and a join would read the whole table.
    SELECT stored.* FROM unnest(%(users)s::bigint[], %(dates)s::date[]) AS wanted (user_id, date)
    JOIN trends.user_daily stored ON stored.user_id = wanted.user_id AND stored.date = wanted.date
), removed AS (
    DELETE FROM trends.user_daily WHERE id = ANY (ARRAY(
        SELECT id FROM old WHERE NOT EXISTS (
            SELECT FROM fresh f WHERE f.user_id = old.user_id AND f.date = old.date
                                  AND f.provider IS NOT DISTINCT FROM old.provider)))
    RETURNING 1
), written AS (
    INSERT INTO trends.user_daily (user_id, date, provider, plays_count, unique_tracks, unique_artists,
        ms_listened, untimed_plays, skips_count, starts_count, created_at, updated_at)
    SELECT f.user_id, f.date, f.provider, f.plays_count, f.unique_tracks, f.unique_artists, f.ms_listened,
           f.untimed_plays, f.skips_count, f.starts_count, %(at)s, %(at)s
    FROM fresh f
    -- A conflict locks and logs the row even where nothing differs, so equal rows are left out.
    LEFT JOIN old ON old.user_id = f.user_id AND old.date = f.date
                 AND old.provider IS NOT DISTINCT FROM f.provider
    WHERE old.id IS NULL
       OR (old.plays_count, old.unique_tracks, old.unique_artists, old.ms_listened, old.untimed_plays,
           old.skips_count, old.starts_count)
          IS DISTINCT FROM (f.plays_count, f.unique_tracks, f.unique_artists, f.ms_listened, f.untimed_plays,
           f.skips_count, f.starts_count)
    ON CONFLICT (user_id, date, provider) DO UPDATE SET
        plays_count = EXCLUDED.plays_count, unique_tracks = EXCLUDED.unique_tracks,
        unique_artists = EXCLUDED.unique_artists, ms_listened = EXCLUDED.ms_listened,
        untimed_plays = EXCLUDED.untimed_plays, skips_count = EXCLUDED.skips_count,
        starts_count = EXCLUDED.starts_count, updated_at = EXCLUDED.updated_at
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM removed)
"""


def recompute_user_days(connection: Connection[Any], buckets: Sequence[Bucket], at: datetime) -> Changes:
    """Recompute users' days from their plays, and write what differs."""
    days = [bucket.date for bucket in buckets]
    from_at, until_at = times_around(min(days), max(days))
    row = connection.execute(
        _RECOMPUTE_USER_DAYS, _columns(buckets) | {"at": at, "from_at": from_at, "until_at": until_at}
    ).fetchone()
    assert row is not None
    return Changes(*row)


def _columns(buckets: Sequence[Bucket]) -> dict[str, Any]:
    return {"users": [b.user_id for b in buckets], "dates": [b.date for b in buckets]}


def list_dirty_days(connection: Connection[Any]) -> list[date]:
    """List the marked UTC days, the newest first: those are read most."""
    rows = connection.execute("SELECT DISTINCT date FROM trends.dirty_days ORDER BY date DESC").fetchall()
    return [row[0] for row in rows]


def lock_day(connection: Connection[Any], day: date) -> bool:
    """Lock a UTC day; False if another run has locked it."""
    row = connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('trends.rollup.day.' || %s::date, 0))", [day]
    ).fetchone()
    return row is not None and bool(row[0])


def is_to_be_redrawn(connection: Connection[Any], day: date) -> bool:
    """Whether a mark asks for a UTC day to be drawn from all its plays, whoever's changed."""
    query = "SELECT EXISTS (SELECT FROM trends.dirty_days WHERE date = %s AND provider = 'all')"
    row = connection.execute(query, [day]).fetchone()
    return row is not None and bool(row[0])


def delete_day_marks(connection: Connection[Any], day: date, *, redrawn: bool = True) -> int:
    """Delete all visible marks of this day; if it is not redrawn, but for those that ask for just that."""
    return connection.execute(
        "DELETE FROM trends.dirty_days WHERE date = %s AND (%s OR provider <> 'all')", [day, redrawn]
    ).rowcount


def mark_day(connection: Connection[Any], day: date) -> None:
    """Mark a UTC day of which some people's changes are left."""
    connection.execute("INSERT INTO trends.dirty_days (date, provider) VALUES (%s, 'some')", [day])


# Grouping by user first makes the number of users a plain count. A recording has the spelling that most users
# have for it; votes are counted only where the hashes show several spellings.
_RECOMPUTE_TRACKS: LiteralString = """
WITH tracks AS MATERIALIZED (
    SELECT provider, provider_track_id, sum(plays)::integer AS plays_count, count(*)::integer AS unique_users,
           min(title COLLATE "C") AS title, min(artist COLLATE "C") AS artist,
           min(lowest) <> max(highest) AS has_spellings
    FROM (
        SELECT provider, provider_track_id, user_id, count(*)::integer AS plays,
               min(title COLLATE "C") AS title, min(artist COLLATE "C") AS artist,
               min(hashtextextended(title, 1) # hashtextextended(artist, 2)) AS lowest,
               max(hashtextextended(title, 1) # hashtextextended(artist, 2)) AS highest
        FROM trends.plays
        WHERE counts AND played_at >= %(from_at)s AND played_at < %(until_at)s
        GROUP BY provider, provider_track_id, user_id
    ) heard
    GROUP BY provider, provider_track_id
), spelled AS (
    SELECT DISTINCT ON (provider, provider_track_id) provider, provider_track_id, title, artist
    FROM (
        SELECT p.provider, p.provider_track_id, p.title, p.artist,
               count(DISTINCT p.user_id) AS users, count(*) AS plays
        FROM (SELECT provider, provider_track_id FROM tracks WHERE has_spellings) ambiguous
        JOIN trends.plays p USING (provider, provider_track_id)
        WHERE p.counts AND p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
        GROUP BY p.provider, p.provider_track_id, p.title, p.artist
    ) votes
    ORDER BY provider, provider_track_id, users DESC, plays DESC, title COLLATE "C", artist COLLATE "C"
), removed AS (
    DELETE FROM trends.track_daily old
    WHERE old.date = %(day)s
      AND NOT EXISTS (
          SELECT FROM tracks
          WHERE tracks.provider = old.provider AND tracks.provider_track_id = old.provider_track_id)
    RETURNING 1
), differing AS MATERIALIZED (
    SELECT f.*, old.id AS old_id
    FROM (
        SELECT provider, provider_track_id, plays_count, unique_users,
               coalesce(spelled.title, tracks.title) AS title,
               coalesce(spelled.artist, tracks.artist) AS artist
        FROM tracks LEFT JOIN spelled USING (provider, provider_track_id)
    ) f
    LEFT JOIN trends.track_daily old ON old.date = %(day)s AND old.provider = f.provider
                                    AND old.provider_track_id = f.provider_track_id
    WHERE old.id IS NULL
       OR (old.title, old.artist, old.plays_count, old.unique_users)
          IS DISTINCT FROM (f.title, f.artist, f.plays_count, f.unique_users)
), added AS (
    INSERT INTO trends.track_daily (date, provider, provider_track_id, title, artist, plays_count,
        unique_users, created_at, updated_at)
    SELECT %(day)s, provider, provider_track_id, title, artist, plays_count, unique_users, %(at)s, %(at)s
    FROM differing WHERE old_id IS NULL
    RETURNING 1
), changed AS (
    UPDATE trends.track_daily old SET
        title = f.title, artist = f.artist, plays_count = f.plays_count, unique_users = f.unique_users,
        updated_at = %(at)s
    FROM differing f WHERE old.date = %(day)s AND old.id = f.old_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM changed), (SELECT count(*) FROM removed)
"""

# The tracks are those of trends.track_daily, computed before in the same transaction.
WRITE_GLOBAL: LiteralString = """), removed AS (
    DELETE FROM trends.global_daily WHERE date = %(day)s AND NOT EXISTS (SELECT FROM fresh) RETURNING 1
), written AS (
    INSERT INTO trends.global_daily AS stored (date, total_users, total_plays, top_track_ids, top_artist_ids,
        created_at, updated_at)
    SELECT %(day)s, total_users, total_plays, top_tracks, top_artists, %(at)s, %(at)s FROM fresh
    ON CONFLICT (date) DO UPDATE SET
        total_users = EXCLUDED.total_users, total_plays = EXCLUDED.total_plays,
        top_track_ids = EXCLUDED.top_track_ids, top_artist_ids = EXCLUDED.top_artist_ids,
        updated_at = EXCLUDED.updated_at
    WHERE (stored.total_users, stored.total_plays, stored.top_track_ids, stored.top_artist_ids)
          IS DISTINCT FROM (EXCLUDED.total_users, EXCLUDED.total_plays, EXCLUDED.top_track_ids,
                            EXCLUDED.top_artist_ids)
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM removed)
"""
"""Ends a statement whose `fresh` holds the figures of a day: stores them where they differ."""

_FIGURES_OF_PLAYS: LiteralString = """
WITH total AS (
    SELECT count(*)::integer AS total_users, sum(plays)::bigint AS total_plays
    FROM (
        SELECT user_id, count(*) AS plays FROM trends.plays
        WHERE counts AND played_at >= %(from_at)s AND played_at < %(until_at)s
        GROUP BY user_id
    ) by_user
), top_track AS (
    SELECT provider, provider_track_id, title, artist, plays_count, unique_users
    FROM trends.track_daily WHERE date = %(day)s AND unique_users >= %(min_users)s
    ORDER BY plays_count DESC, unique_users DESC, provider COLLATE "C", provider_track_id COLLATE "C"
    LIMIT %(top)s
), top_artist AS MATERIALIZED (
    SELECT artist_key, sum(plays)::bigint AS plays, count(*) AS users
    FROM (
        SELECT artist_key, user_id, count(*)::integer AS plays FROM trends.plays
        WHERE counts AND played_at >= %(from_at)s AND played_at < %(until_at)s
        GROUP BY artist_key, user_id
    ) heard
    GROUP BY artist_key HAVING count(*) >= %(min_users)s
    ORDER BY sum(plays) DESC, count(*) DESC, artist_key LIMIT %(top)s
), artist_name AS (
    SELECT DISTINCT ON (artist_key) artist_key, artist
    FROM (
        SELECT p.artist_key, p.artist, count(DISTINCT p.user_id) AS users, count(*) AS plays
        FROM top_artist JOIN trends.plays p USING (artist_key)
        WHERE p.counts AND p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
        GROUP BY p.artist_key, p.artist
    ) votes
    ORDER BY artist_key, users DESC, plays DESC, artist COLLATE "C"
), fresh AS MATERIALIZED (
    SELECT total_users, total_plays,
        coalesce((SELECT json_agg(json_build_object('provider', provider, 'id', provider_track_id,
                      'title', title, 'artist', artist, 'plays', plays_count, 'users', unique_users)
                      ORDER BY plays_count DESC, unique_users DESC, provider COLLATE "C",
                               provider_track_id COLLATE "C")
                  FROM top_track)::text, '[]') AS top_tracks,
        coalesce((SELECT json_agg(json_build_object('id', 'key:' || lpad(to_hex(artist_key), 16, '0'),
                      'name', artist, 'plays', plays, 'users', users)
                      ORDER BY plays DESC, users DESC, artist_key)
                  FROM top_artist JOIN artist_name USING (artist_key))::text, '[]') AS top_artists
    FROM total WHERE total_users > 0
"""
_RECOMPUTE_GLOBAL: LiteralString = _FIGURES_OF_PLAYS + WRITE_GLOBAL


def recompute_tracks(connection: Connection[Any], day: date, at: datetime) -> Changes:
    """Recompute the tracks of a UTC day, and write what differs."""
    return _recompute(connection, _RECOMPUTE_TRACKS, day, {"at": at})


def recompute_global(connection: Connection[Any], day: date, *, min_users: int, at: datetime) -> Changes:
    """Recompute a UTC day's summary, in the transaction that has recomputed its tracks."""
    return _recompute(
        connection, _RECOMPUTE_GLOBAL, day, {"at": at, "min_users": min_users, "top": TOP_LIST_SIZE}
    )


def _recompute(connection: Connection[Any], query: LiteralString, day: date, more: dict[str, Any]) -> Changes:
    row = connection.execute(
        query,
        more | {"day": day, "from_at": utc_midnight(day), "until_at": utc_midnight(day + timedelta(days=1))},
    ).fetchone()
    assert row is not None
    return Changes(*row)


def has_marks(connection: Connection[Any]) -> bool:
    """Whether anything is marked."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM trends.dirty_user_days) OR EXISTS (SELECT FROM trends.dirty_days)"
    ).fetchone()
    return row is not None and bool(row[0])


def set_as_of(connection: Connection[Any], at: datetime) -> None:
    """Record that everything marked before ``at`` is in the aggregates."""
    # A crash may lose this, since the next run writes it again: do not wait for the disk.
    connection.execute("SELECT set_config('synchronous_commit', 'off', true)")
    # Nor for another run that writes the same.
    connection.execute(
        """
        UPDATE trends.rollup_state SET as_of = %(at)s
        WHERE only_row IN (
            SELECT only_row FROM trends.rollup_state WHERE as_of IS NULL OR as_of < %(at)s
            FOR UPDATE SKIP LOCKED)
        """,
        {"at": at},
    )


def rests_until(connection: Connection[Any]) -> datetime | None:
    """Until when no day is to be drawn from all its plays."""
    row = connection.execute("SELECT rests_until FROM trends.rollup_state").fetchone()
    return row[0] if row else None


def rest_until(connection: Connection[Any], at: datetime) -> None:
    """Draw no day from all its plays before a moment."""
    connection.execute(
        "UPDATE trends.rollup_state SET rests_until = greatest(rests_until, %s::timestamptz)", [at]
    )


def give_time(connection: Connection[Any], seconds: float) -> None:
    """Let the statements of this transaction take longer than the role's others may."""
    milliseconds = str(max(1, round(seconds * 1000)))
    connection.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
