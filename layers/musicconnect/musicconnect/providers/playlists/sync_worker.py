"""The worker that reads an account's playlists into snapshots, page by page.

State is in Postgres; a message only says whose turn it is. Each page is committed with the cursor of the
next, so a run that is cut off anywhere goes on where it was, and a message that is lost, doubled or late
changes nothing.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from musicconnect.music.model import Page, Playlist
from musicconnect.platform import clock
from musicconnect.platform.config import ProviderSettings
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.work import queue
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
from musicconnect.providers.playlists.store import SyncLease, SyncStatus
from musicconnect.providers.protocol import Client
from musicconnect.providers.status_text import status_of

LEASE = timedelta(seconds=120)
"""Longer than the function may run, so that nobody else takes what is still being worked on."""
EARLY_TOLERANCE = timedelta(seconds=5)
"""A delayed message may arrive this much before its time."""
SYNC_INTERVAL = timedelta(days=1)
INITIAL_BACKOFF_S = 5.0
"""Seconds after a first failure; doubled with each one in a row."""
MAX_ATTEMPTS = 8
"""Failures in a row after which a run is given up until the next day: about 20 minutes."""
MAX_CLAIMED = 1000
READING = Status("reading-playlists")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncMessage:
    """Whose turn it is."""

    account_id: int
    user_id: int

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "SyncMessage":
        """Read a queue message."""
        return cls(account_id=int(body["account_id"]), user_id=int(body["user_id"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """How a step ends. Pure data: see `outcome_of`."""

    status: SyncStatus
    state: Status
    """The same for the user."""
    due_at: datetime | None
    attempts: int = 0
    restart: bool = False
    """Whether to begin again with the first page."""

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.status in ("completed", "failed")


def dispatch(database: Database) -> int:
    """Send a message for every account that is due; gives their number."""
    with database.transaction() as connection:
        due = store.claim_due_syncs(connection, clock.now(), MAX_CLAIMED)
    for account_id, user_id in due:
        sync_queue.enqueue(user_id, account_id)
    return len(due)


def advance(database: Database, message: SyncMessage, remaining_ms: Callable[[], int]) -> None:
    """Read as many pages as fit into the time that is left, at least one.

    Args:
        database: The service's.
        message: Whose turn it is.
        remaining_ms: Milliseconds until the function would be ended.
    """
    token, now = uuid.uuid4(), clock.now()
    with database.transaction(message.user_id) as connection:
        lease = store.claim_sync(
            connection,
            account_id=message.account_id,
            token=token,
            state=READING,
            now=now,
            due_by=now + EARLY_TOLERANCE,
            until=now + LEASE,
        )
    if lease is None:
        # Done, not due yet, unlinked, or in the hands of somebody who will send the next message.
        logger.info("nothing to sync", account_id=message.account_id)
        return
    client = client_for(database, message.user_id, lease.provider)
    _Run(database, message, lease, token, client).work(remaining_ms)


class _Run:
    """One worker's share of a run."""

    def __init__(
        self, database: Database, message: SyncMessage, lease: SyncLease, token: uuid.UUID, client: Client
    ) -> None:
        self._database = database
        self._message = message
        self._lease = lease
        self._token = token
        self._client = client
        self._cursor = lease.cursor

    def work(self, remaining_ms: Callable[[], int]) -> None:
        margin_ms = _max_page_ms()
        while True:
            try:
                page = self._client.playlists(self._cursor)
            except ProviderError as error:
                logger.info("playlist sync stopped", provider=error.provider, reason=error.reason)
                at_start = self._cursor is None
                attempts = self._lease.attempts if self._cursor == self._lease.cursor else 0
                self._end(outcome_of(error, attempts=attempts, at_start=at_start, now=clock.now()))
                return
            if not self._keep(page) or page.cursor is None:
                return
            self._cursor = page.cursor
            if remaining_ms() < margin_ms:
                self._end(SyncOutcome(status="running", state=READING, due_at=clock.now()))
                return

    def _keep(self, page: Page[Playlist]) -> bool:
        """Commit a page; False if the run is no longer ours."""
        account_id, now = self._lease.account_id, clock.now()
        with self._database.transaction(self._message.user_id) as connection:
            if not (
                store.lock_account(connection, account_id)
                and store.save_page(
                    connection,
                    account_id=account_id,
                    token=self._token,
                    cursor=page.cursor,
                    until=now + LEASE,
                )
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
                store.delete_unseen(connection, account_id=account_id, since=self._lease.started_at)
                store.finish_step(
                    connection,
                    account_id=account_id,
                    token=self._token,
                    status="completed",
                    state=Status("up-to-date"),
                    now=now,
                    due_at=now + SYNC_INTERVAL,
                )
        if page.cursor is None:
            with self._database.transaction(self._message.user_id) as connection:
                store.clear_no_channel(connection, account_id, now)
        return True

    def _end(self, outcome: SyncOutcome) -> None:
        now = clock.now()
        wait = (outcome.due_at - now).total_seconds() if outcome.due_at and not outcome.is_over else None
        send = wait is not None and wait <= queue.MAX_DELAY
        with self._database.transaction(self._message.user_id) as connection:
            ours = store.finish_step(
                connection,
                account_id=self._lease.account_id,
                token=self._token,
                status=outcome.status,
                state=outcome.state,
                now=now,
                due_at=outcome.due_at,
                # When the message will be there; without one, the timer finds it when it is due.
                enqueued_at=outcome.due_at if send else None,
                attempts=outcome.attempts,
                restart=outcome.restart,
            )
        if ours and send and wait is not None:
            sync_queue.enqueue(self._message.user_id, self._lease.account_id, delay=max(0.0, wait))


def outcome_of(error: ProviderError, *, attempts: int, at_start: bool, now: datetime) -> SyncOutcome:
    """What a failure means for the run. Pure.

    Args:
        error: What the client raised.
        attempts: Failures in a row before this one.
        at_start: Whether it was the first page that failed.
        now: The current time.
    """

    def later(code: str, at: datetime, status: SyncStatus = "running", **values: Any) -> SyncOutcome:
        state = Status(code, {"provider": error.provider, "until": at.isoformat()})
        return SyncOutcome(status=status, state=state, due_at=at, **values)

    match error:
        case QuotaExhaustedError():
            return later("quota-exhausted", error.until)
        case RetryableError() if attempts < MAX_ATTEMPTS:
            wait = error.retry_after or INITIAL_BACKOFF_S * 2**attempts
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
            return SyncOutcome(status="failed", state=status_of(error), due_at=None)
        case RetryableError():
            return later("given-up", now + SYNC_INTERVAL, "failed")
        case _:
            return SyncOutcome(status="failed", state=status_of(error), due_at=now + SYNC_INTERVAL)


def _max_page_ms() -> float:
    """How long one more page could take: a refresh and two calls that all just come in time, and commits."""
    return (3 * sum(ProviderSettings.from_environment().timeout) + 2) * 1000
