"""Ranges of days: days, weeks, months, years. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

type Period = Literal["day", "week", "month", "year", "all"]

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range:
    """Days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} lies before {self.first}")

    @property
    def days(self) -> int:
        """Count the days."""
        return (self.last - self.first).days + 1

    def until(self, last: date) -> "Range":
        """Cut after a day, but not before the first one."""
        return Range(self.first, max(self.first, min(self.last, last)))


def today(time_zone: str, at: datetime) -> date:
    """Get the day in a time zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def period_of(period: Literal["day", "week", "month", "year"], day: date) -> Range:
    """Get the day, the week from Monday, the month or the year of a day."""
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
    """Get the days to compare a range with: as many of the period before as have passed of this one.

    A month that is ten days old is compared with the first ten days of the month before, a range of no kind
    (None) with as many days just before it. None for ``all``, and at the beginning of the calendar.
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
