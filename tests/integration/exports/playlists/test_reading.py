"""Given long playlists and providers in trouble, when they are exported, then nothing is missing."""

import json
from datetime import timedelta
from typing import Any

import pytest

from musicconnect.exports.playlists import reader
from musicconnect.platform import database as platform_database
from musicconnect.providers.accounts.clients import client_for
from tests.integration.exports.factories import (
    QUEUE,
    ask,
    build,
    download,
    export,
    table,
    unzipped,
)
from tests.integration.exports.playlists.conftest import made, some_tracks
from tests.support.clock import ShiftedClock
from tests.support.functions import Person
from tests.support.lambda_context import Context
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def test_a_playlist_that_is_gone_is_left_out_and_told_of(linked: Person, spotify: Simulator) -> None:
    playlist, _ = made(spotify, "Here")
    found = export(
        linked, "playlists_csv", filters={"provider": "spotify", "playlists": ["1" * 22, playlist]}
    )
    assert len(found["files"]) == 1
    assert len(found["notes"]) == 1
    assert found["notes"][0].startswith("1" * 22)
    assert "1 note on what was left out." in found["status_message"]
    alone = build(
        linked, ask(linked, "playlists_csv", filters={"provider": "spotify", "playlists": ["1" * 22]})["id"]
    )
    assert (alone["status"], alone["files"]) == ("failed", [])


def test_a_withdrawn_consent_costs_that_provider_only(
    linked: Person, spotify: Simulator, youtube: Simulator
) -> None:
    sql(
        linked.harness.database_url,
        "UPDATE providers.tokens SET expires_at = now() - interval '1 day' WHERE user_id = %s",
        linked.id,
    )
    spotify.fault("POST /api/token", status=400, body={"error": "invalid_grant"}, times=1)
    found = build(linked, ask(linked, "playlists_json")["id"])
    assert found["status"] == "completed", found
    assert [note for note in found["notes"] if note.startswith("Spotify: ")]
    files = unzipped(download(linked, found))
    assert files
    assert {json.loads(one)["playlist"]["provider"] for one in files.values()} == {"youtube"}


def long_playlist(simulator: Simulator, count: int = 230) -> tuple[str, list[str]]:
    ids = some_tracks(simulator, 40)
    items = [ids[number % len(ids)] for number in range(count)]
    return simulator.playlist(name="Long", items=items), items


def build_with_time_for(person: Person, export_id: int, *, calls: int) -> dict[str, Any]:
    """An invocation that looks at the time so often, and then has none left."""
    left = iter([300_000] * calls)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Context, "get_remaining_time_in_millis", lambda self: next(left, 1_000))
        return build(person, export_id)


def test_reading_goes_on_where_the_time_ran_out(linked: Person, spotify: Simulator) -> None:
    playlist, items = long_playlist(spotify)
    asked = ask(linked, "playlists_csv", filters={"provider": "spotify", "playlists": [playlist]})
    spotify.clear_calls()
    steps = 0
    while True:
        steps += 1
        found = build_with_time_for(linked, asked["id"], calls=3)
        if found["status"] == "completed" or steps > 30:
            break
    assert found["status"] == "completed"
    assert steps >= 3
    assert [row["Track URI"] for row in table(download(linked, found))] == [
        f"spotify:track:{one}" for one in items
    ]
    pages = [count for endpoint, count in spotify.calls().items() if endpoint.endswith("/items")]
    assert sum(pages) == -(-len(items) // 50), "no page is read twice"


def test_a_spent_allowance_parks_the_export_until_there_is_more(
    linked: Person, youtube: Simulator, shifted_clock: ShiftedClock
) -> None:
    playlist, items = made(youtube, "Parked")
    asked = ask(linked, "playlists_json", filters={"provider": "youtube", "playlists": [playlist]})
    youtube.fault("GET /youtube/v3/playlistItems", ready_made="quota_exceeded", times=1)
    parked = build(linked, asked["id"])
    assert parked["status"] == "running"
    assert parked["status_message"].startswith("Waiting for YouTube quota until ")
    linked.harness.drain(QUEUE, "exports_worker")
    assert build(linked, asked["id"])["status"] == "running", "nobody asks before"
    shifted_clock.set_offset(int(timedelta(days=1, minutes=10).total_seconds()))
    linked.harness.invoke("exports_worker", {})
    linked.harness.drain(QUEUE, "exports_worker")
    found = linked.call("GET", f"/v1/exports/{asked['id']}").json
    assert found["status"] == "completed"
    assert [one["provider_id"] for one in json.loads(download(linked, found))["entries"]] == items


@pytest.mark.parametrize("fault", ["burst", "server_error"])
def test_a_provider_that_fails_for_a_moment_is_asked_again(
    linked: Person, spotify: Simulator, shifted_clock: ShiftedClock, fault: str
) -> None:
    playlist, items = made(spotify, "Moment")
    asked = ask(linked, "playlists_csv", filters={"provider": "spotify", "playlists": [playlist]})
    spotify.fault("GET /v1/playlists/{playlist_id}/items", ready_made=fault, times=1)
    first = build(linked, asked["id"])
    if first["status"] != "completed":
        shifted_clock.set_offset(120)
        first = build(linked, asked["id"])
    assert first["status"] == "completed", first
    assert len(table(download(linked, first))) == len(items)


def test_what_changes_while_it_is_read_is_read_again(
    linked: Person, spotify: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist, items = long_playlist(spotify)
    changed: list[Any] = []
    real = reader.staging_store.add_entries

    def change(*args: Any, **more: Any) -> None:
        real(*args, **more)
        if not changed:
            changed.append(True)
            somebody_adds(linked, playlist, items[0])

    monkeypatch.setattr(reader.staging_store, "add_entries", change)
    found = export(linked, "playlists_csv", filters={"provider": "spotify", "playlists": [playlist]})
    assert changed
    assert len(table(download(linked, found))) == len(spotify.truth(playlist)) == len(items) + 1


def somebody_adds(person: Person, playlist: str, track: str) -> None:
    with platform_database.dedicated_connection() as database:
        client_for(database, person.id, "spotify", access="write").add_items(playlist, [track])


def test_nothing_of_what_was_read_stays_in_the_database(linked: Person, spotify: Simulator) -> None:
    playlist, _ = made(spotify, "Gone after")
    export(linked, "playlists_csv", filters={"provider": "spotify", "playlists": [playlist]})
    query = "SELECT count(*) FROM exports.entries WHERE user_id = %s"
    assert sql(linked.harness.database_url, query, linked.id) == [(0,)]
