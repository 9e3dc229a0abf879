"""Plan the undoing of what was written, sparing what was edited since. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from musicconnect.changes.alignment import align, longest_increasing
from musicconnect.changes.edit import plan_edit
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, State
from musicconnect.platform.status import Status

UNDONE = Status("undone")


def plan_undo(sets: Sequence[ChangeSet], found: Sequence[Entry]) -> list[Operation]:
    """Plan how a playlist becomes what it was before some sets of it were written.

    Put in by us: taken out if that very entry is still there. Taken out by us: put back where it stood,
    unless the person has done so. Moved by us: moved back if it has not moved since. All else stays, and so
    does its place.

    Args:
        sets: All of one playlist, the latest first.
        found: The playlist as it is.
    """
    wanted = list(found)
    taken_out = Counter[str]()
    for number, change_set in enumerate(sets):
        wanted = _without(change_set, wanted, number, taken_out)
    return plan_edit(found, wanted, UNDONE)


def _without(
    change_set: ChangeSet, listed: Sequence[Entry], number: int, taken_out: Counter[str]
) -> list[Entry]:
    """Give a playlist as it would be without a set, by the names of the list that is given.

    ``taken_out``: Tracks that we had put in and the person has taken out since, by how often; it is changed.
    What an earlier set took out of them does not come back.
    """
    after = change_set.expected()
    aligned = align(after, listed)
    names = {entry.ref: original for entry, original in zip(aligned, listed, strict=True)}
    place = {entry.ref: index for index, entry in enumerate(after)}
    shared = [entry.ref for entry in aligned if entry.ref in place]
    unmoved = {shared[index] for index in longest_increasing([place[ref] for ref in shared])}
    added = {one.ref for one in change_set.operations if one.kind is Kind.ADD and one.state is State.DONE}
    put_back = Counter(entry.track_id for entry in aligned if entry.ref not in place)
    taken_out.update(entry.track_id for entry in after if entry.ref in added and entry.ref not in names)
    chain: list[Entry] = []
    for entry in change_set.before:
        if entry.ref in names:
            if entry.ref in unmoved:
                chain.append(names[entry.ref])
        elif entry.ref not in place:
            if put_back[entry.track_id] > 0:
                put_back[entry.track_id] -= 1  # The person has done it.
            elif taken_out[entry.track_id] > 0:
                taken_out[entry.track_id] -= 1
            else:
                chain.append(replace(entry, ref=f"undo{number}:{entry.ref}"))
    stands = {entry.ref for entry in chain}
    gaps: dict[str | None, list[Entry]] = defaultdict(list)
    anchor: str | None = None
    last = max((index for index, one in enumerate(listed) if one.ref in stands), default=-1)
    at_end = [
        original
        for entry, original in list(zip(aligned, listed, strict=True))[last + 1 :]
        if entry.ref not in added
    ]
    for entry, original in zip(aligned[: last + 1], listed[: last + 1], strict=True):
        if original.ref in stands:
            anchor = original.ref
        elif entry.ref not in added:
            gaps[anchor].append(original)
    result = list(gaps[None])
    for entry in chain:
        result += [entry, *gaps[entry.ref]]
    # What stood behind all of them stays behind all of them.
    return result + at_end
