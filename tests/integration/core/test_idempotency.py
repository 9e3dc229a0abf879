"""Requests that are sent again because their answer was lost: with the same key they make nothing twice."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core.tokens import service
from musicconnect.core.tokens.schemas import TokenCreate
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.oauth import link
from tests.support.postgres import sql

RULE = {"source_provider": "spotify", "source_id": "a", "target_provider": "youtube", "target_id": None}
OTHER_RULE = {**RULE, "source_id": "b"}
FILE = {"size_bytes": 10, "file_name": "history.json"}
LIST = {"target_provider": "youtube", "size_bytes": 10, "file_name": "list.csv"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def person(harness: FunctionRunner) -> Person:
    made = new_person(harness)
    for provider in ("spotify", "youtube"):
        link(made, provider)
    return made


CASES = [
    pytest.param("/v1/auth/tokens", {"name": "phone"}, {"name": "desk"}, id="tokens"),
    pytest.param("/v1/migrations/rules", RULE, OTHER_RULE, id="rules"),
    pytest.param("/v1/plays/imports", FILE, {**FILE, "size_bytes": 11}, id="history imports"),
    pytest.param("/v1/imports/playlists", LIST, {**LIST, "size_bytes": 11}, id="playlist imports"),
]


@pytest.mark.parametrize(("path", "body", "other"), CASES)
class TestMaking:
    def test_the_same_request_makes_nothing_twice(
        self, person: Person, path: str, body: Any, other: Any
    ) -> None:
        sent = key()
        first = person.call("POST", path, body, headers=sent)
        again = person.call("POST", path, body, headers=sent)
        assert first.status == again.status < 300, again.text
        assert first.json["id"] == again.json["id"]
        assert first.headers["location"] == again.headers["location"]
        new = person.call("POST", path, other, headers=key())
        assert new.json["id"] != first.json["id"]

    def test_another_request_under_the_same_key_is_refused(
        self, person: Person, path: str, body: Any, other: Any
    ) -> None:
        sent = key()
        assert person.call("POST", path, body, headers=sent).status < 300
        refused = person.call("POST", path, other, headers=sent)
        assert refused.status == 409
        assert refused.json["type"].endswith("idempotency-key-reused")

    def test_a_key_is_its_persons_own(self, person: Person, path: str, body: Any, other: Any) -> None:
        sent, somebody = key(), new_person(person.harness)
        assert person.call("POST", path, body, headers=sent).status < 300
        # What needs a linked account is refused for want of one, not because of somebody else's key.
        theirs = somebody.call("POST", path, other, headers=sent)
        assert theirs.status < 300 or theirs.json["type"].endswith("not-linked")

    @pytest.mark.parametrize("bad", ["", "x" * 256, "a\x7fb", "clé"])
    def test_what_is_no_key_is_refused(
        self, person: Person, path: str, body: Any, other: Any, bad: str
    ) -> None:
        answer = person.call("POST", path, body, headers={"Idempotency-Key": bad})
        assert answer.status == 422
        assert answer.json["errors"][0]["path"] == "header.idempotency-key"


def test_at_the_same_moment_one_is_made(person: Person) -> None:
    repeat, caller = Repeat("POST /v1/auth/tokens", str(uuid.uuid4()), "hash"), Caller(person.id, 0)

    def make(_: int) -> int:
        # As in Lambda, where each of them has a process and a connection of its own.
        database = Database(DatabaseSettings.from_environment())
        try:
            return service.create(database, caller, TokenCreate(name="twice"), repeat).id
        finally:
            database.close()

    with person.harness.environment_of("core_api"), ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, range(4)))) == 1


def test_a_repeated_token_is_the_same_with_a_secret_that_works(person: Person) -> None:
    sent = key()
    lost, heard = (person.call("POST", "/v1/auth/tokens", {"name": "t"}, headers=sent).json for _ in range(2))
    assert heard["token"] != lost["token"]
    for token, valid in ((lost["token"], False), (heard["token"], True)):
        answer = person.harness.call("GET", f"/1/validate-token?token={token}")
        assert answer.json["valid"] is valid


def test_what_was_deleted_is_not_made_again_by_a_late_repetition(person: Person) -> None:
    sent = key()
    made = person.call("POST", "/v1/migrations/rules", {**RULE, "source_id": "gone"}, headers=sent).json
    person.call("DELETE", f"/v1/migrations/rules/{made['id']}")
    late = person.call("POST", "/v1/migrations/rules", {**RULE, "source_id": "gone"}, headers=sent)
    assert late.status == 409
    assert late.json["type"].endswith("idempotency-key-spent")


def test_keys_are_forgotten_after_a_week(person: Person, later: Callable[[float], None]) -> None:
    sent = key()
    first = person.call("POST", "/v1/auth/tokens", {"name": "old"}, headers=sent).json
    later(timedelta(days=8).total_seconds())
    assert person.call("POST", "/v1/auth/tokens", {"name": "new"}, headers=sent).json["id"] != first["id"]


def test_signing_up_again_with_the_same_key_signs_in(core_harness: FunctionRunner) -> None:
    sent = key()
    body = {"email": f"{uuid.uuid4().hex}@example.org", "password": "correct horse battery staple"}
    first = core_harness.call("POST", "/v1/auth/signup", body, headers=sent)
    again = core_harness.call("POST", "/v1/auth/signup", body, headers=sent)
    assert (first.status, again.status) == (201, 201)
    assert first.json["user"] == again.json["user"]
    for headers, changed in (
        ({}, body),
        (key(), body),
        (sent, {**body, "password": "another password altogether"}),
    ):
        answer = core_harness.call("POST", "/v1/auth/signup", changed, headers=headers)
        assert answer.status == 409, answer.text
    ((hashed,),) = sql(
        core_harness.database_url,
        "SELECT request_hash FROM core.idempotency_keys WHERE user_id = %s",
        first.json["user"]["id"],
    )
    assert len(str(hashed)) == 64


def test_a_link_that_is_begun_twice_is_under_way_once(person: Person) -> None:
    sent = key()
    states = [
        person.call("POST", "/v1/providers/spotify/link", {"access": "read"}, headers=sent).json["state"]
        for _ in range(2)
    ]
    first = person.call("POST", "/v1/providers/spotify/link/complete", {"state": states[0], "code": "any"})
    assert first.status == 404
    other = person.call("POST", "/v1/providers/spotify/link", {"access": "write"}, headers=sent)
    assert other.status == 409
