"""Reserve an allowance for several calls at once, for one worker.

Booking each call costs a transaction. A worker that knows how many calls it is about to make books them
together, makes them, perhaps from several threads, and gets back what it did not use. A bucket that holds
less than was asked for gives what it holds.

A worker that is killed cannot return what it had booked: at most one batch of a limited day, since nobody
could tell which of the calls were made.

Users share a limited allowance (see `fair_share`): who has had an equal part of the day waits while others
want theirs, and looks again after `FAIR_SHARE_RECHECK`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.music.model import ProviderName
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.errors import QuotaExhaustedError, exhausted_error
from musicconnect.providers.quota import fair_share, ledger, store

FAIR_SHARE_RECHECK = timedelta(minutes=5)
"""How long to wait while it is others' turn."""
MIN_BATCHES_PER_DAY = 20
"""A limited day is booked in at least so many batches."""
DEMAND_LIFETIME = 2 * FAIR_SHARE_RECHECK
"""How long a user counts as wanting more who has not come back."""


@dataclass(slots=True)
class _Batch:
    """What is left of a booking."""

    day: date
    cost: int
    calls: int


class QuotaReservation:
    """Pays for the calls of one client. Threads may share it."""

    def __init__(self, database: Database, provider: ProviderName, user_id: int | None = None) -> None:
        self._database = database
        self._user_id = user_id
        self._provider = provider
        self._lock = threading.Lock()
        self._expected = 0
        self._is_open = False
        self._batches: dict[str, _Batch] = {}
        self._exhausted: dict[str, QuotaExhaustedError] = {}

    @contextmanager
    def reserve_batch(self, calls: int = 0) -> Iterator[None]:
        """Book up to ``calls`` at once when the first of them is made; refund the rest at the end."""
        self._expected = calls
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False
            self._expected = 0
            self._exhausted.clear()
            for bucket in list(self._batches):
                self._refund(bucket)

    def expect(self, calls: int) -> None:
        """Announce more calls within `reserve_batch`."""
        with self._lock:
            self._expected += calls

    def reserve(self, bucket: str, cost: int) -> None:
        """Pay for one call.

        Raises:
            QuotaExhaustedError: nothing is left before ``until``.
            RateLimitedError: a bucket of tokens holds too few at the moment.
        """
        with self._lock:
            # A bucket of tokens is no day's work: nothing is put by.
            has_rate = registry.get(self._provider).bucket(bucket).rate is not None
            if has_rate or (not self._is_open and not self._is_shared(bucket)):
                ledger.reserve(self._database, self._provider, bucket, cost)
                return
            if bucket in self._exhausted and self._is_open:
                raise self._exhausted[bucket]
            batch = self._batches.get(bucket)
            today = ledger.day_of(registry.get(self._provider), clock.now())
            if batch is not None and (batch.day, batch.cost) != (today, cost):
                # Booked before midnight, or for another kind of call.
                self._refund(bucket)
                batch = None
            if batch is None or batch.calls <= 0:
                batch = self._book(bucket, cost)
            batch.calls -= 1
            self._expected -= 1
            if not self._is_open:
                self._expected = 0
                self._exhausted.clear()

    def _is_shared(self, bucket: str) -> bool:
        """Whether users take turns on a bucket."""
        return self._user_id is not None and registry.get(self._provider).bucket(bucket).limit is not None

    def _book(self, bucket: str, cost: int) -> _Batch:
        entry, now = registry.get(self._provider), clock.now()
        day = ledger.day_of(entry, now)
        limit, wanted = entry.bucket(bucket).limit, max(1, self._expected)
        calls, spent_until, until = 0, None, ledger.next_reset(entry, now)
        with self._database.transaction() as connection:
            if limit is not None:
                wanted = min(wanted, max(1, limit // MIN_BATCHES_PER_DAY // cost))
                if self._user_id is not None:
                    demand = _register(connection, self._provider, bucket, self._user_id, now)
                    left = limit - demand.used
                    used = dict(zip(demand.user_ids, demand.used_by, strict=True))
                    allowed = fair_share.allowed_calls(
                        self._user_id, used, limit=limit, left=left, cost=cost, day=day.toordinal()
                    )
                    # A call by itself (making a playlist, looking at it) is not held up for others.
                    if self._is_open:
                        wanted = min(wanted, allowed)
                    if allowed < 1 and left >= cost:
                        until = now + FAIR_SHARE_RECHECK
            if wanted > 0:
                calls, spent_until = store.booking(
                    provider=self._provider, bucket=bucket, day=day, cost=cost, max_calls=wanted,
                    limit=limit, now=now,
                ).run(connection)  # fmt: skip
            until = spent_until or until
            if limit is not None and self._user_id is not None:
                store.record_share(
                    connection,
                    provider=self._provider,
                    bucket=bucket,
                    user_id=self._user_id,
                    amount=calls * cost,
                    demand_until=None if calls else until + DEMAND_LIFETIME,
                )
        if calls < 1:
            self._exhausted[bucket] = exhausted_error(self._provider, bucket, until)
            raise self._exhausted[bucket]
        self._batches[bucket] = _Batch(day, cost, calls)
        return self._batches[bucket]

    @staticmethod
    def register_demand(
        connection: Connection[Any], provider: ProviderName, user_id: int, now: datetime
    ) -> None:
        """Register, in the caller's transaction, that a user is about to want some of every limited bucket.

        Others leave them their share from then on.
        """
        for bucket in registry.get(provider).buckets:
            if bucket.limit is not None:
                _register(connection, provider, bucket.name, user_id, now)

    def _refund(self, bucket: str) -> None:
        batch = self._batches.pop(bucket)
        if batch.calls <= 0:
            return
        amount = batch.calls * batch.cost
        with self._database.transaction() as connection:
            store.refund(connection, provider=self._provider, bucket=bucket, day=batch.day, amount=amount)
            if self._user_id is not None:
                store.record_share(
                    connection, provider=self._provider, bucket=bucket, user_id=self._user_id, amount=-amount
                )


def _register(
    connection: Connection[Any], provider: ProviderName, bucket: str, user_id: int, now: datetime
) -> store.QuotaDemand:
    return store.register_demand(
        connection,
        provider=provider,
        bucket=bucket,
        user_id=user_id,
        day=ledger.day_of(registry.get(provider), now),
        now=now,
        until=now + DEMAND_LIFETIME,
    )
