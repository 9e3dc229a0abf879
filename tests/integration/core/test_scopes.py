"""What a personal token is good for, for every route of the description."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql

DESCRIPTION = json.loads((Path(__file__).parents[3] / "docs/openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")
ROUTES = [
    f"{method.upper()} {path}"
    for path, operations in DESCRIPTION["paths"].items()
    for method in METHODS
    if method in operations and operations[method].get("security") != []
]
LISTENS = {
    "GET /v1/plays", "GET /v1/plays/imports", "POST /v1/plays/imports", "GET /v1/plays/imports/{import_id}",
    "POST /v1/plays/imports/{import_id}/start", "GET /v1/plays/polling", "GET /v1/plays/sharing",
}  # fmt: skip
SCOPES = ("listens", "read", "everything")


def is_allowed(scope: str, route: str) -> bool:
    """The table: what a scope is good for."""
    method, path = route.split(" ")
    if path.startswith("/v1/auth") or route == "DELETE /v1/me":
        return False
    return {"listens": route in LISTENS, "read": method == "GET", "everything": True}[scope]


@pytest.fixture(scope="module")
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(time_zone="Asia/Tokyo")


@pytest.fixture(scope="module")
def made(person: Person) -> dict[str, str]:
    """A token of each scope."""
    return {
        scope: person.call(
            "POST", "/v1/auth/tokens", {"name": scope, "scope": scope, "expires_in_days": 30}
        ).json["token"]
        for scope in SCOPES
    }


def verdict(harness: FunctionRunner, token: str, route: str) -> dict[str, Any]:
    event = {
        "version": "2.0", "type": "REQUEST", "routeKey": route, "rawPath": route.split(" ")[1],
        "headers": {"authorization": f"Token {token}"},
        "requestContext": {
            "http": {"method": route.partition(" ")[0]}, "domainName": "127.0.0.1", "requestId": "scopes",
        },
    }  # fmt: skip
    context: dict[str, Any] = harness.invoke("core_authorizer", event)["context"]
    return context


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_opens_what_its_scope_says_and_nothing_else(
    core_harness: FunctionRunner, person: Person, made: dict[str, str], scope: str
) -> None:
    assert len(ROUTES) > 60
    assert set(ROUTES) >= LISTENS
    for route in ROUTES:
        context = verdict(core_harness, made[scope], route)
        if is_allowed(scope, route):
            assert context["user_id"] == str(person.id), route
            assert context["time_zone"] == "Asia/Tokyo"
        else:
            assert context == {"refused": "scope"}, route


@pytest.mark.parametrize(
    ("scope", "method", "path", "body", "status"),
    [
        ("read", "GET", "/v1/me", None, 200),
        ("read", "PATCH", "/v1/me", {"display_name": "Eve"}, 403),
        ("everything", "PATCH", "/v1/me", {"display_name": "Ada"}, 200),
        ("everything", "DELETE", "/v1/me", None, 403),
        ("everything", "GET", "/v1/auth/tokens", None, 403),
        ("everything", "POST", "/v1/auth/tokens", {"name": "another"}, 403),
        ("everything", "POST", "/v1/auth/logout", None, 403),
        ("listens", "GET", "/v1/me", None, 403),
        ("listens", "DELETE", "/v1/plays?all=true", None, 403),
        ("listens", "GET", "/v1/plays", None, 200),
    ],
)
def test_what_is_out_of_scope_is_a_403_that_says_so(
    core_harness: FunctionRunner,
    made: dict[str, str],
    scope: str,
    method: str,
    path: str,
    body: Any,
    status: int,
) -> None:
    header = {"Authorization": f"Token {made[scope]}"}
    answer = core_harness.call(method, path, body, headers=header)
    assert answer.status == status, answer.text
    if status == 403:
        assert answer.json["type"] == "urn:musicconnect:problem:not-in-scope"


@pytest.mark.parametrize(("scope", "status"), [("listens", 200), ("read", 401), ("everything", 200)])
def test_a_token_for_reading_sends_no_listens(
    core_harness: FunctionRunner, made: dict[str, str], scope: str, status: int
) -> None:
    header = {"Authorization": f"Token {made[scope]}"}
    listen = {
        "listened_at": 1790000000,
        "track_metadata": {"artist_name": "Nina Simone", "track_name": "Sinnerman"},
    }
    body = {"listen_type": "single", "payload": [listen]}
    assert core_harness.call("POST", "/1/submit-listens", body, headers=header).status == status


@pytest.mark.parametrize("scope", ["read", "everything"])
@pytest.mark.parametrize("days", [None, 367])
def test_more_than_listens_needs_an_end(person: Person, scope: str, days: int | None) -> None:
    body = {"name": "x", "scope": scope, "expires_in_days": days}
    assert person.call("POST", "/v1/auth/tokens", body).status == 422


def test_a_scope_and_an_end_are_listed_and_an_end_ends(person: Person, made: dict[str, str]) -> None:
    listed = {one["name"]: one for one in person.call("GET", "/v1/auth/tokens").json["items"]}
    assert {listed[scope]["scope"] for scope in SCOPES} == set(SCOPES)
    assert all(listed[scope]["expires_at"] for scope in SCOPES)
    sql(
        person.harness.database_url,
        "UPDATE core.personal_tokens SET expires_at = now() - interval '1 second' WHERE id = %s",
        listed["read"]["id"],
    )
    assert verdict(person.harness, made["read"], "GET /v1/me") == {"refused": "no valid session"}
