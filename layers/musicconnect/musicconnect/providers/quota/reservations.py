"""An allowance booked for several calls at once, by one worker.

Booking each call costs a transaction. A worker that knows how many calls it is about to make books them
together, makes them, perhaps from several threads, and gives back what it did not use. The ledger is never
passed: a bucket that holds less than was asked for gives what it holds.

A worker that is killed cannot give back what it had booked: at most a `PART` of a limited day, since nobody
could tell which of the calls were made.

Where an allowance is limited, people share it (`sharing`): who has had an equal part of the day's waits while
others want theirs, and looks again after `TURN` whether they still do.
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
from musicconnect.providers.accounts import store
from musicconnect.providers.errors import QuotaExhaustedError
from musicconnect.providers.quota import fair_share, ledger

TURN = timedelta(minutes=5)
"""How long to wait while it is others' turn."""
PART = 20
"""A limited day is booked in parts of at most one in so many."""
PATIENCE = 2 * TURN
"""How long somebody counts as wanting more who has not come back."""


@dataclass(slots=True)
class _Advance:
    """What is left of a booking."""

    day: date
    cost: int
    calls: int


class Purse:
    """Pays for the calls of one client. Threads may share it."""

    def __init__(self, database: Database, provider: ProviderName, holder: int | None = None) -> None:
        self._database = database
        self._holder = holder
        self._provider = provider
        self._turn = threading.Lock()
        self._ahead = 0
        self._is_open = False
        self._advances: dict[str, _Advance] = {}
        self._empty: dict[str, QuotaExhaustedError] = {}

    @contextmanager
    def ahead(self, calls: int = 0) -> Iterator[None]:
        """Book up to so many calls at once, as soon as one of them is made; the rest is given back after."""
        self._ahead = calls
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False
            self._ahead = 0
            self._empty.clear()
            self._give_back()

    def expect(self, calls: int) -> None:
        """So many more calls are about to be made, within `ahead`."""
        with self._turn:
            self._ahead += calls

    def reserve(self, bucket: str, cost: int) -> None:
        """Pay for one call.

        Raises:
            QuotaExhaustedError: nothing is left before ``until``.
        """
        with self._turn:
            if not self._is_open and not self._is_shared(bucket):
                ledger.reserve(self._database, self._provider, bucket, cost)
                return
            if bucket in self._empty and self._is_open:
                raise self._empty[bucket]
            advance = self._advances.get(bucket)
            today = ledger.day_of(registry.get(self._provider), clock.now())
            if advance is not None and (advance.day, advance.cost) != (today, cost):
                # Booked before midnight, or for another kind of call.
                self._return(bucket)
                advance = None
            if advance is None or advance.calls <= 0:
                advance = self._book(bucket, cost)
            advance.calls -= 1
            self._ahead -= 1
            if not self._is_open:
                self._ahead = 0
                self._empty.clear()

    def _is_shared(self, bucket: str) -> bool:
        """Whether what somebody takes is to be told from what others take."""
        return self._holder is not None and registry.get(self._provider).bucket(bucket).limit is not None

    def _book(self, bucket: str, cost: int) -> _Advance:
        entry, now = registry.get(self._provider), clock.now()
        day = ledger.day_of(entry, now)
        limit, most = entry.bucket(bucket).limit, max(1, self._ahead)
        calls, spent_until, until = 0, None, ledger.next_reset(entry, now)
        with self._database.transaction() as connection:
            if limit is not None:
                most = min(most, max(1, limit // PART // cost))
                if self._holder is not None:
                    wish = store.want_quota(
                        connection,
                        provider=self._provider,
                        bucket=bucket,
                        holder=self._holder,
                        day=day,
                        now=now,
                        until=now + PATIENCE,
                    )
                    left = limit - wish.used
                    part = fair_share.calls(
                        self._holder,
                        dict(zip(wish.holders, wish.had, strict=True)),
                        limit=limit,
                        left=left,
                        cost=cost,
                        day=day.toordinal(),
                    )
                    # A call by itself (making a playlist, looking at it) is not held up for others.
                    if self._is_open:
                        most = min(most, part)
                    if part < 1 and left >= cost:
                        until = now + TURN
            if most > 0:
                calls, spent_until = store.book_quota_ahead(
                    connection,
                    provider=self._provider,
                    bucket=bucket,
                    day=day,
                    cost=cost,
                    most=most,
                    limit=limit,
                    now=now,
                )
            until = spent_until or until
            if limit is not None and self._holder is not None:
                store.note_share(
                    connection,
                    provider=self._provider,
                    bucket=bucket,
                    holder=self._holder,
                    amount=calls * cost,
                    wanted_until=None if calls else until + PATIENCE,
                )
        if calls < 1:
            self._empty[bucket] = ledger.exhausted(self._provider, bucket, until)
            raise self._empty[bucket]
        self._advances[bucket] = _Advance(day, cost, calls)
        return self._advances[bucket]

    @staticmethod
    def wish(connection: Connection[Any], provider: ProviderName, holder: int, now: datetime) -> None:
        """Say that somebody is about to want some of everything that is limited: others leave them some.

        In the caller's transaction.
        """
        entry = registry.get(provider)
        for bucket in entry.buckets:
            if bucket.limit is not None:
                store.want_quota(
                    connection,
                    provider=provider,
                    bucket=bucket.name,
                    holder=holder,
                    day=ledger.day_of(entry, now),
                    now=now,
                    until=now + PATIENCE,
                )

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
            if self._holder is not None:
                store.note_share(
                    connection,
                    provider=self._provider,
                    bucket=bucket,
                    holder=self._holder,
                    amount=-advance.calls * advance.cost,
                    wanted_until=None,
                )
