"""A dry run says what it would take, playlist by playlist, and becomes the real thing by its id."""

from datetime import datetime

import requests

from tests.integration.migrations.scenario import MigrationScenario, ids_on, video_ids, well_known


def _preview(scenario: MigrationScenario, sizes: tuple[int, ...] = (3, 1)) -> int:
    playlists = [
        scenario.playlist("spotify", ids_on("spotify", size, skip=number * 5), name=f"List {number}")
        for number, size in enumerate(sizes)
    ]
    preview = scenario.start("spotify", "youtube", playlists, order={"dry_run": True})
    scenario.finish(preview)
    return preview


def _privacy(scenario: MigrationScenario, provider: str, playlist_id: str) -> object:
    """Ask the provider itself, as the person."""
    path, params = {
        "spotify": (f"/v1/playlists/{playlist_id}", {}),
        "youtube": ("/youtube/v3/playlists", {"part": "status", "id": playlist_id}),
    }[provider]
    answer = requests.get(
        scenario.urls[provider] + path,
        params=params,
        headers={"Authorization": f"Bearer {scenario.token(provider)}"},
        timeout=10,
    ).json()
    return answer["public"] if provider == "spotify" else answer["items"][0]["status"]["privacyStatus"]


def test_a_preview_tells_cost_finish_and_sharers(scenario: MigrationScenario) -> None:
    preview = _preview(scenario)

    job = scenario.job(preview)
    assert job["playlist_names"] == ["List 0", "List 1"]
    cost = job["would_cost"]
    assert (cost["units"], cost["days"], cost["sharers"]) == (50 * 6 + 1, 1, 1)
    assert datetime.fromisoformat(cost["done_at"]) > scenario.now()
    assert [entry["would_cost"] for entry in scenario.moved(preview)] == [50 * 4 + 1, 50 * 2 + 1]


def test_a_preview_to_a_provider_without_a_daily_limit_costs_nothing(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("youtube", video_ids(well_known(2)))
    preview = scenario.start("youtube", "spotify", [playlist], order={"dry_run": True})
    job = scenario.finish(preview)
    assert (job["would_cost"]["units"], job["would_cost"]["days"]) == (None, 1)
    assert scenario.moved(preview)[0]["would_cost"] is None


def test_a_preview_becomes_real_by_its_id(scenario: MigrationScenario) -> None:
    preview = _preview(scenario)
    scenario.clear_calls()

    answer = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview, "privacy": "unlisted"})

    assert answer.status == 202, answer.text
    assert answer.json["from_preview"] == preview
    assert answer.json["privacy"] == "unlisted"
    made = int(answer.json["id"])
    assert scenario.finish(made)["status"] == "completed"
    assert [entry["source_name"] for entry in scenario.moved(made)] == ["List 0", "List 1"]
    assert scenario.calls("youtube").get("GET /youtube/v3/search", 0) == 0
    for entry in scenario.moved(made):
        assert _privacy(scenario, "youtube", entry["target_playlist_id"]) == "unlisted"


def test_what_is_no_preview_is_refused_in_words(scenario: MigrationScenario) -> None:
    real = scenario.start_known(1)

    def refused(body: dict[str, object], status: int) -> str:
        answer = scenario.person.call("POST", "/v1/migrations", body)
        assert answer.status == status, answer.text
        return answer.text

    assert "no dry run" in refused({"from_preview": real}, 422)
    assert refused({"from_preview": 999_999_999}, 404)
    assert "body.dry_run" in refused({"from_preview": real, "dry_run": True}, 422)
    assert "from_preview" in refused({"from_preview": real, "playlists": "all"}, 422)
    assert "from_preview" in refused({"source_provider": "spotify", "playlists": "all"}, 422)
    other = scenario.sign_up(login="ada")
    mine = _preview(scenario, (1,))
    assert other.call("POST", "/v1/migrations", {"from_preview": mine}).status == 404


def test_a_public_playlist_is_made_public(scenario: MigrationScenario) -> None:
    for target, source in (("youtube", "spotify"), ("spotify", "youtube")):
        playlist = scenario.playlist(source, ids_on(source, 1), name=f"Seen on {target}")
        made = scenario.start(source, target, [playlist], order={"privacy": "public"})
        scenario.finish(made)
        (entry,) = scenario.moved(made)
        assert _privacy(scenario, target, entry["target_playlist_id"]) in (True, "public")


def test_a_rolled_back_migration_is_undone(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(2)
    scenario.finish(migration_id)
    scenario.act(migration_id, "rollback", 202)
    assert scenario.job(migration_id)["status"] == "running"
    job = scenario.finish(migration_id)
    assert (job["status"], job["code"]) == ("undone", "rolled-back")
    assert job["progress"]["tracks"]["written"] == 0
    listed = scenario.person.call("GET", "/v1/migrations").json["items"]
    assert [entry["status"] for entry in listed] == ["undone"]


def test_the_list_says_when_and_what(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "1"
    waiting = scenario.start_known(4)
    scenario.work()
    (entry,) = scenario.person.call("GET", "/v1/migrations").json["items"]
    assert entry["progress"]["waiting_for"] == "quota"
    assert entry["playlist_names"] == ["Road trip"]
    assert entry["expected_at"] == scenario.job(waiting)["expected_at"]
    assert datetime.fromisoformat(entry["expected_at"]) > scenario.now()
