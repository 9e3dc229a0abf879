"""Asking the API for searches, in tests."""

import threading
from typing import Any
from urllib.parse import urlencode

from local.stack.wait import wait_until
from tests.support.functions import Person
from tests.support.simulator import Simulator

SEARCH = {"spotify": "GET /v1/search", "youtube": "GET /youtube/v3/search"}


def search(person: Person, q: str, **query: Any) -> dict[str, Any]:
    """The answer to a search that is accepted."""
    answer = person.call("GET", f"/v1/search?{urlencode({'q': q, **query})}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def group(person: Person, name: str, q: str, **query: Any) -> dict[str, Any]:
    """One provider's part of an answer."""
    groups = {one["provider"]: one for one in search(person, q, **query)["groups"]}
    found: dict[str, Any] = groups[name]
    return found


def searches(simulator: Simulator) -> int:
    """How often a simulator was searched."""
    return sum(count for endpoint, count in simulator.calls().items() if endpoint.endswith("/search"))


def ids(one: dict[str, Any]) -> list[str]:
    return [item["id"] for item in one["items"]]


def every_page(person: Person, name: str, q: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of one provider's part."""
    pages = [group(person, name, q, **query)]
    while pages[-1]["next_cursor"] is not None:
        (following,) = search(person, q, **query, cursor=pages[-1]["next_cursor"])["groups"]
        assert following["error"] is None, following
        pages.append(following)
        assert len(pages) < 100
    return pages


def let_threads_end() -> None:
    """Wait for fetches that nobody waits for any more."""
    wait_until(
        lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("search ")],
        seconds=20,
        what="late fetches to end",
    )
