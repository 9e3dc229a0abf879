"""Allowances are shared: among people, among days, and by not asking again what somebody found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.migrations.test_waiting import next_midnight
from tests.support.functions import Person

SEARCH = "GET /youtube/v3/search"


def start(scenario: MigrationScenario, person: Person, count: int, skip: int = 0, **order: Any) -> int:
    ids = track_ids(well_known(count, skip))
    return scenario.start("spotify", "youtube", [scenario.playlist("spotify", ids)], person, order)


def looked_up(scenario: MigrationScenario, migration_id: int, person: Person) -> int:
    tracks: dict[str, int] = scenario.job(migration_id, person)["progress"]["tracks"]
    return tracks["matched"] + tracks["failed"]


def test_people_who_begin_together_get_equal_parts_of_the_day(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "8"
    scenario.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
    scenario.sign_up()
    one, other = scenario.people
    jobs = [(start(scenario, one, 9), one), (start(scenario, other, 9, skip=9), other)]
    scenario.work()
    assert [looked_up(scenario, job, person) for job, person in jobs] == [4, 4]
    for job, person in jobs:
        tracks = scenario.job(job, person)["progress"]["tracks"]
        assert tracks["written"] > 0, "what is found is written the same day, up to the first open place"
    scenario.pass_time((next_midnight(scenario) - scenario.now()).total_seconds() + 60)
    scenario.dispatch()
    scenario.work()
    assert [looked_up(scenario, job, person) for job, person in jobs] == [8, 8]
    calls = scenario.control("youtube", "GET", "/calls")["calls"]
    assert [call for call in calls if call["status"] >= 400] == []


def test_what_others_leave_over_is_spent_the_same_day(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "8"
    scenario.sign_up()
    one, other = scenario.people
    long_one, short_one = start(scenario, one, 9), start(scenario, other, 1, skip=9)
    for _ in range(4):
        scenario.work()
        scenario.pass_time(700)
        scenario.dispatch()
    assert looked_up(scenario, short_one, other) == 1
    assert looked_up(scenario, long_one, one) == 7
    assert scenario.calls("youtube")[SEARCH] == 8


def test_what_one_person_found_costs_another_no_search(scenario: MigrationScenario) -> None:
    scenario.sign_up()
    one, other = scenario.people
    scenario.finish(start(scenario, one, 3), person=one)
    scenario.clear_calls()
    again = start(scenario, other, 3, as_copy=True)
    assert scenario.finish(again, person=other)["status"] == "completed"
    assert SEARCH not in scenario.calls("youtube")
    assert looked_up(scenario, again, other) == 3


def test_the_finish_date_counts_what_waits_ahead_and_what_needs_no_search(
    scenario: MigrationScenario,
) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "4"
    scenario.sign_up()
    one, other = scenario.people
    first = start(scenario, one, 9)
    assert scenario.job(first, one)["expected_at"] is None, "nobody knows yet how much it is"
    second = start(scenario, other, 6, skip=9)
    # Two a day for each; the third day has what is left of the shorter one for the longer one.
    scenario.work()
    midnight = next_midnight(scenario)
    shown = datetime.fromisoformat(scenario.job(first, one)["expected_at"])
    assert midnight + timedelta(days=2) <= shown < midnight + timedelta(days=2, hours=1)
    assert scenario.job(first, one)["status_message"].endswith(
        f"Done about {shown:%a} {shown.day} {shown:%b}."
    )
    shown = datetime.fromisoformat(scenario.job(second, other)["expected_at"])
    assert midnight + timedelta(days=1) <= shown < midnight + timedelta(days=1, hours=1)
    # What was found today, again, for a third person: it is known, and needs no search. Which tracks that is
    # depends on which of the searches that are under way together is paid for first.
    tracks = one.call("GET", f"/v1/migrations/{first}/tracks").json["items"]
    known = [track["source_track_id"] for track in tracks if track["status"] == "matched"]
    assert known
    third = scenario.sign_up()
    again = scenario.start("spotify", "youtube", [scenario.playlist("spotify", known)], third)
    assert scenario.finish(again, person=third)["status"] == "completed"
    assert scenario.now() < midnight, "on the same day"


def test_a_rate_is_told_as_long_as_there_is_progress(scenario: MigrationScenario) -> None:
    job = scenario.finish(start(scenario, scenario.person, 3))
    assert job["progress"]["tracks_per_hour"] > 0
    assert job["progress"]["progressed_at"] is not None


def test_a_dry_run_says_what_writing_would_cost(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "110"
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "10"
    job = scenario.finish(start(scenario, scenario.person, 5, dry_run=True))
    # The playlist and five entries, 50 units each, and reading them back; 100 units of writes a day.
    cost = job["would_cost"]
    assert (cost["units"], cost["days"], cost["sharers"]) == (301, 3, 1)
    assert job["status_message"] == (
        "Dry run: 5 of 5 tracks would be written to YouTube. "
        "Writing takes 301 units of YouTube's allowance, 3 days."
    )


def test_a_sixth_playlist_of_a_day_is_made_tomorrow_without_asking(scenario: MigrationScenario) -> None:
    scenario.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
    lists = [scenario.playlist("spotify", [], name=f"List {number}") for number in range(6)]
    migration_id = scenario.start("spotify", "youtube", lists)
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 5
    assert job["progress"]["waiting_for"] == "quota"
    assert scenario.calls("youtube")["POST /youtube/v3/playlists"] == 5
    scenario.pass_time((next_midnight(scenario) - scenario.now()).total_seconds() + 60)
    job = scenario.finish(migration_id)
    assert (job["status"], job["progress"]["playlists"]["completed"]) == ("completed", 6)
    assert scenario.calls("youtube")["POST /youtube/v3/playlists"] == 6


def test_art_tracks_of_anybodys_playlist_are_known_to_everybody(scenario: MigrationScenario) -> None:
    recordings = well_known(3)
    source = scenario.playlist("youtube", video_ids(recordings))
    scenario.finish(scenario.start("youtube", "spotify", [source]))
    # What was matched is forgotten; what the art tracks say about themselves is not.
    scenario.sql("DELETE FROM providers.match_store WHERE source_provider <> target_provider")
    scenario.clear_calls()
    migration_id = start(scenario, scenario.person, 3)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == video_ids(recordings)
    assert SEARCH not in scenario.calls("youtube")


@pytest.mark.parametrize("at", [3, 7])
def test_a_killed_worker_loses_a_twentieth_of_a_day_at_most(
    scenario: MigrationScenario, interruption: Interruption, at: int
) -> None:
    migration_id = start(scenario, scenario.person, 9)
    interruption.at(at, kill, after=True)
    with pytest.raises(Killed):
        scenario.work()
    used = dict(scenario.sql("SELECT bucket, used FROM providers.quota_usage"))
    made = scenario.calls("youtube").get(SEARCH, 0)
    assert made <= int(str(used["search"])) <= made + 5
    assert scenario.finish(migration_id)["status"] == "completed"
