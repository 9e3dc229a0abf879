"""What a search books in the round trip that claims its page is what it then calls for, whatever happens."""

from collections.abc import Callable

import pytest

from musicconnect.search.schemas import SearchAnswer
from tests.integration.search.client import SEARCH, search
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def booked(harness: FunctionRunner) -> dict[str, int]:
    """Units by bucket, of all providers."""
    rows = sql(harness.database_url, "SELECT bucket, sum(used) FROM providers.quota_usage GROUP BY bucket")
    return {str(bucket): int(used) for bucket, used in rows if used}


def made(*simulators: Simulator) -> dict[str, int]:
    """Units by bucket, as the providers count them; of Spotify calls, of which tokens are none of ours."""
    spotify, youtube = simulators
    calls = youtube.control("GET", "/calls")["calls"]
    found = {
        "search": sum(call["cost"] for call in calls if call["endpoint"] == SEARCH["youtube"]),
        "general": sum(
            call["cost"] for call in calls
            if "/youtube/" in call["endpoint"] and call["endpoint"] != SEARCH["youtube"]
        ),
        "requests": sum(count for endpoint, count in spotify.calls().items() if "/v1/" in endpoint),
    }  # fmt: skip
    return {bucket: units for bucket, units in found.items() if units}


@pytest.fixture
def balanced(
    person: Person, harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> Callable[[], dict[str, int]]:
    """Assert that what is booked from here on is what is called for; gives it."""
    before = booked(harness)
    for simulator in (spotify, youtube):
        simulator.clear_calls()

    def check() -> dict[str, int]:
        now = booked(harness)
        since = {bucket: now[bucket] - before.get(bucket, 0) for bucket in now}
        since = {bucket: units for bucket, units in since.items() if units}
        assert since == made(spotify, youtube)
        return since

    return check


def test_a_search_books_its_calls(person: Person, balanced: Callable[[], dict[str, int]]) -> None:
    search(person, "salt")
    assert balanced() == {"search": 1, "general": 1, "requests": 1}
    search(person, "salt")
    assert balanced() == {"search": 1, "general": 1, "requests": 1}, "the cache books nothing"


def test_those_who_find_somebody_else_searching_give_back_what_they_booked(
    person: Person,
    another: Person,
    at_once: Callable[..., list[SearchAnswer]],
    youtube: Simulator,
    balanced: Callable[[], dict[str, int]],
) -> None:
    youtube.control("PUT", "/latency", {"ms": 300})
    answers = at_once([person, another] * 3, [{"q": "salt", "provider": "youtube"}] * 6)
    assert all(answer.groups[0].items for answer in answers)
    assert balanced() == {"search": 1, "general": 1}


@pytest.mark.parametrize("kind", ["playlist", "artist"])
def test_what_has_no_length_books_no_look_up(
    person: Person, balanced: Callable[[], dict[str, int]], kind: str
) -> None:
    search(person, "salt", type=kind, provider="youtube")
    assert balanced() == {"search": 1}


def test_nothing_found_needs_no_look_up(person: Person, balanced: Callable[[], dict[str, int]]) -> None:
    search(person, "qxzvkwjjq", provider="youtube")
    assert balanced() == {"search": 1}


def test_a_search_that_fails_gives_the_look_up_back(
    person: Person, youtube: Simulator, balanced: Callable[[], dict[str, int]]
) -> None:
    youtube.fault(SEARCH["youtube"], status=500)
    search(person, "salt", provider="youtube")
    assert balanced()["search"] == 1
    assert "general" not in balanced()


def test_where_searches_are_spent_the_look_up_is_not_booked_for_good(
    person: Person, monkeypatch: pytest.MonkeyPatch, balanced: Callable[[], dict[str, int]]
) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "1")
    search(person, "salt", provider="youtube")
    search(person, "pepper", provider="youtube")
    assert balanced() == {"search": 1, "general": 1}


def test_a_consent_that_is_gone_books_nothing(
    person: Person,
    spotify: Simulator,
    balanced: Callable[[], dict[str, int]],
    later: Callable[[float], None],
) -> None:
    spotify.control("POST", "/users/ada/revoke")
    later(2 * 3600)
    search(person, "salt", provider="spotify")
    assert balanced() == {}
