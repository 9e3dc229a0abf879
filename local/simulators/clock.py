"""The date inside a simulator: the wall clock plus an offset that a test can move."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the simulator's time. Tokens, quotas and windows all read this and nothing else."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The simulator's time, in UTC."""
        return datetime.now(UTC) + self.offset

    def timestamp(self) -> float:
        """The simulator's time in seconds since the epoch."""
        return self.now().timestamp()

    def shift_to(self, moment: datetime) -> None:
        """Make it ``moment`` now; time runs on from there. A moment without a zone is UTC."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self.offset = moment - datetime.now(UTC)

    def reset(self) -> None:
        """Back to the wall clock."""
        self.offset = timedelta(0)


def iso(moment: datetime, *, millis: bool = False) -> str:
    """``2026-11-22T09:30:00Z``, the form both providers write; with ``millis`` ``...:00.123Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if millis else "seconds")
    return text.replace("+00:00", "Z")
