"""Tell the state of a pair what a repair of one side put in whose place. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.changes.model import ChangeSet, Kind, State
from musicconnect.sync.merge.state import PairState, Slot, SlotState


@dataclass(frozen=True, slots=True)
class Substitution:
    """An entry that stands for the same song as another one did."""

    old_track_id: str
    old_item_id: str | None
    new_track_id: str | None
    """None: nothing stands there any more, and nobody took it out."""
    new_item_id: str | None = None


def of_repair(done: ChangeSet) -> list[Substitution]:
    """List what a repair put in the place of what."""
    before = {entry.ref: entry for entry in done.before}
    added = {one.subject: one for one in done.operations if one.kind is Kind.ADD and one.state is State.DONE}
    return [
        Substitution(
            before[one.ref].track_id, before[one.ref].item_id, added[one.subject].track_id,
            added[one.subject].item_id,
        )
        for one in done.operations
        if one.kind is Kind.REMOVE and one.subject in added and one.ref in before
    ]  # fmt: skip


def of_undo(made: Sequence[Substitution], undone: ChangeSet) -> list[Substitution]:
    """List what the undo of substitutions put back; what is refused leaves nothing."""
    back = [one for one in undone.operations if one.kind is Kind.ADD and one.state is State.DONE]
    found = []
    for one in made:
        put_back = next((other for other in back if other.track_id == one.old_track_id), None)
        if put_back is not None:
            back.remove(put_back)
        track_id, item_id = (put_back.track_id, put_back.item_id) if put_back else (None, None)
        found.append(Substitution(one.new_track_id or "", one.new_item_id, track_id, item_id))
    return found


def substitute(state: PairState, side: int, substitutions: Sequence[Substitution]) -> bool:
    """Record substitutions on one side, each once; False where they concern none of its rows."""
    is_changed = False
    for one in substitutions:
        slot = next((row.slots[side] for row in state.rows if _stands(row.slots[side], one)), None)
        if slot is None:
            continue
        is_changed = True
        if one.new_track_id is None:
            slot.end(SlotState.LOST)
            continue
        if slot.track_id and slot.track_id not in slot.aliases:
            slot.aliases.append(slot.track_id)
        slot.stand(one.new_item_id, one.new_track_id, is_available=True)
        slot.is_seen = False  # A list may not show it yet.
    return is_changed


def _stands(slot: Slot, one: Substitution) -> bool:
    if slot.state not in (SlotState.OK, SlotState.GONE):
        return False
    if one.old_item_id is not None and slot.item_id is not None:
        return slot.item_id == one.old_item_id
    return bool(one.old_track_id) and slot.track_id == one.old_track_id
