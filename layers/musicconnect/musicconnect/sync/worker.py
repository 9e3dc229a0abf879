"""Look at the pairs of one person that are due, many by one call, and work on those that changed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection

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
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import ProviderError
from musicconnect.sync import schedule, store
from musicconnect.sync.allowance import CountedReservation
from musicconnect.sync.merge.state import SIDES
from musicconnect.sync.messages import PairsMessage, send
from musicconnect.sync.outcomes import ASKING, FIRST, Continue, Done
from musicconnect.sync.repair import worker as repairs
from musicconnect.sync.store import PairRow

MAX_CLAIMED = 1_000
"""Pairs that one message looks at: a provider's list of playlists is walked through once for all."""
MAX_READ = 50
"""Of these, pairs that it reads; the others are due again at once."""
INITIAL_BACKOFF_S, MAX_BACKOFF_S = 60.0, 86_400.0
MAX_CRASHES = 10

type Look = dict[tuple[str, str], str]
"""Versions by provider and playlist."""


def advance(database: Database, message: PairsMessage, deadline: Deadline) -> None:
    """Work on a repair, or on the person's due pairs; what there is no time for is due again at once."""
    if message.repair_id is not None:
        repairs.advance(database, message.user_id, message.repair_id, deadline)
        return
    budget = StepBudget.of(budget_s(deadline.remaining_s))
    lease = Lease.on(0)
    with database.transaction(message.user_id) as connection:
        rows = store.claim(connection, lease, message.user_id, now=clock.now(), limit=MAX_CLAIMED)
    if not rows:
        return
    settled = [row for row in rows if _is_settled(row)]
    others = [row for row in rows if row not in settled]
    look = _look(database, message.user_id, [*settled, *others[:MAX_READ]])
    unchanged = [row for row in settled if _is_unchanged(row, look)]
    if unchanged:
        now = clock.now()
        entries = [
            {
                "id": row.id, "due_at": schedule.next_due(row.schedule, now).isoformat(),
                "left_version": row.left_version, "right_version": row.right_version,
                "status_code": "in-step",
            }
            for row in unchanged
        ]  # fmt: skip
        with database.transaction(message.user_id) as connection:
            store.release(connection, lease, entries)
    done = {row.id for row in unchanged}
    rest = [row for row in [*others, *settled] if row.id not in done]
    if rest[MAX_READ:]:
        with database.transaction(message.user_id) as connection:
            store.put_back(connection, lease, [row.id for row in rest[MAX_READ:]])
    delays = [_one(database, row, lease, budget, look) for row in rest[:MAX_READ]]
    soonest = min((delay for delay in delays if delay is not None), default=None)
    if len(rows) == MAX_CLAIMED or rest[MAX_READ:]:
        soonest = 0.0
    if soonest is not None:
        send(message, delay=soonest)


def _look(database: Database, user_id: int, rows: Sequence[PairRow]) -> Look:
    """Ask each provider once for the versions of all playlists; a provider that fails tells none."""
    found: Look = {}
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for provider, playlist_id in row.sides:
            wanted.setdefault(provider, set()).add(playlist_id)
    for provider, playlist_ids in wanted.items():
        if len(playlist_ids) < 2:  # A pair by itself is read anyway, or costs one call either way.
            continue
        reservation = CountedReservation(database, provider, user_id, is_scheduled=True)
        client = client_for(database, user_id, provider, reservation=reservation)
        with suppress(ProviderError):
            for playlist_id, playlist in client.look(sorted(playlist_ids)).items():
                found[provider, playlist_id] = schedule.version_of(playlist)
    return found


def _is_settled(row: PairRow) -> bool:
    """Tell whether a look can show that nothing is to be done: nothing waits, and it was read before."""
    return row.is_approved and row.run_id is None and not row.is_watched and None not in row.fingerprints


def _is_unchanged(row: PairRow, look: Look) -> bool:
    versions = [
        (row.versions[side], look.get(row.sides[side]), row.sides[side][0] in schedule.VERSION_PROVES)
        for side in SIDES
    ]
    return schedule.is_proven_unchanged(versions, read_at=row.read_at, wrote_at=row.wrote_at, now=clock.now())


def _one(database: Database, row: PairRow, lease: Lease, budget: StepBudget, look: Look) -> float | None:
    """Take a step of one pair and release it; gives the seconds until the next one, if that is soon."""
    # With the matcher and all that merges; most pairs have not changed, and need none of it.
    from musicconnect.sync.engine import PairStep  # noqa: PLC0415

    step = PairStep(database, row, lease, budget)
    versions = (look.get(row.sides[0]), look.get(row.sides[1]))
    try:
        if budget.is_spent():
            outcome: Done | Continue = Continue(clock.now())
        else:
            outcome = step.advance(versions)
    except LeaseLostError:
        return None
    except ProviderError as error:
        logger.warning(
            "provider call failed", pair_id=row.id, provider=error.provider, error=type(error).__name__,
            reason=error.reason,
        )  # fmt: skip
        outcome = _on_error(row, error, clock.now(), step.attempts)
    except Exception:
        with suppress(psycopg.Error, LeaseLostError):
            _release(database, row, step.lease, _after_crash(row))
        raise
    with suppress(LeaseLostError):
        _release(database, row, step.lease, _changes_of(outcome), stopped=_stopped_by(outcome))
    logger.info("pair", pair_id=row.id, outcome=type(outcome).__name__)
    due_at = outcome.at if isinstance(outcome, Continue) else outcome.due_at
    return None if due_at is None else queue.delay_until(due_at)


def _release(
    database: Database,
    row: PairRow,
    lease: Lease,
    changes: dict[str, Any],
    *,
    stopped: Mapping[str, Any] | None = None,
) -> None:
    """Give a pair free; ``stopped``: by which guard, which its person is told."""
    free = {"lease_token": None, "lease_until": None}
    now = clock.now()
    with database.transaction(row.user_id) as connection:
        store.write(connection, lease, now=now, changes={**changes, **free})
        if stopped is not None:
            params = {"pair_id": row.id, **stopped}
            key = f"pair-stopped:{row.id}:{now.isoformat()}"
            outbox.record(connection, row.user_id, "pair-stopped", params, key=key, at=now)


def _stopped_by(outcome: Done | Continue) -> dict[str, Any] | None:
    """Give the guard that stopped a run and its number; None where none did: the first run asks anyway."""
    if isinstance(outcome, Continue) or outcome.pair_status != "asking" or outcome.status.code == FIRST:
        return None
    guard = outcome.status.code.removeprefix(ASKING)
    return {"guard": guard, "count": outcome.status.params["count"]}


def _changes_of(outcome: Done | Continue) -> dict[str, Any]:
    if isinstance(outcome, Continue):
        status = outcome.status
        told = {"status_code": status.code, "status_params": dict(status.params)} if status else {}
        return {"due_at": outcome.at, "enqueued_at": outcome.at, **told}
    return {
        **outcome.changes,
        "status": outcome.pair_status,
        "status_code": outcome.status.code,
        "status_params": dict(outcome.status.params),
        "due_at": outcome.due_at,
        "enqueued_at": None,
        "attempts": outcome.attempts,
        **({} if outcome.attempts else {"is_watched": False}),
    }


def _on_error(row: PairRow, error: ProviderError, now: datetime, attempts: int) -> Done:
    """Say what a provider's error means for a pair: to wait, sleep or pause, or a playlist is lost.

    ``attempts`` are the failures in a row before this one.
    """
    about = {"provider": error.provider}
    match error:
        case errors.QuotaExhaustedError(until=until):
            until = max(until, now + timedelta(seconds=1))
            status = Status("waiting-for-quota", {**about, "until": until.isoformat()})
            return Done(status, until, attempts=attempts + 1)
        case errors.RetryableError():
            attempts += 1
            wait = exponential(attempts, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S, seed=str(row.id))
            until = now + max(wait, timedelta(seconds=error.retry_after or 0))
            status = Status("waiting-for-provider", {**about, "until": until.isoformat()})
            return Done(status, until, attempts=attempts)
        case (
            errors.NotLinkedError()
            | errors.ConsentRevokedError()
            | errors.ScopeMissingError()
            | errors.NoChannelError()
        ):
            return Done(Status("sleeping", about), None, "sleeping")
        case errors.NotFoundError():
            return Done(Status("playlist-gone", about), None, "lost")
        case _:
            status = Status("refused-by-provider", {**about, "message": error.message})
            return Done(status, None, "paused")


def _after_crash(row: PairRow) -> dict[str, Any]:
    attempts = row.attempts + 1
    if attempts < MAX_CRASHES:
        return {"attempts": attempts}
    return {"attempts": 0, "status": "paused", "status_code": "internal-error", "due_at": None}


def dispatch(database: Database) -> int:
    """Send a message for everybody who has pairs that are due, and for every due repair; gives how many."""

    def claim(connection: Connection[Any], now: datetime, limit: int) -> list[PairsMessage]:
        people = {user_id: cause for user_id, _, cause in store.claim_due(connection, now, limit)}
        return [
            PairsMessage(user_id=user_id, correlation_id=cause or "") for user_id, cause in people.items()
        ]

    return worker.dispatch(database, claim, send, work="sync") + repairs.dispatch(database)
