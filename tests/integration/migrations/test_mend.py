"""Mending what was written, over HTTP: another counterpart at the old one's place, for the fewest units."""

from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption, kill
from tests.integration.migrations.scenario import (
    MigrationScenario,
    ids_on,
    track_ids,
    video_ids,
    well_known,
)

ADD, REMOVE = "POST /youtube/v3/playlistItems", "DELETE /youtube/v3/playlistItems"


def written(scenario: MigrationScenario, count: int = 4, *, takes_positions: bool = True) -> int:
    """A migration to YouTube that has ended."""
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": takes_positions})
    migration_id = scenario.start_known(count)
    scenario.finish(migration_id)
    scenario.clear_calls()
    return migration_id


def link(video: str) -> dict[str, str]:
    return {"link": f"https://youtu.be/{video}"}


def choose(scenario: MigrationScenario, migration_id: int, place: int, body: dict[str, Any]) -> int:
    track = scenario.tracks(migration_id)[place]
    scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, body)
    return int(track["id"])


def target_of(scenario: MigrationScenario, migration_id: int) -> list[str]:
    (moved,) = scenario.moved(migration_id)
    return scenario.contents(scenario.job(migration_id)["target_provider"], moved["target_playlist_id"])


def test_another_video_stands_at_the_old_ones_place(scenario: MigrationScenario) -> None:
    migration_id = written(scenario)
    other = video_ids(well_known(1, 20))[0]
    videos = target_of(scenario, migration_id)
    track_id = choose(scenario, migration_id, 1, link(other))
    assert scenario.finish(migration_id)["status"] == "completed"
    assert target_of(scenario, migration_id) == [videos[0], other, *videos[2:]]
    assert scenario.assert_target_is_right(migration_id)
    assert (scenario.calls("youtube")[ADD], scenario.calls("youtube")[REMOVE]) == (1, 1)
    scenario.act(migration_id, f"tracks/{track_id}/undo", 202)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert target_of(scenario, migration_id) == videos
    assert scenario.assert_target_is_right(migration_id) == videos
    assert scenario.person.call("GET", "/v1/migrations/rules").json["items"] == []


def test_what_is_left_out_after_all_goes_and_comes_back(scenario: MigrationScenario) -> None:
    migration_id = written(scenario)
    videos = target_of(scenario, migration_id)
    track_id = choose(scenario, migration_id, 2, {"leave_out": True})
    scenario.finish(migration_id)
    assert target_of(scenario, migration_id) == [*videos[:2], videos[3]]
    assert scenario.calls("youtube").get(ADD, 0) == 0
    scenario.act(migration_id, f"tracks/{track_id}/undo", 202)
    scenario.finish(migration_id)
    assert target_of(scenario, migration_id) == videos


def test_who_comes_back_before_it_is_written_changes_nothing(scenario: MigrationScenario) -> None:
    migration_id = written(scenario)
    videos = target_of(scenario, migration_id)
    track_id = choose(scenario, migration_id, 1, link(video_ids(well_known(1, 20))[0]))
    scenario.act(migration_id, f"tracks/{track_id}/undo", 202)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert target_of(scenario, migration_id) == videos
    assert ADD not in scenario.calls("youtube")


def test_a_playlist_that_sorts_itself_is_asked_about_first(scenario: MigrationScenario) -> None:
    migration_id = written(scenario, takes_positions=False)
    other = video_ids(well_known(1, 20))[0]
    videos = target_of(scenario, migration_id)
    choose(scenario, migration_id, 1, link(other))
    scenario.finish(migration_id)
    (moved,) = scenario.moved(migration_id)
    assert (moved["code"], moved["params"]["entries"]) == ("mend-costs", 2)
    assert moved["params"]["units"] == 50 * (2 + 2 * 2)
    assert target_of(scenario, migration_id) == videos
    scenario.act(migration_id, f"playlists/{moved['id']}/confirm", 202)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert target_of(scenario, migration_id) == [videos[0], other, *videos[2:]]
    scenario.act(migration_id, f"playlists/{moved['id']}/confirm", 409)
    scenario.act(migration_id, "playlists/4611686018427387904/confirm", 404)


def test_who_finds_it_too_dear_takes_it_back(scenario: MigrationScenario) -> None:
    migration_id = written(scenario, takes_positions=False)
    videos = target_of(scenario, migration_id)
    track_id = choose(scenario, migration_id, 1, link(video_ids(well_known(1, 20))[0]))
    scenario.finish(migration_id)
    scenario.act(migration_id, f"tracks/{track_id}/undo", 202)
    scenario.finish(migration_id)
    assert target_of(scenario, migration_id) == videos
    scenario.assert_target_is_right(migration_id)


def test_of_two_copies_on_spotify_the_right_one_goes(scenario: MigrationScenario) -> None:
    videos = video_ids(well_known(3))
    playlist = scenario.playlist("youtube", [*videos, videos[0]])
    migration_id = scenario.start("youtube", "spotify", [playlist])
    scenario.finish(migration_id)
    before = target_of(scenario, migration_id)
    other = ids_on("spotify", 1, 20)[0]
    choose(scenario, migration_id, 3, {"link": f"https://open.spotify.com/track/{other}"})
    assert scenario.finish(migration_id)["status"] == "completed"
    assert target_of(scenario, migration_id) == [*before[:3], other]


def test_what_others_put_in_stays(scenario: MigrationScenario) -> None:
    migration_id = written(scenario)
    (moved,) = scenario.moved(migration_id)
    foreign, other = video_ids(well_known(2, 20))
    scenario.write("youtube", moved["target_playlist_id"], foreign)
    videos = target_of(scenario, migration_id)
    choose(scenario, migration_id, 0, link(other))
    scenario.finish(migration_id)
    assert target_of(scenario, migration_id) == [other, *videos[1:]]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("takes_positions", [True, False])
def test_a_worker_that_dies_anywhere_mends_once(
    scenario: MigrationScenario, interruption: Interruption, after: bool, takes_positions: bool
) -> None:
    migration_id = written(scenario, takes_positions=takes_positions)
    videos = target_of(scenario, migration_id)
    others = video_ids(well_known(12, 20))
    for call in range(1, 8):
        choose(scenario, migration_id, 1, link(others[call]))
        interruption.at(call, kill, after=after)
        try:
            scenario.finish(migration_id)
        except BaseException as error:  # noqa: BLE001 - the kill itself
            assert type(error).__name__ == "Killed", error  # noqa: PT017
            records = scenario.harness.messages("MIGRATIONS_QUEUE_URL")
            scenario.deliver(records * 2)
            scenario.pass_time(600)
            scenario.dispatch()
            scenario.finish(migration_id)
        interruption.at(0, kill, after=after)
        (moved,) = scenario.moved(migration_id)
        if moved["code"] == "mend-costs":
            scenario.act(migration_id, f"playlists/{moved['id']}/confirm", 202)
        assert scenario.finish(migration_id)["status"] == "completed"
        assert target_of(scenario, migration_id) == [videos[0], others[call], *videos[2:]]


def test_a_late_track_costs_one_write_where_positions_are_taken(scenario: MigrationScenario) -> None:
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    ids, videos = track_ids(well_known(4)), video_ids(well_known(5))
    rule = {
        "source_provider": "spotify",
        "source_id": ids[1],
        "target_provider": "youtube",
        "target_id": None,
    }
    assert scenario.person.call("POST", "/v1/migrations/rules", rule).status == 201
    migration_id = scenario.start("spotify", "youtube", [scenario.playlist("spotify", ids)])
    scenario.finish(migration_id)
    scenario.clear_calls()
    choose(scenario, migration_id, 1, link(videos[4]))
    scenario.finish(migration_id)
    found = scenario.assert_target_is_right(migration_id)
    assert (found[:2], len(found)) == ([videos[0], videos[4]], 4)
    assert scenario.calls("youtube")[ADD] == 1
    assert REMOVE not in scenario.calls("youtube")


def test_rolling_back_takes_out_what_stands_now(scenario: MigrationScenario) -> None:
    migration_id = written(scenario)
    choose(scenario, migration_id, 1, link(video_ids(well_known(1, 20))[0]))
    scenario.finish(migration_id)
    scenario.act(migration_id, "rollback", 202)
    scenario.finish(migration_id)
    assert target_of(scenario, migration_id) == []
