"""Kill the worker at every point of moving followed artists: a part of ``benchmarks.crash_recovery``."""

import sys
from collections.abc import Callable
from typing import Any

import requests

from tests.integration.migrations.scenario import MigrationScenario, well_known
from tests.support.oauth import link

ARTISTS = 5


def everywhere(
    scenario: MigrationScenario,
    attempt: Callable[[int], dict[str, Any]],
    finish: Callable[[int], str],
    every: int,
) -> tuple[int, dict[int, Any]]:
    """Give the points, and what came out wrong.

    Args:
        scenario: Somebody with both accounts.
        attempt: Lets a worker work until it dies at a point; 0: it does not.
        finish: Goes on until a migration has ended, and gives its status.
        every: Which points are tried.
    """
    scenario.control("spotify", "PUT", "/settings", {"mode": "extended"})
    _sign_in(scenario)
    link(scenario.person, "spotify", follows=True)
    artists = dict.fromkeys(recording.tracks[0].artists[0].id for recording in well_known(ARTISTS))
    answer = requests.put(
        f"{scenario.urls['spotify']}/v1/me/following",
        params={"type": "artist", "ids": ",".join(artists)},
        headers={"Authorization": f"Bearer {scenario.token('spotify')}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    expected, total = _run(scenario, attempt, finish, 0)
    assert expected[0][1], "nobody was followed"
    different: dict[int, Any] = {}
    points = 0
    for at in range(1, total + 1, every):
        outcome, _ = _run(scenario, attempt, finish, at)
        points += 1
        if outcome != expected:
            different[at] = outcome
        print(f"\rfollowed artists: point {at} of {total}, {len(different)} different", end="",
              file=sys.stderr, flush=True)  # fmt: skip
    print(file=sys.stderr)
    scenario.control("spotify", "PUT", "/settings", {"mode": "development"})
    return points, different


def _run(
    scenario: MigrationScenario,
    attempt: Callable[[int], dict[str, Any]],
    finish: Callable[[int], str],
    at: int,
) -> tuple[Any, int]:
    """Move and roll back; gives status and who was followed after each, and the points passed."""
    _sign_in(scenario)
    body = {"source_provider": "spotify", "target_provider": "youtube", "library": ["artists"]}
    migration_id = int(scenario.person.call("POST", "/v1/migrations", body).json["id"])
    attempted = attempt(at)
    moved = (finish(migration_id), _followed(scenario))
    _sign_in(scenario)
    scenario.act(migration_id, "rollback", 202)
    return (moved, (finish(migration_id), _followed(scenario))), int(attempted["points"])


def _followed(scenario: MigrationScenario) -> list[str]:
    users = scenario.control("youtube", "GET", "/users")["users"]
    return sorted(next(user["subscriptions"] for user in users if user["id"] == "ada"))


def _sign_in(scenario: MigrationScenario) -> None:
    person = scenario.person
    answer = scenario.harness.call(
        "POST", "/v1/auth/login", {"email": person.email, "password": person.password}
    )
    assert answer.status in (200, 201), answer.text
    person.token = answer.json["token"]
