"""The scheduled roll-up: works off the dirty marks, batch by batch, each in a transaction of its own.

Two runs at once share the work: each locks the people, or the day, that it draws, and leaves what the other
has locked. A run that is killed anywhere has either committed a batch or changed nothing; what it did not
commit is still marked.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, Final

import psycopg
from psycopg import Connection

from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.trends.rollup import partitions, store
from musicconnect.trends.rollup.config import RollupConfig
from musicconnect.trends.rollup.store import Changes

MARKS_PER_BATCH: Final = 2_000
"""At most as many people are locked at a time; Postgres has room for some six thousand locks by default."""
USERS_PER_MARKING: Final = 500
MONTHS_AHEAD: Final = timedelta(days=100)
"""How far ahead partitions of plays are made."""
RETRY_DELAYS_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Seconds before the second and further attempts at a batch."""
MAX_REBUILD: Final = timedelta(days=36_600)

_RESOURCE_ERRORS = (psycopg.errors.QueryCanceled, psycopg.errors.OutOfMemory, psycopg.errors.DiskFull)
_CONFLICT_ERRORS = (psycopg.errors.DeadlockDetected, psycopg.errors.ForeignKeyViolation)
"""A person was deleted between the look at their plays and the writing of their day: it is as if it had not
been tried."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A range of days to draw again whether they are marked or not.

    Args:
        first: The first day.
        last: The last one.
        after_user: People up to this id are done already.
    """

    first: date
    last: date
    after_user: int = 0

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= MAX_REBUILD:
            raise ValueError(f"no range of days: {self.first} to {self.last}")

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "Rebuild":
        """Read it from an event.

        Raises:
            ValueError: what is there is no range of days.
            KeyError: a part is missing.
        """
        return cls(
            date.fromisoformat(event["from"]),
            date.fromisoformat(event["to"]),
            int(event.get("after_user", 0)),
        )

    def as_event(self) -> dict[str, Any]:
        """The event that asks for it."""
        return {"from": str(self.first), "to": str(self.last), "after_user": self.after_user}


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What a run did."""

    user_days: int = 0
    """Buckets drawn: one person's day each."""
    days: int = 0
    """UTC days drawn."""
    changes: Changes = field(default_factory=Changes)
    left: bool = False
    """Whether marks are left: the time was up, or another run is at them."""

    def as_answer(self) -> dict[str, Any]:
        """As the function answers it."""
        return {
            "user_days": self.user_days,
            "days": self.days,
            "rows_written": self.changes.written,
            "rows_removed": self.changes.removed,
            "marks_left": self.left,
        }


def run(
    database: Database,
    rules: RollupConfig,
    at: datetime,
    *,
    seconds_left: Callable[[], float] = lambda: float("inf"),
    marks_per_batch: int = MARKS_PER_BATCH,
) -> RollupResult:
    """Work off the marks that are there.

    Args:
        database: Of the role ``mc_rollup``.
        rules: Of the deployment.
        at: The current time.
        seconds_left: How long the run may still take; asked before each batch.
        marks_per_batch: Halved as often as it takes when a batch turns out to be too much for the database.
    """
    with database.transaction() as connection:
        if not store.has_marks(connection):
            store.set_as_of(connection, at)
            return RollupResult()
    work = _Run(database, rules, at, seconds_left)
    work.people(marks_per_batch)
    work.days()
    if not work.left:
        with database.transaction() as connection:
            store.set_as_of(connection, at)
    return RollupResult(work.user_days, work.utc_days, work.changes, work.left)


def mark(database: Database, wanted: Rebuild, *, seconds_left: Callable[[], float]) -> Rebuild | None:
    """Mark a range of days, so that the next run draws them again.

    Returns:
        What is left of it when the time was up.
    """
    after: int | None = wanted.after_user
    while after is not None:
        if seconds_left() <= 0:
            return replace(wanted, after_user=after)
        with database.transaction() as connection:
            after = partitions.mark_users(
                connection, first=wanted.first, last=wanted.last, after=after, most=USERS_PER_MARKING
            )
    with database.transaction() as connection:
        partitions.mark_days(connection, wanted.first, wanted.last)
    return None


def maintain(database: Database, rules: RollupConfig, today: date) -> tuple[int, int]:
    """Make the partitions of the coming months and drop those that are no longer kept.

    Returns:
        How many were made and how many dropped.
    """
    with database.transaction() as connection:
        made = partitions.make_partitions(connection, today, today + MONTHS_AHEAD)
    if rules.retention is None:
        return made, 0
    with database.transaction() as connection:
        return made, partitions.drop_partitions(connection, today - rules.retention)


@dataclass(slots=True)
class _Run:
    """One run under way, and what it has done so far."""

    database: Database
    rules: RollupConfig
    at: datetime
    seconds_left: Callable[[], float]
    user_days: int = 0
    utc_days: int = 0
    changes: Changes = field(default_factory=Changes)
    left: bool = False

    def people(self, most: int) -> None:
        """Work off the marks of people's days, batch by batch, in the order in which they were made."""
        after = 0
        while self.seconds_left() > 0:
            try:
                done = self._attempt(self._batch, after, most)
            except _RESOURCE_ERRORS as error:
                if most == 1:
                    raise
                most = max(1, most // 2)
                logger.warning("roll-up: too much at once", next=most, error=str(error))
                continue
            if done is None:
                return
            taken, changes = done
            after = taken.last_mark
            self.user_days += len(taken.buckets)
            self.changes += changes
            self.left = self.left or taken.left > 0
        self.left = True

    def days(self) -> None:
        """Work off the marks of UTC days, a day at a time."""
        with self.database.transaction() as connection:
            days = store.list_dirty_days(connection)
        for day in days:
            changes = self._attempt(self._day, day) if self.seconds_left() > 0 else None
            if changes is None:
                self.left = True
            else:
                self.utc_days += 1
                self.changes += changes

    def _batch(
        self, connection: Connection[Any], after: int, most: int
    ) -> tuple[store.ClaimedBuckets, Changes] | None:
        taken = store.claim_user_days(connection, after=after, most=most)
        if taken is None:
            return None
        if taken.buckets:
            store.delete_user_day_marks(connection, taken.buckets)
        kept = [bucket for bucket in taken.buckets if self._has_plays(bucket.date)]
        return taken, store.recompute_user_days(connection, kept, self.at) if kept else Changes()

    def _day(self, connection: Connection[Any], day: date) -> Changes | None:
        if not store.lock_day(connection, day):
            return None
        store.delete_day_marks(connection, day)
        if not self._has_plays(day):
            return Changes()
        tracks = store.recompute_tracks(connection, day, self.at)
        return tracks + store.recompute_global(connection, day, least=self.rules.min_users, at=self.at)

    def _has_plays(self, day: date) -> bool:
        """Whether retention has left the day alone: what lacks some plays must not be drawn again."""
        first = self.rules.first_complete_day(self.at.date())
        return first is None or day >= first

    def _attempt[**P, T](
        self, work: Callable[Concatenate[Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        for pause in (*RETRY_DELAYS_S, None):
            try:
                with self.database.transaction() as connection:
                    return work(connection, *args, **kwargs)
            except _CONFLICT_ERRORS as error:
                if pause is None:
                    raise
                logger.warning("roll-up: in somebody's way", error=str(error))
                time.sleep(pause)
        raise AssertionError
