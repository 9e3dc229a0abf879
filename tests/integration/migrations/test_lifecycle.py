"""Pause, resume, cancel, retry, rollback, updates, dry runs."""

from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import (
    MigrationScenario,
    catalogue,
    track_ids,
    video_ids,
    well_known,
)
from tests.support.functions import Answer

WAYS = [("spotify", "youtube"), ("youtube", "spotify")]
UNKNOWN_TITLE = {"local": {"artist": "Me", "album": "Tape", "title": "Demo", "duration_s": 60}}


def ids_on(provider: str, count: int, skip: int = 0) -> list[str]:
    recordings = well_known(count, skip)
    return track_ids(recordings) if provider == "spotify" else video_ids(recordings)


def act(world: MigrationScenario, migration_id: int, what: str, body: Any = None) -> Answer:
    return world.person.call("POST", f"/v1/migrations/{migration_id}/{what}", body)


def add_by_hand(world: MigrationScenario, provider: str, playlist_id: str, entry: str) -> None:
    """Somebody puts something into the playlist with the provider's own app."""
    token = world.token(provider)
    world.write(provider, playlist_id, entry, token)


def target_of(world: MigrationScenario, migration_id: int) -> str:
    playlist_id: str = world.moved(migration_id)[0]["target_playlist_id"]
    return playlist_id


@pytest.fixture
def interruption(monkeypatch: pytest.MonkeyPatch) -> Interruption:
    return Interruption(monkeypatch)


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_migration_paused_in_the_middle_rests_and_goes_on(
    world: MigrationScenario, interruption: Interruption, source: str, target: str
) -> None:
    migration_id = world.start(source, target, [world.playlist(source, ids_on(source, 4))])
    interruption.at(5, lambda: assert_ok(act(world, migration_id, "pause"), 200), after=True)
    world.work()
    job = world.job(migration_id)
    assert (job["status"], job["is_paused"]) == ("running", True)
    assert job["status_message"].startswith("Paused. ")
    world.forget_calls()
    world.pass_time(3600)
    world.dispatch()
    world.work()
    assert world.calls(target) == {}
    assert_ok(act(world, migration_id, "resume"), 200)
    assert world.finish(migration_id)["status"] == "completed"
    assert len(world.assert_target_is_right(migration_id)) == 4


def test_a_migration_paused_while_it_waits_goes_on_when_resumed(world: MigrationScenario) -> None:
    world.control("youtube", "PUT", "/quota", {"search": 2})
    world.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    migration_id = world.start("spotify", "youtube", [world.playlist("spotify", ids_on("spotify", 3))])
    world.work()
    assert_ok(act(world, migration_id, "pause"), 200)
    assert world.job(migration_id)["is_paused"]
    assert_ok(act(world, migration_id, "resume"), 200)
    assert_ok(act(world, migration_id, "resume"), 409)
    assert world.finish(migration_id)["status"] == "completed"


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_cancelled_migration_stops_and_can_be_taken_up_again(
    world: MigrationScenario, interruption: Interruption, source: str, target: str
) -> None:
    migration_id = world.start(source, target, [world.playlist(source, ids_on(source, 4))])
    interruption.at(6, lambda: assert_ok(act(world, migration_id, "cancel"), 200), after=True)
    world.work()
    job = world.job(migration_id)
    assert job["status"] == "failed"
    assert (job["status_code"], job["status_params"]) == ("cancelled", {})
    assert job["status_message"] == "You cancelled it. What was written by then is still there."
    assert_ok(act(world, migration_id, "cancel"), 409)
    assert_ok(act(world, migration_id, "retry"), 202)
    assert world.finish(migration_id)["status"] == "completed"
    assert len(world.assert_target_is_right(migration_id)) == 4


def test_what_waits_is_cancelled_at_once(world: MigrationScenario) -> None:
    migration_id = world.start("spotify", "youtube", [world.playlist("spotify", ids_on("spotify", 2))])
    answer = act(world, migration_id, "cancel")
    assert (answer.status, answer.json["status"]) == (200, "failed")
    world.forget_calls()
    world.work()
    assert world.calls("spotify") == {}


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_rollback_takes_out_what_was_written_and_nothing_else(
    world: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 3)
    migration_id = world.start(source, target, [world.playlist(source, [*ids, ids[0]])])
    world.finish(migration_id)
    other = ids_on(target, 1, skip=5)[0]
    add_by_hand(world, target, target_of(world, migration_id), other)
    answer = act(world, migration_id, "rollback")
    assert (answer.status, answer.json["status_code"]) == (202, "rolling-back"), answer.text
    assert world.moved(migration_id)[0]["status_message"] == "Taking out what was written."
    assert_ok(act(world, migration_id, "rollback"), 409)
    job = world.finish(migration_id)
    assert job["status"] == "completed"
    assert job["status_message"].startswith("Rolled back")
    assert world.truth(target, target_of(world, migration_id)) == [other]


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_migrating_again_adds_what_is_new_to_the_same_playlist(
    world: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 4)
    playlist_id = world.playlist(source, ids[:2])
    first = world.start(source, target, [playlist_id])
    world.finish(first)
    made = len(world.playlists(target))
    for entry in ids[2:]:
        add_by_hand(world, source, playlist_id, entry)
    world.forget_calls()
    second = world.start(source, target, [playlist_id])
    assert world.finish(second)["status"] == "completed"
    assert target_of(world, second) == target_of(world, first)
    assert len(world.playlists(target)) == made
    assert len(world.assert_target_is_right(second)) == 4
    # Rolling the update back leaves what the first one wrote.
    assert_ok(act(world, second, "rollback"), 202)
    world.finish(second)
    assert len(world.truth(target, target_of(world, first))) == 2


def test_a_copy_is_made_when_asked_for(world: MigrationScenario) -> None:
    playlist_id = world.playlist("youtube", ids_on("youtube", 2))
    first = world.start("youtube", "spotify", [playlist_id])
    world.finish(first)
    second = world.start("youtube", "spotify", [playlist_id], order={"as_copy": True})
    world.finish(second)
    assert target_of(world, second) != target_of(world, first)
    assert len(world.assert_target_is_right(second)) == 2


@pytest.mark.parametrize("left", [0, 1, 3])
def test_what_is_gone_is_taken_out_unless_too_much_is_gone(world: MigrationScenario, left: int) -> None:
    ids = ids_on("spotify", 4)
    playlist_id = world.playlist("spotify", ids)
    first = world.start("spotify", "youtube", [playlist_id])
    world.finish(first)
    for entry in ids[left:]:
        world.take_out("spotify", playlist_id, entry)
    second = world.start("spotify", "youtube", [playlist_id], order={"remove_missing": True})
    assert world.finish(second)["status"] == "completed"
    assert len(world.truth("youtube", target_of(world, first))) == (left if left == 3 else 4)


def test_a_target_that_was_deleted_is_made_anew(world: MigrationScenario) -> None:
    playlist_id = world.playlist("spotify", ids_on("spotify", 2))
    first = world.start("spotify", "youtube", [playlist_id])
    world.finish(first)
    world.delete_playlist(target_of(world, first))
    second = world.start("spotify", "youtube", [playlist_id])
    assert world.finish(second)["status"] == "completed"
    assert target_of(world, second) != target_of(world, first)
    world.assert_target_is_right(second)


def test_a_dry_run_finds_and_writes_nothing(world: MigrationScenario) -> None:
    made = len(world.playlists("youtube"))
    playlist_id = world.playlist("spotify", [*ids_on("spotify", 3), UNKNOWN_TITLE])
    job = world.finish(world.start("spotify", "youtube", [playlist_id], order={"dry_run": True}))
    assert (job["status"], job["dry_run"]) == ("completed", True)
    assert job["progress"]["tracks"]["matched"] == 3
    assert job["progress"]["tracks"]["written"] == 0
    assert len(world.playlists("youtube")) == made


def test_a_dry_run_that_is_retried_or_decided_about_stays_one(world: MigrationScenario) -> None:
    made = len(world.playlists("youtube"))
    unfindable = next(
        entry.tracks[0].id for entry in catalogue().recordings if entry.tracks and not entry.uploads
    )
    playlist_id = world.playlist("spotify", [*ids_on("spotify", 2), unfindable])
    migration_id = world.start("spotify", "youtube", [playlist_id], order={"dry_run": True})
    world.finish(migration_id)
    assert_ok(act(world, migration_id, "retry"), 202)
    assert world.finish(migration_id)["progress"]["tracks"]["matched"] == 2
    (track,) = world.tracks(migration_id, "&status=failed")
    video = ids_on("youtube", 1, skip=4)[0]
    path = f"/v1/migrations/{migration_id}/tracks/{track['id']}/resolve"
    answer = world.person.call("POST", path, {"link": f"https://www.youtube.com/watch?v={video}"})
    assert (answer.status, answer.json["progress"]["tracks"]["matched"]) == (202, 3)
    assert world.finish(migration_id)["progress"]["tracks"]["written"] == 0
    assert len(world.playlists("youtube")) == made
    # The real one makes use of what was found and decided.
    world.forget_calls()
    real = world.start("spotify", "youtube", [playlist_id])
    assert world.finish(real)["status"] == "completed"
    assert world.assert_target_is_right(real)[2] == video
    assert "GET /youtube/v3/search" not in world.calls("youtube")


def test_what_found_no_counterpart_is_looked_for_again_when_asked(world: MigrationScenario) -> None:
    playlist_id = world.playlist("spotify", ids_on("spotify", 3))
    world.fault("youtube", "GET /youtube/v3/search", status=200, body={"items": []}, times=9)
    migration_id = world.start("spotify", "youtube", [playlist_id])
    job = world.finish(migration_id)
    assert job["progress"]["tracks"]["failed"] > 0
    assert_ok(act(world, migration_id, "retry"), 202)
    # Half an hour later nobody believes any more that there is nothing.
    assert world.finish(migration_id)["status"] == "completed"
    world.pass_time(3600)
    if world.job(migration_id)["progress"]["tracks"]["failed"]:
        assert_ok(act(world, migration_id, "retry"), 202)
        world.finish(migration_id)
    assert len(world.assert_target_is_right(migration_id)) == 3


def test_what_is_being_worked_on_is_not_decided_about(
    world: MigrationScenario, interruption: Interruption
) -> None:
    odd = world.playlist("spotify", [*ids_on("spotify", 2), UNKNOWN_TITLE])
    migration_id = world.start("spotify", "youtube", [odd])
    answers: list[Answer] = []

    def decide() -> None:
        (track,) = world.tracks(migration_id, "&status=failed")
        path = f"/v1/migrations/{migration_id}/tracks/{track['id']}/resolve"
        answers.append(world.person.call("POST", path, {"leave_out": True}))

    interruption.at(5, decide, after=True)
    assert world.finish(migration_id)["status"] == "completed"
    assert [(answer.status, answer.json["type"]) for answer in answers] == [
        (409, "urn:musicconnect:problem:playlist-busy")
    ]


def test_strangers_can_do_nothing_to_a_migration(world: MigrationScenario) -> None:
    migration_id = world.start("spotify", "youtube", [world.playlist("spotify", ids_on("spotify", 1))])
    stranger = world.sign_up()
    for what in ("pause", "resume", "cancel", "retry", "rollback"):
        assert stranger.call("POST", f"/v1/migrations/{migration_id}/{what}").status == 404
    assert world.finish(migration_id)["status"] == "completed"


def test_whoever_has_the_latest_state_is_not_sent_it_again(world: MigrationScenario) -> None:
    migration_id = world.start("spotify", "youtube", [world.playlist("spotify", ids_on("spotify", 1))])
    path = f"/v1/migrations/{migration_id}"
    tag = world.person.call("GET", path).headers["etag"]
    again = world.person.call("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.text) == (304, "")
    world.finish(migration_id)
    assert world.person.call("GET", path, headers={"If-None-Match": tag}).status == 200


def assert_ok(answer: Answer, status: int) -> None:
    assert answer.status == status, answer.text


def test_a_migration_that_is_worked_on_does_not_wait_to_begin(
    world: MigrationScenario, interruption: Interruption
) -> None:
    migration_id = world.start("spotify", "youtube", [world.playlist("spotify", ids_on("spotify", 2))])
    seen: list[dict[str, Any]] = []
    interruption.at(
        1, lambda: seen.extend([world.job(migration_id), *world.moved(migration_id)]), after=False
    )
    world.work()
    assert [(entry["status"], entry["status_code"]) for entry in seen] == [("running", "starting")] * 2
    assert world.job(migration_id)["status"] == "completed"
