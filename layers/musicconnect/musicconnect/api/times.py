"""Read the times and days that callers send: RFC 3339, never a number.

Pydantic takes every number, and every text of digits, for seconds since 1970: ``since=2026`` would be a
moment of January 1970, and whoever deletes "since 2026" would delete all.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

# Far from the ends of the calendar, so that arithmetic and zones stay in it.
MIN_DAY: Final = date(1900, 1, 1)
MAX_DAY: Final = date(2200, 1, 1)

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo:
        moment = value
    else:
        try:
            if not isinstance(value, str):
                raise TypeError
            if _DAY.fullmatch(value):
                moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
            elif _TIME.fullmatch(value):
                moment = datetime.fromisoformat(value.upper())
            else:
                raise ValueError
        except (TypeError, ValueError):
            raise PydanticCustomError(
                "time",
                "Send a time with its offset, such as 2026-11-29T18:30:00Z or 2026-11-29T19:30:00+01:00 "
                "(in a query the + is written %2B), or a day, such as 2026-11-29",
            ) from None
    if not MIN_DAY <= moment.date() <= MAX_DAY:
        raise PydanticCustomError("time", "Send a time between the years 1900 and 2200")
    return moment


def _read_day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("day", "Send a day of the calendar, such as 2026-11-29") from None


Moment = Annotated[datetime, BeforeValidator(_read_moment, json_schema_input_type=datetime | date)]
"""A time with its offset, or a day, which is its first moment in UTC."""
Day = Annotated[date, BeforeValidator(_read_day), Field(ge=MIN_DAY, le=MAX_DAY)]
"""A day of the calendar."""
