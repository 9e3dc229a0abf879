"""Starting and watching migrations over HTTP, and everything that can be wrong with a request."""

from typing import Any

import pytest

from tests.integration.migrations.scenario import MigrationScenario, track_ids, well_known
from tests.support.functions import Answer
from tests.support.oauth import link

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


def some_playlist(scenario: MigrationScenario, name: str = "Road trip", count: int = 2) -> str:
    return scenario.playlist("spotify", track_ids(well_known(count)), name=name)


def test_starting_answers_with_the_migration(scenario: MigrationScenario) -> None:
    answer = scenario.person.call("POST", URL, body([some_playlist(scenario)]))
    assert answer.status == 202
    job = answer.json
    assert (job["status"], job["status_message"]) == ("pending", "Waiting for its turn.")
    assert (job["code"], job["params"]) == ("waiting-to-start", {})
    assert job["progress"]["playlists"] == {"pending": 1, "running": 0, "completed": 0, "failed": 0}
    assert job["progress"]["tracks"]["total"] == 2
    assert scenario.person.call("GET", f"{URL}/{job['id']}").json == job


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    (body([]), "body.playlists"),
    (body("some"), "body.playlists"),
    (body([""]), "body.playlists"),
    (body(["x" * 201]), "body.playlists"),
    (body([1]), "body.playlists"),
    (body([f"p{number}" for number in range(201)]), "body.playlists"),
    (body(["p"], source="deezer"), "body.source_provider"),
    (body(["p"], target=7), "body.target_provider"),
    (body(["p"], target="spotify"), "body.target_provider"),
    (body(["p\x00"]), "body.playlists"),
    ({"source_provider": "spotify", "target_provider": "youtube"}, "body.playlists"),
    (body(["p"]) | {"target_names": ["x"]}, "body.target_names"),
]


def test_bad_bodies_are_refused_by_field(scenario: MigrationScenario) -> None:
    for wrong, path in BAD_BODIES:
        problem = assert_problem(scenario.person.call("POST", URL, wrong), 422, "invalid-request")
        assert any(error["path"].startswith(path) for error in problem["errors"]), (wrong, problem)


def test_malformed_json_is_refused(scenario: MigrationScenario) -> None:
    assert_problem(scenario.person.call("POST", URL, raw="{"), 400, "malformed-json")


@pytest.mark.parametrize("missing", ["spotify", "youtube"])
def test_both_accounts_have_to_be_linked(scenario: MigrationScenario, missing: str) -> None:
    person = scenario.harness.sign_up()
    link(person, "youtube" if missing == "spotify" else "spotify")
    problem = assert_problem(person.call("POST", URL, body(["p"])), 409, "not-linked")
    assert problem["provider"] == missing


def test_the_target_has_to_be_linked_for_writing_and_the_source_need_not(scenario: MigrationScenario) -> None:
    # Google adds what somebody consented to before, so this is somebody new to it.
    person = scenario.harness.sign_up()
    link(person, "spotify", "read")
    link(person, "youtube", "read", login="grace")
    problem = assert_problem(person.call("POST", URL, body(["p"])), 409, "more-access-needed")
    assert problem["provider"] == "youtube"
    link(person, "youtube", "write", login="grace")
    assert person.call("POST", URL, body([some_playlist(scenario)])).status == 202


@pytest.mark.parametrize(
    ("provider", "status", "slug"),
    [("spotify", "consent_needed", "consent-needed"), ("youtube", "no_channel", "no-channel")],
)
def test_accounts_have_to_be_ready(
    scenario: MigrationScenario, provider: str, status: str, slug: str
) -> None:
    scenario.sql("UPDATE providers.accounts SET status = %s WHERE provider = %s", status, provider)
    assert_problem(scenario.person.call("POST", URL, body(["p"])), 409, slug)


def test_unknown_playlists_are_looked_up_and_missed(scenario: MigrationScenario) -> None:
    answer = scenario.person.call("POST", URL, body([some_playlist(scenario), "0" * 22]))
    assert_problem(answer, 404, "not-found-at-provider")


def test_what_can_be_no_playlists_id_is_told_from_one_that_is_unknown(scenario: MigrationScenario) -> None:
    malformed = {"status": 400, "body": {"error": {"status": 400, "message": "Invalid base62 id"}}}
    scenario.fault("spotify", "GET /v1/playlists/{playlist_id}", **malformed)
    problem = assert_problem(scenario.person.call("POST", URL, body(["not an id"])), 422, "invalid-request")
    assert problem["errors"][0]["path"] == "body.playlists"
    assert "not an id" in problem["errors"][0]["message"]
    assert scenario.person.call("GET", URL).json["items"] == []


def test_followed_playlists_cannot_be_read(scenario: MigrationScenario) -> None:
    followed = "49jWd9L6e6B47ptluJVBuQ"
    assert_problem(scenario.person.call("POST", URL, body([followed])), 409, "refused-by-provider")


def test_a_provider_that_is_away_is_said_to_be(scenario: MigrationScenario) -> None:
    scenario.fault("spotify", "GET /v1/playlists/{playlist_id}", **{"as": "server_error"})
    answer = scenario.person.call("POST", URL, body([some_playlist(scenario)]))
    assert_problem(answer, 503, "provider-unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_too_many_unknown_playlists_are_not_looked_up_one_by_one(scenario: MigrationScenario) -> None:
    scenario.clear_calls()
    answer = scenario.person.call("POST", URL, body([f"{number:022}" for number in range(21)]))
    assert_problem(answer, 409, "playlists-unknown")
    assert scenario.calls("spotify") == {}


def test_snapshots_spare_the_look_up(scenario: MigrationScenario) -> None:
    assert scenario.person.call("POST", "/v1/playlists/sync", {"provider": "spotify"}).status == 202
    scenario.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    scenario.clear_calls()
    answer = scenario.person.call("POST", URL, body("all"))
    assert answer.status == 202
    assert scenario.calls("spotify") == {}
    moved = scenario.moved(answer.json["id"])
    assert {entry["source_name"] for entry in moved} == {"Liked Songs", "Road trip", "Kitchen mess 🍳"}


def test_nothing_to_migrate_is_said_so(scenario: MigrationScenario) -> None:
    scenario.control("youtube", "POST", "/users", {"id": "nobody", "display_name": "Nobody"})
    person = scenario.harness.sign_up()
    link(person, "spotify")
    link(person, "youtube", login="nobody")
    scenario.fault("youtube", "GET /youtube/v3/playlistItems", **{"as": "not_accessible"})
    assert_problem(person.call("POST", URL, body("all", "youtube", "spotify")), 409, "nothing-to-migrate")


def test_more_than_two_hundred_playlists_are_too_many_for_all(scenario: MigrationScenario) -> None:
    for number in range(201):
        scenario.playlist("spotify", [], name=f"List {number}")
    assert_problem(scenario.person.call("POST", URL, body("all")), 409, "too-many-playlists")


def test_asking_twice_for_a_playlist_moves_it_once(scenario: MigrationScenario) -> None:
    playlist_id = some_playlist(scenario)
    answer = scenario.person.call("POST", URL, body([playlist_id, playlist_id]))
    assert answer.json["progress"]["playlists"]["pending"] == 1


def test_an_idempotency_key_starts_one_migration_only(scenario: MigrationScenario) -> None:
    order = body([some_playlist(scenario)])
    key = {"Idempotency-Key": "k-1"}
    first = scenario.person.call("POST", URL, order, headers=key)
    scenario.work()
    again = scenario.person.call("POST", URL, order, headers=key)
    assert (first.status, again.status) == (202, 202)
    assert again.json["id"] == first.json["id"]
    assert again.json["status"] == "completed"
    assert len(scenario.person.call("GET", URL).json["items"]) == 1
    other = scenario.person.call("POST", URL, body([some_playlist(scenario, "Other")]), headers=key)
    assert_problem(other, 409, "idempotency-key-reused")
    assert (
        scenario.person.call("POST", URL, order, headers={"Idempotency-Key": "k-2"}).json["id"]
        != first.json["id"]
    )


def test_an_idempotency_key_belongs_to_its_person(scenario: MigrationScenario) -> None:
    order, key = body([some_playlist(scenario)]), {"Idempotency-Key": "k"}
    first = scenario.person.call("POST", URL, order, headers=key)
    second = scenario.sign_up().call("POST", URL, order, headers=key)
    assert second.status == 202
    assert second.json["id"] != first.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_bad_idempotency_keys_are_refused(scenario: MigrationScenario, key: str) -> None:
    answer = scenario.person.call("POST", URL, body(["p"]), headers={"Idempotency-Key": key})
    assert_problem(answer, 422, "invalid-request")


def test_lists_are_paged_by_key(scenario: MigrationScenario) -> None:
    started = [scenario.start("spotify", "youtube", [some_playlist(scenario)]) for _ in range(3)]
    first = scenario.person.call("GET", f"{URL}?limit=2").json
    rest = scenario.person.call("GET", f"{URL}?limit=2&cursor={first['next_cursor']}").json
    assert [entry["id"] for entry in first["items"] + rest["items"]] == sorted(started, reverse=True)
    assert rest["next_cursor"] is None


def test_playlists_are_paged_in_the_order_asked_for(scenario: MigrationScenario) -> None:
    names = ["C", "A", "B"]
    migration_id = scenario.start("spotify", "youtube", [some_playlist(scenario, name) for name in names])
    first = scenario.person.call("GET", f"{URL}/{migration_id}/playlists?limit=2").json
    rest = scenario.person.call("GET", f"{URL}/{migration_id}/playlists?cursor={first['next_cursor']}").json
    assert [entry["source_name"] for entry in first["items"] + rest["items"]] == names


def test_tracks_are_paged_and_filtered(scenario: MigrationScenario) -> None:
    lists = [
        some_playlist(scenario, "A", 3),
        scenario.playlist("spotify", [None, *track_ids(well_known(2))], name="B"),
    ]
    migration_id = scenario.start("spotify", "youtube", lists)
    scenario.finish(migration_id)
    everything = scenario.tracks(migration_id)
    assert [track["position"] for track in everything] == [0, 1, 2, 0, 1, 2]
    assert scenario.tracks(migration_id, limit=1) == everything
    second = scenario.moved(migration_id)[1]["id"]
    of_second = scenario.tracks(migration_id, f"&playlist_id={second}")
    assert [track["status"] for track in of_second] == ["failed", "matched", "matched"]
    assert len(scenario.tracks(migration_id, "&status=failed")) == 1
    matched = scenario.tracks(migration_id, f"&playlist_id={second}&status=matched")[0]
    assert 0 <= matched["match_score"] <= 100
    assert matched["match_parts"]
    assert matched["written"]
    assert scenario.tracks(migration_id, "&playlist_id=999999999") == []


def test_bad_queries_and_cursors_are_refused(scenario: MigrationScenario) -> None:
    migration_id = scenario.start("spotify", "youtube", [some_playlist(scenario)])
    for query in (
        "limit=0",
        "limit=201",
        "limit=x",
        "status=lost",
        "playlist_id=0",
        "playlist_id=1e3",
        "x=1",
    ):
        answer = scenario.person.call("GET", f"{URL}/{migration_id}/tracks?{query}")
        assert_problem(answer, 422, "invalid-request")
    for target in (URL, f"{URL}/{migration_id}/playlists", f"{URL}/{migration_id}/tracks"):
        assert_problem(scenario.person.call("GET", f"{target}?cursor=rubbish"), 400, "invalid-cursor")


def test_unknown_migrations_are_not_found(scenario: MigrationScenario) -> None:
    for migration_id in ("999999", "0", "x", "99999999999999999999"):
        for part in ("", "/playlists", "/tracks"):
            assert_problem(scenario.person.call("GET", f"{URL}/{migration_id}{part}"), 404, "not-found")


def test_other_peoples_migrations_are_not_found(scenario: MigrationScenario) -> None:
    migration_id = scenario.start("spotify", "youtube", [some_playlist(scenario)])
    stranger = scenario.harness.sign_up()
    for part in ("", "/playlists", "/tracks"):
        assert_problem(stranger.call("GET", f"{URL}/{migration_id}{part}"), 404, "not-found")
    assert stranger.call("GET", URL).json == {"items": [], "next_cursor": None}


def test_strangers_are_asked_to_sign_in(scenario: MigrationScenario) -> None:
    for method, path in (
        ("POST", ""),
        ("GET", ""),
        ("GET", "/1"),
        ("GET", "/1/playlists"),
        ("GET", "/1/tracks"),
    ):
        assert scenario.harness.call(method, f"{URL}{path}", {}).status == 401
