"""Where a browser is sent that comes back from a consent page."""

from urllib.parse import parse_qs, urlsplit

import pytest

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.platform.problems import Problem
from musicconnect.providers.accounts import callback
from musicconnect.providers.accounts.schemas import Callback, CallbackAnswer

STATE = "s" * 43


def answer(accept: str = "text/html", **query: str) -> Reply:
    request = Request(
        source_ip="203.0.113.7", user_agent="", base_url="https://api.example", headers={"accept": accept}
    )
    return callback.answer("spotify", Callback.model_validate({"state": STATE, **query}), request)


def carried(reply: Reply) -> dict[str, list[str]]:
    assert reply.status == 302
    address = urlsplit(reply.headers["Location"])
    assert (address.scheme, address.netloc, address.path) == ("", "", "/app/linked/spotify")
    return parse_qs(address.fragment)


def test_the_console_gets_code_and_state_behind_the_hash_which_no_server_sees() -> None:
    reply = answer(code="AQD-code")
    assert carried(reply) == {"state": [STATE], "code": ["AQD-code"]}
    assert urlsplit(reply.headers["Location"]).query == ""


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_a_refusal_goes_there_too(error: str) -> None:
    assert carried(answer(error=error)) == {"state": [STATE], "error": [error]}


@pytest.mark.parametrize("name", ["code", "error"])
def test_what_came_in_the_address_stays_a_value(name: str) -> None:
    hostile = "x&state=other#/\\\r\nSet-Cookie: session=evil"
    reply = answer(**{name: hostile})
    assert carried(reply)[name] == [hostile]
    assert "\n" not in reply.headers["Location"]


def test_nothing_is_kept_or_passed_on() -> None:
    headers = answer(code="x").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_gives_json_to_whoever_asks_for_it() -> None:
    reply = answer(accept="application/json", code="x")
    assert isinstance(reply.body, CallbackAnswer)
    assert (reply.status, reply.body.code) == (200, "x")
    assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_a_browser_that_takes_json_too_is_sent_on() -> None:
    assert answer(accept="text/html,application/json;q=0.9", code="x").status == 302


@pytest.mark.parametrize("query", [{}, {"code": "x", "error": "y"}])
def test_neither_or_both_is_no_answer_to_a_consent(query: dict[str, str]) -> None:
    with pytest.raises(Problem) as problem:
        answer(**query)
    assert problem.value.status == 400
