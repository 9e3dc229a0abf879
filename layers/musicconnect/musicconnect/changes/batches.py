"""Decide what the next call of a change set carries. Pure."""

from collections.abc import Sequence
from itertools import takewhile

from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, fold
from musicconnect.providers.protocol import Limits


def full_order(change_set: ChangeSet) -> list[str]:
    """Give the order of everything that stood or will stand in the playlist, what is taken out included."""
    kept = [one for one in change_set.operations if one.kind in (Kind.ADD, Kind.MOVE)]
    return [entry.ref for entry in fold(change_set.before, kept)]


def place_of(listed: Sequence[Entry], after: str | None, order: Sequence[str]) -> int:
    """Give the index behind an entry; where it is gone, behind the nearest one before it that is there."""
    if after is None:
        return 0
    index_of = {entry.ref: index for index, entry in enumerate(listed)}
    earlier = order[: order.index(after) + 1] if after in order else [after]
    return next((index_of[ref] + 1 for ref in reversed(earlier) if ref in index_of), 0)


def first_batch(
    pending: Sequence[Operation], listed: Sequence[Entry], limits: Limits, size: int
) -> list[Operation]:
    """Give the operations that the next call makes together: the first one, and those that go with it.

    Args:
        pending: What is still to be done, in order; not empty.
        listed: The playlist as it is.
        limits: The provider's.
        size: How many additions a call carries at present.
    """
    first = pending[0]
    alike = list(takewhile(lambda one: one.kind is first.kind and one.state is first.state, pending))
    match first.kind:
        case Kind.ADD:
            return _chain(alike[:size])
        case Kind.MOVE:
            index_of = {entry.ref: index for index, entry in enumerate(listed)}
            chain = _chain(alike[: limits.move_batch])
            start = index_of[first.ref]
            return [
                one
                for offset, one in takewhile(
                    lambda numbered: index_of.get(numbered[1].ref) == start + numbered[0], enumerate(chain)
                )
            ]
        case Kind.REMOVE if limits.removes_by_track:
            refs = {one.ref for one in alike}
            tracks = list(dict.fromkeys(one.track_id for one in alike))
            if not survivors(listed, first.track_id, refs):
                chosen = takewhile(lambda track_id: not survivors(listed, track_id, refs), tracks)
                tracks = list(chosen)[: limits.remove_batch]
            else:
                tracks = [first.track_id]
            # A call takes every copy, so that all operations on a track go together.
            there = {entry.ref for entry in listed}
            return [one for one in alike if one.track_id in tracks and one.ref in there]
        case Kind.REMOVE:
            return alike[: limits.remove_batch]
        case Kind.RENAME:
            return [first]


def survivors(listed: Sequence[Entry], track_id: str, removed: set[str]) -> list[tuple[str, str | None]]:
    """List the copies of a track that stay, each with the entry before it that is not taken out either."""
    found: list[tuple[str, str | None]] = []
    before: str | None = None
    for entry in listed:
        if entry.ref in removed:
            continue
        if entry.track_id == track_id:
            found.append((entry.ref, before))
        before = entry.ref
    return found


def _chain(operations: Sequence[Operation]) -> list[Operation]:
    """Give the first ones that stand each behind the other."""
    chain = [operations[0]]
    for one in operations[1:]:
        if one.after != chain[-1].ref:
            break
        chain.append(one)
    return chain
