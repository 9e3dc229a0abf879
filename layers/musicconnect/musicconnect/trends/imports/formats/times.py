"""Read times in the forms of exporters: numbers, ISO 8601, and what programs write for people. Pure.

A time that names no zone is a clock's: whoever calls says which (`Moment.at`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from musicconnect.trends.imports.formats.time_words import AM, MONTHS, PM, ZONES
from musicconnect.trends.plays.model import to_ms

MAX_LENGTH: Final = 100
"""Characters; no exporter's times are longer."""


class AmbiguousDateError(ValueError):
    """The date may be read day first or month first, and nothing says which."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was written."""

    clock: datetime
    """With an offset where the text names one, otherwise what a clock showed."""
    precision_s: int
    """1, or 60 where seconds are not written."""
    zone_word: str = ""
    """An abbreviation of several zones, in lower case."""

    @property
    def is_local(self) -> bool:
        """Whether the text leaves the zone open."""
        return self.clock.tzinfo is None and self.zone_word not in ZONES

    def at(self, zone: str) -> int:
        """Give Unix milliseconds; ``zone`` is that of a clock whose zone is not written.

        Exporters write one abbreviation into the whole file, so it stands for one offset all year.
        """
        if self.clock.tzinfo is not None:
            return to_ms(self.clock)
        if self.zone_word in ZONES:
            return to_ms(self.clock) - 60_000 * _offset_of(self.zone_word, zone, self.clock.year)
        return to_ms(self.clock.replace(tzinfo=ZoneInfo(zone)))


@lru_cache(maxsize=1024)
def _offset_of(word: str, zone: str, year: int) -> int:
    """Minutes that an abbreviation stands for: the person's own zone decides where there are several."""
    offsets = ZONES[word]
    if len(offsets) > 1:
        for month in (1, 7):
            there = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
            minutes = round((there.utcoffset() or timedelta()).total_seconds() / 60)
            if (there.tzname() or "").casefold() == word or minutes in offsets:
                return minutes
    return offsets[0]


def number_ms(text: str) -> int | None:
    """Read Unix time in seconds, milliseconds or microseconds, with or without decimals; gives milliseconds.

    None for anything else, and for a number that a spreadsheet rounded ("1.71E+09").
    """
    if text.isascii() and text.isdecimal():
        digits = len(text)
        if 9 <= digits <= 11:
            return int(text) * 1000
        if 12 <= digits <= 14:
            return int(text)
        return int(text) // 1000 if 15 <= digits <= 17 else None
    if _GROUPED.fullmatch(text):
        return number_ms(re.sub(r"\D", "", text))
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if len(number.as_tuple().digits) < 7:
        return None
    return number_ms(str(int(number))) if abs(number) < 10**17 else None


_GROUPED: Final = re.compile(r"\d{1,3}(?:([,.' \u00a0\u202f])\d{3})(?:\1\d{3}){2,}")
_DECIMAL: Final = re.compile(r"\d{1,17}[.,]\d{1,9}(?:[eE]\+?\d{1,2})?")

_TIME: Final = (
    r"(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
)
_DATES: Final = tuple(
    re.compile(rf"(?:[^\W\d_]+\.?,?\s+)?{date}(?P<between>.*?)(?<!\d){_TIME}(?P<behind>.*)", re.DOTALL)
    for date in (
        r"(?P<year>\d{4})\s?(?P<sign>[-/.年년])\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})[.日일]?",
        r"(?P<first>\d{1,2})\s?(?P<sign>[-/.])\s?(?P<other>\d{1,2})\s?(?P=sign)\s?(?P<year>\d{4}|\d{2})(?!\d)",
        r"(?P<day>\d{1,2})(?:\.|er|º|°)?[\s-]+(?:de\s+|d['’])?(?P<name>[^\W\d_][^\d\s,]*)[\s,-]+(?:de[l]?\s+)?(?P<year>\d{4})",
        r"(?P<name>[^\W\d_][^\d\s,]*)\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?P<year>\d{4})[\s,.-]+(?P<name>[^\W\d_][^\d\s,]*)[\s-]+(?P<day>\d{1,2})\.?",
    )
)
_OFFSET: Final = re.compile(r"(?:[^\W\d_]*\s?)?([+\-\u2212])(\d{1,2}):?(\d{2})?")
_HALF: Final = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(re.escape(word) for word in sorted(AM | PM, key=len, reverse=True))
    + r")(?![^\W\d_])"
)
# Marks of direction, which Arabic and Hebrew dates hold.
_NOTHING: Final = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2069\ufeff"))


def read(text: str, *, day_first: bool | None = None) -> Moment | None:
    """Read a date with a time of day; None if the text is none, or has no time of day.

    Args:
        text: In any of the languages of `time_words`.
        day_first: How to read ``05/06/2024``, where anything says; None: nothing does.

    Raises:
        AmbiguousDateError: day and month could be either, and ``day_first`` is None.
    """
    text = text.strip()
    if not 8 <= len(text) <= MAX_LENGTH:
        return None
    if text[:4].isdecimal() and ":" in text and text.isascii():
        try:
            clock = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return Moment(clock, 1 if text.count(":", 0, 20) > 1 else 60)
    return _read_words(text, day_first)


@lru_cache(maxsize=4096)
def _read_words(text: str, day_first: bool | None) -> Moment | None:
    text = unicodedata.normalize("NFKC", text.translate(_NOTHING)).casefold().replace("i̇", "i")
    text = "".join(str(unicodedata.decimal(one, one)) for one in text) if not text.isascii() else text
    for pattern in _DATES:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        half = _half_of_day(parts["between"], parts["behind"])
        date = _date(parts, day_first, is_twelve_hours=half is not None)
        moment = date and _moment(*date, parts, half)
        if moment is not None:
            return moment
    return None


def _date(
    parts: dict[str, str | None],
    day_first: bool | None,
    *,
    is_twelve_hours: bool,
) -> tuple[int, int, int] | None:
    year = int(parts["year"] or 0)
    if year < 100:
        year += 2000
    if (name := parts.get("name")) is not None:
        month = MONTHS.get(name.rstrip("."), 0)
        return (year, month, int(parts["day"] or 0)) if month else None
    if (month_text := parts.get("month")) is not None:
        return year, int(month_text), int(parts["day"] or 0)
    first, other = int(parts["first"] or 0), int(parts["other"] or 0)
    if other > 12 or (
        first <= 12 and _is_month_first(parts["sign"], day_first, first, other, is_twelve_hours)
    ):
        first, other = other, first
    return year, other, first


def _is_month_first(
    sign: str | None,
    day_first: bool | None,
    first: int,
    other: int,
    is_twelve_hours: bool,
) -> bool:
    if first == other or sign == ".":
        return False
    if day_first is not None:
        return not day_first
    if is_twelve_hours:
        return True
    raise AmbiguousDateError(f"{first}/{other} may be either")


def _moment(year: int, month: int, day: int, parts: dict[str, str | None], half: str | None) -> Moment | None:
    hour = int(parts["hour"] or 0)
    if half is not None:
        if not 0 <= hour <= 12:
            half = None  # "14:00 PM", as some write
        else:
            hour = hour % 12 + (12 if half == "pm" else 0)
    second, fraction = parts["second"], parts["fraction"]
    try:
        clock = datetime(  # noqa: DTZ001 - what a clock showed
            year, month, day, hour, int(parts["minute"] or 0), int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
        )  # fmt: skip
    except ValueError:
        return None
    zone, word = _zone(parts["behind"] or "")
    return Moment(clock.replace(tzinfo=zone), 60 if second is None else 1, word)


def _half_of_day(between: str | None, behind: str | None) -> str | None:
    for text in (between, behind):
        found = _HALF.search(text or "")
        if found:
            return "am" if found[0] in AM else "pm"
    return None


def _zone(text: str) -> tuple[timezone | None, str]:
    """Find the offset behind a time, or the word of its zone."""
    offset = _OFFSET.search(text)
    if offset is not None:
        minutes = 60 * int(offset[2]) + int(offset[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes)), ""
    for word in re.findall(r"[^\W\d_]+", text):
        if word in ZONES:
            return (UTC, "") if ZONES[word] == (0,) else (None, word)
    return None, ""


def is_day_first(texts: list[str]) -> bool | None:
    """Whether dates like ``31/01/2018`` put the day first; None where no text tells."""
    for text in texts:
        found = re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}", text)
        if found and (int(found[1]) > 12) != (int(found[2]) > 12):
            return int(found[1]) > 12
    return None
