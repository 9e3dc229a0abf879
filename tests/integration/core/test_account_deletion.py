"""Deleting an account that is linked to providers: our access is given back before everything goes."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql


@pytest.fixture
def linked(harness: FunctionRunner, youtube_url: str) -> Iterator[Person]:
    """Somebody whose YouTube account is linked."""
    requests.post(f"{youtube_url}/_control/reset", timeout=10)
    person = harness.sign_up()
    link = person.call("POST", "/v1/providers/youtube/link", {"access": "read"}).json
    agreed = requests.get(
        f"{link['authorize_url']}&login=ada&decision=approve", allow_redirects=False, timeout=10
    )
    query = parse_qs(urlsplit(agreed.headers["Location"]).query)
    completed = person.call(
        "POST",
        "/v1/providers/youtube/link/complete",
        {"code": query["code"][0], "state": query["state"][0]},
    )
    assert completed.status == 200, completed.text
    yield person
    requests.post(f"{youtube_url}/_control/reset", timeout=10)


def revocations(youtube_url: str) -> list[int]:
    calls = requests.get(f"{youtube_url}/_control/calls", timeout=10).json()["calls"]
    return [call["status"] for call in calls if call["path"].endswith("/revoke")]


def rows_left(harness: FunctionRunner, person: Person) -> int:
    counted = sql(
        harness.database_url,
        "SELECT (SELECT count(*) FROM core.users WHERE id = %s)"
        " + (SELECT count(*) FROM providers.accounts WHERE user_id = %s)"
        " + (SELECT count(*) FROM providers.tokens WHERE user_id = %s)",
        *[person.id] * 3,
    )
    return int(str(counted[0][0]))


def test_the_provider_is_told(harness: FunctionRunner, linked: Person, youtube_url: str) -> None:
    assert rows_left(harness, linked) == 3

    assert linked.call("DELETE", "/v1/me").status == 204

    assert revocations(youtube_url) == [200]
    assert rows_left(harness, linked) == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": "broken"},
        {"status": 400, "body": {"error": "invalid_token"}},
        {"kind": "close"},
        {"kind": "garbage"},
    ],
    ids=str,
)
def test_the_account_goes_whatever_the_provider_answers(
    harness: FunctionRunner, linked: Person, youtube_url: str, fault: dict[str, object]
) -> None:
    requests.post(
        f"{youtube_url}/_control/faults", json={"endpoint": "*", "times": None, **fault}, timeout=10
    ).raise_for_status()

    assert linked.call("DELETE", "/v1/me").status == 204

    assert rows_left(harness, linked) == 0


def test_the_account_goes_when_the_keys_of_its_tokens_are_lost(
    harness: FunctionRunner, linked: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(harness.environment, "TOKEN_KEYS_SECRET_ARN", "no-such-secret")

    assert linked.call("DELETE", "/v1/me").status == 204

    assert rows_left(harness, linked) == 0
