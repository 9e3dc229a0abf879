"""UTC days of now are open: a minute's plays change what they touch; others are drawn from all their plays.

That both end with the same figures, whatever happens in between, is the matter of test_rollup_properties.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from musicconnect.platform import database as platform_database
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import listen
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig
from tests.integration.trends import rollup_oracle as oracle

RULES = RollupConfig(min_users=2)
NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
TODAY, YESTERDAY, LONG_AGO = NOW.date(), NOW.date() - timedelta(days=1), NOW.date() - timedelta(days=9)


@pytest.fixture
def truth(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
    platform_database.close_all()


@pytest.fixture
def people(truth: psycopg.Connection[Any]) -> list[int]:
    return oracle.empty(truth, ["UTC"] * 3)


@pytest.fixture
def rollup(database_url: str) -> Iterator[platform_database.Database]:
    made = oracle.database_as(database_url, "mc_rollup")
    yield made
    made.close()


def play(url: str, person: int, at: datetime, title: str = "Song") -> None:
    writer = oracle.database_as(url, "mc_user_trends")
    heard = listen(
        played_at=int(at.timestamp() * 1000),
        title=title,
        artist="Band",
        source="listenbrainz",
        ms_played=60_000,
    )
    with writer.transaction(person) as connection:
        ingest.ingest(connection, person, [heard], import_id=None, at=NOW)
    writer.close()


def drawn_right(truth: psycopg.Connection[Any]) -> bool:
    return (
        oracle.track_daily(truth) == oracle.plain_track_daily(truth)
        and oracle.global_daily(truth) == oracle.plain_global_daily(truth, RULES.min_users)
        and oracle.marks(truth) == 0
    )


def open_days(truth: psycopg.Connection[Any]) -> list[Any]:
    return [day for (day,) in oracle.rows(truth, "SELECT date FROM trends.open_days ORDER BY date")]


def test_a_minute_touches_what_its_plays_are_about(
    truth: psycopg.Connection[Any], database_url: str, people: list[int], rollup: platform_database.Database
) -> None:
    for person in people:
        play(database_url, person, NOW)
        play(database_url, person, NOW + timedelta(minutes=9), "Another song")
    runner.run(rollup, RULES, NOW)
    assert open_days(truth) == [TODAY]
    # What nobody touches is not looked at, so a mistake in it stays; that is how one sees it.
    truth.execute("UPDATE trends.track_daily SET plays_count = 99 WHERE title = 'Another song'")

    play(database_url, people[0], NOW + timedelta(minutes=20))
    runner.run(rollup, RULES, NOW + timedelta(minutes=21))

    rows = oracle.rows(
        truth, "SELECT title, plays_count, unique_users FROM trends.track_daily ORDER BY title"
    )
    assert rows == [("Another song", 99, 3), ("Song", 4, 3)]
    assert oracle.global_daily(truth)[0][:3] == (TODAY, 3, 7)


def test_a_rebuild_draws_an_open_day_from_all_its_plays(
    truth: psycopg.Connection[Any], database_url: str, people: list[int], rollup: platform_database.Database
) -> None:
    for person in people:
        play(database_url, person, NOW)
    runner.run(rollup, RULES, NOW)
    truth.execute("UPDATE trends.track_daily SET plays_count = 99")
    truth.execute("UPDATE trends.open_contributions SET plays = 99")

    runner.mark(rollup, runner.Rebuild(TODAY, TODAY), seconds_left=lambda: 9)
    runner.run(rollup, RULES, NOW)

    assert drawn_right(truth)


def test_days_are_closed_when_they_are_over_and_their_figures_stay(
    truth: psycopg.Connection[Any], database_url: str, people: list[int], rollup: platform_database.Database
) -> None:
    for person in people:
        for at in (NOW, NOW - timedelta(days=1), NOW - timedelta(days=9)):
            play(database_url, person, at)
    runner.run(rollup, RULES, NOW)
    assert open_days(truth) == [YESTERDAY, TODAY]
    assert drawn_right(truth)

    play(database_url, people[0], NOW, "Something else")
    runner.run(rollup, RULES, NOW + timedelta(days=2))
    assert open_days(truth) == [TODAY]
    play(database_url, people[0], NOW - timedelta(days=1, minutes=3))  # late, to a day that is closed
    runner.run(rollup, RULES, NOW + timedelta(days=9))

    assert open_days(truth) == []
    for table in ("contributions", "tracks", "track_names", "artists", "artist_names"):
        assert oracle.rows(truth, f"SELECT count(*) FROM trends.open_{table}") == [(0,)]
    assert drawn_right(truth)


def test_drawing_whole_days_rests_for_nine_times_as_long_and_open_days_go_on(
    truth: psycopg.Connection[Any],
    database_url: str,
    people: list[int],
    rollup: platform_database.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "MAX_REDRAW_S", 0.0)  # whatever it takes is more
    monkeypatch.setattr(runner, "REST_FACTOR", 1_000_000)
    play(database_url, people[0], NOW)
    assert not runner.run(rollup, RULES, NOW).left
    ((until,),) = oracle.rows(truth, "SELECT rests_until FROM trends.rollup_state")
    assert until > NOW

    play(database_url, people[1], NOW)
    play(database_url, people[1], NOW - timedelta(days=9))
    result = runner.run(rollup, RULES, NOW + timedelta(minutes=1))
    assert result.left, "the day long ago waits"
    days = dict(oracle.rows(truth, "SELECT date, total_plays FROM trends.global_daily"))
    assert days == {TODAY: 2}

    runner.run(rollup, RULES, until)
    days = dict(oracle.rows(truth, "SELECT date, total_plays FROM trends.global_daily"))
    assert days == {TODAY: 2, LONG_AGO: 1}
    assert drawn_right(truth)


def test_a_day_that_is_too_large_for_one_transaction_holds_no_other_up(
    truth: psycopg.Connection[Any],
    database_url: str,
    people: list[int],
    rollup: platform_database.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play(database_url, people[0], NOW)
    runner.run(rollup, RULES, NOW)
    play(database_url, people[1], NOW)
    play(database_url, people[1], NOW - timedelta(days=9))
    real = runner._Run._redraw

    def too_large(self: Any, connection: Any, day: Any) -> Any:
        connection.execute("SELECT set_config('statement_timeout', '20', true)")
        connection.execute("SELECT pg_sleep(9)")
        return real(self, connection, day)

    with monkeypatch.context() as slow:
        slow.setattr(runner._Run, "_redraw", too_large)
        assert runner.run(rollup, RULES, NOW + timedelta(minutes=1)).left
    days = dict(oracle.rows(truth, "SELECT date, total_plays FROM trends.global_daily"))
    assert days == {TODAY: 2}
    assert not runner.run(rollup, RULES, NOW + timedelta(minutes=2)).left
    assert drawn_right(truth)


def test_more_people_than_one_transaction_takes_come_in_the_next_run(
    truth: psycopg.Connection[Any],
    database_url: str,
    people: list[int],
    rollup: platform_database.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner.run(rollup, RULES, NOW)
    play(database_url, people[0], NOW)
    runner.run(rollup, RULES, NOW)
    monkeypatch.setattr(runner, "LISTENERS_PER_BATCH", 1)
    for person in people:
        play(database_url, person, NOW + timedelta(minutes=5))
    runs = 0
    while runner.run(rollup, RULES, NOW + timedelta(minutes=6)).left:
        runs += 1
    assert runs >= 2
    assert drawn_right(truth)
