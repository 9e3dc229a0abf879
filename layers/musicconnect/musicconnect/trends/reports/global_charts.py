"""Everybody's figures. Nothing that fewer people share than the deployment allows leaves this module."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.reports import schemas as out
from musicconnect.trends.reports import store
from musicconnect.trends.reports.periods import Range
from musicconnect.trends.reports.personal import DEFAULT_DAYS, check_length
from musicconnect.trends.rollup.config import RollupConfig


def tracks(database: Database, query: out.TracksQuery) -> out.TrackTrends:
    """What everybody played most.

    Raises:
        Problem: 422 if the range is too long.
    """
    today, least = _today(), RollupConfig.from_environment().min_users
    last = query.last or query.first or today - timedelta(days=1)
    wanted = check_length(Range(query.first or last, last), out.MAX_TRACKS_RANGE_DAYS)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, wanted)
        rows = store.global_tracks(connection, wanted, query.provider, least=least, limit=query.limit)
    return out.TrackTrends(
        **_common(wanted, as_of, marked, today, least), items=[out.GlobalTrack(**row) for row in rows]
    )


def track_daily(
    database: Database, provider: out.ProviderName, track_id: str, query: out.GlobalQuery
) -> out.TrackDaily:
    """A track day by day. One that nobody, or too few people, played is one without days.

    Raises:
        Problem: 422 if the range is too long.
    """
    today, least = _today(), RollupConfig.from_environment().min_users
    wanted = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, wanted)
        rows = store.track_days(connection, provider, track_id, wanted, least)
    newest = rows[-1] if rows else {"title": None, "artist": None}
    return out.TrackDaily(
        **_common(wanted, as_of, marked, today, least),
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
    """Everybody, day by day.

    Raises:
        Problem: 422 if the range is too long.
    """
    today, least = _today(), RollupConfig.from_environment().min_users
    wanted = _range(query, today)
    with database.transaction() as connection:
        as_of, marked = store.get_global_freshness(connection, wanted)
        rows = store.global_days(connection, wanted, least)
    return out.GlobalDaily(
        **_common(wanted, as_of, marked, today, least),
        items=[
            out.GlobalDay(
                date=row["date"],
                state=_state(row["date"], as_of, [row["date"]] if row["date"] in marked else [], today),
                plays=row["total_plays"],
                users=row["total_users"],
                top_tracks=[out.DayTrack(**entry) for entry in _shared_entries(row["top_track_ids"], least)],
                top_artists=[
                    out.DayArtist(**entry) for entry in _shared_entries(row["top_artist_ids"], least)
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
    wanted: Range, as_of: datetime | None, marked: Iterable[date], today: date, least: int
) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "state": _state(wanted.last, as_of, marked, today),
        "first": wanted.first,
        "last": wanted.last,
        "min_users": least,
    }


def _shared_entries(text: str, least: int) -> list[dict[str, Any]]:
    """A list as the roll-up wrote it, without what a stricter rule of today would not show."""
    return [entry for entry in json.loads(text) if entry["users"] >= least]
