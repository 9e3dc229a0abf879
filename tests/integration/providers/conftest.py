"""What the tests of the providers share: the simulators' controls, and acting as a worker does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from musicconnect import crypto, db
from musicconnect.db import Database
from musicconnect.providers.acting import client_for
from musicconnect.providers.base import Access, Client
from musicconnect.settings import DatabaseSettings
from tests.support.harness import SERVICE_ROLES, Harness, Person
from tests.support.postgres import sql

type Act = Callable[..., Client]


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


def new_person(harness: Harness) -> Person:
    """Somebody who is signed in for ten years, without the half second that hashing a password takes."""
    token, email = crypto.new_token(), f"{crypto.new_token()}@example.org"
    ((user_id,),) = sql(
        harness.database_url,
        """
        WITH made AS (
            INSERT INTO core.users (email, password_hash, display_name) VALUES (%s, 'none', 'Ada')
            RETURNING id)
        INSERT INTO core.user_sessions (user_id, session_token, expires_at)
        SELECT id, %s, now() + interval '10 years' FROM made RETURNING user_id""",
        email,
        crypto.token_hash(token),
    )
    assert isinstance(user_id, int)
    return Person(harness, user_id, email, "none", token)


def take_messages(harness: Harness) -> list[dict[str, Any]]:
    """Take what waits in the queue of playlist syncs, as records of a Lambda event, without working on it."""
    queue_url, taken = harness.queues["PLAYLIST_SYNC_QUEUE_URL"], []
    while records := harness.messages("PLAYLIST_SYNC_QUEUE_URL"):
        for record in records:
            boto3.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=record["receiptHandle"])
        taken += records
    return taken


@pytest.fixture
def spotify(spotify_url: str) -> Simulator:
    """The Spotify simulator, as just started."""
    simulator = Simulator(spotify_url)
    simulator.control("POST", "/reset")
    return simulator


@pytest.fixture
def youtube(youtube_url: str) -> Simulator:
    """The YouTube simulator, as just started."""
    simulator = Simulator(youtube_url)
    simulator.control("POST", "/reset")
    return simulator


@pytest.fixture
def person(harness: Harness) -> Person:
    """Somebody who is signed in; nobody else is linked, no work waits, no quota is used."""
    take_messages(harness)
    sql(harness.database_url, "DELETE FROM providers.accounts")
    sql(harness.database_url, "DELETE FROM providers.quota_usage")
    return new_person(harness)


@pytest.fixture
def act(harness: Harness) -> Iterator[Act]:
    """Gives clients as another service's function has them: ``act(person, provider, access)``."""
    with ExitStack() as stack:
        stack.enter_context(harness.environment_of("migration_step"))

        def acting(person: Person, provider: str, access: Access = "read") -> Client:
            database = Database(DatabaseSettings.from_environment())
            stack.callback(database.close)
            return client_for(database, person.id, provider, access=access)

        yield acting


@pytest.fixture
def later(clock_file: Path, spotify: Simulator, youtube: Simulator) -> Callable[[float], None]:
    """Moves the clock of functions and simulators to so many seconds from now."""

    def move(seconds: float) -> None:
        clock_file.write_text(str(seconds))
        for simulator in (spotify, youtube):
            simulator.control("PUT", "/clock", {"offset_seconds": seconds})

    return move


@pytest.fixture(scope="module", autouse=True)
def _connections(harness: Harness) -> Iterator[None]:
    yield
    for capability in SERVICE_ROLES:
        with harness.environment_of(capability):
            db.shared().close()
