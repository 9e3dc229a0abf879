"""The ledger of the providers' allowances."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest

from local.stack.wait import wait_until
from musicconnect.platform import clock
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.platform.work.lease import LeaseLostError
from musicconnect.providers import registry
from musicconnect.providers.errors import QuotaExhaustedError, RateLimitedError
from musicconnect.providers.quota import ledger
from musicconnect.providers.quota import store as quota_store
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


@pytest.fixture
def database(harness: FunctionRunner) -> Iterator[Database]:
    """As the migrations see it, with an empty ledger."""
    sql(harness.database_url, "DELETE FROM providers.quota_usage")
    with harness.environment_of("migrations_worker"):
        made = Database(DatabaseSettings.from_environment())
        yield made
        made.close()


@pytest.fixture
def elsewhere(harness: FunctionRunner) -> Iterator[Database]:
    """As a search sees it."""
    with harness.environment_of("search_api"):
        made = Database(DatabaseSettings.from_environment())
    yield made
    made.close()


def left(database: Database, provider: str, bucket: str) -> tuple[int, int | None]:
    (status,) = [entry for entry in ledger.status(database, provider) if entry.bucket == bucket]
    return status.used, status.remaining


def test_books_until_the_day_is_spent(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", "120")
    ledger.reserve(database, "youtube", "general", 50)
    ledger.reserve(database, "youtube", "general", 50)
    with pytest.raises(QuotaExhaustedError) as spent:
        ledger.reserve(database, "youtube", "general", 50)
    assert left(database, "youtube", "general") == (100, 20), "what does not fit is not booked"
    ledger.reserve(database, "youtube", "general", 20)
    assert left(database, "youtube", "general") == (120, 0)
    assert spent.value.bucket == "general"
    assert clock.now() < spent.value.until <= clock.now() + timedelta(hours=25)


def test_a_cost_above_the_limit_is_never_booked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", "10")
    with pytest.raises(QuotaExhaustedError):
        ledger.reserve(database, "youtube", "general", 50)
    assert left(database, "youtube", "general") == (0, 10)


def test_buckets_do_not_pay_for_each_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "1")
    ledger.reserve(database, "youtube", "search", 1)
    with pytest.raises(QuotaExhaustedError):
        ledger.reserve(database, "youtube", "search", 1)
    ledger.reserve(database, "youtube", "general", 50)


def test_bookings_at_once_never_pass_the_limit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", "100")
    together, booked, refused = threading.Barrier(4), [], []

    def run() -> None:
        own = Database(DatabaseSettings.from_environment())
        try:
            together.wait(timeout=10)
            for _ in range(15):
                try:
                    ledger.reserve(own, "youtube", "general", 3)
                    booked.append(3)
                except QuotaExhaustedError:
                    refused.append(3)
        finally:
            own.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(booked) == 99
    assert len(refused) == 27
    assert left(database, "youtube", "general") == (99, 1)


def test_what_the_provider_said_stands_until_its_midnight(
    database: Database, later: Callable[[float], None]
) -> None:
    ledger.reserve(database, "youtube", "search", 1)
    ledger.mark_exhausted(database, "youtube", "search", None)
    with pytest.raises(QuotaExhaustedError) as spent:
        ledger.reserve(database, "youtube", "search", 1)
    assert left(database, "youtube", "search") == (1, 0)
    later((spent.value.until - clock.now()).total_seconds() + 1)
    ledger.reserve(database, "youtube", "search", 1)
    assert left(database, "youtube", "search") == (1, 99), "a new day"


def test_a_rolling_exhaustion_reaches_over_midnight(
    database: Database, later: Callable[[float], None]
) -> None:
    until = clock.now() + timedelta(hours=30)
    ledger.mark_exhausted(database, "spotify", "requests", until)
    later(25 * 3600)
    with pytest.raises(QuotaExhaustedError) as spent:
        ledger.reserve(database, "spotify", "requests", 1)
    assert spent.value.until == until
    later(31 * 3600)
    ledger.reserve(database, "spotify", "requests", 1)


def test_the_later_of_two_exhaustions_counts(database: Database) -> None:
    now = clock.now()
    ledger.mark_exhausted(database, "spotify", "requests", now + timedelta(hours=2))
    ledger.mark_exhausted(database, "spotify", "requests", now + timedelta(hours=1))
    (status,) = ledger.status(database, "spotify")
    assert (status.remaining, status.resets_at) == (0, now + timedelta(hours=2))


def own(database: Database, person: Person) -> tuple[int, int | None]:
    (status,) = ledger.personal_status(database, "youtube", person.id)
    return status.used, status.remaining


def test_twelve_at_once_get_a_personal_allowance_of_five_between_them(
    database: Database, person: Person
) -> None:
    begin, outcomes = threading.Barrier(12), []

    def ask() -> None:
        begin.wait()
        connections = Database(DatabaseSettings.from_environment())
        try:
            with connections.transaction(person.id) as connection:
                ledger.reserve_personal(connection, "youtube", "new_playlists", person.id, clock.now())
            outcomes.append("booked")
        except QuotaExhaustedError:
            outcomes.append("spent")
        finally:
            connections.close()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("booked"), outcomes.count("spent")) == (5, 7)
    assert own(database, person) == (5, 0)


def test_a_personal_allowance_is_one_persons_and_one_days(
    database: Database, harness: FunctionRunner, person: Person, later: Callable[[float], None]
) -> None:
    other, booked_at = harness.sign_up(), clock.now()
    for _ in range(5):
        with database.transaction(person.id) as connection:
            ledger.reserve_personal(connection, "youtube", "new_playlists", person.id, booked_at)
    with database.transaction(other.id) as connection:
        ledger.reserve_personal(connection, "youtube", "new_playlists", other.id, booked_at)
    assert (own(database, person), own(database, other)) == ((5, 0), (1, 4))
    with database.transaction(person.id) as connection:
        ledger.refund_personal(connection, "youtube", "new_playlists", person.id, booked_at)
    assert own(database, person) == (4, 1)
    later(25 * 3600)
    assert own(database, person) == (0, 5)
    with database.transaction(person.id) as connection:
        ledger.reserve_personal(connection, "youtube", "new_playlists", person.id, clock.now())
        ledger.refund_personal(connection, "youtube", "new_playlists", person.id, booked_at)
    assert own(database, person) == (1, 4), "yesterday's refund is not today's"


def test_what_is_not_stored_after_all_is_not_booked(database: Database, person: Person) -> None:
    with suppress(LeaseLostError), database.transaction(person.id) as connection:
        ledger.reserve_personal(connection, "youtube", "new_playlists", person.id, clock.now())
        raise LeaseLostError
    assert own(database, person) == (0, 5)


def test_the_api_shows_what_is_left(
    database: Database, person: Person, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "youtube")
    answer = person.call("GET", "/v1/providers/youtube/quota").json
    general, search, new_playlists = answer["items"]
    assert general["bucket"] == "general"
    assert general["limit"] == 10_000
    assert general["used"] == 1
    assert general["remaining"] == 9_999
    assert general["resets_at"]
    assert (search["limit"], search["remaining"]) == (100, 100)
    assert [bucket["is_personal"] for bucket in answer["items"]] == [False, False, True]
    assert (new_playlists["bucket"], new_playlists["limit"], new_playlists["remaining"]) == (
        "new_playlists",
        5,
        5,
    )
    (requests_bucket,) = person.call("GET", "/v1/providers/spotify/quota").json["items"]
    assert (requests_bucket["limit"], requests_bucket["remaining"]) == (None, None)


def test_the_quota_is_for_people_who_are_signed_in(harness: FunctionRunner) -> None:
    assert harness.call("GET", "/v1/providers/youtube/quota").status == 401


def test_musicbrainz_is_one_allowance_of_all_functions_and_people(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call a second from one address, whoever asks; ListenBrainz' own calls are another allowance."""
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    taken, waits = [], []

    def take(of: Database) -> None:
        try:
            ledger.reserve(of, "listenbrainz", "musicbrainz", 1)
            taken.append(of)
        except RateLimitedError as error:
            waits.append(error.retry_after)

    threads = [threading.Thread(target=take, args=(of,)) for of in (database, elsewhere) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1, "eight at once, from two functions"
    assert waits == [pytest.approx(1.0, abs=0.001)] * 7
    for _ in range(30):
        ledger.reserve(elsewhere, "listenbrainz", "calls", 1)
    with pytest.raises(RateLimitedError) as refused:
        ledger.reserve(database, "listenbrainz", "calls", 1)
    assert refused.value.retry_after == pytest.approx(1 / 3, abs=0.001)
    for second in range(1, 4):
        moment[0] += timedelta(seconds=1)
        take(elsewhere if second % 2 else database)
        take(database)
    assert len(taken) == 4, "one more each second"
    assert left(database, "listenbrainz", "musicbrainz")[1] is None, "nothing is ever spent for the day"


def test_a_call_refused_by_a_row_that_is_just_committed_is_told_the_whole_wait(
    harness: FunctionRunner, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What refuses it stands in no snapshot of its own: a wait read there would send it back at once."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    waits: list[float | None] = []

    def take() -> None:
        with pytest.raises(RateLimitedError) as refused:
            ledger.reserve(database, "listenbrainz", "musicbrainz", 1)
        waits.append(refused.value.retry_after)

    with psycopg.connect(harness.database_url) as other:
        day = ledger.day_of(registry.get("listenbrainz"), moment)
        first = quota_store.take_tokens(
            other, provider="listenbrainz", bucket="musicbrainz", day=day, cost=1, size=1, per_s=1, now=moment
        )
        thread = threading.Thread(target=take)
        thread.start()
        waiting = "SELECT pid FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
        wait_until(lambda: sql(harness.database_url, waiting), seconds=20, what="the second to wait")
        other.commit()
    thread.join(timeout=30)
    assert first == 0
    assert waits == [pytest.approx(1.0, abs=0.001)]
