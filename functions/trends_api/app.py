# ruff: noqa: PLC0415 - a start loads what requests and answers are made of; each request imports its reports
"""Reports of a user's own plays, and of all users'."""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Request
from musicconnect.api.responses import Reply, reply_unless_known
from musicconnect.platform import database
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports import query_schemas as asked
from musicconnect.trends.reports import schemas as out

api = Api("Trends", "user-trends")
WITHOUT = frozenset({"as_of"})
EVERYBODYS = ("global-trends",)


@api.get("/v1/trends/me/daily")
def get_my_daily_trends(caller: Caller, query: asked.DailyQuery, request: Request) -> out.DailyTrends | Reply:
    """See your days: plays, minutes, different tracks and artists.

    Days begin at midnight in your time zone. Send the `ETag` as `If-None-Match`, and the answer is 304 while
    nothing has changed.
    """
    from musicconnect.trends.reports import personal

    return reply_unless_known(request, personal.daily(database.shared(), caller, query), without=WITHOUT)


@api.get("/v1/trends/me/top/{kind}")
def get_my_top(
    caller: Caller, kind: asked.TopKind, query: asked.TopQuery, request: Request
) -> out.TopList | Reply:
    """See what you played most: tracks, artists or albums."""
    from musicconnect.trends.reports import personal

    return reply_unless_known(request, personal.top(database.shared(), caller, kind, query), without=WITHOUT)


@api.get("/v1/trends/me/summary")
def get_my_summary(caller: Caller, query: asked.PeriodQuery, request: Request) -> out.Summary | Reply:
    """See a period at a glance, compared with the one before.

    A period that is not over is compared with as many days of the one before.
    """
    from musicconnect.trends.reports import personal

    return reply_unless_known(request, personal.summarize(database.shared(), caller, query), without=WITHOUT)


@api.get("/v1/trends/me/recap/{year}")
def get_my_recap(caller: Caller, year: int, query: asked.RecapQuery, request: Request) -> out.Recap | Reply:
    """Look back on a year."""
    from musicconnect.trends.reports import personal

    return reply_unless_known(
        request, personal.recap(database.shared(), caller, year, query), without=WITHOUT
    )


@api.get("/v1/trends/me/chart.svg", content=("image/svg+xml",))
def get_my_chart(caller: Caller, query: asked.ChartQuery, request: Request) -> Reply:
    """See the same figures as a chart (SVG), light or dark as your system is."""
    from musicconnect.trends.reports import charts

    chart = charts.draw(database.shared(), caller, query)
    return reply_unless_known(request, chart, content_type="image/svg+xml")


@api.get("/v1/trends/tracks", services=EVERYBODYS)
def get_track_trends(query: asked.TrackTrendsQuery, request: Request) -> out.TrackTrends | Reply:
    """See what all users played most. Days are UTC; what too few users share is left out."""
    from musicconnect.trends.reports import global_charts

    return reply_unless_known(request, global_charts.tracks(database.shared(), query), without=WITHOUT)


@api.get("/v1/trends/tracks/{provider}/{provider_track_id}/daily", services=EVERYBODYS)
def get_track_daily(
    provider: PlayProvider, provider_track_id: str, query: asked.GlobalQuery, request: Request
) -> out.TrackDaily | Reply:
    """See a track day by day. Days on which too few users played it are left out."""
    from musicconnect.trends.reports import global_charts

    found = global_charts.track_daily(database.shared(), provider, provider_track_id, query)
    return reply_unless_known(request, found, without=WITHOUT)


@api.get("/v1/trends/global/daily", services=EVERYBODYS)
def get_global_daily(query: asked.GlobalQuery, request: Request) -> out.GlobalDaily | Reply:
    """See all users' days: plays, users, and what most of them played."""
    from musicconnect.trends.reports import global_charts

    return reply_unless_known(request, global_charts.daily(database.shared(), query), without=WITHOUT)


@api.get("/v1/trends/global/summary", services=EVERYBODYS)
def get_global_summary(query: asked.GlobalQuery, request: Request) -> out.GlobalSummary | Reply:
    """See all users over some days at a glance. Days with too few users are in no sum."""
    from musicconnect.trends.reports import global_charts

    return reply_unless_known(request, global_charts.summarize(database.shared(), query), without=WITHOUT)


@api.get("/v1/trends/global/top/{kind}", services=EVERYBODYS)
def get_global_top(
    kind: asked.GlobalTopKind, query: asked.GlobalTopQuery, request: Request
) -> out.GlobalTop | Reply:
    """See the tracks or artists that all users played most, summed up from each day's fifty most played."""
    from musicconnect.trends.reports import global_charts

    return reply_unless_known(request, global_charts.top(database.shared(), kind, query), without=WITHOUT)


@api.get("/v1/trends/global/chart.svg", content=("image/svg+xml",), services=EVERYBODYS)
def get_global_chart(query: asked.GlobalQuery, request: Request) -> Reply:
    """See all users' plays over time as a chart (SVG), light or dark as your system is."""
    from musicconnect.trends.reports import global_charts

    chart = global_charts.draw(database.shared(), query)
    return reply_unless_known(request, chart, content_type="image/svg+xml")


handler = api.handle
