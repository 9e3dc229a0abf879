"""The template's queues: what fills each one, who works on it, and which timer sends what was lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import requests

from local.template.cloudformation import read_yaml
from tests.integration.migrations.scenario import MigrationScenario, ids_on, track_ids, well_known
from tests.integration.trends.plays.conftest import account_row, as_json, upload
from tests.support import ROOT

TIMER = {"source": "aws.scheduler"}


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A queue with one kind of work."""

    fill: Callable[[MigrationScenario], Any]
    """Makes one piece of work and sends its message."""
    variable: str
    worker: str
    cause: str
    """The route, or the line of a timer, whose correlation id the messages carry."""
    dispatcher: str = ""
    """The function whose timer sends again; the worker if empty."""

    def run_timer(self, scenario: MigrationScenario) -> int:
        """Send what is due; gives the number of messages."""
        return int(scenario.harness.invoke(self.dispatcher or self.worker, TIMER)["sent"])

    def work(self, scenario: MigrationScenario) -> int:
        """Work on all that is visible; gives the number of messages."""
        return scenario.harness.drain(self.variable, self.worker)

    def lose(self, scenario: MigrationScenario) -> int:
        """Delete all messages unread; gives their number."""
        lost = 0
        while messages := scenario.harness.messages(self.variable):
            for message in messages:
                boto3.client("sqs").delete_message(
                    QueueUrl=scenario.harness.queues[self.variable], ReceiptHandle=message["receiptHandle"]
                )
            lost += len(messages)
        return lost

    @property
    def timeout_ms(self) -> int:
        """How long an invocation of the worker may last, by the template."""
        (timeout,) = (
            function["Properties"]["Timeout"]
            for function in RESOURCES.values()
            if function["Type"] == "AWS::Serverless::Function"
            and function["Properties"]["Handler"] == f"{self.worker}.app.handler"
        )
        return 1000 * int(timeout)


def start_migration(scenario: MigrationScenario) -> int:
    """Migrate a playlist of two tracks; gives the migration's id."""
    return scenario.start("spotify", "youtube", [scenario.playlist("spotify", track_ids(well_known(2)))])


def request_sync(scenario: MigrationScenario) -> None:
    """Read the playlists of one account."""
    answer = scenario.person.call("POST", "/v1/playlists/sync", {"provider": "spotify"})
    assert answer.status == 202, answer.text


def start_history_import(scenario: MigrationScenario) -> int:
    """Upload a history of one play; gives the import's id."""
    row = account_row("2024-01-15 14:30", "Queen", "Bohemian Rhapsody", 354320)
    return upload(scenario.person, as_json([row]))


def _poll(scenario: MigrationScenario) -> None:
    assert scenario.person.call("POST", "/v1/plays/polling", {"enabled": True}).status == 200
    scenario.harness.invoke("trends_poll_worker", TIMER)


def start_export(scenario: MigrationScenario) -> int:
    """Export an empty history; gives the export's id."""
    answer = scenario.person.call("POST", "/v1/exports", {"type": "history_csv"})
    assert answer.status == 202, answer.text
    return int(answer.json["id"])


def start_playlist_import(scenario: MigrationScenario) -> int:
    """Upload a playlist of one track; gives the import's id."""
    track = well_known(1)[0].tracks[0]
    file = f"#EXTM3U\n#EXTINF:{track.duration_ms // 1000},{track.artists[0]} - {track.title}\n".encode()
    file += f"https://open.spotify.com/track/{track.id}\n".encode()
    wanted = {"target_provider": "youtube", "file_name": "road.m3u8", "size_bytes": len(file)}
    made = scenario.person.call("POST", "/v1/imports/playlists", wanted).json
    link = made["upload"]
    requests.put(link["url"], file, headers=link["headers"], timeout=30).raise_for_status()
    answer = scenario.person.call("POST", f"/v1/imports/playlists/{made['id']}/start")
    assert answer.status == 202, answer.text
    return int(made["id"])


def start_pair(scenario: MigrationScenario) -> int:
    """Pair two playlists of two tracks; gives the pair's id."""
    sides = {
        name: {"provider": provider, "playlist_id": scenario.playlist(provider, ids_on(provider, 2))}
        for name, provider in (("left", "spotify"), ("right", "youtube"))
    }
    answer = scenario.person.call("POST", "/v1/pairs", {"items": [sides]})
    assert answer.status == 200, answer.text
    return int(answer.json["items"][0]["id"])


def _maintain(scenario: MigrationScenario) -> None:
    """Without time, everything is left for another run."""
    answer = scenario.harness.invoke("maintenance", {"tasks": ["sessions"]}, remaining_ms=20_000)
    assert answer["left"] == ["sessions"]


QUEUES = {
    "MigrationsQueue": WorkQueue(
        start_migration, "MIGRATIONS_QUEUE_URL", "migrations_worker", "POST /v1/migrations",
        "migrations_dispatcher",
    ),
    "ProvidersSyncQueue": WorkQueue(
        request_sync, "PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker", "POST /v1/playlists/sync"
    ),
    "TrendsImportQueue": WorkQueue(
        start_history_import, "TRENDS_IMPORT_QUEUE_URL", "trends_import_worker",
        "POST /v1/plays/imports/{import_id}/start",
    ),
    "ExportsQueue": WorkQueue(start_export, "EXPORTS_QUEUE_URL", "exports_worker", "POST /v1/exports"),
    "MigrationsImportQueue": WorkQueue(
        start_playlist_import, "MIGRATIONS_IMPORT_QUEUE_URL", "migrations_import_worker",
        "POST /v1/imports/playlists/{import_id}/start",
    ),
    "TrendsPollQueue": WorkQueue(_poll, "TRENDS_POLL_QUEUE_URL", "trends_poll_worker", "dispatched"),
    "SyncQueue": WorkQueue(start_pair, "SYNC_QUEUE_URL", "sync_worker", "POST /v1/pairs"),
    "MaintenanceQueue": WorkQueue(_maintain, "MAINTENANCE_QUEUE_URL", "maintenance", "timer handled"),
}  # fmt: skip
ELSEWHERE = {
    "MailQueue": "core/test_mail.py",
    "MailFeedbackQueue": "core/test_mail.py",
    "NoticesWebhookQueue": "notices/test_webhooks.py",
}
"""Queues whose work goes to nobody's music: their own tests look at the same things."""
RESOURCES: dict[str, Any] = read_yaml(ROOT / "template.yaml")["Resources"]
