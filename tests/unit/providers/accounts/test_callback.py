"""The page on which a consent comes back."""

import json

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


def page(**query: str) -> str:
    reply = answer(**query)
    assert isinstance(reply.body, str)
    return reply.body


def test_carries_code_and_state_back() -> None:
    text = page(code="AQD-code")
    assert "AQD-code" in text
    assert STATE in text
    assert "https://api.example/v1/providers/spotify/link/complete" in text


def test_says_in_plain_words_that_the_person_did_not_agree() -> None:
    text = page(error="access_denied")
    assert "You did not agree" in text
    assert "access_denied" in text


def test_another_error_is_shown_as_the_providers() -> None:
    assert "Spotify broke off" in page(error="server_error")


@pytest.mark.parametrize("name", ["code", "error"])
def test_escapes_what_came_in_the_address(name: str) -> None:
    text = page(**{name: '</pre><script>alert("1")</script>&'})
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert text.count("</pre>") == 1


def test_loads_and_leaks_nothing() -> None:
    reply = answer(code="x")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cache-Control"] == "no-store"
    text = page(code="x")
    for attribute in ("src=", "href=", "url(", "@import", "<script"):
        assert attribute not in text


def test_gives_json_to_whoever_asks_for_it() -> None:
    reply = answer(accept="application/json", code="x")
    assert isinstance(reply.body, CallbackAnswer)
    assert json.loads(reply.body.model_dump_json())["code"] == "x"
    assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_a_browser_that_takes_json_too_gets_the_page() -> None:
    assert isinstance(answer(accept="text/html,application/json;q=0.9", code="x").body, str)


@pytest.mark.parametrize("query", [{}, {"code": "x", "error": "y"}])
def test_neither_or_both_is_no_answer_to_a_consent(query: dict[str, str]) -> None:
    with pytest.raises(Problem) as problem:
        answer(**query)
    assert problem.value.status == 400
