"""What the tests of the providers do over and over."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import requests

from musicconnect.platform import tokens
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.postgres import sql

QUEUE = "PROVIDERS_SYNC_QUEUE_URL"
TIMER = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
DAY = 86_400.0
LIST = {"spotify": "GET /v1/me/playlists", "youtube": "GET /youtube/v3/playlists"}


@dataclass(frozen=True)
class Simulator:
    """A simulator's control endpoint."""

    url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, endpoint: str, **fault: Any) -> None:
        """Arm one fault; ``ready_made`` stands for the field ``as``."""
        if "ready_made" in fault:
            fault["as"] = fault.pop("ready_made")
        self.control("POST", "/faults", {"endpoint": endpoint, **fault})

    def settings(self, **settings: Any) -> None:
        self.control("PUT", "/settings", settings)

    def quota(self, **limits: Any) -> None:
        self.control("PUT", "/quota", limits)

    def calls(self) -> dict[str, int]:
        """Calls so far by endpoint, consent page and token endpoint included."""
        found: dict[str, int] = self.control("GET", "/calls")["by_endpoint"]
        return found

    def forget_calls(self) -> None:
        self.control("DELETE", "/calls")

    def truth(self, playlist_id: str) -> list[Any]:
        """The ids that are really in a playlist."""
        items = self.control("GET", f"/playlists/{playlist_id}/items")["items"]
        return [item["id"] for item in items]

    def playlist(self, login: str = "ada", **playlist: Any) -> str:
        made: str = self.control("POST", f"/users/{login}/playlists", playlist)["id"]
        return made


def new_person(harness: FunctionRunner) -> Person:
    """Somebody who is signed in for ten years, without the half second that hashing a password takes."""
    token, email = tokens.new_token(), f"{tokens.new_token()}@example.org"
    ((user_id,),) = sql(
        harness.database_url,
        """
        WITH made AS (
            INSERT INTO core.users (email, password_hash, display_name) VALUES (%s, 'none', 'Ada')
            RETURNING id)
        INSERT INTO core.user_sessions (user_id, session_token, expires_at)
        SELECT id, %s, now() + interval '10 years' FROM made RETURNING user_id""",
        email,
        tokens.token_hash(token),
    )
    assert isinstance(user_id, int)
    return Person(harness, user_id, email, "none", token)


def take_messages(harness: FunctionRunner) -> list[dict[str, Any]]:
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
