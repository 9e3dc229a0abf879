"""List and delete a user's plays."""

import re
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.platform import pagination, problems
from musicconnect.platform.database import Database
from musicconnect.trends.plays import deletion, store
from musicconnect.trends.plays.deduplication import PlayRef
from musicconnect.trends.plays.model import KEY_PREFIX, StoredPlay, msid, to_ms
from musicconnect.trends.plays.schemas import DeletionResult, Play, PlayDeletion, PlayList, PlayQuery

_ID: Final = re.compile(r"(\d{1,15})-([0-9a-f]{16})-(\d{1,5})")
MAX_PLAYED_AT_MS: Final = 10**14
MAX_ORDINAL: Final = 2**15 - 1


def list_plays(database: Database, caller: Caller, query: PlayQuery) -> PlayList:
    """List the caller's plays, newest first."""
    key = pagination.decode(query.cursor, int, int, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_plays(
            connection,
            caller.user_id,
            limit=query.limit,
            before=PlayRef(*key) if key and _is_possible(key[0], key[2]) else None,
            since=query.since,
            until=query.until,
            source=query.source,
            provider=query.provider,
            counted_only=query.counted_only,
        )
    rows, next_cursor = pagination.page(
        rows, query.limit, lambda row: [to_ms(row.played_at), row.track_key, row.ordinal]
    )
    return PlayList(items=[_to_schema(row) for row in rows], next_cursor=next_cursor)


def delete_play(database: Database, caller: Caller, play_id: str) -> None:
    """Delete one play for good, or raise a 404."""
    match = _ID.fullmatch(play_id)
    if match is None or not _is_possible(int(match[1]), int(match[3])):
        raise problems.not_found("play")
    unsigned = int(match[2], 16)
    track_key = unsigned - 2**64 if unsigned >= 2**63 else unsigned
    deletion.delete_play(database, caller.user_id, PlayRef(int(match[1]), track_key, int(match[3])))


def delete_plays(database: Database, caller: Caller, chosen: PlayDeletion) -> DeletionResult:
    """Delete what a source reports, a period, both, or everything."""
    if chosen.source is None:
        result = deletion.delete_period(database, caller.user_id, chosen.since, chosen.until)
    else:
        reports = deletion.SourceFilter(source=chosen.source, since=chosen.since, until=chosen.until)
        result = deletion.delete_reports(database, caller.user_id, reports, for_good=True)
    return DeletionResult.model_validate(result)


def _is_possible(played_at_ms: int, ordinal: int) -> bool:
    return 0 <= played_at_ms < MAX_PLAYED_AT_MS and 0 <= ordinal <= MAX_ORDINAL


def _to_schema(play: StoredPlay) -> Play:
    has_id = not play.provider_track_id.startswith(KEY_PREFIX)
    return Play(
        id=f"{to_ms(play.played_at)}-{play.track_key & 0xFFFFFFFFFFFFFFFF:016x}-{play.ordinal}",
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
