"""Kill the worker that moves followed artists, or takes that back."""

from typing import Any

import requests

from benchmarks.crash_points.attempts import Tried, Worker, clear, kill_at_every_point
from benchmarks.crash_points.moving import finish
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, well_known
from tests.support.oauth import link

ARTISTS = 5


def follow_everywhere(scenario: MigrationScenario, worker: Worker, every: int) -> Tried:
    """Move and roll back again and again; compared are status and who is followed after each."""
    scenario.control("spotify", "PUT", "/settings", {"mode": "extended"})
    link(scenario.person, "spotify", follows=True)
    artists = dict.fromkeys(recording.tracks[0].artists[0].id for recording in well_known(ARTISTS))
    answer = requests.put(
        f"{scenario.urls['spotify']}/v1/me/following",
        params={"type": "artist", "ids": ",".join(artists)},
        headers={"Authorization": f"Bearer {scenario.token('spotify')}"},
        timeout=10,
    )
    assert answer.ok, answer.text

    def followed() -> list[str]:
        users = scenario.control("youtube", "GET", "/users")["users"]
        return sorted(next(user["subscriptions"] for user in users if user["id"] == "ada"))

    def one(at: int) -> tuple[Any, bool]:
        clear(scenario, QUEUE)
        body = {"source_provider": "spotify", "target_provider": "youtube", "library": ["artists"]}
        migration_id = int(scenario.person.call("POST", "/v1/migrations", body).json["id"])
        is_killed = worker.attempt(at)
        moved = (finish(scenario, migration_id), followed())
        scenario.act(migration_id, "rollback", 202)
        return (moved, (finish(scenario, migration_id), followed())), is_killed

    tried = kill_at_every_point("followed artists", every, worker, one)
    assert tried.undisturbed[0][1], "nobody was followed"
    scenario.control("spotify", "PUT", "/settings", {"mode": "development"})
    return tried
