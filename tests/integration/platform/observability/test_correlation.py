"""One id leads from the request through every queue step, whoever does it and however much later."""

import json
from typing import Any

import pytest

from tests.integration.migrations.scenario import MigrationScenario
from tests.integration.platform.queues import (
    ELSEWHERE,
    QUEUES,
    RESOURCES,
    start_export,
    start_migration,
)
from tests.support import ROOT
from tests.support.logs import Written


def cause(log: Written, what: str) -> str:
    """The id of the request of a route, or of the run of a timer that wrote a message."""
    (line,) = [line for line in log.lines() if what in (line.get("route"), line["message"])]
    return str(line["correlation_id"])


def test_every_queue_of_the_template_is_looked_at() -> None:
    polled = {
        event["Properties"]["Queue"]["Fn::GetAtt"][0]
        for resource in RESOURCES.values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "SQS"
    }
    assert polled == {*QUEUES, *ELSEWHERE}
    for name, path in ELSEWHERE.items():
        assert (ROOT / "tests/integration" / path).exists(), name


@pytest.mark.parametrize("name", QUEUES)
def test_messages_and_every_line_of_the_worker_carry_the_id_of_the_cause(
    scenario: MigrationScenario, log: Written, name: str
) -> None:
    queue = QUEUES[name]
    QUEUES["ProvidersSyncQueue"].work(scenario)  # linking asks for one
    log.clear()
    queue.fill(scenario)
    caused_by = cause(log, queue.cause)
    messages = scenario.harness.messages(queue.variable)
    assert messages
    assert {json.loads(message["body"])["correlation_id"] for message in messages} == {caused_by}

    log.clear()
    assert queue.work(scenario) >= 1
    assert log.lines()
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_what_was_parked_for_days_goes_on_under_the_id_of_the_request(
    scenario: MigrationScenario, log: Written
) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "120"
    migration_id = start_migration(scenario)
    caused_by = cause(log, "POST /v1/migrations")
    scenario.work()
    assert scenario.job(migration_id)["progress"]["waiting_for"] == "quota"
    scenario.pass_time(2 * 86_400)
    log.clear()
    scenario.dispatch()
    assert {line["correlation_id"] for line in log.everything()} != {caused_by}, "a timer is its own cause"
    log.clear()
    assert scenario.work() >= 1
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_an_export_whose_message_was_lost_is_built_under_the_id_of_the_request(
    scenario: MigrationScenario, log: Written
) -> None:
    queue = QUEUES["ExportsQueue"]
    start_export(scenario)
    caused_by = cause(log, queue.cause)
    queue.lose(scenario)
    scenario.pass_time(600)
    assert queue.run_timer(scenario) == 1
    log.clear()
    assert queue.work(scenario) == 1
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_a_request_that_sets_it_going_again_gives_it_its_own_id(
    scenario: MigrationScenario, log: Written
) -> None:
    migration_id = start_migration(scenario)
    scenario.person.call("POST", f"/v1/migrations/{migration_id}/pause")
    scenario.work()
    log.clear()
    assert scenario.person.call("POST", f"/v1/migrations/{migration_id}/resume").status == 200
    resumed_by = cause(log, "POST /v1/migrations/{migration_id}/resume")
    QUEUES["MigrationsQueue"].lose(scenario)
    scenario.pass_time(600)
    scenario.dispatch()
    log.clear()
    assert scenario.work() >= 1
    assert {line["correlation_id"] for line in log.everything()} == {resumed_by}


def test_a_warm_environment_does_not_pass_one_causes_id_on_to_the_next(
    scenario: MigrationScenario, log: Written
) -> None:
    ids: list[Any] = []
    for _ in range(2):
        log.clear()
        scenario.dispatch()
        ids += {line["correlation_id"] for line in log.everything()}
    assert len(ids) == len(set(ids)) == 2
