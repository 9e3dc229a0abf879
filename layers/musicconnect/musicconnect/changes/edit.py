"""Plan the fewest edits that turn one list into another. Pure."""

from collections.abc import Sequence

from musicconnect.changes.alignment import longest_increasing
from musicconnect.changes.model import ORDERED, Entry, Kind, Numbering, Operation
from musicconnect.platform.status import Status


def plan_edit(before: Sequence[Entry], wanted: Sequence[Entry], reason: Status = ORDERED) -> list[Operation]:
    """Plan how ``before`` becomes ``wanted``, whose entries are those of ``before`` by reference, or new.

    Additions first and removals last, so that an interruption leaves too much and never too little. As many
    moves as there are entries outside a longest common chain.
    """
    plan = Numbering()
    there = {entry.ref: index for index, entry in enumerate(before)}
    stays = {entry.ref for entry in wanted}
    kept = [entry for entry in wanted if entry.ref in there]
    chain = {kept[index].ref for index in longest_increasing([there[entry.ref] for entry in kept])}
    names: dict[str, str] = {}
    # A moved entry comes to stand behind its neighbour, which stands in its place already by then.
    after: str | None = None
    for entry in wanted:
        if entry.ref not in there:
            added = plan.append(Kind.ADD, track_id=entry.track_id, after=after, reason=reason)
            names[entry.ref] = added.ref
        elif entry.ref not in chain:
            plan.append(Kind.MOVE, ref=entry.ref, track_id=entry.track_id, after=after, reason=reason)
        after = names.get(entry.ref, entry.ref)
    for entry in before:
        if entry.ref not in stays:
            plan.append(Kind.REMOVE, ref=entry.ref, track_id=entry.track_id, reason=reason)
    return plan.operations


def plan_replacement(
    before: Sequence[Entry], ref: str, track_id: str, *, subject: int | None = None, reason: Status = ORDERED
) -> list[Operation]:
    """Plan that another track stands in the place of an entry; a refused one leaves the entry there."""
    plan = Numbering()
    old = next(entry for entry in before if entry.ref == ref)
    added = plan.append(Kind.ADD, track_id=track_id, after=ref, reason=reason, subject=subject)
    plan.append(
        Kind.REMOVE, ref=ref, track_id=old.track_id, requires=added.number, reason=reason, subject=subject
    )
    return plan.operations
