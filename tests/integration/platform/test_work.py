"""Work is never lost: with the queue away, with a message lost, with a worker dead."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

from musicconnect.platform import database
from musicconnect.platform.work import queue as work_queue
from tests.integration.migrations.fault_injection import Killed, kill
from tests.integration.migrations.scenario import MigrationScenario, catalogue, track_ids, well_known
from tests.integration.platform.queues import (
    QUEUES,
    WorkQueue,
    request_sync,
    start_export,
    start_history_import,
    start_migration,
    start_pair,
    start_playlist_import,
)

LEASED = [name for name in QUEUES if name != "MaintenanceQueue"]
"""Queues whose work stands in a table; what a run of maintenance leaves, the next night's does."""


@pytest.fixture
def settled(scenario: MigrationScenario) -> MigrationScenario:
    """The scenario, when what linking asked for is done."""
    QUEUES["ProvidersSyncQueue"].work(scenario)
    return scenario


@contextmanager
def queue_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse connections to SQS."""
    with monkeypatch.context() as patch, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        patch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{bound.getsockname()[1]}")
        work_queue._client.cache_clear()
        try:
            yield
        finally:
            work_queue._client.cache_clear()


def ended_with_a_failed_track(scenario: MigrationScenario) -> int:
    """A migration of one track that was written and one that found no counterpart; gives its id."""
    unfindable = next(
        entry.tracks[0].id for entry in catalogue().recordings if entry.tracks and not entry.uploads
    )
    playlist = scenario.playlist("spotify", [*track_ids(well_known(1)), unfindable])
    migration_id = scenario.start("spotify", "youtube", [playlist])
    assert scenario.finish(migration_id)["progress"]["tracks"]["failed"] == 1
    return migration_id


def paused(scenario: MigrationScenario) -> int:
    """A paused migration; gives its id."""
    migration_id = start_migration(scenario)
    assert scenario.person.call("POST", f"/v1/migrations/{migration_id}/pause").status == 200
    scenario.work()
    return migration_id


def act(what: str, status: int) -> Callable[[MigrationScenario, int], None]:
    """Ask for something of a migration, and expect an answer."""

    def call(scenario: MigrationScenario, migration_id: int) -> None:
        answer = scenario.person.call("POST", f"/v1/migrations/{migration_id}/{what}")
        assert answer.status == status, answer.text

    return call


def leave_out(scenario: MigrationScenario, migration_id: int) -> None:
    """Decide about the failed track."""
    (track,) = scenario.tracks(migration_id, "&status=failed")
    video = well_known(2)[1].uploads[0].video_id
    path = f"/v1/migrations/{migration_id}/tracks/{track['id']}/resolve"
    answer = scenario.person.call("POST", path, {"link": f"https://youtu.be/{video}"})
    assert answer.status == 202, answer.text


REQUESTS: dict[str, tuple[str, Callable[[MigrationScenario], Any] | None, Callable[..., Any]]] = {
    # route: its queue, what comes before, and the request, which fails unless it is answered as usual
    "POST /v1/exports": ("ExportsQueue", None, start_export),
    "POST /v1/plays/imports/{id}/start": ("TrendsImportQueue", None, start_history_import),
    "POST /v1/imports/playlists/{id}/start": ("MigrationsImportQueue", None, start_playlist_import),
    "POST /v1/playlists/sync": ("ProvidersSyncQueue", None, request_sync),
    "POST /v1/pairs": ("SyncQueue", None, start_pair),
    "POST /v1/migrations": ("MigrationsQueue", None, start_migration),
    "POST /v1/migrations/{id}/resume": ("MigrationsQueue", paused, act("resume", 200)),
    "POST /v1/migrations/{id}/retry": ("MigrationsQueue", ended_with_a_failed_track, act("retry", 202)),
    "POST /v1/migrations/{id}/rollback": ("MigrationsQueue", ended_with_a_failed_track, act("rollback", 202)),
    "POST /v1/migrations/{id}/tracks/{id}/resolve": ("MigrationsQueue", ended_with_a_failed_track, leave_out),
}


@pytest.mark.parametrize("route", REQUESTS)
def test_with_the_queue_away_a_request_is_answered_and_the_timer_sends_its_message(
    settled: MigrationScenario, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    name, prepare, request = REQUESTS[route]
    queue = QUEUES[name]
    prepared = () if prepare is None else (prepare(settled),)
    with queue_away(monkeypatch):
        request(settled, *prepared)
    assert queue.lose(settled) == 0
    settled.pass_time(61)
    assert queue.run_timer(settled) == 1
    assert queue.work(settled) >= 1
    assert_done(settled, queue)


@pytest.mark.parametrize("name", LEASED)
def test_a_lost_message_is_sent_again_by_the_first_timer_after_a_minute(
    settled: MigrationScenario, name: str
) -> None:
    queue = QUEUES[name]
    queue.fill(settled)
    assert queue.lose(settled) == 1
    assert queue.run_timer(settled) == 0, "it may still come"
    settled.pass_time(61)
    assert queue.run_timer(settled) == 1
    assert queue.run_timer(settled) == 0
    assert queue.work(settled) >= 1
    assert_done(settled, queue)


@pytest.mark.parametrize("name", LEASED)
def test_work_whose_worker_died_is_sent_again_by_a_timer_two_and_a_quarter_minutes_later(
    settled: MigrationScenario, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    queue = QUEUES[name]
    queue.fill(settled)
    die_after_the_claim(settled, monkeypatch, queue)
    queue.lose(settled)  # invisible for minutes
    assert queue.run_timer(settled) == 0, "the lease of the dead one still stands"
    settled.pass_time(135)
    assert queue.run_timer(settled) == 1
    assert queue.work(settled) >= 1
    assert_done(settled, queue)


def die_after_the_claim(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch, queue: WorkQueue
) -> None:
    """Work on a queue's one message, for as long as the template allows, up to the second transaction."""
    records = scenario.harness.messages(queue.variable)
    begin, begun = database.Database.transaction, 0

    @wraps(begin)
    def transaction(self: database.Database, user_id: int | None = None) -> Any:
        nonlocal begun
        begun += 1
        if begun == 2:
            kill()
        return begin(self, user_id)

    with monkeypatch.context() as patch:
        patch.setattr(database.Database, "transaction", transaction)
        with pytest.raises(Killed):
            scenario.harness.invoke(queue.worker, {"Records": records}, remaining_ms=queue.timeout_ms)
    database.close_all()


def assert_done(scenario: MigrationScenario, queue: WorkQueue) -> None:
    """Nothing is left to send."""
    scenario.pass_time(600)
    assert queue.run_timer(scenario) == 0
