"""Check a playlist for what cannot be played and replace it, and kill the workers that do."""

from dataclasses import dataclass
from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, deliver_twice, kill_at_every_point
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.sync.pairs import QUEUE

STEPS = ("check", "apply")
PAST_LEASE_S = 140.0
"""More than a lease, and than a write in doubt is waited for."""
ROUNDS = 12
AT_REST = ("proposed", "completed", "failed")


@dataclass
class Repairing:
    """A playlist in which what cannot be played stands twice; all other entries have to stay themselves."""

    scenario: MigrationScenario
    provider: str
    dead: str
    playlist_id: str
    before: set[tuple[str, str]]
    repair_id: int = 0
    is_applied: bool = False

    @classmethod
    def prepare(cls, scenario: MigrationScenario, provider: str, tracks: int, skip: int = 0) -> "Repairing":
        """Make the playlist, of songs behind so many that stand in others' playlists."""
        recordings = well_known(tracks, skip)
        ids = track_ids(recordings) if provider == "spotify" else video_ids(recordings)
        playlist_id = scenario.playlist(provider, [*ids, ids[1]])
        before = set(scenario.places(provider, playlist_id))
        return cls(scenario, provider, ids[1], playlist_id, before)

    def lose(self) -> None:
        """Let the provider not play it any more, whoever's playlists it stands in."""
        if self.provider == "spotify":
            self.scenario.control("spotify", "PUT", f"/tracks/{self.dead}", {"playable": False})
        else:
            blocked = {"regions": {"blocked": ["DE"]}}
            self.scenario.control("youtube", "PUT", f"/videos/{self.dead}", blocked)

    def order(self) -> None:
        """Ask for the check."""
        body = {"provider": self.provider, "playlist_id": self.playlist_id, "country": "DE"}
        answer = self.scenario.person.call("POST", "/v1/repairs", body)
        assert answer.status == 202, answer.text
        self.repair_id = answer.json["id"]

    def apply(self) -> None:
        """Order that both entries are replaced."""
        path = f"/v1/repairs/{self.repair_id}/apply"
        answer = self.scenario.person.call("POST", path, {"entries": [1, 2]})
        assert answer.status == 200, answer.text
        self.is_applied = True

    @property
    def status(self) -> str:
        """How it stands."""
        return str(self.scenario.person.call("GET", f"/v1/repairs/{self.repair_id}").json["status"])

    def proceed(self) -> bool:
        """Order what comes next, as its person does; give whether it has ended."""
        status = self.status
        if status not in AT_REST:
            return False
        if status == "completed":
            return True
        if status == "proposed" or self.is_applied:
            self.apply()  # A write that failed is ordered once more.
        else:
            self.order()
        return False

    def outcome(self) -> Any:
        """The status, and what the playlist holds, each with whether it stood there before."""
        places = self.scenario.places(self.provider, self.playlist_id)
        return self.status, [(place[0], place in self.before) for place in places]


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
    """Repair one new playlist after the other, the worker killed in one step of it."""
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    dead = ""

    def one(at: int) -> tuple[Any, bool]:
        nonlocal dead
        clear(scenario, QUEUE)
        repairing = Repairing.prepare(scenario, provider, tracks)
        repairing.lose()
        dead, is_killed = repairing.dead, False
        repairing.order()
        for now in STEPS:
            if now == "apply":
                repairing.apply()
            if now == step:
                is_killed = worker.attempt(at)
            status = settle(scenario, repairing.repair_id)
        return (status, repairing.outcome()[1]), is_killed

    tried = kill_at_every_point(f"repairing on {provider}, {step}", every, worker, one)
    status, shown = tried.undisturbed
    assert status == "completed", tried.undisturbed
    assert dead not in [track_id for track_id, _ in shown], tried.undisturbed
    return tried
