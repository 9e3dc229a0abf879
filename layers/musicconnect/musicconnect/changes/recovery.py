"""Find out from a playlist how far a change set came whose worker was killed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from musicconnect.changes.alignment import align
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, State, place_after, settled

VISIBLE_AFTER: Final = timedelta(seconds=60)
"""How long a list may still not show a write of which no answer was seen."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a look at the playlist tells."""

    operations: Sequence[Operation]
    """Of the set, all of them, none in doubt but removals whose other copies have to come back."""
    listed: Sequence[Entry]
    """The playlist, by the set's references."""
    wait_until: datetime | None = None
    """The look may be too early: another one then, and nothing before."""


def recover(change_set: ChangeSet, found: Sequence[Entry], now: datetime, *, by_track: bool) -> Recovered:
    """Decide about everything in doubt.

    An entry found there that fits an intended write is that write. What is not found was not done, once a
    list must have shown it.

    Args:
        change_set: With its journal.
        found: The playlist as it is, read whole.
        now: The time of the look.
        by_track: Whether a removal takes every copy of a track.
    """
    listed = align(_expected(change_set), found)
    decided: dict[int, Operation] = {}
    waits: list[datetime] = []
    unmoved: set[str] = set()
    for operation in change_set.in_doubt:
        result, listed = _decide(operation, listed, by_track=by_track)
        if operation.kind is Kind.MOVE and operation.after in unmoved:
            # Neighbours move by one call: none stands in its place before the first of them does.
            result = settled(operation, State.PLANNED)
        if operation.kind is Kind.MOVE and result.state is State.PLANNED:
            unmoved.add(operation.ref)
        if not result.state.is_final and operation.kind is not Kind.RENAME:
            missing = result.state is not State.RESTORING or missing_copies(result, listed)
            until = (operation.intended_at or now) + VISIBLE_AFTER
            if missing and now < until and not _is_repeatable(operation, listed):
                waits.append(until)
        decided[operation.number] = result
    if waits:
        return Recovered(change_set.operations, listed, max(waits))
    return Recovered([decided.get(one.number, one) for one in change_set.operations], listed)


def missing_copies(operation: Operation, listed: Sequence[Entry]) -> list[tuple[str, str | None]]:
    """List the copies that have to come back and are not there."""
    there = {entry.ref for entry in listed}
    return [(ref, after) for ref, after in operation.restores if ref not in there]


def _is_repeatable(operation: Operation, listed: Sequence[Entry]) -> bool:
    """Tell whether making it again does no harm, even though a list may be old: it goes by ids of places."""
    return any(entry.ref == operation.ref and entry.item_id is not None for entry in listed)


def _expected(change_set: ChangeSet) -> list[Entry]:
    listed = change_set.expected()
    for operation in change_set.in_doubt:
        if operation.state is State.RESTORING:
            listed = [entry for entry in listed if entry.ref != operation.ref]
            for ref, after in operation.restores:
                if all(entry.ref != ref for entry in listed):
                    listed.insert(place_after(listed, after), Entry(ref, operation.track_id))
    return listed


def _decide(operation: Operation, listed: list[Entry], *, by_track: bool) -> tuple[Operation, list[Entry]]:
    at = next((index for index, entry in enumerate(listed) if entry.ref == operation.ref), None)
    match operation.kind:
        case Kind.ADD:
            mine = next(
                (
                    index
                    for index, entry in enumerate(listed)
                    if entry.ref.startswith("~") and entry.track_id == operation.track_id
                ),
                None,
            )
            if mine is None:
                return settled(operation, State.PLANNED), listed
            landed = replace(listed[mine], ref=operation.ref)
            listed = [*listed[:mine], landed, *listed[mine + 1 :]]
            return settled(operation, State.DONE, item_id=landed.item_id), listed
        case Kind.REMOVE if operation.state is State.RESTORING:
            return operation, listed
        case Kind.REMOVE:
            copies = sum(entry.track_id == operation.track_id for entry in listed)
            if by_track and operation.restores and copies == 0:
                return settled(operation, State.RESTORING), listed
            return settled(operation, State.DONE if at is None else State.PLANNED), listed
        case Kind.MOVE if at is not None:
            others = [*listed[:at], *listed[at + 1 :]]
            stands = place_after(others, operation.after) == at
            return settled(operation, State.DONE if stands else State.PLANNED), listed
        case Kind.MOVE:
            return settled(operation, State.DROPPED), listed
        case Kind.RENAME:
            return settled(operation, State.PLANNED), listed
