"""Bring a pair of playlists in step, or take a run back, in each mode, and kill the worker that does it."""

import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.crash_points.attempts import Tried, Worker, clear, deliver_twice, kill_at_every_point
from tests.integration.migrations.scenario import MigrationScenario
from tests.integration.sync.pairs import QUEUE, Pairs

PAST_LEASE_S = 140.0
"""More than a lease, than the wait for a lost message, and than a write in doubt is waited for."""
ROUNDS = 12
AT_ONCE = 40
"""Pairs that are brought in step together before the first of them is tried."""
BASE, LEFT, FOREIGN = "ABCDE", "FEABD", "G"
"""Songs of both sides; of the left one once its person has put one in, taken one out and moved one; and what
they put into the right one, which a run of one way leaves alone."""
IN_STEP = {
    "two_way": ("FEABDG", "FEABDG"),
    "mirror": ("FEABD", "FEABDG"),
    "add_only": ("FEABD", "FABCDEG"),
}
"""What both sides show in the end, by mode."""
NAME, DESCRIPTION = "Night drive", "Windows down."
"""What the person calls the pair: both on the left side, or in two ways the description on the right one."""


@dataclass
class Prepared:
    """A pair in step."""

    id: int
    left: str
    right: str


@dataclass
class Stock:
    """Pairs in step that nothing was done to yet; made many at a time, since each takes two runs."""

    pairs: Pairs
    mode: str
    schedule: str = "by_hand"
    at_once: int = AT_ONCE
    made: list[Prepared] = field(default_factory=list)

    def take(self) -> Prepared:
        """Give one."""
        if not self.made:
            self._make()
        return self.made.pop()

    def _make(self) -> None:
        scenario, person = self.pairs.scenario, self.pairs.scenario.person
        clear(scenario, QUEUE)
        items = [
            {
                side: {"provider": provider, "playlist_id": self.pairs.playlist(provider, BASE, "Drive")}
                for side, provider in zip(("left", "right"), self.pairs.sides, strict=True)
            }
            | {"mode": self.mode, "schedule": self.schedule}
            for _ in range(self.at_once)
        ]
        answer = person.call("POST", "/v1/pairs", {"items": items})
        assert answer.status == 200, answer.text
        deliver_twice(scenario, QUEUE, "sync_worker")
        for one in answer.json["items"]:
            self.pairs.post(f"{one['id']}/answer", {"answer": "yes"})
        deliver_twice(scenario, QUEUE, "sync_worker")
        for one in answer.json["items"]:
            assert self.pairs.get(one["id"])["code"] == "in-step", self.pairs.get(one["id"])
            sides = one["left"]["playlist_id"], one["right"]["playlist_id"]
            self.made.append(Prepared(one["id"], *sides))


def is_at_rest(pairs: Pairs, pair_id: int) -> bool:
    """Give whether no worker has a pair and nothing of it is due."""
    scenario = pairs.scenario
    ((found,),) = scenario.sql(
        "SELECT lease_until IS NULL AND run_id IS NULL AND coalesce(due_at > %s, true) "
        "FROM sync.pairs WHERE id = %s",
        scenario.now(), pair_id,
    )  # fmt: skip
    return bool(found)


def settle(pairs: Pairs, pair_id: int) -> str:
    """Go on until no worker has the pair and nothing of it is due, every message doubled; gives its code."""
    scenario = pairs.scenario
    for _ in range(ROUNDS):
        deliver_twice(scenario, QUEUE, "sync_worker")
        if is_at_rest(pairs, pair_id):
            return str(pairs.get(pair_id)["code"])
        scenario.pass_time(PAST_LEASE_S)
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    return "unfinished"


def called(scenario: MigrationScenario, provider: str, playlist_id: str) -> tuple[str, str]:
    """Name and description of a playlist, as its provider tells them."""
    return scenario.app(provider).called(playlist_id)


def edit(pairs: Pairs, pair: Prepared, mode: str) -> None:
    """What the person does to both sides."""
    left, right = (pairs.scenario.app(side) for side in pairs.sides)
    pairs.replace(pair.left, LEFT)
    pairs.add_right(pair.right, FOREIGN)
    if mode == "two_way":
        left.rename(pair.left, NAME)
        right.rename(pair.right, "Drive", DESCRIPTION)
    else:
        left.rename(pair.left, NAME, DESCRIPTION)


@dataclass
class Sides:
    """Both sides of a pair, and which entries stood there before the run."""

    pairs: Pairs
    pair: Prepared
    before: list[set[tuple[str, str]]] = field(default_factory=list)

    def _sides(self) -> list[tuple[str, str]]:
        return list(zip(self.pairs.sides, (self.pair.left, self.pair.right), strict=True))

    def _places(self) -> list[list[tuple[str, str]]]:
        return [self.pairs.scenario.places(*side) for side in self._sides()]

    def remember(self) -> None:
        """Note what stands there."""
        self.before = [set(places) for places in self._places()]

    def outcome(self) -> dict[str, Any]:
        """What both sides show and are called, and which of their entries are the ones from before."""
        return {
            "shown": self.pairs.both(self.pair.left, self.pair.right),
            "called": tuple(called(self.pairs.scenario, *side) for side in self._sides()),
            "untouched": [
                [place in before for place in places]
                for before, places in zip(self.before, self._places(), strict=True)
            ],
        }  # fmt: skip


@dataclass
class KeepingInStep:
    """A pair whose person edited both sides."""

    pairs: Pairs
    pair: Prepared
    sides: Sides

    @classmethod
    def prepare(cls, stock: Stock) -> "KeepingInStep":
        """Take a pair that is in step, and edit it."""
        pair = stock.take()
        made = cls(stock.pairs, pair, Sides(stock.pairs, pair))
        edit(stock.pairs, pair, stock.mode)
        made.sides.remember()
        return made

    def order(self) -> None:
        """Have it brought in step."""
        self.pairs.post(f"{self.pair.id}/run")

    def proceed(self) -> bool:
        """Have it tried again where a run failed, as its person does; give whether it is in step."""
        if not is_at_rest(self.pairs, self.pair.id):
            return False
        if self.code == "in-step":
            return True
        self.order()
        return False

    @property
    def code(self) -> str:
        """How it stands."""
        return str(self.pairs.get(self.pair.id)["code"])

    def outcome(self) -> dict[str, Any]:
        """How it stands, and what both sides hold."""
        return self.sides.outcome() | {"code": self.code}


def sync_everywhere(
    scenario: MigrationScenario, worker: Worker, mode: str, every: int, sides: tuple[str, str]
) -> Tried:
    """Edit both sides of one pair after the other; the worker of its run is killed."""
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    pairs, started = Pairs(scenario, sides), time.perf_counter()
    stock = Stock(pairs, mode)

    def one(at: int) -> tuple[Any, bool]:
        keeping = KeepingInStep.prepare(stock)
        # Each run searches for what is new to it, as the first one does, and may be killed while it does.
        scenario.clear_matches()
        clear(scenario, QUEUE)
        keeping.order()
        is_killed = worker.attempt(at)
        code = settle(pairs, keeping.pair.id)
        runs = len(pairs.runs(keeping.pair.id))
        return keeping.sides.outcome() | {"code": code, "runs": runs}, is_killed

    tried = kill_at_every_point(f"in step, {'-'.join(sides)}, {mode}", every, worker, one, started)
    assert tried.undisturbed["shown"] == IN_STEP[mode], tried.undisturbed
    assert tried.undisturbed["called"] == ((NAME, DESCRIPTION), (NAME, DESCRIPTION)), tried.undisturbed
    assert tried.undisturbed["code"] == "in-step", tried.undisturbed
    return tried


def undo_everywhere(
    scenario: MigrationScenario, worker: Worker, mode: str, every: int, sides: tuple[str, str]
) -> Tried:
    """Take one run after the other back; the worker that does it is killed."""
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    pairs, started = Pairs(scenario, sides), time.perf_counter()
    stock = Stock(pairs, mode)

    def one(at: int) -> tuple[Any, bool]:
        pair = stock.take()
        both = Sides(pairs, pair)
        edit(pairs, pair, mode)
        pairs.post(f"{pair.id}/run")
        settle(pairs, pair.id)
        both.remember()
        clear(scenario, QUEUE)
        run_id = next(run["id"] for run in pairs.runs(pair.id) if run["can_be_undone"])
        pairs.post(f"{pair.id}/runs/{run_id}/undo")
        is_killed = worker.attempt(at)
        code = settle(pairs, pair.id)
        return both.outcome() | {"code": code}, is_killed

    tried = kill_at_every_point(f"taken back, {'-'.join(sides)}, {mode}", every, worker, one, started)
    assert tried.undisturbed["code"] == "undone", tried.undisturbed
    return tried
