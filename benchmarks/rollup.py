"""What the roll-up costs, against the same aggregates by hand-written SQL (`rollup_sql`) in the same run.

Fills an embedded Postgres with plays of 10,000 users over 30 days and measures

* one whole day: everybody's marks of the day, drawn into empty aggregates;
* 1,000 dirty buckets (a user's day each) whose rows all have to be written again;
* a run with nothing to do;
* the same dirt at a tenth of the plays: history grows by the day, the dirty buckets stay as they are;
* a minute of a day that goes on: 1,000 new plays by as many people, where 10 thousand people and where a
  million have listened that day (`benchmarks.rollup_minute`).

    python -m benchmarks.rollup [--plays 10000000] [--users 10000] [--rounds 7] [--json]
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "musicconnect"))
sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))

from benchmarks.baselines import rollup_sql
from benchmarks.fixtures.rollup import DAYS, FIRST_DAY, fill, insert_users
from benchmarks.report import Figure, emit
from benchmarks.rollup_minute import measure_minute
from local.stack.postgres import ADMIN, Postgres, postgres
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig
from schema_migrate.upgrade import upgrade

DIRTY = 1_000
AIM_DAY, AIM_BUCKETS, AIM_IDLE_MS, AIM_GROWTH = 1.2, 1.3, 5.0, 1.1
PASSWORD = "only-for-this-benchmark"

# What a small dedicated database server would have; durability as it comes.
SERVER = {
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
}


@dataclass
class RollupFixture:
    """The database, by hand and as the roll-up sees it."""

    owner: psycopg.Connection[Any]
    database: Database
    sampler: random.Random = field(default_factory=lambda: random.Random(7))
    now: datetime = datetime(2026, 11, 15, 12, tzinfo=UTC)
    pace: timedelta = timedelta(minutes=1)
    """From run to run: the function rests for nine times as long as it drew."""

    @property
    def backends(self) -> tuple[int, int]:
        """Process ids of the server's sides: of the roll-up's connection, and of the one by hand."""
        with self.database.transaction() as connection:
            return connection.info.backend_pid, self.owner.info.backend_pid

    def roll_up(self) -> runner.RollupResult:
        """One run, as the function makes it."""
        self.now += self.pace
        result = runner.run(self.database, RollupConfig(), self.now)
        if result.left:
            raise SystemExit("the roll-up left marks")
        return result


@dataclass
class Timings:
    """What some runs of the same took, in seconds."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Of the server's process for the connection and of this one: steadier where others use the machine."""

    @property
    def rounds_ms(self) -> list[float]:
        """All runs, rounded, as the context of a report shows them."""
        return [round(one * 1e3, 1) for one in self.wall]

    def ms(self) -> float:
        """The median run."""
        return statistics.median(self.wall) * 1e3

    def against(self, other: "Timings") -> float:
        """How many times as long as the other: the median over rounds, in each of which both ran in turn."""
        return statistics.median(one / two for one, two in zip(self.wall, other.wall, strict=True))

    def against_in_processor_time(self, other: "Timings") -> float:
        """The same in processor time."""
        return sum(self.processor) / sum(other.processor)

    def measure(self, work: Callable[[], object], backend: int) -> None:
        """Do it once and write down what it took.

        Args:
            work: What to do.
            backend: Process id of the server's side of the connection.
        """
        before, started = _processor(backend), time.perf_counter()
        work()
        self.wall.append(time.perf_counter() - started)
        self.processor.append(_processor(backend) - before)


def _processor(backend: int) -> float:
    times = psutil.Process(backend).cpu_times()
    return float(times.user + times.system) + time.process_time()


def in_turns(number: int, *works: Callable[[], object]) -> None:
    """One after the other; which is first changes by the round: the first warms the cache for the next."""
    for work in works if number % 2 == 0 else reversed(works):
        work()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# -- Measuring ------------------------------------------------------------------------------------------


def whole_day(fixture: RollupFixture, day: date, rounds: int) -> tuple[Timings, Timings, float]:
    """Seconds of the roll-up and of the hand-written SQL, in turns; and of the roll-up once more."""
    ours, by_hand, (backend, owners) = Timings(), Timings(), fixture.backends
    for number in range(rounds):
        fixture.owner.execute("TRUNCATE trends.user_daily, trends.track_daily, trends.global_daily")
        fixture.owner.execute("TRUNCATE by_hand.user_daily, by_hand.track_daily, by_hand.global_daily")
        mark_day(fixture, day)
        in_turns(
            number,
            lambda: ours.measure(fixture.roll_up, backend),
            lambda: by_hand.measure(lambda: _by_hand_day(fixture, day), owners),
        )
    compare(fixture)
    mark_day(fixture, day)
    return ours, by_hand, seconds(fixture.roll_up)


def _by_hand_day(fixture: RollupFixture, day: date) -> None:
    with fixture.owner.transaction():
        for statement in (rollup_sql.PEOPLES_DAY, rollup_sql.TRACKS, rollup_sql.EVERYBODY):
            fixture.owner.execute(statement, {"day": day})


def mark_day(fixture: RollupFixture, day: date) -> None:
    """The marks that ingest leaves: each user's day at each provider, and everybody's."""
    fixture.owner.execute(
        """
        INSERT INTO trends.dirty_user_days (user_id, date, provider)
        SELECT id, %s, provider FROM core.users, unnest('{spotify,youtube}'::text[]) AS provider
        """,
        [day],
    )
    fixture.owner.execute(
        "INSERT INTO trends.dirty_days (date, provider) VALUES (%(day)s, 'spotify'), (%(day)s, 'youtube')",
        {"day": day},
    )
    settle(fixture)


def settle(fixture: RollupFixture) -> None:
    """What autovacuum does sooner or later is done now, so that it does not fall into somebody's time."""
    fixture.owner.execute(
        "VACUUM ANALYZE trends.dirty_user_days, trends.dirty_days, trends.user_daily, by_hand.user_daily"
    )


def compare(fixture: RollupFixture) -> None:
    """See that both drew the same."""
    columns = (
        "user_id, date, provider, plays_count, unique_tracks, unique_artists, ms_listened, untimed_plays, "
        "skips_count, starts_count"
    )
    for table, kept in {
        "user_daily": columns,
        "track_daily": "date, provider, provider_track_id, title, artist, plays_count, unique_users",
        "global_daily": "date, total_users, total_plays, top_track_ids::jsonb, top_artist_ids::jsonb",
    }.items():
        differing = fixture.owner.execute(
            f"""
            SELECT count(*) FROM (
                (SELECT {kept} FROM trends.{table} EXCEPT ALL SELECT {kept} FROM by_hand.{table})
                UNION ALL
                (SELECT {kept} FROM by_hand.{table} EXCEPT ALL SELECT {kept} FROM trends.{table})) differing
            """.encode()
        ).fetchone()
        if differing is None or differing[0]:
            raise SystemExit(f"{table}: the roll-up and the hand-written SQL differ: {differing}")


def dirty_buckets(fixture: RollupFixture, first: date, days: int, rounds: int) -> tuple[Timings, Timings]:
    """Seconds for 1,000 dirty buckets: roll-up, and hand-written SQL, in turns."""
    users = [row[0] for row in fixture.owner.execute("SELECT id FROM core.users ORDER BY id").fetchall()]
    every = [(user_id, first + timedelta(days=day)) for user_id in users for day in range(days)]
    ours, by_hand, (backend, owners) = Timings(), Timings(), fixture.backends
    for number in range(rounds):
        buckets = fixture.sampler.sample(every, DIRTY)
        chosen: dict[str, Any] = {
            "users": [user_id for user_id, _ in buckets],
            "dates": [day for _, day in buckets],
        }
        # Rows that are there and wrong, so that every one has to be written.
        fixture.owner.execute(rollup_sql.DELETE_BUCKETS, chosen)
        fixture.owner.execute(rollup_sql.BUCKETS, chosen)
        fixture.owner.execute(
            """
            INSERT INTO trends.user_daily (user_id, date, provider, plays_count, unique_tracks,
                unique_artists)
            SELECT d.user_id, d.date, d.provider, -1, 0, 0
            FROM by_hand.user_daily d
            JOIN unnest(%(users)s::bigint[], %(dates)s::date[]) AS b (user_id, date) USING (user_id, date)
            ON CONFLICT (user_id, date, provider) DO UPDATE SET plays_count = -1
            """,
            chosen,
        )
        fixture.owner.execute(
            """
            INSERT INTO trends.dirty_user_days (user_id, date, provider)
            SELECT user_id, date, 'spotify'
            FROM unnest(%(users)s::bigint[], %(dates)s::date[]) AS b (user_id, date)
            """,
            chosen,
        )
        settle(fixture)
        in_turns(
            number,
            lambda: ours.measure(fixture.roll_up, backend),
            lambda chosen=chosen: by_hand.measure(lambda: _by_hand_buckets(fixture, chosen), owners),
        )
    return ours, by_hand


def _by_hand_buckets(fixture: RollupFixture, chosen: dict[str, Any]) -> None:
    with fixture.owner.transaction():
        fixture.owner.execute(rollup_sql.DELETE_BUCKETS, chosen)
        fixture.owner.execute(rollup_sql.BUCKETS, chosen)


def dirty_day(fixture: RollupFixture, day: date, rounds: int) -> Timings:
    """Seconds for one UTC day that is marked, its users's days not."""
    taken, (backend, _) = Timings(), fixture.backends
    for _ in range(rounds):
        fixture.owner.execute("INSERT INTO trends.dirty_days (date, provider) VALUES (%s, 'spotify')", [day])
        settle(fixture)
        taken.measure(fixture.roll_up, backend)
    return taken


def nothing(fixture: RollupFixture, runs: int = 50) -> list[float]:
    """Seconds of runs that find nothing marked."""
    fixture.roll_up()
    return [seconds(fixture.roll_up) for _ in range(runs)]


def connect(server: Postgres) -> RollupFixture:
    """The schema, and both ways into the database."""
    upgrade(server.url(user=ADMIN))
    owner = psycopg.connect(server.url(), autocommit=True, prepare_threshold=None)
    owner.execute(f"ALTER ROLE mc_rollup PASSWORD '{PASSWORD}'".encode())
    # As the role of the roll-up has it.
    owner.execute("SET work_mem = '64MB'")
    owner.execute("SET jit = off")
    owner.execute("SET timezone = 'UTC'")
    parts = urlsplit(server.url())
    url = parts._replace(netloc=f"mc_rollup:{PASSWORD}@{parts.hostname}:{parts.port}").geturl()
    database = Database(DatabaseSettings(url=url, host="", port=0, name="", sslmode="", secret_arn=""))
    return RollupFixture(owner, database)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plays", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--people", type=int, default=1_000_000, help="of the day that goes on")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    per_day, few = options.plays / DAYS, options.plays // 10
    day = FIRST_DAY + timedelta(days=1)

    with postgres(settings=SERVER) as server:
        fixture = connect(server)
        insert_users(fixture.owner, options.users)
        fixture.owner.execute(rollup_sql.SCHEMA)
        filling = seconds(
            lambda: fill(fixture.owner, already=0, plays=few, per_day=per_day, users=options.users)
        )
        dirty_buckets(fixture, day, 1, 1)  # the first of each kind warms up
        few_buckets, _ = dirty_buckets(fixture, day, 1, options.rounds)
        dirty_day(fixture, day, 1)
        few_day = dirty_day(fixture, day, options.rounds)
        filling += seconds(
            lambda: fill(
                fixture.owner, already=few, plays=options.plays, per_day=per_day, users=options.users
            )
        )
        dirty_buckets(fixture, day, 1, 1)
        many_buckets, _ = dirty_buckets(fixture, day, 1, options.rounds)
        dirty_day(fixture, day, 1)
        many_day = dirty_day(fixture, day, options.rounds)
        whole_day(fixture, FIRST_DAY + timedelta(days=15), 1)
        ours, by_hand, again = whole_day(fixture, FIRST_DAY + timedelta(days=15), options.rounds)
        ours_buckets, by_hand_buckets = dirty_buckets(fixture, day, DAYS - 2, options.rounds)
        idle = nothing(fixture)
        counted = fixture.owner.execute("SELECT count(*) FROM trends.plays").fetchone()
        fixture.owner.close()
        fixture.database.close()
    with postgres(settings=SERVER) as server:
        minute = measure_minute(connect(server), most=options.people, rounds=options.rounds)

    emit(
        "rollup",
        {
            "day_against_by_hand": Figure(ours.against(by_hand), "ratio", AIM_DAY, "lower"),
            "day_in_processor_time": Figure(ours.against_in_processor_time(by_hand), "ratio", None, "lower"),
            "day": Figure(ours.ms(), "ms", None, "lower"),
            "day_by_hand": Figure(by_hand.ms(), "ms", None, "lower"),
            "day_again_unchanged": Figure(again * 1e3, "ms", None, "lower"),
            "buckets_against_by_hand": Figure(
                ours_buckets.against(by_hand_buckets), "ratio", AIM_BUCKETS, "lower"
            ),
            "buckets_in_processor_time": Figure(
                ours_buckets.against_in_processor_time(by_hand_buckets), "ratio", None, "lower"
            ),
            "buckets_1000": Figure(ours_buckets.ms(), "ms", None, "lower"),
            "buckets_1000_by_hand": Figure(by_hand_buckets.ms(), "ms", None, "lower"),
            "nothing_dirty": Figure(statistics.median(idle) * 1e3, "ms", AIM_IDLE_MS, "lower"),
            "growth_of_buckets": Figure(many_buckets.ms() / few_buckets.ms(), "ratio", AIM_GROWTH, "lower"),
            "growth_of_buckets_in_processor_time": Figure(
                many_buckets.against_in_processor_time(few_buckets), "ratio", None, "lower"
            ),
            "growth_of_a_day": Figure(many_day.ms() / few_day.ms(), "ratio", AIM_GROWTH, "lower"),
            "growth_of_a_day_in_processor_time": Figure(
                many_day.against_in_processor_time(few_day), "ratio", None, "lower"
            ),
            **minute,
        },
        {
            "plays": counted and counted[0],
            "users": options.users,
            "days": DAYS,
            "filling_s": round(filling, 1),
            "rounds_ms": {
                "day": ours.rounds_ms,
                "day_by_hand": by_hand.rounds_ms,
                "buckets": ours_buckets.rounds_ms,
                "buckets_by_hand": by_hand_buckets.rounds_ms,
                "buckets_at_a_tenth": few_buckets.rounds_ms,
                "buckets_at_all": many_buckets.rounds_ms,
                "utc_day_at_a_tenth": few_day.rounds_ms,
                "utc_day_at_all": many_day.rounds_ms,
            },
            "a_tenth": f"{few} plays: the first {few / per_day:.0f} days; the dirt lies in the second",
            "server": SERVER,
        },
        options.json,
    )


if __name__ == "__main__":
    sys.exit(main())
