"""The second stage: find each track's counterpart in the target's catalogue."""

from concurrent.futures import ThreadPoolExecutor

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.match_runner import MatchRunner
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage
from musicconnect.providers.errors import QuotaExhaustedError


def find(context: StepContext) -> Advance | Continue:
    """Search, look up and decide until no track is pending.

    Raises:
        ProviderError: a call failed; what was found so far is kept.
    """
    try:
        with (
            context.reservation.reserve_batch(),
            ThreadPoolExecutor(context.target.limits.reads_at_once) as pool,
            ThreadPoolExecutor(1) as saver,
        ):
            if not MatchRunner(context, pool, saver).run():
                return Continue()
    except QuotaExhaustedError:
        # What is found already can be written meanwhile, up to the first track that is still open.
        if not _can_write(context):
            raise
        context.commit(stage=Stage.CREATE, attempts=0)
        return Advance(Stage.CREATE)
    if context.row.dry_run:
        context.commit(stage=Stage.DONE, attempts=0)
    else:
        context.advance()
    return Advance(context.row.stage)


def _can_write(context: StepContext) -> bool:
    row = context.row
    if row.dry_run or row.is_update:
        return False
    with context.database.transaction(row.user_id) as connection:
        return any(track.write_state == "none" for track in store.target_tracks(connection, row.id))
