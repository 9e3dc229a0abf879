"""Find the days of ListenBrainz's ranges of statistics, and the steps of its charts. Pure.

``this_week`` and its like are under way; ``week`` and its like are the last ones that are over. Weeks begin
on Mondays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from musicconnect.trends.reports.periods import ONE_DAY, Range
from musicconnect.trends.scrobbling.errors import RefusedError

type RangeName = Literal[
    "this_week", "this_month", "this_year", "week", "month", "quarter", "half_yearly", "year", "all_time"
]
FIRST_DAY: Final = date(2002, 10, 1)
"""Before which ListenBrainz takes no listens."""
_MONTHS: Final = {"month": 1, "quarter": 3, "half_yearly": 6, "year": 12}
_WEEKDAY: Final = "%A %d %B %Y"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a range that a chart shows as one."""

    name: str
    days: Range


def parse_range(text: str | None) -> RangeName:
    """Parse the name of a range, or raise `RefusedError`."""
    for name in get_args(RangeName.__value__):
        if name == (text or "all_time"):
            return name  # type: ignore[no-any-return]
    raise RefusedError(400, f"Invalid range: {(text or '')[:100]}")


def range_of(name: RangeName, today: date) -> Range:
    """Find the days of a range; those of one that is under way end with its end."""
    if name == "all_time":
        return Range(FIRST_DAY, max(today, FIRST_DAY))
    is_under_way = name.startswith("this_")
    current = _period(name.removeprefix("this_"), today)
    return current if is_under_way else _period(name, current.first - ONE_DAY)


def with_previous(name: RangeName, wanted: Range) -> Range:
    """Extend a range by the one before it."""
    if name == "all_time":
        return wanted
    return Range(_period(name.removeprefix("this_"), wanted.first - ONE_DAY).first, wanted.last)


def steps(name: RangeName, days: Range) -> Iterator[Step]:
    """List the steps of a range, in order."""
    day = days.first
    while day <= days.last:
        match name:
            case "week" | "this_week":
                step = Step(f"{day:{_WEEKDAY}}", Range(day, day))
            case "month" | "this_month" | "quarter":
                step = Step(f"{day:%d %B %Y}", Range(day, day))
            case "all_time":
                step = Step(f"{day.year}", _months(day.replace(month=1, day=1), 12))
            case _:
                step = Step(f"{day:%B %Y}", _months(day.replace(day=1), 1))
        yield step
        day = step.days.last + ONE_DAY


def timestamps(days: Range, zone: str) -> tuple[int, int]:
    """Get the Unix seconds at which a range begins, and at which the next one does."""
    first, after = (
        int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp())
        for day in (days.first, days.last + ONE_DAY)
    )
    return first, after


def _period(kind: str, day: date) -> Range:
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Range(monday, monday + 6 * ONE_DAY)
    length = _MONTHS[kind]
    return _months(date(day.year, (day.month - 1) // length * length + 1, 1), length)


def _months(first: date, count: int) -> Range:
    month = first.year * 12 + first.month - 1 + count
    return Range(first, date(month // 12, month % 12 + 1, 1) - ONE_DAY)
