"""What is found by an index is what comparing each with each would find."""

import random

import pytest

from musicconnect.changes.model import Entry
from musicconnect.sync.merge.fitting import FittingEntries, FittingRows
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, Row, Slot

TRACKS = ["", "a", "b", "c", "d"]
"""Few, so that copies, aliases and shared counterparts are everywhere; empty: nothing is known of it."""


def fits(matches: Matches, row: Row, side: int, track_id: str) -> bool:
    """Tell whether a track on a side is the recording of a row."""
    if row.slots[side].names(track_id) or (track_id and matches.pick(row, side) == track_id):
        return True
    back = matches.counterparts[side].get(track_id)
    return back is not None and row.slots[1 - side].names(back)


def made_matches(rng: random.Random) -> Matches:
    left, right = (
        {f"{side}{one}": rng.choice([None, *(f"{1 - side}{other}" for other in TRACKS)]) for one in TRACKS}
        for side in SIDES
    )
    return Matches(counterparts=(left, right))


def made_slot(rng: random.Random, side: int) -> Slot:
    names = [f"{side}{one}" for one in rng.sample(TRACKS, rng.randrange(3))]
    return Slot(track_id=rng.choice([None, "", *names]), aliases=names)


def made_rows(rng: random.Random) -> list[Row]:
    return [
        Row(number, "key", [made_slot(rng, LEFT), made_slot(rng, RIGHT)])
        for number in range(rng.randrange(8))
    ]


def made_entries(rng: random.Random, side: int) -> list[Entry]:
    known = ["", *(f"{side}{one}" for one in TRACKS)]
    return [Entry(ref=str(number), track_id=rng.choice(known)) for number in range(rng.randrange(8))]


@pytest.mark.parametrize("side", SIDES)
def test_the_first_entry_of_a_row_is_the_one_that_fits(side: int) -> None:
    found_any = 0
    for seed in range(2_000):
        rng = random.Random(seed)
        matches, rows, listed = made_matches(rng), made_rows(rng), made_entries(rng, side)
        for is_named in (True, False):
            fitting = FittingEntries(side, listed, range(len(listed)), matches)
            used: set[int] = set()
            for row in rows:
                expected = next(
                    (
                        index
                        for index, entry in enumerate(listed)
                        if index not in used
                        and (
                            row.slots[side].names(entry.track_id)
                            if is_named
                            else fits(matches, row, side, entry.track_id)
                        )
                    ),
                    None,
                )
                found = fitting.first_named(row, used) if is_named else fitting.first(row, used)
                assert found == expected, (seed, row)
                if found is not None:
                    used.add(found)
                    found_any += 1
    assert found_any > 1_000


@pytest.mark.parametrize("side", SIDES)
def test_the_first_row_of_a_track_is_the_one_that_it_fits(side: int) -> None:
    found_any = 0
    for seed in range(2_000):
        rng = random.Random(seed)
        matches, rows, listed = made_matches(rng), made_rows(rng), made_entries(rng, side)
        fitting = FittingRows(side, rows, matches)
        used: set[int] = set()
        for entry in listed:
            expected = next(
                (row for row in rows if row.id not in used and fits(matches, row, side, entry.track_id)), None
            )
            found = fitting.first(entry.track_id, used)
            assert found is expected, (seed, entry)
            if found is not None:
                used.add(found.id)
                found_any += 1
    assert found_any > 1_000
