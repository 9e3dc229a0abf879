"""Given a personal token, when clients show it, then it is known in every form that they use."""

import json

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import Scrobbler, listen
from tests.support.clock import ShiftedClock
from tests.support.functions import Person

NOW = int(clock.now().timestamp())


def test_a_token_is_validated(scrobbler: Scrobbler, person: Person) -> None:
    answer = scrobbler("GET", "/1/validate-token")
    assert answer.status == 200
    assert answer.json == {
        "code": 200, "message": "Token valid.", "valid": True, "user_name": f"ada-lovelace-{person.id}",
    }  # fmt: skip


@pytest.mark.parametrize("header", ["Token nonsense", f"Token {'x' * 43}"])
def test_a_token_that_is_none_is_an_answer_and_no_error(person: Person, header: str) -> None:
    answer = person.harness.call("GET", "/1/validate-token", headers={"Authorization": header})
    assert (answer.status, answer.json) == (200, {"code": 200, "message": "Token invalid.", "valid": False})


def test_no_token_at_all_is_an_error(person: Person) -> None:
    answer = person.harness.call("GET", "/1/validate-token")
    assert (answer.status, answer.json) == (
        400, {"code": 400, "error": "You need to provide an Authorization token."},
    )  # fmt: skip


def test_a_token_may_come_in_the_address(person: Person) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "old client"}).json["token"]
    assert person.harness.call("GET", f"/1/validate-token?token={token}").json["valid"] is True


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN", "Bearer", "Basic"])
def test_any_word_may_stand_before_a_token(person: Person, scheme: str) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "client"}).json["token"]
    sent = {"listen_type": "single", "payload": [listen(NOW - 5, "Abba", "SOS")]}
    header = {"Authorization": f"{scheme} {token}"}
    assert person.harness.call("POST", "/1/submit-listens", sent, headers=header).status == 200
    assert person.harness.call("GET", "/1/validate-token", headers=header).json["valid"] is True


def test_a_session_is_no_personal_token(person: Person) -> None:
    answer = person.call("POST", "/1/submit-listens", {"listen_type": "single"})
    assert (answer.status, answer.json["error"]) == (401, "Invalid authorization token.")


def test_the_token_of_the_header_counts_before_that_of_the_address(person: Person) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "client"}).json["token"]

    def valid(header: str, query: str) -> bool:
        headers = {"Authorization": header} if header else {}
        answer = person.harness.call("GET", f"/1/validate-token?token={query}", headers=headers)
        return bool(answer.json["valid"])

    assert valid(f"Token {token}", "x" * 43) is True
    assert valid(f"Token {'x' * 43}", token) is False
    assert valid(f"Bearer {'x' * 43}", token) is True


def test_a_token_that_was_revoked_a_moment_ago_is_none(person: Person) -> None:
    made = person.call("POST", "/v1/auth/tokens", {"name": "client"}).json
    header = {"Authorization": f"Token {made['token']}"}
    assert person.harness.call("GET", "/1/validate-token", headers=header).json["valid"] is True
    person.call("DELETE", f"/v1/auth/tokens/{made['id']}")
    assert person.harness.call("GET", "/1/validate-token", headers=header).json["valid"] is False


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({}, "You need to provide an Authorization header."),
        ({"Authorization": "Token"}, "Provided Authorization header is invalid."),
        ({"Authorization": f"Token {'x' * 43}"}, "Invalid authorization token."),
        ({"Authorization": "Token 550e8400-e29b-41d4-a716-446655440000"}, "Invalid authorization token."),
        ({"Authorization": f"Token  {'x' * 43}"}, "Invalid authorization token."),
        ({"Authorization": f"Token\t{'x' * 43}"}, "Provided Authorization header is invalid."),
    ],
)
def test_nobody_submits_without_a_token(person: Person, header: dict[str, str], error: str) -> None:
    answer = person.harness.call("POST", "/1/submit-listens", {"listen_type": "single"}, headers=header)
    assert (answer.status, answer.json) == (401, {"code": 401, "error": error})


class TestPersonalTokens:
    def test_open_plays_and_nothing_else(self, scrobbler: Scrobbler) -> None:
        assert scrobbler("GET", "/v1/plays").status == 200
        assert scrobbler("GET", "/v1/plays/imports").status == 200
        for method, path in (("GET", "/v1/me"), ("GET", "/v1/auth/tokens"), ("POST", "/v1/auth/tokens")):
            assert scrobbler(method, path).status == 403

    def test_are_listed_without_the_token_and_revoked(self, person: Person) -> None:
        made = person.call("POST", "/v1/auth/tokens", {"name": "phone"}).json
        (listed,) = person.call("GET", "/v1/auth/tokens").json["items"]
        assert listed["name"] == "phone"
        assert made["token"] not in json.dumps(listed)
        headers = {"Authorization": f"Token {made['token']}"}
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is True
        assert person.call("DELETE", f"/v1/auth/tokens/{made['id']}").status == 204
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is False
        assert person.harness.call("GET", "/v1/plays", headers=headers).status == 401
        assert person.call("DELETE", f"/v1/auth/tokens/{made['id']}").status == 404

    def test_expire(self, person: Person, shifted_clock: ShiftedClock) -> None:
        made = person.call("POST", "/v1/auth/tokens", {"name": "x", "expires_in_days": 1}).json
        headers = {"Authorization": f"Token {made['token']}"}
        shifted_clock.set_offset(86_300)
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is True
        shifted_clock.set_offset(86_500)
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is False

    def test_are_limited_in_number_and_belong_to_one_user(self, person: Person) -> None:
        ids = [person.call("POST", "/v1/auth/tokens", {"name": str(n)}).json["id"] for n in range(50)]
        assert person.call("POST", "/v1/auth/tokens", {"name": "one more"}).status == 409
        other = person.harness.sign_up()
        assert other.call("GET", "/v1/auth/tokens").json["items"] == []
        assert other.call("DELETE", f"/v1/auth/tokens/{ids[0]}").status == 404
