"""Routing, binding, answers and errors of the HTTP side."""

import base64
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import psycopg
import pytest
from pydantic import Field

from musicconnect.api import binding
from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Input, Request
from musicconnect.api.responses import Output, Reply
from musicconnect.platform import clock, problems
from musicconnect.platform.logging import logger
from musicconnect.platform.problems import Problem
from musicconnect.providers import errors as providers_errors

type Color = Literal["red", "green"]


class Paint(Input):
    color: Literal["red", "green"]
    layers: int = Field(default=1, ge=1)
    tags: list[str] = Field(default_factory=list)
    notes: dict[str, str] = Field(default_factory=dict)


class Painted(Output):
    id: int
    color: str


class Query(Input):
    q: str = ""


api = Api("Tests")


@api.post("/things/{thing_id}", status=201)
def paint(thing_id: int, body: Paint, caller: Caller) -> Painted:
    """Paint a thing."""
    return Painted(id=thing_id + caller.user_id, color=body.color)


@api.get("/things/{thing_id}/{color}", public=True)
def find(thing_id: int, color: Color) -> Painted:
    """Find it by both."""
    return Painted(id=thing_id, color=color)


@api.get("/names/{name}", public=True)
def name_of(name: str) -> Painted:
    """Give a name back."""
    return Painted(id=1, color=name)


@api.get("/search", public=True)
def search(query: Query, request: Request) -> Painted:
    """Search."""
    return Painted(id=len(request.source_ip), color=query.q)


@api.delete("/things", public=True, status=204)
def clear() -> None:
    """Remove everything."""


@api.patch("/moved", public=True)
def moved() -> Reply:
    """Say where it is."""
    return Reply("<p>there</p>", 303, {"Location": "/there"}, "text/html")


@api.get("/private")
def private() -> Painted:
    """A route whose handler does not ask who it is."""
    return Painted(id=1, color="")


errors: list[Exception] = []


@api.get("/fails", public=True)
def fails() -> Painted:
    """Fail as told."""
    raise errors.pop()


def call(method: str, path: str, body: str | None = None, **more: Any) -> tuple[int, dict[str, str], Any]:
    event = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "headers": {},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "userAgent": "x"},
            "domainName": "api.example",
            "requestId": str(uuid.uuid4()),
            "stage": "$default",
            "authorizer": {"lambda": {"user_id": "7", "session_id": "8"}},
        },
        **more,
    }
    if body is not None:
        event["body"] = body
    answer = api.handle(event, None)
    text = answer.get("body", "")
    parsed = json.loads(text) if "json" in answer["headers"].get("Content-Type", "") else text
    return answer["statusCode"], answer["headers"], parsed


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    errors.clear()


class TestBinding:
    def test_gives_a_handler_what_its_parameters_name(self) -> None:
        status, headers, body = call("POST", "/things/5", '{"color": "red"}')

        assert (status, body) == (201, {"id": 12, "color": "red"})
        assert headers["Content-Type"] == "application/json"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Server-Timing"].startswith("app;dur=")

    def test_reads_bodies_in_base64(self) -> None:
        encoded = base64.b64encode(b'{"color": "green"}').decode()

        assert call("POST", "/things/5", encoded, isBase64Encoded=True)[0] == 201

    @pytest.mark.parametrize(
        "thing", ["x", "-1", "0", "00", "1.5", "", "٣", "9" * 19, "9" * 30, "1e3", "%31", "1\n"]
    )
    def test_what_cannot_be_an_id_is_not_found(self, thing: str) -> None:
        assert call("GET", f"/things/{thing}/red")[0] == 404

    def test_the_largest_id_there_can_be(self) -> None:
        assert call("GET", f"/things/{2**63 - 1}/red")[2]["id"] == 2**63 - 1

    def test_a_choice_in_the_path_is_one_of_them(self) -> None:
        assert call("GET", "/things/1/green")[0] == 200
        assert call("GET", "/things/1/blue")[0] == 404

    @pytest.mark.parametrize("name", ["a\x00b", "a\ud800b"])
    def test_text_that_postgres_cannot_hold_is_not_found(self, name: str) -> None:
        assert call("GET", f"/names/{name}")[0] == 404

    def test_query_strings(self) -> None:
        assert call("GET", "/search", queryStringParameters={"q": " x "})[2] == {"id": 9, "color": "x"}
        assert call("GET", "/search")[2] == {"id": 9, "color": ""}
        for bad in ({"q": "a\x00"}, {"q": "\ud800"}, {"r": "1"}, {"\ud800": "1"}):
            status, _, problem = call("GET", "/search", queryStringParameters=bad)
            assert status in {400, 422}
            assert problem["type"].startswith("urn:musicconnect:problem:")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ('{"color": "blue"}', "body.color"),
            ('{"color": "red", "layers": 0}', "body.layers"),
            ('{"color": "red", "layers": "many"}', "body.layers"),
            ('{"color": "red", "tags": ["ok", 3]}', "body.tags.1"),
            ('{"color": "red", "tags": ["a\\u0000"]}', "body.tags"),
            ('{"color": "red", "notes": {"a\\u0000": "b"}}', "body.notes"),
            ('{"color": "red", "colour": "red"}', "body.colour"),
            ("{}", "body.color"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, body: str, path: str) -> None:
        status, headers, problem = call("POST", "/things/5", body)

        assert status == 422
        assert headers["Content-Type"] == "application/problem+json"
        assert [error["path"] for error in problem["errors"]] == [path]

    @pytest.mark.parametrize("context", [{}, {"lambda": None}, {"lambda": {}}, {"jwt": {"user_id": "7"}}])
    def test_no_private_route_runs_for_nobody(self, context: dict[str, Any]) -> None:
        request = {"http": {"method": "GET", "sourceIp": ""}, "stage": "$default", "authorizer": context}

        assert call("GET", "/private", requestContext=request)[0] == 401


class TestAnswers:
    def test_one_that_lambda_would_not_carry_is_a_problem(self) -> None:
        for name, status in (("x" * 4_000_000, 200), ("x" * 5_000_001, 422), ("é" * 2_600_000, 422)):
            found, _, body = call("GET", f"/names/{name}")
            assert found == status
            assert status == 200 or body["type"] == "urn:musicconnect:problem:answer-too-large"

    def test_nothing_is_204_without_a_body(self) -> None:
        status, headers, body = call("DELETE", "/things")

        assert (status, body) == (204, "")
        assert "Content-Type" not in headers

    def test_other_kinds_of_content(self) -> None:
        status, headers, body = call("PATCH", "/moved")

        assert (status, body, headers["Location"], headers["Content-Type"]) == (
            303,
            "<p>there</p>",
            "/there",
            "text/html",
        )

    def test_an_unknown_route_is_a_problem_too(self) -> None:
        status, headers, problem = call("GET", "/nowhere")

        assert (status, problem["status"]) == (404, 404)
        assert headers["Content-Type"] == "application/problem+json"

    def test_the_address_of_the_api_is_the_public_one_where_there_is_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event = {"requestContext": {"http": {"sourceIp": "192.0.2.1"}, "domainName": "api.example"}}
        monkeypatch.delenv("PUBLIC_URL", raising=False)
        assert binding.request_of(event).base_url == "https://api.example"
        monkeypatch.setenv("PUBLIC_URL", "https://music.example/")
        assert binding.request_of(event).base_url == "https://music.example"


COMMON: dict[str, Any] = {"provider": "spotify"}
PROVIDER_ERRORS = [
    (providers_errors.NotLinkedError("x", **COMMON), 409, "not-linked"),
    (providers_errors.ConsentRevokedError("x", **COMMON), 409, "consent-needed"),
    (providers_errors.ScopeMissingError("x", **COMMON), 409, "more-access-needed"),
    (providers_errors.NoChannelError("x", **COMMON), 409, "no-channel"),
    (providers_errors.NotAllowedError("x", **COMMON), 409, "refused-by-provider"),
    (providers_errors.RejectedError("x", **COMMON), 409, "refused-by-provider"),
    (providers_errors.PlaylistFullError("x", **COMMON), 409, "refused-by-provider"),
    (providers_errors.NotFoundError("x", **COMMON), 404, "not-found-at-provider"),
    (providers_errors.RateLimitedError("x", retry_after=2.2, **COMMON), 429, "rate-limited"),
    (providers_errors.TransientError("x", **COMMON), 503, "provider-unavailable"),
]


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "status", "slug"), PROVIDER_ERRORS, ids=lambda value: type(value).__name__
    )
    def test_a_provider_that_does_not_do_its_part(self, error: Exception, status: int, slug: str) -> None:
        errors.append(error)

        found, headers, problem = call("GET", "/fails")

        assert (found, problem["type"]) == (status, problems.TYPE_PREFIX + slug)
        assert problem["provider"] == "spotify"
        assert ("Retry-After" in headers) == (status in {429, 503})

    def test_waiting_times_are_whole_seconds_and_never_too_short(self) -> None:
        errors.append(providers_errors.RateLimitedError("x", retry_after=2.2, **COMMON))

        assert call("GET", "/fails")[1]["Retry-After"] == "3"

    def test_a_spent_allowance_says_until_when(self) -> None:
        until = clock.now() + timedelta(hours=2)
        errors.append(providers_errors.QuotaExhaustedError("x", bucket="search", until=until, **COMMON))

        status, headers, problem = call("GET", "/fails")

        assert (status, problem["until"], problem["bucket"]) == (429, until.isoformat(), "search")
        assert 7190 <= int(headers["Retry-After"]) <= 7200

    @pytest.mark.parametrize(
        "error",
        [
            psycopg.OperationalError("connection refused, password was hunter2"),
            psycopg.errors.AdminShutdown("terminating connection"),
            psycopg.InterfaceError("the connection is closed"),
        ],
    )
    def test_a_database_that_is_away(self, error: Exception) -> None:
        errors.append(error)

        status, headers, problem = call("GET", "/fails")

        assert (status, headers["Retry-After"]) == (503, "5")
        assert problem["type"] == "urn:musicconnect:problem:database-unavailable"
        assert "hunter2" not in json.dumps(problem)

    def test_anything_else_is_recorded_and_not_told(self, caplog: pytest.LogCaptureFixture) -> None:
        errors.append(KeyError("the secret hunter2"))

        status, _, problem = call("GET", "/fails")

        assert (status, problem["type"]) == (500, "urn:musicconnect:problem:internal")
        assert "hunter2" not in json.dumps(problem)
        assert "hunter2" in caplog.text

    def test_problems_keep_their_members(self) -> None:
        problem = problems.conflict("some-slug", "Some title", "Some detail.", until="later")
        errors.append(problem)

        found = call("GET", "/fails")[2]
        assert found.pop("request_id") == logger.get_correlation_id()
        assert found == {
            "type": "urn:musicconnect:problem:some-slug",
            "title": "Some title",
            "status": 409,
            "detail": "Some detail.",
            "until": "later",
        }
        assert str(problem) == "409 some-slug: Some detail."
        assert "detail" not in Problem(418, "teapot", "I am a teapot").body()
