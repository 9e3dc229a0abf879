"""Hold work for one worker at a time.

Every table of work has the columns ``due_at``, ``enqueued_at``, ``lease_token``, ``lease_until`` and
``attempts``. A worker claims a row for a short time, extends the lease with every commit, and releases it
with what comes next. One that dies leaves a lease that ends by itself; then the dispatcher sends the message
again.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.platform import clock

LEASE: Final = timedelta(seconds=75)
"""Longer than anything between two commits; short, so that work whose worker died waits about a minute."""


class LeaseLostError(Exception):
    """Somebody else works on it by now, or it was ended: nothing was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's hold on one row."""

    id: int
    """Of the row."""
    token: uuid.UUID = field(default_factory=uuid.uuid4)
    at: datetime = field(default_factory=clock.now)
    """When it was claimed."""
    duration: timedelta = LEASE

    def params(self) -> dict[str, Any]:
        """Give ``lease_id``, ``lease_token``, ``lease_until`` as from now, and ``now``, for a statement."""
        now = clock.now()
        return {
            "lease_id": self.id, "lease_token": self.token, "lease_until": now + self.duration, "now": now
        }  # fmt: skip


CLAIMABLE: Final = "due_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)"
"""What a claim asks of a row, beside its own conditions."""
CLAIM: Final = "lease_token = %(lease_token)s, lease_until = %(lease_until)s, attempts = attempts + 1"
EXTEND: Final = "lease_until = %(lease_until)s, attempts = 0"
"""There was progress, so attempts count from here."""
RELEASE: Final = "lease_token = NULL, lease_until = NULL"
HELD: Final = "id = %(lease_id)s AND lease_token = %(lease_token)s"
"""Whether the row is still the worker's."""


def claim[Row](
    connection: Connection[Any], row: type[Row], statement: str, lease: Lease, **params: Any
) -> Row | None:
    """Run a statement that claims a row; None if nothing is due or somebody else has it."""
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(statement, lease.params() | params).fetchone()


def write(connection: Connection[Any], statement: str, lease: Lease, **params: Any) -> None:
    """Run a statement on the row that is held.

    Raises:
        LeaseLostError: it is no longer ours.
    """
    if connection.execute(statement, lease.params() | params).rowcount != 1:
        raise LeaseLostError(f"The lease on {lease.id} is lost.")
