"""Serve ListenBrainz's clients: submit listens, validate tokens, read listens back."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from pydantic import BaseModel

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.core import authentication
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.trends.listenbrainz.codec import to_listen, to_listenbrainz
from musicconnect.trends.listenbrainz.schemas import (
    ListenBrainzErrorBody,
    ListenCount,
    ListenCountPayload,
    ListenItem,
    ListenList,
    ListenPage,
    SubmitResult,
    TokenValidation,
)
from musicconnect.trends.listenbrainz.validation import (
    ListenBrainzError,
    parse_listen_query,
    parse_submission,
)
from musicconnect.trends.plays import ingest, store

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SERVICE = "user-trends"
"""In the register of services."""
MAX_UNIX_TIME_S = 4_102_444_800
"""The year 2100."""


def _reply[**P](answer: Callable[P, BaseModel]) -> Callable[P, Reply]:
    """Make a function give its answer, or its error in ListenBrainz's shape."""

    @wraps(answer)
    def reply(*args: P.args, **kwargs: P.kwargs) -> Reply:
        try:
            return Reply(answer(*args, **kwargs))
        except ListenBrainzError as error:
            return Reply(ListenBrainzErrorBody(code=error.status, error=error.message), status=error.status)

    return reply


@_reply
def submit(database: Database, text: str, request: Request) -> SubmitResult:
    """Add submitted listens."""
    user_id = _authenticate(database, request)
    kind, payload = parse_submission(text, int(clock.now().timestamp()))
    if kind != "playing_now":  # which may yet be skipped
        _ingest(database, user_id, payload)
    return SubmitResult(status="ok")


@_reply
def validate(database: Database, token: str | None, request: Request) -> TokenValidation:
    """Get a token's owner. To ListenBrainz an invalid token is an answer, not an error."""
    header = request.headers.get("authorization", "")
    sent = token or (header.split(" ")[1] if " " in header else "")
    if not sent:
        raise ListenBrainzError(400, "You need to provide an Authorization token.")
    user_id = _owner(database, sent)
    if user_id is None:
        return TokenValidation(code=200, message="Token invalid.", valid=False, user_name=None)
    name = user_name(database, user_id)
    return TokenValidation(code=200, message="Token valid.", valid=True, user_name=name)


@_reply
def listens(database: Database, name: str, query: dict[str, str], request: Request) -> ListenList:
    """List a user's plays as listens, newest first."""
    user_id = _authenticate(database, request)
    first, last, count = parse_listen_query(query)
    _require_own_name(database, user_id, name)
    with database.transaction(user_id) as connection:
        oldest, latest, _ = store.get_listen_span(connection, user_id, counted_only=True)
        # From a first time on, the nearest listens are chosen; the answer is newest first all the same.
        from_first = bool(first and not last)
        rows = store.list_plays(
            connection,
            user_id,
            limit=count,
            since=_to_time(first + 1) if first else None,  # min_ts itself is excluded
            until=_to_time(last) if last else None,
            counted_only=True,
            oldest_first=from_first,
        )[:count]
    # A client goes on from the time of the last one it got, so fewer than it asked for are no harm.
    rows = pagination.fitting(rows)
    items = [
        ListenItem.model_validate({**to_listenbrainz(row), "user_name": name})
        for row in (rows[::-1] if from_first else rows)
    ]
    return ListenList(
        payload=ListenPage(
            user_id=name,
            count=len(items),
            listens=items,
            latest_listen_ts=int(latest.timestamp()) if latest else 0,
            oldest_listen_ts=int(oldest.timestamp()) if oldest else 0,
        )
    )


@_reply
def listen_count(database: Database, name: str, request: Request) -> ListenCount:
    """Count a user's plays that count."""
    user_id = _authenticate(database, request)
    _require_own_name(database, user_id, name)
    with database.transaction(user_id) as connection:
        *_, count = store.get_listen_span(connection, user_id, counted_only=True)
    return ListenCount(payload=ListenCountPayload(count=count))


def user_name(database: Database, user_id: int) -> str:
    """Make a user's ListenBrainz name: the display name without spaces, and the id, which makes it unique."""
    with database.transaction(user_id) as connection:
        display_name = store.get_display_name(connection, user_id)
    text = unicodedata.normalize("NFKC", display_name).casefold()
    slug = re.sub(r"[^\w]+", "-", text).strip("-_")
    return f"{slug or 'listener'}-{user_id}"


def _ingest(database: Database, user_id: int, payload: list[dict[str, Any]]) -> None:
    try:
        # The source is ListenBrainz, whatever the client says.
        found = [
            to_listen(one["listened_at"], one["track_metadata"])._replace(source="listenbrainz")
            for one in payload
        ]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ListenBrainzError(400, "Invalid JSON document submitted.") from error
    ingest.ensure_partitions(database, found)
    with database.transaction(user_id) as connection:
        ingest.ingest(connection, user_id, found, import_id=None, at=clock.now())


def _authenticate(database: Database, request: Request) -> int:
    header = request.headers.get("authorization", "")
    if not header:
        raise ListenBrainzError(401, "You need to provide an Authorization header.")
    parts = header.split(" ")
    if len(parts) < 2:
        raise ListenBrainzError(401, "Provided Authorization header is invalid.")
    user_id = _owner(database, parts[1])
    if user_id is None:
        raise ListenBrainzError(401, "Invalid authorization token.")
    return user_id


def _owner(database: Database, token: str) -> int | None:
    owner = authentication.token_owner(database, token) if _TOKEN.fullmatch(token) else None
    if owner is not None and SERVICE in owner.switched_off:
        raise problems.switched_off(SERVICE, owner.switched_off[SERVICE])
    return owner.user_id if owner else None


def _require_own_name(database: Database, user_id: int, name: str) -> None:
    """Refuse other users' names: plays are private."""
    if name.rpartition("-")[2] != str(user_id) and name.casefold() != user_name(database, user_id):
        raise ListenBrainzError(404, f"Cannot find user: {name}")


def _to_time(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), MAX_UNIX_TIME_S), UTC)
