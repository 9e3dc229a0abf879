"""Two playlists in memory that the engine keeps in step: songs by letters, as scenarios are written."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from musicconnect.changes.applier import Applied, Applier, Waiting
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, entries
from musicconnect.changes.undo import UNDONE, plan_undo
from musicconnect.platform import clock
from musicconnect.providers.protocol import Limits
from musicconnect.sync import names
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.merge import merge
from musicconnect.sync.merge.plan import operations_of, record, record_undo, verify
from musicconnect.sync.merge.result import Merged
from musicconnect.sync.merge.settings import Settings
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, PairState
from musicconnect.sync.names import Named
from tests.support.playlist_twin import Killed, MemoryJournal, Place, PlaylistTwin

SONGS = "ABCDEFGHIJKL"


def song(track_id: str) -> str:
    return track_id.split("/", maxsplit=1)[0]


NAMES = {
    (side, f"{name}/{side}/{release}"): (name, "") for side in SIDES for name in SONGS for release in (0, 1)
}
"""By side and track: title and artist of every release of every song."""


@dataclass
class World:
    """Which track stands for a song on a side: ``A/0/0``, or another release of it, ``A/0/1``."""

    without: set[tuple[int, str]] = field(default_factory=set)
    """Side and song: it has no counterpart there."""
    shared: dict[tuple[int, str], str] = field(default_factory=dict)
    """Side and song: it is another song's track there."""
    dead: set[str] = field(default_factory=set)
    rules: tuple[dict[str, str | None], dict[str, str | None]] = field(default_factory=lambda: ({}, {}))
    """Of each side: what the person has decided about tracks."""
    _known: list[list[str | None]] = field(init=False, repr=False, default_factory=list)
    """Of each side: the tracks of all songs when counterparts were last made."""
    _counterparts: list[dict[str, str | None]] = field(init=False, repr=False, default_factory=list)

    def track(self, side: int, name: str) -> str | None:
        if (side, name) in self.without:
            return None
        return f"{self.shared.get((side, name), name)}/{side}/0"

    def matches(self) -> Matches:
        known = [[self.track(side, name) for name in SONGS] for side in SIDES]
        if known != self._known:
            self._known = known
            self._counterparts = [
                {
                    f"{name}/{side}/{release}": other
                    for name, other in zip(SONGS, known[1 - side], strict=True)
                    for release in (0, 1)
                }
                for side in SIDES
            ]
        left, right = ({**self._counterparts[side], **self.rules[side]} for side in SIDES)
        dead = frozenset(self.dead)
        return Matches((left, right), names=NAMES, dead=(dead, dead), rules=self.rules)


@dataclass
class PairTwin:
    """A pair with everything a run does to it, but for the network."""

    world: World = field(default_factory=World)
    settings: Settings = field(default_factory=lambda: Settings(looks=1))
    providers: tuple[str, str] = ("youtube", "youtube")
    twins: tuple[PlaylistTwin, PlaylistTwin] = field(init=False)
    state: PairState = field(default_factory=PairState)
    now: datetime = field(default_factory=clock.now)
    written: list[Counter[str]] = field(default_factory=lambda: [Counter(), Counter()])
    last: Merged | None = None
    sets: list[tuple[ChangeSet, ChangeSet]] = field(default_factory=list)
    hidden: list[set[str]] = field(default_factory=lambda: [set(), set()])
    """Places that a side's lists do not show yet."""

    def __post_init__(self) -> None:
        self.twins = (PlaylistTwin.of(self.providers[0], []), PlaylistTwin.of(self.providers[1], []))

    def show(self, side: int) -> str:
        twin = self.twins[side]
        names = ((song(place.track_id), place.is_available) for place in twin.places)
        return " ".join(name if is_available else f"({name})" for name, is_available in names)

    def songs(self, side: int) -> list[str]:
        return [song(place.track_id) for place in self.twins[side].places]

    def fill(self, side: int, names: Iterable[str]) -> None:
        for name in names:
            track_id = self.world.track(side, name)
            if track_id is not None:
                self.twins[side].insert(track_id)

    def arrange(self, side: int, text: str) -> None:
        """Make a side what a scenario says; see `test_scenarios`."""
        twin = self.twins[side]
        pool: dict[str, list[Place]] = {}
        for place in twin.places:
            pool.setdefault(song(place.track_id), []).append(place)
        twin.places = []
        made: list[Place] = []
        for word in text.split():
            name, mark = word.strip("()")[0], word.strip("()")[1:]
            if mark == "*" or not pool.get(name):
                if mark == "*" and pool.get(name):
                    pool[name].pop(0)
                twin.insert(self.world.track(side, name) or f"{name}/{side}/0")
                place = twin.places.pop()
            else:
                place = pool[name].pop(min(int(mark) - 1 if mark.isdigit() else 0, len(pool[name]) - 1))
            if mark == "~":
                place.track_id = f"{name}/{side}/1"
            place.is_available = not word.startswith("(")
            made.append(place)
        twin.places = made

    def look(self, side: int) -> list[Entry]:
        twin, places = self.twins[side], self.twins[side].places
        twin.places = [place for place in places if place.item_id not in self.hidden[side]]
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = twin.playlist_items("P", cursor)
            items += page.items
            cursor = page.cursor
            if cursor is None:
                twin.places = places
                return entries(items)

    def round(
        self,
        *,
        looks: tuple[list[Entry], list[Entry]] | None = None,
        settings: Settings | None = None,
        kills: Sequence[tuple[int, bool]] = (),
        is_verified: bool = True,
        meanwhile: Callable[[], None] | None = None,
        minutes: int = 60,
    ) -> int:
        """Do one run; gives how many operations it planned."""
        self.now += timedelta(minutes=minutes)
        settings = settings or self.settings
        seen = looks or (self.look(LEFT), self.look(RIGHT))
        merged = merge(self.state, seen, self.world.matches(), settings, self.now)
        self.last = merged
        planned = operations_of(merged, seen, settings)
        shown = self._shown()
        wanted = names.plan([Named(*one) for one in self.state.names], shown, settings.mode, self._limits())
        for side, named in wanted.items():
            number = len(planned[side]) + 1
            planned[side].append(names.operation(number, named, shown[side], names.RENAMED))
        self.state = PairState.from_json(merged.state.to_json())
        if meanwhile is not None:
            meanwhile()
        kills, done = list(kills), []
        for side in SIDES:
            self.written[side] = Counter(one.kind.value for one in planned[side])
            done.append(self._write(side, seen[side], planned[side], kills))
        self.sets.append((done[0], done[1]))
        self.state.names = [(one.name, one.description) for one in shown]
        for side in wanted:
            self.state.names[side] = (self.twins[side].title, self.twins[side].description)
        if is_verified:
            verify(self.state, (self.look(LEFT), self.look(RIGHT)))
        return len(planned[LEFT]) + len(planned[RIGHT])

    def undo(self, runs: Sequence[tuple[ChangeSet, ChangeSet]]) -> tuple[ChangeSet, ChangeSet]:
        """Undo runs, given with the latest first, as an undo's run does; gives what that wrote."""
        done = []
        for side in SIDES:
            seen = self.look(side)
            operations = plan_undo([run[side] for run in runs], seen)
            shown = self._shown()[side]
            if (named := names.plan_undo([run[side] for run in runs], shown)) is not None:
                operations.append(names.operation(len(operations) + 1, named, shown, UNDONE))
            written = self._apply(side, seen, operations, [])
            record_undo(self.state, side, written[0], written[1])
            done.append(written[0])
        verify(self.state, (self.look(LEFT), self.look(RIGHT)))
        self.sets.append((done[0], done[1]))
        if any(one.kind is Kind.MOVE for change_set in done for one in change_set.operations):
            self.settings = replace(self.settings, is_order_kept=(False, False))
        return self.sets[-1]

    def _shown(self) -> list[Named]:
        return [Named(twin.title, twin.description) for twin in self.twins]

    def _limits(self) -> list[Limits]:
        return [twin.limits for twin in self.twins]

    def _write(
        self,
        side: int,
        before: Sequence[Entry],
        operations: Sequence[Operation],
        kills: list[tuple[int, bool]],
    ) -> ChangeSet:
        written, listed = self._apply(side, before, operations, kills)
        record(self.state, side, written.operations, listed)
        return written

    def _apply(
        self,
        side: int,
        before: Sequence[Entry],
        operations: Sequence[Operation],
        kills: list[tuple[int, bool]],
    ) -> tuple[ChangeSet, Sequence[Entry]]:
        twin = self.twins[side]
        journal = MemoryJournal({one.number: one for one in operations})
        planned = ChangeSet(
            id=1, user_id=1, provider=twin.name, playlist_id="P", before=before, operations=operations
        )
        if not operations:
            return planned, before
        while True:
            if kills and twin.kill_at is None:
                twin.kill_at, twin.kill_after = kills.pop()
            current = replace(planned, operations=[journal.operations[one.number] for one in operations])
            try:
                outcome = Applier(cast("Any", twin), journal, current).run()
            except Killed:
                continue
            if isinstance(outcome, Waiting):
                age = outcome.until - clock.now() + timedelta(seconds=1)
                journal.operations = {
                    number: replace(one, intended_at=one.intended_at and one.intended_at - age)
                    for number, one in journal.operations.items()
                }
                continue
            assert isinstance(outcome, Applied)
            twin.kill_at = None
            return outcome.change_set, outcome.listed


def started(
    rng: random.Random,
    *,
    providers: tuple[str, str],
    has_copies: bool = False,
    settings: Settings | None = None,
    world: World | None = None,
    count: int = 8,
) -> PairTwin:
    """Make a pair that is in step."""
    pair = PairTwin(world or World(), settings or Settings(looks=1), providers)
    names = [rng.choice(SONGS) for _ in range(count)] if has_copies else rng.sample(SONGS, count)
    pair.fill(LEFT, names)
    pair.fill(RIGHT, names)
    pair.round()
    return pair


def edit(
    rng: random.Random, pair: PairTwin, side: int, kinds: str = "iidmm", songs: str = SONGS, most: int = 4
) -> tuple[Counter[str], Counter[str]]:
    """Edit a side at random as a person does; gives what was put in and taken out, net."""
    twin = pair.twins[side]
    before = {place.item_id: song(place.track_id) for place in twin.places}
    for _ in range(rng.randint(0, most)):
        kind = rng.choice(kinds)
        if kind == "i" and (track_id := pair.world.track(side, rng.choice(songs))):
            twin.insert(track_id, rng.randint(0, len(twin.places)))
        elif kind == "d" and twin.places:
            twin.places.pop(rng.randrange(len(twin.places)))
        elif kind == "m" and twin.places:
            place = twin.places.pop(rng.randrange(len(twin.places)))
            twin.places.insert(rng.randint(0, len(twin.places)), place)
    after = {place.item_id: song(place.track_id) for place in twin.places}
    put_in = Counter(name for item, name in after.items() if item not in before)
    taken_out = Counter(name for item, name in before.items() if item not in after)
    return put_in, taken_out
