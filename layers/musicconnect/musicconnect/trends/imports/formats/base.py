"""What the formats have in common: refusals, times, and what a format is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from musicconnect.trends.plays.model import EARLIEST_MS, SKEW_MS, Listen

type Shape = Literal["array", "lines", "csv", "tsv"]
"""How a file holds its records: a JSON array, JSON objects line by line, CSV, tab-separated values."""


class Rejection(NamedTuple):
    """A record that is no listen."""

    bucket: Literal["skipped", "failed"]
    reason: str


type Parsed = Listen | Rejection

NOT_TEXT: Final = Rejection("failed", "not_text")
MALFORMED: Final = Rejection("failed", "malformed")
NO_TIME: Final = Rejection("failed", "no_time")
BAD_TIME: Final = Rejection("failed", "time_out_of_range")
NO_NAME: Final = Rejection("failed", "no_title_or_artist")


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser may need to know besides the record."""

    now_ms: int
    """Unix milliseconds; plays lie before it."""
    zone: str
    """The person's time zone, for sources that write local times."""
    facts: dict[str, Any]
    """What was learned from the head of the file: column names, the verb of its language. JSON values."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    name: str
    title: str
    """As people call it."""
    shape: Shape
    parse: Callable[[Any, ParseContext], Sequence[Parsed]]
    """From one record to what it tells: mostly one thing."""
    within: str | None = None
    """The key under which the array stands, where it is not the whole document."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - to subtract from times without an offset, which are UTC
_MILLISECOND = timedelta(milliseconds=1)


def ms_of(moment: datetime) -> int:
    """Unix milliseconds of an aware moment."""
    return (moment - _EPOCH) // _MILLISECOND


def iso_ms(text: str) -> int:
    """Unix milliseconds of an ISO 8601 time; one without an offset is UTC.

    Raises:
        ValueError: it is not one.
    """
    moment = datetime.fromisoformat(text)
    return (moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)) // _MILLISECOND


def local_ms(seconds: int, zone: str) -> int:
    """Unix milliseconds of a clock that showed local time and called it UTC."""
    shown = _EPOCH + timedelta(seconds=seconds)
    return ms_of(shown.replace(tzinfo=ZoneInfo(zone)))


def is_possible(played_at: int, now_ms: int) -> bool:
    """Whether somebody can have played something then."""
    return EARLIEST_MS <= played_at <= now_ms + SKEW_MS


def positive(value: Any, factor: float = 1) -> int | None:
    """A positive number times ``factor``, as a 32-bit integer; None for anything else."""
    try:
        number = round(float(value) * factor)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 2**31 else None
