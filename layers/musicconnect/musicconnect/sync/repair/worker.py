"""Take a step of a repair, and say when the next one is due."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import Connection

from musicconnect.changes import service as change_sets
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.work import queue, worker
from musicconnect.platform.work.backoff import exponential
from musicconnect.platform.work.budget import StepBudget, budget_s
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.providers import errors
from musicconnect.providers.errors import ProviderError
from musicconnect.sync.messages import PairsMessage, send
from musicconnect.sync.repair import schedules_store, store
from musicconnect.sync.repair.outcomes import Continue, Done
from musicconnect.sync.repair.store import RepairRow

if TYPE_CHECKING:
    from musicconnect.sync.repair.engine import RepairStep

INITIAL_BACKOFF_S, MAX_BACKOFF_S = 60.0, 86_400.0
MAX_CRASHES = 10
MAX_BEGUN = 1_000
"""Checks of schedules in one run of the timer."""
_RESTS: Final = {"account-missing": "sleeping", "playlist-gone": "lost"}
"""What a check's end means for its schedule."""


def advance(database: Database, user_id: int, repair_id: int, deadline: Deadline) -> None:
    """Take a step of a repair, if it is due and in nobody's hands."""
    lease = Lease.on(repair_id)
    with database.transaction(user_id) as connection:
        row = store.claim(connection, lease, now=clock.now())
    if row is None:
        return
    from musicconnect.sync.repair.engine import RepairStep  # noqa: PLC0415 - with the matcher

    step = RepairStep(database, row, lease, StepBudget.of(budget_s(deadline.remaining_s)))
    outcome: Done | Continue
    try:
        outcome = step.advance()
    except LeaseLostError:
        return
    except ProviderError as error:
        logger.warning(
            "provider call failed", repair_id=row.id, provider=error.provider, error=type(error).__name__,
            reason=error.reason,
        )  # fmt: skip
        outcome = _on_error(row, error, clock.now(), step.attempts + 1)
    except Exception:
        with suppress(psycopg.Error, LeaseLostError):
            _release(database, row, step, _after_crash(row))
        raise
    with suppress(LeaseLostError):
        _release(database, row, step, _changes_of(outcome), outcome)
    logger.info("repair", repair_id=row.id, outcome=type(outcome).__name__)
    due_at = outcome.at if isinstance(outcome, Continue) else outcome.due_at
    delay = None if due_at is None else queue.delay_until(due_at)
    if delay is not None:
        send(PairsMessage(user_id=user_id, repair_id=repair_id), delay=delay)


def dispatch(database: Database) -> int:
    """Begin the checks of schedules, and send a message for every repair that is due; gives how many."""
    with database.transaction() as connection:
        schedules_store.begin_due(connection, clock.now(), change_sets.RETENTION, MAX_BEGUN)

    def claim(connection: Connection[Any], now: datetime, limit: int) -> list[PairsMessage]:
        return [
            PairsMessage(user_id=user_id, repair_id=repair_id, correlation_id=cause or "")
            for repair_id, user_id, _, cause in store.claim_due(connection, now, limit)
        ]

    return worker.dispatch(database, claim, send, work="repair")


def _release(
    database: Database,
    row: RepairRow,
    step: "RepairStep",
    changes: dict[str, Any],
    outcome: Done | Continue | None = None,
) -> None:
    free = {"lease_token": None, "lease_until": None, "cost": step.cost()}
    now = clock.now()
    with database.transaction(row.user_id) as connection:
        store.write(connection, step.lease, now=now, changes={**changes, **free})
        if row.schedule_id is None or not isinstance(outcome, Done):
            return
        if outcome.is_news:
            counts = outcome.state.params
            params = {"repair_id": row.id, "schedule_id": row.schedule_id, "provider": row.provider}
            params |= {name: counts[name] for name in ("dead", "sure", "unsure")}
            key = f"playlist-needs-repair:{row.id}"
            outbox.record(connection, row.user_id, "playlist-needs-repair", params, key=key, at=now)
        if row.status == "checking" and (status := _RESTS.get(outcome.state.code)) is not None:
            code = "sleeping" if status == "sleeping" else outcome.state.code
            schedules_store.change(connection, row.schedule_id, status=status, status_code=code)


def _changes_of(outcome: Done | Continue) -> dict[str, Any]:
    if isinstance(outcome, Continue):
        return {"due_at": outcome.at, "enqueued_at": outcome.at}
    is_over = outcome.status not in store.OPEN
    return {
        "attempts": 0,
        **outcome.changes,
        "status": outcome.status,
        "status_code": outcome.state.code,
        "status_params": dict(outcome.state.params),
        "due_at": outcome.due_at,
        "enqueued_at": outcome.due_at,
        "finished_at": clock.now() if is_over else None,
    }


def _on_error(row: RepairRow, error: ProviderError, now: datetime, attempts: int) -> Done:
    """Say what a provider's error means for a repair: to wait, or to stop and say why.

    ``attempts`` are the failures in a row, this one included.
    """
    about = {"provider": error.provider}
    match error:
        case errors.QuotaExhaustedError(until=until):
            until = max(until, now + timedelta(seconds=1))
            state = Status("waiting-for-quota", {**about, "until": until.isoformat()})
            return Done(row.status, state, {"attempts": attempts}, until)
        case errors.RetryableError():
            wait = exponential(attempts, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S, seed=str(row.id))
            until = now + max(wait, timedelta(seconds=error.retry_after or 0))
            state = Status("waiting-for-provider", {**about, "until": until.isoformat()})
            return Done(row.status, state, {"attempts": attempts}, until)
        case (
            errors.NotLinkedError()
            | errors.ConsentRevokedError()
            | errors.ScopeMissingError()
            | errors.NoChannelError()
        ):
            return Done("failed", Status("account-missing", about))
        case errors.NotFoundError():
            return Done("failed", Status("playlist-gone", about))
        case _:
            return Done("failed", Status("refused-by-provider", {**about, "message": error.message}))


def _after_crash(row: RepairRow) -> dict[str, Any]:
    attempts = row.attempts + 1
    if attempts < MAX_CRASHES:
        return {"attempts": attempts}
    return _changes_of(Done("failed", Status("internal-error")))
