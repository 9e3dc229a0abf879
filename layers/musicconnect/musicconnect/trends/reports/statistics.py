"""Streaks, ranks and comparisons. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from musicconnect.trends.reports.periods import ONE_DAY, Range


def streaks(days: Iterable[date]) -> list[Range]:
    """Find the streaks in days with plays, which are in order and unique."""
    found: list[Range] = []
    for day in days:
        if found and found[-1].last + ONE_DAY == day:
            found[-1] = Range(found[-1].first, day)
        else:
            found.append(Range(day, day))
    return found


def current_streak(found: Sequence[Range], today: date) -> Range | None:
    """Get the streak that has not ended. Today is not over, so a streak up to yesterday has not."""
    return found[-1] if found and found[-1].last >= today - ONE_DAY else None


def longest_streak(found: Sequence[Range]) -> Range | None:
    """Get the longest streak; of several, the latest."""
    return max(found, key=lambda streak: (streak.days, streak.last), default=None)


def percent_change(now: float, then: float) -> float | None:
    """Compute the growth in percent; None from zero."""
    return round((now - then) / then * 100, 1) if then else None


def minutes(ms: int) -> float:
    """Convert milliseconds to minutes, to a tenth."""
    return round(ms / 60_000, 1)


def ranks(values: Sequence[float]) -> list[int]:
    """Rank a descending list: equal values share a rank, and the next rank is left out."""
    found: list[int] = []
    for index, value in enumerate(values):
        found.append(found[-1] if index and value == values[index - 1] else index + 1)
    return found
