"""What a deployment decides about aggregates."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DEFAULT_MIN_USERS: Final = 5


@dataclass(frozen=True, slots=True)
class RollupConfig:
    """What a deployment decides.

    Args:
        min_users: How many people have to share what is shown of everybody (k-anonymity).
        retention: How long plays are kept; None for ever.
    """

    min_users: int = DEFAULT_MIN_USERS
    retention: timedelta | None = None

    @classmethod
    def from_environment(cls) -> "RollupConfig":
        """Read ``TRENDS_MIN_PEOPLE`` and ``PLAY_RETENTION_DAYS`` (0: for ever)."""
        days = int(os.environ.get("PLAY_RETENTION_DAYS") or "0")
        return cls(
            min_users=int(os.environ.get("TRENDS_MIN_PEOPLE") or DEFAULT_MIN_USERS),
            retention=timedelta(days=days) if days else None,
        )

    def first_complete_day(self, today: date) -> date | None:
        """The first day whose plays are surely all there; what lies before it is not drawn again.

        Partitions go by the month, so whole months are kept; their first day may lack the hours that a time
        zone puts into the month before.
        """
        if self.retention is None:
            return None
        return (today - self.retention).replace(day=1) + timedelta(days=1)
