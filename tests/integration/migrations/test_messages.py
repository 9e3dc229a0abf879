"""Messages may come twice, late, in any order, or never; workers may meet."""

import json
import threading
from typing import Any

import boto3
import pytest

from musicconnect.migrations.engine import step, transitions
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.platform.work.budget import StepBudget
from tests.integration.migrations.scenario import (
    PAST_ALL_LEASES_S,
    QUEUE,
    SLOW_DOWN,
    MigrationScenario,
    ids_on,
)


def delete_messages(scenario: MigrationScenario, records: list[dict[str, Any]]) -> None:
    for record in records:
        boto3.client("sqs").delete_message(
            QueueUrl=scenario.harness.queues[QUEUE], ReceiptHandle=record["receiptHandle"]
        )


def lose_messages(scenario: MigrationScenario) -> int:
    lost = 0
    while records := scenario.harness.messages(QUEUE):
        delete_messages(scenario, records)
        lost += len(records)
    return lost


def record(body: Any, message_id: str = "m") -> dict[str, Any]:
    return {"messageId": message_id, "body": body if isinstance(body, str) else json.dumps(body)}


def fail(_context: Any) -> Any:
    raise ZeroDivisionError


def row(scenario: MigrationScenario, columns: str) -> tuple[Any, ...]:
    found = scenario.sql(f"SELECT {columns} FROM migrations.playlists ORDER BY id DESC LIMIT 1")
    return found[0]


def test_a_message_says_which_playlist_and_whose_and_nothing_else(scenario: MigrationScenario) -> None:
    scenario.start_known()
    (message,) = scenario.harness.messages(QUEUE)
    body = json.loads(message["body"])
    assert set(body) == {"playlist_migration_id", "user_id", "correlation_id"}
    assert body["user_id"] == scenario.person.id
    assert message["attributes"]["MessageGroupId"] == str(scenario.person.id)


def test_doubled_messages_change_nothing(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known()
    records = scenario.harness.messages(QUEUE)
    for _ in range(3):
        assert scenario.deliver(records * 2) == []
    assert scenario.finish(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 3


def test_a_message_from_the_past_changes_nothing(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known()
    records = scenario.harness.messages(QUEUE)
    scenario.finish(migration_id)
    scenario.clear_calls()
    scenario.pass_time(86_400)
    scenario.deliver(records)
    assert scenario.calls("youtube") == {}
    assert scenario.calls("spotify") == {}


def test_a_message_that_comes_before_its_time_changes_nothing(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known()
    records = scenario.harness.messages(QUEUE)
    scenario.fault("youtube", **SLOW_DOWN)
    scenario.work()
    scenario.clear_calls()
    scenario.deliver(records)
    assert scenario.calls("youtube") == {}
    assert scenario.finish(migration_id)["status"] == "completed"


def test_lost_messages_are_sent_again_after_a_minute(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known()
    assert lose_messages(scenario) == 1
    assert scenario.dispatch() == 0
    scenario.pass_time(61)
    assert scenario.dispatch() == 1
    assert scenario.dispatch() == 0
    scenario.work()
    assert scenario.job(migration_id)["status"] == "completed"


def test_what_was_never_sent_is_sent_by_the_dispatcher(scenario: MigrationScenario) -> None:
    playlists = [scenario.playlist("spotify", [], name=f"List {number}") for number in range(12)]
    migration_id = scenario.start("spotify", "youtube", playlists)
    assert lose_messages(scenario) == 10
    assert scenario.dispatch() == 2
    scenario.pass_time(PAST_ALL_LEASES_S)
    assert scenario.dispatch() == 12
    scenario.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
    job = scenario.finish(migration_id)
    assert (job["status"], job["progress"]["playlists"]["completed"]) == ("completed", 12)


def test_the_dispatcher_is_fair_among_people(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicconnect.platform.work.worker.MAX_DISPATCHED", 3)
    for _ in range(2):
        scenario.sign_up()
    for person, count in zip(scenario.people, (6, 2, 1), strict=True):
        lists = [scenario.playlist("spotify", [], name=f"List {number}") for number in range(count)]
        scenario.start("spotify", "youtube", lists, person)
    lose_messages(scenario)
    scenario.pass_time(PAST_ALL_LEASES_S)
    assert scenario.dispatch() == 3
    owners = {json.loads(message["body"])["user_id"] for message in scenario.harness.messages(QUEUE)}
    assert owners == {person.id for person in scenario.people}


def test_the_same_message_for_somebody_else_shows_nothing(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known()
    (message,) = scenario.harness.messages(QUEUE)
    stranger = scenario.sign_up()
    foreign = json.loads(message["body"]) | {"user_id": stranger.id}
    assert scenario.deliver([record(foreign)]) == []
    assert scenario.job(migration_id)["status"] == "pending"


@pytest.mark.parametrize("body", ["", "garbage", "[]", "{}", '{"playlist_migration_id": "x", "user_id": 1}'])
def test_what_is_no_message_goes_to_the_dead_letters_and_holds_up_nobody(
    scenario: MigrationScenario, body: str
) -> None:
    migration_id = scenario.start_known()
    good = scenario.harness.messages(QUEUE)
    assert scenario.deliver([record(body, "bad"), *good]) == ["bad"]
    assert scenario.finish(migration_id)["status"] == "completed"


def test_a_bug_of_ours_is_reported_and_leaves_the_state_unharmed(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration_id = scenario.start_known()
    records = scenario.harness.messages(QUEUE)
    before = row(scenario, "source_playlist_id, stage, track_count, due_at")

    with monkeypatch.context() as patch:
        patch.setattr(step, "work_of", lambda _stage: fail)
        assert scenario.deliver(records) == [records[0]["messageId"]]
    assert row(scenario, "source_playlist_id, stage, track_count, due_at") == before
    assert row(scenario, "lease_token, attempts") == (None, 1)
    scenario.deliver(records)
    assert scenario.job(migration_id)["status"] == "completed"


def test_a_bug_that_stays_ends_in_a_failure_that_says_whose_fault_it_is(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration_id = scenario.start_known()
    records = scenario.harness.messages(QUEUE)

    with monkeypatch.context() as patch:
        patch.setattr(step, "work_of", lambda _stage: fail)
        for _ in range(transitions.MAX_CRASHES):
            scenario.deliver(records)
    job = scenario.job(migration_id)
    assert job["status"] == "failed"
    assert "Something went wrong on our side" in job["status_message"]


def test_a_spent_budget_is_gone_on_with_by_the_next_message(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration_id = scenario.start_known()
    monkeypatch.setattr(StepBudget, "of", lambda _seconds: StepBudget(ends=float("inf"), calls=1))
    steps = scenario.work()
    # One call a step: read 2, search 3, look up 1, create 1, write 3, verify 1.
    assert 10 <= steps <= 13
    assert scenario.job(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 3


def test_long_targets_are_read_back_over_several_steps(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ids_on("youtube", 4) * 30
    migration_id = scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids)])
    monkeypatch.setattr(StepBudget, "of", lambda _seconds: StepBudget(ends=float("inf"), calls=1))
    # The last of two writes is in doubt, so that the target is read back twice.
    scenario.fault(
        "spotify", "POST /v1/playlists/{playlist_id}/items", skip=1, applied=True, **{"as": "server_error"}
    )
    job = scenario.finish(migration_id)
    assert job["status"] == "completed", job
    assert len(scenario.assert_target_is_right(migration_id)) == 120


@pytest.mark.parametrize("calls", [1, 3, 1000])
def test_workers_who_meet_on_one_playlist_do_the_work_once(scenario: MigrationScenario, calls: int) -> None:
    migration_id = scenario.start_known(4)
    scenario.control("youtube", "PUT", "/latency", {"ms": 3})
    (playlist_id, user_id) = row(scenario, "id, user_id")
    errors: list[BaseException] = []

    def work() -> None:
        database = Database(DatabaseSettings.from_environment())
        try:
            for _ in range(400):
                step.step(database, playlist_id, user_id, StepBudget.of(30, calls))
                if row(scenario, "status") == ("completed",):
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            database.close()

    with scenario.harness.environment_of("migrations_worker"):
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    assert errors == []
    scenario.control("youtube", "PUT", "/latency", {"ms": 0})
    assert scenario.job(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 4
    assert len([entry for entry in scenario.playlists("youtube") if entry["name"] == "Road trip"]) == 1
