"""Record how far a change set is, under the lease of whose work it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import Connection

from musicconnect.changes import store
from musicconnect.changes.model import Operation, State
from musicconnect.platform import clock


class Journal(Protocol):
    """Where an applier records what it is about to do and what it did, and how much it may still do."""

    def record(self, set_id: int, operations: Sequence[Operation], *, is_done: bool) -> None:
        """Record operations; ``is_done``: they are the last ones.

        Raises `LeaseLostError`, and then nothing is recorded and nothing may be written any more.
        """

    def reserve(self, most: int) -> int:
        """Reserve up to so many provider calls; 0 when the step has to end instead.

        Raises `LeaseLostError` when the lease may not outlast a call.
        """


@dataclass(frozen=True, slots=True)
class LeasedJournal:
    """A journal in the database, written under the owner's lease.

    Args:
        commit: Runs what it is given in a transaction as the person, in which it extends the owner's lease.
            It is told whether an operation was done since the last one: failures are no longer in a row then.
            Raises `LeaseLostError`, and then nothing is written.
        reserve: As `Journal.reserve`.
    """

    commit: Callable[[Callable[[Connection[Any]], None], bool], None]
    reserve: Callable[[int], int]

    def record(self, set_id: int, operations: Sequence[Operation], *, is_done: bool) -> None:
        """Record operations."""

        def write(connection: Connection[Any]) -> None:
            store.save(connection, set_id, operations, clock.now(), is_done=is_done)

        self.commit(write, any(one.state is State.DONE for one in operations))
