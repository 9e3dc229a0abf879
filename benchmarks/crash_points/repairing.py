"""Kill the worker that checks a playlist for what cannot be played, and the one that replaces it."""

from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, deliver_twice, kill_at_every_point
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.sync.pairs import QUEUE

STEPS = ("check", "apply")
PAST_LEASE_S = 140.0
"""More than a lease, and than a write in doubt is waited for."""
ROUNDS = 12
AT_REST = ("proposed", "completed", "failed")


def settle(scenario: MigrationScenario, repair_id: int) -> str:
    """Go on until a repair waits for nobody but its person, every message doubled; gives its status."""
    for _ in range(ROUNDS):
        deliver_twice(scenario, QUEUE, "sync_worker")
        status = str(scenario.person.call("GET", f"/v1/repairs/{repair_id}").json["status"])
        if status in AT_REST:
            return status
        scenario.pass_time(PAST_LEASE_S)
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    return "unfinished"


def repair_everywhere(
    scenario: MigrationScenario, worker: Worker, provider: str, tracks: int, every: int, *, step: str
) -> Tried:
    """Repair one new playlist after the other, the worker killed in one step of it.

    What cannot be played stands in it twice; all other entries have to stay themselves.
    """
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    recordings = well_known(tracks)
    ids = track_ids(recordings) if provider == "spotify" else video_ids(recordings)
    if provider == "spotify":
        scenario.control("spotify", "PUT", f"/tracks/{ids[1]}", {"playable": False})
    else:
        scenario.control("youtube", "PUT", f"/videos/{ids[1]}", {"regions": {"blocked": ["DE"]}})
    person = scenario.person

    def one(at: int) -> tuple[Any, bool]:
        clear(scenario, QUEUE)
        playlist_id = scenario.playlist(provider, [*ids, ids[1]])
        before = set(scenario.places(provider, playlist_id))
        body = {"provider": provider, "playlist_id": playlist_id, "country": "DE"}
        repair_id = person.call("POST", "/v1/repairs", body).json["id"]
        is_killed = False
        for now in STEPS:
            if now == "apply":
                answer = person.call("POST", f"/v1/repairs/{repair_id}/apply", {"entries": [1, 2]})
                assert answer.status == 200, answer.text
            if now == step:
                is_killed = worker.attempt(at)
            status = settle(scenario, repair_id)
        shown = [(place[0], place in before) for place in scenario.places(provider, playlist_id)]
        return (status, shown), is_killed

    tried = kill_at_every_point(f"repairing on {provider}, {step}", every, worker, one)
    status, shown = tried.undisturbed
    assert status == "completed", tried.undisturbed
    assert ids[1] not in [track_id for track_id, _ in shown], tried.undisturbed
    return tried
