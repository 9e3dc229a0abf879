"""Report what all users played, without what too few of them share; too long a range is a 422."""

import json
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports import query_schemas as asked
from musicconnect.trends.reports import schemas as out
from musicconnect.trends.reports import store, svg_chart
from musicconnect.trends.reports.periods import Range
from musicconnect.trends.reports.personal import DEFAULT_DAYS, check_length
from musicconnect.trends.reports.statistics import ranks
from musicconnect.trends.rollup.config import RollupConfig


def tracks(database: Database, query: asked.TrackTrendsQuery) -> out.TrackTrends:
    """List the most played tracks."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    last = query.last or query.first or today - timedelta(days=1)
    days = check_length(Range(query.first or last, last), asked.MAX_TRACKS_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_tracks(connection, days, query.provider, min_users=min_users, limit=query.limit)
    return out.TrackTrends(
        **_common(days, as_of, marked, today, min_users, is_empty=not rows),
        items=[out.GlobalTrack(**row) for row in rows],
    )


def track_daily(
    database: Database, provider: PlayProvider, track_id: str, query: asked.GlobalQuery
) -> out.TrackDaily:
    """Report a track day by day; one that too few users played has no days."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.track_days(connection, provider, track_id, days, min_users)
    newest = rows[-1] if rows else {"title": None, "artist": None}
    return out.TrackDaily(
        **_common(days, as_of, marked, today, min_users, is_empty=not rows),
        provider=provider,
        provider_track_id=track_id,
        title=newest["title"],
        artist=newest["artist"],
        items=[
            out.TrackDay(date=row["date"], plays=row["plays_count"], users=row["unique_users"])
            for row in rows
        ],
    )


def daily(database: Database, query: asked.GlobalQuery) -> out.GlobalDaily:
    """Report all users' plays day by day."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_days(connection, days, min_users)
    return out.GlobalDaily(
        **_common(days, as_of, marked, today, min_users, is_empty=not rows),
        items=[
            out.GlobalDay(
                date=row["date"],
                state=_state(row["date"], as_of, [row["date"]] if row["date"] in marked else [], today),
                plays=row["total_plays"],
                users=row["total_users"],
                top_tracks=[
                    out.DayTrack(**entry) for entry in _shared_entries(row["top_track_ids"], min_users)
                ],
                top_artists=[
                    out.DayArtist(**entry) for entry in _shared_entries(row["top_artist_ids"], min_users)
                ],
            )
            for row in rows
        ],
    )


def summarize(database: Database, query: asked.GlobalQuery) -> out.GlobalSummary:
    """Sum up all users' plays over some days."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today, most=asked.MAX_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_days(connection, days, min_users)
    plays = sum(row["total_plays"] for row in rows)
    busiest = max(rows, key=lambda row: (row["total_plays"], row["date"]), default=None)
    return out.GlobalSummary(
        **_common(days, as_of, marked, today, min_users, is_empty=not rows),
        plays=plays,
        days=len(rows),
        plays_per_day=round(plays / len(rows), 1) if rows else None,
        busiest_day=busiest["date"] if busiest else None,
        users_of_busiest_day=busiest["total_users"] if busiest else None,
    )


def top(database: Database, kind: asked.GlobalTopKind, query: asked.GlobalTopQuery) -> out.GlobalTop:
    """List what all users played most over some days."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today, most=asked.MAX_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_tops(connection, days, kind, min_users=min_users, limit=query.limit)
    return out.GlobalTop(
        **_common(days, as_of, marked, today, min_users, is_empty=not rows),
        items=[
            out.GlobalTopItem(rank=rank, **row)
            for rank, row in zip(ranks([row["plays"] for row in rows]), rows, strict=True)
        ],
    )


def draw(database: Database, query: asked.GlobalQuery) -> str:
    """Draw all users' plays over time as SVG."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today, most=asked.MAX_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_days(connection, days, min_users)
    bars = svg_chart.buckets(
        days.first, days.last, [(row["date"], float(row["total_plays"])) for row in rows]
    )
    total, most = sum(row["total_plays"] for row in rows), max(bars, key=lambda bar: bar.value)
    first, last = svg_chart.spelled(days.first), svg_chart.spelled(days.last)
    why = why_empty(days, as_of, marked, today, min_users)
    heading = svg_chart.ChartHeading(
        "Everybody's plays over time",
        f"{first} to {last} · {total:,} plays",
        f"{total:,} plays from {first} to {last}, days in UTC. "
        + (f"Most: {most.label}, with {most.value:,.0f}." if rows else why.detail),
    )
    return svg_chart.over_time(heading, bars, "plays") if rows else svg_chart.empty(heading)


def why_empty(
    days: Range, as_of: datetime | None, marked: Collection[date], today: date, min_users: int
) -> out.Empty:
    """Say why nothing of a range is reported.

    Days that nobody and days that too few listened on are told in the same words: the difference would say
    that somebody did.
    """
    if days.first > today:
        return out.Empty(code="in-the-future", detail="These days are yet to come.")
    if as_of is None or marked:
        return out.Empty(
            code="not-counted-yet",
            detail="Plays of these days are yet to be counted; that happens every minute. Ask again shortly.",
        )
    return out.Empty(
        code="too-few-users",
        detail=f"Nothing here was shared by {min_users} users on any of these days. What fewer share is not "
        "reported.",
    )


def _today() -> date:
    return clock.now().astimezone(UTC).date()


def _range(query: asked.GlobalQuery, today: date, *, most: int = asked.MAX_GLOBAL_RANGE_DAYS) -> Range:
    last = query.last or (max(today, query.first) if query.first else today)
    first = query.first or last - timedelta(days=DEFAULT_DAYS - 1)
    return check_length(Range(first, last), most)


def _state(last: date, as_of: datetime | None, marked: Iterable[date], today: date) -> out.State:
    return "final" if last < today and as_of is not None and not any(True for _ in marked) else "provisional"


def _common(
    days: Range,
    as_of: datetime | None,
    marked: Collection[date],
    today: date,
    min_users: int,
    *,
    is_empty: bool,
) -> dict[str, Any]:
    return {
        "empty": why_empty(days, as_of, marked, today, min_users) if is_empty else None,
        "as_of": as_of,
        "state": _state(days.last, as_of, marked, today),
        "first": days.first,
        "last": days.last,
        "min_users": min_users,
    }


def _shared_entries(text: str, min_users: int) -> list[dict[str, Any]]:
    """Read a list of the roll-up, without entries that a limit raised since then excludes."""
    return [entry for entry in json.loads(text) if entry["users"] >= min_users]
