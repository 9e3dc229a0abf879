"""What formats have in common: parsers of records, rejections, times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from musicconnect.trends.imports.formats import times
from musicconnect.trends.plays.model import EARLIEST_MS, SKEW_MS, Listen, to_ms, to_time

type Shape = Literal["json", "rows", "html"]
"""How a file holds its records: as JSON objects, rows of a table, or blocks of Takeout's HTML."""


class Rejection(NamedTuple):
    """Why a record gives no listen."""

    bucket: Literal["skipped", "failed"]
    reason: str


type Parsed = Listen | Rejection

NOT_TEXT: Final = Rejection("failed", "not_text")
MALFORMED: Final = Rejection("failed", "malformed")
CUT_OFF: Final = Rejection("failed", "cut_off")
"""The file ends within a record, or within the list of records."""
DAMAGED: Final = Rejection("failed", "damaged_file")
NO_TIME: Final = Rejection("failed", "no_time")
AMBIGUOUS: Final = Rejection("failed", "ambiguous_date")
"""Day and month could be either."""
BAD_TIME: Final = Rejection("failed", "time_out_of_range")
NO_NAME: Final = Rejection("failed", "no_title_or_artist")
NOT_A_PLAY: Final = Rejection("skipped", "not_a_play")
"""Something else that the file lists: what was liked, searched for, paused."""
NOW_PLAYING: Final = Rejection("skipped", "now_playing")
NOT_MUSIC: Final = Rejection("skipped", "not_music")

LOCAL_TIMES: Final = "local_times"
"""A note of `ParseContext`: times without a zone were taken for the person's."""


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser may need besides the record, and what it tells besides its listens."""

    now_ms: int
    """Unix milliseconds; plays lie before it."""
    zone: str
    """The user's time zone, for sources that write local times."""
    facts: dict[str, Any]
    """From the head of the file: column names, the verbs of its language. JSON values."""
    notes: set[str] = field(default_factory=set)
    """What the person has to be told of how the file was read."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    name: str
    title: str
    shape: Shape
    parse: Callable[[Any, ParseContext], Sequence[Parsed]]
    """Parses one record; mostly it gives one thing."""


def iso_ms(text: str) -> int:
    """Convert an ISO 8601 time, UTC by default, to Unix milliseconds; raises ValueError if it is none."""
    try:
        return to_ms(datetime.fromisoformat(text))
    except ValueError:
        moment = times.read(text)
        if moment is None:
            raise
        return moment.at("UTC")


def any_ms(value: Any) -> int | None:
    """Convert a number of Unix time or a text to Unix milliseconds, UTC by default; None if it is neither.

    Numbers may be seconds, milliseconds or microseconds, with decimals, and stand in a text.
    """
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    number = times.number_ms(text)
    if number is not None or not isinstance(value, str):
        return number
    moment = times.read(text)
    return moment.at("UTC") if moment else None


def local_ms(seconds: int, zone: str) -> int:
    """Convert the seconds of a clock that took local time for UTC to Unix milliseconds."""
    return to_ms(to_time(seconds * 1000).replace(tzinfo=ZoneInfo(zone)))


def moment_ms(moment: times.Moment, context: ParseContext) -> int:
    """Convert a written time to Unix milliseconds; without a zone it is the person's, which is noted."""
    if moment.is_local:
        context.notes.add(LOCAL_TIMES)
    return moment.at(context.zone)


def text_of(value: Any) -> str:
    """Give a text without blanks around it; empty for what is no text."""
    return value.strip() if isinstance(value, str) else ""


def record_parser(
    parse: Callable[[Any, ParseContext], Parsed],
) -> Callable[[Any, ParseContext], tuple[Parsed]]:
    """Make a parser of single records reject what is malformed or no text, and impossible times and names."""

    @wraps(parse)
    def parse_record(record: Any, context: ParseContext) -> tuple[Parsed]:
        try:
            found = parse(record, context)
        except UnicodeEncodeError:
            return (NOT_TEXT,)
        except times.AmbiguousDateError:
            return (AMBIGUOUS,)
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
            return (MALFORMED,)
        if isinstance(found, Listen):
            # By their places: this is done for millions.
            if not (EARLIEST_MS <= found[0] <= context.now_ms + SKEW_MS):
                return (BAD_TIME,)
            if found[10] < "!" or found[11] < "!":
                if not found.title.strip() or not found.artist.strip():
                    return (NO_NAME,)
            elif found[10].isspace() or found[11].isspace():
                return (NO_NAME,)
        return (found,)

    return parse_record
