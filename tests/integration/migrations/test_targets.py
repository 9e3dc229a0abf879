"""The list of playlists says where each of them was moved to."""

from tests.integration.migrations.scenario import MigrationScenario, ids_on


def _targets(scenario: MigrationScenario, playlist: str) -> list[dict[str, object]]:
    scenario.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    scenario.person.call("POST", "/v1/playlists/sync", {})
    scenario.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    items = scenario.person.call("GET", "/v1/playlists?limit=200").json["items"]
    (one,) = [entry for entry in items if entry["provider_playlist_id"] == playlist]
    assert scenario.person.call("GET", f"/v1/playlists/{one['id']}").json == one
    return list(one["targets"])


def test_a_playlist_says_where_it_was_moved_to_and_since_when(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", ids_on("spotify", 2), name="Here and there")
    assert _targets(scenario, playlist) == []
    first = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(first)
    (moved,) = scenario.moved(first)
    again = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(again)

    (target,) = _targets(scenario, playlist)
    assert target["provider"] == "youtube"
    assert target["provider_playlist_id"] == moved["target_playlist_id"]
    assert target["name"] == "Here and there"
    assert target["url"] == f"https://www.youtube.com/playlist?list={moved['target_playlist_id']}"
    assert target["migration_id"] == again
    assert target["since"] == moved["created_at"]

    copy = scenario.start("spotify", "youtube", [playlist], order={"as_copy": True})
    scenario.finish(copy)
    assert len(_targets(scenario, playlist)) == 2
    scenario.act(copy, "rollback", 202)
    scenario.finish(copy)
    assert [entry["migration_id"] for entry in _targets(scenario, playlist)] == [again]


def test_nobody_sees_the_targets_of_others(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", ids_on("spotify", 1))
    scenario.finish(scenario.start("spotify", "youtube", [playlist]))
    other = scenario.sign_up()
    scenario.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    items = other.call("GET", "/v1/playlists?limit=200").json["items"]
    (one,) = [entry for entry in items if entry["provider_playlist_id"] == playlist]
    assert one["targets"] == []
