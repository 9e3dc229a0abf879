"""Requests as events of format 2.0, answers as HTTP."""

import base64
from typing import Any

import pytest

from local.gateway.payload import BadAnswerError, Request, authorizer_event, function_event, response
from local.gateway.routing import Match
from local.template.model import Route

MATCH = Match(Route(method="POST", path="/a/{b}", function="F", authorizer=None), {"b": "c d"})


def request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "method": "POST",
        "path": "/a/c d",
        "query": "",
        "headers": [("host", "127.0.0.1:8000"), ("user-agent", "test/1")],
        "body": b"",
        "source_ip": "127.0.0.1",
        "protocol": "HTTP/1.1",
        "request_id": "r-1",
        "time": 1_583_348_638.39,
    }
    return Request(**{**values, **changes})


def event(**changes: Any) -> dict[str, Any]:
    return function_event(request(**changes), MATCH, api_id="local", account="42")


def test_the_context_of_a_request_is_complete() -> None:
    context = event()["requestContext"]
    assert context == {
        "accountId": "42",
        "apiId": "local",
        "domainName": "127.0.0.1:8000",
        "domainPrefix": "127",
        "http": {
            "method": "POST",
            "path": "/a/c d",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test/1",
        },
        "requestId": "r-1",
        "routeKey": "POST /a/{b}",
        "stage": "$default",
        "time": "04/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1583348638390,
    }


def test_what_was_not_sent_is_not_in_the_event() -> None:
    got = event()
    assert got["version"] == "2.0"
    assert got["rawPath"] == "/a/c d"
    assert got["pathParameters"] == {"b": "c d"}
    assert got["isBase64Encoded"] is False
    assert not {"body", "cookies", "queryStringParameters", "authorizer"} & set(got)


def test_several_values_of_a_parameter_or_header_are_joined_by_commas() -> None:
    got = event(query="a=1&a=2&b=x%20y&c=", headers=[("x-one", "1"), ("x-one", "2"), ("host", "h")])
    assert got["rawQueryString"] == "a=1&a=2&b=x%20y&c="
    assert got["queryStringParameters"] == {"a": "1,2", "b": "x y", "c": ""}
    assert got["headers"]["x-one"] == "1,2"


def test_cookies_stand_in_a_list_of_their_own() -> None:
    got = event(headers=[("host", "h"), ("cookie", "a=1; b=2"), ("cookie", "c=3")])
    assert got["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in got["headers"]


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain; charset=utf-8", "application/problem+json"]
)
def test_text_goes_as_text(kind: str) -> None:
    got = event(body='{"ü": 1}'.encode(), headers=[("content-type", kind)])
    assert (got["body"], got["isBase64Encoded"]) == ('{"ü": 1}', False)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/octet-stream", b"abc"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("text/plain", b"\xff"),
    ],
)
def test_everything_else_goes_as_base64(kind: str, body: bytes) -> None:
    got = event(body=body, headers=[("content-type", kind)])
    assert got["isBase64Encoded"] is True
    assert base64.b64decode(got["body"]) == body


def test_the_authorizers_context_reaches_the_function() -> None:
    got = function_event(request(), MATCH, api_id="local", account="42", authorized={"user_id": "12"})
    assert got["requestContext"]["authorizer"] == {"lambda": {"user_id": "12"}}


def test_an_authorizer_gets_the_identity_and_no_body() -> None:
    got = authorizer_event(
        request(body=b"{}"), MATCH, api_id="local", account="42", region="us-east-1", identity=["Bearer x"]
    )
    assert got["type"] == "REQUEST"
    assert got["identitySource"] == ["Bearer x"]
    assert got["routeArn"] == "arn:aws:execute-api:us-east-1:42:local/$default/POST/a/c d"
    assert not {"body", "isBase64Encoded"} & set(got)


def test_an_answer_becomes_a_response() -> None:
    got = response(
        {
            "statusCode": 201,
            "headers": {"X-A": 1, "Connection": "close"},
            "cookies": ["a=1", "b=2"],
            "body": "hé",
        }
    )
    assert got.status == 201
    assert got.headers == [
        ("x-a", "1"),
        ("content-type", "text/plain;charset=UTF-8"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]
    assert got.body == "hé".encode()


def test_a_base64_body_is_decoded() -> None:
    body = base64.b64encode(b"\x00\xff").decode()
    assert response({"statusCode": 200, "isBase64Encoded": True, "body": body}).body == b"\x00\xff"


@pytest.mark.parametrize(
    ("answer", "body"),
    [({"message": "hi"}, b'{"message": "hi"}'), ("hi", b"hi"), ([1], b"[1]"), (None, b"null")],
)
def test_a_bare_answer_is_a_json_body(answer: Any, body: bytes) -> None:
    got = response(answer)
    assert (got.status, got.headers, got.body) == (200, [("content-type", "application/json")], body)


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "ok"},
        {"statusCode": 7},
        {"statusCode": True},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": ["x"]},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": "%%", "isBase64Encoded": True},
    ],
)
def test_an_answer_of_the_wrong_types_is_refused(answer: Any) -> None:
    with pytest.raises(BadAnswerError):
        response(answer)
