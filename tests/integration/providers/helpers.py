"""What the tests of the providers do over and over."""

import json
from typing import Any

import boto3

from tests.support.functions import Answer, FunctionRunner, Person

QUEUE = "PROVIDERS_SYNC_QUEUE_URL"
TIMER = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
DAY = 86_400.0
LIST = {
    "spotify": "GET /v1/me/playlists",
    "youtube": "GET /youtube/v3/playlists",
    "tidal": "GET /v2/playlists",
    "listenbrainz": "GET /1/user/{name}/playlists",
}
CONSENTING = ("spotify", "youtube", "tidal")
"""Those that are linked by a consent, whose access tokens end and are refreshed."""


def drain_messages(harness: FunctionRunner) -> list[dict[str, Any]]:
    """Take what waits in the queue of playlist syncs, as records of a Lambda event, without working on it."""
    queue_url, taken = harness.queues["PROVIDERS_SYNC_QUEUE_URL"], []
    while records := harness.messages("PROVIDERS_SYNC_QUEUE_URL"):
        for record in records:
            boto3.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=record["receiptHandle"])
        taken += records
    return taken


def slug(answer: Answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    problem_type: str = answer.json["type"]
    return problem_type.rpartition(":")[2]


def next_step(person: Person, provider: str) -> str | None:
    step = person.call("GET", f"/v1/providers/{provider}").json["next_step"]
    return step and step["code"]  # type: ignore[no-any-return]


def sync_of(person: Person, provider: str = "spotify") -> dict[str, Any]:
    items = person.call("GET", "/v1/playlists/sync").json["items"]
    (state,) = [item for item in items if item["provider"] == provider]
    found: dict[str, Any] = state
    return found


def playlists_of(person: Person, target: str = "/v1/playlists?limit=200") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = person.call("GET", f"{target}{cursor}").json
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def record(person: Person, account_id: int) -> dict[str, Any]:
    body = {"account_id": account_id, "user_id": person.id, "correlation_id": "test"}
    return {"messageId": "m1", "body": json.dumps(body)}
