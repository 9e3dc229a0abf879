"""Advance one playlist by one bounded step.

State lives in Postgres; a message only says which playlist to advance. A step takes a lease on the playlist,
works until its budget is spent or it has to wait, commits after every provider call, gives the lease back and
says when the next step is due. Lost, doubled and reordered messages change nothing: whoever comes while the
playlist is leased, not due or finished goes away again, and the dispatcher sends what is due.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg

from musicconnect.migrations import decisions_store, status_text
from musicconnect.migrations.engine import job_store, store, transitions
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.store import StoppedError
from musicconnect.migrations.engine.transitions import Advance, Continue, Fail, Stage, StageResult, Wait
from musicconnect.music.model import ListKind
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.work import queue
from musicconnect.platform.work.budget import StepBudget
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.providers.errors import ProviderError

type Work = Callable[[StepContext], StageResult]


def work_of(stage: Stage, kind: ListKind = ListKind.PLAYLIST) -> Work:
    """Give what is done in a stage with what a playlist holds.

    It is imported when it comes: the matcher alone is a quarter of a start.

    Raises:
        ValueError: nothing is done in that stage.
    """
    match stage:
        case Stage.READ:
            from musicconnect.migrations.engine.stages.read import read  # noqa: PLC0415

            return read
        case Stage.MATCH if kind is not ListKind.PLAYLIST:
            from musicconnect.migrations.engine.stages import match_library  # noqa: PLC0415

            return match_library.find
        case Stage.MATCH:
            from musicconnect.migrations.engine.stages.match import find  # noqa: PLC0415

            return find
        case Stage.CREATE:
            from musicconnect.migrations.engine.stages.create import create  # noqa: PLC0415

            return create
        case Stage.WRITE:
            from musicconnect.migrations.engine.stages.write import write  # noqa: PLC0415

            return write
        case Stage.VERIFY:
            from musicconnect.migrations.engine.stages.verify import verify  # noqa: PLC0415

            return verify
        case Stage.UNDO:
            from musicconnect.migrations.engine.stages.rollback import roll_back  # noqa: PLC0415

            return roll_back
        case _:
            raise ValueError(stage)


def step(database: Database, playlist_id: int, user_id: int, budget: StepBudget) -> float | None:
    """Advance a playlist as far as the budget allows.

    Returns:
        Seconds until the next message is to come; None when none is needed: it is finished, parked until the
        dispatcher wakes it, or in somebody else's hands.

    Raises:
        Exception: a bug of ours, or a lost database; the playlist is as it was after the last commit.
    """
    lease = Lease.on(playlist_id)
    with database.transaction(user_id) as connection:
        decisions_store.apply_before_work(connection, playlist_id, clock.now())
        row = store.claim(connection, lease, now=clock.now())
    if row is None:
        logger.info("nothing to do", playlist_migration_id=playlist_id)
        return None
    context = StepContext(database, lease, row, budget)
    try:
        return _finish_step(context, StoppedError(row.stop) if row.stop else _work(context))
    except StoppedError as stopped:
        return _finish_step(context, stopped)
    except LeaseLostError:
        logger.warning("lease lost", playlist_migration_id=playlist_id, stage=context.row.stage)
        return None
    except Exception:
        _after_crash(context)
        raise


def _work(context: StepContext) -> StageResult:
    while context.row.stage is not Stage.DONE:
        try:
            outcome = work_of(context.row.stage, context.row.kind)(context)
        except ProviderError as error:
            row = context.row
            outcome = transitions.on_error(
                error, stage=row.stage, attempts=row.attempts, counts=row.counts, now=context.now(),
                seed=row.marker,
            )  # fmt: skip
            logger.warning(
                "provider call failed",
                playlist_migration_id=row.id,
                stage=row.stage,
                provider=error.provider,
                error=type(error).__name__,
                reason=error.reason,
                outcome=type(outcome).__name__,
            )
        if not isinstance(outcome, Advance):
            return outcome
    return Advance(Stage.DONE)


def _finish_step(context: StepContext, outcome: StageResult | StoppedError) -> float | None:
    """Release the lease together with what comes next."""
    now, row = context.now(), context.row
    changes: dict[str, Any] = {"lease_token": None, "lease_until": None, "waiting_for": None}
    delay: float | None = None
    match outcome:
        case Continue():
            delay = 0.0
            changes |= {"due_at": now, "enqueued_at": now}
        case Wait():
            # The dispatcher wakes those that wait for an allowance, in their person's order.
            is_in_order = outcome.waiting_for == "quota" and outcome.state.code == "waiting-for-quota"
            delay = None if is_in_order else queue.delay_until(outcome.until)
            changes |= {
                "due_at": outcome.until,
                "enqueued_at": None if delay is None else outcome.until,
                "attempts": outcome.attempts,
                "waiting_for": outcome.waiting_for,
            } | store.status_columns(outcome.state)
        case StoppedError():
            if outcome.stop == "cancel":  # Of a pause the job's row says the rest.
                changes |= _failed(Status("cancelled"), now)
        case Fail():
            changes |= _failed(outcome.state, now)
        case Advance():
            state = transitions.ended(
                row.counts,
                target=row.target_provider,
                dry_run=row.dry_run,
                is_rollback=row.is_rollback,
                kept=row.kept_count,
                kind=row.kind,
            )
            changes |= _ended("completed", state, now)
    with context.database.transaction(row.user_id) as connection:
        store.write(connection, context.lease, now=now, changes=changes)
        if decisions_store.apply_queued(connection, row.id, now):
            delay = 0.0
        job_store.refresh_job(connection, row.job_id, now)
    logger.info(
        "step",
        playlist_migration_id=row.id,
        stage=row.stage,
        outcome=type(outcome).__name__,
        delay=delay,
        written=row.written_count,
        matched=row.matched_count,
        tracks=row.track_count,
    )
    return delay


def _after_crash(context: StepContext) -> None:
    """Count it and release the lease, so that the message's next delivery can try again."""
    now, attempts = context.now(), context.row.attempts + 1
    changes: dict[str, Any] = {"lease_token": None, "lease_until": None, "attempts": attempts}
    failure = transitions.after_crash(attempts)
    if failure is not None:
        changes |= _failed(failure.state, now)
    # Without a database nothing can be counted; the lease ends by itself.
    with (
        suppress(psycopg.Error, LeaseLostError),
        context.database.transaction(context.row.user_id) as connection,
    ):
        store.write(connection, context.lease, now=now, changes=changes)
        if failure is not None:
            job_store.refresh_job(connection, context.row.job_id, now)


def _failed(state: Status, now: datetime) -> dict[str, Any]:
    return _ended("failed", state, now) | {"error_message": status_text.render(state, Reader(now))}


def _ended(status: str, state: Status, now: datetime) -> dict[str, Any]:
    columns = {"status": status, "finished_at": now, "due_at": None, "enqueued_at": None}
    return columns | store.status_columns(state)
