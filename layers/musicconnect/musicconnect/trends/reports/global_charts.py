"""Report what all users played, without what too few of them share; too long a range is a 422."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports import schemas as out
from musicconnect.trends.reports import store
from musicconnect.trends.reports.periods import Range
from musicconnect.trends.reports.personal import DEFAULT_DAYS, check_length
from musicconnect.trends.rollup.config import RollupConfig


def tracks(database: Database, query: out.TrackTrendsQuery) -> out.TrackTrends:
    """List the most played tracks."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    last = query.last or query.first or today - timedelta(days=1)
    days = check_length(Range(query.first or last, last), out.MAX_TRACKS_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_tracks(connection, days, query.provider, min_users=min_users, limit=query.limit)
    return out.TrackTrends(
        **_common(days, as_of, marked, today, min_users), items=[out.GlobalTrack(**row) for row in rows]
    )


def track_daily(
    database: Database, provider: PlayProvider, track_id: str, query: out.GlobalQuery
) -> out.TrackDaily:
    """Report a track day by day; one that too few users played has no days."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.track_days(connection, provider, track_id, days, min_users)
    newest = rows[-1] if rows else {"title": None, "artist": None}
    return out.TrackDaily(
        **_common(days, as_of, marked, today, min_users),
        provider=provider,
        provider_track_id=track_id,
        title=newest["title"],
        artist=newest["artist"],
        items=[
            out.TrackDay(date=row["date"], plays=row["plays_count"], users=row["unique_users"])
            for row in rows
        ],
    )


def daily(database: Database, query: out.GlobalQuery) -> out.GlobalDaily:
    """Report all users' plays day by day."""
    today, min_users = _today(), RollupConfig.from_environment().min_users
    days = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, days)
        rows = store.global_days(connection, days, min_users)
    return out.GlobalDaily(
        **_common(days, as_of, marked, today, min_users),
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


def _today() -> date:
    return clock.now().astimezone(UTC).date()


def _range(query: out.GlobalQuery, today: date) -> Range:
    last = query.last or (max(today, query.first) if query.first else today)
    first = query.first or last - timedelta(days=DEFAULT_DAYS - 1)
    return check_length(Range(first, last), out.MAX_GLOBAL_RANGE_DAYS)


def _state(last: date, as_of: datetime | None, marked: Iterable[date], today: date) -> out.State:
    return "final" if last < today and as_of is not None and not any(True for _ in marked) else "provisional"


def _common(
    days: Range, as_of: datetime | None, marked: Iterable[date], today: date, min_users: int
) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "state": _state(days.last, as_of, marked, today),
        "first": days.first,
        "last": days.last,
        "min_users": min_users,
    }


def _shared_entries(text: str, min_users: int) -> list[dict[str, Any]]:
    """Read a list of the roll-up, without entries that a limit raised since then excludes."""
    return [entry for entry in json.loads(text) if entry["users"] >= min_users]
