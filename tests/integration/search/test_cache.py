"""A search that somebody made is not made again: the shared cache, and one call for all who ask at once."""

from collections.abc import Callable

import pytest

from musicconnect.search.schemas import SearchAnswer
from tests.integration.search.client import SEARCH, group, ids, search, searches
from tests.integration.search.conftest import linked
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

HOUR = 3600.0


def test_the_same_search_is_answered_from_the_cache_and_says_how_old_it_is(
    person: Person, later: Callable[[float], None], spotify: Simulator, youtube: Simulator
) -> None:
    first = search(person, "salt and signal")
    later(2 * HOUR)
    spotify.clear_calls()
    youtube.clear_calls()
    again = search(person, "  SALT and   Signal")
    for before, now in zip(first["groups"], again["groups"], strict=True):
        assert now["source"] == "cache"
        assert 2 * HOUR <= now["age_seconds"] <= 2 * HOUR + 60
        assert now["fetched_at"] == before["fetched_at"]
        assert now["items"] == before["items"]
        assert now["next_cursor"] == before["next_cursor"]
    assert spotify.calls() == youtube.calls() == {}


def test_after_a_day_it_is_asked_again(
    person: Person, later: Callable[[float], None], youtube: Simulator
) -> None:
    search(person, "salt")
    later(23.9 * HOUR)
    assert group(person, "youtube", "salt")["source"] == "cache"
    later(24.1 * HOUR)
    assert group(person, "youtube", "salt")["source"] == "live"
    assert searches(youtube) == 2


def test_it_may_be_cached_for_less_than_a_day_and_never_for_more(
    person: Person,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    youtube: Simulator,
) -> None:
    monkeypatch.setenv("SEARCH_CACHE_HOURS", "1")
    search(person, "salt")
    later(1.1 * HOUR)
    monkeypatch.setenv("SEARCH_CACHE_HOURS", "1000")
    assert group(person, "youtube", "salt")["source"] == "live"
    later(25.2 * HOUR)
    assert group(person, "youtube", "salt")["source"] == "live"
    assert searches(youtube) == 3


def test_what_one_user_found_serves_another(person: Person, another: Person, spotify: Simulator) -> None:
    mine = group(person, "spotify", "salt")
    theirs = group(another, "spotify", "Salt")
    assert (theirs["source"], ids(theirs)) == ("cache", ids(mine))
    assert searches(spotify) == 1


def test_but_nobody_who_has_not_linked_the_provider(person: Person, harness: FunctionRunner) -> None:
    search(person, "salt")
    stranger = new_person(harness)
    assert [one["error"]["code"] for one in search(stranger, "salt")["groups"]] == ["not-linked"] * 2


def test_the_cache_holds_nothing_about_anybody(person: Person, harness: FunctionRunner) -> None:
    search(person, "salt")
    columns = sql(
        harness.database_url,
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'search' AND table_name = 'cache'",
    )
    assert not {name for (name,) in columns} & {"user_id", "account_id", "query_text"}


def test_a_page_without_lengths_is_asked_for_again_soon(
    person: Person, later: Callable[[float], None], youtube: Simulator
) -> None:
    youtube.fault("GET /youtube/v3/videos", ready_made="server_error")
    found = group(person, "youtube", "salt")
    assert found["error"] is None
    assert found["items"]
    assert all(item["duration_ms"] is None for item in found["items"])
    later(301)
    assert all(item["duration_ms"] for item in group(person, "youtube", "salt")["items"])
    assert searches(youtube) == 2


def test_but_not_while_there_are_no_units_for_lengths(
    person: Person, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch, youtube: Simulator
) -> None:
    """Searching again would cost one of the day's searches, and tell no lengths either."""
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", "0")
    found = group(person, "youtube", "salt")
    assert (found["error"], found["source"]) == (None, "live")
    assert all(item["duration_ms"] is None for item in found["items"])
    later(600)
    assert group(person, "youtube", "salt")["source"] == "cache"
    monkeypatch.delenv("YOUTUBE_DAILY_UNITS")
    later(24.1 * HOUR)
    assert all(item["duration_ms"] for item in group(person, "youtube", "salt")["items"])
    assert searches(youtube) == 2


def test_searches_for_the_same_at_the_same_time_are_one_call(
    person: Person,
    another: Person,
    at_once: Callable[..., list[SearchAnswer]],
    spotify: Simulator,
    youtube: Simulator,
) -> None:
    for simulator in (spotify, youtube):
        simulator.control("PUT", "/latency", {"ms": 150})
        simulator.clear_calls()
    people = [person, another] * 4
    answers = at_once(people, [{"q": "salt" if n % 2 else " SALT "} for n in range(8)])
    assert searches(spotify) == searches(youtube) == 1
    for answer in answers:
        assert [one.error for one in answer.groups] == [None, None]
        assert [[item.id for item in one.items] for one in answer.groups] == [
            [item.id for item in one.items] for one in answers[0].groups
        ]


def test_when_the_call_fails_everybody_who_waits_gets_the_failure_and_nobody_calls_again(
    person: Person, at_once: Callable[..., list[SearchAnswer]], spotify: Simulator
) -> None:
    spotify.control("PUT", "/latency", {"ms": 150})
    spotify.fault(SEARCH["spotify"], ready_made="burst", times=None)
    spotify.clear_calls()
    answers = at_once([person] * 6, [{"q": "salt", "provider": "spotify"}] * 6)
    reasons = [answer.groups[0].error and answer.groups[0].error.code for answer in answers]
    assert reasons == ["rate-limited"] * 6
    # One for all who waited; who began to wait only after it had failed tries once more.
    assert 1 <= searches(spotify) <= 2
    spotify.control("DELETE", "/faults")
    assert group(person, "spotify", "salt")["source"] == "live", "a failure is not cached"


def test_when_it_fails_for_one_account_the_others_go_on(
    person: Person,
    harness: FunctionRunner,
    at_once: Callable[..., list[SearchAnswer]],
    spotify: Simulator,
) -> None:
    """Whoever asks first has lost their consent; those who wait have not."""
    others = [linked(new_person(harness), "grace") for _ in range(3)]
    spotify.control("PUT", "/latency", {"ms": 150})
    spotify.fault(SEARCH["spotify"], ready_made="forbidden", times=1)
    answers = at_once([person, *others], [{"q": "salt", "provider": "spotify"}] * 4)
    failed = [answer for answer in answers if answer.groups[0].error is not None]
    assert len(failed) == 1
    assert failed[0].groups[0].error is not None
    assert failed[0].groups[0].error.code == "refused-by-provider"


def test_a_fetch_that_was_killed_is_claimed_by_another(
    person: Person, harness: FunctionRunner, later: Callable[[float], None], spotify: Simulator
) -> None:
    """A claim holds no longer than whoever made it could be waited for."""
    search(person, "salt")
    sql(
        harness.database_url,
        "UPDATE search.cache SET page = NULL, expires_at = now() - interval '1 day', "
        "claim_id = gen_random_uuid(), claimed_until = now() + interval '1 second'",
    )
    spotify.clear_calls()
    assert group(person, "spotify", "salt")["error"] is None
    assert searches(spotify) == 1


def test_the_retention_of_searches_is_a_setting(
    person: Person, harness: FunctionRunner, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCH_HISTORY_DAYS", "2")
    search(person, "salt")
    later(1.9 * 24 * HOUR)
    assert len(person.call("GET", "/v1/search/history").json["items"]) == 1
    later(2.1 * 24 * HOUR)
    assert person.call("GET", "/v1/search/history").json["items"] == []
    sql(harness.database_url, "SELECT setval('search.queries_id_seq', 199)")
    search(person, "pepper")
    assert sql(harness.database_url, "SELECT query_text FROM search.queries") == [("pepper",)]


def test_retention_deletes_searches_and_pages_that_are_due(
    person: Person, harness: FunctionRunner, later: Callable[[float], None]
) -> None:
    search(person, "salt")
    later(91 * 24 * HOUR)
    assert person.call("GET", "/v1/search/history").json["items"] == []
    # Every hundredth search tidies up; the next one is made to be one.
    sql(harness.database_url, "SELECT setval('search.queries_id_seq', 199)")
    search(person, "pepper")
    assert sql(harness.database_url, "SELECT query_text FROM search.queries") == [("pepper",)]
    left = sql(
        harness.database_url,
        "SELECT count(*) FROM search.cache WHERE expires_at > now() + interval '90 days'",
    )
    assert left == sql(harness.database_url, "SELECT count(*) FROM search.cache")
