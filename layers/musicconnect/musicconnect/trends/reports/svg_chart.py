"""Draw charts as SVG. Pure.

Without a plotting library, whose import would take longer than the rest of a request. Colors follow the
reader's system (``prefers-color-scheme``). All figures are there as text too: a title and a description of
the chart, and a title of each mark.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
MARGIN: Final = 28
HEADER_HEIGHT: Final = 84

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHADES: Final = 5
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow."""

_STYLE: Final = """
svg{--paper:#fcfcfb;--ink:#0b0b0b;--soft:#52514e;--faint:#8a8880;--line:#e4e3dd;--mark:#2a78d6;
--track:#eeede8;--s1:#cfe1f7;--s2:#9cc3ee;--s3:#639fe0;--s4:#2a78d6;--s5:#174f96;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:13px}
@media (prefers-color-scheme:dark){svg{--paper:#1a1a19;--ink:#fff;--soft:#c3c2b7;--faint:#8d8b83;
--line:#2f2f2c;--mark:#3f8be6;--track:#262624;--s1:#1c3350;--s2:#215290;--s3:#2f76cc;--s4:#62a2ee;--s5:#b3d3fa}}
.paper{fill:var(--paper)}.line{stroke:var(--line);stroke-width:1}.base{stroke:var(--faint);stroke-width:1}
.mark{fill:var(--mark)}.track{fill:var(--track)}.mark:hover,.cell:hover{opacity:.75}
.h{fill:var(--ink);font-size:19px;font-weight:600}.sub{fill:var(--soft)}
.t{fill:var(--faint);font-size:12px;font-variant-numeric:tabular-nums}.b{fill:var(--ink)}
.strong{font-weight:600}
.e{text-anchor:end}.m{text-anchor:middle}.num{font-variant-numeric:tabular-nums}
.s0{fill:var(--track)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.s4{fill:var(--s4)}
.s5{fill:var(--s5)}
""".replace("\n", "")


@dataclass(frozen=True, slots=True)
class ChartHeading:
    """A chart's title and subtitle, and its description for screen readers."""

    title: str
    subtitle: str
    description: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart over time."""

    first: date
    label: str
    """Names its time."""
    value: float


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """An entry of a ranking."""

    rank: int
    name: str
    artist: str | None
    value: float


def over_time(heading: ChartHeading, bars: Sequence[Bar], unit: str) -> str:
    """Draw at least one bar, in order of time."""
    top, bottom, left, right = HEADER_HEIGHT + 12, 320.0, MARGIN + 34.0, float(WIDTH - MARGIN)
    highest = max(bar.value for bar in bars)
    ticks = scale(highest)
    room = (right - left) / len(bars)
    width = min(28.0, max(1.0, room - (2 if room > 5 else 0.4)))
    parts = []
    for tick in ticks:
        y = bottom - (bottom - top) * tick / ticks[-1]
        parts.append(f'<line class="{"line" if tick else "base"}" x1="{left:g}" x2="{right:g}" {_y(y)}/>')
        parts.append(_text(left - 8, y + 4, f"{tick:,g}", "t e"))
    for index, bar in enumerate(bars):
        x = left + room * index + (room - width) / 2
        height = (bottom - top) * bar.value / ticks[-1]
        if height:
            parts.append(
                f'<path class="mark" d="{_rounded(x, bottom, width, height)}">'
                f"<title>{_xml(f'{bar.label}: {_number(bar.value)} {unit}')}</title></path>"
            )
    parts += [
        _text(left + room * (index + 0.5), bottom + 20, label, "t m") for index, label in time_labels(bars)
    ]
    return _picture(heading, int(bottom) + 44, parts)


def scale(highest: float) -> list[float]:
    """Choose the lines of an axis: round numbers from 0 up to or above the highest value."""
    if highest <= 1:
        return [0, 1]
    step = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(step * factor for factor in (1, 2, 2.5, 5, 10) if highest / (step * factor) <= 4)
    step = max(1.0, step)
    return [step * index for index in range(math.ceil(highest / step) + 1)]


def time_labels(bars: Sequence[Bar]) -> list[tuple[int, str]]:
    """Choose about seven bars to label, and their labels, with the year where it changes."""
    every = max(1, math.ceil(len(bars) / 7))
    found: list[tuple[int, str]] = []
    labeled_year = None
    for index in range(every // 2 if every > 1 else 0, len(bars), every):
        day = bars[index].first
        label = bars[index].label if len(bars) <= 7 else f"{day.day} {MONTHS[day.month - 1]}"
        if len(bars) > 7 and bars[-1].first.year != bars[0].first.year:
            spread = (bars[1].first - bars[0].first).days
            label = f"{MONTHS[day.month - 1]} {day.year}" if spread > 6 or labeled_year != day.year else label
        labeled_year = day.year
        found.append((index, label))
    return found


def buckets(first: date, last: date, values: Iterable[tuple[date, float]]) -> list[Bar]:
    """Sum values of days into bars: of days, of weeks above a hundred days, of months above two years."""
    days = (last - first).days + 1
    by_day = dict(values)
    found: dict[date, list[float]] = {}
    for offset in range(days):
        day = first + timedelta(days=offset)
        if days > 731:
            start = day.replace(day=1)
        elif days > 100:
            start = day - timedelta(days=day.weekday())
        else:
            start = day
        found.setdefault(start, []).append(by_day.get(day, 0.0))
    if days > 731:
        return [
            Bar(start, f"{MONTHS[start.month - 1]} {start.year}", sum(part)) for start, part in found.items()
        ]
    prefix = "Week of " if days > 100 else ""
    return [Bar(start, prefix + spelled(start), sum(part)) for start, part in found.items()]


def by_hour(heading: ChartHeading, hours: Sequence[Sequence[float]], unit: str) -> str:
    """Draw seven rows of twenty-four cells, the more the darker."""
    left, top, gap = MARGIN + 40.0, float(HEADER_HEIGHT), 3.0
    size = (WIDTH - MARGIN - left + gap) / 24
    height = 27.0
    highest = max(max(row) for row in hours)
    parts = []
    for weekday, row in enumerate(hours):
        y = top + weekday * (height + gap)
        parts.append(_text(left - 10, y + height / 2 + 4, WEEKDAYS[weekday], "t e"))
        for hour, value in enumerate(row):
            label = f"{WEEKDAYS[weekday]} {hour:02}:00 to {(hour + 1) % 24:02}:00: {_number(value)} {unit}"
            parts.append(
                f'<rect class="cell s{shade(value, highest)}" x="{left + hour * size:.1f}" y="{y:.1f}" '
                f'width="{size - gap:.1f}" height="{height:g}" rx="4"><title>{_xml(label)}</title></rect>'
            )
    bottom = top + 7 * (height + gap)
    parts += [
        _text(left + hour * size + (size - gap) / 2, bottom + 15, f"{hour:02}", "t m")
        for hour in range(0, 24, 3)
    ]
    legend = bottom + 44
    start = WIDTH - MARGIN - (SHADES + 1) * 22 - 36
    parts.append(_text(start - 8, legend, "fewer", "t e"))
    parts += [
        f'<rect class="s{step}" x="{start + step * 22:g}" y="{legend - 11:g}" width="18" height="14" rx="3"/>'
        for step in range(SHADES + 1)
    ]
    parts.append(_text(WIDTH - MARGIN, legend, "more", "t e"))
    return _picture(heading, int(legend) + 22, parts)


def shade(value: float, highest: float) -> int:
    """Choose a shade: 0 for nothing, `SHADES` for the most."""
    return 0 if value <= 0 else max(1, math.ceil(SHADES * value / highest))


def ranking(heading: ChartHeading, entries: Sequence[ChartEntry], unit: str) -> str:
    """Draw a list with bars."""
    left, right, row = MARGIN + 30.0, float(WIDTH - MARGIN), 44
    highest = max((entry.value for entry in entries), default=0.0)
    parts = []
    for index, entry in enumerate(entries):
        y = HEADER_HEIGHT + 6.0 + index * row
        number = f"{_number(entry.value)}"
        room = right - left - 12 - text_width(number)
        name = shortened(entry.name, room if entry.artist is None else room * 0.62)
        artist = ""
        if entry.artist is not None:
            rest = shortened(entry.artist, room - text_width(name) * 1.06 - 14)
            artist = f'<tspan class="sub" dx="8">{_xml(rest)}</tspan>'
        label = f"{entry.rank}. {entry.name}" + (f", {entry.artist}" if entry.artist else "")
        width = (right - left) * entry.value / highest if highest else 0.0
        parts.append(
            f"<g><title>{_xml(f'{label}: {number} {unit}')}</title>"
            f"{_text(left - 12, y + 12, str(entry.rank), 't e')}"
            f'<text class="b" x="{left:g}" y="{y + 12:g}">'
            f'<tspan class="strong">{_xml(name)}</tspan>{artist}</text>'
            f"{_text(right, y + 12, number, 'sub num e')}"
            f'<rect class="track" x="{left:g}" y="{y + 20:g}" width="{right - left:g}" height="8" '
            'rx="4"/>'
            f'<rect class="mark" x="{left:g}" y="{y + 20:g}" width="{max(8.0, width):.1f}" height="8" '
            'rx="4"/></g>'
        )
    return _picture(heading, int(HEADER_HEIGHT + max(1, len(entries)) * row + 14), parts)


def shortened(text: str, room: float) -> str:
    """Shorten a text to a width, with an ellipsis."""
    text = " ".join(text.split())
    if text_width(text) <= room:
        return text
    start = ""
    for character in text:
        if text_width(start + character) > room - 12:
            break
        start += character
    return start.rstrip() + "…"


def text_width(text: str) -> float:
    """Estimate the width of a text in pixels at 13 px, rather too high: fonts differ."""
    return sum(_advance(character) for character in text)


def _advance(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 13.5
    if character in "iljtfrI.,:;'!|()[] ":
        return 4.6
    return 9.6 if character.isupper() or character in "mwMW@%&" else 7.6


def spelled(day: date) -> str:
    """Write a date."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def empty(heading: ChartHeading) -> str:
    """Draw an empty chart that says so."""
    return _picture(heading, 190, [_text(WIDTH / 2, 132, "Nothing was played.", "sub m")])


def _picture(heading: ChartHeading, height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-labelledby="title description">'
        f'<title id="title">{_xml(heading.title)}</title>'
        f'<desc id="description">{_xml(heading.description)}</desc>'
        f"<style>{_STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="12"/>'
        f"{_text(MARGIN, 40, heading.title, 'h')}{_text(MARGIN, 62, heading.subtitle, 'sub')}"
        f"{''.join(parts)}</svg>\n"
    )


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{_xml(text)}</text>'


def _y(y: float) -> str:
    return f'y1="{y:.1f}" y2="{y:.1f}"'


def _rounded(x: float, bottom: float, width: float, height: float) -> str:
    radius = min(3.0, width / 2, height)
    return (
        f"M{x:.1f} {bottom:.1f}v{-(height - radius):.1f}q0 {-radius:.1f} {radius:.1f} {-radius:.1f}"
        f"h{width - 2 * radius:.1f}q{radius:.1f} 0 {radius:.1f} {radius:.1f}v{height - radius:.1f}z"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub(" ", text), {'"': "&quot;"})
