"""Read a deployment's settings of the roll-up."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DEFAULT_MIN_USERS: Final = 5
DEFAULT_OPEN_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class RollupConfig:
    """A deployment's settings.

    Args:
        min_users: How many users have to share what is reported about all (k-anonymity).
        retention: How long plays are stored; None for ever.
        open_days: UTC days that are kept open beside today, so that late plays change what they touch only.
    """

    min_users: int = DEFAULT_MIN_USERS
    retention: timedelta | None = None
    open_days: int = DEFAULT_OPEN_DAYS

    @classmethod
    def from_environment(cls) -> "RollupConfig":
        """Read ``TRENDS_MIN_PEOPLE`` and ``PLAY_RETENTION_DAYS`` (0: for ever)."""
        days = int(os.environ.get("PLAY_RETENTION_DAYS") or "0")
        return cls(
            min_users=int(os.environ.get("TRENDS_MIN_PEOPLE") or DEFAULT_MIN_USERS),
            retention=timedelta(days=days) if days else None,
        )

    def first_open_day(self, today: date) -> date:
        """Get the first UTC day whose contributions are kept."""
        return today - timedelta(days=self.open_days)

    def first_complete_day(self, today: date) -> date | None:
        """Get the first day whose plays are all stored; earlier days are not recomputed. None: all.

        Retention drops months; the first day of the next one may lack the hours that are UTC's month before.
        """
        if self.retention is None:
            return None
        return (today - self.retention).replace(day=1) + timedelta(days=1)
