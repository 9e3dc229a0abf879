"""Kill the worker that moves a part of a library, or takes that back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks.crash_points.attempts import Tried, Worker, clear, kill_at_every_point
from benchmarks.crash_points.moving import finish
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, well_known
from tests.support.oauth import link

ENTRIES = 5


def follow_everywhere(scenario: MigrationScenario, worker: Worker, every: int) -> Tried:
    """Move followed artists to YouTube again and again."""
    scenario.control("spotify", "PUT", "/settings", {"mode": "extended"})
    link(scenario.person, "spotify", follows=True)
    artists = dict.fromkeys(recording.tracks[0].artists[0].id for recording in well_known(ENTRIES))
    _call(scenario, "PUT", "/me/following", type="artist", ids=",".join(artists))
    tried = _move(scenario, worker, every, kind="artists")
    scenario.control("spotify", "PUT", "/settings", {"mode": "development"})
    return tried


def save_everywhere(scenario: MigrationScenario, worker: Worker, every: int) -> Tried:
    """Move saved albums to TIDAL again and again."""
    _save_albums(scenario)
    return _move(scenario, worker, every, kind="albums")


def make_playlists_everywhere(scenario: MigrationScenario, worker: Worker, every: int) -> Tried:
    """Move saved albums to YouTube, where each becomes a playlist, again and again."""
    _save_albums(scenario)
    before = len(scenario.playlists("youtube"))

    def one(at: int) -> tuple[Any, bool]:
        scenario.sql("DELETE FROM providers.quota_usage")  # Each makes as many playlists as one may a day.
        clear(scenario, QUEUE)
        body = {"source_provider": "spotify", "target_provider": "youtube", "library": ["albums"]}
        migration_id = int(
            scenario.person.call("POST", "/v1/migrations", body | {"as_copy": True}).json["id"]
        )
        is_killed = worker.attempt(at)
        status = finish(scenario, migration_id)
        moved = scenario.moved(migration_id)
        made = [
            (each["source_name"], scenario.contents("youtube", each["target_playlist_id"])) for each in moved
        ]
        more = len(scenario.playlists("youtube")) - before
        for each in moved:
            scenario.delete_playlist(each["target_playlist_id"])
        return (status, made, more), is_killed

    one(0)  # What the first one learns about artists' channels, the others know.
    tried = kill_at_every_point("albums as playlists", every, worker, one)
    assert len(tried.undisturbed[1]) == tried.undisturbed[2] > 1, "no playlists were made"
    return tried


def _save_albums(scenario: MigrationScenario) -> None:
    albums = dict.fromkeys(recording.tracks[0].album.id for recording in well_known(ENTRIES))
    _call(scenario, "PUT", "/me/library", uris=",".join(f"spotify:album:{album_id}" for album_id in albums))


def _call(scenario: MigrationScenario, method: str, path: str, **params: str) -> None:
    answer = requests.request(
        method,
        f"{scenario.urls['spotify']}/v1{path}",
        params=params,
        headers={"Authorization": f"Bearer {scenario.token('spotify')}"},
        timeout=10,
    )
    assert answer.ok, answer.text


def _move(scenario: MigrationScenario, worker: Worker, every: int, *, kind: str) -> Tried:
    """Move and roll back again and again; compared are status and what is in the library after each."""
    target, held = LIBRARY[kind].target, LIBRARY[kind].held

    def library() -> list[str]:
        users = scenario.control(target, "GET", "/users")["users"]
        return sorted(next(user[held] for user in users if user["id"] == "ada"))

    def one(at: int) -> tuple[Any, bool]:
        clear(scenario, QUEUE)
        body = {"source_provider": "spotify", "target_provider": target, "library": [kind]}
        migration_id = int(scenario.person.call("POST", "/v1/migrations", body).json["id"])
        is_killed = worker.attempt(at)
        moved = (finish(scenario, migration_id), library())
        scenario.act(migration_id, "rollback", 202)
        return (moved, (finish(scenario, migration_id), library())), is_killed

    tried = kill_at_every_point(f"{kind} of a library", every, worker, one)
    assert tried.undisturbed[0][1], "nothing was moved"
    return tried


@dataclass(frozen=True)
class Part:
    """A part of a library that is moved."""

    target: str
    held: str
    """What the simulator of the target calls it."""
    move: Callable[[MigrationScenario, Worker, int], Tried]


LIBRARY = {
    "artists": Part("youtube", "subscriptions", follow_everywhere),
    "albums": Part("tidal", "albums", save_everywhere),
    "albums_as_playlists": Part("youtube", "playlists", make_playlists_everywhere),
}
