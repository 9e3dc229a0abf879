"""Whatever happens, in whatever order: the aggregates end as one plain query over the plays gives them."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stack.wait import wait_until
from musicconnect.platform.problems import Problem
from musicconnect.trends.plays import deletion, ingest
from musicconnect.trends.plays.model import Listen, listen
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig
from tests.integration.trends import rollup_oracle as oracle
from tests.support.properties import examples

RULES = RollupConfig(min_users=2)
OPEN = RollupConfig(min_users=2, open_days=60)
"""All days of the histories are open: they change by what plays touch, and are not drawn from all plays."""
NOW = datetime(2010, 11, 20, 12, tzinfo=UTC)
# St. John's turned its clocks back on 2010-11-07 at 00:01, into the day before; Cairo's day began at 01:00 on
# 2010-09-10; Kiritimati and Pago Pago are a day apart.
ZONES = ["UTC", "America/St_Johns", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
ABOUT = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
"""When St. John's clocks went from 00:01 to 23:01."""


@dataclass
class RollupScenario:
    """The roles' connections to one database."""

    url: str
    people: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.truth = psycopg.connect(self.url, autocommit=True)
        self.trends = oracle.database_as(self.url, "mc_user_trends", oracle.ImpatientDatabase)
        self.core = oracle.database_as(self.url, "mc_core")
        self.rollup = oracle.database_as(self.url, "mc_rollup", oracle.InterruptedDatabase)
        self.second_rollup = oracle.database_as(self.url, "mc_rollup")

    def close(self) -> None:
        for database in (self.trends, self.core, self.rollup, self.second_rollup):
            database.close()
        wait_until(lambda: not oracle.sessions(self.truth), seconds=10, what="the roles' sessions to end")
        self.truth.close()


@pytest.fixture(scope="module")
def scenario(database_url: str) -> Any:
    made = RollupScenario(database_url)
    yield made
    made.close()


# -- What can happen ------------------------------------------------------------


@dataclass(frozen=True)
class Ingest:
    person: int
    listens: tuple[Listen, ...]

    def do(self, scenario: RollupScenario) -> None:
        with scenario.trends.transaction(scenario.people[self.person]) as connection:
            ingest.ingest(connection, scenario.people[self.person], self.listens, import_id=None, at=NOW)


@dataclass(frozen=True)
class DeletePeriod:
    person: int
    since: datetime
    hours: int

    def do(self, scenario: RollupScenario) -> None:
        # A roll-up that has written a day's figures keeps whoever deletes them waiting: then not, this time.
        with suppress(psycopg.errors.LockNotAvailable):
            deletion.delete_period(
                scenario.trends,
                scenario.people[self.person],
                self.since,
                self.since + timedelta(hours=self.hours),
            )


@dataclass(frozen=True)
class DeleteSource:
    person: int
    source: str

    def do(self, scenario: RollupScenario) -> None:
        deletion.delete_reports(
            scenario.trends,
            scenario.people[self.person],
            deletion.SourceFilter(source=self.source),
            for_good=True,
        )


@dataclass(frozen=True)
class ChangeZone:
    person: int
    zone: str

    def do(self, scenario: RollupScenario) -> None:
        with scenario.core.transaction(scenario.people[self.person]) as connection:
            connection.execute("UPDATE core.users SET time_zone = %s", [self.zone])


@dataclass(frozen=True)
class DeleteAccount:
    """As the person is deleted while a roll-up may hold their day: then it is not, this time."""

    person: int

    def do(self, scenario: RollupScenario) -> None:
        try:
            with scenario.core.transaction(scenario.people[self.person]) as connection:
                connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
                connection.execute("DELETE FROM core.users")
        except psycopg.errors.LockNotAvailable:
            pass


@dataclass(frozen=True)
class RollUp:
    """One run; ``killed_at`` that statement, or something else happens before it."""

    marks_per_batch: int
    statement: int
    meanwhile: Any
    rules: RollupConfig = RULES

    def do(self, scenario: RollupScenario) -> None:
        scenario.rollup.statements = 0
        if self.meanwhile == "killed":
            scenario.rollup.kill_at(self.statement)
        elif self.meanwhile is not None:
            scenario.rollup.before_statement = lambda number: (
                number == self.statement and self.meanwhile.do(scenario)
            )
        try:
            runner.run(scenario.rollup, self.rules, NOW, marks_per_batch=self.marks_per_batch)
        except oracle.KilledError:
            pass
        finally:
            scenario.rollup.before_statement = lambda number: None


@dataclass(frozen=True)
class SecondRollUp:
    """Another run, whole, at the same time."""

    marks_per_batch: int
    rules: RollupConfig = RULES

    def do(self, scenario: RollupScenario) -> None:
        runner.run(scenario.second_rollup, self.rules, NOW, marks_per_batch=self.marks_per_batch)


@dataclass(frozen=True)
class Together:
    """One after the other."""

    parts: tuple[Any, ...]

    def do(self, scenario: RollupScenario) -> None:
        for part in self.parts:
            part.do(scenario)


@dataclass(frozen=True)
class Rebuild:
    first: date
    days: int

    def do(self, scenario: RollupScenario) -> None:
        wanted = runner.Rebuild(self.first, self.first + timedelta(days=self.days))
        assert runner.mark(scenario.second_rollup, wanted, seconds_left=lambda: 1) is None


people = st.integers(0, 2)
minutes = st.one_of(st.integers(-120, 120), st.integers(-3 * 24 * 60, 3 * 24 * 60))
moments = st.builds(
    lambda offset, seconds: ABOUT + timedelta(minutes=offset, seconds=seconds), minutes, st.integers(0, 59)
)


def _listen(at: datetime, song: int, source: str, provider: str, ms: int | None, spelled: str) -> Listen:
    return listen(
        played_at=int(at.timestamp() * 1000),
        title=f"Song {song}".upper() if spelled == "loud" else f"Song {song}",
        artist=f"Ärtist {song // 2}" + (" feat. X" if spelled == "guest" else ""),
        source=source,
        provider=provider,
        provider_track_id=f"id{song}" if provider != "other" else None,
        ms_played=ms,
        duration_ms=200_000 if ms == 40_000 else None,
        kind="start" if source == "youtube_takeout" else None,
    )  # fmt: skip


listens = st.builds(
    _listen,
    at=moments,
    song=st.integers(0, 4),
    source=st.just("listenbrainz"),
    provider=st.sampled_from(["spotify", "youtube", "other"]),
    ms=st.sampled_from([None, 5_000, 40_000, 180_000]),
    spelled=st.sampled_from(["", "loud", "guest"]),
)
sources = st.sampled_from(["listenbrainz", "spotify_extended", "lastfm", "youtube_takeout"])
ingests = st.builds(
    lambda person, source, listens: Ingest(
        person,
        tuple(
            one._replace(source=source, kind="start" if source == "youtube_takeout" else one.kind)
            for one in listens
        ),
    ),
    people,
    sources,
    st.lists(listens, min_size=1, max_size=6),
)
changes = st.one_of(
    ingests,
    st.builds(DeletePeriod, people, moments, st.integers(1, 30)),
    st.builds(DeleteSource, people, sources),
    st.builds(ChangeZone, people, st.sampled_from(ZONES)),
)
batches = st.sampled_from([1, 2, 5, 1000])
rules = st.sampled_from([RULES, OPEN, OPEN])
roll_ups = st.builds(
    RollUp,
    batches,
    st.integers(1, 24),
    st.one_of(
        st.none(),
        st.just("killed"),
        changes,
        st.builds(SecondRollUp, batches, rules),
        st.builds(lambda *parts: Together(parts), changes, st.builds(SecondRollUp, batches, rules)),
        st.builds(DeleteAccount, people),
    ),
    rules,
)
happenings = st.one_of(
    ingests,
    ingests,
    changes,
    roll_ups,
    roll_ups,
    st.builds(DeleteAccount, people),
    st.builds(Rebuild, st.dates(date(2010, 11, 3), date(2010, 11, 10)), st.integers(0, 4)),
)


def replayed(draw: Callable[..., Any]) -> list[Any]:
    """A history; what was reported in it may be reported again later."""
    history: list[Any] = []
    for happening in draw(st.lists(happenings, min_size=1, max_size=16)):
        history.append(happening)
        listens = [one for one in history if isinstance(one, Ingest)]
        if listens and draw(st.integers(0, 3)) == 0:
            history.append(draw(st.sampled_from(listens)))
    return history


@settings(
    examples(60),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(history=st.composite(replayed)(), zones=st.lists(st.sampled_from(ZONES), min_size=3, max_size=3))
def test_the_aggregates_end_right(scenario: RollupScenario, history: list[Any], zones: list[str]) -> None:
    scenario.people = oracle.empty(scenario.truth, zones)
    for happening in history:
        try:
            happening.do(scenario)
        except Problem:
            continue  # the person is gone
    check(scenario)


def check(scenario: RollupScenario, rules: RollupConfig = OPEN) -> None:
    """After one more run everything is as the plain queries say."""

    def is_done() -> bool:  # what a killed run had locked is free when the server notices that it is gone
        return not runner.run(scenario.second_rollup, rules, NOW, marks_per_batch=3).left

    wait_until(is_done, seconds=10, what="a roll-up that leaves nothing")
    assert oracle.marks(scenario.truth) == 0
    assert oracle.user_daily(scenario.truth) == oracle.plain_user_daily(scenario.truth)
    assert oracle.track_daily(scenario.truth) == oracle.plain_track_daily(scenario.truth)
    assert oracle.global_daily(scenario.truth) == oracle.plain_global_daily(scenario.truth, RULES.min_users)


# -- The moments that matter, one by one ------------------------------------------------------------


def _heard(person: int, minutes: float, song: int = 1) -> Ingest:
    at = ABOUT + timedelta(minutes=minutes)
    return Ingest(person, (_listen(at, song, "listenbrainz", "spotify", None, ""),))


MEANWHILE = {
    "killed": "killed",
    "another play of the day": _heard(0, 60),
    "a play of another day": _heard(0, 60 * 24),
    "the play is deleted": DeletePeriod(0, ABOUT - timedelta(hours=2), 4),
    "all is deleted": DeletePeriod(0, ABOUT - timedelta(days=9), 24 * 20),
    "another time zone": ChangeZone(0, "Pacific/Kiritimati"),
    "the account is deleted": DeleteAccount(0),
    "a second run": SecondRollUp(1000),
    "another play and a second run": Together((_heard(0, 61), SecondRollUp(1000))),
    "another time zone and a second run": Together((ChangeZone(0, "Pacific/Pago_Pago"), SecondRollUp(1))),
    "everything is drawn again": Together((Rebuild(date(2010, 11, 5), 3), SecondRollUp(2))),
}


@pytest.mark.parametrize("rules", [RULES, OPEN], ids=["closed", "open"])
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_anything_may_happen_before_any_statement(
    scenario: RollupScenario, meanwhile: str, rules: RollupConfig
) -> None:
    for statement in itertools.count(1):
        scenario.people = oracle.empty(scenario.truth, ["America/St_Johns", "Europe/Berlin", "UTC"])
        for play in (_heard(0, 0), _heard(0, -20, 2), _heard(1, 0)):
            play.do(scenario)
        SecondRollUp(1000, rules).do(scenario)
        for play in (_heard(0, 5), _heard(0, -60 * 30)):
            play.do(scenario)
        RollUp(2, statement, MEANWHILE[meanwhile], rules).do(scenario)
        check(scenario, rules)
        if scenario.rollup.statements < statement:
            break
    assert statement > 10


def test_a_day_that_the_clocks_cut_in_two_is_counted_whole(scenario: RollupScenario) -> None:
    """At 00:01 St. John's went back to 23:01: that day has a first minute, and then all the rest."""
    scenario.people = oracle.empty(scenario.truth, ["America/St_Johns", "UTC", "UTC"])
    for minutes in (-0.5, 0.5, 59.5):  # 00:00:30 of the 7th, 23:01:30 of the 6th, 00:00:30 of the 7th again
        _heard(0, minutes).do(scenario)
    check(scenario)
    days = [row for row in oracle.user_daily(scenario.truth) if row[2] is None]
    assert [(row[1], row[3]) for row in days] == [(date(2010, 11, 6), 1), (date(2010, 11, 7), 2)]
