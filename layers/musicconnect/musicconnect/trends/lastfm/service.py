"""Serve Last.fm's API, as far as scrobblers use it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from musicconnect.api.binding import Request
from musicconnect.api.errors import problem_for
from musicconnect.api.responses import Reply
from musicconnect.platform import metrics
from musicconnect.platform.database import Database
from musicconnect.trends.lastfm import answers, reading, scrobbles, sessions
from musicconnect.trends.lastfm.call import Call
from musicconnect.trends.lastfm.errors import LastfmError
from musicconnect.trends.lastfm.parameters import Parameters, wants_json

METHODS: Final[dict[str, Callable[[Call], dict[str, Any]]]] = {
    "auth.getmobilesession": sessions.get_mobile_session,
    "auth.gettoken": sessions.get_token,
    "auth.getsession": sessions.get_session,
    "track.updatenowplaying": scrobbles.update_now_playing,
    "track.scrobble": scrobbles.scrobble,
    "track.love": scrobbles.love,
    "track.unlove": scrobbles.unlove,
    "library.removescrobble": scrobbles.remove,
    "user.getinfo": reading.get_info,
    "user.getrecenttracks": reading.get_recent_tracks,
    "user.getlovedtracks": reading.get_loved_tracks,
}
"""By their names in lower case: web-scrobbler writes ``track.updatenowplaying``."""


def answer(database: Database, method: str, query: Mapping[str, Any], text: str, request: Request) -> Reply:
    """Answer a request, whatever becomes of it, in the format that it asks for.

    Signatures are not looked at: programs that let people type an address sign with a secret of their own.
    """
    parameters = Parameters(query, text)
    is_json = wants_json(parameters, request.headers.get("accept", ""))
    try:
        if is_json is None:
            raise LastfmError(5)
        handler = METHODS.get((parameters.get("method") or "").lower())
        if handler is None and parameters.get("hs"):
            raise LastfmError(3, HANDSHAKE)
        if handler is None:
            raise LastfmError(3)
        body = handler(Call(database, method, parameters, request))
    except Exception as error:  # noqa: BLE001 - the last place that can still give a client its answer
        return _reply_error(error, is_json=bool(is_json))
    content, content_type = answers.write(body, is_json=is_json)
    return Reply(content, content_type=content_type)


HANDSHAKE: Final = (
    "Invalid Method - The protocol 1.2 (handshake) is not spoken here; choose the API 2.0, or ListenBrainz."
)


def error_reply(error: Exception, query: Mapping[str, Any], accept: str) -> Reply:
    """Answer what happened outside of a handler, such as too much load."""
    return _reply_error(error, is_json=bool(wants_json(Parameters(query), accept)))


def _reply_error(error: Exception, *, is_json: bool) -> Reply:
    status = None
    if not isinstance(error, LastfmError):
        status = getattr(error, "status", None) or problem_for(error).status
        if status == 500:
            metrics.emit(metrics.UNEXPECTED_ERRORS)
        # Never 8, "operation failed": Navidrome drops the play.
        error = LastfmError(16) if status >= 500 else LastfmError(6, f"Invalid parameters - {error}")
    content, content_type = answers.write_error(error.code, error.message, is_json=is_json)
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "10"} if error.status == 503 else {})
    # Of Last.fm's own statuses none says that the method is wrong.
    return Reply(content, 405 if status == 405 else error.status, headers, content_type)
