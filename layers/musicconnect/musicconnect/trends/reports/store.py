"""The SQL of reports: a user's own, in that user's name, and all users'."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from musicconnect.trends.plays.model import times_around
from musicconnect.trends.reports.periods import Range


@dataclass(frozen=True, slots=True)
class Freshness:
    """How up to date the aggregates are."""

    as_of: datetime | None
    time_zone: str
    is_marked: bool
    """Whether something of the range is yet to be counted."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """A row of ``trends.user_daily``."""

    date: date
    plays_count: int
    unique_tracks: int
    unique_artists: int
    ms_listened: int
    untimed_plays: int
    skips_count: int
    starts_count: int


@dataclass(frozen=True, slots=True)
class TopRow:
    """An entry of a top list."""

    key: int
    album_key: str | None
    plays: int
    ms_listened: int
    unique_tracks: int


@dataclass(frozen=True, slots=True)
class DisplayName:
    """The most frequent name of an entry, and its ids at providers."""

    name: str
    artist: str
    ids: list[tuple[str, str]]


def get_freshness(connection: Connection[Any], user_id: int, days: Range | None) -> Freshness | None:
    """Get the freshness of a user's days (None: all); None if the account was deleted."""
    with connection.cursor(row_factory=class_row(Freshness)) as cursor:
        return cursor.execute(
            """
            SELECT (SELECT as_of FROM trends.rollup_state) AS as_of, u.time_zone,
                   EXISTS (SELECT FROM trends.dirty_user_days d
                           WHERE d.user_id = u.user_id
                             AND d.date BETWEEN coalesce(%(first)s, d.date) AND coalesce(%(last)s, d.date)
                   ) AS is_marked
            FROM core.time_zones(ARRAY[%(user_id)s::bigint]) u
            """,
            {"user_id": user_id, "first": days and days.first, "last": days and days.last},
        ).fetchone()


def first_and_last_day(connection: Connection[Any], user_id: int) -> tuple[date, date] | None:
    """Get the first and the last day of a user; None if there is none."""
    row = connection.execute(
        "SELECT min(date), max(date) FROM trends.user_daily WHERE user_id = %s AND provider IS NULL",
        [user_id],
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def days(connection: Connection[Any], user_id: int, wanted: Range, provider: str | None) -> list[DayRow]:
    """List a user's days in a range, in order."""
    with connection.cursor(row_factory=class_row(DayRow)) as cursor:
        return cursor.execute(
            """
            SELECT date, plays_count, unique_tracks, unique_artists, ms_listened, untimed_plays, skips_count,
                   starts_count
            FROM trends.user_daily
            WHERE user_id = %(user_id)s AND date BETWEEN %(first)s AND %(last)s
              AND provider IS NOT DISTINCT FROM %(provider)s::text
            ORDER BY date
            """,
            {"user_id": user_id, "first": wanted.first, "last": wanted.last, "provider": provider},
        ).fetchall()


def days_with_plays(connection: Connection[Any], user_id: int, provider: str | None) -> list[date]:
    """List all days with plays that count, in order."""
    rows = connection.execute(
        """
        SELECT date FROM trends.user_daily
        WHERE user_id = %s AND provider IS NOT DISTINCT FROM %s::text AND plays_count > 0 ORDER BY date
        """,
        [user_id, provider],
    ).fetchall()
    return [row[0] for row in rows]


def provider_shares(connection: Connection[Any], user_id: int, wanted: Range) -> list[tuple[str, int, int]]:
    """Sum plays and ms listened by provider, the most played first."""
    return connection.execute(
        """
        SELECT provider, sum(plays_count)::bigint AS plays, sum(ms_listened)::bigint
        FROM trends.user_daily
        WHERE user_id = %s AND date BETWEEN %s AND %s AND provider IS NOT NULL
        GROUP BY provider HAVING sum(plays_count) > 0 ORDER BY plays DESC, provider
        """,
        [user_id, wanted.first, wanted.last],
    ).fetchall()


# A user's plays of a range of days. The times narrow the search; the dates decide.
_FROM_PLAYS: LiteralString = """
    FROM trends.plays p
    WHERE p.user_id = %(user_id)s AND p.counts AND p.played_at >= %(from_at)s AND p.played_at < %(until_at)s
      AND (p.played_at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
      AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""


@dataclass(frozen=True, slots=True)
class PlayRange:
    """A user's plays of a range of days."""

    user_id: int
    time_zone: str
    days: Range
    provider: str | None

    def parameters(self) -> dict[str, Any]:
        """Get the parameters of the queries."""
        from_at, until_at = times_around(self.days.first, self.days.last)
        return {
            "user_id": self.user_id,
            "zone": self.time_zone,
            "first": self.days.first,
            "last": self.days.last,
            "from_at": from_at,
            "until_at": until_at,
            "provider": self.provider,
        }


# Albums of one name are kept apart by artist.
_ALBUM: LiteralString = "lower(p.album)"
_KEYS: dict[str, LiteralString] = {
    "tracks": "p.track_key, NULL::text",
    "artists": "p.artist_key, NULL::text",
    "albums": "p.artist_key, " + _ALBUM,
}


def distinct(connection: Connection[Any], played: PlayRange) -> tuple[int, int, int]:
    """Count different tracks, artists and albums."""
    row = connection.execute(
        "SELECT count(DISTINCT p.track_key), count(DISTINCT p.artist_key), "
        "count(DISTINCT (p.artist_key, " + _ALBUM + ")) FILTER (WHERE p.album <> '')" + _FROM_PLAYS,
        played.parameters(),
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def hours(connection: Connection[Any], played: PlayRange) -> list[list[int]]:
    """Count plays by weekday, from Monday, and hour, in the user's time zone."""
    found = [[0] * 24 for _ in range(7)]
    for weekday, hour, plays in connection.execute(
        """
        SELECT extract(isodow FROM p.played_at AT TIME ZONE %(zone)s)::integer - 1,
               extract(hour FROM p.played_at AT TIME ZONE %(zone)s)::integer, count(*)
        """  # noqa: S608 - constants
        + _FROM_PLAYS
        + "GROUP BY 1, 2",
        played.parameters(),
    ).fetchall():
        found[weekday][hour] = plays
    return found


def top(
    connection: Connection[Any],
    played: PlayRange,
    kind: str,
    *,
    by: str,
    limit: int,
    new_since: datetime | None = None,
) -> list[TopRow]:
    """List what was played most."""
    order: LiteralString = (
        "ms_listened DESC, plays DESC" if by == "minutes" else "plays DESC, ms_listened DESC"
    )
    only: LiteralString = " AND p.album <> ''" if kind == "albums" else ""
    if new_since is not None:
        only += """ AND NOT EXISTS (
            SELECT FROM trends.plays earlier
            WHERE earlier.user_id = %(user_id)s AND earlier.artist_key = p.artist_key AND earlier.counts
              AND earlier.played_at < %(new_since)s)"""
    with connection.cursor(row_factory=class_row(TopRow)) as cursor:
        return cursor.execute(
            "SELECT key, album_key, count(*) AS plays, "  # noqa: S608 - constants
            "coalesce(sum(ms), 0)::bigint AS ms_listened, "
            "count(DISTINCT track_key) AS unique_tracks FROM (SELECT "
            + _KEYS[kind]
            + ", p.track_key, coalesce(p.ms_played, p.duration_ms)"
            + _FROM_PLAYS
            + only
            + ") AS heard (key, album_key, track_key, ms) GROUP BY key, album_key ORDER BY "
            + order
            + ', key, album_key COLLATE "C" LIMIT %(limit)s',
            played.parameters() | {"limit": limit, "new_since": new_since},
        ).fetchall()


def count_new_artists(connection: Connection[Any], played: PlayRange, since: datetime) -> int:
    """Count artists that were played for the first time."""
    row = connection.execute(
        "WITH heard AS (SELECT DISTINCT p.artist_key"  # noqa: S608 - constants
        + _FROM_PLAYS
        + """)
        SELECT count(*) FROM heard WHERE NOT EXISTS (
            SELECT FROM trends.plays earlier
            WHERE earlier.user_id = %(user_id)s AND earlier.artist_key = heard.artist_key AND earlier.counts
              AND earlier.played_at < %(since)s)""",
        played.parameters() | {"since": since},
    ).fetchone()
    assert row is not None
    return int(row[0])


def display_names(
    connection: Connection[Any], played: PlayRange, kind: str, rows: Sequence[TopRow]
) -> dict[tuple[int, str | None], DisplayName]:
    """Get the most frequent names of a list's entries in the plays it is made of."""
    name: LiteralString = {"tracks": "p.title", "artists": "p.artist", "albums": "p.album"}[kind]
    found = connection.execute(
        "SELECT key, album_key, name, artist, provider, id, count(*) AS plays FROM (SELECT "  # noqa: S608
        + _KEYS[kind]
        + ", "
        + name
        + ", p.artist, p.provider, p.provider_track_id"
        + _FROM_PLAYS
        + (" AND p.track_key" if kind == "tracks" else " AND p.artist_key")
        + """ = ANY (%(keys)s)) AS heard (key, album_key, name, artist, provider, id)
        GROUP BY key, album_key, name, artist, provider, id""",
        played.parameters() | {"keys": [row.key for row in rows]},
    ).fetchall()
    spellings: dict[tuple[int, str | None], Counter[tuple[str, str]]] = {}
    ids: dict[tuple[int, str | None], Counter[tuple[str, str]]] = {}
    for key, album_key, named, artist, provider, track_id, plays in found:
        spellings.setdefault((key, album_key), Counter())[named, artist] += plays
        counts = ids.setdefault((key, album_key), Counter())
        counts[provider, track_id] += plays
    return {
        entry: DisplayName(
            *min(votes, key=lambda s: (-votes[s], s)), _best(ids[entry]) if kind == "tracks" else []
        )
        for entry, votes in spellings.items()
    }


def _best(counts: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    listed = [one for one in counts if not one[1].startswith("key:")]
    return sorted(listed, key=lambda one: (-counts[one], one))[:5]


def first_play(connection: Connection[Any], played: PlayRange) -> tuple[datetime, str, str] | None:
    """Get the first play's start, title and artist."""
    return connection.execute(
        "SELECT p.played_at, p.title, p.artist" + _FROM_PLAYS + "ORDER BY p.played_at, p.track_key LIMIT 1",
        played.parameters(),
    ).fetchone()


def get_global_freshness(connection: Connection[Any], wanted: Range) -> tuple[datetime | None, set[date]]:
    """Get the time of the aggregates, and the days of a range of which something is yet to be counted."""
    row = connection.execute(
        """
        SELECT (SELECT as_of FROM trends.rollup_state),
               ARRAY(SELECT DISTINCT date FROM trends.dirty_days WHERE date BETWEEN %s AND %s)
        """,
        [wanted.first, wanted.last],
    ).fetchone()
    assert row is not None
    return row[0], set(row[1])


def global_days(connection: Connection[Any], wanted: Range, min_users: int) -> list[dict[str, Any]]:
    """List the days of a range on which enough users played something."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT date, total_users, total_plays, top_track_ids, top_artist_ids FROM trends.global_daily
            WHERE date BETWEEN %s AND %s AND total_users >= %s ORDER BY date
            """,
            [wanted.first, wanted.last, min_users],
        ).fetchall()


def global_tops(
    connection: Connection[Any], wanted: Range, kind: str, *, min_users: int, limit: int
) -> list[dict[str, Any]]:
    """List what was played most over a range, from the lists of its days: fifty entries each.

    Entries and days with too few users are in no sum. Names are those of the newest day.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            WITH listed AS (
                SELECT date, entry->>'provider' AS provider, entry->>'id' AS id,
                       coalesce(entry->>'title', entry->>'name') AS name, entry->>'artist' AS artist,
                       (entry->>'plays')::bigint AS plays, (entry->>'users')::integer AS users
                FROM trends.global_daily, jsonb_array_elements(
                    (CASE WHEN %(kind)s = 'tracks' THEN top_track_ids ELSE top_artist_ids END)::jsonb
                ) AS entry
                WHERE date BETWEEN %(first)s AND %(last)s AND total_users >= %(min_users)s
            ), summed AS (
                SELECT provider, id, sum(plays)::bigint AS plays, max(users) AS users,
                       count(*)::integer AS days, (array_agg(name ORDER BY date DESC))[1] AS name,
                       (array_agg(artist ORDER BY date DESC))[1] AS artist
                FROM listed WHERE users >= %(min_users)s GROUP BY provider, id
            )
            SELECT * FROM summed
            ORDER BY plays DESC, users DESC, provider COLLATE "C", id COLLATE "C" LIMIT %(limit)s
            """,
            {
                "kind": kind, "first": wanted.first, "last": wanted.last, "min_users": min_users,
                "limit": limit,
            },
        ).fetchall()  # fmt: skip


def global_tracks(
    connection: Connection[Any], wanted: Range, provider: str | None, *, min_users: int, limit: int
) -> list[dict[str, Any]]:
    """List the most played tracks of a range, from the days on which enough users played them.

    A day with fewer users is in no sum: the difference to the days' figures would reveal it.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT provider, provider_track_id, sum(plays_count)::bigint AS plays, max(unique_users) AS users,
                   (array_agg(title ORDER BY date DESC))[1] AS title,
                   (array_agg(artist ORDER BY date DESC))[1] AS artist
            FROM trends.track_daily
            WHERE date BETWEEN %(first)s AND %(last)s AND unique_users >= %(min_users)s
              AND (%(provider)s::text IS NULL OR provider = %(provider)s)
            GROUP BY provider, provider_track_id
            ORDER BY plays DESC, users DESC, provider COLLATE "C", provider_track_id COLLATE "C"
            LIMIT %(limit)s
            """,
            {
                "first": wanted.first, "last": wanted.last, "min_users": min_users, "provider": provider,
                "limit": limit,
            },
        ).fetchall()  # fmt: skip


def track_days(
    connection: Connection[Any], provider: str, track_id: str, wanted: Range, min_users: int
) -> list[dict[str, Any]]:
    """List a track's days on which enough users played it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        # Day by day, since the key begins with the date.
        return cursor.execute(
            """
            SELECT t.date, t.plays_count, t.unique_users, t.title, t.artist
            FROM generate_series(%s::date, %s::date, interval '1 day') AS day
            JOIN trends.track_daily t ON t.date = day::date AND t.provider = %s AND t.provider_track_id = %s
            WHERE t.unique_users >= %s ORDER BY t.date
            """,
            [wanted.first, wanted.last, provider, track_id, min_users],
        ).fetchall()


def own_days(connection: Connection[Any], first: date, last: date) -> list[tuple[date, int, int]]:
    """Get the caller's days, with the rights of whoever shows a little of everything: plays, milliseconds."""
    return connection.execute(
        "SELECT date, plays_count, ms_listened FROM trends.own_days(%s, %s)", [first, last]
    ).fetchall()
