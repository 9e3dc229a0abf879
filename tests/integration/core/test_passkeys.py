"""Passkeys: added, named, deleted, and good for signing in without a password."""

from typing import Any

import pytest

from tests.support.authenticator import Authenticator, encoded
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.postgres import sql

ORIGIN = "http://localhost:9"
"""Where the stack at 127.0.0.1:9 is reached by a name; browsers make no passkeys for a number."""
PASSKEYS = "/v1/auth/passkeys"
NAME = encoded(b"x")


@pytest.fixture(autouse=True)
def _no_limits_of_others(core_harness: FunctionRunner) -> None:
    sql(core_harness.database_url, "DELETE FROM core.sign_in_limits")


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Ada")


def add(person: Person, device: Authenticator, name: str = "Phone") -> Answer:
    begun = person.call("POST", f"{PASSKEYS}/registration", {"password": person.password})
    assert begun.status == 200, begun.text
    body = {
        "ceremony": begun.json["ceremony"],
        "name": name,
        "credential": device.create(begun.json["options"]),
    }
    return person.call("POST", PASSKEYS, body)


def begin(harness: FunctionRunner) -> Any:
    answer = harness.call("POST", f"{PASSKEYS}/authentication")
    assert answer.status == 200, answer.text
    return answer.json


def sign_in(harness: FunctionRunner, device: Authenticator, begun: Any = None) -> Answer:
    begun = begun or begin(harness)
    body = {"ceremony": begun["ceremony"], "credential": device.get(begun["options"])}
    return harness.call("POST", "/v1/auth/login/passkey", body)


def test_a_passkey_lets_in_without_a_password(person: Person) -> None:
    device = Authenticator(ORIGIN)
    made = add(person, device)
    assert made.status == 201, made.text
    assert made.headers["location"] == f"{PASSKEYS}/{made.json['id']}"

    for _ in range(2):
        answer = sign_in(person.harness, device)
        assert answer.status == 200, answer.text
        me = person.harness.call("GET", "/v1/me", token=answer.json["token"])
        assert me.json["id"] == person.id
    (listed,) = person.call("GET", PASSKEYS).json["items"]
    assert listed["name"] == "Phone"
    assert listed["last_used_at"] is not None


def test_it_is_named_and_deleted_by_its_owner_only(person: Person) -> None:
    device = Authenticator(ORIGIN)
    path = f"{PASSKEYS}/{add(person, device).json['id']}"
    other = person.harness.sign_up()
    assert other.call("PATCH", path, {"name": "Mine"}).status == 404
    assert other.call("DELETE", path).status == 404
    assert person.call("PATCH", path, {"name": "Old phone"}).json["name"] == "Old phone"
    assert person.call("DELETE", path).status == 204
    assert person.call("GET", PASSKEYS).json["items"] == []
    assert sign_in(person.harness, device).status == 401


def test_adding_one_needs_the_password(person: Person) -> None:
    answer = person.call("POST", f"{PASSKEYS}/registration", {"password": "not the password"})
    assert answer.status == 422


@pytest.mark.parametrize(
    "device",
    [Authenticator("https://evil.example"), Authenticator(ORIGIN, verifies=False)],
    ids=["another site", "nobody verified"],
)
def test_what_was_made_elsewhere_or_by_anybody_is_not_taken(person: Person, device: Authenticator) -> None:
    assert add(person, device).status == 422
    assert person.call("GET", PASSKEYS).json["items"] == []


def test_a_challenge_is_answered_once_in_time_and_by_its_person(
    person: Person, shifted_clock: ShiftedClock
) -> None:
    device = Authenticator(ORIGIN)
    begun = person.call("POST", f"{PASSKEYS}/registration", {"password": person.password}).json
    body = {"ceremony": begun["ceremony"], "name": "Phone", "credential": device.create(begun["options"])}
    assert person.harness.sign_up().call("POST", PASSKEYS, body).status == 422
    assert person.call("POST", PASSKEYS, body).status == 201
    assert person.call("POST", PASSKEYS, body).status == 422

    signing = begin(person.harness)
    assert sign_in(person.harness, device, signing).status == 200
    assert sign_in(person.harness, device, signing).status == 401
    late = begin(person.harness)
    shifted_clock.advance(301)
    assert sign_in(person.harness, device, late).status == 401


def test_an_answer_to_another_challenge_is_refused(person: Person) -> None:
    device = Authenticator(ORIGIN)
    add(person, device)
    first, second = begin(person.harness), begin(person.harness)
    body = {"ceremony": first["ceremony"], "credential": device.get(second["options"])}
    assert person.harness.call("POST", "/v1/auth/login/passkey", body).status == 401


def test_another_key_under_the_same_name_is_refused(person: Person) -> None:
    device = Authenticator(ORIGIN)
    add(person, device)
    thief = Authenticator(ORIGIN, credential_id=device.credential_id)
    assert sign_in(person.harness, thief).status == 401
    assert sign_in(person.harness, device).status == 200


def test_a_copy_that_counts_from_before_is_refused(person: Person) -> None:
    device = Authenticator(ORIGIN)
    add(person, device)
    assert sign_in(person.harness, device).status == 200
    copy = Authenticator(ORIGIN, key=device.key, credential_id=device.credential_id)
    assert sign_in(person.harness, copy).status == 401


def test_one_credential_is_one_persons(person: Person) -> None:
    device = Authenticator(ORIGIN)
    assert add(person, device).status == 201
    assert add(person, device).status == 409
    assert add(person.harness.sign_up(), device).status == 409


def test_there_are_twenty_at_most(person: Person) -> None:
    statuses = [add(person, Authenticator(ORIGIN)).status for _ in range(21)]
    assert statuses == [201] * 20 + [409]


@pytest.mark.parametrize(
    "credential",
    [
        {}, {"id": 1, "rawId": 2}, {"rawId": "!!"},
        {"id": "a", "rawId": "a", "type": "public-key", "response": []},
        {"id": NAME, "rawId": NAME, "type": "public-key", "response": {"clientDataJSON": "e30"}},
        {"id": "a", "rawId": "a", "type": 7, "response": {"clientDataJSON": None, "attestationObject": None}},
    ],
)  # fmt: skip
def test_nonsense_is_refused(person: Person, credential: dict[str, Any]) -> None:
    begun = person.call("POST", f"{PASSKEYS}/registration", {"password": person.password}).json
    body = {"ceremony": begun["ceremony"], "name": "Phone", "credential": credential}
    assert person.call("POST", PASSKEYS, body).status == 422
    signing = {"ceremony": begin(person.harness)["ceremony"], "credential": credential}
    assert person.harness.call("POST", "/v1/auth/login/passkey", signing).status == 401


def test_whoever_is_suspended_is_not_let_in(person: Person) -> None:
    device = Authenticator(ORIGIN)
    add(person, device)
    sql(person.harness.database_url, "UPDATE core.users SET is_active = false WHERE id = %s", person.id)
    assert sign_in(person.harness, device).status == 401


def test_they_go_with_the_account(person: Person) -> None:
    device = Authenticator(ORIGIN)
    add(person, device)
    assert person.call("DELETE", "/v1/me").status == 204
    assert sign_in(person.harness, device).status == 401
    rows = sql(person.harness.database_url, "SELECT FROM core.passkeys WHERE user_id = %s", person.id)
    assert rows == []
