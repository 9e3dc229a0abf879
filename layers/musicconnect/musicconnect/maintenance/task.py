"""What a task of maintenance is: bounded, resumable, and counted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work.deadline import Deadline

BATCH_SIZE: Final = 500
"""Rows per transaction, so that nothing stands in anybody's way."""


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What a task has to work with."""

    database: Database
    """As the role ``mc_maintenance``."""
    at: datetime
    """The current time."""
    deadline: Deadline
    """Of the task's share of the run."""

    def has_time(self) -> bool:
        """Whether another batch may begin."""
        return self.deadline.remaining_ms > 0


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a task did."""

    count: int = 0
    """Rows, accounts or files that were dealt with."""
    left: bool = False
    """Whether it ran out of its bounds: it is to be run again right away."""
    failed: int = 0
    """Of what it dealt with, how many failed; they are in the log."""

    def __add__(self, other: "TaskResult") -> "TaskResult":
        return TaskResult(self.count + other.count, self.left or other.left, self.failed + other.failed)


type MaintenanceTask = Callable[[TaskContext], TaskResult]
"""Something that has to be done now and then.

It commits as it goes. Killed anywhere, it has done a part, and the next run does the rest; run twice at a
time, the two share the work or do it twice to the same end.
"""


def each[T](things: Iterable[T], act: Callable[[T], int]) -> TaskResult:
    """Do something about every one of some things, whatever becomes of the others."""
    done = TaskResult()
    for thing in things:
        try:
            done += TaskResult(act(thing))
        except Exception:  # noqa: BLE001 - one account's trouble is not everybody's
            logger.exception("failed for one")
            done += TaskResult(failed=1)
    return done


def repeat(context: TaskContext, step: Callable[[], tuple[int, int]], *, batch_size: int) -> TaskResult:
    """Repeat a step until it finds less than it may; it gives how many it found, and dealt with."""
    count = 0
    while context.has_time():
        found, done = step()
        count += done
        if found < batch_size:
            return TaskResult(count)
    return TaskResult(count, left=True)


def in_batches(
    context: TaskContext, step: Callable[[Connection[Any]], int], *, batch_size: int = BATCH_SIZE
) -> TaskResult:
    """Repeat a step, each time in a transaction of its own, until it deals with fewer rows than it may."""

    def run() -> tuple[int, int]:
        with context.database.transaction() as connection:
            found = step(connection)
        return found, found

    return repeat(context, run, batch_size=batch_size)
