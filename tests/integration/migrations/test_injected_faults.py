"""Everything goes wrong at once, for a while: nearly a third of all calls, messages and the database too."""

import json
import random
from typing import Any

import pytest

from tests.integration.migrations.scenario import (
    PAST_ALL_LEASES_S,
    QUEUE,
    MigrationScenario,
    track_ids,
    video_ids,
    well_known,
)
from tests.support.postgres import sql, url_for

EACH = 0.06
"""The share of calls that each of five faults strikes."""
FAULTS: dict[str, list[dict[str, Any]]] = {
    "spotify": [
        {"as": "burst"},
        {"as": "server_error"},
        {"as": "server_error", "applied": True},
        {"kind": "close"},
        {"kind": "close", "applied": True},
    ],
    "youtube": [
        {"as": "user_rate_limit"},
        {"as": "conflict"},
        {"as": "conflict", "applied": True},
        {"as": "server_error", "applied": True},
        {"kind": "close"},
    ],
}
PATHS = {
    "spotify": [
        "GET /v1/search", "POST /v1/me/playlists", "GET /v1/playlists/{playlist_id}",
        "GET /v1/playlists/{playlist_id}/items", "POST /v1/playlists/{playlist_id}/items",
    ],
    "youtube": [
        "GET /youtube/v3/search", "GET /youtube/v3/videos", "GET /youtube/v3/playlists",
        "POST /youtube/v3/playlists", "GET /youtube/v3/playlistItems", "POST /youtube/v3/playlistItems",
    ],
}  # fmt: skip


def cut_connections(scenario: MigrationScenario) -> None:
    """What a restart of the database does to those who use it."""
    sql(
        url_for(scenario.harness.database_url, role="mc_migrations"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = 'mc_migrations' AND datname = current_database() AND pid <> pg_backend_pid()",
    )


@pytest.mark.parametrize("source", ["spotify", "youtube"])
def test_a_storm_ends_with_the_right_playlist(scenario: MigrationScenario, source: str) -> None:
    chance = random.Random(20261122)
    target = "youtube" if source == "spotify" else "spotify"
    scenario.lift_quotas()
    recordings = well_known(9)
    ids = track_ids(recordings) if source == "spotify" else video_ids(recordings)
    migration_id = scenario.start(source, target, [scenario.playlist(source, [*ids, ids[0]])])
    for provider, paths in PATHS.items():
        for endpoint in paths:
            for fault in FAULTS[provider]:
                scenario.fault(provider, endpoint, times=None, probability=EACH, **fault)
    seen: list[dict[str, Any]] = []
    for turn in range(150):
        seen += scenario.harness.messages(QUEUE)
        scenario.work()
        chance.shuffle(seen)
        scenario.harness.invoke("migrations_worker", {"Records": seen[:4]})
        if turn in (3, 9):
            cut_connections(scenario)
        job = scenario.job(migration_id)
        if job["status"] in ("completed", "failed"):
            break
        scenario.pass_time(PAST_ALL_LEASES_S)
        scenario.dispatch()
    scenario.clear_faults()
    assert job["status"] == "completed", json.dumps(job, indent=2)
    assert len(scenario.assert_target_is_right(migration_id)) == 10
