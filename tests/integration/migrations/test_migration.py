"""A playlist moves from one provider to the other, whole and in order."""

from typing import Any

import pytest

from tests.integration.migrations.scenario import LOCAL_FILE, WAYS, MigrationScenario, catalogue, ids_on


def by_endpoint(scenario: MigrationScenario, provider: str) -> dict[str, int]:
    """Calls by the last words of their endpoints."""
    return {
        endpoint.replace("/youtube/v3", "").replace("/v1", ""): count
        for endpoint, count in scenario.calls(provider).items()
    }


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_playlist_moves_with_order_and_duplicates(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 8)
    playlist_id = scenario.playlist(source, [*ids, ids[2], ids[0]])
    job = scenario.finish(scenario.start(source, target, [playlist_id]))
    assert (job["status"], job["progress"]["percent"]) == ("completed", 100), job
    written = scenario.assert_target_is_right(job["id"])
    assert len(written) == 10
    assert (written[8], written[9]) == (written[2], written[0])
    for source_id, target_id in zip([*ids, ids[2], ids[0]], written, strict=True):
        pair = (source_id, target_id) if source == "spotify" else (target_id, source_id)
        assert catalogue().is_right_match(*pair)


def test_towards_youtube_calls_are_the_fewest_that_can_do_it(scenario: MigrationScenario) -> None:
    ids = ids_on("spotify", 12)
    playlist_id = scenario.playlist("spotify", [*ids, *ids])
    migration_id = scenario.start("spotify", "youtube", [playlist_id])
    scenario.clear_calls()
    matched = scenario.finish(migration_id)["progress"]["tracks"]["matched"]
    assert by_endpoint(scenario, "spotify") == {
        "GET /playlists/{playlist_id}": 1,
        "GET /playlists/{playlist_id}/items": 1,
    }
    youtube = by_endpoint(scenario, "youtube")
    hits = youtube.pop("GET /videos") * 50
    assert hits - 50 < 12 * 10  # lookups are sent full
    assert youtube == {
        "GET /search": 12,  # equal tracks are searched once
        "POST /playlists": 1,
        "POST /playlistItems": matched,
        "GET /playlistItems": 1,
    }


def test_towards_spotify_tracks_are_written_a_hundred_at_a_time(scenario: MigrationScenario) -> None:
    ids = ids_on("youtube", 6)
    playlist_id = scenario.playlist("youtube", ids * 20)
    migration_id = scenario.start("youtube", "spotify", [playlist_id])
    scenario.clear_calls()
    job = scenario.finish(migration_id)
    assert job["progress"]["tracks"] == {
        "total": 120, "matched": 120, "failed": 0, "needs_review": 0, "written": 120,
    }  # fmt: skip
    scenario.assert_target_is_right(migration_id)
    spotify = by_endpoint(scenario, "spotify")
    assert spotify["POST /playlists/{playlist_id}/items"] == 2
    assert spotify["POST /me/playlists"] == 1
    # Each page of the source is followed by one lookup of its lengths.
    assert by_endpoint(scenario, "youtube") == {
        "GET /playlists": 2,
        "GET /playlistItems": 3,
        "GET /videos": 3,
    }


def test_odd_entries_of_a_spotify_playlist_fail_with_their_reasons(scenario: MigrationScenario) -> None:
    good = ids_on("spotify", 2)
    show = {"id": "s" * 22, "name": "Show", "publisher": "P"}
    episode = {"episode": {"id": "e" * 22, "name": "Episode", "duration_ms": 1_800_000, "show": show}}
    playlist_id = scenario.playlist("spotify", [good[0], LOCAL_FILE, None, episode, good[1]])
    job = scenario.finish(scenario.start("spotify", "youtube", [playlist_id]))
    assert job["status"] == "completed"
    assert job["status_message"] == (
        "1 playlist done: 2 of 5 tracks written to YouTube, 3 could not be moved."
    )
    tracks = scenario.tracks(job["id"])
    assert [track["position"] for track in tracks] == [0, 1, 2, 3, 4]
    assert [track["source_kind"] for track in tracks] == ["track", "local", "unavailable", "episode", "track"]
    assert all(track["outcome"] == "not_transferable" and track["error_message"] for track in tracks[1:4])
    scenario.assert_target_is_right(job["id"])


def test_deleted_and_private_videos_keep_their_places(scenario: MigrationScenario) -> None:
    good = ids_on("youtube", 2)
    items: list[Any] = [{"deleted": "deleted0001"}, good[0], {"private": "private0001"}, good[1]]
    job = scenario.finish(scenario.start("youtube", "spotify", [scenario.playlist("youtube", items)]))
    outcomes = [track["outcome"] for track in scenario.tracks(job["id"])]
    assert outcomes == ["not_transferable", "matched", "not_transferable", "matched"]
    scenario.assert_target_is_right(job["id"])


def test_a_persons_own_private_video_moves_and_is_told_to_nobody(scenario: MigrationScenario) -> None:
    own, public = ids_on("youtube", 2)
    scenario.clear_matches()
    scenario.control("youtube", "PUT", f"/videos/{own}", {"privacy": "private", "owner": "ada"})
    job = scenario.finish(scenario.start("youtube", "spotify", [scenario.playlist("youtube", [own, public])]))
    assert [track["outcome"] for track in scenario.tracks(job["id"])] == ["matched", "matched"]
    scenario.assert_target_is_right(job["id"])
    known = scenario.sql("SELECT DISTINCT unnest(ARRAY[source_id, target_id]) FROM providers.match_store")
    assert (public,) in known
    assert (own,) not in known


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_an_empty_playlist_becomes_an_empty_playlist(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    job = scenario.finish(scenario.start(source, target, [scenario.playlist(source, [], name="Nothing yet")]))
    assert (job["status"], job["progress"]["percent"]) == ("completed", 100)
    assert scenario.assert_target_is_right(job["id"]) == []
    assert any(entry["name"] == "Nothing yet" for entry in scenario.playlists(target))


def test_no_playlist_is_made_when_nothing_can_be_moved(scenario: MigrationScenario) -> None:
    before = scenario.playlists("youtube")
    job = scenario.finish(scenario.start("spotify", "youtube", [scenario.playlist("spotify", [None, None])]))
    assert job["status"] == "completed"
    assert scenario.playlists("youtube") == before
    (playlist,) = scenario.moved(job["id"])
    assert playlist["target_playlist_id"] is None
    assert playlist["status_message"] == (
        "0 of 2 tracks written, 2 could not be moved, no playlist was made."
    )


@pytest.mark.parametrize(
    ("source", "target", "liked"), [("spotify", "youtube", "liked"), ("youtube", "spotify", "LL")]
)
def test_liked_songs_can_be_moved(scenario: MigrationScenario, source: str, target: str, liked: str) -> None:
    job = scenario.finish(scenario.start(source, target, [liked]))
    assert job["status"] == "completed", job
    assert job["progress"]["tracks"]["total"] > 0
    scenario.assert_target_is_right(job["id"])


def test_all_playlists_move_in_one_migration(scenario: MigrationScenario) -> None:
    job = scenario.finish(scenario.start("youtube", "spotify", "all"))
    assert job["status"] == "completed", job
    moved = scenario.moved(job["id"])
    assert {entry["source_name"] for entry in moved} == {"Liked videos", "Watch party", "Quiet hours"}
    for entry in moved:
        intended = [
            track["target_track_id"]
            for track in scenario.tracks(job["id"], f"&playlist_id={entry['id']}")
            if track["status"] == "matched"
        ]
        assert scenario.contents("spotify", entry["target_playlist_id"]) == intended
    assert job["progress"]["playlists"]["completed"] == 3


def test_names_are_cut_to_what_the_target_takes(scenario: MigrationScenario) -> None:
    name = "Ein sehr langer Name " * 40
    job = scenario.finish(
        scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids_on("youtube", 1), name=name)])
    )
    (playlist,) = scenario.moved(job["id"])
    assert len(playlist["target_name"]) <= 100
    assert playlist["target_name"].startswith("Ein sehr langer Name")


def test_names_of_five_thousand_characters_harm_nobody(scenario: MigrationScenario) -> None:
    long = "Ein sehr langer Name " * 250
    odd = {"track": {"title": long, "artists": [long], "album": long, "duration_ms": 200_000}}
    playlist_id = scenario.playlist("spotify", [ids_on("spotify", 1)[0], odd], name=long)
    job = scenario.finish(scenario.start("spotify", "youtube", [playlist_id]))
    assert job["status"] == "completed", job
    assert len(job["status_message"]) < 500
    (playlist,) = scenario.moved(job["id"])
    assert len(playlist["target_name"]) <= 150
    assert len(scenario.assert_target_is_right(job["id"])) == 1
    (missed,) = scenario.tracks(job["id"], "&status=failed")
    assert missed["source_title"].startswith("Ein sehr langer Name")
    assert missed["outcome"] in ("no_match", "needs_review")


def test_names_that_youtube_refuses_are_made_harmless(scenario: MigrationScenario) -> None:
    playlist_id = scenario.playlist("spotify", ids_on("spotify", 1), name="<3 love > hate")
    job = scenario.finish(scenario.start("spotify", "youtube", [playlist_id]))
    assert job["status"] == "completed", job
    scenario.assert_target_is_right(job["id"])


def test_what_needs_a_review_keeps_its_candidates_and_is_not_written(scenario: MigrationScenario) -> None:
    odd = [
        recording.tracks[0].id
        for recording in catalogue().recordings
        if recording.tracks
        and recording.uploads
        and not any(upload.same_recording for upload in recording.uploads)
    ][:6]
    assert odd
    job = scenario.finish(scenario.start("spotify", "youtube", [scenario.playlist("spotify", odd)]))
    assert job["status"] == "completed"
    for track in scenario.tracks(job["id"], "&status=failed"):
        assert track["error_message"].startswith(("Needs review: ", "No match: "))
        assert track["target_track_id"] is None
        assert not track["written"]
        assert all(0 <= entry["score"] <= 100 for entry in track["candidates"])
    assert any(track["candidates"] for track in scenario.tracks(job["id"], "&status=failed"))
