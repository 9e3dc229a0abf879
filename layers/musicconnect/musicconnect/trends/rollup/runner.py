"""Recompute the aggregates that are marked dirty, batch by batch, a transaction each.

UTC days of now are *open*: what people contribute to them is kept, and a minute's plays change only what they
touch. Other days are drawn from all their plays, for a tenth of the time at most.

Concurrent runs share the work: each locks the users, or the day, that it recomputes, and skips what another
has locked. A killed run has committed a batch or changed nothing; what it did not commit is still marked.
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
from musicconnect.trends.rollup import maintenance_store, open_days_store, store
from musicconnect.trends.rollup.config import RollupConfig
from musicconnect.trends.rollup.store import Changes

MARKS_PER_BATCH: Final = 2_000
"""At most so many users are locked at a time; Postgres has room for some six thousand locks by default."""
USERS_PER_MARKING: Final = 500
MONTHS_AHEAD: Final = timedelta(days=100)
"""How far ahead partitions of plays are created."""
RETRY_DELAYS_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Before the second and further attempts at a batch."""
MAX_REBUILD: Final = timedelta(days=36_600)

LISTENERS_PER_BATCH: Final = 20_000
"""People whose changes of an open day are drawn in one transaction."""
MAX_REDRAW_S: Final = 6.0
"""Of a minute's run that may go into drawing days from all their plays; after more, such days rest for
`REST_FACTOR` times as long, so that a tenth of the time is the most that it takes."""
REST_FACTOR: Final = 9
REDRAW_TIMEOUT_S: Final = 240.0
"""For a statement that reads a whole day: the function has 300 seconds."""

_RESOURCE_ERRORS = (psycopg.errors.QueryCanceled, psycopg.errors.OutOfMemory, psycopg.errors.DiskFull)
_CONFLICT_ERRORS = (psycopg.errors.DeadlockDetected, psycopg.errors.ForeignKeyViolation)
"""Deadlocks, and users deleted between the reading of their plays and the writing of their day."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A range of days to be marked; users up to ``after_user`` are done."""

    first: date
    last: date
    after_user: int = 0

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= MAX_REBUILD:
            raise ValueError(f"no range of days: {self.first} to {self.last}")

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "Rebuild":
        """Read an event; raises ValueError or KeyError if it has no range of days."""
        return cls(
            date.fromisoformat(event["from"]),
            date.fromisoformat(event["to"]),
            int(event.get("after_user", 0)),
        )

    def as_event(self) -> dict[str, Any]:
        """Write the event that asks for it."""
        return {"from": str(self.first), "to": str(self.last), "after_user": self.after_user}


@dataclass(slots=True)
class RollupResult:
    """What a run did."""

    user_days: int = 0
    """Recomputed days of single users."""
    days: int = 0
    changes: Changes = field(default_factory=Changes)
    left: bool = False
    """Whether marks remain: the time was up, or another run has locked them."""

    def as_answer(self) -> dict[str, Any]:
        """Write the function's answer."""
        return {
            "user_days": self.user_days,
            "days": self.days,
            "rows_written": self.changes.written,
            "rows_removed": self.changes.removed,
            "marks_left": self.left,
        }


def run(
    database: Database,
    config: RollupConfig,
    at: datetime,
    *,
    seconds_left: Callable[[], float] = lambda: float("inf"),
    marks_per_batch: int = MARKS_PER_BATCH,
) -> RollupResult:
    """Recompute what is marked, with smaller batches where one is too much for the database."""
    with database.transaction() as connection:
        if not store.has_marks(connection):
            store.set_as_of(connection, at)
            return RollupResult()
    state = _Run(database, config, at, seconds_left)
    state.users(marks_per_batch)
    state.days()
    state.rest()
    if not state.result.left:
        with database.transaction() as connection:
            store.set_as_of(connection, at)
    return state.result


def mark(database: Database, rebuild: Rebuild, *, seconds_left: Callable[[], float]) -> Rebuild | None:
    """Mark a range of days, so that the next run recomputes them; gives what remains when the time is up."""
    after: int | None = rebuild.after_user
    while after is not None:
        if seconds_left() <= 0:
            return replace(rebuild, after_user=after)
        with database.transaction() as connection:
            after = maintenance_store.mark_users(
                connection, first=rebuild.first, last=rebuild.last, after=after, limit=USERS_PER_MARKING
            )
    with database.transaction() as connection:
        maintenance_store.mark_days(connection, rebuild.first, rebuild.last)
    return None


def maintain(database: Database, config: RollupConfig, today: date) -> tuple[int, int]:
    """Create the partitions of the coming months and drop expired ones; gives how many of each."""
    with database.transaction() as connection:
        made = maintenance_store.make_partitions(connection, today, today + MONTHS_AHEAD)
    if config.retention is None:
        return made, 0
    with database.transaction() as connection:
        return made, maintenance_store.drop_partitions(connection, today - config.retention)


@dataclass(slots=True)
class _Run:
    database: Database
    config: RollupConfig
    at: datetime
    seconds_left: Callable[[], float]
    result: RollupResult = field(default_factory=RollupResult)
    _rests: bool = False
    """Whether days are not drawn from all their plays, because that has taken long enough."""
    _redrawing_s: float = 0.0

    def users(self, limit: int) -> None:
        """Recompute users' days, batch by batch, in the order of their marks."""
        after = 0
        while self.seconds_left() > 0:
            try:
                done = self._attempt(self._batch, after, limit)
            except _RESOURCE_ERRORS as error:
                if limit == 1:
                    raise
                limit = max(1, limit // 2)
                logger.warning("roll-up: batch too large", next=limit, error=str(error))
                continue
            if done is None:
                return
            claimed, changes = done
            after = claimed.last_mark
            self.result.user_days += len(claimed.buckets)
            self.result.changes += changes
            self.result.left |= claimed.left > 0
        self.result.left = True

    def days(self) -> None:
        """Recompute UTC days, one at a time; first close those that are no longer open."""
        with self.database.transaction() as connection:
            days = store.list_dirty_days(connection)
            expired = open_days_store.list_expired(connection, self.config.first_open_day(self.at.date()))
            until = store.rests_until(connection)
        self._rests = until is not None and self.at < until
        for day in expired:
            if self.seconds_left() > 0:
                self._attempt(self._close, day)
        for day in days:
            changes = self._try_day(day) if self.seconds_left() > 0 else None
            if changes is None:
                self.result.left = True
            else:
                self.result.days += 1
                self.result.changes += changes

    def _try_day(self, day: date) -> Changes | None:
        started = time.monotonic()
        try:
            return self._attempt(self._day, day)
        except _RESOURCE_ERRORS as error:
            # A day that is too much for one transaction waits for a better moment, and holds nobody else up.
            logger.warning("roll-up: day too large", day=day.isoformat(), error=str(error))
            self._redrawing_s += time.monotonic() - started
            return None

    def rest(self) -> None:
        """After much drawing of whole days, let it rest for a while."""
        if self._redrawing_s > MAX_REDRAW_S:
            until = self.at + timedelta(seconds=self._redrawing_s * REST_FACTOR)
            logger.info("roll-up: rests", until=until.isoformat(), redrawing_s=round(self._redrawing_s, 1))
            with self.database.transaction() as connection:
                store.rest_until(connection, until)

    def _batch(
        self, connection: Connection[Any], after: int, limit: int
    ) -> tuple[store.ClaimedBuckets, Changes] | None:
        claimed = store.claim_user_days(connection, after=after, limit=limit)
        if claimed is None:
            return None
        if claimed.buckets:
            store.delete_user_day_marks(connection, claimed.buckets)
        complete = [bucket for bucket in claimed.buckets if self._has_plays(bucket.date)]
        return claimed, store.recompute_user_days(connection, complete, self.at) if complete else Changes()

    def _close(self, connection: Connection[Any], day: date) -> None:
        if store.lock_day(connection, day):
            open_days_store.close_day(connection, day)

    def _day(self, connection: Connection[Any], day: date) -> Changes | None:
        if not store.lock_day(connection, day):
            return None
        is_open = open_days_store.is_open(connection, day)
        redrawn = not is_open or store.is_to_be_redrawn(connection, day)
        if redrawn and not self._may_redraw():
            if not is_open:
                return None
            self.result.left, redrawn = True, False
        if not redrawn:
            return self._change(connection, day)
        store.delete_day_marks(connection, day)
        open_days_store.delete_listeners(connection, day)
        if is_open:
            open_days_store.close_day(connection, day)
        if not self._has_plays(day):
            return Changes()
        return self._redraw(connection, day)

    def _may_redraw(self) -> bool:
        return not self._rests and self._redrawing_s <= MAX_REDRAW_S

    def _change(self, connection: Connection[Any], day: date) -> Changes:
        """Change an open day by what people whose plays changed contribute now."""
        store.delete_day_marks(connection, day, redrawn=False)
        users = open_days_store.claim_listeners(connection, day, LISTENERS_PER_BATCH)
        if not users:
            return Changes()
        if len(users) == LISTENERS_PER_BATCH:  # there may be more
            store.mark_day(connection, day)
            self.result.left = True
        difference = open_days_store.change_contributions(connection, day, users)
        return open_days_store.change_day(
            connection, day, difference, min_users=self.config.min_users, at=self.at
        )

    def _redraw(self, connection: Connection[Any], day: date) -> Changes:
        """Draw a day from all its plays, and keep it open if it is young enough."""
        started, min_users = time.monotonic(), self.config.min_users
        store.give_time(connection, min(REDRAW_TIMEOUT_S, max(1.0, self.seconds_left())))
        if day >= self.config.first_open_day(self.at.date()):
            changes = open_days_store.open_day(connection, day, min_users=min_users, at=self.at)
        else:
            changes = store.recompute_tracks(connection, day, self.at)
            changes += store.recompute_global(connection, day, min_users=min_users, at=self.at)
        self._redrawing_s += time.monotonic() - started
        return changes

    def _has_plays(self, day: date) -> bool:
        """Whether retention has left all plays of the day; otherwise it must not be recomputed."""
        first = self.config.first_complete_day(self.at.date())
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
                logger.warning("roll-up: conflict", error=str(error))
                time.sleep(pause)
        raise AssertionError
