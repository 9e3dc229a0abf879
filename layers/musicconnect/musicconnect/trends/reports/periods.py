"""Days, weeks, months and years as people name them, in their own time zone. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

type Period = Literal["day", "week", "month", "year", "all"]

ONE_DAY: Final = timedelta(days=1)
MAX_UTC_OFFSET: Final = timedelta(hours=18)
"""No time zone is further from UTC."""


@dataclass(frozen=True, slots=True)
class Range:
    """Days, the first and the last included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} lies before {self.first}")

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def until(self, last: date) -> "Range":
        """The part up to a day; at least the first day."""
        return Range(self.first, max(self.first, min(self.last, last)))

    def around(self) -> tuple[datetime, datetime]:
        """Moments between which all of it lies, whatever the time zone."""
        return (
            datetime.combine(self.first, time(), UTC) - MAX_UTC_OFFSET,
            datetime.combine(self.last + ONE_DAY, time(), UTC) + MAX_UTC_OFFSET,
        )


def today(time_zone: str, at: datetime) -> date:
    """Which day it is for somebody in a time zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def period_of(period: Literal["day", "week", "month", "year"], day: date) -> Range:
    """The day, the week from Monday, the month, or the year in which a day lies."""
    match period:
        case "day":
            return Range(day, day)
        case "week":
            monday = day - day.weekday() * ONE_DAY
            return Range(monday, monday + 6 * ONE_DAY)
        case "month":
            return Range(day.replace(day=1), _end_of_month(day))
        case "year":
            return Range(date(day.year, 1, 1), date(day.year, 12, 31))


def previous_period(current: Range, period: Period | None, now: date) -> Range | None:
    """What a range is to be compared with: as much of the period before as there is of this one.

    A month that is ten days old is compared with the first ten days of the month before. A range of no
    particular kind is compared with as many days just before it.

    Args:
        current: The whole period, or any range.
        period: Which kind of period it is; None for any range.
        now: Today. What lies after it has not happened.

    Returns:
        None where nothing lies before: for ``all``, and at the beginning of the calendar.
    """
    if period == "all" or current.first <= date.min + current.days * ONE_DAY:
        return None
    if period is None:
        whole = Range(current.first - current.days * ONE_DAY, current.first - ONE_DAY)
    else:
        whole = period_of(period, current.first - ONE_DAY)
    if now >= current.last:
        return whole
    return whole.until(whole.first + (current.until(now).days - 1) * ONE_DAY)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY
