"""Runs that are undone: what is left is what the person did, and nothing else."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES
from tests.support.pair_twin import SONGS, PairTwin, song, started
from tests.unit.sync.test_invariants import Providers, each_history, providers

__all__ = ["providers"]

pytestmark = pytest.mark.histories

HISTORIES = 1_000 // 3 + 1
"""Of each of three kinds of pair."""
MAX_RUNS = 5


@dataclass
class NeverRun:
    """What both sides would hold and be called if no run had ever written, by what their person did alone."""

    pair: PairTwin
    songs: tuple[Counter[str], Counter[str]] = field(init=False)
    """Of each side: how often the person put a song in more than took it out. It is never there twice."""
    order: list[list[str]] = field(init=False)
    """Of each side: what stood there, apart from what its person has put in anew."""
    called: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.order = [self.pair.songs(side) for side in SIDES]
        self.songs = (Counter(self.order[LEFT]), Counter(self.order[RIGHT]))
        self.called = [(twin.title, twin.description) for twin in self.pair.twins]

    def edit(self, rng: random.Random, *, can_move: bool) -> None:
        """Let the person edit a side or two, its name too; no song twice, so that it is known whose it is."""
        for side in rng.choice(((LEFT,), (RIGHT,), SIDES)):
            for _ in range(rng.randint(0, 3)):
                self._edit_songs(rng, side, rng.choice("iidm" if can_move else "iid"))
            if rng.random() < 0.3:
                self._rename(rng, side)

    def _edit_songs(self, rng: random.Random, side: int, kind: str) -> None:
        twin, shown = self.pair.twins[side], self.pair.songs(side)
        # Spotify names no places: what we put in and a person takes out and puts in again is ours to it.
        has_places = not twin.limits.removes_by_track
        free = [
            name for name in SONGS if name not in shown and (has_places or not self._was_ours(side, name))
        ]
        if kind == "i" and free:
            name = rng.choice(free)
            twin.insert(f"{name}/{side}/0", rng.randint(0, len(twin.places)))
            self.songs[side][name] += 1
            self.order[side] = [one for one in self.order[side] if one != name]  # It has a new place.
        elif kind == "d" and shown:
            name = song(twin.places.pop(rng.randrange(len(shown))).track_id)
            self.songs[side][name] = max(0, self.songs[side][name] - 1)
        elif kind == "m" and shown:
            twin.places.insert(rng.randrange(len(shown)), twin.places.pop(rng.randrange(len(shown))))

    def _was_ours(self, side: int, name: str) -> bool:
        return any(
            one.track_id == f"{name}/{side}/0" for sets in self.pair.sets for one in sets[side].operations
        )

    def _rename(self, rng: random.Random, side: int) -> None:
        twin = self.pair.twins[side]
        name, description = self.called[side]
        if rng.random() < 0.5:
            twin.title = name = f"Name {rng.randrange(10**9)}"
        else:
            twin.description = description = f"Text {rng.randrange(10**9)}"
        self.called[side] = (name, description)


def undone(rng: random.Random, providers: Providers, *, can_move: bool) -> NeverRun:
    """Undo the last runs of a random history, some of which the person edited after."""
    pair = started(rng, providers=providers)
    for _ in range(rng.randint(0, 2)):
        NeverRun(pair).edit(rng, can_move=can_move)
        pair.round()
    expected, count = NeverRun(pair), rng.randint(1, MAX_RUNS)
    for _ in range(count):
        expected.edit(rng, can_move=can_move)
        pair.round()
    if rng.random() < 0.5:
        expected.edit(rng, can_move=can_move)
    pair.undo(pair.sets[: -count - 1 : -1])
    return expected


@pytest.mark.parametrize("can_move", [False, True])
def test_4_undoing_the_last_runs_leaves_what_the_person_did_and_nothing_else(
    providers: Providers, can_move: bool
) -> None:
    def check(rng: random.Random, _: int) -> None:
        expected = undone(rng, providers, can_move=can_move)
        pair = expected.pair
        for side in SIDES:
            assert sorted(pair.songs(side)) == sorted(+expected.songs[side]), side
            assert (pair.twins[side].title, pair.twins[side].description) == expected.called[side], side
            if not can_move:
                kept = [name for name in expected.order[side] if expected.songs[side][name]]
                assert [name for name in pair.songs(side) if name in kept] == kept, side

    _each(check)


def _each(check: Callable[[random.Random, int], None]) -> None:
    each_history(check, HISTORIES)
