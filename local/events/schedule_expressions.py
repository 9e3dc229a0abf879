"""Schedule expressions of EventBridge: when ``rate(...)`` and ``cron(...)`` fire next, and what they send.

Reference: EventBridge Scheduler User Guide, "Schedule types". Times are UTC. Pure functions.
"""

import calendar
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local.template.model import Deployment, Schedule

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_LAST_YEAR = 2199
_DAYS_AHEAD = 366 * 9
"""Leap days are at most eight years apart; what does not come in nine years is a mistake."""


class ScheduleError(ValueError):
    """An expression that EventBridge would refuse."""


def next_after(expression: str, moment: datetime) -> datetime:
    """When a schedule fires next, strictly after a moment, from which a rate counts.

    ``ScheduleError``: the expression is not valid, or never fires again.
    """
    moment = moment.astimezone(UTC)
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression.strip())
    if rate:
        count = int(rate[1])
        if count < 1 or (count == 1) == bool(rate[3]):
            raise ScheduleError(f"{expression}: one takes the singular, more the plural, and 0 is no rate")
        return moment + timedelta(seconds=count * _UNITS[rate[2]])
    cron = re.fullmatch(r"cron\(([^)]*)\)", expression.strip())
    if not cron:
        raise ScheduleError(f"{expression} is neither rate(...) nor cron(...)")
    return _Cron.parse(expression, cron[1].split()).next_after(moment)


def event(schedule: Schedule, fired_at: datetime, deployment: Deployment, event_id: str) -> str:
    """The JSON that a function gets when its schedule fires."""
    time = fired_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if schedule.scheduler:
        arn = deployment.arn("scheduler", f"schedule/default/{schedule.id}")
    else:
        arn = deployment.arn("events", f"rule/{schedule.id}")
    if schedule.input is not None:
        known = {"scheduled-time": time, "execution-id": event_id, "attempt-number": "1", "schedule-arn": arn}
        text = schedule.input
        for name, value in known.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text
    body: dict[str, Any] = {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler" if schedule.scheduler else "aws.events",
        "account": deployment.account,
        "time": time,
        "region": deployment.region,
        "resources": [arn],
        # EventBridge Scheduler sends the detail as text, a rule as an object.
        "detail": "{}" if schedule.scheduler else {},
    }
    return json.dumps(body)


@dataclass(frozen=True, slots=True)
class _Cron:
    """Six fields: minutes, hours, day of month, month, day of week, year."""

    expression: str
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    on_day: Callable[[date], bool]

    @classmethod
    def parse(cls, expression: str, fields: list[str]) -> "_Cron":
        if len(fields) != 6:
            raise ScheduleError(f"{expression}: a cron expression has six fields")
        minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
        if (day == "?") == (weekday == "?"):
            raise ScheduleError(f"{expression}: exactly one of day of month and day of week has to be ?")
        try:
            on_day = _by_month_day(day) if weekday == "?" else _by_weekday(weekday)
            return cls(
                expression,
                _numbers(minutes, 0, 59),
                _numbers(hours, 0, 23),
                _numbers(month, 1, 12, _MONTHS),
                _numbers(year, 1970, _LAST_YEAR),
                on_day,
            )
        except ValueError as error:
            raise ScheduleError(f"{expression}: {error}") from error

    def next_after(self, moment: datetime) -> datetime:
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.date()
        for _ in range(_DAYS_AHEAD):
            if day.year in self.years and day.month in self.months and self.on_day(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                        if at >= start:
                            return at
            day += timedelta(days=1)
        raise ScheduleError(f"{self.expression} never fires again")


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """The values of a field of lists, ranges and steps."""
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        elif "-" in span:
            first, last = (_number(end, names) for end in span.split("-", 1))
        else:
            first = _number(span, names)
            last = high if step else first
        if not low <= first <= last <= high:
            raise ScheduleError(f"{part} is not within {low} to {high}")
        values.update(range(first, last + 1, int(step) if step else 1))
    return frozenset(values)


def _number(text: str, names: dict[str, int] | None) -> int:
    return names[text] if names and text in names else int(text)


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _by_month_day(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _last_day(day)
    if field.endswith("W"):
        wanted = int(field[:-1])
        return lambda day: day == _nearest_working_day(day.replace(day=min(wanted, _last_day(day))))
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _nearest_working_day(day: date) -> date:
    """Within the same month: Saturday goes back, Sunday goes forward, unless that leaves the month."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    return moved if moved.month == day.month else day - timedelta(days=2 * shift)


def _by_weekday(field: str) -> Callable[[date], bool]:
    """Sunday is 1. ``3#2``: the second Tuesday; ``5L``: the last Thursday."""
    if "#" in field:
        name, _, nth = field.partition("#")
        wanted, which = _number(name, _WEEKDAYS), int(nth)
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == which
    if field == "L":
        return lambda day: _weekday(day) == _WEEKDAYS["SAT"]
    if field.endswith("L"):
        wanted = _number(field[:-1], _WEEKDAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > _last_day(day)
    numbers = _numbers(field, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1
