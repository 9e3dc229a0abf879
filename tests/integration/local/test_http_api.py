"""The HTTP API, from the outside."""

import json
from typing import Any

import pytest

from local.stack.stack import Stack
from local.stack.wait import wait_until
from tests.integration.local.conftest import Call

GOOD = {"Authorization": "Bearer good"}


def test_a_public_route_reaches_its_function_with_the_whole_event(call: Call, stack: Stack) -> None:
    answer = call("GET", "/public?a=1&a=2", headers={"Cookie": "c=1", "X-Test": "yes"})
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    assert answer.header("apigw-requestid")
    event = answer.json["event"]
    assert event["routeKey"] == "GET /public"
    assert event["rawQueryString"] == "a=1&a=2"
    assert event["queryStringParameters"] == {"a": "1,2"}
    assert event["cookies"] == ["c=1"]
    assert event["headers"]["x-test"] == "yes"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert stack.api_url.endswith(event["requestContext"]["domainName"])
    assert "authorizer" not in event["requestContext"]


def test_bodies_arrive_as_they_were_sent(call: Call) -> None:
    text = call("POST", "/public", '{"ü": 1}'.encode(), {"Content-Type": "application/json"})
    assert text.json["event"]["body"] == '{"ü": 1}'
    assert text.json["event"]["isBase64Encoded"] is False
    binary = call("POST", "/public", b"\x00\xff", {"Content-Type": "application/octet-stream"})
    assert binary.json["event"]["body"] == "AP8="
    assert binary.json["event"]["isBase64Encoded"] is True


@pytest.mark.parametrize(
    ("method", "target", "key", "parameters"),
    [
        ("GET", "/items/mine", "GET /items/mine", None),
        ("GET", "/items/a%20b", "ANY /items/{item_id}", {"item_id": "a b"}),
        ("PATCH", "/items/mine", "ANY /items/{item_id}", {"item_id": "mine"}),
        ("GET", "/items/a/b/c", "GET /items/{rest+}", {"rest": "a/b/c"}),
    ],
)
def test_the_most_specific_route_is_taken(
    call: Call, method: str, target: str, key: str, parameters: dict[str, str] | None
) -> None:
    event = call(method, target, headers=GOOD).json["event"]
    assert event["routeKey"] == key
    assert event.get("pathParameters") == parameters


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/nowhere"), ("DELETE", "/public"), ("GET", "/public/")]
)
def test_what_no_route_fits_is_not_found(call: Call, method: str, target: str) -> None:
    answer = call(method, target)
    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


def test_without_a_token_the_authorizer_is_not_asked(call: Call, stack: Stack) -> None:
    before = stack.logs("CoreAuthorizerFunction").count("asked about")
    answer = call("GET", "/private")
    assert (answer.status, answer.json) == (401, {"message": "Unauthorized"})
    assert stack.logs("CoreAuthorizerFunction").count("asked about") == before


def test_the_authorizer_lets_in_and_its_context_reaches_the_function(call: Call) -> None:
    answer = call("GET", "/private", headers=GOOD)
    assert answer.status == 200
    lambda_context = answer.json["event"]["requestContext"]["authorizer"]["lambda"]
    assert lambda_context == {"user_id": "12", "token": "good"}


def test_a_refused_token_is_forbidden(call: Call) -> None:
    answer = call("GET", "/private", headers={"Authorization": "Bearer bad"})
    assert (answer.status, answer.json) == (403, {"message": "Forbidden"})


def asked(stack: Stack, token: str) -> int:
    """How often the authorizer has been asked about a token; its log follows its answers."""
    question = f"asked about {token}"
    wait_until(lambda: question in stack.logs("CoreAuthorizerFunction"), seconds=10, what="the log")
    return stack.logs("CoreAuthorizerFunction").count(question)


def test_answers_of_the_authorizer_are_kept_for_all_routes(call: Call, stack: Stack) -> None:
    for token in ("good-kept", "bad-kept"):
        for target in ("/private", "/private", "/items/mine"):
            call("GET", target, headers={"Authorization": f"Bearer {token}"})
        assert asked(stack, token) == 1


def test_a_failing_authorizer_is_an_error_and_is_asked_again(call: Call, stack: Stack) -> None:
    for _ in range(2):
        answer = call("GET", "/private", headers={"Authorization": "Bearer crash"})
        assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    wait_until(lambda: asked(stack, "crash") == 2, seconds=10, what="the second question in the log")


def ask(call: Call, wanted: Any) -> Any:
    return call("POST", "/answer", json.dumps(wanted), {"Content-Type": "application/json"})


def test_status_headers_and_cookies_of_an_answer_reach_the_client(call: Call) -> None:
    answer = ask(
        call, {"statusCode": 418, "headers": {"X-Tea": "yes"}, "cookies": ["a=1", "b=2"], "body": "t"}
    )
    assert (answer.status, answer.header("x-tea"), answer.body) == (418, "yes", b"t")
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_an_answer_without_a_status_is_the_body(call: Call) -> None:
    answer = ask(call, {"message": "hi"})
    assert (answer.status, answer.json) == (200, {"message": "hi"})


@pytest.mark.parametrize(
    "wanted",
    [{"raise": "no"}, {"exit": 0}, {"exit": 3}, {"kill": 9}, {"statusCode": "x"}, {"bytes": 7_000_000}],
    ids=["raises", "exits quietly", "exits", "killed", "bad status", "too large"],
)
def test_a_function_that_fails_is_an_internal_error(call: Call, wanted: dict[str, Any]) -> None:
    answer = ask(call, wanted)
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    assert ask(call, {"message": "still there"}).status == 200


def test_a_function_that_cannot_be_imported_is_an_internal_error(call: Call) -> None:
    assert call("GET", "/broken").status == 500


def test_a_function_over_its_time_out_is_an_internal_error(call: Call) -> None:
    assert call("GET", "/slow").status == 500


@pytest.mark.parametrize("size", [7_000_000, 11_000_000])
def test_a_body_that_is_too_large_is_refused(call: Call, size: int) -> None:
    answer = call("POST", "/public", b"x" * size, {"Content-Type": "text/plain"})
    assert (answer.status, answer.json) == (413, {"message": "Request Entity Too Large"})


def test_a_preflight_is_answered_by_the_gateway(call: Call) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = call("OPTIONS", "/private", headers=asked)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == "https://example.org"
    assert answer.header("access-control-allow-methods") == "GET,POST"
    assert answer.header("access-control-max-age") == "600"


def test_only_allowed_origins_get_cors_headers(call: Call) -> None:
    allowed = call("GET", "/public", headers={"Origin": "https://example.org"})
    assert allowed.header("access-control-allow-origin") == "https://example.org"
    other = call("GET", "/public", headers={"Origin": "https://elsewhere.org"})
    assert other.header("access-control-allow-origin") is None
