"""Decide whether a run that waited goes on as it was planned, and what stands of one that does not. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from musicconnect.changes.model import ChangeSet, Kind, State
from musicconnect.platform.status import Status

MAX_AGE: Final = timedelta(minutes=15)
"""Since its last call, after which a plan no longer fits: its person has edited the lists meanwhile."""
PLANNED_ANEW: Final = Status("planned-anew")


def is_outdated(sets: Sequence[ChangeSet], now: datetime) -> bool:
    """Tell whether a run that was being written is to be planned anew.

    A run of which nothing was ever tried is not: it waited for its person, who saw it. Nor is one of which
    copies that a removal took along have yet to come back: only its journal knows of them.
    """
    operations = [one for change_set in sets for one in change_set.operations]
    removals = (one for one in operations if one.kind is Kind.REMOVE)
    if any(one.restores and one.state in (State.INTENDED, State.RESTORING) for one in removals):
        return False
    if not operations or all(one.state.is_final for one in operations):
        return False
    tried = [one.intended_at for one in operations if one.intended_at is not None]
    return bool(tried) and now - max(tried) > MAX_AGE


def written(sets: Sequence[ChangeSet], side_of: Callable[[ChangeSet], int]) -> dict[str, Any]:
    """Count what stands of a run, by side and kind."""
    found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for change_set in sets:
        done = (one for one in change_set.operations if one.state is State.DONE)
        found[side_of(change_set)].update(one.kind.value for one in done if one.kind is not Kind.RENAME)
    return {"left": dict(found[0]), "right": dict(found[1])}
