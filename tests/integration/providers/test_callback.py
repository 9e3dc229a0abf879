"""Where a consent comes back, and bad input to the routes of linking."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.integration.providers.helpers import slug
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import complete, consented
from tests.support.simulator import Simulator

PROVIDERS = ("spotify", "youtube", "tidal")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/providers/deezer"),
        ("DELETE", "/v1/providers/deezer"),
        ("POST", "/v1/providers/deezer/link"),
        ("GET", "/v1/providers/deezer/quota"),
    ],
)
def test_an_unknown_provider_is_not_found(method: str, path: str, person: Person) -> None:
    answer = person.call(method, path, {} if method == "POST" else None)
    assert (answer.status, slug(answer)) == (404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        {"code": "x"},
        {"state": "short", "code": "x"},
        {"state": "s" * 43},
        {"state": "s" * 43, "code": "x", "error": "y"},
        {"state": "s" * 43, "code": ""},
        {"state": "s" * 43, "code": "x" * 5000},
        {"state": "s" * 43, "code": "x", "more": 1},
        {"state": 7, "code": "x"},
    ],
)
def test_a_bad_completion_is_refused_with_field_paths(body: dict[str, Any], person: Person) -> None:
    answer = person.call("POST", "/v1/providers/spotify/link/complete", body)
    assert (answer.status, slug(answer)) == (422, "invalid-request")
    assert answer.json["errors"][0]["path"].startswith("body")


def test_the_callback_needs_no_session_and_carries_what_completes_the_link(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    carried = consented(person, "spotify")
    sent_on = harness.call("GET", f"/v1/providers/spotify/callback?{urlencode(carried)}")
    assert sent_on.status == 302
    assert sent_on.headers["cache-control"] == "no-store"
    address = urlsplit(sent_on.headers["location"])
    assert (address.netloc, address.path, address.query) == ("", "/app/linked/spotify", "")
    assert parse_qs(address.fragment) == {name: [carried[name]] for name in ("state", "code")}
    told = harness.call(
        "GET", f"/v1/providers/spotify/callback?{urlencode(carried)}", headers={"accept": "application/json"}
    )
    assert complete(person, "spotify", told.json).status == 200


RETURN_URL = "https://client.example.org/linked?from=us"


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployer who registered an address."""
    monkeypatch.setenv("LINK_RETURN_URLS", f"https://other.example.org/,{RETURN_URL}")


@pytest.mark.usefixtures("registered")
def test_another_client_is_sent_to_the_address_that_was_registered_for_it_and_completes_the_link(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    carried = consented(person, "spotify", return_url=RETURN_URL)
    sent_on = harness.call("GET", f"/v1/providers/spotify/callback?{urlencode(carried)}")

    assert sent_on.headers["location"].startswith(f"{RETURN_URL}&provider=spotify&")
    returned = {
        name: value for name, [value] in parse_qs(urlsplit(sent_on.headers["location"]).query).items()
    }
    assert complete(person, "spotify", returned).status == 200


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("url", ["https://evil.example.org/", f"{RETURN_URL}2", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_an_address_that_was_not_registered(person: Person, url: str) -> None:
    answer = person.call("POST", "/v1/providers/spotify/link", {"return_url": url})
    assert (answer.status, slug(answer)) == (422, "invalid-request")
    assert answer.json["errors"][0]["path"] == "body.return_url"


@pytest.mark.usefixtures("registered")
def test_a_changed_mark_leads_nowhere_else_and_completes_nothing(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    carried = consented(person, "spotify", return_url=RETURN_URL)
    carried["state"] = carried["state"][:-4] + "0000"
    sent_on = harness.call("GET", f"/v1/providers/spotify/callback?{urlencode(carried)}")

    assert sent_on.headers["location"].startswith("/app/linked/spotify#")
    assert complete(person, "spotify", carried).status == 404


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/providers/deezer/callback?state=sssssssssssssssssssss&code=x", 404),
        ("/v1/providers/spotify/callback?code=x", 422),
        ("/v1/providers/spotify/callback?state=short&code=x", 422),
        ("/v1/providers/spotify/callback?state=sssssssssssssssssssss", 400),
    ],
)
def test_a_broken_callback_has_a_defined_answer(target: str, status: int, harness: FunctionRunner) -> None:
    answer = harness.call("GET", target)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
