"""Repairs on TIDAL, whose ids die while the recording stays."""

from collections.abc import Iterator

import pytest

from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.migrations.scenario import MigrationScenario, catalogue, well_known
from tests.integration.sync.pairs import Pairs
from tests.integration.sync.repairs import Repairs
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner


@pytest.fixture
def repairs(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, tidal_url: str, shifted_clock: ShiftedClock
) -> Iterator[Repairs]:
    """Repairs of a person with all three accounts."""
    urls = {"spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url}
    scenario = MigrationScenario(harness, urls, shifted_clock)
    scenario.begin()
    scenario.lift_quotas()
    scenario.control("tidal", "PUT", "/settings", {"access_token_seconds": 3600})
    pairs = Pairs(scenario)
    pairs.clear()
    yield Repairs(scenario, pairs)
    pairs.clear()
    scenario.end()


def test_an_id_that_died_gives_way_to_the_recordings_new_one(repairs: Repairs) -> None:
    scenario = repairs.scenario
    on_tidal = TidalCatalogue(catalogue()).of_spotify
    songs = [one.tracks[0].id for one in well_known(40) if one.tracks[0].id in on_tidal][:3]
    source = scenario.playlist("spotify", songs)
    migration_id = scenario.start("spotify", "tidal", [source])
    assert scenario.finish(migration_id)["status"] == "completed"
    playlist = scenario.moved(migration_id)[0]["target_playlist_id"]
    before = scenario.contents("tidal", playlist)
    new = scenario.control("tidal", "POST", f"/tracks/{before[1]}/churn", {})["id"]

    repair = repairs.checked("tidal", playlist)

    (entry,) = repairs.entries(repair["id"])
    assert (entry["cause"], entry["position"], entry["known_by"]) == ("unavailable", 1, "migration")
    assert (entry["proposal"]["track_id"], entry["proposal"]["is_sure"]) == (new, True)

    done = repairs.apply(repair["id"])

    assert (done["counts"]["replaced"], done["price"]) == (1, 0)
    assert scenario.contents("tidal", playlist) == [before[0], new, before[2]]
    assert repairs.checked("tidal", playlist)["code"] == "nothing-dead"
    repairs.post(repair["id"], "undo")
    repairs.work()
    assert repairs.get(repair["id"])["status"] == "undone"
    assert new not in scenario.contents("tidal", playlist)
