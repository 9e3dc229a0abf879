"""The scenarios that a pair has to come through, letter by letter.

Letters are songs. ``A~``: the same entry under another id; ``(A)``: unavailable; ``A*``: taken out and put in
anew; ``A2``: the second copy. Left is the authority. Written: ``1 in``, ``2 out``, ``1 moved``.
"""

from dataclasses import dataclass

import pytest

from musicconnect.sync.merge.settings import Settings
from musicconnect.sync.merge.state import LEFT, RIGHT
from tests.support.pair_twin import PairTwin, World

ONE_LOOK = Settings(looks=1)


@dataclass(frozen=True)
class Case:
    base: str | None
    left: str
    right: str
    left_after: str
    right_after: str
    written_left: str = ""
    written_right: str = ""
    settings: Settings = ONE_LOOK
    world: str = ""


CASES = {
    "1 nothing changed": Case("A B C", "A B C", "A B C", "A B C", "A B C"),
    "2 put in at the end": Case("A B C", "A B C D", "A B C", "A B C D", "A B C D", "", "1 in"),
    "3 put in at the start": Case("A B C", "A B C", "D A B C", "D A B C", "D A B C", "1 in"),
    "4 taken out on one side": Case("A B C", "A C", "A B C", "A C", "A C", "", "1 out"),
    "5 one move, not four": Case("A B C D", "D A B C", "A B C D", "D A B C", "D A B C", "", "1 moved"),
    "6 reversed": Case("A B C D", "D C B A", "A B C D", "D C B A", "D C B A", "", "3 moved"),
    "7 both append": Case("A B", "A B E", "A B F", "A B E F", "A B E F", "1 in", "1 in"),
    "8 same gap": Case("A B", "A E F B", "A G H B", "A E F G H B", "A E F G H B", "2 in", "2 in"),
    "9 the same song on both": Case("A B", "A B E", "E A B", "A B E", "A B E", "", "1 moved"),
    "10 taken out on both": Case("A B C", "A C", "A C", "A C", "A C"),
    "11 different ones taken out": Case("A B C", "B C", "A B", "B", "B", "1 out", "1 out"),
    "12 a move is no vote": Case("A B C", "B C", "B C A", "B C", "B C", "", "1 out"),
    "13 out here, out and in there": Case("A B C", "B C", "B C A*", "B C A", "B C A", "1 in"),
    "15 both moved one": Case("A B C D", "B C A D", "B C D A", "B C A D", "B C A D", "", "1 moved"),
    "16 one of two copies": Case("A B A", "A B", "A B A", "A B", "A B", "", "1 out"),
    "17 a copy on each side": Case("A B A", "B A2", "A B", "A B", "A B", "1 moved"),
    "18 a copy on purpose": Case("A B", "A B A", "A B", "A B A", "A B A", "", "1 in"),
    "19 a copy on both": Case("A B", "A B A", "A A B", "A B A", "A B A", "", "1 moved"),
    "20 another id": Case("A B C", "A~ B C", "A B C", "A B C", "A B C"),
    "21 unavailable": Case("A B C", "(A) B C", "A B C", "(A) B C", "A B C"),
    "22 unavailable here, out there": Case("A B C", "(A) B C", "B C", "B C", "B C", "1 out"),
    "23 withdrawn": Case("A B C", "A C", "A B C", "A C", "A B C", world="B dead"),
    "24 no counterpart": Case("A B C", "A B C", "A C", "A B C", "A C", world="B missing"),
    "25 none, and one put in": Case("A B C", "A B C", "A D C", "A D B C", "A D C", "1 in", world="B missing"),
    "26 none, and one out": Case("A B C", "A B C", "C", "B C", "C", "1 out", world="B missing"),
    "27 a shared track taken out": Case("A B C", "A B C", "C", "B C", "C", "1 out", world="A is B"),
    "28 a shared track stays": Case("A B C", "B C", "A C", "B C", "A C", world="A is B"),
    "29 read empty": Case(
        "A B C D E F G H", "", "A B C D E F G H", "", "A B C D E F G H", settings=Settings(looks=1)
    ),
    "30 half gone": Case(
        "A B C D E F G H", "A B C D", "A B C D E F G H", "A B C D", "A B C D E F G H",
        settings=Settings(looks=1, min_out=3),
    ),
    "31 seen once": Case("A B C D", "A B", "A B C D", "A B", "A B C D", settings=Settings(looks=2)),
    "34 no base": Case(None, "A B C", "B C D", "A B C D", "A B C D", "1 in", "1 in"),
    "35 no base, copies": Case(None, "A A B", "A", "A A B", "A A B", "", "2 in"),
    "38 another version": Case("A B C", "A E C", "A B C", "A E C", "A E C", "", "1 in, 1 out"),
    "39 sorted here, put in there": Case(
        "A B C D E", "E D C B A", "A B C D E F", "E D C B A F", "E D C B A F", "1 in", "4 moved"
    ),
    "40 emptied on both": Case("A B C", "", "", "", ""),
}  # fmt: skip


def world_of(text: str) -> World:
    match text.split():
        case [name, "missing"]:
            return World(without={(RIGHT, name)})
        case [one, "is", other]:
            return World(shared={(RIGHT, other): one})
        case _:
            return World()


def written(pair: PairTwin, side: int) -> str:
    words = {"add": "in", "remove": "out", "move": "moved"}
    return ", ".join(f"{pair.written[side][k]} {word}" for k, word in words.items() if pair.written[side][k])


@pytest.mark.parametrize("name", CASES)
def test_comes_to_what_both_sides_would_accept(name: str) -> None:
    case = CASES[name]
    pair = PairTwin(world_of(case.world), case.settings)
    if case.base is not None:
        pair.fill(LEFT, case.base.split())
        pair.fill(RIGHT, [one for one in case.base.split() if pair.world.shared.get((RIGHT, one)) is None])
        pair.round()
    pair.arrange(LEFT, case.left)
    pair.arrange(RIGHT, case.right)
    if case.world.endswith("dead"):
        pair.world.dead = {"B/0/0", "B/0/1"}

    pair.round()

    assert (pair.show(LEFT), pair.show(RIGHT)) == (case.left_after, case.right_after)
    assert (written(pair, LEFT), written(pair, RIGHT)) == (case.written_left, case.written_right)
    if case.settings.looks == 1 and not (pair.last and pair.last.held):
        assert pair.round() == 0, "not quiet"


def test_14_moves_on_both_sides_are_both_kept() -> None:
    pair = PairTwin(settings=ONE_LOOK)
    pair.fill(LEFT, "ABC")
    pair.fill(RIGHT, "ABC")
    pair.round()
    pair.arrange(LEFT, "C A B")
    pair.arrange(RIGHT, "B A C")

    pair.round()

    assert pair.show(LEFT) == pair.show(RIGHT) == "C B A"


def test_32_missing_in_two_looks_is_out() -> None:
    pair = PairTwin(settings=Settings(looks=2))
    pair.fill(LEFT, "ABCD")
    pair.fill(RIGHT, "ABCD")
    pair.round()
    pair.arrange(LEFT, "A B")

    assert pair.round() == 0
    assert pair.round(minutes=5) == 0  # Two looks within minutes are one.
    assert pair.round() == 2
    assert pair.show(RIGHT) == "A B"


def test_36_what_landed_before_a_crash_is_found() -> None:
    pair = PairTwin(settings=ONE_LOOK)
    pair.fill(LEFT, "AB")
    pair.fill(RIGHT, "AB")
    pair.round()
    pair.arrange(LEFT, "A B C")

    pair.round(kills=[(1, True)])

    assert pair.show(RIGHT) == "A B C"


def test_37_what_no_list_shows_yet_is_neither_taken_out_nor_written_again() -> None:
    pair = PairTwin(settings=ONE_LOOK)
    pair.fill(LEFT, "AB")
    pair.fill(RIGHT, "AB")
    pair.round()
    pair.arrange(LEFT, "A B C")
    stale = pair.look(RIGHT)
    pair.round(is_verified=False)

    assert pair.round(looks=(pair.look(LEFT), stale), is_verified=False) == 0
    assert pair.show(LEFT) == pair.show(RIGHT) == "A B C"


def test_37b_an_old_list_after_a_new_one_is_one_look() -> None:
    pair = PairTwin(settings=Settings(looks=2))
    pair.fill(LEFT, "AB")
    pair.fill(RIGHT, "AB")
    pair.round()
    pair.arrange(LEFT, "A B C")
    stale = pair.look(RIGHT)
    pair.round()

    assert pair.round(looks=(pair.look(LEFT), stale)) == 0
    assert pair.show(LEFT) == pair.show(RIGHT) == "A B C"
