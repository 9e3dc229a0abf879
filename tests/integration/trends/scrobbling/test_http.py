"""Given a scrobbler, when anything goes wrong, then the answer is one that makes it keep the play."""

import json
from typing import Any

import psycopg
import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import Scrobbler, listen, plays
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person

NOW = int(clock.now().timestamp())
BODY = {"listen_type": "single", "payload": [listen(NOW - 100, "Abba", "SOS")]}
RATE = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-reset-in"}


def navidrome_keeps(answer: Answer) -> bool:
    """Whether Navidrome sends a play again: JSON without a code is success to it, other codes are final."""
    try:
        code = answer.json.get("code", 0)
    except ValueError:
        return True
    return code in (500, 503)


def wanted(token: str, *, remaining_ms: int = 30_000, path: str = "/1/submit-listens") -> dict[str, Any]:
    """A submission as the gateway hands it over."""
    http = {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"}
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"authorization": f"Token {token}"}, "isBase64Encoded": False, "body": json.dumps(BODY),
        "requestContext": {"http": http, "domainName": "x", "requestId": "r", "stage": "$default"},
    }  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/1/validate-token", "/1/submit-listens", "/1/user/x-1/listens", "/1/nothing", "/1"]
)
def test_every_answer_has_a_code_or_is_what_was_asked_for(person: Person, method: str, path: str) -> None:
    answer = person.harness.call(method, path, headers={"Origin": "https://example.org"})
    assert answer.status >= 400
    assert answer.json["code"] == answer.status
    assert answer.json["error"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers.keys() >= RATE


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/1/submit-listens", "OPTIONS, POST"),
        ("HEAD", "/1/submit-listens", "OPTIONS, POST"),
        ("DELETE", "/1/user/ada-1/listens", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_has_not_is_405(person: Person, method: str, path: str, allowed: str) -> None:
    answer = person.harness.call(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_a_browser_asks_before_it_sends(person: Person) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = person.harness.call("OPTIONS", "/1/submit-listens", headers=headers)
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["allow"] == answer.headers["access-control-allow-methods"] == "OPTIONS, POST"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    assert answer.headers["access-control-max-age"] == "21600"
    assert not answer.headers.keys() & RATE


def test_head_is_get_without_a_body(scrobbler: Scrobbler) -> None:
    whole, head = (scrobbler(method, "/1/validate-token") for method in ("GET", "HEAD"))
    assert (head.status, head.text) == (200, "")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_what_is_not_a_scrobblers_is_a_problem(person: Person) -> None:
    answer = person.harness.call("GET", "/v1/nothing/here")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json["type"] == "urn:musicconnect:problem:not-found"


@pytest.mark.parametrize(
    "path",
    [
        "//1/submit-listens",
        "/1/submit-listens/",
        "//1//submit-listens",
        "/1/1/submit-listens",
        "/submit-listens",
    ],
)
def test_an_address_may_be_typed_in_many_ways(scrobbler: Scrobbler, person: Person, path: str) -> None:
    assert scrobbler("POST", path, BODY).json == {"status": "ok"}
    assert len(plays(person)) == 1


def test_answers_count_down(scrobbler: Scrobbler) -> None:
    first, second = (scrobbler("GET", "/1/validate-token").headers for _ in range(2))
    if first["x-ratelimit-reset"] == second["x-ratelimit-reset"]:  # else a window ended between them
        assert int(first["x-ratelimit-remaining"]) - int(second["x-ratelimit-remaining"]) == 1
    assert 0 < int(first["x-ratelimit-reset-in"]) <= 10


class TestTrouble:
    def test_who_sends_too_much_is_told_to_come_back(
        self, person: Person, shifted_clock: ShiftedClock
    ) -> None:
        header = {"Authorization": f"Token {'y' * 43}"}
        start = NOW // 10 * 10 + 100_000 - clock.now().timestamp()
        shifted_clock.set_offset(start)
        answers = [person.harness.call("OPTIONS", "/1/validate-token", headers=header)]
        while answers[-1].status in (200, 404):
            answers.append(person.harness.call("GET", "/1/nothing", headers=header))
            assert len(answers) < 1000
        assert answers[-1].status == 503
        assert navidrome_keeps(answers[-1])
        assert answers[-1].headers["x-ratelimit-remaining"] == "0"

    def test_a_database_that_is_away_keeps_the_play(
        self, person: Person, core_harness: FunctionRunner
    ) -> None:
        away = FunctionRunner("postgresql://nobody@127.0.0.1:1/nothing", core_harness.environment)
        token = person.call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]
        answer = away.invoke("trends_scrobbling_api", wanted(token))
        found = Answer(answer["statusCode"], {}, answer["body"])
        assert (found.status, found.json["code"]) == (503, 503)
        assert navidrome_keeps(found)

    def test_a_statement_that_waits_is_given_up_before_the_gateway_gives_up(
        self, person: Person, core_harness: FunctionRunner
    ) -> None:
        token = person.call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]
        with psycopg.connect(core_harness.database_url) as other:
            other.execute("SELECT trends.lock_user(%s)", [person.id])  # as an import does for its batch
            answer = core_harness.invoke("trends_scrobbling_api", wanted(token), remaining_ms=3_500)
        found = Answer(answer["statusCode"], {}, answer["body"])
        assert (found.status, found.json["code"]) == (503, 503)
        assert navidrome_keeps(found)
        again = core_harness.invoke("trends_scrobbling_api", wanted(token))
        assert again["statusCode"] == 200
        assert len(plays(person)) == 1
