"""The date inside a simulator: the wall clock plus an offset that a test can move."""

import os
from datetime import UTC, datetime, timedelta

BASE_VARIABLE = "MUSICCONNECT_CLOCK_BASE"
"""Environment variable: seconds by which the whole local stack's clock is ahead of the machine's."""


def base_offset() -> timedelta:
    """Give the time by which everything here is ahead of the machine's clock; usually none."""
    return timedelta(seconds=float(os.environ.get(BASE_VARIABLE, "0")))


class Clock:
    """Tells the simulator's time. Tokens, quotas and windows all read this and nothing else."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The simulator's time, in UTC."""
        return datetime.now(UTC) + base_offset() + self.offset

    def timestamp(self) -> float:
        """The simulator's time in seconds since the epoch."""
        return self.now().timestamp()

    def shift_to(self, moment: datetime) -> None:
        """Make it ``moment`` now; time runs on from there. A moment without a zone is UTC."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self.offset += moment - self.now()

    def reset(self) -> None:
        """Back to the wall clock."""
        self.offset = timedelta(0)


def iso(moment: datetime, *, millis: bool = False) -> str:
    """``2026-11-22T09:30:00Z``, the form that providers write; with ``millis`` ``...:00.123Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if millis else "seconds")
    return text.replace("+00:00", "Z")
