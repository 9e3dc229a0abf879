"""Answer ListenBrainz's statistics of a user: what was played most, and when.

Its days are UTC's; ours are the user's, like everywhere else here. Days come from the roll-up, lists from the
plays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.listenbrainz import ranges
from musicconnect.trends.listenbrainz.entities import Entity
from musicconnect.trends.listenbrainz.ranges import RangeName
from musicconnect.trends.listenbrainz.schemas import Statistics
from musicconnect.trends.listenbrainz.validation import MAX_COUNT, parse_offset
from musicconnect.trends.plays.model import msid
from musicconnect.trends.reports import periods
from musicconnect.trends.reports import store as reports
from musicconnect.trends.reports.periods import Range
from musicconnect.trends.scrobbling import people
from musicconnect.trends.scrobbling.errors import RefusedError

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class _Scope:
    connection: Connection[Any]
    user_id: int
    zone: str
    name: RangeName
    days: Range
    as_of: datetime | None

    def played(self, days: Range | None = None) -> reports.PlayRange:
        return reports.PlayRange(self.user_id, self.zone, days or self.days, None)

    def common(self, name: str) -> dict[str, Any]:
        first, after = ranges.timestamps(self.days, self.zone)
        updated = int((self.as_of or clock.now()).timestamp())
        return {
            "user_id": name, "range": self.name, "from_ts": first, "to_ts": after, "last_updated": updated,
        }  # fmt: skip


def statistics(
    database: Database, name: str, entity: Entity, query: dict[str, str], request: Request
) -> Statistics | Reply:
    """Answer a statistic; 204 where nothing was played."""
    user_id = people.require_readable(database, name, request)
    range_name = ranges.parse_range(query.get("range"))
    offset, count = parse_offset(query.get("offset"), 0), parse_offset(query.get("count"), 25)
    with database.transaction(user_id) as connection:
        freshness = reports.get_freshness(connection, user_id, None)
        if freshness is None:
            raise RefusedError(404, f"Cannot find user: {name}")
        today = periods.today(freshness.time_zone, clock.now())
        days = ranges.range_of(range_name, today)
        scope = _Scope(connection, user_id, freshness.time_zone, range_name, days, freshness.as_of)
        match entity:
            case "listening-activity":
                found: dict[str, Any] | None = _listening(scope)
            case "daily-activity":
                found = _daily(scope)
            case _:
                found = _top(scope, _LISTS[entity], offset=offset, count=min(count, MAX_COUNT))
        if found is None:
            return Reply(None, 204)
        return Statistics(payload=scope.common(name) | found)


@dataclass(frozen=True, slots=True)
class _List:
    kind: str
    """Of our reports."""
    member: str
    total: str
    describe: Callable[[reports.TopRow, reports.DisplayName], dict[str, Any]]


def _top(scope: _Scope, wanted: _List, *, offset: int, count: int) -> dict[str, Any] | None:
    totals = dict(zip(_KINDS, reports.distinct(scope.connection, scope.played()), strict=True))
    total = totals[wanted.kind]
    if not total:
        return None
    rows = reports.top(scope.connection, scope.played(), wanted.kind, by="plays", limit=offset + count)
    rows = rows[offset:]
    names = reports.display_names(scope.connection, scope.played(), wanted.kind, rows) if rows else {}
    items = [
        {**wanted.describe(row, names[row.key, row.album_key]), "listen_count": row.plays} for row in rows
    ]
    return {wanted.member: items, "count": len(items), wanted.total: total, "offset": offset}


def _listening(scope: _Scope) -> dict[str, Any] | None:
    days = ranges.with_previous(scope.name, scope.days)
    counts = {row.date: row.plays_count for row in _days(scope, days)}
    if not any(counts.values()):
        return None
    items = []
    if scope.name == "all_time":
        days = Range(min(counts), max(counts))
    for step in ranges.steps(scope.name, days):
        first, after = ranges.timestamps(step.days, scope.zone)
        plays = sum(plays for day, plays in counts.items() if step.days.first <= day <= step.days.last)
        if plays or scope.name != "all_time":
            items.append(
                {"time_range": step.name, "from_ts": first, "to_ts": after - 1, "listen_count": plays}
            )
    return {"listening_activity": items}


def _daily(scope: _Scope) -> dict[str, Any] | None:
    hours = reports.hours(scope.connection, scope.played())
    if not any(map(any, hours)):
        return None
    activity = {
        weekday: [{"hour": hour, "listen_count": plays} for hour, plays in enumerate(row)]
        for weekday, row in zip(WEEKDAYS, hours, strict=True)
    }
    return {"daily_activity": activity}


def _days(scope: _Scope, days: Range) -> Sequence[reports.DayRow]:
    last = date.max if scope.name == "all_time" else days.last
    return reports.days(scope.connection, scope.user_id, Range(days.first, last), None)


def _artist(_row: reports.TopRow, found: reports.DisplayName) -> dict[str, Any]:
    return {"artist_name": found.artist, "artist_mbid": None}


def _release(_row: reports.TopRow, found: reports.DisplayName) -> dict[str, Any]:
    return {
        "release_name": found.name, "artist_name": found.artist, "artist_mbids": [], "release_mbid": None,
        "caa_id": None, "caa_release_mbid": None,
    }  # fmt: skip


def _release_group(_row: reports.TopRow, found: reports.DisplayName) -> dict[str, Any]:
    return {
        "release_group_name": found.name, "artist_name": found.artist, "artist_mbids": [],
        "release_group_mbid": None, "caa_id": None, "caa_release_mbid": None,
    }  # fmt: skip


def _recording(row: reports.TopRow, found: reports.DisplayName) -> dict[str, Any]:
    return {
        "track_name": found.name, "artist_name": found.artist, "artist_mbids": [], "recording_mbid": None,
        "recording_msid": msid(row.key), "release_name": None, "release_mbid": None, "caa_id": None,
        "caa_release_mbid": None,
    }  # fmt: skip


_KINDS: Final = ("tracks", "artists", "albums")
_LISTS: Final = {
    "artists": _List("artists", "artists", "total_artist_count", _artist),
    "releases": _List("albums", "releases", "total_release_count", _release),
    "release-groups": _List("albums", "release_groups", "total_release_group_count", _release_group),
    "recordings": _List("tracks", "recordings", "total_recording_count", _recording),
}
