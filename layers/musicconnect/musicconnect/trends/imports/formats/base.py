"""What formats have in common: parsers of records, rejections, times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from musicconnect.trends.plays.model import EARLIEST_MS, SKEW_MS, Listen, to_ms, to_time

type Shape = Literal["array", "lines", "csv", "tsv"]
"""How a file holds its records: a JSON array, JSON objects line by line, CSV, tab-separated values."""


class Rejection(NamedTuple):
    """Why a record gives no listen."""

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
    """What a parser may need besides the record."""

    now_ms: int
    """Unix milliseconds; plays lie before it."""
    zone: str
    """The user's time zone, for sources that write local times."""
    facts: dict[str, Any]
    """From the head of the file: column names, the verb of its language. JSON values."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    name: str
    title: str
    shape: Shape
    parse: Callable[[Any, ParseContext], Sequence[Parsed]]
    """Parses one record; mostly it gives one thing."""
    within: str | None = None
    """The key of the array, where it is not the whole document."""


def iso_ms(text: str) -> int:
    """Convert an ISO 8601 time, UTC by default, to Unix milliseconds; raises ValueError if it is none."""
    return to_ms(datetime.fromisoformat(text))


def local_ms(seconds: int, zone: str) -> int:
    """Convert the seconds of a clock that took local time for UTC to Unix milliseconds."""
    return to_ms(to_time(seconds * 1000).replace(tzinfo=ZoneInfo(zone)))


def record_parser(
    parse: Callable[[Any, ParseContext], Parsed],
) -> Callable[[Any, ParseContext], tuple[Parsed]]:
    """Make a parser of single records reject what is malformed, is no text, or has an impossible time."""

    @wraps(parse)
    def parse_record(record: Any, context: ParseContext) -> tuple[Parsed]:
        try:
            found = parse(record, context)
        except UnicodeEncodeError:
            return (NOT_TEXT,)
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError):
            return (MALFORMED,)
        if isinstance(found, Listen) and not (EARLIEST_MS <= found.played_at <= context.now_ms + SKEW_MS):
            return (BAD_TIME,)
        return (found,)

    return parse_record
