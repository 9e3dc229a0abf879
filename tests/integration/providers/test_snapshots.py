"""Snapshots of playlists: asked for, read page by page by the worker, kept fresh by the timer."""

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.providers.conftest import Simulator, new_person, take_messages
from tests.support.harness import Context, Harness, Person
from tests.support.linking import link
from tests.support.postgres import sql

QUEUE = "PLAYLIST_SYNC_QUEUE_URL"
TIMER = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
DAY = 86_400.0
LIST = {"spotify": "GET /v1/me/playlists", "youtube": "GET /youtube/v3/playlists"}


def sync_of(person: Person, provider: str = "spotify") -> dict[str, Any]:
    items = person.call("GET", "/v1/playlists/sync").json["items"]
    (state,) = [item for item in items if item["provider"] == provider]
    found: dict[str, Any] = state
    return found


def playlists_of(person: Person, target: str = "/v1/playlists?limit=200") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = person.call("GET", f"{target}{cursor}").json
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def record(person: Person, account_id: int) -> dict[str, Any]:
    body = {"account_id": account_id, "user_id": person.id, "correlation_id": "test"}
    return {"messageId": "m1", "body": json.dumps(body)}


@pytest.fixture(params=["spotify", "youtube"])
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def simulator(provider: str, spotify: Simulator, youtube: Simulator) -> Simulator:
    return {"spotify": spotify, "youtube": youtube}[provider]


def test_linking_reads_the_playlists_for_the_first_time(
    person: Person, harness: Harness, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    assert (sync_of(person)["status"], sync_of(person)["is_under_way"]) == ("pending", True)

    harness.drain(QUEUE, "playlist_sync")

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


def test_before_the_first_reading_there_is_none(person: Person, harness: Harness, spotify: Simulator) -> None:
    account = link(person, "spotify")
    sql(
        harness.database_url,
        "DELETE FROM providers.snapshot_syncs WHERE account_id = %s",
        account["account_id"],
    )
    assert sync_of(person)["status"] == "never"


def test_asking_again_finds_what_has_changed(
    provider: str, simulator: Simulator, person: Person, harness: Harness
) -> None:
    link(person, provider)
    harness.drain(QUEUE, "playlist_sync")
    before = {p["provider_playlist_id"]: p["id"] for p in playlists_of(person)}
    added = simulator.playlist(name="Brand new", items=[])

    answer = person.call("POST", "/v1/playlists/sync", {"provider": provider})
    assert answer.status == 202
    assert answer.json["items"][0]["status"] == "pending"
    harness.drain(QUEUE, "playlist_sync")

    after = {p["provider_playlist_id"]: p["id"] for p in playlists_of(person)}
    assert after.keys() - before.keys() == {added}
    assert {key: after[key] for key in before} == before, "ids stay"


def test_what_is_no_longer_there_is_forgotten(person: Person, harness: Harness, spotify: Simulator) -> None:
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
    harness.drain(QUEUE, "playlist_sync")
    assert "Gone" not in [p["name"] for p in playlists_of(person)]
    assert playlists_of(person)


def test_a_second_request_begins_no_second_run(person: Person, harness: Harness, spotify: Simulator) -> None:
    account = link(person, "spotify")
    take_messages(harness)
    # A worker has it: killed after the first page, its lease still runs.
    harness.invoke("playlist_sync", {"Records": [record(person, account["account_id"])]}, remaining_ms=0)
    sql(
        harness.database_url,
        """
        UPDATE providers.snapshot_syncs
        SET lease_token = gen_random_uuid(), lease_until = now() + interval '1 minute'
        WHERE account_id = %s""",
        account["account_id"],
    )
    started = sync_of(person)["started_at"]
    take_messages(harness)

    for _ in range(2):
        answer = person.call("POST", "/v1/playlists/sync", {"provider": None})
        assert answer.status == 202
        assert answer.json["items"][0]["is_under_way"]

    assert sync_of(person)["started_at"] == started
    assert take_messages(harness) == []


def test_several_hundred_playlists_over_invocations_that_are_cut_off(
    provider: str, simulator: Simulator, person: Person, harness: Harness
) -> None:
    simulator.control("POST", "/users", {"id": f"many-{person.id}", "display_name": "Many"})
    made = {simulator.playlist(f"many-{person.id}", name=f"List {n}", items=[]) for n in range(230)}
    account = link(person, provider, login=f"many-{person.id}")
    simulator.forget_calls()

    invocations = 0
    while sync_of(person, provider)["is_under_way"]:
        # No time left after the first page, every message twice, and after every other one the function dies.
        records = take_messages(harness)
        assert records, "somebody has to send the next message"
        harness.invoke("playlist_sync", {"Records": [*records, *records]}, remaining_ms=0)
        invocations += 1
        assert invocations < 20
        if invocations % 2:
            take_messages(harness)
            sql(
                harness.database_url,
                "UPDATE providers.snapshot_syncs SET enqueued_at = NULL WHERE account_id = %s",
                account["account_id"],
            )
            harness.invoke("playlist_sync", TIMER)

    known = [p["provider_playlist_id"] for p in playlists_of(person) if not p["is_liked"]]
    assert sorted(known) == sorted(made)
    assert simulator.calls()[LIST[provider]] == 5
    assert sync_of(person, provider)["status"] == "completed"


def test_a_worker_that_died_is_followed_by_another(
    person: Person,
    harness: Harness,
    spotify: Simulator,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = link(person, "spotify")
    take_messages(harness)

    class Killed(BaseException):
        pass

    def die() -> int:
        raise Killed

    context = Context()
    monkeypatch.setattr(context, "get_remaining_time_in_millis", die)
    with harness.environment_of("playlist_sync"):
        app = importlib.import_module("playlist_sync.app")
        with pytest.raises(Killed):
            app.handler({"Records": [record(person, account["account_id"])]}, context)
    assert sync_of(person)["status"] == "running"

    again = {"Records": [record(person, account["account_id"])]}
    assert harness.invoke("playlist_sync", again) == {"batchItemFailures": []}
    assert sync_of(person)["status"] == "running", "the lease of the dead one still stands"
    later(360)
    assert harness.invoke("playlist_sync", TIMER) == {"sent": 1}
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person)["status"] == "completed"


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    person: Person, harness: Harness, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    take_messages(harness)
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
    with harness.environment_of("playlist_sync"):
        app = importlib.import_module("playlist_sync.app")
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
    harness: Harness,
    later: Callable[[float], None],
) -> None:
    link(person, provider)
    simulator.fault(LIST[provider], **fault)
    harness.drain(QUEUE, "playlist_sync")
    state = sync_of(person, provider)
    assert (state["status"], state["is_under_way"]) == ("running", True)
    assert "trying again" in state["message"]
    assert state["playlists"] == 1, "the first page is kept"

    later(20)
    harness.invoke("playlist_sync", TIMER)
    take_messages(harness)  # the timer does not send what is on its way already
    later(600)
    assert harness.invoke("playlist_sync", TIMER)["sent"] >= 1
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person, provider)["status"] == "completed"
    assert simulator.calls()[LIST[provider]] == 2


def test_a_provider_that_stays_in_trouble_is_left_until_tomorrow(
    person: Person, harness: Harness, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    spotify.fault(LIST["spotify"], times=None, status=500)
    seconds = 0.0
    harness.drain(QUEUE, "playlist_sync")
    for _ in range(12):
        seconds += 1000
        later(seconds)
        harness.invoke("playlist_sync", TIMER)
        harness.drain(QUEUE, "playlist_sync")
    state = sync_of(person)
    assert state["status"] == "failed"
    assert "tomorrow" in state["message"]
    assert spotify.calls()[LIST["spotify"]] == 9
    spotify.control("DELETE", "/faults")
    later(seconds + DAY)
    harness.invoke("playlist_sync", TIMER)
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person)["status"] == "completed"


def test_a_spent_allowance_parks_the_run_until_it_is_back(
    person: Person, harness: Harness, youtube: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "youtube")
    youtube.fault(LIST["youtube"], ready_made="quota_exceeded")
    harness.drain(QUEUE, "playlist_sync")
    state = sync_of(person, "youtube")
    assert state["status"] == "running"
    assert state["message"].startswith("Waiting for YouTube's allowance until")
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 0
    youtube.forget_calls()
    assert person.call("POST", "/v1/playlists/sync", {}).status == 202
    harness.drain(QUEUE, "playlist_sync")
    assert youtube.calls() == {}

    later(26 * 3600)
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 1
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person, "youtube")["status"] == "completed"


def test_a_consent_that_ended_stops_the_timer_too(
    provider: str,
    simulator: Simulator,
    person: Person,
    harness: Harness,
    later: Callable[[float], None],
) -> None:
    link(person, provider)
    harness.drain(QUEUE, "playlist_sync")
    later(2 * DAY)
    token = {"spotify": "POST /api/token", "youtube": "POST /token"}[provider]
    simulator.fault(token, status=400, body={"error": "invalid_grant"})
    harness.invoke("playlist_sync", TIMER)
    harness.drain(QUEUE, "playlist_sync")
    state = sync_of(person, provider)
    assert (state["status"], state["next_at"]) == ("failed", None)
    assert "Link the account again" in state["message"]
    answer = person.call("POST", "/v1/playlists/sync", {"provider": provider})
    assert answer.status == 409
    assert answer.json["type"].endswith(":consent-needed")
    later(9 * DAY)
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 0
    link(person, provider)
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person, provider)["status"] == "completed"


def test_a_refusal_is_told_in_plain_words(person: Person, harness: Harness, spotify: Simulator) -> None:
    link(person, "spotify")
    spotify.settings(premium=False)
    harness.drain(QUEUE, "playlist_sync")
    state = sync_of(person)
    assert state["status"] == "failed"
    assert "Premium" in state["message"]


def test_a_page_token_that_is_no_longer_good_begins_again(
    person: Person, harness: Harness, youtube: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "youtube")
    body = {"error": {"code": 400, "message": "", "errors": [{"reason": "invalidPageToken"}]}}
    youtube.fault(LIST["youtube"], status=400, body=body)
    harness.drain(QUEUE, "playlist_sync")
    assert "from the start" in sync_of(person, "youtube")["message"]
    later(400)
    harness.invoke("playlist_sync", TIMER)
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person, "youtube")["status"] == "completed"


def test_the_timer_reads_every_active_account_once_a_day(
    person: Person, harness: Harness, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    harness.drain(QUEUE, "playlist_sync")
    first = sync_of(person)
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 0
    later(DAY + 60)
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 1
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 0, "claimed"
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person)["started_at"] > first["started_at"]
    assert sync_of(person)["status"] == "completed"


def test_unlinking_in_the_middle_ends_the_run(person: Person, harness: Harness, spotify: Simulator) -> None:
    account = link(person, "spotify")
    context = Context()

    def unlink() -> int:
        sql(harness.database_url, "DELETE FROM providers.accounts WHERE id = %s", account["account_id"])
        return 60_000

    context.get_remaining_time_in_millis = unlink  # type: ignore[method-assign]
    with harness.environment_of("playlist_sync"):
        app = importlib.import_module("playlist_sync.app")
        answer = app.handler({"Records": [record(person, account["account_id"])]}, context)
    assert answer == {"batchItemFailures": []}
    assert playlists_of(person) == []


def test_a_message_for_somebody_elses_account_does_nothing(
    person: Person, harness: Harness, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    spotify.forget_calls()
    stranger = new_person(harness)
    answer = harness.invoke("playlist_sync", {"Records": [record(stranger, account["account_id"])]})
    assert answer == {"batchItemFailures": []}
    assert spotify.calls() == {}
    assert sync_of(person)["status"] == "pending"


def test_one_bad_message_does_not_take_the_others_along(
    person: Person, harness: Harness, spotify: Simulator
) -> None:
    account = link(person, "spotify")
    bad = [{"messageId": "bad-1", "body": "{"}, {"messageId": "bad-2", "body": "{}"}]
    answer = harness.invoke("playlist_sync", {"Records": [*bad, record(person, account["account_id"])]})
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["bad-1", "bad-2"]
    assert sync_of(person)["status"] == "completed"


def test_a_queue_that_is_away_is_made_up_for_by_the_timer(
    person: Person,
    harness: Harness,
    spotify: Simulator,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as away:
        away.setitem(harness.queues, QUEUE, harness.queues[QUEUE] + "-nowhere")
        link(person, "spotify")
        assert sync_of(person)["status"] == "pending"
    later(301)
    assert harness.invoke("playlist_sync", TIMER)["sent"] == 1
    harness.drain(QUEUE, "playlist_sync")
    assert sync_of(person)["status"] == "completed"


def test_playlists_are_listed_page_by_page(
    person: Person, harness: Harness, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    harness.drain(QUEUE, "playlist_sync")
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
        ("/v1/playlists?provider=tidal", 404),
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
        ({"provider": "tidal"}, 404),
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


def test_other_peoples_playlists_are_not_found(person: Person, harness: Harness, spotify: Simulator) -> None:
    link(person, "spotify")
    harness.drain(QUEUE, "playlist_sync")
    theirs = playlists_of(person)[0]["id"]
    stranger = new_person(harness)
    assert stranger.call("GET", f"/v1/playlists/{theirs}").status == 404
    assert playlists_of(stranger) == []
    assert stranger.call("GET", "/v1/playlists/sync").json["items"] == []
