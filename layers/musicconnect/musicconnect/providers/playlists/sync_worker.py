"""Read accounts' playlists into snapshots, page by page.

State is in Postgres; a message only says whose turn it is. Each page is committed with the cursor of the
next, so a run that is cut off anywhere goes on where it was, and a message that is lost, doubled or late
changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.music.model import Page, Playlist
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.config import ProviderSettings
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.work import queue, worker
from musicconnect.platform.work.backoff import exponential
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease
from musicconnect.platform.work.message import Message
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotFoundError,
    NotLinkedError,
    ProviderError,
    QuotaExhaustedError,
    RejectedError,
    RetryableError,
)
from musicconnect.providers.playlists import store, sync_queue
from musicconnect.providers.playlists.store import SyncOutcome, SyncRun, SyncStatus
from musicconnect.providers.protocol import Client

EARLY_TOLERANCE = timedelta(seconds=5)
"""A delayed message may arrive this much before its time."""
SYNC_INTERVAL = timedelta(days=1)
INITIAL_BACKOFF_S = 5.0
"""Seconds after a first failure; doubled with each one in a row."""
MAX_ATTEMPTS = 8
"""Failures in a row after which a run is given up until the next day: about 20 minutes."""
READING = Status("reading-playlists")


class SyncMessage(Message):
    """Whose playlists to read."""

    account_id: int


def dispatch(database: Database) -> int:
    """Send a message for every account that is due; return their number."""
    return worker.dispatch(
        database, store.claim_due_syncs, lambda due: sync_queue.enqueue(due[1], due[0]), work="playlist syncs"
    )


def advance(database: Database, message: SyncMessage, deadline: Deadline) -> None:
    """Read as many pages as fit into the time that is left, at least one."""
    lease, now = Lease.on(message.account_id), clock.now()
    with database.transaction(message.user_id) as connection:
        run = store.claim_sync(connection, lease, state=READING, now=now, due_by=now + EARLY_TOLERANCE)
    if run is None:
        # Done, not due yet, unlinked, or in the hands of somebody who will send the next message.
        logger.info("nothing to sync", account_id=message.account_id)
        return
    client = client_for(database, message.user_id, run.provider)
    _Run(database, message, run, lease, client).work(deadline)


class _Run:
    """One worker's share of a run."""

    def __init__(
        self, database: Database, message: SyncMessage, run: SyncRun, lease: Lease, client: Client
    ) -> None:
        self._database = database
        self._message = message
        self._run = run
        self._lease = lease
        self._client = client
        self._cursor = run.cursor

    def work(self, deadline: Deadline) -> None:
        margin_ms = _max_page_ms()
        while True:
            try:
                page = self._client.playlists(self._cursor)
            except ProviderError as error:
                logger.info("playlist sync stopped", provider=error.provider, reason=error.reason)
                at_start = self._cursor is None
                attempts = self._run.attempts if self._cursor == self._run.cursor else 0
                self._end(outcome_of(error, attempts=attempts, at_start=at_start, now=clock.now()))
                return
            if not self._save(page) or page.cursor is None:
                return
            self._cursor = page.cursor
            if deadline.remaining_ms < margin_ms:
                self._end(SyncOutcome(status="running", state=READING, due_at=clock.now()))
                return

    def _save(self, page: Page[Playlist]) -> bool:
        """Commit a page; False if the run is no longer ours."""
        account_id, now = self._lease.id, clock.now()
        with self._database.transaction(self._message.user_id) as connection:
            if not (
                store.lock_account(connection, account_id)
                and store.save_page(connection, self._lease.extended(), page.cursor)
            ):
                return False
            store.upsert_snapshots(
                connection,
                account_id=account_id,
                user_id=self._message.user_id,
                playlists=page.items,
                now=now,
            )
            if page.cursor is None:
                since = self._run.started_at
                for playlist_id in store.delete_unseen(connection, account_id=account_id, since=since):
                    self._tell_gone(connection, playlist_id, now)
                done = SyncOutcome(status="completed", state=Status("up-to-date"), due_at=now + SYNC_INTERVAL)
                store.finish_step(connection, self._lease, done, now=now)
        if page.cursor is None:
            with self._database.transaction(self._message.user_id) as connection:
                store.clear_no_channel(connection, account_id, now)
        return True

    def _tell_gone(self, connection: Connection[Any], playlist_id: int, now: datetime) -> None:
        """Tell the owner of a shared playlist that it is gone, and its page with it."""
        params = {
            "playlist_id": playlist_id,
            "provider": self._run.provider,
            "reason": "playlist-gone",
        }
        key = f"share-paused:{playlist_id}:{now.isoformat()}"
        outbox.record(connection, self._message.user_id, "share-paused", params, key=key, at=now)

    def _end(self, outcome: SyncOutcome) -> None:
        now = clock.now()
        delay = queue.delay_until(outcome.due_at) if outcome.due_at and not outcome.is_over else None
        with self._database.transaction(self._message.user_id) as connection:
            # When the message will be there; without one, the timer finds it when it is due.
            enqueued_at = None if delay is None else outcome.due_at
            ours = store.finish_step(connection, self._lease, outcome, now=now, enqueued_at=enqueued_at)
        if ours and delay is not None:
            sync_queue.enqueue(self._message.user_id, self._lease.id, delay=delay)


def outcome_of(error: ProviderError, *, attempts: int, at_start: bool, now: datetime) -> SyncOutcome:
    """Decide what a failure of the client means for the run. Pure.

    Args:
        error: The failure.
        attempts: Failures in a row before this one.
        at_start: Whether it was the first page that failed.
        now: The current time.
    """

    def later(code: str, at: datetime, status: SyncStatus = "running", attempts: int = 0) -> SyncOutcome:
        state = Status(code, {"provider": error.provider, "until": at.isoformat()})
        return SyncOutcome(status=status, state=state, due_at=at, attempts=attempts)

    match error:
        case QuotaExhaustedError():
            return later("quota-exhausted", error.until)
        case RetryableError() if attempts < MAX_ATTEMPTS:
            backoff = exponential(
                attempts + 1, initial_s=INITIAL_BACKOFF_S, max_s=SYNC_INTERVAL.total_seconds()
            )
            wait = error.retry_after or backoff.total_seconds()
            return later("retrying", now + timedelta(seconds=wait), attempts=attempts + 1)
        case RejectedError() | NotFoundError() if not at_start and attempts < MAX_ATTEMPTS:
            # A cursor of theirs that is no longer good.
            return SyncOutcome(
                status="running",
                state=Status("list-changed"),
                due_at=now + timedelta(seconds=INITIAL_BACKOFF_S),
                attempts=attempts + 1,
                restart=True,
            )
        case ConsentRevokedError() | NotLinkedError() | NoChannelError():
            return SyncOutcome(status="failed", state=error.status, due_at=None)
        case RetryableError():
            return later("given-up", now + SYNC_INTERVAL, "failed")
        case _:
            return SyncOutcome(status="failed", state=error.status, due_at=now + SYNC_INTERVAL)


def _max_page_ms() -> float:
    # A refresh and two calls that all just come in time, and commits.
    return (3 * sum(ProviderSettings.from_environment().timeout) + 2) * 1000
