"""What open data names is looked up before anything is searched for; the matcher decides as always."""

from musicconnect.matching import normal_form
from musicconnect.music.model import Track
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.migrations.test_channels import of_one_artist

SEARCH = "GET /youtube/v3/search"
LOOKUP = "GET /youtube/v3/videos"


def seed(scenario: MigrationScenario, videos: list[str], *, by_isrc: bool = False, off_ms: int = 0) -> None:
    """Let open data name these videos for the first well-known recordings."""
    for recording, video in zip(well_known(len(videos)), videos, strict=True):
        track = recording.tracks[0]
        artists = tuple(artist.name for artist in track.artists)
        key = normal_form(Track(provider="x", id="", title=track.title, artists=artists))
        scenario.sql(
            "INSERT INTO providers.seeds (key, provider, track_id, source, duration_ms) "
            "VALUES (%s, 'youtube', %s, 'discogs', %s)",
            track.isrc if by_isrc else key, video, None if by_isrc else track.duration_ms + off_ms,
        )  # fmt: skip


def move(scenario: MigrationScenario, count: int) -> list[str]:
    """Move the first well-known recordings; gives what stands in the target."""
    playlist = scenario.playlist("spotify", track_ids(well_known(count)))
    scenario.clear_calls()
    migration_id = scenario.start("spotify", "youtube", [playlist])
    assert scenario.finish(migration_id)["status"] == "completed"
    return scenario.assert_target_is_right(migration_id)


def found_by(scenario: MigrationScenario) -> dict[str, int]:
    counts: dict[str, int] = scenario.person.call("GET", "/v1/migrations/tracks/counts").json["found_by"]
    return counts


def test_what_open_data_names_costs_a_lookup_and_no_search(scenario: MigrationScenario) -> None:
    videos = video_ids(well_known(5))
    seed(scenario, videos)
    assert move(scenario, 5) == videos
    calls = scenario.calls("youtube")
    assert SEARCH not in calls
    assert calls[LOOKUP] == 1
    assert found_by(scenario) == {"seed": 5}


def test_an_isrc_names_it_as_well(scenario: MigrationScenario) -> None:
    videos = video_ids(well_known(2))
    seed(scenario, videos, by_isrc=True)
    assert move(scenario, 2) == videos
    assert SEARCH not in scenario.calls("youtube")


def test_dead_and_wrong_ids_are_searched_for_as_ever(scenario: MigrationScenario) -> None:
    right = video_ids(well_known(3))
    other = video_ids(well_known(1, 9))[0]
    scenario.control("youtube", "PUT", "/videos/deadVideo01", {"privacy": "deleted"})
    seed(scenario, ["deadVideo01", other, right[2]])
    assert move(scenario, 3) == right
    assert scenario.calls("youtube")[SEARCH] == 2
    assert found_by(scenario) == {"search": 2, "seed": 1}


def test_what_is_of_another_length_is_not_looked_up(scenario: MigrationScenario) -> None:
    videos = video_ids(well_known(1))
    seed(scenario, videos, off_ms=60_000)
    assert move(scenario, 1) == videos
    assert found_by(scenario) == {"search": 1}


def test_looking_up_goes_on_while_searches_are_spent(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "1"
    videos = video_ids(well_known(6))
    seed(scenario, videos[:4])
    playlist = scenario.playlist("spotify", track_ids(well_known(6)))
    migration_id = scenario.start("spotify", "youtube", [playlist])
    scenario.work()
    assert scenario.job(migration_id)["progress"]["tracks"]["matched"] == 5
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == videos


def test_what_is_named_for_one_track_names_the_channel_of_the_others(scenario: MigrationScenario) -> None:
    recordings = of_one_artist()
    scenario.sql(
        "INSERT INTO providers.seeds (key, provider, track_id, source) "
        "VALUES (%s, 'youtube', %s, 'musicbrainz')",
        recordings[1].tracks[0].isrc, recordings[1].uploads[0].video_id,
    )  # fmt: skip
    scenario.clear_calls()
    playlist = scenario.playlist("spotify", track_ids(recordings))
    migration_id = scenario.start("spotify", "youtube", [playlist])
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == video_ids(recordings)
    assert SEARCH not in scenario.calls("youtube")
    assert found_by(scenario) == {"channel": 2, "seed": 1}
