"""Kill the worker that moves a playlist."""

from datetime import datetime
from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, deliver_twice, kill_at_every_point
from tests.integration.migrations import everywhere
from tests.integration.migrations.scenario import (
    PAST_ALL_LEASES_S,
    QUEUE,
    MigrationScenario,
)

ROUNDS = 30
"""Of passing time, after which a migration that is not done never will be."""


def finish(scenario: MigrationScenario, migration_id: int) -> str:
    """Go on until it has ended, every message doubled; gives the status."""
    for _ in range(ROUNDS):
        deliver_twice(scenario, QUEUE, "migrations_worker")
        status = str(scenario.job(migration_id)["status"])
        if status in ("completed", "failed", "undone"):
            return status
        due = scenario.sql(
            "SELECT min(greatest(due_at, coalesce(lease_until, due_at))) FROM migrations.playlists "
            "WHERE job_id = %s AND status IN ('pending', 'running')",
            migration_id,
        )[0][0]
        assert isinstance(due, datetime)
        scenario.pass_time(max(0.0, (due - scenario.now()).total_seconds()) + PAST_ALL_LEASES_S)
        scenario.dispatch()
    return "unfinished"


def move_everywhere(
    scenario: MigrationScenario, worker: Worker, way: tuple[str, str], tracks: int, every: int
) -> Tried:
    """Move a playlist again and again; compared are status, contents and number of the playlists made."""
    source, target = way
    ids = everywhere.ids(source, everywhere.songs_of(scenario, tracks))
    playlist_id = scenario.playlist(source, [*ids, ids[0]])

    def one(at: int) -> tuple[Any, bool]:
        scenario.clear_matches()
        clear(scenario, QUEUE)
        made_before = len(scenario.playlists(target))
        migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
        is_killed = worker.attempt(at)
        status = finish(scenario, migration_id)
        (moved,) = scenario.moved(migration_id)
        made = moved["target_playlist_id"]
        contents = scenario.contents(target, made) if made else None
        return (status, contents, len(scenario.playlists(target)) - made_before), is_killed

    return kill_at_every_point(f"from {source} to {target}", every, worker, one)
