"""The reading of playlists when something goes wrong: workers, providers, queues."""

import importlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from musicconnect.providers import registry
from tests.integration.providers.helpers import (
    DAY,
    LIST,
    QUEUE,
    TIMER,
    drain_messages,
    playlists_of,
    record,
    sync_of,
)
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.lambda_context import Context
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

TOKEN = {"spotify": "POST /api/token", "youtube": "POST /token", "tidal": "POST /v1/oauth2/token"}


def test_a_worker_that_died_is_followed_by_another(
    person: Person,
    harness: FunctionRunner,
    spotify: Simulator,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = link(person, "spotify")
    drain_messages(harness)

    class Killed(BaseException):
        pass

    def die() -> int:
        raise Killed

    context = Context()
    monkeypatch.setattr(context, "get_remaining_time_in_millis", die)
    with harness.environment_of("providers_sync_worker"):
        app = importlib.import_module("providers_sync_worker.app")
        with pytest.raises(Killed):
            app.handler({"Records": [record(person, account["account_id"])]}, context)
    assert sync_of(person)["status"] == "running"

    again = {"Records": [record(person, account["account_id"])]}
    assert harness.invoke("providers_sync_worker", again) == {"batchItemFailures": []}
    assert sync_of(person)["status"] == "running", "the lease of the dead one still stands"
    later(120)
    assert harness.invoke("providers_sync_worker", TIMER) == {"sent": 1}, "within two minutes"
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person)["status"] == "completed"


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    drain_messages(harness)
    context = Context()
    asked = []

    def taken_over() -> int:
        asked.append(1)
        sql(
            harness.database_url,
            "UPDATE providers.snapshot_syncs SET lease_token = gen_random_uuid() WHERE account_id = %s",
            account["account_id"],
        )
        return 60_000

    context.get_remaining_time_in_millis = taken_over  # type: ignore[method-assign]
    with harness.environment_of("providers_sync_worker"):
        app = importlib.import_module("providers_sync_worker.app")
        answer = app.handler({"Records": [record(person, account["account_id"])]}, context)
    assert answer == {"batchItemFailures": []}
    assert asked == [1]
    assert [p["is_liked"] for p in playlists_of(person)] == [True], "only the page before the loss"


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"kind": "garbage"}, {"kind": "empty"}, {"kind": "close"}, {"status": 429}]
)
def test_a_provider_in_trouble_is_tried_again_where_it_stopped(
    fault: dict[str, Any],
    provider: str,
    simulator: Simulator,
    person: Person,
    harness: FunctionRunner,
    later: Callable[[float], None],
) -> None:
    link(person, provider)
    simulator.fault(LIST[provider], **fault)
    harness.drain(QUEUE, "providers_sync_worker")
    state = sync_of(person, provider)
    assert (state["status"], state["is_under_way"]) == ("running", True)
    assert (state["code"], state["params"]["provider"]) == ("retrying", provider)
    first = 0 if registry.get(provider).liked_id is None else 1
    assert state["playlists"] == first, "the page before it, where there is one, is kept"

    later(20)
    harness.invoke("providers_sync_worker", TIMER)
    drain_messages(harness)  # the timer does not send what is on its way already
    later(600)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] >= 1
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person, provider)["status"] == "completed"
    assert simulator.calls()[LIST[provider]] == 2


def test_a_provider_that_stays_in_trouble_is_left_until_tomorrow(
    person: Person, harness: FunctionRunner, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    spotify.fault(LIST["spotify"], times=None, status=500)
    seconds = 0.0
    harness.drain(QUEUE, "providers_sync_worker")
    for _ in range(12):
        seconds += 1000
        later(seconds)
        harness.invoke("providers_sync_worker", TIMER)
        harness.drain(QUEUE, "providers_sync_worker")
    state = sync_of(person)
    assert state["status"] == "failed"
    assert state["code"] == "given-up"
    assert spotify.calls()[LIST["spotify"]] == 9
    spotify.control("DELETE", "/faults")
    later(seconds + DAY)
    harness.invoke("providers_sync_worker", TIMER)
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person)["status"] == "completed"


def test_a_spent_allowance_parks_the_run_until_it_is_back(
    person: Person, harness: FunctionRunner, youtube: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "youtube")
    youtube.fault(LIST["youtube"], ready_made="quota_exceeded")
    harness.drain(QUEUE, "providers_sync_worker")
    state = sync_of(person, "youtube")
    assert state["status"] == "running"
    assert state["code"] == "quota-exhausted"
    assert datetime.fromisoformat(state["params"]["until"]) == datetime.fromisoformat(state["next_at"])
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 0
    youtube.clear_calls()
    assert person.call("POST", "/v1/playlists/sync", {}).status == 202
    harness.drain(QUEUE, "providers_sync_worker")
    assert youtube.calls() == {}

    later(26 * 3600)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 1
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person, "youtube")["status"] == "completed"


def test_a_consent_that_ended_stops_the_timer_too(
    provider: str,
    simulator: Simulator,
    person: Person,
    harness: FunctionRunner,
    later: Callable[[float], None],
) -> None:
    link(person, provider)
    harness.drain(QUEUE, "providers_sync_worker")
    later(2 * DAY)
    if provider in TOKEN:
        simulator.fault(TOKEN[provider], status=400, body={"error": "invalid_grant"})
    else:
        simulator.control("POST", "/users/ada/reset-token")
    harness.invoke("providers_sync_worker", TIMER)
    harness.drain(QUEUE, "providers_sync_worker")
    state = sync_of(person, provider)
    assert (state["status"], state["next_at"]) == ("failed", None)
    assert "Link the account again" in state["message"]
    answer = person.call("POST", "/v1/playlists/sync", {"provider": provider})
    assert answer.status == 409
    assert answer.json["type"].endswith(":consent-needed")
    later(9 * DAY)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 0
    link(person, provider)
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person, provider)["status"] == "completed"


def test_a_refusal_is_told_in_plain_words(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    link(person, "spotify")
    spotify.settings(premium=False)
    harness.drain(QUEUE, "providers_sync_worker")
    state = sync_of(person)
    assert state["status"] == "failed"
    assert "Premium" in state["message"]


def test_a_page_token_that_is_no_longer_good_begins_again(
    person: Person, harness: FunctionRunner, youtube: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "youtube")
    body = {"error": {"code": 400, "message": "", "errors": [{"reason": "invalidPageToken"}]}}
    youtube.fault(LIST["youtube"], status=400, body=body)
    harness.drain(QUEUE, "providers_sync_worker")
    assert "from the start" in sync_of(person, "youtube")["message"]
    later(400)
    harness.invoke("providers_sync_worker", TIMER)
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person, "youtube")["status"] == "completed"


def test_unlinking_in_the_middle_ends_the_run(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    context = Context()

    def unlink() -> int:
        sql(harness.database_url, "DELETE FROM providers.accounts WHERE id = %s", account["account_id"])
        return 60_000

    context.get_remaining_time_in_millis = unlink  # type: ignore[method-assign]
    with harness.environment_of("providers_sync_worker"):
        app = importlib.import_module("providers_sync_worker.app")
        answer = app.handler({"Records": [record(person, account["account_id"])]}, context)
    assert answer == {"batchItemFailures": []}
    assert playlists_of(person) == []


def test_a_message_for_somebody_elses_account_does_nothing(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    spotify.clear_calls()
    stranger = new_person(harness)
    answer = harness.invoke("providers_sync_worker", {"Records": [record(stranger, account["account_id"])]})
    assert answer == {"batchItemFailures": []}
    assert spotify.calls() == {}
    assert sync_of(person)["status"] == "pending"


def test_one_bad_message_does_not_take_the_others_along(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    bad = [{"messageId": "bad-1", "body": "{"}, {"messageId": "bad-2", "body": "{}"}]
    answer = harness.invoke(
        "providers_sync_worker", {"Records": [*bad, record(person, account["account_id"])]}
    )
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["bad-1", "bad-2"]
    assert sync_of(person)["status"] == "completed"


def test_a_queue_that_is_away_is_made_up_for_by_the_timer(
    person: Person,
    harness: FunctionRunner,
    spotify: Simulator,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as away:
        away.setitem(harness.queues, QUEUE, harness.queues[QUEUE] + "-nowhere")
        link(person, "spotify")
        assert sync_of(person)["status"] == "pending"
    later(301)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 1
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person)["status"] == "completed"
