# ruff: noqa: PLC0415
"""The APIs that scrobblers know: ListenBrainz's and Last.fm's.

Services are imported by the requests that need them: a start loads what requests and answers are made of, no
more. This function has the API's `$default` route, too: what clients make of an address is told apart here.
"""

from functools import partial
from pathlib import Path
from typing import Any

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.trends.lastfm import schemas as lastfm
from musicconnect.trends.listenbrainz import schemas as out
from musicconnect.trends.listenbrainz.entities import Entity, ForeignPlaylists
from musicconnect.trends.scrobbling.http import ScrobblingApi


def _lastfm_error(error: Exception, event: dict[str, Any]) -> Reply:
    from musicconnect.trends.lastfm import service

    sent = {name.lower(): value for name, value in event.get("headers", {}).items()}
    return service.error_reply(error, event.get("queryStringParameters") or {}, sent.get("accept", ""))


api = ScrobblingApi("Scrobbling", Path(__file__).parent / "openapi.json", {"/2.0": _lastfm_error})
# What every route may be refused for, in the words of the API whose it is.
_listenbrainz = partial(
    api.route, public=True, problems=(400, 401, 404), foreign_errors=out.ListenBrainzErrorBody
)
get, post = partial(_listenbrainz, "GET"), partial(_listenbrainz, "POST")
LASTFM: dict[str, Any] = {
    "public": True,
    "problems": (400, 403, 404),
    "content": ("text/xml",),
    "foreign_errors": lastfm.LastfmErrorBody,
}


@post("/1/submit-listens")
def submit_listens(
    text: out.SubmissionText, query: out.SubmitQuery, request: Request
) -> out.SubmitResult | Reply:
    """Submit listens, as to ListenBrainz, with a personal token."""
    from musicconnect.trends.listenbrainz import service

    return service.submit(database.shared(), text, query.return_msid, request)


@get("/1/validate-token")
def validate_token(query: out.TokenValidationQuery, request: Request) -> out.TokenValidation | Reply:
    """Check a personal token, as ListenBrainz does."""
    from musicconnect.trends.listenbrainz import service

    return service.validate(database.shared(), query.token, request)


@get("/1/user/{name}/listens")
def get_listens(name: str, query: out.ListenQuery, request: Request) -> out.ListenList | Reply:
    """Read plays back, as from ListenBrainz: your own, and those of users who made theirs public."""
    from musicconnect.trends.listenbrainz import listens

    return listens.listens(database.shared(), name, query.given(), request)


@get("/1/user/{name}/listen-count")
def get_listen_count(name: str, request: Request) -> out.ListenCount | Reply:
    """Count plays, as ListenBrainz does."""
    from musicconnect.trends.listenbrainz import listens

    return listens.listen_count(database.shared(), name, request)


@get("/1/user/{name}/playing-now")
def get_playing_now(name: str, request: Request) -> out.NowPlayingList | Reply:
    """See what is being played, as ListenBrainz tells it."""
    from musicconnect.trends.listenbrainz import listens

    return listens.playing_now(database.shared(), name, request)


@post("/1/playing-now/delete")
def stop_playing(text: out.PlayerText, request: Request) -> out.StatusWithMessage | Reply:
    """Say that nothing is being played any more."""
    from musicconnect.trends.listenbrainz import service

    return service.stop_playing(database.shared(), text, request)


@post("/1/delete-listen")
def delete_listen(text: out.ListenText, request: Request) -> out.SubmitResult | Reply:
    """Delete one of your plays for good, as at ListenBrainz."""
    from musicconnect.trends.listenbrainz import listens

    return listens.delete(database.shared(), text, request)


@get("/1/latest-import")
def get_latest_import(query: out.LatestImportQuery, request: Request) -> out.LatestImport | Reply:
    """Ask up to when an importer has brought a history from another service."""
    from musicconnect.trends.listenbrainz import service

    return service.get_latest_import(database.shared(), query.user_name, query.service, request)


@post("/1/latest-import")
def set_latest_import(text: out.ImportMarkText, request: Request) -> out.SubmitResult | Reply:
    """Say up to when an importer has brought a history from another service."""
    from musicconnect.trends.listenbrainz import service

    return service.set_latest_import(database.shared(), text, request)


@get("/1/stats/user/{name}/{entity}", also=(204,))
def get_statistics(
    name: str, entity: Entity, query: out.StatisticsQuery, request: Request
) -> out.Statistics | Reply:
    """See what was played most, and when, as ListenBrainz tells it; 204 where nothing was played.

    Unlike there, days are the user's own and not UTC's, and nothing is calculated in advance.
    """
    from musicconnect.trends.listenbrainz import statistics

    return statistics.statistics(database.shared(), name, entity, query.given(), request)


@post("/1/feedback/recording-feedback")
def submit_feedback(text: out.FeedbackText, request: Request) -> out.SubmitResult | Reply:
    """Love or hate a recording, as at ListenBrainz."""
    from musicconnect.trends.listenbrainz import feedback

    return feedback.submit(database.shared(), text, request)


@get("/1/feedback/user/{name}/get-feedback")
def get_feedback(name: str, query: out.FeedbackQuery, request: Request) -> out.FeedbackList | Reply:
    """List what you love and hate, as ListenBrainz does."""
    from musicconnect.trends.listenbrainz import feedback

    return feedback.get(database.shared(), name, query.given(), request)


@get("/1/feedback/user/{name}/get-feedback-for-recordings")
def get_feedback_for_recordings(
    name: str, query: out.RecordingsQuery, request: Request
) -> out.FeedbackForRecordings | Reply:
    """Ask which of these recordings you love or hate."""
    from musicconnect.trends.listenbrainz import feedback

    return feedback.for_recordings(database.shared(), name, query.given(), "", request)


@post("/1/feedback/user/{name}/get-feedback-for-recordings")
def ask_feedback_for_recordings(
    name: str, text: out.RecordingsText, request: Request
) -> out.FeedbackForRecordings | Reply:
    """Ask which of many recordings you love or hate: `recording_msids`, `recording_mbids` in the body."""
    from musicconnect.trends.listenbrainz import feedback

    return feedback.for_recordings(database.shared(), name, {}, text, request)


@get("/1/user/{name}/playlists")
def list_playlists(name: str, query: out.PageQuery, request: Request) -> out.JspfList | Reply:
    """List your playlists as ListenBrainz does: those that were read for a migration or out of a file."""
    from musicconnect.exports import jspf_api

    return jspf_api.list_playlists(database.shared(), name, query.given(), request)


@get("/1/user/{name}/playlists/{others}")
def list_other_playlists(
    name: str,
    others: ForeignPlaylists,  # noqa: ARG001 - there are none of any kind
    query: out.PageQuery,
    request: Request,
) -> out.JspfList | Reply:
    """List playlists that were made for you or with you: there are none here."""
    from musicconnect.exports import jspf_api

    return jspf_api.list_none(database.shared(), name, query.given(), request)


@get("/1/playlist/{playlist_mbid}")
def get_playlist(playlist_mbid: str, request: Request) -> out.JspfPlaylist | Reply:
    """Get one of your playlists as JSPF, as it was last read."""
    from musicconnect.exports import jspf_api

    return jspf_api.get_playlist(database.shared(), playlist_mbid, request)


@api.get("/2.0", **LASTFM)
def get_lastfm(query: lastfm.LastfmQuery, request: Request) -> lastfm.LastfmAnswer | Reply:
    """Read as from Last.fm: `user.getInfo`, `user.getRecentTracks`, `user.getLovedTracks`; `auth.getSession`.

    The answer is XML, or JSON with `format=json`. Signatures are not checked.
    """
    from musicconnect.trends.lastfm import service

    return service.answer(database.shared(), "GET", query.model_dump(), "", request)


@api.post("/2.0", **LASTFM)
def call_lastfm(
    text: lastfm.FormText, query: lastfm.LastfmQuery, request: Request
) -> lastfm.LastfmAnswer | Reply:
    """Send as to Last.fm: `track.scrobble`, `track.updateNowPlaying`, love; `auth.getMobileSession`.

    Parameters may be in the query, in the body (`application/x-www-form-urlencoded`), or in both. The
    password is a personal token. The answer is XML, or JSON with `format=json`. Signatures are not checked.
    """
    from musicconnect.trends.lastfm import service

    return service.answer(database.shared(), "POST", query.model_dump(), text, request)


handler = api.handle
