"""Take listens in as ListenBrainz does: submissions, tokens, what is playing, marks of importers."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.api.binding import Request
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.listenbrainz.codec import OWN_KEY, to_listen
from musicconnect.trends.listenbrainz.schemas import (
    LatestImport,
    StatusWithMessage,
    SubmitResult,
    TokenValidation,
)
from musicconnect.trends.listenbrainz.validation import parse_json, parse_submission
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import Listen
from musicconnect.trends.scrobbling import now_playing, people, store
from musicconnect.trends.scrobbling.errors import RefusedError, refuse_if

SERVICES: Final = ("lastfm", "librefm")
"""Whose histories importers bring."""


def submit(database: Database, text: str, return_msid: str | None, request: Request) -> SubmitResult:
    """Add submitted listens, or keep what is being played."""
    user_id = people.authenticate(database, request)
    kind, payload = parse_submission(text, int(clock.now().timestamp()))
    if kind == "playing_now":
        recording = now_playing.start(database, user_id, payload[0]["track_metadata"])
        return SubmitResult(status="ok", recording_msid=recording if return_msid else None)
    add_listens(database, user_id, [_to_listen(one) for one in payload])
    return SubmitResult(status="ok", recording_msid=None)


def add_listens(database: Database, user_id: int, listens: list[Listen]) -> None:
    """Add listens; those that are known already change nothing."""
    ingest.ensure_partitions(database, listens)
    with database.transaction(user_id) as connection:
        ingest.ingest(connection, user_id, listens, import_id=None, at=clock.now())


def validate(database: Database, token: str | None, request: Request) -> TokenValidation:
    """Get a token's owner. To ListenBrainz an invalid token is an answer, not an error."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    sent = sent.split(" ")[0]
    if token and scheme.lower() != "token":
        sent = token
    refuse_if(not sent, "You need to provide an Authorization token.")
    user_id = people.owner_of(database, sent)
    if user_id is None:
        return TokenValidation(code=200, message="Token invalid.", valid=False, user_name=None)
    name = people.user_name(database, user_id)
    return TokenValidation(code=200, message="Token valid.", valid=True, user_name=name)


def stop_playing(database: Database, text: str, request: Request) -> StatusWithMessage:
    """Say that nothing is being played any more."""
    user_id = people.authenticate(database, request)
    body = parse_json(text) if text.strip() else {}
    client = body.get("client") if isinstance(body, dict) else None
    if not now_playing.stop(database, user_id, client=client if isinstance(client, str) else None):
        raise RefusedError(404, "Another client said what is being played.")
    return StatusWithMessage(status="ok", message="Nothing is being played.")


def get_latest_import(database: Database, name: str | None, service: str, request: Request) -> LatestImport:
    """Get up to when a history was brought from another service."""
    refuse_if(not name, "You need to provide a user_name.")
    user_id = people.require_readable(database, name or "", request)
    refuse_if(service not in SERVICES, f"Service does not exist: {service[:100]}", 404)
    with database.transaction(user_id) as connection:
        latest = store.get_import_mark(connection, user_id, service)
    return LatestImport(musicbrainz_id=name or "", latest_import=latest, status=None, error=None)


def set_latest_import(database: Database, text: str, request: Request) -> SubmitResult:
    """Say up to when a history was brought from another service."""
    user_id = people.authenticate(database, request)
    body = parse_json(text)
    refuse_if(not isinstance(body, dict), "Invalid data sent")
    service = body.get("service", SERVICES[0])
    latest = body.get("ts")
    # JSON has one kind of number: 1.0 is a whole one.
    is_whole = isinstance(latest, int | float) and not isinstance(latest, bool) and latest % 1 == 0
    refuse_if(not is_whole or not 0 <= latest < 2**40, "Invalid data sent")
    refuse_if(service not in SERVICES, f"Service does not exist: {str(service)[:100]}", 404)
    with database.transaction(user_id) as connection:
        store.set_import_mark(connection, user_id, service, int(latest), clock.now())
    return SubmitResult(status="ok", recording_msid=None)


def _to_listen(submitted: Mapping[str, Any]) -> Listen:
    metadata = submitted["track_metadata"]
    try:
        found = to_listen(submitted["listened_at"], metadata)
        if found.played_at // 1000 != submitted["listened_at"]:
            raise ValueError("our own export says another time")
    except (ValueError, TypeError, AttributeError, KeyError):
        # What only our own exports have is not as we write it; the rest is a listen like any other.
        info = dict(metadata.get("additional_info") or {})
        info.pop(OWN_KEY, None)
        found = to_listen(submitted["listened_at"], {**metadata, "additional_info": info})
    # The source is ListenBrainz, whatever the client says.
    return found._replace(source="listenbrainz")
