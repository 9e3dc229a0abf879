"""Take out what a migration wrote."""

from collections import Counter
from collections.abc import Sequence

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.read_target import TargetEntry, read_back
from musicconnect.migrations.engine.stages.update import remove_entries
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage, StageResult
from musicconnect.providers.errors import NotFoundError


def roll_back(context: StepContext) -> StageResult:
    """Take out what this migration wrote, and nothing else. Raises `ProviderError`."""
    ours = [track for track in context.target_tracks() if track.write_state != "none" and not track.adopted]
    if context.row.target_playlist_id is not None and ours:
        try:
            found = read_back(context, context.target_tracks())
        except NotFoundError:
            found = []  # Deleted by hand: nothing is left to undo.
        if found is None:
            return Continue()
        if not remove_entries(context, _written_entries(ours, found)):
            return Continue()
    rows = [track.change("none") for track in ours]
    context.commit(TrackChange(store.SAVE_WRITES, rows), target_read=None, written_count=0, stage=Stage.DONE)
    return Advance(Stage.DONE)


def _written_entries(ours: Sequence[TargetTrack], found: Sequence[TargetEntry]) -> list[TargetEntry]:
    """Give the listed entries that were written here: by item id, or as many of a track as were."""
    item_ids = {track.target_item_id for track in ours if track.target_item_id is not None}
    unknown = Counter(track.target_track_id for track in ours if track.target_item_id is None)
    mine = []
    for entry in found:
        if entry.item_id in item_ids and entry.item_id is not None:
            mine.append(entry)
        elif unknown[entry.id] > 0:
            unknown[entry.id] -= 1
            mine.append(entry)
    return mine
