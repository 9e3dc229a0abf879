"""One id leads from the request through every queue step, whoever does it and however much later."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests

from local.template.cloudformation import read_yaml
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, track_ids, well_known
from tests.integration.trends.plays.conftest import account_row, as_json, upload
from tests.support import ROOT
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.logs import Written


@pytest.fixture
def scenario(
    harness: FunctionRunner,
    spotify_url: str,
    youtube_url: str,
    shifted_clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MigrationScenario]:
    harness.environment["PLAY_POLL_ENABLED"] = "true"
    made = MigrationScenario(harness, {"spotify": spotify_url, "youtube": youtube_url}, shifted_clock)
    made.begin()
    yield made
    made.end()
    del harness.environment["PLAY_POLL_ENABLED"]


def _migration(scenario: MigrationScenario) -> None:
    scenario.start("spotify", "youtube", [scenario.playlist("spotify", track_ids(well_known(2)))])


def _sync(scenario: MigrationScenario) -> None:
    assert scenario.person.call("POST", "/v1/playlists/sync", {}).status == 202


def _import(scenario: MigrationScenario) -> None:
    upload(scenario.person, as_json([account_row("2024-01-15 14:30", "Queen", "Bohemian Rhapsody", 354320)]))


def _poll(scenario: MigrationScenario) -> None:
    assert scenario.person.call("POST", "/v1/plays/polling", {"enabled": True}).status == 200
    scenario.harness.invoke("trends_poll_worker", {"source": "aws.scheduler"})


def _export(scenario: MigrationScenario) -> None:
    assert scenario.person.call("POST", "/v1/exports", {"type": "history_csv"}).status == 202


def _playlist_import(scenario: MigrationScenario) -> None:
    track = well_known(1)[0].tracks[0]
    file = f"#EXTM3U\n#EXTINF:{track.duration_ms // 1000},{track.artists[0]} - {track.title}\n".encode()
    file += f"https://open.spotify.com/track/{track.id}\n".encode()
    wanted = {"target_provider": "youtube", "file_name": "road.m3u8", "size_bytes": len(file)}
    made = scenario.person.call("POST", "/v1/imports/playlists", wanted).json
    link = made["upload"]
    requests.put(link["url"], file, headers=link["headers"], timeout=30).raise_for_status()
    assert scenario.person.call("POST", f"/v1/imports/playlists/{made['id']}/start").status == 202


def _maintenance(scenario: MigrationScenario) -> None:
    """Without time, everything is left for another run."""
    answer = scenario.harness.invoke("maintenance", {"tasks": ["sessions"]}, remaining_ms=20_000)
    assert answer["left"] == ["sessions"]


SCENARIOS: dict[str, tuple[Callable[[MigrationScenario], None], str, str, str]] = {
    # queue: what fills it, its variable, its worker, the line whose id its messages carry
    "MigrationsQueue": (_migration, QUEUE, "migrations_worker", "POST /v1/migrations"),
    "ProvidersSyncQueue": (
        _sync,
        "PROVIDERS_SYNC_QUEUE_URL",
        "providers_sync_worker",
        "POST /v1/playlists/sync",
    ),
    "TrendsImportQueue": (
        _import,
        "TRENDS_IMPORT_QUEUE_URL",
        "trends_import_worker",
        "POST /v1/plays/imports/{import_id}/start",
    ),
    "ExportsQueue": (_export, "EXPORTS_QUEUE_URL", "exports_worker", "POST /v1/exports"),
    "MigrationsImportQueue": (
        _playlist_import,
        "MIGRATIONS_IMPORT_QUEUE_URL",
        "migrations_import_worker",
        "POST /v1/imports/playlists/{import_id}/start",
    ),
    "TrendsPollQueue": (_poll, "TRENDS_POLL_QUEUE_URL", "trends_poll_worker", "polls sent"),
    "MaintenanceQueue": (_maintenance, "MAINTENANCE_QUEUE_URL", "maintenance", "maintenance done"),
}


def cause(log: Written, what: str) -> str:
    """The id of the request of a route, or of the run of a timer that wrote a message."""
    (line,) = [line for line in log.lines() if what in (line.get("route"), line["message"])]
    return str(line["correlation_id"])


def lose(scenario: MigrationScenario, queue: str = QUEUE) -> None:
    """Take all messages away: now only the dispatcher knows."""
    while messages := scenario.harness.messages(queue):
        for message in messages:
            boto3.client("sqs").delete_message(
                QueueUrl=scenario.harness.queues[queue], ReceiptHandle=message["receiptHandle"]
            )


def test_every_queue_of_the_template_is_looked_at() -> None:
    resources = read_yaml(ROOT / "template.yaml")["Resources"]
    polled = {
        event["Properties"]["Queue"]["Fn::GetAtt"][0]
        for resource in resources.values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "SQS"
    }
    assert polled == set(SCENARIOS)


@pytest.mark.parametrize("queue", SCENARIOS)
def test_messages_and_every_line_of_the_worker_carry_the_id_of_the_cause(
    scenario: MigrationScenario, log: Written, queue: str
) -> None:
    fill, variable, worker, what = SCENARIOS[queue]
    scenario.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")  # linking asks for one
    log.forget()
    fill(scenario)
    caused_by = cause(log, what)
    messages = scenario.harness.messages(variable)
    assert messages
    assert {json.loads(message["body"])["correlation_id"] for message in messages} == {caused_by}

    log.forget()
    assert scenario.harness.drain(variable, worker) >= 1
    assert log.lines()
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_what_was_parked_for_days_goes_on_under_the_id_of_the_request(
    scenario: MigrationScenario, log: Written
) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "120"
    migration_id = scenario.start(
        "spotify", "youtube", [scenario.playlist("spotify", track_ids(well_known(2)))]
    )
    caused_by = cause(log, "POST /v1/migrations")
    scenario.work()
    assert scenario.job(migration_id)["progress"]["waiting_for"] == "quota"
    scenario.pass_time(2 * 86_400)
    log.forget()
    scenario.dispatch()
    assert {line["correlation_id"] for line in log.everything()} != {caused_by}, "a timer is its own cause"
    log.forget()
    assert scenario.work() >= 1
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_an_export_that_was_forgotten_is_built_under_the_id_of_the_request(
    scenario: MigrationScenario, log: Written
) -> None:
    _export(scenario)
    caused_by = cause(log, "POST /v1/exports")
    lose(scenario, "EXPORTS_QUEUE_URL")
    scenario.pass_time(600)
    assert scenario.harness.invoke("exports_worker", {})["sent"] == 1
    log.forget()
    assert scenario.harness.drain("EXPORTS_QUEUE_URL", "exports_worker") == 1
    assert {line["correlation_id"] for line in log.everything()} == {caused_by}


def test_a_request_that_sets_it_going_again_gives_it_its_own_id(
    scenario: MigrationScenario, log: Written
) -> None:
    migration_id = scenario.start(
        "spotify", "youtube", [scenario.playlist("spotify", track_ids(well_known(2)))]
    )
    scenario.person.call("POST", f"/v1/migrations/{migration_id}/pause")
    scenario.work()
    log.forget()
    assert scenario.person.call("POST", f"/v1/migrations/{migration_id}/resume").status == 200
    resumed_by = cause(log, "POST /v1/migrations/{migration_id}/resume")
    lose(scenario)
    scenario.pass_time(600)
    scenario.dispatch()
    log.forget()
    assert scenario.work() >= 1
    assert {line["correlation_id"] for line in log.everything()} == {resumed_by}


def test_a_warm_environment_does_not_pass_one_causes_id_on_to_the_next(
    scenario: MigrationScenario, log: Written
) -> None:
    ids: list[Any] = []
    for _ in range(2):
        log.forget()
        scenario.dispatch()
        ids += {line["correlation_id"] for line in log.everything()}
    assert len(ids) == len(set(ids)) == 2
