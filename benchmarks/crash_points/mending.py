"""Give a track of a written playlist another counterpart, and kill the worker that does it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, kill_at_every_point
from benchmarks.crash_points.moving import finish
from musicconnect.providers import registry
from tests.integration.migrations import everywhere
from tests.integration.migrations.scenario import QUEUE, MigrationScenario

CHOSEN = "chosen"
"""Stands for the counterpart of the run at hand: two take turns."""


@dataclass
class Mending:
    """A written playlist of whose second track another counterpart is chosen, over and over."""

    scenario: MigrationScenario
    target: str
    migration_id: int
    playlist_id: str
    others: Sequence[str]
    """What is chosen in turn."""
    runs: int = 0
    before: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def prepare(
        cls, scenario: MigrationScenario, way: tuple[str, str], tracks: int, skip: int = 0
    ) -> "Mending":
        """Move a playlist, of songs behind so many: what is chosen for one counts wherever it stands."""
        source, target = way
        recordings = everywhere.songs_of(scenario, skip + tracks + 2)[skip:]
        playlist_id = scenario.playlist(source, everywhere.ids(source, recordings)[:tracks])
        migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
        finish(scenario, migration_id)
        (moved,) = scenario.moved(migration_id)
        others = everywhere.ids(target, recordings[-2:])
        return cls(scenario, target, migration_id, moved["target_playlist_id"], others)

    def order(self) -> None:
        """Choose the next counterpart."""
        self.runs += 1
        self.before = set(self.scenario.places(self.target, self.playlist_id))
        entry = registry.get(self.target)
        track = self.scenario.tracks(self.migration_id)[1]
        link = {"link": entry.address(entry.item_types[0], self._chosen)}
        self.scenario.act(self.migration_id, f"tracks/{track['id']}/resolve", 202, link)

    def proceed(self) -> bool:
        """Have it tried again where it failed, as its person does; give whether it has ended."""
        status = self.scenario.job(self.migration_id)["status"]
        if status == "failed":
            self.scenario.act(self.migration_id, "retry", 202)
        return status == "completed"

    def outcome(self) -> Any:
        """The status, and what the playlist holds, each with whether it stood there before."""
        places = self.scenario.places(self.target, self.playlist_id)
        shown = [(CHOSEN if place[0] == self._chosen else place[0], place in self.before) for place in places]
        return self.scenario.job(self.migration_id)["status"], shown

    @property
    def _chosen(self) -> str:
        return self.others[self.runs % len(self.others)]


def mend_everywhere(
    scenario: MigrationScenario, worker: Worker, way: tuple[str, str], tracks: int, every: int
) -> Tried:
    """Put another counterpart at the second place, over and over; all others have to stay themselves."""
    source, target = way
    scenario.clear_matches()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    clear(scenario, QUEUE)
    mending = Mending.prepare(scenario, way, tracks)

    def one(at: int) -> tuple[Any, bool]:
        clear(scenario, QUEUE)
        mending.order()
        is_killed = worker.attempt(at)
        finish(scenario, mending.migration_id)
        return mending.outcome(), is_killed

    tried = kill_at_every_point(f"mending from {source} on {target}", every, worker, one)
    assert CHOSEN in [track_id for track_id, _ in tried.undisturbed[1]], tried.undisturbed
    return tried
