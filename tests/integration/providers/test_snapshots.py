"""Snapshots of playlists: asked for, read page by page by the worker, kept fresh by the timer."""

from collections.abc import Callable
from typing import Any

import pytest

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
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def test_linking_reads_the_playlists_for_the_first_time(
    person: Person, harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    assert (sync_of(person)["status"], sync_of(person)["is_under_way"]) == ("pending", True)

    harness.drain(QUEUE, "providers_sync_worker")

    assert (sync_of(person)["status"], sync_of(person)["is_under_way"]) == ("completed", False)
    known = playlists_of(person)
    assert {(p["provider"], p["provider_playlist_id"]) for p in known if p["is_liked"]} == {
        ("spotify", "liked"),
        ("youtube", "LL"),
    }
    users = {user["id"]: user for user in spotify.control("GET", "/users")["users"]}
    expected = {p["id"]: (p["name"], p["count"]) for p in users["ada"]["playlists"]}
    told = {p["provider_playlist_id"]: (p["name"], p["track_count"]) for p in known if not p["is_liked"]}
    assert expected.items() <= told.items()
    one = known[0]
    assert person.call("GET", f"/v1/playlists/{one['id']}").json == one
    assert sync_of(person)["playlists"] == len([p for p in known if p["provider"] == "spotify"])


def test_before_the_first_reading_there_is_none(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    sql(
        harness.database_url,
        "DELETE FROM providers.snapshot_syncs WHERE account_id = %s",
        account["account_id"],
    )
    assert sync_of(person)["status"] == "never"


def test_asking_again_finds_what_has_changed(
    provider: str, simulator: Simulator, person: Person, harness: FunctionRunner
) -> None:
    link(person, provider)
    harness.drain(QUEUE, "providers_sync_worker")
    before = {p["provider_playlist_id"]: p["id"] for p in playlists_of(person)}
    added = simulator.playlist(name="Brand new", items=[])

    answer = person.call("POST", "/v1/playlists/sync", {"provider": provider})
    assert answer.status == 202
    assert answer.json["items"][0]["status"] == "pending"
    harness.drain(QUEUE, "providers_sync_worker")

    after = {p["provider_playlist_id"]: p["id"] for p in playlists_of(person)}
    assert after.keys() - before.keys() == {added}
    assert {key: after[key] for key in before} == before, "ids stay"


def test_what_is_no_longer_there_is_forgotten(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    link(person, "spotify")
    sql(
        harness.database_url,
        """
        INSERT INTO providers.playlist_snapshots
            (account_id, user_id, provider_playlist_id, name, track_count, last_synced_at)
        SELECT id, user_id, 'gone', 'Gone', 1, now() - interval '1 day'
        FROM providers.accounts WHERE user_id = %s""",
        person.id,
    )
    assert [p["name"] for p in playlists_of(person)] == ["Gone"]
    harness.drain(QUEUE, "providers_sync_worker")
    assert "Gone" not in [p["name"] for p in playlists_of(person)]
    assert playlists_of(person)


def test_a_second_request_begins_no_second_run(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    drain_messages(harness)
    # A worker has it: killed after the first page, its lease still runs.
    harness.invoke(
        "providers_sync_worker", {"Records": [record(person, account["account_id"])]}, remaining_ms=0
    )
    sql(
        harness.database_url,
        """
        UPDATE providers.snapshot_syncs
        SET lease_token = gen_random_uuid(), lease_until = now() + interval '1 minute'
        WHERE account_id = %s""",
        account["account_id"],
    )
    started = sync_of(person)["started_at"]
    drain_messages(harness)

    for _ in range(2):
        answer = person.call("POST", "/v1/playlists/sync", {"provider": None})
        assert answer.status == 202
        assert answer.json["items"][0]["is_under_way"]

    assert sync_of(person)["started_at"] == started
    assert drain_messages(harness) == []


def test_several_hundred_playlists_over_invocations_that_are_cut_off(
    provider: str, simulator: Simulator, person: Person, harness: FunctionRunner
) -> None:
    simulator.control("POST", "/users", {"id": f"many-{person.id}", "display_name": "Many"})
    made = {simulator.playlist(f"many-{person.id}", name=f"List {n}", items=[]) for n in range(230)}
    account = link(person, provider, login=f"many-{person.id}")
    simulator.clear_calls()

    invocations = 0
    while sync_of(person, provider)["is_under_way"]:
        # No time left after the first page, every message twice, and after every other one the function dies.
        records = drain_messages(harness)
        assert records, "somebody has to send the next message"
        harness.invoke("providers_sync_worker", {"Records": [*records, *records]}, remaining_ms=0)
        invocations += 1
        assert invocations < 40
        if invocations % 2:
            drain_messages(harness)
            sql(
                harness.database_url,
                "UPDATE providers.snapshot_syncs SET enqueued_at = NULL WHERE account_id = %s",
                account["account_id"],
            )
            harness.invoke("providers_sync_worker", TIMER)

    known = [p["provider_playlist_id"] for p in playlists_of(person) if not p["is_liked"]]
    assert sorted(known) == sorted(made)
    pages = {"tidal": 12, "listenbrainz": 23}.get(provider, 5)
    assert simulator.calls()[LIST[provider]] == pages, "20, 10 or 50 a page"
    assert sync_of(person, provider)["status"] == "completed"


def test_the_timer_reads_every_active_account_once_a_day(
    person: Person, harness: FunctionRunner, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    harness.drain(QUEUE, "providers_sync_worker")
    first = sync_of(person)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 0
    later(DAY + 60)
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 1
    assert harness.invoke("providers_sync_worker", TIMER)["sent"] == 0, "claimed"
    harness.drain(QUEUE, "providers_sync_worker")
    assert sync_of(person)["started_at"] > first["started_at"]
    assert sync_of(person)["status"] == "completed"


def test_playlists_are_listed_page_by_page(
    person: Person, harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    harness.drain(QUEUE, "providers_sync_worker")
    everything = playlists_of(person)
    assert playlists_of(person, "/v1/playlists?limit=2") == everything
    assert len(person.call("GET", "/v1/playlists?limit=2").json["items"]) == 2
    only = playlists_of(person, "/v1/playlists?provider=youtube")
    assert only == [p for p in everything if p["provider"] == "youtube"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/playlists?limit=0", 422),
        ("/v1/playlists?limit=1000", 422),
        ("/v1/playlists?limit=many", 422),
        ("/v1/playlists?colour=red", 422),
        ("/v1/playlists?cursor=nonsense", 400),
        ("/v1/playlists?provider=deezer", 404),
        ("/v1/playlists/0", 404),
        ("/v1/playlists/abc", 404),
        ("/v1/playlists/99999999999999999999", 404),
    ],
)
def test_bad_questions_have_defined_answers(target: str, status: int, person: Person) -> None:
    answer = person.call("GET", target)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"provider": "deezer"}, 404),
        ({"provider": 7}, 422),
        ({"x": 1}, 422),
        ({"provider": "spotify"}, 409),
        ({}, 409),
    ],
)
def test_bad_requests_have_defined_answers(body: dict[str, Any], status: int, person: Person) -> None:
    answer = person.call("POST", "/v1/playlists/sync", body)
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_other_peoples_playlists_are_not_found(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    link(person, "spotify")
    harness.drain(QUEUE, "providers_sync_worker")
    theirs = playlists_of(person)[0]["id"]
    stranger = new_person(harness)
    assert stranger.call("GET", f"/v1/playlists/{theirs}").status == 404
    assert playlists_of(stranger) == []
    assert stranger.call("GET", "/v1/playlists/sync").json["items"] == []
