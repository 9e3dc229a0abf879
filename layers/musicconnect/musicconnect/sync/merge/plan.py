"""Turn a merge into operations on each side, and what came of them into the pair's state. Pure."""

from collections.abc import Sequence, Set

from musicconnect.changes.alignment import longest_increasing
from musicconnect.changes.model import ChangeSet, Entry, Kind, Numbering, Operation, State
from musicconnect.platform.status import Status
from musicconnect.sync.merge.align import align
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.result import Merged
from musicconnect.sync.merge.settings import Settings
from musicconnect.sync.merge.state import SIDES, STANDING, PairState, Row, Slot, SlotState

ADDED, REMOVED, MOVED = Status("added-there"), Status("removed-there"), Status("moved-there")
WRITTEN_TWICE = Status("written-twice")


def operations_of(
    merged: Merged, looks: tuple[Sequence[Entry], Sequence[Entry]], settings: Settings
) -> tuple[list[Operation], list[Operation]]:
    """Plan the writing of both sides: additions and moves in order, removals last.

    The rows whose entries are to be moved are marked so in the merge's state.
    """
    return (_side(merged, 0, looks[0], settings), _side(merged, 1, looks[1], settings))


def _side(merged: Merged, side: int, look: Sequence[Entry], settings: Settings) -> list[Operation]:
    plan, rows = Numbering(), merged.state.rows
    refs = {row_id: look[index].ref for row_id, index in merged.places[side].items()}
    for row in rows:
        row.slots[side].ref = refs.get(row.id)
    by_id = {row.id: row for row in rows}
    rank = {row.id: index for index, row in enumerate(rows)}
    standing = [row_id for row_id in merged.state.orders[side] if _stays(by_id[row_id].slots[side])]
    chain = {standing[index] for index in longest_increasing([rank[row_id] for row_id in standing])}
    to_move = set(standing) - chain if settings.keeps_order(side) else set()
    additions, removals = set(merged.additions[side]), set(merged.removals[side])
    after: str | None = None
    for row in rows:
        slot, about = row.slots[side], {"title": row.title, "artist": row.artist, "subject": row.id}
        if row.id in additions:
            added = plan.append(Kind.ADD, track_id=slot.track_id or "", after=after, reason=ADDED, **about)
            after = added.ref
        elif row.id in to_move:
            slot.is_moving = True
            moved = plan.append(
                Kind.MOVE, ref=refs[row.id], track_id=slot.track_id or "", after=after, reason=MOVED, **about
            )
            after = moved.ref
        elif row.id in refs and slot.state in STANDING and row.id not in removals:
            after = refs[row.id]
    for row_id in merged.removals[side]:
        row = by_id[row_id]
        plan.append(
            Kind.REMOVE, ref=refs[row_id], track_id=row.slots[side].track_id or "", title=row.title,
            artist=row.artist, subject=row_id, reason=REMOVED,
        )  # fmt: skip
    for surplus in merged.surplus:
        if surplus.side == side:
            entry = look[surplus.index]
            plan.append(Kind.REMOVE, ref=entry.ref, track_id=entry.track_id, reason=WRITTEN_TWICE)
    return plan.operations


def _stays(slot: Slot) -> bool:
    return slot.state in (SlotState.OK, SlotState.GONE)


def record(state: PairState, side: int, operations: Sequence[Operation], listed: Sequence[Entry]) -> None:
    """Record what came of a side's operations in the pair's state.

    Args:
        state: With the intents of these operations; it is changed.
        side: Whose.
        operations: Each with its final state, or planned still where the writing was given up.
        listed: The side as it should be now, by the operations' references.
    """
    rows = {row.id: row for row in state.rows}
    ended: set[int] = set()
    refused_at = max((one.intended_at.isoformat() for one in operations if one.intended_at), default=None)
    for operation in operations:
        row = rows.get(operation.subject or 0)
        if row is None:
            continue
        slot = row.slots[side]
        match operation.kind:
            case Kind.ADD if operation.state is State.DONE:
                slot.state, slot.item_id, slot.is_seen, slot.is_ours = (
                    SlotState.OK,
                    operation.item_id,
                    False,
                    True,
                )
                slot.written_at = operation.intended_at.isoformat() if operation.intended_at else None
                slot.missing, slot.missed_at, slot.ref = 0, None, operation.ref
            case Kind.ADD if operation.state is State.REFUSED:
                is_full = operation.error is not None and operation.error.code == "playlist-full"
                slot.state = SlotState.PENDING if is_full else SlotState.DECLINED
                slot.refused_at = refused_at if is_full else None
            case Kind.REMOVE if operation.state in (State.DONE, State.DROPPED):
                slot.end(SlotState.LOST)
                if not any(one.state in STANDING for one in row.slots):
                    ended.add(row.id)
            case Kind.REMOVE if operation.state is State.REFUSED:
                slot.state = SlotState.GONE  # Nobody can take it out; it is let be.
            case Kind.MOVE if operation.state.is_final:
                slot.is_moving = False
            case _:
                pass
    state.rows = [row for row in state.rows if row.id not in ended]
    standing = {row.slots[side].ref: row.id for row in state.rows if row.slots[side].state in STANDING}
    state.orders[side] = [standing[entry.ref] for entry in listed if entry.ref in standing]


def record_undo(state: PairState, side: int, change_set: ChangeSet, listed: Sequence[Entry]) -> None:
    """Record what an undo wrote: what it took out is not to come back, what it put back stays on its side."""
    before = list(change_set.before)
    aligned = align(state, side, before, Matches())
    rows = {row.id: row for row in state.rows}
    for row in state.rows:
        row.slots[side].ref = None
    for row_id, index in aligned.hits.items():
        rows[row_id].slots[side].ref = before[index].ref
    by_ref = {row.slots[side].ref: row for row in state.rows if row.slots[side].ref is not None}
    order = [entry.ref for entry in listed]
    ended: set[int] = set()
    for operation in change_set.operations:
        if operation.state is not State.DONE:
            continue
        if operation.kind is Kind.REMOVE and operation.ref in by_ref:
            row = by_ref.pop(operation.ref)
            row.slots[side].end(SlotState.DECLINED)
            if not any(slot.state in STANDING for slot in row.slots):
                ended.add(row.id)
        elif operation.kind is Kind.ADD:
            row = _row_put_back(state, side, operation, ended)
            row.slots[side].ref = operation.ref
            by_ref[operation.ref] = row
            _place_row(state, row, side, by_ref, order)
    state.rows = [row for row in state.rows if row.id not in ended]
    state.orders[side] = [by_ref[entry.ref].id for entry in listed if entry.ref in by_ref]


def _row_put_back(state: PairState, side: int, operation: Operation, ended: Set[int]) -> Row:
    """Find the row that lacks what was put back, or make one that the other side has nothing of."""
    row = next(
        (
            one
            for one in state.rows
            if one.slots[side].state is SlotState.DECLINED
            and one.slots[side].names(operation.track_id)
            and one.id not in ended
        ),
        None,
    )
    if row is None:
        row = state.new_row(Matches().key(side, operation.track_id))
        row.title, row.artist = operation.title, operation.artist
        row.slots[1 - side].state = SlotState.DECLINED
    row.slots[side].stand(operation.item_id, operation.track_id, is_available=True)
    row.slots[side].is_seen, row.slots[side].is_ours = False, True
    return row


def _place_row(
    state: PairState, row: Row, side: int, by_ref: dict[str | None, Row], order: Sequence[str]
) -> None:
    """Put a row behind the one that stands before it on a side, unless it has its place."""
    if any(one is row for one in state.rows):
        return
    at = order.index(row.slots[side].ref or "")
    before = next((by_ref[ref] for ref in reversed(order[:at]) if ref in by_ref), None)
    index = 0 if before is None else next(n for n, one in enumerate(state.rows) if one is before) + 1
    state.rows.insert(index, row)


def verify(state: PairState, looks: Sequence[Sequence[Entry]]) -> None:
    """Record which of the entries that we wrote a look shows."""
    for side in SIDES:
        items = {entry.item_id for entry in looks[side]}
        tracks = {entry.track_id for entry in looks[side]}
        for row in state.rows:
            slot = row.slots[side]
            if slot.state is SlotState.OK and not slot.is_seen:
                slot.is_seen = slot.item_id in items if slot.item_id else slot.track_id in tracks
