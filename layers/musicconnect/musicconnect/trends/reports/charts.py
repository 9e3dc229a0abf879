"""Draw a user's own reports as charts."""

from datetime import date

from musicconnect.api.binding import Caller
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.trends.reports import personal, svg_chart
from musicconnect.trends.reports import query_schemas as asked
from musicconnect.trends.reports.statistics import minutes

MAX_ENTRIES = 10


def draw(database: Database, caller: Caller, query: asked.ChartQuery) -> str:
    """Draw a chart as SVG."""
    if query.kind == "top":
        return _top(database, caller, query)
    return _hours(database, caller, query) if query.kind == "hours" else _daily(database, caller, query)


def _daily(database: Database, caller: Caller, query: asked.ChartQuery) -> str:
    days, first, last, time_zone = personal.load_days(database, caller, query)
    values = [
        (row.date, minutes(row.ms_listened) if query.by == "minutes" else float(row.plays_count))
        for row in days
    ]
    bars = svg_chart.buckets(first, last, values)
    total = sum(value for _, value in values)
    best = max(bars, key=lambda bar: bar.value)
    heading = svg_chart.ChartHeading(
        f"{_capital(query.by)} over time",
        f"{_range(first, last)}{_at(query.provider)} · {total:,.0f} {query.by}",
        f"{total:,.0f} {query.by} from {svg_chart.spelled(first)} to {svg_chart.spelled(last)}, "
        f"days in {time_zone}. "
        + (f"Most: {best.label}, with {best.value:,.0f}." if best.value else "Nothing was played."),
    )
    return svg_chart.over_time(heading, bars, query.by) if best.value else svg_chart.empty(heading)


def _hours(database: Database, caller: Caller, query: asked.ChartQuery) -> str:
    hours, first, last, time_zone = personal.load_hours(database, caller, query)
    total = sum(map(sum, hours))
    highest = max(map(max, hours))
    weekday, hour = next(
        (weekday, hour)
        for weekday, row in enumerate(hours)
        for hour, plays in enumerate(row)
        if plays == highest
    )
    heading = svg_chart.ChartHeading(
        "Plays by weekday and hour",
        f"{_range(first, last)}{_at(query.provider)} · {total:,} plays · {time_zone}",
        f"{total:,} plays from {svg_chart.spelled(first)} to {svg_chart.spelled(last)}, "
        f"hours in {time_zone}. "
        + (
            f"Most: {svg_chart.WEEKDAYS[weekday]} from {hour:02}:00, with {highest:,}."
            if total
            else "Nothing was played."
        ),
    )
    return svg_chart.by_hour(heading, hours, "plays") if total else svg_chart.empty(heading)


def _top(database: Database, caller: Caller, query: asked.ChartQuery) -> str:
    found = personal.top(
        database,
        caller,
        query.of,
        asked.TopQuery.model_validate(_asked(query) | {"by": query.by, "limit": MAX_ENTRIES}),
    )
    entries = [
        svg_chart.ChartEntry(
            item.rank, item.name, item.artist, item.minutes if query.by == "minutes" else float(item.plays)
        )
        for item in found.items
    ]
    heading = svg_chart.ChartHeading(
        f"Top {query.of}",
        f"{_range(found.first, found.last)}{_at(query.provider)} · by {query.by}",
        "; ".join(
            f"{entry.rank}. {entry.name}{f', {entry.artist}' if entry.artist else ''}: {entry.value:,.0f}"
            for entry in entries
        )
        or "Nothing was played.",
    )
    return svg_chart.ranking(heading, entries, query.by) if entries else svg_chart.empty(heading)


def _asked(query: asked.ChartQuery) -> dict[str, object]:
    sent = query.model_dump(by_alias=True, exclude_none=True)
    return {name: sent[name] for name in ("from", "to", "period", "date", "provider") if name in sent}


def _range(first: date, last: date) -> str:
    if first == last:
        return svg_chart.spelled(first)
    if first.year == last.year:
        return f"{first.day} {svg_chart.MONTHS[first.month - 1]} to {svg_chart.spelled(last)}"
    return f"{svg_chart.spelled(first)} to {svg_chart.spelled(last)}"


def _at(provider: str | None) -> str:
    if provider is None:
        return ""
    return " · elsewhere" if provider == "other" else f" · {registry.title(provider)}"


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]
