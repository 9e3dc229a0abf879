"""Change what stands in the target already."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from musicconnect.changes.edit import plan_edit
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, entries
from musicconnect.migrations.engine import mend_store, parts_store, sequence_diff, store, target_order
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import dead_targets, edits
from musicconnect.migrations.engine.stages.create import description_of, name_of
from musicconnect.migrations.engine.stages.read_target import TargetEntry, read_back
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import Continue, StageResult

BLOCK = 20
"""Tracks that are intended together where a call carries fewer: a few seconds of work."""
MAX_SINGLE_MOVES = 20
"""Of a new order where each move is a call of its own (YouTube: 50 units): above this the old order stays."""


def remove_entries(context: StepContext, listed: Sequence[TargetEntry]) -> bool:
    """Take entries out, the last one first; False when the step has to end.

    Whatever stops this in between leaves a beginning of what was there. Doing it again does no harm.
    """
    size, rest = context.remove_batch, list(listed)
    with context.reservation.reserve_batch(min(BLOCK, -(-len(rest) // size))):
        while rest:
            if not context.may_continue():
                return False
            batch, rest = rest[-size:], rest[:-size]
            entries = [entry.as_item(context.row.target_provider) for entry in batch]
            context.target.remove_items(context.target_playlist_id, entries)
    return True


def truncate(
    context: StepContext, written: Sequence[TargetTrack], *, most: int, found: list[TargetEntry] | None = None
) -> bool:
    """Bring the target back to a beginning of what was written; what is cut off is to be written again."""
    found = found or read_back(context, written)
    if found is None:
        return False
    plan = sequence_diff.plan_truncation(
        [track.target_track_id for track in written],
        [entry.id for entry in found],
        most=most,
        by_track=context.target.limits.removes_by_track,
    )
    context.commit(target_read=None)
    if not remove_entries(context, [found[index] for index in plan.removed]):
        return False
    again = written[plan.remaining :]
    context.commit(
        TrackChange(store.SAVE_WRITES, [track.change("none") for track in again]),
        written_count=context.row.written_count - len(again),
    )
    return True


def drop_replaced(context: StepContext, tracks: Sequence[TargetTrack]) -> bool:
    """Take out of a set what other counterparts have replaced; False when the step has to end.

    What stands there on another entry's account stays. Doing it again does no harm.
    """
    with context.database.transaction(context.row.user_id) as connection:
        rows = [row for row in mend_store.list_replaced(connection, context.row.id) if row["replaced"]]
    if not rows:
        return True
    wanted = {track.target_track_id for track in tracks}
    entries = [
        TargetEntry(old["id"], old["id"], old.get("item_id"))
        for old in (row["replaced"] for row in rows)
        if old["id"] not in wanted
    ]
    if not remove_entries(context, entries):
        return False
    replaced = [{"id": row["id"], "replaced": None} for row in rows]
    context.commit(TrackChange(mend_store.SET_REPLACED, replaced))
    return True


def carry_name(context: StepContext) -> None:
    """Give the target the source's name and description where those have changed since it was moved last.

    What the person calls the target stays as long as the source is called what it was.
    """
    row, limits = context.row, context.target.limits
    if row.into_likes:
        return
    with context.database.transaction(row.user_id) as connection:
        earlier = parts_store.earlier(connection, row.id)
    if earlier is None or not earlier.source_name:
        return  # It may be kept no longer what it was called.
    parts = row.parts or 1
    if (earlier.source_name, earlier.source_description, earlier.parts or 1) == (
        row.source_name, row.source_description, parts,
    ):  # fmt: skip
        return
    name = name_of(row.source_name, limits, row.part, parts)
    described = description_of(row.source_description, row.marker, row.source_provider, limits)
    context.target.change_playlist(context.target_playlist_id, name, described)
    context.commit(target_name=name)


def adopt(context: StepContext, tracks: Sequence[TargetTrack]) -> StageResult | None:
    """Mark what an earlier migration's target holds already, None when that is done.

    What the source lacks is taken out before, if asked to, and a new order of the source is carried over.
    """
    change_set = edits.stored(context)
    found = read_back(context, tracks)
    if found is None:
        return Continue()
    if change_set is None:
        missing, is_mishap = _missing(context, tracks, found)
        removed = set() if is_mishap else missing
        kept = len(missing) - len(removed)
        moves = _plan_moves(context, tracks, found, removed)
        if not moves and not takes_others(context, found, removed):
            if not remove_entries(context, [found[index] for index in sorted(removed)]):
                return Continue()
            context.row.kept_count = kept
        else:
            operations = moves or plan_removal(context, found, removed)
            before = entries_of(context, found)
            change_set = edits.store(context, operations, before, target_read=None, kept_count=kept)
    if change_set is not None:
        outcome = edits.apply(context, change_set)
        if not isinstance(outcome, ChangeSet):
            return outcome
    held = held_by_target(context, tracks, found)
    shells = _shells(context, found)
    dead = {
        track.id: _replaced(track, shells[track.target_track_id])
        for track, here in zip(tracks, held, strict=True)
        if here and track.target_track_id in shells
    }
    rows = [
        track.change("written", adopted=True)
        for track, here in zip(tracks, held, strict=True)
        if here and track.id not in dead
    ]
    context.commit(
        TrackChange(store.SAVE_WRITES, rows),
        is_adopted=True,
        change_set_id=None,
        kept_count=context.row.kept_count,
        target_read=None,
        written_count=len(rows),
    )
    if dead:
        dead_targets.search_again(context, [track for track in tracks if track.id in dead], dead)
    if shells:
        # What has another counterpart by now takes the place of the one that is gone.
        with context.database.transaction(context.row.user_id) as connection:
            earlier = mend_store.earlier_targets(connection, context.row.id, list(shells))
        by_id = {track.id: track for track in tracks}
        places = {
            target_id: {"id": track_id, "replaced": _replaced(by_id[track_id], shells[target_id])}
            for track_id, target_id in earlier
            if track_id in by_id and track_id not in dead
        }
        context.commit(TrackChange(mend_store.SET_REPLACED, list(places.values())))
    return None


def _plan_moves(
    context: StepContext,
    tracks: Sequence[TargetTrack],
    found: Sequence[TargetEntry],
    removed: Collection[int],
) -> list[Operation]:
    """Plan the edits that carry a new order of the source over, removals among them; none where it has none.

    An order that the person gave the target stays as long as the source's is what it was. So does one that
    would cost many calls.
    """
    row, limits = context.row, context.target.limits
    if row.into_likes or row.sorts_itself:
        return []
    with context.database.transaction(row.user_id) as connection:
        before = mend_store.order_before(connection, row.id)
    wanted = [track.target_track_id for track in tracks]
    if not target_order.is_reordered(before, wanted):
        return []
    listed = entries_of(context, found)
    rest = [index for index in range(len(found)) if index not in removed]
    order = target_order.reordered(wanted, [found[index].id for index in rest], [listed[i] for i in rest])
    operations = plan_edit(listed, order)
    moves = sum(one.kind is Kind.MOVE for one in operations)
    return [] if not moves or (limits.move_batch == 1 and moves > MAX_SINGLE_MOVES) else operations


def entries_of(context: StepContext, found: Sequence[TargetEntry]) -> list[Entry]:
    """Name the entries of a target that was read back, as change sets do."""
    return entries(entry.as_item(context.row.target_provider) for entry in found)


def plan_removal(
    context: StepContext, found: Sequence[TargetEntry], removed: Collection[int]
) -> list[Operation]:
    """Plan the removal of entries, given by index; copies of the same tracks stay."""
    before = entries_of(context, found)
    return plan_edit(before, [entry for index, entry in enumerate(before) if index not in removed])


def takes_others(context: StepContext, found: Sequence[TargetEntry], removed: Collection[int]) -> bool:
    """Tell whether removing entries, given by index, would take others of the same tracks along."""
    if not context.target.limits.removes_by_track or context.row.into_likes:
        return False
    gone = {found[index].listed_id for index in removed}
    return any(entry.listed_id in gone for index, entry in enumerate(found) if index not in removed)


def _shells(context: StepContext, found: Sequence[TargetEntry]) -> dict[str, TargetEntry]:
    """Give the entries of the target that play no more, by the id of what stood there."""
    shells = {entry.id: entry for entry in found if not entry.is_available and entry.id}
    gone = dead_targets.gone_of(context, list(shells)) if shells else set()
    return {track_id: entry for track_id, entry in shells.items() if track_id in gone}


def _replaced(track: TargetTrack, entry: TargetEntry) -> dict[str, Any]:
    names = {"title": track.target_title, "artist": track.target_artist}
    return {"id": entry.id, "item_id": entry.item_id, **names}


def held_by_target(
    context: StepContext, tracks: Sequence[TargetTrack], found: Sequence[TargetEntry]
) -> list[bool]:
    """Tell which tracks the target holds; in a set one entry does for all that are equal."""
    ids, listed = [track.target_track_id for track in tracks], [entry.id for entry in found]
    if context.row.into_likes:
        there = set(listed)
        return [track_id in there for track_id in ids]
    return sequence_diff.present(ids, listed)


def _missing(
    context: StepContext, tracks: Sequence[TargetTrack], found: Sequence[TargetEntry]
) -> tuple[set[int], bool]:
    """Give the indices of what earlier migrations wrote and the source has no longer, if they are to go.

    Copies beyond those that were written are the person's own. The second value says whether the source is
    suddenly empty, or half of what it was: more likely a mishap than intended.
    """
    if not context.row.remove_missing:
        return set(), False
    with context.database.transaction(context.row.user_id) as connection:
        before = store.written_before(connection, context.row.id)
    wanted = Counter(track.target_track_id for track in tracks)
    seen: Counter[str] = Counter()
    missing = set()
    for index, entry in enumerate(found):
        seen[entry.id] += 1
        if wanted[entry.id] < seen[entry.id] <= before.get(entry.id, 0):
            missing.add(index)
    return missing, not tracks or context.row.track_count * 2 < sum(before.values())
