"""Plays in and out as ListenBrainz's clients expect it, and the list of plays as this API has it."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from musicconnect.api.binding import Caller, Request
from musicconnect.api.responses import Reply
from musicconnect.core import authentication
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.trends.imports.formats.listenbrainz import msid, to_listen, to_listenbrainz
from musicconnect.trends.imports.schemas import DeletionResult
from musicconnect.trends.listenbrainz.schemas import (
    ListenBrainzErrorBody,
    ListenCount,
    ListenCountPayload,
    ListenItem,
    ListenList,
    ListenPage,
    Play,
    PlayFilter,
    PlayList,
    PlayQuery,
    SubmitResult,
    TokenValidation,
)
from musicconnect.trends.listenbrainz.validation import (
    ListenBrainzError,
    parse_listen_query,
    parse_submission,
)
from musicconnect.trends.plays import deletion, ingest, store
from musicconnect.trends.plays.deduplication import PlayRef
from musicconnect.trends.plays.model import KEY_PREFIX, StoredPlay

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_REF: Final = re.compile(r"(\d{1,15})-([0-9a-f]{16})-(\d{1,5})")


# -- ListenBrainz --------------------------------------------------------------------------------------------


def submit(database: Database, text: str, request: Request) -> Reply:
    """Take in listens of one of ListenBrainz's clients."""

    def answer() -> SubmitResult:
        user_id = _authenticate(database, request)
        kind, payload = parse_submission(text, int(clock.now().timestamp()))
        if kind != "playing_now":  # what is being played may yet be skipped
            _ingest(database, user_id, payload)
        return SubmitResult(status="ok")

    return _reply(answer)


def validate(database: Database, token: str | None, request: Request) -> Reply:
    """Say whose a token is. In ListenBrainz an invalid one is an answer, not an error."""

    def answer() -> TokenValidation:
        header = request.headers.get("authorization", "")
        sent = token or (header.split(" ")[1] if " " in header else "")
        if not sent:
            raise ListenBrainzError(400, "You need to provide an Authorization token.")
        owner = authentication.token_owner(database, sent) if _TOKEN.fullmatch(sent) else None
        if owner is None:
            return TokenValidation(code=200, message="Token invalid.", valid=False, user_name=None)
        name = user_name(database, owner.user_id)
        return TokenValidation(code=200, message="Token valid.", valid=True, user_name=name)

    return _reply(answer)


def listens(database: Database, name: str, query: dict[str, str], request: Request) -> Reply:
    """A person's plays in ListenBrainz's shape, newest first."""

    def answer() -> ListenList:
        user_id = _authenticate(database, request)
        first, last, count = parse_listen_query(query)
        _require_own_name(database, user_id, name)
        with database.transaction(user_id) as connection:
            oldest, latest, _ = store.get_listen_span(connection, user_id, counted_only=True)
            # From a first time on, the nearest ones count; the answer is newest first all the same.
            from_first = bool(first and not last)
            rows = store.list_plays(
                connection,
                user_id,
                limit=count,
                since=_after(first) if first else None,
                until=_moment(last) if last else None,
                counted_only=True,
                oldest_first=from_first,
            )[:count]
        found = [_to_listen(row, name) for row in (rows[::-1] if from_first else rows)]
        return ListenList(
            payload=ListenPage(
                user_id=name,
                count=len(found),
                listens=found,
                latest_listen_ts=int(latest.timestamp()) if latest else 0,
                oldest_listen_ts=int(oldest.timestamp()) if oldest else 0,
            )
        )

    return _reply(answer)


def listen_count(database: Database, name: str, request: Request) -> Reply:
    """How many plays of a person count."""

    def answer() -> ListenCount:
        user_id = _authenticate(database, request)
        _require_own_name(database, user_id, name)
        with database.transaction(user_id) as connection:
            *_, count = store.get_listen_span(connection, user_id, counted_only=True)
        return ListenCount(payload=ListenCountPayload(count=count))

    return _reply(answer)


def user_name(database: Database, user_id: int) -> str:
    """A person's name towards ListenBrainz's clients: readable, without spaces, and nobody else's.

    The number makes it so; the rest follows the display name, and may be any other when it comes back.
    """
    with database.transaction(user_id) as connection:
        row = connection.execute("SELECT display_name FROM core.users WHERE id = %s", [user_id]).fetchone()
    text = unicodedata.normalize("NFKC", row[0] if row else "").casefold()
    slug = re.sub(r"[^\w]+", "-", text).strip("-_")
    return f"{slug or 'listener'}-{user_id}"


def _ingest(database: Database, user_id: int, payload: list[dict[str, Any]]) -> None:
    try:
        told = [to_listen(one["listened_at"], one["track_metadata"]) for one in payload]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ListenBrainzError(400, "Invalid JSON document submitted.") from error
    # As ListenBrainz, whatever the client says about where else the play is known from.
    told = [one._replace(source="listenbrainz") for one in told]
    ingest.ensure_partitions(database, told)
    with database.transaction(user_id) as connection:
        ingest.ingest(connection, user_id, told, import_id=None, at=clock.now())


def _authenticate(database: Database, request: Request) -> int:
    header = request.headers.get("authorization", "")
    if not header:
        raise ListenBrainzError(401, "You need to provide an Authorization header.")
    parts = header.split(" ")
    if len(parts) < 2:
        raise ListenBrainzError(401, "Provided Authorization header is invalid.")
    owner = authentication.token_owner(database, parts[1]) if _TOKEN.fullmatch(parts[1]) else None
    if owner is None:
        raise ListenBrainzError(401, "Invalid authorization token.")
    return owner.user_id


def _require_own_name(database: Database, user_id: int, name: str) -> None:
    """Plays are private: everybody else is unknown."""
    if name.rpartition("-")[2] != str(user_id) and name.casefold() != user_name(database, user_id):
        raise ListenBrainzError(404, f"Cannot find user: {name}")


def _to_listen(play: StoredPlay, name: str) -> ListenItem:
    return ListenItem.model_validate({**to_listenbrainz(play), "user_name": name})


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), 4_102_444_800), UTC)  # to 2100


def _after(seconds: int) -> datetime:
    """``min_ts`` itself is not asked for, in whole seconds."""
    return _moment(seconds + 1)


def _reply(answer: Any) -> Reply:
    """An answer or a refusal in ListenBrainz's shape."""
    try:
        return Reply(answer())
    except ListenBrainzError as refused:
        return Reply(ListenBrainzErrorBody(code=refused.status, error=refused.message), status=refused.status)


# -- Our own -----------------------------------------------------------------------------------------------


def list_plays(database: Database, caller: Caller, query: PlayQuery) -> PlayList:
    """The caller's plays, newest first.

    Raises:
        Problem: 400 if the cursor is not one of ours.
    """
    key = pagination.decode(query.cursor, int, int, int)
    before = PlayRef(*key) if key and 0 <= key[0] < 10**14 and 0 <= key[2] < 2**15 else None
    with database.transaction(caller.user_id) as connection:
        rows = store.list_plays(
            connection,
            caller.user_id,
            limit=query.limit,
            before=before,
            since=query.since,
            until=query.until,
            source=query.source,
            provider=query.provider,
            counted_only=query.counted_only,
        )
    rows, next_cursor = pagination.page(
        rows, query.limit, lambda row: [store.to_ms(row.played_at), row.track_key, row.ordinal]
    )
    return PlayList(items=[_to_schema(row) for row in rows], next_cursor=next_cursor)


def delete_play(database: Database, caller: Caller, play_id: str) -> None:
    """Delete one play for good.

    Raises:
        Problem: 404.
    """
    match = _REF.fullmatch(play_id)
    if match is None:
        raise problems.not_found("play")
    unsigned = int(match[2], 16)
    key = unsigned - 2**64 if unsigned >= 2**63 else unsigned
    ordinal = int(match[3])
    if int(match[1]) >= 10**14 or ordinal >= 2**15:
        raise problems.not_found("play")
    deletion.delete_play(database, caller.user_id, PlayRef(int(match[1]), key, ordinal))


def delete_plays(database: Database, caller: Caller, choice: PlayFilter) -> DeletionResult:
    """Delete a period, or what a source told, or what a source told of a period.

    Raises:
        Problem: 422 if nothing is chosen: deleting everything has to be said.
    """
    if choice.source is None and choice.since is None and choice.until is None:
        raise problems.invalid("query", "Say what to delete: since, until or source")
    if choice.source is None:
        return deletion.delete_period(database, caller.user_id, choice.since, choice.until)
    told = deletion.SourceFilter(source=choice.source, since=choice.since, until=choice.until)
    return deletion.delete_by_source(database, caller.user_id, told)


def _to_schema(play: StoredPlay) -> Play:
    has_id = not play.provider_track_id.startswith(KEY_PREFIX)
    return Play(
        id=f"{store.to_ms(play.played_at)}-{play.track_key & 0xFFFFFFFFFFFFFFFF:016x}-{play.ordinal}",
        played_at=play.played_at,
        kind=play.kind,
        counts=play.kind == "play",
        title=play.title,
        artist=play.artist,
        album=play.album,
        provider=play.provider,
        provider_track_id=play.provider_track_id if has_id else None,
        track=msid(play.track_key),
        ms_played=play.ms_played,
        duration_ms=play.duration_ms,
        source=play.source,
        also_from=play.alternate_sources,
        import_id=play.import_id,
    )
