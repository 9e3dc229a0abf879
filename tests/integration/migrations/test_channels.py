"""Artists' own channels name candidates that cost no search; the matcher decides as always."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulators.catalogue import Recording
from tests.integration.migrations.scenario import (
    MigrationScenario,
    catalogue,
    track_ids,
    video_ids,
    well_known,
)
from tests.support.functions import Person

SEARCH = "GET /youtube/v3/search"
LIST = "GET /youtube/v3/playlistItems"


def of_one_artist() -> list[Recording]:
    """Three well-known recordings of one artist."""
    by_artist: dict[str, list[Recording]] = {}
    for recording in well_known(100):
        by_artist.setdefault(recording.tracks[0].artists[0].name, []).append(recording)
    return next(found for found in by_artist.values() if len(found) == 3)


def start(scenario: MigrationScenario, ids: list[str], person: Person | None = None, **order: Any) -> int:
    return scenario.start("spotify", "youtube", [scenario.playlist("spotify", ids)], person, order)


def counts(scenario: MigrationScenario, person: Person | None = None) -> dict[str, int]:
    answer = (person or scenario.person).call("GET", "/v1/migrations/tracks/counts")
    found: dict[str, int] = answer.json["found_by"]
    return found


def assert_right(scenario: MigrationScenario, migration_id: int, recordings: list[Recording]) -> None:
    found = scenario.assert_target_is_right(migration_id)
    pairs = zip(track_ids(recordings), found, strict=True)
    assert all(catalogue().is_right_match(track, video) for track, video in pairs)


def test_of_an_artists_tracks_one_is_searched_for_and_the_channel_holds_the_others(
    scenario: MigrationScenario,
) -> None:
    recordings = of_one_artist()
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(recordings))
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == video_ids(recordings)
    assert scenario.calls("youtube")[SEARCH] == 1
    assert counts(scenario) == {"search": 1, "channel": 2}


def test_a_listing_is_everybodys_and_costs_another_person_no_search(scenario: MigrationScenario) -> None:
    first, *others = of_one_artist()
    one = scenario.person
    scenario.finish(start(scenario, track_ids([first, others[0]])), person=one)
    other = scenario.sign_up()
    scenario.sql("TRUNCATE providers.match_store")
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(others), other)
    assert scenario.finish(migration_id, person=other)["status"] == "completed"
    assert SEARCH not in scenario.calls("youtube")
    assert counts(scenario, other) == {"channel": 2}


def test_a_channel_that_somebodys_art_track_named_is_listed_without_a_search(
    scenario: MigrationScenario,
) -> None:
    recordings = of_one_artist()
    source = scenario.playlist("youtube", video_ids(recordings[:1]))
    scenario.finish(scenario.start("youtube", "spotify", [source]))
    scenario.sql("TRUNCATE providers.match_store")
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(recordings[1:2]))
    scenario.finish(migration_id)
    assert scenario.assert_target_is_right(migration_id) == video_ids(recordings[1:2])
    assert SEARCH not in scenario.calls("youtube")


def test_what_the_channel_does_not_hold_is_searched_for(scenario: MigrationScenario) -> None:
    recordings = of_one_artist()
    scenario.finish(start(scenario, track_ids(recordings[:2])))
    scenario.sql("TRUNCATE providers.match_store")
    # The channel lost the recording; what is left there are others by the same artist.
    (gone,) = video_ids(recordings[2:])
    scenario.sql(
        """
        UPDATE providers.artist_channels SET uploads = (
            SELECT coalesce(jsonb_agg(u), '[]') FROM jsonb_array_elements(uploads) u WHERE u ->> 0 <> %s)
        WHERE uploads IS NOT NULL""",
        gone,
    )
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(recordings[2:]))
    scenario.finish(migration_id)
    assert scenario.calls("youtube")[SEARCH] == 1
    assert_right(scenario, migration_id, recordings[2:])


@pytest.mark.parametrize("status", [404, 403])
def test_a_channel_that_gives_nothing_out_is_asked_once(scenario: MigrationScenario, status: int) -> None:
    """Empty channels answer 404; nobody promises that the others answer at all."""
    recordings = of_one_artist()
    reason = "playlistNotFound" if status == 404 else "playlistItemsNotAccessible"
    error = {"error": {"code": status, "message": "No.", "errors": [{"reason": reason, "domain": "youtube"}]}}
    scenario.fault("youtube", LIST, status=status, body=error, times=1)
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(recordings))
    assert scenario.finish(migration_id)["status"] == "completed"
    assert_right(scenario, migration_id, recordings)
    assert scenario.calls("youtube")[SEARCH] == 3
    assert scenario.sql("SELECT uploads FROM providers.artist_channels WHERE uploads IS NOT NULL") == [([],)]


def test_a_channel_with_ten_thousand_uploads_is_read_to_a_bound(scenario: MigrationScenario) -> None:
    recordings = of_one_artist()
    channel = recordings[0].uploads[0].channel_id
    scenario.control("youtube", "PUT", f"/channels/{channel}/uploads", {"count": 10_000})
    scenario.clear_calls()
    migration_id = start(scenario, track_ids(recordings))
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == video_ids(recordings)
    # Twenty pages of the channel, and the target read back.
    assert scenario.calls("youtube")[LIST] == 21
    assert scenario.sql(
        "SELECT is_complete, jsonb_array_length(uploads) FROM providers.artist_channels "
        "WHERE uploads IS NOT NULL"
    ) == [(False, 1000)]


def test_other_versions_are_not_taken_from_a_channel(scenario: MigrationScenario) -> None:
    """A channel holds live and acoustic versions beside the studio's: the matcher decides, not the list."""
    by_artist: dict[str, list[Recording]] = {}
    for recording in catalogue().recordings:
        if recording.tracks and recording.uploads:
            by_artist.setdefault(recording.tracks[0].artists[0].name, []).append(recording)
    several = [found for found in by_artist.values() if len(found) > 3][:12]
    ids = [recording.tracks[0].id for found in several for recording in found]
    scenario.lift_quotas()
    # What a deployment is granted does not change what is right; it does change what is worth listing.
    scenario.harness.environment |= {"YOUTUBE_DAILY_SEARCHES": "1000", "YOUTUBE_DAILY_UNITS": "100000"}
    migration_id = start(scenario, ids)
    scenario.finish(migration_id)
    assert_right(scenario, migration_id, [recording for found in several for recording in found])
    found_by = counts(scenario)
    assert found_by["channel"] > found_by["search"]


def test_where_searches_are_plenty_nobody_lists_for_one_track(scenario: MigrationScenario) -> None:
    scenario.lift_quotas()  # ten units for a search
    recordings = of_one_artist()
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "1000000"
    migration_id = start(scenario, track_ids(recordings[:2]))
    scenario.clear_calls()
    scenario.finish(migration_id)
    assert scenario.calls("youtube")[SEARCH] == 2


def test_the_finish_date_knows_of_channels(scenario: MigrationScenario) -> None:
    """Nine tracks of four artists are some five searches, and not nine."""
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    by_artist: dict[str, list[Recording]] = {}
    for recording in well_known(100):
        by_artist.setdefault(recording.tracks[0].artists[0].name, []).append(recording)
    several = sorted(by_artist.values(), key=len, reverse=True)[:4]
    ids = [recording.tracks[0].id for found in several for recording in found]
    migration_id = start(scenario, ids)
    scenario.work()
    job = scenario.job(migration_id)
    shown = datetime.fromisoformat(job["expected_at"])
    assert shown < scenario.now() + timedelta(days=3), f"{len(ids)} tracks, two searches a day"
    assert scenario.finish(migration_id)["status"] == "completed"
    assert abs(scenario.now() - shown) < timedelta(days=1)
