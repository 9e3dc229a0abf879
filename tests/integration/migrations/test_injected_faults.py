"""Everything goes wrong at once, for a while: nearly a third of all calls, messages and the database too."""

import json
import random
from typing import Any

import pytest

from tests.integration.migrations.scenario import PAST_ALL_LEASES_S, QUEUE, WAYS, MigrationScenario, ids_on

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


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_faults_of_all_kinds_at_once_end_with_the_right_playlist(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    chance = random.Random(20261122)
    scenario.lift_quotas()
    ids = ids_on(source, 9)
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
        scenario.deliver(seen[:4])
        if turn in (3, 9):
            scenario.cut_connections()
        job = scenario.job(migration_id)
        if job["status"] in ("completed", "failed", "undone"):
            break
        scenario.pass_time(PAST_ALL_LEASES_S)
        scenario.dispatch()
    scenario.clear_faults()
    assert job["status"] == "completed", json.dumps(job, indent=2)
    assert len(scenario.assert_target_is_right(migration_id)) == 10
