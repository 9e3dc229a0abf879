"""Everything goes wrong at once, for a while: nearly a third of all calls, messages and the database too."""

import json
import random
from typing import Any

import pytest

from tests.integration.migrations.everywhere import EACH_TWICE, ids, known
from tests.integration.migrations.scenario import PAST_ALL_LEASES_S, QUEUE, MigrationScenario

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
    "tidal": [
        {"as": "rate_limited"},
        {"as": "in_progress"},
        {"as": "server_error", "applied": True},
        {"kind": "close"},
        {"kind": "close", "applied": True},
    ],
    "listenbrainz": [
        {"as": "rate_limited"},
        {"as": "unavailable"},
        {"as": "server_error", "applied": True},
        {"kind": "close"},
        {"kind": "close", "applied": True},
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
    "tidal": [
        "GET /v2/tracks", "GET /v2/searchResults", "POST /v2/playlists", "GET /v2/playlists/{id}",
        "GET /v2/playlists/{id}/relationships/items", "POST /v2/playlists/{id}/relationships/items",
    ],
    "listenbrainz": [
        "GET /ws/2/isrc/{isrc}", "POST /1/metadata/lookup/", "POST /1/metadata/recording/",
        "POST /1/playlist/create", "GET /1/playlist/{mbid}", "POST /1/playlist/{mbid}/item/add",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("source", "target"), [*EACH_TWICE, ("youtube", "spotify")])
def test_faults_of_all_kinds_at_once_end_with_the_right_playlist(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    chance, scenario = random.Random(20261122), everywhere
    known_ids = ids(source, known()[:9])
    migration_id = scenario.start(source, target, [scenario.playlist(source, [*known_ids, known_ids[0]])])
    for provider in (source, target):
        for endpoint in PATHS[provider]:
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
