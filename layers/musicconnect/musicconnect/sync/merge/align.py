"""Find again in what a side shows the rows that are expected there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.changes.alignment import common
from musicconnect.changes.model import Entry
from musicconnect.sync.merge.fitting import FittingEntries, FittingRows
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.state import LACKING, STANDING, PairState, Row, SlotState


@dataclass(slots=True)
class Aligned:
    """What a look at a side tells."""

    listed: Sequence[Entry]
    hits: dict[int, int]
    """Index of the entry by row."""
    fresh: set[int]
    """Rows whose entry was taken out and put in anew."""
    new: list[int]
    """Indices of entries of no row."""
    missing: list[Row]
    """Rows that should stand there and do not, in that side's order."""


def align(state: PairState, side: int, listed: Sequence[Entry], matches: Matches) -> Aligned:
    """Align a whole look with the rows that are expected on a side.

    By the same place; the same track, in order where possible; the same track elsewhere; another track of the
    same recording. What is left over goes to rows that lack an entry and fit.
    """
    has_ids = any(entry.item_id is not None for entry in listed)
    place = {row_id: index for index, row_id in enumerate(state.orders[side])}
    expected = [row for row in state.rows if row.slots[side].state in STANDING]
    expected.sort(key=lambda row: place.get(row.id, len(place)))
    hits: dict[int, int] = {}
    used: set[int] = set()
    fresh: set[int] = set()

    def take(row: Row, index: int) -> None:
        hits[row.id] = index
        used.add(index)

    by_item = {entry.item_id: index for index, entry in enumerate(listed) if entry.item_id is not None}
    for row in expected:
        index = by_item.get(row.slots[side].item_id or "")
        if index is not None and index not in used:
            take(row, index)

    def rest() -> tuple[list[Row], list[int]]:
        # What we are taking out is known by its place only: put in anew, the song is the person's.
        rows = [
            row
            for row in expected
            if row.id not in hits and (row.slots[side].state is not SlotState.DYING or not has_ids)
        ]
        return rows, [i for i in range(len(listed)) if i not in used and listed[i].is_available]

    rows, indices = rest()
    pairs = common([row.slots[side].track_id for row in rows], [listed[index].track_id for index in indices])
    for one, other in pairs:
        take(rows[one], indices[other])
        fresh.add(rows[one].id)
    for by_name in (True, False):
        rows, indices = rest()
        fitting = FittingEntries(side, listed, indices, matches)
        for row in rows:
            index = fitting.first_named(row, used) if by_name else fitting.first(row, used)
            if index is not None:
                take(row, index)
                fresh.add(row.id)
    if not has_ids:
        # Without places nothing tells a new entry from an old one, but for one that was gone from both sides;
        # and a placeholder excuses one row.
        fresh = {row.id for row in expected if row.id in hits and all(one.missing for one in row.slots)}
        holes = [
            index for index in range(len(listed)) if index not in used and not listed[index].is_available
        ]
        for row, index in zip([row for row in expected if row.id not in hits], holes, strict=False):
            take(row, index)
    lacking = [
        FittingRows(side, (row for row in state.rows if row.slots[side].state is one), matches)
        for one in LACKING
    ]
    for index in range(len(listed)):
        if index in used or not listed[index].is_available:
            continue
        track_id = listed[index].track_id
        found = next((fit for each in lacking if (fit := each.first(track_id, hits))), None)
        if found is not None:
            take(found, index)
    new = [index for index in range(len(listed)) if index not in used and listed[index].is_available]
    missing = [row for row in expected if row.id not in hits]
    return Aligned(listed, hits, fresh, new, missing)
