"""Allowances are shared: among people, among days, and by not asking again what somebody found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.migrations.test_waiting import next_midnight
from tests.support.functions import Person
from tests.support.postgres import sql

SEARCH = "GET /youtube/v3/search"


def start(world: MigrationScenario, person: Person, count: int, skip: int = 0, **order: Any) -> int:
    ids = track_ids(well_known(count, skip))
    return world.start("spotify", "youtube", [world.playlist("spotify", ids)], person, order)


def looked_up(world: MigrationScenario, migration_id: int, person: Person) -> int:
    tracks: dict[str, int] = world.job(migration_id, person)["progress"]["tracks"]
    return tracks["matched"] + tracks["failed"]


def test_people_who_begin_together_get_equal_parts_of_the_day(world: MigrationScenario) -> None:
    world.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "8"
    world.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
    world.sign_up()
    one, other = world.people
    jobs = [(start(world, one, 9), one), (start(world, other, 9, skip=9), other)]
    world.work()
    assert [looked_up(world, job, person) for job, person in jobs] == [4, 4]
    for job, person in jobs:
        tracks = world.job(job, person)["progress"]["tracks"]
        assert tracks["written"] > 0, "what is found is written the same day, up to the first open place"
    world.pass_time((next_midnight(world) - world.now()).total_seconds() + 60)
    world.dispatch()
    world.work()
    assert [looked_up(world, job, person) for job, person in jobs] == [8, 8]
    calls = world.control("youtube", "GET", "/calls")["calls"]
    assert [call for call in calls if call["status"] >= 400] == []


def test_what_others_leave_over_is_spent_the_same_day(world: MigrationScenario) -> None:
    world.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "8"
    world.sign_up()
    one, other = world.people
    long_one, short_one = start(world, one, 9), start(world, other, 1, skip=9)
    for _ in range(4):
        world.work()
        world.pass_time(700)
        world.dispatch()
    assert looked_up(world, short_one, other) == 1
    assert looked_up(world, long_one, one) == 7
    assert world.calls("youtube")[SEARCH] == 8


def test_what_one_person_found_costs_another_no_search(world: MigrationScenario) -> None:
    world.sign_up()
    one, other = world.people
    world.finish(start(world, one, 3), person=one)
    world.forget_calls()
    again = start(world, other, 3, as_copy=True)
    assert world.finish(again, person=other)["status"] == "completed"
    assert SEARCH not in world.calls("youtube")
    assert looked_up(world, again, other) == 3


def test_the_finish_date_counts_what_waits_ahead_and_what_needs_no_search(world: MigrationScenario) -> None:
    world.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "4"
    world.sign_up()
    one, other = world.people
    first = start(world, one, 9)
    assert world.job(first, one)["expected_at"] is None, "nobody knows yet how much it is"
    second = start(world, other, 6, skip=9)
    # Two a day for each; the third day has what is left of the shorter one for the longer one.
    world.work()
    midnight = next_midnight(world)
    shown = datetime.fromisoformat(world.job(first, one)["expected_at"])
    assert midnight + timedelta(days=2) <= shown < midnight + timedelta(days=2, hours=1)
    assert world.job(first, one)["status_message"].endswith(f"Done about {shown:%a} {shown.day} {shown:%b}.")
    shown = datetime.fromisoformat(world.job(second, other)["expected_at"])
    assert midnight + timedelta(days=1) <= shown < midnight + timedelta(days=1, hours=1)
    # The same tracks again, for a third person: two are known, so one search less for each day.
    third = world.sign_up()
    again = start(world, third, 2, as_copy=True)
    world.work()
    assert world.job(again, third)["status"] == "completed"


def test_a_rate_is_told_as_long_as_there_is_progress(world: MigrationScenario) -> None:
    job = world.finish(start(world, world.person, 3))
    assert job["progress"]["tracks_per_hour"] > 0
    assert job["progress"]["progressed_at"] is not None


def test_a_dry_run_says_what_writing_would_cost(world: MigrationScenario) -> None:
    world.harness.environment["YOUTUBE_DAILY_UNITS"] = "110"
    world.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "10"
    job = world.finish(start(world, world.person, 5, dry_run=True))
    # The playlist and five entries, 50 units each, and reading them back; 100 units of writes a day.
    assert job["would_cost"] == {"units": 301, "days": 3}
    assert job["status_message"] == (
        "Dry run: 5 of 5 tracks would be written to YouTube. "
        "Writing takes 301 units of YouTube's allowance, 3 days."
    )


def test_a_sixth_playlist_of_a_day_is_made_tomorrow_without_asking(world: MigrationScenario) -> None:
    world.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
    lists = [world.playlist("spotify", [], name=f"List {number}") for number in range(6)]
    migration_id = world.start("spotify", "youtube", lists)
    world.work()
    job = world.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 5
    assert job["progress"]["waiting_for"] == "quota"
    assert world.calls("youtube")["POST /youtube/v3/playlists"] == 5
    world.pass_time((next_midnight(world) - world.now()).total_seconds() + 60)
    job = world.finish(migration_id)
    assert (job["status"], job["progress"]["playlists"]["completed"]) == ("completed", 6)
    assert world.calls("youtube")["POST /youtube/v3/playlists"] == 6


def test_art_tracks_of_anybodys_playlist_are_known_to_everybody(world: MigrationScenario) -> None:
    recordings = well_known(3)
    source = world.playlist("youtube", video_ids(recordings))
    world.finish(world.start("youtube", "spotify", [source]))
    # What was matched is forgotten; what the art tracks say about themselves is not.
    sql(
        world.harness.database_url,
        "DELETE FROM providers.match_store WHERE source_provider <> target_provider",
    )
    world.forget_calls()
    migration_id = start(world, world.person, 3)
    assert world.finish(migration_id)["status"] == "completed"
    assert world.assert_target_is_right(migration_id) == video_ids(recordings)
    assert SEARCH not in world.calls("youtube")


@pytest.mark.parametrize("at", [3, 7])
def test_a_killed_worker_loses_a_twentieth_of_a_day_at_most(
    world: MigrationScenario, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    migration_id = start(world, world.person, 9)
    interruption = Interruption(monkeypatch)
    interruption.at(at, kill, after=True)
    with pytest.raises(Killed):
        world.work()
    used = dict(sql(world.harness.database_url, "SELECT bucket, used FROM providers.quota_usage"))
    made = world.calls("youtube").get(SEARCH, 0)
    assert made <= int(str(used["search"])) <= made + 5
    assert world.finish(migration_id)["status"] == "completed"
