"""Work that has to wait says for what and until when, costs nothing meanwhile, and goes on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import boto3
import pytest

from tests.integration.migrations.scenario import QUEUE, SLOW_DOWN, MigrationScenario, ids_on


def next_midnight(scenario: MigrationScenario) -> datetime:
    pacific = scenario.now().astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = (pacific + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(ZoneInfo("UTC"))


def test_spent_units_park_the_playlist_until_midnight_in_california(scenario: MigrationScenario) -> None:
    # Making the playlist and two of four writes, and what reading costs.
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "160"
    migration_id = scenario.start_known(4)
    scenario.work()
    job = scenario.job(migration_id)
    renewed = next_midnight(scenario)
    assert job["status"] == "running"
    assert job["progress"]["waiting_for"] == "quota"
    assert datetime.fromisoformat(job["progress"]["waiting_until"]) == renewed
    assert job["status_message"].startswith("Waiting for YouTube's allowance until ")
    assert f"{renewed:%H:%M} UTC" in job["status_message"]
    is_today = renewed.date() == scenario.now().date()
    done = f"{renewed:%H:%M} UTC" if is_today else f"{renewed:%a} {renewed.day}"
    assert f"2 of 4 written. Done about {done}" in job["status_message"]
    assert job["code"] == "waiting-for-quota"
    assert datetime.fromisoformat(job["params"]["until"]) == renewed
    assert job["progress"]["tracks_per_hour"] is None
    (playlist,) = scenario.moved(migration_id)
    assert (playlist["stage"], playlist["tracks"]["written"]) == ("write", 2)
    assert len(scenario.contents("youtube", playlist["target_playlist_id"])) == 2

    scenario.pass_time((renewed - scenario.now()).total_seconds() - 60)
    assert scenario.dispatch() == 0
    scenario.pass_time(90)
    assert scenario.dispatch() == 1
    scenario.work()
    assert scenario.job(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 4
    calls = scenario.control("youtube", "GET", "/calls")["calls"]
    assert all(call["status"] < 400 for call in calls), "a unit was spent on a refusal"


def test_the_day_that_loses_an_hour_ends_an_hour_earlier(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "160"
    # 01:00 in California, an hour before the clocks go forward.
    night = datetime(2027, 3, 14, 9, tzinfo=UTC)
    scenario.pass_time((night - scenario.now()).total_seconds())
    scenario.people.clear()  # whoever linked before may have to consent again by then
    scenario.sign_up()
    migration_id = scenario.start_known(4)
    scenario.work()
    renewed = datetime(2027, 3, 15, 7, tzinfo=UTC)
    assert datetime.fromisoformat(scenario.job(migration_id)["progress"]["waiting_until"]) == renewed
    scenario.pass_time((renewed - scenario.now()).total_seconds() + 30)
    assert scenario.dispatch() == 1
    scenario.work()
    assert scenario.job(migration_id)["status"] == "completed"
    calls = scenario.control("youtube", "GET", "/calls")["calls"]
    assert all(call["status"] < 400 for call in calls), "a unit was spent on a refusal"


def test_what_youtube_itself_calls_spent_is_believed(scenario: MigrationScenario) -> None:
    scenario.control("youtube", "PUT", "/quota", {"search": 2})
    migration_id = scenario.start_known(4)
    scenario.work()
    job = scenario.job(migration_id)
    assert "2 of 4 looked up" in job["status_message"]
    assert job["progress"]["waiting_for"] == "quota"
    # A second migration does not ask again.
    scenario.clear_calls()
    second = scenario.start_known(4)
    scenario.work()
    assert "GET /youtube/v3/search" not in scenario.calls("youtube")
    for number in (migration_id, second):
        assert scenario.finish(number)["status"] == "completed"


def test_spotifys_long_quota_is_waited_for_and_not_slept_on(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(source="youtube")
    scenario.fault("spotify", "GET /v1/search", **{"as": "quota"})
    scenario.work()
    job = scenario.job(migration_id)
    until = datetime.fromisoformat(job["progress"]["waiting_until"])
    assert job["progress"]["waiting_for"] == "quota"
    assert timedelta(seconds=48_000) < until - scenario.now() < timedelta(seconds=49_000)
    assert scenario.finish(migration_id)["status"] == "completed"


def test_a_short_wait_travels_with_the_message(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(4)
    scenario.fault("youtube", **SLOW_DOWN)
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["waiting_for"] == "provider"
    assert job["status_message"].startswith("YouTube asks us to slow down. The next try is at ")
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=scenario.harness.queues[QUEUE], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert int(attributes["ApproximateNumberOfMessagesDelayed"]) >= 1
    scenario.pass_time(605)
    assert scenario.dispatch() == 0, "its message is on the way"
    scenario.pass_time(301)
    assert scenario.dispatch() == 1
    scenario.work()
    assert scenario.job(migration_id)["status"] == "completed"


def test_a_wait_too_long_for_a_message_is_parked(scenario: MigrationScenario) -> None:
    migration_id = scenario.start_known(4)
    scenario.fault(
        "youtube", "GET /youtube/v3/search", status=503, headers={"Retry-After": "2000"}, body="later"
    )
    scenario.work()
    ((due, enqueued),) = scenario.sql("SELECT due_at, enqueued_at FROM migrations.playlists")
    assert isinstance(due, datetime)
    assert timedelta(seconds=1990) < due - scenario.now() < timedelta(seconds=2010)
    assert enqueued is None
    scenario.pass_time(2005)
    assert scenario.dispatch() == 1
    scenario.work()
    assert scenario.job(migration_id)["status"] == "completed"


def test_new_playlists_beyond_what_a_channel_may_make_wait_for_tomorrow(scenario: MigrationScenario) -> None:
    scenario.control("youtube", "PUT", "/settings", {"playlists_per_day": 1})
    lists = [scenario.playlist("spotify", ids_on("spotify", 1), name=f"List {n}") for n in range(2)]
    migration_id = scenario.start("spotify", "youtube", lists)
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 1
    assert job["progress"]["waiting_for"] == "quota"
    assert job["status_message"].startswith(
        "1 of 2 playlists done. “List 1”: Only so many new playlists a day are made on YouTube. "
    )
    scenario.pass_time((next_midnight(scenario) - scenario.now()).total_seconds() + 60)
    job = scenario.finish(migration_id)
    assert (job["status"], job["progress"]["playlists"]["completed"]) == ("completed", 2)


def test_a_persons_new_playlists_of_a_day_count_in_every_date(scenario: MigrationScenario) -> None:
    lists = [scenario.playlist("spotify", ids_on("spotify", 1), name=f"List {n}") for n in range(12)]
    dry = scenario.start("spotify", "youtube", lists, order={"dry_run": True})
    assert scenario.finish(dry)["would_cost"]["days"] == 3, "five a day"
    migration_id = scenario.start("spotify", "youtube", lists)
    scenario.work()
    scenario.pass_time(90)
    scenario.dispatch()  # the last ones, which the request itself sent no message for
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 5
    expected = datetime.fromisoformat(job["expected_at"])
    assert timedelta() <= expected - next_midnight(scenario) - timedelta(days=1) < timedelta(hours=1)
    # Neither a second migration nor the end of the first gives more of them.
    second = scenario.start("spotify", "youtube", lists[:1], order={"as_copy": True})
    scenario.work()
    assert scenario.job(second)["progress"]["playlists"]["completed"] == 0
    bucket = scenario.person.call("GET", "/v1/providers/youtube/quota").json["items"][-1]
    assert (bucket["bucket"], bucket["used"], bucket["remaining"]) == ("new_playlists", 5, 0)
    assert datetime.fromisoformat(bucket["resets_at"]) == next_midnight(scenario)


def test_a_playlist_that_was_refused_costs_none_of_the_days(scenario: MigrationScenario) -> None:
    scenario.fault("youtube", "POST /youtube/v3/playlists", status=503, body="later", times=1)
    migration_id = scenario.start_known(1)
    scenario.work()
    scenario.pass_time(60)
    assert scenario.finish(migration_id)["status"] == "completed"
    bucket = scenario.person.call("GET", "/v1/providers/youtube/quota").json["items"][-1]
    assert (bucket["bucket"], bucket["used"]) == ("new_playlists", 1)


@pytest.mark.parametrize("written", [0, 2])
def test_a_migration_that_waits_can_be_watched(scenario: MigrationScenario, written: int) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = str(60 + 50 * written)
    migration_id = scenario.start_known(4)
    scenario.work()
    progress = scenario.job(migration_id)["progress"]
    assert progress["tracks"] == {
        "total": 4, "matched": 4, "failed": 0, "needs_review": 0, "written": written,
    }  # fmt: skip
    assert progress["percent"] == 50 + written * 50 // 4
    assert progress["stages"] == {"write": 1}


def test_times_are_told_in_the_zone_of_who_reads_them(scenario: MigrationScenario) -> None:
    assert scenario.person.call("PATCH", "/v1/me", {"time_zone": "Asia/Tokyo"}).status == 200
    scenario.fault("youtube", **SLOW_DOWN)
    migration_id = scenario.start_known(4)
    scenario.work()
    job = scenario.job(migration_id)
    until = datetime.fromisoformat(job["params"]["until"])
    assert until.utcoffset() == timedelta()
    assert f"{until.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}." in job["status_message"]
