"""What a person's days say: streaks, comparisons, the busiest day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with plays."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def streaks(days: Iterable[date]) -> list[Streak]:
    """The streaks in days with plays, given in order and each once."""
    found: list[Streak] = []
    for day in days:
        if found and found[-1].last + ONE_DAY == day:
            found[-1] = Streak(found[-1].first, day)
        else:
            found.append(Streak(day, day))
    return found


def current_streak(found: Sequence[Streak], today: date) -> Streak | None:
    """The one that goes on. Today is not over yet, so yesterday's end does not end it."""
    return found[-1] if found and found[-1].last >= today - ONE_DAY else None


def longest_streak(found: Sequence[Streak]) -> Streak | None:
    """The longest; of several, the latest."""
    return max(found, key=lambda streak: (streak.days, streak.last), default=None)


def percent_change(now: float, then: float) -> float | None:
    """By how many percent something grew; None from nothing."""
    return round((now - then) / then * 100, 1) if then else None


def minutes(ms: int) -> float:
    """Milliseconds as minutes, to a tenth."""
    return round(ms / 60_000, 1)


def ranks(values: Sequence[float]) -> list[int]:
    """Places in a list from the highest to the lowest: equals share one, and the next place is left out."""
    found: list[int] = []
    for index, value in enumerate(values):
        found.append(found[-1] if index and value == values[index - 1] else index + 1)
    return found
