"""The second stage: find each track's counterpart in the target's catalogue."""

from concurrent.futures import ThreadPoolExecutor

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import Bench
from musicconnect.migrations.engine.stages.match_runner import Hunt
from musicconnect.migrations.engine.transitions import Advance, Pause, Stage
from musicconnect.providers.errors import QuotaExhaustedError


def find(bench: Bench) -> Advance | Pause:
    """Search, look up and decide until no track is pending.

    Raises:
        ProviderError: a call failed; what was found so far is kept.
    """
    try:
        with (
            bench.reservation.reserve_batch(),
            ThreadPoolExecutor(bench.target.limits.reads_at_once) as pool,
            ThreadPoolExecutor(1) as saver,
        ):
            if not Hunt(bench, pool, saver).run():
                return Pause()
    except QuotaExhaustedError:
        # What is found already can be written meanwhile, up to the first place that is still open.
        if not _can_write(bench):
            raise
        bench.commit(stage=Stage.CREATE, attempts=0)
        return Advance(Stage.CREATE)
    if bench.row.is_dry_run:
        bench.commit(stage=Stage.DONE, attempts=0)
    else:
        bench.advance()
    return Advance(bench.row.stage)


def _can_write(bench: Bench) -> bool:
    row = bench.row
    if row.is_dry_run or row.is_update:
        return False
    with bench.database.transaction(row.user_id) as connection:
        return any(place.write_state == "none" for place in store.places(connection, row.id))
