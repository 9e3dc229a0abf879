"""Kill the worker that gives a track of a written playlist another counterpart."""

from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, kill_at_every_point
from benchmarks.crash_points.moving import finish
from musicconnect.providers import registry
from tests.integration.migrations import everywhere
from tests.integration.migrations.scenario import QUEUE, MigrationScenario

CHOSEN = "chosen"
"""Stands for the counterpart of the run at hand: two take turns."""


def mend_everywhere(
    scenario: MigrationScenario, worker: Worker, way: tuple[str, str], tracks: int, every: int
) -> Tried:
    """Put another counterpart at the second place, over and over; all others have to stay themselves."""
    source, target = way
    entry = registry.get(target)
    scenario.clear_matches()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    recordings = everywhere.songs_of(scenario, tracks + 2)
    ids = everywhere.ids(source, recordings)
    others = everywhere.ids(target, recordings[-2:])
    clear(scenario, QUEUE)
    playlist_id = scenario.playlist(source, ids[:tracks])
    migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
    finish(scenario, migration_id)
    (moved,) = scenario.moved(migration_id)
    runs = 0

    def one(at: int) -> tuple[Any, bool]:
        nonlocal runs
        runs += 1
        chosen = others[runs % 2]
        clear(scenario, QUEUE)
        track = scenario.tracks(migration_id)[1]
        link = {"link": entry.address(entry.item_types[0], chosen)}
        scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, link)
        is_killed = worker.attempt(at)
        status = finish(scenario, migration_id)
        places = scenario.places(target, moved["target_playlist_id"])
        shown = [(CHOSEN, "") if track_id == chosen else (track_id, place) for track_id, place in places]
        return (status, shown), is_killed

    tried = kill_at_every_point(f"mending from {source} on {target}", every, worker, one)
    assert CHOSEN in [track_id for track_id, _ in tried.undisturbed[1]], tried.undisturbed
    return tried
