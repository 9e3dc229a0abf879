"""Hold work for one worker at a time.

Every table of work has the columns ``due_at``, ``enqueued_at``, ``lease_token``, ``lease_until`` and
``attempts``. A worker claims a row for a short time, extends the lease with every commit, and releases it
with what comes next. One that dies leaves a lease that ends by itself; then the dispatcher sends the message
again.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from musicconnect.platform import clock

DURATION: Final = timedelta(seconds=75)
"""Longer than anything between two commits; short, so that work whose worker died waits about a minute."""
MIN_LEASE_LEFT: Final = timedelta(seconds=15)
"""A write that begins this long before the lease runs out has ended by then, one way or another."""


class LeaseLostError(Exception):
    """Somebody else works on it by now, or it was ended: nothing was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's hold on one row."""

    id: int
    """Of the row."""
    until: datetime
    """When it ends by itself."""
    token: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def on(cls, row_id: int, duration: timedelta = DURATION) -> "Lease":
        """Make a lease that begins now."""
        return cls(row_id, clock.now() + duration)

    def extended(self, duration: timedelta = DURATION) -> "Lease":
        """Make the same lease last for so long from now."""
        return replace(self, until=clock.now() + duration)
