"""Report a user's own plays: days, top lists, summaries, recaps of years.

Raises a 404 if the account was deleted, a 422 if the range is too long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports import periods, statistics, store
from musicconnect.trends.reports import query_schemas as asked
from musicconnect.trends.reports import schemas as out
from musicconnect.trends.reports.periods import Period, Range
from musicconnect.trends.rollup.config import RollupConfig

DEFAULT_DAYS: Final = 30
RECAP_ENTRIES: Final = 10


@dataclass(frozen=True, slots=True)
class _Scope:
    connection: Connection[Any]
    played: store.PlayRange
    today: date
    period: Period | None
    as_of: datetime | None
    state: out.State

    @property
    def days(self) -> Range:
        return self.played.days

    def totals(self) -> list[store.DayRow]:
        """Load the days."""
        return store.days(self.connection, self.played.user_id, self.days, self.played.provider)

    def common(self) -> dict[str, Any]:
        """Get the fields of every report."""
        return {
            "as_of": self.as_of,
            "state": self.state,
            "time_zone": self.played.time_zone,
            "first": self.days.first,
            "last": self.days.last,
            "provider": self.played.provider,
        }

    def detailed(self) -> dict[str, Any]:
        """Get the fields of reports that need the plays."""
        first = RollupConfig.from_environment().first_complete_day(self.today)
        return self.common() | {"plays_available_from": first if first and self.days.first < first else None}


def own_days(connection: Connection[Any], first: date, last: date) -> dict[date, tuple[int, int]]:
    """Give plays and milliseconds of the caller's days, in the caller's transaction."""
    return {day: (plays, ms) for day, plays, ms in store.own_days(connection, first, last)}


def daily(database: Database, caller: Caller, query: asked.DailyQuery) -> out.DailyTrends:
    """Report days."""
    with database.transaction(caller.user_id) as connection:
        today = _today(connection, caller)
        scope = _scope(connection, caller, _range(query.first, query.last, today), query.provider)
        rows = scope.totals()
    return out.DailyTrends(
        **scope.common(),
        items=[
            out.DayTotals(
                date=row.date,
                unique_tracks=row.unique_tracks,
                unique_artists=row.unique_artists,
                **_totals([row]),
            )
            for row in rows
        ],
    )


def top(database: Database, caller: Caller, kind: asked.TopKind, query: asked.TopQuery) -> out.TopList:
    """List what was played most."""
    with database.transaction(caller.user_id) as connection:
        scope = _period_scope(connection, caller, query)
        items = _entries(scope, kind, by=query.by, limit=query.limit)
    return out.TopList(**scope.detailed(), kind=kind, by=query.by, items=items)


def summarize(database: Database, caller: Caller, query: asked.PeriodQuery) -> out.Summary:
    """Summarize a period, compared with the one before."""
    with database.transaction(caller.user_id) as connection:
        scope = _period_scope(connection, caller, query)
        rows = scope.totals()
        compared = periods.previous_period(scope.days, scope.period, scope.today)
        earlier = (
            store.days(connection, scope.played.user_id, compared, scope.played.provider) if compared else []
        )
        every_day = store.days_with_plays(connection, scope.played.user_id, scope.played.provider)
        tracks, artists, _ = store.distinct(connection, scope.played)
        hours = store.hours(connection, scope.played)
        shares = store.provider_shares(connection, scope.played.user_id, scope.days)
    figures = _totals(rows)
    return out.Summary(
        **scope.detailed(),
        **figures,
        period=scope.period,
        unique_tracks=tracks,
        unique_artists=artists,
        days=scope.days.until(scope.today).days,
        **_highlights(rows),
        previous=_previous(compared, figures, earlier) if compared else None,
        current_streak=_streak(statistics.current_streak(statistics.streaks(every_day), scope.today)),
        hours=hours,
        providers=[
            out.ProviderShare(provider=name, plays=plays, minutes=statistics.minutes(ms))
            for name, plays, ms in shares
            if scope.played.provider in {None, name}
        ],
    )


def recap(database: Database, caller: Caller, year: int, query: asked.RecapQuery) -> out.Recap:
    """Look back on a year; an impossible one is a 404."""
    if not 1900 <= year <= 2200:
        raise problems.not_found("year")
    with database.transaction(caller.user_id) as connection:
        scope = _scope(
            connection, caller, Range(date(year, 1, 1), date(year, 12, 31)), query.provider, "year"
        )
        rows = scope.totals()
        tracks, artists, albums = store.distinct(connection, scope.played)
        began = datetime.combine(scope.days.first, time(), ZoneInfo(scope.played.time_zone))
        first = store.first_play(connection, scope.played)
        lists: dict[str, Any] = {
            "hours": store.hours(connection, scope.played),
            "new_artists": store.count_new_artists(connection, scope.played, began),
            "top_tracks": _entries(scope, "tracks", limit=RECAP_ENTRIES),
            "top_artists": _entries(scope, "artists", limit=RECAP_ENTRIES),
            "top_albums": _entries(scope, "albums", limit=RECAP_ENTRIES),
            "top_new_artists": _entries(scope, "artists", limit=RECAP_ENTRIES, new_since=began),
        }
    months: dict[int, list[store.DayRow]] = {month: [] for month in range(1, 13)}
    for row in rows:
        months[row.date.month].append(row)
    return out.Recap(
        **scope.detailed(),
        **_totals(rows),
        **lists,
        year=year,
        unique_tracks=tracks,
        unique_artists=artists,
        unique_albums=albums,
        **_highlights(rows),
        months=[
            out.MonthTotals(
                month=month,
                plays=sum(row.plays_count for row in those),
                minutes=statistics.minutes(sum(row.ms_listened for row in those)),
            )
            for month, those in months.items()
        ],
        first_play=first and out.FirstPlay(played_at=first[0], title=first[1], artist=first[2]),
    )


def load_days(
    database: Database, caller: Caller, query: asked.PeriodQuery
) -> tuple[list[store.DayRow], date, date, str]:
    """Load the days of a period, its first and last day up to today, and the time zone."""
    with database.transaction(caller.user_id) as connection:
        scope = _period_scope(connection, caller, query)
        passed = scope.days.until(scope.today)
        return scope.totals(), passed.first, passed.last, scope.played.time_zone


def load_hours(
    database: Database, caller: Caller, query: asked.PeriodQuery
) -> tuple[list[list[int]], date, date, str]:
    """Load plays by weekday and hour in a period, its first and last day, and the time zone."""
    with database.transaction(caller.user_id) as connection:
        scope = _period_scope(connection, caller, query)
        return (
            store.hours(connection, scope.played),
            scope.days.first,
            scope.days.last,
            scope.played.time_zone,
        )


def _today(connection: Connection[Any], caller: Caller) -> date:
    freshness = store.get_freshness(connection, caller.user_id, None)
    if freshness is None:
        raise problems.not_found("account")
    return periods.today(freshness.time_zone, clock.now())


def _range(first: date | None, last: date | None, today: date) -> Range:
    """Complete a range to thirty days, where an end is open."""
    if last is None:
        last = max(today, first) if first else today
    return check_length(Range(first or last - timedelta(days=DEFAULT_DAYS - 1), last), asked.MAX_RANGE_DAYS)


def check_length(wanted: Range, most: int) -> Range:
    """Refuse a range that is too long."""
    if wanted.days > most:
        raise problems.invalid("query.from", f"Ask for at most {most:,} days at once")
    return wanted


def _period_scope(connection: Connection[Any], caller: Caller, query: asked.PeriodQuery) -> _Scope:
    if query.first is not None and query.last is not None:
        wanted = check_length(Range(query.first, query.last), asked.MAX_RANGE_DAYS)
        return _scope(connection, caller, wanted, query.provider)
    today = _today(connection, caller)
    period = query.period or "month"
    if period != "all":
        wanted = periods.period_of(period, query.day or today)
    else:
        span = store.first_and_last_day(connection, caller.user_id)
        wanted = Range(min(span[0], today), max(span[1], today)) if span else Range(today, today)
    return _scope(connection, caller, wanted, query.provider, period)


def _scope(
    connection: Connection[Any],
    caller: Caller,
    wanted: Range,
    provider: PlayProvider | None,
    period: Period | None = None,
) -> _Scope:
    freshness = store.get_freshness(connection, caller.user_id, wanted)
    if freshness is None:
        raise problems.not_found("account")
    today = periods.today(freshness.time_zone, clock.now())
    is_final = wanted.last < today and not freshness.is_marked and freshness.as_of is not None
    played = store.PlayRange(caller.user_id, freshness.time_zone, wanted, provider)
    return _Scope(connection, played, today, period, freshness.as_of, "final" if is_final else "provisional")


def _totals(rows: Sequence[store.DayRow]) -> dict[str, Any]:
    return {
        "plays": sum(row.plays_count for row in rows),
        "minutes": statistics.minutes(sum(row.ms_listened for row in rows)),
        "untimed_plays": sum(row.untimed_plays for row in rows),
        "skips": sum(row.skips_count for row in rows),
        "starts": sum(row.starts_count for row in rows),
    }


def _highlights(rows: Sequence[store.DayRow]) -> dict[str, Any]:
    played = [row for row in rows if row.plays_count]
    best = max(played, key=lambda row: (row.plays_count, -row.date.toordinal()), default=None)
    return {
        "days_with_plays": len(played),
        "busiest_day": best
        and out.BusiestDay(
            date=best.date, plays=best.plays_count, minutes=statistics.minutes(best.ms_listened)
        ),
        "longest_streak": _streak(statistics.longest_streak(statistics.streaks(row.date for row in played))),
    }


def _streak(found: Range | None) -> out.Streak | None:
    return None if found is None else out.Streak(days=found.days, first=found.first, last=found.last)


def _previous(compared: Range, now: dict[str, Any], rows: Sequence[store.DayRow]) -> out.PreviousPeriod:
    then = _totals(rows)
    return out.PreviousPeriod(
        first=compared.first,
        last=compared.last,
        **then,
        change=out.Change(
            plays=now["plays"] - then["plays"],
            plays_percent=statistics.percent_change(now["plays"], then["plays"]),
            minutes=round(now["minutes"] - then["minutes"], 1),
            minutes_percent=statistics.percent_change(now["minutes"], then["minutes"]),
        ),
    )


def _entries(
    scope: _Scope,
    kind: asked.TopKind,
    *,
    by: asked.Measure = "plays",
    limit: int,
    new_since: datetime | None = None,
) -> list[out.TopEntry]:
    rows = store.top(scope.connection, scope.played, kind, by=by, limit=limit, new_since=new_since)
    if not rows:
        return []
    names = store.display_names(scope.connection, scope.played, kind, rows)
    ranks = statistics.ranks([row.ms_listened if by == "minutes" else row.plays for row in rows])
    return [
        out.TopEntry(
            rank=rank,
            name=naming.name,
            artist=None if kind == "artists" else naming.artist,
            plays=row.plays,
            minutes=statistics.minutes(row.ms_listened),
            unique_tracks=row.unique_tracks,
            ids=[out.RecordingId(provider=provider, id=track_id) for provider, track_id in naming.ids],
        )
        for rank, row in zip(ranks, rows, strict=True)
        if (naming := names.get((row.key, row.album_key)))
    ]
