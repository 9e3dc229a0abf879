"""Migrating again and rolling back: order follows, insertions find their places, others' copies stay."""

import pytest

from tests.integration.migrations.fault_injection import Interruption, kill
from tests.integration.migrations.scenario import (
    QUEUE,
    WAYS,
    MigrationScenario,
    ids_on,
    track_ids,
    video_ids,
    well_known,
)


def begin(
    scenario: MigrationScenario, source: str, target: str, entries: list[str], *, takes_positions: bool = True
) -> tuple[str, int]:
    """Move a playlist; gives the source's id and the migration's."""
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": takes_positions})
    playlist = scenario.playlist(source, entries)
    migration_id = scenario.start(source, target, [playlist])
    assert scenario.finish(migration_id)["status"] == "completed"
    return playlist, migration_id


def target_of(scenario: MigrationScenario, migration_id: int) -> str:
    return str(scenario.moved(migration_id)[0]["target_playlist_id"])


def test_a_rollback_leaves_a_copy_that_the_person_put_in(scenario: MigrationScenario) -> None:
    videos, tracks = video_ids(well_known(3)), track_ids(well_known(4))
    _, migration_id = begin(scenario, "youtube", "spotify", videos)
    target = target_of(scenario, migration_id)
    scenario.write("spotify", target, tracks[3])
    scenario.write("spotify", target, tracks[0])

    scenario.act(migration_id, "rollback", 202)

    assert scenario.finish(migration_id)["status"] == "undone"
    assert scenario.contents("spotify", target) == [tracks[3], tracks[0]]


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_anywhere_rolls_back_ours_alone(
    scenario: MigrationScenario, interruption: Interruption, after: bool
) -> None:
    videos, tracks = video_ids(well_known(2)), track_ids(well_known(2))
    for call in range(1, 6):
        _, migration_id = begin(scenario, "youtube", "spotify", videos)
        target = target_of(scenario, migration_id)
        scenario.write("spotify", target, tracks[0])
        scenario.act(migration_id, "rollback", 202)
        interruption.at(call, kill, after=after)
        try:
            scenario.finish(migration_id)
        except BaseException as error:  # noqa: BLE001 - the kill itself
            assert type(error).__name__ == "Killed", error  # noqa: PT017
            scenario.deliver(scenario.harness.messages(QUEUE) * 2)
            scenario.pass_time(600)
            scenario.dispatch()
        interruption.at(0, kill, after=after)
        assert scenario.finish(migration_id)["status"] == "undone"
        assert scenario.contents("spotify", target) == [tracks[0]]


def test_what_the_source_has_no_longer_goes_and_the_persons_own_copy_stays(
    scenario: MigrationScenario,
) -> None:
    videos, tracks = video_ids(well_known(4)), track_ids(well_known(4))
    playlist, first = begin(scenario, "youtube", "spotify", videos)
    target = target_of(scenario, first)
    scenario.write("spotify", target, tracks[1])
    scenario.replace_contents("youtube", playlist, [videos[0], *videos[2:]])

    for _ in range(2):
        again = scenario.start("youtube", "spotify", [playlist], order={"remove_missing": True})
        assert scenario.finish(again)["status"] == "completed"
        assert scenario.contents("spotify", target) == [tracks[0], *tracks[2:], tracks[1]]


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_of_two_copies_in_the_source_one_goes(scenario: MigrationScenario, source: str, target: str) -> None:
    ids, theirs = ids_on(source, 3), ids_on(target, 3)
    playlist, first = begin(scenario, source, target, [*ids, ids[0]])
    scenario.replace_contents(source, playlist, ids)

    again = scenario.start(source, target, [playlist], order={"remove_missing": True})

    assert scenario.finish(again)["status"] == "completed"
    assert scenario.contents(target, target_of(scenario, first)) == theirs


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_migrating_again_carries_order_and_insertions(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    ids = ids_on(source, 7)
    playlist, first = begin(scenario, source, target, ids[:5])
    place = target_of(scenario, first)
    foreign = ids_on(target, 1, skip=9)[0]
    scenario.write(target, place, foreign)
    scenario.replace_contents(source, playlist, [ids[4], ids[0], ids[5], ids[1], ids[2], ids[3], ids[6]])

    again = scenario.start(source, target, [playlist])

    assert scenario.finish(again)["status"] == "completed"
    intended = [track["target_track_id"] for track in scenario.tracks(again)]
    contents = scenario.contents(target, place)
    assert [one for one in contents if one != foreign] == intended
    assert foreign in contents
    scenario.clear_calls()
    once_more = scenario.start(source, target, [playlist])
    assert scenario.finish(once_more)["status"] == "completed"
    written = [name for name in scenario.calls(target) if not name.startswith("GET")]
    assert [name for name in written if "tems" in name] == []


def test_an_order_that_the_person_gave_the_target_stays(scenario: MigrationScenario) -> None:
    videos, tracks = video_ids(well_known(4)), track_ids(well_known(4))
    playlist, first = begin(scenario, "youtube", "spotify", videos[:3])
    target = target_of(scenario, first)
    scenario.replace_contents("spotify", target, [tracks[2], tracks[0], tracks[1]])
    scenario.replace_contents("youtube", playlist, videos)

    again = scenario.start("youtube", "spotify", [playlist])

    assert scenario.finish(again)["status"] == "completed"
    assert scenario.contents("spotify", target) == [tracks[2], tracks[0], tracks[1], tracks[3]]


def test_a_playlist_that_sorts_itself_gets_what_is_new_at_its_end(scenario: MigrationScenario) -> None:
    tracks = ids_on("spotify", 4)
    playlist, first = begin(scenario, "spotify", "youtube", tracks[:3], takes_positions=False)
    videos = scenario.contents("youtube", target_of(scenario, first))
    scenario.replace_contents("spotify", playlist, [tracks[2], tracks[3], tracks[0], tracks[1]])

    again = scenario.start("spotify", "youtube", [playlist])

    assert scenario.finish(again)["status"] == "completed"
    new = scenario.tracks(again)[1]["target_track_id"]
    assert scenario.contents("youtube", target_of(scenario, first)) == [*videos, new]
