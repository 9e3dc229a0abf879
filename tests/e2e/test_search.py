"""Searching over HTTP on the whole local stack: several processes, one call; one slow provider, one group."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from local.demo.user import ApiUser
from local.operations import rotate_keys
from local.stack.stack import Options, Stack

pytestmark = pytest.mark.e2e
PROVIDERS = ("spotify", "youtube")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Options(quiet=True, instances=6, parameters={"SearchDeadlineSeconds": "4"})) as running:
        yield running


@pytest.fixture(scope="module")
def people(stack: Stack) -> list[ApiUser]:
    made = []
    for login in ("ada", "grace"):
        person = ApiUser.sign_up(stack.api_url, login.title())
        for provider in PROVIDERS:
            person.link(provider, login)
        made.append(person)
    return made


def control(stack: Stack, provider: str, method: str, path: str, body: Any = None) -> Any:
    url = {"spotify": stack.spotify_url, "youtube": stack.youtube_url}[provider]
    answer = requests.request(method, f"{url}/_control{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture(autouse=True)
def _fresh(stack: Stack) -> None:
    for provider in PROVIDERS:
        control(stack, provider, "PUT", "/latency", {"ms": 0})
        control(stack, provider, "DELETE", "/faults")
        control(stack, provider, "DELETE", "/calls")


def searches(stack: Stack, provider: str) -> int:
    calls = control(stack, provider, "GET", "/calls")["by_endpoint"]
    return sum(count for endpoint, count in calls.items() if endpoint.endswith("/search"))


def search(person: ApiUser, q: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = person.call("GET", f"/v1/search?{urlencode({'q': q, **query})}")
    return found


def test_the_same_question_from_many_at_once_is_one_call_of_each_provider(
    stack: Stack, people: list[ApiUser]
) -> None:
    for provider in PROVIDERS:
        control(stack, provider, "PUT", "/latency", {"ms": 300})
    with ThreadPoolExecutor(6) as pool:
        # Every instance starts here, so that on a busy machine no start outlasts a claim.
        list(pool.map(lambda n: search(people[n % 2], f"warm {n}"), range(6)))
        for provider in PROVIDERS:
            control(stack, provider, "DELETE", "/calls")
        answers = list(pool.map(lambda n: search(people[n % 2], "salt" if n % 3 else "SALT "), range(6)))
    assert [searches(stack, provider) for provider in PROVIDERS] == [1, 1]
    for answer in answers:
        assert [group["error"] for group in answer["groups"]] == [None, None]
        assert [group["items"] for group in answer["groups"]] == [
            group["items"] for group in answers[0]["groups"]
        ]
    assert {group["source"] for group in search(people[0], "salt")["groups"]} == {"cache"}


@pytest.mark.parametrize(
    ("hangs", "endpoint"), [("spotify", "GET /v1/search"), ("youtube", "GET /youtube/v3/search")]
)
def test_a_provider_that_hangs_costs_its_own_group_only(
    stack: Stack, people: list[ApiUser], hangs: str, endpoint: str
) -> None:
    """So both are asked at the same time: whoever came second would find no time left."""
    control(stack, hangs, "POST", "/faults", {"endpoint": endpoint, "kind": "hang"})
    groups = {group["provider"]: group for group in search(people[0], f"afterglow {hangs}")["groups"]}
    silent = groups.pop(hangs)
    assert silent["error"]["code"] in {"provider-slow", "provider-unavailable"}
    (other,) = groups.values()
    assert other["error"] is None
    assert search(people[0], f"and the next one is served {hangs}")["groups"][0]["error"] is None


def test_pages_pins_and_links_over_http(stack: Stack, people: list[ApiUser]) -> None:
    ada = people[0]
    first = search(ada, "kestrel", limit=3, provider="spotify")["groups"][0]
    second = search(ada, "kestrel", limit=3, provider="spotify", cursor=first["next_cursor"])["groups"][0]
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}
    item = first["items"][0]
    body = {"provider": "spotify", "type": "track", "id": item["id"]}
    pinned = requests.post(
        f"{stack.api_url}/v1/pins", json=body, headers={"Authorization": f"Bearer {ada.token}"}, timeout=30
    )
    again = requests.post(
        f"{stack.api_url}/v1/pins", json=body, headers={"Authorization": f"Bearer {ada.token}"}, timeout=30
    )
    assert (pinned.status_code, again.status_code) == (201, 200)
    assert [pin["item_id"] for pin in ada.every("/v1/pins?limit=1")] == [item["id"]]
    resolved = ada.call("GET", f"/v1/resolve?{urlencode({'url': item['url'] + '?si=x'})}")
    (counterpart,) = resolved["counterparts"]
    assert counterpart["outcome"] == "matched"
    back = ada.call("POST", "/v1/resolve", {"urls": [counterpart["item"]["url"]]})
    assert back["items"][0]["counterparts"][0]["item"]["id"]
    assert next(ada.every("/v1/search/history?limit=2"))["query"] == "kestrel"
    assert people[1].call("GET", "/v1/pins") == {"items": [], "next_cursor": None}


def test_the_keys_of_tokens_are_rotated_without_a_failed_search(
    stack: Stack, people: list[ApiUser], capsys: pytest.CaptureFixture[str]
) -> None:
    """What ``python -m local rotate-keys`` does; it ends the functions' instances, so it comes last."""
    rehearsal = rotate_keys.rehearsal_on(
        stack.options.template, stack.control, stack.aws_url, stack.database_url, None
    )
    before = rehearsal.tokens_by_key()
    rotate_keys.rehearse(rehearsal, people[0])
    assert list(before) == ["k1"]
    assert rehearsal.tokens_by_key() == {"k2": before["k1"]}
    assert rehearsal.keys().keys() == {"current", "k2"}
    assert capsys.readouterr().out.count("answered by both providers") == 5
