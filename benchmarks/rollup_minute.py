"""What a minute of a day costs that goes on, by how many people have listened that day.

    python -m benchmarks.rollup_minute [--people 1000000] [--rounds 7] [--json]

Two plays a person; then, in each round, 1,000 new plays by as many people chosen anew, with the marks that
ingest leaves, and one run of the roll-up. What it draws is compared with a plain query at the end.
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.fixtures.rollup import FIRST_DAY, insert_users
from benchmarks.report import Figure, emit

if TYPE_CHECKING:
    from benchmarks.rollup import RollupFixture

FEW = 10_000
NEW_PLAYS = 1_000
AIM_GROWTH = 2.0
DAY = FIRST_DAY + timedelta(days=10)

# Recordings as in the fixture of whole days: a hundred make a third of all plays, the rest is spread over
# fifty thousand. Times lie in the day's first half, the order of people in none.
_PLAYS = """
    INSERT INTO trends.plays (user_id, played_at, track_key, artist_key, inserted_at, ms_played, duration_ms,
        ordinal, kind, source, provider, provider_track_id, title, artist, album)
    SELECT user_id, %(day)s::timestamp AT TIME ZONE 'UTC' + random() * interval '12 hours', track, track / 12,
           now(), 180000, 215000, 0, 'play', 'listenbrainz',
           CASE WHEN track %% 5 = 0 THEN 'youtube' ELSE 'spotify' END, 'id' || lpad(track::text, 20, '0'),
           'The Song of Number ' || track, 'Artist of Number ' || track / 12, 'Album ' || track / 12
    FROM (SELECT user_id, floor(50000 * power(random(), 3))::bigint AS track
          FROM unnest(%(users)s::bigint[]) AS chosen (user_id)) made
    ON CONFLICT DO NOTHING
"""


def measure_minute(fixture: "RollupFixture", *, most: int, rounds: int) -> dict[str, Figure]:
    """Measure a minute at `FEW` people and at ``most``; gives the figures by name."""
    fixture.now = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    few, _ = _minutes(fixture, already=0, people=FEW, rounds=rounds)
    many, whole = _minutes(fixture, already=FEW, people=most, rounds=rounds)
    fixture.owner.close()
    fixture.database.close()
    return {
        "minute.growth": Figure(many / few, "ratio", AIM_GROWTH, "lower"),
        "minute.at_10_thousand_people": Figure(few * 1e3, "ms", None, "lower"),
        "minute.at_most_people": Figure(many * 1e3, "ms", None, "lower"),
        "minute.day_drawn_whole": Figure(whole * 1e3, "ms", None, "lower"),
    }


def _minutes(fixture: "RollupFixture", *, already: int, people: int, rounds: int) -> tuple[float, float]:
    """Seconds of a minute, the median, and of drawing the whole day once."""
    if already == 0:
        insert_users(fixture.owner, people)
    else:
        fixture.owner.execute(
            "INSERT INTO core.users (email, password_hash, display_name, time_zone) "
            "SELECT 'user' || n || '@example.org', '', '', 'UTC' FROM generate_series(%s::int, %s) n",
            [already + 1, people],
        )
    new = "SELECT array_agg(id) FROM core.users WHERE id > %s"
    (users,) = fixture.owner.execute(new, [already]).fetchall()[0]
    for _ in range(2):
        fixture.owner.execute(_PLAYS, {"day": DAY, "users": users})
    fixture.owner.execute("VACUUM ANALYZE trends.plays, core.users")
    fixture.owner.execute("INSERT INTO trends.dirty_days (date, provider) VALUES (%s, 'all')", [DAY])
    whole = _seconds(fixture)
    fixture.owner.execute("VACUUM ANALYZE")
    fixture.owner.execute("CHECKPOINT")
    taken = []
    for number in range(rounds + 1):  # the first warms up
        query = "SELECT array_agg(id) FROM (SELECT id FROM core.users ORDER BY random() LIMIT %s) chosen"
        (chosen,) = fixture.owner.execute(query, [NEW_PLAYS]).fetchall()[0]
        fixture.owner.execute(_PLAYS, {"day": DAY, "users": chosen})
        fixture.owner.execute(
            """
            WITH users AS (SELECT * FROM unnest(%(users)s::bigint[]) AS chosen (user_id)), days AS (
                INSERT INTO trends.dirty_days (date, provider) SELECT %(day)s, 'spotify' FROM users
            ), listeners AS (
                INSERT INTO trends.dirty_listeners (user_id, date) SELECT user_id, %(day)s FROM users
            )
            INSERT INTO trends.dirty_user_days (user_id, date, provider)
            SELECT user_id, %(day)s, 'spotify' FROM users
            """,
            {"users": chosen, "day": DAY},
        )
        seconds = _seconds(fixture)
        if number:
            taken.append(seconds)
    _compare(fixture)
    return statistics.median(taken), whole


def _seconds(fixture: "RollupFixture") -> float:
    started = time.perf_counter()
    fixture.roll_up()
    return time.perf_counter() - started


def _compare(fixture: "RollupFixture") -> None:
    query = """
        WITH plain AS (
            SELECT provider, provider_track_id, count(*)::integer AS plays, count(DISTINCT user_id)::integer
            FROM trends.plays WHERE counts AND played_at >= %(day)s::timestamp AT TIME ZONE 'UTC'
              AND played_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2
        ), drawn AS (
            SELECT provider, provider_track_id, plays_count, unique_users FROM trends.track_daily
            WHERE date = %(day)s)
        SELECT (SELECT count(*) FROM (TABLE plain EXCEPT TABLE drawn) lacking)
             + (SELECT count(*) FROM (TABLE drawn EXCEPT TABLE plain) wrong),
               (SELECT total_plays FROM trends.global_daily WHERE date = %(day)s)
             - (SELECT sum(plays) FROM plain)
    """
    if (differing := fixture.owner.execute(query, {"day": DAY}).fetchone()) != (0, 0):
        raise SystemExit(f"the roll-up and a plain query differ: {differing}")


def main() -> None:
    """Measure, print."""
    from benchmarks.rollup import SERVER, connect  # noqa: PLC0415 - which imports this
    from local.stack.postgres import postgres  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with postgres(settings=SERVER) as server:
        figures = measure_minute(connect(server), most=options.people, rounds=options.rounds)
    emit("rollup_minute", figures, {"people": options.people, "new_plays": NEW_PLAYS}, options.json)


if __name__ == "__main__":
    sys.exit(main())
