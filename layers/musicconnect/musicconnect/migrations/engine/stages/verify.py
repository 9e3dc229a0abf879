"""Check what arrived in the target."""

from musicconnect.migrations.engine import sequence_diff, store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.read_target import read_back
from musicconnect.migrations.engine.stages.update import held_by_target, truncate
from musicconnect.migrations.engine.store import TrackChange
from musicconnect.migrations.engine.transitions import (
    Advance,
    Continue,
    RemoveDuplicates,
    RewriteMissing,
    Stage,
    StageResult,
    Wait,
    after_verification,
)


def verify(context: StepContext) -> StageResult:
    """Read the target back and compare it with what was written. Raises `ProviderError`."""
    written = [track for track in context.target_tracks() if track.write_state == "written"]
    found = read_back(context, written)
    if found is None:
        return Continue()
    expected, listed = [track.target_track_id for track in written], [entry.id for entry in found]
    if context.row.is_update:
        held = held_by_target(context, written, found)
        missing = tuple(index for index, here in enumerate(held) if not here)
        comparison = sequence_diff.PlaylistDiff(missing, 0, (), True)
    else:
        comparison = sequence_diff.compare(expected, listed)
    verdict = after_verification(
        comparison,
        len(written),
        looks=context.row.look_count,
        repairs=context.row.repair_count,
        target=context.row.target_provider,
        now=context.now(),
        doubtful=[track.target_track_id for track in written if track.rewritten],
    )
    match verdict:
        case Advance():
            context.advance(target_read=None)
        case Wait():
            context.commit(target_read=None, look_count=context.row.look_count + 1)
        case RemoveDuplicates():
            if not truncate(context, written, most=len(written), found=found):
                return Continue()
            context.commit(
                stage=Stage.WRITE, target_read=None, look_count=0, repair_count=context.row.repair_count + 1
            )
            return Advance(Stage.WRITE)
        case RewriteMissing():
            lost = [written[index].change("none") for index in verdict.missing]
            context.commit(
                TrackChange(store.SAVE_WRITES, lost),
                stage=Stage.WRITE,
                target_read=None,
                look_count=0,
                repair_count=context.row.repair_count + 1,
                written_count=context.row.written_count - len(lost),
            )
            return Advance(Stage.WRITE)
    return verdict
