"""An allowance booked for several calls at once, by one worker.

Booking each call costs a transaction. A worker that knows how many calls it is about to make books them
together, makes them, perhaps from several threads, and gives back what it did not use. The ledger is never
passed: a bucket that holds less than was asked for gives what it holds.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from musicconnect import clock
from musicconnect.db import Database
from musicconnect.providers import quota, registry, store
from musicconnect.providers.base import ProviderName, QuotaExhaustedError


@dataclass(slots=True)
class _Advance:
    """What is left of a booking."""

    day: date
    cost: int
    calls: int


class Purse:
    """Pays for the calls of one client. Threads may share it."""

    def __init__(self, database: Database, provider: ProviderName) -> None:
        self._database = database
        self._provider = provider
        self._turn = threading.Lock()
        self._ahead = 0
        self._advances: dict[str, _Advance] = {}
        self._empty: dict[str, QuotaExhaustedError] = {}

    @contextmanager
    def ahead(self, calls: int) -> Iterator[None]:
        """Book up to so many calls at once, as soon as one of them is made; the rest is given back after."""
        self._ahead = calls
        try:
            yield
        finally:
            self._ahead = 0
            self._empty.clear()
            self._give_back()

    def reserve(self, bucket: str, cost: int) -> None:
        """Pay for one call.

        Raises:
            QuotaExhaustedError: nothing is left before ``until``.
        """
        with self._turn:
            if self._ahead <= 1 and bucket not in self._advances:
                quota.reserve(self._database, self._provider, bucket, cost)
                return
            if bucket in self._empty:
                raise self._empty[bucket]
            advance = self._advances.get(bucket)
            today = quota.day_of(registry.get(self._provider), clock.now())
            if advance is not None and (advance.day, advance.cost) != (today, cost):
                # Booked before midnight, or for another kind of call.
                self._return(bucket)
                advance = None
            if advance is None or advance.calls <= 0:
                advance = self._book(bucket, cost)
            advance.calls -= 1
            self._ahead -= 1

    def _book(self, bucket: str, cost: int) -> _Advance:
        entry, now = registry.get(self._provider), clock.now()
        day = quota.day_of(entry, now)
        with self._database.transaction() as connection:
            calls, spent_until = store.book_quota_ahead(
                connection,
                provider=self._provider,
                bucket=bucket,
                day=day,
                cost=cost,
                most=max(1, self._ahead),
                limit=entry.bucket(bucket).limit,
                now=now,
            )
        if calls < 1:
            until = spent_until or quota.next_reset(entry, now)
            self._empty[bucket] = quota.exhausted(self._provider, bucket, until)
            raise self._empty[bucket]
        self._advances[bucket] = _Advance(day, cost, calls)
        return self._advances[bucket]

    def _give_back(self) -> None:
        for bucket in list(self._advances):
            self._return(bucket)

    def _return(self, bucket: str) -> None:
        advance = self._advances.pop(bucket)
        if advance.calls <= 0:
            return
        with self._database.transaction() as connection:
            store.give_back_quota(
                connection,
                provider=self._provider,
                bucket=bucket,
                day=advance.day,
                amount=advance.calls * advance.cost,
            )
