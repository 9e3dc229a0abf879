"""Read and delete listens as ListenBrainz's clients do."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from musicconnect.api.binding import Request
from musicconnect.platform.database import Database
from musicconnect.trends.listenbrainz.codec import to_listenbrainz
from musicconnect.trends.listenbrainz.schemas import (
    ListenCount,
    ListenCountPayload,
    ListenItem,
    ListenList,
    ListenPage,
    NowPlayingItem,
    NowPlayingList,
    NowPlayingPage,
    SubmitResult,
)
from musicconnect.trends.listenbrainz.validation import is_uuid, parse_json, parse_listen_query
from musicconnect.trends.plays import deletion, store
from musicconnect.trends.plays.model import StoredPlay, key_of_msid
from musicconnect.trends.scrobbling import now_playing, people
from musicconnect.trends.scrobbling.errors import RefusedError, refuse_if

MAX_UNIX_TIME_S: Final = 4_102_444_800
"""The year 2100."""
MAX_DETAILS: Final = 4_000_000
"""Characters of details in an answer. Lambda's limit is 6 MB, and a thousand listens can have 10 MB."""


def listens(database: Database, name: str, query: dict[str, str], request: Request) -> ListenList:
    """List a user's plays as listens.

    Which ones: without bounds the newest; below ``max_ts`` the nearest to it; above ``min_ts``, whether or
    not there is a ``max_ts`` too, the nearest to ``min_ts``. The answer is newest first all the same. A
    second is never cut in two: who goes on at the last one's time would miss the rest of it.
    """
    user_id = people.require_readable(database, name, request)
    first, last, count = parse_listen_query(query)
    since = _to_time(first + 1) if first is not None else None  # both bounds are excluded
    until = _to_time(last) if last is not None else None
    with database.transaction(user_id) as connection:
        oldest, latest, _ = store.get_listen_span(connection, user_id, counted_only=True)
        rows = store.list_plays(
            connection, user_id, limit=count, since=since, until=until, counted_only=True,
            oldest_first=first is not None,
        )  # fmt: skip
        if 0 < count < len(rows) and _second(rows[count - 1]) == _second(rows[count]):
            second = _second(rows[count])
            rows = [row for row in rows if _second(row) != second] + store.list_plays(
                connection, user_id, limit=10_000, since=_to_time(second), until=_to_time(second + 1),
                counted_only=True, oldest_first=first is not None,
            )  # fmt: skip
        else:
            rows = rows[:count]
    items = _items(rows[::-1] if first is not None else rows, name)
    return ListenList(
        payload=ListenPage(
            user_id=name,
            count=len(items),
            listens=items,
            latest_listen_ts=int(latest.timestamp()) if latest else 0,
            oldest_listen_ts=int(oldest.timestamp()) if oldest else 0,
        )
    )


def listen_count(database: Database, name: str, request: Request) -> ListenCount:
    """Count a user's plays that count."""
    user_id = people.require_readable(database, name, request)
    with database.transaction(user_id) as connection:
        *_, count = store.get_listen_span(connection, user_id, counted_only=True)
    return ListenCount(payload=ListenCountPayload(count=count))


def playing_now(database: Database, name: str, request: Request) -> NowPlayingList:
    """Get what a user is listening to; nothing is an empty list."""
    user_id = people.require_readable(database, name, request)
    row = now_playing.get(database, user_id)
    items = []
    if row is not None:
        info = {**(row.metadata.get("additional_info") or {}), "recording_msid": str(row.recording)}
        metadata = {**row.metadata, "additional_info": info}
        items.append(NowPlayingItem(track_metadata=metadata, user_name=name, playing_now=True))
    return NowPlayingList(
        payload=NowPlayingPage(user_id=name, count=len(items), playing_now=True, listens=items)
    )


def delete(database: Database, text: str, request: Request) -> SubmitResult:
    """Delete a listen for good, whatever sources report it; one that is not there is deleted, too."""
    user_id = people.authenticate(database, request)
    body = parse_json(text)
    at, recording = _deleted(body)
    track_key = key_of_msid(recording)
    if track_key is not None:
        with database.transaction(user_id) as connection:
            refs = store.find_reported(
                connection, user_id, track_key=track_key, since=_to_time(at), until=_to_time(at + 1)
            )
        for ref in refs:
            deletion.delete_play_if_there(database, user_id, ref)
    return SubmitResult(status="ok", recording_msid=None)


def _deleted(body: Any) -> tuple[int, str]:
    if not isinstance(body, dict):
        raise RefusedError(400, "Invalid JSON document submitted.")
    refuse_if("listened_at" not in body, "Listen timestamp missing.")
    at = body["listened_at"]
    try:
        if isinstance(at, bool):
            raise TypeError
        seconds = int(at)
    except (TypeError, ValueError, OverflowError):
        raise RefusedError(400, f"{str(at)[:100]}: Listen timestamp invalid.") from None
    refuse_if("recording_msid" not in body, "Recording MSID missing.")
    recording = body["recording_msid"]
    if not isinstance(recording, str) or not is_uuid(recording):
        raise RefusedError(400, f"{str(recording)[:100]}: Recording MSID format invalid.")
    return seconds, recording


def _items(rows: list[StoredPlay], name: str) -> list[ListenItem]:
    items, details = [], 0
    for row in rows:
        details += len(json.dumps(row.details)) if row.details else 0
        kept = row if details <= MAX_DETAILS else row._replace(details=None)
        listen = to_listenbrainz(kept)
        listen["track_metadata"]["additional_info"].setdefault("recording_msid", listen["recording_msid"])
        items.append(ListenItem.model_validate({**listen, "user_name": name}))
    return items


def _second(play: StoredPlay) -> int:
    return int(play.played_at.timestamp())


def _to_time(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), MAX_UNIX_TIME_S), UTC)
