"""The roll-up as its events ask for it: rebuilding, running out of time, partitions and retention."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from musicconnect.platform import clock
from musicconnect.platform import database as platform_database
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import listen
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig
from tests.integration.trends import rollup_oracle as oracle
from tests.support.functions import FunctionRunner

RULES = RollupConfig(min_users=2)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def truth(core_harness: FunctionRunner) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a database without anybody's plays."""
    with psycopg.connect(core_harness.database_url, autocommit=True) as connection:
        oracle.empty(connection, [])
        yield connection
    platform_database.close_all()


@pytest.fixture
def database(core_harness: FunctionRunner) -> Iterator[oracle.InterruptedDatabase]:
    made: oracle.InterruptedDatabase = oracle.database_as(
        core_harness.database_url, "mc_rollup", oracle.InterruptedDatabase
    )
    yield made
    made.close()


def people_with_plays(truth: psycopg.Connection[Any], url: str, days: int, people: int = 2) -> list[int]:
    """A play on each of some days, of some people."""
    ids = oracle.empty(truth, ["UTC"] * people)
    listens = [
        listen(
            played_at=int((NOON + timedelta(days=day)).timestamp() * 1000),
            title=f"Song {day}", artist="Band", source="listenbrainz", ms_played=60_000,
        )
        for day in range(days)
    ]  # fmt: skip
    writer = oracle.database_as(url, "mc_user_trends")
    for person in ids:
        with writer.transaction(person) as connection:
            ingest.ingest(connection, person, listens, import_id=None, at=NOON)
    writer.close()
    return ids


def test_a_rebuild_mends_what_is_wrong_in_its_range(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any]
) -> None:
    ids = people_with_plays(truth, core_harness.database_url, 4)
    core_harness.invoke("trends_rollup", {})
    truth.execute("UPDATE trends.user_daily SET plays_count = 99")
    truth.execute("UPDATE trends.track_daily SET plays_count = 99")
    truth.execute("UPDATE trends.global_daily SET total_plays = 99")
    truth.execute(
        "INSERT INTO trends.user_daily (user_id, date, plays_count, unique_tracks, unique_artists) "
        "VALUES (%s, '2024-05-20', 1, 1, 1)",
        [ids[0]],
    )
    answer = core_harness.invoke("trends_rollup", {"rebuild": {"from": "2024-05-02", "to": "2024-05-31"}})
    assert (answer["user_days"], answer["days"], answer["rows_removed"]) == (2 * 3 + 1, 30, 1)
    wrong = oracle.rows(truth, "SELECT DISTINCT date FROM trends.user_daily WHERE plays_count = 99")
    assert wrong == [(date(2024, 5, 1),)]  # the day before the range
    core_harness.invoke("trends_rollup", {"rebuild": {"from": "2024-05-01", "to": "2024-05-01"}})
    assert oracle.user_daily(truth) == oracle.plain_user_daily(truth)
    assert oracle.track_daily(truth) == oracle.plain_track_daily(truth)


def test_a_rebuild_that_runs_out_of_time_gives_where_to_resume(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    people_with_plays(truth, core_harness.database_url, 2, people=3)
    core_harness.invoke("trends_rollup", {})
    truth.execute("DELETE FROM trends.user_daily")
    monkeypatch.setattr(runner, "USERS_PER_MARKING", 1)
    event: dict[str, Any] = {"rebuild": {"from": "2024-05-01", "to": "2024-05-02"}}
    stopped = core_harness.invoke("trends_rollup", event, remaining_ms=1)
    assert stopped["left"] == {"rebuild": event["rebuild"] | {"after_user": 0}}
    assert stopped["marks_left"] is False  # nothing was marked, so nothing is left
    core_harness.invoke("trends_rollup", stopped["left"])
    assert oracle.user_daily(truth) == oracle.plain_user_daily(truth)


def test_a_run_that_runs_out_of_time_leaves_its_marks(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any]
) -> None:
    people_with_plays(truth, core_harness.database_url, 3)
    before = oracle.marks(truth)
    assert core_harness.invoke("trends_rollup", {}, remaining_ms=1)["marks_left"] is True
    assert oracle.marks(truth) == before
    assert oracle.rows(truth, "SELECT as_of FROM trends.rollup_state") == [(None,)]
    assert core_harness.invoke("trends_rollup", {})["marks_left"] is False
    assert oracle.marks(truth) == 0
    assert oracle.rows(truth, "SELECT as_of IS NOT NULL FROM trends.rollup_state") == [(True,)]


def test_nothing_that_is_right_is_written_again(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any]
) -> None:
    people_with_plays(truth, core_harness.database_url, 2)
    first = core_harness.invoke("trends_rollup", {})
    # Two people on two days, over all and at one provider; two tracks; two days of everybody.
    assert first["rows_written"] == 2 * 2 * 2 + 2 + 2
    versions = "SELECT xmin::text, ctid::text FROM trends.user_daily ORDER BY id"
    before = oracle.rows(truth, versions)
    again = core_harness.invoke("trends_rollup", {"rebuild": {"from": "2024-05-01", "to": "2024-05-02"}})
    assert (again["user_days"], again["rows_written"], again["rows_removed"]) == (4, 0, 0)
    assert oracle.rows(truth, versions) == before


def test_a_batch_that_takes_too_long_is_halved(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any], database: oracle.InterruptedDatabase
) -> None:
    people_with_plays(truth, core_harness.database_url, 8)
    canceled = []

    def time_out(number: int) -> None:
        if number in {5, 9}:  # the recomputation, twice
            canceled.append(number)
            raise psycopg.errors.QueryCanceled("canceling statement due to statement timeout")

    database.before_statement = time_out
    report = runner.run(database, RULES, NOON, marks_per_batch=8)
    assert len(canceled) == 2
    assert (report.left, report.user_days) == (False, 16)
    assert oracle.user_daily(truth) == oracle.plain_user_daily(truth)


def test_somebody_in_the_way_is_let_pass(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any], database: oracle.InterruptedDatabase
) -> None:
    people_with_plays(truth, core_harness.database_url, 2)
    met = []

    def collide(number: int) -> None:
        if number == 5:
            met.append(number)
            raise psycopg.errors.DeadlockDetected("deadlock detected")

    database.before_statement = collide
    assert not runner.run(database, RULES, NOON).left
    assert met
    assert oracle.user_daily(truth) == oracle.plain_user_daily(truth)


def test_partitions_are_made_ahead_and_dropped_by_retention(
    core_harness: FunctionRunner, truth: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    people_with_plays(truth, core_harness.database_url, 3)
    ahead = clock.now().date() + timedelta(days=100)
    partition = f"SELECT to_regclass('trends.plays_{ahead:%Y_%m}') IS NOT NULL"
    truth.execute(f"DROP TABLE IF EXISTS trends.plays_{ahead:%Y_%m}".encode())
    core_harness.invoke("trends_rollup", {})
    stored = oracle.user_daily(truth)
    answer = core_harness.invoke("trends_rollup", {"maintain": True})
    assert (answer["partitions_made"], answer["partitions_dropped"]) == (1, 0)
    assert oracle.rows(truth, partition) == [(True,)]
    monkeypatch.setenv("PLAY_RETENTION_DAYS", "400")
    core_harness.invoke("trends_rollup", {"maintain": True})
    assert oracle.rows(truth, "SELECT count(*) FROM trends.plays") == [(0,)]
    # What is left of those days is the aggregates, and they are not drawn again from what is not there.
    core_harness.invoke("trends_rollup", {"rebuild": {"from": "2024-05-01", "to": "2024-05-03"}})
    assert oracle.user_daily(truth) == stored
    assert oracle.marks(truth) == 0


@pytest.mark.parametrize(
    ("today", "first"), [(date(2026, 3, 10), date(2026, 2, 2)), (date(2026, 3, 31), date(2026, 3, 2))]
)
def test_days_of_a_month_that_is_dropped_are_not_drawn_again(today: date, first: date) -> None:
    assert RollupConfig(retention=timedelta(days=30)).first_complete_day(today) == first
    assert RollupConfig().first_complete_day(today) is None


def test_its_role_can_do_no_more(core_harness: FunctionRunner, truth: psycopg.Connection[Any]) -> None:
    database = oracle.database_as(core_harness.database_url, "mc_rollup")
    for statement in (
        "SELECT email FROM core.users",
        "UPDATE core.users SET time_zone = 'UTC'",
        "DELETE FROM trends.plays",
        "UPDATE trends.plays SET title = ''",
        "SELECT * FROM trends.imports",
        "SELECT * FROM providers.tokens",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.transaction() as connection:
            connection.execute(statement.encode())
    reader = oracle.database_as(core_harness.database_url, "mc_trends")
    for table in ("user_daily", "track_daily", "global_daily", "plays", "dirty_user_days"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction() as connection:
            connection.execute(f"DELETE FROM trends.{table}".encode())
    with reader.transaction() as connection:  # as nobody
        assert connection.execute("SELECT count(*) FROM trends.plays").fetchone() == (0,)
    database.close()
    reader.close()
