"""A worker that is killed at any call leaves a migration that ends with the same target."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.integration.migrations.everywhere import EACH_TWICE, ids, songs_of
from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import QUEUE, MigrationScenario

TRACKS = 3
every_provider = pytest.mark.parametrize("way", [*EACH_TWICE, ("youtube", "spotify")], ids="-".join)


def playlist_on(scenario: MigrationScenario, provider: str) -> str:
    songs = ids(provider, songs_of(scenario, TRACKS))
    # The first once more at the end: a worker that thinks in sets would not see whether it is missing.
    return scenario.playlist(provider, [*songs, songs[0]])


def interrupt_every_call(
    scenario: MigrationScenario,
    interruption: Interruption,
    way: tuple[str, str],
    act: Callable[[], None],
    *,
    after: bool,
) -> int:
    """Migrate the same playlist again and again, interrupted one call later each time; gives the points."""
    source, target = way
    scenario.lift_quotas()
    playlist_id = playlist_on(scenario, source)
    points = 0
    while True:
        scenario.clear_matches()
        migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
        playlists = len(scenario.playlists(target))
        interruption.at(points + 1, act, after=after)
        with suppress(Killed):
            scenario.work()
        if interruption.is_pending:
            return points
        points += 1
        job = scenario.finish(migration_id)
        assert job["status"] == "completed", (points, job)
        assert len(scenario.assert_target_is_right(migration_id)) == TRACKS + 1, points
        assert len(scenario.playlists(target)) == playlists + 1, points


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@every_provider
def test_a_worker_killed_at_any_call_loses_and_doubles_nothing(
    everywhere: MigrationScenario, interruption: Interruption, way: tuple[str, str], after: bool
) -> None:
    points = interrupt_every_call(everywhere, interruption, way, kill, after=after)
    # Read, search each track, create, write, verify.
    assert points >= 1 + TRACKS + 3


@every_provider
def test_a_connection_lost_at_any_call_loses_and_doubles_nothing(
    everywhere: MigrationScenario, interruption: Interruption, way: tuple[str, str]
) -> None:
    interrupt_every_call(everywhere, interruption, way, everywhere.cut_connections, after=True)


def test_whoever_has_lost_the_lease_writes_nothing(
    scenario: MigrationScenario, interruption: Interruption
) -> None:
    """One worker is held up in a call for so long that another takes over and ends the migration."""
    migration_id = scenario.start("spotify", "youtube", [playlist_on(scenario, "spotify")])
    (record,) = scenario.harness.messages(QUEUE)
    rows: list[object] = []

    def take_over() -> None:
        scenario.pass_time(120)
        scenario.deliver([record])
        rows.extend(everything(scenario))

    # The eighth call is the first write: read twice, search three times, look up, create, write.
    interruption.at(8, take_over, after=True)
    assert scenario.deliver([record]) == []
    assert rows == everything(scenario)
    assert scenario.job(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == TRACKS + 1


def everything(scenario: MigrationScenario) -> list[object]:
    return [
        *scenario.sql("SELECT * FROM migrations.jobs ORDER BY id"),
        *scenario.sql("SELECT * FROM migrations.playlists ORDER BY id"),
        *scenario.sql("SELECT * FROM migrations.tracks ORDER BY id"),
    ]
