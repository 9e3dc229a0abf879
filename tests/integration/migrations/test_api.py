"""Starting and watching migrations over HTTP, and everything that can be wrong with a request."""

from typing import Any

import pytest

from tests.integration.migrations.scenario import MigrationScenario, track_ids, well_known
from tests.support.functions import Answer
from tests.support.oauth import link
from tests.support.postgres import sql

URL = "/v1/migrations"


def body(playlists: Any, source: Any = "spotify", target: Any = "youtube") -> dict[str, Any]:
    return {"source_provider": source, "target_provider": target, "playlists": playlists}


def assert_problem(answer: Answer, status: int, slug: str) -> dict[str, Any]:
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert problem["type"] == f"urn:musicconnect:problem:{slug}"
    assert problem["title"]
    return problem


def some_playlist(world: MigrationScenario, name: str = "Road trip", count: int = 2) -> str:
    return world.playlist("spotify", track_ids(well_known(count)), name=name)


def test_starting_answers_with_the_migration(world: MigrationScenario) -> None:
    answer = world.person.call("POST", URL, body([some_playlist(world)]))
    assert answer.status == 202
    job = answer.json
    assert (job["status"], job["status_message"]) == ("pending", "Waiting to begin.")
    assert (job["status_code"], job["status_params"]) == ("waiting-to-start", {})
    assert job["progress"]["playlists"] == {"pending": 1, "running": 0, "completed": 0, "failed": 0}
    assert job["progress"]["tracks"]["total"] == 2
    assert world.person.call("GET", f"{URL}/{job['id']}").json == job


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    (body([]), "body.playlists"),
    (body("some"), "body.playlists"),
    (body([""]), "body.playlists"),
    (body(["x" * 201]), "body.playlists"),
    (body([1]), "body.playlists"),
    (body([f"p{number}" for number in range(201)]), "body.playlists"),
    (body(["p"], source="tidal"), "body.source_provider"),
    (body(["p"], target=7), "body.target_provider"),
    (body(["p"], target="spotify"), "body.target_provider"),
    (body(["p\x00"]), "body.playlists"),
    ({"source_provider": "spotify", "target_provider": "youtube"}, "body.playlists"),
    (body(["p"]) | {"target_names": ["x"]}, "body.target_names"),
]


def test_bad_bodies_are_refused_by_field(world: MigrationScenario) -> None:
    for wrong, path in BAD_BODIES:
        problem = assert_problem(world.person.call("POST", URL, wrong), 422, "invalid-request")
        assert any(error["path"].startswith(path) for error in problem["errors"]), (wrong, problem)


def test_malformed_json_is_refused(world: MigrationScenario) -> None:
    assert_problem(world.person.call("POST", URL, raw="{"), 400, "malformed-json")


@pytest.mark.parametrize("missing", ["spotify", "youtube"])
def test_both_accounts_have_to_be_linked(world: MigrationScenario, missing: str) -> None:
    person = world.harness.sign_up()
    link(person, "youtube" if missing == "spotify" else "spotify")
    problem = assert_problem(person.call("POST", URL, body(["p"])), 409, "not-linked")
    assert f"/v1/providers/{missing}/link" in problem["detail"]


def test_the_target_has_to_be_linked_for_writing_and_the_source_need_not(world: MigrationScenario) -> None:
    # Google adds what somebody consented to before, so this is somebody new to it.
    person = world.harness.sign_up()
    link(person, "spotify", "read")
    link(person, "youtube", "read", login="grace")
    problem = assert_problem(person.call("POST", URL, body(["p"])), 409, "more-access-needed")
    assert problem["provider"] == "youtube"
    link(person, "youtube", "write", login="grace")
    assert person.call("POST", URL, body([some_playlist(world)])).status == 202


def test_an_ended_consent_has_to_be_renewed_first(world: MigrationScenario) -> None:
    sql(
        world.harness.database_url,
        "UPDATE providers.accounts SET status = 'consent_needed' WHERE provider = 'spotify'",
    )
    assert_problem(world.person.call("POST", URL, body(["p"])), 409, "consent-needed")


def test_a_channel_has_to_be_there(world: MigrationScenario) -> None:
    sql(
        world.harness.database_url,
        "UPDATE providers.accounts SET status = 'no_channel' WHERE provider = 'youtube'",
    )
    assert_problem(world.person.call("POST", URL, body(["p"])), 409, "no-channel")


def test_unknown_playlists_are_looked_up_and_missed(world: MigrationScenario) -> None:
    answer = world.person.call("POST", URL, body([some_playlist(world), "0" * 22]))
    assert_problem(answer, 404, "not-found-at-provider")


def test_what_can_be_no_playlists_id_is_told_from_one_that_is_unknown(world: MigrationScenario) -> None:
    malformed = {"status": 400, "body": {"error": {"status": 400, "message": "Invalid base62 id"}}}
    world.fault("spotify", "GET /v1/playlists/{playlist_id}", **malformed)
    problem = assert_problem(world.person.call("POST", URL, body(["not an id"])), 422, "invalid-request")
    assert problem["errors"][0]["path"] == "body.playlists"
    assert "not an id" in problem["errors"][0]["message"]
    assert world.person.call("GET", URL).json["items"] == []


def test_followed_playlists_cannot_be_read(world: MigrationScenario) -> None:
    followed = "49jWd9L6e6B47ptluJVBuQ"
    assert_problem(world.person.call("POST", URL, body([followed])), 409, "refused-by-provider")


def test_a_provider_that_is_away_is_said_to_be(world: MigrationScenario) -> None:
    world.fault("spotify", "GET /v1/playlists/{playlist_id}", **{"as": "server_error"})
    answer = world.person.call("POST", URL, body([some_playlist(world)]))
    assert_problem(answer, 503, "provider-unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_too_many_unknown_playlists_are_not_looked_up_one_by_one(world: MigrationScenario) -> None:
    world.forget_calls()
    answer = world.person.call("POST", URL, body([f"{number:022}" for number in range(21)]))
    assert_problem(answer, 409, "playlists-unknown")
    assert world.calls("spotify") == {}


def test_snapshots_spare_the_look_up(world: MigrationScenario) -> None:
    assert world.person.call("POST", "/v1/playlists/sync", {"provider": "spotify"}).status == 202
    world.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    world.forget_calls()
    answer = world.person.call("POST", URL, body("all"))
    assert answer.status == 202
    assert world.calls("spotify") == {}
    moved = world.moved(answer.json["id"])
    assert {entry["source_name"] for entry in moved} == {"Liked Songs", "Road trip", "Kitchen mess 🍳"}


def test_nothing_to_migrate_is_said_so(world: MigrationScenario) -> None:
    world.control("youtube", "POST", "/users", {"id": "nobody", "display_name": "Nobody"})
    person = world.harness.sign_up()
    link(person, "spotify")
    link(person, "youtube", login="nobody")
    world.fault("youtube", "GET /youtube/v3/playlistItems", **{"as": "not_accessible"})
    assert_problem(person.call("POST", URL, body("all", "youtube", "spotify")), 409, "nothing-to-migrate")


def test_more_than_two_hundred_playlists_are_too_many_for_all(world: MigrationScenario) -> None:
    for number in range(201):
        world.playlist("spotify", [], name=f"List {number}")
    assert_problem(world.person.call("POST", URL, body("all")), 409, "too-many-playlists")


def test_asking_twice_for_a_playlist_moves_it_once(world: MigrationScenario) -> None:
    playlist_id = some_playlist(world)
    answer = world.person.call("POST", URL, body([playlist_id, playlist_id]))
    assert answer.json["progress"]["playlists"]["pending"] == 1


def test_an_idempotency_key_starts_one_migration_only(world: MigrationScenario) -> None:
    order = body([some_playlist(world)])
    key = {"Idempotency-Key": "k-1"}
    first = world.person.call("POST", URL, order, headers=key)
    world.work()
    again = world.person.call("POST", URL, order, headers=key)
    assert (first.status, again.status) == (202, 202)
    assert again.json["id"] == first.json["id"]
    assert again.json["status"] == "completed"
    assert len(world.person.call("GET", URL).json["items"]) == 1
    other = world.person.call("POST", URL, body([some_playlist(world, "Other")]), headers=key)
    assert_problem(other, 409, "idempotency-key-reused")
    assert (
        world.person.call("POST", URL, order, headers={"Idempotency-Key": "k-2"}).json["id"]
        != first.json["id"]
    )


def test_an_idempotency_key_belongs_to_its_person(world: MigrationScenario) -> None:
    order, key = body([some_playlist(world)]), {"Idempotency-Key": "k"}
    first = world.person.call("POST", URL, order, headers=key)
    second = world.sign_up().call("POST", URL, order, headers=key)
    assert second.status == 202
    assert second.json["id"] != first.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_bad_idempotency_keys_are_refused(world: MigrationScenario, key: str) -> None:
    answer = world.person.call("POST", URL, body(["p"]), headers={"Idempotency-Key": key})
    assert_problem(answer, 422, "invalid-request")


def test_lists_are_paged_by_key(world: MigrationScenario) -> None:
    started = [world.start("spotify", "youtube", [some_playlist(world)]) for _ in range(3)]
    first = world.person.call("GET", f"{URL}?limit=2").json
    rest = world.person.call("GET", f"{URL}?limit=2&cursor={first['next_cursor']}").json
    assert [entry["id"] for entry in first["items"] + rest["items"]] == sorted(started, reverse=True)
    assert rest["next_cursor"] is None


def test_playlists_are_paged_in_the_order_asked_for(world: MigrationScenario) -> None:
    names = ["C", "A", "B"]
    migration_id = world.start("spotify", "youtube", [some_playlist(world, name) for name in names])
    first = world.person.call("GET", f"{URL}/{migration_id}/playlists?limit=2").json
    rest = world.person.call("GET", f"{URL}/{migration_id}/playlists?cursor={first['next_cursor']}").json
    assert [entry["source_name"] for entry in first["items"] + rest["items"]] == names


def test_tracks_are_paged_and_filtered(world: MigrationScenario) -> None:
    lists = [
        some_playlist(world, "A", 3),
        world.playlist("spotify", [None, *track_ids(well_known(2))], name="B"),
    ]
    migration_id = world.start("spotify", "youtube", lists)
    world.finish(migration_id)
    everything = world.tracks(migration_id)
    assert [track["position"] for track in everything] == [0, 1, 2, 0, 1, 2]
    one_by_one: list[Any] = []
    cursor = ""
    while True:
        page = world.person.call("GET", f"{URL}/{migration_id}/tracks?limit=1{cursor}").json
        one_by_one += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert one_by_one == everything
    second = world.moved(migration_id)[1]["id"]
    assert [track["status"] for track in world.tracks(migration_id, f"&playlist_id={second}")] == [
        "failed",
        "matched",
        "matched",
    ]
    assert len(world.tracks(migration_id, "&status=failed")) == 1
    matched = world.tracks(migration_id, f"&playlist_id={second}&status=matched")[0]
    assert 0 <= matched["match_score"] <= 100
    assert matched["match_parts"]
    assert matched["written"]
    assert world.tracks(migration_id, "&playlist_id=999999999") == []


def test_bad_queries_and_cursors_are_refused(world: MigrationScenario) -> None:
    migration_id = world.start("spotify", "youtube", [some_playlist(world)])
    for query in (
        "limit=0",
        "limit=201",
        "limit=x",
        "status=lost",
        "playlist_id=0",
        "playlist_id=1e3",
        "x=1",
    ):
        answer = world.person.call("GET", f"{URL}/{migration_id}/tracks?{query}")
        assert_problem(answer, 422, "invalid-request")
    for target in (URL, f"{URL}/{migration_id}/playlists", f"{URL}/{migration_id}/tracks"):
        assert_problem(world.person.call("GET", f"{target}?cursor=rubbish"), 400, "invalid-cursor")


def test_unknown_migrations_are_not_found(world: MigrationScenario) -> None:
    for migration_id in ("999999", "0", "x", "99999999999999999999"):
        for part in ("", "/playlists", "/tracks"):
            assert_problem(world.person.call("GET", f"{URL}/{migration_id}{part}"), 404, "not-found")


def test_other_peoples_migrations_are_not_found(world: MigrationScenario) -> None:
    migration_id = world.start("spotify", "youtube", [some_playlist(world)])
    stranger = world.harness.sign_up()
    for part in ("", "/playlists", "/tracks"):
        assert_problem(stranger.call("GET", f"{URL}/{migration_id}{part}"), 404, "not-found")
    assert stranger.call("GET", URL).json == {"items": [], "next_cursor": None}


def test_strangers_are_asked_to_sign_in(world: MigrationScenario) -> None:
    for method, path in (
        ("POST", ""),
        ("GET", ""),
        ("GET", "/1"),
        ("GET", "/1/playlists"),
        ("GET", "/1/tracks"),
    ):
        assert world.harness.call(method, f"{URL}{path}", {}).status == 401
