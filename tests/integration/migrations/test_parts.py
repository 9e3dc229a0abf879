"""More than the target holds becomes several playlists, known before anything is searched."""

from dataclasses import replace

import pytest

from musicconnect.providers.youtube.client import YouTubeClient
from tests.integration.migrations.scenario import LOCAL_FILE, MigrationScenario, ids_on


@pytest.fixture(autouse=True)
def _small_playlists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five thousand entries would take days."""
    monkeypatch.setattr(YouTubeClient, "limits", replace(YouTubeClient.limits, playlist_size=2))


def _parts(scenario: MigrationScenario, migration_id: int) -> list[tuple[int, int, str | None, int]]:
    return [
        (entry["part"], entry["parts"], entry["target_name"], entry["tracks"]["written"])
        for entry in scenario.moved(migration_id)
    ]


def test_parts_are_known_before_anything_is_searched(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "0"
    for dry_run in (True, False):
        playlist = scenario.playlist("spotify", ids_on("spotify", 5), name="Long")
        migration_id = scenario.start("spotify", "youtube", [playlist], order={"dry_run": dry_run})
        scenario.work()
        assert scenario.calls("youtube").get("GET /youtube/v3/search", 0) == 0
        assert [(part, parts) for part, parts, _, _ in _parts(scenario, migration_id)] == [
            (1, 3), (2, 3), (3, 3),
        ]  # fmt: skip
        assert scenario.job(migration_id)["progress"]["tracks"]["total"] == 5
        scenario.act(migration_id, "cancel", 200)


def test_what_does_not_fit_becomes_playlists_that_say_which_they_are(scenario: MigrationScenario) -> None:
    ids = ids_on("spotify", 5)
    playlist = scenario.playlist("spotify", [ids[0], LOCAL_FILE, *ids[1:]], name="Long")
    migration_id = scenario.start("spotify", "youtube", [playlist])
    assert scenario.finish(migration_id)["status"] == "completed"

    assert _parts(scenario, migration_id) == [
        (1, 3, "Long (1 of 3)", 2), (2, 3, "Long (2 of 3)", 2), (3, 3, "Long (3 of 3)", 1),
    ]  # fmt: skip
    moved = scenario.moved(migration_id)
    assert len({entry["target_playlist_id"] for entry in moved}) == 3
    found = [track["target_track_id"] for track in scenario.tracks(migration_id, "&status=matched")]
    contents = [scenario.contents("youtube", entry["target_playlist_id"]) for entry in moved]
    assert contents == [found[:2], found[2:4], found[4:]]
    assert [track["position"] for track in scenario.tracks(migration_id)] == list(range(6))

    scenario.act(migration_id, "rollback", 202)
    assert scenario.finish(migration_id)["status"] == "undone"
    assert all(scenario.contents("youtube", entry["target_playlist_id"]) == [] for entry in moved)


def test_a_divided_playlist_is_updated_part_by_part(scenario: MigrationScenario) -> None:
    ids = ids_on("spotify", 6)
    playlist = scenario.playlist("spotify", ids[:3], name="Grows")
    first = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(first)
    before = [entry["target_playlist_id"] for entry in scenario.moved(first)]
    assert len(before) == 2
    scenario.remove_entry("spotify", playlist, ids[0])
    for entry in ids[3:]:
        scenario.write("spotify", playlist, entry)

    second = scenario.start("spotify", "youtube", [playlist], order={"remove_missing": True})
    assert scenario.finish(second)["status"] == "completed"

    moved = scenario.moved(second)
    assert [entry["target_playlist_id"] for entry in moved][:2] == before
    found = {track["source_track_id"]: track["target_track_id"] for track in scenario.tracks(second)}
    contents = [scenario.contents("youtube", entry["target_playlist_id"]) for entry in moved]
    assert contents == [
        [found[ids[1]]], [found[ids[2]], found[ids[3]]], [found[ids[4]], found[ids[5]]],
    ]  # fmt: skip
    names = {entry["id"]: entry["name"] for entry in scenario.playlists("youtube")}
    assert [names[entry["target_playlist_id"]] for entry in moved] == [
        "Grows (1 of 3)", "Grows (2 of 3)", "Grows (3 of 3)",
    ]  # fmt: skip


def test_a_preview_counts_every_part(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", ids_on("spotify", 5), name="Long")
    preview = scenario.start("spotify", "youtube", [playlist], order={"dry_run": True})
    job = scenario.finish(preview)
    assert job["would_cost"]["units"] == 50 * (5 + 3) + 1
    assert job["playlist_names"] == ["Long"]
    answer = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    scenario.finish(int(answer.json["id"]))
    assert len(scenario.moved(int(answer.json["id"]))) == 3


def test_a_new_name_and_description_follow(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", ids_on("spotify", 1), name="Old name")
    first = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(first)
    scenario.rename("spotify", playlist, "New name")
    second = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(second)
    (moved,) = scenario.moved(second)
    names = {entry["id"]: entry["name"] for entry in scenario.playlists("youtube")}
    assert names[moved["target_playlist_id"]] == moved["target_name"] == "New name"
    # What the person calls the target stays as long as the source is called the same.
    scenario.rename("youtube", moved["target_playlist_id"], "My own name")
    scenario.finish(scenario.start("spotify", "youtube", [playlist]))
    names = {entry["id"]: entry["name"] for entry in scenario.playlists("youtube")}
    assert names[moved["target_playlist_id"]] == "My own name"
