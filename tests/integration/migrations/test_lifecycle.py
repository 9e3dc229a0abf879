"""Pause, resume, cancel, retry, rollback, updates, dry runs."""

from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import LOCAL_FILE, WAYS, MigrationScenario, ids_on, without_upload


def target_of(scenario: MigrationScenario, migration_id: int) -> str:
    playlist_id: str = scenario.moved(migration_id)[0]["target_playlist_id"]
    return playlist_id


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_migration_paused_in_the_middle_rests_and_goes_on(
    scenario: MigrationScenario, interruption: Interruption, source: str, target: str
) -> None:
    migration_id = scenario.start_known(4, source)
    interruption.at(5, lambda: scenario.act(migration_id, "pause", 200), after=True)
    scenario.work()
    job = scenario.job(migration_id)
    assert (job["status"], job["is_paused"]) == ("running", True)
    assert job["status_message"].startswith("Paused. ")
    scenario.clear_calls()
    scenario.pass_time(3600)
    scenario.dispatch()
    scenario.work()
    assert scenario.calls(target) == {}
    scenario.act(migration_id, "resume", 200)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 4


def test_a_migration_paused_while_it_waits_goes_on_when_resumed(scenario: MigrationScenario) -> None:
    scenario.control("youtube", "PUT", "/quota", {"search": 2})
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    migration_id = scenario.start_known(3)
    scenario.work()
    scenario.act(migration_id, "pause", 200)
    assert scenario.job(migration_id)["is_paused"]
    scenario.act(migration_id, "resume", 200)
    scenario.act(migration_id, "resume", 409)
    assert scenario.finish(migration_id)["status"] == "completed"


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_cancelled_migration_stops_and_can_be_taken_up_again(
    scenario: MigrationScenario, interruption: Interruption, source: str, target: str
) -> None:
    migration_id = scenario.start_known(4, source)
    interruption.at(6, lambda: scenario.act(migration_id, "cancel", 200), after=True)
    scenario.work()
    job = scenario.job(migration_id)
    assert job["status"] == "failed"
    assert (job["code"], job["params"]) == ("cancelled", {})
    assert job["status_message"] == "You cancelled it. What was written by then is still there."
    scenario.act(migration_id, "cancel", 409)
    scenario.act(migration_id, "retry", 202)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 4


def test_what_waits_is_cancelled_at_once(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(2)
    assert scenario.act(migration_id, "cancel", 200).json["status"] == "failed"
    scenario.clear_calls()
    scenario.work()
    assert scenario.calls("spotify") == {}


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_rollback_takes_out_what_was_written_and_nothing_else(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 3)
    migration_id = scenario.start(source, target, [scenario.playlist(source, [*ids, ids[0]])])
    scenario.finish(migration_id)
    other = ids_on(target, 1, skip=5)[0]
    scenario.write(target, target_of(scenario, migration_id), other)
    assert scenario.act(migration_id, "rollback", 202).json["code"] == "rolling-back"
    assert scenario.moved(migration_id)[0]["status_message"] == "Taking out what was written."
    scenario.act(migration_id, "rollback", 409)
    job = scenario.finish(migration_id)
    assert job["status"] == "undone"
    assert job["status_message"].startswith("Rolled back")
    assert scenario.contents(target, target_of(scenario, migration_id)) == [other]


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_migrating_again_adds_what_is_new_to_the_same_playlist(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 4)
    playlist_id = scenario.playlist(source, ids[:2])
    first = scenario.start(source, target, [playlist_id])
    scenario.finish(first)
    made = len(scenario.playlists(target))
    for entry in ids[2:]:
        scenario.write(source, playlist_id, entry)
    scenario.clear_calls()
    second = scenario.start(source, target, [playlist_id])
    assert scenario.finish(second)["status"] == "completed"
    assert target_of(scenario, second) == target_of(scenario, first)
    assert len(scenario.playlists(target)) == made
    assert len(scenario.assert_target_is_right(second)) == 4
    # Rolling the update back leaves what the first one wrote.
    scenario.act(second, "rollback", 202)
    scenario.finish(second)
    assert len(scenario.contents(target, target_of(scenario, first))) == 2


def test_a_copy_is_made_when_asked_for(scenario: MigrationScenario) -> None:
    playlist_id = scenario.playlist("youtube", ids_on("youtube", 2))
    first = scenario.start("youtube", "spotify", [playlist_id])
    scenario.finish(first)
    second = scenario.start("youtube", "spotify", [playlist_id], order={"as_copy": True})
    scenario.finish(second)
    assert target_of(scenario, second) != target_of(scenario, first)
    assert len(scenario.assert_target_is_right(second)) == 2


@pytest.mark.parametrize("left", [0, 1, 3])
def test_what_is_gone_is_taken_out_unless_too_much_is_gone(scenario: MigrationScenario, left: int) -> None:
    ids = ids_on("spotify", 4)
    playlist_id = scenario.playlist("spotify", ids)
    first = scenario.start("spotify", "youtube", [playlist_id])
    scenario.finish(first)
    for entry in ids[left:]:
        scenario.remove_entry("spotify", playlist_id, entry)
    second = scenario.start("spotify", "youtube", [playlist_id], order={"remove_missing": True})
    job = scenario.finish(second)
    assert job["status"] == "completed"
    assert len(scenario.contents("youtube", target_of(scenario, first))) == (left if left == 3 else 4)
    kept = {0: 4, 1: 3, 3: 0}[left]
    assert job["params"].get("kept", 0) == kept
    assert ("take them out on YouTube" in job["status_message"]) == (kept > 0)
    (playlist,) = scenario.moved(second)
    assert (f"{kept} entries that the source has no longer" in playlist["status_message"]) == (kept > 0)


def test_a_target_that_was_deleted_is_made_anew(scenario: MigrationScenario) -> None:
    playlist_id = scenario.playlist("spotify", ids_on("spotify", 2))
    first = scenario.start("spotify", "youtube", [playlist_id])
    scenario.finish(first)
    scenario.delete_playlist(target_of(scenario, first))
    second = scenario.start("spotify", "youtube", [playlist_id])
    assert scenario.finish(second)["status"] == "completed"
    assert target_of(scenario, second) != target_of(scenario, first)
    scenario.assert_target_is_right(second)


def test_a_dry_run_finds_and_writes_nothing(scenario: MigrationScenario) -> None:
    made = len(scenario.playlists("youtube"))
    playlist_id = scenario.playlist("spotify", [*ids_on("spotify", 3), LOCAL_FILE])
    job = scenario.finish(scenario.start("spotify", "youtube", [playlist_id], order={"dry_run": True}))
    assert (job["status"], job["dry_run"]) == ("completed", True)
    assert job["progress"]["tracks"]["matched"] == 3
    assert job["progress"]["tracks"]["written"] == 0
    assert len(scenario.playlists("youtube")) == made


def test_a_dry_run_that_is_retried_or_decided_about_stays_one(scenario: MigrationScenario) -> None:
    made = len(scenario.playlists("youtube"))
    playlist_id = scenario.playlist("spotify", [*ids_on("spotify", 2), without_upload()])
    migration_id = scenario.start("spotify", "youtube", [playlist_id], order={"dry_run": True})
    scenario.finish(migration_id)
    scenario.act(migration_id, "retry", 202)
    assert scenario.finish(migration_id)["progress"]["tracks"]["matched"] == 2
    (track,) = scenario.tracks(migration_id, "&status=failed")
    video = ids_on("youtube", 1, skip=4)[0]
    link = {"link": f"https://www.youtube.com/watch?v={video}"}
    answer = scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, link)
    assert answer.json["progress"]["tracks"]["matched"] == 3
    assert scenario.finish(migration_id)["progress"]["tracks"]["written"] == 0
    assert len(scenario.playlists("youtube")) == made
    # The real one makes use of what was found and decided.
    scenario.clear_calls()
    real = scenario.start("spotify", "youtube", [playlist_id])
    assert scenario.finish(real)["status"] == "completed"
    assert scenario.assert_target_is_right(real)[2] == video
    assert "GET /youtube/v3/search" not in scenario.calls("youtube")


def test_what_found_no_counterpart_is_looked_for_again_when_asked(scenario: MigrationScenario) -> None:
    playlist_id = scenario.playlist("spotify", ids_on("spotify", 3))
    scenario.fault("youtube", "GET /youtube/v3/search", status=200, body={"items": []}, times=9)
    migration_id = scenario.start("spotify", "youtube", [playlist_id])
    job = scenario.finish(migration_id)
    assert job["progress"]["tracks"]["failed"] > 0
    scenario.act(migration_id, "retry", 202)
    # Half an hour later nobody believes any more that there is nothing.
    assert scenario.finish(migration_id)["status"] == "completed"
    scenario.pass_time(3600)
    if scenario.job(migration_id)["progress"]["tracks"]["failed"]:
        scenario.act(migration_id, "retry", 202)
        scenario.finish(migration_id)
    assert len(scenario.assert_target_is_right(migration_id)) == 3


def test_a_decision_about_what_is_being_worked_on_waits_until_it_is_done(
    scenario: MigrationScenario, interruption: Interruption
) -> None:
    odd = scenario.playlist("spotify", [*ids_on("spotify", 2), LOCAL_FILE])
    migration_id = scenario.start("spotify", "youtube", [odd])
    decisions: list[str] = []

    def decide() -> None:
        (track,) = scenario.tracks(migration_id, "&status=failed")
        scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"leave_out": True})
        (track,) = scenario.tracks(migration_id, "&status=failed")
        decisions.append(track["decision"]["status"])

    interruption.at(5, decide, after=True)
    assert scenario.finish(migration_id)["status"] == "completed"
    (track,) = scenario.tracks(migration_id, "&status=failed")
    assert (decisions, track["decision"]["status"], track["code"]) == (["queued"], "applied", "left-out")


def test_strangers_can_do_nothing_to_a_migration(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(1)
    stranger = scenario.sign_up()
    for what in ("pause", "resume", "cancel", "retry", "rollback"):
        assert stranger.call("POST", f"/v1/migrations/{migration_id}/{what}").status == 404
    assert scenario.finish(migration_id)["status"] == "completed"


def test_whoever_has_the_latest_state_is_not_sent_it_again(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(1)
    path = f"/v1/migrations/{migration_id}"
    tag = scenario.person.call("GET", path).headers["etag"]
    again = scenario.person.call("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.text) == (304, "")
    scenario.finish(migration_id)
    assert scenario.person.call("GET", path, headers={"If-None-Match": tag}).status == 200


def test_a_migration_that_is_worked_on_does_not_wait_to_begin(
    scenario: MigrationScenario, interruption: Interruption
) -> None:
    migration_id = scenario.start_known(2)
    seen: list[dict[str, Any]] = []
    interruption.at(
        1, lambda: seen.extend([scenario.job(migration_id), *scenario.moved(migration_id)]), after=False
    )
    scenario.work()
    assert [(entry["status"], entry["code"]) for entry in seen] == [("running", "starting")] * 2
    assert scenario.job(migration_id)["status"] == "completed"
