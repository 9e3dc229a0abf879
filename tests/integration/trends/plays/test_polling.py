"""Given a deployment that asks Spotify what was played, for those who want it, then their plays come in."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.integration.trends.plays.conftest import plays
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql


@pytest.fixture
def asking(harness: FunctionRunner) -> Iterator[FunctionRunner]:
    harness.environment["PLAY_POLL_ENABLED"] = "true"
    control = harness.environment["SPOTIFY_ACCOUNTS_URL"]
    requests.post(f"{control}/_control/reset", timeout=10).raise_for_status()
    yield harness
    del harness.environment["PLAY_POLL_ENABLED"]


@pytest.fixture
def listener(asking: FunctionRunner) -> Person:
    person = asking.sign_up()
    link(person, "spotify", "read")
    return person


def switch_on(person: Person) -> dict[str, Any]:
    answer = person.call("POST", "/v1/plays/polling", {"enabled": True})
    assert answer.status == 200, answer.text
    return dict(answer.json)


def poll(person: Person) -> dict[str, Any]:
    """The timer fires, and the queue is worked through."""
    person.harness.invoke("trends_poll_worker", {"source": "aws.scheduler"})
    person.harness.drain("TRENDS_POLL_QUEUE_URL", "trends_poll_worker")
    return dict(person.call("GET", "/v1/plays/polling").json)


def calls(harness: FunctionRunner) -> int:
    counts = requests.get(f"{harness.environment['SPOTIFY_ACCOUNTS_URL']}/_control/calls", timeout=10).json()
    return int(counts["by_endpoint"].get("GET /v1/me/player/recently-played", 0))


def fault(harness: FunctionRunner, **what: Any) -> None:
    what = {"endpoint": "GET /v1/me/player/recently-played", **what}
    url = f"{harness.environment['SPOTIFY_ACCOUNTS_URL']}/_control/faults"
    requests.post(url, json=what, timeout=10).raise_for_status()


def test_it_is_off_by_default(harness: FunctionRunner) -> None:
    person = harness.sign_up()
    shown = person.call("GET", "/v1/plays/polling").json
    assert (shown["available"], shown["enabled"]) == (False, False)
    answer = person.call("POST", "/v1/plays/polling", {"enabled": True})
    assert (answer.status, answer.json["type"]) == (409, "urn:musicconnect:problem:polling-off")
    assert harness.invoke("trends_poll_worker", {"source": "aws.scheduler"}) == {"sent": 0}


def test_an_account_has_to_be_linked(asking: FunctionRunner) -> None:
    answer = asking.sign_up().call("POST", "/v1/plays/polling", {"enabled": True})
    assert (answer.status, answer.json["type"]) == (409, "urn:musicconnect:problem:not-linked")


def test_nobody_is_asked_about_who_did_not_want_it(listener: Person) -> None:
    before = calls(listener.harness)
    poll(listener)
    assert calls(listener.harness) == before


def test_plays_come_in_once_however_often_spotify_is_asked(
    listener: Person, shifted_clock: ShiftedClock
) -> None:
    assert switch_on(listener)["enabled"] is True
    shown = poll(listener)
    first = plays(listener)
    assert len(first) > 0
    assert {(play["source"], play["provider"], play["kind"]) for play in first} == {
        ("spotify_api", "spotify", "play")
    }
    assert all(play["provider_track_id"] for play in first)
    assert shown["last_polled_at"] is not None
    before = calls(listener.harness)
    poll(listener)
    assert calls(listener.harness) == before  # not due yet
    shifted_clock.set_offset(1900)
    poll(listener)
    assert calls(listener.harness) == before + 1
    assert [play["id"] for play in plays(listener)] == [play["id"] for play in first]


def test_a_play_that_was_deleted_does_not_come_back_with_the_next_poll(
    listener: Person, shifted_clock: ShiftedClock
) -> None:
    switch_on(listener)
    poll(listener)
    before = plays(listener)
    listener.call("DELETE", f"/v1/plays/{before[0]['id']}")
    shifted_clock.set_offset(1900)
    poll(listener)
    assert [play["id"] for play in plays(listener)] == [play["id"] for play in before[1:]]


def test_a_gap_is_written_down(listener: Person) -> None:
    switch_on(listener)
    sql(
        listener.harness.database_url,
        "UPDATE trends.polls SET cursor_ms = 1262304000000 WHERE user_id = %s",
        listener.id,
    )
    shown = poll(listener)
    if len(plays(listener)) < 50:  # what Spotify lists reaches back to the beginning
        assert shown["gaps"] == []
    else:
        (gap,) = shown["gaps"]
        assert gap["from_at"].startswith("2010-01-01")


def test_a_failure_delays_polling_and_a_revoked_consent_ends_it(
    listener: Person, shifted_clock: ShiftedClock
) -> None:
    switch_on(listener)
    fault(listener.harness, **{"as": "server_error"}, times=None)
    shown = poll(listener)
    assert shown["enabled"] is True
    assert (shown["code"], shown["params"]["cause"]["code"]) == ("retrying", "provider-unavailable")
    assert "Spotify does not answer properly. The next poll is at" in shown["status_message"]
    url = f"{listener.harness.environment['SPOTIFY_ACCOUNTS_URL']}/_control/faults"
    requests.delete(url, timeout=10).raise_for_status()
    fault(listener.harness, **{"as": "forbidden"}, times=None)
    shifted_clock.set_offset(900)
    shown = poll(listener)
    assert shown["enabled"] is False
    assert shown["code"] == "stopped"
    assert "Link the account again" in shown["status_message"]


def test_it_can_be_switched_off_and_ends_with_the_link(listener: Person) -> None:
    switch_on(listener)
    assert listener.call("POST", "/v1/plays/polling", {"enabled": False}).json["enabled"] is False
    poll(listener)
    assert plays(listener) == []
    switch_on(listener)
    assert listener.call("DELETE", "/v1/providers/spotify").status in {200, 204}
    assert listener.call("GET", "/v1/plays/polling").json["enabled"] is False
    poll(listener)
    assert plays(listener) == []
