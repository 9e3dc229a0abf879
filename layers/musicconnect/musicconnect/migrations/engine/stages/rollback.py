"""Take out what a migration wrote."""

from collections import Counter
from collections.abc import Sequence

from musicconnect.changes.model import ChangeSet
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import edits
from musicconnect.migrations.engine.stages.read_target import TargetEntry, read_back
from musicconnect.migrations.engine.stages.update import (
    entries_of,
    plan_removal,
    remove_entries,
    takes_others,
)
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage, StageResult
from musicconnect.providers.errors import NotFoundError


def roll_back(context: StepContext) -> StageResult:
    """Take out what this migration wrote, and nothing else. Raises `ProviderError`."""
    ours = [track for track in context.target_tracks() if track.write_state != "none" and not track.adopted]
    if context.row.target_playlist_id is not None and ours:
        try:
            outcome = _take_out(context, ours)
        except NotFoundError:
            outcome = None  # Deleted by hand: nothing is left to undo.
        if outcome is not None:
            return outcome
    rows = [track.change("none") for track in ours]
    context.commit(
        TrackChange(store.SAVE_WRITES, rows),
        target_read=None,
        change_set_id=None,
        written_count=0,
        stage=Stage.DONE,
    )
    return Advance(Stage.DONE)


def _take_out(context: StepContext, ours: Sequence[TargetTrack]) -> StageResult | None:
    """Take out what was written; None when it is out. Copies that others put in stay, or come back."""
    change_set = edits.stored(context)
    if change_set is None:
        found = read_back(context, context.target_tracks())
        if found is None:
            return Continue()
        removed = _written_entries(ours, found)
        if not takes_others(context, found, removed):
            entries = [found[index] for index in sorted(removed)]
            return None if remove_entries(context, entries) else Continue()
        change_set = edits.store(
            context,
            plan_removal(context, found, removed),
            entries_of(context, found),
            target_read=None,
        )
    outcome = edits.apply(context, change_set)
    return None if isinstance(outcome, ChangeSet) else outcome


def _written_entries(ours: Sequence[TargetTrack], found: Sequence[TargetEntry]) -> set[int]:
    """Give the indices of what was written here: by item id, or as many of a track as were."""
    item_ids = {track.target_item_id for track in ours if track.target_item_id is not None}
    unknown = Counter(track.target_track_id for track in ours if track.target_item_id is None)
    mine = set()
    for index, entry in enumerate(found):
        if entry.item_id in item_ids and entry.item_id is not None:
            mine.add(index)
        elif unknown[entry.id] > 0:
            unknown[entry.id] -= 1
            mine.add(index)
    return mine
