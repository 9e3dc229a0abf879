"""Work that has to wait says for what and until when, costs nothing meanwhile, and goes on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import boto3
import pytest

from tests.integration.migrations.scenario import QUEUE, MigrationScenario, track_ids, video_ids, well_known
from tests.support.postgres import sql


def start(world: MigrationScenario, count: int = 4) -> int:
    return world.start("spotify", "youtube", [world.playlist("spotify", track_ids(well_known(count)))])


def next_midnight(world: MigrationScenario) -> datetime:
    """When YouTube's allowances are renewed."""
    pacific = world.now().astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = (pacific + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(ZoneInfo("UTC"))


def test_spent_units_park_the_playlist_until_midnight_in_california(world: MigrationScenario) -> None:
    # Making the playlist and two of four writes, and what reading costs.
    world.harness.environment["YOUTUBE_DAILY_UNITS"] = "160"
    migration_id = start(world)
    world.work()
    job = world.job(migration_id)
    renewed = next_midnight(world)
    assert job["status"] == "running"
    assert job["progress"]["waiting_for"] == "quota"
    assert datetime.fromisoformat(job["progress"]["waiting_until"]) == renewed
    assert job["status_message"].startswith("waiting for YouTube quota until ")
    assert f"{renewed:%H:%M} UTC" in job["status_message"]
    assert f"2 of 4 written, done about {renewed:%a} {renewed.day}" in job["status_message"]
    (playlist,) = world.moved(migration_id)
    assert (playlist["stage"], playlist["tracks"]["written"]) == ("write", 2)
    assert len(world.truth("youtube", playlist["target_playlist_id"])) == 2

    world.pass_time((renewed - world.now()).total_seconds() - 60)
    assert world.dispatch() == 0
    world.pass_time(90)
    assert world.dispatch() == 1
    world.work()
    assert world.job(migration_id)["status"] == "completed"
    assert len(world.assert_target_is_right(migration_id)) == 4
    calls = world.control("youtube", "GET", "/calls")["calls"]
    assert all(call["status"] < 400 for call in calls), "a unit was spent on a refusal"


def test_the_day_that_loses_an_hour_ends_an_hour_earlier(world: MigrationScenario) -> None:
    world.harness.environment["YOUTUBE_DAILY_UNITS"] = "160"
    # 01:00 in California, an hour before the clocks go forward.
    night = datetime(2027, 3, 14, 9, tzinfo=UTC)
    world.pass_time((night - world.now()).total_seconds())
    world.people.clear()  # whoever linked before may have to consent again by then
    world.sign_up()
    migration_id = start(world)
    world.work()
    renewed = datetime(2027, 3, 15, 7, tzinfo=UTC)
    assert datetime.fromisoformat(world.job(migration_id)["progress"]["waiting_until"]) == renewed
    world.pass_time((renewed - world.now()).total_seconds() + 30)
    assert world.dispatch() == 1
    world.work()
    assert world.job(migration_id)["status"] == "completed"
    calls = world.control("youtube", "GET", "/calls")["calls"]
    assert all(call["status"] < 400 for call in calls), "a unit was spent on a refusal"


def test_what_youtube_itself_calls_spent_is_believed(world: MigrationScenario) -> None:
    world.control("youtube", "PUT", "/quota", {"search": 2})
    migration_id = start(world)
    world.work()
    job = world.job(migration_id)
    assert "2 of 4 looked up" in job["status_message"]
    assert job["progress"]["waiting_for"] == "quota"
    # A second migration does not ask again.
    world.forget_calls()
    second = start(world)
    world.work()
    assert "GET /youtube/v3/search" not in world.calls("youtube")
    for number in (migration_id, second):
        assert world.finish(number)["status"] == "completed"


def test_spotifys_long_quota_is_waited_for_and_not_slept_on(world: MigrationScenario) -> None:
    migration_id = world.start("youtube", "spotify", [world.playlist("youtube", video_ids(well_known(3)))])
    world.fault("spotify", "GET /v1/search", **{"as": "quota"})
    world.work()
    job = world.job(migration_id)
    until = datetime.fromisoformat(job["progress"]["waiting_until"])
    assert job["progress"]["waiting_for"] == "quota"
    assert timedelta(seconds=48_000) < until - world.now() < timedelta(seconds=49_000)
    assert world.finish(migration_id)["status"] == "completed"


def test_a_short_wait_travels_with_the_message(world: MigrationScenario) -> None:
    migration_id = start(world)
    world.fault(
        "youtube", "GET /youtube/v3/search", status=429, headers={"Retry-After": "600"}, body="slow down"
    )
    world.work()
    job = world.job(migration_id)
    assert job["progress"]["waiting_for"] == "provider"
    assert job["status_message"].startswith("YouTube asks us to slow down; trying again at ")
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=world.harness.queues[QUEUE], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert int(attributes["ApproximateNumberOfMessagesDelayed"]) >= 1
    world.pass_time(605)
    assert world.dispatch() == 0, "its message is on the way"
    world.pass_time(301)
    assert world.dispatch() == 1
    world.work()
    assert world.job(migration_id)["status"] == "completed"


def test_a_wait_too_long_for_a_message_is_parked(world: MigrationScenario) -> None:
    migration_id = start(world)
    world.fault(
        "youtube", "GET /youtube/v3/search", status=503, headers={"Retry-After": "2000"}, body="later"
    )
    world.work()
    ((due, enqueued),) = sql(
        world.harness.database_url, "SELECT due_at, enqueued_at FROM migrations.playlists"
    )
    assert isinstance(due, datetime)
    assert timedelta(seconds=1990) < due - world.now() < timedelta(seconds=2010)
    assert enqueued is None
    world.pass_time(2005)
    assert world.dispatch() == 1
    world.work()
    assert world.job(migration_id)["status"] == "completed"


def test_new_playlists_beyond_what_a_channel_may_make_wait_for_tomorrow(world: MigrationScenario) -> None:
    world.control("youtube", "PUT", "/settings", {"playlists_per_day": 1})
    lists = [
        world.playlist("spotify", track_ids(well_known(1)), name=f"List {number}") for number in range(2)
    ]
    migration_id = world.start("spotify", "youtube", lists)
    world.work()
    job = world.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 1
    assert job["progress"]["waiting_for"] == "quota"
    assert job["status_message"].startswith("1 of 2 done; “List 1”: waiting for YouTube quota until ")
    world.pass_time((next_midnight(world) - world.now()).total_seconds() + 60)
    job = world.finish(migration_id)
    assert (job["status"], job["progress"]["playlists"]["completed"]) == ("completed", 2)


@pytest.mark.parametrize("written", [0, 2])
def test_a_migration_that_waits_can_be_watched(world: MigrationScenario, written: int) -> None:
    world.harness.environment["YOUTUBE_DAILY_UNITS"] = str(60 + 50 * written)
    migration_id = start(world)
    world.work()
    progress = world.job(migration_id)["progress"]
    assert progress["tracks"] == {
        "total": 4, "matched": 4, "failed": 0, "needs_review": 0, "written": written,
    }  # fmt: skip
    assert progress["percent"] == 50 + written * 50 // 4
    assert progress["stages"] == {"write": 1}
