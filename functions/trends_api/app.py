"""What people listened to: a person's own figures, and everybody's."""

from musicconnect.api import app, conditional
from musicconnect.platform import database
from musicconnect.trends.reports import charts, global_charts, personal
from musicconnect.trends.reports import schemas as out

api = app.Api("Trends")
WITHOUT = frozenset({"as_of"})


@api.get("/v1/trends/me/daily")
def get_my_daily_trends(
    caller: app.Caller, query: out.DailyQuery, request: app.Request
) -> out.DailyTrends | app.Reply:
    """See your days: plays, minutes, different tracks and artists.

    Days begin at midnight in your time zone. Send the `ETag` as `If-None-Match`, and the answer is 304 while
    nothing has changed.
    """
    return conditional.reply(request, personal.daily(database.shared(), caller, query), without=WITHOUT)


@api.get("/v1/trends/me/top/{kind}")
def get_my_top(
    caller: app.Caller, kind: out.TopKind, query: out.TopQuery, request: app.Request
) -> out.TopList | app.Reply:
    """See what you played most: tracks, artists or albums."""
    return conditional.reply(request, personal.top(database.shared(), caller, kind, query), without=WITHOUT)


@api.get("/v1/trends/me/summary")
def get_my_summary(
    caller: app.Caller, query: out.PeriodQuery, request: app.Request
) -> out.Summary | app.Reply:
    """See a period at a glance, compared with the one before.

    A period that is not over is compared with as many days of the one before.
    """
    return conditional.reply(request, personal.summarise(database.shared(), caller, query), without=WITHOUT)


@api.get("/v1/trends/me/recap/{year}")
def get_my_recap(
    caller: app.Caller, year: int, query: out.RecapQuery, request: app.Request
) -> out.Recap | app.Reply:
    """Look back on a year."""
    return conditional.reply(request, personal.recap(database.shared(), caller, year, query), without=WITHOUT)


@api.get("/v1/trends/me/chart.svg")
def get_my_chart(caller: app.Caller, query: out.ChartQuery, request: app.Request) -> app.Reply:
    """See the same figures as a picture (SVG), light or dark as your system is."""
    picture = charts.draw(database.shared(), caller, query)
    return conditional.reply(request, picture, content_type="image/svg+xml")


@api.get("/v1/trends/tracks")
def get_track_trends(query: out.TracksQuery, request: app.Request) -> out.TrackTrends | app.Reply:
    """See what everybody played most. Days are UTC; what too few people share is left out."""
    return conditional.reply(request, global_charts.tracks(database.shared(), query), without=WITHOUT)


@api.get("/v1/trends/tracks/{provider}/{provider_track_id}/daily")
def get_track_daily(
    provider: out.ProviderName, provider_track_id: str, query: out.GlobalQuery, request: app.Request
) -> out.TrackDaily | app.Reply:
    """See a track day by day. Days on which too few people played it are left out."""
    found = global_charts.track_daily(database.shared(), provider, provider_track_id, query)
    return conditional.reply(request, found, without=WITHOUT)


@api.get("/v1/trends/global/daily")
def get_global_daily(query: out.GlobalQuery, request: app.Request) -> out.GlobalDaily | app.Reply:
    """See everybody's days: plays, people, and what most of them played."""
    return conditional.reply(request, global_charts.daily(database.shared(), query), without=WITHOUT)


handler = api.handle
