"""The daily allowances of a Google Cloud project for the YouTube Data API.

Buckets and costs as published on https://developers.google.com/youtube/v3/determine_quota_cost
(2026-06-01): ``search`` and ``upload`` have 100 calls a day each, ``stats`` 10 000, everything else shares
``general``: 10 000 units. All start again at midnight in Los Angeles, and belong to the project: every person
who uses the application draws from the same ones.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.simulators.clock import iso

PACIFIC = ZoneInfo("America/Los_Angeles")

DEFAULT_LIMITS: dict[str, int | None] = {"search": 100, "upload": 100, "stats": 10_000, "general": 10_000}


def pacific_day(now: datetime) -> date:
    """The day in Los Angeles that ``now`` (aware) falls on."""
    return now.astimezone(PACIFIC).date()


def next_reset(now: datetime) -> datetime:
    """The coming midnight in Los Angeles, in UTC; 23 or 25 hours away around the change of clocks."""
    tomorrow = pacific_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


@dataclass
class Ledger:
    """What the project has used today."""

    now: Callable[[], datetime]
    limits: dict[str, int | None] = field(default_factory=lambda: dict(DEFAULT_LIMITS))
    """By bucket; None is no limit."""
    _day: date | None = None
    _used: Counter[str] = field(default_factory=Counter)

    def take(self, bucket: str, cost: int) -> bool:
        """Take ``cost`` from a bucket; False, and nothing taken, when there is less left."""
        self._roll()
        limit = self.limits[bucket]
        if limit is not None and self._used[bucket] + cost > limit:
            return False
        self._used[bucket] += cost
        return True

    def set_limits(self, limits: Mapping[str, int | None]) -> None:
        """Change some limits. Raises ``ValueError`` for an unknown bucket or a bad limit."""
        for bucket, limit in limits.items():
            if bucket not in self.limits:
                raise ValueError(f"no bucket {bucket!r}; there are: {', '.join(self.limits)}")
            if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
                raise ValueError(f"{bucket}: a limit is a whole number from 0, or null for none")
        self.limits |= limits

    def describe(self) -> dict[str, dict[str, Any]]:
        """``{bucket: {"used", "limit", "resets_at"}}``."""
        self._roll()
        resets_at = iso(next_reset(self.now()))
        return {
            bucket: {"used": self._used[bucket], "limit": limit, "resets_at": resets_at}
            for bucket, limit in self.limits.items()
        }

    def _roll(self) -> None:
        today = pacific_day(self.now())
        if today != self._day:
            self._day = today
            self._used.clear()
