"""Requests that no client of good will sends: each gets a problem that says what is wrong."""

import base64
import json
from typing import Any

import pytest

from musicconnect.api import binding
from musicconnect.core import services
from tests.support.functions import FunctionRunner

BODIES = [
    ("POST", "/v1/auth/signup"),
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/password"),
    ("PATCH", "/v1/me"),
]


def send(harness: FunctionRunner, method: str, target: str, raw: str) -> tuple[int, Any]:
    token = None if target in {"/v1/auth/signup", "/v1/auth/login"} else harness.sign_up().token
    answer = harness.call(method, target, raw=raw, token=token)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == answer.status
    assert answer.json["type"].startswith("urn:musicconnect:problem:")
    return answer.status, answer.json


@pytest.mark.parametrize(("method", "target"), BODIES)
@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", 400),
        ("{", 400),
        ("not json", 400),
        ('{"email": "a@example.org",}', 400),
        ("{'email': 'a@example.org'}", 400),
        ('{"email": "\\ud800"}', 400),
        ('{"email": "\ud800"}', 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ("null", 422),
        ('"text"', 422),
        ("5", 422),
        (json.dumps({"unknown": 1}), 422),
        (json.dumps({"email": {"a": 1}, "display_name": [], "new_password": 7}), 422),
        ('"' + "x" * binding.MAX_BODY + '"', 413),
    ],
    ids=str,
)
def test_bodies(core_harness: FunctionRunner, method: str, target: str, raw: str, status: int) -> None:
    assert send(core_harness, method, target, raw)[0] == status


def test_a_body_in_base64_that_is_not_utf8(core_harness: FunctionRunner) -> None:
    event = {
        "version": "2.0",
        "routeKey": "POST /v1/auth/login",
        "rawPath": "/v1/auth/login",
        "headers": {},
        "requestContext": {
            "http": {"method": "POST", "sourceIp": "192.0.2.1"},
            "domainName": "x",
            "stage": "$default",
        },
        "isBase64Encoded": True,
    }
    good = base64.b64encode(b'{"email": "a@example.org", "password": "x"}').decode()
    for body, status in ((base64.b64encode(b"\xff\xfe").decode(), 400), ("=", 400), (good, 401)):
        assert core_harness.invoke("core_api", {**event, "body": body})["statusCode"] == status


def test_many_unknown_fields_with_long_names_get_a_short_answer(core_harness: FunctionRunner) -> None:
    raw = json.dumps({"n" * 5000 + str(number): 1 for number in range(100)})

    status, problem = send(core_harness, "POST", "/v1/auth/login", raw)

    assert status == 422
    assert len(problem["errors"]) == binding.MAX_ERRORS
    assert len(json.dumps(problem)) < 20_000


def test_an_unexpected_error_tells_the_caller_nothing(
    core_harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_database: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(services, "health", broken)

    answer = core_harness.call("GET", "/v1/health")

    assert (answer.status, answer.json["type"]) == (500, "urn:musicconnect:problem:internal")
    assert "hunter2" not in answer.text
