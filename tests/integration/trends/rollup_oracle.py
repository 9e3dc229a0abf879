"""What tests of the roll-up share: the roles' databases, a connection that can be interrupted, the truth."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from tests.support.postgres import url_for

type Truth = Connection[Any]
"""The owner's own look at the tables, row-level security aside."""


def rows(truth: Truth, statement: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    return truth.execute(statement.encode()).fetchall()  # bytes: a test's own text


class KilledError(Exception):
    """What stands for the end of the process."""


def database_as(url: str, role: str, kind: type[Database] = Database) -> Any:
    """A database as one of the services' roles sees it."""
    return kind(
        DatabaseSettings(url=url_for(url, role=role), host="", port=0, name="", sslmode="", secret_arn="")
    )


class InterruptedDatabase(Database):
    """Calls ``before_statement`` with the running number of each statement, and of each commit."""

    def __init__(self, settings: DatabaseSettings) -> None:
        super().__init__(settings)
        self.statements = 0
        self.before_statement: Callable[[int], None] = lambda number: None

    def step(self) -> None:
        self.statements += 1
        self.before_statement(self.statements)

    @contextmanager
    def transaction(self, user_id: int | None = None) -> Iterator[Connection[Any]]:
        with super().transaction(user_id) as connection:
            yield _Interrupted(connection, self.step)  # type: ignore[misc]
            self.step()

    def kill_at(self, number: int) -> None:
        """Die before that statement: the connection goes with the process."""

        def before(reached: int) -> None:
            if reached == number:
                self.close()
                raise KilledError

        self.before_statement = before


class ImpatientDatabase(Database):
    """Waits for no lock: whoever holds it runs in the same thread, and would never let go."""

    @contextmanager
    def transaction(self, user_id: int | None = None) -> Iterator[Connection[Any]]:
        with super().transaction(user_id) as connection:
            connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
            yield connection


class _Interrupted:
    def __init__(self, connection: Connection[Any], step: Callable[[], None]) -> None:
        self._connection = connection
        self._step = step

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._step()
        return self._connection.execute(*args, **kwargs)


def empty(truth: Truth, zones: list[str]) -> list[int]:
    """No plays, no aggregates; people in these time zones. Gives their ids."""
    truth.execute("DELETE FROM core.users")
    for table in (
        "dirty_user_days", "dirty_days", "tombstones", "track_daily", "global_daily", "open_days",
        "open_tracks", "open_track_names", "open_artists", "open_artist_names",
    ):  # fmt: skip
        truth.execute(f"DELETE FROM trends.{table}".encode())
    truth.execute("UPDATE trends.rollup_state SET as_of = NULL, rests_until = NULL")
    return [
        int(
            rows(
                truth,
                "INSERT INTO core.users (email, password_hash, display_name, time_zone) "
                f"VALUES (gen_random_uuid()::text, '', '', '{zone}') RETURNING id",
            )[0][0]
        )
        for zone in zones
    ]


COUNTED = """
    (count(*) FILTER (WHERE counts))::int, (count(DISTINCT track_key) FILTER (WHERE counts))::int,
    (count(DISTINCT artist_key) FILTER (WHERE counts))::int,
    coalesce(sum(coalesce(ms_played, duration_ms)) FILTER (WHERE counts), 0)::bigint,
    (count(*) FILTER (WHERE counts AND coalesce(ms_played, duration_ms) IS NULL))::int,
    (count(*) FILTER (WHERE kind = 'skip'))::int, (count(*) FILTER (WHERE kind = 'start'))::int
"""


def plain_user_daily(truth: Truth) -> list[tuple[Any, ...]]:
    """What trends.user_daily has to hold, by one plain query over the plays."""
    return rows(
        truth,
        f"""
        WITH played AS (
            SELECT p.*, (p.played_at AT TIME ZONE u.time_zone)::date AS day
            FROM trends.plays p JOIN core.users u ON u.id = p.user_id)
        SELECT user_id, day, provider, {COUNTED} FROM played GROUP BY user_id, day, provider
        UNION ALL
        SELECT user_id, day, NULL, {COUNTED} FROM played GROUP BY user_id, day
        ORDER BY 1, 2, 3
        """,
    )


def user_daily(truth: Truth) -> list[tuple[Any, ...]]:
    """What it holds."""
    return rows(
        truth,
        """
        SELECT user_id, date, provider, plays_count, unique_tracks, unique_artists, ms_listened,
               untimed_plays, skips_count, starts_count
        FROM trends.user_daily ORDER BY 1, 2, 3
        """,
    )


def plain_track_daily(truth: Truth) -> list[tuple[Any, ...]]:
    """What trends.track_daily has to hold: counts, and the spelling that most people have."""
    return rows(
        truth,
        """
        WITH played AS (
            SELECT *, (played_at AT TIME ZONE 'UTC')::date AS day FROM trends.plays WHERE counts
        ), spelling AS (
            SELECT day, provider, provider_track_id, title, artist, row_number() OVER (
                PARTITION BY day, provider, provider_track_id
                ORDER BY count(DISTINCT user_id) DESC, count(*) DESC, title COLLATE "C", artist COLLATE "C"
                ) AS rank
            FROM played GROUP BY day, provider, provider_track_id, title, artist)
        SELECT p.day, p.provider, p.provider_track_id, s.title, s.artist, count(*)::int,
               count(DISTINCT user_id)::int
        FROM played p JOIN spelling s ON s.rank = 1 AND s.day = p.day AND s.provider = p.provider
                                     AND s.provider_track_id = p.provider_track_id
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3
        """,
    )


def track_daily(truth: Truth) -> list[tuple[Any, ...]]:
    """What it holds."""
    return rows(
        truth,
        """
        SELECT date, provider, provider_track_id, title, artist, plays_count, unique_users
        FROM trends.track_daily ORDER BY 1, 2, 3
        """,
    )


def plain_global_daily(truth: Truth, least: int) -> list[tuple[Any, ...]]:
    """What trends.global_daily has to hold. The lists are made in Python: another way."""
    days: dict[Any, list[tuple[Any, ...]]] = {}
    for day, *play in rows(
        truth,
        """
        SELECT (played_at AT TIME ZONE 'UTC')::date, user_id, artist_key, artist FROM trends.plays
        WHERE counts ORDER BY 1
        """,
    ):
        days.setdefault(day, []).append(tuple(play))
    tracks = plain_track_daily(truth)
    found = []
    for day, plays in days.items():
        top_tracks = [
            {"provider": t[1], "id": t[2], "title": t[3], "artist": t[4], "plays": t[5], "users": t[6]}
            for t in sorted(tracks, key=lambda t: (-t[5], -t[6], t[1], t[2]))
            if t[0] == day and t[6] >= least
        ]
        top_artists = []
        for key in {play[1] for play in plays}:
            heard = [play for play in plays if play[1] == key]
            names = sorted(
                {play[2] for play in heard},
                key=lambda name: (
                    -len({play[0] for play in heard if play[2] == name}),
                    -sum(play[2] == name for play in heard),
                    name,
                ),
            )
            users = len({play[0] for play in heard})
            if users >= least:
                top_artists.append((-len(heard), -users, key, names[0]))
        found.append(
            (
                day,
                len({play[0] for play in plays}),
                len(plays),
                top_tracks,
                [
                    {"id": f"key:{key & 2**64 - 1:016x}", "name": name, "plays": -plays, "users": -users}
                    for plays, users, key, name in sorted(top_artists)
                ],
            )
        )
    return found


def global_daily(truth: Truth) -> list[tuple[Any, ...]]:
    """What it holds."""
    return [
        (*row[:3], json.loads(row[3]), json.loads(row[4]))
        for row in rows(
            truth,
            """
            SELECT date, total_users, total_plays, top_track_ids, top_artist_ids
            FROM trends.global_daily ORDER BY 1
            """,
        )
    ]


def marks(truth: Truth) -> int:
    """How many dirty marks there are."""
    found = rows(
        truth,
        "SELECT (SELECT count(*) FROM trends.dirty_user_days) + (SELECT count(*) FROM trends.dirty_days)",
    )
    return int(found[0][0])


def sessions(truth: Truth) -> int:
    """How many connections the services' roles have."""
    found = rows(
        truth,
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND starts_with(usename, 'mc_')",
    )
    return int(found[0][0])
