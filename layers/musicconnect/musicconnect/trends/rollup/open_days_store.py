"""The SQL of open days: UTC days whose figures change by what their plays touch, not as a whole.

All of it runs under the lock of the day (`store.lock_day`), in the order of `store`: lock, marks, plays. What
a person contributes is kept beside the figures, so that the difference between that and their plays of now is
what the figures change by, whatever happened in between. Plays are read by one statement each time, and all
figures follow from what it has kept: read twice, they could have changed in between, unnoticed by both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString

from psycopg import Connection, Cursor

from musicconnect.trends.plays.model import utc_midnight
from musicconnect.trends.rollup.store import TOP_LIST_SIZE, WRITE_GLOBAL, Changes

_CLOSE: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM trends.open_contributions WHERE date = %s",
    "DELETE FROM trends.open_tracks WHERE date = %s",
    "DELETE FROM trends.open_track_names WHERE date = %s",
    "DELETE FROM trends.open_artists WHERE date = %s",
    "DELETE FROM trends.open_artist_names WHERE date = %s",
    "DELETE FROM trends.open_days WHERE date = %s",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What some people's plays of now change of a day."""

    users: int
    """People who listened, more or fewer than before."""
    plays: int
    providers: list[str]
    """Of the recordings whose figures or names change; in step with ``track_ids``."""
    track_ids: list[str]


def is_open(connection: Connection[Any], day: date) -> bool:
    """Whether the contributions to a day are kept."""
    return connection.execute("SELECT FROM trends.open_days WHERE date = %s", [day]).fetchone() is not None


def list_expired(connection: Connection[Any], before: date) -> list[date]:
    """List the open days before a day."""
    rows = connection.execute("SELECT date FROM trends.open_days WHERE date < %s ORDER BY date", [before])
    return [row[0] for row in rows.fetchall()]


def close_day(connection: Connection[Any], day: date) -> None:
    """Forget the contributions to a day; its figures stay."""
    for statement in _CLOSE:
        connection.execute(statement, [day])


# In the order of the tables that are filled: people's contributions, then what is summed up of them.
_OPEN: tuple[LiteralString, ...] = (
    """
    INSERT INTO trends.open_contributions (date, user_id, provider, provider_track_id, title, artist,
        artist_key, plays)
    SELECT %(day)s, user_id, provider, provider_track_id, title, artist, artist_key, count(*)
    FROM trends.plays WHERE counts AND played_at >= %(from_at)s AND played_at < %(until_at)s
    GROUP BY user_id, provider, provider_track_id, title, artist, artist_key
    """,
    """
    INSERT INTO trends.open_tracks (date, provider, provider_track_id, plays, users)
    SELECT date, provider, provider_track_id, sum(plays), count(DISTINCT user_id)
    FROM trends.open_contributions WHERE date = %(day)s GROUP BY date, provider, provider_track_id
    """,
    """
    INSERT INTO trends.open_track_names (date, provider, provider_track_id, spelling, title, artist, plays,
        users)
    SELECT date, provider, provider_track_id, hashtextextended(title, 1) # hashtextextended(artist, 2), title,
           artist, sum(plays), count(DISTINCT user_id)
    FROM trends.open_contributions WHERE date = %(day)s
    GROUP BY date, provider, provider_track_id, title, artist
    """,
    """
    INSERT INTO trends.open_artists (date, artist_key, plays, users)
    SELECT date, artist_key, sum(plays), count(DISTINCT user_id)
    FROM trends.open_contributions WHERE date = %(day)s GROUP BY date, artist_key
    """,
    """
    INSERT INTO trends.open_artist_names (date, artist_key, spelling, artist, plays, users)
    SELECT date, artist_key, hashtextextended(artist, 2), artist, sum(plays), count(DISTINCT user_id)
    FROM trends.open_contributions WHERE date = %(day)s GROUP BY date, artist_key, artist
    """,
    "INSERT INTO trends.open_days (date) VALUES (%(day)s)",
)


def open_day(connection: Connection[Any], day: date, *, min_users: int, at: datetime) -> Changes:
    """Keep the contributions to a day from now on, as its plays give them, and draw the day from them.

    It is not open, or has just been closed.
    """
    for statement in _OPEN:
        connection.execute(statement, _range(day))
    row = connection.execute(
        "SELECT count(DISTINCT user_id), coalesce(sum(plays), 0)::bigint FROM trends.open_contributions "
        "WHERE date = %s",
        [day],
    ).fetchone()
    assert row is not None
    asked = {"day": day, "at": at}
    tracks = connection.execute(_DRAW_TRACKS, asked)
    whole = connection.execute(
        _DRAW_GLOBAL,
        asked
        | {"users": row[0], "plays": row[1], "is_new": True, "min_users": min_users, "top": TOP_LIST_SIZE},
    )
    return _changes(tracks) + _changes(whole)


def claim_listeners(connection: Connection[Any], day: date, limit: int) -> list[int]:
    """Delete the marks of people whose plays of a day changed, of at most so many; gives the people."""
    rows = connection.execute(
        """
        WITH chosen AS (
            SELECT DISTINCT user_id FROM trends.dirty_listeners WHERE date = %(day)s LIMIT %(limit)s
        ), deleted AS (
            DELETE FROM trends.dirty_listeners mark USING chosen
            WHERE mark.date = %(day)s AND mark.user_id = chosen.user_id
        )
        SELECT user_id FROM chosen
        """,
        {"day": day, "limit": limit},
    ).fetchall()
    return [row[0] for row in rows]


def delete_listeners(connection: Connection[Any], day: date) -> None:
    """Delete the marks of all people for a day that is drawn from all its plays."""
    connection.execute("DELETE FROM trends.dirty_listeners WHERE date = %s", [day])


# `fresh` and `old` are what these people contribute now and what is kept of them; `differing` is where they
# differ. A person counts for a recording as soon as any of its spellings does, hence the looks at both.
_DIFFERENCE: LiteralString = """
WITH fresh AS MATERIALIZED (
    SELECT p.user_id, p.provider, p.provider_track_id, p.title, p.artist, p.artist_key,
           count(*)::integer AS plays
    FROM unnest(%(users)s::bigint[]) AS dirty (user_id) JOIN trends.plays p ON p.user_id = dirty.user_id
    WHERE p.counts AND p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
    GROUP BY p.user_id, p.provider, p.provider_track_id, p.title, p.artist, p.artist_key
), old AS MATERIALIZED (
    SELECT c.* FROM unnest(%(users)s::bigint[]) AS dirty (user_id)
    JOIN trends.open_contributions c ON c.user_id = dirty.user_id AND c.date = %(day)s
), differing AS MATERIALIZED (
    SELECT old.id, coalesce(fresh.user_id, old.user_id) AS user_id,
           coalesce(fresh.provider, old.provider) AS provider,
           coalesce(fresh.provider_track_id, old.provider_track_id) AS provider_track_id,
           coalesce(fresh.title, old.title) AS title, coalesce(fresh.artist, old.artist) AS artist,
           coalesce(fresh.artist_key, old.artist_key) AS artist_key,
           coalesce(fresh.plays, 0) AS plays, coalesce(old.plays, 0) AS before
    FROM fresh FULL JOIN old
      ON old.user_id = fresh.user_id AND old.provider = fresh.provider
     AND old.provider_track_id = fresh.provider_track_id AND old.title = fresh.title
     AND old.artist = fresh.artist AND old.artist_key = fresh.artist_key
    WHERE fresh.plays IS DISTINCT FROM old.plays
), removed AS (
    DELETE FROM trends.open_contributions c USING differing d WHERE c.id = d.id AND d.plays = 0
), changed AS (
    UPDATE trends.open_contributions c SET plays = d.plays FROM differing d WHERE c.id = d.id AND d.plays > 0
), track AS MATERIALIZED (
    SELECT provider, provider_track_id, sum(difference)::integer AS plays,
           sum(counts_now::integer - counted::integer)::integer AS users
    FROM (
        SELECT provider, provider_track_id, sum(plays - before) AS difference,
               (user_id, provider, provider_track_id)
                   IN (SELECT user_id, provider, provider_track_id FROM fresh) AS counts_now,
               (user_id, provider, provider_track_id)
                   IN (SELECT user_id, provider, provider_track_id FROM old) AS counted
        FROM differing GROUP BY user_id, provider, provider_track_id
    ) by_user GROUP BY provider, provider_track_id
), tracks AS (
    INSERT INTO trends.open_tracks AS stored (date, provider, provider_track_id, plays, users)
    SELECT %(day)s, provider, provider_track_id, plays, users FROM track
    ON CONFLICT (date, provider, provider_track_id) DO UPDATE SET
        plays = stored.plays + EXCLUDED.plays, users = stored.users + EXCLUDED.users
), track_names AS (
    INSERT INTO trends.open_track_names AS stored (date, provider, provider_track_id, spelling, title, artist,
        plays, users)
    SELECT %(day)s, provider, provider_track_id, hashtextextended(title, 1) # hashtextextended(artist, 2),
           title, artist, sum(plays - before), sum((plays > 0)::integer - (before > 0)::integer)
    FROM differing GROUP BY provider, provider_track_id, title, artist
    ON CONFLICT (date, provider, provider_track_id, spelling) DO UPDATE SET
        plays = stored.plays + EXCLUDED.plays, users = stored.users + EXCLUDED.users
), artists AS (
    INSERT INTO trends.open_artists AS stored (date, artist_key, plays, users)
    SELECT %(day)s, artist_key, sum(difference), sum(counts_now::integer - counted::integer)
    FROM (
        SELECT artist_key, sum(plays - before) AS difference,
               (user_id, artist_key) IN (SELECT user_id, artist_key FROM fresh) AS counts_now,
               (user_id, artist_key) IN (SELECT user_id, artist_key FROM old) AS counted
        FROM differing GROUP BY user_id, artist_key
    ) by_user GROUP BY artist_key
    ON CONFLICT (date, artist_key) DO UPDATE SET
        plays = stored.plays + EXCLUDED.plays, users = stored.users + EXCLUDED.users
), artist_names AS (
    INSERT INTO trends.open_artist_names AS stored (date, artist_key, spelling, artist, plays, users)
    SELECT %(day)s, artist_key, hashtextextended(artist, 2), artist, sum(difference),
           sum(counts_now::integer - counted::integer)
    FROM (
        SELECT artist_key, artist, sum(plays - before) AS difference,
               (user_id, artist_key, artist) IN (SELECT user_id, artist_key, artist FROM fresh) AS counts_now,
               (user_id, artist_key, artist) IN (SELECT user_id, artist_key, artist FROM old) AS counted
        FROM differing GROUP BY user_id, artist_key, artist
    ) by_user GROUP BY artist_key, artist
    ON CONFLICT (date, artist_key, spelling) DO UPDATE SET
        plays = stored.plays + EXCLUDED.plays, users = stored.users + EXCLUDED.users
), added AS (
    INSERT INTO trends.open_contributions (date, user_id, provider, provider_track_id, title, artist,
        artist_key, plays)
    SELECT %(day)s, user_id, provider, provider_track_id, title, artist, artist_key, plays
    FROM differing WHERE id IS NULL
)
SELECT (SELECT count(DISTINCT user_id) FROM fresh) - (SELECT count(DISTINCT user_id) FROM old),
       (SELECT coalesce(sum(plays - before), 0)::bigint FROM differing),
       coalesce(array_agg(provider), '{}'), coalesce(array_agg(provider_track_id), '{}')
FROM track
"""


def change_contributions(connection: Connection[Any], day: date, users: Sequence[int]) -> Difference:
    """Keep what people contribute to an open day now, and give what that changes."""
    row = connection.execute(_DIFFERENCE, _range(day) | {"users": list(users)}).fetchone()
    assert row is not None
    return Difference(*row)


_TOUCHED: LiteralString = """
WITH touched AS MATERIALIZED (
    SELECT track.* FROM unnest(%(providers)s::text[], %(track_ids)s::text[]) AS asked (provider, id)
    JOIN trends.open_tracks track
      ON track.date = %(day)s AND track.provider = asked.provider AND track.provider_track_id = asked.id
), removed AS (
    DELETE FROM trends.track_daily old USING touched
    WHERE old.date = %(day)s AND old.provider = touched.provider
      AND old.provider_track_id = touched.provider_track_id AND touched.plays = 0
    RETURNING 1
)
"""
_ALL: LiteralString = """
WITH touched AS MATERIALIZED (
    SELECT * FROM trends.open_tracks WHERE date = %(day)s
), removed AS (
    DELETE FROM trends.track_daily old
    WHERE old.date = %(day)s AND NOT EXISTS (
        SELECT FROM touched
        WHERE touched.provider = old.provider AND touched.provider_track_id = old.provider_track_id)
    RETURNING 1
)
"""
_WRITE_TRACKS: LiteralString = """
, spelled AS (
    SELECT DISTINCT ON (provider, provider_track_id)
           name.provider, name.provider_track_id, name.title, name.artist
    FROM touched JOIN trends.open_track_names name USING (date, provider, provider_track_id)
    WHERE name.plays > 0
    ORDER BY provider, provider_track_id, name.users DESC, name.plays DESC, name.title COLLATE "C",
             name.artist COLLATE "C"
), written AS (
    INSERT INTO trends.track_daily AS stored (date, provider, provider_track_id, title, artist, plays_count,
        unique_users, created_at, updated_at)
    SELECT %(day)s, provider, provider_track_id, spelled.title, spelled.artist, plays, users, %(at)s, %(at)s
    FROM touched JOIN spelled USING (provider, provider_track_id) WHERE plays > 0
    ON CONFLICT (date, provider, provider_track_id) DO UPDATE SET
        title = EXCLUDED.title, artist = EXCLUDED.artist, plays_count = EXCLUDED.plays_count,
        unique_users = EXCLUDED.unique_users, updated_at = EXCLUDED.updated_at
    WHERE (stored.title, stored.artist, stored.plays_count, stored.unique_users)
          IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.artist, EXCLUDED.plays_count, EXCLUDED.unique_users)
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM removed)
"""
_CHANGE_TRACKS: LiteralString = _TOUCHED + _WRITE_TRACKS
_DRAW_TRACKS: LiteralString = _ALL + _WRITE_TRACKS

# The tops are read from indexes that have their order; names of the few that are shown.
_FIGURES_OF_OPEN_DAY: LiteralString = """
WITH total AS (
    SELECT coalesce(max(total_users), 0) + %(users)s AS total_users,
           coalesce(max(total_plays), 0) + %(plays)s AS total_plays
    FROM trends.global_daily WHERE date = %(day)s AND NOT %(is_new)s
), top_track AS MATERIALIZED (
    SELECT provider, provider_track_id, plays, users
    FROM trends.open_tracks WHERE date = %(day)s AND users >= %(min_users)s
    ORDER BY plays DESC, users DESC, provider COLLATE "C", provider_track_id COLLATE "C"
    LIMIT %(top)s
), top_artist AS MATERIALIZED (
    SELECT artist_key, plays, users
    FROM trends.open_artists WHERE date = %(day)s AND users >= %(min_users)s
    ORDER BY plays DESC, users DESC, artist_key LIMIT %(top)s
), artist_name AS (
    SELECT DISTINCT ON (artist_key) artist_key, name.artist
    FROM top_artist JOIN trends.open_artist_names name USING (artist_key)
    WHERE name.date = %(day)s AND name.plays > 0
    ORDER BY artist_key, name.users DESC, name.plays DESC, name.artist COLLATE "C"
), fresh AS MATERIALIZED (
    SELECT total_users, total_plays,
        coalesce((SELECT json_agg(json_build_object('provider', provider, 'id', provider_track_id,
                      'title', title, 'artist', artist, 'plays', plays, 'users', users)
                      ORDER BY plays DESC, users DESC, provider COLLATE "C", provider_track_id COLLATE "C")
                  FROM top_track JOIN trends.track_daily named USING (provider, provider_track_id)
                  WHERE named.date = %(day)s)::text, '[]') AS top_tracks,
        coalesce((SELECT json_agg(json_build_object('id', 'key:' || lpad(to_hex(artist_key), 16, '0'),
                      'name', artist, 'plays', plays, 'users', users)
                      ORDER BY plays DESC, users DESC, artist_key)
                  FROM top_artist JOIN artist_name USING (artist_key))::text, '[]') AS top_artists
    FROM total WHERE total_users > 0
"""
_DRAW_GLOBAL: LiteralString = _FIGURES_OF_OPEN_DAY + WRITE_GLOBAL


def change_day(
    connection: Connection[Any], day: date, difference: Difference, *, min_users: int, at: datetime
) -> Changes:
    """Write what a difference changes of an open day's figures."""
    asked = {"day": day, "at": at}
    tracks = connection.execute(
        _CHANGE_TRACKS, asked | {"providers": difference.providers, "track_ids": difference.track_ids}
    )
    whole = connection.execute(
        _DRAW_GLOBAL,
        asked
        | {
            "users": difference.users,
            "plays": difference.plays,
            "is_new": False,
            "min_users": min_users,
            "top": TOP_LIST_SIZE,
        },
    )
    return _changes(tracks) + _changes(whole)


def _changes(cursor: Cursor[Any]) -> Changes:
    row = cursor.fetchone()
    assert row is not None
    return Changes(*row)


def _range(day: date) -> dict[str, Any]:
    return {"day": day, "from_at": utc_midnight(day), "until_at": utc_midnight(day + timedelta(days=1))}
