"""Hold what a person has to say yes to, and count what is planned. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from musicconnect.changes.model import Kind, Operation
from musicconnect.providers import registry
from musicconnect.sync.merge.result import Merged
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, PairState, SlotState
from musicconnect.sync.store import PairRow

MAX_MOVES: Final = 20
"""Moves at once on a provider where each is a call of its own, before a person is asked."""
CONTESTED: Final = "contested"
"""The code of songs that another program seems to put in or take out again and again."""
MAX_GUARDED_NAMES: Final = 200
"""Songs that a stopped run names."""

type Planned = tuple[list[Operation], list[Operation]]


def apply(
    merged: Merged, planned: Planned, row: PairRow, *, is_dear: tuple[bool, bool]
) -> tuple[Planned, list[dict[str, Any]]]:
    """Give the operations that wait for nobody, and what is held, with numbers.

    ``is_dear``: of each side, whether every move is a call of its own.
    """
    held: list[dict[str, Any]] = [
        {
            "code": one.code,
            "provider": row.sides[one.side][0],
            "removes_from": row.sides[1 - one.side][0],
            "count": len(one.rows),
            "of": one.of,
            "tracks": _songs(merged, one.rows),
            **({"total": one.total} if one.code == "slow-leak" else {}),
        }
        for one in merged.held
    ]
    left: list[list[Operation]] = []
    for side in SIDES:
        moves = [one for one in planned[side] if one.kind is Kind.MOVE]
        if len(moves) <= MAX_MOVES or not is_dear[side] or row.allows_removals:
            left.append(planned[side])
            continue
        provider = row.sides[side][0]
        price = sum(one.units_per_write or 0 for one in registry.get(provider).buckets)
        held.append(
            {"code": "many-moves", "provider": provider, "count": len(moves), "units": price * len(moves)}
        )
        left.append([one for one in planned[side] if one.kind is not Kind.MOVE])
        for one_row in merged.state.rows:
            one_row.slots[side].is_moving = False
    return (left[LEFT], left[RIGHT]), held


def told(merged: Merged) -> list[dict[str, Any]]:
    """Give what a person is told of and need not answer: rows that are let be from now on."""
    if not merged.contested:
        return []
    tracks = _songs(merged, merged.contested)
    return [{"code": CONTESTED, "count": len(merged.contested), "tracks": tracks}]


def _songs(merged: Merged, row_ids: Sequence[int]) -> list[dict[str, str]]:
    rows = {one.id: one for one in merged.state.rows}
    songs = [rows[row_id] for row_id in row_ids if row_id in rows][:MAX_GUARDED_NAMES]
    return [{"title": song.title, "artist": song.artist} for song in songs]


def counts(planned: Planned, merged: Merged, row: PairRow) -> dict[str, Any]:
    """Count what is planned on each side, and the pair's tracks."""
    catalogues = [registry.get(provider).search.catalogue for provider, _ in row.sides]
    slots = [slot for one in merged.state.rows for slot in one.slots]
    return {
        "left": dict(Counter(one.kind.value for one in planned[LEFT])),
        "right": dict(Counter(one.kind.value for one in planned[RIGHT])),
        "tracks": len(merged.state.rows),
        "contested": len(merged.contested),
        "review": sum(slot.needs_review for slot in slots),
        "without_counterpart": sum(slot.state is SlotState.NO_COUNTERPART for slot in slots),
        "not_in_catalogue": dict(
            Counter(
                catalogues[side]
                for one in merged.state.rows
                for side in SIDES
                if one.slots[side].is_not_in_catalogue
            )
        ),
    }


def has_open(state: PairState) -> bool:
    """Tell whether something waits that the same lists could settle."""
    return any(
        slot.missing or slot.state in (SlotState.PENDING, SlotState.NO_COUNTERPART)
        for row in state.rows
        for slot in row.slots
    )
